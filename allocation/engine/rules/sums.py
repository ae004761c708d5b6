"""Bounds on a weighted sum of units, counted in anything but money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import ClassVar

from allocation.engine.constraints.constraint import RuleConstraints, constraint
from allocation.engine.problem import Flows, Problem, Units
from allocation.engine.rules.bounded import LeastMostRule
from allocation.engine.rules.relaxation import RelaxationKind
from allocation.engine.rules.rule import (
    CommittedUnits,
    Elastic,
    Measure,
    ModelFacts,
    Reached,
    slack,
    unit_costs,
    weights_with_committed,
)


@dataclass(frozen=True)
class SumRule(LeastMostRule):
    """A lower (`least`) or upper (`most`) bound on a weighted sum of units.

    For what is not money: person-days of the coordination team, events a year; or, in an analysis of a plan,
    points.
    """

    kind: ClassVar[RelaxationKind] = "amount"

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

    def reached(self, problem: Problem, units: Units, flows: Flows) -> Iterator[Reached]:
        """The sum: a minimum is a floor, a maximum a ceiling."""
        del problem, flows
        if self.least is not None:
            yield Reached(self.id, "floor", self.least, self._figure(units))
        if self.most is not None:
            yield Reached(self.id, "ceiling", self.most, self._figure(units))

    def price(self, problem: Problem) -> int:
        """Missing one of its amounts costs as much as the dearest activity that has it."""
        costs = unit_costs(problem)
        dear = (max(1, -(-costs[code] // abs(amount))) for code, amount in self.amounts.items() if amount)
        return max(dear, default=1)

    def elastic(self, problem: Problem) -> Elastic:
        """The sum with slack at each bound."""
        return elastic_sum(self.id, self.amounts, self.least, self.most, problem)

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> SumRule:
        """Committed work counts all the units that it consists of."""
        amounts = weights_with_committed(self.amounts, kept, opened, of_a_unit=True)
        return replace(self, amounts=amounts)

    def _figure(self, units: Units) -> int:
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
