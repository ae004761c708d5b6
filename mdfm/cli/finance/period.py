"""`mdfm period`: close and reopen months and fiscal years."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ledger import periods
from mdfm.api import period_closed, period_reopened
from mdfm.cli import console, options
from mdfm.cli.recording import reading, submit_all

command = console.Noun("period")


@command.command("close")
@click.argument("period", type=options.PERIOD)
@options.evidence
@options.recorded
def close(period: str, files: tuple[Path, ...], on: date, by: str) -> None:
    """Close a month (2021-12) or a fiscal year (2021)."""
    submit_all(by, [period_closed(period, on=on, evidence=files)])


@command.command("reopen")
@click.argument("period", type=options.PERIOD)
@options.reason
@options.recorded
def reopen(period: str, reason: str, on: date, by: str) -> None:
    """Reopen a closed period."""
    submit_all(by, [period_reopened(period, on=on, reason=reason)])


@command.command("list")
def list_() -> None:
    """List every period that was ever closed, and its status."""
    with reading() as books:
        rows = [{"period": code, "status": status} for code, status in periods(books)]
    console.listing(rows, {"period": "Period", "status": "Status"}, nothing="No period was ever closed.")
