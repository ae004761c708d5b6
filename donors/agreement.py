"""Agreements: what a donor has signed to give, for which term, between which dates, and under which earmark.

A gift without an agreement is kept as an agreement of its own, unearmarked, so that every cent in the
books belongs to one. What is amended or closed is another row of the register: the newest counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, Row, select

from donors.donor import CODE_PATTERN, get_donor
from donors.earmark import Earmark
from donors.instalment import Instalment
from donors.offer import end as end_offer
from donors.offer import get_open_offer, offer_end
from donors.pledge import end, get_open_pledge, pledge_end, release
from donors.screening import require_screened
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
    offers: tuple[str, ...] = ()
    """The donor's offers that this agreement accepts."""
    instalments: tuple[Instalment, ...] = ()
    """When the money is to come; without any, all of it is due on the first day."""
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
        require_sum(self.instalments, self.amount)
        return self


def require_sum(instalments: Sequence[Instalment], amount: Amount) -> None:
    """ValueError unless instalments come one after the other and make up the amount, or there are none."""
    if not instalments:
        return
    days = [each.due_on for each in instalments]
    if days != sorted(days):
        raise ValueError("the instalments must be in the order of their days")
    promised = Amount(currency=amount.currency, minor=sum(each.minor for each in instalments))
    if promised != amount:
        raise ValueError(f"the instalments add up to {promised}, and the amount is {amount}")


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
    text("instalments"),
    text("amended_on"),
    whole("closed"),
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
    instalments: tuple[Instalment, ...]
    amended_on: date
    """The day from which these terms apply: of the signature, or of the newest amendment."""
    closed: bool
    """Whether it was closed, on its last day."""

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
        tuple(map(Instalment.model_validate, json.loads(row.instalments))),
        date.fromisoformat(row.amended_on),
        bool(row.closed),
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
    books: Connection,
    *,
    donor: str | None = None,
    term: str | None = None,
    effective_to: date = date.max,
    known_at: int = NOW,
) -> list[Agreement]:
    """Agreements (and gifts) signed by a day, by code, as amended by then.

    Those of a term include what was carried over to it.
    """
    query = (
        select(agreement)
        .where(known(agreement, known_at), agreement.c.amended_on <= effective_to.isoformat())
        .order_by(agreement.c.code, agreement.c.seq)
    )
    if donor is not None:
        query = query.where(agreement.c.donor == donor)
    if term is not None:
        query = query.where(agreement.c.term.in_(terms_into(books, term, known_at)))
    found = {row.code: row for row in books.execute(query)}  # of a code the newest
    made = map(_read, found.values())
    return [_carried(books, each, term or current_term(books, each.term, known_at)) for each in made]


def keep(books: Connection, seq: int, made: AgreementSigned, *, gift: bool) -> None:
    """Note an agreement, or the gift that stands for one, in the register."""
    require_new(books, agreement, "agreement", made.code)
    renew(
        books,
        seq,
        Agreement(
            seq=seq,
            code=made.code,
            donor=made.donor,
            term=made.term,
            amount=made.amount,
            signed_on=made.on,
            starts_on=made.starts_on,
            ends_on=made.ends_on,
            earmark=made.earmark,
            gift=gift,
            instalments=made.instalments,
            amended_on=made.on,
            closed=False,
        ),
    )


def renew(books: Connection, seq: int, now: Agreement) -> None:
    """Note the terms of an agreement, as signed or as amended, in the register."""
    learn(
        books,
        agreement,
        seq,
        code=now.code,
        donor=now.donor,
        term=now.term,
        currency=now.amount.currency,
        amount=now.amount.minor,
        signed_on=now.signed_on.isoformat(),
        starts_on=now.starts_on.isoformat(),
        ends_on=now.ends_on.isoformat(),
        earmark=canonical_json(now.earmark.model_dump(mode="json")),
        gift=int(now.gift),
        instalments=canonical_json([each.model_dump(mode="json") for each in now.instalments]),
        amended_on=now.amended_on.isoformat(),
        closed=int(now.closed),
    )


def _post(event: AgreementSigned, books: Connection) -> list[Line]:
    get_donor(books, event.donor)
    require_screened(books, event.donor, event.on)
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
    for code in event.offers:
        accept(books, seq, code, event)


def accept(books: Connection, seq: int, code: str, signed: AgreementSigned) -> None:
    """Note that an agreement accepts an offer; Refused where it is another donor's or open no more."""
    if get_open_offer(books, code).donor != signed.donor:
        raise Refused(f"The offer {code} is not {signed.donor}'s: name offers of the donor who signs.")
    end_offer(books, seq, code, signed.on, "accepted", signed.code)


KINDS = (
    Kind(
        AgreementSigned,
        post=_post,
        apply=_apply,
        registers=(agreement, pledge_end, offer_end),
        reversible=True,
    ),
)
