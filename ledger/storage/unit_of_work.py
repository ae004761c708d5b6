"""A unit of work: many events recorded in one transaction, with a cache of what they read and writes in bulk.

Postings and projections do not notice it: the functions that find a row, a balance or a rate look into the
cache first. Any other statement flushes the pending writes before it runs, so nobody reads stale rows.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from fractions import Fraction
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, event, select

from ledger.entry.canonical import Line, Sealed
from ledger.storage.bulk_insert import write_rows
from ledger.storage.gc_tuning import infrequent_gc
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import line as line_table

T = TypeVar("T")

TableWrite = tuple[Table, list[Any], str]
"""A table, rows to write into it, and the ON CONFLICT clause for rows that exist (or none)."""


class NeedsDatabase(Exception):
    """A query needs pending rows in the database, which must not be written (yet)."""


class _CachedRow(NamedTuple):
    """What the cache held for a code of a register before a row was added."""

    key: tuple[str, str]
    row: Any
    listed: bool | None
    """Whether the code was among the register's codes; None when those were not cached."""


class _CachedSavepoint:
    """A savepoint of the cache: an error restores what was cached and pending before."""

    __slots__ = ("_entries", "_head", "_lines", "_register_rows", "_work", "cached_rows", "on_rollback")

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self.cached_rows: list[_CachedRow] = []
        self.on_rollback: list[Callable[[], object]] = []

    def __enter__(self) -> None:
        work = self._work
        work._savepoint = self
        self._head, self._lines, self._entries = work.head, len(work._lines), len(work._entries)
        self._register_rows = {table: len(rows) for table, rows in work._register_rows.items()}

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._work._savepoint = None
        if error is not None:
            self._rollback()

    def _rollback(self) -> None:
        work = self._work
        work.head = self._head
        del work._lines[self._lines :]
        del work._entries[self._entries :]
        for table, rows in work._register_rows.items():
            del rows[self._register_rows.get(table, 0) :]
        for key, row, listed in reversed(self.cached_rows):
            register, code = key
            if row is None:
                del work._rows[key]
            else:
                work._rows[key] = row
            if listed is None:
                work._codes.pop(register, None)
            elif not listed:
                work._codes[register].discard(code)
            work.objects.pop(key, None)
        for undo in self.on_rollback:
            undo()


