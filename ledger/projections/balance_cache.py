"""The balance cache: rows of a table of balances, read once, changed in memory and written back together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, bindparam, select, tuple_

from ledger.storage.unit_of_work import UnitOfWork

_KEYS_AT_ONCE = 1000
"""How many keys one statement names; each column of each is a parameter, of which SQLite takes 32,766."""

Key = tuple[str, ...]
Figures = list[int]
"""The figures of a row of balances; the number of the entry that changed it last stands at the end."""


class BalanceTable(NamedTuple):
    """A table of balances: the columns that identify a row, and the figures it keeps."""

    table: Table
    keys: tuple[str, ...]
    figures: tuple[str, ...]
    owner: int
    """Index into `keys` of the column by which the rows of a first key are grouped for look-up."""


class BalanceCache(dict[Key, Figures]):
    """Rows of a table of balances by key, read when asked for; a row that does not exist is zeros.

    In a unit of work, which will ask for more, all rows of a first key are read at once.
    """

    def __init__(self, books: Connection, balances: BalanceTable, work: UnitOfWork | None = None) -> None:
        super().__init__()
        self._books = books
        self._balances = balances
        self._work = work
        self._complete: set[str] = set()
        """The first keys whose rows are all cached."""
        self._by_owner: dict[str, dict[str, dict[Key, Figures]]] = {}
        """The rows of the first keys that `rows_of` was asked for, by owner."""
        self.changed: dict[Key, Figures] = {}
        """The rows that are to be written."""

    def __missing__(self, key: Key) -> Figures:
        if self._work is not None and key[0] not in self._complete:
            self._read_all(key[0])
            if key in self:
                return self[key]
        return self._keep(key, [0] * len(self._balances.figures))

    def fetch(self, keys: Iterable[Key]) -> None:
        """Read the rows with these keys, and no others."""
        waiting = iter(keys)
        while chunk := list(islice(waiting, _KEYS_AT_ONCE)):
            self._read(_with_keys(self._balances), {"keys": chunk})

    def rows_of(self, first: str, owner: str | None) -> Mapping[Key, Figures]:
        """In a unit of work: the rows of a first key, of one owner or (None) of all."""
        if first not in self._by_owner:
            self._group_by_owner(first)
        owners = self._by_owner[first]
        if owner is not None:
            return owners.get(owner, {})
        return {key: row for rows in owners.values() for key, row in rows.items()}

    def take_changed(self) -> list[tuple[str | int, ...]]:
        """The rows changed since the last call, with their figures now."""
        rows: list[tuple[str | int, ...]] = [(*key, *figures) for key, figures in self.changed.items()]
        self.changed = {}
        return rows

    @property
    def table(self) -> Table:
        """The table the rows belong to."""
        return self._balances.table

    @property
    def on_conflict(self) -> str:
        """The ON CONFLICT clause that makes the INSERT of a changed row overwrite the existing one.

        It writes the new figure, not a difference: a CHECK is also applied to the row proposed for an upsert,
        and a difference may be negative where the balance is not. The writer holds the book's lock.
        """
        changed = ", ".join(f"{name} = excluded.{name}" for name in (*self._balances.figures, "seq"))
        return f"ON CONFLICT ({', '.join(self._balances.keys)}) DO UPDATE SET {changed}"

    def _group_by_owner(self, first: str) -> None:
        if first not in self._complete:
            self._read_all(first)
        owners = self._by_owner[first] = {}
        for key, row in self.items():
            if key[0] == first:
                owners.setdefault(key[self._balances.owner], {})[key] = row

    def _read_all(self, first: str) -> None:
        self._complete.add(first)
        if self._work is not None:
            query = _with_first_key(self._balances)
            self._work.query_without_flush(lambda: self._read(query, {"first": first}))

    def _read(self, query: Select[Any], of: Mapping[str, Any]) -> None:
        width = len(self._balances.keys)
        for row in self._books.execute(query, of):
            self._keep(tuple(row[:width]), list(row[width:]))

    def _keep(self, key: Key, figures: list[int]) -> Figures:
        row = self[key] = [*figures, 0]
        owners = self._by_owner.get(key[0])
        if owners is not None:
            owners.setdefault(key[self._balances.owner], {})[key] = row
        return row


# Built once: building a query costs as much as running it.


@cache
def _with_keys(balances: BalanceTable) -> Select[Any]:
    keys = tuple_(*(balances.table.c[name] for name in balances.keys))
    return _rows(balances).where(keys.in_(bindparam("keys", expanding=True)))


@cache
def _with_first_key(balances: BalanceTable) -> Select[Any]:
    return _rows(balances).where(balances.table.c[balances.keys[0]] == bindparam("first"))


def _rows(balances: BalanceTable) -> Select[Any]:
    return select(*(balances.table.c[name] for name in (*balances.keys, *balances.figures)))
