"""Bounds on the units of one activity."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from allocation.engine.constraints.constraint import Constraint, RuleConstraints
from allocation.engine.problem import Problem, Units
from allocation.engine.rules.relaxation import Relaxation, moved_side
from allocation.engine.rules.rule import (
    CommittedUnits,
    Elastic,
    ModelFacts,
    Rule,
    UnitBounds,
    check_known,
    outside,
    unit_costs,
)
from allocation.engine.rules.sums import elastic_sum


@dataclass(frozen=True)
class UnitsRule(Rule):
    """How many units of one activity a plan must (`least`) or may (`most`) fund."""

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

    def shortfall(self, problem: Problem, units: Units) -> int:
        """In units of the activity."""
        del problem
        return outside(units[self.activity], self.least, self.most)

    def loosened(self, problem: Problem, units: Units) -> UnitsRule:
        """Bounds that include the units."""
        del problem
        funded = units[self.activity]
        most = None if self.most is None else max(self.most, funded)
        return replace(self, least=min(self.least, funded), most=most)

    def price(self, problem: Problem) -> int:
        """The cost of a unit."""
        return max(1, unit_costs(problem)[self.activity])

    def elastic(self, problem: Problem) -> Elastic:
        """The units with slack at each bound."""
        return elastic_sum(self.id, {self.activity: 1}, self.least, self.most, problem)

    def relaxation(self, problem: Problem, units: Units) -> Relaxation:
        """Another bound."""
        new, cents = self.loosened(problem, units), self.shortfall(problem, units) * self.price(problem)
        return moved_side(self.id, "units", (new.least, self.least), (new.most, self.most), cents)

    def relaxed(self, relaxation: Relaxation) -> UnitsRule:
        """The rule with another bound."""
        if relaxation.bound < relaxation.was:
            return replace(self, least=relaxation.bound)
        return replace(self, most=relaxation.bound)

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> UnitsRule | None:
        """A demand on an activity that is wholly committed is met."""
        del kept
        return self if self.activity in opened else None
