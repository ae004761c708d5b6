"""Posted lines, read as of two clocks: *effective to* a date, and *known at* an entry.

Every figure of every report is a sum over such lines, so it can be traced to its entries and printed again
later for the same two clocks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from ledger.accounts import CHART
from ledger.journal.queries import head
from ledger.projections.balances import movement
from ledger.projections.registers import NOW
from ledger.storage.long_lists import one_of
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import line as line_table


@dataclass(frozen=True)
class AsOf:
    """The state of the books to read: up to a date, as known at an entry."""

    effective_to: date
    known_at: int
    """The number of the last entry that is known."""

    @classmethod
    def now(cls, books: Connection, effective_to: date) -> AsOf:
        """Everything known now about the time up to a date."""
        return cls(effective_to, head(books).seq)


class PostedLine(NamedTuple):
    """A line with the number, day and kind of its entry."""

    entry: int
    no: int
    effective_on: date
    kind: str
    """The kind of event; for a reversal, the kind of the event that it reverses."""
    reverses: int
    account: str
    term: str
    agreement: str
    activity: str
    grant_code: str
    bank_account: str
    donor: str
    currency: str
    amount: int
    usd: int


def posted(
    books: Connection,
    as_of: AsOf,
    *,
    accounts: Collection[str] = (),
    agreements: Collection[str] | None = None,
    **dimensions: str,
) -> Iterator[PostedLine]:
    """The posted lines in journal order, of some accounts (by the beginning of their codes) and agreements.

    Other dimensions are matched exactly, e.g. `activity="ESD-1.1"`.
    """
    query = _within(
        as_of,
        line_table.c.entry,
        line_table.c.no,
        entry_table.c.effective_on,
        _KIND,
        entry_table.c.reverses,
        *line_table.c[2:],
    ).order_by(line_table.c.entry, line_table.c.no)
    if agreements is not None:
        query = query.where(one_of(line_table.c.agreement, agreements))
    if accounts and agreements is None:
        query = query.where(_on(accounts))
    elif accounts:
        # Not an IN list: SQLite would then scan all lines of the accounts, not of the agreements.
        query = query.where(or_(*(line_table.c.account.startswith(code) for code in accounts)))
    for name, value in dimensions.items():
        query = query.where(line_table.c[name] == value)
    for row in books.execute(query):
        yield PostedLine(row[0], row[1], date.fromisoformat(row[2]), *row[3:])


def unreversed_lines(
    books: Connection,
    *,
    accounts: Collection[str],
    agreements: Collection[str] | None = None,
    term: str | None = None,
    known_at: int = NOW,
) -> list[PostedLine]:
    """The posted lines in journal order, without reversed entries and without reversals.

    Of every day: an entry and its reversal may have different days.
    """
    of_term = {} if term is None else {"term": term}
    every_day = AsOf(date.max, known_at)
    lines = list(posted(books, every_day, accounts=accounts, agreements=agreements, **of_term))
    reversed_entries = {line.reverses for line in lines}
    return [line for line in lines if not line.reverses and line.entry not in reversed_entries]


def posted_sums(
    books: Connection,
    as_of: AsOf,
    by: Sequence[str],
    *,
    accounts: Collection[str] = (),
    kinds: Collection[str] = (),
    entries: Collection[int] | None = None,
    **dimensions: str,
) -> dict[tuple[Any, ...], int]:
    """Sums of the lines that `posted` gives, in USD cents, grouped by fields of a PostedLine.

    `by` names the fields, e.g. `("account", "kind")`; `kinds` and `entries` restrict the lines. The database
    adds up.
    """
    keys = [_KIND if name == "kind" else line_table.c[name] for name in by]
    query = _within(as_of, *keys, func.sum(line_table.c.usd)).group_by(*keys)
    if accounts:
        query = query.where(_on(accounts))
    if kinds:
        query = query.where(_KIND.in_(kinds))
    if entries is not None:
        query = query.where(one_of(line_table.c.entry, entries))
    for name, value in dimensions.items():
        query = query.where(line_table.c[name] == value)
    return {tuple(key): int(cents) for *key, cents in books.execute(query)}


_ORIGINAL = entry_table.alias()
_KIND: ColumnElement[str] = func.coalesce(_ORIGINAL.c.kind, entry_table.c.kind)
"""The kind of event; for a reversal, the kind of the event that it reverses."""


def _within(as_of: AsOf, *columns: ColumnElement[Any]) -> Select[Any]:
    """The query for columns of the lines that are effective and known as of both clocks."""
    return (
        select(*columns)
        .join_from(line_table, entry_table, entry_table.c.seq == line_table.c.entry)
        .join(_ORIGINAL, _ORIGINAL.c.seq == entry_table.c.reverses, isouter=True)
        .where(
            entry_table.c.seq <= as_of.known_at, entry_table.c.effective_on <= as_of.effective_to.isoformat()
        )
    )


def _on(accounts: Collection[str]) -> ColumnElement[bool]:
    """Whether a line is on one of the accounts, given by the beginning of their codes."""
    return line_table.c.account.in_([code for code in CHART if code.startswith(tuple(accounts))])


class AccountTotal(NamedTuple):
    """A row of the trial balance; debit positive, minor units and USD cents."""

    account: str
    currency: str
    amount: int
    usd: int


def trial_balance(books: Connection, as_of: AsOf, term: str | None = None) -> list[AccountTotal]:
    """The balance of every account, by currency, in order of account; accounts at zero are left out.

    Computed from the table of monthly movements, minus the lines after either clock. So it is as quick in a
    large book as in a small one when the clocks are at the end of a month and of the journal.
    """
    moved, line, entry = movement.c, line_table.c, entry_table.c
    day = as_of.effective_to.isoformat()
    months = select(moved.account, moved.currency, func.sum(moved.amount), func.sum(moved.usd))
    months = months.where(moved.month <= day[:7]).group_by(moved.account, moved.currency)
    after = select(line.account, line.currency, -func.sum(line.amount), -func.sum(line.usd))
    after = after.group_by(line.account, line.currency)
    in_month = select(entry.seq).where(entry.effective_on > day, entry.effective_on <= f"{day[:7]}-31")
    # `concat` keeps the index on the day unused: up to a day there are many entries, after an entry few.
    since = select(entry.seq).where(entry.seq > as_of.known_at, entry.effective_on.concat("") <= day)
    later, unknown = after.where(line.entry.in_(in_month)), after.where(line.entry.in_(since))
    if term is not None:
        months = months.where(moved.term == term)
        later, unknown = later.where(line.term == term), unknown.where(line.term == term)
    sums: dict[tuple[str, str], list[int]] = {}
    for query in (months, later, unknown):
        for account, currency, amount, usd in books.execute(query):
            of = sums.setdefault((account, currency), [0, 0])
            of[0] += int(amount)
            of[1] += int(usd)
    return [AccountTotal(*key, *of) for key, of in sorted(sums.items()) if of != [0, 0]]
