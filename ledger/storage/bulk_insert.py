"""Bulk insert: many rows in one statement of the driver, the quickest way into either engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table

_PARAMETERS = 32_000
"""Parameters of one statement; SQLite allows 32,766 (sqlite.org/limits.html), PostgreSQL more."""


def write_rows(books: Connection, table: Table, rows: Sequence[Sequence[Any]], on_conflict: str = "") -> None:
    """Insert whole rows, their values in the order of the table's columns.

    As many as possible go in one statement, so that SQLite does not return to Python for each row.
    """
    at_once = _PARAMETERS // len(table.c)
    for start in range(0, len(rows), at_once):
        block = rows[start : start + at_once]
        statement = _insert(books.dialect, table, len(block), on_conflict)
        books.exec_driver_sql(statement, tuple(chain.from_iterable(block)))


@lru_cache(maxsize=1000)
def _insert(dialect: Dialect, table: Table, rows: int, on_conflict: str) -> str:
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(quote(column.name) for column in table.c)
    marks = f"({', '.join([mark] * len(table.c))})"
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES {', '.join([marks] * rows)} {on_conflict}"
