"""Sums at hand: the rows of a register of sums that are being moved, read once and written back together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, bindparam, select, tuple_

from ledger.storage.unit_of_work import UnitOfWork

Key = tuple[str, ...]
Figures = list[int]
"""The figures of a row of sums; the number of the entry that moved it last stands at the end."""


class BalanceTable(NamedTuple):
    """A register of sums: its table, the columns that identify a row, and the figures it keeps."""

    table: Table
    keys: tuple[str, ...]
    figures: tuple[str, ...]
    owner: int
    """Of its keys, the place of the one by which the rows of a first key are told apart quickly."""


class BalanceCache(dict[Key, Figures]):
    """The rows of a register by their keys, read when they are asked for and of nothing where there are none.

    A batch, which will ask for more, reads all rows of a first key at once.
    """

    def __init__(self, books: Connection, register: BalanceTable, batch: UnitOfWork | None = None) -> None:
        super().__init__()
        self._books = books
        self._register = register
        self._batch = batch
        self._complete: set[str] = set()
        """The first keys of which all rows are at hand."""
        self._owned: dict[str, dict[str, dict[Key, Figures]]] = {}
        """The rows of first keys that were asked for as a whole, by owner."""
        self.moved: dict[Key, Figures] = {}
        """The rows that are to be written."""

    def __missing__(self, key: Key) -> Figures:
        if self._batch is not None and key[0] not in self._complete:
            self._read_all(key[0])
            if key in self:
                return self[key]
        return self._keep(key, [0] * len(self._register.figures))

    def fetch(self, keys: Iterable[Key]) -> None:
        """Read the rows with these keys, and no others."""
        self._read(_with_keys(self._register), {"keys": list(keys)})

    def of(self, first: str, owner: str | None) -> Mapping[Key, Figures]:
        """In a batch: the rows of a first key, of one owner or of all."""
        if first not in self._owned:
            self._own(first)
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
    def table(self) -> Table:
        """Where the rows are."""
        return self._register.table

    @property
    def overwriting(self) -> str:
        """What makes an INSERT of a row that was moved overwrite the one that is there.

        It writes the new figure, not a difference: a CHECK is also applied to the row proposed for an upsert,
        and a difference may be negative where the balance is not. The writer holds the book's lock.
        """
        changed = ", ".join(f"{name} = excluded.{name}" for name in (*self._register.figures, "seq"))
        return f"ON CONFLICT ({', '.join(self._register.keys)}) DO UPDATE SET {changed}"

    def _own(self, first: str) -> None:
        if first not in self._complete:
            self._read_all(first)
        owners = self._owned[first] = {}
        for key, row in self.items():
            if key[0] == first:
                owners.setdefault(key[self._register.owner], {})[key] = row

    def _read_all(self, first: str) -> None:
        self._complete.add(first)
        if self._batch is not None:
            self._batch.ask(lambda: self._read(_with_first_key(self._register), {"first": first}))

    def _read(self, query: Select[Any], of: Mapping[str, Any]) -> None:
        width = len(self._register.keys)
        for row in self._books.execute(query, of):
            self._keep(tuple(row[:width]), list(row[width:]))

    def _keep(self, key: Key, figures: list[int]) -> Figures:
        row = self[key] = [*figures, 0]
        owners = self._owned.get(key[0])
        if owners is not None:
            owners.setdefault(key[self._register.owner], {})[key] = row
        return row


# Put together once: that costs as much as asking the database.


@cache
def _with_keys(register: BalanceTable) -> Select[Any]:
    keys = tuple_(*(register.table.c[name] for name in register.keys))
    return _rows(register).where(keys.in_(bindparam("keys", expanding=True)))


@cache
def _with_first_key(register: BalanceTable) -> Select[Any]:
    return _rows(register).where(register.table.c[register.keys[0]] == bindparam("first"))


def _rows(register: BalanceTable) -> Select[Any]:
    return select(*(register.table.c[name] for name in (*register.keys, *register.figures)))
