"""What is outstanding in a statement: how long it is overdue, counted from the day it was to come."""

from __future__ import annotations

from datetime import date

import pytest

from donors import Instalment
from ledger import AsOf, Book
from reports import build_statement
from tests.support.small_books import NOV, TERM, agreement, pledge, tell

EXPECTED, DUE = date(2022, 3, 1), date(2022, 2, 1)


@pytest.mark.parametrize(
    ("on", "pledged", "owed"),
    [
        (NOV, 0, 0),
        (date(2022, 2, 1), 0, 0),
        (date(2022, 2, 2), 0, 1),
        (date(2022, 3, 1), 0, 28),
        (date(2022, 3, 2), 1, 29),
        (date(2022, 3, 31), 30, 58),
    ],
)
def test_days_overdue_are_counted_from_the_day_the_money_was_to_come(
    book: Book, on: date, pledged: int, owed: int
) -> None:
    """Both were recorded in November: that day does not count."""
    parts = (Instalment(due_on=DUE, minor=10_000_00),)
    tell(book, pledge("P1", 1_000_00, "USD"), agreement("A1", instalments=parts))
    with book.reading() as books:
        statement = build_statement(books, "CITY", TERM, AsOf.now(books, on), "en")
    found = {(each.kind, each.due_on): each.days_overdue for each in statement.outstanding}
    assert found == {("pledge", EXPECTED): pledged, ("receivable", DUE): owed}
