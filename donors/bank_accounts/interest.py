"""Interest on money held in trust, and its attribution to agreements.

It belongs to the donors, in proportion to the money that each had in the fund and for how many days.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection

from donors.bank_accounts.account import require_account
from donors.bank_accounts.average_balance import balance_days, balance_to_attribute
from donors.codes import CODE_PATTERN, BankAccountField
from ledger import (
    AVAILABLE,
    CASH_AT_BANK,
    INTEREST_TO_ATTRIBUTE,
    Event,
    Evidence,
    Kind,
    Line,
    Positive,
    Refused,
    TermField,
    TextField,
    clearing,
    closed_among,
    dollars,
    line,
    require_in_term,
    require_open_term,
    split,
    usd_value,
    without_empty,
)


class InterestReceived(Event):
    """The bank pays interest."""

    kind: ClassVar[str] = "interest received"
    says: ClassVar[str] = "The bank pays interest of {amount} into {bank_account}."

    reference: TextField = Field(pattern=CODE_PATTERN)
    term: TermField
    bank_account: BankAccountField
    amount: Positive
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"interest:{self.bank_account}:{self.reference}"


class ProRataAttribution(Event):
    """What all money together earned or lost over a span of days is attributed to agreements."""

    reference: TextField = Field(pattern=CODE_PATTERN)
    term: TermField
    starts_on: date
    ends_on: date

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.reference}"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.starts_on <= self.ends_on <= self.on:
            raise ValueError("the span must start before it ends, and end before it is attributed")
        return self


class InterestAttributed(ProRataAttribution):
    """Interest not yet attributed goes to agreements, pro rata to their average balances."""

    kind: ClassVar[str] = "interest attributed"
    says: ClassVar[str] = (
        "Interest is attributed to agreements by their balances from {starts_on} to {ends_on}."
    )


def weights_of(event: ProRataAttribution, books: Connection) -> dict[str, int]:
    """Cent-days by agreement over the span of an attribution, without agreements that are closed by now.

    Refused if no open agreement had any money.
    """
    require_open_term(books, event.term)
    weights = balance_days(books, event.term, event.starts_on, event.ends_on)
    closed = closed_among(books, weights)
    weights = {code: cent_days for code, cent_days in weights.items() if code not in closed}
    if not weights:
        raise Refused(
            "interest-no-money-in-span",
            "No agreement of the term {term} that is open had money from {starts_on} to {ends_on}: "
            "choose the span in which it was earned.",
            term=event.term,
            starts_on=event.starts_on,
            ends_on=event.ends_on,
        )
    return weights


def _post_received(event: InterestReceived, books: Connection) -> list[Line]:
    require_in_term(books, event.term, event.on, "Interest")
    minor, currency = event.amount.minor, event.amount.currency
    require_account(books, event.bank_account, currency, event.on)
    value = usd_value(books, minor, currency, event.on)
    return without_empty(
        [
            line(CASH_AT_BANK, event.term, currency, minor, value, bank_account=event.bank_account),
            *clearing(event.term, currency, minor, value),
            dollars(INTEREST_TO_ATTRIBUTE, event.term, -value),
        ]
    )


def _post_attributed(event: InterestAttributed, books: Connection) -> list[Line]:
    weights = weights_of(event, books)
    earned = -balance_to_attribute(books, INTEREST_TO_ATTRIBUTE, event.term, event.on)
    if not earned:
        raise Refused(
            "interest-none-waiting",
            "No interest of the term {term} waits to be attributed on {on}.",
            term=event.term,
            on=event.on,
        )
    parts = split(earned, weights)
    return without_empty(
        [
            dollars(INTEREST_TO_ATTRIBUTE, event.term, earned),
            *(dollars(AVAILABLE, event.term, -part, agreement=code) for code, part in parts.items()),
        ]
    )


KINDS = (
    Kind(InterestReceived, post=_post_received, reversible=True),
    Kind(InterestAttributed, post=_post_attributed, reversible=True),
)
