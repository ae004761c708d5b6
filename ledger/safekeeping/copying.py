"""Copies of a whole book: page by page within SQLite, row by row between engines, always of one state of it.

A copy has what its book has, be it sound or not: the triggers that seal a journal are off while its rows are
copied, and on again afterwards, and whoever copies verifies the copy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, LargeBinary, Table, func, select
from sqlalchemy.exc import DatabaseError

from ledger.audit import schema_integrity
from ledger.audit.verification import Finding
from ledger.book import Book
from ledger.progress import Progress
from ledger.storage.bulk_insert import write_rows
from ledger.storage.database import OWN, engine_at, readable_errors
from ledger.storage.migrations import migration_of
from ledger.storage.personal_reading import one_state

_PAGES_AT_ONCE = 1000
"""4 MB: few enough that an interrupt is heard at once."""
_ROWS_AT_ONCE = 1000
_FILES_AT_ONCE = 1
"""Of a table with files, of which each may have 25 MB."""
_NOT_COPIED = "alembic_version"
"""The migrations of the copy have written it."""


def copy_pages(books: Connection, place: Path, progress: Progress) -> None:
    """Copy a book in SQLite into a new file, page by page, in the state that the connection sees.

    Others may record meanwhile: what they write is in the log of the book until the connection ends its
    transaction, and neither changes nor delays the copy.
    """
    books.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # from here on it sees one state
    source = books.connection.driver_connection
    if not isinstance(source, sqlite3.Connection):
        raise TypeError("pages are copied within SQLite")
    with closing(sqlite3.connect(place)) as copy:
        source.backup(
            copy,
            pages=_PAGES_AT_ONCE,
            progress=lambda _, remaining, total: progress(total - remaining, total),
        )
        # One file is then everything, also where nobody can write.
        copy.execute("PRAGMA journal_mode = DELETE")


def copy_rows(books: Connection, copy: Connection, progress: Progress) -> None:
    """Copy all rows of a book into a new one of the same migration."""
    tables = _tables(copy)
    total = sum(books.execute(select(func.count()).select_from(each)).scalar() or 0 for each in tables)
    done = 0
    with _unsealed(copy, tables):
        for table in tables:
            copy.execute(table.delete())
            for rows in _rows(books, table):
                _write(copy, table, rows)
                done += len(rows)
                progress(done, total)


def _write(copy: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    if copy.dialect.name == "sqlite":
        write_rows(copy, table, rows)
        return
    # The driver reads a statement with thousands of values for much longer than the server writes them.
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    statement = f'COPY "{table.name}" ({columns}) FROM STDIN'
    server: Any = copy.connection.driver_connection
    try:
        with server.cursor() as cursor, cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
    except copy.dialect.loaded_dbapi.Error as error:
        raise DatabaseError(statement, None, error) from error


def _tables(books: Connection) -> list[Table]:
    """The tables of a book as its migrations made them; what a line refers to comes before it."""
    found = sqlalchemy.MetaData()
    found.reflect(books)
    return [table for table in found.sorted_tables if table.name != _NOT_COPIED]


def _rows(books: Connection, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of a table, some at a time, in their order."""
    has_files = any(isinstance(column.type, LargeBinary) for column in table.c)
    at_once = _FILES_AT_ONCE if has_files else _ROWS_AT_ONCE
    order = list(table.primary_key) or sorted(table.c, key=lambda column: column.name != "seq")
    query = select(*table.c).order_by(*order)
    with readable_errors(books.engine):
        found = books.execute(query, execution_options={"yield_per": at_once})
        yield from iter(lambda: list(islice(found, at_once)), [])


@contextmanager
def _unsealed(books: Connection, tables: Sequence[Table]) -> Iterator[None]:
    """The triggers of a book that nobody else can see yet, off for a while."""
    if books.dialect.name != "sqlite":
        for table in tables:
            books.exec_driver_sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
        yield
        # No table is altered while checks of its rows are still to come.
        books.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            books.exec_driver_sql(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER')
        return
    triggers = books.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in triggers:
        books.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, definition in triggers:
        books.exec_driver_sql(definition)


@contextmanager
def reading_until_error(book: Book) -> Iterator[Connection]:
    """A connection that sees one state of the whole book; other errors than its own stay as they are."""
    with ExitStack() as opened:
        with readable_errors(book.engine):
            books = opened.enter_context(one_state(book.engine, personal=True))
        yield books


def table_findings(books: Connection) -> list[Finding]:
    """What is wrong with the tables and triggers of a book, as the last migration that it has made them."""
    return [Finding(None, what) for what in schema_integrity.faults(books, migration_of(books))]


@contextmanager
def owning(engine: Engine) -> Iterator[Connection]:
    """A transaction in which a database belongs to the program alone."""
    with engine.connect().execution_options(mdfm_work=OWN) as books, books.begin():
        yield books


@contextmanager
def file_engine(path: Path) -> Iterator[Engine]:
    """The engine of a book in a file, closed afterwards."""
    engine = engine_at(str(path))
    try:
        yield engine
    finally:
        engine.dispose()


def first_half(progress: Progress) -> Progress:
    """How far the first half of the work is, as a part of the whole, in per cent."""
    return _half(progress, 0)


def second_half(progress: Progress) -> Progress:
    """The same for the second half."""
    return _half(progress, 50)


def _half(progress: Progress, begins: int) -> Progress:
    def tell(done: int, of: int) -> None:
        progress(begins + (50 * done // of if of else 50), 100)

    return tell
