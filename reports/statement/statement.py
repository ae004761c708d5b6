"""A donor's accountability statement: every figure of it, each with the journal lines it is the sum of.

This module says what a statement contains; how a figure is found in the books stands in
`reports.statement.builder`, how it looks on paper in `reports.statement.pdf`.
Amounts are USD cents unless a field says otherwise; shares are basis points (1/10,000).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from allocation import Achievement
from ledger import Amount
from reports.figures.beneficiaries import Beneficiaries
from reports.figures.figure import Figure, Seal
from reports.figures.in_kind import InKindItem
from reports.fund.overview import FundSummary

StatementStatus = Literal["interim", "certified"]
"""Certified only if that was asked for and the accounts of every month of its period are closed."""


@dataclass(frozen=True)
class Beneficiary:
    """A city that an activity benefits."""

    name: str
    country: str
    """ISO 3166-1 alpha-3 code."""


@dataclass(frozen=True)
class AgreementSummary:
    """One of the donor's agreements, as a statement names it."""

    code: str
    currency: str
    amount: int
    """As signed, or amended by the end of the period, in the currency's minor units."""
    signed_on: date
    starts_on: date
    ends_on: date
    earmark: str
    """The earmark rule in a plain sentence, in the statement's language."""
    earmark_level: str
    available: Figure
    """Of its money: received and not allocated."""
    allocated: Figure
    """Of its money: allocated and not yet used."""


@dataclass(frozen=True)
class RateApplied:
    """A rate of exchange by which a contribution of the period became US dollars."""

    currency: str
    rate: str
    """Units of the currency for one US dollar, in plain digits."""
    effective_on: date
    source: str


@dataclass(frozen=True)
class Receipt:
    """One contribution received."""

    received_on: date
    reference: str
    agreement: str
    currency: str
    amount: int
    """In the donor's currency, minor units."""
    usd: Figure
    valued_on: date
    """The day whose rate of exchange made US dollars of it."""
    valued_by: int
    """The entry that did so, by the rate as it was known then."""


@dataclass(frozen=True)
class Refunded:
    """Money that goes back to the donor, or went."""

    agreed_on: date
    code: str
    agreement: str
    cents: int
    """USD cents; negative where what was agreed was taken back."""
    paid_on: date | None
    paid: Amount | None
    """What left the bank account for it; none while it is owed."""


@dataclass(frozen=True)
class Transfer:
    """Money that went from one of the donor's agreements to another, as the donor consented."""

    on: date
    code: str
    source: str
    target: str
    usd: Figure
    """What reached the target; negative where the transfer was taken back."""


@dataclass(frozen=True)
class Outstanding:
    """Money promised (a pledge) or agreed (a receivable) that has not arrived."""

    kind: str
    """`pledge` or `receivable`."""
    code: str
    instalment: int
    """The how many-th of the agreement; 0 where it has none, and for a pledge."""
    due_on: date
    """Of a pledge the day on which the money was expected."""
    waits: bool
    """Whether a condition is to be met first."""
    days_overdue: int
    """0 while it is not."""
    currency: str
    amount: int
    """Still outstanding, in the donor's currency, minor units."""
    usd: Figure
    """Its lines are those of the whole agreement, of which it may be a part."""


@dataclass(frozen=True)
class Use:
    """What was used of the donor's money, for one activity and one harmonised category."""

    activity: str
    title: str
    category: str
    """Account code 3110-3180 of the UN harmonised category."""
    usd: Figure


@dataclass(frozen=True)
class ActivityFinanced:
    """An activity that the donor's money was allocated to."""

    code: str
    title: str
    allocated: Figure
    allocated_by_all: int
    """What all donors together gave to the activity."""
    share: int
    """The donor's part of it, in basis points."""
    used: Figure
    cities: tuple[Beneficiary, ...]
    africa: int
    """Part of the activity's beneficiary cities in Africa, in basis points."""
    low_income: int
    ldc: int
    results: tuple[str, ...] = ()
    """What the partners reported, in their words."""
    reached: tuple[Achievement, ...] = ()
    """What the whole activity has reached, counted against its targets; of it no part is this donor's own."""
    own_city: str = ""
    """The one of its cities that the donor itself is; empty where the donor is none of them."""


@dataclass(frozen=True)
class StatementBalance:
    """What is left of the donor's money, and what of it is bound."""

    available: Figure
    """Received and not allocated."""
    allocated: Figure
    """Allocated and not yet used."""
    committed: Figure
    """Of the allocated: bound by an agreement with a partner and not yet used."""
    refund_due: Figure


@dataclass(frozen=True)
class Statement:
    """One donor's statement for one period, in one language."""

    id: str
    donor: str
    donor_name: str
    donor_type: str
    donor_country: str
    language: str
    status: StatementStatus
    term_starts_on: date
    starts_on: date
    ends_on: date
    currency: str
    seal: Seal
    agreements: tuple[AgreementSummary, ...]
    opening: Figure
    """Available and allocated at the start; opening + carried + received + interest + exchange + transferred
    - refunds - used is `balance.available` + `balance.allocated`, or the statement is not issued."""
    carried: Figure
    """From an earlier term that was closed within the period; what came over before it is in the opening."""
    receipts: tuple[Receipt, ...]
    received: Figure
    interest: Figure
    exchange: Figure
    refunds: Figure
    """Agreed in the period; positive, and deducted."""
    refunded: tuple[Refunded, ...]
    transfers: tuple[Transfer, ...]
    transferred: Figure
    """By transfers in the period, in all: nothing, unless only one of two agreements is in the statement."""
    outstanding: tuple[Outstanding, ...]
    uses: tuple[Use, ...]
    used: Figure
    """All use of money (3110-3180, 3900), with support cost and bank charges, without goods in kind."""
    support_cost: Figure
    bank_charges: Figure
    balance: StatementBalance
    in_kind: tuple[InKindItem, ...]
    activities: tuple[ActivityFinanced, ...]
    regions: tuple[Beneficiaries, ...]
    """By name; what is for no city last. Together they are all that was allocated, and all that was used."""
    reach: tuple[Beneficiaries, ...]
    """All cities, then those on each of three lists; a city can be on all of them."""
    rates: tuple[RateApplied, ...]
    fund: FundSummary
    verification: str
    """Short code that a reader can compare with the books: see `reports.statement.verification_code`."""
