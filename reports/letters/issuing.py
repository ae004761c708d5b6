"""Issuing of letters: which letter was sent to a donor; its file is kept until the person is erased."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from donors import (
    IssuedLetter,
    LetterIssued,
    contacts,
    issued_letters,
    keep_letter,
    letter_content,
    same_letter,
    unknown_contact,
)
from ledger import BadInput, Book, Hint, NotFound, nearest
from reports.letters.receipt_letter import MoneyReceipt, ReceiptLetter
from reports.letters.receipt_letter_pdf import render_letter

_SHA256 = re.compile(r"[0-9a-f]{8,64}")
_ENTRY = re.compile(r"[0-9]{1,18}")


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
    sign: Callable[[bytes], bytes] | None = None,
) -> LetterFile:
    """Record that a letter is sent to its donor, and keep its file, signed if `sign` is given.

    The same letter to the same person is recorded once; the file that was issued then is returned. NotFound
    when the person that it is addressed to was erased since it was built.
    """
    drawn = render_letter(letter)
    content = sign(drawn) if sign else drawn
    event = LetterIssued.make(
        on=on,
        reference=letter.reference,
        bank_account=letter.what.account if isinstance(letter.what, MoneyReceipt) else "",
        donor=letter.donor,
        language=letter.language,
        known_at=letter.seal.known_at,
        file_sha256=hashlib.sha256(content).hexdigest(),
        verification=letter.verification,
    )
    with book.recording() as journal:
        contact = letter.recipient.contact
        names = [each.name for each in contacts(journal.books, event.donor)]
        if contact and contact not in names:
            raise unknown_contact(event.donor, contact, names)
        before = same_letter(journal.books, event, contact)
        if before is not None:
            return LetterFile(before, letter_content(journal.books, before))
        keep_letter(journal.books, event.donor, contact, content)
        sealed = journal.record(event, made_by=by)
        found = next(each for each in issued_letters(journal.books) if each.seq == sealed.seq)
        return LetterFile(found, content, new=True)


def reprint_letter(books: Connection, name: str, language: str | None = None) -> LetterFile:
    """The issued letter with this number, reference, verification code, SHA-256 or entry, byte for byte.

    Raises NotFound when none was issued, or its person was erased, and BadInput when the name fits several.
    """
    every = issued_letters(books)
    found = [each for each in every if _is_named(each, name) and language in {None, each.language}]
    if not found:
        known = (issued for each in every for issued in (each.letter, each.reference, each.verification))
        raise NotFound(
            "unknown-issued-letter",
            "No letter '{name}' was issued{where}{nearest}{list_hint}.",
            name=name,
            where=f" in {language}" if language else "",
            nearest=nearest(name, known),
            list_hint=Hint("list-letters"),
        )
    if len({each.file_sha256 for each in found}) > 1:
        raise BadInput(
            "letter-name-ambiguous",
            "The letter '{name}' was issued more than once ({kinds}): give its entry.",
            name=name,
            kinds=", ".join(f"{each.letter} in {each.language} by entry {each.seq}" for each in found),
        )
    return LetterFile(found[0], letter_content(books, found[0]))


def _is_named(letter: IssuedLetter, name: str) -> bool:
    if name in {letter.letter, letter.reference, letter.verification}:
        return True
    if _ENTRY.fullmatch(name) and int(name) == letter.seq:
        return True
    return bool(_SHA256.fullmatch(name)) and letter.file_sha256.startswith(name)
