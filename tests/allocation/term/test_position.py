"""Positions: an agreement's money stands where its statement says, before and after a year or a term ends."""

from __future__ import annotations

from datetime import date

from allocation import Position, TermClosed, YearEnded, position
from donors import BankChargePaid, get_agreement
from ledger import Book, TermOpened
from tests.support.small_books import (
    DEC,
    TERM,
    agreement,
    allocation,
    contribution,
    grant,
    money,
    report,
    tell,
    tranche,
)

END, NEXT = date(2023, 10, 31), "2023-2025"


def stands(book: Book, code: str) -> Position:
    with book.reading() as books:
        return position(books, get_agreement(books, code))


def test_the_end_of_a_year_changes_nothing_and_the_close_of_a_term_brings_what_is_left(book: Book) -> None:
    tell(
        book,
        agreement("A1", amount=money("USD", 10_400_00), ends_on=date(2024, 10, 31)),
        contribution("C-1", "A1", "USD", 10_000_00),
        BankChargePaid(on=DEC, reference="F-1", term=TERM, bank_account="USD1", amount=money("USD", 100_00)),
        allocation("a" * 64, {"T-1": {"A1": 5_000_00}}),
        grant("G1", "T-1", 3_000_00),
        tranche("G1", "T-1", 2_000_00),
        report("G1", "R-1", travel=1_200_00),
    )
    then = Position(
        receivable=money("USD", 400_00),
        available_cents=4_900_00,
        allocated_cents=5_000_00,
        committed_cents=1_800_00,
        used_cents=1_200_00,
        charged_cents=100_00,
    )
    assert stands(book, "A1") == then
    tell(book, YearEnded(on=date(2021, 12, 31), reference="Y-1", term=TERM))
    assert stands(book, "A1") == then
    tell(
        book,
        TermOpened(on=DEC, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=END, reference="Z-1", term=TERM, into=NEXT),
    )
    assert stands(book, "A1") == Position(
        receivable=money("USD", 400_00),
        available_cents=4_900_00,
        allocated_cents=3_800_00,
        committed_cents=1_800_00,
        used_cents=0,
        charged_cents=0,
    )
