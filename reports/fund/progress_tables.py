"""Tables, headline and notes of the progress report (`reports.fund.progress`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from allocation import clusters, editions, work_areas
from donors import text_in
from reports.fund.form.fund_report import FundReport
from reports.fund.progress import WHOLE_NETWORK, GroupProgress, ProgressReport, Tally
from reports.fund.term_tables import whom_it_reaches
from reports.render.charts import BigFigure
from reports.render.section import Section, totalled
from reports.render.workbook import CellValue, Dollars, Percentage, Table
from reports.words.labels import INDICATOR_NAMES, label
from reports.words.language import Words, words_in
from reports.words.percentages import part_of


def progress_report(report: ProgressReport) -> FundReport:
    """The tables of the report in its language; BadInput for an unknown language."""
    words = words_in(report.language)
    areas = {str(area.code): text_in(area.titles, report.language) for area in work_areas()}
    in_clusters = _cluster_titles(report, words)
    area, cluster = words("Work area"), words("Cluster")
    return FundReport(
        title=words("Progress report to the conference"),
        subject=words("Term {term}", term=report.term),
        lead=words("At {date}", date=words.long_date(report.seal.effective_to)),
        seal=report.seal,
        words=words,
        headline=_headline(report, words),
        sections=(
            _money("work-areas", words("Money by work area"), area, report.areas, areas, words),
            _results("results-work-areas", words("Results by work area"), area, report.areas, areas, words),
            _money("clusters", words("Money by cluster"), cluster, report.clusters, in_clusters, words),
            _results(
                "results-clusters",
                words("Results by cluster"),
                cluster,
                report.clusters,
                in_clusters,
                words,
            ),
            _activities(report, words),
            whom_it_reaches(report.groups, report.total, len(report.cities), words),
            _news(report, in_clusters, words),
            _owed(report, in_clusters, words),
        ),
        notes=_notes(words),
    )


def _cluster_titles(report: ProgressReport, words: Words) -> dict[str, str]:
    """Titles of the strategy's clusters; clusters of a planner's own programme have codes only."""
    known = clusters(report.term) if report.term in editions() else ()
    titles = {each.code: text_in(each.titles, report.language) for each in known}
    return titles | {WHOLE_NETWORK: words("The whole network")}


def _headline(report: ProgressReport, words: Words) -> Sequence[BigFigure]:
    total = report.total
    return (
        BigFigure(words("Allocated"), words.usd(total.planned), words(
            "Activities: {count}. Cities that take part: {cities}.",
            count=words.number(len(report.activities)), cities=words.number(len(report.cities)),
        )),
        BigFigure(words("Used"), words.usd(total.used), words(
            "{rate} of what was allocated.", rate=words.percent(total.delivered)
        )),
        BigFigure(words("Left"), words.usd(total.committed + total.left), words(
            "{committed} of it committed to partners.", committed=words.usd(total.committed)
        )),
    )  # fmt: skip


def _money(
    file: str,
    name: str,
    group: str,
    standings: Iterable[GroupProgress],
    titles: Mapping[str, str],
    words: Words,
) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            titles.get(each.name, each.name),
            len(each.cities),
            Dollars(each.planned),
            Dollars(each.committed),
            Dollars(each.used),
            Percentage(each.delivered),
        )
        for each in standings
    ]
    head = (group, words("Cities"), words("Allocated"), words("Committed"), words("Used"),
            words("Delivery rate"))  # fmt: skip
    return Section(
        file,
        totalled(name, head, rows, (2, 3, 4), words),
        intro=words("A city that takes part in several is counted in each."),
        empty_text=words("Nothing was allocated in this term."),
    )


def _results(
    file: str,
    name: str,
    group: str,
    standings: Iterable[GroupProgress],
    titles: Mapping[str, str],
    words: Words,
) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (titles.get(each.name, each.name), *_tally(tally, words))
        for each in standings
        for tally in each.tallies
    ]
    head = (group, words("Indicator"), words("Reached"), words("of it with a target"), words("Target set"),
            words("Of the target"))  # fmt: skip
    return Section(file, Table(name, head, rows), empty_text=words("No results reported yet."))


def _tally(tally: Tally, words: Words) -> tuple[CellValue, ...]:
    share = Percentage(part_of(tally.towards_target, tally.target)) if tally.target else None
    return (
        label(INDICATOR_NAMES, tally.indicator, words),
        tally.reached,
        tally.towards_target if tally.target else None,
        tally.target or None,
        share,
    )


def _activities(report: ProgressReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            each.activity,
            report.titles[each.activity],
            label(INDICATOR_NAMES, each.indicator, words),
            each.reached,
            each.target or None,
            Percentage(each.share) if each.target else None,
        )
        for each in report.reached
    ]
    head = (words("Code"), words("Activity"), words("Indicator"), words("Reached"), words("Target set"),
            words("Of the target"))  # fmt: skip
    return Section(
        "results-activities",
        Table(words("Results by activity"), head, rows),
        empty_text=words("No results reported yet."),
        code_first=True,
    )


def _news(report: ProgressReport, titles: Mapping[str, str], words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (titles.get(each.cluster, each.cluster), each.on, each.headline, each.text) for each in report.news
    ]
    head = (words("Cluster"), words("Sent"), words("Headline"), words("News"))
    return Section(
        "news",
        Table(words("News of the clusters"), head, rows),
        empty_text=words("No cluster has sent news yet."),
    )


def _owed(report: ProgressReport, titles: Mapping[str, str], words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (titles.get(each.cluster, each.cluster), each.starts_on, each.ends_on, each.days_late or None)
        for each in report.news_due
    ]
    head = (words("Cluster"), words("From"), words("To"), words("Days late"))
    return Section(
        "news-owed",
        Table(words("News still owed"), head, rows),
        intro=words(
            "A cluster sends news every six months, counted from the first day of the term. For these it has "
            "not."
        ),
        empty_text=words("Every cluster has sent its news."),
    )


def _notes(words: Words) -> list[str]:
    return [
        words(
            "A target is what the programme sets for one unit of an activity, times the units that are "
            "funded. What is counted without a target stands beside it, and in no share."
        ),
        words(
            "An activity of several clusters shares its money among them; its results are counted once, for "
            "the cluster that it belongs to for the most part."
        ),
        words(
            "Results are what partners report of their grants. Cities reached are those that they count: a "
            "city that comes twice may be counted twice. The number of cities beside the money counts each "
            "once."
        ),
    ]
