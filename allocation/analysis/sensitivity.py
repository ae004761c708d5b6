"""What a little more or less of somebody's money would change: whose, and for which activities.

Agreements that may pay for the same activities, and count for the same rules on donors, are one *purse*: it
does not matter which of them gives more. For each purse, and for money without an earmark, the question is
put again with so much more, and for each purse with so much less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from allocation.analysis.conditions import money_of, moves
from allocation.engine.iis import Infeasible
from allocation.engine.problem import DonorRule, Problem, Source
from allocation.scenario.problem_builder import build_problem
from allocation.scenario.scenario import Scenario

if TYPE_CHECKING:
    from allocation.engine.solve import Solution

Progress = Callable[[int, int], None]
"""Told how many questions are answered, and of how many."""


@dataclass(frozen=True)
class Step:
    """What becomes of the plan when a purse holds more or less."""

    sources: tuple[str, ...]
    """Agreements of the purse, with the year where their money is still to arrive; none for money without an
    earmark, if no agreement gives such money."""
    earmarked: bool
    """Whether there is an activity that the purse may not pay for."""
    cents: int
    """What it holds more, or less if negative, in USD cents."""
    gain: int | None
    """Points gained, or lost if negative; None when no plan keeps the rules any more."""
    more: Mapping[str, int]
    """USD cents that activities get more than in the plan."""
    less: Mapping[str, int]
    """USD cents that activities get less than in the plan."""


@dataclass(frozen=True)
class Sensitivity:
    """The plan's value, and what more and less money from each purse would make of it."""

    value: int
    """Points."""
    more: tuple[Step, ...]
    """The most gain first."""
    less: tuple[Step, ...]
    """The most loss first; a purse that holds less than the amount loses all."""


def measure_sensitivity(
    books: Connection, scenario: Scenario, cents: int, progress: Progress = lambda *_: None
) -> Sensitivity:
    """What so many USD cents more and less change in a scenario's plan over the books as they are."""
    return sensitivity(build_problem(books, scenario), cents, progress)


def sensitivity(problem: Problem, cents: int, progress: Progress = lambda *_: None) -> Sensitivity:
    """What so many USD cents more, and less, from each purse would change.

    Raises `Infeasible` when no plan keeps the rules to begin with.
    """
    # The solvers take half a second to load: only who solves waits for them.
    from allocation.engine.solve import solve  # noqa: PLC0415

    base = solve(problem)
    purses = _purses(problem)
    changes = [(purse, amount) for amount in (cents, -cents) for purse in purses if amount > 0 or purse]
    steps: list[Step] = []
    for purse, amount in changes:
        steps.append(_step(problem, base, purse, amount))
        progress(len(steps), len(changes))
    return Sensitivity(
        base.value,
        tuple(sorted((step for step in steps if step.cents > 0), key=_most_gain_first)),
        tuple(sorted((step for step in steps if step.cents < 0), key=_most_loss_first)),
    )


def _most_gain_first(step: Step) -> tuple[int, tuple[str, ...]]:
    assert step.gain is not None, "more money forbids no plan"
    return -step.gain, step.sources


def _most_loss_first(step: Step) -> tuple[bool, int, tuple[str, ...]]:
    return step.gain is not None, step.gain or 0, step.sources


def _purses(problem: Problem) -> list[tuple[Source, ...]]:
    """Free money that is the same to a plan; an empty purse stands for money without an earmark."""
    rules = [rule for rule in problem.rules if isinstance(rule, DonorRule)]
    purses: dict[object, list[Source]] = {(_all(problem), ()): []}
    free = (source for source in problem.sources if not source.kept_for)
    for source in sorted(free, key=lambda source: source.id):
        counted = tuple(rule.id for rule in rules if source.agreement in rule.agreements)
        purses.setdefault((source.eligible & _all(problem), counted), []).append(source)
    return [tuple(purse) for purse in purses.values()]


def _all(problem: Problem) -> frozenset[str]:
    return frozenset(candidate.code for candidate in problem.candidates)


def _step(problem: Problem, base: Solution, purse: Sequence[Source], cents: int) -> Step:
    from allocation.engine.solve import solve  # noqa: PLC0415 - see `sensitivity`

    cents = max(cents, -sum(source.cents for source in purse))
    names = tuple(source.id for source in purse)
    earmarked = any(not source.eligible >= _all(problem) for source in purse)
    try:
        solution = solve(_with(problem, purse, cents))
    except Infeasible:
        return Step(names, earmarked, cents, None, {}, {})
    moved = moves(money_of(problem, base.units), money_of(problem, solution.units))
    return Step(names, earmarked, cents, solution.value - base.value, *moved)


def _with(problem: Problem, purse: Sequence[Source], cents: int) -> Problem:
    """The problem in which a purse holds so much more, or less; it does not matter which of its sources."""
    if not purse:
        return replace(problem, sources=(*problem.sources, _without_earmark(problem, cents)))
    changed: dict[str, Source] = {}
    for source in purse:
        part = max(cents, -source.cents)
        changed[source.id] = replace(source, cents=source.cents + part)
        cents -= part
    return replace(problem, sources=tuple(changed.get(source.id, source) for source in problem.sources))


def _without_earmark(problem: Problem, cents: int) -> Source:
    name = "more"
    while any(source.agreement == name for source in problem.sources):
        name += "'"
    return Source(name, cents, _all(problem))
