"""The question put to the optimiser: money with its earmarks, what could be done with it, and the rules.

Everything is an integer: money in USD cents, shares in basis points (1/10,000), scores in points. A
`Problem` knows neither the books nor a solver; it is built by `allocation.scenario.problem_builder` and
answered by `allocation.engine.solve`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

BASIS_POINTS = 10_000
LARGEST_SUM = 2**53
"""What any sum in a problem may come to, so that 64-bit integers and doubles both hold it exactly."""

Sense = Literal["floor", "ceiling"]


@dataclass(frozen=True)
class Source:
    """Money of one agreement that may be allocated."""

    agreement: str
    cents: int
    """What may be allocated, in USD cents."""
    eligible: frozenset[str]
    """Codes of the activities that the agreement's earmark allows, and that take place late enough for it."""
    arrives: str = ""
    """The fiscal year in which it is expected, such as `2023`; empty for money that is there."""
    kept_for: str = ""
    """In a revised plan: the activity for which it is used or committed, so that it stays there."""

    @property
    def id(self) -> str:
        """What flows name: the agreement, and what sets apart money that is not free or still to arrive."""
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
    """Cost of one unit to the fund, in USD cents: what is covered in kind is taken off already."""
    units: int
    """How many units are wanted; fewer may be funded, never a part of one."""
    score: int
    """Points that one funded unit adds to the plan's value."""
    least: int = 1
    """The fewest units worth funding: none, or at least so many."""


@dataclass(frozen=True)
class MoneyRule:
    """A floor or a ceiling on the money that reaches a group of activities or beneficiaries.

    `weights` tells which part of each activity's money counts, in basis points; an activity that is not
    named counts nothing. The bound is either `share`, basis points of all money awarded, or `cents`.
    """

    id: str
    sense: Sense
    weights: Mapping[str, int]
    share: int | None = None
    cents: int | None = None
    reason: str = ""
    """Where the rule comes from, in words a planner reads."""
    soft: bool = False
    """A soft rule may be missed; by as few cents as can be, before anything else is asked of the plan."""


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
    """What the funded units may (`most`) or must (`least`) add up to, each counted with its own amount.

    For what is not money: person-days of the coordination team, events a year; or, in a question around a
    plan, points.
    """

    id: str
    amounts: Mapping[str, int]
    """What one funded unit of each activity counts; an activity that is not named counts nothing."""
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
    """Among plans that are worth (nearly) as much: the worst-off group gets the most, then the next worst.

    What a group gets is the part, in whole percent, of the money it asks for that reaches it.
    """

    groups: Mapping[str, Mapping[str, int]]
    """By group (a cluster or a region): the part of each activity's money that is its own, basis points."""
    give_up: int = 0
    """How much of the value a fairer plan may cost, in basis points."""


@dataclass(frozen=True)
class Problem:
    """One scenario's question, complete: the same problem always gets the same answer."""

    sources: tuple[Source, ...]
    candidates: tuple[Candidate, ...]
    rules: tuple[Rule, ...]
    by_value: bool = True
    """Whether points count; otherwise only the rules and the later tiers choose."""
    fairness: Fairness | None = None
    previous: Mapping[str, int] = field(default_factory=dict)
    """Units of the plan before this one, from which as little money as can be should move; empty for none."""
