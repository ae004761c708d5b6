"""Goals: what a plan can reach more or less of, such as points, or the money that reaches a group.

A goal is an integer amount for each funded unit, so that plans are compared exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import ValidationError
from sqlalchemy import Connection

from allocation.engine.problem import BASIS_POINTS, Problem
from allocation.scenario.problem_builder import build_problem
from allocation.scenario.rules.bounds import Bound
from allocation.scenario.scenario import Scenario
from ledger import BadInput, usd

Unit = Literal["points", "US$", "units"]

OF_EVERY_PROBLEM = ("value", "awarded", "units")
"""Points; money awarded; funded units, each of several units of an activity counted."""

_OF_GROUPS = (
    "low-income, ldc, africa:unesco, africa:m49, region:NAME, country:CODE, cluster:CODE, work-area:N"
)


@dataclass(frozen=True)
class Goal:
    """A linear objective to maximise."""

    id: str
    amounts: Mapping[str, int]
    """What one funded unit of each activity adds, in parts; an activity that is not named adds 0."""
    unit: Unit = "points"
    """The unit of its figures; `US$` figures are in cents."""
    scale: int = 1
    """The number of parts in one point, cent or unit."""
    step: int = 1
    """The smallest difference that matters, in parts: a front may leave out plans that differ by less."""

    def of(self, units: Mapping[str, int]) -> int:
        """The value of the goal for these units, in parts."""
        return sum(self.amounts.get(code, 0) * number for code, number in units.items())

    def whole(self, parts: int) -> int:
        """Parts as whole points, cents or units, rounded down."""
        return parts // self.scale

    def text(self, parts: int) -> str:
        """A value in parts as text, with its unit."""
        whole = self.whole(parts)
        return usd(whole) if self.unit == "US$" else f"{whole:,} {self.unit}"


def build_problem_with_goals(
    books: Connection, scenario: Scenario, names: Sequence[str]
) -> tuple[Problem, tuple[Goal, ...]]:
    """Build the scenario's problem over the books as they are, and find the goals of these names.

    A name is `value`, `awarded` or `units`; the id of one of the scenario's floors or ceilings, for the money
    that it counts; or a group of beneficiaries or activities, such as `ldc` or `cluster:INC`. Raises BadInput
    for any other name.
    """
    rules = {bound.id for bound in (*scenario.floors, *scenario.ceilings)}
    # A floor of 0 counts the money that reaches a group just as a real floor does.
    counting = tuple(_zero_floor(name) for name in names if name not in {*OF_EVERY_PROBLEM, *rules})
    problem = build_problem(books, scenario.model_copy(update={"floors": (*scenario.floors, *counting)}))
    goals = tuple(find_goal(problem, name) for name in names)
    added = {bound.id for bound in counting}
    return replace(problem, rules=tuple(rule for rule in problem.rules if rule.id not in added)), goals


def find_goal(problem: Problem, name: str) -> Goal:
    """The goal `value`, `awarded` or `units`, or the money that a rule of the problem counts, by its id."""
    candidates = problem.candidates
    if name == "value":
        return Goal(name, {each.code: each.score for each in candidates})
    if name == "awarded":
        return Goal(name, {each.code: each.unit_cents for each in candidates}, "US$")
    if name == "units":
        _require_whole_units(problem)
        return Goal(name, {each.code: 1 for each in candidates}, "units")
    for rule in problem.rules:
        amounts = rule.money_counted({each.code: each.unit_cents for each in candidates})
        if amounts is not None and rule.id == name:
            return Goal(name, amounts, "US$", BASIS_POINTS)
    raise BadInput(
        "goal-unknown-to-problem",
        "'{name}' is neither {goals} nor a floor or ceiling of the problem.",
        name=name,
        goals=" nor ".join(OF_EVERY_PROBLEM),
    )


def _require_whole_units(problem: Problem) -> None:
    for each in problem.candidates:
        if each.least > 1:
            raise BadInput(
                "goal-units-uncountable",
                "Units cannot be counted where {code} is funded by amount: choose another goal, or "
                "leave the activity out with never_fund.",
                code=each.code,
            )


def _zero_floor(name: str) -> Bound:
    group, _, which = name.partition(":")
    fields = {"definition": which} if group == "africa" else {"of": which}
    try:
        return Bound.model_validate({"id": name, "group": group, "share": 0, **fields})
    except ValidationError:
        raise BadInput(
            "goal-unknown-to-scenario",
            "'{name}' is not a goal: give {goals}, the id of a floor or ceiling of the "
            "scenario, or a group ({groups}).",
            name=name,
            goals=", ".join(OF_EVERY_PROBLEM),
            groups=_OF_GROUPS,
        ) from None
