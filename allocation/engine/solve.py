"""Lexicographic optimisation: solves a problem tier by tier; each keeps what those before it reached.

1. *Floors*: the fewest cents by which soft rules are missed.
2. *Value*: the most points.
3. *Fairness*: the worst-off group gets most, then the next worst (`allocation.engine.fairness`).
4. *Stability*: the fewest cents move from the previous plan.
5. *Tie-break*: the first by code of equally good plans, which leaves one (`allocation.engine.tie_break`).
6. *Attribution*: whose money pays, closest to pro rata (`allocation.engine.attribution`).

Hard rules are never relaxed. A tier is solved only if the problem asks for it. A tier is optimal only if it
says `proved`; one that hits its limit gives its bound, and the tiers after it are left out, except
attribution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from allocation.engine.attribution import attribute
from allocation.engine.bounds import GLOP
from allocation.engine.constraints import stability
from allocation.engine.constraints.constraint import Terms, weigh
from allocation.engine.fairness import fairest
from allocation.engine.greedy import greedy
from allocation.engine.iis import Infeasible, irreducible_infeasible_subset
from allocation.engine.model import Model, build, firmly
from allocation.engine.payment_cuts import with_first_cuts
from allocation.engine.problem import BASIS_POINTS, Flows, Problem
from allocation.engine.rules.rule import Rule
from allocation.engine.search import Search
from allocation.engine.solvers import VERSION, SolverResult, another, choose
from allocation.engine.tie_break import first_by_code
from ledger import MdfmError

Values = Mapping[str, int]


class Undecided(MdfmError):
    """The limit was hit before any plan was found."""

    def __init__(self) -> None:
        super().__init__(
            "limit-hit-without-plan",
            "The limit was hit before any plan was found; raise the limit or relax a rule.",
        )


@dataclass(frozen=True)
class TierResult:
    """What one tier reached, and a bound on how much better it could be."""

    name: str
    value: int
    """Of floors, the cents missed; of value, points; of fairness, the percent of the worst-off group; of
    stability, the cents that move; of the tie-break, activities whose units are settled; of attribution, the
    cents of the largest deviation from pro rata."""
    bound: int
    """No plan can do better than this."""
    proved: bool

    @property
    def gap(self) -> int:
        """How far the value may be from the best possible; 0 when proved."""
        return abs(self.bound - self.value)


@dataclass(frozen=True)
class Solution:
    """The solution of a problem: what is funded, whose money pays, and how good it is proved to be."""

    units: dict[str, int]
    """Units of every candidate, funded or not, by code."""
    flows: Flows
    """Cents by (source id, activity); payments of 0 are left out."""
    tiers: tuple[TierResult, ...]
    points: int
    """What the plan is worth; below `value` only by what fairness may give up."""
    solver: str
    version: str
    solver_reason: str
    """Why this solver, in words."""
    effort: float
    """Deterministic time of CP-SAT, the same on every machine; other solvers do not measure it."""

    def tier(self, name: str) -> TierResult | None:
        """What a tier reached; None if it was not asked for, or not solved."""
        return next((tier for tier in self.tiers if tier.name == name), None)

    @property
    def value(self) -> int:
        """The most points found; if points do not count, those of the plan."""
        tier = self.tier("value")
        return self.points if tier is None else tier.value

    @property
    def bound(self) -> int:
        """No plan is worth more points than this; if points do not count, those of the plan."""
        tier = self.tier("value")
        return self.points if tier is None else tier.bound

    @property
    def proved(self) -> bool:
        """Whether every tier is proved optimal."""
        return all(tier.proved for tier in self.tiers)


@dataclass(frozen=True)
class Best:
    """The optimum of one goal under the rules, and a plan that reaches it."""

    value: int
    bound: int
    """No plan reaches more than this; the value itself when proved."""
    units: Mapping[str, int]

    @property
    def proved(self) -> bool:
        """Whether the value is proved optimal."""
        return self.value == self.bound


@dataclass(frozen=True)
class _SolvedTiers:
    """The tiers solved so far: a model that keeps what they reached, and a plan of it."""

    model: Model
    values: Values
    tiers: tuple[TierResult, ...]

    @property
    def proved(self) -> bool:
        return all(tier.proved for tier in self.tiers)

    def then(self, model: Model, values: Values, tier: TierResult) -> _SolvedTiers:
        return _SolvedTiers(model, values, (*self.tiers, tier))


def solve(problem: Problem, *, limit: float | None = None) -> Solution:
    """Solve a problem, with at most `limit` of the solver's deterministic time over all tiers.

    Raises `Infeasible` with an irreducible infeasible subset of the rules, `Undecided` if the limit is hit
    before any plan is found, and `BadInput` for a problem that contradicts itself.
    """
    return _solved(problem, Search(limit))


def best(
    problem: Problem, goal: Mapping[str, int] | None = None, *, limit: float | None = None
) -> Best | None:
    """The most that a goal (what one unit of each activity adds; points if not given) can reach.

    For analyses of a plan: soft rules are missed as little as possible, and no later tier is solved. None
    if no plan keeps the rules. Raises `Undecided` if the limit is hit before any plan is found.
    """
    search = Search(limit)
    objective = _points(problem) if goal is None else tuple(sorted(goal.items()))
    found = _floors(problem, search, objective)
    if found is None:
        return None
    _, answer, tiers = found
    if answer.values is None or answer.bound is None or not all(tier.proved for tier in tiers):
        raise Undecided
    units = {candidate.code: answer.values[candidate.code] for candidate in problem.candidates}
    return Best(weigh(objective, units), answer.bound, dict(sorted(units.items())))


def second_opinion(problem: Problem) -> int:
    """The points that another solver reaches on the same model; raises `Infeasible` as `solve` does.

    If points count, the optimum of the value tier; otherwise those of the one plan that all tiers leave.
    """
    other = Search(solver=another(choose(build(problem), None)[0]))
    if not problem.by_value:
        return _solved(problem, other).points
    _, answer, _ = _floors(problem, other, _points(problem)) or _refused(problem, other)
    assert answer.values is not None
    return weigh(_points(problem), answer.values)


def _solved(problem: Problem, search: Search) -> Solution:
    reached = _up_to_value(problem, search)
    for tier in (_fairness, _stability, _tie_break):
        if reached.proved:
            reached = tier(problem, search, reached)
    units = reached.model.units(reached.values)
    paid = attribute(reached.model, units)
    tiers = (*reached.tiers, TierResult("attribution", paid.deviation, paid.deviation, True))
    points = weigh(reached.model.value, units)
    solver, reason = search.chosen
    return Solution(units, paid.flows, tiers, points, solver.name, VERSION, reason, search.spent)


def _floors(
    problem: Problem, search: Search, objective: Terms
) -> tuple[Model, SolverResult, list[TierResult]] | None:
    """The best of the plans that miss the soft rules least; None if no plan keeps the hard rules.

    First as if no rule were soft: usually none is missed, and one solve then settles both tiers.
    """
    has_soft = any(rule.soft for rule in problem.rules)
    model = _model_with_cuts(replace(problem, rules=firmly(problem.rules)))
    answer = search.best(model, objective)
    if answer.status != "infeasible":
        known = answer.values is not None
        return model, answer, [TierResult("floors", 0, 0, proved=known)] if has_soft else []
    model = _model_with_cuts(problem)
    least = search.best(model, model.spared) if has_soft else answer
    if least.status == "infeasible":
        return None
    if least.status != "optimal" or least.values is None:
        return model, replace(least, bound=None), [TierResult("floors", 0, 0, proved=False)]
    missed = -weigh(model.spared, least.values)
    model = model.keeping("floors", model.spared, -missed)
    answer = search.best(model, objective)
    if answer.values is None:
        answer = replace(answer, values=least.values)
    return model, answer, [TierResult("floors", missed, missed, proved=True)]


def _up_to_value(problem: Problem, search: Search) -> _SolvedTiers:
    points = _points(problem)
    objective = points if problem.by_value else ()
    model, answer, tiers = _floors(problem, search, objective) or _refused(problem, search)
    reached = _SolvedTiers(model, answer.values or {}, tuple(tiers))
    if answer.status != "optimal":
        reached = _rescued(problem, reached)
    if not problem.by_value:
        return reached
    value = weigh(points, reached.values)
    most = answer.bound
    if most != value:
        most = _closer(search.whole(reached.model), points, most)
    reached = reached.then(reached.model, reached.values, TierResult("value", value, most, value == most))
    if not reached.proved:
        return reached
    give_up = problem.fairness.give_up if problem.fairness is not None else 0
    least = value - abs(value) * give_up // BASIS_POINTS
    kept = search.narrowed(reached.model, points, least).keeping("value", points, least)
    return replace(reached, model=kept)


def _rescued(problem: Problem, reached: _SolvedTiers) -> _SolvedTiers:
    """After the limit was hit: the better of the solver's plan and a greedy one."""
    plans = [plan for plan in (reached.values, greedy(problem)) if plan]
    if not plans:
        raise Undecided
    points = _points(problem)
    plan = min(plans, key=lambda units: (_missed(problem, units), -weigh(points, units)))
    if reached.proved:
        return replace(reached, values=plan)
    missed = _missed(problem, plan)
    return _SolvedTiers(_model_with_cuts(problem), plan, (TierResult("floors", missed, 0, missed == 0),))


