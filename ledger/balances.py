"""Balances: what stands on each account now, kept with every entry, never summed from all lines to answer.

Three registers. `balance` has one row for each account with its dimensions and currency; the database
refuses a balance on the wrong side (no cash below zero, no donor's money given twice). `allotment` has one
row for each agreement and activity, and one without an activity for the money that is not allocated; the
database refuses more use and commitments than there is in a row. Use is taken off a liability at the end of a
year only, so an account alone would not know that a bank charge has used what is still available on 2200.
`movement` has one row for each account, term and currency in each month, so that what stood on an account at
the end of a month is known without its lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import CheckConstraint, Connection, Table, case, func, or_, select, tuple_

from ledger.accounts import CHART
from ledger.batch import Batch, Figures, batch_of, insert_sql
from ledger.encoding import Line
from ledger.errors import Refused
from ledger.money import format_minor, usd
from ledger.schema import DIMENSIONS, metadata, text, whole
from ledger.schema import entry as entry_table
from ledger.schema import line as line_table

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
    """A sum on an account: minor units of its currency, and its value in USD cents; debit positive."""

    amount: int
    usd: int


class Allotment(NamedTuple):
    """What one agreement gave to one activity, in USD cents."""

    agreement: str
    activity: str
    allocated: int
    used: int
    committed: int

    @property
    def free(self) -> int:
        """Allocated and neither used nor committed."""
        return self.allocated - self.used - self.committed


class Register(NamedTuple):
    """A register of sums: its table, the columns that identify a row, and the figures it keeps."""

    table: Table
    keys: tuple[str, ...]
    figures: tuple[str, ...]


BALANCE = Register(balance, KEY, ("amount", "usd"))
MOVEMENT = Register(movement, ("account", "month", "term", "currency"), ("amount", "usd"))
ALLOTMENT = Register(allotment, ("term", "agreement", "activity"), ("allocated", "used", "committed"))

Moved = dict[tuple[str, ...], Figures]
"""By row: its figures, and the last entry that moved them."""


def _movements(seq: int, on: str, lines: Iterable[Line]) -> dict[Register, Moved]:
    """What the lines of entry `seq`, effective on a day, add to each register."""
    balances: Moved = {}
    movements: Moved = {}
    allotments: Moved = {}
    for line in lines:
        month = (line.account, on[:7], line.term, line.currency)
        for rows, key in ((balances, line[:8]), (movements, month)):
            moved = rows.setdefault(key, [0, 0, seq])
            moved[0] += line.amount
            moved[1] += line.usd
        figure = _figure_of_allotment(line)
        if figure is not None:
            allotted = allotments.setdefault((line.term, line.agreement, line.activity), [0, 0, 0, seq])
            allotted[figure] += -line.usd if figure == _ALLOCATED else line.usd
    return {BALANCE: balances, MOVEMENT: movements, ALLOTMENT: allotments}


_ALLOCATED, _USED, _COMMITTED = range(3)


def _figure_of_allotment(line: Line) -> int | None:
    """Which figure of an allotment a line moves; None when it moves none."""
    if line.account in ("2200", "2300"):
        return _ALLOCATED
    if line.account.startswith("31") or line.account == "3900":
        return _USED
    return _COMMITTED if line.account == "9200" else None


def summed(books: Connection, register: Register) -> Moved:
    """What a register should say: its rows summed from all lines, by the database."""
    of = line_table.c
    month = func.substr(entry_table.c.effective_on, 1, 7)
    keys = [month if name == "month" else of[name] for name in register.keys]
    if register is not ALLOTMENT:
        rows = select(*keys, func.sum(of.amount), func.sum(of.usd), func.max(of.entry))
        if register is MOVEMENT:
            rows = rows.join(entry_table, entry_table.c.seq == of.entry)
    else:
        used = or_(of.account.startswith("31"), of.account == "3900")
        figures = (
            (of.account.in_(("2200", "2300")), -of.usd),
            (used, of.usd),
            (of.account == "9200", of.usd),
        )
        sums = (func.sum(case((when, value), else_=0)) for when, value in figures)
        rows = select(*keys, *sums, func.max(of.entry)).where(or_(*(when for when, _ in figures)))
    width = len(keys)
    return {
        tuple(row[:width]): [int(figure) for figure in row[width:]]
        for row in books.execute(rows.group_by(*keys))
    }


def move(books: Connection, seq: int, on: str, lines: Iterable[Line]) -> None:
    """Carry an entry's lines, effective on a day, into the registers; the database refuses what may not be.

    Raises Refused, naming the account or the allotment that would be overdrawn.
    """
    batch = batch_of(books)
    for register, moved in _movements(seq, on, lines).items():
        if not moved:
            continue
        if batch is None:
            rows = _read_rows(books, register, moved)
        else:
            rows = {key: _kept_row(books, batch, register, key) for key in moved}
        for key, by in moved.items():
            row = rows[key]
            _add(row, by)
            _require_allowed(register, key, row)
        if batch is None:
            _write(books, register, rows)
        else:
            batch.moved.setdefault(register.table.name, {}).update(rows)


def _add(figures: Figures, by: Figures) -> None:
    last = len(figures) - 1
    for place in range(last):
        figures[place] += by[place]
    figures[last] = by[last]


def _read_rows(books: Connection, register: Register, wanted: Iterable[tuple[str, ...]]) -> Moved:
    """The rows as they stand, of nothing where there are none."""
    keys = [register.table.c[name] for name in register.keys]
    figures = [register.table.c[name] for name in register.figures]
    rows = {key: [0] * (len(figures) + 1) for key in wanted}
    for row in books.execute(select(*keys, *figures).where(tuple_(*keys).in_(list(rows)))):
        rows[tuple(row[: len(keys)])] = [*row[len(keys) :], 0]
    return rows


def _kept_row(books: Connection, batch: Batch, register: Register, key: tuple[str, ...]) -> Figures:
    """A row as the batch keeps it."""
    group = _kept(books, batch, register, key[0])
    owner = key[_OWNER[register]]
    rows = group.get(owner)
    if rows is None:
        rows = group[owner] = {}
    row = rows.get(key)
    if row is None:
        row = rows[key] = [0] * (len(register.figures) + 1)
    return row


def _kept(books: Connection, batch: Batch, register: Register, first: str) -> dict[str, Moved]:
    """All rows of one account (or term), by agreement, loaded at most once in a batch."""
    name = register.table.name
    kept = batch.sums.get((name, first))
    if kept is not None:
        return kept
    kept = batch.sums[name, first] = {}
    if name not in batch.writers:
        batch.writers[name] = lambda moved: _write(books, register, moved)
    columns = [register.table.c[name] for name in (*register.keys, *register.figures)]
    width = len(register.keys)
    for row in batch.ask(lambda: books.execute(select(*columns).where(columns[0] == first)).all()):
        key = tuple(row[:width])
        kept.setdefault(key[_OWNER[register]], {})[key] = [*row[width:], 0]
    return kept


_OWNER = {BALANCE: KEY.index("agreement"), MOVEMENT: 1, ALLOTMENT: 1}
"""The place in a register's key by which a batch keeps its rows: the agreement, or the month."""


