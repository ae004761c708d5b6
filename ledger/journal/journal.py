"""The journal: the one door through which anything that happens to the fund enters the books.

`Journal.record` turns an event into lines, seals them in an entry that names the hash of the entry before
it, and tells balances and registers, all in the caller's transaction: all of it is in the books, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.accounts import CHART
from ledger.calendar.period import require_open
from ledger.calendar.term import closed_term, require_open_term
from ledger.entry.canonical import GENESIS, Head, Line, Sealed, input_hash, seal
from ledger.entry.event import Event, Kind, Kinds
from ledger.errors import NotFound, Refused, reason_of
from ledger.journal.closed_agreements import require_open_agreements
from ledger.money import LARGEST, format_minor
from ledger.people.roles import require_approver, require_role, staff_of
from ledger.projections import balances
from ledger.projections.registers import mark_reversed, require_unused
from ledger.storage.bulk_insert import write_rows
from ledger.storage.long_lists import one_of
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import line as line_table
from ledger.storage.unit_of_work import UnitOfWork, current_unit_of_work, unit_of_work

EVENTS_PER_CHUNK = 1000
"""How many events of a batch are put down at a time."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)


class Stamp(NamedTuple):
    """Who told an event, who approved it, and when it was recorded."""

    made_by: str
    approved_by: str
    recorded_at: str


class RecordedKey(NamedTuple):
    """That a key is in the journal: its entry, its input's hash, and the entry that took it back, or 0."""

    seq: int
    input_hash: str
    reversed_by: int = 0


