"""Queries over the journal: its head, one entry, its lines, all entries, by keys and by kind of event."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Protocol, TypeVar

from sqlalchemy import Connection, bindparam, select

from ledger.entry.canonical import GENESIS, Head, Line, Sealed
from ledger.entry.event import Event, Kinds
from ledger.errors import NotFound
from ledger.money import format_minor
from ledger.storage.long_lists import one_of
from ledger.storage.schema import Whole, entry
from ledger.storage.schema import line as line_table

E = TypeVar("E", bound=Event)

_NOT_REVERSED = entry.c.seq.not_in(select(entry.c.reverses).where(entry.c.reverses != 0))
_BY_KEYS = select(entry.c.key, entry.c.kind, entry.c.version, entry.c.payload).where(
    one_of(entry.c.key, bindparam("keys")), _NOT_REVERSED
)


_BY_NUMBER = select(entry).where(entry.c.seq == bindparam("number", type_=Whole))
"""Built once, as it runs for each of many entries: building a query costs as much as running it."""


class Stored(Protocol):
    """An event as it is stored: an entry, a proposal or a row of one."""

    @property
    def kind(self) -> str:
        """Its name."""

    @property
    def version(self) -> int:
        """The version in which it was written."""

    @property
    def payload(self) -> str:
        """Its fields, as canonical JSON in the form of that version."""


def known_kinds(books: Connection) -> Kinds:
    """The kinds of events that the book of this connection knows."""
    kinds: Kinds = books.get_execution_options()["mdfm_kinds"]
    return kinds


def read_event(books: Connection, stored: Stored | int, wanted: type[E]) -> E:
    """The event of an entry (or of its number) or of a proposal, as of today's class.

    The caller knows its class. Tampered when the payload is not valid. Nothing else reads payloads, as only
    this knows the older versions.
    """
    found = get_entry(books, stored) if isinstance(stored, int) else stored
    event = known_kinds(books).read(found.kind, found.version, found.payload)
    if not isinstance(event, wanted):
        raise AssertionError(f"a '{event.kind}' is no {wanted.__name__}")
    return event


def recorded_events(books: Connection, keys: Sequence[str]) -> dict[str, Event]:
    """The event of the entry of each of these keys; without keys that have no entry or a reversed one."""
    return {row.key: read_event(books, row, Event) for row in books.execute(_BY_KEYS, {"keys": keys}).all()}


def entries_of_kinds(books: Connection, kinds: Collection[str], since: date) -> Iterator[Sealed]:
    """The entries of some kinds that are not reversed, effective on a day or later, in journal order."""
    query = select(entry).where(
        entry.c.kind.in_(kinds), entry.c.effective_on >= since.isoformat(), _NOT_REVERSED
    )
    return (Sealed(*row) for row in books.execute(query.order_by(entry.c.seq)))


_HEAD = select(entry.c.seq, entry.c.hash).order_by(entry.c.seq.desc()).limit(1)


def head(books: Connection) -> Head:
    """The number and hash of the last entry; 0 and zeros for an empty journal."""
    row = books.execute(_HEAD).first()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def head_at(books: Connection, known_at: int) -> Head:
    """The head when the journal ended with entry `known_at`."""
    return Head(known_at, get_entry(books, known_at).hash) if known_at else Head(0, GENESIS)


def find_entry(books: Connection, seq: int) -> Sealed | None:
    """The entry with this number; None when there is none."""
    row = books.execute(_BY_NUMBER, {"number": seq}).first()
    return None if row is None else Sealed(*row)


def get_entry(books: Connection, seq: int) -> Sealed:
    """The entry with this number; NotFound when there is none."""
    found = find_entry(books, seq)
    if found is None:
        raise NotFound(
            "unknown-entry",
            "There is no entry {seq}: the journal ends with entry {last}.",
            seq=seq,
            last=head(books).seq,
        )
    return found


def lines_of(books: Connection, seq: int) -> list[Line]:
    """The lines of an entry, in order."""
    rows = books.execute(select(line_table).where(line_table.c.entry == seq).order_by(line_table.c.no))
    return [Line(*row[2:]) for row in rows]


def entries(
    books: Connection, first: int = 1, last: int | None = None
) -> Iterator[tuple[Sealed, list[Line]]]:
    """The journal from one number to another, entry by entry with its lines, in constant memory."""
    options = {"yield_per": 1000}
    sealed_rows = select(entry).where(entry.c.seq >= first).order_by(entry.c.seq)
    line_rows = select(line_table).where(line_table.c.entry >= first)
    if last is not None:
        sealed_rows = sealed_rows.where(entry.c.seq <= last)
        line_rows = line_rows.where(line_table.c.entry <= last)
    line_rows = line_rows.order_by(line_table.c.entry, line_table.c.no)
    lines = iter(books.execute(line_rows, execution_options=options))
    waiting = next(lines, None)
    for row in books.execute(sealed_rows, execution_options=options):
        sealed = Sealed(*row)
        own: list[Line] = []
        while waiting is not None and waiting[0] <= sealed.seq:
            own.append(Line(*waiting[2:]))
            waiting = next(lines, None)
        yield sealed, own


def line_text(line: Line) -> str:
    """A line as an accountant writes it: debit or credit, account, amount, dimensions."""
    side = "Dr" if line.amount > 0 or (line.amount == 0 and line.usd > 0) else "Cr"
    amount = f"{format_minor(abs(line.amount), line.currency)} {line.currency}"
    marks = " ".join(value for value in line[2:7] if value)
    return f"{side} {line.account} {amount} {marks}".rstrip()
