"""Unidentified receipts: money at the bank whose sender or purpose is not known yet.

Until it is identified it is owed to whoever sent it and is not part of the fund. Then it becomes a
contribution of the day it arrived, with the value of that day. So with `effective_to` between arrival and
identification the money is the donor's if `known_at` is after the identification, and nobody's if before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, select

from donors.agreement.agreement import agreement, get_agreement
from donors.bank_accounts.account import require_account
from donors.codes import CODE_PATTERN, AgreementField, BankAccountField, DonorField, ReceiptField
from donors.contribution.contribution import (
    Arrival,
    Contribution,
    arrival_settlement_lines,
    contribution,
    owed_since,
    project_contribution,
    project_gift,
    require_agreement,
)
from donors.donor.donor import get_donor
from donors.donor.screening import require_screened
from ledger import (
    AVAILABLE,
    CASH_AT_BANK,
    NOT_IDENTIFIED,
    NOW,
    Amount,
    Event,
    Evidence,
    Kind,
    Known,
    Line,
    Positive,
    Refused,
    TermField,
    TextField,
    as_known,
    clearing,
    current_term,
    dollars,
    find,
    get_term,
    line,
    lines_of,
    periods,
    project,
    register,
    require_in_term,
    require_new,
    text,
    usd_value,
    whole,
    without_empty,
)


class UnidentifiedReceived(Event):
    """Money of unknown sender or purpose arrives at the bank."""

    kind: ClassVar[str] = "unidentified money received"
    says: ClassVar[str] = (
        "{amount} of unknown sender or purpose arrive, with the bank's reference {reference}."
    )

    reference: TextField = Field(pattern=CODE_PATTERN)
    """The bank's reference."""
    term: TermField
    bank_account: BankAccountField
    amount: Positive
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        """The key of a contribution with the same reference, so that money is not recorded as both."""
        return f"contribution:{self.bank_account}:{self.reference}"

    @property
    def claims(self) -> tuple[str, ...]:
        return self.key, f"receipt:{self.reference}"


class ReceiptIdentified(Event):
    """A receipt is identified as an agreement's or as a gift. `on` is the day from which it counts."""

    kind: ClassVar[str] = "receipt identified"

    identified_on: date | None = None
    """The day of the identification, if that is later."""

    receipt: ReceiptField
    """The reference of the receipt; it also names the gift when there is no agreement."""
    agreement: AgreementField = ""
    donor: DonorField = ""
    """For a gift only: the code of the donor."""
    settles: Positive | None = Field(default=None, exclude_if=lambda settles: settles is None)
    """As in `ContributionReceived`: the part of the receivable that it settles, if not its amount."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def sentence(self) -> str:
        if self.agreement:
            return "The receipt {receipt} is identified as money of the agreement {agreement}."
        return "The receipt {receipt} is identified as a gift of {donor}."

    @property
    def key(self) -> str:
        return f"receipt identified:{self.receipt}:{self.owed_under}"

    @property
    def claims(self) -> tuple[str, ...]:
        once = self.key, f"receipt identified:{self.receipt}"
        return once if self.agreement else (*once, f"agreement:{self.receipt}")

    @property
    def owed_under(self) -> str:
        """The code of the agreement or gift that the money belongs to."""
        return self.agreement or self.receipt

    @property
    def known_on(self) -> date:
        """The day of the identification."""
        return self.identified_on or self.on

    @model_validator(mode="after")
    def _agreement_or_gift(self) -> Self:
        if bool(self.agreement) == bool(self.donor):
            raise ValueError("give the agreement, or the donor of a gift")
        require_agreement(self.settles, self.agreement)
        if self.known_on < self.on:
            raise ValueError("money cannot count from a day after it was identified")
        return self


receipt = register(
    "receipt",
    text("code"),
    text("term"),
    text("bank_account"),
    text("currency"),
    whole("amount"),
    text("arrived_on"),
)
identification = register("identification", text("receipt"), text("owed_under"))


@dataclass(frozen=True)
class UnidentifiedReceipt:
    """Money of unknown sender or purpose, as the books know it."""

    seq: int
    reference: str
    term: str
    """The term that it is in now."""
    bank_account: str
    amount: Amount
    arrived_on: date


def get_receipt(books: Connection, reference: str, known_at: int = NOW) -> UnidentifiedReceipt:
    """The receipt with this reference, identified since or not; NotFound if there is none."""
    row = find(books, receipt, "receipt", reference, known_at)
    return UnidentifiedReceipt(
        row.seq,
        row.code,
        current_term(books, row.term, known_at),
        row.bank_account,
        Amount(currency=row.currency, minor=row.amount),
        date.fromisoformat(row.arrived_on),
    )


def arrival_of(books: Connection, given: Contribution) -> int:
    """The entry that booked a contribution at the bank: its own, or its receipt's if identified later."""
    arrived = books.execute(
        select(receipt.c.seq)
        .join(identification, identification.c.receipt == receipt.c.code)
        .where(identification.c.seq == given.seq, as_known(receipt, given.seq))
    ).scalar()
    return given.seq if arrived is None else int(arrived)