class Journal:
    """The journal of a book, open for recording within one transaction."""

    def __init__(self, books: Connection, kinds: Kinds, clock: Clock = utc_now) -> None:
        self.books = books
        self.kinds = kinds
        self._clock = clock

    def now(self) -> str:
        """The time to record, UTC, ISO 8601 with microseconds."""
        now = self._clock()
        return (now if now.tzinfo is UTC else now.astimezone(UTC)).isoformat(timespec="microseconds")

    def record(self, event: Event, *, made_by: str, approved_by: str = "") -> Sealed:
        """Record an event and return its sealed entry.

        The same event told again answers with the first entry. Refused are another event under the same key,
        an event whose entry was taken back, and whatever the rules of its kind or of the database forbid.
        """
        known = self._told_before(event)
        if known is not None:
            return known
        lines = self.lines_for(event)
        self._authorise(event, lines, made_by, approved_by)
        return self.append(event, Stamp(made_by, approved_by, self.now()), lines)

    def record_many(
        self,
        events: Iterable[Event],
        *,
        made_by: str,
        approved_by: str = "",
        progress: Callable[[int], None] = lambda _done: None,
    ) -> int:
        """Record events as `record` would, one after the other, and say how many entries are new.

        Much quicker than one by one: what postings read is kept at hand, and what they write is put down in
        one go for each thousand. `progress` is told how many are done.
        """
        done = new = 0
        waiting = iter(events)
        with unit_of_work(self.books) as batch, database_refusals("batch"):
            chunk = list(islice(waiting, EVENTS_PER_CHUNK))
            told = self.told(event.key for event in chunk)
            while chunk:
                for event in chunk:
                    if event.key in told:
                        require_same_event(event, told[event.key])
                        continue
                    lines = self.lines_for(event)
                    self._authorise(event, lines, made_by, approved_by)
                    sealed = self.append(event, Stamp(made_by, approved_by, self.now()), lines)
                    told[event.key] = RecordedKey(sealed.seq, sealed.input_hash)
                    if event.reverses:
                        told = _taken_back(told, event.reverses, sealed.seq)
                    new += 1
                done += len(chunk)
                progress(done)
                # What comes next is looked up before this is put down: else it would have to wait for it.
                chunk = list(islice(waiting, EVENTS_PER_CHUNK))
                told = self._told_or_pending([event.key for event in chunk], told, batch)
                batch.flush_in_background()
            batch.flush()
        return new

    def _told_or_pending(
        self, keys: list[str], pending: dict[str, RecordedKey], batch: UnitOfWork
    ) -> dict[str, RecordedKey]:
        """Of these keys, those in the journal, and those the batch took and has not written yet."""
        if not keys:
            return {}
        told: dict[str, RecordedKey] = batch.ask(lambda: self.told(keys))
        return told | {key: pending[key] for key in keys if key in pending}

    def told(self, keys: Iterable[str]) -> dict[str, RecordedKey]:
        """Of these keys, those in the journal already."""
        rows = self.books.execute(_TOLD, {"keys": list(keys)}).all()
        reversals: dict[int, int] = {}
        if rows:
            found = self.books.execute(_TAKEN_BACK, {"seqs": [row.seq for row in rows]})
            reversals = {row.reverses: row.seq for row in found}
        return {row.key: RecordedKey(row.seq, row.input_hash, reversals.get(row.seq, 0)) for row in rows}

    def is_recorded(self, event: Event) -> bool:
        """Whether this very event is in the journal already; Refused when its key means another one."""
        return self._told_before(event) is not None

    def append(self, event: Event, stamp: Stamp, lines: list[Line] | None = None) -> Sealed:
        """Post, seal and apply an event under a given stamp: what `record` and replay have in common.

        Its lines are those that `lines_for` gave just before, if it was asked.
        """
        lines = self.lines_for(event) if lines is None else lines
        self.admit(event, lines)
        batch = current_unit_of_work(self.books)
        if batch is None:
            before: Head | Sealed = head(self.books)
        else:
            before = batch.head or batch.ask(lambda: head(self.books))
        sealed = _seal(event, stamp, lines, before)
        with database_refusals(event.kind):
            self._write(sealed, lines)
            self.enter(sealed.seq, event, lines)
        return sealed

    def preview(self, event: Event, made_by: str) -> list[Line]:
        """The lines that an event would post now; nothing is recorded. Refused as recording it would be."""
        require_role(staff_of(self.books), made_by, self.kinds.of(event).recorder, f"record the {event.kind}")
        trial = self.books.begin_nested()
        try:
            stamp = Stamp(made_by, f"somebody other than {made_by}", self.now())
            return lines_of(self.books, self.append(event, stamp).seq)
        finally:
            trial.rollback()

    def lines_for(self, event: Event) -> list[Line]:
        """The lines that an event posts in the books as they are; Refused by the rules of its kind."""
        if event.reverses:
            return self._mirrored(event.reverses, event.on)
        kind = self.kinds.of(event)
        return self._under_open_agreements(kind, kind.post(event, self.books))

    def _under_open_agreements(self, kind: Kind[Any], lines: Sequence[Line]) -> list[Line]:
        if not kind.settles:
            require_open_agreements(self.books, lines)
        return list(lines)

    def admit(self, event: Event, lines: list[Line]) -> None:
        """Refuse what no entry may say."""
        if lines:
            require_open(self.books, event.on)
        _check_lines(lines)

    def enter(self, seq: int, event: Event, lines: list[Line]) -> None:
        """Tell balances and registers of an entry."""
        balances.update_balances(self.books, seq, event.on.isoformat(), lines)
        if event.reverses:
            self._take_back(event.reverses, seq)
        self.kinds.of(event).apply(self.books, seq, event)
        batch = current_unit_of_work(self.books)
        if batch is not None and not lines:
            # What has no lines changes what others read or what the seal allows, such as a closed period.
            batch.forget()

    def _told_before(self, event: Event) -> Sealed | None:
        told = self.told([event.key]).get(event.key)
        if told is None:
            return None
        require_same_event(event, told)
        return get_entry(self.books, told.seq)

    def _authorise(self, event: Event, lines: list[Line], made_by: str, approved_by: str) -> None:
        """Refuse an event whose people may not record or approve it; replay trusts what was refused then."""
        kind = self.kinds.of(event)
        if approved_by and _spelt_alike(made_by) == _spelt_alike(approved_by):
            raise Refused(f"{made_by} cannot approve this too ({event.kind}): another person must.")
        self.require_recorder(event, made_by)
        if approved_by:
            require_approver(staff_of(self.books), approved_by, (event.kind, kind.approver), lines)
        elif kind.four_eyes:
            raise Refused(f"The {event.kind} must be approved by a second person.")

    def require_recorder(self, event: Event, made_by: str) -> None:
        """Refuse whoever may not record such an event."""
        if not made_by:
            raise Refused(f"The {event.kind} needs the name of the person who records it (--by).")
        recorder = self.kinds.of(event).recorder
        require_role(staff_of(self.books), made_by, recorder, f"record the {event.kind}")

    def _write(self, sealed: Sealed, lines: Sequence[Line]) -> None:
        batch = current_unit_of_work(self.books)
        if batch is not None:
            batch.write(sealed, list(lines))
            return
        # Lines first, under a deferred foreign key: the trigger on the entry then checks them all at once.
        numbered = [(sealed.seq, number, *line) for number, line in enumerate(lines, start=1)]
        write_rows(self.books, line_table, numbered)
        write_rows(self.books, entry_table, [sealed])

    def _mirrored(self, seq: int, on: date) -> list[Line]:
        original = get_entry(self.books, seq)
        if on.isoformat() < original.effective_on:
            raise Refused(
                f"Entry {seq} took effect on {original.effective_on}: reverse it on that day or later, not "
                f"on {on}."
            )
        kind = self.kinds.named(original.kind, original.version)
        if not kind.reversible:
            raise Refused(
                f"Entry {seq} ({original.kind}) cannot be reversed: record a new event that corrects it."
            )
        taken_back = select(entry_table.c.seq).where(entry_table.c.reverses == seq)
        if (by := self.books.execute(taken_back).scalar()) is not None:
            raise Refused(f"Entry {seq} is reversed already, by entry {by}.")
        lines = [line._replace(amount=-line.amount, usd=-line.usd) for line in lines_of(self.books, seq)]
        if closed_term not in kind.registers:
            # What a closed term had went to the next one; only the closing itself can be taken back.
            for term in sorted({line.term for line in lines}):
                require_open_term(self.books, term)
        for table in kind.registers:
            require_unused(self.books, table, seq)
        return self._under_open_agreements(kind, lines)

    def _take_back(self, seq: int, by: int) -> None:
        original = get_entry(self.books, seq)
        kind = self.kinds.named(original.kind, original.version)
        for table in kind.registers:
            mark_reversed(self.books, table, seq, by)
        kind.on_reverse(self.books, self.kinds.read(original.kind, original.version, original.payload))


