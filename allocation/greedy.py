"""A plan that can be followed by hand: the best points per dollar first, as far as money and rules allow.

It proves nothing, which is its use: no optimal plan may be worth less, and it stands in when a solver
ran out of its limit. Plain Python; what can be paid is found by redirecting payments between purses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise

from allocation.problem import BASIS_POINTS, Candidate, MoneyRule, Problem, UnitsRule


def greedy(problem: Problem) -> dict[str, int] | None:
    """Units of every candidate by code, satisfying all rules; None if this simple way finds no such plan."""
    plan = _Plan(problem)
    for candidate in plan.ranked:
        if plan.least(candidate) and not plan.fund(candidate, plan.least(candidate)):
            return None
    for rule in plan.floors:
        plan.climb(rule)
    if plan.broken():
        return None
    while sum(plan.fund_most(candidate) for candidate in plan.ranked if candidate.score > 0):
        pass  # what a share rule forbade before may be allowed now
    return dict(sorted(plan.units.items()))


class _Plan:
    """A plan in the making, with the payments that carry it."""

    def __init__(self, problem: Problem) -> None:
        self.purses: list[frozenset[str]] = sorted({s.eligible for s in problem.sources}, key=sorted)
        self.free = [sum(s.cents for s in problem.sources if s.eligible == purse) for purse in self.purses]
        self.paid: list[dict[str, int]] = [{} for _ in self.purses]
        self.units = {candidate.code: 0 for candidate in problem.candidates}
        self.cost = {candidate.code: candidate.unit_cents for candidate in problem.candidates}
        self.money_rules = [rule for rule in problem.rules if isinstance(rule, MoneyRule)]
        self.units_rules = [rule for rule in problem.rules if isinstance(rule, UnitsRule)]
        self.floors = sorted((r for r in self.money_rules if r.sense == "floor"), key=lambda rule: rule.id)
        self.ranked = sorted(problem.candidates, key=_rank)

    def least(self, candidate: Candidate) -> int:
        """The units that must be funded."""
        return max((rule.least for rule in self.units_rules if rule.activity == candidate.code), default=0)

    def room(self, candidate: Candidate) -> int:
        """The units that may still be funded."""
        limits = [r.most for r in self.units_rules if r.activity == candidate.code and r.most is not None]
        return min([candidate.units, *limits]) - self.units[candidate.code]

    def slack(self, rule: MoneyRule) -> int:
        """How far the rule is from its bound; negative when broken."""
        awards = {code: self.cost[code] * units for code, units in self.units.items()}
        counted = sum(rule.weights.get(code, 0) * award for code, award in awards.items())
        if rule.share is None:
            over = counted - (rule.cents or 0) * BASIS_POINTS
        else:
            over = counted - rule.share * sum(awards.values())
        return over if rule.sense == "floor" else -over

    def broken(self) -> bool:
        """Whether a money rule is broken."""
        return any(self.slack(rule) < 0 for rule in self.money_rules)

    def climb(self, floor: MoneyRule) -> None:
        """Fund what counts for a floor until it is reached."""
        for candidate in self.ranked:
            gain = (floor.weights.get(candidate.code, 0) - (floor.share or 0)) * candidate.unit_cents
            if gain > 0 and self.slack(floor) < 0:
                missing = -(self.slack(floor) // gain)
                self._fund_up_to(candidate, min(missing, self.room(candidate)))

    def fund_most(self, candidate: Candidate) -> bool:
        """Fund as many units as possible without breaking a rule; tells whether any were."""
        before = self.units[candidate.code]
        self._fund_up_to(candidate, self.room(candidate), keep_rules=True)
        return self.units[candidate.code] > before

    def fund(self, candidate: Candidate, units: int, *, keep_rules: bool = False) -> bool:
        """Add units if they may be funded and can be paid; otherwise change nothing."""
        if units > self.room(candidate):
            return False
        self.units[candidate.code] += units
        if not (keep_rules and self.broken()) and self._pay(candidate.code, units * candidate.unit_cents):
            return True
        self.units[candidate.code] -= units
        return False

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
        if cents > sum(self.free):
            return False
        free, paid = self.free.copy(), [payments.copy() for payments in self.paid]
        while cents:
            path = self._path(code)
            if path is None:
                self.free, self.paid = free, paid
                return False
            cents -= self._push(path, cents)
        return True

    def _path(self, code: str) -> list[tuple[int, str]] | None:
        """Purses from one that may pay for `code` to one with money left, with what each takes over."""
        came: dict[int, tuple[int | None, str]] = dict.fromkeys(self._payers(code), (None, code))
        queue = list(came)
        for purse in queue:
            if self.free[purse]:
                return _walk_back(came, purse)
            for moved in self.paid[purse]:
                for other in self._payers(moved):
                    if other not in came:
                        came[other] = (purse, moved)
                        queue.append(other)
        return None

    def _push(self, path: list[tuple[int, str]], cents: int) -> int:
        """Pay along the path as much as its narrowest step allows; returns the cents paid."""
        moved = [self.paid[giver][code] for (giver, _), (_, code) in pairwise(path)]
        step = min([cents, self.free[path[-1][0]], *moved])
        for place, (purse, code) in enumerate(path):
            self.paid[purse][code] = self.paid[purse].get(code, 0) + step
            if place:
                giver = self.paid[path[place - 1][0]]
                giver[code] -= step
                if not giver[code]:
                    del giver[code]
        self.free[path[-1][0]] -= step
        return step

    def _payers(self, code: str) -> Iterable[int]:
        return (purse for purse, eligible in enumerate(self.purses) if code in eligible)


def _rank(candidate: Candidate) -> tuple[bool, Fraction, str]:
    """What is free first, then most points per cent; ties by code."""
    if not candidate.unit_cents:
        return False, Fraction(0), candidate.code
    return True, Fraction(-candidate.score, candidate.unit_cents), candidate.code


def _walk_back(came: Mapping[int, tuple[int | None, str]], purse: int | None) -> list[tuple[int, str]]:
    path: list[tuple[int, str]] = []
    while purse is not None:
        before, code = came[purse]
        path.append((purse, code))
        purse = before
    return path[::-1]
