"""Alternatives: near-best plans that differ as much as possible, and what they have in common.

A plan is *near best* if it keeps every rule (a soft one as far as the best plan does) and is worth at least
the best value less a given part of it; fairness and later tiers are ignored. The distance of two plans is
the money that would move: for each activity the difference of its awards in cents, added up. Each
alternative is a near-best plan whose smallest distance to the best plan and to all alternatives before it is
maximal, to one percent of the money that the best plan awards. An activity is funded *always*, *sometimes*
or *never* among all near-best plans, not only among those that are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Literal

from sqlalchemy import Connection

from allocation.analysis.conditions import among, money_of, moves, near_best
from allocation.engine.problem import (
    Candidate,
    Problem,
    Units,
)
from allocation.engine.rules.conditions import sum_between, units_between
from allocation.engine.rules.rule import Rule
from allocation.scenario.problem_builder import build_problem
from allocation.scenario.scenario import Scenario
from ledger import Progress, no_progress

PRECISION = 100
"""Distances are exact to this part (1/PRECISION) of the money that the best plan awards."""

Often = Literal["always", "sometimes", "never"]


@dataclass(frozen=True)
class Alternative:
    """A near-best plan, and how it differs from the best one."""

    value: int
    """Points."""
    awards: Mapping[str, int]
    """USD cents by activity; only what is funded."""
    moved: int
    """Its distance to the nearest plan before it, in cents."""
    more: Mapping[str, int]
    """Cents by which activities get more than in the best plan."""
    less: Mapping[str, int]
    """Cents by which activities get less than in the best plan."""


@dataclass(frozen=True)
class Alternatives:
    """The best plan, its alternatives, and how often each activity is in a near-best plan."""

    value: int
    """Points of the best plan."""
    within: int
    """How much less a near-best plan may be worth, in basis points of the best value."""
    awards: Mapping[str, int]
    """USD cents by activity in the best plan."""
    plans: tuple[Alternative, ...]
    """The alternatives; fewer than were asked for if there are no more."""
    often: Mapping[str, Often]
    """For every activity, by code."""


def find_alternatives(
    books: Connection, scenario: Scenario, *, within: int, count: int, progress: Progress = no_progress
) -> Alternatives:
    """Find alternatives to a scenario's plan over the books as they are; see `alternatives`."""
    return alternatives(build_problem(books, scenario), within=within, count=count, progress=progress)


def alternatives(
    problem: Problem, *, within: int, count: int, progress: Progress = no_progress
) -> Alternatives:
    """Find up to `count` other plans within `within` basis points of the best value.

    Raises `Infeasible` if no plan keeps the rules. The same problem always has the same alternatives.
    """
    # The solvers take half a second to load: import them only to solve.
    from allocation.engine.solve import solve  # noqa: PLC0415

    solution = solve(problem)
    near = near_best(problem, solution.units, solution.value, within)
    steps = count + len(problem.candidates)
    plans: list[Units] = [solution.units]
    least: list[int] = []
    while len(least) < count and (found := _farthest(near, plans)) is not None:
        plans.append(found)
        least.append(min(distance(problem, found, other) for other in plans[:-1]))
        progress(len(least), steps)
    often = _how_often(near, plans, lambda done: progress(count + done, steps))
    found_plans = (
        _alternative(problem, solution.units, units, moved)
        for units, moved in zip(plans[1:], least, strict=True)
    )
    return Alternatives(solution.value, within, money_of(problem, solution.units), tuple(found_plans), often)


def distance(problem: Problem, one: Units, other: Units) -> int:
    """The cents by which the awards of two plans differ, added up over the activities."""
    return sum(each.unit_cents * abs(one[each.code] - other[each.code]) for each in problem.candidates)


def _alternative(problem: Problem, best: Units, units: Units, moved: int) -> Alternative:
    before, after = money_of(problem, best), money_of(problem, units)
    value = sum(each.score * units[each.code] for each in problem.candidates)
    return Alternative(value, after, moved, *moves(before, after))


