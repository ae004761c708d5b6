"""Reading what people may have erased: on a server, their tables are locked before anything is seen.

An erasure on PostgreSQL empties a table with TRUNCATE, as only that leaves nothing in the table's file. A
transaction that began to see the book before it would find the table empty, without the rows that were kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from ledger.storage.schema import PERSONAL, metadata


@contextmanager
def one_state(engine: Engine, *, personal: bool = False) -> Iterator[Connection]:
    """A connection that sees one unchanging state of the book; of personal data only if that is asked for.

    Who erases on a server waits until a transaction that sees personal data has ended.
    """
    with engine.connect() as books:
        tables = _personal_tables(books) if personal and engine.dialect.name == "postgresql" else []
        with books.begin():
            if tables:  # the first statement: no other may see the book before it
                books.exec_driver_sql(f"LOCK TABLE {', '.join(tables)} IN ACCESS SHARE MODE")
            yield books


def _personal_tables(books: Connection) -> list[str]:
    """Those that this book has: an older one may lack some. To ask is to see, so it is done before."""
    with books.begin():
        there = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        found = set(books.exec_driver_sql(there).scalars())
    return sorted(name for name, table in metadata.tables.items() if table.info == PERSONAL and name in found)
