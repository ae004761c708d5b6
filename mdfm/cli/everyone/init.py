"""`mdfm init`: create an empty book."""

from __future__ import annotations

import click

from ledger import without_password
from mdfm.api import create_fund
from mdfm.cli import console


@click.command("init", cls=console.JsonCommand)
@click.pass_context
def command(context: click.Context) -> None:
    """Create the book that `--book` names."""
    location: str = context.obj
    create_fund(location).close()
    place = without_password(location)
    console.emit({"book": place}, lambda: console.line(f"The book {place} is created."))
