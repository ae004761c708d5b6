"""`mdfm plan`: solve a scenario, show the plan, and approve it as the allocation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from allocation import (
    CertificateError,
    Infeasible,
    read_plan,
    read_scenario,
)
from ledger import atomic_file
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo, Misused
from mdfm.cli.entries import print_results
from mdfm.cli.planner import plan_analysis, plan_execution, plan_files, plan_sweep, plan_why
from mdfm.cli.planner.plan_tables import print_plan
from mdfm.cli.recording import opened

command = console.Noun("plan")


@command.command("run")
@click.argument("scenario", type=options.FILE, metavar="SCENARIO.toml")
@click.option(
    "--out", type=options.FILE, required=True, metavar="PLAN.json", help="The file to write: the plan."
)
@options.limit
@click.option(
    "--revise",
    is_flag=True,
    help="Plan again what is allocated and neither used nor committed; approval books the difference.",
)
@click.option(
    "--explain/--no-explain",
    default=True,
    show_default=True,
    help="Explain for every activity why it is funded or not; takes some solves for each.",
)
@options.by
def run_(scenario: Path, out: Path, limit: float | None, revise: bool, explain: bool, by: str) -> None:
    """Solve a scenario over the books as they are, and write the plan to a file."""
    question = read_scenario(scenario)
    if out.exists() and out.samefile(scenario):
        raise Misused(f"{out} is the scenario itself: give the plan a name of its own.")
    solving = console.progress(f"Solving and explaining {question.id}")
    # The file is opened first: a file that cannot be written must not be found after hours of solving.
    with atomic_file(out) as file, opened() as fund, _or_no(), solving as progress:
        plan = fund.plans.make(
            question, by=by, limit=limit, revises=revise, explained=explain, progress=progress
        )
        file.write(plan.to_bytes())
    console.emit(plan, lambda: print_plan(plan))
    unproved = "" if plan.proved else " --although-unproved"
    console.stderr(
        f"The plan is in {out}: another person approves it with mdfm plan approve {out}{unproved} --by NAME"
    )


@command.command("show")
@click.argument("file", type=options.FILE, metavar="PLAN.json")
def show(file: Path) -> None:
    """Show a plan: awards and whose money, what is not funded and why, and the proof of optimality."""
    plan, _ = read_plan(file)
    console.emit(plan, lambda: print_plan(plan))


@command.command("approve")
@click.argument("file", type=options.FILE, metavar="PLAN.json")
@click.option("--on", type=options.DAY, help="The day it takes effect; the scenario's day if not given.")
@click.option(
    "--although-unproved",
    is_flag=True,
    help="Approve even if the plan hit its limit; the entry records the gap to the best plan.",
)
@options.by
def approve(file: Path, on: date | None, although_unproved: bool, by: str) -> None:
    """Approve a plan: check it again and book it as the allocation. Another person than the planner must."""
    with opened() as fund, _or_no(), console.waiting("Checking the plan with a second solver ..."):
        entry = fund.plans.approve(file, by=by, on=on, although_unproved=although_unproved)
    print_results([entry])


@contextmanager
def _or_no() -> Iterator[None]:
    """Report that there is no such plan with exit code 1: it is an answer, not bad input."""
    try:
        yield
    except (Infeasible, CertificateError) as error:
        raise AnswerIsNo(error.sentence) from error


for each in (
    plan_why.why,
    plan_analysis.compare,
    plan_analysis.alternatives,
    plan_analysis.sensitivity,
    plan_analysis.risk,
    plan_sweep.pareto,
    plan_sweep.sweep_,
    plan_execution.command,
    plan_files.draw,
    plan_files.workbook,
):
    command.add_command(each)
