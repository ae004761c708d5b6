"""`mdfm rate`: UN operational rates of exchange."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ledger import RatesPublished, missing_months, new_rates, rates_on, read_rates
from mdfm import options, screen
from mdfm.recording import Draft, reading, submit_all

command = screen.Noun("rate")


@command.command("import")
@click.argument("file", type=options.FILE)
@click.option("--source", default="", help="Where the table comes from, if it does not say so itself.")
@options.by
def import_(file: Path, source: str, by: str) -> None:
    """Import the UN Treasury's table of operational rates, CSV or XLSX, as it is published.

    Or a table with the columns effective_on, currency, rate, source. A rate is units of the currency for one
    US dollar. Each day from which rates apply is recorded by itself; what is in the books already is not
    recorded again.
    """
    table = read_rates(file, source)
    with reading() as books:
        events = new_rates(books, table.published)
        missing = missing_months(books, table.published)
    if table.unknown:
        screen.say(f"Left out, for they are no ISO 4217 currencies: {', '.join(table.unknown)}.")
    if missing:
        screen.say(
            f"There are no rates for {', '.join(missing)}, between what the book has and what {file} brings: "
            f"import those months too."
        )
    if not events:
        screen.say(f"Every rate in {file} is in the book already: nothing changes.")
    submit_all(by, [_draft(event) for event in events])


def _draft(event: RatesPublished) -> Draft:
    return lambda _books: event


@command.command("list")
@click.option("--currency", default="", metavar="CODE", help="This currency only, e.g. EUR.")
@click.option("--on", type=options.DAY, default=options.today, help="The day; today if not given.")
def list_(currency: str, on: date) -> None:
    """List what applies on a day, from when, and which months of the day's term have no rate until then."""
    with reading() as books:
        rows = [
            screen.row_of(each, missing=list(each.missing)) for each in rates_on(books, on, currency.upper())
        ]
    columns = {
        "currency": "Currency",
        "rate": "For US$1",
        "effective_on": "From",
        "source": "Source",
        "missing": "Missing",
    }
    screen.listing(rows, columns, nothing="The book has no rates yet: import them with mdfm rate import.")
