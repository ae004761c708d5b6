"""`mdfm plan pareto` and `mdfm plan sweep`: Pareto fronts, the price of a rule, many scenarios at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import click

from allocation import (
    Goal,
    Point,
    Price,
    SweepResult,
    build_problem_with_goals,
    front,
    on_cluster,
    on_cores,
    price,
    read_scenario,
    read_settings,
    sweep,
    vary,
)
from ledger import head
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo, GroupedNumber, Misused, UsdCents
from mdfm.cli.recording import reading

_NO_PLAN = "No plan keeps the scenario's rules: `mdfm plan run` names those that clash."
_PICTURES = (".svg", ".pdf")


# ---- pareto


@click.command("pareto", cls=console.JsonCommand)
@click.argument("scenario", type=options.FILE, metavar="SCENARIO.toml")
@click.option(
    "--goal",
    "names",
    multiple=True,
    help="value, awarded, units, a rule's id, or a group such as ldc or cluster:INC; two or three.",
)
@click.option(
    "--step",
    type=options.DOLLARS,
    default="0.01",
    help="US$ by which plans must differ in a goal of money to count as different; a cent if not given.",
)
@click.option("--price", "rule", metavar="RULE", help="Show what each further percent of this rule costs.")
@click.option("--plot", type=options.FILE, metavar="FILE", help="Also plot the plans into an .svg or .pdf.")
@options.limit
def pareto(
    scenario: Path,
    names: tuple[str, ...],
    step: int,
    rule: str | None,
    plot: Path | None,
    limit: float | None,
) -> None:
    """Find the Pareto front of two or three goals, and the price of a rule."""
    question = read_scenario(scenario)
    if not names and rule is None:
        raise Misused("Say what to compare: --goal twice or three times, or --price with the id of a rule.")
    if plot is not None and (plot.suffix not in _PICTURES or not names):
        raise Misused(f"{plot} cannot be drawn: give --goal, and a name that ends in .svg or .pdf.")
    with reading() as books:
        problem, goals = build_problem_with_goals(books, question, names)
        goals = tuple(
            replace(goal, step=max(1, step * goal.scale)) if _is_money(goal) else goal for goal in goals
        )
        with console.progress("Plans") as progress:
            points = front(problem, goals, limit=limit, progress=progress) if names else ()
        prices = price(problem, rule, limit=limit) if rule is not None else ()
        if not (points or prices):
            raise AnswerIsNo(_NO_PLAN)
        if plot is not None:
            from reports import Seal, draw_front, write_file  # noqa: PLC0415 - who only asks need not wait

            now = head(books)
            picture = draw_front(points, goals, question.id, Seal(question.on, now.seq, now.hash))
            write_file(plot, picture.to_svg() if plot.suffix == ".svg" else picture.to_pdf())
    answer = {
        "goals": [{"id": goal.id, "unit": goal.unit} for goal in goals],
        "points": [{"values": _values(goals, point), "units": point.units} for point in points],
        "prices": prices,
    }
    console.emit(answer, lambda: _print(goals, points, prices, rule))
    if plot is not None:
        console.stderr(f"The plans are drawn in {plot}.")


def _print(goals: Sequence[Goal], points: Sequence[Point], prices: Sequence[Price], rule: str | None) -> None:
    if points:
        _print_points(goals, points)
    if prices:
        _print_prices(prices, rule or "")


def _is_money(goal: Goal) -> bool:
    return goal.unit == "US$"


def _values(goals: Sequence[Goal], point: Point) -> dict[str, int]:
    return {goal.id: goal.whole(value) for goal, value in zip(goals, point.values, strict=True)}


def _print_points(goals: Sequence[Goal], points: Sequence[Point]) -> None:
    rows = []
    for point in points:
        values = _values(goals, point)
        row: dict[str, object] = {
            goal.id: (UsdCents if _is_money(goal) else GroupedNumber)(values[goal.id]) for goal in goals
        }
        rows.append(row | {"funded": sum(1 for units in point.units.values() if units)})
    columns = {goal.id: f"{goal.id}, {goal.unit}" for goal in goals} | {"funded": "Activities"}
    console.table(rows, columns, title="Plans in which no goal can gain alone")


def _print_prices(prices: Sequence[Price], rule: str) -> None:
    """Print the prices; percents with the same value are one row."""
    rows: list[dict[str, object]] = []
    before = prices[0].value
    for value, same in groupby(prices, key=lambda each: each.value):
        shares = [each.share // 100 for each in same]
        bound = f"{shares[0]} %" if len(shares) == 1 else f"{shares[0]} % to {shares[-1]} %"
        rows.append({"bound": bound, "value": GroupedNumber(value), "cost": GroupedNumber(before - value)})
        before = value
    columns = {"bound": "Bound", "value": "Value, points", "cost": "Costs, points"}
    console.table(rows, columns, title=f"The price of {rule}")
    last = prices[-1].share
    if last not in {0, 10_000}:
        console.line(f"Beyond {last // 100} % no plan keeps the rules.")


# ---- sweep


@click.command("sweep", cls=console.JsonCommand)
@click.argument("scenarios", type=options.FILE, nargs=-1, required=True, metavar="SCENARIO.toml...")
@click.option(
    "--vary",
    "settings",
    multiple=True,
    metavar="PLACE=VALUE,...",
    help="A setting and its values, such as floors.africa.share=40%,45% or weights.clusters.INC=100,150.",
)
@click.option("--out", type=options.FILE, required=True, metavar="FOLDER", help="The folder for the results.")
@options.jobs
@click.option("--dask", metavar="ADDRESS", help="Solve on a Dask cluster: the address of its scheduler.")
@options.limit
def sweep_(
    scenarios: tuple[Path, ...],
    settings: tuple[str, ...],
    out: Path,
    jobs: int | None,
    dask: str | None,
    limit: float | None,
) -> None:
    """Solve many scenarios in parallel; the same command resumes where it was interrupted."""
    if dask and jobs:
        raise Misused("--jobs is about this machine: give it or --dask, not both.")
    varied = read_settings(settings)
    variations = [each for path in scenarios for each in vary(read_scenario(path), varied)]
    solving = on_cluster(dask) if dask else on_cores(jobs or os.cpu_count() or 1)
    with reading() as books, console.progress("Scenarios") as progress:
        results = sweep(books, variations, out, solving, limit=limit, progress=progress)
    console.emit(results, lambda: _print_results(results))
    console.stderr(f"Each result is a file in {out}; sweep.csv has a line for each.")


def _print_results(results: Sequence[SweepResult]) -> None:
    """Print the values of the plans, then what they reach of the rules: one table would be too wide."""
    places = dict.fromkeys(place for result in results for place in result.varied)
    named = {place: place.partition(".")[2] or place for place in places} or {"scenario": "Scenario"}
    worth = {"value": "Value", "awarded": "Awarded US$", "funded": "Activities", "status": ""}
    console.table([_worth(result) for result in results], named | worth, title="Scenarios")
    rules = dict.fromkeys(rule.rule for result in results for rule in result.rules)
    if rules:
        reached = [_reached(result) for result in results if result.rules]
        columns = named | {f"rule {rule}": rule for rule in rules}
        console.table(reached, columns, title="What their plans reach of each rule")
    for reason in dict.fromkeys(result.reason for result in results if result.reason):
        without = ", ".join(result.scenario.id for result in results if result.reason == reason)
        console.line(f"{without}: {reason}")


def _worth(result: SweepResult) -> dict[str, object]:
    row: dict[str, object] = {"scenario": result.scenario.id, **result.varied, "status": result.status}
    if result.status == "solved":
        row |= {
            "value": GroupedNumber(result.value),
            "awarded": UsdCents(result.awarded),
            "funded": len(result.awards),
            "status": "" if result.proved else "not proved",
        }
    return row


def _reached(result: SweepResult) -> dict[str, object]:
    rules = {f"rule {rule.rule}": rule.text for rule in result.rules}
    return {"scenario": result.scenario.id, **result.varied, **rules}
