"""Problems small enough to be answered by enumeration, and their enumeration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product

from hypothesis import strategies as st

from allocation.engine.problem import BASIS_POINTS, Candidate, Problem, Source
from allocation.engine.rules.concentration import ConcentrationRule
from allocation.engine.rules.counts import ActivityCountRule
from allocation.engine.rules.links import LinkRule
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.rule import Rule
from allocation.engine.rules.sums import SumRule
from allocation.engine.rules.units import UnitsRule

CODES = ("a", "b", "c", "d")

Units = Mapping[str, int]
Costs = Callable[[Candidate, int], int]
"""The cost of so many units of a candidate, in USD cents."""


def usual(candidate: Candidate, units: int) -> int:
    return candidate.unit_cents * units


@st.composite
def money_rules(draw: st.DrawFn, id: str, codes: tuple[str, ...]) -> MoneyRule:
    weights = {code: draw(st.sampled_from([0, 2_500, 10_000])) for code in codes}
    share = draw(st.none() | st.sampled_from([0, 3_333, 5_000, 10_000]))
    cents = draw(st.integers(0, 15)) if share is None else None
    return MoneyRule(id, draw(st.sampled_from(["floor", "ceiling"])), weights, share, cents)


@st.composite
def counts(draw: st.DrawFn, id: str, codes: tuple[str, ...]) -> ActivityCountRule:
    group = draw(st.frozensets(st.sampled_from(codes), min_size=1))
    least, most = sorted(draw(st.tuples(st.integers(0, 3), st.integers(0, 3))))
    return ActivityCountRule(id, group, *draw(st.sampled_from([(least, None), (None, most), (least, most)])))


@st.composite
def concentrations(draw: st.DrawFn, id: str, codes: tuple[str, ...]) -> ConcentrationRule:
    parts = {code: draw(st.sampled_from([0, 2_500, 3_333, 10_000])) for code in codes}
    groups = {
        "north": {code: part for code, part in parts.items() if part},
        "south": {code: BASIS_POINTS - part for code, part in parts.items() if part < BASIS_POINTS},
    }
    share = draw(st.none() | st.sampled_from([2_500, 5_000, 6_667, 10_000]))
    return ConcentrationRule(id, groups, share, draw(st.integers(0, 12)) if share is None else None)


@st.composite
def other_rules(draw: st.DrawFn, id: str, codes: tuple[str, ...]) -> Rule:
    kind = draw(st.sampled_from(["units", "units", "sum", "link", "count", "concentration"]))
    if kind == "link" and len(codes) > 1:
        activity, other = draw(st.permutations(codes))[:2]
        return LinkRule(id, draw(st.sampled_from(["requires", "excludes"])), activity, other)
    if kind == "sum":
        amounts = {code: draw(st.integers(0, 3)) for code in codes}
        bound = draw(st.integers(0, 6))
        return SumRule(id, amounts, *draw(st.sampled_from([(bound, None), (None, bound)])))
    if kind == "count":
        return draw(counts(id, codes))
    if kind == "concentration":
        return draw(concentrations(id, codes))
    code, least = draw(st.sampled_from(codes)), draw(st.integers(0, 2))
    return UnitsRule(id, code, least, draw(st.none() | st.integers(least, 2)))


@st.composite
def tiny_problems(draw: st.DrawFn, rules_max: int = 2, cost_min: int = 0) -> Problem:
    codes = CODES[: draw(st.integers(1, 4))]
    sources = tuple(
        Source(f"S{i}", draw(st.integers(0, 9)), frozenset(draw(st.sets(st.sampled_from(codes)))))
        for i in range(draw(st.integers(1, 4)))
    )
    candidates = tuple(
        Candidate(
            code,
            draw(st.integers(cost_min, 5)),
            units := draw(st.integers(1, 3)),
            draw(st.integers(0, 4)),
            draw(st.integers(1, units)),
        )
        for code in codes
    )
    rules: list[Rule] = [draw(money_rules(f"M{i}", codes)) for i in range(draw(st.integers(0, rules_max)))]
    rules += [draw(other_rules(f"R{i}", codes)) for i in range(draw(st.integers(0, rules_max)))]
    return Problem(sources, candidates, tuple(rules))


def payable(problem: Problem, costs: Mapping[str, int]) -> bool:
    """Hall's condition: no set of activities costs more than everybody who may pay for any of them has."""
    chosen = [code for code, cost in costs.items() if cost]
    return all(
        sum(costs[code] for code in some) <= sum(s.cents for s in problem.sources if s.eligible & set(some))
        for size in range(1, len(chosen) + 1)
        for some in combinations(chosen, size)
    )


def missed(rule: Rule, units: Units, costs: Mapping[str, int]) -> int:
    """By how much a rule is missed, in its own terms; 0 where it is kept."""
    if isinstance(rule, MoneyRule):
        counted = sum(rule.weights.get(code, 0) * cost for code, cost in costs.items())
        bound = (
            rule.cents * BASIS_POINTS if rule.cents is not None else (rule.share or 0) * sum(costs.values())
        )
        return max(
            0,
            -(
                (counted - bound) // BASIS_POINTS
                if rule.sense == "floor"
                else (bound - counted) // BASIS_POINTS
            ),
        )
    if isinstance(rule, LinkRule):
        return int(units[rule.activity] > 0 and (units[rule.other] > 0) is (rule.sense == "excludes"))
    if isinstance(rule, ActivityCountRule):
        count = len([code for code in rule.activities if units.get(code, 0) >= 1])
        return max(0, (rule.least or 0) - count, 0 if rule.most is None else count - rule.most)
    if isinstance(rule, ConcentrationRule):
        ceilings = [
            MoneyRule(rule.id, "ceiling", group, rule.share, rule.cents) for group in rule.groups.values()
        ]
        return max(missed(each, units, costs) for each in ceilings)
    assert isinstance(rule, UnitsRule | SumRule)
    amounts = {rule.activity: 1} if isinstance(rule, UnitsRule) else rule.amounts
    total = sum(amount * units[code] for code, amount in amounts.items())
    most = total if rule.most is None else rule.most
    return max(0, (rule.least or 0) - total, total - most)


def payable_plans(problem: Problem, costs: Costs = usual) -> Iterator[dict[str, int]]:
    """All units that can be paid, whatever the rules say."""
    spans = [[0, *range(each.least, each.units + 1)] for each in problem.candidates]
    for amounts in product(*spans):
        units = {candidate.code: n for candidate, n in zip(problem.candidates, amounts, strict=True)}
        if payable(problem, costs_of(problem, units, costs)):
            yield units


def costs_of(problem: Problem, units: Units, costs: Costs = usual) -> dict[str, int]:
    return {each.code: costs(each, units[each.code]) for each in problem.candidates}


def plans(problem: Problem, costs: Costs = usual) -> Iterator[dict[str, int]]:
    """All units that can be paid and keep the rules."""
    for units in payable_plans(problem, costs):
        paid = costs_of(problem, units, costs)
        if not any(missed(rule, units, paid) for rule in problem.rules):
            yield units


def worth(problem: Problem, units: Mapping[str, int]) -> int:
    """A plan's points."""
    return sum(candidate.score * units[candidate.code] for candidate in problem.candidates)


def without_rule(problem: Problem, rule: Rule) -> Problem:
    return replace(problem, rules=tuple(other for other in problem.rules if other is not rule))
