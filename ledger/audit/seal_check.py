"""Seal check: every entry is hashed again inside the database and compared with its seal.

The encoding is that of `ledger.entry.canonical`, here as an SQL expression, so that no field of a large
journal passes through Python and only wrong entries are returned.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, text

from ledger.entry.canonical import ENCODING, GENESIS, Line, Sealed, netstrings
from ledger.storage.schema import DIMENSIONS


class BrokenEntry(NamedTuple):
    """An entry that does not match its seal or its place in the chain."""

    seq: int
    before: int
    """The number of the entry before it; 0 when it is the first."""
    names_before: bool
    """Whether it names the hash of the entry before it."""
    matches: bool
    """Whether its content matches its hash."""
    line_count: int
    """The number of lines it was sealed with."""
    lines: int
    """The number of lines it has."""


def broken_entries(books: Connection, after: int, last: int) -> Iterator[BrokenEntry]:
    """The wrong entries after one and up to another, in order; each is hashed again with its lines."""
    if books.dialect.name == "sqlite":
        driver: Any = books.connection.driver_connection
        driver.create_function("mdfm_sha256", 1, _sha256, deterministic=True)
    for row in books.execute(_query(books.dialect.name), {"after": after, "last": last}):
        yield BrokenEntry(row[0], row[1], bool(row[2]), bool(row[3]), row[4], row[5])


_LINES = "(SELECT count(*) FROM line WHERE entry = e.seq)"
_BEFORE = f"""coalesce(
    (SELECT hash FROM entry WHERE seq < e.seq ORDER BY seq DESC LIMIT 1), '{GENESIS}'
)"""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@cache
def _query(engine: str) -> TextClause:
    # A comparison with NULL is neither true nor false; coalesce makes it wrong.
    content = _content(engine)
    return text(f"""
        SELECT e.seq,
            (SELECT coalesce(max(seq), 0) FROM entry WHERE seq < e.seq) AS before,
            coalesce(e.prev = {_BEFORE}, FALSE), coalesce(e.hash = {content}, FALSE), e.line_count, {_LINES}
        FROM entry AS e LEFT JOIN entry AS b ON b.seq = e.seq - 1
        WHERE e.seq > :after AND e.seq <= :last AND NOT coalesce(
            e.seq = coalesce(b.seq, 0) + 1 AND e.prev = coalesce(b.hash, '{GENESIS}')
            AND e.line_count = {_LINES} AND e.hash = {content}, FALSE
        )
        ORDER BY e.seq""")


def _content(engine: str) -> str:
    """The SQL expression of the seal: over an entry's fields, then those of each of its lines."""
    line = _netstrings(engine, "l", ("no", *Line._fields))
    if engine == "sqlite":
        lines = f"(SELECT group_concat({line}, '') FROM line AS l WHERE l.entry = e.seq)"
        return f"mdfm_sha256(CAST({_netstrings(engine, 'e', Sealed._fields[:-1], lines)} AS BLOB))"
    lines = f"(SELECT string_agg({line}, '' ORDER BY l.no) FROM line AS l WHERE l.entry = e.seq)"
    return (
        f"encode(sha256(convert_to({_netstrings(engine, 'e', Sealed._fields[:-1], lines)}, 'UTF8')), 'hex')"
    )


def _netstrings(engine: str, table: str, fields: Sequence[str], lines: str = "") -> str:
    """The SQL expression of fields as netstrings: length in bytes, colon, value, comma.

    With `lines`, the expression for the lines of an entry, it is everything that is hashed.
    """
    # One format call for all: a chain of `||` would copy the text again for every field. Most lines have most
    # dimensions empty, and those need no format call.
    form, field, length = _FORMS[engine]
    pattern, values = "", []
    for name in fields:
        column = f'{table}."{name}"'
        operands = f"{length.format(column)}, {column}"
        if name in _OFTEN_EMPTY:
            pattern += "%s"
            values.append(f"CASE {column} WHEN '' THEN '0:,' ELSE {form}('{field}', {operands}) END")
        else:
            pattern += field
            values.append(operands)
    if lines:
        pattern = f"{netstrings((ENCODING,)).decode()}{pattern}%s"
        values.append(lines)
    return f"{form}('{pattern}', {', '.join(values)})"


_OFTEN_EMPTY = frozenset(DIMENSIONS) - {"term", "agreement"}
_FORMS = {
    "sqlite": ("printf", "%d:%s,", "length(CAST({} AS BLOB))"),
    "postgresql": ("format", "%s:%s,", "octet_length(CAST({} AS text))"),
}
"""By engine: the format function, the format of a netstring, and the expression of a length in bytes."""
