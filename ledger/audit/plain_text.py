"""Plain-text accounting: the journal for beancount and hledger, so that other programs add it up.

Amounts are in their own currencies: money that changes currency passes through 1900, so every entry sums to
zero in each currency by itself and needs no rate to balance. The value of a foreign amount in dollars is the
metadata `usd`. The last statements assert the balances of the book's own table, so a program that reads the
file without an error has computed the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from ledger.accounts import CHART, Account
from ledger.entry.canonical import Line, Sealed
from ledger.journal.queries import entries
from ledger.money import FUND_CURRENCY, scale
from ledger.projections.balances import balance
from ledger.storage.schema import DIMENSIONS
from ledger.storage.schema import entry as entry_table

ROOTS = {"asset": "Assets", "liability": "Liabilities", "use": "Liabilities", "memo": "Equity"}
"""The root account of each class. Use is a contra-liability, set against what is owed to donors, and not an
expense: liabilities add up to what is still owed, and Income and Expenses are empty."""


def account_name(account: Account) -> str:
    """The name of an account in both programs, e.g. `Assets:1100-Cash-at-bank`."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", f"{account.code} {account.name}").strip("-")
    return f"{ROOTS[account.account_class]}:{words}"


def as_beancount(books: Connection) -> Iterator[str]:
    """The entries that have lines, for beancount 2 and 3; accounts in dollars only are opened as such."""
    yield f'option "title" "Funds held in trust"\noption "operating_currency" "{FUND_CURRENCY}"\n\n'
    span = _span(books)
    if span is None:
        return
    for account in CHART.values():
        only = f" {FUND_CURRENCY}" if account.fund_currency_only else ""
        yield f"{span.first} open {account_name(account)}{only}\n"
    for sealed, lines in _with_lines(books):
        yield f"\n{sealed.effective_on} * {_quoted(sealed.kind)}\n"
        yield from (f"  {name}: {_quoted(value)}\n" for name, value in _marks_of_entry(sealed))
        for line in lines:
            yield f"  {account_name(CHART[line.account])}  {_amount(line.amount, line.currency)}\n"
            yield from (f"    {name}: {_quoted(value)}\n" for name, value in _marks_of_line(line))
            if line.currency != FUND_CURRENCY:
                yield f"    usd: {_amount(line.usd, FUND_CURRENCY)}\n"
    yield "\n"
    # beancount asserts a balance at the beginning of its day.
    after = span.last + timedelta(days=1)
    for code, currency, minor in _balances(books):
        yield f"{after} balance {account_name(CHART[code])}  {_decimal(minor, currency)} ~ 0 {currency}\n"


def as_hledger(books: Connection) -> Iterator[str]:
    """The entries that have lines, for hledger, in syntax that ledger reads, too."""
    yield "; Funds held in trust\n\n"
    span = _span(books)
    if span is None:
        return
    found = _balances(books)
    for currency in sorted({currency for _, currency, _ in found}):
        yield f"commodity {currency}\n"
        if decimals := scale(currency):
            yield f"  format 1000.{'0' * decimals} {currency}\n"
    yield from (f"account {account_name(account)}\n" for account in CHART.values())
    for sealed, lines in _with_lines(books):
        yield f"\n{sealed.effective_on} * ({sealed.seq}) {sealed.kind}\n"
        yield from (f"  ; {name}: {_untagged(value)}\n" for name, value in _marks_of_entry(sealed))
        for line in lines:
            yield f"  {account_name(CHART[line.account])}  {_amount(line.amount, line.currency)}\n"
            yield from (f"    ; {name}: {_untagged(value)}\n" for name, value in _marks_of_line(line))
            if line.currency != FUND_CURRENCY:
                yield f"    ; usd: {_decimal(line.usd, FUND_CURRENCY)}\n"
    yield f"\n{span.last} * Balances as the book has them\n"
    for code, currency, minor in found:
        yield f"  {account_name(CHART[code])}  {_amount(0, currency)} = {_amount(minor, currency)}\n"


class _Span(NamedTuple):
    first: date
    last: date


def _span(books: Connection) -> _Span | None:
    """The first and the last day with lines; None where there are none."""
    days = entry_table.c.effective_on
    first, last = books.execute(
        select(func.min(days), func.max(days)).where(entry_table.c.line_count > 0)
    ).one()
    return _Span(date.fromisoformat(first), date.fromisoformat(last)) if first else None


def _with_lines(books: Connection) -> Iterator[tuple[Sealed, list[Line]]]:
    return ((sealed, lines) for sealed, lines in entries(books) if lines)


def _balances(books: Connection) -> Sequence[tuple[str, str, int]]:
    """The balances by account and currency, from the table of balances, not summed from the lines."""
    rows = books.execute(
        select(balance.c.account, balance.c.currency, func.sum(balance.c.amount))
        .group_by(balance.c.account, balance.c.currency)
        .order_by(balance.c.account, balance.c.currency)
    )
    return [(row[0], row[1], int(row[2])) for row in rows]


def _marks_of_entry(sealed: Sealed) -> Iterator[tuple[str, str]]:
    for name in ("seq", "key", "recorded_at", "made_by", "approved_by", "reverses", "hash"):
        if value := getattr(sealed, name):
            yield name, str(value)


def _marks_of_line(line: Line) -> Iterator[tuple[str, str]]:
    for name in DIMENSIONS:
        if value := getattr(line, name):
            yield name, value


def _amount(minor: int, currency: str) -> str:
    return f"{_decimal(minor, currency)} {currency}"


def _decimal(minor: int, currency: str) -> str:
    """Plain digits without grouping, which both programs read in one way only."""
    return f"{Decimal(minor).scaleb(-scale(currency)):.{scale(currency)}f}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _untagged(text: str) -> str:
    """A text as the value of a tag: a comma would end it, a line break the comment, brackets mean a date."""
    return re.sub(r"[\[\],;\x00-\x1f]", " ", text)
