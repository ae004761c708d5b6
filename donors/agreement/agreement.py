"""Agreements: what a donor has signed to give, for which term, between which dates, and under which earmark.

A gift without an agreement is kept as an agreement of its own, unearmarked, so that every cent in the
books belongs to one. What is amended is another row of the register: the newest counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, Index, Row, select

from donors.agreement.earmark import Earmark
from donors.agreement.instalment import Instalment
from donors.agreement.pledge import end_pledge, get_open_pledge, pledge_end, release_pledge
from donors.codes import CODE_PATTERN
from donors.donor.donor import get_donor
from donors.donor.screening import require_screened
from donors.offers.offer import end_offer, get_open_offer, offer_end
from ledger import (
    NOT_YET_RECEIVED,
    NOW,
    RECEIVABLE,
    Amount,
    Event,
    Evidence,
    Kind,
    Line,
    NotNegative,
    Refused,
    all_closed,
    as_known,
    canonical_json,
    closed_among,
    current_term,
    get_term,
    is_closed,
    line,
    project,
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
    amount: NotNegative
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
        require_schedule(self.instalments, self.amount, self.starts_on, self.ends_on)
        return self


def require_schedule(
    instalments: Sequence[Instalment], amount: Amount, starts_on: date, ends_on: date
) -> None:
    """ValueError unless instalments come in order and within the dates, and make up the amount.

    Nothing is asked where there are none.
    """
    if not instalments:
        return
    days = [each.due_on for each in instalments]
    if days != sorted(days):
        raise ValueError("the instalments must be in the order of their days")
    if not starts_on <= days[0] <= days[-1] <= ends_on:
        raise ValueError(f"the instalments must be due between {starts_on} and {ends_on}")
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
    text("raised"),
    text("amended_on"),
)
Index("ix_agreement_donor", agreement.c.donor)


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
    raised: tuple[Instalment, ...]
    """Without instalments: what amendments added, each due on the day it was agreed. All else is due on the
    first day."""
    amended_on: date
    """The day from which these terms apply: of the signature, or of the newest amendment."""
    closed_on: date | None = None
    """The day on which it was closed, if it is; nothing is booked under it any more."""

    @property
    def first_day(self) -> date:
        """The first day on which money can be due."""
        return max(self.starts_on, self.signed_on)

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self.closed_on is not None

    def runs_on(self, on: date) -> bool:
        """Whether a day lies within the agreement's dates."""
        return self.starts_on <= on <= self.ends_on

    def require_running(self, on: date, what: str) -> None:
        """Refuse a day outside the agreement's dates, and any day when it is closed."""
        if self.closed_on is not None:
            raise is_closed(self.code, self.closed_on)
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
        _parts(row.instalments),
        _parts(row.raised),
        date.fromisoformat(row.amended_on),
    )


def _parts(written: str) -> tuple[Instalment, ...]:
    return tuple(map(Instalment.model_validate, json.loads(written)))


def get_agreement(books: Connection, code: str, known_at: int = NOW) -> Agreement:
    """The agreement with this code, in the term where its money is now; NotFound when the books have none."""
    made = get_terms(books, code, known_at)
    carried = _carried(books, made, current_term(books, made.term, known_at))
    return _ended(carried, closed_among(books, [code], known_at))


def get_terms(books: Connection, code: str, known_at: int = NOW) -> Agreement:
    """The agreement as it was signed or amended, in the term for which it was; NotFound as above."""
    return read_one(books, agreement, "agreement", code, _read, known_at)


def get_open_agreement(books: Connection, code: str) -> Agreement:
    """The agreement with this code; Refused when it is closed."""
    found = get_agreement(books, code)
    if found.closed_on is not None:
        raise is_closed(code, found.closed_on)
    return found


