"""The chart of accounts of a fund held in trust.

There is no revenue class and the database refuses one: what comes in is owed to donors until it is used
(IPSAS 47; practice of the UN Multi-Partner Trust Fund Office). So assets = liabilities - use, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AccountClass = Literal["asset", "liability", "use", "memo"]
Dimension = Literal["agreement", "activity", "grant_code", "bank_account", "donor"]


@dataclass(frozen=True)
class Account:
    """One account of the chart."""

    code: str
    name: str
    account_class: AccountClass
    requires: tuple[Dimension, ...] = ()
    """Dimensions that each of its lines must carry, besides the term."""
    sign: Literal[-1, 0, 1] = 0
    """The side a balance may never leave: +1 debit, -1 credit, 0 either."""
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
        _asset("1100", "Cash at bank", "bank_account"),
        _asset("1200", "Contributions receivable", "agreement"),
        _asset("1300", "Advances to implementing partners", "grant_code"),
        _asset("1400", "In-kind assets (goods)", "agreement"),
        Account("1900", "Currency clearing", "asset"),
        _owed("2100", "Funds held in trust: not yet received", "agreement", usd=False),
        _owed("2200", "Funds held in trust: available", "agreement"),
        _owed("2300", "Funds held in trust: allocated", "agreement", "activity"),
        _owed("2400", "Funds held in trust: in kind", "agreement"),
        _owed("2500", "Payables", "grant_code"),
        _owed("2600", "Due to agent (programme support cost)"),
        _owed("2700", "Refunds payable to donors", "agreement"),
        _difference("2800", "Exchange differences, realised"),
        _difference("2810", "Exchange differences, unrealised"),
        _owed("2850", "Interest to be attributed"),
        _owed("2900", "Receipts not yet identified", "bank_account", usd=False),
        _use("3110", "Use: staff and other personnel costs", "agreement", "activity"),
        _use("3120", "Use: supplies, commodities, materials", "agreement", "activity"),
        _use("3130", "Use: equipment, vehicles, furniture", "agreement", "activity"),
        _use("3140", "Use: contractual services", "agreement", "activity"),
        _use("3150", "Use: travel", "agreement", "activity"),
        _use("3160", "Use: transfers and grants to counterparts", "agreement", "activity"),
        _use("3170", "Use: general operating and other direct costs", "agreement"),
        _use("3180", "Use: indirect programme support costs", "agreement", "activity"),
        _use("3300", "Use of funds: in kind", "agreement", "activity"),
        # Apart from 3900: a loss of money takes from what a donor has left, a loss of goods does not.
        _use("3390", "Use of funds: in kind, written off", "agreement"),
        _use("3900", "Use of funds: losses and write-offs", "agreement"),
        _memo("9100", "Memo: pledges", 1, "donor", usd=False),
        _memo("9190", "Memo: pledges, contra", -1, "donor", usd=False),
        _memo("9200", "Memo: commitments", 1, "agreement", "activity", "grant_code"),
        _memo("9290", "Memo: commitments, contra", -1, "agreement", "activity", "grant_code"),
        _memo("9300", "Memo: services in kind", 1, "agreement"),
        _memo("9390", "Memo: services in kind, contra", -1, "agreement"),
    )
}

HARMONISED_CATEGORIES: dict[str, str] = {
    "staff": "3110",
    "supplies": "3120",
    "equipment": "3130",
    "contractual": "3140",
    "travel": "3150",
    "transfers": "3160",
    "operating": "3170",
    "support": "3180",
}
"""The eight UN harmonised expense categories (UN Sustainable Development Group) and their accounts."""
