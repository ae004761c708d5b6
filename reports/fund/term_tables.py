"""Tables, headline and notes of the term report (`reports.fund.term_report`)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from allocation import Executed
from donors import folded
from reports.figures.beneficiaries import NO_CITY
from reports.fund.form.fund_report import FundReport
from reports.fund.term_report import Giving, GroupReached, TermReport
from reports.render.charts import BigFigure
from reports.render.section import Section, totalled
from reports.render.workbook import CellValue, Dollars, Formula, Percentage, Table
from reports.words.labels import GIVERS, GROUPS, REGION_NAMES, label
from reports.words.language import N_, Words, words_in
from reports.words.percentages import part_of

_PLACES = REGION_NAMES | {NO_CITY: N_("No city is named")}
"""Regions of cities."""


def term_report(report: TermReport) -> FundReport:
    """The tables of the report in its language; BadInput for an unknown language."""
    words = words_in(report.language)
    types = [(label(GIVERS, each.group, words), each) for each in report.by_type]
    regions = [(label(REGION_NAMES, each.group, words), each) for each in report.by_region]
    return FundReport(
        title=words("Term report"),
        subject=words("Term {term}", term=report.fund.term),
        lead=words("At {date}  ·  Amounts in US dollars", date=words.long_date(report.seal.effective_to)),
        seal=report.seal,
        words=words,
        headline=_headline(report, words),
        fund=report.fund,
        sections=(
            _giving("by-donor-type", words("Given, by type of donor"), words("Type of donor"), types, words),
            _giving("by-donor-region", words("Given, by region of donors"), words("Region"), regions, words),
            whom_it_reaches(report.reached, report.total, len(report.cities), words),
            _regions(report, words),
            _activities(report, words),
            _cities(report, words),
            _results(report, words),
        ),
        notes=_notes(words),
    )


def _headline(report: TermReport, words: Words) -> Sequence[BigFigure]:
    fund = report.fund
    left = fund.allocated + fund.available
    return (
        BigFigure(words("Given"), words.usd(fund.used + left), words(
            "{received} received in the term, {other} brought forward or from interest, exchange "
            "differences and refunds.",
            received=words.usd(fund.received), other=words.usd(fund.used + left - fund.received),
        )),
        BigFigure(words("Used"), words.usd(fund.used), words(
            "Delivery rate: {rate} of what was received.", rate=words.percent(fund.delivery_rate)
        )),
        BigFigure(words("Left"), words.usd(left), words(
            "{allocated} allocated to activities, {available} still available.",
            allocated=words.usd(fund.allocated), available=words.usd(fund.available),
        )),
    )  # fmt: skip


def _giving(file: str, name: str, group: str, given: Sequence[tuple[str, Giving]], words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            shown,
            each.donors,
            Dollars(each.pledged),
            Formula(f"=E{number}+F{number}", each.signed),
            Dollars(each.receivable),
            Dollars(each.received),
            Dollars(each.in_kind),
        )
        for number, (shown, each) in enumerate(given, start=2)
    ]
    head = (group, words("Donors"), words("Pledged"), words("Signed"), words("of it receivable"),
            words("Received"), words("In kind"))  # fmt: skip
    return Section(
        file,
        totalled(name, head, rows, range(2, len(head)), words),
        intro=words("Signed is received and still receivable. In kind stands beside the target."),
        empty_text=words("Nothing was pledged, signed or given in this term."),
        bars=[(shown, each.received) for shown, each in given],
    )


def whom_it_reaches(groups: Sequence[GroupReached], total: Executed, cities: int, words: Words) -> Section:
    """The money and the cities of each group of countries, and those of all activities."""
    planned, used = total.planned, total.used
    rows: list[tuple[CellValue, ...]] = [
        (
            words(GROUPS[each.group]),
            each.cities,
            Dollars(each.allocated),
            _part(each.allocated, planned),
            Dollars(each.used),
            _part(each.used, used),
        )
        for each in groups
    ]
    rows.append(
        (
            words("All activities"),
            cities,
            Dollars(planned),
            _part(planned, planned),
            Dollars(used),
            _part(used, used),
        )
    )
    head = (words("Whom it reaches"), words("Cities"), words("Allocated"), words("Share of allocated"),
            words("Used"), words("Share of used"))  # fmt: skip
    return Section(
        "reached",
        Table(words("Whom the money reaches"), head, rows, strong=(len(rows) - 1,)),
        intro=words(
            "Africa, low-income countries and least developed countries are three separate lists; a city can "
            "be on all of them, so the rows do not add up."
        ),
        bars=[(words(GROUPS[each.group]), each.allocated) for each in groups],
    )


def _part(cents: int, of: int) -> Percentage:
    return Percentage(part_of(cents, of))


def _regions(report: TermReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (label(_PLACES, row.name, words), Dollars(row.allocated.cents), Dollars(row.used.cents))
        for row in report.regions
    ]
    head = (words("Region of the cities"), words("Allocated"), words("Used"))
    return Section(
        "by-region",
        totalled(words("Funded, by region of cities"), head, rows, (1, 2), words),
        empty_text=words("Nothing was allocated in this term."),
        bars=[(label(_PLACES, row.name, words), row.allocated.cents) for row in report.regions],
    )


def _activities(report: TermReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            row.name,
            report.titles[row.name],
            Dollars(row.planned),
            Dollars(row.committed),
            Dollars(row.used),
            Percentage(row.delivered),
        )
        for row in report.activities
    ]
    head = (words("Code"), words("Activity"), words("Allocated"), words("Committed"), words("Used"),
            words("Delivery rate"))  # fmt: skip
    return Section(
        "activities",
        totalled(words("Activities financed"), head, rows, (2, 3, 4), words),
        intro=words(
            "Delivery rate of all activities: {rate} of what was allocated to them has been used.",
            rate=words.percent(report.total.delivered),
        ),
        empty_text=words("Nothing was allocated in this term."),
        code_first=True,
    )


def _cities(report: TermReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = []
    for country, cities in groupby(report.cities, key=lambda city: city.country):
        names = [city.name for city in cities]
        rows.append((words.country(country), len(names), "; ".join(names)))
    head = (words("Country"), words("Count"), words("Cities"))
    rows.sort(key=lambda row: folded(str(row[0])))
    return Section(
        "cities",
        Table(words("Cities that benefit"), head, rows),
        empty_text=words("No beneficiary city is named."),
    )


def _results(report: TermReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (f"{code} {report.titles[code]}", result) for code, result in report.results
    ]
    return Section(
        "results",
        Table(words("Results reported"), (words("Activity"), words("Result")), rows),
        empty_text=words("No results reported yet."),
    )


def _notes(words: Words) -> list[str]:
    return [
        words(
            "The target counts money received in the term, at the United Nations operational rate of "
            "exchange of the day it arrived. Pledges, receivables and contributions in kind are not in it."
        ),
        words(
            "An activity’s money is told by the cities that it benefits, in the shares the programme gives "
            "them. Africa is UNESCO’s region; the lists of countries are those that the newest plan was "
            "solved with."
        ),
        words(
            "The delivery rate at the top measures use against what was received; that of activities, "
            "against what was allocated to them."
        ),
    ]
