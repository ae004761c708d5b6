"""`mdfm rate`: UN operational rates of exchange."""

from __future__ import annotations

from pathlib import Path

import click

from ledger import RatesPublished, read_rates
from mdfm import options, screen
from mdfm.recording import Draft, submit_all

command = screen.Noun("rate")


@command.command("import")
@click.argument("file", type=options.FILE)
@options.by
def import_(file: Path, by: str) -> None:
    """Import a CSV table with the columns effective_on, currency, rate, source.

    A rate is units of the currency for one US dollar. Each day from which rates apply is recorded by itself.
    """
    submit_all(by, [_draft(event) for event in read_rates(file)])


def _draft(event: RatesPublished) -> Draft:
    return lambda _books: event
