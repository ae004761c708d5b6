"""Three generations of a program that counts coins: what one of them recorded, the next ones must still know.

The first names the cents and posts half of them, by mistake. The second names an amount and posts all of it.
The third wants to know who counted.

Beside that, a count that is checked gained an optional field, without a new version; a box that is locked
closes a period, which the first generation forgot; and a box that is kept names its agreement in a field that
was renamed.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from sqlalchemy import Connection

from ledger import (
    CASH_AT_BANK,
    NOT_IDENTIFIED,
    Amount,
    Book,
    EarlierVersion,
    Event,
    Kind,
    Kinds,
    Line,
    TextField,
    UsdCentsField,
    dollars,
    open_book,
    project,
)
from ledger.calendar.period import period
from ledger.entry.canonical import canonical_json
from ledger.entry.field_types import PeriodField
from mdfm.books import ALL_KINDS
from tests.support.small_books import TERM, file_of


class _Counted(Event):
    kind: ClassVar[str] = "coins counted"
    says: ClassVar[str] = "Coins of the box {box} are counted."

    box: TextField

    @property
    def key(self) -> str:
        return f"coins:{self.box}"


class CountedFirst(_Counted):
    """As the first generation knows it."""

    cents: UsdCentsField


class CountedSecond(_Counted):
    """As the second one does."""

    version: ClassVar[int] = 2

    amount: Amount


class CountedThird(_Counted):
    """As the third one does."""

    version: ClassVar[int] = 3

    amount: Amount
    counted_by: TextField


class CheckedFirst(Event):
    """As the first generation knows it: no lines."""

    kind: ClassVar[str] = "count checked"

    box: TextField

    @property
    def key(self) -> str:
        return f"check:{self.box}"


class CheckedToday(CheckedFirst):
    """With an optional field, which is always written."""

    note: TextField = ""


class LockedFirst(Event):
    """As the first generation knows it: it is projected."""

    kind: ClassVar[str] = "box locked"

    period: PeriodField

    @property
    def key(self) -> str:
        return f"lock:{self.period}"


class LockedToday(LockedFirst):
    """With the same fields: only the projection was wrong."""

    version: ClassVar[int] = 2


class KeptFirst(Event):
    """As the first generation knows it: no lines, but the code of an agreement."""

    kind: ClassVar[str] = "box kept"

    under: TextField

    @property
    def key(self) -> str:
        return "kept"


class KeptToday(Event):
    """With the name that all events have for this code."""

    kind: ClassVar[str] = "box kept"
    version: ClassVar[int] = 2

    agreement: TextField

    @property
    def key(self) -> str:
        return "kept"


def _lines(cents: int) -> list[Line]:
    return [
        dollars(CASH_AT_BANK, TERM, cents, bank_account="USD1"),
        dollars(NOT_IDENTIFIED, TERM, -cents, bank_account="USD1"),
    ]


def _half_of_cents(event: CountedFirst, _books: Connection) -> list[Line]:
    return _lines(event.cents // 2)


def _half(event: CountedSecond | CountedThird, _books: Connection) -> list[Line]:
    return _lines(event.amount.minor // 2)


def _all(event: CountedSecond | CountedThird, _books: Connection) -> list[Line]:
    return _lines(event.amount.minor)


def _with_amount(payload: dict[str, Any]) -> dict[str, Any]:
    return payload | {"amount": {"currency": "USD", "minor": payload.pop("cents")}}


def _by_somebody(payload: dict[str, Any]) -> dict[str, Any]:
    return payload | {"counted_by": "somebody"}


def _renamed(payload: dict[str, Any]) -> dict[str, Any]:
    return payload | {"agreement": payload.pop("under")}


def _forgets(books: Connection, seq: int, event: LockedFirst) -> None:
    project(books, period, seq, period=event.period, closed=0)


def _closes(books: Connection, seq: int, event: LockedFirst) -> None:
    project(books, period, seq, period=event.period, closed=1)


_CORRECTED = EarlierVersion(_with_amount, post=_half)

FIRST = Kinds(
    (
        *ALL_KINDS,
        Kind(CountedFirst, post=_half_of_cents, reversible=True),
        Kind(CheckedFirst),
        Kind(LockedFirst, apply=_forgets, registers=(period,)),
        Kind(KeptFirst),
    )
)
_TODAY = (
    *ALL_KINDS,
    Kind(CheckedToday),
    Kind(LockedToday, apply=_closes, registers=(period,), earlier={1: EarlierVersion(apply=_forgets)}),
    Kind(KeptToday, earlier={1: EarlierVersion(_renamed)}),
)
SECOND = Kinds((*_TODAY, Kind(CountedSecond, post=_all, reversible=True, earlier={1: _CORRECTED})))
_NEWEST = Kind(
    CountedThird, post=_all, reversible=True, earlier={1: _CORRECTED, 2: EarlierVersion(_by_somebody)}
)
THIRD = Kinds((*_TODAY, _NEWEST))


def before_there_was(name: str, event: type[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let events be written as by a program that did not know one of their optional fields."""

    def payload(self: Event) -> str:
        return canonical_json(self.model_dump(mode="json", exclude={name}))

    monkeypatch.setattr(event, "payload", property(payload))


def known_to(kinds: Kinds, book: Book) -> Book:
    """The same book, opened by the program of another generation."""
    return open_book(file_of(book), kinds)
