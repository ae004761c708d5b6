"""The allocation problem: money with its earmarks, activities that could be funded, and rules.

Everything is an integer: money in USD cents, shares in basis points (1/10,000), scores in points. A
`Problem` knows neither the books nor a solver; it is built by `allocation.scenario.problem_builder` and
solved by `allocation.engine.solve`. The names of its parts and fields are in the hash of a problem, so that
renaming one changes the hashes of plans. The rules are in `allocation.engine.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from allocation.engine.rules.rule import Rule

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


def canonical(part: DataclassInstance, **shorter: Any) -> list[Any]:
    """A part of a problem as JSON for its hash: the name of its class, and its fields or `shorter` ones.

    Its reason, which changes no solution, is left out.
    """
    names = [each.name for each in fields(part) if each.name not in ("reason", *shorter)]
    return [type(part).__name__, {name: plain(getattr(part, name)) for name in names} | shorter]


def plain(value: Any) -> Any:
    """A value as JSON, with sets in order."""
    if isinstance(value, Mapping):
        return {name: plain(of) for name, of in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
