"""`mdfm result`: results of grants, compared with the targets of their activities."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from allocation import INDICATORS, Achievement, ResultReported, achievements, get_activity, results
from mdfm.api import clocks
from mdfm.api.filters import require_known
from mdfm.cli import console, options
from mdfm.cli.console import GroupedNumber
from mdfm.cli.recording import reading, submit

command = console.Noun("result")


@command.command("report")
@click.argument("grant")
@options.reference
@click.option(
    "--indicator",
    "values",
    type=options.COUNTED,
    multiple=True,
    required=True,
    help=f"In addition to what was reported before, e.g. events-held=2; may be repeated. "
    f"One of {', '.join(INDICATORS)}.",
)
@click.option("--note", default="", help="A sentence beside the figures.")
@options.evidence
@options.recorded
def report(by: str, values: tuple[tuple[str, int], ...], files: tuple[Path, ...], **given: Any) -> None:
    """Record results of a grant since its last report; --on is the day up to which they count."""
    submit(by, ResultReported, files=files, values=options.each_once(values, "indicator"), **given)


@command.command("list")
@options.only_term
@options.only_activity
@click.option("--grant", metavar="GRANT", help="Of this grant only.")
@options.two_clocks
def list_(term: str | None, activity: str | None, grant: str | None, to: date, known_at: int | None) -> None:
    """List reported results, report by report."""
    with reading() as books:
        require_known(books, term=term, activity=activity, grant=grant)
        as_of = clocks.as_of(books, to, known_at)
        found = results(
            books,
            term=term,
            activity=activity,
            grant=grant,
            effective_to=as_of.effective_to,
            known_at=as_of.known_at,
        )
    rows = [
        console.row_of(each, indicator=name, more=GroupedNumber(count))
        for each in found
        for name, count in each.values.items()
    ]
    columns = {
        "on": "Until",
        "grant": "Grant",
        "reference": "Reference",
        "activity": "Activity",
        "indicator": "Indicator",
        "more": "More",
        "note": "Note",
    }
    reports = [console.row_of(each) for each in found]
    nothing = "No result was reported by then."
    console.emit(reports, lambda: console.table(rows, columns) if rows else console.stderr(nothing))


@command.command("reached")
@options.only_activity
@options.term_and_clocks
def reached_(activity: str | None, term: str, to: date, known_at: int | None) -> None:
    """Compare all results of a term with the targets of what is funded, by activity."""
    with reading() as books:
        if activity is not None:
            get_activity(books, term, activity)
        found = achievements(books, term, clocks.as_of(books, to, known_at))
    rows = [_row(each) for each in found if activity in (None, each.activity)]
    columns = {
        "activity": "Activity",
        "indicator": "Indicator",
        "target": "Target",
        "reached": "Reached",
        "share": "Of target",
    }
    printed = [
        row | {"target": row["target"] or None, "share": _percent(row["share_basis_points"])} for row in rows
    ]
    console.emit(
        rows,
        lambda: (
            console.table(printed, columns)
            if printed
            else console.stderr("Nothing that is counted is funded.")
        ),
    )


def _row(each: Achievement) -> dict[str, Any]:
    return {
        "activity": each.activity,
        "indicator": each.indicator,
        "target": GroupedNumber(each.target),
        "reached": GroupedNumber(each.reached),
        "share_basis_points": each.share if each.target else None,
    }


def _percent(basis_points: int | None) -> str:
    return "" if basis_points is None else f"{basis_points // 100}.{basis_points % 100:02d} %"
