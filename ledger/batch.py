"""A batch: many events recorded in one transaction, with what they read kept at hand and what they write put
down together.

Postings and registers notice nothing of it: the functions that find a row, a balance or a rate ask the batch
first. Whoever asks the database itself has everything put down before, so nobody ever reads what is old.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Table, event, select

from ledger.encoding import Line, Sealed
from ledger.schema import entry as entry_table
from ledger.schema import line as line_table

Figures = list[int]
"""The figures of a row of sums; the number of the entry that moved it last stands at the end."""


class Batch:
    """What a batch has read and not forgotten, and what it will write."""

    def __init__(self, books: Connection) -> None:
        self.books = books
        self._busy = False
        self._lines: list[tuple[Any, ...]] = []
        self._entries: list[Sealed] = []
        self._learnt: dict[Table, list[tuple[Any, ...]]] = {}
        self._rows: dict[tuple[str, str], Any] = {}
        self._codes: dict[str, set[str]] = {}
        self.sums: dict[tuple[str, str], dict[str, dict[tuple[str, ...], Figures]]] = {}
        """By register and account (or term), then by agreement (or month), the figures of each row."""
        self.moved: dict[str, dict[tuple[str, ...], Figures]] = {}
        """The rows of `sums` that are not written yet."""
        self.rates: dict[tuple[str, date], Fraction] = {}
        self.read: dict[tuple[str, str], Any] = {}
        """Rows of registers as their readers made them, by table and code."""
        self.open_days: set[date] = set()
        self.writers: dict[str, Any] = {}

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
        busy, self._busy = self._busy, True
        try:
            return load()
        finally:
            self._busy = busy

    # -- what is to be written

    def write(self, sealed: Sealed, lines: list[Line]) -> None:
        """Take an entry and its lines."""
        self._entries.append(sealed)
        self._lines += [(sealed.seq, number, *line) for number, line in enumerate(lines, start=1)]

    def learn(self, table: Table, values: dict[str, Any]) -> None:
        """Take a row of a register."""
        self._learnt.setdefault(table, []).append(tuple(values[column.name] for column in table.c))
        code = values.get("code")
        if code is not None:
            self._rows[table.name, code] = SimpleNamespace(**values)
            if table.name in self._codes:
                self._codes[table.name].add(code)

    @property
    def head(self) -> Sealed | None:
        """The last entry taken and not written, if any."""
        return self._entries[-1] if self._entries else None

    def flush(self) -> None:
        """Put everything down: lines before their entries, as the seal wants it."""
        if self._busy:
            return
        self._busy = True
        try:
            self._insert(line_table, self._lines)
            self._insert(entry_table, self._entries)
            for table, rows in self._learnt.items():
                self._insert(table, rows)
            for name, moved in self.moved.items():
                self.writers[name](moved)
        finally:
            self._busy = False
        self._lines, self._entries, self._learnt, self.moved = [], [], {}, {}

    def forget(self) -> None:
        """Put everything down and keep nothing at hand: something was changed that was read before."""
        self.flush()
        self._rows, self._codes, self.sums, self.rates, self.read = {}, {}, {}, {}, {}
        self.open_days = set()

    def _insert(self, table: Table, rows: list[Any]) -> None:
        if rows:
            self.books.exec_driver_sql(insert_sql(self.books, table), rows)

    def _before(self, *_: object) -> None:
        self.flush()


def insert_sql(books: Connection, table: Table) -> str:
    """An INSERT of whole rows in the driver's own manner: the quickest way in, on both engines."""
    quote = books.dialect.identifier_preparer.quote
    mark = "?" if books.dialect.name == "sqlite" else "%s"
    names = ", ".join(quote(column.name) for column in table.c)
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({', '.join([mark] * len(table.c))})"


_CURRENT: ContextVar[Batch | None] = ContextVar("batch", default=None)


def batch_of(books: Connection) -> Batch | None:
    """The batch that is being recorded over this connection, if any."""
    batch = _CURRENT.get()
    return batch if batch is not None and batch.books is books else None


@contextmanager
def batching(books: Connection) -> Iterator[Batch]:
    """Record a batch; what is pending at the end is written, unless an error ends it."""
    batch = Batch(books)
    current = _CURRENT.set(batch)
    event.listen(books, "before_execute", batch._before)
    try:
        yield batch
        batch.flush()
    finally:
        event.remove(books, "before_execute", batch._before)
        _CURRENT.reset(current)


def all_codes(books: Connection, table: Table) -> list[str]:
    """Every code of a register that is not taken back."""
    return list(books.execute(select(table.c.code).where(table.c.reversed_by == 0)).scalars())
