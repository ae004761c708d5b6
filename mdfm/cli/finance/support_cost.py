"""`mdfm support-cost`: what UIL may take for carrying the fund's activities."""

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
    help="A part of the expenditure from that day on, e.g. 7%.",
)
@options.occurrence
@options.evidence
@options.recorded
def agree(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record the rate that was agreed for a term."""
    submit(by, SupportCostAgreed, files=files, **given)


@command.command("charge")
@options.reference
@options.term
@options.recorded
def charge(by: str, **given: Any) -> None:
    """Charge what is due on expenditure up to that day and was not charged before."""
    submit(by, SupportCostCharged, **given)


@command.command("pay")
@options.reference
@options.term
@options.bank
@options.dollars
@options.recorded
def pay(by: str, **given: Any) -> None:
    """Pay to UIL what was charged, or a part of it."""
    submit(by, SupportCostPaid, **given)
