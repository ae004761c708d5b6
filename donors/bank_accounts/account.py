"""Bank accounts, each in one currency, with changes of money between them and bank charges.

A bank charge is use of donors' money for no activity. It is borne by the agreements that run on that day,
pro rata to what each has available, and none bears more than that. It reduces the liability only at the end
of the year; until then the register of allotments keeps the amount from being allocated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, select

from donors.agreement.agreement import get_agreement
from donors.codes import CODE_PATTERN, BankAccountField
from ledger import (
    CASH_AT_BANK,
    CURRENCY_CLEARING,
    FUND_CURRENCY,
    NOW,
    OPERATING_COSTS,
    REALISED_DIFFERENCES,
    UNREALISED_DIFFERENCES,
    Amount,
    CurrencyField,
    Event,
    Kind,
    Known,
    Line,
    Positive,
    Refused,
    TermField,
    TextField,
    as_known,
    available,
    dollars,
    find,
    line,
    project,
    register,
    require_in_term,
    require_new,
    require_tender,
    share_of,
    split,
    text,
    total,
    usd,
    usd_value,
    without_empty,
)


class BankAccountOpened(Event):
    """The fund has a new bank account."""

    kind: ClassVar[str] = "bank account opened"
    says: ClassVar[str] = "The fund has a new bank account in {currency}: {name} ({code})."

    code: TextField = Field(pattern=CODE_PATTERN)
    name: TextField = Field(min_length=1)
    currency: CurrencyField

    @property
    def key(self) -> str:
        return f"bank account:{self.code}"


class CurrencyChanged(Event):
    """Money of one account is sold for money of another in another currency, at the bank's own rate."""

    kind: ClassVar[str] = "currency changed"
    says: ClassVar[str] = "{sold} of {sold_from} are changed into {bought} on {bought_into}."

    reference: TextField = Field(min_length=1)
    term: TermField
    sold_from: BankAccountField
    sold: Positive
    bought_into: BankAccountField
    bought: Positive

    @property
    def key(self) -> str:
        return f"currency changed:{self.reference}"

    @model_validator(mode="after")
    def _two_currencies(self) -> Self:
        if self.sold.currency == self.bought.currency:
            raise ValueError("the money sold and the money bought must be of two currencies")
        return self


class BankChargePaid(Event):
    """The bank takes a charge for its services."""

    kind: ClassVar[str] = "bank charge paid"
    says: ClassVar[str] = (
        "The bank takes a charge of {amount} from {bank_account}; agreements bear it pro rata."
    )

    reference: TextField = Field(pattern=CODE_PATTERN)
    term: TermField
    bank_account: BankAccountField
    amount: Positive

    @property
    def key(self) -> str:
        return f"bank charge:{self.bank_account}:{self.reference}"


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
        select(bank_account).where(as_known(bank_account, known_at)).order_by(bank_account.c.code)
    )
    return [BankAccount(row.code, row.name, row.currency) for row in rows]


def require_account(books: Connection, code: str, currency: str, on: date) -> None:
    """Refused if the bank account holds another currency, or the currency is not legal tender on the day."""
    held = find(books, bank_account, "bank account", code).currency
    if held != currency:
        raise Refused(
            "bank-account-other-currency",
            "The bank account {code} holds {held}, not {currency}: use an account in {currency}.",
            code=code,
            held=held,
            currency=currency,
        )
    require_tender(currency, on)


def _carried_at(books: Connection, term: str, account: str, part: Amount) -> int:
    """The carrying value of a part of a bank account's balance, USD cents: its share of the whole value.

    The last part takes the remainder, so no value is left when the balance is used up.
    """
    balance = total(books, CASH_AT_BANK, currency=part.currency, term=term, bank_account=account)
    return share_of(balance.usd, part.minor, balance.amount) if balance.amount else 0


