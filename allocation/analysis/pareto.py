"""The Pareto front: every plan in which no goal can gain without another one losing, exactly.

The search keeps *zones*. A zone is a corner, and stands for all plans that are above it in every goal; what
is in no zone is dominated by a plan that was found already. Searching a zone is one epsilon-constraint
solve: the maximum of the first goal with the others above their edges, then the maximum of the others
without losing any of it. The plan found splits every zone that contains it, and proofs on the way empty
others. For three goals, too, the number of solves grows only linearly with the number of points (Dächert and
Klamroth 2015, *A linear bound on the number of scalarizations*; Klamroth, Lacour and Vanderpooten 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from allocation.analysis.conditions import among
from allocation.analysis.goal import Goal
from allocation.engine.model import firmly
from allocation.engine.problem import BASIS_POINTS, Problem
from allocation.engine.rules.conditions import sum_between
from ledger import (
    BadInput,
    MdfmError,
    Progress,
    no_progress,
)

Corner = tuple[int, ...]

GOALS_MAX = 3
"""More goals would be exact too, but give more points than a person can weigh."""


class Unproved(MdfmError):
    """A solve hit its limit before it proved its optimum, so nothing follows from it."""

    def __init__(self) -> None:
        super().__init__(
            "limit-hit-unproved", "The limit was hit before the best plan was proved: raise the limit."
        )


@dataclass(frozen=True)
class Point:
    """A plan of the front: its value of each goal, in the goals' parts, and its units."""

    values: Corner
    units: Mapping[str, int] = field(compare=False)


@dataclass(frozen=True)
class Price:
    """The best value under a floor or ceiling at one share of the money."""

    share: int
    """The rule's bound, in basis points of all money awarded."""
    value: int
    """The most points under this bound."""
    cost: int
    """Points lost compared with the loosest bound."""


def front(
    problem: Problem,
    goals: Sequence[Goal],
    *,
    limit: float | None = None,
    progress: Progress = no_progress,
) -> tuple[Point, ...]:
    """The Pareto front of a problem, most of the first goal first.

    Exact: every plan that keeps the rules is, in every goal, less than the goal's step ahead of one of the
    points; with steps of 1 (the default) no point is missing. Soft rules count as hard: otherwise the set of
    plans would depend on the goals. Empty if no plan keeps the rules. `limit` is the deterministic
    solver time of one solve; raises `Unproved` if it is hit, because a front with gaps is none.
    `progress` is called with the number of points found, and that number plus the open zones.
    """
    if not 2 <= len(goals) <= GOALS_MAX:
        raise BadInput(
            "pareto-goal-count-wrong",
            "A front has two or three goals, not {goals}: choose what to compare.",
            goals=len(goals),
        )
    if len({goal.id for goal in goals}) < len(goals):
        raise BadInput(
            "pareto-goal-given-twice",
            "A goal is given twice: choose different goals to compare.",
        )
    problem = replace(problem, rules=firmly(problem.rules))
    most = {each.code: each.units for each in problem.candidates}
    lowest = tuple(sum(min(0, goal.amounts.get(code, 0)) * n for code, n in most.items()) for goal in goals)
    below_all = tuple(value - 1 for value in lowest)
    steps = tuple(goal.step for goal in goals)
    return search(below_all, steps, lambda corner: _best_above(problem, goals, corner, limit), progress)


def search(
    below_all: Corner,
    steps: Corner,
    best_above: Callable[[Corner], Point | None],
    progress: Progress = no_progress,
) -> tuple[Point, ...]:
    """Find the front by calls of `best_above`, largest first values first.

    `best_above(corner)` returns, of all points above the corner in every goal, a non-dominated one with the
    largest first value; None if there are none. `below_all` is below every point.
    """
    zones, found = [below_all], list[Point]()
    proved: list[tuple[Corner, int]] = []  # above these edges of the other goals, the first is at most this
    while zones:
        zone = min(zones, key=lambda corner: corner[1:])
        zones.remove(zone)
        edges = zone[1:]
        if any(most <= zone[0] and _reaches(edges, weaker) for weaker, most in proved):
            continue
        point = best_above(zone)
        proved.append((edges, zone[0] if point is None else point.values[0]))
        if point is not None:
            found.append(point)
            zones = _split([zone, *zones], point.values, steps)
        progress(len(found), len(found) + len(zones))
    return tuple(sorted(found, key=lambda point: point.values, reverse=True))


