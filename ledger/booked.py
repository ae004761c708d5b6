"""What stands in the journal under many keys at once, so that a file can be held against the books."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from ledger.schema import entry

_CHUNK = 1000
_STANDING = select(entry.c.key, entry.c.payload).where(
    entry.c.key.in_(bindparam("keys", expanding=True)),
    entry.c.seq.not_in(select(entry.c.reverses).where(entry.c.reverses != 0)),
)


def booked_payloads(books: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Of these keys, those whose entry stands, with its payload; what was taken back does not stand."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), _CHUNK):
        rows = books.execute(_STANDING, {"keys": keys[start : start + _CHUNK]})
        found.update((row.key, row.payload) for row in rows)
    return found
