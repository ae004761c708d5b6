"""The answer to a problem: solved tier by tier, each tier keeping what those before it have reached.

1. *Value*: the most points, by CP-SAT.
2. *Tie-break*: of equally good plans, the one that funds most units of the first activity by code, then of
   the second, and so on. It leaves exactly one plan, so any correct solver gives the same units.
3. *Attribution*: whose money pays, closest to pro rata.

Only a tier that says `proved` is optimal; one that hit its limit gives its bound instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from allocation.attribution import Flows, attribute, overdrawn
from allocation.conflict import Infeasible, minimal_conflict
from allocation.greedy import greedy
from allocation.model import Model, Terms, Variable, build, weigh
from allocation.problem import Problem, Rule
from allocation.solvers import CP_SAT, VERSION, Answer, cp_sat, scip
from ledger import MdfmError

CHUNK = 2**16
"""How many combinations of units one tie-break solve may order; larger numbers weaken the solver's bounds."""

Units = Mapping[str, int]
Solver = Callable[[Model, Terms], Answer]


class Undecided(MdfmError):
    """The limit was hit before any plan was found."""


@dataclass(frozen=True)
class TierResult:
    """What one tier reached, and what is known about how much better it could be."""

    name: str
    value: int
    """Points; activities whose units are settled; or cents of the largest deviation from pro rata."""
    bound: int
    """No plan can do better than this."""
    proved: bool

    @property
    def gap(self) -> int:
        """How far the value may be from the best possible; 0 when proved."""
        return abs(self.bound - self.value)


@dataclass(frozen=True)
class Solution:
    """A plan in numbers: what is funded, whose money pays, and how good it is known to be."""

    units: dict[str, int]
    """Units of every candidate, funded or not, by code."""
    flows: Flows
    """Cents from (agreement, activity); payments of nothing are left out."""
    tiers: tuple[TierResult, ...]
    solver: str
    version: str
    effort: float
    """Deterministic time of the solver, the same on every machine."""

    @property
    def value(self) -> int:
        """Points of the plan."""
        return self.tiers[0].value

    @property
    def bound(self) -> int:
        """No plan is worth more points than this."""
        return self.tiers[0].bound

    @property
    def proved(self) -> bool:
        """Whether every tier is proved optimal."""
        return all(tier.proved for tier in self.tiers)


@dataclass(frozen=True)
class Best:
    """The most that a goal can reach under the rules, and a plan that reaches it."""

    value: int
    bound: int
    """No plan reaches more than this; the value itself when proved."""
    units: Mapping[str, int]

    @property
    def proved(self) -> bool:
        """Whether nothing better is possible."""
        return self.value == self.bound


class _Meter:
    """Counts deterministic effort against a limit."""

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self.spent = 0.0

    def __call__(self, model: Model, objective: Terms) -> Answer:
        """Solve with CP-SAT within what is left of the limit."""
        left = None if self.limit is None else self.limit - self.spent
        if left is not None and left <= 0:
            return Answer("open", None, None)
        answer = cp_sat(model, objective, left)
        self.spent += answer.effort
        return answer


def solve(problem: Problem, *, limit: float | None = None) -> Solution:
    """Answer a problem, with at most `limit` of the solver's deterministic time over all tiers.

    Raises `Infeasible` with a minimal set of clashing rules, `Undecided` if the limit is hit before any plan
    is found, and `BadInput` for a problem that contradicts itself.
    """
    meter = _Meter(limit)
    model = build(problem)
    model, answer = _payable(meter, model, model.value)
    if answer.status == "infeasible":
        raise Infeasible(minimal_conflict(problem.rules, _clash_in(problem, meter)))
    if answer.status == "open":
        answer = _rescued(problem, model, answer)
    assert answer.units is not None
    assert answer.bound is not None
    units, value = answer.units, weigh(model.value, answer.units)
    tiers = [TierResult("value", value, answer.bound, value == answer.bound)]
    if tiers[0].proved:
        units, settled = _first_by_code(meter, model.keeping("value", model.value, value), units)
        tiers.append(TierResult("tie-break", settled, len(units), settled == len(units)))
    paid = attribute(model, units)
    tiers.append(TierResult("attribution", paid.deviation, paid.deviation, True))
    return Solution(dict(units), paid.flows, tuple(tiers), CP_SAT, VERSION, meter.spent)


