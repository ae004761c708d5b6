"""`mdfm refund`: money that goes back to its donor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from donors import RefundAgreed, RefundPaid, agreements
from ledger import by
from mdfm import options, screen
from mdfm.recording import reading, submit
from mdfm.screen import Cents

command = screen.Noun("refund")


@command.command("agree")
@click.argument("code", type=options.CODE)
@click.option("--agreement", required=True, help="The agreement, or gift, whose money goes back.")
@options.dollars
@options.reason
@options.evidence
@options.recorded
def agree(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record that UIL and a donor agreed on a refund."""
    submit(by, RefundAgreed, files=files, **given)


@command.command("pay")
@click.argument("refund")
@options.reference
@options.bank
@options.recorded
def pay(by: str, **given: Any) -> None:
    """Pay an agreed refund, in one sum."""
    submit(by, RefundPaid, **given)


@command.command("list")
def list_() -> None:
    """List what is agreed and not yet paid, by agreement."""
    with reading() as books:
        owed = by(books, "2700", "agreement")
        rows = [
            {"agreement": each.code, "donor": each.donor, "owed_cents": Cents(-owed[each.code].usd)}
            for each in agreements(books)
            if each.code in owed
        ]
    columns = {"agreement": "Agreement", "donor": "Donor", "owed_cents": "Owed US$"}
    screen.listing(rows, columns, nothing="No refund waits to be paid.")
