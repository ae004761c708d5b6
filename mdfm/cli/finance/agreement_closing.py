"""`mdfm agreement transfer`, `closing` and `close`: move an agreement's money, and close it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocation import AgreementClosed, closing_steps
from donors import FundsTransferred, get_agreement
from mdfm.cli import console, options
from mdfm.cli.console import UsdCents
from mdfm.cli.hints import in_words
from mdfm.cli.recording import reading, submit


@click.command("transfer", cls=console.JsonCommand)
@click.argument("code", type=options.CODE)
@click.option(
    "--from", "source", required=True, metavar="AGREEMENT", help="The agreement that the money leaves."
)
@click.option(
    "--to", "target", required=True, metavar="AGREEMENT", help="The agreement of the same donor that gets it."
)
@options.dollars
@options.reason
@options.evidence
@options.recorded
def transfer(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Transfer available money to another agreement of the donor; the donor's consent is the evidence."""
    submit(by, FundsTransferred, files=files, **given)


@click.command("closing", cls=console.JsonCommand)
@click.argument("code", metavar="AGREEMENT")
def closing(code: str) -> None:
    """Show what must be settled before an agreement can be closed, in order.

    Exit code 1 while anything is left.
    """
    with reading() as books:
        ended = get_agreement(books, code).closed_on
        steps = closing_steps(books, code)
    rows = [console.row_of(step, cents=UsdCents(step.cents), todo=in_words(step.todo)) for step in steps]
    columns = {"what": "Left", "of": "Of", "cents": "US$", "todo": "What to do"}
    nothing = f"The agreement {code} " + (
        f"was closed on {ended}." if ended else "can be closed: nothing is left."
    )
    console.listing(rows, columns, nothing=nothing)
    if rows:
        raise console.AnswerIsNo(f"The agreement {code} cannot be closed yet: settle this first.")


@click.command("close", cls=console.JsonCommand)
@click.argument("agreement")
@options.occurrence
@options.evidence
@options.recorded
def close(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Close an agreement under which nothing is left; it takes no entries any more."""
    submit(by, AgreementClosed, files=files, **given)