def _require_allowed(register: Register, key: tuple[str, ...], figures: Figures) -> None:
    """The same rules as the CHECKs of the tables, said in a sentence; the database remains the last guard."""
    if register is BALANCE:
        account = CHART[key[0]]
        if figures[0] * account.sign < 0:
            place = " ".join(part for part in key[2:7] if part)
            lacks = f"{format_minor(abs(figures[0]), key[7])} {key[7]}"
            raise Refused(f"There is {lacks} too little on {account.code} {account.name} ({place}) for this.")
        return
    if register is MOVEMENT:
        return
    allocated, used, committed, _ = figures
    if used + committed > allocated:
        over = usd(used + committed - allocated)
        if not key[2]:
            raise Refused(f"This is {over} more than agreement {key[1]} has available.")
        raise Refused(
            f"This is {over} more than is allocated and free of agreement {key[1]} for activity {key[2]}."
        )


def _write(books: Connection, register: Register, rows: Moved) -> None:
    # The new figure is written, not a difference: a CHECK is also applied to the row proposed for an
    # upsert, and a difference may be negative where the balance is not. The writer holds the book's lock.
    figures = (*register.figures, "seq")
    changed = ", ".join(f"{name} = excluded.{name}" for name in figures)
    conflict = f"ON CONFLICT ({', '.join(register.keys)}) DO UPDATE SET {changed}"
    upsert = f"{insert_sql(books, register.table)} {conflict}"
    books.exec_driver_sql(upsert, [(*key, *values) for key, values in rows.items()])


def total(books: Connection, account: str, **dimensions: str) -> Balance:
    """What stands on an account now, over all rows that carry the given dimensions (or currency)."""
    batch = batch_of(books)
    if batch is not None:
        return _kept_total(_kept(books, batch, BALANCE, account), dimensions)
    where = [balance.c[name] == value for name, value in dimensions.items()]
    row = books.execute(
        select(func.coalesce(func.sum(balance.c.amount), 0), func.coalesce(func.sum(balance.c.usd), 0)).where(
            balance.c.account == account, *where
        )
    ).one()
    return Balance(int(row[0]), int(row[1]))


def _kept_total(kept: dict[str, Moved], dimensions: dict[str, str]) -> Balance:
    agreement = dimensions.get("agreement")
    groups = kept.values() if agreement is None else (kept.get(agreement, {}),)
    wanted = [(KEY.index(name), value) for name, value in dimensions.items()]
    amount = value = 0
    for rows in groups:
        for key, figures in rows.items():
            if all(key[place] == dimension for place, dimension in wanted):
                amount += figures[0]
                value += figures[1]
    return Balance(amount, value)


def by(books: Connection, account: str, dimension: str, **dimensions: str) -> dict[str, Balance]:
    """What stands on an account now, for each value of one dimension; zero balances are left out."""
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
    """What agreements gave to activities in a term, in order of agreement and activity."""
    query = select(allotment).where(allotment.c.term == term, allotment.c.activity != "")
    if activity is not None:
        query = query.where(allotment.c.activity == activity)
    for row in books.execute(query.order_by(allotment.c.agreement, allotment.c.activity)):
        yield Allotment(row.agreement, row.activity, row.allocated, row.used, row.committed)


def available(books: Connection, term: str) -> dict[str, int]:
    """What each agreement has received and neither allocated nor used (bank charges), USD cents."""
    rows = books.execute(
        select(allotment.c.agreement, allotment.c.allocated - allotment.c.used)
        .where(allotment.c.term == term, allotment.c.activity == "")
        .order_by(allotment.c.agreement)
    )
    return {agreement: int(cents) for agreement, cents in rows if cents}


def standing(books: Connection, term: str, *accounts: str) -> list[Line]:
    """Every balance of a term that is not zero now, as a line; accounts by the beginning of their code."""
    query = (
        select(*(balance.c[name] for name in (*KEY, "amount", "usd")))
        .where(balance.c.term == term, or_(balance.c.amount != 0, balance.c.usd != 0))
        .order_by(*(balance.c[name] for name in KEY))
    )
    if accounts:
        query = query.where(or_(*(balance.c.account.startswith(code) for code in accounts)))
    return [Line(*row) for row in books.execute(query)]


REGISTERS = (balance, movement, allotment)
