"""Instalments as a donor reads them: which ones a contribution settles, and which are still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from donors import Contribution, Due, conditions_met, dues_of, get_agreement
from ledger import RECEIVABLE, Amount, AsOf, Balance, posted


@dataclass(frozen=True)
class Settled:
    """An instalment and the part of it that a contribution settled."""

    number: int
    of: int
    """How many instalments the agreement has."""
    due_on: date
    amount: Amount
    """As agreed."""
    settled: Amount
    left: Amount
    """What was still outstanding after this contribution."""


def settled_by(books: Connection, given: Contribution) -> tuple[Settled, ...]:
    """The instalments that a contribution settled, by the terms of its day; none for a gift."""
    after = _owed(books, given.agreement, AsOf(date.max, given.seq))
    before = _owed(books, given.agreement, AsOf(date.max, given.seq - 1))
    then, now = (
        _dues(books, given.agreement, owed, given.received_on, given.seq) for owed in (before, after)
    )
    return tuple(
        Settled(
            number=due.number,
            of=len(then),
            due_on=due.due_on,
            amount=due.amount,
            settled=_less(due.outstanding, left.outstanding),
            left=left.outstanding,
        )
        for due, left in zip(then, now, strict=True)
        if due.outstanding != left.outstanding
    )


def to_come(books: Connection, agreement: str, as_of: AsOf) -> tuple[Due, ...]:
    """The outstanding instalments of an agreement, or what is left of them, the earliest first."""
    owed = _owed(books, agreement, as_of)
    found = _dues(books, agreement, owed, as_of.effective_to, as_of.known_at)
    return tuple(due for due in found if due.outstanding.minor)


def _owed(books: Connection, agreement: str, as_of: AsOf) -> Balance:
    lines = list(posted(books, as_of, accounts=(RECEIVABLE,), agreements=[agreement]))
    return Balance(sum(line.amount for line in lines), sum(line.usd for line in lines))


def _dues(books: Connection, agreement: str, owed: Balance, on: date, known_at: int) -> list[Due]:
    signed = get_agreement(books, agreement, known_at)
    return dues_of(signed, owed, conditions_met(books, known_at=known_at), on)


def _less(amount: Amount, other: Amount) -> Amount:
    return Amount(currency=amount.currency, minor=amount.minor - other.minor)
