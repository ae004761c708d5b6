"""The chart of accounts of a fund held in trust.

There is no revenue class and the database refuses one: what comes in is owed to donors until it is used
(IPSAS 47; practice of the UN Multi-Partner Trust Fund Office). So assets = liabilities - use, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AccountClass = Literal["asset", "liability", "use", "memo"]
Dimension = Literal["agreement", "activity", "grant_code", "bank_account", "donor"]


# The only place in the program with account codes: postings and reports use these names.
CASH_AT_BANK = "1100"
RECEIVABLE = "1200"
ADVANCES = "1300"
GOODS_HELD = "1400"
CURRENCY_CLEARING = "1900"
NOT_YET_RECEIVED = "2100"
AVAILABLE = "2200"
ALLOCATED = "2300"
HELD_IN_KIND = "2400"
PAYABLES = "2500"
DUE_TO_AGENT = "2600"
REFUNDS_PAYABLE = "2700"
REALISED_DIFFERENCES = "2800"
UNREALISED_DIFFERENCES = "2810"
INTEREST_TO_ATTRIBUTE = "2850"
NOT_IDENTIFIED = "2900"
STAFF_COSTS = "3110"
SUPPLIES = "3120"
EQUIPMENT = "3130"
CONTRACTUAL_SERVICES = "3140"
TRAVEL = "3150"
TRANSFERS_AND_GRANTS = "3160"
OPERATING_COSTS = "3170"
SUPPORT_COSTS = "3180"
GOODS_USED = "3300"
GOODS_WRITTEN_OFF = "3390"
LOSSES = "3900"
PLEDGES = "9100"
PLEDGES_CONTRA = "9190"
COMMITMENTS = "9200"
COMMITMENTS_CONTRA = "9290"
SERVICES_IN_KIND = "9300"
SERVICES_IN_KIND_CONTRA = "9390"

EXPENSES = "31"
"""The beginning of the codes of the eight harmonised categories; queries accept such a beginning."""
USE_IN_KIND = "33"
"""The beginning of the codes for the use of goods."""
USE_OF_MONEY = (EXPENSES, LOSSES)
"""All use of money, losses included."""
EVERY_USE = (EXPENSES, USE_IN_KIND, LOSSES)
HELD_IN_TRUST = (AVAILABLE, ALLOCATED)
"""Money owed to donors until it is used."""
OWED_TO_DONORS = (AVAILABLE, ALLOCATED, HELD_IN_KIND)
"""The liabilities against which the end of a year sets the use."""
UNSPENT = (*HELD_IN_TRUST, *USE_OF_MONEY)
"""Accounts that add up to money given and not used; until the end of a year, use is on its own accounts."""


@dataclass(frozen=True)
class Account:
    """One account of the chart."""

    code: str
    name: str
    account_class: AccountClass
    requires: tuple[Dimension, ...] = ()
    """Dimensions that each of its lines must have, besides the term."""
    sign: Literal[-1, 0, 1] = 0
    """The only side a balance may have: +1 debit, -1 credit, 0 either."""
    fund_currency_only: bool = False
    """Kept in US dollars only: a contribution becomes the dollars it is worth on the day it arrives."""


def _asset(code: str, name: str, *requires: Dimension) -> Account:
    return Account(code, name, "asset", requires, sign=1)


def _owed(code: str, name: str, *requires: Dimension, usd: bool = True) -> Account:
    return Account(code, name, "liability", requires, sign=-1, fund_currency_only=usd)


def _difference(code: str, name: str) -> Account:
    return Account(code, name, "liability", fund_currency_only=True)


def _use(code: str, name: str, *requires: Dimension) -> Account:
    return Account(code, name, "use", requires, sign=1, fund_currency_only=True)


def _memo(code: str, name: str, sign: Literal[-1, 1], *requires: Dimension, usd: bool = True) -> Account:
    return Account(code, name, "memo", requires, sign=sign, fund_currency_only=usd)


CHART: dict[str, Account] = {
    account.code: account
    for account in (
        _asset(CASH_AT_BANK, "Cash at bank", "bank_account"),
        _asset(RECEIVABLE, "Contributions receivable", "agreement"),
        _asset(ADVANCES, "Advances to implementing partners", "grant_code"),
        _asset(GOODS_HELD, "In-kind assets (goods)", "agreement"),
        Account(CURRENCY_CLEARING, "Currency clearing", "asset"),
        _owed(NOT_YET_RECEIVED, "Funds held in trust: not yet received", "agreement", usd=False),
        _owed(AVAILABLE, "Funds held in trust: available", "agreement"),
        _owed(ALLOCATED, "Funds held in trust: allocated", "agreement", "activity"),
        _owed(HELD_IN_KIND, "Funds held in trust: in kind", "agreement"),
        _owed(PAYABLES, "Payables", "grant_code"),
        _owed(DUE_TO_AGENT, "Due to agent (programme support cost)"),
        _owed(REFUNDS_PAYABLE, "Refunds payable to donors", "agreement"),
        _difference(REALISED_DIFFERENCES, "Exchange differences, realised"),
        _difference(UNREALISED_DIFFERENCES, "Exchange differences, unrealised"),
        _owed(INTEREST_TO_ATTRIBUTE, "Interest to be attributed"),
        _owed(NOT_IDENTIFIED, "Receipts not yet identified", "bank_account", usd=False),
        _use(STAFF_COSTS, "Use: staff and other personnel costs", "agreement", "activity"),
        _use(SUPPLIES, "Use: supplies, commodities, materials", "agreement", "activity"),
        _use(EQUIPMENT, "Use: equipment, vehicles, furniture", "agreement", "activity"),
        _use(CONTRACTUAL_SERVICES, "Use: contractual services", "agreement", "activity"),
        _use(TRAVEL, "Use: travel", "agreement", "activity"),
        _use(TRANSFERS_AND_GRANTS, "Use: transfers and grants to counterparts", "agreement", "activity"),
        _use(OPERATING_COSTS, "Use: general operating and other direct costs", "agreement"),
        _use(SUPPORT_COSTS, "Use: indirect programme support costs", "agreement", "activity"),
        _use(GOODS_USED, "Use of funds: in kind", "agreement", "activity"),
        # Separate from 3900: a loss of money reduces what a donor has left, a loss of goods does not.
        _use(GOODS_WRITTEN_OFF, "Use of funds: in kind, written off", "agreement"),
        _use(LOSSES, "Use of funds: losses and write-offs", "agreement"),
        _memo(PLEDGES, "Memo: pledges", 1, "donor", usd=False),
        _memo(PLEDGES_CONTRA, "Memo: pledges, contra", -1, "donor", usd=False),
        _memo(COMMITMENTS, "Memo: commitments", 1, "agreement", "activity", "grant_code"),
        _memo(COMMITMENTS_CONTRA, "Memo: commitments, contra", -1, "agreement", "activity", "grant_code"),
        _memo(SERVICES_IN_KIND, "Memo: services in kind", 1, "agreement"),
        _memo(SERVICES_IN_KIND_CONTRA, "Memo: services in kind, contra", -1, "agreement"),
    )
}

HARMONISED_CATEGORIES: dict[str, str] = {
    "staff": STAFF_COSTS,
    "supplies": SUPPLIES,
    "equipment": EQUIPMENT,
    "contractual": CONTRACTUAL_SERVICES,
    "travel": TRAVEL,
    "transfers": TRANSFERS_AND_GRANTS,
    "operating": OPERATING_COSTS,
    "support": SUPPORT_COSTS,
}
"""The eight UN harmonised expense categories (UN Sustainable Development Group) and their accounts."""