class UnitOfWork:
    """The cache and the pending writes of one transaction."""

    def __init__(self, books: Connection) -> None:
        self.books = books
        self.head: Sealed | None = None
        """The last entry that was added, if any."""
        self.cached_only = False
        """Whether nothing is ever written; a query that would need it raises NeedsDatabase."""
        self._savepoint: _CachedSavepoint | None = None
        self._querying = False
        self._writer = ThreadPoolExecutor(1)
        self._being_written: Future[None] | None = None
        self._lines: list[tuple[Any, ...]] = []
        self._entries: list[Sealed] = []
        self._register_rows: dict[Table, list[tuple[Any, ...]]] = {}
        self._rows: dict[tuple[str, str], Any] = {}
        self._codes: dict[str, set[str]] = {}
        self.balances: tuple[Any, ...] = ()
        """The balance caches, one per table of balances (`ledger.projections.balance_cache`)."""
        self.rates: dict[tuple[str, date], Fraction] = {}
        self.objects: dict[tuple[str, str], Any] = {}
        """Objects that were made of rows of registers, by table and code."""
        self.open_months: set[tuple[int, int]] = set()
        self.hints_left = 100
        """How many more unknown codes get a hint at the nearest known one, which takes a query."""

    # -- the cache

    def find(self, table: Table, code: str, load: Any) -> Any:
        """The row of a register with this code, loaded at most once."""
        key = table.name, code
        if key not in self._rows:
            row = self.query_without_flush(load)
            if row is None:
                return None
            self._rows[key] = row
        return self._rows[key]

    def codes(self, table: Table, load: Any) -> set[str]:
        """All codes of a register, pending ones included."""
        if table.name not in self._codes:
            self._codes[table.name] = set(self.query_without_flush(load))
            self._codes[table.name].update(code for name, code in self._rows if name == table.name)
        return self._codes[table.name]

    def query_without_flush(self, load: Any) -> Any:
        """Run a query whose result no pending write can change."""
        querying, self._querying = self._querying, True
        try:
            return load()
        finally:
            self._querying = querying

    # -- pending writes

    def add_entry(self, sealed: Sealed, lines: list[Line]) -> None:
        """Add an entry and its lines to the pending writes."""
        self.head = sealed
        self._entries.append(sealed)
        self._lines += [(sealed.seq, number, *line) for number, line in enumerate(lines, start=1)]

    def add_row(self, table: Table, values: dict[str, Any]) -> None:
        """Add a row of a register to the pending writes and the cache."""
        code = values.get("code")
        if self.cached_only and code is None:
            return  # no code to find it by, and nothing is written
        row = _row_maker(table)(values)
        if not self.cached_only:
            self._register_rows.setdefault(table, []).append(row)
        if code is not None:
            if self._savepoint is not None:
                key = table.name, code
                codes = self._codes.get(table.name)
                listed = None if codes is None else code in codes
                self._savepoint.cached_rows.append(_CachedRow(key, self._rows.get(key), listed))
            self._rows[table.name, code] = row
            self.objects.pop((table.name, code), None)
            if table.name in self._codes:
                self._codes[table.name].add(code)

    def flush_in_background(self) -> None:
        """Write everything pending in a thread; lines go before their entries, as the seal requires.

        An error of the database is raised by the next flush or query.
        """
        if self.cached_only:
            for cached in self.balances:
                cached.changed.clear()
            return
        writes = self._take_pending()
        self._wait()
        self._being_written = self._writer.submit(_write_tables, self.books, writes)

    def flush(self) -> None:
        """Write everything pending now."""
        self._wait()
        _write_tables(self.books, self._take_pending())

    # -- savepoints

    def cached_savepoint(self) -> _CachedSavepoint:
        """A savepoint of the cache alone; an error rolls back to it.

        A query meanwhile raises NeedsDatabase: a flush could not be rolled back.
        """
        return _CachedSavepoint(self)

    def on_rollback(self, undo: Callable[[], object]) -> None:
        """Register how to undo a change to the cache if its savepoint is rolled back."""
        if self._savepoint is not None:
            self._savepoint.on_rollback.append(undo)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A savepoint of the database, inside which queries are allowed; everything is flushed before."""
        self.flush()
        before, savepoint = self.head, self.books.begin_nested()
        try:
            yield
            self.flush()
        except BaseException:
            # First: the rollback is a statement, too, and would flush everything before it.
            self.discard()
            self.head = before
            savepoint.rollback()
            raise
        savepoint.commit()

    def discard(self) -> None:
        """Drop all pending writes and empty the cache."""
        self._lines, self._entries, self._register_rows = [], [], {}
        self._empty_cache()

    def _take_pending(self) -> list[TableWrite]:
        rows: dict[Table, list[Any]] = {
            line_table: self._lines,
            entry_table: self._entries,
            **self._register_rows,
        }
        writes: list[TableWrite] = [(table, new, "") for table, new in rows.items()]
        writes += [(cached.table, cached.take_changed(), cached.on_conflict) for cached in self.balances]
        self._lines, self._entries, self._register_rows = [], [], {}
        return writes

    def _wait(self) -> None:
        """Wait for the background flush, and raise the error it met."""
        written, self._being_written = self._being_written, None
        if written is not None:
            written.result()

    def clear_cache(self) -> None:
        """Flush, and empty the cache: something that was read before has changed."""
        self.flush()
        self._empty_cache()

    def _empty_cache(self) -> None:
        self._rows, self._codes, self.balances, self.rates, self.objects = {}, {}, (), {}, {}
        self.open_months = set()

    def close(self) -> None:
        """Stop the writing thread, whatever became of its work."""
        self._writer.shutdown()

    def _before_execute(self, *_: object) -> None:
        # A statement finds every pending row written, and no other thread using the connection.
        if self._querying:
            self._wait()
        elif self.cached_only or self._savepoint is not None:
            raise NeedsDatabase
        else:
            self.flush()


@cache
def _row_maker(table: Table) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Makes a row of a register from its values by name, with the attributes of a row that was read."""
    names = [column.name for column in table.c]
    row = namedtuple("row", names)  # type: ignore[misc]
    in_order = itemgetter(*names)
    return lambda values: row._make(in_order(values))


def _write_tables(books: Connection, writes: list[TableWrite]) -> None:
    for table, rows, on_conflict in writes:
        write_rows(books, table, rows, on_conflict)


_CURRENT: ContextVar[UnitOfWork | None] = ContextVar("unit_of_work", default=None)


def current_unit_of_work(books: Connection) -> UnitOfWork | None:
    """The unit of work open over this connection, if any."""
    work = _CURRENT.get()
    return work if work is not None and work.books is books else None


def query_without_flush(books: Connection, load: Callable[[], T]) -> T:
    """Run a query whose result no pending write can change, in a unit of work or not."""
    work = current_unit_of_work(books)
    result: T = load() if work is None else work.query_without_flush(load)
    return result


@contextmanager
def unit_of_work(books: Connection) -> Iterator[UnitOfWork]:
    """Open a unit of work; at the end it is flushed, unless an error ends it."""
    work = UnitOfWork(books)
    current = _CURRENT.set(work)
    event.listen(books, "before_execute", work._before_execute)
    try:
        with infrequent_gc():
            yield work
            work.flush()
    finally:
        work.close()
        event.remove(books, "before_execute", work._before_execute)
        _CURRENT.reset(current)


def all_codes(books: Connection, table: Table) -> list[str]:
    """Every code of a register whose row is not reversed."""
    return list(books.execute(select(table.c.code).where(table.c.reversed_by == 0)).scalars())
