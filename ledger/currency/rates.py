"""Rates: the UN operational rates of exchange, by the day from which they apply.

A rate is units of a currency for one US dollar. The newest rate effective on or before the date applies. The
revision at the start of a month lists all currencies, one within a month only those that changed (UN
Treasury, operational rates of exchange). So a rate of an earlier month never applies: the month's own is
missing. A rate that is effective on the last day of a month belongs to the next month.

A wrong rate is corrected by another event. From then on the right one applies, to past days too; lines posted
at the wrong rate stay, and books read as known before the correction still have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import Field, field_validator, model_validator
from sqlalchemy import Connection, Row, bindparam, select

from ledger.calendar.term import terms
from ledger.entry.described import Labelled
from ledger.entry.event import Event, Kind
from ledger.entry.field_types import CurrencyField, OccurrenceField, RateField, TextField
from ledger.errors import BadInput, Refused
from ledger.money import FUND_CURRENCY, divide_half_even, scale
from ledger.projections.registers import NOW, as_known, project, register, text
from ledger.sentence import Hint, Sentence
from ledger.storage.evidence import Evidence
from ledger.storage.unit_of_work import current_unit_of_work


class RatesPublished(Event):
    """A revision of the operational rates; `on` is the day from which they apply."""

    kind: ClassVar[str] = "rates published"
    says: ClassVar[str] = "The operational rates of exchange that apply from {on} are recorded from {source}."

    rates: Annotated[dict[CurrencyField, RateField], Labelled("units for one US dollar")] = Field(
        min_length=1
    )
    """Units of the currency for one US dollar, as a decimal number in plain digits."""
    source: TextField = Field(min_length=1)
    number: Annotated[OccurrenceField, Labelled("table of the day")] = Field(default=1, ge=1)
    """The number of this table for the day, from 1: a later one has the currencies that earlier ones lack."""

    @property
    def key(self) -> str:
        return f"rates:{self.on}" if self.number == 1 else f"rates:{self.on}:{self.number}"

    @field_validator("rates")
    @classmethod
    def _positive(cls, rates: dict[str, str]) -> dict[str, str]:
        for currency, rate in rates.items():
            _require_rate(currency, rate)
        return rates


class RateCorrected(Event):
    """A rate in the books is wrong; `on` is the day from which both it and the right one apply."""

    kind: ClassVar[str] = "rate corrected"
    says: ClassVar[str] = (
        "The rate of {currency} that applies from {on} is corrected to {rate} for one US dollar."
    )

    currency: CurrencyField
    rate: Annotated[RateField, Labelled("units for one US dollar")]
    """The right rate, in the form of `RatesPublished`."""
    number: Annotated[OccurrenceField, Labelled("correction")] = Field(default=1, ge=1)
    """The number of this correction of the rate, from 1."""
    source: TextField = Field(min_length=1)
    """Where the right rate is published."""
    reason: TextField = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"rate corrected:{self.currency}:{self.on}:{self.number}"

    @model_validator(mode="after")
    def _positive(self) -> Self:
        _require_rate(self.currency, self.rate)
        return self


def _require_rate(currency: str, rate: str) -> None:
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
        raise ValueError(f"'{rate}' is not a rate for {currency}: write a positive number such as 0.857")


rate = register(
    "rate", text("currency"), text("effective_on"), text("rate"), text("source"), text("instead_of")
)
"""A corrected rate is a later row, with the wrong rate in `instead_of`; the latest row of a day applies."""


def _apply(books: Connection, seq: int, event: RatesPublished) -> None:
    had = {row.currency: row.rate for row in _of_day(books, event.on)}
    same = {"effective_on": event.on.isoformat(), "source": event.source, "instead_of": ""}
    for currency, value in sorted(event.rates.items()):
        if currency in had:
            raise _another_rate(currency, event.on, had[currency], value)
        project(books, rate, seq, currency=currency, rate=value, **same)


def _apply_corrected(books: Connection, seq: int, event: RateCorrected) -> None:
    had = [row for row in _of_day(books, event.on) if row.currency == event.currency]
    if not had:
        raise Refused(
            "rate-unknown",
            "The books have no rate for {currency} that applies from {on} on: give the day{hint}.",
            currency=event.currency,
            on=event.on,
            hint=Hint("list-rates", " of one that they have"),
        )
    if Decimal(had[-1].rate) == Decimal(event.rate):
        raise Refused(
            "rate-already-same",
            "The rate for {currency} from {on} on is {rate} already.",
            currency=event.currency,
            on=event.on,
            rate=event.rate,
        )
    if event.number != len(had):
        raise Refused(
            "rate-correction-number-stale",
            "The next correction of the rate for {currency} from {on} on is number {expected}, not "
            "{number}: another one came first, so see what applies now.",
            currency=event.currency,
            on=event.on,
            expected=len(had),
            number=event.number,
        )
    project(
        books,
        rate,
        seq,
        currency=event.currency,
        effective_on=event.on.isoformat(),
        rate=event.rate,
        source=event.source,
        instead_of=had[-1].rate,
    )


def next_correction(books: Connection, currency: str, on: date) -> int:
    """The number of the next correction of a rate."""
    return max(1, len([row for row in _of_day(books, on) if row.currency == currency]))


def rate_on(books: Connection, currency: str, on: date) -> Fraction:
    """The rate that applies on a date; Refused names the month whose rates are missing."""
    if currency == FUND_CURRENCY:
        return Fraction(1)
    work = current_unit_of_work(books)
    if work is None:
        return _newest(books, currency, on)
    if (currency, on) not in work.rates:
        work.rates[currency, on] = work.query_without_flush(lambda: _newest(books, currency, on))
    return work.rates[currency, on]


# Built once: building a query costs as much as running it.
_NEWEST = (
    select(rate.c.rate, rate.c.effective_on)
    .where(rate.c.currency == bindparam("currency"), rate.c.effective_on <= bindparam("on"), as_known(rate))
    .order_by(rate.c.effective_on.desc(), rate.c.seq.desc())
    .limit(1)
)


def _newest(books: Connection, currency: str, on: date) -> Fraction:
    row = books.execute(_NEWEST, {"currency": currency, "on": on.isoformat()}).first()
    if row is None or not _applies(date.fromisoformat(row.effective_on), on):
        raise Refused(
            "rate-missing",
            "There is no UN operational rate for {currency} in {on:%Y-%m}: import the rates effective "
            "{on:%Y-%m}-01{hint}.",
            currency=currency,
            on=on,
            hint=Hint("import-rates"),
        )
    return Fraction(row.rate)


def _applies(effective_on: date, on: date) -> bool:
    """Whether a rate effective from one day may apply on another: not in a later month."""
    return effective_on <= on and month_of(effective_on) >= (on.year, on.month)


def usd_value(books: Connection, minor: int, currency: str, on: date) -> int:
    """The value in USD cents of an amount on a date, rounded once, half to even."""
    return minor if currency == FUND_CURRENCY else value_at(rate_on(books, currency, on), minor, currency)


def value_at(rate: Fraction, minor: int, currency: str) -> int:
    """The value in USD cents of an amount at a rate, rounded once, half to even."""
    return divide_half_even(minor * 100 * rate.denominator, 10 ** scale(currency) * rate.numerator)


class RateHistory:
    """All rates of a currency with the entries that recorded them; a proposed correction may be added."""

    def __init__(self, books: Connection, currency: str, proposed: RateCorrected | None = None) -> None:
        query = select(rate).where(rate.c.currency == currency, as_known(rate))
        rows = books.execute(query.order_by(rate.c.effective_on, rate.c.seq))
        self._rates = [(date.fromisoformat(row.effective_on), row.seq, Fraction(row.rate)) for row in rows]
        if proposed is not None:
            self._rates.append((proposed.on, NOW, Fraction(proposed.rate)))
            self._rates.sort()

    def on(self, day: date, known_at: int = NOW) -> Fraction | None:
        """The rate that applied on a day, as known at an entry; None where it was missing."""
        found = None
        for effective_on, seq, value in self._rates:
            if seq <= known_at and _applies(effective_on, day):
                found = value
        return found


@dataclass(frozen=True)
class ApplicableRate:
    """The rate that applies to a currency on a day."""

    currency: str
    rate: str
    """Units for one US dollar; empty where the month's rate is missing."""
    effective_on: date | None
    source: str
    missing: tuple[str, ...]
    """Months without a rate, as `2022-03`: of the term of the day, up to the day."""
    instead_of: str = ""
    """The wrong rate that it replaces; empty where nothing was corrected."""


