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

from ledger import BadInput, Book, RatesPublished, Refused, rate_on, read_rates, usd_value
from tests.small_books import copy_of, tell

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


def test_a_table_of_rates_is_read_by_date(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(
        "effective_on,currency,rate,source\n"
        "2022-02-01,EUR,0.9,example\n2022-01-01,KRW,1187.5,example\n2022-01-01,EUR,0.884,example\n",
        encoding="utf-8",
    )
    january, february = read_rates(path)
    assert (january.on, january.rates) == (date(2022, 1, 1), {"EUR": "0.884", "KRW": "1187.5"})
    assert (february.on, february.rates, february.source) == (date(2022, 2, 1), {"EUR": "0.9"}, "example")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("effective_on,currency,rate,source\n", "has no rates"),
        ("effective_on,currency,rate\n2022-01-01,EUR,1\n", "the column 'source' is missing"),
        ("effective_on,currency,rate,source\n1/1/2022,EUR,1,x\n", "row 2, effective_on: write the date as"),
        (
            "effective_on,currency,rate,source\n" + "2022-01-01,EUR,1,x\n" * 2,
            "row 3, currency: EUR stands twice",
        ),
        ("effective_on,currency,rate,source\n2022-01-01,EUR,,x\n", "'' is not a rate for EUR"),
        ("effective_on,currency,rate,source\n2022-01-01,EUR,1\n", "source: String should have at least 1"),
    ],
)
def test_a_table_that_cannot_be_used_says_where(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=reason):
        read_rates(path)


def test_a_table_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read as a UTF-8 CSV file"):
        read_rates(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes(b"effective_on,currency,rate,source\n2022-01-01,EUR,1,\xe9\n")
    with pytest.raises(BadInput, match="cannot be read as a UTF-8 CSV file"):
        read_rates(tmp_path / "latin.csv")
