"""Queries for entries that are not reversed: by many keys at once, or by kind of event."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from sqlalchemy import Connection, bindparam, select

from ledger.entry.canonical import Sealed
from ledger.storage.long_lists import one_of
from ledger.storage.schema import entry

_KEYS_PER_QUERY = 1000
_NOT_REVERSED = entry.c.seq.not_in(select(entry.c.reverses).where(entry.c.reverses != 0))
_BY_KEYS = select(entry.c.key, entry.c.payload).where(one_of(entry.c.key, bindparam("keys")), _NOT_REVERSED)


def recorded_payloads(books: Connection, keys: Sequence[str]) -> dict[str, str]:
    """The payload of the entry of each of these keys; without keys that have no entry or a reversed one."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        rows = books.execute(_BY_KEYS, {"keys": keys[start : start + _KEYS_PER_QUERY]})
        found.update((row.key, row.payload) for row in rows)
    return found


def entries_of_kinds(books: Connection, kinds: Collection[str], since: date) -> Iterator[Sealed]:
    """The entries of some kinds that are not reversed, effective on a day or later, in journal order."""
    query = select(entry).where(
        entry.c.kind.in_(kinds), entry.c.effective_on >= since.isoformat(), _NOT_REVERSED
    )
    return (Sealed(*row) for row in books.execute(query.order_by(entry.c.seq)))