def rates_on(books: Connection, on: date, currency: str = "", known_at: int = NOW) -> list[ApplicableRate]:
    """The rate that applies on a day for each currency that ever had one, or for the named currency."""
    query = select(rate).where(as_known(rate, known_at)).order_by(rate.c.effective_on, rate.c.seq)
    months: dict[str, set[Month]] = {currency: set()} if currency else {}
    newest: dict[str, Row[Any]] = {}
    for row in books.execute(query):
        if currency in ("", row.currency):
            day = date.fromisoformat(row.effective_on)
            months.setdefault(row.currency, set()).add(month_of(day))
            if _applies(day, on):
                newest[row.currency] = row
    asked = list(_months_of_term(books, on))
    return [
        _applicable(code, newest.get(code), [each for each in asked if each not in had])
        for code, had in sorted(months.items())
    ]


def _applicable(currency: str, row: Row[Any] | None, missing: Iterable[Month]) -> ApplicableRate:
    months = tuple(map(str, missing))
    if row is None:
        return ApplicableRate(currency, "", None, "", months)
    effective_on = date.fromisoformat(row.effective_on)
    return ApplicableRate(currency, row.rate, effective_on, row.source, months, row.instead_of)


def _months_of_term(books: Connection, on: date) -> Iterator[Month]:
    """The months of the term that a day lies in, up to the day."""
    for each in terms(books):
        if each.starts_on <= on <= each.ends_on:
            first = Month(each.starts_on.year, each.starts_on.month)
            yield from months_between(first, Month(on.year, on.month))


