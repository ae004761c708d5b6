"""`mdfm demo`: play the example over a real book."""

from __future__ import annotations

import shlex
import shutil
import textwrap
from pathlib import Path

import click
from click.core import ParameterSource

from ledger import without_password
from mdfm.cli import console, options
from mdfm.example.demo import BOOK, DESK, play

_WHO = 17
_WIDEST = 110


@click.command
@click.option(
    "--out",
    type=options.FOLDER,
    default=Path("demo-out"),
    show_default=True,
    metavar="FOLDER",
    help="The folder for the book and its reports; made if it does not exist.",
)
@click.pass_context
def command(context: click.Context, out: Path) -> None:
    """Play the example into a folder. Its book is there too, unless `--book` is given."""
    given = context.find_root().get_parameter_source("book") == ParameterSource.COMMANDLINE
    location = str(context.obj) if given else str(out / BOOK)
    console.line("The term 2021-2023 with example donors, played over a real book:\n")
    files = play(out, _narrate, location if given else None)
    place = shlex.quote(without_password(location))
    console.line(f"\nAsk the book, e.g.: mdfm --book {place} entry list\nOpen:")
    for file in files:
        console.line(f"  {file}")
    console.line(f"Documents of January 2023, to be booked by hand as docs/tour.md shows: {out / DESK}")


def _narrate(who: str, what: str) -> None:
    width = min(shutil.get_terminal_size((_WIDEST, 0)).columns, _WIDEST)
    indent = " " * _WHO
    console.line(textwrap.fill(f"{who:<{_WHO}}{what}", width, subsequent_indent=indent))
