"""`mdfm plan draw` and `mdfm plan workbook`: a plan as pictures, and as a workbook."""

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
    """Draw pictures of a plan: the money against floors and ceilings, and the flows from donors."""
    # Imported here and below: other commands need not wait for the packages that render pictures.
    from reports import draw_money, draw_sankey, write_file  # noqa: PLC0415

    named = _named(file)
    pictures = {"money": draw_money(named, language), "flows": draw_sankey(named, language)}
    contents = {
        name: picture.to_svg() if kind == "svg" else picture.to_pdf() for name, picture in pictures.items()
    }
    paths = [
        str(write_file(out / f"{named.plan.scenario.id}-{name}-{language}.{kind}", content))
        for name, content in contents.items()
    ]
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
    from reports import render_plan_workbook, write_file  # noqa: PLC0415

    path = str(write_file(out, render_plan_workbook(_named(file))))
    console.emit({"file": path}, lambda: console.line(f"The workbook is {path}."))


def _named(file: Path) -> NamedPlan:
    from reports import name_plan  # noqa: PLC0415

    plan, _ = read_plan(file)
    with reading() as books:
        return name_plan(books, plan)
