"""`mdfm report progress`: money, results and news of a term."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from mdfm.cli import console, options
from mdfm.cli.recording import reading
from mdfm.cli.report_console import print_report
from reports import build_progress, progress_report, write_fund_report


@click.command(cls=console.JsonCommand)
@options.term_and_clocks
@options.language
@click.option(
    "--out", type=options.FILE, metavar="FILE", help="Write a .pdf, .xlsx or .csv instead of printing."
)
def progress(term: str, to: date, known_at: int | None, language: str, out: Path | None) -> None:
    """The progress report to the conference: money, results against targets, news of the clusters."""
    with reading() as books:
        report = build_progress(books, term, options.as_of(books, to, known_at), language)
    paper = progress_report(report)
    if out is None:
        console.emit(report, lambda: print_report(paper))
        return
    for path in write_fund_report(paper, out):
        console.stderr(f"{path} is written.")
