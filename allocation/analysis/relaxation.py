"""Elastic relaxation of a problem: rules get slack variables, and the goal is the least slack, in cents.

A slack variable is an activity that costs nothing and needs no money: it counts only in the constraint of
its rule. So a relaxed problem is an ordinary problem, which any solver can solve.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from allocation.engine.problem import (
    BASIS_POINTS,
    Candidate,
    LinkRule,
    MoneyRule,
    Problem,
    Rule,
    SumRule,
    UnitsRule,
)


@dataclass(frozen=True)
class _RelaxedRule:
    """A rule as sums, with its slack variables and 0-1 counters."""

    sums: tuple[SumRule, ...]
    slack: tuple[Candidate, ...]
    counters: tuple[Candidate, ...] = ()


def relax(problem: Problem, ids: Collection[str]) -> tuple[Problem, dict[str, int]]:
    """The problem with slack in these rules, and the goal that minimises the slack.

    Donor rules cannot have slack: units alone do not say which donor pays.
    """
    given = [(rule, _relaxed(rule, problem)) for rule in problem.rules if rule.id in ids]
    goal = {slack.code: -price_of(rule, problem) for rule, relaxed in given for slack in relaxed.slack}
    hard = (rule for rule in problem.rules if rule.id not in ids)
    added = (each for _, relaxed in given for each in (*relaxed.slack, *relaxed.counters))
    return replace(
        problem,
        candidates=(*problem.candidates, *added),
        rules=(*hard, *(each for _, relaxed in given for each in relaxed.sums)),
    ), goal


def price_of(rule: Rule, problem: Problem) -> int:
    """The price of missing a rule by one, in USD cents; at least 1, so that nothing is missed needlessly.

    One is a cent of money, a unit of the activity, one of a sum's own amounts (as the dearest activity that
    has it), or a link (what it leaves out, or the less dear of what it lets in together).
    """
    costs = {candidate.code: candidate.unit_cents for candidate in problem.candidates}
    least = {candidate.code: candidate.unit_cents * candidate.least for candidate in problem.candidates}
    match rule:
        case UnitsRule():
            return max(1, costs[rule.activity])
        case SumRule():
            dear = (max(1, -(-costs[code] // abs(amount))) for code, amount in rule.amounts.items() if amount)
            return max(dear, default=1)
        case LinkRule(sense="requires"):
            return max(1, least[rule.other])
        case LinkRule():
            return max(1, min(least[rule.activity], least[rule.other]))
        case _:
            return 1


def _relaxed(rule: Rule, problem: Problem) -> _RelaxedRule:
    match rule:
        case MoneyRule():
            return _money(rule, problem)
        case UnitsRule():
            return _between(rule.id, {rule.activity: 1}, rule.least, rule.most, problem)
        case SumRule():
            return _between(rule.id, dict(rule.amounts), rule.least, rule.most, problem)
        case LinkRule():
            return _link(rule, problem)
        case _:
            raise AssertionError(f"{rule.id} is a donor rule")


def _money(rule: MoneyRule, problem: Problem) -> _RelaxedRule:
    share, bound = (rule.share, 0) if rule.share is not None else (0, rule.cents or 0)
    amounts = {c.code: (rule.weights.get(c.code, 0) - share) * c.unit_cents for c in problem.candidates}
    missed = _slack(rule.id, "missed", sum(source.cents for source in problem.sources) + bound)
    if rule.sense == "floor":
        sum_ = SumRule(rule.id, {**amounts, missed.code: BASIS_POINTS}, least=bound * BASIS_POINTS)
    else:
        sum_ = SumRule(rule.id, {**amounts, missed.code: -BASIS_POINTS}, most=bound * BASIS_POINTS)
    return _RelaxedRule((sum_,), (missed,))


def _between(
    id: str, amounts: dict[str, int], least: int | None, most: int | None, problem: Problem
) -> _RelaxedRule:
    reach = sum(abs(amounts.get(c.code, 0)) * c.units for c in problem.candidates)
    below = () if least is None else (_slack(id, "below", max(0, least) + reach),)
    above = () if most is None else (_slack(id, "above", max(0, -most) + reach),)
    signed = {**{slack.code: 1 for slack in below}, **{slack.code: -1 for slack in above}}
    return _RelaxedRule((SumRule(id, {**amounts, **signed}, least, most),), (*below, *above))


def _link(rule: LinkRule, problem: Problem) -> _RelaxedRule:
    """A link with slack; a 0-1 counter for each activity is 1 as soon as it has a unit."""
    units = {candidate.code: candidate.units for candidate in problem.candidates}
    broken = _slack(rule.id, "broken", 1)
    if rule.sense == "requires":
        funded = {rule.activity: _slack(rule.id, "funded", 1)}
        amounts, most = {funded[rule.activity].code: 1, rule.other: -1, broken.code: -1}, 0
    else:
        funded = {code: _slack(rule.id, f"{code} funded", 1) for code in (rule.activity, rule.other)}
        amounts, most = {**{each.code: 1 for each in funded.values()}, broken.code: -1}, 1
    sums = (SumRule(each.code, {code: 1, each.code: -units[code]}, most=0) for code, each in funded.items())
    return _RelaxedRule((SumRule(rule.id, amounts, most=most), *sums), (broken,), tuple(funded.values()))


def _slack(id: str, name: str, most: int) -> Candidate:
    """A slack variable, as an activity whose code no other has: codes have no spaces."""
    return Candidate(f"{id} {name}", 0, most, 0)
