"""`mdfm allocation`: list, reduce and move allocations to activities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from allocation import AllocationMoved, AllocationReduced
from ledger import Allotment, allotments
from mdfm.api.filters import require_known
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.recording import reading, submit

command = console.Noun("allocation")

_FIGURES = {
    "allocated_cents": "Allocated US$",
    "used_cents": "Used",
    "committed_cents": "Committed",
    "free_cents": "Free",
}


@command.command("reduce")
@options.reference
@options.agreement
@options.activity
@options.dollars
@options.reason
@options.recorded
def reduce(by: str, **given: Any) -> None:
    """Reduce an allocation; the money is available again."""
    submit(by, AllocationReduced, **given)


@command.command("move")
@options.reference
@options.agreement
@click.option(
    "--from", "activity", required=True, metavar="ACTIVITY", help="The activity that the money leaves."
)
@click.option("--to", required=True, metavar="ACTIVITY", help="The activity that gets it.")
@click.option(
    "--lists-on",
    type=options.DAY,
    help="The day whose lists of countries an earmark means; the day of the move if not given.",
)
@options.dollars
@options.reason
@options.recorded
def move(by: str, **given: Any) -> None:
    """Move an allocation to another activity that the donor's earmark allows."""
    submit(by, AllocationMoved, **given)


@command.command("list")
@options.term
@click.option("--activity", metavar="ACTIVITY", help="Of this activity only, agreement by agreement.")
def list_(term: str, activity: str | None) -> None:
    """List by activity the money that is allocated, used, committed and free."""
    title = "activity" if activity is None else "agreement"
    groups: dict[str, list[Allotment]] = {}
    with reading() as books:
        require_known(books, term=term, activity=activity)
        for each in allotments(books, term, activity):
            groups.setdefault(getattr(each, title), []).append(each)
    rows: list[console.TableRow] = [{title: name, **_sums(groups[name])} for name in sorted(groups)]
    total = {title: "Total", **_sums(each for group in groups.values() for each in group)}
    columns = {title: title.capitalize(), **_FIGURES}
    console.listing(rows, columns, nothing="Nothing is allocated yet.", total=total)


def _sums(parts: Iterable[Allotment]) -> dict[str, UsdCents]:
    figures = zip(*((each.allocated, each.used, each.committed, each.free) for each in parts), strict=True)
    return dict(zip(_FIGURES, (UsdCents(sum(column)) for column in figures), strict=False))
