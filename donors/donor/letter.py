"""Issued letters: which receipt letter a donor was sent, and when; the files are beside the journal.

A letter names a person, and a person is erased on request, but what a journal names as evidence is kept for
ever. So the event has the hash of the file and no name, and the file is in a table that can be emptied.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field
from sqlalchemy import Column, Connection, LargeBinary, Row, Table, delete, func, insert, select, update

from donors.codes import CODE_PATTERN, BankAccountField, DonorField, LanguageField
from donors.donor.donor import get_donor
from donors.languages import Language
from ledger import (
    NOW,
    PERSONAL,
    Event,
    Hint,
    Kind,
    Labelled,
    NotFound,
    NumberOf,
    Refused,
    Sentence,
    Sha256Field,
    Tampered,
    TextField,
    as_known,
    metadata,
    project,
    register,
    text,
    whole,
)


class LetterIssued(Event):
    """A receipt letter is sent to a donor; `on` is the day. It names no person."""

    kind: ClassVar[str] = "letter issued"
    says: ClassVar[str] = "The receipt letter for {reference} is given to {donor}."

    reference: TextField = Field(min_length=1)
    """The bank's reference of the contribution, or the code of one in kind."""
    bank_account: BankAccountField = ""
    """The account on which money arrived; empty for a contribution in kind."""
    donor: DonorField = Field(pattern=CODE_PATTERN)
    language: LanguageField
    known_at: Annotated[int, NumberOf(zero=True), Labelled("includes entries up to")] = Field(ge=0)
    """The last entry that the letter includes."""
    file_sha256: Annotated[Sha256Field, Labelled("file")] = Field(pattern="^[0-9a-f]{64}$")
    """Hash of the file that was given, with its signature if it has one."""
    verification: TextField
    """The short verification code printed in the letter."""

    @property
    def key(self) -> str:
        """One file is issued once; whether another says the same again is asked when it is issued."""
        letter = (self.reference, self.bank_account, self.language, self.known_at, self.file_sha256)
        return ":".join(map(str, (self.kind, *letter)))


issued_letter = register(
    "issued_letter",
    text("reference"),
    text("bank_account"),
    text("donor"),
    text("language"),
    whole("known_at"),
    text("file_sha256"),
    text("verification"),
    text("issued_on"),
)

letter_file = Table(
    "letter_file",
    metadata,
    text("sha256", key=True),
    text("donor"),
    text("contact"),
    Column("content", LargeBinary, nullable=False),
    info=PERSONAL,
    sqlite_strict=True,
)
"""The files of issued letters. They name a person, so they are no evidence: when that contact is erased, the
content and the name become empty, and the hash that the journal has stays."""


@dataclass(frozen=True)
class IssuedLetter:
    """A receipt letter that was given to a donor, as the books know it."""

    seq: int
    on: date
    letter: str
    """Its number."""
    reference: str
    bank_account: str
    donor: str
    language: Language
    known_at: int
    file_sha256: str
    verification: str
    contact: str = ""
    """The name of the person that it is addressed to; empty where none is, or where the person was erased."""
    kept: bool = False
    """Whether the book has its file; not where the person was erased."""


def letter_number(reference: str, known_at: int) -> str:
    """The number of a receipt letter."""
    return f"{reference}-{known_at}"


def issued_letters(books: Connection, *, donor: str | None = None, known_at: int = NOW) -> list[IssuedLetter]:
    """The letters that were issued, the earliest first; only those of a donor, if named."""
    has_file = (func.length(letter_file.c.content) > 0).label("kept")
    query = (
        select(issued_letter, letter_file.c.contact, has_file)
        .join(letter_file, letter_file.c.sha256 == issued_letter.c.file_sha256, isouter=True)
        .where(as_known(issued_letter, known_at))
        .order_by(issued_letter.c.seq)
    )
    if donor is not None:
        query = query.where(issued_letter.c.donor == donor)
    return [_read(row) for row in books.execute(query)]


def _read(row: Row[Any]) -> IssuedLetter:
    return IssuedLetter(
        seq=row.seq,
        on=date.fromisoformat(row.issued_on),
        letter=letter_number(row.reference, row.known_at),
        reference=row.reference,
        bank_account=row.bank_account,
        donor=row.donor,
        language=row.language,
        known_at=row.known_at,
        file_sha256=row.file_sha256,
        verification=row.verification,
        contact=row.contact or "",
        kept=bool(row.kept),
    )


