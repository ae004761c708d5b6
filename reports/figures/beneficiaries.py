"""Beneficiaries: a donor's dollars by UNESCO region and by the three lists of countries.

The money of an activity is split among its cities by their shares, to the cent by the largest remainder, ties
by name. The figures by region therefore add up to what was allocated and used. A city is counted once,
however many activities benefit it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from allocation import Activity, PlannedCity
from ledger import split
from reports.figures.figure import Figure
from reports.figures.markers import MarkerTests

NO_CITY = "no-city"
"""The name of money that is for no named city."""
CITIES = "cities"
MARKERS = ("africa", "low-income", "ldc")

Groups = Callable[[PlannedCity], Iterable[str]]


@dataclass(frozen=True)
class ActivityMoney:
    """What a donor gave to one activity, or what was used without an activity; see `Beneficiaries`."""

    activity: Activity | None
    allocated: Figure
    used: Figure
    unused: Figure

    @property
    def figures(self) -> tuple[Figure, Figure, Figure]:
        """Allocated, used and unused."""
        return self.allocated, self.used, self.unused


def by_region(given: Sequence[ActivityMoney]) -> tuple[Beneficiaries, ...]:
    """The money by region, ordered by name; money for no named city comes last."""
    found = _grouped(given, lambda city: (city.region,))
    return tuple(found[name] for name in sorted(found, key=lambda name: (name == NO_CITY, not name, name)))


def by_marker(given: Sequence[ActivityMoney], tests: MarkerTests) -> tuple[Beneficiaries, ...]:
    """The money for all named cities, then for those in Africa, low-income and least developed countries."""
    belongs = dict(zip(MARKERS, tests, strict=True))

    def groups(city: PlannedCity) -> Iterable[str]:
        return (CITIES, *(name for name, test in belongs.items() if test(city)))

    found = _grouped(given, groups)
    return tuple(found.get(name) or _Sum().total(name) for name in (CITIES, *MARKERS))


@dataclass
class _Sum:
    cities: set[tuple[str, str]] = field(default_factory=set)
    figures: list[tuple[Figure, ...]] = field(default_factory=list)

    def total(self, name: str) -> Beneficiaries:
        totals = [Figure.total(each[at] for each in self.figures) for at in range(3)]
        return Beneficiaries(name, len(self.cities), *totals)


def _grouped(given: Sequence[ActivityMoney], groups: Groups) -> dict[str, Beneficiaries]:
    sums: dict[str, _Sum] = {}
    for money in given:
        cities = money.activity.cities if money.activity else ()
        if not cities:
            sums.setdefault(NO_CITY, _Sum()).figures.append(money.figures)
        members: dict[str, list[PlannedCity]] = {}
        for city in cities:
            for name in groups(city):
                members.setdefault(name, []).append(city)
        parts = [_parts(money.activity, figure.cents) for figure in money.figures]
        for name, some in members.items():
            of_group = sums.setdefault(name, _Sum())
            of_group.figures.append(tuple(
                Figure(sum(part[city.name] for city in some), figure.lines)
                for part, figure in zip(parts, money.figures, strict=True)
            ))  # fmt: skip
            if money.allocated.cents:
                of_group.cities |= {(city.name, city.country) for city in some}
    return {name: each.total(name) for name, each in sums.items()}


def _parts(activity: Activity | None, cents: int) -> Mapping[str, int]:
    """USD cents for each city of an activity; negative where use of an earlier period was reversed."""
    if not activity or not activity.cities:
        return {}
    shares = activity.shares or (1,) * len(activity.cities)
    weights = {city.name: share for city, share in zip(activity.cities, shares, strict=True)}
    parts = split(abs(cents), weights)
    return parts if cents >= 0 else {name: -part for name, part in parts.items()}


@dataclass(frozen=True)
class Beneficiaries:
    """The part of the donor's money that reaches some cities, by their shares of each activity.

    The lines of its figures are those of the whole activities, of which the amounts are a part.
    """

    name: str
    """A UNESCO region, empty where no record states it, or `no-city` for money that is for no named city; by
    marker: `cities` for all cities, `africa`, `low-income`, `ldc`."""
    cities: int
    """How many different cities the donor's money was allocated to."""
    allocated: Figure
    """Up to the end of the period, used or not."""
    used: Figure
    """In the period."""
    unused: Figure
    """Allocated and not yet used at the end of the period."""
