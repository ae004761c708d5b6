"""`mdfm statement all`, `issued` and `reprint`: write all statements, list those issued, reprint one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from sqlalchemy import Connection

from donors import RECIPIENTS, Issue, StatementRecipient, get_donor, issues
from ledger import BadInput, get_term
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo
from mdfm.cli.recording import opened, reading
from mdfm.cli.signing import signature, signing
from reports import (
    Issuing,
    StatementBatch,
    find_issue,
    issue_statements,
    reprint,
    write_file,
    write_statements,
    year_of_term,
)


@click.command("all", cls=console.JsonCommand)
@options.term
@options.period("today")
@options.known_at
@click.option("--donor", "only", multiple=True, metavar="DONOR", help="Of this donor only; may be repeated.")
@click.option(
    "--language",
    "languages",
    type=options.LANGUAGE,
    multiple=True,
    help="The donor's own if not given; may be repeated.",
)
@options.certified
@click.option(
    "--out",
    type=options.FILE,
    default=Path("statements"),
    show_default=True,
    metavar="FOLDER",
    help="The folder for the PDFs.",
)
@options.jobs
@click.option("--issue", is_flag=True, help="Record that they are issued; needs --by.")
@click.option(
    "--given-to", type=click.Choice(RECIPIENTS), default="donor", show_default=True, help="Who gets them."
)
@click.option("--on", type=options.DAY, default=options.today, help="The day of issue; today if not given.")
@click.option("--by", type=options.NAME, envvar="MDFM_BY", show_envvar=True, help="The person who does this.")
@signing
def write_all(
    *,
    term: str,
    year: int | None,
    starts_on: date | None,
    ends_on: date | None,
    known_at: int | None,
    only: tuple[str, ...],
    languages: tuple[str, ...],
    certified: bool,
    out: Path,
    jobs: int | None,
    issue: bool,
    given_to: StatementRecipient,
    on: date,
    by: str | None,
    sign: Path | None,
    key: Path | None,
    cert: Path | None,
) -> None:
    """Write every donor's statement as a PDF, signed if you give a key: all of them, or none.

    With --issue the books record who was given which; a statement that is recorded as issued already is not
    recorded twice.
    """
    if issue and not by:
        raise click.UsageError("To record that they are issued, give the person who does it: --by NAME.")
    signed = signature(sign, key, cert)
    with opened() as book:
        with book.reading() as books:
            first, last = days(books, term, year, starts_on, ends_on)
            as_of = options.as_of(books, last, known_at)
        asked = StatementBatch(term, as_of, first, certified, only, languages)
        with console.progress("statements") as progress:
            if issue:
                issuing = Issuing(by or "", on, given_to)
                statements, new = issue_statements(
                    book, asked, out, issuing, jobs=jobs, progress=progress, sign=signed
                )
            else:
                statements, new = (
                    write_statements(book, asked, out, jobs=jobs, progress=progress, sign=signed),
                    0,
                )
    answer = [console.row_of(each, path=str(each.path)) for each in statements]
    how = ", signed," if signed else ""
    console.emit(answer, lambda: console.line(f"{len(statements)} statements{how} are in {out}."))
    if issue:
        known = len(statements) - new
        console.stderr(f"{new} of them are now recorded as issued to the {given_to}; {known} were already.")


def days(
    books: Connection, term: str, year: int | None, starts_on: date | None, ends_on: date | None
) -> tuple[date | None, date]:
    """The first day that is asked for, or None for the term's first, and the last."""
    if year is None:
        return starts_on, ends_on or options.today()
    if starts_on or ends_on:
        raise BadInput("Give --year, or --from and --to, not both.")
    span = year_of_term(get_term(books, term), year)
    return span.starts_on, span.ends_on


@click.command(cls=console.JsonCommand)
@options.only_donor
@options.only_term
def issued(donor: str | None, term: str | None) -> None:
    """List issued statements: to whom, when, and the SHA-256 of the file.

    Where a newer statement of the same days knows more, its entry is in the column Newer.
    """
    with reading() as books:
        if donor is not None:
            get_donor(books, donor)
        if term is not None:
            get_term(books, term)
        found = issues(books, donor=donor, term=term)
    console.emit(found, lambda: _list(found))


def _list(found: list[Issue]) -> None:
    rows = [
        console.row_of(each, paper_sha256=each.paper_sha256[:8], superseded_by=each.superseded_by or None)
        for each in found
    ]
    columns = {
        "seq": "Entry",
        "on": "Issued",
        "to": "To",
        "statement": "Statement",
        "language": "In",
        "status": "Status",
        "paper_sha256": "SHA-256",
        "superseded_by": "Newer",
    }
    console.listing(
        rows, columns, nothing="No statement was issued yet: mdfm statement all --issue --by NAME"
    )


@click.command("reprint", cls=console.JsonCommand)
@click.argument("name", metavar="STATEMENT")
@click.option("--language", type=options.LANGUAGE, help="Which one, where it was issued in several.")
@click.option(
    "--out", type=options.FILE, metavar="FILE", help="The PDF to write; DONOR-LANGUAGE.pdf if not given."
)
def print_again(name: str, language: str | None, out: Path | None) -> None:
    """Reprint an issued statement, by its number or short code: byte for byte the same, or not at all."""
    with reading() as books:
        again = reprint(books, find_issue(books, name, language))
    issue = again.issue
    if not again.same:
        raise AnswerIsNo(
            f"The statement {issue.statement} would not be the file that was issued on {issue.on} "
            f"(SHA-256 {issue.paper_sha256[:12]}): this program draws or sets it in another way. Print it "
            f"with the version that issued it."
        )
    path = write_file(out or Path(f"{issue.donor}-{issue.language}.pdf"), again.content)
    answer = {"file": str(path), "id": issue.statement, "issued on": issue.on, "sha256": issue.paper_sha256}
    console.emit(answer, lambda: console.details(answer))
