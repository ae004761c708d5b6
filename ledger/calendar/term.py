"""Terms: the two years for which donors fund the modality.

A term is neither a biennium (UNESCO budgets start in even years) nor a fiscal year (accounts are annual).
Every line of the journal belongs to one (strategy 2019-2021, Part Two, *Amount and duration*).
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, bindparam, select

from ledger.entry.event import Event, Kind
from ledger.entry.field_types import TextField, UsdCentsField
from ledger.errors import BadInput, Refused
from ledger.projections.registers import NOW, as_known, project, read_one, register, require_new, text, whole
from ledger.sentence import Hint
from ledger.storage.schema import Whole
from ledger.storage.unit_of_work import all_codes, current_unit_of_work

TARGET_CENTS = 1_000_000_00
"""US$1 million for each term: strategy 2019-2021, Part Two."""


class TermOpened(Event):
    """A term is opened in the books."""

    kind: ClassVar[str] = "term opened"
    says: ClassVar[str] = "The term {code} opens: from {starts_on} to {ends_on}, with a target of {target}."

    code: TextField = Field(min_length=1)
    starts_on: date
    ends_on: date
    target: UsdCentsField = Field(default=TARGET_CENTS, gt=0)
    """Target of the term, USD cents."""
    reason: TextField = Field(default="", exclude_if=lambda reason: not reason)
    """Why it is much longer or shorter than two years, where it is."""

    @property
    def key(self) -> str:
        return f"term:{self.code}"

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.ends_on <= self.starts_on:
            raise ValueError("a term must end after it starts")
        return self


_MONTHS_USUAL = range(12, 36 + 1)
"""How many months a term may have without a reason: the fund's terms are of two years."""


def open_term(
    *, on: date, code: str, starts_on: date, ends_on: date, target: int | None = None, reason: str = ""
) -> TermOpened:
    """Make the event that opens a term; BadInput where its length is unusual and no reason is given.

    This is no rule of the event: a term that is in the books stays valid, whatever is usual later.
    """
    target = TARGET_CENTS if target is None else target
    opened = TermOpened.make(
        on=on, code=code, starts_on=starts_on, ends_on=ends_on, target=target, reason=reason
    )
    days = (ends_on - starts_on).days + 1
    months = round(days / _DAYS_PER_MONTH)
    if months not in _MONTHS_USUAL and not reason:
        raise BadInput(
            "term-length-unusual",
            "The term {code} is of {length}; the fund's terms are of two: give {hint} if it is meant.",
            code=code,
            length=_length(months, days),
            hint=Hint("say-reason", "a reason"),
        )
    return opened


_DAYS_PER_MONTH = 365.25 / 12


def _length(months: int, days: int) -> str:
    """A length in words, such as `8 years`."""
    years, rest = divmod(months, 12)
    parts = ((years, "year"), (rest, "month")) if months else ((days, "day"),)
    return " and ".join(f"{many} {unit}{'' if many == 1 else 's'}" for many, unit in parts if many)


term = register("term", text("code"), text("starts_on"), text("ends_on"), whole("target"))
closed_term = register("closed_term", text("code"), text("successor"))
"""Closed terms, and for each the term to which its balances were carried over."""


def _apply(books: Connection, seq: int, event: TermOpened) -> None:
    require_new(books, term, "term", event.code)
    project(
        books,
        term,
        seq,
        code=event.code,
        starts_on=event.starts_on.isoformat(),
        ends_on=event.ends_on.isoformat(),
        target=event.target,
    )


class Term:
    """A term of the fund, with its first and last day and its target in USD cents."""

    def __init__(self, code: str, starts_on: str, ends_on: str, target: int) -> None:
        self.code = code
        self.starts_on = date.fromisoformat(starts_on)
        self.ends_on = date.fromisoformat(ends_on)
        self.target = target


def get_term(books: Connection, code: str, known_at: int = NOW) -> Term:
    """The term with this code; NotFound when the books have none."""
    return read_one(books, term, "term", code, _read, known_at)


def _read(row: Any) -> Term:
    return Term(row.code, row.starts_on, row.ends_on, row.target)


def terms(books: Connection) -> list[Term]:
    """All terms, the earliest first."""
    rows = books.execute(select(term).where(as_known(term)).order_by(term.c.starts_on))
    return [_read(row) for row in rows]


_SUCCESSOR = select(closed_term.c.successor).where(
    closed_term.c.code == bindparam("code"), as_known(closed_term, bindparam("known_at", type_=Whole))
)


def _successor(books: Connection, code: str, known_at: int) -> str | None:
    work = current_unit_of_work(books) if known_at == NOW else None
    if work is not None and code not in work.codes(closed_term, lambda: all_codes(books, closed_term)):
        return None
    row = books.execute(_SUCCESSOR, {"code": code, "known_at": known_at}).first()
    return row.successor if row else None


def current_term(books: Connection, code: str, known_at: int = NOW) -> str:
    """The term that has the balances of this one now: itself, or the one they were carried over to."""
    while successor := _successor(books, code, known_at):
        code = successor
    return code


def terms_into(books: Connection, code: str, known_at: int = NOW) -> list[str]:
    """A term and the terms whose balances were carried over to it, the newest first."""
    found = [code]
    for earlier in found:
        rows = books.execute(
            select(closed_term.c.code)
            .where(closed_term.c.successor == earlier, as_known(closed_term, known_at))
            .order_by(closed_term.c.seq.desc())
        )
        found += rows.scalars()
    return found


def require_open_term(books: Connection, code: str) -> Term:
    """The term, if it is open; Refused names the term that it was carried over to."""
    found = get_term(books, code)
    if successor := _successor(books, code, NOW):
        raise Refused(
            "term-closed",
            "The term {code} is closed: use the term {successor}, to which it was carried over.",
            code=code,
            successor=successor,
        )
    return found


def require_in_term(books: Connection, code: str, on: date, what: str) -> Term:
    """Refuse a date outside the term, and a term that is closed."""
    found = require_open_term(books, code)
    if not found.starts_on <= on <= found.ends_on:
        raise Refused(
            "date-outside-term",
            "{what} on {on} is outside the term {code}, which runs from {starts_on} to {ends_on}.",
            what=what,
            on=on,
            code=code,
            starts_on=found.starts_on,
            ends_on=found.ends_on,
        )
    return found


KINDS = (Kind(TermOpened, apply=_apply, registers=(term,)),)
