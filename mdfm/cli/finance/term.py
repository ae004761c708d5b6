"""`mdfm term`: open, settle and close terms, the two years for which donors fund the modality."""

from __future__ import annotations

from typing import Any

import click

from allocation import TermClosed, YearEnded
from ledger import open_term, terms
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.recording import reading, submit, submit_all

command = console.Noun("term")


@command.command("open")
@click.argument("code", type=options.CODE)
@options.span
@click.option("--target", type=options.DOLLARS, help="Target in US dollars; 1,000,000 if not given.")
@click.option(
    "--reason", type=options.WORDS, help="Why it is much longer or shorter than two years, where it is."
)
@options.recorded
def open_(reason: str | None, by: str, **given: Any) -> None:
    """Open a term in the books: two years, unless there is a reason for another length."""
    submit_all(by, [lambda _books: open_term(reason=reason or "", **given)])


@command.command("year-end")
@click.argument("term")
@options.reference
@options.last_day
@options.by
def year_end(by: str, **given: Any) -> None:
    """Close the use accounts of a year, or of the term, against the liabilities to donors."""
    submit(by, YearEnded, **given)


@command.command("close")
@click.argument("term")
@options.reference
@click.option(
    "--to", "into", required=True, metavar="TERM", help="The term to which the rest is carried over."
)
@options.recorded
def close(by: str, **given: Any) -> None:
    """Close a term after its year end, and carry over to the next what is left."""
    submit(by, TermClosed, **given)


@command.command("list")
def list_() -> None:
    """List the terms, the earliest first."""
    with reading() as books:
        rows = [
            {
                "code": term.code,
                "starts_on": term.starts_on,
                "ends_on": term.ends_on,
                "target_cents": UsdCents(term.target),
            }
            for term in terms(books)
        ]
    columns = {"code": "Term", "starts_on": "From", "ends_on": "To", "target_cents": "Target US$"}
    console.listing(rows, columns, nothing="No term is open yet: use `mdfm term open`.")
