"""The solvers, tried on a problem whose answer is known."""

from __future__ import annotations

OPTIMUM = 10
"""The most of 2x + 3y where x + y <= 4, x <= 3 and y <= 2, in whole numbers: at x = y = 2."""


def solver_fault() -> str:
    """What is wrong with the solvers of plans; empty when each finds the known optimum."""
    # Imported here: a library that is missing or broken is to be reported.
    try:
        found = {"CP-SAT": _with_cp_sat()} | {name: _with_mathopt(name) for name in ("GSCIP", "HIGHS")}
    except Exception as error:  # whatever a broken library does
        return f"the solver cannot be used: {type(error).__name__}: {error}"
    wrong = [f"{name} finds {best} instead of {OPTIMUM}" for name, best in found.items() if best != OPTIMUM]
    return " and ".join(wrong)


def _with_cp_sat() -> int:
    from ortools.sat.python import cp_model  # noqa: PLC0415

    model = cp_model.CpModel()
    x, y = model.new_int_var(0, 3, "x"), model.new_int_var(0, 2, "y")
    model.add(x + y <= 4)
    model.maximize(2 * x + 3 * y)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    return round(solver.objective_value) if status == cp_model.OPTIMAL else -1


def _with_mathopt(solver: str) -> int:
    from ortools.math_opt.python import mathopt  # noqa: PLC0415

    model = mathopt.Model()
    x, y = (model.add_integer_variable(lb=0, ub=most) for most in (3, 2))
    model.add_linear_constraint(x + y <= 4)
    model.maximize(2 * x + 3 * y)
    answer = mathopt.solve(model, mathopt.SolverType[solver])
    proved = answer.termination.reason == mathopt.TerminationReason.OPTIMAL
    return round(answer.objective_value()) if proved else -1
