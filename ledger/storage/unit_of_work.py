"""A batch: many events recorded in one transaction, with what they read kept at hand and what they write put
down together.

Postings and registers notice nothing of it: the functions that find a row, a balance or a rate ask the batch
first. Whoever asks the database itself has everything put down before, so nobody ever reads what is old.
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
"""A table, rows to write into it, and what to do where a row is there already."""


class NeedsDatabase(Exception):
    """Somebody asks the database for what it has not been told, and must not be told yet."""


class _CachedRow(NamedTuple):
    """What a batch had at hand of a code in a register."""

    key: tuple[str, str]
    row: Any
    listed: bool | None
    """Whether it was among the register's codes; None when those were not at hand."""


class _CachedSavepoint:
    """Something that is tried: what an error ends is taken back, whatever the batch took by then."""

    __slots__ = ("_batch", "_entries", "_head", "_learnt", "_lines", "known", "undoing")

    def __init__(self, batch: UnitOfWork) -> None:
        self._batch = batch
        self.known: list[_CachedRow] = []
        self.undoing: list[Callable[[], object]] = []

    def __enter__(self) -> None:
        batch = self._batch
        batch._trial = self
        self._head, self._lines, self._entries = batch.head, len(batch._lines), len(batch._entries)
        self._learnt = {table: len(rows) for table, rows in batch._learnt.items()}

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._batch._trial = None
        if error is not None:
            self._take_back()

    def _take_back(self) -> None:
        batch = self._batch
        batch.head = self._head
        del batch._lines[self._lines :]
        del batch._entries[self._entries :]
        for table, rows in batch._learnt.items():
            del rows[self._learnt.get(table, 0) :]
        for key, row, listed in reversed(self.known):
            register, code = key
            if row is None:
                del batch._rows[key]
            else:
                batch._rows[key] = row
            if listed is None:
                batch._codes.pop(register, None)
            elif not listed:
                batch._codes[register].discard(code)
            batch.read.pop(key, None)
        for undo in self.undoing:
            undo()


