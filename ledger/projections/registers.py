"""Registers: tables that say what is known now, each row learnt from one entry of the journal.

Rows are only added. A reversal does not remove the rows of the entry it takes back: it marks them, so that
the books can still be read as they were known at an earlier entry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Index,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from ledger.errors import NotFound, Refused
from ledger.storage.schema import DIMENSIONS, Whole, entry, line, metadata, text, whole
from ledger.storage.unit_of_work import all_codes, current_unit_of_work

T = TypeVar("T")

NOW = 2**62
"""A `known_at` that is later than every entry."""


def register(name: str, *columns: Column[Any], named_as: str = "") -> Table:
    """A register with its own columns and the two that every register has; looked up by the first column.

    Events that build on a row give its code in the field `named_as`: the register's name, unless given.
    """
    lookup = Index(f"ix_{name}_{columns[0].name}", columns[0].name)
    own = (whole("seq"), whole("reversed_by"), *columns, lookup)
    return Table(name, metadata, *own, info={_NAMED_AS: named_as or name}, sqlite_strict=True)


_NAMED_AS = "named as"


def project(books: Connection, table: Table, seq: int, **values: Any) -> None:
    """Add what an entry tells."""
    row = {"seq": seq, "reversed_by": 0, **values}
    batch = current_unit_of_work(books)
    if batch is None:
        books.execute(insert(table), row)
    else:
        batch.learn(table, row)


def mark_reversed(books: Connection, table: Table, seq: int, by: int) -> None:
    """Mark the rows of entry `seq` as taken back by entry `by`."""
    books.execute(update(table).where(table.c.seq == seq).values(reversed_by=by))
    batch = current_unit_of_work(books)
    if batch is not None:
        batch.forget()


def require_unused(books: Connection, table: Table, seq: int) -> None:
    """Refuse to take back what entry `seq` taught while a later entry builds on it."""
    if "code" not in table.c:
        return
    taken_back = select(entry.c.reverses).where(entry.c.reverses != 0)
    for code in books.execute(select(table.c.code).where(table.c.seq == seq)).scalars():
        naming = f'"{table.info[_NAMED_AS]}":"{code}"'
        later = select(entry.c.seq, entry.c.kind, entry.c.payload).where(
            entry.c.seq > seq,
            entry.c.payload.contains(naming, autoescape=True),
            entry.c.seq.not_in(taken_back),
        )
        for row in books.execute(later.order_by(entry.c.seq.desc())):
            if naming in row.payload:  # the database may not tell upper case from lower
                raise Refused(
                    f"Entry {seq} cannot be reversed while entry {row.seq} ({row.kind}) builds on it: "
                    f"reverse that one first."
                )
        _require_untouched(books, table.info[_NAMED_AS], code, seq)


def _require_untouched(books: Connection, dimension: str, code: str, seq: int) -> None:
    """Refuse while a later entry gave to, or took from, what entry `seq` taught, without naming it."""
    if dimension not in DIMENSIONS:
        return
    taken_back = select(entry.c.reverses).where(entry.c.reverses != 0)
    row = books.execute(
        select(entry.c.seq, entry.c.kind)
        .join(line, line.c.entry == entry.c.seq)
        .where(line.c[dimension] == code, entry.c.seq > seq, entry.c.reverses == 0)
        .where(entry.c.seq.not_in(taken_back))
        .order_by(entry.c.seq.desc())
        .limit(1)
    ).first()
    if row is not None:
        raise Refused(
            f"Entry {seq} cannot be reversed while entry {row.seq} ({row.kind}) builds on it: "
            f"reverse that one first."
        )


def as_known(table: Table, known_at: int | BindParameter[int] = NOW) -> ColumnElement[bool]:
    """The rows that were known, and not yet taken back, when the journal ended with entry `known_at`."""
    return and_(
        table.c.seq <= known_at,
        or_(table.c.reversed_by == 0, table.c.reversed_by > known_at),
    )


def as_known_on(table: Table, effective_to: date, known_at: int = NOW) -> ColumnElement[bool]:
    """The rows that stood on a day, as then known: what an entry of a later day took back stood until then.

    So do the lines that came with them.
    """
    if effective_to == date.max:
        return as_known(table, known_at)
    taken_back_later = (
        select(entry.c.seq)
        .where(entry.c.seq == table.c.reversed_by, entry.c.effective_on > effective_to.isoformat())
        .exists()
    )
    return and_(
        table.c.seq <= known_at,
        or_(table.c.reversed_by == 0, table.c.reversed_by > known_at, taken_back_later),
    )


def find(books: Connection, table: Table, noun: str, code: str, known_at: int = NOW) -> Any:
    """The row with this code, the newest if it was amended; NotFound says which noun is missing."""

    def load() -> Row[Any] | None:
        return books.execute(_by_code(table), {"code": code, "known_at": known_at}).first()

    batch = current_unit_of_work(books) if known_at == NOW else None
    row = load() if batch is None else batch.find(table, code, load)
    if row is None:
        raise NotFound(f"There is no {noun} '{code}' in this book.")
    return row


@cache
def _by_code(table: Table) -> Select[Any]:
    # Put together once: that costs as much as asking the database.
    of_code = table.c.code == bindparam("code")
    return (
        select(table)
        .where(of_code, as_known(table, bindparam("known_at", type_=Whole)))
        .order_by(table.c.seq.desc())
        .limit(1)
    )


def read_one(
    books: Connection, table: Table, noun: str, code: str, read: Callable[[Any], T], known_at: int = NOW
) -> T:
    """The row with this code as `read` makes it; in a batch it is read once. NotFound as `find` raises it."""
    batch = current_unit_of_work(books) if known_at == NOW else None
    if batch is None:
        return read(find(books, table, noun, code, known_at))
    key = table.name, code
    if key not in batch.read:
        batch.read[key] = read(find(books, table, noun, code))
    made: T = batch.read[key]
    return made


def read_once(books: Connection, table: Table, code: str, load: Callable[[], T]) -> T:
    """What `load` reads about a code in a register; in a batch it is read once.

    Only for a register that events without lines write: after each of them a batch forgets what it has read.
    """
    batch = current_unit_of_work(books)
    if batch is None:
        return load()
    key = table.name, code
    if key not in batch.read:
        batch.read[key] = batch.ask(load)
    made: T = batch.read[key]
    return made


def require_new(books: Connection, table: Table, noun: str, code: str) -> None:
    """Refuse a code that is taken."""
    batch = current_unit_of_work(books)
    if batch is None:
        taken = (
            books.execute(select(table.c.seq).where(table.c.code == code, as_known(table))).first()
            is not None
        )
    else:
        taken = code in batch.codes(table, lambda: all_codes(books, table))
    if taken:
        article = "an" if noun[0] in "aeiou" else "a"
        raise Refused(f"There is {article} {noun} '{code}' already: choose another code.")


__all__ = [
    "NOW",
    "as_known",
    "as_known_on",
    "find",
    "mark_reversed",
    "project",
    "register",
    "require_new",
    "text",
    "whole",
]
