"""Expenditure that UIL itself incurs on an activity: first owed to a supplier, then paid.

A payable has no grant: in place of a grant's code its lines have `payable:` and the expenditure's code,
which no grant's code can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field
from sqlalchemy import Connection, Row, select

from allocation.delivery.sharing import Category, free_by_agreement, spent_together, used_lines
from allocation.programme.programme import get_activity
from donors import CODE_PATTERN, ActivityField, BankAccountField, require_account
from ledger import (
    CASH_AT_BANK,
    EXPENSES,
    FUND_CURRENCY,
    NOW,
    PAYABLES,
    AmountField,
    AsOf,
    CodeOf,
    Described,
    Event,
    Evidence,
    Kind,
    Known,
    Line,
    Refused,
    TermField,
    TextField,
    UsdCentsField,
    as_known,
    balances_by,
    current_term,
    dollars,
    find,
    posted,
    project,
    register,
    require_in_term,
    require_new,
    terms_into,
    text,
    total,
    usd,
)

ExpenditureField = Annotated[str, CodeOf("expenditure")]


class ExpenditureIncurred(Event):
    """Something was delivered for an activity, and its cost is owed."""

    kind: ClassVar[str] = "expenditure incurred"
    says: ClassVar[str] = "The fund owes {payee} for the activity {activity}: {spent} ({code})."

    code: TextField = Field(pattern=CODE_PATTERN)
    term: TermField
    activity: ActivityField
    payee: TextField = Field(min_length=1, max_length=300)
    spent: dict[Category, Annotated[UsdCentsField, Field(gt=0)]] = Field(min_length=1)
    """USD cents by UN harmonised category."""
    evidence: tuple[Evidence, ...] = ()

    def derived(self) -> tuple[Described, ...]:
        return (spent_together(self.spent),)

    @property
    def key(self) -> str:
        return f"expenditure:{self.code}"


class ExpenditurePaid(Event):
    """An expenditure, or a part of it, is paid."""

    kind: ClassVar[str] = "expenditure paid"
    says: ClassVar[str] = "{cents} of the expenditure {expenditure} are paid from {bank_account}."

    expenditure: ExpenditureField
    reference: TextField = Field(pattern=CODE_PATTERN)
    """The bank's reference."""
    bank_account: BankAccountField
    cents: AmountField = Field(gt=0)

    @property
    def key(self) -> str:
        return f"expenditure paid:{self.expenditure}:{self.reference}"


expenditure = register("expenditure", text("code"), text("term"), text("activity"), text("payee"))


@dataclass(frozen=True)
class Expenditure:
    """An expenditure of UIL itself, from the books."""

    seq: int
    code: str
    term: str
    """The term in which it is owed now, after any carry-over."""
    activity: str
    payee: str

    @property
    def payable(self) -> str:
        """The code that its lines have in place of a grant's."""
        return _payable(self.code)


_PAYABLE = "payable:"


def _payable(code: str) -> str:
    return f"{_PAYABLE}{code}"


def get_expenditure(books: Connection, code: str, known_at: int = NOW) -> Expenditure:
    """The expenditure with this code; NotFound if there is none."""
    row = find(books, expenditure, "expenditure", code, known_at)
    return _read(row, current_term(books, row.term, known_at))


def expenditures(books: Connection, term: str | None = None) -> list[Expenditure]:
    """Expenditures of UIL itself, by code; those of a term include what was carried over to it."""
    query = select(expenditure).where(as_known(expenditure)).order_by(expenditure.c.code)
    if term is not None:
        query = query.where(expenditure.c.term.in_(terms_into(books, term)))
    return [_read(row, term or current_term(books, row.term)) for row in books.execute(query)]


def _read(row: Row[Any], term: str) -> Expenditure:
    return Expenditure(row.seq, row.code, term, row.activity, row.payee)


def owed_for(books: Connection, code: str) -> int:
    """The amount still owed for an expenditure, USD cents."""
    return -total(books, PAYABLES, grant_code=_payable(code)).usd


def payables(books: Connection, borne_by: str | None = None) -> dict[str, int]:
    """The amounts owed for unpaid expenditures, USD cents by their codes.

    With `borne_by`, only expenditures of which this agreement bears a part, each with its full amount.
    """
    owed = {place: -stands.usd for place, stands in balances_by(books, PAYABLES, "grant_code").items()}
    if borne_by is not None:
        used = posted(books, AsOf.now(books, date.max), accounts=(EXPENSES,), agreements=[borne_by])
        borne = {line.grant_code for line in used}
        owed = {place: cents for place, cents in owed.items() if place in borne}
    return {place.removeprefix(_PAYABLE): cents for place, cents in owed.items()}


def _post_incurred(event: ExpenditureIncurred, books: Connection) -> list[Line]:
    require_in_term(books, event.term, event.on, "An expenditure")
    get_activity(books, event.term, event.activity)
    free = free_by_agreement(books, event.term, event.activity, event.on)
    lacks = f"is allocated to {event.activity} and free on {event.on}"
    marks = {"activity": event.activity, "grant_code": _payable(event.code)}
    lines, used = used_lines(event.term, event.spent, free, lacks, **marks)
    return [*lines, dollars(PAYABLES, event.term, -sum(used.values()), grant_code=_payable(event.code))]


def _post_paid(event: ExpenditurePaid, books: Connection) -> list[Line]:
    owed = get_expenditure(books, event.expenditure)
    require_account(books, event.bank_account, FUND_CURRENCY, event.on)
    left = owed_for(books, owed.code)
    if event.cents > left:
        raise Refused(
            "expenditure-more-than-owed",
            "{cents} is more than is owed for {code}: {left}.",
            cents=usd(event.cents),
            code=owed.code,
            left=usd(left),
        )
    return [
        dollars(PAYABLES, owed.term, event.cents, grant_code=owed.payable),
        dollars(CASH_AT_BANK, owed.term, -event.cents, bank_account=event.bank_account),
    ]


def _apply_incurred(books: Connection, seq: int, event: ExpenditureIncurred) -> None:
    require_new(books, expenditure, "expenditure", event.code)
    project(
        books,
        expenditure,
        seq,
        code=event.code,
        term=event.term,
        activity=event.activity,
        payee=event.payee,
    )


def _named(books: Connection, code: str, _term: str) -> Known:
    known = get_expenditure(books, code)
    return Known(f"{code} to {known.payee}", term=known.term)


KINDS = (
    Kind(
        ExpenditureIncurred,
        names={"expenditure": _named},
        post=_post_incurred,
        apply=_apply_incurred,
        registers=(expenditure,),
        reversible=True,
    ),
    Kind(ExpenditurePaid, post=_post_paid, reversible=True),
)
