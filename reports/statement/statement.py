"""Content of a donor's accountability statement: every figure with the journal lines it is the sum of.

`reports.statement.builder` computes it from the books, `reports.statement.pdf` renders it. Amounts are USD
cents unless a field says otherwise; shares are basis points (1/10,000).
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
"""Certified only on request, and only if the accounts of every month of its period are closed."""


@dataclass(frozen=True)
class Beneficiary:
    """A city that an activity benefits."""

    name: str
    country: str
    """ISO 3166-1 alpha-3 code."""


@dataclass(frozen=True)
class AgreementSummary:
    """One of the donor's agreements."""

    code: str
    currency: str
    amount: int
    """As signed, or amended by the end of the period, in the currency's minor units."""
    signed_on: date
    starts_on: date
    ends_on: date
    earmark: str
    """The earmark as a plain sentence, in the statement's language."""
    earmark_level: str
    available: Figure
    """Part of its money: received and not allocated."""
    allocated: Figure
    """Part of its money: allocated and not yet used."""


@dataclass(frozen=True)
class RateApplied:
    """An exchange rate applied to a contribution of the period."""

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
    """The day whose exchange rate was applied."""
    valued_by: int
    """The entry that applied it; the rate is as known then."""


@dataclass(frozen=True)
class Refunded:
    """A refund to the donor, agreed or paid."""

    agreed_on: date
    code: str
    agreement: str
    cents: int
    """USD cents; negative for a reversed agreement on a refund."""
    paid_on: date | None
    paid: Amount | None
    """What left the bank account for it; None while it is owed."""


@dataclass(frozen=True)
class Transfer:
    """Money moved between two of the donor's agreements, with the donor's consent."""

    on: date
    code: str
    source: str
    target: str
    usd: Figure
    """What reached the target; negative for a reversed transfer."""


@dataclass(frozen=True)
class Outstanding:
    """Money promised (a pledge) or agreed (a receivable) that has not arrived."""

    kind: str
    """`pledge` or `receivable`."""
    code: str
    instalment: int
    """Its number in the agreement; 0 for a pledge, and for an agreement without instalments."""
    due_on: date
    """For a pledge, the day on which the money was expected."""
    waits: bool
    """Whether a condition must be met first."""
    days_overdue: int
    """0 if it is not overdue."""
    currency: str
    amount: int
    """Still outstanding, in the donor's currency, minor units."""
    usd: Figure
    """Its lines are those of the whole agreement, of which the amount may be a part."""


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
    """USD cents that all donors together gave to the activity."""
    share: int
    """The donor's part of that, in basis points."""
    used: Figure
    cities: tuple[Beneficiary, ...]
    africa: int
    """Part of the activity's beneficiary cities in Africa, in basis points."""
    low_income: int
    ldc: int
    results: tuple[str, ...] = ()
    """Results in the words of the partners."""
    reached: tuple[Achievement, ...] = ()
    """Results of the whole activity against its targets; no part of them is this donor's own."""
    own_city: str = ""
    """The beneficiary city that is the donor itself; empty where there is none."""


@dataclass(frozen=True)
class StatementBalance:
    """What is left of the donor's money, and the part of it that is committed."""

    available: Figure
    """Received and not allocated."""
    allocated: Figure
    """Allocated and not yet used."""
    committed: Figure
    """Part of the allocated: bound by an agreement with a partner and not yet used."""
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
    """From an earlier term that was closed within the period; what came over before is in the opening."""
    receipts: tuple[Receipt, ...]
    received: Figure
    interest: Figure
    exchange: Figure
    refunds: Figure
    """Agreed in the period; positive, to be deducted."""
    refunded: tuple[Refunded, ...]
    transfers: tuple[Transfer, ...]
    transferred: Figure
    """Net transfers of the period: zero, unless only one of two agreements is in the statement."""
    outstanding: tuple[Outstanding, ...]
    uses: tuple[Use, ...]
    used: Figure
    """All use of money (3110-3180, 3900), including support cost and bank charges, without goods in kind."""
    support_cost: Figure
    bank_charges: Figure
    balance: StatementBalance
    in_kind: tuple[InKindItem, ...]
    activities: tuple[ActivityFinanced, ...]
    regions: tuple[Beneficiaries, ...]
    """By name, money for no named city last; they add up to all that was allocated and used."""
    reach: tuple[Beneficiaries, ...]
    """All cities, then those on each of three lists; a city can be on all of them."""
    rates: tuple[RateApplied, ...]
    fund: FundSummary
    verification: str
    """Short code that readers can compare with the books: see `reports.statement.verification_code`."""
