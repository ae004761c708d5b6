"""Money: exact integers inside, py-moneyed at the surface.

An amount is a whole number of the currency's minor units (ISO 4217: cents for USD, won for KRW, fils for
BHD). Events hold an `Amount`; callers may convert from and to `moneyed.Money`. There are no floats and no
tolerances: a result is rounded once, half to even, and an amount is split by the largest remainder, so that
the parts add up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated

import moneyed
from babel.core import get_global
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from ledger.errors import BadInput, Refused

FUND_CURRENCY = "USD"
LARGEST = 2**63 - 1
"""The largest amount that a book can hold: a signed 64-bit integer of minor units."""


@cache
def scale(currency: str) -> int:
    """How many decimals the currency has (ISO 4217), e.g. 2 for USD and 0 for KRW.

    Raises BadInput for a code that is not a currency.
    """
    try:
        sub_unit = moneyed.get_currency(currency).sub_unit
    except moneyed.CurrencyDoesNotExist:
        raise BadInput(
            "unknown-currency",
            "'{currency}' is not a currency: use an ISO 4217 code such as USD or EUR.",
            currency=currency,
        ) from None
    return len(str(sub_unit)) - 1


class Amount(BaseModel):
    """Money as the books hold it: a currency and a whole number of its minor units."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    currency: str
    minor: int = Field(ge=-LARGEST, le=LARGEST)

    @field_validator("currency")
    @classmethod
    def _is_currency(cls, code: str) -> str:
        try:
            scale(code)
        except BadInput as error:
            raise ValueError(str(error)) from None
        return code

    @classmethod
    def of(cls, money: moneyed.Money) -> Amount:
        """The amount of a `Money`; BadInput when it has a fraction of a minor unit."""
        code = money.currency.code
        minor = money.amount.scaleb(scale(code))
        if minor != minor.to_integral_value():
            raise BadInput(
                "amount-decimals-exceeded",
                "{amount} {code} has more than {decimals} decimals.",
                amount=money.amount,
                code=code,
                decimals=scale(code),
            )
        return cls(currency=code, minor=int(minor))

    @property
    def money(self) -> moneyed.Money:
        """The same amount as a py-moneyed `Money`."""
        return moneyed.Money(Decimal(self.minor).scaleb(-scale(self.currency)), self.currency)

    def __str__(self) -> str:
        return f"{format_minor(self.minor, self.currency)} {self.currency}"


def _more_than_zero(amount: Amount) -> Amount:
    if amount.minor <= 0:
        raise ValueError("it must be more than zero")
    return amount


def _not_negative(amount: Amount) -> Amount:
    if amount.minor < 0:
        raise ValueError("it must not be negative")
    return amount


Positive = Annotated[Amount, AfterValidator(_more_than_zero)]
"""An amount that must be more than zero."""
NotNegative = Annotated[Amount, AfterValidator(_not_negative)]
"""An amount that may be zero."""


def format_minor(minor: int, currency: str) -> str:
    """An amount in plain digits with thousands separated, e.g. `1,234.50`; for screens and messages."""
    return f"{Decimal(minor).scaleb(-scale(currency)):,.{scale(currency)}f}"


def usd(cents: int) -> str:
    """US dollar cents for a message, e.g. `US$1,234.50`."""
    return f"{'-' if cents < 0 else ''}US${format_minor(abs(cents), FUND_CURRENCY)}"


_GROUPED_BY_COMMA = re.compile(r"([1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.(\d+))?")
_GROUPED_BY_SPACE = re.compile(r"([1-9]\d{0,2}(?: \d{3})+)(?:[.,](\d+))?")
_GROUPED_BY_APOSTROPHE = re.compile(r"([1-9]\d{0,2}(?:['’]\d{3})+)(?:\.(\d+))?")
_GROUPED_BY_DOT = re.compile(r"([1-9]\d{0,2}(?:\.\d{3})+),(\d+)")
_GROUPED_BY_DOTS = re.compile(r"([1-9]\d{0,2}(?:\.\d{3}){2,})()")
_DECIMAL_COMMA = re.compile(r"(\d+),(\d{1,2})")
_GROUP_OR_DECIMALS = re.compile(r"\d{1,3},\d{3}")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_SYMBOLS = {"US$": "USD", "$": "", "€": "EUR", "£": "", "¥": "", "₩": "KRW"}
"""Signs that may be written beside a number, and the currency of each; empty if several share it."""
_WITH_CURRENCY = re.compile(
    r"(?P<before>[A-Za-z]{3})\s*(?P<after_it>\S.*)|(?P<before_it>.*\S)\s*(?P<after>[A-Za-z]{3})"
)


