"""Money: exact integers, read without guessing, split without losing a cent."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import moneyed
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ledger import (
    Amount,
    BadInput,
    NotNegative,
    Positive,
    Refused,
    format_minor,
    read_amount,
    read_money,
    require_tender,
    scale,
    share_of,
    split,
    usd,
)
from ledger.money import LARGEST, divide_half_even

CENTS = st.integers(0, 2**62)
NAMES = st.text("abcdef", min_size=1, max_size=3)
WEIGHTS = st.dictionaries(NAMES, CENTS, min_size=1, max_size=12)


# ---- splitting


@given(CENTS, WEIGHTS)
@example(1, {"b": 1, "a": 1})
@example(0, {"a": 0})
def test_a_split_adds_up_and_is_fair(total: int, weights: dict[str, int]) -> None:
    whole = sum(weights.values())
    assume(whole or not total)
    parts = split(total, weights)
    assert sum(parts.values()) == total
    assert parts.keys() == weights.keys()
    for name, weight in weights.items():
        exact = Fraction(total * weight, whole) if whole else Fraction(0)
        assert abs(parts[name] - exact) < 1
        assert parts[name] == 0 or weight > 0


@given(WEIGHTS, st.data())
def test_nobody_gives_more_than_they_have(weights: dict[str, int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights.values())))
    parts = split(total, weights)
    assert all(parts[name] <= weight for name, weight in weights.items())


@given(CENTS, WEIGHTS, st.randoms(use_true_random=False))
def test_a_split_does_not_depend_on_the_order(total: int, weights: dict[str, int], shuffler: object) -> None:
    assume(sum(weights.values()))
    names = list(weights)
    shuffler.shuffle(names)  # type: ignore[attr-defined]
    assert split(total, {name: weights[name] for name in names}) == split(total, weights)


@given(st.integers(0, 10**6), st.dictionaries(NAMES, st.integers(0, 1000), min_size=2))
def test_a_larger_remainder_is_served_first_and_ties_go_by_id(total: int, weights: dict[str, int]) -> None:
    whole = sum(weights.values())
    assume(whole)
    parts = split(total, weights)
    served = [name for name in weights if parts[name] > total * weights[name] // whole]
    waiting = [name for name in weights if name not in served]
    for lucky in served:
        for other in waiting:
            rank = (-(total * weights[lucky] % whole), lucky)
            assert rank < (-(total * weights[other] % whole), other)


def test_the_odd_cent_goes_to_the_first_by_id() -> None:
    assert split(100, {"c": 1, "a": 1, "b": 1}) == {"a": 34, "b": 33, "c": 33}


@pytest.mark.parametrize(
    ("total", "weights"), [(1, {"a": 0}), (1, {}), (-1, {"a": 1}), (1, {"a": 2, "b": -1})]
)
def test_what_cannot_be_split_is_refused(total: int, weights: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="nothing to split over|must not be negative"):
        split(total, weights)


@pytest.mark.parametrize(
    ("total", "part", "whole", "share"),
    [(1, 1, 2, 0), (3, 1, 2, 2), (5, 1, 2, 2), (10, 1, 3, 3), (-3, 1, 2, -2)],
)
def test_a_share_is_rounded_half_to_even(total: int, part: int, whole: int, share: int) -> None:
    assert share_of(total, part, whole) == share


# ---- reading and writing


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("$50,000", "USD", 50_000_00),
        ("$ 50 000", "USD", 50_000_00),
        ("$50 000", "USD", 50_000_00),
        ("50\u202f000,50 €", "EUR", 50_000_50),
        ("US$1,000,000", "USD", 1_000_000_00),
        ("50000.00", "USD", 50_000_00),
        ("50 000,00", "EUR", 50_000_00),
        ("1234,5", "EUR", 1_234_50),
        ("USD 7", "USD", 7_00),
        ("₩1,234,567", "KRW", 1_234_567),
        ("1,234", "KRW", 1_234),
        ("1.234", "BHD", 1_234),
        ("1 234", "BHD", 1_234_000),
        ("1.234,56", "EUR", 1_234_56),
        ("1.234.567", "EUR", 1_234_567_00),
        ("1.234.567,8", "EUR", 1_234_567_80),
        ("1 234,56 €", "EUR", 1_234_56),
        ("1'234'567.80", "CHF", 1_234_567_80),
        ("CHF 50’000", "CHF", 50_000_00),
        ("0,5", "EUR", 50),
        ("$ 7 CAD", "CAD", 7_00),
        ("92233720368547758.07", "USD", 2**63 - 1),
    ],
)
def test_a_written_amount_is_read(text: str, currency: str, minor: int) -> None:
    assert read_amount(text, currency) == Amount(currency=currency, minor=minor)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("$1,000,00", "USD"),
        ("1,234", "BHD"),
        ("1.234", "USD"),
        ("1.5", "KRW"),
        ("1,5000", "USD"),
        ("12,34,567", "USD"),
        ("50 00", "USD"),
        ("-5", "USD"),
        ("1e3", "USD"),
        ("", "USD"),
        ("ten", "USD"),
        ("1.2.3", "USD"),
        ("٣", "BHD,"),
        ("92233720368547758.08", "USD"),
        ("9" * 5000, "USD"),
        ("0,500", "EUR"),
        ("1.234,567", "EUR"),
        ("1.234,56", "KRW"),
        ("1,234.567,89", "EUR"),
        ("1.234 567", "EUR"),
        ("€ 50 000", "USD"),
        ("US$5", "CAD"),
        ("50$000", "USD"),
        ("50USD000", "USD"),
        ("5", "XYZ"),
    ],
)
def test_what_could_mean_two_things_is_refused(text: str, currency: str) -> None:
    with pytest.raises(BadInput):
        read_amount(text, currency)


@given(CENTS, st.sampled_from(["USD", "EUR", "KRW"]))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    assert read_amount(format_minor(minor, currency), currency).minor == minor


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "US$0.00"), (5, "US$0.05"), (123_456_789, "US$1,234,567.89"), (-250, "-US$2.50")]
)
def test_dollars_in_a_message(cents: int, text: str) -> None:
    assert usd(cents) == text


# ---- currencies


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("USD", 2),
        ("EUR", 2),
        ("KRW", 0),
        ("JPY", 0),
        ("XOF", 0),
        ("BHD", 3),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
    ],
)
def test_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert scale(currency) == decimals


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from(["USD", "KRW", "BHD", "XOF"]))
def test_an_amount_survives_money(minor: int, currency: str) -> None:
    amount = Amount(currency=currency, minor=minor)
    assert Amount.of(amount.money) == amount


def test_a_fraction_of_a_minor_unit_is_refused() -> None:
    assert Amount.of(moneyed.Money("10.50", "USD")).minor == 10_50
    with pytest.raises(BadInput, match="more than 2 decimals"):
        Amount.of(moneyed.Money("10.505", "USD"))
    with pytest.raises(BadInput, match="more than 0 decimals"):
        Amount.of(moneyed.Money("10.5", "KRW"))


@pytest.mark.parametrize("minor", [1.0, "1", True, 2**63, -(2**63)])
def test_only_a_whole_64_bit_number_is_an_amount(minor: object) -> None:
    with pytest.raises(ValidationError):
        Amount(currency="USD", minor=minor)  # type: ignore[arg-type]


def test_a_currency_nobody_knows_is_not_an_amount() -> None:
    with pytest.raises(ValidationError, match="'XYZ' is not a currency"):
        Amount(currency="XYZ", minor=1)


@pytest.mark.parametrize(
    ("currency", "on"),
    [
        ("USD", date(2022, 1, 1)),
        ("DEM", date(2001, 12, 31)),
        ("HRK", date(2022, 12, 31)),
        ("EUR", date(2023, 1, 1)),
        ("XOF", date(2022, 1, 1)),
    ],
)
def test_money_that_was_legal_tender(currency: str, on: date) -> None:
    require_tender(currency, on)


@pytest.mark.parametrize(
    ("currency", "on"), [("DEM", date(2022, 1, 1)), ("HRK", date(2023, 6, 1)), ("EUR", date(1998, 12, 31))]
)
def test_money_that_was_not_legal_tender(currency: str, on: date) -> None:
    with pytest.raises(Refused, match=f"{currency} was not legal tender on {on}"):
        require_tender(currency, on)


@pytest.mark.parametrize(
    ("currency", "on", "tender"),
    [
        ("EUR", date(1999, 1, 1), True),  # its first day
        ("EEK", date(2010, 12, 31), True),  # its last
        ("EEK", date(2011, 1, 1), False),
        ("XYZ", date(2022, 1, 1), None),
    ],
)
def test_tender_counts_from_its_first_day_to_its_last(currency: str, on: date, tender: bool | None) -> None:
    if tender:
        require_tender(currency, on)
        return
    with pytest.raises(BadInput if tender is None else Refused, match=currency):
        require_tender(currency, on)


# ---- rounding


@pytest.mark.parametrize(
    ("dividend", "divisor", "nearest"),
    [
        *[(0, 7, 0), (6, 4, 2), (10, 4, 2), (5, 4, 1), (7, 4, 2), (-6, 4, -2), (-2, 4, 0), (-5, 4, -1)],
        *[(5, 10, 0), (15, 10, 2), (6, 10, 1), (4, 10, 0), (14, 10, 1), (16, 10, 2), (-15, 10, -2)],
        *[(9, 3, 3), (1, 1, 1)],
    ],
)
def test_a_quotient_is_rounded_to_the_nearest_and_a_tie_to_the_even_one(
    dividend: int, divisor: int, nearest: int
) -> None:
    assert divide_half_even(dividend, divisor) == nearest


@given(st.integers(-(2**70), 2**70), st.integers(1, 2**70))
def test_rounding_is_that_of_exact_fractions(dividend: int, divisor: int) -> None:
    assert divide_half_even(dividend, divisor) == round(Fraction(dividend, divisor))


@given(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62))
@example(10, 1, 1)
@example(10, 1, -1)
def test_a_share_is_rounded_once_whatever_the_signs(whole: int, part: int, of: int) -> None:
    assume(of)
    assert share_of(whole, part, of) == round(Fraction(whole * part, of))
    assert share_of(whole, of, of) == whole


def test_there_is_no_share_of_nothing() -> None:
    with pytest.raises(ZeroDivisionError):
        share_of(10, 1, 0)


# ---- amounts of events


@pytest.mark.parametrize(
    ("minor", "positive", "not_negative"), [(-1, False, False), (0, False, True), (1, True, True)]
)
def test_an_amount_of_an_event_is_more_than_zero_or_at_least_not_less(
    minor: int, positive: bool, not_negative: bool
) -> None:
    amount = Amount(currency="USD", minor=minor)
    for kind, allowed in ((Positive, positive), (NotNegative, not_negative)):
        adapter: TypeAdapter[Amount] = TypeAdapter(kind)
        if allowed:
            assert adapter.validate_python(amount) == amount
        else:
            with pytest.raises(ValidationError, match="it must"):
                adapter.validate_python(amount)


@pytest.mark.parametrize("text", ["EUR 10,000.50", "10,000.50 EUR", "10 000,50EUR", "eur 10000.5"])
def test_money_is_read_with_its_currency_before_or_after(text: str) -> None:
    amount = read_money(text)
    assert (amount, str(amount)) == (Amount(currency="EUR", minor=10_000_50), "10,000.50 EUR")


@pytest.mark.parametrize("text", ["10,000.50", "", "EUR", "€ 5"])
def test_money_without_a_currency_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="has no currency"):
        read_money(text)


def test_the_largest_amount_is_read_and_no_larger_one() -> None:
    assert read_amount(f"{LARGEST}", "KRW").minor == LARGEST
    for digits in (f"{LARGEST + 1}", "9" * 100, "9" * 101, "9" * 5000):
        with pytest.raises(BadInput, match="larger than a book can hold"):
            read_amount(digits, "KRW")


def test_an_amount_is_not_changed_after_it_was_made() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Amount(currency="USD", minor=1).minor = 2
