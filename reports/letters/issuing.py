"""Issuing of letters: which letter was sent to a donor; its file is kept until the person is erased."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path

from sqlalchemy import Connection

from donors import (
    IssuedLetter,
    IssuedName,
    LetterIssued,
    contacts,
    find_issued,
    issued_letters,
    keep_letter,
    letter_content,
    letters_like,
    unknown_contact,
)
from ledger import BadInput, Book, Hint, Journal, NotFound, head, nearest
from reports.letters.receipt_letter import MoneyReceipt, ReceiptLetter, build_letter
from reports.letters.receipt_letter_pdf import render_letter
from reports.render.pdf_increments import first_revision
from reports.render.report_file import staged_file
from reports.statement.batch import Sign


@dataclass(frozen=True)
class LetterFile:
    """An issued letter with its file."""

    issued: IssuedLetter
    content: bytes
    new: bool = False
    """Whether it was recorded now; if not, it was issued before, and the file is the one of then."""


def issue_letter(
    book: Book,
    letter: ReceiptLetter,
    by: str,
    on: date,
    sign: Sign | None = None,
    *,
    out: Path | None = None,
) -> LetterFile:
    """Record that a letter is sent to its donor, and keep its file, signed if `sign` is given.

    A letter to the same person that says the same is recorded once: the file that was issued then is
    returned (see `_says_the_same`). With `out` the file is written there, too: the file and the entry, or
    neither. NotFound when the person that it is addressed to was erased since it was built.
    """
    drawn = render_letter(letter)
    content = sign(drawn) if sign else drawn
    with staged_file(out) if out else nullcontext(BytesIO()) as file, book.recording() as journal:
        sent = _recorded(journal, letter, content, by, on)
        file.write(sent.content)
        file.flush()  # what the disk refuses it refuses here, before the entry stands
        return sent


def _recorded(journal: Journal, letter: ReceiptLetter, content: bytes, by: str, on: date) -> LetterFile:
    """The letter that was issued before, or is recorded now."""
    books, contact = journal.books, letter.recipient.contact
    names = [each.name for each in contacts(books, letter.donor)]
    if contact and contact not in names:
        raise unknown_contact(letter.donor, contact, names)
    event = _issued(letter, content, on)
    for before in letters_like(books, event, contact):
        kept = letter_content(books, before)
        if _says_the_same(books, letter, before, kept):
            return LetterFile(before, kept)
    ended_with = head(books).seq
    keep_letter(books, letter.donor, contact, content)
    sealed = journal.record(event, made_by=by)
    found = next(each for each in issued_letters(books) if each.seq == sealed.seq)
    return LetterFile(found, content, new=sealed.seq > ended_with)


def _issued(letter: ReceiptLetter, content: bytes, on: date) -> LetterIssued:
    return LetterIssued.make(
        on=on,
        reference=letter.reference,
        bank_account=_bank_account(letter),
        donor=letter.donor,
        language=letter.language,
        known_at=letter.seal.known_at,
        file_sha256=hashlib.sha256(content).hexdigest(),
        verification=letter.verification,
    )


def _bank_account(letter: ReceiptLetter) -> str:
    return letter.what.account if isinstance(letter.what, MoneyReceipt) else ""


def _says_the_same(books: Connection, letter: ReceiptLetter, before: IssuedLetter, kept: bytes) -> bool:
    """Whether a letter says what an issued one says, apart from when: number, date, head and code.

    It is drawn as of then and compared with the file of then, which alone has the address of then: first all
    of it, and where another version of the program has drawn it, the words.
    """
    then = build_letter(
        books,
        before.reference,
        bank_account=before.bank_account,
        known_at=before.known_at,
        language=before.language,
        contact=before.contact,
    )
    dated = replace(
        letter, id=then.id, seal=then.seal, written_on=then.written_on, verification=then.verification
    )
    drawn, unsigned = render_letter(dated), first_revision(kept)
    return drawn == unsigned or _words(drawn) == _words(unsigned)


def _words(pdf: bytes) -> Counter[str]:
    """The words of a letter; where its lines break is no matter."""
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415 - seldom needed, and slow to load

    return Counter(
        word for page in read_pdf(pdf).pages for row in page.rows for each in row for word in each.split()
    )


def reprint_letter(books: Connection, name: str, language: str | None = None) -> LetterFile:
    """The issued letter with this number, reference, verification code, SHA-256 or entry, byte for byte.

    Raises NotFound when none was issued, or its person was erased, and BadInput when the name fits several.
    """
    found = find_issued(
        issued_letters(books),
        name,
        language,
        _named,
        lambda known: NotFound(
            "unknown-issued-letter",
            "No letter '{name}' was issued{where}{nearest}{list_hint}.",
            name=name,
            where=f" in {language}" if language else "",
            nearest=nearest(name, known),
            list_hint=Hint("list-letters"),
        ),
        lambda found: BadInput(
            "letter-name-ambiguous",
            "The letter '{name}' was issued more than once ({kinds}): give its entry.",
            name=name,
            kinds=", ".join(f"{each.letter} in {each.language} by entry {each.seq}" for each in found),
        ),
    )
    return LetterFile(found, letter_content(books, found))


def _named(letter: IssuedLetter) -> IssuedName:
    return IssuedName(
        names=(letter.letter, letter.reference, letter.verification),
        entries=(letter.seq,),
        hashes=(letter.file_sha256,),
    )
