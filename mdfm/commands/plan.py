"""`mdfm plan`: the question put to the optimiser, its answer as a file, and the approval that books it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from allocation import (
    CertificateError,
    Infeasible,
    Plan,
    approve_plan,
    read_plan,
    read_scenario,
    run,
)
from ledger import usd
from mdfm import options, screen
from mdfm.entries import show_results, told
from mdfm.recording import reading, recording
from mdfm.screen import AnswerIsNo, Cents, Count

command = screen.Noun("plan")


@command.command("run")
@click.argument("scenario", type=options.FILE, metavar="SCENARIO.toml")
@click.option("--out", type=options.FILE, required=True, metavar="PLAN.json", help="The file for the plan.")
@click.option("--limit", type=float, help="Most deterministic solver time to spend; never seconds.")
@options.by
def run_(scenario: Path, out: Path, limit: float | None, by: str) -> None:
    """Solve a scenario over the books as they are, and write the plan."""
    question = read_scenario(scenario)
    with reading() as books, _or_no(), screen.waiting(f"Solving {question.id} ..."):
        plan = run(books, question, by, limit=limit)
    out.write_bytes(plan.to_bytes())
    screen.answer(plan, lambda: _draw(plan))
    screen.say(f"The plan is in {out}: another person approves it with mdfm plan approve {out} --by NAME")


@command.command("show")
@click.argument("file", type=options.FILE, metavar="PLAN.json")
def show(file: Path) -> None:
    """Show a plan: what is funded and by whom, what is not and why, and how good the plan is known to be."""
    plan, _ = read_plan(file)
    screen.answer(plan, lambda: _draw(plan))


@command.command("approve")
@click.argument("file", type=options.FILE, metavar="PLAN.json")
@click.option("--on", type=options.DAY, help="The day it takes effect; the scenario's day if not given.")
@options.by
def approve(file: Path, on: date | None, by: str) -> None:
    """Check a plan again and book it as the allocation; another person than the planner must."""
    with recording() as journal, _or_no(), screen.waiting("Checking the plan with a second solver ..."):
        entry = told(journal.books, approve_plan(journal, file, by, on))
    show_results([entry])


@contextmanager
def _or_no() -> Iterator[None]:
    """That there is no such plan is an answer, not a fault of the question."""
    try:
        yield
    except (Infeasible, CertificateError) as error:
        raise AnswerIsNo(str(error)) from error


def _draw(plan: Plan) -> None:
    _draw_head(plan)
    _draw_awards(plan)
    _draw_money(plan)
    if plan.rules:
        _draw_rules(plan)
    _draw_tiers(plan)
    if plan.not_funded:
        _draw_not_funded(plan)


def _draw_head(plan: Plan) -> None:
    scenario, manifest = plan.scenario, plan.manifest
    screen.record(
        {
            "Scenario": f"{scenario.id} {scenario.title}".strip(),
            "Term": scenario.term,
            "Decided on": scenario.on,
            "Lists of": scenario.lists_on,
            "Planner": plan.made_by,
            "Available": usd(plan.available),
            "Awarded": usd(plan.awarded),
            "Left": usd(plan.available - plan.awarded),
            "Books": f"as of entry {manifest.head_seq}, {manifest.head_hash[:16]}",
            "Solver": f"{manifest.solver} {manifest.solver_version}",
        }
    )


def _draw_awards(plan: Plan) -> None:
    """An award's first flow stands beside it, its other flows below."""
    rows: list[dict[str, object]] = []
    for award in plan.awards:
        first, *others = award.flows
        given = {"units": award.units, "cents": Cents(award.cents)}
        rows.append(
            {"activity": award.activity, **given, "agreement": first.agreement, "flow": Cents(first.cents)}
        )
        rows += [{"agreement": flow.agreement, "flow": Cents(flow.cents)} for flow in others]
    total = {
        "activity": "Total",
        "units": sum(award.units for award in plan.awards),
        "cents": Cents(plan.awarded),
        "flow": Cents(sum(flow.cents for award in plan.awards for flow in award.flows)),
    }
    columns = {
        "activity": "Activity",
        "units": "Units",
        "cents": "US$",
        "agreement": "Agreement",
        "flow": "of it US$",
    }
    screen.table(rows, columns, title="Awards", total=total)


def _draw_money(plan: Plan) -> None:
    given: dict[str, int] = {}
    for award in plan.awards:
        for flow in award.flows:
            given[flow.agreement] = given.get(flow.agreement, 0) + flow.cents
    rows = [{"agreement": code, "cents": Cents(cents)} for code, cents in sorted(given.items())]
    total = {"agreement": "Total", "cents": Cents(sum(given.values()))}
    screen.table(rows, {"agreement": "Agreement", "cents": "US$"}, title="Whose money", total=total)


def _draw_rules(plan: Plan) -> None:
    rows = [
        {
            "id": rule.id,
            "sense": "at least" if rule.sense == "floor" else "at most",
            "bound": Cents(rule.bound),
            "reached": Cents(rule.reached),
            "reason": rule.reason,
        }
        for rule in plan.rules
    ]
    columns = {"id": "Rule", "sense": "", "bound": "Bound US$", "reached": "Reached US$", "reason": "Reason"}
    screen.table(rows, columns, title="Rules")


def _draw_tiers(plan: Plan) -> None:
    rows = [
        {
            "name": tier.name,
            "value": Count(tier.value),
            "bound": Count(tier.bound),
            "proved": "proved" if tier.proved else f"not proved, {tier.gap:,} open",
        }
        for tier in plan.manifest.tiers
    ]
    columns = {"name": "Tier", "value": "Value", "bound": "Bound", "proved": ""}
    screen.table(rows, columns, title="How good it is")


def _draw_not_funded(plan: Plan) -> None:
    rows = [
        {"activity": each.activity, "units": each.units, "cents": Cents(each.cents), "reason": each.reason}
        for each in plan.not_funded
    ]
    total = {
        "activity": "Total",
        "units": sum(each.units for each in plan.not_funded),
        "cents": Cents(sum(each.cents for each in plan.not_funded)),
    }
    columns = {"activity": "Activity", "units": "Units", "cents": "US$", "reason": "Why not"}
    screen.table(rows, columns, title="Not funded", total=total)
