"""The two solvers behind one signature: a model and an objective go in, a checked answer comes out.

CP-SAT plans; SCIP, another algorithm by other authors, gives the second opinion. Neither is believed: an
answer that breaks a row in exact integers is refused, whatever status came with it. Effort is limited by
CP-SAT's deterministic time and never by a clock, so that the same question stops at the same place on every
machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from math import inf
from typing import Literal

from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from allocation.model import Model, Terms, weigh
from ledger import MdfmError

SEED = 1
CP_SAT = "CP-SAT"
VERSION = version("ortools")


class SolverFailed(MdfmError):
    """A solver gave no answer, or one that does not stand up to a check."""


@dataclass(frozen=True)
class Answer:
    """What a solver claims about the largest value of an objective."""

    status: Literal["optimal", "infeasible", "open"]
    """`open`: the limit was hit first."""
    units: Mapping[str, int] | None
    bound: int | None
    """No plan is worth more than this; None if nothing is known."""
    effort: float = field(default=0.0)
    """Deterministic time used."""


def cp_sat(model: Model, objective: Terms, limit: float | None = None) -> Answer:
    """Maximise with CP-SAT: one worker, fixed seed, at most `limit` of deterministic time."""
    program = cp_model.CpModel()
    unit = {v.name: program.new_int_var(v.lower, v.upper, v.name) for v in model.variables}
    for row in model.rows:
        lower = cp_model.INT_MIN if row.lower is None else row.lower
        upper = cp_model.INT_MAX if row.upper is None else row.upper
        program.add_linear_constraint(_expression(row.coefficients, unit), lower, upper).with_name(row.id)
    program.maximize(_expression(objective, unit))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    if limit is not None:
        solver.parameters.max_deterministic_time = limit
    status = solver.solve(program)
    effort = solver.response_proto.deterministic_time
    if status == cp_model.INFEASIBLE:
        return Answer("infeasible", None, None, effort)
    if status == cp_model.UNKNOWN:
        return Answer("open", None, None, effort)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise SolverFailed(f"CP-SAT stopped with {solver.status_name(status)}; report it with its problem.")
    units = {name: solver.value(variable) for name, variable in unit.items()}
    bound = round(solver.best_objective_bound)
    answer = Answer("optimal" if status == cp_model.OPTIMAL else "open", units, bound, effort)
    return _checked(CP_SAT, answer, model, objective)


def scip(model: Model, objective: Terms) -> Answer:
    """Maximise with SCIP to a proved optimum, with tolerances below one cent in a hundred million dollars."""
    if any(row.impossible for row in model.rows):
        return Answer("infeasible", None, None)  # SCIP would call it a malformed model
    program = mathopt.Model(name="plan")
    unit = {v.name: program.add_integer_variable(lb=v.lower, ub=v.upper) for v in model.variables}
    for row in model.rows:
        program.add_linear_constraint(
            lb=-inf if row.lower is None else row.lower,
            ub=inf if row.upper is None else row.upper,
            expr=mathopt.LinearSum(unit[name] * coefficient for name, coefficient in row.coefficients),
            name=row.id,
        )
    program.maximize(mathopt.LinearSum(unit[name] * coefficient for name, coefficient in objective))
    parameters = mathopt.SolveParameters(
        threads=1, random_seed=SEED, relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0
    )
    parameters.gscip.real_params["numerics/feastol"] = 1e-9
    try:
        result = mathopt.solve(program, mathopt.SolverType.GSCIP, params=parameters)
    except Exception as error:
        # MathOpt raises AttributeError while it words its own errors (google/or-tools #4606).
        raise SolverFailed(f"SCIP refused the model ({error}); report it with its problem.") from error
    reason = result.termination.reason
    if reason is mathopt.TerminationReason.INFEASIBLE:
        return Answer("infeasible", None, None)
    if reason is not mathopt.TerminationReason.OPTIMAL:
        raise SolverFailed(f"SCIP stopped with {reason.name}; report it with its problem.")
    units = {name: round(result.variable_values(variable)) for name, variable in unit.items()}
    return _checked("SCIP", Answer("optimal", units, round(result.objective_value())), model, objective)


def _expression(terms: Terms, unit: Mapping[str, cp_model.IntVar]) -> cp_model.LinearExprT:
    names = [unit[name] for name, _ in terms]
    return cp_model.LinearExpr.weighted_sum(names, [coefficient for _, coefficient in terms])


def _checked(solver: str, answer: Answer, model: Model, objective: Terms) -> Answer:
    assert answer.units is not None
    assert answer.bound is not None
    row = model.broken(answer.units)
    if row is not None:
        raise SolverFailed(f"{solver} gave an answer that breaks {row.id}; report it with its problem.")
    value = weigh(objective, answer.units)
    if value > answer.bound or (answer.status == "optimal" and value != answer.bound):
        raise SolverFailed(
            f"{solver} claims {answer.bound} for an answer worth {value}; report it with its problem."
        )
    return answer
