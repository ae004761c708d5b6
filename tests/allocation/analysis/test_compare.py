"""Comparison of two scenarios: changes, effects, and which change caused which effect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from allocation import Infeasible, Scenario, compare_plans, make_plan, read_scenario
from allocation.analysis.changes import ScenarioChange, ScenarioDiff
from allocation.analysis.compare import SHARED_MAX, Effect, PlanOutcome, attribute_effects
from ledger import Refused
from mdfm.books import open_at
from mdfm.cli.app import app
from mdfm.example import story
from tests.support.effort import effort
from tests.support.example_demo import Demo
from tests.support.open_demo import SCENARIO, open_demo

__all__ = ["open_demo"]

BASE = read_scenario(story.example_file("scenario.toml"))


@pytest.fixture(scope="module")
def books(open_demo: Path) -> Iterator[Connection]:
    book = open_at(str(open_demo))
    with book.reading() as connection:
        yield connection
    book.close()


def changed(**fields: Any) -> Scenario:
    """The base scenario with some fields changed."""
    return Scenario.model_validate(BASE.model_dump() | {"id": "other"} | fields)


def floor(id: str, share: int, **more: Any) -> dict[str, Any]:
    return {"id": id, "group": "africa", "definition": "unesco", "share": share} | more


# --- what changed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        ({"reserve": 500}, ScenarioChange("reserve", "0%", "5%")),
        ({"money": "signed"}, ScenarioChange("money", "received", "signed")),
        ({"must_fund": ()}, ScenarioChange("must_fund MDFM-1.2", "yes", "")),
        ({"never_fund": ("INC-1.1",)}, ScenarioChange("never_fund INC-1.1", "", "yes")),
        ({"weights": {"work_areas": {"2": 175}}}, ScenarioChange("weights work_areas 2", "150", "175")),
        ({"weights": {"work_areas": {}}}, ScenarioChange("weights work_areas 2", "150", "")),
        (
            {"floors": (floor("africa", 4_550), BASE.floors[1])},
            ScenarioChange("floors africa", "share 45%", "share 45.5%"),
        ),
        ({"ceilings": ()}, ScenarioChange("ceilings communication", "group work-area, of 4, share 10%", "")),
        (
            {"ceilings": (*BASE.ceilings, {"id": "x", "group": "ldc", "amount": 5_000_00})},
            ScenarioChange("ceilings x", "", "group ldc, amount US$5,000.00"),
        ),
        (
            {"floors": (BASE.floors[1],), "ceilings": (*BASE.ceilings, floor("africa", 4_500))},
            ScenarioChange("ceilings africa", "floors: ", "ceilings: "),
        ),
    ],
)
def test_a_change_is_reported_as_it_stands_in_the_file(
    fields: dict[str, Any], change: ScenarioChange
) -> None:
    apart = ScenarioDiff(BASE, changed(**fields))
    assert apart.changes == (change,)
    assert asks(apart.with_changes(frozenset())) == asks(BASE)
    assert asks(apart.with_changes(frozenset({0}))) == asks(changed(**fields))


def asks(scenario: Scenario) -> dict[str, Any]:
    """All that a scenario says, but for what only people read."""
    said = scenario.model_dump(exclude={"id", "title"})
    for rules in ("floors", "ceilings"):
        said[rules] = sorted((rule | {"reason": ""} for rule in said[rules]), key=lambda rule: rule["id"])
    return said


def test_names_and_reasons_are_no_changes() -> None:
    other = changed(title="Another", floors=[bound.model_dump() | {"reason": "new"} for bound in BASE.floors])
    assert ScenarioDiff(BASE, other).changes == ()


# --- who caused what ----------------------------------------------------------------------------------------

NAMES = ("", "a", "b")
"""A plan's points, and two activities."""
games = st.integers(1, 4).flatmap(
    lambda size: st.lists(
        st.none() | st.tuples(*(st.integers(0, 9) for _ in NAMES)), min_size=2**size, max_size=2**size
    )
)


def outcome(numbers: tuple[int, ...] | None) -> PlanOutcome | None:
    if numbers is None:
        return None
    value, *cents = numbers
    return PlanOutcome(value, dict(zip(NAMES[1:], cents, strict=True)), {})


def changes(size: int) -> list[ScenarioChange]:
    return [ScenarioChange(str(place), "", "") for place in range(size)]


def part(effect: Effect, name: str) -> int:
    return effect.awards.get(name, 0) if name else effect.value


@settings(max_examples=effort(66, 2000))
@given(games)
def test_effects_are_the_mean_over_all_orders_and_add_up(game: list[tuple[int, ...] | None]) -> None:
    size = len(game).bit_length() - 1

    def numbers(made: frozenset[int]) -> tuple[int, ...]:
        return game[sum(1 << place for place in made)] or (0, 0, 0)

    caused = attribute_effects(changes(size), lambda made: outcome(game[sum(1 << place for place in made)]))
    assert caused.without_plan == sum(numbers is None for numbers in game)
    orders = list(permutations(range(size)))
    for index, name in enumerate(NAMES):
        whole = numbers(frozenset(range(size)))[index] - numbers(frozenset())[index]
        assert sum(part(effect, name) for effect in caused.effects) == whole
        for place, effect in enumerate(caused.effects):
            steps = [
                numbers(frozenset(order[: order.index(place) + 1]))[index]
                - numbers(frozenset(order[: order.index(place)]))[index]
                for order in orders
            ]
            assert abs(part(effect, name) - Fraction(sum(steps), len(steps))) < 1


