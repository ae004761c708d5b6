"""Floors and ceilings on the money that reaches a group.

Shares are basis points of all money awarded, so everything counts in cents times basis points, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from allocation.engine.constraints.constraint import RuleConstraints, Variable, constraint
from allocation.engine.problem import BASIS_POINTS, Flows, Problem, Sense, Units
from allocation.engine.rules.bounded import ShareOrAmountRule
from allocation.engine.rules.relaxation import Relaxation
from allocation.engine.rules.rule import (
    CommittedUnits,
    Elastic,
    Measure,
    ModelFacts,
    Reached,
    awards,
    check_shares,
    slack,
    weights_with_committed,
)
from allocation.engine.rules.sums import SumRule


@dataclass(frozen=True)
class MoneyRule(ShareOrAmountRule):
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
    soft: bool = False

    @property
    def _sign(self) -> int:
        return 1 if self.sense == "floor" else -1

    def check(self, codes: Set[str]) -> None:
        """A share or an amount, and weights that are parts of a whole."""
        super().check(codes)
        check_shares(f"Rule {self.id}", tuple(self.weights.values()))

    def constraints(self, facts: ModelFacts) -> RuleConstraints:
        """One constraint.

        A soft rule has a slack variable `missed:RULE`: the smallest whole number of cents that would make up
        for the shortfall; for a share too, where a part of a cent counts as a cent. No rule can be missed by
        more than all the money or its own amount.
        """
        terms = tuple(self._over(facts.costs).items())
        missed: tuple[Variable, ...] = ()
        if self.soft:
            missed = (Variable(f"missed:{self.id}", 0, max(facts.money, self.cents or 0)),)
            terms += ((missed[0].name, BASIS_POINTS),)
        lower = self._sign * (self.cents or 0) * BASIS_POINTS
        stated = constraint(f"rule:{self.id}", self.id, "floors", terms, lower=lower, soft=self.soft)
        return RuleConstraints((stated,), missed)

    def hard(self) -> MoneyRule:
        """The same rule, not soft."""
        return replace(self, soft=False)

    def measures(self, costs: Mapping[str, int]) -> Iterator[Measure]:
        """What counts above a floor or below a ceiling."""
        yield Measure(self._over(costs), -self._sign * (self.cents or 0) * BASIS_POINTS)

    def shortfall(self, problem: Problem, units: Units) -> int:
        """In USD cents, rounded up."""
        counted, total = self._counted(problem, units)
        return -(-max(0, self._sign * (self._limit(total) - counted)) // BASIS_POINTS)

    def reached(self, problem: Problem, units: Units, flows: Flows) -> Iterator[Reached]:
        """The money that counts."""
        del flows
        counted, total = self._counted(problem, units)
        bound = self._limit(total) // BASIS_POINTS
        share = counted // total if total else 0
        yield Reached(self.id, self.sense, bound, counted // BASIS_POINTS, share)

    def loosened(self, problem: Problem, units: Units) -> MoneyRule:
        """A floor rounded down and a ceiling rounded up, so that the units keep it to the last unit."""
        counted, total = self._counted(problem, units)
        whole = BASIS_POINTS if self.share is None else total
        return self._at(counted // whole if self.sense == "floor" else -(-counted // whole))

    @property
    def share_sense(self) -> Sense | None:
        """Its sense, if it is on a share."""
        return None if self.share is None else self.sense

    def at_share(self, share: int) -> MoneyRule:
        """A hard rule on another share."""
        return replace(self, share=share, soft=False)

    def elastic(self, problem: Problem) -> Elastic:
        """A sum with the cents that it is missed by."""
        share, bound = self.share or 0, self.cents or 0
        amounts = {c.code: (self.weights.get(c.code, 0) - share) * c.unit_cents for c in problem.candidates}
        missed = slack(self.id, "missed", sum(source.cents for source in problem.sources) + bound)
        if self.sense == "floor":
            sum_ = SumRule(self.id, {**amounts, missed.code: BASIS_POINTS}, least=bound * BASIS_POINTS)
        else:
            sum_ = SumRule(self.id, {**amounts, missed.code: -BASIS_POINTS}, most=bound * BASIS_POINTS)
        return Elastic((sum_,), (missed,))

    def relaxation(self, problem: Problem, units: Units) -> Relaxation:
        """Another share or amount."""
        return self._relaxation(self.loosened(problem, units)._bound, self.shortfall(problem, units))

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> MoneyRule:
        """Committed work counts as its activity does."""
        return replace(self, weights=weights_with_committed(self.weights, kept, opened))

    def counting(self, code: str, substitutes: Set[str]) -> MoneyRule:
        """The weight of the activity is also that of its substitutes."""
        if code not in self.weights:
            return self
        return replace(self, weights={**self.weights, **dict.fromkeys(substitutes, self.weights[code])})

    def money_counted(self, costs: Mapping[str, int]) -> Mapping[str, int]:
        """The weighted cost of a unit."""
        return {code: cost * self.weights.get(code, 0) for code, cost in costs.items()}

    def _over(self, costs: Mapping[str, int]) -> dict[str, int]:
        """What a unit of each activity adds above a floor or takes below a ceiling, without the amount."""
        share = self.share or 0
        return {code: self._sign * (self.weights.get(code, 0) - share) * cost for code, cost in costs.items()}

    def _counted(self, problem: Problem, units: Units) -> tuple[int, int]:
        """What counts, in cents times basis points, and all that is awarded, in cents."""
        given = awards(problem, units)
        return sum(self.weights.get(code, 0) * cents for code, cents in given.items()), sum(given.values())
