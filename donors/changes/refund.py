"""Refunds to donors: first agreed, then paid, and never more than is available under the agreement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pydantic import Field
from sqlalchemy import Connection, Row, Select, select

from donors.agreement.agreement import get_agreement, get_open_agreement
from donors.bank_accounts.account import bank_account, payment_out_lines, require_account
from donors.codes import CODE_PATTERN, AgreementField, BankAccountField, RefundField
from donors.donor.donor import get_donor
from ledger import (
    AVAILABLE,
    FUND_CURRENCY,
    NOW,
    REFUNDS_PAYABLE,
    Amount,
    AmountField,
    Event,
    Evidence,
    Hint,
    Kind,
    Known,
    Line,
    Positive,
    Refused,
    TextField,
    as_known,
    available,
    dollars,
    find,
    project,
    register,
    require_new,
    text,
    usd,
    usd_value,
    whole,
    without_empty,
)


class RefundAgreed(Event):
    """UIL and a donor agree on a refund."""

    kind: ClassVar[str] = "refund agreed"
    says: ClassVar[str] = "{cents} are to be refunded under the agreement {agreement} ({code})."

    code: TextField = Field(pattern=CODE_PATTERN)
    agreement: AgreementField
    cents: AmountField = Field(gt=0)
    """USD cents."""
    reason: TextField = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"refund:{self.code}"


class RefundPaid(Event):
    """An agreed refund is paid, in one sum."""

    kind: ClassVar[str] = "refund paid"

    refund: RefundField
    reference: TextField = Field(pattern=CODE_PATTERN)
    """The bank's reference."""
    bank_account: BankAccountField
    amount: Positive | None = None
    """The amount paid from an account in another currency than US dollars, as the bank advises it."""

    @property
    def sentence(self) -> str:
        if self.amount is None:
            return "The refund {refund} is paid from {bank_account}."
        return "The refund {refund} is paid with {amount} from {bank_account}."

    @property
    def key(self) -> str:
        return f"refund paid:{self.refund}:{self.reference}"

    @property
    def claims(self) -> tuple[str, ...]:
        return self.key, f"refund paid:{self.refund}"


refund = register("refund", text("code"), text("agreement"), whole("cents"), text("agreed_on"))
refund_payment = register(
    "refund_payment", text("refund"), text("paid_on"), text("currency"), whole("amount")
)
_WITHIN = 2
"""The factor within which the value of the payment must be of the refund; beyond it is a typing error."""


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
    """The day on which it was paid; None if it is not."""
    paid: Amount | None
    """The amount paid from the bank account; None if it is not paid."""

    @property
    def owed(self) -> int:
        """USD cents that are agreed and not paid."""
        return 0 if self.paid_on else self.cents


def get_refund(books: Connection, code: str, known_at: int = NOW) -> Refund:
    """The refund with this code, paid or not; NotFound if there is none."""
    find(books, refund, "refund", code, known_at)
    return _read(books.execute(_refunds(known_at).where(refund.c.code == code)).one())


def refunds(books: Connection, *, agreement: str | None = None, known_at: int = NOW) -> list[Refund]:
    """Refunds, paid or not, ordered by code; only those of an agreement, if named."""
    query = _refunds(known_at)
    if agreement is not None:
        query = query.where(refund.c.agreement == agreement)
    return [_read(row) for row in books.execute(query.order_by(refund.c.code))]


def _refunds(known_at: int) -> Select[Any]:
    """A query for refunds, each joined with its payment, if any."""
    paid = refund.outerjoin(
        refund_payment, (refund_payment.c.refund == refund.c.code) & as_known(refund_payment, known_at)
    )
    return (
        select(refund, refund_payment.c.paid_on, refund_payment.c.currency, refund_payment.c.amount)
        .select_from(paid)
        .where(as_known(refund, known_at))
    )


def _read(row: Row[Any]) -> Refund:
    agreed_on = date.fromisoformat(row.agreed_on)
    paid_on = date.fromisoformat(row.paid_on) if row.paid_on else None
    paid = Amount(currency=row.currency, minor=row.amount) if row.paid_on else None
    return Refund(row.seq, row.code, row.agreement, row.cents, agreed_on, paid_on, paid)


