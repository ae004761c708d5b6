"""Balances: what stands on each account now, kept with every entry, never summed from all lines to answer.

Two registers. `balance` has one row for each account with its dimensions and currency; the database
refuses a balance on the wrong side (no cash below zero, no donor's money given twice). `allotment` has one
row for each agreement and activity; the database refuses more use and commitments than were allocated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, Connection, Table, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from ledger.accounts import CHART
from ledger.encoding import Line
from ledger.errors import Refused
from ledger.money import format_minor, usd
from ledger.schema import DIMENSIONS, metadata, text, whole

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
ALLOTMENT = Register(allotment, ("term", "agreement", "activity"), ("allocated", "used", "committed"))

Moved = dict[tuple[str, ...], list[int]]
"""By row: its figures, and the last entry that moved them."""


class Sums:
    """What lines add up to, for each row of the two registers."""

    def __init__(self) -> None:
        self.balances: Moved = {}
        self.allotments: Moved = {}

    def add(self, seq: int, lines: Iterable[Line]) -> None:
        """Add the lines of entry `seq`."""
        for line in lines:
            moved = self.balances.setdefault(line[:8], [0, 0, seq])
            moved[0] += line.amount
            moved[1] += line.usd
            moved[-1] = seq
            figure = _figure_of_allotment(line)
            if figure is not None:
                key = (line.term, line.agreement, line.activity)
                allotted = self.allotments.setdefault(key, [0, 0, 0, seq])
                allotted[figure] += -line.usd if figure == _ALLOCATED else line.usd
                allotted[-1] = seq

    def by_register(self) -> tuple[tuple[Register, Moved], ...]:
        """Each register with its sums."""
        return (BALANCE, self.balances), (ALLOTMENT, self.allotments)


_ALLOCATED, _USED, _COMMITTED = range(3)


def _figure_of_allotment(line: Line) -> int | None:
    """Which figure of an allotment a line moves; None when it moves none."""
    if not line.activity:
        return None
    if line.account == "2300":
        return _ALLOCATED
    if line.account.startswith("31"):
        return _USED
    return _COMMITTED if line.account == "9200" else None


def move(books: Connection, seq: int, lines: Iterable[Line]) -> None:
    """Carry an entry's lines into both registers; the database refuses what may not be.

    Raises Refused, naming the account or the allotment that would be overdrawn.
    """
    sums = Sums()
    sums.add(seq, lines)
    for register, moved in sums.by_register():
        rows = [_moved_row(books, register, key, by) for key, by in moved.items()]
        for row in rows:
            _require_allowed(row)
        _write(books, register, rows)


def _moved_row(
    books: Connection, register: Register, key: tuple[str, ...], by: list[int]
) -> dict[str, str | int]:
    identity = dict(zip(register.keys, key, strict=True))
    figures = [register.table.c[name] for name in register.figures]
    where = [register.table.c[name] == value for name, value in identity.items()]
    now = books.execute(select(*figures).where(*where)).first() or (0,) * len(figures)
    sums = (old + new for old, new in zip(now, by[:-1], strict=True))
    return {**identity, **dict(zip(register.figures, sums, strict=True)), "seq": by[-1]}


def _require_allowed(row: dict[str, Any]) -> None:
    """The same rules as the CHECKs of the tables, said in a sentence; the database remains the last guard."""
    if "account" in row:
        account = CHART[row["account"]]
        if row["amount"] * account.sign < 0:
            place = " ".join(str(row[name]) for name in DIMENSIONS[1:] if row[name])
            lacks = f"{format_minor(abs(row['amount']), row['currency'])} {row['currency']}"
            raise Refused(f"There is {lacks} too little on {account.code} {account.name} ({place}) for this.")
    elif row["used"] + row["committed"] > row["allocated"]:
        over = usd(row["used"] + row["committed"] - row["allocated"])
        raise Refused(
            f"This is {over} more than is allocated and free of agreement {row['agreement']} "
            f"for activity {row['activity']}."
        )


def _write(books: Connection, register: Register, rows: list[dict[str, Any]]) -> None:
    # The new figure is written, not a difference: a CHECK is also applied to the row proposed for an
    # upsert, and a difference may be negative where the balance is not. The writer holds the book's lock.
    if not rows:
        return
    dialect = sqlite_insert if books.dialect.name == "sqlite" else postgresql_insert
    upsert = dialect(register.table)
    books.execute(
        upsert.on_conflict_do_update(
            index_elements=list(register.keys),
            set_={name: upsert.excluded[name] for name in (*register.figures, "seq")},
        ),
        rows,
    )


def total(books: Connection, account: str, **dimensions: str) -> Balance:
    """What stands on an account now, over all rows that carry the given dimensions (or currency)."""
    where = [balance.c[name] == value for name, value in dimensions.items()]
    row = books.execute(
        select(func.coalesce(func.sum(balance.c.amount), 0), func.coalesce(func.sum(balance.c.usd), 0)).where(
            balance.c.account == account, *where
        )
    ).one()
    return Balance(int(row[0]), int(row[1]))


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
    query = select(allotment).where(allotment.c.term == term)
    if activity is not None:
        query = query.where(allotment.c.activity == activity)
    for row in books.execute(query.order_by(allotment.c.agreement, allotment.c.activity)):
        yield Allotment(row.agreement, row.activity, row.allocated, row.used, row.committed)


REGISTERS = (balance, allotment)