def _missed(problem: Problem, units: Values) -> int:
    """The cents by which these units miss all soft rules together."""
    return sum(rule.shortfall(problem, units) for rule in problem.rules if rule.soft)


def _closer(model: Model, objective: Terms, known: int | None) -> int:
    """The tightest known bound: of the solver, the linear relaxation, or all variables at their most."""
    everything = sum(max(0, points) * model.upper[name] for name, points in objective)
    relaxed = GLOP.run(model, objective, None).bound
    return min(bound for bound in (known, relaxed, everything) if bound is not None)


def _fairness(problem: Problem, search: Search, reached: _SolvedTiers) -> _SolvedTiers:
    if problem.fairness is None:
        return reached
    found = fairest(search, reached.model, reached.values, problem.fairness)
    tier = TierResult("fairness", found.worst, found.bound, found.proved)
    after = reached.then(found.model, found.values, tier)
    if not (problem.by_value and problem.fairness.give_up and found.proved):
        return after
    points = after.model.value
    answer = search.best(after.model, points)
    if answer.status != "optimal" or answer.values is None:
        return reached.then(found.model, found.values, replace(tier, proved=False))
    kept = after.model.keeping("fairness", points, weigh(points, answer.values))
    return replace(after, model=kept, values=answer.values)


def _stability(problem: Problem, search: Search, reached: _SolvedTiers) -> _SolvedTiers:
    if not problem.previous:
        return reached
    candidates = reached.model.candidates
    stated, objective = stability.stability_constraints(candidates, reached.model.upper, problem.previous)
    model = reached.model.adding(stated.constraints, stated.variables)
    answer = search.best(model, objective)
    if answer.values is None or answer.bound is None:
        moved = stability.moved(candidates, reached.values, problem.previous)
        return reached.then(reached.model, reached.values, TierResult("stability", moved, 0, moved == 0))
    moved = stability.moved(candidates, answer.values, problem.previous)
    least = moved - (answer.bound - weigh(objective, answer.values))
    model = model.keeping("stability", objective, weigh(objective, answer.values))
    return reached.then(model, answer.values, TierResult("stability", moved, least, moved == least))


def _tie_break(problem: Problem, search: Search, reached: _SolvedTiers) -> _SolvedTiers:
    values, settled = first_by_code(search, reached.model, reached.values)
    everything = len(problem.candidates)
    tier = TierResult("tie-break", settled, everything, settled == everything)
    return reached.then(reached.model, values, tier)


def _refused(problem: Problem, search: Search) -> NoReturn:
    """Raise `Infeasible` with an irreducible infeasible subset of the rules."""
    raise Infeasible(irreducible_infeasible_subset(problem.rules, _infeasibility_test(problem, search)))


def _points(problem: Problem) -> Terms:
    return tuple(sorted((candidate.code, candidate.score) for candidate in problem.candidates))


def _model_with_cuts(problem: Problem) -> Model:
    return with_first_cuts(build(problem))


def _infeasibility_test(problem: Problem, search: Search) -> Callable[[Sequence[Rule]], bool]:
    def infeasible(rules: Sequence[Rule]) -> bool:
        # Other rules have other payment cuts: a search of its own, on what is left of the limit.
        part = Search(search.limit, search.solver, search.spent)
        answer = part.best(_model_with_cuts(replace(problem, rules=tuple(rules))), ())
        search.spent = part.spent
        return answer.status == "infeasible"

    return infeasible
