"""`mdfm support-cost`: programme support cost, agreed, charged and paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocation import SupportCostAgreed, SupportCostCharged, SupportCostPaid
from mdfm.cli import console, options
from mdfm.cli.recording import submit

command = console.Noun("support-cost")


@command.command("agree")
@options.term
@click.option(
    "--rate",
    "basis_points",
    type=options.PERCENT,
    required=True,
    help="Of the expenditure from that day on, e.g. 7%.",
)
@options.occurrence
@options.evidence
@options.recorded
def agree(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record the rate of support cost that is agreed for a term."""
    submit(by, SupportCostAgreed, files=files, **given)


@command.command("charge")
@options.reference
@options.term
@options.recorded
def charge(by: str, **given: Any) -> None:
    """Charge support cost on the expenditure up to a day that was not charged before."""
    submit(by, SupportCostCharged, **given)


@command.command("pay")
@options.reference
@options.term
@options.bank
@options.dollars
@options.recorded
def pay(by: str, **given: Any) -> None:
    """Pay charged support cost to UIL, in full or in part."""
    submit(by, SupportCostPaid, **given)
