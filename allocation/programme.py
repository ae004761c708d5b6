"""The programme of a term: the activities that could be funded, and the cities that each would benefit.

It is adopted once for a term, from an edition of the catalogue or from a planner's own file
(`allocation.programme_file`), and then stands in the journal whole, so a plan or a statement never depends on
a file that may change.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from sqlalchemy import Connection, Row, select

from allocation.catalogue import ProgrammeActivity, clusters, programme_activities
from allocation.engine.problem import BASIS_POINTS, LARGEST_SUM
from allocation.indicator import Counts, Indicator
from allocation.written import nearest
from donors import City, cities, stated_region
from ledger import (
    NOW,
    BadInput,
    Event,
    Kind,
    NotFound,
    Refused,
    canonical_json,
    get_term,
    known,
    learn,
    register,
    terms_into,
    text,
    whole,
)

CLUSTERS_OF_A_CITY = 3
"""At most three clusters for a city: strategy 2019-2021, cluster members, 2 (English and French)."""


class PlannedCity(BaseModel):
    """A city that activities benefit, as it was when the programme was adopted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    country: str
    region: str
    """The UNESCO region; empty where no record states it."""


class PlannedActivity(BaseModel):
    """An activity that could be funded: indivisible (one unit), in units, or scalable (many small units)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    work_area: int
    cluster: str
    """The thematic cluster that it belongs to, or for the most part; empty for the whole network."""
    titles: dict[str, str]
    unit_cents: int = Field(gt=0, le=LARGEST_SUM)
    units: int = Field(gt=0, le=LARGEST_SUM)
    demand: int = Field(ge=0, le=LARGEST_SUM)
    """Cities that asked for it or belong to its cluster; the default score of a unit, or of all units of a
    scalable activity together."""
    cities: tuple[str, ...]
    shares: tuple[int, ...] = ()
    """The part of each city, in basis points; empty for equal parts."""
    clusters: dict[str, int] = {}
    """Of an activity of several clusters: the part of each, in basis points."""
    scalable: bool = False
    least: int = Field(default=1, ge=1)
    """The fewest units worth funding."""
    year: int | None = None
    """The fiscal year in which it takes place, where that matters."""
    person_days: int = Field(default=0, ge=0, le=LARGEST_SUM)
    """What one unit takes of the coordination team."""
    requires: tuple[str, ...] = ()
    """Activities without which it is not funded."""
    excludes: tuple[str, ...] = ()
    """Activities with which it is not funded."""
    indicators: Counts = {}
    """What is counted of its results, with the target of one unit; empty where anything may be."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.least > self.units:
            raise ValueError(
                f"{self.code} is worth funding from {self.least} units, and has only {self.units}"
            )
        if len(set(self.cities)) < len(self.cities):
            raise ValueError(f"{self.code} names a city twice")
        if self.shares and len(self.shares) != len(self.cities):
            raise ValueError(f"{self.code} has {len(self.shares)} shares for {len(self.cities)} cities")
        for what, parts in (("cities", self.shares), ("clusters", tuple(self.clusters.values()))):
            if parts and (sum(parts) != BASIS_POINTS or min(parts) <= 0):
                raise ValueError(f"the shares of {self.code}'s {what} must be positive and add up to 100%")
        if self.clusters and self.cluster not in self.clusters:
            raise ValueError(f"{self.code} belongs to {self.cluster}, which is not among its clusters")
        return self

    @model_serializer(mode="wrap")
    def _told(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What only some activities have is told only of those."""
        own = type(self).model_fields
        told: dict[str, Any] = serialized(self)
        return {
            name: value
            for name, value in told.items()
            if own[name].is_required() or getattr(self, name) != own[name].default
        }


class ProgrammeAdopted(Event):
    """The programme of a term is adopted."""

    kind: ClassVar[str] = "programme adopted"

    term: str
    edition: str
    """The edition of the catalogue, or the name of the planner's own file."""
    cities: tuple[PlannedCity, ...]
    activities: tuple[PlannedActivity, ...]

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


def require_coherent(planned: Iterable[PlannedActivity]) -> None:
    """Refuse activities that no plan could fund as they are told, with a ValueError.

    A code that stands twice or is not known, a cycle of requirements, and an activity that excludes what it
    needs.
    """
    by_code: dict[str, PlannedActivity] = {}
    for each in planned:
        if each.code in by_code:
            raise ValueError(f"there are two activities {each.code}")
        by_code[each.code] = each
    for each in by_code.values():
        for other in (*each.requires, *each.excludes):
            if other not in by_code:
                hint = nearest(other, by_code)
                raise ValueError(f"{each.code} names the activity '{other}', which is not listed{hint}")
    needs = {code: each.requires for code, each in by_code.items()}
    _refuse_cycle(needs)
    _refuse_clash(by_code, needs)


def _refuse_clash(by_code: Mapping[str, PlannedActivity], needs: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse an activity that requires, itself or by way of others, two that exclude each other."""
    needing: dict[str, list[str]] = {code: [] for code in needs}
    for code, others in needs.items():
        for other in others:
            needing[other].append(code)
    for one, each in by_code.items():
        for other in each.excludes:
            if both := {one, *needed(one, needing)} & {other, *needed(other, needing)}:
                required = " and ".join(name for name in dict.fromkeys((one, other)) if name != min(both))
                raise ValueError(
                    f"{min(both)} could never be funded: it requires {required or 'itself'}, "
                    f"and {one} excludes {other}"
                )


def _refuse_cycle(needs: Mapping[str, tuple[str, ...]]) -> None:
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        raise ValueError(
            f"requirements go in a circle: {' requires '.join(reversed(error.args[1]))}"
        ) from None


def needed(code: str, needs: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """All that an activity requires, by way of others too; of requirements without a cycle."""
    found = set[str]()
    waiting = [code]
    while waiting:
        for other in needs.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
                yield other


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


_LANGUAGES = ("en", "fr", "es")
"""In which a title is looked for, in this order."""


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
        """Its title in a language, or else in the first that it has of English, French, Spanish and others.

        A programme that was written by hand may have titles in some languages only, or none: then its code.
        """
        order = (language, *_LANGUAGES, *sorted(self.titles))
        return next((self.titles[each] for each in order if self.titles.get(each)), self.code)

    @property
    def cluster_shares(self) -> Mapping[str, int]:
        """The part of each cluster in basis points; empty for an activity of the whole network."""
        return self.clusters or ({self.cluster: BASIS_POINTS} if self.cluster else {})

    @property
    def cost_cents(self) -> int:
        """What all of it would cost, USD cents."""
        return self.unit_cents * self.units


def adopt(term: str, edition: str, on: date, members: Path | None = None) -> ProgrammeAdopted:
    """The event that adopts an edition's programme for a term.

    `members` is a CSV file `city,group`: the cities of a cluster, or of a single activity. What is not named
    there benefits every city known by name that had joined by then.
    """
    joined = {city.name: city for city in cities() if city.joined_by <= on.year + 1}
    groups = _read_members(members, joined, edition) if members else {}
    everyone = tuple(sorted(joined))
    return ProgrammeAdopted.make(
        on=on,
        term=term,
        edition=edition,
        cities=[
            PlannedCity(name=name, country=city.iso3, region=stated_region(city))
            for name, city in sorted(joined.items())
        ],
        activities=[_planned(each, groups, everyone) for each in programme_activities(edition)],
    )


def _planned(
    offered: ProgrammeActivity, groups: Mapping[str, tuple[str, ...]], everyone: tuple[str, ...]
) -> PlannedActivity:
    return PlannedActivity(
        code=offered.code,
        work_area=offered.work_area,
        cluster=offered.cluster,
        titles=dict(offered.titles),
        unit_cents=offered.unit_cents,
        units=offered.units,
        demand=offered.demand,
        cities=groups.get(offered.code) or groups.get(offered.cluster) or everyone,
        indicators=dict(offered.indicators),
    )


def _read_members(path: Path, joined: Mapping[str, City], edition: str) -> dict[str, tuple[str, ...]]:
    in_clusters = {cluster.code for cluster in clusters(edition)}
    possible = in_clusters | {each.code for each in programme_activities(edition)}
    groups: dict[str, set[str]] = {}
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as a UTF-8 CSV file: {error}.") from None
    for number, row in enumerate(rows, start=2):
        city, group = row.get("city") or "", row.get("group") or ""
        if city not in joined:
            raise BadInput(f"{path}, row {number}, city: '{city}' is not a member city known by name.")
        if group not in possible:
            raise BadInput(f"{path}, row {number}, group: '{group}' is neither a cluster nor an activity.")
        groups.setdefault(group, set()).add(city)
    for city in joined:
        joins = sorted(code for code in in_clusters if city in groups.get(code, ()))
        if len(joins) > CLUSTERS_OF_A_CITY:
            raise BadInput(f"{path}: {city} stands in {len(joins)} clusters; a city joins at most three.")
    return {group: tuple(sorted(names)) for group, names in groups.items()}


def _apply(books: Connection, seq: int, event: ProgrammeAdopted) -> None:
    term = get_term(books, event.term)
    if books.execute(select(planned_activity.c.seq).where(planned_activity.c.term == event.term)).first():
        raise Refused(f"The programme of the term {event.term} is adopted already.")
    for city in event.cities:
        learn(books, planned_city, seq, term=event.term, **city.model_dump())
    for activity in event.activities:
        if activity.year and not term.starts_on.year <= activity.year <= term.ends_on.year:
            raise Refused(f"{activity.code} takes place in {activity.year}, outside the term {event.term}.")
        told = activity.model_dump(mode="json")
        row = {name: told.pop(name) for name in _COLUMNS}
        row |= {name: canonical_json(told.pop(name)) for name in ("titles", "cities")}
        learn(books, planned_activity, seq, term=event.term, more=canonical_json(told), **row)


_COLUMNS = ("code", "work_area", "cluster", "unit_cents", "units", "demand")


def _cities(books: Connection, term: str, known_at: int) -> dict[str, PlannedCity]:
    rows = books.execute(
        select(planned_city).where(planned_city.c.term == term, known(planned_city, known_at))
    )
    return {row.name: PlannedCity(name=row.name, country=row.country, region=row.region) for row in rows}


def _read(row: Row[Any], cities: tuple[PlannedCity, ...]) -> Activity:
    more = json.loads(row.more)
    lists = {name: tuple(more.pop(name, ())) for name in ("shares", "requires", "excludes")}
    own = {name: getattr(row, name) for name in _COLUMNS}
    told: dict[str, Any] = {**own, **lists, **more}
    return Activity(titles=json.loads(row.titles), cities=cities, **told)


def _adopted(books: Connection, term: str, known_at: int) -> list[Activity]:
    by_name = _cities(books, term, known_at)
    rows = books.execute(
        select(planned_activity)
        .where(planned_activity.c.term == term, known(planned_activity, known_at))
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
        raise NotFound(f"No programme is adopted for the term {term}: use `mdfm programme adopt`.")
    return found


def activities_by_code(books: Connection, term: str, known_at: int = NOW) -> dict[str, Activity]:
    """What money in a term can stand on: its own programme, and what was carried over to it."""
    found: dict[str, Activity] = {}
    for each in terms_into(books, term, known_at):
        found = {activity.code: activity for activity in _adopted(books, each, known_at)} | found
    return found


def get_activity(books: Connection, term: str, code: str, known_at: int = NOW) -> Activity:
    """One activity that money in a term can stand on; NotFound when there is none of that code."""
    try:
        return activities_by_code(books, term, known_at)[code]
    except KeyError:
        raise NotFound(f"There is no activity '{code}' in the programme of the term {term}.") from None


KINDS = (
    Kind(
        ProgrammeAdopted,
        apply=_apply,
        registers=(planned_city, planned_activity),
        four_eyes=False,
        recorder="planner",
    ),
)
