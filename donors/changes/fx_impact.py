"""FX impact: entries valued in US dollars at a rate that was corrected later, with the value they would have.

Correcting a rate changes nothing that was posted. Whoever corrects one needs the list of what was posted at
the wrong rate, to reverse it and record it again where it matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from donors.agreement.agreement import AgreementSigned
from donors.agreement.pledge import PledgeRecorded
from donors.bank_accounts.account import BankChargePaid, CurrencyChanged
from donors.bank_accounts.interest import InterestReceived
from donors.bank_accounts.revaluation import BalancesRevalued, foreign_balances
from donors.changes.amendment import AgreementAmended
from donors.contribution.contribution import Contribution, ContributionReceived
from donors.contribution.in_kind import GoodsReceived, InKindGift, ServiceReceived
from donors.contribution.unidentified import (
    ReceiptIdentified,
    UnidentifiedReceipt,
    UnidentifiedReceived,
    arrival_of,
    get_receipt,
)
from ledger import (
    CASH_AT_BANK,
    GOODS_HELD,
    RECEIVABLE,
    SERVICES_IN_KIND,
    Amount,
    Event,
    RateCorrected,
    RateHistory,
    Sealed,
    entries_of_kinds,
    lines_of,
    read_event,
    unreversed_lines,
    value_at,
)

_VALUED_FIELDS = {
    AgreementSigned.kind: "amount",
    BankChargePaid.kind: "amount",
    ContributionReceived.kind: "amount",
    CurrencyChanged.kind: "bought",
    GoodsReceived.kind: "value",
    InterestReceived.kind: "amount",
    PledgeRecorded.kind: "amount",
    ServiceReceived.kind: "value",
    UnidentifiedReceived.kind: "amount",
}
"""The kinds of events valued at the rate of their day, with the field of the amount that is valued."""
VALUED_KINDS = (*_VALUED_FIELDS, AgreementAmended.kind, BalancesRevalued.kind, ReceiptIdentified.kind)
"""All kinds valued at the rate of a day."""
_ARRIVED_ON = frozenset({CASH_AT_BANK, GOODS_HELD, SERVICES_IN_KIND})
"""Cash, goods, services."""
_NAMES = ("code", "reference", "receipt", "agreement", "term")
"""Fields that identify an event; the first that it has is used."""


@dataclass(frozen=True)
class FxImpact:
    """An amount that an entry valued at one rate, with its value at the rate that applies now."""

    seq: int
    kind: str
    on: date
    what: str
    """Its code or reference."""
    amount: Amount
    cents: int
    """Its value in the books, USD cents."""
    right_cents: int
    """Its value at the rate that applies now, USD cents."""

    @property
    def difference(self) -> int:
        """By how much the value in the books is too small, USD cents."""
        return self.right_cents - self.cents


def worth_on_arrival(books: Connection, given: Contribution | UnidentifiedReceipt | InKindGift) -> int:
    """The value of a contribution on the day of its arrival, USD cents: its line on cash, goods or services.

    For money that was identified later it is read from the entry of the receipt.
    """
    seq = arrival_of(books, given) if isinstance(given, Contribution) else given.seq
    return sum(line.usd for line in lines_of(books, seq) if line.account in _ARRIVED_ON)


class _Use(NamedTuple):
    """An amount that was valued at the rate of `day` as known at entry `known_at`."""

    amount: Amount
    day: date
    known_at: int


def fx_impacts(
    books: Connection, currency: str, since: date = date.min, proposed: RateCorrected | None = None
) -> list[FxImpact]:
    """Amounts in the books valued at another rate of a currency than the one that applies to their day now.

    Only entries effective from `since` on, in the order of the journal; `proposed` is a correction that
    counts as if it were made.
    """
    history = RateHistory(books, currency, proposed)
    found = []
    for sealed in entries_of_kinds(books, VALUED_KINDS, since):
        event = read_event(books, sealed, Event)
        for use in _uses(books, sealed, event):
            used, right = history.on(use.day, use.known_at), history.on(use.day)
            if use.amount.currency != currency or used is None or right is None or used == right:
                continue
            minor = use.amount.minor
            found.append(
                FxImpact(
                    seq=sealed.seq,
                    kind=sealed.kind,
                    on=use.day,
                    what=next(str(value) for name in _NAMES if (value := getattr(event, name, ""))),
                    amount=use.amount,
                    cents=value_at(used, minor, currency),
                    right_cents=value_at(right, minor, currency),
                )
            )
    return found


def _uses(books: Connection, sealed: Sealed, event: Event) -> Iterator[_Use]:
    day = date.fromisoformat(sealed.effective_on)
    if sealed.kind in _VALUED_FIELDS:
        yield _Use(getattr(event, _VALUED_FIELDS[sealed.kind]), day, sealed.seq)
    elif sealed.kind == AgreementAmended.kind:
        for line in lines_of(books, sealed.seq):
            if line.account == RECEIVABLE and line.amount > 0:  # a decrease is booked at carrying value
                yield _Use(Amount(currency=line.currency, minor=line.amount), day, sealed.seq)
    elif isinstance(event, ReceiptIdentified):
        arrived = get_receipt(books, event.receipt)
        yield _Use(arrived.amount, arrived.arrived_on, arrived.seq)
    elif isinstance(event, BalancesRevalued):
        for amount in _revalued(books, sealed, event.term):
            yield _Use(amount, day, sealed.seq)


def _revalued(books: Connection, sealed: Sealed, term: str) -> Iterator[Amount]:
    """The balances that a revaluation valued, one for each bank account, as the books were then."""
    moved = unreversed_lines(books, accounts=(CASH_AT_BANK,), term=term, known_at=sealed.seq - 1)
    for (_, currency), held in foreign_balances(moved, date.fromisoformat(sealed.effective_on)).items():
        if held.amount:
            yield Amount(currency=currency, minor=held.amount)
