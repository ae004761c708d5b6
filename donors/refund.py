"""Refunds: money that goes back to its donor, agreed first and paid then, never more than is available."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import Connection, Row, select

from donors.agreement import get_agreement, get_open_agreement
from donors.bank import require_account
from donors.donor import CODE_PATTERN
from ledger import (
    FUND_CURRENCY,
    NOW,
    Event,
    Evidence,
    Kind,
    Line,
    Refused,
    available,
    dollars,
    find,
    known,
    learn,
    register,
    require_new,
    text,
    usd,
    whole,
)


class RefundAgreed(Event):
    """UIL and a donor agree that money goes back."""

    kind: ClassVar[str] = "refund agreed"

    code: str = Field(pattern=CODE_PATTERN)
    agreement: str
    cents: int = Field(gt=0)
    """USD cents."""
    reason: str = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"refund:{self.code}"


class RefundPaid(Event):
    """An agreed refund is paid, in one sum."""

    kind: ClassVar[str] = "refund paid"

    refund: str
    reference: str = Field(pattern=CODE_PATTERN)
    """The bank's reference."""
    bank_account: str

    @property
    def key(self) -> str:
        return f"refund paid:{self.refund}:{self.reference}"


refund = register("refund", text("code"), text("agreement"), whole("cents"), text("agreed_on"))
refund_payment = register("refund_payment", text("refund"), text("paid_on"))


@dataclass(frozen=True)
class Refund:
    """A refund as the books know it."""

    seq: int
    code: str
    agreement: str
    cents: int
    """USD cents."""
    agreed_on: date
    paid_on: date | None
    """The day on which it was paid; none while it is owed."""

    @property
    def owed(self) -> int:
        """What is agreed and not paid, USD cents."""
        return 0 if self.paid_on else self.cents


def get_refund(books: Connection, code: str, known_at: int = NOW) -> Refund:
    """The refund with this code, paid or not; NotFound when the books have none."""
    find(books, refund, "refund", code, known_at)
    return next(each for each in refunds(books, known_at=known_at) if each.code == code)


def refunds(books: Connection, *, agreement: str | None = None, known_at: int = NOW) -> list[Refund]:
    """Refunds by code, paid or not; those of an agreement only if one is named."""
    paid = refund.outerjoin(
        refund_payment, (refund_payment.c.refund == refund.c.code) & known(refund_payment, known_at)
    )
    query = (
        select(refund, refund_payment.c.paid_on)
        .select_from(paid)
        .where(known(refund, known_at))
        .order_by(refund.c.code)
    )
    if agreement is not None:
        query = query.where(refund.c.agreement == agreement)
    return [_read(row) for row in books.execute(query)]


def _read(row: Row[Any]) -> Refund:
    paid_on = date.fromisoformat(row.paid_on) if row.paid_on else None
    return Refund(row.seq, row.code, row.agreement, row.cents, date.fromisoformat(row.agreed_on), paid_on)


def _post_agreed(event: RefundAgreed, books: Connection) -> list[Line]:
    term = get_open_agreement(books, event.agreement).term
    left = available(books, term).get(event.agreement, 0)
    if event.cents > left:
        raise Refused(
            f"{usd(event.cents)} cannot be refunded: agreement {event.agreement} has {usd(left)} available; "
            f"take back what is allocated first."
        )
    marks = {"agreement": event.agreement}
    return [dollars("2200", term, event.cents, **marks), dollars("2700", term, -event.cents, **marks)]


def _post_paid(event: RefundPaid, books: Connection) -> list[Line]:
    agreed = get_refund(books, event.refund)
    if agreed.paid_on:
        raise Refused(f"The refund {event.refund} was paid on {agreed.paid_on} already.")
    require_account(books, event.bank_account, FUND_CURRENCY, event.on)
    term = get_agreement(books, agreed.agreement).term
    return [
        dollars("2700", term, agreed.cents, agreement=agreed.agreement),
        dollars("1100", term, -agreed.cents, bank_account=event.bank_account),
    ]


def _apply_agreed(books: Connection, seq: int, event: RefundAgreed) -> None:
    require_new(books, refund, "refund", event.code)
    learn(
        books,
        refund,
        seq,
        code=event.code,
        agreement=event.agreement,
        cents=event.cents,
        agreed_on=event.on.isoformat(),
    )


def _apply_paid(books: Connection, seq: int, event: RefundPaid) -> None:
    learn(books, refund_payment, seq, refund=event.refund, paid_on=event.on.isoformat())


KINDS = (
    Kind(RefundAgreed, post=_post_agreed, apply=_apply_agreed, registers=(refund,), reversible=True),
    Kind(RefundPaid, post=_post_paid, apply=_apply_paid, registers=(refund_payment,), reversible=True),
)
