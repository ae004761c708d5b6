"""Comparison of two scenarios or plans, and which change of the scenario caused which difference.

The intermediate scenarios, in which only some changes are made, show the effect of each. The effect of a
change is its mean effect over all orders in which the changes could be made (Shapley 1953); with more than
`SHARED_MAX` changes it is the effect in the order listed. Either way the effects add up to the whole
difference, to the point and to the cent. An intermediate scenario without a plan funds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import Literal, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection

from allocation.analysis.changes import ScenarioChange, ScenarioDiff
from allocation.engine.iis import Infeasible
from allocation.engine.problem import Problem
from allocation.plan.plan import Plan
from allocation.scenario.problem_builder import build_problem, problem_hash
from allocation.scenario.scenario import Scenario
from ledger import (
    BadInput,
    MdfmError,
    Progress,
    Refused,
    no_progress,
)

SHARED_MAX = 6
"""Up to this many changes every order counts: 2 to this power scenarios are solved."""

Method = Literal["every order", "in the order listed"]
FigureKey = TypeVar("FigureKey")


@dataclass(frozen=True)
class PlanOutcome:
    """The figures of a plan that are compared."""

    value: int
    """Points, by the weights of its own scenario."""
    awards: Mapping[str, int]
    """USD cents by activity; only what is funded."""
    flows: Mapping[tuple[str, str], int]
    """USD cents from (agreement, activity)."""

    @property
    def awarded(self) -> int:
        """All that is awarded, in USD cents."""
        return sum(self.awards.values())

    @property
    def paid(self) -> dict[str, int]:
        """USD cents by agreement."""
        return _summed((agreement, cents) for (agreement, _), cents in self.flows.items())


@dataclass(frozen=True)
class Effect:
    """The effect of one change."""

    change: ScenarioChange
    value: int
    """Points gained, or lost if negative."""
    awards: Mapping[str, int]
    """USD cents that each activity gained or lost by it, without zeros."""

    @property
    def awarded(self) -> int:
        """USD cents by which more is awarded."""
        return sum(self.awards.values())


@dataclass(frozen=True)
class Effects:
    """The effect of each change; together they are the whole difference."""

    effects: tuple[Effect, ...]
    method: Method
    without_plan: int
    """How many of the intermediate scenarios have no plan."""


@dataclass(frozen=True)
class Comparison:
    """Two plans, the changes between their scenarios, and the effect of each change."""

    before: PlanOutcome
    after: PlanOutcome
    changes: tuple[ScenarioChange, ...]
    caused: Effects | None
    """None if the books have changed since a plan was solved, so that its problem cannot be rebuilt."""

    @property
    def awards(self) -> list[tuple[str, int, int]]:
        """Activities whose awards differ: code, cents before, cents after."""
        return list(_unlike(self.before.awards, self.after.awards))

    @property
    def paid(self) -> list[tuple[str, int, int]]:
        """Agreements whose payments differ: code, cents before, cents after."""
        return list(_unlike(self.before.paid, self.after.paid))

    @property
    def flows(self) -> list[tuple[tuple[str, str], int, int]]:
        """Flows that differ: (agreement, activity), cents before, cents after."""
        return list(_unlike(self.before.flows, self.after.flows))


def compare_plans(
    books: Connection, before: Scenario | Plan, after: Scenario | Plan, progress: Progress = no_progress
) -> Comparison:
    """Compare the plans of two scenarios over the books as they are, or two plans that were solved.

    Raises `Refused` for scenarios of different terms, and `Infeasible` if a scenario has no plan.
    """
    diff = ScenarioDiff(_scenario_of(before), _scenario_of(after))
    if diff.before.term != diff.after.term:
        raise Refused(
            "compare-other-terms",
            "{id} is about the term {term} and {other} about {other_term}: compare scenarios of one term.",
            id=diff.before.id,
            term=diff.before.term,
            other=diff.after.id,
            other_term=diff.after.term,
        )
    first, second = _Side(books, before), _Side(books, after)
    ends = first.outcome, second.outcome
    if not (first.is_current and second.is_current):
        return Comparison(*ends, diff.changes, None)
    solved = {frozenset[int](): ends[0], frozenset(range(len(diff.changes))): ends[1]}

    def answer(made: frozenset[int]) -> PlanOutcome | None:
        return solved[made] if made in solved else _in_between(books, diff, made)

    return Comparison(*ends, diff.changes, attribute_effects(diff.changes, answer, progress))


def attribute_effects(
    changes: Sequence[ScenarioChange],
    answer: Callable[[frozenset[int]], PlanOutcome | None],
    progress: Progress = no_progress,
) -> Effects:
    """The effect of each change; `answer` gives the plan when only these changes (by index) are made."""
    shared = len(changes) <= SHARED_MAX
    subsets = list(_subsets(len(changes)) if shared else _one_by_one(len(changes)))
    found: dict[frozenset[int], PlanOutcome | None] = {}
    for number, made in enumerate(subsets, 1):
        found[made] = answer(made)
        progress(number, len(subsets))
    totals = {made: _totals(outcome) for made, outcome in found.items()}
    parts = [
        _mean_effect(totals, place, len(changes)) if shared else _effect_after(totals, place)
        for place in range(len(changes))
    ]
    return Effects(
        tuple(_effects(changes, parts)),
        "every order" if shared else "in the order listed",
        sum(outcome is None for outcome in found.values()),
    )


# --- outcomes -----------------------------------------------------------------------------------------------


def _scenario_of(given: Scenario | Plan) -> Scenario:
    return given.scenario if isinstance(given, Plan) else given


class _Side:
    """One side of a comparison: its plan, and whether its problem can be rebuilt from the books."""

    def __init__(self, books: Connection, given: Scenario | Plan) -> None:
        if isinstance(given, Plan):
            self.outcome = _outcome_of(given)
            self.is_current = _current_hash(books, given.scenario) == given.manifest.problem_sha256
        else:
            self.outcome = _solved(build_problem(books, given))
            self.is_current = True


def _current_hash(books: Connection, scenario: Scenario) -> str | None:
    """The hash of a scenario's problem now; None if it can no longer be built."""
    try:
        return problem_hash(build_problem(books, scenario))
    except MdfmError:
        return None


