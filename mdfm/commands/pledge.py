"""`mdfm pledge`: what donors have announced and not yet agreed in writing."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from donors import PledgeRecorded, PledgeWithdrawn, open_pledges
from ledger import Amount
from mdfm import options, screen
from mdfm.recording import reading, submit

command = screen.Noun("pledge")


@command.command("record")
@click.argument("code", type=options.CODE)
@click.option("--donor", required=True)
@click.option("--term", required=True)
@click.option("--amount", type=options.MONEY, required=True, help="E.g. 'EUR 10,000.00'.")
@click.option("--expected", type=options.DAY, required=True, help="The day the money is expected.")
@options.recorded
def record(*, code: str, donor: str, term: str, amount: Amount, expected: date, on: date, by: str) -> None:
    """Record a pledge."""
    submit(by, PledgeRecorded, on=on, code=code, donor=donor, term=term, amount=amount, expected_on=expected)


@command.command("withdraw")
@click.argument("code")
@click.option("--reason", required=True)
@options.times
@options.recorded
def withdraw(code: str, by: str, **given: Any) -> None:
    """Record that a pledge will not be kept."""
    submit(by, PledgeWithdrawn, pledge=code, **given)


@command.command("list")
def list_() -> None:
    """List the pledges that are open."""
    with reading() as books:
        rows = [screen.row_of(pledge) for pledge in open_pledges(books)]
    columns = {
        "code": "Pledge",
        "donor": "Donor",
        "term": "Term",
        "amount": "Amount",
        "recorded_on": "Recorded",
        "expected_on": "Expected",
    }
    screen.listing(rows, columns, nothing="No pledge is open.")