class Month(NamedTuple):
    """A calendar month."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


def month_of(effective_on: date) -> Month:
    """The month whose rates are published for a day.

    What is effective on a month's last day is the next month's, as at the end of a year (UN Treasury,
    schedule of operational rates).
    """
    following = effective_on + timedelta(days=1)
    return Month(following.year, following.month)


def months_between(first: Month, last: Month) -> Iterator[Month]:
    """Months from one to another, both included."""
    for number in range(12 * first.year + first.month - 1, 12 * last.year + last.month):
        yield Month(number // 12, number % 12 + 1)


def new_rates(books: Connection, published: Iterable[RatesPublished]) -> list[RatesPublished]:
    """The published rates that the books do not have yet.

    Refused when they have another rate for the same currency and day.
    """
    fresh = []
    for each in published:
        rows = _of_day(books, each.on)
        had = {row.currency: row.rate for row in rows}
        for currency, value in each.rates.items():
            if currency in had and Decimal(had[currency]) != Decimal(value):
                raise _another_rate(currency, each.on, had[currency], value)
        rates = {currency: value for currency, value in each.rates.items() if currency not in had}
        if rates:
            number = 1 + len({row.seq for row in rows})
            fresh.append(each.model_copy(update={"rates": rates, "number": number}))
    return fresh


def missing_months(books: Connection, published: Iterable[RatesPublished]) -> list[str]:
    """Months without any rate between those in the books and those published, as `2022-03`."""
    days = books.execute(select(rate.c.effective_on).where(as_known(rate)).distinct()).scalars()
    had = {month_of(date.fromisoformat(day)) for day in days}
    brought = {month_of(each.on) for each in published}
    if not brought:
        return []
    first = max((month for month in had if month < min(brought)), default=min(brought))
    last = min((month for month in had if month > max(brought)), default=max(brought))
    return [str(month) for month in months_between(first, last) if month not in had | brought]


def _of_day(books: Connection, on: date) -> Sequence[Row[Any]]:
    """The rates of a day, a correction after the rate that it corrects."""
    of_day = select(rate).where(rate.c.effective_on == on.isoformat(), as_known(rate))
    return books.execute(of_day.order_by(rate.c.seq)).all()


def _another_rate(currency: str, on: date, had: str, value: str) -> Refused:
    return Refused(
        "rate-differs",
        "The books have {recorded} {currency} for a US dollar from {on} on, not {rate}: see which one the UN "
        "published, and correct the books if they are wrong{hint}.",
        recorded=had,
        currency=currency,
        on=on,
        rate=value,
        hint=Hint("correct-this-rate", currency=currency, on=on),
    )


KINDS = (
    Kind(
        RatesPublished,
        apply=_apply,
        registers=(rate,),
        when_recorded=Sentence("correct a wrong rate", Hint("correct-rate", on="{on}")),
    ),
    Kind(
        RateCorrected,
        apply=_apply_corrected,
        registers=(rate,),
        when_recorded=Sentence(
            "if that is wrong too, ",
            Hint("correct-rate-again", "correct it", currency="{currency}", on="{on}"),
            " once more",
        ),
    ),
)
