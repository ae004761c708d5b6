"""Pledges: contributions that a donor has announced and not yet signed; memo items, never assets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import Connection, Row, select

from donors.codes import CODE_PATTERN, DonorField, PledgeField
from donors.donor.donor import get_donor
from ledger import (
    NOW,
    PLEDGES,
    PLEDGES_CONTRA,
    Amount,
    Event,
    Kind,
    Known,
    Line,
    Positive,
    Refused,
    Repeatable,
    TermField,
    TextField,
    as_known,
    as_known_on,
    current_term,
    find,
    line,
    lines_of,
    project,
    register,
    require_new,
    require_open_term,
    require_tender,
    text,
    usd_value,
    whole,
)


class PledgeRecorded(Event):
    """A donor announces a contribution."""

    kind: ClassVar[str] = "pledge recorded"
    says: ClassVar[str] = "{donor} pledges {amount} for the term {term}, expected on {expected_on} ({code})."

    code: TextField = Field(pattern=CODE_PATTERN)
    donor: DonorField
    term: TermField
    amount: Positive
    expected_on: date

    @property
    def key(self) -> str:
        return f"pledge:{self.code}"


class PledgeWithdrawn(Repeatable):
    """A pledge will not be fulfilled."""

    kind: ClassVar[str] = "pledge withdrawn"
    says: ClassVar[str] = "The pledge {pledge} is withdrawn: it is no longer expected."

    pledge: PledgeField
    reason: TextField = Field(min_length=1)

    @property
    def first_key(self) -> str:
        return f"pledge withdrawn:{self.pledge}"

    @property
    def claims(self) -> tuple[str, ...]:
        return self.key, f"pledge ended:{self.pledge}"


pledge = register(
    "pledge",
    text("code"),
    text("donor"),
    text("term"),
    text("currency"),
    whole("amount"),
    text("recorded_on"),
    text("expected_on"),
)
pledge_end = register("pledge_end", text("pledge"), text("ended_on"), text("how"))


@dataclass(frozen=True)
class Pledge:
    """A pledge as the books know it."""

    seq: int
    code: str
    donor: str
    term: str
    amount: Amount
    recorded_on: date
    expected_on: date


def _read(row: Row[Any]) -> Pledge:
    amount = Amount(currency=row.currency, minor=row.amount)
    dates = (date.fromisoformat(row.recorded_on), date.fromisoformat(row.expected_on))
    return Pledge(row.seq, row.code, row.donor, row.term, amount, *dates)


def open_pledges(books: Connection, effective_to: date = date.max, known_at: int = NOW) -> list[Pledge]:
    """Pledges that by a day were neither fulfilled by an agreement nor withdrawn nor reversed, by code."""
    ended = select(pledge_end.c.pledge).where(
        as_known_on(pledge_end, effective_to, known_at), pledge_end.c.ended_on <= effective_to.isoformat()
    )
    rows = books.execute(
        select(pledge)
        .where(
            as_known_on(pledge, effective_to, known_at),
            pledge.c.recorded_on <= effective_to.isoformat(),
            pledge.c.code.not_in(ended),
        )
        .order_by(pledge.c.code)
    )
    return [_read(row) for row in rows]


def get_open_pledge(books: Connection, code: str) -> Pledge:
    """The pledge with this code, in the term it is in now; Refused if it was fulfilled or withdrawn."""
    row = find(books, pledge, "pledge", code)
    ended = books.execute(select(pledge_end).where(pledge_end.c.pledge == code, as_known(pledge_end))).first()
    if ended:
        raise Refused(
            "pledge-ended",
            "The pledge {code} was {how} on {ended_on} already: if that is wrong, reverse entry {seq} first.",
            code=code,
            how=ended.how,
            ended_on=ended.ended_on,
            seq=ended.seq,
        )
    made = _read(row)
    return replace(made, term=current_term(books, made.term))


def release_pledge(books: Connection, code: str, on: date) -> list[Line]:
    """The lines that remove an open pledge from the memo accounts, at the value at which it was recorded.

    Refused on a day before it was recorded.
    """
    kept = get_open_pledge(books, code)
    if on < kept.recorded_on:
        raise Refused(
            "pledge-end-before-recorded",
            "The pledge {code} was recorded on {recorded_on}, so it cannot end on {on}: use that day "
            "or a later one.",
            code=code,
            recorded_on=kept.recorded_on,
            on=on,
        )
    return [
        recorded._replace(term=kept.term, amount=-recorded.amount, usd=-recorded.usd)
        for recorded in lines_of(books, kept.seq)
    ]


def end_pledge(books: Connection, seq: int, code: str, on: date, how: str) -> None:
    """Add to the register that a pledge is no longer open; `how` is `kept` or `withdrawn`."""
    project(books, pledge_end, seq, pledge=code, ended_on=on.isoformat(), how=how)


def _post_recorded(event: PledgeRecorded, books: Connection) -> list[Line]:
    get_donor(books, event.donor)
    ends_on = require_open_term(books, event.term).ends_on
    if event.on > ends_on:  # before the term starts is allowed: donors announce money in advance
        raise Refused(
            "pledge-after-term",
            "A pledge on {on} is too late for the term {term}, which ended on {ends_on}.",
            on=event.on,
            term=event.term,
            ends_on=ends_on,
        )
    require_tender(event.amount.currency, event.on)
    minor, currency = event.amount.minor, event.amount.currency
    value = usd_value(books, minor, currency, event.on)
    return [
        line(PLEDGES, event.term, currency, minor, value, donor=event.donor),
        line(PLEDGES_CONTRA, event.term, currency, -minor, -value, donor=event.donor),
    ]


def _apply_recorded(books: Connection, seq: int, event: PledgeRecorded) -> None:
    require_new(books, pledge, "pledge", event.code)
    project(
        books,
        pledge,
        seq,
        code=event.code,
        donor=event.donor,
        term=event.term,
        currency=event.amount.currency,
        amount=event.amount.minor,
        recorded_on=event.on.isoformat(),
        expected_on=event.expected_on.isoformat(),
    )


def _post_withdrawn(event: PledgeWithdrawn, books: Connection) -> list[Line]:
    return release_pledge(books, event.pledge, event.on)


def _apply_withdrawn(books: Connection, seq: int, event: PledgeWithdrawn) -> None:
    end_pledge(books, seq, event.pledge, event.on, "withdrawn")


def _named(books: Connection, code: str, _term: str) -> Known:
    row = find(books, pledge, "pledge", code)
    return Known(f"{code} of {get_donor(books, row.donor).name}", row.currency, row.term)


KINDS = (
    Kind(
        PledgeRecorded,
        post=_post_recorded,
        apply=_apply_recorded,
        registers=(pledge,),
        reversible=True,
        names={"pledge": _named},
    ),
    Kind(
        PledgeWithdrawn,
        post=_post_withdrawn,
        apply=_apply_withdrawn,
        registers=(pledge_end,),
        reversible=True,
    ),
)
