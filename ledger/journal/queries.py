"""What stands in the journal and was not taken back: under many keys at once, or of some kinds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection, bindparam, select

from ledger.entry.canonical import Sealed
from ledger.storage.long_lists import one_of
from ledger.storage.schema import entry

_CHUNK = 1000
_STANDS = entry.c.seq.not_in(select(entry.c.reverses).where(entry.c.reverses != 0))
_STANDING = select(entry.c.key, entry.c.payload).where(one_of(entry.c.key, bindparam("keys")), _STANDS)


def recorded_payloads(books: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Of these keys, those whose entry stands, with its payload; what was taken back does not stand."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), _CHUNK):
        rows = books.execute(_STANDING, {"keys": keys[start : start + _CHUNK]})
        found.update((row.key, row.payload) for row in rows)
    return found


def entries_of_kinds(books: Connection, kinds: Collection[str], since: date) -> Iterator[Sealed]:
    """The entries of some kinds that stand, effective on a day or later, in the order of the journal."""
    query = select(entry).where(entry.c.kind.in_(kinds), entry.c.effective_on >= since.isoformat(), _STANDS)
    return (Sealed(*row) for row in books.execute(query.order_by(entry.c.seq)))
