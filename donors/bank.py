"""Bank: the fund's accounts with banks, each in one currency, and money changed between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, select

from donors.donor import CODE_PATTERN
from ledger import (
    NOW,
    Amount,
    Event,
    Kind,
    Line,
    Refused,
    dollars,
    find,
    known,
    learn,
    line,
    register,
    require_in_term,
    require_new,
    require_tender,
    share_of,
    text,
    total,
    usd_value,
    without_empty,
)


class BankAccountOpened(Event):
    """The fund may hold money on this account."""

    kind: ClassVar[str] = "bank account opened"

    code: str = Field(pattern=CODE_PATTERN)
    name: str = Field(min_length=1)
    currency: str

    @property
    def key(self) -> str:
        return f"bank account:{self.code}"


class CurrencyChanged(Event):
    """Money of one account is sold for money of another, at the bank's own rate."""

    kind: ClassVar[str] = "currency changed"

    reference: str = Field(min_length=1)
    term: str
    sold_from: str
    sold: Amount
    bought_into: str
    bought: Amount

    @property
    def key(self) -> str:
        return f"currency changed:{self.reference}"

    @model_validator(mode="after")
    def _two_currencies(self) -> Self:
        if self.sold.currency == self.bought.currency:
            raise ValueError("the money sold and the money bought must be of two currencies")
        if self.sold.minor <= 0 or self.bought.minor <= 0:
            raise ValueError("the amounts must be more than zero")
        return self


bank_account = register("bank_account", text("code"), text("name"), text("currency"))


@dataclass(frozen=True)
class BankAccount:
    """A bank account as the books know it."""

    code: str
    name: str
    currency: str


def bank_accounts(books: Connection, known_at: int = NOW) -> list[BankAccount]:
    """The fund's bank accounts, by code."""
    rows = books.execute(
        select(bank_account).where(known(bank_account, known_at)).order_by(bank_account.c.code)
    )
    return [BankAccount(row.code, row.name, row.currency) for row in rows]


def require_account(books: Connection, code: str, currency: str, on: date) -> None:
    """Refuse money of a currency that the bank account does not hold, or that is not legal tender."""
    held = find(books, bank_account, "bank account", code).currency
    if held != currency:
        raise Refused(f"The bank account {code} holds {held}, not {currency}: use an account in {currency}.")
    require_tender(currency, on)


def carrying_value(books: Connection, account: str, currency: str, minor: int, **dimensions: str) -> int:
    """What a part of a balance is carried at, in USD cents: its share of the balance's value.

    The last part takes what is left, so nothing stays behind when the balance is used up.
    """
    stands = total(books, account, currency=currency, **dimensions)
    return share_of(stands.usd, minor, stands.amount) if stands.amount else 0


def _post_changed(event: CurrencyChanged, books: Connection) -> list[Line]:
    """The difference to what the money was carried at is a realised exchange difference (IPSAS 4)."""
    require_in_term(books, event.term, event.on, "A change of currency")
    sold, bought, term = event.sold, event.bought, event.term
    require_account(books, event.sold_from, sold.currency, event.on)
    require_account(books, event.bought_into, bought.currency, event.on)
    given = carrying_value(books, "1100", sold.currency, sold.minor, term=term, bank_account=event.sold_from)
    got = usd_value(books, bought.minor, bought.currency, event.on)
    return without_empty(
        [
            line("1100", term, bought.currency, bought.minor, got, bank_account=event.bought_into),
            line("1100", term, sold.currency, -sold.minor, -given, bank_account=event.sold_from),
            line("1900", term, sold.currency, sold.minor, given),
            line("1900", term, bought.currency, -bought.minor, -got),
            dollars("2800", term, given - got),
            dollars("1900", term, got - given),
        ]
    )


def _apply_opened(books: Connection, seq: int, event: BankAccountOpened) -> None:
    require_new(books, bank_account, "bank account", event.code)
    require_tender(event.currency, event.on)
    learn(books, bank_account, seq, code=event.code, name=event.name, currency=event.currency)


KINDS = (
    Kind(BankAccountOpened, apply=_apply_opened, registers=(bank_account,)),
    Kind(CurrencyChanged, post=_post_changed, reversible=True),
)
