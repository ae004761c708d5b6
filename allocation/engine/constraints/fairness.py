"""Constraints of the fairness tier: the part of what a group asks for that reaches it, in whole percent.

Leximin needs to state that *at least so many groups are above a level*, whichever they are: each group has a
0-1 variable that is 1 only if the group is `above` (Ogryczak's ordered outcomes, for whole percents).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from allocation.engine.constraints.constraint import Constraint, Terms, constraint
from allocation.engine.problem import Candidate, Fairness


@dataclass(frozen=True)
class Group:
    """A group that asks for money. Amounts are in cents times basis points."""

    name: str
    terms: Terms
    """What one unit of each activity brings to the group."""
    asked: int

    def above(self, stage: int) -> str:
        """The name of the 0-1 variable: whether the group is above the level settled at this stage."""
        return f"above {stage}:{self.name}"

    def percent(self, units: Mapping[str, int]) -> int:
        """The part of what it asks for that reaches it, in whole percent, rounded down."""
        return 100 * sum(amount * units[code] for code, amount in self.terms) // self.asked


def groups(fairness: Fairness, candidates: Sequence[Candidate]) -> tuple[Group, ...]:
    """All groups that ask for money, by name."""
    found = []
    for name, weights in sorted(fairness.groups.items()):
        terms = tuple((c.code, weights.get(c.code, 0) * c.unit_cents) for c in candidates)
        asked = sum(weights.get(c.code, 0) * c.unit_cents * c.units for c in candidates)
        if asked:
            found.append(Group(name, terms, asked))
    return tuple(found)


def level_constraint(group: Group, stage: int, percent: int) -> Constraint:
    """The group reaches this level; from the second stage on, only if it is `above`.

    Counted in the smallest amount that the group can get, so that rounding of the need tightens it.
    """
    smallest = gcd(*(amount for _, amount in group.terms)) or 1
    need = -(-percent * group.asked // (100 * smallest))
    terms = tuple((code, amount // smallest) for code, amount in group.terms)
    id = f"level {stage} at {percent}:{group.name}"
    if not stage:
        return constraint(id, "fairness", "fairness", terms, lower=need)
    return constraint(id, "fairness", "fairness", (*terms, (group.above(stage), -need)), lower=0)


def above_count_constraint(groups: Sequence[Group], stage: int, least: int) -> Constraint:
    """At least `least` groups are above the level."""
    terms = tuple((group.above(stage), 1) for group in groups)
    return constraint(f"above {stage}", "fairness", "fairness", terms, lower=least)
