"""Contacts: the people at a donor to whom the fund writes; erasable, and so not part of the journal.

All personal data is in this table and in the files of letters (`donors.donor.letter`), outside the journal:
no event, seal or register contains it, and a replay does not touch it. Backups and copies of a book keep what
it contained when they were made.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select

from donors.donor.donor import get_donor
from donors.donor.letter import empty_letters
from ledger import PERSONAL, BadInput, Book, Hint, NotFound, metadata, nearest, require_role, staff_of, text

_LONGEST = {"donor": 40, "name": 200, "role": 200, "email": 254, "phone": 50, "address": 500}
"""Characters; an email address has at most 254 (RFC 5321)."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

contact = Table(
    "contact",
    metadata,
    text("donor", key=True),
    text("name", key=True),
    text("role"),
    text("email"),
    text("phone"),
    text("address"),
    info=PERSONAL,
    sqlite_strict=True,
)


@dataclass(frozen=True)
class Contact:
    """A person at a donor; unknown fields are empty. BadInput for a missing name or an invalid field."""

    donor: str
    name: str
    role: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadInput(
                "contact-without-name",
                "A contact needs a name: give it{hint}.",
                hint=Hint("say-name"),
            )
        for field in fields(self):
            longest = _LONGEST[field.name]
            if len(getattr(self, field.name)) > longest:
                raise BadInput(
                    "contact-text-too-long",
                    "The {name} of a contact has at most {longest} characters: shorten it.",
                    name=field.name,
                    longest=longest,
                )
        if self.email and not _EMAIL.fullmatch(self.email):
            raise BadInput(
                "email-invalid",
                "'{email}' is not an email address: write it like office@example.org.",
                email=self.email,
            )


def contacts(books: Connection, donor: str) -> list[Contact]:
    """The contacts of a donor, by name."""
    rows = select(contact).where(contact.c.donor == donor).order_by(contact.c.name)
    return [_read(row) for row in books.execute(rows)]


def _read(row: Row[Any]) -> Contact:
    return Contact(**row._mapping)


def set_contact(book: Book, person: Contact, by: str) -> None:
    """Save a contact of a donor, replacing the one with the same name.

    NotFound if there is no such donor, Refused if `by` is not a finance officer.
    """
    person = replace(person, name=_spelt(person.name))
    with book.erasing() as books:
        _require_officer(books, by)
        get_donor(books, person.donor)
        _keep_all_but(books, person.donor, person.name, person)


def erase_contact(book: Book, donor: str, name: str, by: str) -> None:
    """Erase a contact, and empty its letters, so that nothing of it is left; NotFound if there is none.

    Refused if `by` is not a finance officer. Refused also while another program reads an SQLite file: the
    contact is then erased, but still in the file's log.
    """
    name = _spelt(name)
    with book.erasing() as books:
        _require_officer(books, by)
        names = {each.name for each in contacts(books, donor)}
        _keep_all_but(books, donor, name)
        had_letters = empty_letters(books, donor, name)
    if name not in names and not had_letters:
        raise unknown_contact(donor, name, names)


def unknown_contact(donor: str, name: str, names: Iterable[str]) -> NotFound:
    """The error that a donor has no contact of a name, only those of other names."""
    return NotFound(
        "unknown-contact",
        "The donor {donor} has no contact '{name}' in this book{nearest}.",
        donor=donor,
        name=name,
        nearest=nearest(name, names),
    )


def _require_officer(books: Connection, by: str) -> None:
    require_role(staff_of(books), by, "finance officer", "change contacts")


def _spelt(name: str) -> str:
    """A name in one spelling (NFC, single blanks): in two spellings one person could stay unerased."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _keep_all_but(books: Connection, donor: str, name: str, *instead: Contact) -> None:
    """Rewrite the whole table without a person, and with those in `instead`.

    Deleting the one row would leave parts of it where the database had stored it before.
    """
    rows = [_read(row) for row in books.execute(select(contact))]
    if books.dialect.name == "postgresql":
        books.exec_driver_sql("TRUNCATE contact")  # starts a new file; DELETE leaves rows in the old one
    else:
        books.execute(delete(contact))
    kept = [each for each in rows if (each.donor, each.name) != (donor, name)] + list(instead)
    if kept:
        books.execute(insert(contact), [asdict(each) for each in kept])
