"""Agreements: the amount that a donor has signed to give, with its term, dates, earmark and instalments.

A gift without an agreement is kept as an unearmarked agreement of its own, so that every cent in the books
belongs to one. An amendment adds a row to the register, and the newest row of a code counts.
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
from donors.codes import CODE_PATTERN, DonorField, OfferField, PledgeField
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
    Hint,
    Kind,
    Known,
    Line,
    NotNegative,
    Refused,
    Sentence,
    TermField,
    TextField,
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

    code: TextField = Field(pattern=CODE_PATTERN)
    donor: DonorField
    term: TermField
    amount: NotNegative
    """What the donor agrees to give in money; zero for an agreement on contributions in kind only."""
    starts_on: date
    ends_on: date
    earmark: Earmark = Earmark()
    pledge: PledgeField = ""
    """The code of the pledge that this agreement fulfils; empty if there is none."""
    offers: tuple[OfferField, ...] = ()
    """The codes of the donor's offers that this agreement accepts."""
    instalments: tuple[Instalment, ...] = ()
    """When the money is due; without any, all of it is due on the first day."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def sentence(self) -> str:
        if not self.amount.minor:
            return "{donor} signs the agreement {code} for the term {term}, on contributions in kind only."
        return "{donor} signs the agreement {code} to give {amount} for the term {term}."

    @property
    def key(self) -> str:
        return f"agreement:{self.code}"

    @property
    def claims(self) -> tuple[str, ...]:
        kept = (f"pledge ended:{self.pledge}",) if self.pledge else ()
        return self.key, *kept, *(f"offer ended:{offer}" for offer in self.offers)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("an agreement must not end before it starts")
        require_schedule(self.instalments, self.amount, self.starts_on, self.ends_on)
        return self


def require_schedule(
    instalments: Sequence[Instalment], amount: Amount, starts_on: date, ends_on: date
) -> None:
    """ValueError unless instalments are in order, within the dates, and add up to the amount.

    An empty schedule is valid.
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
    """Whether it represents a gift that came without an agreement."""
    instalments: tuple[Instalment, ...]
    raised: tuple[Instalment, ...]
    """If there are no instalments: what amendments added, each part due on the day it was agreed. The rest is
    due on the first day."""
    amended_on: date
    """The day from which these terms apply: that of the signature or of the newest amendment."""
    closed_on: date | None = None
    """The day on which it was closed, after which nothing is booked under it; None if it is open."""

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
        """Refused if the day is outside the agreement's dates or the agreement is closed.

        `what` is the subject of the message, such as "The contribution C-1".
        """
        if self.closed_on is not None:
            raise is_closed(self.code, self.closed_on)
        if not self.runs_on(on):
            raise Refused(
                "outside-agreement-dates",
                "{what} on {on} is outside the dates of agreement {code}, which runs from {starts_on} "
                "to {ends_on}.",
                what=what,
                on=on,
                code=self.code,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
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
    """The agreement with this code, in the term that its money is in now; NotFound if there is none."""
    made = get_terms(books, code, known_at)
    carried = _carried(books, made, current_term(books, made.term, known_at))
    return _ended(carried, closed_among(books, [code], known_at))


def get_terms(books: Connection, code: str, known_at: int = NOW) -> Agreement:
    """The agreement as it was signed or amended last, in its original term; NotFound if there is none."""
    return read_one(books, agreement, "agreement", code, _read, known_at)


def get_open_agreement(books: Connection, code: str) -> Agreement:
    """The agreement with this code; NotFound if there is none, Refused if it is closed."""
    found = get_agreement(books, code)
    if found.closed_on is not None:
        raise is_closed(code, found.closed_on)
    return found


def _ended(made: Agreement, closed: Mapping[str, date]) -> Agreement:
    """The agreement with the day it was closed on, which is also its last day if it was closed early."""
    if made.code not in closed:
        return made
    closed_on = closed[made.code]
    last = min(made.ends_on, max(made.starts_on, closed_on))
    return replace(made, ends_on=last, closed_on=closed_on)


def _carried(books: Connection, made: Agreement, term: str) -> Agreement:
    """The agreement carried over to a term. A gift has no end date of its own: it ends with its term."""
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
    """Agreements and gifts signed by a day, as amended and closed by then, ordered by code.

    With `term`, those whose money is in that term, including what was carried over to it.
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
    """The code of the donor of every agreement and gift."""
    rows = books.execute(select(agreement.c.code, agreement.c.donor).where(as_known(agreement, known_at)))
    return {row.code: row.donor for row in rows}


def project_new_agreement(books: Connection, made: Agreement) -> None:
    """Add a new agreement, or a gift as one, to the register; Refused if the code is in use."""
    require_new(books, agreement, "agreement", made.code)
    project_agreement(books, made.seq, made)


def project_agreement(books: Connection, seq: int, now: Agreement) -> None:
    """Add the terms of an agreement, as signed or as amended by entry `seq`, to the register."""
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
        raise Refused(
            "pledge-of-other-donor",
            "The pledge {pledge} is not {donor}'s for the term {term}.",
            pledge=event.pledge,
            donor=event.donor,
            term=event.term,
        )
    return lines + release_pledge(books, event.pledge, event.on)


def recognise_receivable(books: Connection, term: str, code: str, amount: Amount, on: date) -> list[Line]:
    """The lines that recognise a receivable from an agreement, or more of it, at the value of the day."""
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
    """End an offer as accepted by an agreement; Refused if it is another donor's or no longer open."""
    if get_open_offer(books, code).donor != signed.donor:
        raise Refused(
            "offer-of-other-donor",
            "The offer {code} is not {donor}'s: name offers of the donor who signs.",
            code=code,
            donor=signed.donor,
        )
    end_offer(books, seq, code, signed.on, "accepted", signed.code)


def _named(books: Connection, code: str, _term: str) -> Known:
    known = get_agreement(books, code)
    return Known(f"{code} of {get_donor(books, known.donor).name}", known.amount.currency, known.term)


def _instalment_named(books: Connection, which: str, _term: str) -> Known:
    code, _, number = which.rpartition(":")
    known = get_agreement(books, code)
    part = known.instalments[int(number) - 1]
    amount = Amount(currency=known.amount.currency, minor=part.minor)
    condition = f", if {part.condition}" if part.condition else ""
    return Known(f"{number} ({amount}, due on {part.due_on}{condition})")


KINDS = (
    Kind(
        AgreementSigned,
        names={"agreement": _named, "instalment": _instalment_named},
        post=_post,
        apply=_apply,
        registers=(agreement, pledge_end, offer_end),
        reversible=True,
        when_recorded=Sentence(
            "change its terms", Hint("amend-agreement", agreement="{code}"), ", or use another code"
        ),
    ),
)
