"""`mdfm contribution letter`, `letters` and `reprint-letter`: receipt letters, written, issued, listed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from donors import IssuedLetter
from mdfm.api import clocks
from mdfm.cli import console, options
from mdfm.cli.recording import opened
from mdfm.cli.signing import signature, signing

_out = click.option(
    "--out",
    type=options.FILE,
    metavar="FILE",
    help="The PDF to write; letter-REFERENCE-LANGUAGE.pdf if not given.",
)


@click.command("letter", cls=console.JsonCommand)
@click.argument("reference")
@options.bank_of_reference
@options.donors_language
@click.option("--contact", default="", metavar="NAME", help="The person that it is addressed to.")
@_out
@options.known_at
@click.option("--issue", is_flag=True, help="Record that it is sent, and keep the file; needs --by.")
@click.option("--on", type=options.DAY, default=clocks.today, help="The day of issue; today if not given.")
@click.option("--by", type=options.NAME, envvar="MDFM_BY", show_envvar=True, help="The person who does this.")
@signing
def write(
    *,
    reference: str,
    bank: str,
    language: str | None,
    contact: str,
    out: Path | None,
    known_at: int | None,
    issue: bool,
    on: date,
    by: str | None,
    sign: Path | None,
    key: Path | None,
    cert: Path | None,
) -> None:
    """Write the receipt letter of a contribution as a PDF; in kind, REFERENCE is its code.

    With --issue the books record that it was sent, and keep the file until the person that it names is
    erased. A letter that was issued to the same person already is not recorded twice.
    """
    from reports import write_file  # noqa: PLC0415 - half a second

    if issue and not by:
        raise click.UsageError("To record that it is sent, give the person who does it: --by NAME.")
    signed = signature(sign, key, cert)
    outcome = ""
    with opened() as fund:
        letter, paper = fund.statements.letter(
            reference, bank_account=bank, language=language, contact=contact, known_at=known_at
        )
        content = signed(paper.content) if signed and not issue else paper.content
        if issue:
            sent, paper = fund.statements.issue_letter(letter, by=by or "", on=on, sign=signed)
            content, outcome = paper.content, _outcome(sent.issued, sent.new)
    path = write_file(out or Path(paper.name), content)
    written = {"file": str(path), "id": letter.id, "verification": letter.verification}
    console.emit(written, lambda: console.details(written))
    if outcome:
        console.stderr(outcome)


def _outcome(letter: IssuedLetter, new: bool) -> str:
    if new:
        return f"It is now recorded as issued to {letter.donor} (entry {letter.seq})."
    return (
        f"It was issued to {letter.donor} by entry {letter.seq} already: what is written is the file that "
        f"was issued then, byte for byte."
    )


@click.command("letters", cls=console.JsonCommand)
@options.only_donor
def list_(donor: str | None) -> None:
    """List issued receipt letters: to whom, when, the SHA-256 of the file, and whether the book keeps it."""
    with opened() as fund:
        found = fund.statements.letters(donor=donor)
    columns = {
        "seq": "Entry",
        "on": "Issued",
        "letter": "Letter",
        "donor": "Donor",
        "contact": "To",
        "language": "In",
        "file_sha256": "SHA-256",
        "kept": "Kept",
    }
    rows = [
        console.row_of(each, file_sha256=each.file_sha256[:8], kept="yes" if each.kept else "no: erased")
        for each in found
    ]
    nothing = "No letter was issued yet: mdfm contribution letter REFERENCE --issue --by NAME"
    console.emit(found, lambda: console.listing(rows, columns, nothing=nothing))


@click.command("reprint-letter", cls=console.JsonCommand)
@click.argument("name", metavar="LETTER")
@click.option("--language", type=options.LANGUAGE, help="Which one, where it was issued in several.")
@_out
def print_again(name: str, language: str | None, out: Path | None) -> None:
    """Reprint an issued receipt letter: byte for byte the file that was issued.

    LETTER is its number, the reference, its short code, the SHA-256 of the file (8 digits or more) or the
    entry that issued it. The file of a letter is gone when the person that it names was erased.
    """
    from reports import write_file  # noqa: PLC0415 - half a second

    with opened() as fund:
        found, paper = fund.statements.reprint_letter(name, language)
    path = write_file(out or Path(paper.name), paper.content)
    answer = {
        "file": str(path),
        "id": found.issued.letter,
        "issued on": found.issued.on,
        "sha256": found.issued.file_sha256,
    }
    console.emit(answer, lambda: console.details(answer))
