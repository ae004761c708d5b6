"""Building blocks of postings: lines in a currency, lines in dollars, and currency clearing between them."""

from __future__ import annotations

from ledger.accounts import CURRENCY_CLEARING
from ledger.entry.canonical import Line
from ledger.money import FUND_CURRENCY


def line(  # noqa: PLR0913 - a dimension each
    account: str,
    term: str,
    currency: str,
    amount: int,
    usd: int,
    *,
    agreement: str = "",
    activity: str = "",
    grant_code: str = "",
    bank_account: str = "",
    donor: str = "",
) -> Line:
    """A line: `amount` in minor units of `currency`, `usd` in cents; debits positive, credits negative."""
    marks = agreement, activity, grant_code, bank_account, donor
    return Line(account, term, *marks, currency, amount, usd)


def dollars(account: str, term: str, cents: int, **dimensions: str) -> Line:
    """A line in US dollars, given in cents."""
    return line(account, term, FUND_CURRENCY, cents, cents, **dimensions)


def clearing(term: str, currency: str, amount: int, usd: int) -> list[Line]:
    """The lines between a debit in a currency and a credit in dollars; none when the currency is USD.

    Currency clearing holds the amount as the open position in that currency; the values of its two lines add
    up to zero (trading accounts, P. Selinger, *Tutorial on multiple currency accounting*).
    """
    if currency == FUND_CURRENCY:
        return []
    return [line(CURRENCY_CLEARING, term, currency, -amount, -usd), dollars(CURRENCY_CLEARING, term, usd)]


def without_empty(lines: list[Line]) -> list[Line]:
    """The lines that have an amount or a value."""
    return [entry_line for entry_line in lines if entry_line.amount or entry_line.usd]
