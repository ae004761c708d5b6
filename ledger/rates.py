"""Rates: the UN operational rates of exchange, by the day from which they apply.

A rate is units of a currency for one US dollar. The newest rate effective on or before the date applies;
the revision at the start of a month lists all currencies, one within a month only those that changed
(UN Treasury, operational rates of exchange). So a rate from an earlier month is missing, not old.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator
from sqlalchemy import Connection, select

from ledger.batch import batch_of
from ledger.errors import BadInput, Refused
from ledger.events import Event, Kind
from ledger.money import FUND_CURRENCY, divide_half_even, scale
from ledger.registers import known, learn, register, text


class RatesPublished(Event):
    """A revision of the operational rates; `on` is the day from which they apply."""

    kind: ClassVar[str] = "rates published"

    rates: dict[str, str] = Field(min_length=1)
    """Units of the currency for one US dollar, as a decimal number in plain digits."""
    source: str = Field(min_length=1)

    @property
    def key(self) -> str:
        return f"rates:{self.on}"

    @field_validator("rates")
    @classmethod
    def _positive(cls, rates: dict[str, str]) -> dict[str, str]:
        for currency, rate in rates.items():
            try:
                scale(currency)
                valid = Decimal(rate) > 0 and Decimal(rate).is_finite()
            except BadInput as error:
                raise ValueError(str(error)) from None
            except InvalidOperation:
                valid = False
            if currency == FUND_CURRENCY:
                raise ValueError("rates are units of a currency for one US dollar: leave USD out")
            if not valid:
                raise ValueError(
                    f"'{rate}' is not a rate for {currency}: write a positive number such as 0.857"
                )
        return rates


rate = register("rate", text("currency"), text("effective_on"), text("rate"))


def _apply(books: Connection, seq: int, event: RatesPublished) -> None:
    for currency, value in sorted(event.rates.items()):
        learn(books, rate, seq, currency=currency, effective_on=event.on.isoformat(), rate=value)


def rate_on(books: Connection, currency: str, on: date) -> Fraction:
    """The rate that applies on a date; Refused names the month whose rates are missing."""
    if currency == FUND_CURRENCY:
        return Fraction(1)
    batch = batch_of(books)
    if batch is None:
        return _newest(books, currency, on)
    if (currency, on) not in batch.rates:
        batch.rates[currency, on] = batch.ask(lambda: _newest(books, currency, on))
    return batch.rates[currency, on]


def _newest(books: Connection, currency: str, on: date) -> Fraction:
    row = books.execute(
        select(rate.c.rate, rate.c.effective_on)
        .where(rate.c.currency == currency, rate.c.effective_on <= on.isoformat(), known(rate))
        .order_by(rate.c.effective_on.desc(), rate.c.seq.desc())
        .limit(1)
    ).first()
    if row is None or row.effective_on < on.replace(day=1).isoformat():
        raise Refused(
            f"There is no UN operational rate for {currency} in {on:%Y-%m}: "
            f"import the rates effective {on:%Y-%m}-01 with `mdfm rate import`."
        )
    return Fraction(row.rate)


def usd_value(books: Connection, minor: int, currency: str, on: date) -> int:
    """The value in USD cents of an amount on a date, rounded once, half to even."""
    rate_then = rate_on(books, currency, on)
    return divide_half_even(minor * 100 * rate_then.denominator, 10 ** scale(currency) * rate_then.numerator)


def read_rates(path: Path) -> list[RatesPublished]:
    """Read a table `effective_on,currency,rate,source` (CSV with a header row); one event for each date."""
    rows: dict[date, dict[str, str]] = {}
    sources: dict[date, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for number, row in enumerate(reader, start=2):
                where = f"{path}, row {number}"
                try:
                    on = date.fromisoformat(row["effective_on"] or "")
                    currency, value, source = row["currency"], row["rate"], row["source"]
                except KeyError as missing:
                    raise BadInput(f"{path}: the column {missing} is missing from the header row.") from None
                except ValueError:
                    raise BadInput(f"{where}, effective_on: write the date as YYYY-MM-DD.") from None
                if currency in rows.setdefault(on, {}):
                    raise BadInput(f"{where}, currency: {currency} stands twice for {on}.")
                rows[on][currency] = value or ""
                sources[on] = source or ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read as a UTF-8 CSV file: {error}.") from None
    if not rows:
        raise BadInput(f"{path} has no rates: it needs a header row and one row for each currency.")
    return [RatesPublished.make(on=on, rates=rows[on], source=sources[on]) for on in sorted(rows)]


KINDS = (Kind(RatesPublished, apply=_apply, registers=(rate,)),)
