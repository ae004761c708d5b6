"""`mdfm statement`: write a donor's statement as a PDF, or trace its figures to lines of the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
from sqlalchemy import Connection

from donors import StatementRecipient
from ledger import get_entry, lines_of
from mdfm.api import Fund, StatementPeriod
from mdfm.api.statements import SignFunction
from mdfm.cli import console, options
from mdfm.cli.console import GroupedNumber, Misused, UsdCents
from mdfm.cli.donors import statement_all
from mdfm.cli.recording import opened, reading
from mdfm.cli.signing import signature, signing
from reports import (
    FigureTrace,
    Issuing,
    ResultTrace,
    StatementBatch,
    StatementFile,
    write_file,
)


@click.group(cls=console.Noun)
def command() -> None:
    """Accountability statements for donors."""


for _command in (
    statement_all.write_all,
    statement_all.issued,
    statement_all.print_again,
    statement_all.keep,
):
    command.add_command(_command)


@command.command()
@click.argument("donor")
@options.term
@options.period("today")
@options.known_at
@options.certified
@click.option("--language", type=options.LANGUAGE, help="The donor's own if not given.")
@click.option(
    "--out", type=options.FILE, metavar="FILE", help="The PDF to write; DONOR-LANGUAGE.pdf if not given."
)
@statement_all.issue_options
@signing
def write(
    *,
    donor: str,
    term: str,
    year: int | None,
    starts_on: date | None,
    ends_on: date | None,
    known_at: int | None,
    certified: bool,
    language: str | None,
    out: Path | None,
    issue: bool,
    given_to: StatementRecipient,
    on: date,
    by: str | None,
    sign: Path | None,
    key: Path | None,
    cert: Path | None,
) -> None:
    """Write a donor's statement as a PDF, signed if you give a key.

    With --issue the books record who was given it, and keep the file. One that was issued already is not
    recorded twice: what is written is the file that was issued, byte for byte.
    """
    statement_all.require_person(issue, by)
    signed = signature(sign, key, cert)
    period = statement_all.period(year, starts_on, ends_on, known_at)
    if issue:
        folder, name = (Path(), "") if out is None else (out.parent, out.name)
        with opened() as fund:
            batch = fund.statements.batch(
                term,
                period,
                only=[donor],
                languages=[language] if language else (),
                certified=certified,
                file_name=name,
            )
            _issue(fund, batch, folder, Issuing(by or "", on, given_to), signed)
        return
    with opened() as fund:
        statement = fund.statements.build(donor, term, period, language=language, certified=certified)
        pdf = fund.statements.pdf(statement, signed)
    path = write_file(out or Path(pdf.name), pdf.content)
    written = {
        "file": str(path),
        "id": statement.id,
        "status": statement.status,
        "verification": statement.verification,
    }
    console.emit(written, lambda: console.details(written))


def _issue(
    fund: Fund, batch: StatementBatch, folder: Path, issuing: Issuing, sign: SignFunction | None
) -> None:
    """Issue the one statement of a batch into a folder, and say what was recorded."""
    (file,) = fund.statements.issue_to(folder, batch, issuing, jobs=1, sign=sign).files
    written = {
        "file": str(file.path),
        "id": file.statement,
        "status": file.status,
        "verification": file.verification,
    }
    console.emit(written, lambda: console.details(written))
    console.stderr(_outcome(file, issuing))


def _outcome(file: StatementFile, issuing: Issuing) -> str:
    if not file.issued_by:
        return f"It is now recorded as issued to the {issuing.to}."
    already = f"It was issued to the {issuing.to} by entry {file.issued_by} already"
    if file.as_issued:
        return f"{already}: what is written is the file that was issued then, byte for byte."
    return f"{already}, and is the same file but for a signature."


@command.command()
@click.argument("donor")
@options.term_and_clocks
@options.first_day
@click.option("--figure", metavar="TEXT", help="Only figures whose name contains this.")
def trace(
    *, donor: str, term: str, to: date, known_at: int | None, starts_on: date | None, figure: str | None
) -> None:
    """Trace the figures of a statement: each figure, and the journal lines that it is the sum of."""
    period = StatementPeriod(starts_on=starts_on, ends_on=to, known_at=known_at)
    with opened() as fund:
        statement = fund.statements.build(donor, term, period)
        traced, reported = fund.statements.figures(statement)
    figures = [each for each in traced if _is_named(each, figure)]
    results = [each for each in reported if _is_named(each, figure)]
    with reading() as books:
        rows = [row for each in figures for row in _rows(books, each)]
        rows += [row for each in results for row in _entries(books, each)]
    titles = {
        "figure": "Figure, and its lines",
        "entry": "Entry",
        "line": "Line",
        "account": "Account",
        "of": "Debit US$",
    }
    if figure and not rows:
        raise Misused(f"The statement has no figure named like '{figure}': leave --figure out to see all.")
    titles |= {"usd": "Statement US$"} | ({"count": "Counted"} if results else {})
    console.listing(rows, titles, nothing="The statement has no figures yet.")


def _is_named(each: FigureTrace | ResultTrace, figure: str | None) -> bool:
    return not figure or figure in f"{each.part} {each.figure}"


def _rows(books: Connection, traced: FigureTrace) -> Iterator[console.TableRow]:
    yield {"figure": f"{traced.part}: {traced.figure}", "usd": UsdCents(traced.cents)}
    for seq, number in traced.lines:
        entry, line = get_entry(books, seq), lines_of(books, seq)[number - 1]
        yield {
            "figure": f"  {entry.effective_on} {entry.kind}",
            "entry": seq,
            "line": number,
            "account": line.account,
            "of": UsdCents(line.usd),
        }


def _entries(books: Connection, result: ResultTrace) -> Iterator[console.TableRow]:
    """A result and the entries that report it: they have no lines."""
    yield {"figure": f"{result.part}: {result.figure}", "count": GroupedNumber(result.reached)}
    for seq, count in result.entries:
        entry = get_entry(books, seq)
        yield {"figure": f"  {entry.effective_on} {entry.kind}", "entry": seq, "count": GroupedNumber(count)}
