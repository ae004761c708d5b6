"""Balances: the current balance of each account, updated with every entry instead of summed from all lines.

Three tables. `balance` has a row for each account with its dimensions and currency; the database refuses a
balance on the wrong side (no cash below zero, no donor's money given twice). `allotment` has a row for each
agreement and activity, and one without an activity for the money that is not allocated; the database refuses
more use and commitments than a row has allocated. Use is set against a liability at the end of a year only,
so the account alone would not show that a bank charge has used what is still available on 2200. `movement`
has a row for each account, term, currency and month, from which a balance at the end of a month is read
without its lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, Connection, Select, Table, bindparam, func, or_, select

from ledger.accounts import ALLOCATED, AVAILABLE, CHART, COMMITMENTS, USE_OF_MONEY
from ledger.entry.canonical import Line
from ledger.errors import Refused
from ledger.money import LARGEST, format_minor, usd
from ledger.projections.balance_cache import BalanceCache, BalanceTable, Figures, Key
from ledger.storage.bulk_insert import write_rows
from ledger.storage.schema import DIMENSIONS, metadata, text, whole
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import line as line_table
from ledger.storage.unit_of_work import UnitOfWork, current_unit_of_work

KEY = ("account", *DIMENSIONS, "currency")


def _codes(sign: int) -> str:
    return ", ".join(f"'{account.code}'" for account in CHART.values() if account.sign == sign)


balance = Table(
    "balance",
    metadata,
    *(text(name, key=True) for name in KEY),
    whole("amount"),
    whole("usd"),
    whole("seq"),
    CheckConstraint(f"account NOT IN ({_codes(1)}) OR amount >= 0", name="debit_side"),
    CheckConstraint(f"account NOT IN ({_codes(-1)}) OR amount <= 0", name="credit_side"),
    sqlite_strict=True,
)

allotment = Table(
    "allotment",
    metadata,
    text("term", key=True),
    text("agreement", key=True),
    text("activity", key=True),
    whole("allocated"),
    whole("used"),
    whole("committed"),
    whole("seq"),
    CheckConstraint("used >= 0 AND committed >= 0", name="not_negative"),
    CheckConstraint("used + committed <= allocated", name="within_allocation"),
    sqlite_strict=True,
)


movement = Table(
    "movement",
    metadata,
    *(text(name, key=True) for name in ("account", "month", "term", "currency")),
    whole("amount"),
    whole("usd"),
    whole("seq"),
    sqlite_strict=True,
)


class Balance(NamedTuple):
    """A balance: minor units of its currency, and its value in USD cents; debit positive."""

    amount: int
    usd: int


class Allotment(NamedTuple):
    """The money that one agreement gives to one activity, in USD cents."""

    agreement: str
    activity: str
    allocated: int
    used: int
    committed: int

    @property
    def free(self) -> int:
        """Allocated and neither used nor committed."""
        return self.allocated - self.used - self.committed


BALANCE = BalanceTable(balance, KEY, ("amount", "usd"), owner=KEY.index("agreement"))
MOVEMENT = BalanceTable(movement, ("account", "month", "term", "currency"), ("amount", "usd"), owner=1)
ALLOTMENT = BalanceTable(
    allotment, ("term", "agreement", "activity"), ("allocated", "used", "committed"), owner=1
)
BALANCE_TABLES = (BALANCE, MOVEMENT, ALLOTMENT)

_SIGN = {account.code: account.sign for account in CHART.values()}
_ALLOCATED, _USED, _COMMITTED = range(3)
ALLOTTED = {
    **dict.fromkeys((AVAILABLE, ALLOCATED), _ALLOCATED),
    **dict.fromkeys((code for code in CHART if code.startswith(USE_OF_MONEY)), _USED),
    COMMITMENTS: _COMMITTED,
}
"""Which figure of an allotment, by its place in `ALLOTMENT.figures`, a line on an account changes."""

Totals = dict[BalanceTable, dict[Key, Figures]]
"""The rows of each table of balances."""


def summed(books: Connection, after: int, last: int) -> Totals:
    """What the entries after one and up to another add to each table, summed by the database."""
    of = line_table.c
    keys = (*(of[name] for name in KEY), func.substr(entry_table.c.effective_on, 1, 7))
    rows = (
        select(*keys, func.sum(of.amount), func.sum(of.usd), func.max(of.entry))
        .join(entry_table, entry_table.c.seq == of.entry, isouter=True)
        .where(of.entry > after, of.entry <= last)
        .group_by(*keys)
    )
    sums: Totals = {BALANCE: {}, MOVEMENT: {}, ALLOTMENT: {}}
    for *key, month, amount, value, seq in books.execute(rows):
        figures = [int(amount), int(value), seq]
        account, term, agreement, activity = key[:4]
        add_figures(sums[BALANCE], tuple(key), figures)
        if month is not None:  # a line of no entry has no month
            add_figures(sums[MOVEMENT], (account, month, term, key[-1]), figures)
        figure = ALLOTTED.get(account)
        if figure is not None:
            allotted = [0, 0, 0, seq]
            allotted[figure] = -int(value) if figure == _ALLOCATED else int(value)
            add_figures(sums[ALLOTMENT], (term, agreement, activity), allotted)
    return sums


def add_figures(rows: dict[Key, Figures], key: Key, by: Figures) -> None:
    """Add figures to a row; the later of both entries stays."""
    row = rows.get(key)
    if row is None:
        rows[key] = by.copy()
        return
    for place, figure in enumerate(by[:-1]):
        row[place] += figure
    row[-1] = max(row[-1], by[-1])


def update_balances(books: Connection, seq: int, on: str, lines: Sequence[Line]) -> None:
    """Add the lines of an entry, effective on a day (`YYYY-MM-DD`), to the balances.

    Refused names the account or the allotment that would be overdrawn.
    """
    work = current_unit_of_work(books)
    month = on[:7]
    caches = _cached(books, work) if work else _fetched(books, month, lines)
    changed = _add_lines(caches, seq, month, lines)
    if work is not None:
        work.on_rollback(partial(_add_lines, caches, seq, month, lines, -1))
    # Checked after all lines: one line of an entry may use what another one brings.
    for line, rows in zip(lines, changed, strict=True):
        _require_allowed(line, *rows)
    if work is None:
        for cached in caches:
            write_rows(books, cached.table, cached.take_changed(), cached.on_conflict)


def _add_lines(
    caches: tuple[BalanceCache, ...], seq: int, month: str, lines: Sequence[Line], times: int = 1
) -> list[tuple[Figures, Figures, Figures | None]]:
    """Add lines to the balances, or subtract them (`times=-1`); the rows that each line changed."""
    balances, movements, allotments = caches
    rows = []
    for line in lines:
        account, term, currency = line.account, line.term, line.currency
        amount, value = times * line.amount, times * line.usd
        place = line[:8]
        stands = balances.changed[place] = balances[place]
        stands[0] += amount
        stands[1] += value
        stands[2] = seq
        month_place = account, month, term, currency
        in_month = movements.changed[month_place] = movements[month_place]
        in_month[0] += amount
        in_month[1] += value
        in_month[2] = seq
        figure = ALLOTTED.get(account)
        allotted = None
        if figure is not None:
            allotment_place = term, line.agreement, line.activity
            allotted = allotments.changed[allotment_place] = allotments[allotment_place]
            allotted[figure] += -value if figure == _ALLOCATED else value
            allotted[3] = seq
        rows.append((stands, in_month, allotted))
    return rows


# The rules of the CHECK constraints again, for a readable message; the database remains the last guard.


def _require_allowed(line: Line, stands: Figures, in_month: Figures, allotted: Figures | None) -> None:
    amount, value, _ = stands
    if amount * _SIGN[line.account] < 0:
        raise _overdrawn(line, abs(amount))
    if allotted is not None:
        _require_within(line, allotted)
    if not (-LARGEST <= amount <= LARGEST and -LARGEST <= value <= LARGEST) or (
        abs(in_month[0]) > LARGEST or abs(in_month[1]) > LARGEST
    ):
        raise Refused(
            "account-sum-too-large",
            "There would be more on account {account} than a book can hold.",
            account=line.account,
        )


def _cached(books: Connection, work: UnitOfWork) -> tuple[BalanceCache, ...]:
    """The three tables as a unit of work caches them."""
    if not work.balances:
        work.balances = tuple(BalanceCache(books, table, work) for table in BALANCE_TABLES)
    return work.balances


def _fetched(books: Connection, month: str, lines: Iterable[Line]) -> tuple[BalanceCache, ...]:
    """The three tables with the rows that these lines change."""
    fetched = tuple(BalanceCache(books, table) for table in BALANCE_TABLES)
    keys: list[set[Key]] = [
        {line[:8] for line in lines},
        {(line.account, month, line.term, line.currency) for line in lines},
        {(line.term, line.agreement, line.activity) for line in lines if line.account in ALLOTTED},
    ]
    for cached, wanted in zip(fetched, keys, strict=True):
        if wanted:
            cached.fetch(wanted)
    return fetched


def _overdrawn(line: Line, lacking: int) -> Refused:
    account = CHART[line.account]
    place = " ".join(filter(None, line[2:7]))
    lacks = f"{format_minor(lacking, line.currency)} {line.currency}"
    return Refused(
        "balance-too-small",
        "There is {lacks} too little on {code} {name} ({place}) for this.",
        lacks=lacks,
        code=account.code,
        name=account.name,
        place=place,
    )


def _require_within(line: Line, row: Figures) -> None:
    allocated, used, committed, _ = row
    if used + committed <= allocated:
        return
    over = usd(used + committed - allocated)
    if not line.activity:
        raise Refused(
            "agreement-balance-too-small",
            "This is {over} more than agreement {agreement} has available.",
            over=over,
            agreement=line.agreement,
        )
    raise Refused(
        "allocation-too-small",
        "This is {over} more than is allocated and free of agreement {agreement} for activity {activity}.",
        over=over,
        agreement=line.agreement,
        activity=line.activity,
    )


def total(books: Connection, account: str, **dimensions: str) -> Balance:
    """The balance of an account now, over all rows with the given dimensions (or currency)."""
    work = current_unit_of_work(books)
    if work is not None:
        cached = _cached(books, work)[0]
        return _added(cached.rows_of(account, dimensions.pop("agreement", None)), dimensions)
    row = books.execute(_total_by(tuple(dimensions)), {"account": account, **dimensions}).one()
    return Balance(int(row[0]), int(row[1]))


@cache
def _total_by(names: tuple[str, ...]) -> Select[Any]:
    """The query for an account's sum with given dimensions; built once for each choice of them."""
    sums = (func.coalesce(func.sum(column), 0) for column in (balance.c.amount, balance.c.usd))
    return select(*sums).where(*(balance.c[name] == bindparam(name) for name in ("account", *names)))


