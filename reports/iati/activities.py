"""IATI activity file, built from the books: the fund of a term, and each activity with money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection

from allocation import Achievement, Activity, achievements, activities_by_code, work_areas
from donors import LANGUAGES, SOURCE_LANGUAGE, text_in
from ledger import ADVANCES, COMMITMENTS, USE_OF_MONEY, AsOf, PostedLine, get_entry
from reports.figures.figure import seal_of
from reports.figures.figures import debit, grouped, on
from reports.iati.codes import (
    ACCOUNTABLE,
    ACTUAL_END,
    ACTUAL_START,
    CANCELLED,
    CHILD,
    CLOSED,
    EXTENDING,
    FINALISATION,
    FUNDING,
    GLOBAL,
    IMPLEMENTATION,
    IMPLEMENTING,
    PARENT,
    PIPELINE,
    PLANNED_END,
    PLANNED_START,
    POOLED_FUND,
    TECHNICAL_ASSISTANCE,
)
from reports.iati.iati import ActivityFile, IatiActivity, IatiResult, Party, Publisher, TextsByLanguage
from reports.iati.money import (
    IatiContext,
    allocated_to,
    budgets,
    givers,
    in_all_languages,
    planned_disbursements,
    transactions,
)
from reports.iati.places import activity_spread, scope_of, spread_of_all
from reports.words.labels import INDICATOR_NAMES
from reports.words.language import N_

Lines = Collection[PostedLine]
Dates = tuple[tuple[str, date], ...]

_FUND = N_("Multi-donor Funding Modality of the UNESCO Global Network of Learning Cities, {term}")
_FUND_IS = N_(
    "A fund to which many donors give for a term of two years. The UNESCO Institute for Lifelong Learning "
    "(UIL), its administrative agent, holds the money in trust and allocates it to activities of the "
    "network’s programme as donors agreed."
)
_ACTIVITY_IS = N_(
    "An activity of the programme {term} of the UNESCO Global Network of Learning Cities, in the work area "
    "“{area}”. It is paid from the Multi-donor Funding Modality."
)
_OTHER_ACTIVITY_IS = N_(
    "An activity of the programme {term} of the UNESCO Global Network of Learning Cities. It is paid from "
    "the Multi-donor Funding Modality."
)


def build_activity_file(books: Connection, term: str, as_of: AsOf, publisher: Publisher) -> ActivityFile:
    """The activity file of a term at two clocks; NotFound for an unknown term."""
    context = IatiContext.of(books, term, as_of, publisher)
    found = activities_by_code(books, term, as_of.known_at)
    by_activity = grouped(context.lines, lambda line: line.activity)
    own = by_activity.pop("", [])
    funded = [(found[code], lines) for code, lines in sorted(by_activity.items())]
    counted: defaultdict[str, list[Achievement]] = defaultdict(list)
    for each in achievements(books, term, as_of):
        counted[each.activity].append(each)
    return ActivityFile(
        publisher=publisher,
        term=term,
        updated_at=get_entry(books, as_of.known_at).recorded_at,
        seal=seal_of(books, as_of),
        activities=(
            _fund(context, own, funded),
            *(_activity(context, of, lines, counted[of.code]) for of, lines in funded),
        ),
    )


def _fund(context: IatiContext, own: Lines, funded: Sequence[tuple[Activity, Lines]]) -> IatiActivity:
    term, day = context.term, context.as_of.effective_to
    whole = spread_of_all(
        (max(0, allocated_to(context, lines)), activity_spread(each)) for each, lines in funded
    )
    closed = any(context.leaves(line) for line in context.lines)
    dates: Dates = ((PLANNED_START, term.starts_on), (PLANNED_END, term.ends_on))
    if term.starts_on <= day:
        dates += ((ACTUAL_START, term.starts_on),)
    if closed:
        dates += ((ACTUAL_END, term.ends_on),)
    return IatiActivity(
        id=context.publisher.activity_id(term.code),
        hierarchy=1,
        titles=in_all_languages(_FUND, term=term.code),
        description=in_all_languages(_FUND_IS),
        participants=tuple(_participants(context, own)),
        status=_status(context, begun=term.starts_on <= day, closed=closed),
        dates=dates,
        scope=GLOBAL,
        countries=whole.countries,
        regions=whole.regions,
        places=(),
        sectors=whole.purposes,
        aid_type=POOLED_FUND,
        budgets=(),
        planned=(),
        transactions=tuple(transactions(context, own)),
        related=tuple((CHILD, context.publisher.activity_id(term.code, each.code)) for each, _ in funded),
    )


def _activity(
    context: IatiContext, activity: Activity, lines: Lines, counted: Iterable[Achievement]
) -> IatiActivity:
    publisher, term = context.publisher, context.term.code
    where = activity_spread(activity)
    areas = {area.code: area.titles for area in work_areas()}
    description = in_all_languages(_OTHER_ACTIVITY_IS, term=term)
    if activity.work_area in areas:
        titles = areas[activity.work_area]
        description = {
            language: in_all_languages(_ACTIVITY_IS, term=term, area=text_in(titles, language))[language]
            for language in LANGUAGES
        }
    return IatiActivity(
        id=publisher.activity_id(term, activity.code),
        hierarchy=2,
        titles=_titles(activity),
        description=description,
        participants=tuple(_participants(context, lines)),
        status=_status_of(context, lines),
        dates=_dates(context, activity, lines),
        scope=scope_of(activity),
        countries=where.countries,
        regions=where.regions,
        places=tuple(city.name for city in activity.cities),
        sectors=where.purposes,
        aid_type=TECHNICAL_ASSISTANCE,
        budgets=budgets(context, lines, _year(context, activity)),
        planned=tuple(planned_disbursements(context, lines)),
        transactions=tuple(transactions(context, lines, activity.code)),
        related=((PARENT, publisher.activity_id(term)),),
        results=tuple(_result(context, activity, each) for each in counted),
    )


def _titles(activity: Activity) -> TextsByLanguage:
    """Titles with the code first, or the code alone; one in the source language is not repeated in others."""
    source = activity.titles.get(SOURCE_LANGUAGE)
    titles = {
        language: f"{activity.code}: {title}"
        for language, title in activity.titles.items()
        if title and (language == SOURCE_LANGUAGE or title != source)
    }
    return titles or {SOURCE_LANGUAGE: activity.code}


def _result(context: IatiContext, activity: Activity, counted: Achievement) -> IatiResult:
    starts_on, ends_on = _planned_for(context, activity)
    return IatiResult(
        in_all_languages(INDICATOR_NAMES[counted.indicator]),
        starts_on,
        ends_on,
        counted.target,
        counted.reached,
    )


def _participants(context: IatiContext, lines: Lines) -> Iterator[tuple[str, Party]]:
    """The donors of the money, the agent, and the implementers: partners, or the agent itself."""
    for donor in givers(context, lines):
        yield FUNDING, context.donor(donor)
    yield ACCOUNTABLE, context.agent()
    yield EXTENDING, context.agent()
    partners = {
        context.partner(line.grant_code) for line in on(lines, COMMITMENTS, ADVANCES, *USE_OF_MONEY)
    } or {None}
    for party in sorted(
        (each or context.agent() for each in partners), key=lambda each: (each.name, each.ref)
    ):
        yield IMPLEMENTING, party


def _begun_on(lines: Lines) -> date | None:
    """The day of the first commitment or use."""
    return min((line.effective_on for line in on(lines, COMMITMENTS, ADVANCES, *USE_OF_MONEY)), default=None)


def _status_of(context: IatiContext, lines: Lines) -> str:
    if not allocated_to(context, lines) and not debit(on(lines, *USE_OF_MONEY)).cents:
        return CANCELLED
    closed = any(context.leaves(line) for line in context.lines)
    return _status(context, begun=_begun_on(lines) is not None, closed=closed)


def _status(context: IatiContext, *, begun: bool, closed: bool) -> str:
    if closed:
        return CLOSED
    if context.as_of.effective_to > context.term.ends_on:
        return FINALISATION
    return IMPLEMENTATION if begun else PIPELINE


def _dates(context: IatiContext, activity: Activity, lines: Lines) -> Dates:
    starts_on, ends_on = _planned_for(context, activity)
    begun = _begun_on(lines)
    return (
        (PLANNED_START, starts_on),
        (PLANNED_END, ends_on),
        *(((ACTUAL_START, begun),) if begun else ()),
    )


def _planned_for(context: IatiContext, activity: Activity) -> tuple[date, date]:
    """The part of the programme's year that lies in the term, or the whole term."""
    starts_on, ends_on = context.term.starts_on, context.term.ends_on
    if year := _year(context, activity):
        starts_on = max(starts_on, date(year, 1, 1))
        ends_on = min(ends_on, date(year, 12, 31))
    return starts_on, ends_on


def _year(context: IatiContext, activity: Activity) -> int | None:
    """The programme's year of an activity; None for one carried over to a term without that year."""
    if activity.year and context.term.starts_on.year <= activity.year <= context.term.ends_on.year:
        return activity.year
    return None
