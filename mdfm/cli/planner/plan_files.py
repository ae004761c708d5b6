"""`mdfm plan draw` and `mdfm plan workbook`: a plan as pictures, and as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from mdfm.cli import console, options
from mdfm.cli.recording import opened

file = click.argument("file", type=options.FILE, metavar="PLAN.json")


@click.command("draw", cls=console.JsonCommand)
@file
@click.option(
    "--out",
    type=options.FOLDER,
    required=True,
    metavar="FOLDER",
    help="The folder for the pictures; made if it does not exist.",
)
@options.language
@click.option(
    "--format",
    "kind",
    type=click.Choice(["pdf", "svg"]),
    default="pdf",
    show_default=True,
    help="The format.",
)
def draw(file: Path, out: Path, language: str, kind: Literal["pdf", "svg"]) -> None:
    """Draw pictures of a plan: the money against floors and ceilings, and the flows from donors."""
    # Imported here and below: other commands need not wait for the packages that render pictures.
    from reports import write_file  # noqa: PLC0415

    with opened() as fund:
        pictures = fund.plans.pictures(file, language, kind).values()
    paths = [str(write_file(out / each.name, each.content)) for each in pictures]
    console.emit(paths, lambda: console.line(f"The pictures are {' and '.join(paths)}."))


@click.command("workbook", cls=console.JsonCommand)
@file
@click.option(
    "--out",
    type=options.FILE,
    required=True,
    metavar="PLAN.xlsx",
    help="The file to write: the workbook.",
)
def workbook(file: Path, out: Path) -> None:
    """Write a plan as a workbook (XLSX): awards, whose money, what is not funded and why, rules."""
    from reports import write_file  # noqa: PLC0415

    with opened() as fund:
        path = str(write_file(out, fund.plans.workbook(file).content))
    console.emit({"file": path}, lambda: console.line(f"The workbook is {path}."))
