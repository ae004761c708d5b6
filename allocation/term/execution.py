"""Execution against plan: planned, committed, used and left, as of any effective and knowledge date.

*Planned* is the present allocation: awards with their revisions and reallocations. An activity's money is
split over its clusters, or over the regions of its beneficiary cities, by their shares (largest remainder),
so the rows of every view add up to the same total, to the cent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from allocation.engine.problem import BASIS_POINTS
from allocation.programme.programme import Activity, activities_by_code
from allocation.term.term_lines import lines_of_term
from ledger import ALLOCATED, COMMITMENTS, USE_OF_MONEY, AsOf, split

View = Literal["activity", "cluster", "region"]

NO_GROUP = ""
"""The row of activities for the whole network (no cluster), or without named cities (no region)."""


@dataclass(frozen=True)
class Executed:
    """Planned against actual money of an activity, a cluster or a region, in USD cents."""

    name: str
    committed: int
    """Committed to grants and not yet reported as spent; includes advances."""
    used: int
    left: int
    """Planned and neither used nor committed."""

    @property
    def planned(self) -> int:
        """The allocation by approved plans, with all reallocations since."""
        return self.committed + self.used + self.left

    @property
    def delivered(self) -> int:
        """The part of planned money that is used, in basis points, rounded down."""
        return self.used * BASIS_POINTS // self.planned if self.planned > 0 else 0


@dataclass(frozen=True)
class Execution:
    """Planned against actual money of a term."""

    rows: tuple[Executed, ...]
    """By name."""
    total: Executed


_Figures = Counter[str]
"""Cents committed, used and left, by these names."""


def execution(books: Connection, term: str, as_of: AsOf, by: View = "activity") -> Execution:
    """The execution of a term's plans by activity, cluster or region, as of two dates."""
    figures = _by_activity(books, term, as_of)
    whole = _summed(figures.values())
    if by != "activity":
        found = activities_by_code(books, term, as_of.known_at)
        shares = {
            code: _clusters(found[code]) if by == "cluster" else _regions(found[code]) for code in figures
        }
        figures = _shared(figures, shares)
    return Execution(
        tuple(Executed(name, **of) for name, of in sorted(figures.items())), Executed("", **whole)
    )


def _by_activity(books: Connection, term: str, as_of: AsOf) -> dict[str, _Figures]:
    """The figures of each activity; one that was planned and given up again is left out."""
    figures: dict[str, _Figures] = defaultdict(_nothing)
    for line in lines_of_term(books, as_of, term, accounts=(ALLOCATED, *USE_OF_MONEY, COMMITMENTS)):
        if line.activity:  # use of money that was never allocated, such as bank charges, has none
            figures[line.activity]["left"] -= line.usd
            if line.account != ALLOCATED:
                figures[line.activity]["committed" if line.account == COMMITMENTS else "used"] += line.usd
    return {code: of for code, of in figures.items() if any(of.values())}


def _nothing() -> _Figures:
    return Counter(committed=0, used=0, left=0)


def _summed(parts: Iterable[_Figures]) -> _Figures:
    total = _nothing()
    for part in parts:
        total.update(part)
    return total


def _clusters(activity: Activity) -> Mapping[str, int]:
    return activity.cluster_shares


def _regions(activity: Activity) -> Mapping[str, int]:
    """The weight of each region: its cities' shares, or their number where they have equal parts."""
    weights: Counter[str] = Counter()
    for city, share in zip(activity.cities, activity.shares or (1,) * len(activity.cities), strict=True):
        weights[city.region] += share
    return weights


def _shared(figures: Mapping[str, _Figures], shares: Mapping[str, Mapping[str, int]]) -> dict[str, _Figures]:
    shared: dict[str, _Figures] = defaultdict(_nothing)
    for code, of in figures.items():
        for figure, cents in of.items():
            # `left` is negative while a commitment takes effect before the allocation it is made from.
            sign = -1 if cents < 0 else 1
            for group, part in split(abs(cents), shares[code] or {NO_GROUP: 1}).items():
                shared[group][figure] += sign * part
    return shared