def test_more_changes_are_made_one_after_the_other() -> None:
    size = SHARED_MAX + 1
    asked: list[frozenset[int]] = []

    def answer(made: frozenset[int]) -> PlanOutcome:
        asked.append(made)
        return PlanOutcome(len(made) ** 2, {"a": 10 * (3 in made)}, {})

    caused = attribute_effects(changes(size), answer)
    assert caused.method == "in the order listed"
    assert len(asked) == size + 1
    assert [effect.value for effect in caused.effects] == [2 * place + 1 for place in range(size)]
    assert [effect.change.id for effect in caused.effects if effect.awards] == ["3"]


# --- over a book --------------------------------------------------------------------------------------------


def test_effects_add_up_to_what_two_plans_differ_by(books: Connection) -> None:
    other = changed(
        floors=(floor("africa", 6_000), BASE.floors[1]),
        ceilings=(),
        reserve=1_000,
        weights={"clusters": {"INC": 300}},
    )
    found = compare_plans(books, BASE, other)
    first, second = make_plan(books, BASE, "planner"), make_plan(books, other, "planner")
    assert (found.before.value, found.after.value) == (first.value, second.value)
    assert found.after.awards == {award.activity: award.cents for award in second.awards}
    assert found.caused is not None
    effects = found.caused.effects
    assert [effect.change.id for effect in effects] == [
        "reserve",
        "weights work_areas 2",
        "weights clusters INC",
        "floors africa",
        "ceilings communication",
    ]
    assert sum(effect.value for effect in effects) == second.value - first.value
    for code, old, new in found.awards:
        assert sum(effect.awards.get(code, 0) for effect in effects) == new - old
    assert sum(new - old for _, old, new in found.paid) == second.awarded - first.awarded
    assert sum(new - old for _, old, new in found.flows) == second.awarded - first.awarded


def test_a_change_that_alone_does_it_is_the_cause(books: Connection) -> None:
    other = changed(title="Another", must_fund=(*BASE.must_fund, "MDFM-2.4"), lists_on=BASE.lists_on)
    (effect,) = compare_plans(books, BASE, other).caused.effects  # type: ignore[union-attr]
    assert effect.change.id == "must_fund MDFM-2.4"
    assert effect.value < 0
    assert effect.awards["MDFM-2.4"] == 200_000_00


def test_a_scenario_without_a_plan_is_the_answer(books: Connection) -> None:
    with pytest.raises(Infeasible):
        compare_plans(books, BASE, changed(floors=({"id": "x", "group": "ldc", "amount": 9_000_000_00},)))


def test_scenarios_of_two_terms_are_not_compared(books: Connection) -> None:
    with pytest.raises(Refused, match="compare scenarios of one term"):
        compare_plans(books, BASE, changed(term="2023-2025"))


# --- the command --------------------------------------------------------------------------------------------


def compared(book: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--book", str(book), "plan", "compare", *arguments])


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """The base scenario, and one with a higher floor and a reserve."""
    before, after = tmp_path / "before.toml", tmp_path / "after.toml"
    before.write_text(SCENARIO, encoding="utf-8")
    after.write_text(
        SCENARIO.replace('share = "45%"', 'share = "60%"').replace(
            "must_fund", 'reserve = "10%"\nmust_fund', 1
        ),
        encoding="utf-8",
    )
    return str(before), str(after)


def test_the_command_tells_what_caused_what(open_demo: Path, files: tuple[str, str]) -> None:
    drawn = compared(open_demo, *files)
    assert drawn.exit_code == 0, drawn.output
    assert "What changed, and what it did" in drawn.output
    assert "share 60%" in drawn.output
    found = json.loads(compared(open_demo, *files, "--json").stdout)
    assert [each["change"]["id"] for each in found["caused"]["effects"]] == ["reserve", "floors africa"]
    assert (
        sum(each["value"] for each in found["caused"]["effects"])
        == found["after"]["value"] - found["before"]["value"]
    )


def test_of_plans_whose_books_have_moved_only_the_differences_are_reported(
    demo: Demo, open_demo: Path, files: tuple[str, str], tmp_path: Path
) -> None:
    plan = tmp_path / "other.json"
    made = CliRunner().invoke(
        app, ["--book", str(open_demo), "plan", "run", files[1], "--out", str(plan), "--by", "planner"]
    )
    assert made.exit_code == 0, made.output
    first = str(demo.folder / "plan.json")
    moved = compared(demo.book, first, str(plan))
    assert "The books have changed since a plan was solved" in moved.output
    assert json.loads(compared(demo.book, first, str(plan), "--json").stdout)["caused"] is None
    still = json.loads(compared(open_demo, first, str(plan), "--json").stdout)
    assert still == json.loads(compared(open_demo, *files, "--json").stdout)
