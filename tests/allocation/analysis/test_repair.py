"""Repairs against enumeration: each makes a plan possible, and none is smaller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.analysis.repair import Repair, apply, repairs, sentence_of
from allocation.engine.iis import Infeasible
from allocation.engine.problem import BASIS_POINTS, Candidate, Problem, Source
from allocation.engine.rules.donors import DonorRule
from allocation.engine.rules.links import LinkRule
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.relaxation import Relaxation
from allocation.engine.rules.sums import SumRule
from allocation.engine.rules.units import UnitsRule
from allocation.engine.solve import best, solve
from allocation.scenario.file import read_scenario
from allocation.scenario.problem_builder import build_problem
from allocation.scenario.scenario import NONEMPTY_PLAN_RULE
from mdfm.books import open_at
from mdfm.cli.app import app
from tests.support.effort import effort
from tests.support.open_demo import SCENARIO as DEMO
from tests.support.open_demo import open_demo
from tests.support.problems.tiny import costs_of, missed, payable_plans, plans, tiny_problems

__all__ = ["open_demo"]
"""A fixture of another module is found by its name."""

SOMETHING = MoneyRule(NONEMPTY_PLAN_RULE, "floor", dict.fromkeys("abcd", BASIS_POINTS), cents=1)


@st.composite
def demanding(draw: st.DrawFn) -> Problem:
    problem = draw(tiny_problems(rules_max=3, cost_min=1))
    return replace(problem, rules=(*problem.rules, SOMETHING))


def possible(problem: Problem) -> Iterator[dict[str, int]]:
    """What each plan that can be paid and funds something misses, in cents, by the id of the rule."""
    for units in payable_plans(problem):
        costs = costs_of(problem, units)
        if sum(costs.values()):
            by = {rule.id: missed(rule, units, costs) * rule.price(problem) for rule in problem.rules}
            yield {id: cents for id, cents in by.items() if cents}


@settings(max_examples=effort(83, 2500))
@given(demanding())
def test_repairs_are_the_smallest_that_enumeration_finds(problem: Problem) -> None:
    ways = list(possible(problem))
    if {} in ways:
        assert repairs(problem) == ()
        return
    found = repairs(problem)
    for number, repair in enumerate(found):
        others = [way for way in ways if not any(earlier.rules <= way.keys() for earlier in found[:number])]
        assert repair.cents == min(sum(way.values()) for way in others)
        assert {each.rule: each.cents for each in repair.relaxations} in others
        assert repair.proved
    left = [way for way in ways if not any(repair.rules <= way.keys() for repair in found)]
    assert len(found) == 3 or not left


@settings(max_examples=effort(83, 2500))
@given(demanding())
def test_a_repair_that_is_applied_makes_a_plan_possible(problem: Problem) -> None:
    by_id = {rule.id: rule for rule in problem.rules}
    for repair in repairs(problem):
        assert any(plans(apply(problem, repair)))
        assert NONEMPTY_PLAN_RULE not in repair.rules
        assert repair.rules <= by_id.keys()
        # A share in percent is reached by plans that miss different sums of money.
        if all(relaxation.kind != "share" for relaxation in repair.relaxations):
            for relaxation in repair.relaxations:
                others = tuple(each for each in repair.relaxations if each is not relaxation)
                assert not any(plans(apply(problem, replace(repair, relaxations=others))))


ONE = Problem(
    (Source("A", 100_00, frozenset({"a", "b"})), Source("B", 50_00, frozenset({"a"}))),
    (Candidate("a", 50_00, 2, 1), Candidate("b", 60_00, 1, 1)),
    (),
)


def asked(*rules: MoneyRule | DonorRule | UnitsRule | SumRule | LinkRule) -> Problem:
    return replace(ONE, rules=rules)


def only(problem: Problem) -> Relaxation:
    ((relaxation,),) = [repair.relaxations for repair in repairs(problem)]
    return relaxation


def test_a_floor_that_the_earmarks_forbid_is_lowered_to_what_they_allow() -> None:
    """Only US$100 may be used for b, a unit costs US$60: by hand, US$60 is the most that it can get."""
    floor = MoneyRule("b-floor", "floor", {"b": BASIS_POINTS}, cents=80_00)
    assert only(asked(floor)) == Relaxation("b-floor", "cents", 60_00, 80_00, 20_00)


def test_a_share_is_lowered_to_the_basis_point_that_a_plan_reaches() -> None:
    """Both must be funded: 60 of 160 dollars are 37.5%, and US$20 less than half."""
    share = MoneyRule("b-share", "floor", {"b": BASIS_POINTS}, share=5_000)
    problem = replace(
        ONE,
        sources=(*ONE.sources, Source("C", 10_00, frozenset({"a"}))),
        rules=(share, UnitsRule("must a", "a", least=2), UnitsRule("must b", "b", least=1)),
    )
    first = repairs(problem)[0]
    assert first.relaxations == (Relaxation("b-share", "share", 3_750, 5_000, 20_00),)
    with pytest.raises(Infeasible):
        solve(apply(problem, Repair((replace(first.relaxations[0], bound=3_751),), proved=True)))


def test_units_links_and_sums_give_way() -> None:
    assert only(asked(UnitsRule("must b", "b", least=2))) == Relaxation("must b", "units", 1, 2, 60_00)
    days = asked(SumRule("days", {"a": 3}, least=8))
    assert only(days) == Relaxation("days", "amount", 6, 8, 2 * 16_67)
    apart = asked(
        LinkRule("apart", "excludes", "a", "b"),
        MoneyRule("both", "floor", {"a": BASIS_POINTS, "b": BASIS_POINTS}, cents=110_00),
    )
    assert [repair.relaxations for repair in repairs(apart)] == [
        (Relaxation("both", "cents", 100_00, 110_00, 10_00),),
        (Relaxation("apart", "link", 0, 1, 50_00),),
    ]


def test_a_donor_rule_is_relaxed_as_little_as_can_be() -> None:
    """B has US$50. Of US$60 for b, which A alone may pay, and of what B adds for a, A pays 60 of 110."""
    floor = asked(DonorRule("B pays", "floor", frozenset({"B"}), cents=60_00), SOMETHING)
    assert only(floor) == Relaxation("B pays", "cents", 50_00, 60_00, 10_00)
    must = UnitsRule("must b", "b", least=1)
    ceiling = asked(DonorRule("A little", "ceiling", frozenset({"A"}), share=2_000), must, SOMETHING)
    assert [repair.relaxations for repair in repairs(ceiling)] == [
        (Relaxation("A little", "share", 5_455, 2_000, 38_01),),
        (Relaxation("must b", "units", 0, 1, 60_00),),
    ]


def test_the_law_is_never_relaxed() -> None:
    poor = Problem((Source("A", 5, frozenset({"a"})),), (Candidate("a", 6, 1, 1),), (SOMETHING,))
    assert best(poor) is None
    assert repairs(poor) == ()
    kept = Problem(
        ONE.sources,
        (*ONE.candidates, Candidate("a begun", 900_00, 1, 1)),
        (UnitsRule("a begun", "a begun", least=1),),
    )
    assert repairs(kept) == ()


def test_repairs_in_a_sentence() -> None:
    assert sentence_of(()) == ""
    found = repairs(asked(MoneyRule("b-floor", "floor", {"b": BASIS_POINTS}, cents=80_00)))
    assert sentence_of(found) == (
        "A plan is possible with the rule b-floor at US$60.00 instead of US$80.00 (US$20.00)."
    )


def test_the_demo_made_impossible_is_repaired(open_demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "impossible.toml"
    changed = DEMO.replace('"45%"', '"70%"').replace('"14%"', '"40%"')
    file.write_text(changed.replace('["MDFM-1.2"]', '["MDFM-1.2", "MDFM-3.1"]'), encoding="utf-8")
    book = open_at(str(open_demo))
    with book.reading() as books:
        problem = build_problem(books, read_scenario(file))
    book.close()
    with pytest.raises(Infeasible):
        solve(problem)
    found = repairs(problem)
    assert len(found) == 3
    assert [repair.cents for repair in found] == sorted(repair.cents for repair in found)
    for repair in found:
        assert solve(apply(problem, repair)).proved
    asked = [
        "--book",
        str(open_demo),
        "plan",
        "run",
        str(file),
        "--out",
        str(tmp_path / "p.json"),
        "--by",
        "me",
    ]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 1
    assert sentence_of(found) in said.output
