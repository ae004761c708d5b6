"""`mdfm report progress`: money, results and news of a term."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from mdfm.cli import console, options
from mdfm.cli.recording import opened
from mdfm.cli.report_console import print_report


@click.command(cls=console.JsonCommand)
@options.term_and_clocks
@options.language
@click.option(
    "--out", type=options.FILE, metavar="FILE", help="Write a .pdf, .xlsx or .csv instead of printing."
)
def progress(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """The progress report to the conference: money, results against targets, news of the clusters."""
    with opened() as fund:
        report = fund.reports.progress(term, to, known_at=known_at, language=language)
    if out is None:
        console.emit(report.data, lambda: print_report(report.tables))
        return
    for path in report.save(out):
        console.stderr(f"{path} is written.")
