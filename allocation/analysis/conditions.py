"""The conditions that a question around a plan puts on the problem, beside the scenario's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from allocation.engine.problem import BASIS_POINTS, DonorRule, MoneyRule, Problem, Rule, SumRule
from allocation.engine.shortfall import as_reached


def among(problem: Problem, *conditions: Rule) -> Problem:
    """The same problem among the plans that meet these conditions too, under ids that no rule has."""
    taken = {rule.id for rule in problem.rules}
    rules = list(problem.rules)
    for condition in conditions:
        id = condition.id
        while id in taken:
            id += "'"
        taken.add(id)
        rules.append(replace(condition, id=id))
    return replace(problem, rules=tuple(rules))


def can_pay(problem: Problem, units: Mapping[str, int]) -> bool:
    """Whether the money can pay for these units, as the earmarks and the rules on donors allow."""
    # The solvers take half a second to load: only who solves waits for them.
    from allocation.engine.solve import best  # noqa: PLC0415

    funded = [
        replace(each, units=units[each.code], least=units[each.code])
        for each in problem.candidates
        if units[each.code]
    ]
    rules = tuple(rule for rule in problem.rules if isinstance(rule, DonorRule))
    cost = {each.code: each.unit_cents for each in funded}
    # The most that can be paid of them is a question that always has an answer, and a quick one.
    found = best(Problem(problem.sources, tuple(funded), rules), cost)
    return found is not None and found.value == sum(each.unit_cents * each.units for each in funded)


def near_best(problem: Problem, best: Mapping[str, int], value: int, within: int) -> Problem:
    """The same problem among the plans worth at least the best value less so many basis points of it.

    A soft rule is kept as far as the best plan keeps it.
    """
    kept = replace(problem, rules=tuple(_hardened(rule, problem, best) for rule in problem.rules))
    if not problem.by_value:
        return kept
    least = -(-value * (BASIS_POINTS - within) // BASIS_POINTS)
    points = {candidate.code: candidate.score for candidate in problem.candidates}
    return among(kept, SumRule("near-best", points, least=least))


def _hardened(rule: Rule, problem: Problem, best: Mapping[str, int]) -> Rule:
    if not isinstance(rule, MoneyRule) or not rule.soft:
        return rule
    reached = as_reached(rule, problem, best)
    assert isinstance(reached, MoneyRule)
    return replace(reached, soft=False)


def money_of(problem: Problem, units: Mapping[str, int]) -> dict[str, int]:
    """What each funded activity gets, in USD cents, by code."""
    funded = (each for each in problem.candidates if units[each.code])
    return dict(sorted((each.code, each.unit_cents * units[each.code]) for each in funded))


def moves(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """The USD cents that activities get more, and those that they get less."""
    change = {code: after.get(code, 0) - before.get(code, 0) for code in sorted({**before, **after})}
    more = {code: cents for code, cents in change.items() if cents > 0}
    return more, {code: -cents for code, cents in change.items() if cents < 0}
