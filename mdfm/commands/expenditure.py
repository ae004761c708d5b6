"""`mdfm expenditure`: what UIL spends on activities itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocation import ExpenditureIncurred, ExpenditurePaid
from mdfm import options, screen
from mdfm.recording import submit

command = screen.Noun("expenditure")


@command.command("incur")
@click.argument("code", type=options.CODE)
@click.option("--term", required=True)
@click.option("--activity", required=True)
@click.option("--payee", required=True, help="Who delivered, and is owed.")
@options.spent
@options.evidence
@options.recorded
def incur(by: str, spent: tuple[tuple[str, int], ...], files: tuple[Path, ...], **given: Any) -> None:
    """Record what was delivered for an activity and is owed for, by UN harmonised category."""
    submit(by, ExpenditureIncurred, files=files, spent=options.each_once(spent, "category"), **given)


@command.command("pay")
@click.argument("expenditure")
@options.reference
@options.bank
@options.dollars
@options.recorded
def pay(by: str, **given: Any) -> None:
    """Pay what is owed, or a part of it."""
    submit(by, ExpenditurePaid, **given)