def _ended(made: Agreement, closed: Mapping[str, date]) -> Agreement:
    """The agreement with its last day, the day on which it was closed if that came before."""
    if made.code not in closed:
        return made
    closed_on = closed[made.code]
    last = min(made.ends_on, max(made.starts_on, closed_on))
    return replace(made, ends_on=last, closed_on=closed_on)


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
    """Agreements (and gifts) signed by a day, by code, as amended and closed by then.

    Those of a term include what was carried over to it.
    """
    query = (
        select(agreement)
        .where(as_known(agreement, known_at), agreement.c.amended_on <= effective_to.isoformat())
        .order_by(agreement.c.code, agreement.c.seq)
    )
    if donor is not None:
        query = query.where(agreement.c.donor == donor)
    if term is not None:
        query = query.where(agreement.c.term.in_(terms_into(books, term, known_at)))
    found = {row.code: row for row in books.execute(query)}  # of a code the newest
    ends = all_closed(books, known_at) if donor is None else closed_among(books, list(found), known_at)
    closed = {code: on for code, on in ends.items() if on <= effective_to}
    now = {code: term or current_term(books, code, known_at) for code in {row.term for row in found.values()}}
    return [_ended(_carried(books, each, now[each.term]), closed) for each in map(_read, found.values())]


def owners(books: Connection, known_at: int = NOW) -> dict[str, str]:
    """The donor of every agreement (and gift)."""
    rows = books.execute(select(agreement.c.code, agreement.c.donor).where(as_known(agreement, known_at)))
    return {row.code: row.donor for row in rows}


def project_new_agreement(books: Connection, made: Agreement) -> None:
    """Note a new agreement, or the gift that stands for one, in the register."""
    require_new(books, agreement, "agreement", made.code)
    project_agreement(books, made.seq, made)


def project_agreement(books: Connection, seq: int, now: Agreement) -> None:
    """Note the terms of an agreement, as signed or as amended, in the register."""
    project(
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
        earmark=_written(now.earmark),
        gift=int(now.gift),
        instalments=_in_writing(now.instalments),
        raised=_in_writing(now.raised),
        amended_on=now.amended_on.isoformat(),
    )


@lru_cache(maxsize=1000)
def _in_writing(parts: tuple[Instalment, ...]) -> str:
    return canonical_json([each.model_dump(mode="json") for each in parts])


@lru_cache(maxsize=1000)
def _written(earmark: Earmark) -> str:
    return canonical_json(earmark.model_dump(mode="json"))


def _post(event: AgreementSigned, books: Connection) -> list[Line]:
    get_donor(books, event.donor)
    require_screened(books, event.donor, event.on)
    lines = recognise_receivable(books, event.term, event.code, event.amount, event.on)
    if not event.pledge:
        return lines
    kept = get_open_pledge(books, event.pledge)
    if (kept.donor, kept.term) != (event.donor, event.term):
        raise Refused(f"The pledge {event.pledge} is not {event.donor}'s for the term {event.term}.")
    return lines + release_pledge(books, event.pledge, event.on)


def recognise_receivable(books: Connection, term: str, code: str, amount: Amount, on: date) -> list[Line]:
    """The lines by which an agreement owes so much, or so much more, from a day on, at that day's value."""
    require_open_term(books, term)
    require_tender(amount.currency, on)
    minor, currency = amount.minor, amount.currency
    value = usd_value(books, minor, currency, on)
    return without_empty(
        [
            line(RECEIVABLE, term, currency, minor, value, agreement=code),
            line(NOT_YET_RECEIVED, term, currency, -minor, -value, agreement=code),
        ]
    )


def _apply(books: Connection, seq: int, event: AgreementSigned) -> None:
    signed = Agreement(
        seq=seq,
        code=event.code,
        donor=event.donor,
        term=event.term,
        amount=event.amount,
        signed_on=event.on,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        earmark=event.earmark,
        gift=False,
        instalments=event.instalments,
        raised=(),
        amended_on=event.on,
    )
    project_new_agreement(books, signed)
    if event.pledge:
        end_pledge(books, seq, event.pledge, event.on, "kept")
    for code in event.offers:
        accept_offer(books, seq, code, event)


def accept_offer(books: Connection, seq: int, code: str, signed: AgreementSigned) -> None:
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
