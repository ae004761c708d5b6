"""The solvers behind one signature: a model and an objective go in, a checked result comes out.

No solver is trusted: a result that breaks a constraint in exact integers is refused, whatever its status.
Effort is limited by CP-SAT's deterministic time and never by a clock, so that the same problem stops at the
same place on every machine. HiGHS is reached through MathOpt only: its own package, imported into the same
process, breaks OR-Tools (google/or-tools #5246).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from math import inf
from typing import Literal

from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from allocation.engine.constraints.constraint import Terms, weigh
from allocation.engine.model import Model
from ledger import MdfmError

SEED = 1
VERSION = version("ortools")
MANY = 1_000
"""From this many activities on, branch and cut proves the optimum sooner than clause learning (measured)."""


class SolverFailed(MdfmError):
    """A solver gave no result, or one that fails a check."""


@dataclass(frozen=True)
class SolverResult:
    """What a solver claims about the maximum of an objective."""

    status: Literal["optimal", "infeasible", "open"]
    """`open`: the limit was hit first."""
    values: Mapping[str, int] | None
    """Of all variables of the model, by name."""
    bound: int | None
    """No plan is worth more than this; None if nothing is known."""
    effort: float = field(default=0.0)
    """Deterministic time used; only CP-SAT measures it."""


@dataclass(frozen=True)
class Solver:
    """A solver and its capabilities."""

    name: str
    run: Callable[[Model, Terms, float | None], SolverResult]
    whole_numbers: bool
    """Whether it proves integer optima; otherwise it only bounds them (`allocation.engine.bounds`)."""
    limit: bool
    """Whether its effort can be limited so that it stops at the same place on every machine."""
    infeasible: bool
    """Whether its status `infeasible` is a proof."""


def choose(model: Model, limit: float | None) -> tuple[Solver, str]:
    """The solver for a model, and why it is chosen."""
    numbers = sum(variable.lower < variable.upper for variable in model.variables)
    if limit is not None:
        return CP_SAT, "it alone stops at a limit that is the same on every machine"
    if numbers >= MANY:
        return SCIP, f"it proves plans of {MANY:,} activities or more soonest, and {numbers:,} are open"
    return CP_SAT, f"it proves plans of fewer than {MANY:,} activities soonest, and {numbers:,} are open"


def another(first: Solver) -> Solver:
    """A solver by other authors, for a second opinion."""
    return HIGHS if first is SCIP else SCIP


def cp_sat(model: Model, objective: Terms, limit: float | None = None) -> SolverResult:
    """Maximise with CP-SAT: one worker, fixed seed, at most `limit` of deterministic time."""
    program = cp_model.CpModel()
    unit = {v.name: program.new_int_var(v.lower, v.upper, v.name) for v in model.variables}
    for constraint in model.constraints:
        lower = cp_model.INT_MIN if constraint.lower is None else constraint.lower
        upper = cp_model.INT_MAX if constraint.upper is None else constraint.upper
        program.add_linear_constraint(_expression(constraint.coefficients, unit), lower, upper).with_name(
            constraint.id
        )
    program.maximize(_expression(objective, unit))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    if limit is not None:
        solver.parameters.max_deterministic_time = limit
    status = solver.solve(program)
    effort = solver.response_proto.deterministic_time
    if status == cp_model.INFEASIBLE:
        return SolverResult("infeasible", None, None, effort)
    if status == cp_model.UNKNOWN:
        return SolverResult("open", None, None, effort)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise SolverFailed(
            "solver-stopped",
            "{name} stopped with {reason}; report it with its problem.",
            name="CP-SAT",
            reason=solver.status_name(status),
        )
    values = {name: solver.value(variable) for name, variable in unit.items()}
    bound = round(solver.best_objective_bound)
    answer = SolverResult("optimal" if status == cp_model.OPTIMAL else "open", values, bound, effort)
    return _checked("CP-SAT", answer, model, objective)


def scip(model: Model, objective: Terms, limit: float | None = None) -> SolverResult:
    """Maximise with SCIP to a proved optimum, with tolerances below one cent in a hundred million dollars."""
    _require_unlimited("SCIP", limit)
    parameters = mathopt.SolveParameters(
        threads=1, random_seed=SEED, relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0
    )
    parameters.gscip.real_params["numerics/feastol"] = 1e-9
    return _branch_and_cut("SCIP", mathopt.SolverType.GSCIP, parameters, model, objective)


def highs(model: Model, objective: Terms, limit: float | None = None) -> SolverResult:
    """Maximise with HiGHS to a proved optimum; without the gap of 1e-4 that it calls optimal by default."""
    _require_unlimited("HiGHS", limit)
    parameters = mathopt.SolveParameters(
        random_seed=SEED, relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0
    )
    parameters.highs.double_options["mip_feasibility_tolerance"] = 1e-9
    return _branch_and_cut("HiGHS", mathopt.SolverType.HIGHS, parameters, model, objective)


CP_SAT = Solver("CP-SAT", cp_sat, whole_numbers=True, limit=True, infeasible=True)
SCIP = Solver("SCIP", scip, whole_numbers=True, limit=False, infeasible=True)
HIGHS = Solver("HiGHS", highs, whole_numbers=True, limit=False, infeasible=True)


@dataclass(frozen=True)
class Program:
    """A model in MathOpt."""

    program: mathopt.Model
    variables: Mapping[str, mathopt.Variable]
    constraints: tuple[mathopt.LinearConstraint, ...]


def program(model: Model, objective: Terms, *, whole: bool) -> Program:
    """Build the MathOpt model, with integer variables (`whole`) or relaxed."""
    stated = mathopt.Model(name="plan")
    unit = {v.name: stated.add_variable(lb=v.lower, ub=v.upper, is_integer=whole) for v in model.variables}
    constraints = tuple(
        stated.add_linear_constraint(
            lb=-inf if constraint.lower is None else constraint.lower,
            ub=inf if constraint.upper is None else constraint.upper,
            expr=mathopt.LinearSum(unit[name] * coefficient for name, coefficient in constraint.coefficients),
        )
        for constraint in model.constraints
    )
    stated.maximize(mathopt.LinearSum(unit[name] * coefficient for name, coefficient in objective))
    return Program(stated, unit, constraints)


def run_math_opt(
    name: str, kind: mathopt.SolverType, parameters: mathopt.SolveParameters, stated: Program
) -> mathopt.SolveResult:
    """Solve with MathOpt; its errors become `SolverFailed`."""
    try:
        return mathopt.solve(stated.program, kind, params=parameters)
    except Exception as error:
        # MathOpt raises AttributeError while it words its own errors (google/or-tools #4606).
        raise SolverFailed(
            "solver-refused-model",
            "{name} refused the model ({why}); report it with its problem.",
            name=name,
            why=error,
        ) from error


def _branch_and_cut(
    name: str,
    kind: mathopt.SolverType,
    parameters: mathopt.SolveParameters,
    model: Model,
    objective: Terms,
) -> SolverResult:
    if any(constraint.impossible for constraint in model.constraints):
        return SolverResult("infeasible", None, None)  # MathOpt would call it a malformed model
    stated = program(model, objective, whole=True)
    result = run_math_opt(name, kind, parameters, stated)
    reason = result.termination.reason
    if reason is mathopt.TerminationReason.INFEASIBLE:
        return SolverResult("infeasible", None, None)
    if reason is not mathopt.TerminationReason.OPTIMAL:
        raise SolverFailed(
            "solver-stopped",
            "{name} stopped with {reason}; report it with its problem.",
            name=name,
            reason=reason.name,
        )
    values = {each: round(result.variable_values(variable)) for each, variable in stated.variables.items()}
    bound = round(result.objective_value())
    return _checked(name, SolverResult("optimal", values, bound), model, objective)


def _require_unlimited(name: str, limit: float | None) -> None:
    if limit is not None:
        raise SolverFailed(
            "solver-limit-not-repeatable",
            "{name} cannot stop at the same place on every machine; limit CP-SAT instead.",
            name=name,
        )


def _expression(terms: Terms, unit: Mapping[str, cp_model.IntVar]) -> cp_model.LinearExprT:
    names = [unit[name] for name, _ in terms]
    return cp_model.LinearExpr.weighted_sum(names, [coefficient for _, coefficient in terms])


def _checked(solver: str, answer: SolverResult, model: Model, objective: Terms) -> SolverResult:
    assert answer.values is not None
    assert answer.bound is not None
    constraint = model.broken(answer.values)
    if constraint is not None:
        raise SolverFailed(
            "solver-answer-breaks-rule",
            "{solver} gave an answer that breaks {id}; report it with its problem.",
            solver=solver,
            id=constraint.id,
        )
    value = weigh(objective, answer.values)
    if value > answer.bound or (answer.status == "optimal" and value != answer.bound):
        raise SolverFailed(
            "solver-bound-wrong",
            "{solver} claims {bound} for an answer worth {value}; report it with its problem.",
            solver=solver,
            bound=answer.bound,
            value=value,
        )
    return answer
