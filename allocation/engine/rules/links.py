"""Links: an activity is funded only with, or only without, another one."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Literal

from allocation.engine.constraints.constraint import RuleConstraints, constraint
from allocation.engine.problem import Problem, Units
from allocation.engine.rules.relaxation import Relaxation
from allocation.engine.rules.rule import CommittedUnits, Elastic, ModelFacts, Rule, check_known, slack
from allocation.engine.rules.sums import SumRule
from ledger import BadInput


@dataclass(frozen=True)
class LinkRule(Rule):
    """An activity that is funded only with another one (`requires`), or only without it (`excludes`)."""

    id: str
    sense: Literal["requires", "excludes"]
    activity: str
    other: str
    reason: str = ""

    def check(self, codes: Set[str]) -> None:
        """Two activities that are candidates."""
        check_known(self.id, [self.activity, self.other], codes)
        if self.activity == self.other:
            raise BadInput(
                "rule-links-activity-itself",
                "Rule {id} links activity {activity} with itself; name another.",
                id=self.id,
                activity=self.activity,
            )

    @property
    def flags(self) -> frozenset[str]:
        """Both activities."""
        return frozenset({self.activity, self.other})

    def constraints(self, facts: ModelFacts) -> RuleConstraints:
        """One constraint on two 0-1 variables."""
        this, other = facts.funded[self.activity], facts.funded[self.other]
        id = f"rule:{self.id}"
        if self.sense == "requires":
            return RuleConstraints((constraint(id, self.id, "floors", ((other, 1), (this, -1)), lower=0),))
        return RuleConstraints((constraint(id, self.id, "floors", ((this, 1), (other, 1)), upper=1),))

    def breaks(self, units: Units) -> bool:
        """Whether the activity is funded without the one it requires, or with the one it excludes."""
        other = units[self.other] > 0
        return units[self.activity] > 0 and (not other if self.sense == "requires" else other)

    def shortfall(self, problem: Problem, units: Units) -> int:
        """1 if broken."""
        del problem
        return int(self.breaks(units))

    def price(self, problem: Problem) -> int:
        """The cost of what it leaves out, or the less dear of what it lets in together."""
        least = {each.code: each.unit_cents * each.least for each in problem.candidates}
        if self.sense == "requires":
            return max(1, least[self.other])
        return max(1, min(least[self.activity], least[self.other]))

    def elastic(self, problem: Problem) -> Elastic:
        """A link with slack; a 0-1 counter for each activity is 1 as soon as it has a unit."""
        units = {candidate.code: candidate.units for candidate in problem.candidates}
        broken = slack(self.id, "broken", 1)
        if self.sense == "requires":
            funded = {self.activity: slack(self.id, "funded", 1)}
            amounts, most = {funded[self.activity].code: 1, self.other: -1, broken.code: -1}, 0
        else:
            funded = {code: slack(self.id, f"{code} funded", 1) for code in (self.activity, self.other)}
            amounts, most = {**{each.code: 1 for each in funded.values()}, broken.code: -1}, 1
        counted = (
            SumRule(each.code, {code: 1, each.code: -units[code]}, most=0) for code, each in funded.items()
        )
        return Elastic((SumRule(self.id, amounts, most=most), *counted), (broken,), tuple(funded.values()))

    def relaxation(self, problem: Problem, units: Units) -> Relaxation:
        """A link has no bound: it is dropped."""
        return Relaxation(self.id, "link", 0, 1, self.shortfall(problem, units) * self.price(problem))

    def relaxed(self, relaxation: Relaxation) -> None:
        """Nothing is left of it."""
        del relaxation

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> LinkRule | None:
        """A link from committed work applies to that."""
        if self.activity in kept:
            return replace(self, activity=kept[self.activity].code)
        return self if self.activity in opened else None
