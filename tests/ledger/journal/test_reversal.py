"""Corrections after a term was closed: its money is in the next term, so nothing is taken back in it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ledger import Book, EntryReversed, Refused, verify
from ledger.storage.schema import entry
from tests.support.small_books import CHECKER, MAKER, gift, tell


def seq_of(book: Book, kind: str) -> int:
    """The first entry of a kind."""
    with book.reading() as books:
        found = books.execute(select(entry.c.seq).where(entry.c.kind == kind).order_by(entry.c.seq))
        return int(found.scalars().first() or 0)


def in_closed_term(book: Book) -> int:
    """The contribution to the term that the small book closes."""
    with book.reading() as books:
        found = books.execute(select(entry.c.seq).where(entry.c.key.like("contribution:%U-0")))
        return int(found.scalar_one())


def take_back(book: Book, seq: int) -> None:
    with book.recording() as journal:
        event = EntryReversed(on=date(2022, 3, 2), entry=seq, reason="a mistake")
        journal.record(event, made_by=MAKER, approved_by=CHECKER)


def test_nothing_is_taken_back_in_a_closed_term(played: Book) -> None:
    with pytest.raises(Refused, match="is closed: use the term"):
        take_back(played, in_closed_term(played))
    assert verify(played).sound


def test_the_closing_of_a_term_can_be_taken_back_and_then_its_entries(played: Book) -> None:
    take_back(played, seq_of(played, "term closed"))
    take_back(played, in_closed_term(played))
    assert verify(played).sound


def test_nothing_is_taken_back_before_it_was(book: Book) -> None:
    (sealed,) = tell(book, gift("G-1", 50_00))
    early = EntryReversed(on=date(2021, 11, 9), entry=sealed.seq, reason="a mistake")
    with pytest.raises(
        Refused, match="took effect on 2021-11-10: reverse it on that day or later, not on 2021"
    ):
        tell(book, early)


@pytest.mark.parametrize("many", [False, True])
def test_what_was_taken_back_is_not_answered_as_if_it_stood(book: Book, many: bool) -> None:
    told = gift("G-AGAIN", 50_00)
    (sealed,) = tell(book, told)
    take_back(book, sealed.seq)
    with book.recording() as journal, pytest.raises(Refused, match=f"entry {sealed.seq}, which entry"):
        if many:
            journal.record_many([told], made_by=MAKER, approved_by=CHECKER)
        else:
            journal.record(told, made_by=MAKER, approved_by=CHECKER)
