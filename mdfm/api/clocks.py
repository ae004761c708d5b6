"""The two clocks of everything that is read: effective to a day, and known at an entry."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from ledger import AsOf, head_at


def as_of(books: Connection, to: date, known_at: int | None) -> AsOf:
    """The two clocks, known at the last entry if None; NotFound for an entry that is not in the journal."""
    if known_at is None:
        return AsOf.now(books, to)
    head_at(books, known_at)
    return AsOf(to, known_at)


def today() -> date:
    """The day on the clock of this machine."""
    return datetime.now().astimezone().date()
