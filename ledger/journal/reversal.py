"""Reversals: a wrong entry stays in the journal, and a new entry reverses it.

A reversal mirrors the lines of the entry that it names, in an open period, and marks the rows that the
registers have from it.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field
from sqlalchemy import Connection, Table, select

from ledger.calendar.term import closed_term, require_open_term
from ledger.entry.canonical import Line
from ledger.entry.described import Known
from ledger.entry.event import Event, Kind, Kinds
from ledger.entry.field_types import EntryField, TextField
from ledger.errors import Refused
from ledger.journal.closed_agreements import require_open_agreements
from ledger.journal.queries import get_entry, lines_of, read_event
from ledger.projections.registers import NAMED_AS
from ledger.sentence import Sentence
from ledger.storage.schema import DIMENSIONS, entry, line


class EntryReversed(Event):
    """An earlier entry is reversed."""

    kind: ClassVar[str] = "entry reversed"
    says: ClassVar[str] = "Entry {entry} is reversed: its lines are posted again with the opposite sign."

    entry: EntryField = Field(ge=1)
    reason: TextField = Field(min_length=1)

    @property
    def key(self) -> str:
        return f"reversal:{self.entry}"

    @property
    def reverses(self) -> int:
        return self.entry


def _named(books: Connection, number: str, _term: str) -> Known:
    entry = get_entry(books, int(number))
    return Known(f"{number} ({entry.kind}, effective on {entry.effective_on})")


KINDS = (
    Kind(
        EntryReversed,
        names={"entry": _named},
        when_recorded=Sentence("an entry is reversed once, so record what is right as a new event"),
    ),
)


def reversed_lines(books: Connection, kinds: Kinds, seq: int, on: date) -> list[Line]:
    """The lines that reverse entry `seq` on a day; Refused where it may not be reversed."""
    original = get_entry(books, seq)
    if on.isoformat() < original.effective_on:
        raise Refused(
            "reversal-before-entry",
            "Entry {seq} took effect on {effective_on}: reverse it on that day or later, not on {on}.",
            seq=seq,
            effective_on=original.effective_on,
            on=on,
        )
    kind = kinds.named(original.kind, original.version)
    if not kind.reversible:
        raise Refused(
            "not-reversible",
            "Entry {seq} ({kind}) cannot be reversed: record a new event that corrects it.",
            seq=seq,
            kind=original.kind,
        )
    reversal = select(entry.c.seq).where(entry.c.reverses == seq)
    if (by := books.execute(reversal).scalar()) is not None:
        raise Refused(
            "already-reversed",
            "Entry {seq} is reversed already, by entry {by}.",
            seq=seq,
            by=by,
        )
    lines = [line._replace(amount=-line.amount, usd=-line.usd) for line in lines_of(books, seq)]
    if closed_term not in kind.registers:
        # The balances of a closed term went to the next one; only the closing itself can be reversed.
        for term in sorted({line.term for line in lines}):
            require_open_term(books, term)
    for table in kind.registers:
        require_unused(books, table, seq)
    if not kind.settles:
        require_open_agreements(books, lines)
    return lines


def require_unused(books: Connection, table: Table, seq: int) -> None:
    """Refuse to reverse entry `seq` while a later entry refers to a row of it."""
    if "code" not in table.c:
        return
    reversed_entries = select(entry.c.reverses).where(entry.c.reverses != 0)
    for code in books.execute(select(table.c.code).where(table.c.seq == seq)).scalars():
        naming = f'"{table.info[NAMED_AS]}":"{code}"'
        later = select(entry.c.seq, entry.c.kind, entry.c.version, entry.c.payload).where(
            entry.c.seq > seq,
            entry.c.payload.contains(f'"{code}"', autoescape=True),
            entry.c.seq.not_in(reversed_entries),
        )
        for row in books.execute(later.order_by(entry.c.seq.desc())).all():
            # An older version may have another name for the field; the code is the same.
            if naming in row.payload or naming in read_event(books, row, Event).payload:
                raise Refused(
                    "reversal-blocked-by-entry",
                    "Entry {seq} cannot be reversed while entry {later} ({kind}) builds on it: reverse "
                    "that one first.",
                    seq=seq,
                    later=row.seq,
                    kind=row.kind,
                )
        _require_untouched(books, table.info[NAMED_AS], code, seq)


def _require_untouched(books: Connection, dimension: str, code: str, seq: int) -> None:
    """Refuse while a later entry has lines with this code as dimension; its event need not name it."""
    if dimension not in DIMENSIONS:
        return
    reversed_entries = select(entry.c.reverses).where(entry.c.reverses != 0)
    row = books.execute(
        select(entry.c.seq, entry.c.kind)
        .join(line, line.c.entry == entry.c.seq)
        .where(line.c[dimension] == code, entry.c.seq > seq, entry.c.reverses == 0)
        .where(entry.c.seq.not_in(reversed_entries))
        .order_by(entry.c.seq.desc())
        .limit(1)
    ).first()
    if row is not None:
        raise Refused(
            "reversal-blocked-by-entry",
            "Entry {seq} cannot be reversed while entry {later} ({kind}) builds on it: reverse that "
            "one first.",
            seq=seq,
            later=row.seq,
            kind=row.kind,
        )
