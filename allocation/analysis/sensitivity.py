"""Sensitivity: what a little more or less money would change, by fund group.

Agreements that may pay for the same activities and count for the same donor rules form one *fund group*: it
does not matter which of them gives more. The problem is solved again with more money for each fund group and
without an earmark, and with less for each fund group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from allocation.analysis.conditions import money_of, moves
from allocation.engine.iis import Infeasible
from allocation.engine.problem import Problem, Source
from allocation.scenario.problem_builder import build_problem
from allocation.scenario.scenario import Scenario
from ledger import Progress, no_progress

if TYPE_CHECKING:
    from allocation.engine.solve import Solution


@dataclass(frozen=True)
class Step:
    """The effect on the plan when a fund group has more or less money."""

    sources: tuple[str, ...]
    """Source ids of the fund group; empty for money without an earmark if no agreement gives any."""
    earmarked: bool
    """Whether there is an activity that the fund group may not pay for."""
    cents: int
    """The money added, or taken away if negative, in USD cents."""
    gain: int | None
    """Points gained, or lost if negative; None if no plan keeps the rules any more."""
    more: Mapping[str, int]
    """USD cents by which activities get more than in the plan."""
    less: Mapping[str, int]
    """USD cents by which activities get less than in the plan."""


@dataclass(frozen=True)
class Sensitivity:
    """The plan's value, and the effects of more and of less money in each fund group."""

    value: int
    """Points."""
    more: tuple[Step, ...]
    """The most gain first."""
    less: tuple[Step, ...]
    """The most loss first; a fund group that has less than the amount loses all."""


def measure_sensitivity(
    books: Connection, scenario: Scenario, cents: int, progress: Progress = no_progress
) -> Sensitivity:
    """The sensitivity of a scenario's plan over the books as they are, to `cents` USD cents."""
    return sensitivity(build_problem(books, scenario), cents, progress)


def sensitivity(problem: Problem, cents: int, progress: Progress = no_progress) -> Sensitivity:
    """The effects of `cents` USD cents more, and less, in each fund group.

    Raises `Infeasible` if no plan keeps the rules to begin with.
    """
    # The solvers take half a second to load: import them only to solve.
    from allocation.engine.solve import solve  # noqa: PLC0415

    base = solve(problem)
    fund_groups = _fund_groups(problem)
    changes = [
        (fund_group, amount)
        for amount in (cents, -cents)
        for fund_group in fund_groups
        if amount > 0 or fund_group
    ]
    steps: list[Step] = []
    for fund_group, amount in changes:
        steps.append(_step(problem, base, fund_group, amount))
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


def _fund_groups(problem: Problem) -> list[tuple[Source, ...]]:
    """Sources that are interchangeable; an empty group stands for new money without an earmark."""
    limits = [limit for rule in problem.rules if (limit := rule.donor_limit()) is not None]
    fund_groups: dict[object, list[Source]] = {(_all(problem), ()): []}
    free = (source for source in problem.sources if not source.kept_for)
    for source in sorted(free, key=lambda source: source.id):
        counted = tuple(limit.id for limit in limits if source.agreement in limit.agreements)
        fund_groups.setdefault((source.eligible & _all(problem), counted), []).append(source)
    return [tuple(fund_group) for fund_group in fund_groups.values()]


def _all(problem: Problem) -> frozenset[str]:
    return frozenset(candidate.code for candidate in problem.candidates)


def _step(problem: Problem, base: Solution, fund_group: Sequence[Source], cents: int) -> Step:
    from allocation.engine.solve import solve  # noqa: PLC0415 - see `sensitivity`

    cents = max(cents, -sum(source.cents for source in fund_group))
    names = tuple(source.id for source in fund_group)
    earmarked = any(not source.eligible >= _all(problem) for source in fund_group)
    try:
        solution = solve(_with(problem, fund_group, cents))
    except Infeasible:
        return Step(names, earmarked, cents, None, {}, {})
    moved = moves(money_of(problem, base.units), money_of(problem, solution.units))
    return Step(names, earmarked, cents, solution.value - base.value, *moved)


def _with(problem: Problem, fund_group: Sequence[Source], cents: int) -> Problem:
    """The problem with more or less money in a fund group; it does not matter in which of its sources."""
    if not fund_group:
        return replace(problem, sources=(*problem.sources, _without_earmark(problem, cents)))
    changed: dict[str, Source] = {}
    for source in fund_group:
        part = max(cents, -source.cents)
        changed[source.id] = replace(source, cents=source.cents + part)
        cents -= part
    return replace(problem, sources=tuple(changed.get(source.id, source) for source in problem.sources))


def _without_earmark(problem: Problem, cents: int) -> Source:
    name = "more"
    while any(source.agreement == name for source in problem.sources):
        name += "'"
    return Source(name, cents, _all(problem))
