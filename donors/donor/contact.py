"""Contacts: the people at a donor to whom the fund writes; erasable, so never a part of the journal.

What is personal stands in this one table, keyed by the donor, beside the journal and not part of it: no
event, export, seal or register has it, and a replay leaves it alone. Backups and copies of a book are out of
reach: they keep what was in it when they were made.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select

from donors.donor.donor import get_donor
from ledger import BadInput, Book, NotFound, metadata, nearest, require_role, staff_of, text

_LONGEST = {"donor": 40, "name": 200, "role": 200, "email": 254, "phone": 50, "address": 500}
"""Characters; of an email address the 254 that a mail server takes (RFC 5321)."""
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
    sqlite_strict=True,
)


@dataclass(frozen=True)
class Contact:
    """A person at a donor; what is not known is empty. BadInput for what cannot be right."""

    donor: str
    name: str
    role: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadInput("A contact needs a name: give it with --name.")
        for field in fields(self):
            longest = _LONGEST[field.name]
            if len(getattr(self, field.name)) > longest:
                raise BadInput(f"The {field.name} of a contact has at most {longest} characters: shorten it.")
        if self.email and not _EMAIL.fullmatch(self.email):
            raise BadInput(f"'{self.email}' is not an email address: write it like office@example.org.")


def contacts(books: Connection, donor: str) -> list[Contact]:
    """The contacts of a donor, by name."""
    rows = select(contact).where(contact.c.donor == donor).order_by(contact.c.name)
    return [_read(row) for row in books.execute(rows)]


def _read(row: Row[Any]) -> Contact:
    return Contact(**row._mapping)


def set_contact(book: Book, person: Contact, by: str) -> None:
    """Keep a person as a contact of a donor, in the place of what was kept under the same name.

    NotFound when the books have no such donor, Refused for who is not a finance officer.
    """
    person = replace(person, name=_spelt(person.name))
    with book.erasing() as books:
        _require_officer(books, by)
        get_donor(books, person.donor)
        _keep_all_but(books, person.donor, person.name, person)


def erase_contact(book: Book, donor: str, name: str, by: str) -> None:
    """Erase a person, so that nothing of them is left in the book; NotFound when there is no such contact.

    Refused for who is not a finance officer; and, with the person erased but still in the log of an SQLite
    file, while another program reads it.
    """
    name = _spelt(name)
    with book.erasing() as books:
        _require_officer(books, by)
        names = {each.name for each in contacts(books, donor)}
        _keep_all_but(books, donor, name)
    if name not in names:
        raise NotFound(f"The donor {donor} has no contact '{name}' in this book{nearest(name, names)}.")


def _require_officer(books: Connection, by: str) -> None:
    require_role(staff_of(books), by, "finance officer", "change contacts")


def _spelt(name: str) -> str:
    """A name as it is kept: blanks and composed letters make no second person, who would stay unerased."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _keep_all_but(books: Connection, donor: str, name: str, *instead: Contact) -> None:
    """Write the table anew without a person.

    A row that is deleted alone leaves parts of itself where the database has moved it before.
    """
    rows = [_read(row) for row in books.execute(select(contact))]
    if books.dialect.name == "postgresql":
        books.exec_driver_sql("TRUNCATE contact")  # a new file: in the old one a deleted row would stay
    else:
        books.execute(delete(contact))
    kept = [each for each in rows if (each.donor, each.name) != (donor, name)] + list(instead)
    if kept:
        books.execute(insert(contact), [asdict(each) for each in kept])
