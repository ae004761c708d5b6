"""Contributions in money: receipts at the bank, under an agreement or as a gift, valued on arrival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from sqlalchemy import ColumnElement, Connection, Row, Table, select

from donors.agreement.agreement import Agreement, agreement, get_agreement, project_new_agreement
from donors.agreement.earmark import Earmark
from donors.bank_accounts.account import require_account
from donors.codes import CODE_PATTERN, AgreementField, BankAccountField, DonorField
from donors.donor.donor import get_donor
from donors.donor.screening import require_screened
from ledger import (
    AVAILABLE,
    CASH_AT_BANK,
    NOT_YET_RECEIVED,
    NOW,
    RECEIVABLE,
    Amount,
    AsOf,
    BadInput,
    Event,
    Evidence,
    Hint,
    Kind,
    Line,
    Nearest,
    NotFound,
    Positive,
    Refused,
    TermField,
    TextField,
    as_known,
    clearing,
    dollars,
    get_term,
    line,
    nearest_code,
    one_of,
    posted,
    project,
    register,
    require_in_term,
    share_of,
    text,
    total,
    usd,
    usd_value,
    whole,
    without_empty,
)


class ContributionReceived(Event):
    """Money arrives at the bank, under an agreement or as a gift without one."""

    kind: ClassVar[str] = "contribution received"

    reference: TextField = Field(pattern=CODE_PATTERN)
    """The bank's reference; it also names the gift when there is no agreement."""
    bank_account: BankAccountField
    amount: Positive
    agreement: AgreementField = ""
    donor: DonorField = ""
    """For a gift only: the code of the donor."""
    term: TermField = ""
    """For a gift only: the term it is given for."""
    settles: Positive | None = Field(default=None, exclude_if=lambda settles: settles is None)
    """The part of the receivable that it settles, in the agreement's currency, if that is not the amount: the
    donor paid in another currency, or a bank deducted a charge."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def sentence(self) -> str:
        if self.agreement:
            return "{amount} arrive under the agreement {agreement}, with the bank's reference {reference}."
        return "{amount} arrive as a gift of {donor}, with the bank's reference {reference}."

    @property
    def key(self) -> str:
        return f"contribution:{self.bank_account}:{self.reference}"

    @property
    def claims(self) -> tuple[str, ...]:
        return (self.key,) if self.agreement else (self.key, f"agreement:{self.reference}")

    @property
    def owed_under(self) -> str:
        """The code of the agreement or gift that the money belongs to."""
        return self.agreement or self.reference

    @field_validator("settles")
    @classmethod
    def _other_than_the_amount(cls, settles: Amount | None, info: ValidationInfo) -> Amount | None:
        """Drop an amount equal to `amount`, so that equal events have one form."""
        return settles if settles and settles != info.data.get("amount") else None

    @model_validator(mode="after")
    def _agreement_or_gift(self) -> Self:
        require_agreement(self.settles, self.agreement)
        if self.agreement and (self.donor or self.term):
            raise ValueError("give the agreement, or the donor and the term of a gift, not both")
        if not self.agreement and not (self.donor and self.term):
            raise ValueError("give the agreement, or the donor and the term of a gift")
        return self


def require_agreement(settles: Amount | None, agreement: str) -> None:
    """ValueError if a gift is to settle something: nothing is owed for a gift."""
    if settles is not None and not agreement:
        raise ValueError("a gift settles nothing: give the agreement, or leave out what it settles")


contribution = register(
    "contribution",
    text("reference"),
    text("agreement"),
    text("bank_account"),
    text("currency"),
    whole("amount"),
    text("received_on"),
)


@dataclass(frozen=True)
class Contribution:
    """A contribution as the books know it."""

    seq: int
    reference: str
    agreement: str
    bank_account: str
    amount: Amount
    received_on: date


def _read(row: Row[Any]) -> Contribution:
    amount = Amount(currency=row.currency, minor=row.amount)
    received_on = date.fromisoformat(row.received_on)
    return Contribution(row.seq, row.reference, row.agreement, row.bank_account, amount, received_on)


def contributions(
    books: Connection,
    *,
    agreements: list[str] | None = None,
    effective_to: date = date.max,
    known_at: int = NOW,
) -> list[Contribution]:
    """Contributions received by a day, in the order of arrival."""
    query = (
        select(contribution)
        .where(as_known(contribution, known_at), contribution.c.received_on <= effective_to.isoformat())
        .order_by(contribution.c.received_on, contribution.c.seq)
    )
    if agreements is not None:
        query = query.where(one_of(contribution.c.agreement, agreements))
    return [_read(row) for row in books.execute(query)]


def get_contribution(
    books: Connection, reference: str, bank_account: str = "", known_at: int = NOW
) -> Contribution:
    """The contribution with the bank's reference; NotFound if there is none.

    TakenBack if it was reversed; BadInput if several accounts have this reference and none is named.
    """
    query = select(contribution).where(
        as_known(contribution, known_at), contribution.c.reference == reference
    )
    if bank_account:
        query = query.where(contribution.c.bank_account == bank_account)
    rows = books.execute(query.order_by(contribution.c.bank_account)).all()
    if not rows:
        which = (contribution.c.reference == reference, contribution.c.bank_account == bank_account)
        require_not_taken_back(
            books, contribution, which[: 1 + bool(bank_account)], f"contribution '{reference}'", known_at
        )
        where, meant = _nearest_reference(books, reference, bank_account, known_at)
        raise NotFound(
            "unknown-contribution",
            "There is no contribution '{reference}' in this book{where}{nearest}; money that came and is not "
            "identified yet is {list_hint}.",
            reference=reference,
            where=where,
            nearest=meant,
            list_hint=Hint("list-unidentified", "in a list of its own"),
        )
    if len(rows) > 1:
        accounts = ", ".join(row.bank_account for row in rows)
        raise BadInput(
            "contribution-account-ambiguous",
            "Money arrived as '{reference}' on {accounts}: name the account{hint}.",
            reference=reference,
            accounts=accounts,
            hint=Hint("say-bank"),
        )
    return _read(rows[0])


class TakenBack(NotFound):
    """The record was in the books and has been reversed."""


def _nearest_reference(
    books: Connection, reference: str, bank_account: str, known_at: int
) -> tuple[str, Nearest]:
    """Where it is missing, and the account on which it arrived, or else the nearest reference."""
    of_other_account = select(contribution.c.bank_account).where(
        as_known(contribution, known_at), contribution.c.reference == reference
    )
    if bank_account and (other := books.execute(of_other_account).scalar()):
        return f" on {bank_account}", Nearest(other)
    return "", nearest_code(books, contribution.c.reference, reference, known_at)


def require_not_taken_back(
    books: Connection, table: Table, which: Sequence[ColumnElement[bool]], what: str, known_at: int
) -> None:
    """TakenBack, naming the reversal, if rows of the register that match `which` have been reversed."""
    reversed_by = table.c.reversed_by
    query = select(reversed_by).where(*which, reversed_by.between(1, known_at)).order_by(reversed_by.desc())
    by = books.execute(query).scalar()
    if by is not None:
        raise TakenBack(
            "record-taken-back",
            "The {what} was taken back by entry {by}.",
            what=what,
            by=by,
        )


def _post(event: ContributionReceived, books: Connection) -> list[Line]:
    minor, currency = event.amount.minor, event.amount.currency
    require_account(books, event.bank_account, currency, event.on)
    signed = _running(event, books) if event.agreement else None
    term = signed.term if signed else _as_gift(event, books)
    value = usd_value(books, minor, currency, event.on)
    came = Arrival(event.amount, value, event.on)
    receivable = arrival_settlement_lines(books, signed, came, event.settles, event.on) if signed else []
    return without_empty(
        [
            line(CASH_AT_BANK, term, currency, minor, value, bank_account=event.bank_account),
            *receivable,
            *clearing(term, currency, minor, value),
            dollars(AVAILABLE, term, -value, agreement=event.owed_under),
        ]
    )


def _running(event: ContributionReceived, books: Connection) -> Agreement:
    """The agreement under which the money arrives; Refused unless it is open and runs on that day."""
    signed = get_agreement(books, event.agreement)
    signed.require_running(event.on, f"The contribution {event.reference}")
    return signed


class Arrival(NamedTuple):
    """Money as it arrived at the bank."""

    amount: Amount
    cents: int
    """Its value on that day, USD cents."""
    on: date


_CHARGE_PER_CENT, _CHARGE_CENTS = 10, 50_00
"""The greatest difference that bank charges and banks' own rates explain: per cent of what is settled, or USD
cents if that is more. A greater difference is a typing error, or money that was not paid."""


def arrival_settlement_lines(
    books: Connection, signed: Agreement, came: Arrival, settles: Amount | None, on: date
) -> list[Line]:
    """The lines that settle a receivable with money that arrived, by `settles` or its own amount.

    Refused if that is more than is owed on the day, less than arrived, or of another value.
    """
    owed_in = signed.amount.currency
    if settles is None and came.amount.currency != owed_in:
        raise Refused(
            "contribution-without-settled-amount",
            "The agreement {code} is in {owed_in}, not in {currency}: say how much of it the money "
            "settles{hint}.",
            hint=Hint("say-settled-amount", currency=owed_in),
            code=signed.code,
            owed_in=owed_in,
            currency=came.amount.currency,
        )
    if settles is None:
        return settlement_lines(books, signed, came.amount, on)
    if settles.currency == owed_in:
        _require_worth(books, came, settles)
    return settlement_lines(books, signed, settles, on, "settle no more than that")


def _require_worth(books: Connection, came: Arrival, settles: Amount) -> None:
    """Refused unless what is settled has the value of what arrived, apart from bank charges and rates."""
    if settles.currency == came.amount.currency and settles.minor < came.amount.minor:
        raise Refused(
            "settles-less-than-arrived",
            "{amount} arrived and cannot settle less ({settles}): let it settle its own amount, or "
            "record it as a gift.",
            amount=came.amount,
            settles=settles,
        )
    worth = usd_value(books, settles.minor, settles.currency, came.on)
    if abs(worth - came.cents) > max(_CHARGE_CENTS, worth * _CHARGE_PER_CENT // 100):
        raise Refused(
            "settled-worth-implausible",
            "{settles} is worth {worth} on {on}, and what arrived {cents}: that is no bank's charge or "
            "rate, so settle what the money is worth.",
            settles=settles,
            worth=usd(worth),
            on=came.on,
            cents=usd(came.cents),
        )


def settlement_lines(
    books: Connection,
    signed: Agreement,
    amount: Amount,
    on: date,
    advice: str = "record the rest as a gift, or amend the agreement",
) -> list[Line]:
    """The lines that reduce an agreement's receivable by an amount, at its carrying value.

    Refused if less was owed on the day, or is owed now; `advice` ends that message.
    """
    minor, currency = amount.minor, amount.currency
    if currency != signed.amount.currency:
        raise Refused(
            "agreement-other-currency",
            "The agreement {code} is in {currency}, not in {other_currency}.",
            code=signed.code,
            currency=signed.amount.currency,
            other_currency=currency,
        )
    owed = total(books, RECEIVABLE, agreement=signed.code, currency=currency)
    if minor > owed.amount:
        raise Refused(
            "more-than-owed",
            "{amount} is more than agreement {code} still owes ({owed}): {advice}.",
            amount=amount,
            code=signed.code,
            owed=Amount(currency=currency, minor=owed.amount),
            advice=advice,
        )
    if on < signed.amended_on and minor > (then := owed_since(books, signed.code, on)):
        raise Refused(
            "more-than-owed-then",
            "{amount} is more than agreement {code} owed on {on} ({owed}), for it was signed or "
            "amended later: record what came before as unidentified{hint}, and then whose it is.",
            amount=amount,
            code=signed.code,
            on=on,
            owed=Amount(currency=currency, minor=then),
            hint=Hint("record-unidentified"),
        )
    value = share_of(owed.usd, minor, owed.amount)
    marks = {"agreement": signed.code}
    return [
        line(RECEIVABLE, signed.term, currency, -minor, -value, **marks),
        line(NOT_YET_RECEIVED, signed.term, currency, minor, value, **marks),
    ]


def owed_since(books: Connection, code: str, on: date) -> int:
    """The least that an agreement owed on a day or any later one, in minor units.

    That is the most that can have been paid on that day. Reversed entries and their reversals are left out,
    because they may be of different days.
    """
    lines = list(posted(books, AsOf.now(books, date.max), accounts=(RECEIVABLE,), agreements=[code]))
    taken_back = {each.reverses for each in lines}
    by_day: Counter[date] = Counter()
    for each in lines:
        if not each.reverses and each.entry not in taken_back:
            by_day[max(on, each.effective_on)] += each.amount
    return max(0, min(accumulate(by_day[day] for day in sorted({on, *by_day}))))


def _as_gift(event: ContributionReceived, books: Connection) -> str:
    """The term of a gift; Refused if its donor is not screened or the day is outside the term."""
    get_donor(books, event.donor)
    require_screened(books, event.donor, event.on)
    require_in_term(books, event.term, event.on, f"The contribution {event.reference}")
    return event.term


def _apply(books: Connection, seq: int, event: ContributionReceived) -> None:
    if not event.agreement:
        project_gift(books, seq, event.reference, event.donor, event.term, event.amount, event.on)
    project_contribution(
        books, seq, event.reference, event.owed_under, event.bank_account, event.amount, event.on
    )


_UNEARMARKED = Earmark()


def project_gift(
    books: Connection, seq: int, reference: str, donor: str, term: str, amount: Amount, on: date
) -> None:
    """Add a gift to the register as an agreement of its own, from the day it arrived to the term's end."""
    gift = Agreement(
        seq=seq,
        code=reference,
        donor=donor,
        term=term,
        amount=amount,
        signed_on=on,
        starts_on=on,
        ends_on=get_term(books, term).ends_on,
        earmark=_UNEARMARKED,
        gift=True,
        instalments=(),
        raised=(),
        amended_on=on,
    )
    project_new_agreement(books, gift)


def project_contribution(
    books: Connection, seq: int, reference: str, owed_under: str, bank: str, amount: Amount, on: date
) -> None:
    """Add a contribution to the register."""
    project(
        books,
        contribution,
        seq,
        reference=reference,
        agreement=owed_under,
        bank_account=bank,
        currency=amount.currency,
        amount=amount.minor,
        received_on=on.isoformat(),
    )


KINDS = (
    Kind(
        ContributionReceived,
        post=_post,
        apply=_apply,
        registers=(contribution, agreement),
        reversible=True,
    ),
)
