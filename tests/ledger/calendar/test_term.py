"""Terms: from their first day to their last, both included, and what came over from the one before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from allocation import TermClosed
from ledger import (
    BadInput,
    Book,
    NotFound,
    Refused,
    TermOpened,
    current_term,
    get_term,
    head,
    require_in_term,
    require_open_term,
    terms,
    terms_into,
)
from ledger.calendar.term import TARGET_CENTS
from tests.support.small_books import NOV, TERM, gift, tell

FIRST, LAST = date(2021, 11, 1), date(2023, 10, 31)
DAY = timedelta(days=1)
EARLIER, EARLIEST = "2019-2021", "2017-2019"


def opened(code: str, year: int) -> TermOpened:
    """A term of two years that begins in November of a year."""
    return TermOpened(on=NOV, code=code, starts_on=date(year, 11, 1), ends_on=date(year + 2, 10, 31))


def closed(term: str, into: str, on: date) -> TermClosed:
    return TermClosed(on=on, reference=f"C-{term}", term=term, into=into)


# ---- its days


@pytest.mark.parametrize("on", [FIRST, FIRST + DAY, LAST - DAY, LAST])
def test_a_term_takes_money_from_its_first_day_to_its_last(book: Book, on: date) -> None:
    with book.reading() as books:
        assert require_in_term(books, TERM, on, "A grant").code == TERM


def test_money_of_the_last_day_is_in_the_books(book: Book) -> None:
    (sealed,) = tell(book, gift("LAST", 100, on=LAST))
    assert (sealed.effective_on, sealed.line_count) == (LAST.isoformat(), 2)


@pytest.mark.parametrize("on", [FIRST - DAY, LAST + DAY])
def test_a_day_outside_is_refused_with_the_days_of_the_term(book: Book, on: date) -> None:
    said = f"A grant on {on} is outside the term {TERM}, which runs from {FIRST} to {LAST}"
    with book.reading() as books, pytest.raises(Refused, match=said):
        require_in_term(books, TERM, on, "A grant")


@pytest.mark.parametrize(("ends_on", "refused"), [(NOV + DAY, False), (NOV, True), (NOV - DAY, True)])
def test_a_term_ends_after_it_starts(ends_on: date, refused: bool) -> None:
    if not refused:
        assert TermOpened.make(on=NOV, code="T", starts_on=NOV, ends_on=ends_on).ends_on == ends_on
        return
    with pytest.raises(BadInput, match="a term must end after it starts"):
        TermOpened.make(on=NOV, code="T", starts_on=NOV, ends_on=ends_on)


def test_the_target_is_a_million_unless_another_is_given(book: Book) -> None:
    with book.reading() as books:
        assert get_term(books, TERM).target == TARGET_CENTS == 1_000_000_00
    assert TermOpened.make(on=NOV, code="T", starts_on=FIRST, ends_on=LAST, target=1).target == 1
    with pytest.raises(BadInput, match="target"):
        TermOpened.make(on=NOV, code="T", starts_on=FIRST, ends_on=LAST, target=0)
    with pytest.raises(BadInput, match="code"):
        TermOpened.make(on=NOV, code="", starts_on=FIRST, ends_on=LAST)


# ---- one after the other


def test_terms_are_listed_from_the_earliest_on_and_each_has_a_code_of_its_own(book: Book) -> None:
    tell(book, opened(EARLIER, 2019))
    with pytest.raises(Refused, match=EARLIER):
        tell(book, opened(EARLIER, 2017))
    with book.reading() as books:
        assert [each.code for each in terms(books)] == [EARLIER, TERM]


def test_what_is_left_in_a_closed_term_stands_in_the_one_after(book: Book) -> None:
    given = gift("BEFORE", 100, on=date(2019, 10, 1)).model_copy(update={"term": EARLIEST})
    tell(book, opened(EARLIER, 2019), opened(EARLIEST, 2017), given)
    (first,) = tell(book, closed(EARLIEST, EARLIER, date(2019, 10, 31)))
    (second,) = tell(book, closed(EARLIER, TERM, date(2021, 10, 31)))
    with book.reading() as books:
        assert [current_term(books, code) for code in (EARLIEST, EARLIER, TERM)] == [TERM] * 3
        assert current_term(books, EARLIEST, first.seq) == EARLIER
        assert current_term(books, EARLIEST, first.seq - 1) == EARLIEST
        assert terms_into(books, TERM) == [TERM, EARLIER, EARLIEST]
        assert terms_into(books, EARLIER) == [EARLIER, EARLIEST]
        assert terms_into(books, TERM, first.seq) == [TERM]
        assert terms_into(books, EARLIER, first.seq) == [EARLIER, EARLIEST]
        assert head(books).seq == second.seq


def test_a_closed_term_takes_no_money_and_the_open_one_is_named(book: Book) -> None:
    given, late = (
        gift(code, 100, on=date(2021, 10, 1)).model_copy(update={"term": EARLIER})
        for code in ("BEFORE", "LATE")
    )
    tell(book, opened(EARLIER, 2019), given, closed(EARLIER, TERM, date(2021, 10, 31)))
    said = f"The term {EARLIER} is closed: use the term {TERM}, to which it was carried over"
    with book.recording() as journal:
        with pytest.raises(Refused, match=said):
            require_open_term(journal.books, EARLIER)
        assert require_open_term(journal.books, TERM).code == TERM
    with pytest.raises(Refused, match=said):
        tell(book, late)
    # The same for many at once, which ask what is known in memory.
    with book.recording() as journal, pytest.raises(Refused, match=said):
        journal.record_many([late], made_by="finance officer", approved_by="director")


def test_a_term_that_is_not_there_is_named(book: Book) -> None:
    with book.reading() as books, pytest.raises(NotFound, match="There is no term '2035-2037'"):
        require_in_term(books, "2035-2037", NOV, "A grant")
