"""`mdfm init`: an empty book."""

from __future__ import annotations

import click

from ledger import without_password
from mdfm import screen
from mdfm.books import create


@click.command("init", cls=screen.Command)
@click.pass_context
def command(context: click.Context) -> None:
    """Create the book that `--book` names."""
    location: str = context.obj
    create(location).close()
    place = without_password(location)
    screen.answer({"book": place}, lambda: screen.line(f"The book {place} is created."))
