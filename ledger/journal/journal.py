"""The journal: records events as sealed entries; nothing else writes to the books.

`Journal.record` turns an event into lines, seals them in an entry that names the hash of the entry before it,
and projects it into balances and registers, all in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlalchemy import Connection, bindparam, func, null, select
from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.accounts import CHART
from ledger.calendar.period import require_open
from ledger.entry.canonical import Head, Line, Sealed, input_hash, read_time, seal, written_time
from ledger.entry.event import Event, Kind, Kinds, Recordable, Repeatable, VersionedEvent, as_event
from ledger.errors import BadInput, Refused, reason_of
from ledger.journal.closed_agreements import require_open_agreements
from ledger.journal.queries import find_entry, get_entry, head, lines_of
from ledger.journal.reversal import reversed_lines
from ledger.money import LARGEST
from ledger.people.four_eyes import require_two_people, require_visible
from ledger.people.roles import require_approver, require_role, staff_of
from ledger.progress import ProgressCount, no_progress
from ledger.projections import balances
from ledger.projections.registers import mark_reversed
from ledger.sentence import Hint, Sentence
from ledger.storage.bulk_insert import write_rows
from ledger.storage.evidence import is_stored, not_stored
from ledger.storage.long_lists import one_of
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import line as line_table
from ledger.storage.unit_of_work import UnitOfWork, current_unit_of_work, query_without_flush, unit_of_work

EVENTS_PER_CHUNK = 1000
"""How many events of a unit of work are flushed at a time."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)


class Stamp(NamedTuple):
    """Who recorded an event, who approved it, and when it was recorded."""

    made_by: str
    approved_by: str
    recorded_at: str


class RecordedKey(NamedTuple):
    """A key that is in the journal: its entry, its input's hash, and the entry that reversed it, or 0."""

    seq: int
    input_hash: str
    reversed_by: int = 0


