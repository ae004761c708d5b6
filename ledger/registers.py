"""Registers: tables that say what is known now, each row learnt from one entry of the journal.

Rows are only added. A reversal does not remove the rows of the entry it takes back: it marks them, so that
the books can still be read as they were known at an earlier entry.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Index, Row, Table, and_, insert, or_, select, update

from ledger.errors import NotFound, Refused
from ledger.schema import metadata, text, whole

NOW = 2**62
"""A `known_at` that is later than every entry."""


def register(name: str, *columns: Column[Any]) -> Table:
    """A register with its own columns and the two that every register has; looked up by the first column."""
    lookup = Index(f"ix_{name}_{columns[0].name}", columns[0].name)
    return Table(name, metadata, whole("seq"), whole("reversed_by"), *columns, lookup, sqlite_strict=True)


def learn(books: Connection, table: Table, seq: int, **values: Any) -> None:
    """Add what an entry tells."""
    books.execute(insert(table).values(seq=seq, reversed_by=0, **values))


def mark_reversed(books: Connection, table: Table, seq: int, by: int) -> None:
    """Mark the rows of entry `seq` as taken back by entry `by`."""
    books.execute(update(table).where(table.c.seq == seq).values(reversed_by=by))


def known(table: Table, known_at: int = NOW) -> ColumnElement[bool]:
    """The rows that were known, and not yet taken back, when the journal ended with entry `known_at`."""
    return and_(
        table.c.seq <= known_at,
        or_(table.c.reversed_by == 0, table.c.reversed_by > known_at),
    )


def find(books: Connection, table: Table, noun: str, code: str, known_at: int = NOW) -> Row[Any]:
    """The row with this code; NotFound says which noun is missing."""
    row = books.execute(select(table).where(table.c.code == code, known(table, known_at))).first()
    if row is None:
        raise NotFound(f"There is no {noun} '{code}' in this book.")
    return row


def require_new(books: Connection, table: Table, noun: str, code: str) -> None:
    """Refuse a code that is taken."""
    if books.execute(select(table.c.seq).where(table.c.code == code, known(table))).first():
        raise Refused(f"There is a {noun} '{code}' already: choose another code.")


__all__ = ["NOW", "find", "known", "learn", "mark_reversed", "register", "require_new", "text", "whole"]
