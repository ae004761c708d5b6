"""Seals: every entry hashed again, quickly: the database writes down the fields, and Python hashes them.

The encoding is that of `ledger.encoding`; here it is an SQL expression, so that no field of a large journal
passes through Python one by one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ledger.encoding import ENCODING, Line, Sealed, netstrings


class Resealed(NamedTuple):
    """An entry's place in the chain as it stands, and the hash that its content has."""

    seq: int
    prev: str
    hash: str
    line_count: int
    lines: int
    """How many lines there are."""
    content: str
    """The hash of what stands there."""


def reseal(books: Connection) -> Iterator[Resealed]:
    """Hash every entry with its lines again, in order, in constant memory."""
    prefix = netstrings((ENCODING,))
    fields = Sealed._fields[:-1]
    entries = _rows(
        books, f"SELECT seq, prev, hash, line_count, {_written(books, fields)} FROM entry ORDER BY seq"
    )
    lines = _rows(
        books, f"SELECT entry, {_written(books, ('no', *Line._fields))} FROM line ORDER BY entry, no"
    )
    waiting = next(lines, None)
    for seq, prev, sealed, line_count, written in entries:
        parts = [prefix, written]
        while waiting is not None and waiting[0] <= seq:
            if waiting[0] == seq:
                parts.append(waiting[1])
            waiting = next(lines, None)
        yield Resealed(
            seq, prev, sealed, line_count, len(parts) - 2, hashlib.sha256(b"".join(parts)).hexdigest()
        )


def _written(books: Connection, fields: Sequence[str]) -> str:
    """The fields as netstrings, in SQL: their length in bytes, a colon, they themselves, a comma."""
    names = [f'"{name}"' for name in fields]
    # One format for all: a chain of `||` would copy what is written so far for every field again.
    if books.dialect.name == "sqlite":
        told = ", ".join(f"length(CAST({name} AS BLOB)), {name}" for name in names)
        return f"CAST(printf('{'%d:%s,' * len(names)}', {told}) AS BLOB)"
    told = ", ".join(f"octet_length(CAST({name} AS text)), {name}" for name in names)
    return f"convert_to(format('{'%s:%s,' * len(names)}', {told}), 'UTF8')"


def _rows(books: Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Rows straight from the driver, a few at a time."""
    driver: Any = books.connection.driver_connection
    if books.dialect.name == "sqlite":
        yield from driver.execute(query)
        return
    with driver.cursor(name=f"mdfm_{abs(hash(query))}") as cursor:
        cursor.itersize = 2000
        yield from cursor.execute(query)
