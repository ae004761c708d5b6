"""The programme of a term: the activities that could be funded, and the cities that each benefits.

A term's programme is adopted once, from an edition of the catalogue (`allocation.programme.adoption`) or
from a planner's own file (`allocation.programme.file`). The whole of it is in the journal, so a plan or a
statement never depends on a file that may change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import model_validator
from sqlalchemy import Connection, Row, select

from allocation.engine.problem import BASIS_POINTS, LARGEST_SUM
from allocation.programme.activity import PlannedActivity, PlannedCity, require_coherent
from allocation.programme.catalogue import clusters, editions, work_areas
from allocation.programme.indicator import Indicator
from donors import SOURCE_LANGUAGE, text_in
from ledger import (
    FUND_CURRENCY,
    NOW,
    Amount,
    Described,
    Event,
    Hint,
    Kind,
    Known,
    NotFound,
    Refused,
    Sentence,
    TermField,
    TextField,
    as_known,
    canonical_json,
    find,
    get_term,
    nearest,
    project,
    register,
    terms_into,
    text,
    whole,
)


class ProgrammeAdopted(Event):
    """The programme of a term is adopted."""

    kind: ClassVar[str] = "programme adopted"
    says: ClassVar[str] = "The programme {edition} is adopted for the term {term}."

    term: TermField
    edition: TextField
    """The edition of the catalogue, or the name of the planner's own file."""
    cities: tuple[PlannedCity, ...]
    activities: tuple[PlannedActivity, ...]

    def derived(self) -> tuple[Described, ...]:
        cost = sum(each.unit_cents * each.units for each in self.activities)
        return (Described("cost of all activities", Amount(currency=FUND_CURRENCY, minor=cost)),)

    @property
    def key(self) -> str:
        return f"programme:{self.term}"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        names = {city.name for city in self.cities}
        for activity in self.activities:
            if unknown := set(activity.cities) - names:
                raise ValueError(f"{activity.code} names a city that is not listed: {min(unknown)}")
        require_coherent(self.activities)
        total = sum(each.unit_cents * each.units for each in self.activities)
        if max(total, sum(each.demand * each.units for each in self.activities)) > LARGEST_SUM:
            raise ValueError(
                f"costs or demands add up to more than {LARGEST_SUM:,}: look for a figure that is too large"
            )
        return self


planned_city = register("planned_city", text("term"), text("name"), text("country"), text("region"))
planned_activity = register(
    "planned_activity",
    text("term"),
    text("code"),
    whole("work_area"),
    text("cluster"),
    text("titles"),
    whole("unit_cents"),
    whole("units"),
    whole("demand"),
    text("cities"),
    text("more"),
)


@dataclass(frozen=True)
class Activity:
    """An activity of a term's programme as the books know it; see `PlannedActivity`."""

    code: str
    work_area: int
    cluster: str
    titles: Mapping[str, str]
    unit_cents: int
    units: int
    demand: int
    cities: tuple[PlannedCity, ...]
    shares: tuple[int, ...] = ()
    clusters: Mapping[str, int] = field(default_factory=dict)
    scalable: bool = False
    least: int = 1
    year: int | None = None
    person_days: int = 0
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    indicators: Mapping[Indicator, int] = field(default_factory=dict)

    def title(self, language: str) -> str:
        """Its title in a language, else in the first in which it has one (see `text_in`), else its code.

        A planner's own programme may have titles in some languages only.
        """
        return text_in(self.titles, language) or self.code

    @property
    def cluster_shares(self) -> Mapping[str, int]:
        """The share of each cluster in basis points; empty for an activity of the whole network."""
        return self.clusters or ({self.cluster: BASIS_POINTS} if self.cluster else {})

    @property
    def cost_cents(self) -> int:
        """The cost of all units, USD cents."""
        return self.unit_cents * self.units


def _apply(books: Connection, seq: int, event: ProgrammeAdopted) -> None:
    term = get_term(books, event.term)
    if books.execute(select(planned_activity.c.seq).where(planned_activity.c.term == event.term)).first():
        raise Refused(
            "programme-adopted-already",
            "The programme of the term {term} is adopted already.",
            term=event.term,
        )
    for city in event.cities:
        project(books, planned_city, seq, term=event.term, **city.model_dump())
    for activity in event.activities:
        if activity.year and not term.starts_on.year <= activity.year <= term.ends_on.year:
            raise Refused(
                "activity-outside-term",
                "{code} takes place in {year}, outside the term {term}.",
                code=activity.code,
                year=activity.year,
                term=event.term,
            )
        rest = activity.model_dump(mode="json")
        row = {name: rest.pop(name) for name in _COLUMNS}
        row |= {name: canonical_json(rest.pop(name)) for name in ("titles", "cities")}
        project(books, planned_activity, seq, term=event.term, more=canonical_json(rest), **row)


