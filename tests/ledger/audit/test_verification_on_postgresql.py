"""Verification on PostgreSQL: what its owner changed with the seals off is found, and where."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import Column

from ledger import metadata, verify
from mdfm.books import open_at
from tests.support.engines import PLAYED, Server, raw_server

CONTRIBUTION = 16
"""The entry of a contribution in won: its first line has another amount than value."""

COLUMNS: list[Column[object]] = [column for name in ("entry", "line") for column in metadata.tables[name].c]


def another(column: Column[object]) -> str:
    """SQL for a value that the column does not have, and its CHECKs allow."""
    if column.name == "effective_on":
        return "'2022-12-10'"
    return f"{column.name} + 1000" if column.type.python_type is int else f"{column.name} || 'x'"


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_column_is_sealed(postgresql: Server, column: Column[object]) -> None:
    location = postgresql.fresh(PLAYED)
    table = column.table.name
    where = f"seq = {CONTRIBUTION}" if table == "entry" else f"entry = {CONTRIBUTION} AND no = 1"
    with raw_server(location) as owner:
        for statement in (
            "BEGIN",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"UPDATE {table} SET {column.name} = {another(column)} WHERE {where}",
            f"ALTER TABLE {table} ENABLE TRIGGER ALL",
            "COMMIT",
        ):
            assert owner.execute(statement.encode()).rowcount in (-1, 1)
    with closing(open_at(location)) as book:
        found = {finding.entry for finding in verify(book).findings}
    moved = CONTRIBUTION + 1 if column.name == "seq" else CONTRIBUTION
    assert moved in found
    postgresql.discard(location)
