"""The days of agreements, of their instalments and of pledges: the first and the last of them count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from donors import AgreementSigned, Instalment, get_agreement
from ledger import BadInput, Book, Refused
from tests.support.small_books import DEC, NOV, agreement, contribution, money, pledge, tell

FIRST, LAST, TERM_ENDS = date(2021, 12, 1), date(2022, 5, 31), date(2023, 10, 31)
DAY = timedelta(days=1)


@pytest.fixture
def signed(book: Book) -> Book:
    tell(book, agreement("A1", starts_on=FIRST, ends_on=LAST))
    return book


@pytest.mark.parametrize("on", [FIRST, FIRST + DAY, LAST - DAY, LAST])
def test_an_agreement_takes_money_from_its_first_day_to_its_last(signed: Book, on: date) -> None:
    (sealed,) = tell(signed, contribution("C-1", "A1", "USD", 100, on))
    assert sealed.effective_on == on.isoformat()
    with signed.reading() as books:
        assert get_agreement(books, "A1").runs_on(on)


@pytest.mark.parametrize("on", [FIRST - DAY, LAST + DAY])
def test_a_day_outside_is_refused_with_the_days_of_the_agreement(signed: Book, on: date) -> None:
    with pytest.raises(
        Refused, match=f"outside the dates of agreement A1, which runs from {FIRST} to {LAST}"
    ):
        tell(signed, contribution("C-1", "A1", "USD", 100, on))
    with signed.reading() as books:
        assert not get_agreement(books, "A1").runs_on(on)


def test_an_agreement_may_be_of_one_day_and_does_not_end_before_it_starts() -> None:
    one_day = dict(agreement("A1", starts_on=FIRST, ends_on=FIRST))
    assert AgreementSigned.make(**one_day).ends_on == FIRST
    with pytest.raises(BadInput, match="must not end before it starts"):
        AgreementSigned.make(**one_day | {"ends_on": FIRST - DAY})


def in_parts(*parts: tuple[date, int]) -> AgreementSigned:
    instalments = tuple(Instalment(due_on=on, minor=minor) for on, minor in parts)
    given = dict(agreement("A1", amount=money("USD", 100), starts_on=FIRST, ends_on=LAST))
    return AgreementSigned.make(**given | {"instalments": instalments})


@pytest.mark.parametrize(
    "parts",
    [
        ((FIRST, 60), (LAST, 40)),
        ((FIRST, 100),),
        ((LAST, 100),),
        ((DEC, 60), (DEC, 40)),
    ],
)
def test_instalments_are_due_from_the_first_day_to_the_last(parts: tuple[tuple[date, int], ...]) -> None:
    assert len(in_parts(*parts).instalments) == len(parts)


@pytest.mark.parametrize(
    ("parts", "because"),
    [
        (((FIRST - DAY, 60), (LAST, 40)), f"must be due between {FIRST} and {LAST}"),
        (((FIRST, 60), (LAST + DAY, 40)), f"must be due between {FIRST} and {LAST}"),
        (((LAST, 60), (FIRST, 40)), "in the order of their days"),
        (((FIRST, 60), (LAST, 39)), "add up to 0.99 USD, and the amount is 1.00 USD"),
        (((FIRST, 60), (LAST, 41)), "add up to 1.01 USD, and the amount is 1.00 USD"),
    ],
)
def test_other_instalments_are_refused(parts: tuple[tuple[date, int], ...], because: str) -> None:
    with pytest.raises(BadInput, match=because):
        in_parts(*parts)


@pytest.mark.parametrize(
    ("signed_on", "first"), [(NOV, FIRST), (FIRST, FIRST), (FIRST + DAY, FIRST + DAY), (DEC, DEC)]
)
def test_money_is_due_from_the_later_of_signature_and_first_day(
    book: Book, signed_on: date, first: date
) -> None:
    tell(book, agreement("A1", on=signed_on, starts_on=FIRST, ends_on=LAST))
    with book.reading() as books:
        assert get_agreement(books, "A1").first_day == first


def test_a_pledge_is_made_until_the_last_day_of_its_term(book: Book) -> None:
    """Before the term begins, too: that is when donors announce what they will give for it."""
    last = pledge("P1", 100, "USD").model_copy(update={"on": TERM_ENDS, "expected_on": TERM_ENDS})
    (sealed,) = tell(book, last)
    assert sealed.effective_on == TERM_ENDS.isoformat()
    late = last.model_copy(update={"code": "P2", "on": TERM_ENDS + DAY, "expected_on": TERM_ENDS + DAY})
    with pytest.raises(Refused, match=f"too late for the term 2021-2023, which ended on {TERM_ENDS}"):
        tell(book, late)
