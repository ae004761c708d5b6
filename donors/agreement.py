"""Agreements: what a donor has signed to give, for which term, between which dates, and under which earmark.

A gift without an agreement is kept as an agreement of its own, unearmarked, so that every cent in the
books belongs to one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, Row, select

from donors.donor import CODE_PATTERN, get_donor
from donors.earmark import Earmark
from donors.pledge import end, get_open_pledge, pledge_end, release
from ledger import (
    NOW,
    Amount,
    Event,
    Evidence,
    Kind,
    Line,
    Refused,
    canonical_json,
    current_term,
    get_term,
    known,
    learn,
    line,
    read_one,
    register,
    require_new,
    require_open_term,
    require_tender,
    terms_into,
    text,
    usd_value,
    whole,
    without_empty,
)


class AgreementSigned(Event):
    """A donor and UIL sign an agreement. `on` is the day of signature."""

    kind: ClassVar[str] = "agreement signed"

    code: str = Field(pattern=CODE_PATTERN)
    donor: str
    term: str
    amount: Amount
    """What the donor agrees to give in money; zero for an agreement on contributions in kind only."""
    starts_on: date
    ends_on: date
    earmark: Earmark = Earmark()
    pledge: str = ""
    """The pledge that this agreement keeps."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"agreement:{self.code}"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("an agreement must not end before it starts")
        if self.amount.minor < 0:
            raise ValueError("the amount must not be negative")
        return self


agreement = register(
    "agreement",
    text("code"),
    text("donor"),
    text("term"),
    text("currency"),
    whole("amount"),
    text("signed_on"),
    text("starts_on"),
    text("ends_on"),
    text("earmark"),
    whole("gift"),
)


@dataclass(frozen=True)
class Agreement:
    """An agreement as the books know it."""

    seq: int
    code: str
    donor: str
    term: str
    amount: Amount
    signed_on: date
    starts_on: date
    ends_on: date
    earmark: Earmark
    gift: bool
    """Whether it stands for a gift that came without an agreement."""

    def runs_on(self, on: date) -> bool:
        """Whether a day lies within the agreement's dates."""
        return self.starts_on <= on <= self.ends_on

    def require_running(self, on: date, what: str) -> None:
        """Refuse a day outside the agreement's dates."""
        if not self.runs_on(on):
            raise Refused(
                f"{what} on {on} is outside the dates of agreement {self.code}, "
                f"which runs from {self.starts_on} to {self.ends_on}."
            )


def _read(row: Row[Any]) -> Agreement:
    return Agreement(
        row.seq,
        row.code,
        row.donor,
        row.term,
        Amount(currency=row.currency, minor=row.amount),
        date.fromisoformat(row.signed_on),
        date.fromisoformat(row.starts_on),
        date.fromisoformat(row.ends_on),
        Earmark.model_validate(json.loads(row.earmark)),
        bool(row.gift),
    )


def get_agreement(books: Connection, code: str, known_at: int = NOW) -> Agreement:
    """The agreement with this code, in the term where its money is now; NotFound when the books have none."""
    made = read_one(books, agreement, "agreement", code, _read, known_at)
    return _carried(books, made, current_term(books, made.term, known_at))


def _carried(books: Connection, made: Agreement, term: str) -> Agreement:
    """The agreement as it goes on in a term. A gift has no end of its own: it ends with the term it is in."""
    if term == made.term:
        return made
    ends_on = get_term(books, term).ends_on if made.gift else made.ends_on
    return replace(made, term=term, ends_on=ends_on)


def agreements(
    books: Connection, *, donor: str | None = None, term: str | None = None, known_at: int = NOW
) -> list[Agreement]:
    """Agreements (and gifts), by code; those of a term include what was carried over to it."""
    query = select(agreement).where(known(agreement, known_at)).order_by(agreement.c.code)
    if donor is not None:
        query = query.where(agreement.c.donor == donor)
    if term is not None:
        query = query.where(agreement.c.term.in_(terms_into(books, term, known_at)))
    found = [_read(row) for row in books.execute(query)]
    return [_carried(books, each, term or current_term(books, each.term, known_at)) for each in found]


def keep(books: Connection, seq: int, made: AgreementSigned, *, gift: bool) -> None:
    """Note an agreement, or the gift that stands for one, in the register."""
    require_new(books, agreement, "agreement", made.code)
    learn(
        books,
        agreement,
        seq,
        code=made.code,
        donor=made.donor,
        term=made.term,
        currency=made.amount.currency,
        amount=made.amount.minor,
        signed_on=made.on.isoformat(),
        starts_on=made.starts_on.isoformat(),
        ends_on=made.ends_on.isoformat(),
        earmark=canonical_json(made.earmark.model_dump(mode="json")),
        gift=int(gift),
    )


def _post(event: AgreementSigned, books: Connection) -> list[Line]:
    get_donor(books, event.donor)
    require_open_term(books, event.term)
    require_tender(event.amount.currency, event.on)
    minor, currency = event.amount.minor, event.amount.currency
    value = usd_value(books, minor, currency, event.on)
    lines = without_empty(
        [
            line("1200", event.term, currency, minor, value, agreement=event.code),
            line("2100", event.term, currency, -minor, -value, agreement=event.code),
        ]
    )
    if not event.pledge:
        return lines
    kept = get_open_pledge(books, event.pledge)
    if (kept.donor, kept.term) != (event.donor, event.term):
        raise Refused(f"The pledge {event.pledge} is not {event.donor}'s for the term {event.term}.")
    return lines + release(books, event.pledge)


def _apply(books: Connection, seq: int, event: AgreementSigned) -> None:
    keep(books, seq, event, gift=False)
    if event.pledge:
        end(books, seq, event.pledge, event.on, "kept")


KINDS = (
    Kind(
        AgreementSigned,
        post=_post,
        apply=_apply,
        registers=(agreement, pledge_end),
        reversible=True,
    ),
)
