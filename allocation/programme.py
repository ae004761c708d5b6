"""The programme of a term: the activities that could be funded, and the cities that each would benefit.

It is adopted once for a term, from an edition of the catalogue, and then stands in the journal whole, so a
plan or a statement never depends on a file that may change.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection, Row, select

from allocation.catalogue import ProgrammeActivity, clusters, programme_activities
from donors import City, cities, unesco_region
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
    """The UNESCO region."""


class PlannedActivity(BaseModel):
    """An activity that could be funded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    work_area: int
    cluster: str
    titles: dict[str, str]
    unit_cents: int = Field(gt=0)
    units: int = Field(gt=0)
    demand: int = Field(ge=0)
    """Cities that asked for it or belong to its cluster; the default score of a unit."""
    cities: tuple[str, ...]


class ProgrammeAdopted(Event):
    """The programme of a term is adopted."""

    kind: ClassVar[str] = "programme adopted"

    term: str
    edition: str
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
)


@dataclass(frozen=True)
class Activity:
    """An activity of a term's programme as the books know it."""

    code: str
    work_area: int
    cluster: str
    titles: Mapping[str, str]
    unit_cents: int
    units: int
    demand: int
    cities: tuple[PlannedCity, ...]

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
            PlannedCity(name=name, country=city.iso3, region=unesco_region(city))
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
    get_term(books, event.term)
    if books.execute(select(planned_activity.c.seq).where(planned_activity.c.term == event.term)).first():
        raise Refused(f"The programme of the term {event.term} is adopted already.")
    for city in event.cities:
        learn(books, planned_city, seq, term=event.term, **city.model_dump())
    for activity in event.activities:
        fields = activity.model_dump(exclude={"titles", "cities"})
        titles, names = canonical_json(activity.titles), canonical_json(list(activity.cities))
        learn(books, planned_activity, seq, term=event.term, titles=titles, cities=names, **fields)


def _cities(books: Connection, term: str, known_at: int) -> dict[str, PlannedCity]:
    rows = books.execute(
        select(planned_city).where(planned_city.c.term == term, known(planned_city, known_at))
    )
    return {row.name: PlannedCity(name=row.name, country=row.country, region=row.region) for row in rows}


def _read(row: Row[Any], by_name: Mapping[str, PlannedCity]) -> Activity:
    return Activity(
        row.code,
        row.work_area,
        row.cluster,
        json.loads(row.titles),
        row.unit_cents,
        row.units,
        row.demand,
        tuple(by_name[name] for name in json.loads(row.cities)),
    )


def _adopted(books: Connection, term: str, known_at: int) -> list[Activity]:
    by_name = _cities(books, term, known_at)
    rows = books.execute(
        select(planned_activity)
        .where(planned_activity.c.term == term, known(planned_activity, known_at))
        .order_by(planned_activity.c.code)
    )
    return [_read(row, by_name) for row in rows]


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