def best(
    problem: Problem, goal: Mapping[str, int] | None = None, *, limit: float | None = None
) -> Best | None:
    """The most that a goal (what one unit of each activity adds; points if not given) can reach.

    One solve, without the later tiers: for questions around a plan. None when no plan keeps the rules. Raises
    `Undecided` if the limit is hit before any plan is found.
    """
    model = build(problem)
    objective = model.value if goal is None else tuple(sorted(goal.items()))
    _, answer = _payable(_Meter(limit), model, objective)
    if answer.status == "infeasible":
        return None
    if answer.units is None or answer.bound is None:
        raise Undecided("The limit was hit before any plan was found; raise the limit or relax a rule.")
    return Best(weigh(objective, answer.units), answer.bound, answer.units)


def second_opinion(problem: Problem) -> int:
    """The optimal value by SCIP, another solver, from the same model; raises `Infeasible` as `solve` does."""
    model = build(problem)
    model, answer = _payable(scip, model, model.value)
    if answer.units is None:
        raise Infeasible(minimal_conflict(problem.rules, _clash_in(problem, scip)))
    return weigh(model.value, answer.units)


def _payable(solver: Solver, model: Model, objective: Terms) -> tuple[Model, Answer]:
    """Solve and add the money row that the answer breaks, until the answer can be paid.

    Each model on the way allows all that the problem allows, so its bound and infeasibility hold for it too.
    """
    bound: int | None = None
    while True:
        answer = solver(model, objective)
        bounds = [known for known in (bound, answer.bound) if known is not None]
        bound = min(bounds, default=None)
        answer = replace(answer, bound=bound)
        if answer.units is None:
            return model, answer
        purses = overdrawn(model, answer.units)
        if purses is None:
            return model, answer
        row = model.money_row(purses)
        assert not row.holds(answer.units), row.id
        model = model.with_row(row)


def _rescued(problem: Problem, model: Model, answer: Answer) -> Answer:
    """When the limit was hit: the better of the solver's plan and a greedy one."""
    plans = [units for units in (answer.units, greedy(problem)) if units is not None]
    if not plans:
        raise Undecided("The limit was hit before any plan was found; raise the limit or relax a rule.")
    best = max(plans, key=lambda units: weigh(model.value, units))
    most = weigh(model.value, {variable.name: variable.upper for variable in model.variables})
    return replace(answer, units=best, bound=most if answer.bound is None else answer.bound)


def _clash_in(problem: Problem, solver: Solver) -> Callable[[Sequence[Rule]], bool]:
    def clash(rules: Sequence[Rule]) -> bool:
        _, answer = _payable(solver, build(replace(problem, rules=tuple(rules))), ())
        return answer.status == "infeasible"

    return clash


def _first_by_code(meter: _Meter, model: Model, units: Units) -> tuple[Units, int]:
    """The first plan by code among equals, and how many activities' units are proved to be so."""
    settled = 0
    for chunk in _chunks(model.variables):
        if any(units[variable.name] < variable.upper for variable in chunk):
            model, answer = _payable(meter, model, _in_order(chunk))
            if answer.status != "optimal" or answer.units is None:
                return units, settled
            units = answer.units
        model = model.fixing({variable.name: units[variable.name] for variable in chunk})
        settled += len(chunk)
    return units, settled


def _chunks(variables: Sequence[Variable]) -> Iterator[tuple[Variable, ...]]:
    """Neighbours by code, few enough that their units can be read as one number."""
    chunk: tuple[Variable, ...] = ()
    for variable in variables:
        if chunk and prod(v.upper + 1 for v in (*chunk, variable)) > CHUNK:
            yield chunk
            chunk = ()
        chunk = (*chunk, variable)
    if chunk:
        yield chunk


def _in_order(chunk: Sequence[Variable]) -> Terms:
    """An objective that is larger for the plan that comes first: mixed-radix digits, first code leading."""
    weights: list[tuple[str, int]] = []
    radix = 1
    for variable in reversed(chunk):
        weights.append((variable.name, radix))
        radix *= variable.upper + 1
    return tuple(weights)
