"""Registers: what was known at an entry and on a day, the entry and the day themselves included."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from donors.agreement.pledge import pledge as pledges
from ledger import NOW, Book, EntryReversed, NotFound, Refused
from ledger.projections.registers import as_known, as_known_on, find, require_new
from tests.support.small_books import LATER, pledge, tell

DAY = timedelta(days=1)


@pytest.fixture
def entries(book: Book) -> tuple[int, int]:
    """The entry that recorded a pledge, and the one that took it back in March."""
    (made,) = tell(book, pledge("P1"))
    tell(book, pledge("P2"))
    (back,) = tell(book, EntryReversed(on=LATER, entry=made.seq, reason="a mistake"))
    return made.seq, back.seq


def known(book: Book, known_at: int, effective_to: date | None = None) -> list[str]:
    stands = (
        as_known(pledges, known_at) if effective_to is None else as_known_on(pledges, effective_to, known_at)
    )
    with book.reading() as books:
        return list(books.execute(select(pledges.c.code).where(stands).order_by(pledges.c.seq)).scalars())


def test_a_row_is_known_from_its_entry_to_the_one_before_its_reversal(
    book: Book, entries: tuple[int, int]
) -> None:
    made, back = entries
    assert known(book, made - 1) == []
    assert known(book, made) == ["P1"]
    assert known(book, made + 1) == known(book, back - 1) == ["P1", "P2"]
    assert known(book, back) == known(book, NOW) == ["P2"]


def test_a_row_stands_until_the_day_before_it_was_taken_back(book: Book, entries: tuple[int, int]) -> None:
    made, back = entries
    assert known(book, NOW, LATER - DAY) == known(book, back, LATER - DAY) == ["P1", "P2"]
    assert known(book, NOW, LATER) == known(book, NOW, LATER + DAY) == known(book, NOW, date.max) == ["P2"]
    assert known(book, back - 1, LATER) == known(book, back - 1, date.max) == ["P1", "P2"]
    assert known(book, made, LATER - DAY) == ["P1"]
    assert known(book, made - 1, LATER - DAY) == []


def test_a_row_is_found_as_it_was_known(book: Book, entries: tuple[int, int]) -> None:
    made, back = entries
    with book.reading() as books:
        assert find(books, pledges, "pledge", "P1", back - 1).seq == made
        for known_at in (made - 1, back, NOW):
            with pytest.raises(NotFound, match="There is no pledge 'P1' in this book"):
                find(books, pledges, "pledge", "P1", known_at)


def test_a_code_is_taken_until_it_is_taken_back(book: Book, entries: tuple[int, int]) -> None:
    with book.recording() as journal:
        require_new(journal.books, pledges, "pledge", "P1")
        with pytest.raises(Refused, match="There is a pledge 'P2' already: choose another code"):
            require_new(journal.books, pledges, "pledge", "P2")
        with pytest.raises(Refused, match="There is an offer 'P2' already"):
            require_new(journal.books, pledges, "offer", "P2")
