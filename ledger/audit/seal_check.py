"""Seals: every entry hashed again where it lies: the database writes down its fields, and compares.

The encoding is that of `ledger.entry.canonical`; here it is an SQL expression, so that no field of a large
journal passes through Python, and only an entry that is not what was sealed comes out.
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
    """An entry that is not what was sealed, or not where it was."""

    seq: int
    before: int
    """The entry before it; 0 when it is the first."""
    names_before: bool
    """Whether it names the hash of the entry before it."""
    matches: bool
    """Whether its content has the hash that it was sealed with."""
    line_count: int
    """How many lines it was sealed with."""
    lines: int
    """How many there are."""


def broken_entries(books: Connection, after: int, last: int) -> Iterator[BrokenEntry]:
    """Hash the entries after one and up to another again, lines and all; those that are wrong, in order."""
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
    # What is NULL is no equal of anything, and wrong.
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
    """The hash of all that stands there, in SQL: an entry's fields, then those of each of its lines."""
    line = _written(engine, "l", ("no", *Line._fields))
    if engine == "sqlite":
        lines = f"(SELECT group_concat({line}, '') FROM line AS l WHERE l.entry = e.seq)"
        return f"mdfm_sha256(CAST({_written(engine, 'e', Sealed._fields[:-1], lines)} AS BLOB))"
    lines = f"(SELECT string_agg({line}, '' ORDER BY l.no) FROM line AS l WHERE l.entry = e.seq)"
    return f"encode(sha256(convert_to({_written(engine, 'e', Sealed._fields[:-1], lines)}, 'UTF8')), 'hex')"


def _written(engine: str, table: str, fields: Sequence[str], lines: str = "") -> str:
    """The fields as netstrings, in SQL: their length in bytes, a colon, they themselves, a comma.

    With the lines of an entry it is all that is hashed.
    """
    # One format for all: a chain of `||` would copy what is written so far for every field again. Most lines
    # leave most dimensions empty, and those are not worth a format.
    form, field, length = _FORMS[engine]
    pattern, values = "", []
    for name in fields:
        column = f'{table}."{name}"'
        told = f"{length.format(column)}, {column}"
        if name in _SELDOM:
            pattern += "%s"
            values.append(f"CASE {column} WHEN '' THEN '0:,' ELSE {form}('{field}', {told}) END")
        else:
            pattern += field
            values.append(told)
    if lines:
        pattern = f"{netstrings((ENCODING,)).decode()}{pattern}%s"
        values.append(lines)
    return f"{form}('{pattern}', {', '.join(values)})"


_SELDOM = frozenset(DIMENSIONS) - {"term", "agreement"}
_FORMS = {
    "sqlite": ("printf", "%d:%s,", "length(CAST({} AS BLOB))"),
    "postgresql": ("format", "%s:%s,", "octet_length(CAST({} AS text))"),
}
"""Of an engine: the function that formats, how it formats a netstring, and what tells a length in bytes."""
