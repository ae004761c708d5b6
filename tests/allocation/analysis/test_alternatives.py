"""Near-best plans, checked against an enumeration of all plans."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.analysis.alternatives import alternatives, distance
from allocation.engine.iis import Infeasible
from allocation.engine.problem import BASIS_POINTS, Candidate, Problem, Source
from allocation.engine.rules.units import UnitsRule
from mdfm.cli.app import app
from tests.support.effort import effort
from tests.support.open_demo import SCENARIO, open_demo
from tests.support.problems.enumerated import all_plans, best_plan, costs, small_problems
from tests.support.problems.tiny import worth

__all__ = ["open_demo"]


@settings(max_examples=effort(75, 1500))
@given(small_problems(), st.sampled_from([0, 500, 2_500, 5_000, 10_000]))
def test_each_plan_is_as_far_from_those_before_it_as_any_near_best_plan(
    problem: Problem, within: int
) -> None:
    best = best_plan(problem)
    if best is None:
        with pytest.raises(Infeasible):
            alternatives(problem, within=within, count=1)
        return
    value = worth(problem, best)
    near = [
        units
        for units in all_plans(problem)
        if worth(problem, units) * BASIS_POINTS >= value * (BASIS_POINTS - within)
    ]
    found = alternatives(problem, within=within, count=4)
    assert found.value == value
    before = [best]
    for plan in found.plans:
        (units,) = (each for each in near if dict(plan.awards) == spent(problem, each))
        furthest = max(min(distance(problem, each, other) for other in before) for each in near)
        assert plan.moved == min(distance(problem, units, other) for other in before) == furthest > 0
        assert plan.value == worth(problem, units)
        assert sum(plan.more.values()) - sum(plan.less.values()) == sum(plan.awards.values()) - sum(
            found.awards.values()
        )
        before.append(units)
    if len(found.plans) < 4:
        assert all(each in before for each in near)
    for code, often in found.often.items():
        times = sum(bool(units[code]) for units in near)
        assert often == ("never" if not times else "always" if times == len(near) else "sometimes")


def spent(problem: Problem, units: dict[str, int]) -> dict[str, int]:
    return {code: cents for code, cents in costs(problem, units).items() if cents}


def test_a_plan_between_two_extremes_is_the_third() -> None:
    """Ten units, of which any number may be funded: the ends first, then the middle."""
    problem = Problem(
        (Source("S", 10, frozenset("a")),), (Candidate("a", 1, 10, 0),), (UnitsRule("U", "a", 0),)
    )
    found = alternatives(problem, within=0, count=4)
    assert found.awards == {"a": 10}
    assert [dict(plan.awards) for plan in found.plans[:2]] == [{}, {"a": 5}]
    assert [plan.moved for plan in found.plans] == [10, 5, 2, 2]


def test_a_part_that_is_not_worth_funding_is_no_alternative() -> None:
    sources = (Source("S", 10, frozenset("a")),)
    problem = Problem(sources, (Candidate("a", 1, 10, 0, least=8),), ())
    found = alternatives(problem, within=0, count=9)
    assert [dict(plan.awards) for plan in found.plans] == [{}, {"a": 8}, {"a": 9}]
    assert found.often == {"a": "sometimes"}


def test_the_command_shows_other_plans(open_demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "scenario.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    asked = ["--book", str(open_demo), "plan", "alternatives", str(file), "--within", "2%", "--count", "2"]
    drawn = CliRunner().invoke(app, asked)
    assert drawn.exit_code == 0, drawn.output
    assert "Plans within 2.00 % of the best value" in drawn.output
    printed = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert all(50 * plan["value"] >= 49 * printed["value"] for plan in printed["plans"])
    first, second = printed["plans"]
    assert first["moved"] >= second["moved"] > 0
    assert printed["often"]["MDFM-1.2"] == "always"
    for plan in (*printed["plans"], printed):
        assert all(printed["often"][code] != "never" for code in plan["awards"])
        assert all(how != "always" or code in plan["awards"] for code, how in printed["often"].items())
    again = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert again == printed


def test_more_than_all_of_the_value_is_refused(open_demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "scenario.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    asked = ["--book", str(open_demo), "plan", "alternatives", str(file), "--within", "101%"]
    refused = CliRunner().invoke(app, asked)
    assert refused.exit_code == 2
    assert "give --within less" in refused.output
