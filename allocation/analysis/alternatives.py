"""Other plans that are nearly as good: as different as possible, and what they have in common.

A plan is *near best* when it keeps every rule, a soft one as far as the best plan does, and is worth at least
the best value less a given part of it; fairness and later tiers are not asked for. How far two plans are
apart is the money that would move: for each activity the cents by which its awards differ, added up. Each
alternative is a near-best plan whose least distance to the best plan and to all alternatives before it is the
largest there is, to one percent of the money that the best plan awards. An activity is funded *always*,
*sometimes* or *never* among all near-best plans, not only among those that are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Literal

from sqlalchemy import Connection

from allocation.analysis.conditions import among, money_of, moves, near_best
from allocation.engine.problem import Candidate, Problem, SumRule, UnitsRule
from allocation.scenario.problem_builder import build_problem
from allocation.scenario.scenario import Scenario

PRECISION = 100
"""Distances are told apart to this part of the money that the best plan awards."""

Often = Literal["always", "sometimes", "never"]
Units = Mapping[str, int]
Progress = Callable[[int, int], None]
"""Told how many alternatives and activities are settled, and of how many."""


@dataclass(frozen=True)
class Alternative:
    """A near-best plan."""

    value: int
    """Points."""
    awards: Mapping[str, int]
    """USD cents by activity; only what is funded."""
    moved: int
    """Cents by which it differs from the nearest plan before it."""
    more: Mapping[str, int]
    """Cents that activities get more than in the best plan."""
    less: Mapping[str, int]
    """Cents that activities get less than in the best plan."""


@dataclass(frozen=True)
class Alternatives:
    """The best plan, the plans beside it, and how often each activity is in a near-best plan."""

    value: int
    """Points of the best plan."""
    within: int
    """What a near-best plan may be worth less, in basis points of the best value."""
    awards: Mapping[str, int]
    """USD cents by activity in the best plan."""
    plans: tuple[Alternative, ...]
    """Fewer than were asked for when there are no more."""
    often: Mapping[str, Often]
    """Every activity, by code."""


def find_alternatives(
    books: Connection, scenario: Scenario, *, within: int, count: int, progress: Progress = lambda *_: None
) -> Alternatives:
    """The alternatives to a scenario's plan over the books as they are, as `alternatives` finds them."""
    return alternatives(build_problem(books, scenario), within=within, count=count, progress=progress)


def alternatives(
    problem: Problem, *, within: int, count: int, progress: Progress = lambda *_: None
) -> Alternatives:
    """Up to `count` other plans within so many basis points of the best value.

    Raises `Infeasible` when no plan keeps the rules. The same problem always has the same alternatives.
    """
    # The solvers take half a second to load: only who solves waits for them.
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
    """How often each activity is in a near-best plan, from as many plans as it takes to know it."""
    seen = list(plans)
    codes = sorted(candidate.code for candidate in near.candidates)
    never = _never_funded(near, seen)
    progress(len(codes) // 2)
    always = _always_funded(near, seen)
    progress(len(codes))
    return {code: "never" if code in never else "always" if code in always else "sometimes" for code in codes}


def _never_funded(near: Problem, seen: list[Units]) -> set[str]:
    """A plan with the most units of what no plan seen funds; when it has none of them, no plan has."""
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
    """A plan without as many as can be of what all plans seen fund; of several units, each is asked alone."""
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
        found = best(among(near, UnitsRule("without", parts[0], most=0)), {})
        if found is None:
            always.add(parts[0])
        else:
            seen.append(found.units)
    return always


# --- as different as possible -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Span:
    """The units of an activity that are still looked at."""

    candidate: Candidate
    lower: int
    upper: int

    def away(self, units: int) -> int:
        """What one more unit adds, at most, to the distance from a plan that funds so many.

        Exact unless the other plan's units lie within the span.
        """
        if units <= self.lower:
            return self.candidate.unit_cents
        if units >= self.upper:
            return -self.candidate.unit_cents
        rise = self.candidate.unit_cents * (self.upper - units - (units - self.lower))
        return -(-rise // (self.upper - self.lower))

    def start(self, units: int) -> int:
        """The distance from a plan that funds so many, where the span begins."""
        return self.candidate.unit_cents * abs(units - self.lower)


_Spans = Mapping[str, _Span]


def _farthest(near: Problem, plans: Sequence[Units]) -> Units | None:
    """The plan whose least distance to those given is the largest, to the percent; None if there is no other.

    The distance sought is halved between what a plan has reached and what none can: the least distance is at
    most the mean.
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
    """No plan is further away than this from these plans on the mean, in USD cents."""
    from allocation.engine.solve import best  # noqa: PLC0415 - see `alternatives`

    found = best(near, _sum_away(plans, spans))
    assert found is not None, "the best plan is one"
    return (found.bound + sum(_start(plan, spans) for plan in plans)) // len(plans)


def _whole_spans(near: Problem) -> _Spans:
    return {candidate.code: _Span(candidate, 0, _most(near, candidate)) for candidate in near.candidates}


def _most(near: Problem, candidate: Candidate) -> int:
    """The units that there could be money for."""
    if not candidate.unit_cents:
        return candidate.units
    money = sum(source.cents for source in near.sources if candidate.code in source.eligible)
    return min(candidate.units, money // candidate.unit_cents)


def _away_from(near: Problem, plans: Sequence[Units], least: int, spans: _Spans) -> Units | None:
    """A plan at least so many cents away from all these plans.

    Distance is not linear in the units of an activity that another plan funds in part: where the line above
    it is too generous, the plans with fewer units and those with more are looked at one after the other.
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
    """What one more unit of each activity adds, at most, to the distances from all plans."""
    return {code: sum(span.away(plan[code]) for plan in plans) for code, span in spans.items()}


def _start(plan: Units, spans: _Spans) -> int:
    """What the lines above the distance from a plan come to without any unit."""
    return sum(span.start(plan[code]) - span.away(plan[code]) * span.lower for code, span in spans.items())


def _distance_rule(plan: Units, spans: _Spans, least: int, id: str) -> SumRule:
    """At least so far from a plan, by the lines above the distance."""
    away = {code: span.away(plan[code]) for code, span in spans.items()}
    return SumRule(f"apart {id}", away, least=least - _start(plan, spans))


def _within(spans: _Spans) -> Iterator[UnitsRule]:
    for code, span in spans.items():
        if (span.lower, span.upper) != (0, span.candidate.units):
            yield UnitsRule(f"within {code}", code, span.lower, span.upper)


def _most_generous(units: Units, plans: Sequence[Units], spans: _Spans) -> tuple[str, int]:
    """The activity, and another plan's units of it, where the line is furthest above the distance."""

    def above(code: str, plan: Units) -> int:
        span = spans[code]
        line = span.start(plan[code]) + span.away(plan[code]) * (units[code] - span.lower)
        return line - span.candidate.unit_cents * abs(units[code] - plan[code])

    _, code, place = max(
        (above(code, plan), code, place) for code in spans for place, plan in enumerate(plans)
    )
    return code, plans[place][code]
