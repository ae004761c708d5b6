"""Open or create a book that knows the kinds of events of every package."""

from __future__ import annotations

import allocation
import donors
import ledger
from ledger import Book, Clock, Kinds

ALL_KINDS = Kinds((*ledger.KINDS, *donors.KINDS, *allocation.KINDS))


def create(location: str, clock: Clock = ledger.utc_now) -> Book:
    """Create an empty book at a path or database URL."""
    return ledger.create_book(location, ALL_KINDS, clock)


def open_at(location: str, clock: Clock = ledger.utc_now) -> Book:
    """Open the book at a path or database URL."""
    return ledger.open_book(location, ALL_KINDS, clock)
