"""A greedy plan, to be followed by hand: most points per dollar first, as money and rules allow.

It proves nothing, but no optimal plan may be worth less, and it is the fallback when a solver hits its
limit. Plain Python; whether an activity can be paid is found by augmenting paths between fund groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from allocation.engine.problem import Candidate, Problem
from allocation.engine.rules.rule import Rule, UnitBounds


def greedy(problem: Problem) -> dict[str, int] | None:
    """Units of every candidate by code, keeping all hard rules; None if the greedy order finds no such plan.

    Returns None if there are donor rules. Soft rules are pursued, and may be missed.
    """
    if any(rule.bounds_donors for rule in problem.rules):
        return None
    plan = _Plan(problem)
    for candidate in plan.ranked:
        if plan.least(candidate) and not plan.fund(candidate, plan.least(candidate)):
            return None
    for measure in plan.measures:
        if not measure.soft:
            plan.climb(measure)
    for rule in problem.rules:
        plan.fund_lacking(rule)
    if plan.broken():
        return None
    for measure in plan.measures:
        plan.climb(measure, keep_rules=True)
    while sum(plan.fund_most(candidate) for candidate in plan.ranked if candidate.score > 0):
        pass  # what a share rule or a link forbade before may be allowed now
    return dict(sorted(plan.units.items()))


@dataclass
class _Measure:
    """A linear rule with its slack in the current plan; negative when the rule is broken."""

    gains: Mapping[str, int]
    """What one unit of each activity adds to the slack."""
    slack: int
    soft: bool = False


class _Plan:
    """A plan under construction, with the payments for it."""

    def __init__(self, problem: Problem) -> None:
        self.fund_groups: list[frozenset[str]] = sorted({s.eligible for s in problem.sources}, key=sorted)
        self.free = [
            sum(s.cents for s in problem.sources if s.eligible == fund_group)
            for fund_group in self.fund_groups
        ]
        self.paid: list[dict[str, int]] = [{} for _ in self.fund_groups]
        self.payers: dict[str, list[int]] = {candidate.code: [] for candidate in problem.candidates}
        for index, fund_group in enumerate(self.fund_groups):
            for code in fund_group & self.payers.keys():
                self.payers[code].append(index)
        self.givers = [{index} for index in range(len(self.fund_groups))]
        self.units = {candidate.code: 0 for candidate in problem.candidates}
        self.bounds: dict[str, list[UnitBounds]] = {code: [] for code in self.units}
        self.links: dict[str, list[Rule]] = {code: [] for code in self.units}
        """By activity: the rules that ask whether it is funded."""
        for rule in problem.rules:
            for code, bounds in rule.unit_bounds.items():
                self.bounds[code].append(bounds)
            for code in rule.flags & self.links.keys():
                self.links[code].append(rule)
        self.measures = list(_measures(problem))
        self.ranked = sorted(problem.candidates, key=_rank)

    def least(self, candidate: Candidate) -> int:
        """The units that must be funded."""
        least = max((rule.least for rule in self.bounds[candidate.code]), default=0)
        return max(least, candidate.least) if least > 0 else 0

    def room(self, candidate: Candidate) -> int:
        """The units that may still be funded."""
        limits = [rule.most for rule in self.bounds[candidate.code] if rule.most is not None]
        return min([candidate.units, *limits]) - self.units[candidate.code]

    def broken(self) -> bool:
        """Whether a hard rule is broken."""
        links = {rule.id: rule for rules in self.links.values() for rule in rules}
        return any(each.slack < 0 and not each.soft for each in self.measures) or any(
            rule.breaks(self.units) for rule in links.values()
        )

    def climb(self, measure: _Measure, *, keep_rules: bool = False) -> None:
        """Fund what counts towards a rule until the rule is kept."""
        for candidate in self.ranked:
            gain = measure.gains.get(candidate.code, 0)
            if gain > 0 and measure.slack < 0:
                missing = max(-(measure.slack // gain), candidate.least - self.units[candidate.code])
                self._fund_up_to(candidate, min(missing, self.room(candidate)), keep_rules=keep_rules)

    def fund_lacking(self, rule: Rule) -> None:
        """Fund the least of activities until there are as many as a rule asks for."""
        if not rule.lacking(self.units):
            return
        for candidate in self.ranked:
            if candidate.code in rule.lacking(self.units):
                self.fund(candidate, candidate.least)

    def fund_most(self, candidate: Candidate) -> bool:
        """Fund as many units as possible without breaking a rule; returns whether any were funded."""
        before = self.units[candidate.code]
        self._fund_up_to(candidate, self.room(candidate), keep_rules=True)
        return self.units[candidate.code] > before

    def fund(self, candidate: Candidate, units: int, *, keep_rules: bool = False) -> bool:
        """Add units if they may be funded and can be paid; otherwise change nothing."""
        code = candidate.code
        if not candidate.least - self.units[code] <= units <= self.room(candidate):
            return False
        self.units[code] += units
        allowed = not (keep_rules and self._would_break(code, units))
        if allowed and self._pay(code, units * candidate.unit_cents):
            for measure in self.measures:
                measure.slack += units * measure.gains.get(code, 0)
            return True
        self.units[code] -= units
        return False

    def _would_break(self, code: str, units: int) -> bool:
        """Whether these units break a rule, or a soft one more than it is broken already."""
        for measure in self.measures:
            change = units * measure.gains.get(code, 0)
            if change < 0 and measure.slack + change < 0:
                return True
        return any(rule.breaks(self.units) for rule in self.links[code])

    def _fund_up_to(self, candidate: Candidate, units: int, *, keep_rules: bool = False) -> None:
        """Fund in steps that halve when they fail."""
        step = units
        while units > 0 and step > 0:
            if self.fund(candidate, step, keep_rules=keep_rules):
                units -= step
            else:
                step //= 2
            step = min(step, units)

    def _pay(self, code: str, cents: int) -> bool:
        if cents > self._in_reach(code):
            return False
        free, paid = self.free.copy(), [payments.copy() for payments in self.paid]
        while cents:
            path = self._path(code)
            if path is None:
                self.free, self.paid = free, paid
                return False
            cents -= self._push(path, cents)
        return True

    def _in_reach(self, code: str) -> int:
        """An upper bound on what can be paid: free money of payers and of those who could relieve them."""
        reach = set(self.payers[code])
        queue = list(reach)
        for fund_group in queue:
            queue += self.givers[fund_group] - reach
            reach |= self.givers[fund_group]
        return sum(self.free[fund_group] for fund_group in reach)

    def _path(self, code: str) -> list[tuple[int, str]] | None:
        """An augmenting path: from a fund group that may pay for `code` to one with money left."""
        came: dict[int, tuple[int | None, str]] = dict.fromkeys(self.payers[code], (None, code))
        queue = list(came)
        for fund_group in queue:
            if self.free[fund_group]:
                return _walk_back(came, fund_group)
            for moved in self.paid[fund_group]:
                for other in self.payers[moved]:
                    if other not in came:
                        came[other] = (fund_group, moved)
                        queue.append(other)
        return None

    def _push(self, path: list[tuple[int, str]], cents: int) -> int:
        """Pay along the path as much as its narrowest step allows; returns the cents paid."""
        moved = [self.paid[giver][code] for (giver, _), (_, code) in pairwise(path)]
        step = min([cents, self.free[path[-1][0]], *moved])
        for place, (fund_group, code) in enumerate(path):
            self.paid[fund_group][code] = self.paid[fund_group].get(code, 0) + step
            self.givers[fund_group].update(self.payers[code])
            if place:
                giver = self.paid[path[place - 1][0]]
                giver[code] -= step
                if not giver[code]:
                    del giver[code]
        self.free[path[-1][0]] -= step
        return step


def _measures(problem: Problem) -> Iterable[_Measure]:
    costs = {candidate.code: candidate.unit_cents for candidate in problem.candidates}
    for rule in sorted(problem.rules, key=lambda rule: rule.id):
        for measure in rule.measures(costs):
            yield _Measure(measure.gains, measure.slack, rule.soft)


def _rank(candidate: Candidate) -> tuple[bool, Fraction, str]:
    """Activities without cost first, then by points per cent; ties by code."""
    if not candidate.unit_cents:
        return False, Fraction(0), candidate.code
    return True, Fraction(-candidate.score, candidate.unit_cents), candidate.code


def _walk_back(came: Mapping[int, tuple[int | None, str]], fund_group: int | None) -> list[tuple[int, str]]:
    path: list[tuple[int, str]] = []
    while fund_group is not None:
        before, code = came[fund_group]
        path.append((fund_group, code))
        fund_group = before
    return path[::-1]
