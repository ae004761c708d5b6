"""Dual bounds from the linear relaxation, exact in integers: floats only suggest the multipliers.

GLOP gives a dual value ("price") for each constraint. Whatever the prices are, no plan is worth more than
the constraints' bounds at these prices plus what each variable still earns beyond them (Lagrangian bound;
Geoffrion 1974). That sum is computed in integers from rounded prices, so it holds even where the prices are
wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ortools.math_opt.python import mathopt

from allocation.engine.constraints.constraint import Terms
from allocation.engine.model import Model
from allocation.engine.solvers import SEED, Solver, SolverResult, program, run_math_opt

SCALE = 2**40
"""Prices are rounded to this fraction of a point; the finer, the closer the bound to GLOP's own."""


@dataclass(frozen=True)
class LagrangianBound:
    """An upper bound on an objective, with the reduced costs that it leaves."""

    model: Model
    scaled: int
    """No plan is worth more than this, in units of 1/SCALE point."""
    earned: Mapping[str, int]
    """Reduced cost: what one more of each variable earns beyond the constraints, in 1/SCALE point."""

    @property
    def value(self) -> int:
        """No plan is worth more than this."""
        return self.scaled // SCALE

    def room(self, least: int) -> dict[str, tuple[int, int]]:
        """The bounds within which each variable stays in all plans worth at least `least` points."""
        spare = self.scaled - least * SCALE
        found = {}
        for variable in self.model.variables:
            earned, lower, upper = self.earned[variable.name], variable.lower, variable.upper
            if earned > 0:
                lower = max(lower, upper - spare // earned)
            elif earned < 0:
                upper = min(upper, lower + spare // -earned)
            found[variable.name] = (lower, upper)
        return found


@dataclass(frozen=True)
class Relaxed:
    """The optimum of a linear relaxation: floats, which prove nothing by themselves."""

    values: Mapping[str, float]
    prices: tuple[float, ...]
    """One for each constraint of the model."""


def relaxed(model: Model, objective: Terms) -> Relaxed | None:
    """Solve the linear relaxation with GLOP; None if it has no optimum."""
    if any(constraint.impossible for constraint in model.constraints):
        return None
    stated = program(model, objective, whole=False)
    parameters = mathopt.SolveParameters(random_seed=SEED)
    result = run_math_opt("GLOP", mathopt.SolverType.GLOP, parameters, stated)
    if (
        result.termination.reason is not mathopt.TerminationReason.OPTIMAL
        or not result.has_dual_feasible_solution()
    ):
        return None
    values = {name: result.variable_values(variable) for name, variable in stated.variables.items()}
    return Relaxed(values, tuple(result.dual_values(constraint) for constraint in stated.constraints))


def bound(model: Model, objective: Terms) -> LagrangianBound | None:
    """The bound that the linear relaxation proves for a model; None if there is none."""
    found = relaxed(model, objective)
    return None if found is None else priced(model, objective, found.prices)


def priced(model: Model, objective: Terms, prices: tuple[float, ...]) -> LagrangianBound:
    """The bound that these prices prove: positive prices apply to upper bounds, negative to lower bounds."""
    earned = dict.fromkeys((variable.name for variable in model.variables), 0)
    for name, coefficient in objective:
        earned[name] += coefficient * SCALE
    total = 0
    for constraint, price in zip(model.constraints, prices, strict=True):
        whole = round(price * SCALE)
        limit = constraint.upper if whole > 0 else constraint.lower
        if not whole or limit is None:
            continue
        total += whole * limit
        for name, coefficient in constraint.coefficients:
            earned[name] -= whole * coefficient
    total += sum(max(earned[v.name] * v.lower, earned[v.name] * v.upper) for v in model.variables)
    return LagrangianBound(model, total, earned)


def glop(model: Model, objective: Terms, limit: float | None = None) -> SolverResult:
    """Bound an objective without looking for a plan; it never proves that there is none."""
    del limit  # the effort of a linear relaxation needs no limit
    known = bound(model, objective)
    return SolverResult("open", None, None if known is None else known.value)


GLOP = Solver("GLOP", glop, whole_numbers=False, limit=True, infeasible=False)
