"""Lines as the tests of events write them, and what every event must leave behind it."""

from __future__ import annotations

from datetime import date

from ledger import CHART, AsOf, Book, EntryReversed, Event, Line, lines_of, replay, trial_balance, verify
from ledger.projections.balances import TABLES
from tests.support.small_books import dump, file_of, tell

FOREVER = date(2999, 12, 31)


def shown(line: Line) -> str:
    """A line in short: account, dimensions, amount in minor units, its value in USD cents if it is other."""
    marks = " ".join(mark for mark in line[2:7] if mark)
    value = "" if line.currency == "USD" else f" worth {line.usd:+}"
    return " ".join(f"{line.account} {marks} {line.amount:+} {line.currency}{value}".split())


def posted_by(book: Book, event: Event) -> list[str]:
    """Record an event and show its lines."""
    (sealed,) = tell(book, event)
    with book.reading() as books:
        return [shown(line) for line in lines_of(books, sealed.seq)]


def standing_sums(book: Book) -> dict[str, list[str]]:
    """The registers of sums, without the rows that are zero and without the entry that moved them last."""
    tables = dump(file_of(book))
    return {
        table.name: [row.rpartition(",")[0] for row in tables[table.name] if set(_figures(row)) != {"0"}]
        for table in TABLES
    }


def _figures(row: str) -> list[str]:
    return [part for part in row.strip("()").split(", ")[:-1] if not part.startswith("b'")]


def require_reversible(book: Book, event: Event) -> None:
    """An event that is taken back leaves every sum as it was, and a book that replays."""
    before = standing_sums(book)
    (sealed,) = tell(book, event)
    assert standing_sums(book) != before
    tell(book, EntryReversed(on=event.on, entry=sealed.seq, reason="example"))
    assert standing_sums(book) == before
    require_sound(book)


def require_sound(book: Book) -> None:
    """The book verifies and replays, and assets are liabilities less use."""
    assert verify(book).findings == []
    assert replay(book).findings == []
    with book.reading() as books:
        rows = trial_balance(books, AsOf.now(books, FOREVER))
    assert sum(row.usd for row in rows if CHART[row.account].account_class != "memo") == 0
    assert sum(row.usd for row in rows if CHART[row.account].account_class == "memo") == 0
