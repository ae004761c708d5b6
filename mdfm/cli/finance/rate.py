"""`mdfm rate`: UN operational rates of exchange."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from donors import FxImpact, fx_impacts
from ledger import (
    RateCorrected,
    next_correction,
    rates_on,
    scale,
)
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.recording import opened, reading, submit, submit_all

command = console.Noun("rate")


def _read_currency(text: str) -> str:
    currency = text.upper()
    scale(currency)  # a slip must not read as if nothing were affected
    return currency


_CURRENCY = options.Typed("currency", _read_currency)


@command.command("import")
@click.argument("file", type=options.FILE)
@click.option(
    "--source", default="", help="Where the rates are published, if the table does not say so itself."
)
@options.by
def import_(file: Path, source: str, by: str) -> None:
    """Import the UN Treasury's table of operational rates as it is published, CSV or XLSX.

    Or a table with the columns effective_on, currency, rate, source. A rate is in units of the currency for
    one US dollar. The rates of each effective day are one entry; those that are recorded already are skipped.
    """
    with opened() as fund:
        table = fund.imports.rates(file, source)
    if table.unknown:
        console.stderr(f"Left out, for they are no ISO 4217 currencies: {', '.join(table.unknown)}.")
    if table.missing:
        console.stderr(
            f"There are no rates for {', '.join(table.missing)}, between what the book has and what {file} "
            f"brings: import those months too."
        )
    if not table.events:
        console.stderr(f"Every rate in {file} is in the book already: nothing changes.")
    submit_all(by, table.events)


@command.command("correct")
@click.argument("currency", type=_CURRENCY)
@click.option("--on", type=options.DAY, required=True, help="The day from which the rate applies.")
@click.option("--rate", required=True, help="The right rate: units of the currency for one US dollar.")
@click.option("--source", required=True, help="Where the right rate is published.")
@options.reason
@options.evidence
@options.by
def correct(currency: str, on: date, by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Correct a rate, and list what was posted at the wrong one.

    What was posted is not changed: reverse what matters (mdfm entry reverse) and record it again.
    """
    with reading() as books:
        number = next_correction(books, currency, on)
        right = RateCorrected.make(currency=currency, on=on, number=number, **given)
        wrong = fx_impacts(books, currency, on, right)
    submit(by, RateCorrected, files=files, currency=currency, on=on, number=number, **given)
    if not wrong:
        console.stderr("Nothing that stands in the book was valued at the wrong rate.")
        return
    console.unless_json(lambda: console.table(map(_row, wrong), _AFFECTED, title="Valued at the wrong rate"))
    console.stderr(
        f"What was posted stays: take back what matters (mdfm entry reverse) and record it again; mdfm rate "
        f"affected {currency} lists what is left."
    )


@command.command("affected")
@click.argument("currency", type=_CURRENCY)
def affected(currency: str) -> None:
    """List what was posted at a rate that was corrected later, and is not reversed."""
    with reading() as books:
        rows = [_row(each) for each in fx_impacts(books, currency)]
    console.listing(rows, _AFFECTED, nothing=f"Everything in {currency} is valued at the rate of its day.")


_AFFECTED = {
    "seq": "Entry",
    "kind": "Kind",
    "what": "What",
    "on": "On",
    "amount": "Amount",
    "cents": "US$",
    "right_cents": "Right US$",
    "difference": "Difference",
}


def _row(valued: FxImpact) -> dict[str, object]:
    cents = (valued.cents, valued.right_cents, valued.difference)
    return console.row_of(valued) | dict(
        zip(("cents", "right_cents", "difference"), map(UsdCents, cents), strict=True)
    )


@command.command("list")
@click.option("--currency", type=_CURRENCY, metavar="CURRENCY", help="Of this currency only, e.g. EUR.")
@options.effective_to
def list_(currency: str | None, to: date) -> None:
    """List the rates that apply on a day, and the months of its term without a rate."""
    with reading() as books:
        rows = [
            console.row_of(each, missing=list(each.missing)) for each in rates_on(books, to, currency or "")
        ]
    columns = {
        "currency": "Currency",
        "rate": "For US$1",
        "effective_on": "From",
        "source": "Source",
        "missing": "Missing",
    } | ({"instead_of": "Corrected, was"} if any(row["instead_of"] for row in rows) else {})
    console.listing(rows, columns, nothing="The book has no rates yet: import them with mdfm rate import.")