# What every recording asks is put together once: that costs as much as asking the database.
_TOLD = select(entry_table.c.key, entry_table.c.seq, entry_table.c.input_hash).where(
    one_of(entry_table.c.key, bindparam("keys"))
)
_TAKEN_BACK = select(entry_table.c.reverses, entry_table.c.seq).where(
    one_of(entry_table.c.reverses, bindparam("seqs"))
)
_HEAD = select(entry_table.c.seq, entry_table.c.hash).order_by(entry_table.c.seq.desc()).limit(1)


def _taken_back(told: dict[str, RecordedKey], seq: int, by: int) -> dict[str, RecordedKey]:
    """What was told, when entry `seq` has been taken back by another."""
    return {key: each._replace(reversed_by=by) if each.seq == seq else each for key, each in told.items()}


@contextmanager
def database_refusals(what: str) -> Iterator[None]:
    """Say as a refusal what the database has against it."""
    try:
        yield
    except OperationalError:
        raise  # the matter is the book's place, not what is recorded: the book says it
    except DBAPIError as error:
        raise Refused(f"The database refuses the {what}: {reason_of(error.orig)}.") from error


def require_same_event(event: Event, told: RecordedKey) -> None:
    """Refuse a key that means something else, or what was taken back: it would be answered and not booked."""
    if told.input_hash != input_hash(event.kind, event.version, event.payload):
        raise Refused(
            f"'{event.key}' is in the books already, as entry {told.seq}, with other content: "
            f"correct that entry by a reversal, or use another code or reference."
        )
    if told.reversed_by:
        raise Refused(
            f"'{event.key}' is in the books as entry {told.seq}, which entry {told.reversed_by} took back: "
            f"use another code or reference, or say which occurrence this is (--occurrence)."
        )


