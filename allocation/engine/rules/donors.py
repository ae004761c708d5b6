"""Floors and ceilings on what a group of donors pays, in cents.

The limit on a share is a variable, `limit:RULE`, because it grows with the plan. It is a whole number of
cents, like the payments that it bounds, so that several such rules in one payment cut stay exact. Whether the
payments can keep it is a question for `allocation.engine.payment_cuts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allocation.engine.constraints.constraint import RuleConstraints, Variable, constraint
from allocation.engine.problem import BASIS_POINTS, Flows, Problem, Sense, Units
from allocation.engine.rules.bounded import ShareOrAmountRule
from allocation.engine.rules.relaxation import Relaxation
from allocation.engine.rules.rule import DonorLimit, Elastic, ModelFacts, Reached, awards


@dataclass(frozen=True)
class DonorRule(ShareOrAmountRule):
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

    def donor_limit(self) -> DonorLimit:
        """The rule itself."""
        return DonorLimit(self.id, self.sense, self.agreements, self.share, self.cents)

    def constraints(self, facts: ModelFacts) -> RuleConstraints:
        """One constraint that ties the limit to the money awarded; none for a fixed amount."""
        if self.share is None:
            return RuleConstraints(())
        limit = Variable(f"limit:{self.id}", 0, facts.money)
        awarded = tuple((code, -self.share * cost) for code, cost in facts.costs.items())
        terms = ((limit.name, BASIS_POINTS), *awarded)
        id = f"rule:{self.id}"
        if self.sense == "floor":
            return RuleConstraints((constraint(id, self.id, "floors", terms, lower=0),), (limit,))
        return RuleConstraints((constraint(id, self.id, "floors", terms, upper=0),), (limit,))

    def shortfall(self, problem: Problem, units: Units) -> int:
        """Units alone do not tell."""
        del problem, units
        return 0

    def reached(self, problem: Problem, units: Units, flows: Flows) -> Iterator[Reached]:
        """What the group pays."""
        payers = {each.id for each in problem.sources if each.agreement in self.agreements}
        paid = sum(cents for (payer, _), cents in flows.items() if payer in payers)
        total = sum(awards(problem, units).values())
        bound = self._limit(total) // BASIS_POINTS
        yield Reached(self.id, self.sense, bound, paid, paid * BASIS_POINTS // total if total else 0)

    def elastic(self, problem: Problem) -> Elastic:
        """It has no slack: units alone do not tell which donor pays."""
        raise AssertionError(f"{self.id} is a donor rule")

    def relaxation(self, problem: Problem, units: Units) -> Relaxation:
        """It is left out and tightened again instead (`allocation.analysis.repair`)."""
        raise AssertionError(f"{self.id} is a donor rule")