def unidentified_receipts(books: Connection) -> list[UnidentifiedReceipt]:
    """Receipts that are not identified yet, the oldest first."""
    identified = select(identification.c.receipt).where(as_known(identification))
    codes = books.execute(
        select(receipt.c.code)
        .where(as_known(receipt), receipt.c.code.not_in(identified))
        .order_by(receipt.c.arrived_on, receipt.c.seq)
    )
    return [get_receipt(books, code) for code in codes.scalars().all()]


def identify(
    books: Connection,
    receipt: str,
    *,
    on: date,
    agreement: str = "",
    settles: Amount | None = None,
    **given: Any,
) -> ReceiptIdentified:
    """The event that identifies a receipt on a day, effective from the day it arrived if possible.

    If the agreement was signed later, it counts from the signature, or from the amendment by which that much
    is owed. If the period or term of that day is closed, what was reported of it stays, and the money counts
    from the day of identification. NotFound for an unknown receipt or agreement.
    """
    arrived = get_receipt(books, receipt)
    other = None if settles == arrived.amount else settles
    claimed_on = _claimed_on(books, agreement, arrived, other or arrived.amount) if agreement else date.min
    day = max(arrived.arrived_on, claimed_on)
    closed = {code for code, status in periods(books) if status == "closed"}
    reported = bool({f"{day:%Y-%m}", f"{day:%Y}"} & closed) or day < get_term(books, arrived.term).starts_on
    counts_from = on if reported or on < day else day
    return ReceiptIdentified.make(
        on=counts_from, identified_on=on, receipt=receipt, agreement=agreement, settles=other, **given
    )


def _claimed_on(books: Connection, code: str, arrived: UnidentifiedReceipt, settles: Amount) -> date:
    """The day from which an agreement owed as much as the money settles: its signature or amendment."""
    signed = get_agreement(books, code)
    early = arrived.arrived_on < signed.amended_on
    if early and settles.minor > owed_since(books, code, max(arrived.arrived_on, signed.signed_on)):
        return signed.amended_on
    return signed.signed_on


def _post_received(event: UnidentifiedReceived, books: Connection) -> list[Line]:
    minor, currency = event.amount.minor, event.amount.currency
    require_in_term(books, event.term, event.on, f"The receipt {event.reference}")
    require_account(books, event.bank_account, currency, event.on)
    value = usd_value(books, minor, currency, event.on)
    marks = {"bank_account": event.bank_account}
    return [
        line(CASH_AT_BANK, event.term, currency, minor, value, **marks),
        line(NOT_IDENTIFIED, event.term, currency, -minor, -value, **marks),
    ]


