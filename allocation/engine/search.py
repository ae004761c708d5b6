"""Cutting-plane search: solver and payment cuts in turn until the best plan can be paid, within a limit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from allocation.engine.bounds import bound, relaxed
from allocation.engine.constraints.constraint import Constraint, Terms
from allocation.engine.model import Model
from allocation.engine.payment_cuts import broken_cut, broken_cut_at_costs
from allocation.engine.solvers import CP_SAT, HIGHS, Solver, SolverResult, choose

FEW = 32
"""With at most this many activities, solving is faster than the linear relaxation before it."""
ROUNDS = 30
"""How many payment cuts the linear relaxation may add before the first integer solve."""


PATIENCE = 4.0
"""Deterministic time after which, if no limit is set, CP-SAT hands a model over to HiGHS.

An eighth of it where any plan will do: what CP-SAT does not settle at once there, HiGHS settles sooner.
"""


@dataclass
class Search:
    """The state of solving over all tiers of one problem: effort spent, and payment cuts found.

    A cut that one tier finds holds in all others, because they spend the same money.
    """

    limit: float | None = None
    """Deterministic time, for all tiers together."""
    solver: Solver | None = None
    """The solver to use; if None, chosen for each model by its size."""
    spent: float = 0.0
    cuts: list[Constraint] = field(default_factory=list)
    choices: list[tuple[Solver, str]] = field(default_factory=list)

    @property
    def chosen(self) -> tuple[Solver, str]:
        """The solver that was chosen for the whole problem, and why."""
        return self.choices[0]

    def best(self, model: Model, objective: Terms) -> SolverResult:
        """The plan with the largest objective that the money can pay for.

        Each model on the way is a relaxation of the problem, so its bound and its infeasibility hold.
        """
        if not self.choices and _is_large(model) and (self.limit is None or self.spent < self.limit):
            self._foresee(model, objective)
        least_bound: int | None = None
        while True:
            answer = self._solved(self.whole(model), objective)
            bounds = [known for known in (least_bound, answer.bound) if known is not None]
            least_bound = min(bounds, default=None)
            answer = replace(answer, bound=least_bound)
            constraint = None if answer.values is None else broken_cut(model, model.units(answer.values))
            if answer.values is None or constraint is None:
                return answer
            assert not constraint.holds(answer.values), constraint.id
            self.cuts.append(constraint)

    def whole(self, model: Model) -> Model:
        """The model with all payment cuts found so far."""
        return model.adding(self.cuts)

    def narrowed(self, model: Model, objective: Terms, least: int) -> Model:
        """The model with variable bounds tightened to plans worth at least `least` (reduced-cost fixing)."""
        known = bound(self.whole(model), objective) if _is_large(model) else None
        return model if known is None else model.within(known.room(least))

    def _foresee(self, model: Model, objective: Terms) -> None:
        """Add payment cuts that the linear relaxation breaks: integer solves would need most of them.

        The floats only choose the cuts; each cut holds for every plan that can be paid.
        """
        for _ in range(ROUNDS):
            found = relaxed(self.whole(model), objective)
            if found is None:
                return
            costs = {each.code: round(each.unit_cents * found.values[each.code]) for each in model.candidates}
            constraint = broken_cut_at_costs(model, {code: cost for code, cost in costs.items() if cost > 0})
            if constraint is None or constraint in self.cuts:
                return
            self.cuts.append(constraint)

    def _solved(self, model: Model, objective: Terms) -> SolverResult:
        left = None if self.limit is None else self.limit - self.spent
        solver, reason = choose(model, self.limit)
        if self.solver is not None:
            solver, reason = self.solver, "it was asked for"
        self.choices.append((solver, reason))
        if left is not None and left <= 0:
            return SolverResult("open", None, None)
        patience = left
        if left is None and solver is CP_SAT:
            patience = PATIENCE if objective else PATIENCE / 8
        answer = solver.run(model, objective, patience)
        self.spent += answer.effort
        if answer.status == "open" and left is None:
            return HIGHS.run(model, objective, None)
        return answer


def _is_large(model: Model) -> bool:
    return len(model.candidates) > FEW