def _added(rows: Mapping[Key, Figures], dimensions: Mapping[str, str]) -> Balance:
    amount = value = 0
    for key, figures in rows.items():
        for name, dimension in dimensions.items():
            if key[_PLACE[name]] != dimension:
                break
        else:
            amount += figures[0]
            value += figures[1]
    return Balance(amount, value)


_PLACE = {name: place for place, name in enumerate(KEY)}


def balances_by(books: Connection, account: str, dimension: str, **dimensions: str) -> dict[str, Balance]:
    """The balance of an account now for each value of one dimension; zero balances are left out."""
    where = [balance.c[name] == value for name, value in dimensions.items()]
    rows = books.execute(
        select(balance.c[dimension], func.sum(balance.c.amount), func.sum(balance.c.usd))
        .where(balance.c.account == account, *where)
        .group_by(balance.c[dimension])
        .order_by(balance.c[dimension])
    )
    found = {name: Balance(int(amount), int(usd)) for name, amount, usd in rows}
    return {name: sums for name, sums in found.items() if sums != (0, 0)}


def allotments(books: Connection, term: str, activity: str | None = None) -> Iterator[Allotment]:
    """The allotments of a term, in order of agreement and activity."""
    query = select(allotment).where(allotment.c.term == term, allotment.c.activity != "")
    if activity is not None:
        query = query.where(allotment.c.activity == activity)
    for row in books.execute(query.order_by(allotment.c.agreement, allotment.c.activity)):
        yield Allotment(row.agreement, row.activity, row.allocated, row.used, row.committed)


def available(books: Connection, term: str) -> dict[str, int]:
    """Money that each agreement has received and neither allocated nor used (bank charges), USD cents."""
    rows = books.execute(
        select(allotment.c.agreement, allotment.c.allocated - allotment.c.used)
        .where(allotment.c.term == term, allotment.c.activity == "")
        .order_by(allotment.c.agreement)
    )
    return {agreement: int(cents) for agreement, cents in rows if cents}


def open_balances(books: Connection, term: str, *accounts: str) -> list[Line]:
    """Every balance of a term that is not zero now, as a line; accounts by the beginning of their codes."""
    query = (
        select(*(balance.c[name] for name in (*KEY, "amount", "usd")))
        .where(balance.c.term == term, or_(balance.c.amount != 0, balance.c.usd != 0))
        .order_by(*(balance.c[name] for name in KEY))
    )
    if accounts:
        query = query.where(or_(*(balance.c.account.startswith(code) for code in accounts)))
    return [Line(*row) for row in books.execute(query)]


TABLES = (balance, movement, allotment)
