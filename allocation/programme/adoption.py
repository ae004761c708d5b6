"""Adoption of an edition: the catalogue's programme for a term, with the member cities of each cluster."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from datetime import date

from allocation.programme.activity import PlannedActivity, joined, member
from allocation.programme.catalogue import ProgrammeActivity, clusters, programme_activities
from allocation.programme.programme import ProgrammeAdopted
from ledger import BadInput, FileSource

CLUSTERS_PER_CITY_MAX = 3
"""A city joins at most three clusters: strategy 2019-2021, cluster members, 2 (English and French)."""


def adopt(term: str, edition: str, on: date, members: FileSource | None = None) -> ProgrammeAdopted:
    """Make the event that adopts an edition's programme for a term.

    `members` is a CSV file `city,group`: the cities of a cluster, or of a single activity. Other activities
    benefit every city known by name that had joined by then.
    """
    network = joined(on)
    everyone = tuple(city.name for city in network)
    groups = _read_members(members, everyone, edition) if members else {}
    return ProgrammeAdopted.make(
        on=on,
        term=term,
        edition=edition,
        cities=[member(city) for city in network],
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


def _read_members(path: FileSource, names: Collection[str], edition: str) -> dict[str, tuple[str, ...]]:
    in_clusters = {cluster.code for cluster in clusters(edition)}
    possible = in_clusters | {each.code for each in programme_activities(edition)}
    groups: dict[str, set[str]] = {}
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            "csv-file-unreadable",
            "{path} cannot be read as a UTF-8 CSV file: {why}.",
            path=path,
            why=error,
        ) from None
    for number, row in enumerate(rows, start=2):
        city, group = row.get("city") or "", row.get("group") or ""
        if city not in names:
            raise BadInput(
                "adoption-city-unknown",
                "{path}, row {number}, city: '{city}' is not a member city known by name.",
                path=path,
                number=number,
                city=city,
            )
        if group not in possible:
            raise BadInput(
                "adoption-group-unknown",
                "{path}, row {number}, group: '{group}' is neither a cluster nor an activity.",
                path=path,
                number=number,
                group=group,
            )
        groups.setdefault(group, set()).add(city)
    for city in names:
        joins = sorted(code for code in in_clusters if city in groups.get(code, ()))
        if len(joins) > CLUSTERS_PER_CITY_MAX:
            raise BadInput(
                "city-in-too-many-clusters",
                "{path}: {city} stands in {clusters} clusters; a city joins at most three.",
                path=path,
                city=city,
                clusters=len(joins),
            )
    return {group: tuple(sorted(names)) for group, names in groups.items()}
