"""The IATI activity file drawn from the books: a term's fund, and each activity that money went to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection

from allocation import Achievement, Activity, achievements, activities_by_code, work_areas
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
from reports.words.language import N_, REPORT_LANGUAGES

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
    desk = IatiContext.of(books, term, as_of, publisher)
    found = activities_by_code(books, term, as_of.known_at)
    by_activity = grouped(desk.lines, lambda line: line.activity)
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
            _fund(desk, own, funded),
            *(_activity(desk, of, lines, counted[of.code]) for of, lines in funded),
        ),
    )


def _fund(desk: IatiContext, own: Lines, funded: Sequence[tuple[Activity, Lines]]) -> IatiActivity:
    term, day = desk.term, desk.as_of.effective_to
    whole = spread_of_all(
        (max(0, allocated_to(desk, lines)), activity_spread(each)) for each, lines in funded
    )
    closed = any(desk.leaves(line) for line in desk.lines)
    dates: Dates = ((PLANNED_START, term.starts_on), (PLANNED_END, term.ends_on))
    if term.starts_on <= day:
        dates += ((ACTUAL_START, term.starts_on),)
    if closed:
        dates += ((ACTUAL_END, term.ends_on),)
    return IatiActivity(
        id=desk.publisher.activity_id(term.code),
        hierarchy=1,
        titles=in_all_languages(_FUND, term=term.code),
        description=in_all_languages(_FUND_IS),
        participants=tuple(_participants(desk, own)),
        status=_status(desk, begun=term.starts_on <= day, closed=closed),
        dates=dates,
        scope=GLOBAL,
        countries=whole.countries,
        regions=whole.regions,
        places=(),
        sectors=whole.purposes,
        aid_type=POOLED_FUND,
        budgets=(),
        planned=(),
        transactions=tuple(transactions(desk, own)),
        related=tuple((CHILD, desk.publisher.activity_id(term.code, each.code)) for each, _ in funded),
    )


def _activity(
    desk: IatiContext, activity: Activity, lines: Lines, counted: Iterable[Achievement]
) -> IatiActivity:
    publisher, term = desk.publisher, desk.term.code
    where = activity_spread(activity)
    areas = {area.code: area.titles for area in work_areas()}
    description = in_all_languages(_OTHER_ACTIVITY_IS, term=term)
    if activity.work_area in areas:
        titles = areas[activity.work_area]
        description = {
            language: in_all_languages(_ACTIVITY_IS, term=term, area=titles[language])[language]
            for language in REPORT_LANGUAGES
        }
    return IatiActivity(
        id=publisher.activity_id(term, activity.code),
        hierarchy=2,
        titles=_titles(activity),
        description=description,
        participants=tuple(_participants(desk, lines)),
        status=_status_of(desk, lines),
        dates=_dates(desk, activity, lines),
        scope=scope_of(activity),
        countries=where.countries,
        regions=where.regions,
        places=tuple(city.name for city in activity.cities),
        sectors=where.purposes,
        aid_type=TECHNICAL_ASSISTANCE,
        budgets=budgets(desk, lines, _year(desk, activity)),
        planned=tuple(planned_disbursements(desk, lines)),
        transactions=tuple(transactions(desk, lines, activity.code)),
        related=((PARENT, publisher.activity_id(term)),),
        results=tuple(_result(desk, activity, each) for each in counted),
    )


def _titles(activity: Activity) -> TextsByLanguage:
    """Its titles after its code, the code alone where it has none; the English one is English only."""
    english = activity.titles.get("en")
    told = {
        language: f"{activity.code}: {title}"
        for language, title in activity.titles.items()
        if title and (language == "en" or title != english)
    }
    return told or {REPORT_LANGUAGES[0]: activity.code}


def _result(desk: IatiContext, activity: Activity, counted: Achievement) -> IatiResult:
    starts_on, ends_on = _planned_for(desk, activity)
    return IatiResult(
        in_all_languages(INDICATOR_NAMES[counted.indicator]),
        starts_on,
        ends_on,
        counted.target,
        counted.reached,
    )


def _participants(desk: IatiContext, lines: Lines) -> Iterator[tuple[str, Party]]:
    """Donors whose money it is, the agent, and who carries it out: partners, or the agent itself."""
    for donor in givers(desk, lines):
        yield FUNDING, desk.donor(donor)
    yield ACCOUNTABLE, desk.agent()
    yield EXTENDING, desk.agent()
    partners = {
        desk.partner(line.grant_code) for line in on(lines, COMMITMENTS, ADVANCES, *USE_OF_MONEY)
    } or {None}
    for party in sorted((each or desk.agent() for each in partners), key=lambda each: (each.name, each.ref)):
        yield IMPLEMENTING, party


def _begun_on(lines: Lines) -> date | None:
    """The day of the first commitment or use."""
    return min((line.effective_on for line in on(lines, COMMITMENTS, ADVANCES, *USE_OF_MONEY)), default=None)


def _status_of(desk: IatiContext, lines: Lines) -> str:
    if not allocated_to(desk, lines) and not debit(on(lines, *USE_OF_MONEY)).cents:
        return CANCELLED
    closed = any(desk.leaves(line) for line in desk.lines)
    return _status(desk, begun=_begun_on(lines) is not None, closed=closed)


def _status(desk: IatiContext, *, begun: bool, closed: bool) -> str:
    if closed:
        return CLOSED
    if desk.as_of.effective_to > desk.term.ends_on:
        return FINALISATION
    return IMPLEMENTATION if begun else PIPELINE


def _dates(desk: IatiContext, activity: Activity, lines: Lines) -> Dates:
    starts_on, ends_on = _planned_for(desk, activity)
    begun = _begun_on(lines)
    return (
        (PLANNED_START, starts_on),
        (PLANNED_END, ends_on),
        *(((ACTUAL_START, begun),) if begun else ()),
    )


def _planned_for(desk: IatiContext, activity: Activity) -> tuple[date, date]:
    """The programme's year, as far as it lies in the term, or the whole term."""
    starts_on, ends_on = desk.term.starts_on, desk.term.ends_on
    if year := _year(desk, activity):
        starts_on = max(starts_on, date(year, 1, 1))
        ends_on = min(ends_on, date(year, 12, 31))
    return starts_on, ends_on


def _year(desk: IatiContext, activity: Activity) -> int | None:
    """The programme's year of an activity; none for one carried over to a term without that year."""
    if activity.year and desk.term.starts_on.year <= activity.year <= desk.term.ends_on.year:
        return activity.year
    return None
