"""`mdfm refund`: refunds to donors, agreed and then paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from donors import RefundAgreed, RefundPaid, get_agreement, refunds
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.recording import reading, submit

command = console.Noun("refund")


@command.command("agree")
@click.argument("code", type=options.CODE)
@options.agreement
@options.dollars
@options.reason
@options.evidence
@options.recorded
def agree(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record a refund that UIL and a donor agreed on."""
    submit(by, RefundAgreed, files=files, **given)


@command.command("pay")
@click.argument("refund")
@options.reference
@options.bank
@click.option(
    "--amount",
    type=options.MONEY,
    help="What the bank took, for an account in another currency than US dollars, e.g. 'EUR 860.00'.",
)
@options.recorded
def pay(by: str, **given: Any) -> None:
    """Pay an agreed refund in one sum; give --amount for an account in another currency."""
    submit(by, RefundPaid, **given)


@command.command("list")
def list_() -> None:
    """List refunds: agreed, paid, and still owed."""
    with reading() as books:
        found = refunds(books)
        rows = [
            console.row_of(
                each,
                donor=get_agreement(books, each.agreement).donor,
                cents=UsdCents(each.cents),
                owed_cents=UsdCents(each.owed),
            )
            for each in found
        ]
    columns = {
        "code": "Refund",
        "agreement": "Agreement",
        "donor": "Donor",
        "agreed_on": "Agreed",
        "cents": "US$",
        "paid_on": "Paid",
        "paid": "Paid out",
        "owed_cents": "Owed US$",
    }
    agreed, owed = sum(each.cents for each in found), sum(each.owed for each in found)
    total = {"code": "Total", "cents": UsdCents(agreed), "owed_cents": UsdCents(owed)}
    console.listing(rows, columns, nothing="No refund was agreed.", total=total)