_COLUMNS = ("code", "work_area", "cluster", "unit_cents", "units", "demand")


def _cities(books: Connection, term: str, known_at: int) -> dict[str, PlannedCity]:
    rows = books.execute(
        select(planned_city).where(planned_city.c.term == term, as_known(planned_city, known_at))
    )
    return {row.name: PlannedCity(name=row.name, country=row.country, region=row.region) for row in rows}


def _read(row: Row[Any], cities: tuple[PlannedCity, ...]) -> Activity:
    more = json.loads(row.more)
    lists = {name: tuple(more.pop(name, ())) for name in ("shares", "requires", "excludes")}
    own = {name: getattr(row, name) for name in _COLUMNS}
    fields: dict[str, Any] = {**own, **lists, **more}
    return Activity(titles=json.loads(row.titles), cities=cities, **fields)


def _adopted(books: Connection, term: str, known_at: int) -> list[Activity]:
    by_name = _cities(books, term, known_at)
    rows = books.execute(
        select(planned_activity)
        .where(planned_activity.c.term == term, as_known(planned_activity, known_at))
        .order_by(planned_activity.c.code)
    )

    @cache  # thousands of activities name the same cities
    def named(cities: str) -> tuple[PlannedCity, ...]:
        return tuple(by_name[name] for name in json.loads(cities))

    return [_read(row, named(row.cities)) for row in rows]


def activities(books: Connection, term: str, known_at: int = NOW) -> list[Activity]:
    """The activities of a term's programme, by code; NotFound when none is adopted."""
    found = _adopted(books, term, known_at)
    if not found:
        raise NotFound(
            "programme-not-adopted",
            "No programme is adopted for the term {term}: {hint}.",
            term=term,
            hint=Hint("adopt-programme", "adopt one"),
        )
    return found


def activities_by_code(books: Connection, term: str, known_at: int = NOW) -> dict[str, Activity]:
    """Activities on which money of a term may be: its own programme, and those carried over to it."""
    found: dict[str, Activity] = {}
    for each in terms_into(books, term, known_at):
        found = {activity.code: activity for activity in _adopted(books, each, known_at)} | found
    return found


def get_activity(books: Connection, term: str, code: str, known_at: int = NOW) -> Activity:
    """One activity of a term or carried over to it; NotFound if there is none of that code."""
    found = activities_by_code(books, term, known_at)
    if code not in found:
        raise NotFound(
            "programme-activity-not-found",
            "There is no activity '{code}' in the programme of the term {term}{nearest}.",
            code=code,
            term=term,
            nearest=nearest(code, found),
        )
    return found[code]


def _named(books: Connection, code: str, term: str) -> Known:
    """An activity's title: of the term and those carried over to it, else of the last programme with it."""
    found = activities_by_code(books, term).get(code) if term else None
    if found is not None:
        return Known(f"{found.title(SOURCE_LANGUAGE)} ({code})")
    row = find(books, planned_activity, "activity", code)
    return Known(f"{text_in(json.loads(row.titles), SOURCE_LANGUAGE) or code} ({code})", term=row.term)


def _cluster_named(_books: Connection, code: str, _term: str) -> Known:
    titles = {each.code: each.titles for one in editions() for each in clusters(one)}
    return Known(f"{text_in(titles[code], SOURCE_LANGUAGE)} ({code})" if code in titles else code)


def _work_area_named(_books: Connection, number: str, _term: str) -> Known:
    titles = {str(each.code): each.titles for each in work_areas()}
    return Known(f"{number} {text_in(titles.get(number, {}), SOURCE_LANGUAGE)}".rstrip())


KINDS = (
    Kind(
        ProgrammeAdopted,
        names={"activity": _named, "cluster": _cluster_named, "work area": _work_area_named},
        apply=_apply,
        registers=(planned_city, planned_activity),
        four_eyes=False,
        recorder="planner",
        when_recorded=Sentence(
            "a term's programme is adopted once and stays", Hint("list-programme", term="{term}")
        ),
    ),
)