def read_amount(text: str, currency: str) -> Amount:
    """Read a written amount, such as `50,000`, `$ 50 000`, `$50 000`, `50000.00`, `50 000,00`, `50.000,00`
    or `50'000.00`.

    BadInput for a text that has two meanings or none, such as `1,000,00` or `0,500` (nothing is guessed), and
    for the sign of another currency.
    """
    digits = scale(currency)
    plain = _bare(text, currency)
    match = (
        _GROUPED_BY_COMMA.fullmatch(plain)
        or _GROUPED_BY_SPACE.fullmatch(plain)
        or _DECIMAL_COMMA.fullmatch(plain)
        or _GROUPED_BY_APOSTROPHE.fullmatch(plain)
        or _GROUPED_BY_DOT.fullmatch(plain)
        or _GROUPED_BY_DOTS.fullmatch(plain)
    )
    ambiguous = digits == 3 and _GROUP_OR_DECIMALS.fullmatch(plain)  # BHD 1,234: 1.234 or 1234?
    if not match or ambiguous:
        raise BadInput(
            "not-an-amount",
            "'{text}' is not an amount of {currency}: write it like 50000 or 50,000.00.",
            text=text,
            currency=currency,
        )
    whole, fraction = match[1].translate(_NO_GROUPS), match[2] or ""
    if len(fraction) > digits:
        raise BadInput(
            "currency-decimals-exceeded",
            "'{text}' has more than {decimals} decimals, which {currency} does not have.",
            text=text,
            decimals=digits,
            currency=currency,
        )
    if len(whole) > _MOST_DIGITS or (minor := int(whole + fraction.ljust(digits, "0"))) > LARGEST:
        raise BadInput(
            "amount-too-large",
            "'{text}' is larger than a book can hold.",
            text=text,
        )
    return Amount(currency=currency, minor=minor)


_NO_GROUPS = str.maketrans("", "", " ,.'’")
_MOST_DIGITS = 100


def read_money(text: str) -> Amount:
    """Read an amount with its currency: `EUR 10,000.00`, `10,000.00 EUR` or `KRW 5 000 000`."""
    match = _WITH_CURRENCY.fullmatch(text)
    if not match:
        raise BadInput(
            "amount-currency-missing",
            "'{text}' has no currency: write it like 'EUR 10,000.00'.",
            text=text,
        )
    currency = match["before"] or match["after"]
    return read_amount(match["after_it"] or match["before_it"], currency.upper())


def _bare(text: str, currency: str) -> str:
    """The number alone, without the currency's code or sign before or after it."""
    plain = _SPACES.sub(" ", text).strip()
    for mark in _marks(currency):
        plain = plain.removeprefix(mark).removesuffix(mark).strip()
    return plain


@cache
def _marks(currency: str) -> tuple[str, ...]:
    return (currency, *(sign for sign, means in _SYMBOLS.items() if means in ("", currency)))


def divide_half_even(dividend: int, divisor: int) -> int:
    """The quotient rounded to a whole number, a tie to the even one; the divisor must be positive."""
    whole, rest = divmod(dividend, divisor)
    return whole + (2 * rest > divisor or (2 * rest == divisor and whole % 2 == 1))


def share_of(total: int, part: int, whole: int) -> int:
    """`total x part / whole` in minor units, rounded once, half to even."""
    return divide_half_even(total * part, whole) if whole > 0 else divide_half_even(-total * part, -whole)


def split(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Split an amount in proportion to weights, exactly, by the largest remainder; ties go by name.

    No part exceeds its weight when `total` is at most the sum of the weights. ValueError for negative
    weights, and for weights that are all zero unless `total` is zero.
    """
    whole = sum(weights.values())
    if min(weights.values(), default=0) < 0 or total < 0:
        raise ValueError("an amount and its weights must not be negative")
    if whole == 0:
        if total:
            raise ValueError("nothing to split over")
        return dict.fromkeys(weights, 0)
    parts = {name: total * weight // whole for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: (-(total * weights[name] % whole), name))
    for name in by_remainder[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


@cache
def _tender_spans() -> dict[str, list[tuple[date, date]]]:
    """When each currency was legal tender somewhere: the Unicode CLDR's table of territories."""
    spans: dict[str, list[tuple[date, date]]] = {}
    for uses in get_global("territory_currencies").values():
        for code, start, end, tender in uses:
            if tender:
                first = date(*start) if start else date.min
                last = date(*end) if end else date.max
                spans.setdefault(code, []).append((first, last))
    return spans


@lru_cache(maxsize=10_000)
def _is_tender(currency: str, on: date) -> bool:
    return any(first <= on <= last for first, last in _tender_spans().get(currency, []))


def require_tender(currency: str, on: date) -> None:
    """Refuse a currency that was not legal tender anywhere on the date, e.g. DEM in 2022."""
    scale(currency)
    if not _is_tender(currency, on):
        raise Refused(
            "currency-not-legal-tender",
            "{currency} was not legal tender on {on}: use the currency that was.",
            currency=currency,
            on=on,
        )
