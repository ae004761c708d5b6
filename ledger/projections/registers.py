"""Registers: projections of the journal into tables of facts; each row comes from one entry.

Rows are only added. A reversal marks the rows of the entry that it reverses instead of removing them, so the
books can still be read as they were known at an earlier entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from ledger.errors import NotFound, Refused
from ledger.hints import nearest
from ledger.sentence import Nearest
from ledger.storage.schema import Whole, entry, metadata, text, whole
from ledger.storage.unit_of_work import all_codes, current_unit_of_work

T = TypeVar("T")

NOW = 2**62
"""A `known_at` that is later than every entry."""


def register(name: str, *columns: Column[Any], named_as: str = "") -> Table:
    """Define a register: its own columns, `seq` and `reversed_by`, and an index on its first column.

    Later events refer to a row by giving its code in the field `named_as` (by default the register's name).
    """
    lookup = Index(f"ix_{name}_{columns[0].name}", columns[0].name)
    own = (whole("seq"), whole("reversed_by"), *columns, lookup)
    return Table(name, metadata, *own, info={NAMED_AS: named_as or name}, sqlite_strict=True)


NAMED_AS = "named as"
"""Where a register keeps the name of the field by which events refer to its rows."""


def project(books: Connection, table: Table, seq: int, **values: Any) -> None:
    """Add a row that comes from entry `seq`."""
    row = {"seq": seq, "reversed_by": 0, **values}
    work = current_unit_of_work(books)
    if work is None:
        books.execute(insert(table), row)
    else:
        work.add_row(table, row)


def mark_reversed(books: Connection, table: Table, seq: int, by: int) -> None:
    """Mark the rows of entry `seq` as reversed by entry `by`."""
    books.execute(update(table).where(table.c.seq == seq).values(reversed_by=by))
    work = current_unit_of_work(books)
    if work is not None:
        work.clear_cache()


def as_known(table: Table, known_at: int | BindParameter[int] = NOW) -> ColumnElement[bool]:
    """The rows that were known, and not reversed yet, when the journal ended with entry `known_at`."""
    return and_(
        table.c.seq <= known_at,
        or_(table.c.reversed_by == 0, table.c.reversed_by > known_at),
    )


def as_known_on(table: Table, effective_to: date, known_at: int = NOW) -> ColumnElement[bool]:
    """The rows valid on a day, as known at an entry; a row that was reversed later is valid.

    The lines of the same entry are read by the same rule.
    """
    if effective_to == date.max:
        return as_known(table, known_at)
    reversed_later = (
        select(entry.c.seq)
        .where(entry.c.seq == table.c.reversed_by, entry.c.effective_on > effective_to.isoformat())
        .exists()
    )
    return and_(
        table.c.seq <= known_at,
        or_(table.c.reversed_by == 0, table.c.reversed_by > known_at, reversed_later),
    )


def find(books: Connection, table: Table, noun: str, code: str, known_at: int = NOW) -> Any:
    """The row with this code, the newest if it was amended; NotFound names the noun and the code."""

    def load() -> Row[Any] | None:
        return books.execute(_by_code(table), {"code": code, "known_at": known_at}).first()

    work = current_unit_of_work(books) if known_at == NOW else None
    row = load() if work is None else work.find(table, code, load)
    if row is None:
        raise NotFound(
            "unknown-code",
            "There is no {noun} '{code}' in this book{nearest}.",
            noun=noun,
            code=code,
            nearest=nearest_code(books, table.c.code, code, known_at),
        )
    return row


_CANDIDATES_MAX = 1000
"""How many codes are compared with one that is unknown; the database picks those that are alike."""

_LONGEST = 100
"""Characters of the longest code that is looked up; SQLite limits the length of a pattern."""

_ALIKE = 0.7
"""How alike codes must be, from 0 to 1: of four characters or more, one may differ."""


def nearest_code(books: Connection, column: Column[str], code: str, known_at: int = NOW) -> Nearest:
    """The nearest code in a column of a register, as `nearest` finds it."""

    def load() -> Sequence[str]:
        return books.execute(_candidates(column, code, known_at)).scalars().all()

    if len(code) > _LONGEST:
        return Nearest()
    work = current_unit_of_work(books)
    if work is None:
        return nearest(code, load(), _ALIKE)
    if not work.hints_left:
        return Nearest()
    work.hints_left -= 1
    return nearest(code, work.query_without_flush(load), _ALIKE)


def _candidates(column: Column[str], code: str, known_at: int) -> Select[Any]:
    """Codes that may be meant, the likeliest first: the same in other letters, then those that share most.

    A slip of the pen leaves the first letter or the second half of a code as it was.
    """
    written, typed = func.lower(column), code.lower()
    half = len(typed) // 2
    ends_alike = written.endswith(typed[half:], autoescape=True)
    same_half = or_(written.startswith(typed[:half], autoescape=True), ends_alike)
    most_of_it = or_(
        written.startswith(typed[:-2], autoescape=True), written.endswith(typed[2:], autoescape=True)
    )
    length = func.length(column).between(len(typed) - 2, len(typed) + 2)
    near = or_(written.startswith(typed[:1], autoescape=True), ends_alike)
    return (
        select(column)
        .where(as_known(column.table, known_at), length, near)
        .group_by(column)
        .order_by(case((written == typed, 0), (most_of_it, 1), (same_half, 2), else_=3), column)
        .limit(_CANDIDATES_MAX)
    )


@cache
def _by_code(table: Table) -> Select[Any]:
    # Built once: building a query costs as much as running it.
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
    """What `read` makes of the row with this code, once in a unit of work; NotFound as in `find`."""
    work = current_unit_of_work(books) if known_at == NOW else None
    if work is None:
        return read(find(books, table, noun, code, known_at))
    key = table.name, code
    if key not in work.objects:
        work.objects[key] = read(find(books, table, noun, code))
    made: T = work.objects[key]
    return made


def read_once(books: Connection, table: Table, code: str, load: Callable[[], T]) -> T:
    """What `load` reads about a code in a register, read once in a unit of work.

    Only for a register that events without lines write: each of those empties the cache.
    """
    work = current_unit_of_work(books)
    if work is None:
        return load()
    key = table.name, code
    if key not in work.objects:
        work.objects[key] = work.query_without_flush(load)
    made: T = work.objects[key]
    return made


def require_new(books: Connection, table: Table, noun: str, code: str) -> None:
    """Refuse a code that is in use."""
    work = current_unit_of_work(books)
    if work is None:
        taken = (
            books.execute(select(table.c.seq).where(table.c.code == code, as_known(table))).first()
            is not None
        )
    else:
        taken = code in work.codes(table, lambda: all_codes(books, table))
    if taken:
        article = "an" if noun[0] in "aeiou" else "a"
        raise Refused(
            "code-taken",
            "There is {article} {noun} '{code}' already: choose another code.",
            article=article,
            noun=noun,
            code=code,
        )


__all__ = [
    "NOW",
    "as_known",
    "as_known_on",
    "find",
    "mark_reversed",
    "nearest_code",
    "project",
    "register",
    "require_new",
    "text",
    "whole",
]
