"""Rates: the newest of the month applies, a missing month is named, value is rounded once, half to even."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from ledger import (
    ApplicableRate,
    BadInput,
    Book,
    RatesPublished,
    Refused,
    TermOpened,
    missing_months,
    new_rates,
    rate_on,
    rates_on,
    usd_value,
)
from tests.support.small_books import copy_of, tell

RATES = {
    date(2022, 1, 1): {"EUR": "0.884", "KRW": "1187.5", "JPY": "2", "BHD": "0.377"},
    date(2022, 1, 15): {"EUR": "0.875"},
    date(2022, 2, 1): {"EUR": "0.9", "KRW": "1200", "JPY": "2", "BHD": "0.376"},
}


@pytest.fixture(scope="module")
def books(empty_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    book = copy_of(empty_template, tmp_path_factory.mktemp("rates"))
    tell(book, *(RatesPublished(on=on, rates=rates, source="example") for on, rates in RATES.items()))
    with book.reading() as reading:
        yield reading
    book.close()


@pytest.mark.parametrize(
    ("currency", "on", "rate"),
    [
        ("EUR", date(2022, 1, 1), "0.884"),
        ("EUR", date(2022, 1, 14), "0.884"),
        ("EUR", date(2022, 1, 15), "0.875"),
        ("EUR", date(2022, 1, 31), "0.875"),
        ("EUR", date(2022, 2, 1), "0.9"),
        ("KRW", date(2022, 1, 20), "1187.5"),
        ("KRW", date(2022, 2, 28), "1200"),
        ("USD", date(1990, 1, 1), "1"),
    ],
)
def test_the_newest_rate_of_the_month_applies(books: Connection, currency: str, on: date, rate: str) -> None:
    assert rate_on(books, currency, on) == Fraction(rate)


@pytest.mark.parametrize(
    ("currency", "on", "month"),
    [
        ("EUR", date(2022, 3, 1), "2022-03"),
        ("EUR", date(2021, 12, 31), "2021-12"),
        ("CHF", date(2022, 1, 5), "2022-01"),
    ],
)
def test_a_missing_month_is_named(books: Connection, currency: str, on: date, month: str) -> None:
    with pytest.raises(Refused, match=f"no UN operational rate for {currency} in {month}: import"):
        rate_on(books, currency, on)


@pytest.mark.parametrize(("yen", "cents"), [(1, 50), (2, 100), (3, 150), (-3, -150), (0, 0)])
def test_a_currency_without_minor_units_is_valued(books: Connection, yen: int, cents: int) -> None:
    assert usd_value(books, yen, "JPY", date(2022, 1, 1)) == cents


@pytest.mark.parametrize(("minor", "cents"), [(7, 8), (21, 24), (35, 40), (1, 1)])
def test_value_in_cents(books: Connection, minor: int, cents: int) -> None:
    assert usd_value(books, minor, "EUR", date(2022, 1, 15)) == cents


def test_a_tie_goes_to_the_even_cent(empty_book: Book) -> None:
    on = date(2022, 1, 1)
    tell(empty_book, RatesPublished(on=on, rates={"EUR": "2"}, source="example"))
    with empty_book.reading() as reading:
        assert [usd_value(reading, minor, "EUR", on) for minor in (1, 3, 5, 7, -1, -3)] == [0, 2, 2, 4, 0, -2]


@given(st.integers(-(10**14), 10**14), st.sampled_from(["EUR", "KRW", "BHD"]))
def test_value_is_exact_but_for_one_rounding(books: Connection, minor: int, currency: str) -> None:
    on, scale = date(2022, 1, 1), {"EUR": 100, "KRW": 1, "BHD": 1000}[currency]
    exact = Fraction(minor, scale) / Fraction(RATES[on][currency]) * 100
    cents = usd_value(books, minor, currency, on)
    assert abs(cents - exact) <= Fraction(1, 2)
    assert abs(cents - exact) != Fraction(1, 2) or cents % 2 == 0


def test_a_day_has_one_revision(empty_book: Book) -> None:
    on = date(2022, 1, 1)
    (first, again) = tell(empty_book, *[RatesPublished(on=on, rates={"EUR": "0.9"}, source="example")] * 2)
    assert first == again
    with pytest.raises(Refused, match="in the books already, as entry 1, with other content"):
        tell(empty_book, RatesPublished(on=on, rates={"EUR": "0.8"}, source="example"))


@pytest.mark.parametrize("rate", ["0", "-1", "x", "", "NaN", "Infinity"])
def test_what_is_not_a_rate_is_refused(rate: str) -> None:
    with pytest.raises(BadInput, match="is not a rate for EUR: write a positive number"):
        RatesPublished.make(on=date(2022, 1, 1), rates={"EUR": rate}, source="example")


def test_a_currency_nobody_knows_has_no_rate() -> None:
    with pytest.raises(BadInput, match="'XYZ' is not a currency"):
        RatesPublished.make(on=date(2022, 1, 1), rates={"XYZ": "1"}, source="example")


def test_a_rate_of_the_last_day_of_a_month_is_the_next_months(empty_book: Book) -> None:
    """At the end of a year the UN's table for January applies from 31 December on."""
    tell(empty_book, RatesPublished(on=date(2021, 12, 31), rates={"EUR": "0.88"}, source="example"))
    with empty_book.reading() as reading:
        for day in (date(2021, 12, 31), date(2022, 1, 1), date(2022, 1, 31)):
            assert rate_on(reading, "EUR", day) == Fraction("0.88")
        with pytest.raises(Refused, match="for EUR in 2022-02"):
            rate_on(reading, "EUR", date(2022, 2, 1))
        with pytest.raises(Refused, match="for EUR in 2021-12"):
            rate_on(reading, "EUR", date(2021, 12, 30))