def price(
    problem: Problem,
    rule: str,
    shares: Iterable[int] = range(0, BASIS_POINTS + 1, 100),
    *,
    limit: float | None = None,
) -> tuple[Price, ...]:
    """The cost in points of each further percent of a floor (or less of a ceiling), loosest bound first.

    The shares are basis points. The list ends where no plan keeps the rules any more, soft ones included.
    Raises BadInput if the problem has no such rule on a share of the money, `Unproved` if a solve hits
    the limit.
    """
    found = next((each for each in problem.rules if each.id == rule and each.share_sense), None)
    if found is None:
        raise BadInput(
            "pareto-rule-not-a-share",
            "'{rule}' is not a floor or ceiling of the scenario on a share of the money.",
            rule=rule,
        )
    others = firmly([each for each in problem.rules if each is not found])
    prices: list[Price] = []
    units: Mapping[str, int] | None = None
    for share in sorted(shares, reverse=found.share_sense == "ceiling"):
        bound = found.at_share(share)
        if units is None or bound.shortfall(problem, units):
            units = _proved_best(replace(problem, rules=(*others, bound)), _points(problem), limit)
        if units is None:
            break
        value = _points(problem).of(units)
        prices.append(Price(share, value, prices[0].value - value if prices else 0))
    return tuple(prices)


def _best_above(problem: Problem, goals: Sequence[Goal], corner: Corner, limit: float | None) -> Point | None:
    first, *others = goals
    edges = tuple(edge + 1 for edge in corner)
    units = _proved_best(_above(problem, goals, edges), first, limit)
    if units is None:
        return None
    reached = (first.of(units), *edges[1:])
    together = Goal("the others", {c.code: _sum_of(others, c.code) for c in problem.candidates})
    units = _proved_best(_above(problem, goals, reached), together, limit)
    assert units is not None, "a plan that was just found is gone"
    return Point(tuple(goal.of(units) for goal in goals), units)


def _proved_best(problem: Problem, goal: Goal, limit: float | None) -> Mapping[str, int] | None:
    """Units that maximise a goal; None if no plan keeps the rules."""
    # The solvers take half a second to load: import them only to solve.
    from allocation.engine.solve import Undecided, best  # noqa: PLC0415

    adds = {each.code: goal.amounts.get(each.code, 0) for each in problem.candidates}
    try:
        found = best(problem, adds, limit=limit)
    except Undecided:
        raise Unproved from None
    if found is None:
        return None
    if not found.proved:
        raise Unproved
    return found.units


def _above(problem: Problem, goals: Sequence[Goal], least: Corner) -> Problem:
    """The same problem with a lower bound on every goal."""
    bounds = (
        sum_between(f"goal:{goal.id}", goal.amounts, least=edge)
        for goal, edge in zip(goals, least, strict=True)
    )
    return among(problem, *bounds)


def _sum_of(goals: Iterable[Goal], code: str) -> int:
    return sum(goal.amounts.get(code, 0) for goal in goals)


def _points(problem: Problem) -> Goal:
    return Goal("value", {each.code: each.score for each in problem.candidates})


def _split(zones: Sequence[Corner], values: Corner, steps: Corner) -> list[Corner]:
    """The zones without what a point dominates, none of them inside another one."""
    split = [zone for zone in zones if all(edge < value for edge, value in zip(zone, values, strict=True))]
    kept = [zone for zone in zones if zone not in split]
    parts = {
        (*zone[:index], values[index] + steps[index] - 1, *zone[index + 1 :])
        for zone in split
        for index in range(len(values))
    }
    return kept + [
        part
        for part in sorted(parts)
        if not any(other != part and _reaches(part, other) for other in (*kept, *parts))
    ]


def _reaches(corner: Corner, other: Corner) -> bool:
    """Whether a corner is at or above another one in every goal."""
    return all(mine >= theirs for mine, theirs in zip(corner, other, strict=True))
