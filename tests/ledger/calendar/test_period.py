"""Periods: into a closed month or year no money moves, whichever way it is tried."""

from __future__ import annotations

from datetime import date

import pytest

from donors import DonorRegistered
from ledger import (
    BadInput,
    Book,
    EntryReversed,
    PeriodClosed,
    PeriodReopened,
    Refused,
    last_day,
    periods,
    times_closed,
    verify,
)
from tests.support.small_books import DEC, LATER, NOV, gift, tell

REOPEN = "an invoice was late"


def close(period: str, on: date = LATER, times: int = 1) -> PeriodClosed:
    return PeriodClosed(on=on, period=period, times=times)


def reopen(period: str, times: int = 1) -> PeriodReopened:
    return PeriodReopened(on=LATER, period=period, times=times, reason=REOPEN)


@pytest.mark.parametrize(("period", "shut", "open_"), [("2021-11", NOV, DEC), ("2021", DEC, LATER)])
def test_a_closed_period_takes_no_money(book: Book, period: str, shut: date, open_: date) -> None:
    tell(book, gift("BEFORE", 100, on=shut), close(period))
    with pytest.raises(Refused, match=f"{shut} lies in the closed period {period}"):
        tell(book, gift("AFTER", 100, on=shut))
    tell(book, gift("AFTER", 100, on=open_))
    with book.reading() as books:
        assert periods(books) == [(period, "closed")]


def test_what_moves_no_money_may_be_dated_into_a_closed_period(book: Book) -> None:
    donor = DonorRegistered(on=NOV, code="NEW", name="Example city", type="city")
    (_, sealed) = tell(book, close("2021-11"), donor)
    assert (sealed.effective_on, sealed.line_count) == (NOV.isoformat(), 0)


@pytest.mark.parametrize(
    ("period", "last"),
    [("2021-11", date(2021, 11, 30)), ("2024-02", date(2024, 2, 29)), ("2021", date(2021, 12, 31))],
)
def test_a_period_is_closed_once_it_has_ended(book: Book, period: str, last: date) -> None:
    assert last_day(period) == last
    with pytest.raises(Refused, match="it has not ended"):
        tell(book, close(period, on=last.replace(day=last.day - 1)))
    tell(book, close(period, on=last))


def test_a_period_is_reopened_and_closed_again(book: Book) -> None:
    tell(book, close("2021-11"), reopen("2021-11"), gift("LATE", 100))
    with book.reading() as books:
        assert (periods(books), times_closed(books, "2021-11")) == ([("2021-11", "open")], 1)
    tell(book, close("2021-11", times=2))
    with pytest.raises(Refused, match="closed period 2021-11"):
        tell(book, gift("LATER", 100))
    with book.reading() as books:
        assert (periods(books), times_closed(books, "2021-11")) == ([("2021-11", "closed")], 2)
    assert verify(book).sound


def test_a_year_stays_shut_though_its_month_is_reopened(book: Book) -> None:
    tell(book, close("2021-11"), close("2021"), reopen("2021-11"))
    with pytest.raises(Refused, match="closed period 2021:"):
        tell(book, gift("LATE", 100))
    tell(book, reopen("2021"), gift("LATE", 100))


def test_closing_twice_or_opening_what_is_open_is_refused(book: Book) -> None:
    with pytest.raises(Refused, match="2021-11 is open already"):
        tell(book, reopen("2021-11"))
    tell(book, close("2021-11"))
    with pytest.raises(Refused, match="2021-11 is closed already"):
        tell(book, close("2021-11", times=2))


@pytest.mark.parametrize("period", ["2021-13", "2021-1", "21", "2021-11-01", "", "2021-00"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(BadInput, match="period: String should match"):
        PeriodClosed.make(on=LATER, period=period)


def test_a_mistake_in_a_closed_period_is_taken_back_in_an_open_one(book: Book) -> None:
    (wrong, _) = tell(book, gift("WRONG", 100), close("2021-11"))
    with pytest.raises(Refused, match="closed period 2021-11"):
        tell(book, EntryReversed(on=NOV, entry=wrong.seq, reason="not ours"))
    tell(book, EntryReversed(on=DEC, entry=wrong.seq, reason="not ours"))
