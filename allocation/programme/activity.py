"""Planned activities and cities, of which a programme is made, with the links between activities.

A programme is refused if no plan could fund it as stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from allocation.engine.problem import BASIS_POINTS, LARGEST_SUM
from allocation.programme.indicator import Counts
from donors import ActivityField, City, ClusterField, CountryField, WorkAreaField, cities, stated_region
from ledger import (
    DETAIL,
    FUND_CURRENCY,
    Amount,
    BasisPointsField,
    ByLanguage,
    CountField,
    Described,
    InUsdCents,
    Labelled,
    NumberOf,
    PersonDaysField,
    TextField,
    YearField,
    nearest,
)


class PlannedCity(BaseModel):
    """A beneficiary city, as it was when the programme was adopted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: TextField
    country: CountryField
    region: TextField
    """The UNESCO region; empty if no record states it."""


def joined(on: date) -> list[City]:
    """The member cities known by name that have joined, for a programme adopted on a day; by name."""
    return sorted((city for city in cities() if city.joined_by <= on.year + 1), key=lambda city: city.name)


def member(city: City) -> PlannedCity:
    """A member city of the network, as it is now."""
    return PlannedCity(name=city.name, country=city.iso3, region=stated_region(city))


class PlannedActivity(BaseModel):
    """An activity that could be funded: indivisible (one unit), in units, or scalable (many small units)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: TextField
    work_area: Annotated[WorkAreaField, DETAIL]
    cluster: Annotated[ClusterField, DETAIL]
    """Its thematic cluster, or the largest of several; empty for the whole network."""
    titles: Annotated[dict[str, str], ByLanguage(), Labelled("title")]
    unit_cents: Annotated[int, InUsdCents(adds_up=False), Labelled("cost of a unit")] = Field(
        gt=0, le=LARGEST_SUM
    )
    units: CountField = Field(gt=0, le=LARGEST_SUM)
    demand: Annotated[CountField, DETAIL] = Field(ge=0, le=LARGEST_SUM)
    """Cities that asked for it or belong to its cluster; the default score of a unit, or of all units of a
    scalable activity together."""
    cities: Annotated[tuple[TextField, ...], DETAIL]
    shares: Annotated[tuple[BasisPointsField, ...], DETAIL] = ()
    """The share of each city, in basis points; empty for equal shares."""
    clusters: Annotated[dict[ClusterField, BasisPointsField], DETAIL] = {}
    """Of an activity of several clusters: the share of each, in basis points."""
    scalable: bool = False
    least: Annotated[int, NumberOf("unit"), Labelled("worth funding from"), DETAIL] = Field(default=1, ge=1)
    """The fewest units worth funding."""
    year: Annotated[YearField | None, DETAIL] = None
    """The fiscal year in which it takes place, if that matters."""
    person_days: Annotated[PersonDaysField, Labelled("time of the team for a unit"), DETAIL] = Field(
        default=0, ge=0, le=LARGEST_SUM
    )
    """The coordination team's time that one unit takes."""
    requires: Annotated[tuple[ActivityField, ...], DETAIL] = ()
    """Activities without which it is not funded."""
    excludes: Annotated[tuple[ActivityField, ...], DETAIL] = ()
    """Activities with which it is not funded."""
    indicators: Annotated[Counts, DETAIL] = {}
    """The indicators of its results, with the target of one unit; empty: any indicator may be reported."""

    def derived(self) -> tuple[Described, ...]:
        """The cost of all units."""
        cost = Amount(currency=FUND_CURRENCY, minor=self.unit_cents * self.units)
        return (Described("cost", cost, adds_up=True),)

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
    def _without_defaults(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out optional fields that have their defaults."""
        own = type(self).model_fields
        fields: dict[str, Any] = serialized(self)
        return {
            name: value
            for name, value in fields.items()
            if own[name].is_required() or getattr(self, name) != own[name].default
        }


def require_coherent(planned: Iterable[PlannedActivity]) -> None:
    """Raise ValueError for activities that no plan could fund as stated.

    That is a repeated or unknown code, a cycle of requirements, or an activity that excludes what it needs.
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
    """Refuse an activity that requires, directly or indirectly, two that exclude each other."""
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
    """All that an activity requires, directly or indirectly; the requirements must have no cycle."""
    found = set[str]()
    waiting = [code]
    while waiting:
        for other in needs.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
                yield other
