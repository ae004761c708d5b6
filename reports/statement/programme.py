"""Part 5 of a donor's statement: the activities financed, the cities they reach, and their results."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports.figures.beneficiaries import CITIES, MARKERS, Beneficiaries
from reports.render.page import heading, keep_together, paragraph, part_heading, section_heading, titled
from reports.render.tables import Ruled, TableColumn
from reports.statement.front_page import region_name
from reports.statement.statement import ActivityFinanced, Beneficiary, Statement
from reports.words.labels import GROUPS, INDICATOR_NAMES, label
from reports.words.language import Words
from reports.words.percentages import nearest_share, shares_of_whole

_ROOM = 110.0
"""Height of a sentence, the heading of a table and its first rows, in points."""


def programme_part(statement: Statement, words: Words) -> list[Flowable]:
    """The elements of the part, its heading first."""
    title = part_heading(5, words("Programme"))
    if not statement.activities:
        return [title, paragraph(words("The donor’s money was not allocated to any activity."))]
    reach = words("The cities of an activity count alike, unless the programme gives them shares.")
    in_all = words(
        "The money for an activity is parted among its cities, to the cent; a city is counted once, however "
        "many activities are for it."
    )
    return [
        title,
        section_heading(words("Activities financed")),
        _financed(statement, words),
        keep_together(
            section_heading(words("Whom the money reaches, in all")),
            paragraph(in_all),
            _beneficiaries(statement, words),
        ),
        section_heading(words("Whom each activity reaches"), _ROOM),
        paragraph(reach),
        _reach(statement, words),
        section_heading(words("Cities and results")),
        *_whose_results(statement, words),
        *_stories(statement, words),
    ]


def _beneficiaries(statement: Statement, words: Words) -> Flowable:
    """The donor's dollars by region, and the parts of them for each of the three lists."""
    reach = {each.name: each for each in statement.reach}
    allocated = sum(each.allocated.cents for each in statement.regions)
    table = Ruled([
        TableColumn(words("The donor’s money"), 1), TableColumn(words("Cities")),
        TableColumn(words("Allocated, US$")),
        TableColumn(words("Share")), TableColumn(words("Used in the period, US$")),
    ])  # fmt: skip

    shares = shares_of_whole({each.name: each.allocated.cents for each in statement.regions})

    def cells(name: str, cities: int, given: int, share: int, used: int) -> tuple[str, ...]:
        counted = words.number(cities) if cities else "–"
        return name, counted, words.amount(given), words.percent(share), words.amount(used)

    def row(name: str, group: Beneficiaries, share: int) -> tuple[str, ...]:
        return cells(name, group.cities, group.allocated.cents, share, group.used.cents)

    for region in statement.regions:
        table.line(*row(region_name(region, words), region, shares[region.name]))
    used = sum(each.used.cents for each in statement.regions)
    table.subtotal(*cells(words("Total"), reach[CITIES].cities, allocated, sum(shares.values()), used))
    for name in MARKERS:
        share = nearest_share(reach[name].allocated.cents, allocated)
        table.detail(*row(words("of it: {group}", group=label(GROUPS, name, words)), reach[name], share))
    return table.flowable()


def _financed(statement: Statement, words: Words) -> Flowable:
    table = Ruled([
        TableColumn(words("Activity"), 1), TableColumn(words("All donors, US$")),
        TableColumn(words("This donor, US$")),
        TableColumn(words("Share")), TableColumn(words("Used to date, US$")),
    ])  # fmt: skip
    for activity in statement.activities:
        table.line(
            titled(activity.code, activity.title),
            words.amount(activity.allocated_by_all),
            words.amount(activity.allocated.cents),
            words.percent(activity.share),
            words.amount(activity.used.cents),
        )
    totals = (
        sum(activity.allocated_by_all for activity in statement.activities),
        sum(activity.allocated.cents for activity in statement.activities),
        sum(activity.used.cents for activity in statement.activities),
    )
    everyone, donor, used = map(words.amount, totals)
    table.total(words("Total"), everyone, donor, "", used)
    return table.flowable()


def _reach(statement: Statement, words: Words) -> Flowable:
    table = Ruled([
        TableColumn(words("Activity"), 1), TableColumn(words("Cities")), TableColumn(words("Africa")),
        TableColumn(words("Low-income countries")), TableColumn(words("Least developed countries")),
    ])  # fmt: skip
    for activity in statement.activities:
        shares = (activity.africa, activity.low_income, activity.ldc)
        table.line(
            activity.code,
            words.number(len(activity.cities)),
            *[words.percent(share) if activity.cities else "–" for share in shares],
        )
    return table.flowable()


def _whose_results(statement: Statement, words: Words) -> list[Flowable]:
    if not any(activity.reached for activity in statement.activities):
        return []
    sentence = words(
        "Results are counted for the whole activity, which all its donors made possible: no part of them is "
        "claimed for one donor. Beside them stands this donor’s share of the activity’s money."
    )
    return [paragraph(sentence)]


def _reached(activity: ActivityFinanced, words: Words) -> list[Flowable]:
    """The results, each against its target, and the donor's share of the money."""
    if not activity.reached:
        return []
    counted = [
        words(
            "{indicator}: {reached} of {target} ({share})",
            indicator=label(INDICATOR_NAMES, each.indicator, words),
            reached=words.number(each.reached),
            target=words.number(each.target),
            share=words.percent(each.share),
        )
        if each.target
        else words(
            "{indicator}: {reached}",
            indicator=label(INDICATOR_NAMES, each.indicator, words),
            reached=words.number(each.reached),
        )
        for each in activity.reached
    ]
    share = words("This donor’s share of the money: {share}", share=words.percent(activity.share))
    return [paragraph("  ·  ".join([*counted, share]), "fact")]


def _stories(statement: Statement, words: Words) -> list[Flowable]:
    """Each activity with its cities and results; activities with the same cities list them once."""
    first: dict[tuple[Beneficiary, ...], str] = {}
    stories: list[Flowable] = []
    for activity in statement.activities:
        before = first.setdefault(activity.cities, activity.code) if activity.cities else activity.code
        stories += _story(activity, before, words)
    return stories


def _story(activity: ActivityFinanced, before: str, words: Words) -> list[Flowable]:
    if before != activity.code:
        number = words.number(len(activity.cities))
        cities = words("The same cities as {code}, {count} in number.", code=before, count=number)
    else:
        cities = "; ".join(f"{city.name} ({words.country(city.country)})" for city in activity.cities)
    results = [paragraph(result, "quote") for result in activity.results]
    return [
        heading(titled(activity.code, activity.title), "entry"),
        paragraph(cities or words("No beneficiary city is named."), "cell"),
        *_reached(activity, words),
        *(results or ([] if activity.reached else [paragraph(words("No results reported yet."), "small")])),
    ]
