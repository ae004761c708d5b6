"""`mdfm expenditure`: expenditure by UIL itself on activities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from allocation import (
    Expenditure,
    ExpenditureIncurred,
    ExpenditurePaid,
    expenditures,
    payables,
)
from ledger import PAYABLES, lines_of
from mdfm.api.filters import require_known
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.recording import reading, submit

command = console.Noun("expenditure")


@command.command("incur")
@click.argument("code", type=options.CODE)
@options.term
@options.activity
@click.option("--payee", required=True, help="Who delivered, and is to be paid.")
@options.spent
@options.evidence
@options.recorded
def incur(by: str, spent: tuple[tuple[str, int], ...], files: tuple[Path, ...], **given: Any) -> None:
    """Record expenditure that is incurred and payable, by UN harmonised category."""
    submit(by, ExpenditureIncurred, files=files, spent=options.each_once(spent, "category"), **given)


@command.command("pay")
@click.argument("expenditure")
@options.reference
@options.bank
@options.dollars
@options.recorded
def pay(by: str, **given: Any) -> None:
    """Pay an expenditure, in full or in part."""
    submit(by, ExpenditurePaid, **given)


@command.command("list")
@options.only_term
@click.option("--unpaid", is_flag=True, help="Only those for which something is still owed.")
def list_(term: str | None, unpaid: bool) -> None:
    """List expenditures, and what is still owed for each."""
    with reading() as books:
        require_known(books, term=term)
        open_now = payables(books)
        found = [each for each in expenditures(books, term) if each.code in open_now or not unpaid]
        spent = [UsdCents(_spent(books, each)) for each in found]
    owed = [UsdCents(open_now.get(each.code, 0)) for each in found]
    rows = [
        console.row_of(each, cents=cents, owed_cents=left)
        for each, cents, left in zip(found, spent, owed, strict=True)
    ]
    columns = {
        "code": "Expenditure",
        "activity": "Activity",
        "payee": "Payee",
        "cents": "US$",
        "owed_cents": "Owed US$",
    }
    total = {"code": "Total", "cents": UsdCents(sum(spent)), "owed_cents": UsdCents(sum(owed))}
    nothing = "Nothing is owed for any expenditure." if unpaid else "There is no expenditure yet."
    console.listing(rows, columns, nothing=nothing, total=total)


def _spent(books: Connection, each: Expenditure) -> int:
    """Its amount when it was incurred, in USD cents: its line on Payables."""
    return -sum(line.usd for line in lines_of(books, each.seq) if line.account == PAYABLES)
