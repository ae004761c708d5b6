"""Conditions that an analysis adds to the problem of a plan, and helpers that the analyses share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from allocation.engine.problem import BASIS_POINTS, Problem
from allocation.engine.rules.conditions import sum_between
from allocation.engine.rules.rule import Rule


def among(problem: Problem, *conditions: Rule) -> Problem:
    """The same problem with these conditions as further rules, under ids that no rule has."""
    taken = {rule.id for rule in problem.rules}
    rules = list(problem.rules)
    for condition in conditions:
        id = condition.id
        while id in taken:
            id += "'"
        taken.add(id)
        rules.append(condition.renamed(id))
    return replace(problem, rules=tuple(rules))


def can_pay(problem: Problem, units: Mapping[str, int]) -> bool:
    """Whether the money can pay for these units under the earmarks and the donor rules."""
    # The solvers take half a second to load: import them only to solve.
    from allocation.engine.solve import best  # noqa: PLC0415

    funded = [
        replace(each, units=units[each.code], least=units[each.code])
        for each in problem.candidates
        if units[each.code]
    ]
    rules = tuple(rule for rule in problem.rules if rule.bounds_donors)
    cost = {each.code: each.unit_cents for each in funded}
    # The most that can be paid of them always has a solution, and is solved quickly.
    found = best(Problem(problem.sources, tuple(funded), rules), cost)
    return found is not None and found.value == sum(each.unit_cents * each.units for each in funded)


def near_best(problem: Problem, best: Mapping[str, int], value: int, within: int) -> Problem:
    """The same problem restricted to plans within `within` basis points of the best value.

    A soft rule must be kept as far as the best plan keeps it.
    """
    kept = replace(problem, rules=tuple(rule.kept_as_far(problem, best) for rule in problem.rules))
    if not problem.by_value:
        return kept
    least = -(-value * (BASIS_POINTS - within) // BASIS_POINTS)
    points = {candidate.code: candidate.score for candidate in problem.candidates}
    return among(kept, sum_between("near-best", points, least=least))


def money_of(problem: Problem, units: Mapping[str, int]) -> dict[str, int]:
    """The award of each funded activity, in USD cents, by code."""
    funded = (each for each in problem.candidates if units[each.code])
    return dict(sorted((each.code, each.unit_cents * units[each.code]) for each in funded))


def moves(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """The USD cents by which activities get more, and by which they get less."""
    change = {code: after.get(code, 0) - before.get(code, 0) for code in sorted({**before, **after})}
    more = {code: cents for code, cents in change.items() if cents > 0}
    return more, {code: -cents for code, cents in change.items() if cents < 0}