class Journal:
    """The journal of a book, open for recording within one transaction."""

    def __init__(self, books: Connection, kinds: Kinds, clock: Clock = utc_now) -> None:
        self.books = books
        self.kinds = kinds
        self._clock = clock
        self._latest: str | None = None
        self._given: set[str] = set()
        """The SHA-256 of evidence files that are known to be in the book."""

    def now(self) -> str:
        """The time to record, UTC, ISO 8601 with microseconds; never before the last entry's.

        A clock that is a little behind, as those of two machines may be, gives the last entry's time. Refused
        for one that is further behind: it was set back, or was ahead when that entry was recorded. A server's
        own clock shows one that is ahead.
        """
        moment = self._clock()
        if moment.utcoffset() is None:
            raise BadInput(
                "clock-without-zone",
                "The clock that was given says {moment} without a time zone: give one that says it in UTC.",
                moment=moment,
            )
        now = written_time(moment)
        if self._latest is None:
            self._latest = self._latest_time(moment)
        if now < self._latest:  # texts in one form, which sort as the times do
            require_clock(now, self._latest)
            return self._latest
        return now

    def _latest_time(self, now: datetime) -> str:
        """When the last entry was recorded; read once, as nobody else records while this journal is open.

        Refused where the clock is ahead of the server's.
        """
        query = _LATEST_TIMES[self.books.dialect.name]
        latest, server = query_without_flush(self.books, lambda: self.books.execute(query).one())
        if server is not None and now - server > CLOCK_TOLERANCE:
            raise Refused(
                "clock-ahead",
                "The clock of this machine says {now}, and that of the database server {server}: set right "
                "the one that is wrong.",
                now=_to_the_second(now),
                server=_to_the_second(server),
            )
        return latest if latest and read_time(latest) else ""

    def record(self, event: Recordable, *, made_by: str, approved_by: str = "") -> Sealed:
        """Record an event and return its sealed entry.

        An event that is recorded already, in whatever version, returns its first entry. Refused are another
        event under the same key, an event whose entry was reversed, and what the rules of its kind or of the
        database forbid.
        """
        recorded = self._recorded_entry(event)
        if recorded is not None:
            return recorded
        lines = self.lines_for(event)
        self._authorise(as_event(event), lines, made_by, approved_by)
        return self.append(event, Stamp(made_by, approved_by, self.now()), lines)

    def record_many(
        self,
        events: Iterable[Recordable],
        *,
        made_by: str,
        approved_by: str = "",
        progress: ProgressCount = no_progress,
    ) -> int:
        """Record events as `record` does, one after the other, and return the number of new entries.

        Much quicker than one by one: a unit of work caches what postings read, and flushes for each thousand.
        """
        done = new = 0
        waiting = iter(events)
        with unit_of_work(self.books) as work, database_refusals("batch"):
            chunk = list(islice(waiting, EVENTS_PER_CHUNK))
            recorded = self.recorded_keys(as_event(each).key for each in chunk)
            while chunk:
                for each in chunk:
                    event = as_event(each)
                    if event.key in recorded:
                        self.require_same(each, recorded[event.key])
                        continue
                    lines = self.lines_for(each)
                    self._authorise(event, lines, made_by, approved_by)
                    sealed = self.append(each, Stamp(made_by, approved_by, self.now()), lines)
                    recorded[event.key] = RecordedKey(sealed.seq, sealed.input_hash)
                    if event.reverses:
                        recorded = _with_reversal(recorded, event.reverses, sealed.seq)
                    new += 1
                done += len(chunk)
                progress(done)
                # The next keys are looked up before the flush begins: the query would wait for its end.
                chunk = list(islice(waiting, EVENTS_PER_CHUNK))
                recorded = self._recorded_or_pending([as_event(each).key for each in chunk], recorded, work)
                work.flush_in_background()
            work.flush()
        return new

    def _recorded_or_pending(
        self, keys: list[str], pending: dict[str, RecordedKey], work: UnitOfWork
    ) -> dict[str, RecordedKey]:
        """Those of these keys that are in the journal, or in an entry that is not flushed yet."""
        if not keys:
            return {}
        recorded: dict[str, RecordedKey] = work.query_without_flush(lambda: self.recorded_keys(keys))
        return recorded | {key: pending[key] for key in keys if key in pending}

    def recorded_keys(self, keys: Iterable[str]) -> dict[str, RecordedKey]:
        """Those of these keys that are in the journal already."""
        rows = self.books.execute(_RECORDED, {"keys": list(keys)}).all()
        reversals: dict[int, int] = {}
        if rows:
            found = self.books.execute(_REVERSALS, {"seqs": [row.seq for row in rows]})
            reversals = {row.reverses: row.seq for row in found}
        return {row.key: RecordedKey(row.seq, row.input_hash, reversals.get(row.seq, 0)) for row in rows}

    def is_recorded(self, event: Recordable) -> bool:
        """Whether this event is in the journal already; Refused when its key belongs to another event."""
        return self._recorded_entry(event) is not None

    def append(self, event: Recordable, stamp: Stamp, lines: list[Line] | None = None) -> Sealed:
        """Post, seal and project an event under a given stamp: what `record` and replay have in common.

        A `VersionedEvent` is sealed in its form. `lines` are those of `lines_for`, if the caller has just
        asked for them.
        """
        lines = self.lines_for(event) if lines is None else lines
        written = VersionedEvent.of(event)
        self.check_lines(written.event, lines)
        work = current_unit_of_work(self.books)
        if work is None:
            before: Head | Sealed = head(self.books)
        else:
            before = work.head or work.query_without_flush(lambda: head(self.books))
        sealed = _seal(written, stamp, lines, before)
        with database_refusals(sealed.kind):
            self._write(sealed, lines)
            self.project(sealed.seq, written, lines)
        self._latest = stamp.recorded_at
        return sealed

    def preview(self, event: Recordable, made_by: str) -> list[Line]:
        """The lines that an event would post now; nothing is recorded. Refused as in `record`."""
        self.require_recorder(as_event(event), made_by)
        self.require_evidence(as_event(event))
        savepoint = self.books.begin_nested()
        try:
            stamp = Stamp(made_by, f"somebody other than {made_by}", self.now())
            return lines_of(self.books, self.append(event, stamp).seq)
        finally:
            savepoint.rollback()

    def lines_for(self, event: Recordable) -> list[Line]:
        """The lines that an event posts in the books as they are now; Refused by the rules of its kind.

        They are those of its version: what was corrected since changes no old entry.
        """
        happened = as_event(event)
        if happened.reverses:
            return reversed_lines(self.books, self.kinds, happened.reverses, happened.on)
        kind = self.kinds.of(event)
        lines = list(kind.post(happened, self.books))
        if not kind.settles:
            require_open_agreements(self.books, lines)
        return lines

    def check_lines(self, event: Event, lines: list[Line]) -> None:
        """Refuse lines in a closed period, and lines or numbers that no table can hold."""
        if lines:
            require_open(self.books, event.on)
        _check_lines(lines)
        _check_numbers(event.kind, event)

    def project(self, seq: int, event: Recordable, lines: list[Line]) -> None:
        """Project an entry into balances and registers."""
        happened = as_event(event)
        balances.update_balances(self.books, seq, happened.on.isoformat(), lines)
        if happened.reverses:
            self._mark_reversed(happened.reverses, seq)
        self.kinds.of(event).apply(self.books, seq, happened)
        work = current_unit_of_work(self.books)
        if work is not None and not lines:
            # An event without lines changes what others have cached or what the seal allows (closed periods).
            work.clear_cache()

    def _recorded_entry(self, event: Recordable) -> Sealed | None:
        key = as_event(event).key
        recorded = self.recorded_keys([key]).get(key)
        if recorded is None:
            return None
        self.require_same(event, recorded)
        return get_entry(self.books, recorded.seq)

    def require_same(self, event: Recordable, recorded: RecordedKey) -> None:
        """Refuse a recorded key that belongs to another event, or to an entry that was reversed.

        The sentence advises what can be done about an entry of this kind.
        """
        if recorded.reversed_by:
            raise Refused(
                "key-of-reversed-entry",
                "'{key}' is in the books as entry {seq}, which entry {reversed_by} reversed: {advice}.",
                key=as_event(event).key,
                seq=recorded.seq,
                reversed_by=recorded.reversed_by,
                advice=_advice_when_reversed(self.kinds.of(event), as_event(event)),
            )
        if not self._is_same(VersionedEvent.of(event), recorded):
            raise other_content(self.kinds, as_event(event), recorded.seq)

    def _is_same(self, written: VersionedEvent, recorded: RecordedKey) -> bool:
        """Whether an entry has this event: in the same form or, read as of today, with the same content."""
        event = written.event
        if recorded.input_hash == input_hash(event.kind, written.version, written.payload):
            return True
        sealed = query_without_flush(self.books, lambda: find_entry(self.books, recorded.seq))
        if sealed is None:  # it waits in a unit of work
            sealed = get_entry(self.books, recorded.seq)
        return event == self.kinds.read(sealed.kind, sealed.version, sealed.payload)

    def _authorise(self, event: Event, lines: list[Line], made_by: str, approved_by: str) -> None:
        """Refuse an event whose people may not record or approve it; replay does not check this again."""
        self.require_evidence(event)
        kind = self.kinds.of(event)
        require_two_people(event.kind, made_by, approved_by)
        self.require_recorder(event, made_by)
        if approved_by:
            require_approver(staff_of(self.books), approved_by, (event.kind, kind.approver), lines)
        elif kind.four_eyes:
            raise Refused(
                "second-approval-missing",
                "The {kind} must be approved by a second person.",
                kind=event.kind,
            )

    def require_evidence(self, event: Event) -> None:
        """Refuse an event that names a file which the book does not have; replay does not ask for files."""
        for file in getattr(event, "evidence", ()):
            if file.sha256 in self._given:
                continue
            if not query_without_flush(self.books, partial(is_stored, self.books, file.sha256)):
                raise not_stored(event.kind, file)
            self._given.add(file.sha256)

    def require_recorder(self, event: Event, made_by: str) -> None:
        """Refuse a person who may not record this kind of event."""
        if not made_by:
            raise Refused(
                "recorder-missing",
                "The {kind} needs the name of the person who records it{hint}.",
                kind=event.kind,
                hint=Hint("say-by"),
            )
        require_visible(made_by)
        recorder = self.kinds.of(event).recorder
        require_role(staff_of(self.books), made_by, recorder, f"record the {event.kind}")

    def _write(self, sealed: Sealed, lines: Sequence[Line]) -> None:
        work = current_unit_of_work(self.books)
        if work is not None:
            work.add_entry(sealed, list(lines))
            return
        # Lines first, under a deferred foreign key: the trigger on the entry then checks them all at once.
        numbered = [(sealed.seq, number, *line) for number, line in enumerate(lines, start=1)]
        write_rows(self.books, line_table, numbered)
        write_rows(self.books, entry_table, [sealed])

    def _mark_reversed(self, seq: int, by: int) -> None:
        original = get_entry(self.books, seq)
        kind = self.kinds.named(original.kind, original.version)
        for table in kind.registers:
            mark_reversed(self.books, table, seq, by)
        kind.on_reverse(self.books, self.kinds.read(original.kind, original.version, original.payload))


CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clock of a machine may be behind the last entry's time: more is an error, not a drift."""
_LATEST_TIME = select(entry_table.c.recorded_at).order_by(entry_table.c.seq.desc()).limit(1)
_LATEST_TIMES = {
    "sqlite": select(_LATEST_TIME.scalar_subquery(), null()),
    "postgresql": select(_LATEST_TIME.scalar_subquery(), func.clock_timestamp()),
}
"""By engine: the last entry's time, and that of the server, if there is one."""


def require_clock(now: str, latest: str) -> None:
    """Refuse a clock that is more than a little behind the last entry; both are times in their one form."""
    clock, last = datetime.fromisoformat(now), datetime.fromisoformat(latest)
    if last - clock > CLOCK_TOLERANCE:
        raise Refused(
            "clock-set-back",
            "The clock of this machine says {now}, but the last entry was recorded at {latest}, and time in "
            "the books never goes back: set the clock right; if it is right, wait until then, or restore a "
            "backup from before that entry.",
            now=_to_the_second(clock),
            latest=_to_the_second(last),
        )


def _to_the_second(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


# Built once: building a query costs as much as running it.
_RECORDED = select(entry_table.c.key, entry_table.c.seq, entry_table.c.input_hash).where(
    one_of(entry_table.c.key, bindparam("keys"))
)
_REVERSALS = select(entry_table.c.reverses, entry_table.c.seq).where(
    one_of(entry_table.c.reverses, bindparam("seqs"))
)


def _with_reversal(recorded: dict[str, RecordedKey], seq: int, by: int) -> dict[str, RecordedKey]:
    """The recorded keys after entry `by` reversed entry `seq`."""
    return {key: each._replace(reversed_by=by) if each.seq == seq else each for key, each in recorded.items()}


@contextmanager
def database_refusals(what: str) -> Iterator[None]:
    """Turn an error of the database into Refused."""
    try:
        yield
    except OperationalError:
        raise  # about the database itself, not about what is recorded: the book reports it
    except DBAPIError as error:
        raise Refused(
            "database-refuses-record",
            "The database refuses the {what}: {why}.",
            what=what,
            why=reason_of(error.orig),
        ) from error


def other_content(kinds: Kinds, event: Event, seq: int) -> Refused:
    """The refusal of an event whose key belongs to an entry of another event."""
    return Refused(
        "key-with-other-content",
        "'{key}' is in the books already, as entry {seq}, with other content: {advice}.",
        key=event.key,
        seq=seq,
        advice=_advice_when_recorded(kinds.of(event), event),
    )


def _advice_when_recorded(kind: Kind[Any], event: Event) -> Sentence:
    if kind.when_recorded:
        return kind.when_recorded.filled(event.model_dump())
    if not kind.reversible:
        return Sentence("that cannot be changed, so use another code or reference")
    wrong = Sentence("if that is wrong, reverse it", Hint("reverse-entry"))
    if isinstance(event, Repeatable):
        return Sentence(wrong, " and record this as the next ", Hint("occurrence", "occurrence"))
    return Sentence(wrong, "; use another code or reference for this")


def _advice_when_reversed(kind: Kind[Any], event: Event) -> Sentence:
    if kind.when_reversed:
        return kind.when_reversed.filled(event.model_dump())
    if isinstance(event, Repeatable):
        return Sentence("say which occurrence this is", Hint("say-occurrence"))
    return Sentence("use another code or reference")


def _seal(written: VersionedEvent, stamp: Stamp, lines: Sequence[Line], before: Head | Sealed) -> Sealed:
    event, version, payload = written
    kind = event.kind
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


def _check_lines(lines: Sequence[Line]) -> None:
    """Refuse an amount or a value that no column can hold.

    A posting that forgets a dimension is a bug of the program: AssertionError.
    """
    for line in lines:
        if max(abs(line.amount), abs(line.usd)) > LARGEST:
            raise Refused(
                "account-sum-too-large",
                "There would be more on account {account} than a book can hold.",
                account=line.account,
            )
        for place in _REQUIRED[line.account]:
            if not line[place]:
                account = CHART[line.account]
                raise AssertionError(f"a line on {account.code} {account.name} lacks {Line._fields[place]}")


def _check_numbers(kind: str, part: object) -> None:
    """Refuse a number anywhere in an event that is no 64-bit integer: no export may have one."""
    if isinstance(part, int):
        if abs(part) > LARGEST:
            raise Refused(
                "number-too-large",
                "The {kind} has a number that is larger than a book can hold: give a smaller one.",
                kind=kind,
            )
    elif isinstance(part, BaseModel):
        for value in vars(part).values():
            _check_numbers(kind, value)
    elif isinstance(part, Mapping):
        for value in part.values():
            _check_numbers(kind, value)
    elif isinstance(part, tuple):
        for value in part:
            _check_numbers(kind, value)


_REQUIRED = {
    account.code: [Line._fields.index(name) for name in account.requires] for account in CHART.values()
}
"""By account: the indexes of the fields of a Line that it requires."""
