"""The tables with personal data, for exports that have them, and what their rows must be in a new book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from donors.donor.contact import Contact, contact
from donors.donor.donor import donor
from donors.donor.letter import issued_letter, letter_file
from ledger import BadInput, PersonalTable


def _require_contact(books: Connection, row: Mapping[str, Any]) -> None:
    """A contact has a name and is a person at a donor, whose registration may have been reversed."""
    Contact(**row)
    if books.execute(select(donor.c.seq).where(donor.c.code == row["donor"])).first() is None:
        raise BadInput(
            "contact-of-nobody",
            "The contact is of a donor '{donor}', whom this book does not know.",
            donor=row["donor"],
        )


def _require_letter(books: Connection, row: Mapping[str, Any]) -> None:
    """The file of a letter is that of an entry, for the same donor."""
    of = issued_letter.c
    issued = select(of.seq).where(of.file_sha256 == row["sha256"], of.donor == row["donor"])
    if books.execute(issued).first() is None:
        raise BadInput(
            "letter-not-issued",
            "The letter {sha256} was not issued to the donor '{donor}' by any entry.",
            sha256=row["sha256"],
            donor=row["donor"],
        )


PERSONAL_TABLES = (
    PersonalTable(contact, _require_contact),
    PersonalTable(letter_file, _require_letter),
)
"""Contacts, and the files of letters, which name a person."""
