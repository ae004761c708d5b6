"""Sensitivity to more and less money, against plans written down one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.analysis.sensitivity import sensitivity
from allocation.engine.problem import Candidate, Problem, Source
from allocation.engine.rules.donors import DonorRule
from allocation.engine.rules.units import UnitsRule
from mdfm.cli.app import app
from tests.support.effort import effort
from tests.support.open_demo import SCENARIO, open_demo
from tests.support.problems.enumerated import best_plan, small_problems
from tests.support.problems.tiny import worth

__all__ = ["open_demo"]

ALL = frozenset("abcd")


def value(problem: Problem) -> int | None:
    units = best_plan(problem)
    return None if units is None else worth(problem, units)


@settings(max_examples=effort(75, 1500))
@given(small_problems(), st.integers(1, 6))
def test_gains_and_losses_are_those_that_enumeration_finds(problem: Problem, cents: int) -> None:
    base = value(problem)
    if base is None:
        return
    found = sensitivity(problem, cents)
    assert found.value == base
    for step in (*found.more, *found.less):
        name = step.sources[0] if step.sources else "another"
        sources = {source.agreement: source for source in problem.sources}
        source = sources.get(name, Source(name, 0, ALL))
        held = sum(sources[each].cents for each in step.sources)
        assert step.cents == cents or step.cents == -min(cents, held)
        others = [each for each in problem.sources if each.agreement not in step.sources]
        asked = replace(problem, sources=(*others, replace(source, cents=held + step.cents)))
        then = value(asked)
        assert step.gain == (None if then is None else then - base)
        if then is not None:
            was, now = best_plan(problem), best_plan(asked)
            assert was is not None
            assert now is not None
            change = {
                each.code: each.unit_cents * (now[each.code] - was[each.code]) for each in problem.candidates
            }
            assert step.more == {code: moved for code, moved in change.items() if moved > 0}
            assert step.less == {code: -moved for code, moved in change.items() if moved < 0}
    assert [step.gain for step in found.more] == sorted((step.gain or 0 for step in found.more), reverse=True)


def problem(*rules: UnitsRule | DonorRule) -> Problem:
    sources = (
        Source("A", 10, frozenset("a")),
        Source("B", 5, frozenset("a")),
        Source("C", 4, ALL),
        Source("D", 6, ALL),
    )
    return Problem(sources, (Candidate("a", 20, 1, 3), Candidate("b", 12, 1, 2)), rules)


def test_agreements_with_the_same_earmark_are_one_fund_group() -> None:
    found = sensitivity(problem(), 7)
    assert {step.sources for step in found.more} == {("A", "B"), ("C", "D")}
    assert {step.sources: step.earmarked for step in found.more} == {("A", "B"): True, ("C", "D"): False}
    most = found.more[0]
    assert (most.sources, most.gain, most.more) == (("C", "D"), 2, {"b": 12})


def test_a_rule_about_donors_sets_agreements_with_the_same_earmark_apart() -> None:
    found = sensitivity(problem(DonorRule("least", "floor", frozenset({"A"}), cents=1)), 7)
    assert {step.sources for step in found.more} == {
        ("A",),
        ("B",),
        ("C", "D"),
    }


def test_a_fund_group_with_less_than_the_amount_loses_all() -> None:
    found = sensitivity(problem(UnitsRule("must", "a", least=1)), 100)
    assert {step.sources: (step.cents, step.gain) for step in found.less} == {
        ("A", "B"): (-15, None),
        ("C", "D"): (-10, None),
    }


def test_money_without_an_earmark_is_asked_about_even_when_nobody_gives_it() -> None:
    asked = Problem(
        (Source("more", 5, frozenset("a")),), (Candidate("a", 5, 1, 1), Candidate("b", 5, 1, 4)), ()
    )
    found = sensitivity(asked, 5)
    assert [(step.sources, step.earmarked, step.gain) for step in found.more] == [
        ((), False, 4),
        (("more",), True, 0),
    ]
    assert [step.sources for step in found.less] == [("more",)]


def test_the_command_tells_whose_money_the_plan_waits_for(open_demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "scenario.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    asked = ["--book", str(open_demo), "plan", "sensitivity", str(file), "--amount", "20,000"]
    drawn = CliRunner().invoke(app, asked)
    assert drawn.exit_code == 0, drawn.output
    assert "With US$20,000.00 more" in drawn.output
    printed = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    gains = {tuple(step["sources"]): step["gain"] for step in printed["more"]}
    assert max(gains.values()) > gains["A-FOUND-A", "A-GOV-A"] == 0
    assert all(step["gain"] <= 0 for step in printed["less"] if step["gain"] is not None)


def test_no_amount_is_refused(open_demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "scenario.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    refused = CliRunner().invoke(
        app, ["--book", str(open_demo), "plan", "sensitivity", str(file), "--amount", "0"]
    )
    assert refused.exit_code == 2
    assert "more than nothing" in refused.output
