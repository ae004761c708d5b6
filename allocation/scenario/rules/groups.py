"""Groups of a programme's activities: of some beneficiaries, a cluster, a work area, one activity."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal, Self

from pydantic import model_validator

from allocation.engine.problem import BASIS_POINTS
from allocation.programme.activity import PlannedCity
from allocation.programme.earmark_eligibility import membership, share_reaching
from allocation.programme.programme import Activity
from allocation.scenario.rules.table import RuleFacts, RuleTable
from donors import AfricaDefinition, cities, country
from ledger import BadInput, nearest

ProgrammeGroup = Literal["work-area", "cluster", "activity"]
_OF_MANY = {"region", "country", "work-area", "cluster", "activity", "donor-type"}


class GroupTable(RuleTable):
    """A rule about one group; a subclass says which groups it may be about."""

    group: str
    of: str = ""
    """Which region, country, work area, cluster, activity or type of donor, where there are many."""
    definition: AfricaDefinition | None = None
    """For Africa only: UNESCO's region, or the continent (M49)."""

    @model_validator(mode="after")
    def _names_a_group(self) -> Self:
        if (self.group == "africa") != (self.definition is not None):
            raise ValueError(
                f"the rule {self.id} must name a definition of Africa (unesco or m49) if it is about it"
            )
        if (self.group in _OF_MANY) != bool(self.of):
            raise ValueError(f"the rule {self.id} must say of which one (of = ...) if there are many")
        if self.group == "country":
            try:
                country(self.of)
            except BadInput as error:
                raise ValueError(str(error).rstrip(".")) from None
        if self.group == "region":
            self.require_known({city.unesco_region for city in cities()} - {""})
        return self

    def require_known(self, offered: set[str]) -> None:
        """Raise ValueError for a member of the group that is not offered."""
        if self.of not in offered:
            hint = nearest(self.of, offered) or f": use {', '.join(sorted(offered))}"
            raise ValueError(f"the rule {self.id} is about the {self.group} '{self.of}', which is none{hint}")

    def names(self) -> Iterator[tuple[str, str]]:
        """The cluster, work area or activity."""
        if self.group in {"cluster", "work-area", "activity"}:
            yield self.group.replace("-", " "), self.of


def weights_of(table: GroupTable, facts: RuleFacts) -> dict[str, int]:
    """The part of each activity that belongs to a group, in basis points, without zeros."""
    if table.group == "activity":
        return {table.of: BASIS_POINTS}
    shares = {each.code: _share(table, each, facts) for each in facts.wanted}
    return {code: share for code, share in shares.items() if share}


def _share(table: GroupTable, activity: Activity, facts: RuleFacts) -> int:
    match table.group:
        case "cluster":
            return activity.cluster_shares.get(table.of, 0)
        case "work-area":
            return BASIS_POINTS if str(activity.work_area) == table.of else 0
        case "africa" | "low-income" | "ldc" | "region" | "country" as group:
            belongs = membership(group, table.of, table.definition or "unesco", facts.lists_on)
            return share_reaching(activity, belongs)
    raise AssertionError(f"{table.group} is no group of activities")


Partition = Literal["country", "region", "cluster", "work-area", "activity"]
"""Groups of which each activity has parts that do not overlap."""


def parts_of(activity: Activity, each: Partition) -> dict[str, int]:
    """The parts of an activity that belong to each country, cluster, ..., in basis points, without zeros."""
    match each:
        case "cluster":
            return {cluster: share for cluster, share in activity.cluster_shares.items() if share}
        case "work-area":
            return {str(activity.work_area): BASIS_POINTS}
        case "activity":
            return {activity.code: BASIS_POINTS}
        case "country" | "region":
            return _by_place(activity, each)


def _by_place(activity: Activity, field: Literal["country", "region"]) -> dict[str, int]:
    places = sorted({getattr(city, field) for city in activity.cities} - {""})
    shares = {place: share_reaching(activity, partial(_lies_in, field, place)) for place in places}
    return {place: share for place, share in shares.items() if share}


def _lies_in(field: str, place: str, city: PlannedCity) -> bool:
    return bool(getattr(city, field) == place)
