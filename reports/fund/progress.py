"""Progress report to the conference: what was funded and used, and the results against the targets.

All amounts are USD cents. The money of an activity is split among its clusters by their shares; its results
are counted once, for its main cluster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from allocation import (
    INDICATORS,
    Achievement,
    Activity,
    Executed,
    Indicator,
    News,
    NewsDue,
    PlannedCity,
    achievements,
    activities_by_code,
    execution,
    news_due,
    news_of,
)
from ledger import AsOf
from reports.figures.figure import Seal, seal_of
from reports.fund.term_report import GroupReached, groups_reached

WHOLE_NETWORK = ""
"""Stands for the cluster of what belongs to no cluster."""


@dataclass(frozen=True)
class Tally:
    """One indicator summed over several activities."""

    indicator: Indicator
    reached: int
    towards_target: int
    """The part of `reached` that is from activities with a target."""
    target: int


@dataclass(frozen=True)
class GroupProgress:
    """Progress of a work area or a cluster."""

    name: str
    """The number of the work area, or the code of the cluster."""
    planned: int
    committed: int
    used: int
    delivered: int
    """The part of what is planned that is used, in basis points."""
    cities: tuple[PlannedCity, ...]
    """The cities of its funded activities, each once."""
    tallies: tuple[Tally, ...]


@dataclass(frozen=True)
class ProgressReport:
    """The data of the progress report on a term, in one language."""

    term: str
    seal: Seal
    language: str
    activities: tuple[Executed, ...]
    titles: dict[str, str]
    """Titles of the activities in the language of the report, by code."""
    total: Executed
    areas: tuple[GroupProgress, ...]
    clusters: tuple[GroupProgress, ...]
    tallies: tuple[Tally, ...]
    """Over all activities."""
    reached: tuple[Achievement, ...]
    """By activity."""
    cities: tuple[PlannedCity, ...]
    """The cities of all funded activities, each once."""
    groups: tuple[GroupReached, ...]
    news: tuple[News, ...]
    """Sent in the term up to the day."""
    news_due: tuple[NewsDue, ...]


def build_progress(books: Connection, term: str, as_of: AsOf, language: str) -> ProgressReport:
    """The report on a term up to a day, as known at an entry; NotFound for an unknown term."""
    programme = activities_by_code(books, term, as_of.known_at)
    due = news_due(books, term, as_of)
    by_activity = execution(books, term, as_of)
    counted = achievements(books, term, as_of)
    funded = {row.name: programme[row.name] for row in by_activity.rows}
    with_results = {each.activity for each in counted}
    titles = {code: programme[code].title(language) for code in sorted({*funded, *with_results})}
    return ProgressReport(
        term=term,
        seal=seal_of(books, as_of),
        language=language,
        activities=by_activity.rows,
        titles=titles,
        total=by_activity.total,
        areas=tuple(_areas(by_activity.rows, programme, counted)),
        clusters=tuple(
            _standing(
                row,
                (each for each in funded.values() if row.name in (each.cluster_shares or {WHOLE_NETWORK: 1})),
                (each for each in counted if programme[each.activity].cluster == row.name),
            )
            for row in execution(books, term, as_of, "cluster").rows
        ),
        tallies=_tallies(counted),
        reached=tuple(counted),
        cities=_cities(funded.values()),
        groups=tuple(groups_reached(books, term, as_of, by_activity.rows, funded)),
        news=tuple(news_of(books, term, effective_to=as_of.effective_to, known_at=as_of.known_at)),
        news_due=tuple(due),
    )


def _areas(
    rows: Iterable[Executed], programme: dict[str, Activity], counted: list[Achievement]
) -> Iterator[GroupProgress]:
    """Progress by work area; every activity belongs to one."""
    grouped: dict[int, list[Executed]] = defaultdict(list)
    for row in rows:
        grouped[programme[row.name].work_area].append(row)
    for area, of_area in sorted(grouped.items()):
        in_all = Executed(str(area), _sum(of_area, "committed"), _sum(of_area, "used"), _sum(of_area, "left"))
        yield _standing(
            in_all,
            (programme[row.name] for row in of_area),
            (each for each in counted if programme[each.activity].work_area == area),
        )


def _standing(money: Executed, funded: Iterable[Activity], counted: Iterable[Achievement]) -> GroupProgress:
    return GroupProgress(
        money.name,
        money.planned,
        money.committed,
        money.used,
        money.delivered,
        _cities(funded),
        _tallies(counted),
    )


def _sum(rows: Iterable[Executed], figure: str) -> int:
    return sum(getattr(row, figure) for row in rows)


def _tallies(counted: Iterable[Achievement]) -> tuple[Tally, ...]:
    found = list(counted)

    def total(indicator: Indicator, of: Callable[[Achievement], int]) -> int:
        return sum(of(each) for each in found if each.indicator == indicator)

    return tuple(
        Tally(
            indicator,
            total(indicator, lambda each: each.reached),
            total(indicator, lambda each: each.reached if each.target else 0),
            total(indicator, lambda each: each.target),
        )
        for indicator in INDICATORS
        if any(each.indicator == indicator for each in found)
    )


def _cities(funded: Iterable[Activity]) -> tuple[PlannedCity, ...]:
    everyone = {city for activity in funded for city in activity.cities}
    return tuple(sorted(everyone, key=lambda city: (city.country, city.name)))
