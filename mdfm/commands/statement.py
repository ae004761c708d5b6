"""`mdfm statement`: what a donor is told, as a PDF or as a trail back into the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
from sqlalchemy import Connection

from ledger import BadInput, get_entry, lines_of
from mdfm import options, screen
from mdfm.recording import reading
from mdfm.screen import Cents
from reports import LANGUAGES, Traced, draw_statement, render_statement, trail, write_paper, write_statements


@click.group(cls=screen.Noun)
def command() -> None:
    """What donors are told."""


@command.command()
@click.argument("donor")
@options.clocks
@click.option("--from", "starts_on", type=options.DAY, help="First day; the term's first if not given.")
@click.option("--language", type=click.Choice(LANGUAGES), help="The donor's own if not given.")
@click.option("--out", type=options.FILE, help="The PDF to write; DONOR-LANGUAGE.pdf if not given.")
def write(
    *,
    donor: str,
    term: str,
    to: date,
    known_at: int | None,
    starts_on: date | None,
    language: str | None,
    out: Path | None,
) -> None:
    """Write one donor's statement as a PDF."""
    with reading() as books:
        as_of = options.as_of(books, to, known_at)
        statement = draw_statement(books, donor, term, as_of, language, starts_on)
    path = write_paper(out or Path(f"{donor}-{statement.language}.pdf"), render_statement(statement))
    told = {"file": str(path), "id": statement.id, "verification": statement.verification}
    screen.answer(told, lambda: screen.record(told))


@command.command("all")
@options.clocks
@click.option(
    "--language",
    "languages",
    type=click.Choice(LANGUAGES),
    multiple=True,
    help="Each donor's own if not given.",
)
@click.option("--out", type=options.FILE, default=Path("statements"), show_default=True, help="The folder.")
def write_all(term: str, to: date, known_at: int | None, languages: tuple[str, ...], out: Path) -> None:
    """Write every donor's statement as a PDF."""
    with reading() as books, screen.progress("statements") as progress:
        as_of = options.as_of(books, to, known_at)
        papers = write_statements(books, term, as_of, languages, out, progress)
    told = [str(paper) for paper in papers]
    screen.answer(told, lambda: screen.line(f"{len(told)} statements are in {out}."))


@command.command()
@click.argument("donor")
@options.clocks
@click.option("--from", "starts_on", type=options.DAY, help="First day; the term's first if not given.")
@click.option("--figure", help="Only figures whose name contains this.")
def trace(
    *, donor: str, term: str, to: date, known_at: int | None, starts_on: date | None, figure: str | None
) -> None:
    """Find every cent of a statement again: each figure, and the journal lines that it is the sum of."""
    with reading() as books:
        statement = draw_statement(
            books, donor, term, options.as_of(books, to, known_at), starts_on=starts_on
        )
        figures = [each for each in trail(statement) if not figure or figure in f"{each.part} {each.figure}"]
        if figure and not figures:
            raise BadInput(
                f"The statement has no figure named like '{figure}': leave --figure out to see all."
            )
        rows = [row for each in figures for row in _rows(books, each)]
    titles = {
        "figure": "Figure, and its lines",
        "entry": "Entry",
        "line": "Line",
        "account": "Account",
        "of": "Debit US$",
    }
    screen.listing(rows, {**titles, "usd": "Statement US$"}, nothing="The statement has no figures yet.")


def _rows(books: Connection, traced: Traced) -> Iterator[screen.Row]:
    yield {"figure": f"{traced.part}: {traced.figure}", "usd": Cents(traced.cents)}
    for seq, number in traced.lines:
        entry, line = get_entry(books, seq), lines_of(books, seq)[number - 1]
        yield {
            "figure": f"  {entry.effective_on} {entry.kind}",
            "entry": seq,
            "line": number,
            "account": line.account,
            "of": Cents(line.usd),
        }
