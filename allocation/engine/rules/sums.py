"""Bounds on a weighted sum of units, counted in anything but money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from allocation.engine.constraints.constraint import RuleConstraints, constraint
from allocation.engine.problem import Flows, Problem, Units
from allocation.engine.rules.relaxation import Relaxation, moved_side
from allocation.engine.rules.rule import (
    CommittedUnits,
    Elastic,
    Measure,
    ModelFacts,
    Reached,
    Rule,
    outside,
    slack,
    unit_costs,
    weights_with_committed,
)


@dataclass(frozen=True)
class SumRule(Rule):
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

    def constraints(self, facts: ModelFacts) -> RuleConstraints:
        """One constraint; amounts of activities that are not candidates are ignored."""
        terms = tuple((code, self.amounts.get(code, 0)) for code in facts.costs)
        stated = constraint(f"rule:{self.id}", self.id, "floors", terms, lower=self.least, upper=self.most)
        return RuleConstraints((stated,))

    def measures(self, costs: Mapping[str, int]) -> Iterator[Measure]:
        """One for each bound."""
        del costs
        if self.least is not None:
            yield Measure(self.amounts, -self.least)
        if self.most is not None:
            yield Measure({code: -amount for code, amount in self.amounts.items()}, self.most)

    def shortfall(self, problem: Problem, units: Units) -> int:
        """In its own amounts."""
        del problem
        return outside(self._total(units), self.least, self.most)

    def reached(self, problem: Problem, units: Units, flows: Flows) -> Iterator[Reached]:
        """The sum: a minimum is a floor, a maximum a ceiling."""
        del problem, flows
        if self.least is not None:
            yield Reached(self.id, "floor", self.least, self._total(units))
        if self.most is not None:
            yield Reached(self.id, "ceiling", self.most, self._total(units))

    def loosened(self, problem: Problem, units: Units) -> SumRule:
        """Bounds that include the sum."""
        del problem
        total = self._total(units)
        least = None if self.least is None else min(self.least, total)
        return replace(self, least=least, most=None if self.most is None else max(self.most, total))

    def price(self, problem: Problem) -> int:
        """Missing one of its amounts costs as much as the dearest activity that has it."""
        costs = unit_costs(problem)
        dear = (max(1, -(-costs[code] // abs(amount))) for code, amount in self.amounts.items() if amount)
        return max(dear, default=1)

    def elastic(self, problem: Problem) -> Elastic:
        """The sum with slack at each bound."""
        return elastic_sum(self.id, self.amounts, self.least, self.most, problem)

    def relaxation(self, problem: Problem, units: Units) -> Relaxation:
        """Another bound."""
        new, cents = self.loosened(problem, units), self.shortfall(problem, units) * self.price(problem)
        return moved_side(self.id, "amount", (new.least, self.least), (new.most, self.most), cents)

    def relaxed(self, relaxation: Relaxation) -> SumRule:
        """The rule with another bound."""
        if relaxation.bound < relaxation.was:
            return replace(self, least=relaxation.bound)
        return replace(self, most=relaxation.bound)

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> SumRule:
        """Committed work counts all the units that it consists of."""
        amounts = weights_with_committed(self.amounts, kept, opened, of_a_unit=True)
        return replace(self, amounts=amounts)

    def _total(self, units: Units) -> int:
        return sum(amount * units.get(code, 0) for code, amount in self.amounts.items())


def elastic_sum(
    id: str, amounts: Mapping[str, int], least: int | None, most: int | None, problem: Problem
) -> Elastic:
    """A weighted sum of units between two bounds, with slack at each."""
    reach = sum(abs(amounts.get(c.code, 0)) * c.units for c in problem.candidates)
    below = () if least is None else (slack(id, "below", max(0, least) + reach),)
    above = () if most is None else (slack(id, "above", max(0, -most) + reach),)
    signed = {**{each.code: 1 for each in below}, **{each.code: -1 for each in above}}
    return Elastic((SumRule(id, {**amounts, **signed}, least, most),), (*below, *above))