def _seal(event: Event, stamp: Stamp, lines: Sequence[Line], before: Head | Sealed) -> Sealed:
    kind, version, payload = event.kind, event.version, event.payload
    fields = (
        before.seq + 1,
        event.on.isoformat(),
        stamp.recorded_at,
        kind,
        version,
        payload,
        stamp.made_by,
        stamp.approved_by,
        event.key,
        input_hash(kind, version, payload),
        event.reverses,
        len(lines),
        before.hash,
    )
    return Sealed(*fields, hash=seal(fields, lines))


def _spelt_alike(name: str) -> str:
    """A name as its other spellings have it too, so that `ana` does not approve what `Ana` told."""
    return " ".join(name.casefold().split())


def _check_lines(lines: Sequence[Line]) -> None:
    """A posting that forgets a dimension is a fault of the program: better told here than by the database.

    Refused is an amount, or its value in another currency, that no column can hold.
    """
    for line in lines:
        if max(abs(line.amount), abs(line.usd)) > LARGEST:
            raise Refused(f"There would be more on account {line.account} than a book can hold.")
        for place in _REQUIRED[line.account]:
            if not line[place]:
                account = CHART[line.account]
                raise AssertionError(f"a line on {account.code} {account.name} lacks {Line._fields[place]}")


_REQUIRED = {
    account.code: [Line._fields.index(name) for name in account.requires] for account in CHART.values()
}
"""The places of a line that an account requires."""


def head(books: Connection) -> Head:
    """The last entry's number and hash; 0 and zeros for an empty journal."""
    row = books.execute(_HEAD).first()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def head_at(books: Connection, known_at: int) -> Head:
    """The head as it was when the journal ended with entry `known_at`."""
    return Head(known_at, get_entry(books, known_at).hash) if known_at else Head(0, GENESIS)


def get_entry(books: Connection, seq: int) -> Sealed:
    """The entry with this number; NotFound when the journal does not have it."""
    row = books.execute(select(entry_table).where(entry_table.c.seq == seq)).first()
    if row is None:
        raise NotFound(f"There is no entry {seq}: the journal ends with entry {head(books).seq}.")
    return Sealed(*row)


def lines_of(books: Connection, seq: int) -> list[Line]:
    """The lines of an entry, in order."""
    rows = books.execute(select(line_table).where(line_table.c.entry == seq).order_by(line_table.c.no))
    return [Line(*row[2:]) for row in rows]


def entries(books: Connection) -> Iterator[tuple[Sealed, list[Line]]]:
    """The whole journal, one entry after the other with its lines, in constant memory."""
    options = {"yield_per": 1000}
    lines = iter(
        books.execute(
            select(line_table).order_by(line_table.c.entry, line_table.c.no), execution_options=options
        )
    )
    waiting = next(lines, None)
    for row in books.execute(select(entry_table).order_by(entry_table.c.seq), execution_options=options):
        sealed = Sealed(*row)
        own: list[Line] = []
        while waiting is not None and waiting[0] <= sealed.seq:
            own.append(Line(*waiting[2:]))
            waiting = next(lines, None)
        yield sealed, own


def line_text(line: Line) -> str:
    """A line as an accountant writes it: account, debit or credit, dimensions."""
    side = "Dr" if line.amount > 0 or (line.amount == 0 and line.usd > 0) else "Cr"
    amount = f"{format_minor(abs(line.amount), line.currency)} {line.currency}"
    marks = " ".join(value for value in line[2:7] if value)
    return f"{side} {line.account} {amount} {marks}".rstrip()
