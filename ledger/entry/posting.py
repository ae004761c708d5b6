"""Building blocks of postings: lines in a currency, lines in dollars, and the way from one to the other."""

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
    """A line; debits are positive, credits negative."""
    marks = agreement, activity, grant_code, bank_account, donor
    return Line(account, term, *marks, currency, amount, usd)


def dollars(account: str, term: str, cents: int, **dimensions: str) -> Line:
    """A line in the fund's own currency."""
    return line(account, term, FUND_CURRENCY, cents, cents, **dimensions)


def clearing(term: str, currency: str, amount: int, usd: int) -> list[Line]:
    """Take an amount that was debited in one currency over to dollars that were credited.

    Currency clearing keeps the amount as the open position in that currency; its two lines are worth
    nothing together (trading accounts, P. Selinger, *Tutorial on multiple currency accounting*).
    """
    if currency == FUND_CURRENCY:
        return []
    return [line(CURRENCY_CLEARING, term, currency, -amount, -usd), dollars(CURRENCY_CLEARING, term, usd)]


def without_empty(lines: list[Line]) -> list[Line]:
    """The lines that say something: a line of nothing is left out."""
    return [entry_line for entry_line in lines if entry_line.amount or entry_line.usd]
