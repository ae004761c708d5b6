"""Shortfall: by how much a plan misses a rule, and the rule relaxed to what the plan reaches. No solver.

Donor rules are not judged here: units alone do not say whose money pays.
"""

from __future__ import annotations

from dataclasses import replace

from allocation.engine.problem import (
    BASIS_POINTS,
    DonorRule,
    LinkRule,
    MoneyRule,
    Problem,
    Rule,
    SumRule,
    Units,
    UnitsRule,
)


def shortfall(rule: Rule, problem: Problem, units: Units) -> int:
    """By how much these units miss a rule; 0 if they keep it.

    In USD cents (rounded up) for a money rule, in units of its activity for a units rule, in its own amounts
    for a sum; 1 for a broken link.
    """
    match rule:
        case MoneyRule():
            return -(-max(0, _missed(rule, problem, units)) // BASIS_POINTS)
        case UnitsRule():
            return _outside(units[rule.activity], rule.least, rule.most)
        case SumRule():
            return _outside(_sum(rule, units), rule.least, rule.most)
        case LinkRule():
            return int(_breaks(rule, units))
        case DonorRule():
            return 0


def as_reached(rule: Rule, problem: Problem, units: Units) -> Rule | None:
    """The rule with its bound moved to what these units reach; the rule itself if kept, None for a link."""
    if not shortfall(rule, problem, units):
        return rule
    match rule:
        case MoneyRule():
            return _money_as_reached(rule, problem, units)
        case UnitsRule():
            least, most = _loosened(units[rule.activity], rule.least, rule.most)
            return replace(rule, least=least or 0, most=most)
        case SumRule():
            least, most = _loosened(_sum(rule, units), rule.least, rule.most)
            return replace(rule, least=least, most=most)
        case LinkRule() | DonorRule():
            return None


def _money_as_reached(rule: MoneyRule, problem: Problem, units: Units) -> MoneyRule:
    """A floor is rounded down and a ceiling up, so that the units keep it to the last basis point or cent."""
    counted, total = _counted(rule, problem, units)
    whole = BASIS_POINTS if rule.share is None else total
    bound = counted // whole if rule.sense == "floor" else -(-counted // whole)
    return replace(rule, cents=bound) if rule.share is None else replace(rule, share=bound)


def _counted(rule: MoneyRule, problem: Problem, units: Units) -> tuple[int, int]:
    """What counts for a rule, in cents times basis points, and all that is awarded, in cents."""
    costs = {c.code: c.unit_cents * units[c.code] for c in problem.candidates}
    return sum(rule.weights.get(code, 0) * cost for code, cost in costs.items()), sum(costs.values())


def _missed(rule: MoneyRule, problem: Problem, units: Units) -> int:
    """How far a rule is from its bound, in cents times basis points; negative if there is slack."""
    counted, total = _counted(rule, problem, units)
    bound = (rule.cents or 0) * BASIS_POINTS if rule.share is None else rule.share * total
    return bound - counted if rule.sense == "floor" else counted - bound


def _sum(rule: SumRule, units: Units) -> int:
    return sum(amount * units.get(code, 0) for code, amount in rule.amounts.items())


def _outside(reached: int, least: int | None, most: int | None) -> int:
    return max(0, 0 if least is None else least - reached, 0 if most is None else reached - most)


def _loosened(reached: int, least: int | None, most: int | None) -> tuple[int | None, int | None]:
    return (
        None if least is None else min(least, reached),
        None if most is None else max(most, reached),
    )


def _breaks(rule: LinkRule, units: Units) -> bool:
    with_other = units[rule.other] > 0
    return units[rule.activity] > 0 and (not with_other if rule.sense == "requires" else with_other)
