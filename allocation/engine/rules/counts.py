"""How many activities of a group are funded, however many units each of them gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import ClassVar

from allocation.engine.constraints.constraint import RuleConstraints, constraint
from allocation.engine.problem import Flows, Problem, Units
from allocation.engine.rules.bounded import LeastMostRule
from allocation.engine.rules.relaxation import RelaxationKind
from allocation.engine.rules.rule import CommittedUnits, Elastic, ModelFacts, Reached, outside, slack
from allocation.engine.rules.sums import SumRule
from ledger import BadInput


@dataclass(frozen=True)
class ActivityCountRule(LeastMostRule):
    """At least (`least`) or at most (`most`) so many activities of a group are funded."""

    kind: ClassVar[RelaxationKind] = "activities"

    id: str
    activities: frozenset[str]
    """The group; what is not a candidate counts nothing."""
    least: int | None = None
    most: int | None = None
    reason: str = ""

    def check(self, codes: Set[str]) -> None:
        """Bounds that leave some number."""
        del codes
        if not 0 <= (self.least or 0) <= (self.most if self.most is not None else self.least or 0):
            raise BadInput(
                "rule-bounds-leave-nothing",
                "Rule {id} leaves no number of activities between its bounds; correct them.",
                id=self.id,
            )

    @property
    def flags(self) -> frozenset[str]:
        """The group."""
        return self.activities

    def constraints(self, facts: ModelFacts) -> RuleConstraints:
        """One constraint on 0-1 variables."""
        terms = tuple((name, 1) for code, name in facts.funded.items() if code in self.activities)
        stated = constraint(f"rule:{self.id}", self.id, "floors", terms, lower=self.least, upper=self.most)
        return RuleConstraints((stated,))

    def breaks(self, units: Units) -> bool:
        """Whether too few or too many are funded."""
        return outside(self._figure(units), self.least, self.most) > 0

    def lacking(self, units: Units) -> frozenset[str]:
        """While too few are funded: those that are not."""
        if self._figure(units) >= (self.least or 0):
            return frozenset()
        return frozenset(code for code in self.activities if not units.get(code))

    def reached(self, problem: Problem, units: Units, flows: Flows) -> Iterator[Reached]:
        """The number of activities: a minimum is a floor, a maximum a ceiling."""
        del problem, flows
        if self.least is not None:
            yield Reached(self.id, "floor", self.least, self._figure(units))
        if self.most is not None:
            yield Reached(self.id, "ceiling", self.most, self._figure(units))

    def price(self, problem: Problem) -> int:
        """One activity more or less costs as much as the least of the dearest."""
        dear = (each.unit_cents * each.least for each in problem.candidates if each.code in self.activities)
        return max(1, max(dear, default=0))

    def elastic(self, problem: Problem) -> Elastic:
        """A sum of 0-1 counters with slack; a counter says whether its activity is funded.

        It need not be 1 where few are wanted, nor 0 where many are: the rule then gains nothing by it.
        """
        group = [each for each in problem.candidates if each.code in self.activities]
        counters = {each.code: slack(self.id, f"{each.code} funded", 1) for each in group}
        below = () if self.least is None else (slack(self.id, "below", self.least),)
        above = () if self.most is None else (slack(self.id, "above", len(group)),)
        amounts = {each.code: 1 for each in (*counters.values(), *below)} | {each.code: -1 for each in above}
        sums = [SumRule(self.id, amounts, self.least, self.most)]
        for each in group:
            counter = counters[each.code].code
            if self.least is not None:
                sums.append(SumRule(f"{counter} truly", {each.code: 1, counter: -1}, least=0))
            if self.most is not None:
                sums.append(SumRule(counter, {each.code: 1, counter: -each.units}, most=0))
        return Elastic(tuple(sums), (*below, *above), tuple(counters.values()))

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> ActivityCountRule:
        """An activity with committed work is funded, whether or not it gets more units."""
        group = {kept[code].code if code in kept else code for code in self.activities}
        return replace(self, activities=frozenset(group & (opened | {each.code for each in kept.values()})))

    def _figure(self, units: Units) -> int:
        return sum(units.get(code, 0) > 0 for code in self.activities)