def _how_often(near: Problem, plans: Sequence[Units], progress: Callable[[int], None]) -> dict[str, Often]:
    """How often each activity is in a near-best plan; solves as many plans as that takes."""
    seen = list(plans)
    codes = sorted(candidate.code for candidate in near.candidates)
    never = _never_funded(near, seen)
    progress(len(codes) // 2)
    always = _always_funded(near, seen)
    progress(len(codes))
    return {code: "never" if code in never else "always" if code in always else "sometimes" for code in codes}


def _never_funded(near: Problem, seen: list[Units]) -> set[str]:
    """Solve for the most units of what no plan seen so far funds; when it has none, no plan has any."""
    from allocation.engine.solve import best  # noqa: PLC0415 - see `alternatives`

    while left := {each.code for each in near.candidates if not any(units[each.code] for units in seen)}:
        found = best(near, dict.fromkeys(left, 1))
        assert found is not None, "the best plan is one"
        if not found.value:
            assert found.proved, "no limit was set"
            break
        seen.append(found.units)
    return left


def _always_funded(near: Problem, seen: list[Units]) -> set[str]:
    """Solve for a plan without what all plans seen so far fund; activities of several units one by one."""
    from allocation.engine.solve import best  # noqa: PLC0415 - see `alternatives`

    def left(*, whole: bool) -> list[str]:
        alike = (each.code for each in near.candidates if (each.units == 1) is whole)
        return [code for code in alike if all(units[code] for units in seen)]

    while whole := left(whole=True):
        found = best(near, dict.fromkeys(whole, -1))
        assert found is not None, "the best plan is one"
        if found.value == -len(whole):
            assert found.proved, "no limit was set"
            break
        seen.append(found.units)
    always = set(whole)
    while parts := [code for code in left(whole=False) if code not in always]:
        found = best(among(near, units_between("without", parts[0], most=0)), {})
        if found is None:
            always.add(parts[0])
        else:
            seen.append(found.units)
    return always


# --- as different as possible -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Span:
    """A range of an activity's units in the branch-and-bound over distances."""

    candidate: Candidate
    lower: int
    upper: int

    def away(self, units: int) -> int:
        """The slope of a linear upper bound on the distance from a plan that funds `units`.

        Exact unless the other plan's units lie within the span.
        """
        if units <= self.lower:
            return self.candidate.unit_cents
        if units >= self.upper:
            return -self.candidate.unit_cents
        rise = self.candidate.unit_cents * (self.upper - units - (units - self.lower))
        return -(-rise // (self.upper - self.lower))

    def start(self, units: int) -> int:
        """The distance from a plan that funds `units`, at the lower end of the span."""
        return self.candidate.unit_cents * abs(units - self.lower)


_Spans = Mapping[str, _Span]


def _farthest(near: Problem, plans: Sequence[Units]) -> Units | None:
    """The plan whose smallest distance to those given is largest, to the percent; None if there is no other.

    A bisection between a distance that a plan has reached and one that none can reach; the smallest distance
    is at most the mean.
    """
    step = gcd(*(candidate.unit_cents for candidate in near.candidates)) or 1
    whole = _whole_spans(near)
    farthest = _away_from(near, plans, step, whole)
    if farthest is None:
        return None
    reached, most = _least(near, farthest, plans) // step, _mean_at_most(near, plans, whole) // step
    close = max(1, sum(money_of(near, plans[0]).values()) // PRECISION // step)
    while most - reached >= close:
        least = (reached + most + 1) // 2
        found = _away_from(near, plans, least * step, whole)
        if found is None:
            most = least - 1
        else:
            farthest, reached = found, _least(near, found, plans) // step
    return farthest


def _least(near: Problem, units: Units, plans: Sequence[Units]) -> int:
    return min(distance(near, units, plan) for plan in plans)


def _mean_at_most(near: Problem, plans: Sequence[Units], spans: _Spans) -> int:
    """An upper bound on the mean distance of any plan from these plans, in USD cents."""
    from allocation.engine.solve import best  # noqa: PLC0415 - see `alternatives`

    found = best(near, _sum_away(plans, spans))
    assert found is not None, "the best plan is one"
    return (found.bound + sum(_start(plan, spans) for plan in plans)) // len(plans)


def _whole_spans(near: Problem) -> _Spans:
    return {candidate.code: _Span(candidate, 0, _most(near, candidate)) for candidate in near.candidates}


def _most(near: Problem, candidate: Candidate) -> int:
    """The most units of an activity that its eligible money could pay for."""
    if not candidate.unit_cents:
        return candidate.units
    money = sum(source.cents for source in near.sources if candidate.code in source.eligible)
    return min(candidate.units, money // candidate.unit_cents)


def _away_from(near: Problem, plans: Sequence[Units], least: int, spans: _Spans) -> Units | None:
    """A plan at least `least` cents away from all these plans; None if there is none.

    Distance is not linear in the units of an activity that another plan funds in part: where the linear bound
    is too loose, the search branches on plans with fewer units and plans with more.
    """
    from allocation.engine.solve import best  # noqa: PLC0415

    rules = [_distance_rule(plan, spans, least, str(number)) for number, plan in enumerate(plans)]
    found = best(among(near, *rules, *_within(spans)), _sum_away(plans, spans))
    if found is None or all(distance(near, found.units, plan) >= least for plan in plans):
        return None if found is None else found.units
    code, units = _most_generous(found.units, plans, spans)
    for part in (replace(spans[code], upper=units), replace(spans[code], lower=units)):
        nearer = _away_from(near, plans, least, {**spans, code: part})
        if nearer is not None:
            return nearer
    return None


def _sum_away(plans: Sequence[Units], spans: _Spans) -> dict[str, int]:
    """The sum over all plans of the slopes of the distance bounds, by activity."""
    return {code: sum(span.away(plan[code]) for plan in plans) for code, span in spans.items()}


def _start(plan: Units, spans: _Spans) -> int:
    """The constant term of the linear bound on the distance from a plan."""
    return sum(span.start(plan[code]) - span.away(plan[code]) * span.lower for code, span in spans.items())


def _distance_rule(plan: Units, spans: _Spans, least: int, id: str) -> Rule:
    """The rule that a plan is at least so far from another, by the linear bound on the distance."""
    away = {code: span.away(plan[code]) for code, span in spans.items()}
    return sum_between(f"apart {id}", away, least=least - _start(plan, spans))


def _within(spans: _Spans) -> Iterator[Rule]:
    for code, span in spans.items():
        if (span.lower, span.upper) != (0, span.candidate.units):
            yield units_between(f"within {code}", code, span.lower, span.upper)


def _most_generous(units: Units, plans: Sequence[Units], spans: _Spans) -> tuple[str, int]:
    """The activity, and another plan's units of it, whose linear bound is loosest."""

    def above(code: str, plan: Units) -> int:
        span = spans[code]
        line = span.start(plan[code]) + span.away(plan[code]) * (units[code] - span.lower)
        return line - span.candidate.unit_cents * abs(units[code] - plan[code])

    _, code, place = max(
        (above(code, plan), code, place) for code in spans for place, plan in enumerate(plans)
    )
    return code, plans[place][code]
