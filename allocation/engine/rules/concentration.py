"""A limit on the money that reaches any one group, such as any one country.

One rule holds for every group that occurs. Shares are basis points of all money awarded, so everything counts
in cents times basis points, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from allocation.engine.constraints.constraint import Constraint, RuleConstraints, Variable, constraint
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
class ConcentrationRule(ShareOrAmountRule):
    """A ceiling on the money that reaches each of several groups.

    The bound is either `share`, basis points of all money awarded, or `cents`; it is the same for each group.
    """

    id: str
    groups: Mapping[str, Mapping[str, int]]
    """By group: the part of each activity's money that reaches it, in basis points."""
    share: int | None = None
    cents: int | None = None
    reason: str = ""

    def check(self, codes: Set[str]) -> None:
        """A share or an amount, and parts of a whole."""
        super().check(codes)
        for weights in self.groups.values():
            check_shares(f"Rule {self.id}", tuple(weights.values()))

    def constraints(self, facts: ModelFacts) -> RuleConstraints:
        """One constraint for each group, which names only its own activities.

        A share is that of the variable `awarded:RULE`, or each group would have a term for every activity.
        """
        bound = (self.cents or 0) * BASIS_POINTS
        share: tuple[tuple[str, int], ...] = ()
        stated: list[Constraint] = []
        variables: tuple[Variable, ...] = ()
        if self.share is not None:
            awarded = Variable(f"awarded:{self.id}", 0, facts.money)
            variables, share = (awarded,), ((awarded.name, -self.share),)
            terms = (*facts.costs.items(), (awarded.name, -1))
            stated.append(constraint(f"rule:{self.id}", self.id, "floors", terms, lower=0, upper=0))
        for group, weights in sorted(self.groups.items()):
            counted = tuple((code, weights.get(code, 0) * cost) for code, cost in facts.costs.items())
            id = f"rule:{self.id}:{group}"
            stated.append(constraint(id, self.id, "floors", (*counted, *share), upper=bound))
        return RuleConstraints(tuple(stated), variables)

    def measures(self, costs: Mapping[str, int]) -> Iterator[Measure]:
        """The room of each group."""
        for _, weights in sorted(self.groups.items()):
            yield Measure(self._room(weights, costs), (self.cents or 0) * BASIS_POINTS)

    def shortfall(self, problem: Problem, units: Units) -> int:
        """By how much the group with the most is above the limit, in USD cents, rounded up."""
        return max(self._excess(problem, units).values(), default=0)

    def binding(self, problem: Problem, before: Units, after: Units) -> Iterator[str]:
        """The rule with each group that is further above the limit."""
        old, new = self._excess(problem, before), self._excess(problem, after)
        for group, cents in new.items():
            if cents > old[group]:
                yield self._named(group)

    def reached(self, problem: Problem, units: Units, flows: Flows) -> Iterator[Reached]:
        """The groups that get the most: those for which the limit binds, if it does for any."""
        del flows
        total = sum(awards(problem, units).values())
        bound = self._limit(total) // BASIS_POINTS
        counted = self._counted(problem, units)
        most = max(counted.values(), default=0)
        share = most // total if total else 0
        most_of = [self._named(group) for group, parts in counted.items() if parts == most]
        for name in most_of if most else [self.id]:
            yield Reached(name, "ceiling", bound, most // BASIS_POINTS, share)

    def loosened(self, problem: Problem, units: Units) -> ConcentrationRule:
        """A limit rounded up, so that the group with the most keeps it to the last unit."""
        most = max(self._counted(problem, units).values())
        whole = BASIS_POINTS if self.share is None else sum(awards(problem, units).values())
        return self._at(-(-most // whole))

    @property
    def share_sense(self) -> Sense | None:
        """A ceiling, if it is on a share."""
        return None if self.share is None else "ceiling"

    def at_share(self, share: int) -> ConcentrationRule:
        """The rule on another share."""
        return replace(self, share=share)

    def elastic(self, problem: Problem) -> Elastic:
        """A sum for each group, all with the same slack: the limit moves for all of them together."""
        costs = {each.code: each.unit_cents for each in problem.candidates}
        bound = (self.cents or 0) * BASIS_POINTS
        missed = slack(self.id, "missed", sum(source.cents for source in problem.sources))
        sums = tuple(
            SumRule(
                self._named(group), {**self._room(weights, costs), missed.code: BASIS_POINTS}, least=-bound
            )
            for group, weights in sorted(self.groups.items())
        )
        return Elastic(sums, (missed,))

    def relaxation(self, problem: Problem, units: Units) -> Relaxation:
        """Another share or amount."""
        return self._relaxation(self.loosened(problem, units)._bound, self.shortfall(problem, units))

    def committed(self, kept: Mapping[str, CommittedUnits], opened: Set[str]) -> ConcentrationRule:
        """Committed work counts as its activity does."""
        return replace(
            self,
            groups={
                group: weights_with_committed(weights, kept, opened) for group, weights in self.groups.items()
            },
        )

    def counting(self, code: str, substitutes: Set[str]) -> ConcentrationRule:
        """The parts of the activity are also those of its substitutes."""
        counted = {
            group: dict.fromkeys(substitutes, weights[code]) if code in weights else {}
            for group, weights in self.groups.items()
        }
        return replace(self, groups={group: {**self.groups[group], **counted[group]} for group in counted})

    def _named(self, group: str) -> str:
        return f"{self.id} ({group})"

    def _room(self, weights: Mapping[str, int], costs: Mapping[str, int]) -> dict[str, int]:
        """What a unit of each activity adds to the room of a group below the limit, without the amount."""
        return {code: ((self.share or 0) - weights.get(code, 0)) * cost for code, cost in costs.items()}

    def _counted(self, problem: Problem, units: Units) -> dict[str, int]:
        """What reaches each group, in cents times basis points, by name."""
        given = awards(problem, units)
        return {
            group: sum(weights.get(code, 0) * cents for code, cents in given.items())
            for group, weights in sorted(self.groups.items())
        }

    def _excess(self, problem: Problem, units: Units) -> dict[str, int]:
        """By how many cents each group is above the limit, rounded up."""
        bound = self._limit(sum(awards(problem, units).values()))
        return {
            group: -(-max(0, parts - bound) // BASIS_POINTS)
            for group, parts in self._counted(problem, units).items()
        }