def _post_changed(event: CurrencyChanged, books: Connection) -> list[Line]:
    """The difference to what the money was carried at is a realised exchange difference (IPSAS 4)."""
    require_in_term(books, event.term, event.on, "A change of currency")
    sold, bought, term = event.sold, event.bought, event.term
    require_account(books, event.sold_from, sold.currency, event.on)
    require_account(books, event.bought_into, bought.currency, event.on)
    given = _carried_at(books, term, event.sold_from, sold)
    got = usd_value(books, bought.minor, bought.currency, event.on)
    return without_empty(
        [
            line(CASH_AT_BANK, term, bought.currency, bought.minor, got, bank_account=event.bought_into),
            line(CASH_AT_BANK, term, sold.currency, -sold.minor, -given, bank_account=event.sold_from),
            line(CURRENCY_CLEARING, term, sold.currency, sold.minor, given),
            line(CURRENCY_CLEARING, term, bought.currency, -bought.minor, -got),
            dollars(REALISED_DIFFERENCES, term, given - got),
            dollars(CURRENCY_CLEARING, term, got - given),
            *_realised(books, term, event.sold_from, sold),
        ]
    )


def payment_out_lines(books: Connection, term: str, account: str, paid: Amount, cents: int) -> list[Line]:
    """The lines of a payment out of a bank account that settles a debt of so many USD cents.

    The difference to the carrying value of the money is a realised exchange difference (IPSAS 4). Lines of
    zero are included.
    """
    if paid.currency == FUND_CURRENCY:
        return [dollars(CASH_AT_BANK, term, -paid.minor, bank_account=account)]
    given = _carried_at(books, term, account, paid)
    return [
        line(CASH_AT_BANK, term, paid.currency, -paid.minor, -given, bank_account=account),
        line(CURRENCY_CLEARING, term, paid.currency, paid.minor, given),
        dollars(CURRENCY_CLEARING, term, -cents),
        dollars(REALISED_DIFFERENCES, term, given - cents),
        dollars(CURRENCY_CLEARING, term, cents - given),
        *_realised(books, term, account, paid),
    ]


def _realised(books: Connection, term: str, account: str, paid: Amount) -> list[Line]:
    """The lines that realise the account's unrealised differences, in proportion to what is paid."""
    there = total(books, CASH_AT_BANK, term=term, bank_account=account).amount
    found = total(books, UNREALISED_DIFFERENCES, term=term, bank_account=account).usd
    part = share_of(found, paid.minor, there) if there else 0
    return [
        dollars(UNREALISED_DIFFERENCES, term, -part, bank_account=account),
        dollars(REALISED_DIFFERENCES, term, part),
    ]


def _post_charge(event: BankChargePaid, books: Connection) -> list[Line]:
    """A charge in another currency has its value of the day; the rest is a realised difference."""
    require_in_term(books, event.term, event.on, "A bank charge")
    charge, term = event.amount, event.term
    require_account(books, event.bank_account, charge.currency, event.on)
    value = usd_value(books, charge.minor, charge.currency, event.on)
    borne = [
        dollars(OPERATING_COSTS, term, part, agreement=code)
        for code, part in _bearers(books, event, value).items()
    ]
    return without_empty([*borne, *payment_out_lines(books, term, event.bank_account, charge, value)])


def _bearers(books: Connection, event: BankChargePaid, cents: int) -> dict[str, int]:
    """What each agreement bears of a charge, USD cents."""
    running = {
        code: left
        for code, left in available(books, event.term).items()
        if get_agreement(books, code).runs_on(event.on)
    }
    if cents > sum(running.values()):
        raise Refused(
            "bank-charge-exceeds-available",
            "The bank charge of {cents} is more than the running agreements have available ({available}): "
            "take money back from an allocation first.",
            cents=usd(cents),
            available=usd(sum(running.values())),
        )
    return split(cents, running)


def _apply_opened(books: Connection, seq: int, event: BankAccountOpened) -> None:
    require_new(books, bank_account, "bank account", event.code)
    require_tender(event.currency, event.on)
    project(books, bank_account, seq, code=event.code, name=event.name, currency=event.currency)


def _named(books: Connection, code: str, _term: str) -> Known:
    account = find(books, bank_account, "bank account", code)
    return Known(f"{account.name} ({code})", currency=account.currency)


KINDS = (
    Kind(BankAccountOpened, apply=_apply_opened, registers=(bank_account,), names={"bank account": _named}),
    Kind(CurrencyChanged, post=_post_changed, reversible=True),
    Kind(BankChargePaid, post=_post_charge, reversible=True),
)
