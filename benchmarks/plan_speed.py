"""Plans: the strategy's own programme, and far larger ones, each proved optimal by one worker.

The rival is the obvious model: a variable for every pair of agreement and activity that the earmark allows,
nothing aggregated, handed to SCIP and HiGHS.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from math import inf
from multiprocessing import get_context
from pathlib import Path

from ortools.math_opt.python import mathopt

from allocation.analysis.explain import explain
from allocation.engine.certify import Claim, certify
from allocation.engine.iis import Infeasible
from allocation.engine.problem import BASIS_POINTS, Problem
from allocation.engine.rules.money import MoneyRule
from allocation.engine.rules.units import UnitsRule
from allocation.engine.solve import Solution, best, solve
from allocation.scenario.file import read_scenario
from allocation.scenario.problem_builder import build_problem
from benchmarks.table import Figures, console, median_seconds, seconds
from mdfm.example import story
from mdfm.example.demo import before_plan
from tests.support.problems.instances import instance

RUNS = 3
SIZES = ((1_500, 100, 230), (5_000, 500, 230))
"""Activities, donors and cities."""
RIVALS = {"SCIP": mathopt.SolverType.GSCIP, "HiGHS": mathopt.SolverType.HIGHS}
PATIENCE = timedelta(seconds=60)
"""How long a rival may take."""
SCENARIOS = 1_000


def measure(sizes: tuple[tuple[int, int, int], ...] = SIZES, scenarios: int = SCENARIOS) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        book = before_plan(Path(place))
        with book.reading() as books:
            problem = build_problem(books, read_scenario(story.example_file("scenario.toml")))
        book.close()
    _programme(problem)
    for activities, donors, cities in sizes:
        _large(activities, donors, cities)
    _many(problem, scenarios)


def _programme(problem: Problem) -> None:
    solution = solve(problem)
    figures = Figures(_size("The strategy's programme", problem))
    figures.add("solve, all tiers", f"{median_seconds(lambda: solve(problem), RUNS):.2f} s", "limit 1 s")
    explaining = median_seconds(
        lambda: explain(problem, solution.units, solution.flows, solution.value), RUNS
    )
    figures.add("explain every activity", f"{explaining:.2f} s", "limit 5 s with the solve")
    figures.add("certify", f"{median_seconds(lambda: _certified(problem, solution), RUNS):.3f} s")
    for name, solver in RIVALS.items():
        figures.compare(
            "value only", median_seconds(lambda: best(problem), RUNS), name, _bare(problem, solver)
        )
    figures.show()


def _large(activities: int, donors: int, cities: int) -> None:
    problem = instance(activities, donors, cities, seed=1)
    figures = Figures(_size(f"{activities:,} activities, {donors:,} donors, {cities:,} cities", problem))
    solutions: list[Solution] = []
    took = seconds(lambda: solutions.append(solve(problem)))
    figures.add("solve, all tiers", f"{took:.2f} s", "", _proof(solutions[0]))
    valued = seconds(lambda: best(problem))
    figures.add("certify", f"{seconds(lambda: _certified(problem, solutions[0])):.2f} s")
    for name, solver in RIVALS.items():
        figures.compare("value only", valued, f"bare {name}", _bare(problem, solver))
    figures.show()


def _many(problem: Problem, scenarios: int) -> None:
    """Scenarios that differ in the weight of one activity each, over one process and two."""
    varied = [_varied(problem, number) for number in range(scenarios)]
    figures = Figures(f"{scenarios:,} scenarios of the strategy's programme")
    speeds = []
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            list(pool.map(_value, varied[: 2 * workers]))  # the workers are up before the clock starts
            took = seconds(lambda pool=pool: list(pool.map(_value, varied, chunksize=10)))  # type: ignore[misc]
        speeds.append(scenarios / took)
        ratio = f"{speeds[-1] / speeds[0]:.2f} x one process" if workers > 1 else ""
        figures.add(f"{workers} process(es)", f"{speeds[-1]:,.1f} a second", "", ratio)
    figures.show()


def _varied(problem: Problem, number: int) -> Problem:
    left_out = problem.candidates[number % len(problem.candidates)].code
    rule = UnitsRule(f"scenario {number}", left_out, most=0)
    shares = tuple(
        MoneyRule(r.id, r.sense, r.weights, max(0, r.share - number), r.cents, r.reason)
        if isinstance(r, MoneyRule) and r.share is not None and r.sense == "floor"
        else r
        for r in problem.rules
        if not (isinstance(r, UnitsRule) and r.activity == left_out)
    )
    return Problem(problem.sources, problem.candidates, (*shares, rule))


def _value(problem: Problem) -> int | None:
    """The value of a scenario's plan; None when there is none."""
    try:
        return solve(problem).value
    except Infeasible:
        return None


