"""A batch: many events recorded in one transaction, with what they read kept at hand and what they write put
down together.

Postings and registers notice nothing of it: the functions that find a row, a balance or a rate ask the batch
first. Whoever asks the database itself has everything put down before, so nobody ever reads what is old.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Table, event, select

from ledger.encoding import Line, Sealed
from ledger.rows import write_rows
from ledger.schema import entry as entry_table
from ledger.schema import line as line_table

Statement = tuple[Table, list[Any], str]
"""A table, rows to write into it, and what to do where a row is there already."""


class Batch:
    """What a batch has read and not forgotten, and what it will write."""

    def __init__(self, books: Connection) -> None:
        self.books = books
        self.head: Sealed | None = None
        """The last entry that was taken, if any."""
        self._asking = False
        self._writer = ThreadPoolExecutor(1)
        self._being_written: Future[None] | None = None
        self._lines: list[tuple[Any, ...]] = []
        self._entries: list[Sealed] = []
        self._learnt: dict[Table, list[tuple[Any, ...]]] = {}
        self._rows: dict[tuple[str, str], Any] = {}
        self._codes: dict[str, set[str]] = {}
        self.sums: tuple[Any, ...] = ()
        """The registers of sums as far as they were read (`ledger.sums`)."""
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
        self._learnt.setdefault(table, []).append(tuple(values[column.name] for column in table.c))
        code = values.get("code")
        if code is not None:
            self._rows[table.name, code] = SimpleNamespace(**values)
            self.read.pop((table.name, code), None)
            if table.name in self._codes:
                self._codes[table.name].add(code)

    def put_down(self) -> None:
        """Put everything down, lines before their entries as the seal wants it, while the caller goes on.

        What the database has against it is said at the latest when the batch ends.
        """
        statements = self._taken()
        self._wait()
        self._being_written = self._writer.submit(_execute, self.books, statements)

    def flush(self) -> None:
        """Put everything down now."""
        self._wait()
        _execute(self.books, self._taken())

    def _taken(self) -> list[Statement]:
        """What writes everything that was taken."""
        rows: dict[Table, list[Any]] = {line_table: self._lines, entry_table: self._entries, **self._learnt}
        statements: list[Statement] = [(table, new, "") for table, new in rows.items()]
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
        self._rows, self._codes, self.sums, self.rates, self.read = {}, {}, (), {}, {}
        self.open_months = set()

    def close(self) -> None:
        """Let go of the writer, whatever became of its work."""
        self._writer.shutdown()

    def _before(self, *_: object) -> None:
        # Whoever asks the database finds everything there, and nobody else at work on the connection.
        if self._asking:
            self._wait()
        else:
            self.flush()


def _execute(books: Connection, statements: list[Statement]) -> None:
    for table, rows, on_conflict in statements:
        write_rows(books, table, rows, on_conflict)


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
        batch.close()
        event.remove(books, "before_execute", batch._before)
        _CURRENT.reset(current)


def all_codes(books: Connection, table: Table) -> list[str]:
    """Every code of a register that is not taken back."""
    return list(books.execute(select(table.c.code).where(table.c.reversed_by == 0)).scalars())
