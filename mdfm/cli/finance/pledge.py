"""`mdfm pledge`: pledges that are announced and not yet agreed in writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from donors import PLEDGE_SHEET, Band, PledgeRecorded, PledgeWithdrawn, banded, open_pledges, pledge_ageing
from ledger import Amount
from mdfm.api import clocks
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.finance.sheet_import import import_of, template_of
from mdfm.cli.recording import reading, submit

command = console.Noun("pledge")
command.add_command(import_of(PLEDGE_SHEET))
command.add_command(template_of(PLEDGE_SHEET))


@command.command("record")
@click.argument("code", type=options.CODE)
@options.donor
@options.term
@options.money
@click.option("--expected", type=options.DAY, required=True, help="The day the money is expected.")
@options.recorded
def record(*, code: str, donor: str, term: str, amount: Amount, expected: date, on: date, by: str) -> None:
    """Record a pledge."""
    submit(by, PledgeRecorded, on=on, code=code, donor=donor, term=term, amount=amount, expected_on=expected)


@command.command("withdraw")
@click.argument("code", metavar="PLEDGE")
@options.reason
@options.occurrence
@options.recorded
def withdraw(code: str, by: str, **given: Any) -> None:
    """Withdraw a pledge: it will not be kept."""
    submit(by, PledgeWithdrawn, pledge=code, **given)


@command.command("list")
def list_() -> None:
    """List open pledges."""
    with reading() as books:
        rows = [console.row_of(pledge) for pledge in open_pledges(books)]
    columns = {
        "code": "Pledge",
        "donor": "Donor",
        "term": "Term",
        "amount": "Amount",
        "recorded_on": "Recorded",
        "expected_on": "Expected",
    }
    console.listing(rows, columns, nothing="No pledge is open.")


@command.command("ageing")
@options.two_clocks
def ageing(to: date, known_at: int | None) -> None:
    """Show open pledges by days overdue, at the value recorded."""
    with reading() as books:
        found = pledge_ageing(books, clocks.as_of(books, to, known_at))
    bands = banded((each.band, each.cents) for each in found)
    rows = [
        console.row_of(
            each.pledge,
            days_recorded=each.days_recorded,
            days_overdue=each.days_overdue,
            band=each.band,
            cents=UsdCents(each.cents),
        )
        for each in found
    ]
    answer = {"on": to, "pledges": rows, "total_cents": sum(bands.values()), "ageing_cents": bands}
    console.emit(answer, lambda: _print_ageing(rows, bands, to))


def _print_ageing(rows: list[dict[str, object]], bands: Mapping[Band, int], on: date) -> None:
    if not rows:
        console.stderr(f"No pledge was open on {on}.")
        return
    columns = {
        "code": "Pledge",
        "donor": "Donor",
        "amount": "Amount",
        "cents": "US$",
        "recorded_on": "Recorded",
        "days_recorded": "Days since",
        "expected_on": "Expected",
        "days_overdue": "Days overdue",
    }
    console.table(rows, columns, total={"code": "Total", "cents": UsdCents(sum(bands.values()))})
    overdue = [{"band": band, "cents": UsdCents(cents)} for band, cents in bands.items()]
    console.table(overdue, {"band": "Days overdue", "cents": "US$"}, title=f"On {on}")
