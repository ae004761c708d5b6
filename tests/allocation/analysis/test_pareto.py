"""Pareto fronts against enumeration, the price of a rule, and the commands and drawings of both."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import Goal, Point, build_problem_with_goals, front, price, read_scenario
from allocation.analysis.goal import find_goal
from allocation.analysis.pareto import Unproved, search
from allocation.engine.problem import BASIS_POINTS, Candidate, Problem, Source
from allocation.engine.rules.money import MoneyRule
from ledger import BadInput, Book
from mdfm.books import open_at
from mdfm.cli.planner import plan_sweep
from tests.support.effort import effort
from tests.support.open_demo import SCENARIO, open_demo
from tests.support.problems.tiny import CODES, plans, tiny_problems, worth

__all__ = ["open_demo"]

Values = tuple[int, ...]


def unbeaten(values: Iterable[Values]) -> list[Values]:
    """Those that no other one reaches or exceeds in every goal, largest first value first."""
    all_of_them = set(values)
    return sorted(
        (v for v in all_of_them if not any(o != v and reaches(o, v) for o in all_of_them)), reverse=True
    )


def reaches(values: Values, others: Values) -> bool:
    return all(mine >= theirs for mine, theirs in zip(values, others, strict=True))


# --- the search, on points that are simply there ------------------------------------------------------------


class Cloud:
    """Points that answer what a solver would be asked."""

    def __init__(self, points: Iterable[Values]) -> None:
        self.points = set(points)
        self.asked = 0

    def best_above(self, corner: Values) -> Point | None:
        self.asked += 1
        above = [p for p in self.points if all(a > b for a, b in zip(p, corner, strict=True))]
        best = max(above, key=lambda p: (p[0], sum(p[1:])), default=None)
        return None if best is None else Point(best, {})


def clouds(number: int) -> Iterator[tuple[Cloud, Values, random.Random]]:
    """Clouds of up to 25 points in two or three goals, with ties and negative values, and a corner below."""
    for seed in range(number):
        chance = random.Random(seed)
        goals, far = chance.choice((2, 3)), chance.choice((2, 5, 12))
        points = {
            tuple(chance.randint(-far, far) for _ in range(goals)) for _ in range(chance.randint(0, 25))
        }
        yield Cloud(points), (-far - 1,) * goals, chance


def test_the_search_finds_every_unbeaten_point_and_no_other() -> None:
    for cloud, below_all, _ in clouds(3_000):
        found = search(below_all, (1,) * len(below_all), cloud.best_above)
        assert [point.values for point in found] == unbeaten(cloud.points)


def test_with_steps_every_point_left_out_is_less_than_a_step_ahead_of_one_found() -> None:
    left_out = 0
    for cloud, below_all, chance in clouds(2_000):
        steps = tuple(chance.choice((1, 2, 5)) for _ in below_all)
        found = {point.values for point in search(below_all, steps, cloud.best_above)}
        exact = unbeaten(cloud.points)
        left_out += len(exact) - len(found)
        assert found <= set(exact)
        for values in exact:
            assert any(all(v < f + s for v, f, s in zip(values, near, steps, strict=True)) for near in found)
    assert left_out > 1_000


@pytest.mark.parametrize(("goals", "most"), [(2, 1), (3, 2)])
def test_the_questions_asked_grow_with_the_points_only(goals: int, most: int) -> None:
    chance = random.Random(goals)
    cuts = [sorted(chance.randint(0, 10**6) for _ in range(goals - 1)) for _ in range(150)]
    cloud = Cloud(tuple(b - a for a, b in zip([0, *cut], [*cut, 10**6], strict=True)) for cut in cuts)
    found = search((-1,) * goals, (1,) * goals, cloud.best_above)
    assert len(found) == len(cloud.points)
    assert cloud.asked <= most * len(found) + 1


def test_the_search_tells_how_far_it_is() -> None:
    message: list[tuple[int, int]] = []
    cloud = Cloud([(3, 0), (2, 1), (0, 2)])
    search((-1, -1), (1, 1), cloud.best_above, lambda found, of: message.append((found, of)))
    assert [found for found, _ in message] == [1, 2, 3, 3]
    assert all(found <= of for found, of in message)
    assert message[-1] == (3, 3)


# --- fronts of tiny problems, answered by enumeration -------------------------------------------------------


@st.composite
def goals_of(draw: st.DrawFn) -> tuple[Goal, ...]:
    amounts = st.dictionaries(st.sampled_from(CODES), st.integers(-2, 4), max_size=4)
    return tuple(Goal(f"goal {i}", draw(amounts)) for i in range(draw(st.integers(2, 3))))


@settings(max_examples=effort(50, 1000))
@given(tiny_problems(), goals_of())
def test_the_front_is_the_one_that_enumeration_finds(problem: Problem, goals: tuple[Goal, ...]) -> None:
    possible = list(plans(problem))
    found = front(problem, goals)
    expected = unbeaten(tuple(goal.of(units) for goal in goals) for units in possible)
    assert [point.values for point in found] == expected
    for point in found:
        assert point.units in possible
        assert tuple(goal.of(point.units) for goal in goals) == point.values


FLOOR = MoneyRule("FLOOR", "floor", {"z": BASIS_POINTS}, share=2_000)
TWO = Problem(
    (Source("S", 10, frozenset("xyz")),),
    (Candidate("x", 4, 1, 9), Candidate("y", 3, 2, 5), Candidate("z", 5, 1, 2)),
    (FLOOR,),
)


def goals(problem: Problem, *names: str) -> tuple[Goal, ...]:
    return tuple(find_goal(problem, name) for name in names)


def test_a_soft_rule_counts_as_firm() -> None:
    soft = replace(TWO, rules=(replace(FLOOR, soft=True),))
    firm = front(TWO, goals(TWO, "value", "FLOOR"))
    assert [point.values for point in firm] == [(11, 50_000)]
    assert front(soft, goals(soft, "value", "FLOOR")) == firm
    assert len(front(replace(TWO, rules=()), goals(TWO, "value", "FLOOR"))) > 1


def test_a_front_with_holes_is_not_given() -> None:
    with pytest.raises(Unproved, match="raise the limit"):
        front(TWO, goals(TWO, "value", "units"), limit=0.0)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("value",), "two or three goals, not 1"),
        (("value", "awarded", "units", "FLOOR"), "two or three goals, not 4"),
        (("value", "value"), "given twice"),
    ],
)
def test_goals_that_cannot_be_compared_are_refused(names: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        front(TWO, goals(TWO, *names))


def test_what_is_funded_by_amount_cannot_be_counted_in_units() -> None:
    by_amount = replace(TWO, candidates=(Candidate("x", 1, 10, 1, least=5),))
    with pytest.raises(BadInput, match="where x is funded by amount"):
        find_goal(by_amount, "units")


# --- the price of a rule ------------------------------------------------------------------------------------


@settings(max_examples=effort(50, 1000))
@given(
    tiny_problems(),
    st.sampled_from(["floor", "ceiling"]),
    st.dictionaries(st.sampled_from(CODES), st.sampled_from([2_500, 10_000]), max_size=4),
)
def test_prices_are_those_that_enumeration_finds(
    problem: Problem, sense: str, weights: Mapping[str, int]
) -> None:
    priced = MoneyRule("P", sense, weights, share=0, soft=True)  # type: ignore[arg-type]
    shares = [0, 1_000, 2_500, 5_000, 7_500, 10_000]
    expected = []
    for share in shares if sense == "floor" else shares[::-1]:
        bound = replace(priced, share=share)
        values = [worth(problem, units) for units in plans(replace(problem, rules=(*problem.rules, bound)))]
        if not values:
            break
        expected.append((share, max(values)))
    found = price(replace(problem, rules=(*problem.rules, priced)), "P", shares)
    assert [(each.share, each.value) for each in found] == expected
    assert all(each.cost == expected[0][1] - each.value >= 0 for each in found)


@pytest.mark.parametrize("rule", ["NOWHERE", "AMOUNT"])
def test_only_a_share_of_the_money_has_a_price_by_the_percent(rule: str) -> None:
    amount = MoneyRule("AMOUNT", "floor", {"x": BASIS_POINTS}, cents=1)
    with pytest.raises(BadInput, match=f"'{rule}' is not a floor or ceiling of the scenario on a share"):
        price(replace(TWO, rules=(amount,)), rule)


# --- over the books -----------------------------------------------------------------------------------------


@pytest.fixture
def opened(open_demo: Path) -> Iterator[Book]:
    book = open_at(str(open_demo))
    yield book
    book.close()


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def test_goals_are_asked_for_by_name(opened: Book, scenario: Path) -> None:
    question = read_scenario(scenario)
    names = ("value", "awarded", "units", "africa", "africa:m49", "cluster:INC", "region:Arab States")
    with opened.reading() as books:
        problem, found = build_problem_with_goals(books, question, names)
        plain, () = build_problem_with_goals(books, question, ())
    assert problem == plain
    assert [goal.id for goal in found] == list(names)
    costs = {each.code: each.unit_cents for each in problem.candidates}
    by_name = {goal.id: goal for goal in found}
    clusters = {code: cents * BASIS_POINTS for code, cents in costs.items() if code.startswith("INC-")}
    assert {code: n for code, n in by_name["cluster:INC"].amounts.items() if n} == clusters
    assert dict(by_name["awarded"].amounts) == costs
    assert set(by_name["units"].amounts.values()) == {1}
    floor = next(rule for rule in problem.rules if isinstance(rule, MoneyRule) and rule.id == "africa")
    everywhere = dict.fromkeys(costs, 1)
    assert by_name["africa"].of(everywhere) == sum(floor.weights.get(c, 0) * n for c, n in costs.items())
    assert by_name["africa:m49"].of(everywhere) > by_name["africa"].of(everywhere)
    assert by_name["region:Arab States"].of(everywhere) > 0


@pytest.mark.parametrize("name", ["afrika", "africa:north", "cluster", "region:Mars", "cluster:NONE"])
def test_a_goal_that_is_none_is_refused(name: str, opened: Book, scenario: Path) -> None:
    with opened.reading() as books, pytest.raises(BadInput):
        build_problem_with_goals(books, read_scenario(scenario), ("value", name))


def asked(book: Path, *words: str) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(plan_sweep.pareto, list(words), obj=str(book))


COMPARED = ("--goal", "value", "--goal", "africa", "--step", "20,000")


def test_the_command_lists_and_draws_the_plans(open_demo: Path, scenario: Path, tmp_path: Path) -> None:
    pictures = [tmp_path / "front.svg", tmp_path / "again.svg", tmp_path / "front.pdf"]
    message = [asked(open_demo, str(scenario), *COMPARED, "--plot", str(path), "--json") for path in pictures]
    assert [each.exit_code for each in message] == [0, 0, 0], message[0].output
    points = json.loads(message[0].stdout)["points"]
    values = [(point["values"]["value"], point["values"]["africa"]) for point in points]
    assert values == unbeaten(values)
    assert len(values) > 3
    drawn = ElementTree.fromstring(pictures[0].read_text(encoding="utf-8"))
    assert len(drawn.findall(".//{*}circle")) == len(points)
    assert drawn.find("{*}desc").text.startswith(f"{len(points)} plans. value ")  # type: ignore[union-attr]
    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    assert pictures[2].read_bytes().startswith(b"%PDF")


def test_the_command_tells_the_price_of_a_rule(open_demo: Path, scenario: Path) -> None:
    message = asked(open_demo, str(scenario), "--price", "africa")
    assert message.exit_code == 0, message.output
    lines = message.stdout.splitlines()
    assert any(line.split() == ["0", "%", "to", "39", "%", "3,043,000,000", "0"] for line in lines)
    assert any(line.split() == ["45", "%", "2,879,500,000", "25,500,000"] for line in lines)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say what to compare"),
        (("--price", "africa", "--plot", "x.svg"), "give --goal"),
        ((*COMPARED, "--plot", "x.png"), "ends in .svg or .pdf"),
    ],
)
def test_a_question_without_goals_is_refused(
    words: Sequence[str], sentence: str, open_demo: Path, scenario: Path
) -> None:
    message = asked(open_demo, str(scenario), *words)
    assert isinstance(message.exception, BadInput)
    assert sentence in str(message.exception)


def test_no_plan_is_an_answer(open_demo: Path, tmp_path: Path) -> None:
    clash = tmp_path / "clash.toml"
    clash.write_text(SCENARIO.replace('share = "14%"', 'share = "100%"'), encoding="utf-8")
    message = asked(open_demo, str(clash), *COMPARED)
    assert "No plan keeps the scenario's rules" in str(message.exception)
