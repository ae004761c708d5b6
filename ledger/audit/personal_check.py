"""What must be true of what a book keeps beside the journal for an event, such as the file of a letter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

from sqlalchemy import Connection, select

from ledger.book import Book
from ledger.entry.canonical import Sealed
from ledger.errors import MdfmError
from ledger.storage.schema import entry


def personal_faults(book: Book, books: Connection) -> Iterator[tuple[int, str]]:
    """Each entry for which the book keeps something else than its event says, if it was not erased.

    It is read in a transaction of its own: an erasure need not wait until the whole book is verified.
    """
    names = [kind.event.kind for kind in book.kinds if kind.personal_tables]
    query = select(entry).where(entry.c.kind.in_(names)).order_by(entry.c.seq)
    with nullcontext(books) if book.in_memory else book.reading(personal=True) as latest:
        for row in latest.execute(query, execution_options={"yield_per": 1000}):
            sealed = Sealed(*row)
            try:
                event = book.kinds.read(sealed.kind, sealed.version, sealed.payload)
            except MdfmError:
                continue  # another check says so
            if wrong := book.kinds.of(event).fault(latest, event):
                yield sealed.seq, wrong
