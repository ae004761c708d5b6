"""`mdfm statement all`, `issued`, `reprint` and `keep`: write all, list and reprint those issued."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from donors import RECIPIENTS, Issue, StatementRecipient
from mdfm.api import StatementPeriod, clocks
from mdfm.cli import console, options
from mdfm.cli.console import AnswerIsNo, Misused
from mdfm.cli.recording import opened
from mdfm.cli.signing import signature, signing
from reports import (
    Issuing,
    write_file,
)


def issue_options(command: options.Callback) -> options.Callback:
    """The options of a command that can record statements as issued."""
    for option in (
        click.option(
            "--by", type=options.NAME, envvar="MDFM_BY", show_envvar=True, help="The person who does this."
        ),
        click.option(
            "--on", type=options.DAY, default=clocks.today, help="The day of issue; today if not given."
        ),
        click.option(
            "--given-to",
            type=click.Choice(RECIPIENTS),
            default="donor",
            show_default=True,
            help="Who gets what is issued.",
        ),
        click.option("--issue", is_flag=True, help="Record what is issued, and keep the file; needs --by."),
    ):
        command = option(command)
    return command


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
@issue_options
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

    With --issue the books record who was given which, and keep the files. A statement that was issued
    already is not recorded twice: what is written is the file that was issued, byte for byte.
    """
    require_person(issue, by)
    signed = signature(sign, key, cert)
    days = period(year, starts_on, ends_on, known_at)
    with opened() as fund, console.progress("statements") as progress:
        batch = fund.statements.batch(term, days, only=only, languages=languages, certified=certified)
        if issue:
            issuing = Issuing(by or "", on, given_to)
            written = fund.statements.issue_to(out, batch, issuing, jobs=jobs, progress=progress, sign=signed)
        else:
            written = fund.statements.write_to(out, batch, jobs=jobs, progress=progress, sign=signed)
    statements, new = written.files, written.issued
    answer = [console.row_of(each, path=str(each.path)) for each in statements]
    how = ", signed," if signed else ""
    console.emit(answer, lambda: console.line(f"{len(statements)} statements{how} are in {out}."))
    if issue:
        known = len(statements) - new
        console.stderr(f"{new} of them are now recorded as issued to the {given_to}; {known} were already.")
        kept = sum(each.as_issued for each in statements)
        if kept:
            console.stderr(f"Of {kept} the file that was issued then is written, byte for byte.")


def require_person(issue: bool, by: str | None) -> None:
    """Refuse to issue without the person who does it."""
    if issue and not by:
        raise click.UsageError("To record what is issued, give the person who does it: --by NAME.")


def period(
    year: int | None, starts_on: date | None, ends_on: date | None, known_at: int | None
) -> StatementPeriod:
    """The days of statements, as given; BadInput for a year together with days."""
    if year is not None and (starts_on or ends_on):
        raise Misused("Give --year, or --from and --to, not both.")
    last = ends_on or (clocks.today() if year is None else None)
    return StatementPeriod(year, starts_on, last, known_at)


@click.command(cls=console.JsonCommand)
@options.only_donor
@options.only_term
def issued(donor: str | None, term: str | None) -> None:
    """List issued statements: to whom, when, the SHA-256 of the file, and whether the book keeps it.

    Where a newer statement of the same days knows more, its entry is in the column Newer.
    """
    with opened() as fund:
        found = fund.statements.issued(donor=donor, term=term)
    console.emit(found, lambda: _list(found))


def _list(found: list[Issue]) -> None:
    rows = [
        console.row_of(
            each,
            paper_sha256=(each.file_sha256 or each.paper_sha256)[:8],
            kept="yes" if each.file_sha256 else "no",
            superseded_by=each.superseded_by or None,
        )
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
        "kept": "Kept",
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
    """Reprint an issued statement: byte for byte the file that was issued, or not at all.

    STATEMENT is its number, its short code, the SHA-256 of the file (8 digits or more) or the entry that
    issued it. One that was issued before the books kept files is drawn again, without its signature.
    """
    with opened() as fund:
        again = fund.statements.reprint(name, language)
    issue = again.issue
    if not again.same:
        raise AnswerIsNo(
            f"The statement {issue.statement} would not be the file that was issued on {issue.on} "
            f"(SHA-256 {issue.paper_sha256[:12]}): this program draws or sets it in another way, and the "
            f"book has no file of it. Print it with the version that issued it, or keep the file that was "
            f"given: mdfm statement keep."
        )
    path = write_file(out or Path(f"{issue.donor}-{issue.language}.pdf"), again.content)
    answer = {
        "file": str(path),
        "id": issue.statement,
        "issued on": issue.on,
        "sha256": issue.file_sha256 if again.kept else issue.paper_sha256,
    }
    console.emit(answer, lambda: console.details(answer))


@click.command("keep", cls=console.JsonCommand)
@click.argument("file", type=options.FILE)
@options.by
def keep(file: Path, by: str) -> None:
    """Keep the file of a statement that was issued before the books kept files.

    It must be the file that was given, byte for byte, with nothing but signatures added.
    """
    with opened() as fund:
        kept = fund.statements.keep(file, by=by)
    console.emit(kept, lambda: _say_kept(file, kept))


def _say_kept(file: Path, kept: list[Issue]) -> None:
    for each in kept:
        console.line(
            f"{file.name} is kept by entry {each.kept_by}: the statement {each.statement}, issued on "
            f"{each.on} to the {each.to} (entry {each.seq})."
        )
    if not kept:
        console.stderr("The book has the file of this statement already.")