def _post_agreed(event: RefundAgreed, books: Connection) -> list[Line]:
    term = get_open_agreement(books, event.agreement).term
    left = available(books, term).get(event.agreement, 0)
    if event.cents > left:
        raise Refused(
            "refund-exceeds-available",
            "{cents} cannot be refunded: agreement {agreement} has {left} available; take back what is "
            "allocated first.",
            cents=usd(event.cents),
            agreement=event.agreement,
            left=usd(left),
        )
    marks = {"agreement": event.agreement}
    return [
        dollars(AVAILABLE, term, event.cents, **marks),
        dollars(REFUNDS_PAYABLE, term, -event.cents, **marks),
    ]


def _post_paid(event: RefundPaid, books: Connection) -> list[Line]:
    agreed = get_refund(books, event.refund)
    if agreed.paid_on:
        raise Refused(
            "refund-paid-already",
            "The refund {refund} was paid on {paid_on} already: if that is wrong, reverse that entry first.",
            refund=event.refund,
            paid_on=agreed.paid_on,
        )
    paid = _paid(event, agreed)
    held = find(books, bank_account, "bank account", event.bank_account).currency
    if event.amount is None and held != FUND_CURRENCY:
        raise Refused(
            "refund-without-bank-amount",
            "The bank account {bank_account} holds {held}: say what left it for the refund {code}, as "
            "the bank advises it{hint}.",
            hint=Hint("say-amount", currency=held),
            bank_account=event.bank_account,
            held=held,
            code=agreed.code,
        )
    require_account(books, event.bank_account, paid.currency, event.on)
    _require_worth(books, paid, agreed, event.on)
    term = get_agreement(books, agreed.agreement).term
    return without_empty(
        [
            dollars(REFUNDS_PAYABLE, term, agreed.cents, agreement=agreed.agreement),
            *payment_out_lines(books, term, event.bank_account, paid, agreed.cents),
        ]
    )


def _paid(event: RefundPaid, agreed: Refund) -> Amount:
    return event.amount or Amount(currency=FUND_CURRENCY, minor=agreed.cents)


def _require_worth(books: Connection, paid: Amount, agreed: Refund, on: date) -> None:
    """Refused unless the payment is the whole refund: to the cent in US dollars, else within the factor."""
    worth = usd_value(books, paid.minor, paid.currency, on)
    slack = 1 if paid.currency == FUND_CURRENCY else _WITHIN
    if not agreed.cents <= slack * worth <= slack**2 * agreed.cents:
        raise Refused(
            "refund-bank-amount-differs",
            "The refund {code} is {cents}, and {paid} is worth {worth} on {on}: give what left the "
            "bank account for the whole of it.",
            code=agreed.code,
            cents=usd(agreed.cents),
            paid=paid,
            worth=usd(worth),
            on=on,
        )


def _apply_agreed(books: Connection, seq: int, event: RefundAgreed) -> None:
    require_new(books, refund, "refund", event.code)
    project(
        books,
        refund,
        seq,
        code=event.code,
        agreement=event.agreement,
        cents=event.cents,
        agreed_on=event.on.isoformat(),
    )


def _apply_paid(books: Connection, seq: int, event: RefundPaid) -> None:
    paid = _paid(event, get_refund(books, event.refund))
    project(
        books,
        refund_payment,
        seq,
        refund=event.refund,
        paid_on=event.on.isoformat(),
        currency=paid.currency,
        amount=paid.minor,
    )


def _named(books: Connection, code: str, _term: str) -> Known:
    known = get_refund(books, code)
    signed = get_agreement(books, known.agreement)
    donor = get_donor(books, signed.donor).name
    amount = Amount(currency=FUND_CURRENCY, minor=known.cents)
    return Known(f"{code} ({amount} under {known.agreement} of {donor})", term=signed.term)


KINDS = (
    Kind(
        RefundAgreed,
        post=_post_agreed,
        apply=_apply_agreed,
        registers=(refund,),
        reversible=True,
        names={"refund": _named},
    ),
    Kind(RefundPaid, post=_post_paid, apply=_apply_paid, registers=(refund_payment,), reversible=True),
)
