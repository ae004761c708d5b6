"""The types of the fields of events: each says what the field holds, so that an event can describe itself.

They say it by `Annotated`: neither the payload of an event nor what is valid in it depends on them. Dates,
amounts with a currency, files, yes or no and words from a fixed list (`Literal`) need no such type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from ledger.entry.described import (
    Fingerprint,
    Labelled,
    Meaning,
    NamedCode,
    Percent,
    Quantity,
    Surroundings,
    Value,
)
from ledger.money import FUND_CURRENCY, Amount


class Text(Meaning):
    """Words that stand for themselves."""

    def value(self, held: Any, around: Surroundings) -> Value | None:
        return str(held)


@dataclass(frozen=True)
class CodeOf(Meaning):
    """The code of something that the books know, which is described by its name."""

    what: str
    """What it is the code of, such as `donor`: a key of `Kind.names`."""

    def value(self, held: Any, around: Surroundings) -> Value | None:
        known = around.names.known(self.what, str(held), around.term)
        return NamedCode(self.what, str(held), str(held) if known is None else known.text)


@dataclass(frozen=True)
class PartOf(Meaning):
    """The number of a part of what another field names, which is known by the code and the number."""

    part: str
    """What it is a part, such as `instalment`: a key of `Kind.names`; codes are `code:number`."""
    of: str
    """The field with the code of the whole."""

    def value(self, held: Any, around: Surroundings) -> Value | None:
        code = f"{getattr(around.whole, self.of)}:{held}"
        known = around.names.known(self.part, code, around.term)
        return NamedCode(self.part, code, str(held) if known is None else known.text)


@dataclass(frozen=True)
class InUsdCents(Meaning):
    """US dollar cents."""

    adds_up: bool = True

    def value(self, held: Any, around: Surroundings) -> Value | None:
        return Amount(currency=FUND_CURRENCY, minor=held)


@dataclass(frozen=True)
class MinorUnits(Meaning):
    """Minor units of a currency that the event names elsewhere."""

    currency_of: tuple[str, ...]
    """Fields of the event, of which the first that is given has the currency: amounts, or codes."""
    adds_up: bool = True

    def value(self, held: Any, around: Surroundings) -> Value | None:
        for name in self.currency_of:
            currency = _currency(name, around)
            if currency:
                return Amount(currency=currency, minor=held)
        return "in a currency that is not in the books yet"


def _currency(name: str, around: Surroundings) -> str:
    held = getattr(around.whole, name)
    if isinstance(held, Amount):
        return held.currency
    meanings = type(around.whole).model_fields[name].metadata
    what = next((each.what for each in meanings if isinstance(each, CodeOf)), "")
    known = around.names.known(what, held, around.term) if held else None
    return known.currency if known else ""


class BasisPoints(Meaning):
    """Hundredths of a percent."""

    def value(self, held: Any, around: Surroundings) -> Value | None:
        return Percent(held)


@dataclass(frozen=True)
class NumberOf(Meaning):
    """A number of things; 0 says nothing unless `zero` does."""

    unit: str = ""
    units: str = ""
    zero: bool = False
    adds_up: bool = False

    def value(self, held: Any, around: Surroundings) -> Value | None:
        return Quantity(held, self.unit, self.units) if held or self.zero else None


@dataclass(frozen=True)
class Counting(Meaning):
    """The how many-th of its kind; the first one says nothing unless `first` does."""

    first: bool = True

    def value(self, held: Any, around: Surroundings) -> Value | None:
        return f"No {held}" if self.first or held > 1 else None


class CalendarYear(Meaning):
    """A calendar year."""

    def value(self, held: Any, around: Surroundings) -> Value | None:
        return str(held)


class Sha256(Meaning):
    """The SHA-256 of a file."""

    def value(self, held: Any, around: Surroundings) -> Value | None:
        return Fingerprint(held)


class ByLanguage(Meaning):
    """A text in several languages, of which the English one, or else the first, is shown."""

    def value(self, held: Mapping[str, str], around: Surroundings) -> Value | None:
        return held.get("en") or next((text for text in held.values() if text), None)


TextField = Annotated[str, Text()]
"""Words: a reason, a name, a reference, a code that the event itself introduces."""
TermField = Annotated[str, CodeOf("term")]
CurrencyField = Annotated[str, CodeOf("currency")]
PeriodField = Annotated[str, CodeOf("period")]
EntryField = Annotated[int, CodeOf("entry")]
UsdCentsField = Annotated[int, InUsdCents()]
"""US dollar cents, under the name of the field."""
AmountField = Annotated[int, InUsdCents(), Labelled("amount")]
"""US dollar cents: the amount that the event is about."""
BasisPointsField = Annotated[int, BasisPoints()]
RateField = Annotated[str, Text()]
"""Units of a currency for one US dollar."""
Sha256Field = Annotated[str, Sha256()]
OccurrenceField = Annotated[int, Counting(first=False), Labelled("occurrence")]
"""Which occurrence of the same it is; the first is not worth a word."""
OrdinalField = Annotated[int, Counting()]
MonthsField = Annotated[int, NumberOf("month")]
PersonDaysField = Annotated[int, NumberOf("person-day")]
CountField = Annotated[int, NumberOf(zero=True)]
YearField = Annotated[int, CalendarYear()]