def _outcome_of(plan: Plan) -> PlanOutcome:
    awards = {award.activity: award.cents for award in plan.awards}
    return PlanOutcome(plan.value, awards, plan.flows)


def _in_between(books: Connection, diff: ScenarioDiff, made: frozenset[int]) -> PlanOutcome | None:
    try:
        return _solved(build_problem(books, diff.with_changes(made)))
    except (Infeasible, BadInput, ValidationError):
        return None


def _solved(problem: Problem) -> PlanOutcome:
    # The solvers take half a second to load: import them only to solve.
    from allocation.engine.solve import solve  # noqa: PLC0415

    solution = solve(problem)
    cost = {each.code: each.unit_cents * solution.units[each.code] for each in problem.candidates}
    return PlanOutcome(solution.value, {code: cents for code, cents in cost.items() if cents}, solution.flows)


def _unlike(
    before: Mapping[FigureKey, int], after: Mapping[FigureKey, int]
) -> Iterator[tuple[FigureKey, int, int]]:
    for key in sorted({**before, **after}):  # type: ignore[type-var]
        old, new = before.get(key, 0), after.get(key, 0)
        if old != new:
            yield key, old, new


def _summed(pairs: Iterator[tuple[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for name, cents in pairs:
        total[name] = total.get(name, 0) + cents
    return total


# --- effects of changes -------------------------------------------------------------------------------------

_Totals = Mapping[str, int]
_VALUE = ""
"""The key of a plan's points among its awards."""


def _totals(outcome: PlanOutcome | None) -> Counter[str]:
    return Counter() if outcome is None else Counter({**outcome.awards, _VALUE: outcome.value})


def _subsets(size: int) -> Iterator[frozenset[int]]:
    return (frozenset(made) for number in range(size + 1) for made in combinations(range(size), number))


def _one_by_one(size: int) -> Iterator[frozenset[int]]:
    return (frozenset(range(number)) for number in range(size + 1))


def _effect_after(totals: Mapping[frozenset[int], _Totals], place: int) -> dict[str, Fraction]:
    """The effect of a change after those listed before it."""
    return _step(totals, frozenset(range(place)), place, Fraction(1))


def _mean_effect(totals: Mapping[frozenset[int], _Totals], place: int, size: int) -> dict[str, Fraction]:
    """The mean effect of a change over all orders: its Shapley value."""
    mean: dict[str, Fraction] = {}
    for made in totals:
        if place not in made:
            chance = Fraction(1, size * comb(size - 1, len(made)))
            for name, part in _step(totals, made, place, chance).items():
                mean[name] = mean.get(name, Fraction(0)) + part
    return mean


def _step(
    totals: Mapping[frozenset[int], _Totals], made: frozenset[int], place: int, chance: Fraction
) -> dict[str, Fraction]:
    before, after = totals[made], totals[made | {place}]
    return {name: chance * (after.get(name, 0) - before.get(name, 0)) for name in {**before, **after}}


def _effects(changes: Sequence[ScenarioChange], parts: Sequence[Mapping[str, Fraction]]) -> Iterator[Effect]:
    names = sorted({name for part in parts for name in part})
    whole = {name: _whole([part.get(name, Fraction(0)) for part in parts]) for name in names}
    for place, change in enumerate(changes):
        given = {name: numbers[place] for name, numbers in whole.items() if numbers[place]}
        value = given.pop(_VALUE, 0)
        yield Effect(change, value, given)


def _whole(parts: Sequence[Fraction]) -> list[int]:
    """Whole numbers with the same sum, each less than one away: the largest remainders are rounded up."""
    numbers = [part.numerator // part.denominator for part in parts]
    left = sum(parts) - sum(numbers)
    by_remainder = sorted(range(len(parts)), key=lambda place: (numbers[place] - parts[place], place))
    for place in by_remainder[: int(left)]:
        numbers[place] += 1
    return numbers
