"""Check of a letter that came back: by its hash, or compared with the letter whose code it prints."""

from __future__ import annotations

import hashlib
import re

from sqlalchemy import Connection

from donors import IssuedLetter, issued_letters, letter_content
from ledger import NotFound, head_at
from reports.render.pdf_increments import first_revision, only_signatures, paper_of
from reports.render.sandbox import Sandbox
from reports.statement.comparison import compare_pdfs
from reports.statement.verdict import APPENDED, Found, found_in, judge

_CODE = re.compile(r"(?<![0-9A-F-])[0-9A-F]{4}(?:-[0-9A-F]{4}){3}(?![0-9A-F-])")


def letter_by_hash(run: Sandbox, books: Connection, pdf: bytes) -> Found | None:
    """What a file is that begins with the file of an issued letter; None for any other."""
    letters = {each.file_sha256: each for each in reversed(issued_letters(books))}
    sent = paper_of(pdf, letters.__contains__)
    if sent is None:
        return None
    return _begins_with(run, books, pdf, sent, letters[hashlib.sha256(sent).hexdigest()])


def letter_by_code(run: Sandbox, books: Connection, pdf: bytes, codes: frozenset[str]) -> Found | None:
    """What a file is that prints the code of an issued letter; None for any other."""
    for letter in issued_letters(books):
        if letter.verification in codes:
            return _compared(run, books, pdf, letter)
    return None


def letter_codes_in(text: str) -> frozenset[str]:
    """Everything in a text that may be the code of a letter."""
    return frozenset(_CODE.findall(text))


def prints(pdf: bytes, text: str) -> bool:
    """Whether a PDF prints a text, which may be broken over lines."""
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    return text in "".join(read_pdf(pdf).text.split())


def _begins_with(run: Sandbox, books: Connection, pdf: bytes, sent: bytes, letter: IssuedLetter) -> Found:
    found = Found(None, letter=letter)
    if pdf == sent:
        found.outcome = "issued"
        found.notes.append(f"This is the file of the letter that was issued {_sent(letter)}.")
    elif run(only_signatures, pdf, first_revision(sent)):
        found.outcome = "signed"
        found.notes.append(
            f"This is, with nothing but signatures added, the letter that was issued {_sent(letter)}."
        )
    else:
        result = run(compare_pdfs, pdf, sent)
        found.outcome = "differs"
        found.differences = result.differences
        found.notes.append(f"It begins with the letter that was issued {_sent(letter)}.")
        found.reasons += [*found_in(result, "the letter that was issued"), APPENDED]
    seal = head_at(books, letter.known_at).hash
    if not run(prints, sent, seal):
        found.outcome = "unknown"
        found.reasons.append(
            f"The letter is of another book: at entry {letter.known_at:,} this one has the head {seal}."
        )
    return found


def _compared(run: Sandbox, books: Connection, pdf: bytes, letter: IssuedLetter) -> Found:
    found = Found(None, letter=letter)
    found.notes.append(f"The letter with this code was issued {_sent(letter)}.")
    try:
        content = letter_content(books, letter)
    except NotFound as erased:
        found.reasons.append(f"It is not the file that was issued, and cannot be compared: {erased}")
        return found
    judge(run, pdf, run(compare_pdfs, pdf, content), found, "the letter that was issued")
    return found


def _sent(letter: IssuedLetter) -> str:
    return f"on {letter.on} to the donor {letter.donor} for {letter.reference} (entry {letter.seq:,})"