class UnitOfWork:
    """What a batch has read and not forgotten, and what it will write."""

    def __init__(self, books: Connection) -> None:
        self.books = books
        self.head: Sealed | None = None
        """The last entry that was taken, if any."""
        self.cached_only = False
        """Whether nothing is to be written; then the database cannot be asked for it: AsksTheBooks."""
        self._trial: _CachedSavepoint | None = None
        self._asking = False
        self._writer = ThreadPoolExecutor(1)
        self._being_written: Future[None] | None = None
        self._lines: list[tuple[Any, ...]] = []
        self._entries: list[Sealed] = []
        self._learnt: dict[Table, list[tuple[Any, ...]]] = {}
        self._rows: dict[tuple[str, str], Any] = {}
        self._codes: dict[str, set[str]] = {}
        self.sums: tuple[Any, ...] = ()
        """The registers of sums as far as they were read (`ledger.projections.balance_cache`)."""
        self.rates: dict[tuple[str, date], Fraction] = {}
        self.read: dict[tuple[str, str], Any] = {}
        """Rows of registers as their readers made them, by table and code."""
        self.open_months: set[tuple[int, int]] = set()

    # -- what is kept at hand

    def find(self, table: Table, code: str, load: Any) -> Any:
        """The row of a register with this code, loaded at most once."""
        key = table.name, code
        if key not in self._rows:
            row = self.ask(load)
            if row is None:
                return None
            self._rows[key] = row
        return self._rows[key]

    def codes(self, table: Table, load: Any) -> set[str]:
        """All codes of a register, those not written yet included."""
        if table.name not in self._codes:
            self._codes[table.name] = set(self.ask(load))
            self._codes[table.name].update(code for name, code in self._rows if name == table.name)
        return self._codes[table.name]

    def ask(self, load: Any) -> Any:
        """Ask the database for what no pending write can change."""
        asking, self._asking = self._asking, True
        try:
            return load()
        finally:
            self._asking = asking

    # -- what is to be written

    def write(self, sealed: Sealed, lines: list[Line]) -> None:
        """Take an entry and its lines."""
        self.head = sealed
        self._entries.append(sealed)
        self._lines += [(sealed.seq, number, *line) for number, line in enumerate(lines, start=1)]

    def learn(self, table: Table, values: dict[str, Any]) -> None:
        """Take a row of a register."""
        code = values.get("code")
        if self.cached_only and code is None:
            return  # nobody finds it by a code, and nothing is written
        row = _maker(table)(values)
        if not self.cached_only:
            self._learnt.setdefault(table, []).append(row)
        if code is not None:
            if self._trial is not None:
                key = table.name, code
                codes = self._codes.get(table.name)
                listed = None if codes is None else code in codes
                self._trial.known.append(_CachedRow(key, self._rows.get(key), listed))
            self._rows[table.name, code] = row
            self.read.pop((table.name, code), None)
            if table.name in self._codes:
                self._codes[table.name].add(code)

    def flush_in_background(self) -> None:
        """Put everything down, lines before their entries as the seal wants it, while the caller goes on.

        What the database has against it is said at the latest when the batch ends.
        """
        if self.cached_only:
            for sums in self.sums:
                sums.moved.clear()
            return
        statements = self._taken()
        self._wait()
        self._being_written = self._writer.submit(_execute, self.books, statements)

    def flush(self) -> None:
        """Put everything down now."""
        self._wait()
        _execute(self.books, self._taken())

    # -- what is only tried

    def trial(self) -> _CachedSavepoint:
        """Take nothing of what an error ends.

        Raises AsksTheBooks when the database is asked meanwhile: it would be told what may be taken back.
        """
        return _CachedSavepoint(self)

    def undoing(self, undo: Callable[[], object]) -> None:
        """Say how to undo what was done at hand, in case it is only tried."""
        if self._trial is not None:
            self._trial.undoing.append(undo)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Take nothing of what an error ends, which may ask the database: all else is put down before."""
        self.flush()
        before, savepoint = self.head, self.books.begin_nested()
        try:
            yield
            self.flush()
        except BaseException:
            # First: a rollback is a statement, too, before which everything would be put down.
            self.drop()
            self.head = before
            savepoint.rollback()
            raise
        savepoint.commit()

    def drop(self) -> None:
        """Write nothing of what was taken, and keep nothing at hand."""
        self._lines, self._entries, self._learnt = [], [], {}
        self._forget()

    def _taken(self) -> list[TableWrite]:
        """What writes everything that was taken."""
        rows: dict[Table, list[Any]] = {line_table: self._lines, entry_table: self._entries, **self._learnt}
        statements: list[TableWrite] = [(table, new, "") for table, new in rows.items()]
        statements += [(sums.table, sums.take_moved(), sums.overwriting) for sums in self.sums]
        self._lines, self._entries, self._learnt = [], [], {}
        return statements

    def _wait(self) -> None:
        """Until what is being put down is in the database; raises what the database has against it."""
        written, self._being_written = self._being_written, None
        if written is not None:
            written.result()

    def forget(self) -> None:
        """Put everything down and keep nothing at hand: something was changed that was read before."""
        self.flush()
        self._forget()

    def _forget(self) -> None:
        self._rows, self._codes, self.sums, self.rates, self.read = {}, {}, (), {}, {}
        self.open_months = set()

    def close(self) -> None:
        """Let go of the writer, whatever became of its work."""
        self._writer.shutdown()

    def _before(self, *_: object) -> None:
        # Whoever asks the database finds everything there, and nobody else at work on the connection.
        if self._asking:
            self._wait()
        elif self.cached_only or self._trial is not None:
            raise NeedsDatabase
        else:
            self.flush()


@cache
def _maker(table: Table) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Makes a row of a register, as one that was read, from its values by name."""
    names = [column.name for column in table.c]
    row = namedtuple("row", names)  # type: ignore[misc]
    in_order = itemgetter(*names)
    return lambda values: row._make(in_order(values))


def _execute(books: Connection, statements: list[TableWrite]) -> None:
    for table, rows, on_conflict in statements:
        write_rows(books, table, rows, on_conflict)


_CURRENT: ContextVar[UnitOfWork | None] = ContextVar("batch", default=None)


def current_unit_of_work(books: Connection) -> UnitOfWork | None:
    """The batch that is being recorded over this connection, if any."""
    batch = _CURRENT.get()
    return batch if batch is not None and batch.books is books else None


def query_without_flush(books: Connection, load: Callable[[], T]) -> T:
    """Ask the database, in a batch or not, for what no pending write can change."""
    batch = current_unit_of_work(books)
    answer: T = load() if batch is None else batch.ask(load)
    return answer


@contextmanager
def unit_of_work(books: Connection) -> Iterator[UnitOfWork]:
    """Record a batch; what is pending at the end is written, unless an error ends it."""
    batch = UnitOfWork(books)
    current = _CURRENT.set(batch)
    event.listen(books, "before_execute", batch._before)
    try:
        with infrequent_gc():
            yield batch
            batch.flush()
    finally:
        batch.close()
        event.remove(books, "before_execute", batch._before)
        _CURRENT.reset(current)


def all_codes(books: Connection, table: Table) -> list[str]:
    """Every code of a register that is not taken back."""
    return list(books.execute(select(table.c.code).where(table.c.reversed_by == 0)).scalars())