def _certified(problem: Problem, solution: Solution) -> None:
    value = Claim(solution.units, solution.flows, solution.value, solution.bound, solution.proved)
    certify(problem, value)


def _proof(solution: Solution) -> str:
    return "proved, gap 0" if solution.proved else f"not proved: {solution.value:,} of {solution.bound:,}"


def _size(title: str, problem: Problem) -> str:
    arcs = sum(len(source.eligible) for source in problem.sources)
    return (
        f"{title}: {len(problem.candidates):,} activities, {len(problem.sources):,} sources, {arcs:,} pairs"
    )


def _bare(problem: Problem, solver: mathopt.SolverType) -> float | None:
    """Seconds of the obvious model; the patience where it finds no proof before."""
    model = mathopt.Model(name="bare")
    units = {c.code: model.add_integer_variable(lb=0, ub=c.units, name=c.code) for c in problem.candidates}
    paid: dict[str, list[mathopt.Variable]] = {code: [] for code in units}
    for source in problem.sources:
        own = {
            code: model.add_variable(lb=0, ub=source.cents) for code in sorted(source.eligible & set(units))
        }
        model.add_linear_constraint(mathopt.LinearSum(own.values()) <= source.cents)
        for code, flow in own.items():
            paid[code].append(flow)
    for c in problem.candidates:
        model.add_linear_constraint(mathopt.LinearSum(paid[c.code]) == c.unit_cents * units[c.code])
    for rule in problem.rules:
        _bare_rule(model, problem, rule, units)
    model.maximize(mathopt.LinearSum(c.score * units[c.code] for c in problem.candidates))
    parameters = mathopt.SolveParameters(relative_gap_tolerance=0.0, time_limit=PATIENCE)
    if solver is not mathopt.SolverType.HIGHS:  # which has one thread for a mixed-integer model anyway
        parameters.threads = 1
    took = seconds(lambda: mathopt.solve(model, solver, params=parameters))
    if took >= PATIENCE.total_seconds():
        console.print(f"a rival found no proof within {PATIENCE.total_seconds():.0f} s")
    return took


def _bare_rule(
    model: mathopt.Model, problem: Problem, rule: object, units: dict[str, mathopt.Variable]
) -> None:
    if isinstance(rule, UnitsRule):
        most = inf if rule.most is None else rule.most
        model.add_linear_constraint(lb=rule.least, ub=most, expr=units[rule.activity])
    elif isinstance(rule, MoneyRule):
        share, bound = (rule.share, 0) if rule.share is not None else (0, (rule.cents or 0) * BASIS_POINTS)
        counted = mathopt.LinearSum(
            (rule.weights.get(c.code, 0) - share) * c.unit_cents * units[c.code] for c in problem.candidates
        )
        floor = rule.sense == "floor"
        model.add_linear_constraint(lb=bound if floor else -inf, ub=inf if floor else bound, expr=counted)
    else:
        raise TypeError(f"the bare model does not know the rule {rule}")
