"""`mdfm plan execution`: planned, committed, used and left, as of two clocks."""

from __future__ import annotations

from datetime import date
from typing import get_args

import click

from allocation import Executed, View, execution
from mdfm.api import clocks
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.recording import reading

_NOBODY = {"cluster": "(the whole network)", "region": "(no city named)"}


@click.command("execution", cls=console.JsonCommand)
@options.term_and_clocks
@click.option(
    "--group-by",
    "view",
    type=click.Choice(get_args(View)),
    default="activity",
    show_default=True,
    help="What the rows are.",
)
def command(term: str, to: date, known_at: int | None, view: View) -> None:
    """Compare execution with the plan, by activity, cluster or region of the beneficiaries."""
    with reading() as books:
        found = execution(books, term, clocks.as_of(books, to, known_at), view)
    rows = [_row(each, each.name or _NOBODY.get(view, "")) for each in found.rows]
    columns = {
        "name": view.capitalize(),
        "planned": "Planned US$",
        "committed": "Committed",
        "used": "Used",
        "left": "Left",
        "delivered": "Used %",
    }
    answer = {"rows": [_plain(each) for each in found.rows], "total": _plain(found.total)}
    total = _row(found.total, "Total")
    console.emit(
        answer,
        lambda: (
            console.table(rows, columns, total=total)
            if rows
            else console.stderr("Nothing was allocated by then.")
        ),
    )


def _plain(each: Executed) -> dict[str, object]:
    return console.row_of(each, planned=each.planned, delivered_basis_points=each.delivered)


def _row(each: Executed, name: str) -> console.TableRow:
    return {
        "name": name,
        "planned": UsdCents(each.planned),
        "committed": UsdCents(each.committed),
        "used": UsdCents(each.used),
        "left": UsdCents(each.left),
        "delivered": UsdCents(each.delivered),
    }
