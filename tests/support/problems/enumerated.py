"""Problems so small that every plan of theirs can be written out, for questions around a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product

from hypothesis import strategies as st

from allocation.engine.problem import Candidate, Problem, Source
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.rule import Rule
from allocation.engine.rules.units import UnitsRule
from tests.support.problems.tiny import worth

CODES = ("a", "b", "c", "d")
Units = dict[str, int]


@st.composite
def small_problems(draw: st.DrawFn, *, most: int = 3) -> Problem:
    """Up to four activities of up to `most` units, three sources, a money rule and a units rule."""
    codes = CODES[: draw(st.integers(2, 4))]
    some = st.frozensets(st.sampled_from(codes))
    sources = tuple(
        Source(f"S{i}", draw(st.integers(0, 9)), draw(some)) for i in range(draw(st.integers(1, 3)))
    )
    candidates = tuple(
        Candidate(code, draw(st.integers(1, 4)), draw(st.integers(1, most)), draw(st.integers(0, 4)))
        for code in codes
    )
    rules: list[Rule] = []
    if draw(st.booleans()):
        weights = draw(st.dictionaries(st.sampled_from(codes), st.sampled_from([5_000, 10_000])))
        share = draw(st.sampled_from([2_500, 5_000]))
        rules.append(MoneyRule("M", draw(st.sampled_from(["floor", "ceiling"])), weights, share))
    if draw(st.booleans()):
        rules.append(UnitsRule("U", draw(st.sampled_from(codes)), draw(st.integers(0, 1)), 1))
    return Problem(sources, candidates, tuple(rules))


def all_plans(problem: Problem) -> Iterator[Units]:
    """Every plan that keeps the rules and can be paid."""
    for amounts in product(*(range(each.units + 1) for each in problem.candidates)):
        units = {each.code: number for each, number in zip(problem.candidates, amounts, strict=True)}
        cost = costs(problem, units)
        if all(_keeps(rule, units, cost) for rule in problem.rules) and payable(problem, units):
            yield units


def costs(problem: Problem, units: Mapping[str, int]) -> dict[str, int]:
    """What each activity costs, in USD cents."""
    return {each.code: each.unit_cents * units[each.code] for each in problem.candidates}


def best_plan(problem: Problem) -> Units | None:
    """The most points; then the most units of the first code, of the second..."""
    return max(
        all_plans(problem), key=lambda units: (worth(problem, units), list(units.values())), default=None
    )


def payable(problem: Problem, units: Mapping[str, int]) -> bool:
    """No set of activities costs more than everybody who may pay for any of them has (Hall)."""
    cost = costs(problem, units)
    sets = (set(chosen) for size in range(1, len(cost) + 1) for chosen in combinations(cost, size))
    return all(
        sum(cost[code] for code in chosen) <= sum(s.cents for s in problem.sources if s.eligible & chosen)
        for chosen in sets
    )


def _keeps(rule: Rule, units: Mapping[str, int], cost: Mapping[str, int]) -> bool:
    if isinstance(rule, UnitsRule):
        return rule.least <= units[rule.activity] and (rule.most is None or units[rule.activity] <= rule.most)
    assert isinstance(rule, MoneyRule)
    assert rule.share is not None
    counted = sum(rule.weights.get(code, 0) * cents for code, cents in cost.items())
    bound = rule.share * sum(cost.values())
    return counted >= bound if rule.sense == "floor" else counted <= bound
