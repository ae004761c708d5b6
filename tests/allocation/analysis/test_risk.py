"""Risk of a plan when money may not arrive, against outcomes written down one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation.analysis.risk import EXACT_MAX, RiskOutcome, risk, tail_mean
from allocation.engine.iis import Infeasible
from allocation.engine.problem import BASIS_POINTS, Candidate, Problem, Source
from allocation.engine.rules.units import UnitsRule
from ledger import BadInput
from mdfm.cli.app import app
from tests.support.effort import effort
from tests.support.open_demo import SCENARIO, open_demo
from tests.support.problems.enumerated import Units, best_plan, payable, small_problems
from tests.support.problems.tiny import worth

__all__ = ["open_demo"]

ALL = frozenset("ab")


def outcomes(probability: dict[str, int]) -> list[tuple[Fraction, set[str]]]:
    """Every set of sources that fails, with its probability."""
    found = []
    for size in range(len(probability) + 1):
        for failed in combinations(probability, size):
            weight = Fraction(1)
            for name, chance in probability.items():
                weight *= Fraction(BASIS_POINTS - chance if name in failed else chance, BASIS_POINTS)
            found.append((weight, set(failed)))
    return found


def without(problem: Problem, failed: set[str]) -> Problem:
    return replace(problem, sources=tuple(each for each in problem.sources if each.agreement not in failed))


def in_order(problem: Problem, plan: Units) -> Units:
    """The most units of each activity in order of priority that can be paid beside those before it."""
    must = {rule.activity for rule in problem.rules if isinstance(rule, UnitsRule) and rule.least}
    ranked = sorted(
        problem.candidates, key=lambda c: (c.code not in must, Fraction(-c.score, c.unit_cents), c.code)
    )
    units = dict.fromkeys(plan, 0)
    for each in ranked:
        units[each.code] = max(
            n for n in range(plan[each.code] + 1) if payable(problem, units | {each.code: n})
        )
    return units


def worst(values: list[tuple[Fraction, int]], part: Fraction) -> Fraction:
    """The mean of the worst part as an optimum: the largest t - E[max(0, t - value)] / part."""
    return max(
        at - sum((weight * max(0, at - value) for weight, value in values), Fraction(0)) / part
        for _, at in values
    )


@settings(max_examples=effort(50, 1000))
@given(
    small_problems(),
    st.lists(st.sampled_from([0, 1_234, 5_000, 9_999, 10_000]), min_size=3, max_size=3),
    st.booleans(),
)
def test_every_figure_is_that_of_enumeration(problem: Problem, chances: list[int], keep: bool) -> None:
    probability = {source.id: chance for source, chance in zip(problem.sources, chances, strict=False)}
    plan = best_plan(problem)
    if plan is None:
        with pytest.raises(Infeasible):
            risk(problem, probability, keep=keep)
        return
    found = risk(problem, probability, keep=keep)
    known: list[tuple[Fraction, Units | None]] = []
    for weight, failed in outcomes(probability):
        left = without(problem, failed)
        known.append((weight, in_order(left, plan) if keep else best_plan(left)))
    values = [(weight, worth(problem, units or dict.fromkeys(plan, 0))) for weight, units in known]
    assert found.value == worth(problem, plan)
    assert found.expected == round(sum(weight * value for weight, value in values))
    real = [each for each in values if each[0]]
    assert found.tails == {part: round(worst(real, Fraction(part, BASIS_POINTS))) for part in (500, 1_000)}
    assert found.without_plan == round(BASIS_POINTS * sum(weight for weight, units in known if units is None))
    assert found.outcomes == len(real)
    for chance in found.chances:
        likely = sum(weight for weight, units in known if units and units[chance.activity])
        mean = sum(weight * units[chance.activity] for weight, units in known if units)
        cost = next(each.unit_cents for each in problem.candidates if each.code == chance.activity)
        assert (chance.chance, chance.cents) == (round(likely * BASIS_POINTS), round(mean * cost))
        assert chance.units == plan[chance.activity]
    ever = {code for weight, units in known if weight and units for code, number in units.items() if number}
    assert {chance.activity for chance in found.chances if chance.chance or chance.cents} <= ever
    assert {code for code, number in plan.items() if number} <= {chance.activity for chance in found.chances}


def test_the_outcome_at_the_edge_counts_in_part() -> None:
    found = [RiskOutcome(Fraction(1, 50), 0, None), RiskOutcome(Fraction(49, 50), 100, None)]
    assert tail_mean(found, Fraction(1, 20)) == 60
    assert tail_mean(found, Fraction(1)) == 98


def many(number: int) -> tuple[Problem, dict[str, int]]:
    sources = tuple(Source(f"S{i:02}", 1, ALL) for i in range(number))
    candidates = (Candidate("a", 1, number, 1), Candidate("b", 1, 1, 5))
    return Problem(sources, candidates, ()), {source.id: 7_000 for source in sources}


def test_of_too_many_promises_a_sample_is_drawn_in_which_each_arrives_as_often_as_it_should() -> None:
    problem, probability = many(EXACT_MAX + 1)
    found = risk(problem, probability, keep=True, samples=100)
    assert (found.samples, found.outcomes > 50) == (100, True)
    # 13 promises of a cent at 70 %: the mean money is exact whatever is drawn, and one cent of it is worth 5.
    assert sum(chance.cents for chance in found.chances) == round(Fraction(7, 10) * 13)
    assert found == risk(problem, probability, keep=True, samples=100)


def test_up_to_the_limit_every_outcome_is_looked_at() -> None:
    problem, probability = many(3)
    found = risk(problem, probability)
    assert (found.samples, found.outcomes) == (0, 8)
    assert found.expected == round(Fraction(3 * 7, 10) + 4 * (1 - Fraction(27, 1000)))


def test_what_is_not_worth_funding_in_part_is_dropped_whole() -> None:
    sources = (Source("S", 4, ALL), Source("T", 6, ALL))
    problem = Problem(sources, (Candidate("a", 1, 10, 1, least=5),), ())
    (chance,) = risk(problem, {"T": 5_000}, keep=True).chances
    assert (chance.chance, chance.cents) == (5_000, 5)


def test_a_source_that_is_not_there_is_refused() -> None:
    problem, _ = many(2)
    with pytest.raises(BadInput, match="no source 'X' of money: the sources are S00, S01"):
        risk(problem, {"X": 1})
    with pytest.raises(BadInput, match="probability of S00 must be between"):
        risk(problem, {"S00": 10_001})


# --- the command --------------------------------------------------------------------------------------------


def asked(book: Path, folder: Path, money: str, *options: str) -> Result:
    file = folder / "scenario.toml"
    file.write_text(SCENARIO.replace('money = "received"', money), encoding="utf-8")
    return CliRunner().invoke(app, ["--book", str(book), "plan", "risk", str(file), *options])


PLEDGED = 'money = "pledged"\npledge_probability = "40%"'


def test_the_command_tells_chances_and_values(open_demo: Path, tmp_path: Path) -> None:
    drawn = asked(open_demo, tmp_path, PLEDGED, "--probability", "A-GOV-A=75%")
    assert drawn.exit_code == 0, drawn.output
    assert "Mean of the worst 5 %" in drawn.output
    printed = json.loads(asked(open_demo, tmp_path, PLEDGED, "--probability", "A-GOV-A=75%", "--json").stdout)
    assert {each["source"]: each["chance"] for each in printed["promises"]} == {
        "A-GOV-A": 7_500,
        "pledge P-CITY-C": 4_000,
    }
    assert printed["outcomes"] == 4
    assert printed["tails"]["500"] <= printed["tails"]["1000"] <= printed["expected"] <= printed["value"]
    kept = json.loads(
        asked(open_demo, tmp_path, PLEDGED, "--probability", "A-GOV-A=75%", "--keep", "--json").stdout
    )
    assert kept["value"] == printed["value"]
    assert kept["expected"] <= printed["expected"]


@pytest.mark.parametrize(
    ("money", "options", "sentence"),
    [
        ('money = "received"', ["A-GOV-A=75%"], "counts only what has arrived"),
        ('money = "signed"', ["A-BANK-A=75%"], "expects no money from 'A-BANK-A'"),
        ('money = "signed"', ["A-GOV-A=75"], "is not a rate"),
        ('money = "signed"', ["A-GOV-A"], "is not NAME=PERCENT"),
        ('money = "signed"', ["A-GOV-A=175%"], "more than certain"),
        ('money = "signed"', ["A-GOV-A=75%", "A-GOV-A=7%"], "given twice"),
        ('money = "pledged"', ["A-GOV-A=75%"], "how likely the pledge P-CITY-C is"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    open_demo: Path, tmp_path: Path, money: str, options: list[str], sentence: str
) -> None:
    given = [part for option in options for part in ("--probability", option)]
    refused = asked(open_demo, tmp_path, money, *given)
    assert refused.exit_code == 2
    assert sentence in refused.output
