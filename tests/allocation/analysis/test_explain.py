"""Explanations against enumeration, and the demo's plan against solves that force the other decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings

from allocation.analysis.explain import explain
from allocation.engine.problem import BASIS_POINTS, Candidate, Fairness, Problem, Source
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.units import UnitsRule
from allocation.engine.solve import Solution, solve
from allocation.plan.explanation import Counterfactual, Explanation
from ledger.errors import BadInput
from mdfm.cli.app import app
from tests.support.effort import effort
from tests.support.open_demo import SCENARIO, open_demo
from tests.support.problems.tiny import costs_of, missed, plans, tiny_problems, without_rule, worth

__all__ = ["open_demo"]
"""A fixture of another module is found by its name."""

Units = Mapping[str, int]


def explained(problem: Problem) -> tuple[Solution, tuple[Explanation, ...]]:
    solution = solve(problem)
    return solution, explain(problem, solution.units, solution.flows, solution.value)


def moved(problem: Problem, one: Units, other: Units) -> int:
    """The money that moves between two plans; an activity that costs nothing counts as a cent."""
    return sum((each.unit_cents or 1) * abs(one[each.code] - other[each.code]) for each in problem.candidates)


def check_otherwise(problem: Problem, units: Units, message: Counterfactual, forced: UnitsRule) -> None:
    asked = replace(problem, rules=(*problem.rules, forced))
    possible = list(plans(asked))
    assert message.proved
    if not possible:
        assert message.loss is None
        clash = tuple(rule for rule in problem.rules if rule.id in message.clash)
        least = replace(problem, rules=(*clash, forced))
        assert len(clash) == len(message.clash)
        assert not any(plans(least))
        assert all(any(plans(without_rule(least, rule))) for rule in clash)
        return
    best = max(worth(problem, other) for other in possible)
    assert message.loss == worth(problem, units) - best
    other = dict(units) | {swap.activity: units[swap.activity] + swap.units for swap in message.swaps}
    found = [each for each in possible if all(each[c] == n for c, n in other.items() if c != forced.activity)]
    equals = [each for each in possible if worth(problem, each) == best]
    nearest = min(moved(problem, units, each) for each in equals)
    assert any(moved(problem, units, each) == nearest for each in found if each in equals)


@settings(max_examples=effort(66, 2000))
@given(tiny_problems())
def test_what_is_lost_otherwise_is_what_enumeration_finds(problem: Problem) -> None:
    assume(any(plans(problem)))
    solution, message = explained(problem)
    assert [each.activity for each in message] == sorted(solution.units)
    for each in message:
        assert (each.without is not None) == (each.units > 0)
        assert (each.more is not None) == (each.units < each.wanted)
        if each.without is not None:
            forced = UnitsRule("forced", each.activity, most=0)
            check_otherwise(problem, solution.units, each.without, forced)
        if each.more is not None:
            forced = UnitsRule("forced", each.activity, least=each.units + each.next_units)
            check_otherwise(problem, solution.units, each.more, forced)
        losses = [other.loss for other in (each.without, each.more) if other is not None]
        assert each.decided_by == (("the order of codes",) if 0 in losses else ())


def could_reach(problem: Problem, units: Units, code: str) -> int:
    """The cut formula: the least that any set of activities around this one leaves of what it may draw on."""
    costs = costs_of(problem, units)
    others = [other for other in costs if other != code]
    sets = [{code, *some} for size in range(len(others) + 1) for some in combinations(others, size)]
    return min(
        sum(s.cents for s in problem.sources if s.eligible & some) - sum(costs[each] for each in some)
        for some in sets
    )


@settings(max_examples=effort(66, 2000))
@given(tiny_problems())
def test_the_money_that_can_reach_an_activity_is_the_smallest_cut(problem: Problem) -> None:
    assume(any(plans(problem)))
    solution, message = explained(problem)
    costs = costs_of(problem, solution.units)
    for each in message:
        assert each.reach_cents == could_reach(problem, solution.units, each.activity)
        assert each.short_cents == max(0, each.next_units * each.unit_cents - each.reach_cents)
        eligible = [source for source in problem.sources if each.activity in source.eligible]
        paid = {s.id: sum(c for (id, _), c in solution.flows.items() if id == s.id) for s in problem.sources}
        assert each.eligible_cents == sum(source.cents for source in eligible)
        assert each.left_cents == each.eligible_cents - sum(paid[source.id] for source in eligible)
        assert (each.crowd is None) == (each.short_cents == 0)
        if each.crowd is not None:
            crowd = each.crowd
            may = [source for source in problem.sources if source.eligible & set(crowd.activities)]
            assert sorted(source.id for source in may) == list(crowd.agreements)
            assert crowd.cents == sum(source.cents for source in may)
            assert crowd.cents - sum(costs[code] for code in crowd.activities) == each.reach_cents
            left = {s.id: s.cents - paid[s.id] for s in problem.sources if s not in may}
            assert crowd.kept_out == tuple(sorted(id for id, cents in left.items() if cents))
            assert crowd.kept_out_cents == sum(left.values())


@settings(max_examples=effort(66, 2000))
@given(tiny_problems())
def test_the_rules_that_bind_are_those_that_its_next_units_would_break(problem: Problem) -> None:
    assume(any(plans(problem)))
    solution, message = explained(problem)
    for each in message:
        units = solution.units | {each.activity: each.units + each.next_units}
        broken = [r.id for r in problem.rules if missed(r, units, costs_of(problem, units))]
        # A limit for each group is one rule, and its groups are named after it.
        assert sorted({name.partition(" (")[0] for name in each.binds}) == sorted(broken)


def worth_it(problem: Problem, solution: Solution, message: Explanation, price: int, gift: int = 0) -> bool:
    """Whether a plan with the next units (all units, where they are funded) at a price is worth as much.

    The new donor's gift is for them alone; the rest of their cost comes from the money there is.
    """
    priced = message.next_units or message.wanted
    least = message.units + message.next_units

    def cost(candidate: Candidate, units: int) -> int:
        ordinary = units * candidate.unit_cents
        return (
            ordinary + priced * (price - candidate.unit_cents)
            if candidate.code == message.activity and units >= least
            else ordinary
        )

    rich = replace(problem, sources=(*problem.sources, Source("gift", gift, frozenset({message.activity}))))
    with_it = [units for units in plans(rich, cost) if units[message.activity] >= least]
    rivals = [units for units in plans(problem) if message.next_units or not units[message.activity]]
    rival = max((worth(problem, units) for units in rivals), default=-1)
    return any(worth(problem, units) >= rival for units in with_it)


@settings(max_examples=effort(66, 2000))
@given(tiny_problems())
def test_what_would_change_it_is_what_enumeration_finds(problem: Problem) -> None:
    assume(any(plans(problem)))
    solution = solve(problem)
    for candidate in problem.candidates:
        (message,) = explain(problem, solution.units, solution.flows, solution.value, only=candidate.code)
        if not candidate.unit_cents:
            assert message.change is None
            continue
        assert message.change is not None
        assert message.change.proved
        cost = candidate.unit_cents
        most = cost if message.next_units else message.eligible_cents // candidate.units
        prices = [price for price in range(most + 1) if worth_it(problem, solution, message, price)]
        assert message.change.unit_cents == max(prices, default=None)
        gifts = range(message.next_units * cost + 1) if message.next_units else ()
        enough = [gift for gift in gifts if worth_it(problem, solution, message, cost, gift)]
        assert message.change.gift_cents == min(enough, default=None)


# --- said in English ----------------------------------------------------------------------------------------

POOL = Problem(
    (
        Source("A", 60_00, frozenset({"a", "b"})),
        Source("B", 50_00, frozenset({"a"})),
        Source("C", 9_00, frozenset()),
    ),
    (Candidate("a", 50_00, 2, 5), Candidate("b", 40_00, 1, 4)),
    (MoneyRule("a-cap", "ceiling", {"a": BASIS_POINTS}, cents=50_00, reason="the example"),),
)


def test_an_explanation_in_english() -> None:
    """By hand: a twice breaks the ceiling, so a and b are funded, from B and A."""
    _, message = explained(POOL)
    assert message[0].sentences == (
        "a: 1 of 2 units at US$50.00 each is funded.",
        "The best plan without it is worth 5 points less (55.55%).",
        "With the money there is, no plan can have 1 more unit of it: the rule a-cap forbids it.",
        "US$110.00 may be used for it under the donors' earmarks; the plan leaves US$20.00 of it.",
        "With all else as it is, that is US$30.00 too little for 1 more unit of it.",
        "These 2 activities can draw on only US$110.00 (agreements A and B): a and b.",
        "US$9.00 that agreement C has left may not be used there: its earmark does not allow it.",
        "With all else as it is, 1 more unit of it would break the rule a-cap.",
    )
    assert message[1].sentences == (
        "b (US$40.00) is funded.",
        "The best plan without it is worth 4 points less (44.44%).",
    )


def test_an_equal_plan_was_passed_over_for_the_order_of_codes() -> None:
    twins = Problem(
        (Source("A", 5, frozenset({"a", "b"})),), (Candidate("a", 5, 1, 1), Candidate("b", 5, 1, 1)), ()
    )
    first, second = explained(twins)[1]
    assert first.sentences[1:] == (
        "A plan without it is worth as much: the order of codes decided.",
        "It would fund b.",
    )
    assert second.decided_by == ("the order of codes",)


def test_what_fairness_decided_is_reported() -> None:
    """Two units of a are worth 10 points, but b goes without: for a point less both get half or more."""
    fair = replace(
        POOL,
        rules=(),
        candidates=(Candidate("a", 50_00, 2, 5), Candidate("b", 60_00, 1, 4)),
        fairness=Fairness({"A": {"a": BASIS_POINTS}, "B": {"b": BASIS_POINTS}}, give_up=1_000),
    )
    solution, message = explained(fair)
    assert solution.units == {"a": 1, "b": 1}
    assert message[0].sentences[2:4] == (
        "A plan with 1 more unit of it is worth as much: fairness and the order of codes decided.",
        "It would give up b.",
    )


def test_a_soft_rule_that_would_be_missed_more_is_reported() -> None:
    soft = MoneyRule("b-floor", "floor", {"b": BASIS_POINTS}, cents=50_00, soft=True)
    problem = replace(POOL, rules=(soft,))
    _, message = explained(problem)
    assert message[1].without is not None
    assert message[1].without.missed == 40_00
    assert "misses the soft rules by US$40.00 more" in " ".join(message[1].sentences)


def test_an_activity_that_nobody_knows_is_refused() -> None:
    solution = solve(POOL)
    with pytest.raises(BadInput, match="no activity 'z'"):
        explain(POOL, solution.units, solution.flows, solution.value, only="z")


# --- the demo -----------------------------------------------------------------------------------------------


def say(book: Path, *words: object) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["--book", str(book), *map(str, words), "--json"])
    assert result.exit_code == 0, result.output
    message: dict[str, Any] = json.loads(result.stdout)
    return message


def planned(book: Path, folder: Path, name: str, scenario: str) -> tuple[Path, dict[str, Any]]:
    question, plan = folder / f"{name}.toml", folder / f"{name}.json"
    question.write_text(scenario, encoding="utf-8")
    return plan, say(book, "plan", "run", question, "--out", plan, "--by", "planner")


MUST = 'must_fund = ["MDFM-1.2"]'


@pytest.mark.parametrize(
    ("code", "forced", "side"),
    [
        ("MDFM-3.1", 'must_fund = ["MDFM-1.2", "MDFM-3.1"]', "more"),
        ("INC-2.1", MUST + '\nnever_fund = ["INC-2.1"]', "without"),
    ],
)
def test_why_agrees_with_a_scenario_that_forces_the_other_answer(
    open_demo: Path, tmp_path: Path, code: str, forced: str, side: str
) -> None:
    file, plan = planned(open_demo, tmp_path, "plan", SCENARIO)
    other = planned(open_demo, tmp_path, "forced", SCENARIO.replace(MUST, forced))[1]
    why = say(open_demo, "plan", "why", file, code)
    value, forced_value = (each["manifest"]["tiers"][0]["value"] for each in (plan, other))
    assert why[side]["loss"] == value - forced_value > 0


def test_why_is_drawn(open_demo: Path, tmp_path: Path) -> None:
    file, _ = planned(open_demo, tmp_path, "plan", SCENARIO)
    result = CliRunner().invoke(app, ["--book", str(open_demo), "plan", "why", str(file), "MDFM-3.1"])
    assert result.exit_code == 0, result.output
    assert "MDFM-3.1 (US$100,000.00) is not funded." in result.stdout
    assert "So it would if a donor gave US$89,356.95 for it alone." in " ".join(result.stdout.split())


def test_a_plan_explains_itself_when_the_books_have_moved(open_demo: Path, tmp_path: Path) -> None:
    book = tmp_path / "moved.book"
    book.write_bytes(open_demo.read_bytes())
    file, _ = planned(book, tmp_path, "plan", SCENARIO)
    before = say(book, "plan", "why", file, "MDFM-3.1")
    assert before["change"]["unit_cents"] == 70_643_05
    say(book, "plan", "approve", file, "--by", "approver")
    after = CliRunner().invoke(app, ["--book", str(book), "plan", "why", str(file), "MDFM-3.1", "--json"])
    assert after.exit_code == 0, after.output
    assert "The books have changed since the plan was solved" in after.stderr
    message = json.loads(after.stdout)
    assert message["change"] is None
    assert message["more"] == before["more"]
    other = CliRunner().invoke(app, ["--book", str(book), "plan", "why", str(file), "NONE"])
    assert other.exit_code == 2
    assert "no activity 'NONE'" in other.stderr
