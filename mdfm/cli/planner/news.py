"""`mdfm news`: half-yearly news from the coordinating cities of clusters."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from allocation import NewsReported, news_due, news_of
from mdfm.api import clocks
from mdfm.api.filters import require_known
from mdfm.cli import console, options
from mdfm.cli.recording import reading, submit

command = console.Noun("news")


@command.command("report")
@click.argument("cluster")
@options.reference
@options.term
@click.option("--headline", required=True, help="The news in a line.")
@click.option("--text", required=True, help="The news itself, up to 4,000 letters.")
@options.evidence
@options.recorded
def report(by: str, files: tuple[Path, ...], **given: Any) -> None:
    """Record news from a cluster's coordinating city; --on is the day it was sent."""
    submit(by, NewsReported, files=files, **given)


@command.command("list")
@options.term_and_clocks
@click.option("--cluster", metavar="CLUSTER", help="Of this cluster only.")
def list_(term: str, cluster: str | None, to: date, known_at: int | None) -> None:
    """List the news of a term."""
    with reading() as books:
        require_known(books, term=term, cluster=cluster)
        as_of = clocks.as_of(books, to, known_at)
        found = news_of(
            books, term, cluster=cluster, effective_to=as_of.effective_to, known_at=as_of.known_at
        )
    columns = {
        "on": "Sent",
        "cluster": "Cluster",
        "reference": "Reference",
        "headline": "Headline",
        "text": "Text",
    }
    console.listing([console.row_of(each) for each in found], columns, nothing="No news was sent by then.")


@command.command("due")
@options.term_and_clocks
def due(term: str, to: date, known_at: int | None) -> None:
    """List the half-years of a term for which a cluster owes news."""
    with reading() as books:
        found = news_due(books, term, clocks.as_of(books, to, known_at))
    rows = [
        console.row_of(each, state=f"late by {each.days_late:,d} days" if each.days_late else "due")
        for each in found
    ]
    columns = {"cluster": "Cluster", "starts_on": "From", "ends_on": "To", "state": "State"}
    console.listing(rows, columns, nothing="No cluster owes news.")
