"""The question put to the optimiser: money with its earmarks, what could be done with it, and the rules.

Everything is an integer: money in USD cents, shares in basis points (1/10,000), scores in points. A
`Problem` knows neither the books nor a solver; it is built by `allocation.plans` and answered by
`allocation.solve`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

BASIS_POINTS = 10_000


@dataclass(frozen=True)
class Source:
    """Money of one agreement that may be allocated."""

    agreement: str
    cents: int
    """What may be allocated, in USD cents."""
    eligible: frozenset[str]
    """Codes of the activities that the agreement's earmark allows."""


@dataclass(frozen=True)
class Candidate:
    """An activity that could be funded, in whole units."""

    code: str
    unit_cents: int
    """Cost of one unit, in USD cents."""
    units: int
    """How many units are wanted; fewer may be funded, never a part of one."""
    score: int
    """Points that one funded unit adds to the plan's value."""


@dataclass(frozen=True)
class MoneyRule:
    """A floor or a ceiling on the money that reaches a group of activities or beneficiaries.

    `weights` tells which part of each activity's money counts, in basis points; an activity that is not
    named counts nothing. The bound is either `share`, basis points of all money awarded, or `cents`.
    """

    id: str
    sense: Literal["floor", "ceiling"]
    weights: Mapping[str, int]
    share: int | None = None
    cents: int | None = None
    reason: str = ""
    """Where the rule comes from, in words a planner reads."""


@dataclass(frozen=True)
class UnitsRule:
    """How many units of one activity a plan must (`least`) or may (`most`) fund."""

    id: str
    activity: str
    least: int = 0
    most: int | None = None
    reason: str = ""


Rule = MoneyRule | UnitsRule


@dataclass(frozen=True)
class Problem:
    """One scenario's question, complete: the same problem always gets the same answer."""

    sources: tuple[Source, ...]
    candidates: tuple[Candidate, ...]
    rules: tuple[Rule, ...]
