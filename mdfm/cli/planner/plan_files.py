"""`mdfm plan draw` and `mdfm plan workbook`: a plan as pictures, and as a file for a spreadsheet program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from allocation import read_plan
from mdfm.cli import console, options
from mdfm.cli.recording import reading

if TYPE_CHECKING:
    from reports import NamedPlan

FOLDER = click.Path(file_okay=False, path_type=Path)
file = click.argument("file", type=options.FILE, metavar="PLAN.json")


@click.command("draw", cls=console.JsonCommand)
@file
@click.option(
    "--out",
    type=FOLDER,
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
def draw(file: Path, out: Path, language: str, kind: str) -> None:
    """Draw where a plan's money goes against its floors and ceilings, and from whom it comes."""
    # Here and below: who plans without drawing need not wait for what draws.
    from reports import draw_money, draw_sankey, write_file  # noqa: PLC0415

    named = _named(file)
    pictures = {"money": draw_money(named, language), "flows": draw_sankey(named, language)}
    contents = {
        name: picture.to_svg() if kind == "svg" else picture.to_pdf() for name, picture in pictures.items()
    }
    told = [
        str(write_file(out / f"{named.plan.scenario.id}-{name}-{language}.{kind}", content))
        for name, content in contents.items()
    ]
    console.emit(told, lambda: console.line(f"The pictures are {' and '.join(told)}."))


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
    from reports import render_plan_workbook, write_file  # noqa: PLC0415

    told = str(write_file(out, render_plan_workbook(_named(file))))
    console.emit({"file": told}, lambda: console.line(f"The workbook is {told}."))


def _named(file: Path) -> NamedPlan:
    from reports import name_plan  # noqa: PLC0415

    plan, _ = read_plan(file)
    with reading() as books:
        return name_plan(books, plan)
