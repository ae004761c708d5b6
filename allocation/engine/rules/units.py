"""Bounds on the units of one activity."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import ClassVar

from allocation.engine.constraints.constraint import Constraint, RuleConstraints
from allocation.engine.problem import Problem, Units
from allocation.engine.rules.bounded import LeastMostRule
from allocation.engine.rules.relaxation import RelaxationKind
from allocation.engine.rules.rule import (
    CommittedUnits,
    Elastic,
    ModelFacts,
    UnitBounds,
    check_known,
    unit_costs,
)
from allocation.engine.rules.sums import elastic_sum


@dataclass(frozen=True)
class UnitsRule(LeastMostRule):
    """How many units of one activity a plan must (`least`) or may (`most`) fund."""

    kind: ClassVar[RelaxationKind] = "units"

    id: str
    activity: str
    least: int = 0
    most: int | None = None
    reason: str = ""

    def check(self, codes: Set[str]) -> None:
        """The activity is a candidate."""
        check_known(self.id, [self.activity], codes)

    def constraints(self, facts: ModelFacts) -> RuleConstraints:
        """One constraint on one variable."""
        del facts
        terms = ((self.activity, 1),)
        stated = Constraint(f"rule:{self.id}", self.id, "floors", terms, self.least, self.most)
        return RuleConstraints((stated,))

    @property
    def unit_bounds(self) -> Mapping[str, UnitBounds]:
        """The rule itself."""
        return {self.activity: UnitBounds(self.least, self.most)}

    def price(self, problem: Problem) -> int:
        """The cost of a unit."""
        return max(1, unit_costs(problem)[self.activity])

    def elastic(self, problem: Problem) -> Elastic:
        """The units with slack at each bound."""
        return elastic_sum(self.id, {self.activity: 1}, self.least, self.most, problem)

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> UnitsRule | None:
        """A demand on an activity that is wholly committed is met."""
        del kept
        return self if self.activity in opened else None

    def _figure(self, units: Units) -> int:
        return units[self.activity]
