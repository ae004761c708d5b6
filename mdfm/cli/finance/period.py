"""`mdfm period`: close and reopen months and fiscal years."""

from __future__ import annotations

from datetime import date

import click
from sqlalchemy import Connection

from ledger import Event, PeriodClosed, PeriodReopened, periods, times_closed
from mdfm.cli import console, options
from mdfm.cli.recording import reading, submit_all

command = console.Noun("period")


@command.command("close")
@click.argument("period", type=options.PERIOD)
@options.recorded
def close(period: str, on: date, by: str) -> None:
    """Close a month (2021-12) or a fiscal year (2021)."""
    submit_all(
        by, [lambda books: PeriodClosed.make(on=on, period=period, times=times_closed(books, period) + 1)]
    )


@command.command("reopen")
@click.argument("period", type=options.PERIOD)
@options.reason
@options.recorded
def reopen(period: str, reason: str, on: date, by: str) -> None:
    """Reopen a closed period."""

    def draft(books: Connection) -> Event:
        # The books report a period that was never closed; the count must not.
        times = max(times_closed(books, period), 1)
        return PeriodReopened.make(on=on, period=period, times=times, reason=reason)

    submit_all(by, [draft])


@command.command("list")
def list_() -> None:
    """List every period that was ever closed, and its status."""
    with reading() as books:
        rows = [{"period": code, "status": status} for code, status in periods(books)]
    console.listing(rows, {"period": "Period", "status": "Status"}, nothing="No period was ever closed.")