def _post_identified(event: ReceiptIdentified, books: Connection) -> list[Line]:
    """The lines of the contribution on the day it arrived, with account 2900 in place of the bank."""
    arrived = get_receipt(books, event.receipt)
    _require_unidentified(books, arrived, event.on)
    minor, currency, term = arrived.amount.minor, arrived.amount.currency, arrived.term
    value = lines_of(books, arrived.seq)[0].usd
    came = Arrival(arrived.amount, value, arrived.arrived_on)
    return without_empty(
        [
            line(NOT_IDENTIFIED, term, currency, minor, value, bank_account=arrived.bank_account),
            *_receivable(event, arrived, came, books),
            *clearing(term, currency, minor, value),
            dollars(AVAILABLE, term, -value, agreement=event.owed_under),
        ]
    )


def _require_unidentified(books: Connection, arrived: UnidentifiedReceipt, on: date) -> None:
    if on < arrived.arrived_on:
        raise Refused(
            "receipt-not-yet-arrived",
            "The receipt {reference} arrived on {arrived_on}, after {on}.",
            reference=arrived.reference,
            arrived_on=arrived.arrived_on,
            on=on,
        )
    identified = books.execute(
        select(identification.c.owed_under, identification.c.seq).where(
            identification.c.receipt == arrived.reference, as_known(identification)
        )
    ).first()
    if identified:
        raise Refused(
            "receipt-identified-already",
            "The receipt {reference} is identified already, as {owed_under}: if that is wrong, reverse "
            "entry {seq} first.",
            reference=arrived.reference,
            owed_under=identified.owed_under,
            seq=identified.seq,
        )


def _receivable(
    event: ReceiptIdentified, arrived: UnidentifiedReceipt, came: Arrival, books: Connection
) -> list[Line]:
    if not event.agreement:
        get_donor(books, event.donor)
        require_screened(books, event.donor, event.known_on)
        return []
    signed = get_agreement(books, event.agreement)
    signed.require_running(arrived.arrived_on, f"The receipt {arrived.reference}, which arrived")
    if signed.term != arrived.term:
        raise Refused(
            "receipt-in-other-term",
            "The receipt {reference} stands in the term {term}, the agreement {code} in {agreement_term}: "
            "identify it as a gift, or as another agreement's.",
            reference=arrived.reference,
            term=arrived.term,
            code=signed.code,
            agreement_term=signed.term,
        )
    return arrival_settlement_lines(books, signed, came, event.settles, event.on)


def _apply_received(books: Connection, seq: int, event: UnidentifiedReceived) -> None:
    require_new(books, receipt, "receipt", event.reference)
    project(
        books,
        receipt,
        seq,
        code=event.reference,
        term=event.term,
        bank_account=event.bank_account,
        currency=event.amount.currency,
        amount=event.amount.minor,
        arrived_on=event.on.isoformat(),
    )


def _apply_identified(books: Connection, seq: int, event: ReceiptIdentified) -> None:
    arrived = get_receipt(books, event.receipt)
    project(books, identification, seq, receipt=event.receipt, owed_under=event.owed_under)
    if not event.agreement:
        project_gift(books, seq, event.receipt, event.donor, arrived.term, arrived.amount, arrived.arrived_on)
    project_contribution(
        books,
        seq,
        arrived.reference,
        event.owed_under,
        arrived.bank_account,
        arrived.amount,
        arrived.arrived_on,
    )


def _named(books: Connection, reference: str, _term: str) -> Known:
    known = get_receipt(books, reference)
    return Known(f"{reference} ({known.amount} on {known.arrived_on})", known.amount.currency, known.term)


KINDS = (
    Kind(
        UnidentifiedReceived,
        names={"receipt": _named},
        post=_post_received,
        apply=_apply_received,
        registers=(receipt,),
        reversible=True,
    ),
    Kind(
        ReceiptIdentified,
        post=_post_identified,
        apply=_apply_identified,
        registers=(identification, contribution, agreement),
        reversible=True,
    ),
)
