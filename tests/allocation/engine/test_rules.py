"""Rules against enumeration: what they forbid, what the verifier says, and what relaxes them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from allocation.engine.certify import Claim, certify
from allocation.engine.greedy import greedy
from allocation.engine.iis import Infeasible
from allocation.engine.model import build
from allocation.engine.problem import Candidate, Problem, Source
from allocation.engine.rules import verify
from allocation.engine.rules.concentration import ConcentrationRule
from allocation.engine.rules.counts import ActivityCountRule
from allocation.engine.rules.rule import CommittedUnits, Rule
from allocation.engine.rules.verify import Claimed, broken
from allocation.engine.solve import second_opinion, solve
from ledger import BadInput
from tests.support.effort import effort
from tests.support.place import ROOT
from tests.support.problems.tiny import (
    concentrations,
    costs_of,
    counts,
    missed,
    payable_plans,
    plans,
    tiny_problems,
    worth,
)

NEW_RULES = {"counts": counts, "concentrations": concentrations}
"""Strategies of rules, each tried alone and beside other rules."""


@st.composite
def ruled(draw: st.DrawFn) -> tuple[Problem, Rule]:
    """A problem with one of these rules, alone or beside others."""
    problem = draw(tiny_problems(rules_max=draw(st.integers(0, 1))))
    codes = tuple(each.code for each in problem.candidates)
    rule = draw(draw(st.sampled_from(list(NEW_RULES.values())))("NEW", codes))
    return replace(problem, rules=(*problem.rules, rule)), rule


@settings(max_examples=effort(150, 5000))
@given(ruled())
def test_the_plan_is_as_good_as_the_best_that_enumeration_finds(given_: tuple[Problem, Rule]) -> None:
    problem, _ = given_
    best = max((worth(problem, units) for units in plans(problem)), default=None)
    if best is None:
        with pytest.raises(Infeasible):
            solve(problem)
        return
    found = solve(problem)
    assert found.units in list(plans(problem))
    assert found.value == found.bound == best == second_opinion(problem)
    certify(problem, Claim(found.units, found.flows, found.value, found.bound, True))


@settings(max_examples=effort(100, 3000))
@given(ruled())
def test_verifier_shortfall_and_constraints_agree_with_enumeration(given_: tuple[Problem, Rule]) -> None:
    problem, rule = given_
    stated = [each for each in build(problem).constraints if each.rule == rule.id]
    for units in payable_plans(problem):
        short = missed(rule, units, costs_of(problem, units))
        assert rule.shortfall(problem, units) == short
        assert (broken(rule, Claimed(problem, units, {})) is None) == (short == 0)
        assert all(each.holds(_values(problem, rule, units)) for each in stated) == (short == 0)


def _values(problem: Problem, rule: Rule, units: Mapping[str, int]) -> dict[str, int]:
    """The units with the auxiliary variables that follow from them."""
    funded = {f"funded:{code}": int(number > 0) for code, number in units.items()}
    return {**units, **funded, f"awarded:{rule.id}": sum(costs_of(problem, units).values())}


@settings(max_examples=effort(100, 3000))
@given(ruled())
def test_a_rule_as_reached_is_kept_and_is_what_a_repair_moves_it_to(given_: tuple[Problem, Rule]) -> None:
    problem, rule = given_
    for units in payable_plans(problem):
        reached = rule.as_reached(problem, units)
        assert reached is not None
        assert not missed(reached, units, costs_of(problem, units))
        if missed(rule, units, costs_of(problem, units)):
            assert rule.relaxed(rule.relaxation(problem, units)) == reached
        else:
            assert reached == rule


@settings(max_examples=effort(100, 3000))
@given(ruled())
def test_a_greedy_plan_keeps_the_rule(given_: tuple[Problem, Rule]) -> None:
    problem, _ = given_
    found = greedy(problem)
    assume(found is not None)
    assert found in list(plans(problem))


# --- a number of activities ---------------------------------------------------------------------------------


def test_a_greedy_plan_funds_the_cheapest_that_are_lacking() -> None:
    candidates = tuple(Candidate(code, 4, 2, 0, least=2) for code in "abc")
    problem = Problem((Source("S", 20, frozenset("abc")),), candidates, ())
    many = ActivityCountRule("MANY", frozenset("abc"), least=2)
    assert greedy(problem) == {"a": 0, "b": 0, "c": 0}
    assert greedy(replace(problem, rules=(many,))) == {"a": 2, "b": 2, "c": 0}
    assert greedy(replace(problem, rules=(replace(many, least=3),))) is None


def test_activities_count_and_not_their_units() -> None:
    candidates = (Candidate("a", 1, 9, 1), Candidate("b", 1, 9, 5))
    problem = Problem((Source("S", 9, frozenset("ab")),), candidates, ())
    assert solve(problem).units == {"a": 0, "b": 9}
    both = replace(problem, rules=(ActivityCountRule("BOTH", frozenset("abz"), least=2),))
    assert solve(both).units == {"a": 1, "b": 8}


def test_committed_work_is_an_activity_that_is_funded() -> None:
    kept = {"a": CommittedUnits("a begun", 3)}
    rule = ActivityCountRule("C", frozenset("abc"), most=2)
    assert rule.committed(kept, {"a", "b"}) == replace(rule, activities=frozenset({"a begun", "b"}))


@pytest.mark.parametrize("bounds", [(3, 2), (-1, None), (None, -1)])
def test_a_number_that_cannot_be_is_refused(bounds: tuple[int | None, int | None]) -> None:
    with pytest.raises(BadInput, match="Rule C leaves no number of activities"):
        ActivityCountRule("C", frozenset("a"), *bounds).check(frozenset("a"))


# --- concentration ------------------------------------------------------------------------------------------

PLACES = {"KEN": {"a": 10_000, "b": 5_000}, "KOR": {"b": 5_000, "c": 10_000}}
OPEN = Problem((Source("S", 100, frozenset("abc")),), tuple(Candidate(code, 10, 3, 1) for code in "abc"), ())


def test_one_rule_limits_each_group_and_says_which_it_binds_for() -> None:
    rule = ConcentrationRule("ONE", PLACES, share=5_000)
    problem = replace(OPEN, rules=(rule,))
    found = solve(problem)
    assert found.units == {"a": 3, "b": 3, "c": 3}
    both = list(rule.reached(problem, found.units, found.flows))
    assert [(each.name, each.bound, each.reached, each.share) for each in both] == [
        ("ONE (KEN)", 45, 45, 5_000),
        ("ONE (KOR)", 45, 45, 5_000),
    ]
    (alone,) = rule.reached(problem, {"a": 1, "b": 0, "c": 0}, {})
    assert (alone.name, alone.bound, alone.reached) == ("ONE (KEN)", 5, 10)
    (nobody,) = rule.reached(problem, {"a": 0, "b": 0, "c": 0}, {})
    assert (nobody.name, nobody.reached, nobody.share) == ("ONE", 0, 0)
    assert list(rule.binding(problem, found.units, {"a": 3, "b": 3, "c": 2})) == ["ONE (KEN)"]


def test_an_amount_is_the_same_for_each_group() -> None:
    found = solve(replace(OPEN, rules=(ConcentrationRule("ONE", PLACES, cents=20),)))
    awards = {code: 10 * number for code, number in found.units.items()}
    for group in PLACES.values():
        assert sum(part * awards[code] for code, part in group.items()) <= 20 * 10_000


def test_committed_work_counts_for_its_groups() -> None:
    rule = ConcentrationRule("ONE", PLACES, share=5_000)
    changed = rule.committed({"b": CommittedUnits("b begun", 2)}, {"b", "c"})
    assert changed.groups == {
        "KEN": {"b": 5_000, "b begun": 5_000},
        "KOR": {"b": 5_000, "b begun": 5_000, "c": 10_000},
    }


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (ConcentrationRule("R", PLACES), "Rule R must give either a share or an amount"),
        (ConcentrationRule("R", PLACES, share=10_001), "Rule R has a share outside"),
        (ConcentrationRule("R", {"KEN": {"a": -1}}, share=1), "Rule R has a share outside"),
        (ConcentrationRule("R", PLACES, cents=-1), "Rule R has an amount below nothing"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(rule: ConcentrationRule, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        solve(replace(OPEN, rules=(rule,)))


# --- the verifier's side ------------------------------------------------------------------------------------


def _rule_classes(of: type[Rule] = Rule) -> Iterator[type[Rule]]:
    for each in of.__subclasses__():
        yield each
        yield from _rule_classes(each)


def test_the_verifier_has_a_check_for_every_rule() -> None:
    concrete = [each for each in _rule_classes() if not inspect.isabstract(each)]
    classes = {each.__name__ for each in concrete if each.__module__.startswith("allocation.")}
    assert classes == set(verify._CHECKS)
    assert len(classes) > 5


def test_a_rule_that_the_verifier_does_not_know_is_never_certified() -> None:
    class Unknown(ActivityCountRule):
        pass

    problem = Problem((), (Candidate("a", 1, 1, 1),), ())
    assert (
        broken(Unknown("U", frozenset()), Claimed(problem, {"a": 0}, {})) == "the verifier knows no Unknown"
    )


def test_the_verifier_imports_no_rule_and_no_constraint() -> None:
    tree = ast.parse((ROOT / "allocation/engine/rules/verify.py").read_text("utf-8"))
    found = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert {name for name in found if name and name.startswith("allocation")} == {"allocation.engine.problem"}
