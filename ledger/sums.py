"""Sums at hand: the rows of a register of sums that are being moved, read once and written back together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, select, tuple_

from ledger.batch import Batch, insert_sql

Key = tuple[str, ...]
Figures = list[int]
"""The figures of a row of sums; the number of the entry that moved it last stands at the end."""


class Register(NamedTuple):
    """A register of sums: its table, the columns that identify a row, and the figures it keeps."""

    table: Table
    keys: tuple[str, ...]
    figures: tuple[str, ...]
    owner: int
    """Of its keys, the place of the one by which the rows of a first key are told apart quickly."""


class Sums(dict[Key, Figures]):
    """The rows of a register by their keys, read when they are asked for and of nothing where there are none.

    A batch, which will ask for more, reads all rows of a first key at once.
    """

    def __init__(self, books: Connection, register: Register, batch: Batch | None = None) -> None:
        super().__init__()
        self._books = books
        self._register = register
        self._batch = batch
        self._owned: dict[str, dict[str, dict[Key, Figures]]] = {}
        self.moved: dict[Key, Figures] = {}
        """The rows that are to be written."""

    def __missing__(self, key: Key) -> Figures:
        if self._batch is not None and key[0] not in self._owned:
            self._read_all(key[0])
            if key in self:
                return self[key]
        return self._keep(key, [0] * len(self._register.figures))

    def fetch(self, keys: Iterable[Key]) -> None:
        """Read the rows with these keys, and no others."""
        columns = [self._register.table.c[name] for name in self._register.keys]
        self._read(tuple_(*columns).in_(list(keys)))

    def of(self, first: str, owner: str | None) -> Mapping[Key, Figures]:
        """In a batch: the rows of a first key, of one owner or of all."""
        if first not in self._owned:
            self._read_all(first)
        owners = self._owned[first]
        if owner is not None:
            return owners.get(owner, {})
        return {key: row for rows in owners.values() for key, row in rows.items()}

    def take_moved(self) -> list[tuple[str | int, ...]]:
        """The rows that were moved since they were last taken, as they are now."""
        rows: list[tuple[str | int, ...]] = [(*key, *figures) for key, figures in self.moved.items()]
        self.moved = {}
        return rows

    @property
    def upsert(self) -> str:
        """The statement that writes rows that were moved.

        It writes the new figure, not a difference: a CHECK is also applied to the row proposed for an upsert,
        and a difference may be negative where the balance is not. The writer holds the book's lock.
        """
        changed = ", ".join(f"{name} = excluded.{name}" for name in (*self._register.figures, "seq"))
        conflict = f"ON CONFLICT ({', '.join(self._register.keys)}) DO UPDATE SET {changed}"
        return f"{insert_sql(self._books, self._register.table)} {conflict}"

    def _read_all(self, first: str) -> None:
        self._owned[first] = {}
        where = self._register.table.c[self._register.keys[0]] == first
        if self._batch is not None:
            self._batch.ask(lambda: self._read(where))

    def _read(self, where: ColumnElement[bool]) -> None:
        names = (*self._register.keys, *self._register.figures)
        width = len(self._register.keys)
        query = select(*(self._register.table.c[name] for name in names)).where(where)
        for row in self._books.execute(query):
            self._keep(tuple(row[:width]), list(row[width:]))

    def _keep(self, key: Key, figures: list[int]) -> Figures:
        row = self[key] = [*figures, 0]
        self._owned.setdefault(key[0], {}).setdefault(key[self._register.owner], {})[key] = row
        return row
