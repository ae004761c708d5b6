"""Closing an agreement: what must be settled first, in order, and the close itself.

No step undoes an earlier one: what a partner returns stays committed until the commitment is cancelled;
support cost is charged on reported expenditure, within the allocation; and what is taken back from an
activity can be refunded. Nothing can be recorded under a closed agreement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import Connection

from allocation.delivery.expenditure import payables
from allocation.delivery.support_cost import support_cost_due
from allocation.term.term_close import require_none_later
from donors import (
    Agreement,
    AgreementField,
    get_agreement,
    get_open_agreement,
    goods_left,
    in_kind_gifts,
    refunds,
)
from ledger import (
    ADVANCES,
    COMMITMENTS,
    RECEIVABLE,
    Amount,
    AsOf,
    Evidence,
    Hint,
    Kind,
    Line,
    Refused,
    Repeatable,
    Sentence,
    allotments,
    available,
    balances_by,
    closed_agreement,
    posted,
    project,
    total,
    usd,
)


class AgreementClosed(Repeatable):
    """An agreement is closed, because nothing is left to settle under it. `on` is the day of its end."""

    kind: ClassVar[str] = "agreement closed"
    says: ClassVar[str] = "The agreement {agreement} is closed: nothing can be recorded under it any more."

    agreement: AgreementField
    evidence: tuple[Evidence, ...] = ()

    @property
    def first_key(self) -> str:
        return f"agreement closed:{self.agreement}"


@dataclass(frozen=True)
class Unsettled:
    """A balance that must be settled before an agreement can be closed."""

    what: str
    """The kind of balance, in words, e.g. `advance not reported`."""
    of: str
    """The code of the grant, activity, expenditure, goods, refund, agreement or donor concerned."""
    cents: int
    """The amount that is left, USD cents."""
    todo: Sentence
    """What to do about it."""


def closing_steps(books: Connection, code: str) -> list[Unsettled]:
    """The balances to settle before an agreement can be closed, in order; empty when it can be closed.

    NotFound if the books have no agreement with this code.
    """
    signed = get_agreement(books, code)
    return [step for left in _IN_ORDER for step in left(books, signed)]


def _advances(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    for grant, held in balances_by(books, ADVANCES, "grant_code", agreement=signed.code).items():
        todo = Sentence(
            "have it reported",
            Hint("report-grant", grant=grant),
            " or returned",
            Hint("return-advance", grant=grant),
        )
        yield Unsettled("advance not reported", grant, held.usd, todo)


def _commitments(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    held = balances_by(books, ADVANCES, "grant_code", agreement=signed.code)
    for grant, bound in balances_by(books, COMMITMENTS, "grant_code", agreement=signed.code).items():
        if cents := bound.usd - (held[grant].usd if grant in held else 0):
            yield Unsettled(
                "commitment not paid", grant, cents, Sentence("cancel it", Hint("cancel-grant", grant=grant))
            )


def _payables(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    for code, cents in payables(books, borne_by=signed.code).items():
        yield Unsettled(
            "expenditure not paid", code, cents, Sentence("pay it", Hint("pay-expenditure", expenditure=code))
        )


def _support_cost(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    for (agreement, activity), cents in support_cost_due(books, signed.term, date.max).items():
        if agreement == signed.code:
            todo = Sentence("charge it", Hint("charge-support-cost", term=signed.term))
            yield Unsettled("support cost not charged", activity, cents, todo)


def _allocated(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    for each in allotments(books, signed.term):
        if each.agreement == signed.code and each.free:
            hint = Hint("reduce-allocation", agreement=signed.code, activity=each.activity)
            todo = Sentence("take it back", hint)
            yield Unsettled("allocated and not used", each.activity, each.free, todo)


def _receivable(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    if (owed := total(books, RECEIVABLE, agreement=signed.code)).amount:
        amount = Amount(currency=signed.amount.currency, minor=owed.amount)
        hint = Hint("write-off-receivable", agreement=signed.code, amount=amount)
        todo = Sentence("receive it, or write it off", hint)
        yield Unsettled("still owed by the donor", signed.donor, owed.usd, todo)


def _goods(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    for gift in in_kind_gifts(books, agreements=[signed.code]):
        if gift.form == "goods" and (left := goods_left(books, gift)):
            todo = Sentence(
                "use them for an activity",
                Hint("use-goods", goods=gift.code),
                ", return them to the donor",
                Hint("return-goods", goods=gift.code),
                " or write them off",
                Hint("write-off-goods", goods=gift.code),
            )
            yield Unsettled("goods not used", gift.code, left, todo)


def _available(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    if cents := available(books, signed.term).get(signed.code, 0):
        todo = Sentence(
            "refund it",
            Hint("agree-refund", agreement=signed.code),
            " or, as the donor consents, transfer it",
            Hint("transfer-funds", agreement=signed.code),
        )
        yield Unsettled("available", signed.code, cents, todo)


def _refunds(books: Connection, signed: Agreement) -> Iterator[Unsettled]:
    for each in refunds(books, agreement=signed.code):
        if each.owed:
            yield Unsettled(
                "refund not paid",
                each.code,
                each.owed,
                Sentence("pay it", Hint("pay-refund", refund=each.code)),
            )


_IN_ORDER = (
    _advances,
    _commitments,
    _payables,
    _support_cost,
    _allocated,
    _receivable,
    _goods,
    _available,
    _refunds,
)


def _post(event: AgreementClosed, books: Connection) -> list[Line]:
    """No lines; a posting function, because only these may read balances."""
    signed = get_open_agreement(books, event.agreement)
    for step in closing_steps(books, signed.code):
        raise Refused(
            "agreement-close-money-left",
            "The agreement {code} cannot be closed yet: {cents} is left ({what}: {of}); {todo}.",
            code=signed.code,
            cents=usd(step.cents),
            what=step.what,
            of=step.of,
            todo=step.todo,
        )
    every_line = posted(books, AsOf.now(books, date.max), agreements=[signed.code])
    require_none_later(every_line, event.on, f"The agreement {signed.code}")
    return []


def _apply(books: Connection, seq: int, event: AgreementClosed) -> None:
    project(books, closed_agreement, seq, code=event.agreement, closed_on=event.on.isoformat())


KINDS = (Kind(AgreementClosed, post=_post, apply=_apply, registers=(closed_agreement,), reversible=True),)