def keep_letter(books: Connection, donor: str, contact: str, content: bytes) -> str:
    """Keep the file of a letter to a person at a donor, and return its SHA-256.

    A letter that was emptied gets its file again when it is issued again: the person is a contact again.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    of = letter_file.c
    stands = books.execute(select(func.length(of.content)).where(of.sha256 == sha256)).scalar()
    values = {"donor": donor, "contact": contact, "content": content}
    if stands is None:
        books.execute(insert(letter_file).values(sha256=sha256, **values))
    elif not stands:
        books.execute(update(letter_file).where(of.sha256 == sha256).values(**values))
    return sha256


def letter_content(books: Connection, letter: IssuedLetter) -> bytes:
    """The file of an issued letter, byte for byte.

    NotFound where the person was erased, Tampered where it is missing or is not the file that was issued.
    """
    content = _content(books, letter.file_sha256)
    if content == b"":
        raise NotFound(
            "letter-erased",
            "The letter {letter} was issued on {on} (entry {entry}), and its file was erased with the person "
            "that it named: only its SHA-256 is left.",
            letter=letter.letter,
            on=letter.on,
            entry=letter.seq,
        )
    if wrong := _fault(letter.file_sha256, content):
        raise Tampered(
            "letter-file-changed",
            "The file of the letter {letter} (entry {entry}) cannot be given: {wrong}. Restore a copy of the "
            "book.",
            letter=letter.letter,
            entry=letter.seq,
            wrong=wrong,
        )
    assert content is not None
    return content


def empty_letters(books: Connection, donor: str, contact: str) -> bool:
    """Empty the letters to a person at a donor, so that no trace stays; whether there were any.

    The connection is that of `Book.erasing`. The whole table is written anew, because a row that is changed
    leaves parts of it where the database had stored it before.
    """
    of = letter_file.c
    theirs = select(of.sha256).where(of.donor == donor, of.contact == contact)
    if not contact or not books.execute(theirs).first():  # a letter may be to nobody in particular
        return False
    rows = [dict(row._mapping) for row in books.execute(select(letter_file).order_by(of.sha256))]
    if books.dialect.name == "postgresql":
        books.exec_driver_sql("TRUNCATE letter_file")
    else:
        books.execute(delete(letter_file))
    nothing = {"contact": "", "content": b""}
    books.execute(
        insert(letter_file),
        [row | nothing if (row["donor"], row["contact"]) == (donor, contact) else row for row in rows],
    )
    return True


def _content(books: Connection, sha256: str) -> bytes | None:
    of = letter_file.c
    content: bytes | None = books.execute(select(of.content).where(of.sha256 == sha256)).scalar()
    return content


def _fault(sha256: str, content: bytes | None) -> str | None:
    """What is wrong with the file of a letter; None for the file that was issued, and for one erased."""
    if content is None:
        return f"its file {sha256[:12]} is missing"
    if content and hashlib.sha256(content).hexdigest() != sha256:
        return f"its file {sha256[:12]} was changed"
    return None


def _kept_fault(books: Connection, event: LetterIssued) -> str | None:
    return _fault(event.file_sha256, _content(books, event.file_sha256))


def _apply(books: Connection, seq: int, event: LetterIssued) -> None:
    get_donor(books, event.donor)
    if event.known_at >= seq:
        raise Refused(
            "issued-letter-knows-future",
            "The letter for {reference} cannot know entry {known_at}, which is not in the books.",
            reference=event.reference,
            known_at=event.known_at,
        )
    row = event.model_dump(mode="json", exclude={"on"})
    project(books, issued_letter, seq, **row, issued_on=event.on.isoformat())
    if _content(books, event.file_sha256) is None:  # in a book that is made from the journal alone
        nothing = {"donor": event.donor, "contact": "", "content": b""}
        books.execute(insert(letter_file).values(sha256=event.file_sha256, **nothing))


def letters_like(books: Connection, event: LetterIssued, contact: str) -> list[IssuedLetter]:
    """The letters that were issued for the same contribution to the same person in the same language.

    The latest first; without those whose file was erased.
    """
    asked = event.reference, event.bank_account, event.language, contact
    return [
        each
        for each in reversed(issued_letters(books, donor=event.donor))
        if each.kept and (each.reference, each.bank_account, each.language, each.contact) == asked
    ]


KINDS = (
    Kind(
        LetterIssued,
        apply=_apply,
        registers=(issued_letter,),
        personal_tables=(letter_file,),
        fault=_kept_fault,
        four_eyes=False,
        when_recorded=Sentence("it stays as it was given", Hint("reprint-letter", letter="{verification}")),
    ),
)
