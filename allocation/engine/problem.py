"""The allocation problem: money with its earmarks, activities that could be funded, and rules.

Everything is an integer: money in USD cents, shares in basis points (1/10,000), scores in points. A
`Problem` knows neither the books nor a solver; it is built by `allocation.scenario.problem_builder` and
solved by `allocation.engine.solve`. The names of its parts and fields are in the hash of a problem, so that
renaming one changes the hashes of plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BASIS_POINTS = 10_000
LARGEST_SUM = 2**53
"""The largest sum in a problem: 64-bit integers and doubles both hold it exactly."""

Sense = Literal["floor", "ceiling"]

Units = Mapping[str, int]
"""Units by activity code."""
Flows = Mapping[tuple[str, str], int]
"""USD cents by source id and activity code."""


@dataclass(frozen=True)
class Source:
    """Money of one agreement that may be allocated, with its earmark."""

    agreement: str
    cents: int
    """What may be allocated, in USD cents."""
    eligible: frozenset[str]
    """Codes of the activities that the agreement's earmark allows, and that take place late enough for it."""
    arrives: str = ""
    """The fiscal year in which it is expected, such as `2023`; empty for money that has arrived."""
    kept_for: str = ""
    """In a revised plan: the activity for which it is used or committed, and where it stays."""

    @property
    def id(self) -> str:
        """The id in flows: the agreement, with a suffix for money that is committed or still to arrive."""
        if self.kept_for:
            return f"{self.agreement} for {self.kept_for}"
        return f"{self.agreement}@{self.arrives}" if self.arrives else self.agreement


@dataclass(frozen=True)
class Candidate:
    """An activity that could be funded, in whole units.

    An indivisible activity has one unit. A scalable one has a small unit (such as US$1), and is funded with
    at least `least` of them if it is funded at all.
    """

    code: str
    unit_cents: int
    """Cost of one unit to the fund, in USD cents, less what is covered in kind."""
    units: int
    """How many units are wanted; fewer may be funded, but never a part of one."""
    score: int
    """Points that one funded unit adds to the plan's value."""
    least: int = 1
    """The fewest units worth funding: none, or at least so many."""


@dataclass(frozen=True)
class MoneyRule:
    """A floor or a ceiling on the money that reaches a group of activities or beneficiaries.

    `weights` is the part of each activity's money that counts, in basis points; an activity that is not
    named counts nothing. The bound is either `share`, basis points of all money awarded, or `cents`.
    """

    id: str
    sense: Sense
    weights: Mapping[str, int]
    share: int | None = None
    cents: int | None = None
    reason: str = ""
    """Where the rule comes from, in words that a planner reads."""
    soft: bool = False
    """A soft rule may be missed, by as few cents as possible: that is minimised before anything else."""


@dataclass(frozen=True)
class DonorRule:
    """A floor or a ceiling on the money that a group of donors pays.

    The bound is either `share`, basis points of all money awarded, or `cents`.
    """

    id: str
    sense: Sense
    agreements: frozenset[str]
    """The agreements of the group's donors."""
    share: int | None = None
    cents: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class UnitsRule:
    """How many units of one activity a plan must (`least`) or may (`most`) fund."""

    id: str
    activity: str
    least: int = 0
    most: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class SumRule:
    """A lower (`least`) or upper (`most`) bound on a weighted sum of units.

    For what is not money: person-days of the coordination team, events a year; or, in an analysis of a plan,
    points.
    """

    id: str
    amounts: Mapping[str, int]
    """The weight of one funded unit of each activity; an activity that is not named counts nothing."""
    least: int | None = None
    most: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class LinkRule:
    """An activity that is funded only with another one (`requires`), or only without it (`excludes`)."""

    id: str
    sense: Literal["requires", "excludes"]
    activity: str
    other: str
    reason: str = ""


Rule = MoneyRule | DonorRule | UnitsRule | SumRule | LinkRule


@dataclass(frozen=True)
class Fairness:
    """Leximin among plans of (nearly) equal value: the worst-off group gets the most, then the next worst.

    A group's level is the part of the money it asks for that reaches it, in whole percent.
    """

    groups: Mapping[str, Mapping[str, int]]
    """By group (a cluster or a region): the part of each activity's money that reaches it, basis points."""
    give_up: int = 0
    """How much of the value fairness may cost, in basis points."""


@dataclass(frozen=True)
class Problem:
    """A complete allocation problem: the same problem always has the same solution."""

    sources: tuple[Source, ...]
    candidates: tuple[Candidate, ...]
    rules: tuple[Rule, ...]
    by_value: bool = True
    """Whether points count; otherwise only the rules and the later tiers choose."""
    fairness: Fairness | None = None
    previous: Mapping[str, int] = field(default_factory=dict)
    """Units of the previous plan, from which as little money as possible should move; empty for none."""
