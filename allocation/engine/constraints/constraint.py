"""The linear constraint and the integer variable: what every rule becomes before a solver sees it.

Every constraint is divided by its greatest common divisor, which rounds its bounds to amounts that can
really be spent: this is what makes proofs of optimality fast. No constraint is enforced conditionally,
because OR-Tools adds the coefficients of such constraints in 32 bits (google/or-tools #5293) and then calls
wrong results optimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Literal

TierName = Literal["legal", "floors", "value", "fairness", "stability", "tie-break"]
Terms = tuple[tuple[str, int], ...]
"""Variable names with their coefficients."""


@dataclass(frozen=True)
class Variable:
    """An integer variable: the units of an activity, named by its code, or an auxiliary variable.

    Auxiliary are `funded:CODE` (0 or 1), `missed:RULE` (cents), `limit:RULE` (cents), and those of a tier.
    """

    name: str
    lower: int
    upper: int


@dataclass(frozen=True)
class Constraint:
    """A linear constraint: `lower <= sum(coefficient * variable) <= upper`; None is no bound."""

    id: str
    rule: str
    """The id of its rule; `money` for a payment cut; or the name of its tier."""
    tier: TierName
    coefficients: Terms
    lower: int | None
    upper: int | None
    soft: bool = False
    """Whether it has a slack variable, so that it may be missed at a price."""

    @property
    def impossible(self) -> bool:
        """Whether the bounds contradict each other."""
        return self.lower is not None and self.upper is not None and self.lower > self.upper

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether these values satisfy the constraint, in exact integers."""
        total = weigh(self.coefficients, values)
        return (self.lower is None or total >= self.lower) and (self.upper is None or total <= self.upper)


@dataclass(frozen=True)
class RuleConstraints:
    """The constraints of a rule, and their auxiliary variables."""

    constraints: tuple[Constraint, ...]
    variables: tuple[Variable, ...] = ()


def weigh(terms: Terms, values: Mapping[str, int]) -> int:
    """The sum of coefficient times value."""
    return sum(coefficient * values[name] for name, coefficient in terms)


def constraint(
    id: str,
    rule: str,
    tier: TierName,
    terms: Terms,
    *,
    lower: int | None = None,
    upper: int | None = None,
    soft: bool = False,
) -> Constraint:
    """A constraint in lowest terms: bounds are rounded to the nearest sums that integers can reach."""
    terms = tuple(term for term in terms if term[1])
    divisor = gcd(*(coefficient for _, coefficient in terms)) or 1
    return Constraint(
        id,
        rule,
        tier,
        tuple((name, coefficient // divisor) for name, coefficient in terms),
        None if lower is None else -(-lower // divisor),
        None if upper is None else upper // divisor,
        soft,
    )