def published(on: date, number: int = 1, **rates: str) -> RatesPublished:
    return RatesPublished(on=on, rates=rates, source=f"example {number}", number=number)


def test_what_the_books_have_is_not_recorded_again(empty_book: Book) -> None:
    on, later = date(2022, 1, 1), date(2022, 1, 15)
    tell(empty_book, published(on, EUR="0.9"))
    with empty_book.reading() as reading:
        brought = [published(on, EUR="0.90", KRW="1190"), published(later, EUR="0.91")]
        fresh = new_rates(reading, brought)
        assert [(each.on, each.rates, each.key) for each in fresh] == [
            (on, {"KRW": "1190"}, "rates:2022-01-01:2"),
            (later, {"EUR": "0.91"}, "rates:2022-01-15"),
        ]
        with pytest.raises(Refused, match=r"have 0.9 EUR for a US dollar from 2022-01-01 on, not 0.91"):
            new_rates(reading, [published(on, EUR="0.91")])
    tell(empty_book, *fresh)
    with empty_book.reading() as reading:
        assert new_rates(reading, brought) == []
        assert rate_on(reading, "KRW", on) == 1190


def test_a_second_table_of_a_day_brings_no_second_rate(empty_book: Book) -> None:
    on = date(2022, 1, 1)
    tell(empty_book, published(on, EUR="0.9"))
    with pytest.raises(Refused, match=r"have 0.9 EUR for a US dollar from 2022-01-01 on, not 0.8"):
        tell(empty_book, published(on, 2, EUR="0.8"))


@pytest.mark.parametrize(
    ("had", "brought", "missing"),
    [
        ([], [1, 2], []),
        ([1], [2], []),
        ([1], [4], ["2022-02", "2022-03"]),
        ([6], [3, 4], ["2022-05"]),
        ([1, 9], [4], ["2022-02", "2022-03", "2022-05", "2022-06", "2022-07", "2022-08"]),
        ([1, 3, 5], [6], []),
        ([1, 2], [2], []),
        ([], [1, 3], ["2022-02"]),
        ([1], [], []),
    ],
)
def test_months_between_what_is_had_and_brought_are_missing(
    empty_book: Book, had: list[int], brought: list[int], missing: list[str]
) -> None:
    tell(empty_book, *(published(date(2022, month, 1), EUR="0.9") for month in had))
    with empty_book.reading() as reading:
        told = missing_months(reading, [published(date(2022, month, 1), EUR="0.9") for month in brought])
    assert told == missing


def test_what_applies_on_a_day_and_what_the_term_lacks(empty_book: Book) -> None:
    tell(
        empty_book,
        TermOpened(on=date(2021, 11, 10), code="t", starts_on=date(2021, 11, 1), ends_on=date(2023, 10, 31)),
        published(date(2021, 12, 31), EUR="0.8", KRW="1180"),
        published(date(2022, 2, 1), EUR="0.9"),
        published(date(2022, 2, 15), EUR="0.95"),
        published(date(2022, 5, 1), EUR="0.7"),
    )
    before = ("2021-11", "2021-12")
    with empty_book.reading() as reading:
        assert rates_on(reading, date(2022, 2, 20)) == [
            ApplicableRate("EUR", "0.95", date(2022, 2, 15), "example 1", before),
            ApplicableRate("KRW", "", None, "", (*before, "2022-02")),
        ]
        (euro,) = rates_on(reading, date(2022, 4, 2), "EUR")
        assert (euro.rate, euro.missing) == ("", (*before, "2022-03", "2022-04"))
        (franc,) = rates_on(reading, date(2021, 12, 1), "CHF")
        assert (franc.currency, franc.rate, franc.missing) == ("CHF", "", before)
        assert rates_on(reading, date(2024, 1, 1), "EUR")[0].missing == ()
