"""Dry run: which of many events the books would refuse, each checked after those before it.

Nothing is recorded. Events are posted and projected into the cache of a unit of work, and a refused one is
rolled back there. Once an event needs a query that pending writes could change, all events are written to the
database, each after a savepoint. In the end everything is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from ledger.entry.event import Recordable, as_event
from ledger.errors import MdfmError, Tampered
from ledger.journal.journal import (
    EVENTS_PER_CHUNK,
    Journal,
    RecordedKey,
    Stamp,
    database_refusals,
    other_content,
)
from ledger.journal.queries import head
from ledger.progress import ProgressCount, no_progress
from ledger.sentence import Sentence
from ledger.storage.unit_of_work import NeedsDatabase, UnitOfWork, unit_of_work


class DryRun(NamedTuple):
    """The result of recording events one after the other; events are named by their index, from 0."""

    refusals: list[tuple[int, Sentence]]
    """The events that would be refused, each with the reason."""
    already_recorded: list[int]
    """The events that make no entry: they are in the books already, or repeat an earlier one."""


def dry_run(
    journal: Journal,
    events: Iterable[Recordable],
    *,
    made_by: str,
    progress: ProgressCount = no_progress,
    cached_only: bool = False,
) -> DryRun:
    """Find what `Journal.record_many` would refuse if somebody else approved, and record nothing.

    A refused event is left out, and the next ones are checked without it. With `cached_only` nothing is ever
    written, so the transaction may be read-only; NeedsDatabase is raised where that is not enough.
    """
    savepoint = journal.books.begin_nested()
    try:
        with unit_of_work(journal.books) as work, database_refusals("batch"):
            stamp = Stamp(made_by, f"somebody other than {made_by}", journal.now())
            simulation = _Simulation(journal, work, stamp, cached_only=cached_only)
            result = _simulate(simulation, events, progress)
            work.discard()
    finally:
        savepoint.rollback()
    return result


def _simulate(simulation: _Simulation, events: Iterable[Recordable], progress: ProgressCount) -> DryRun:
    refusals: list[tuple[int, Sentence]] = []
    already_recorded: list[int] = []
    waiting = enumerate(events)
    while chunk := list(islice(waiting, EVENTS_PER_CHUNK)):
        keys = [as_event(event).key for _, event in chunk]
        simulation.look_up(keys)
        for (index, event), key in zip(chunk, keys, strict=True):
            try:
                if simulation.is_recorded(event, key):
                    already_recorded.append(index)
                else:
                    simulation.record(event, key)
            except Tampered:
                raise
            except MdfmError as error:
                refusals.append((index, error.sentence))
        simulation.flush_in_background()
        progress(chunk[-1][0] + 1)
    return DryRun(refusals, already_recorded)


class _Simulation:
    """The events that would be entries, one after the other.

    At first they are in the cache only; from the first NeedsDatabase on they are written.
    """

    def __init__(self, journal: Journal, work: UnitOfWork, stamp: Stamp, *, cached_only: bool) -> None:
        self._cached_only = cached_only
        self._journal = journal
        self._work = work
        self._stamp = stamp
        self._first = head(journal.books).seq + 1
        self._recorded: list[Recordable] = []
        self._index_of: dict[str, int] = {}
        self._in_books: dict[str, RecordedKey] = {}
        self._reversals: dict[int, int] = {}
        self._needs_database: set[str] = set()
        """The kinds that query the database while they are projected."""
        self._may_record: set[str] = set()
        """The kinds that this person may record; valid while no event changes roles."""
        work.cached_only = True

    def look_up(self, keys: list[str]) -> None:
        """Look up which of the next events are in the journal, by their keys."""
        self._in_books = self._work.query_without_flush(lambda: self._journal.recorded_keys(keys))

    def is_recorded(self, event: Recordable, key: str) -> bool:
        """Whether an event was recorded before; Refused as in `Journal.require_same`."""
        index = self._index_of.get(key)
        recorded = self._in_books.get(key)
        if recorded is None and index is not None:
            recorded = RecordedKey(self._first + index, "")
        if recorded is None:
            return False
        recorded = recorded._replace(reversed_by=self._reversals.get(recorded.seq, recorded.reversed_by))
        if index is None or recorded.reversed_by:
            self._journal.require_same(event, recorded)
        elif as_event(event) != as_event(self._recorded[index]):
            raise other_content(self._journal.kinds, as_event(event), recorded.seq)
        return True

    def record(self, event: Recordable, key: str) -> None:
        """Record an event; refused as in `Journal.record`, and then without a trace."""
        try:
            self._enter(event)
        except NeedsDatabase:
            if self._cached_only:
                raise
            self._work.discard()
            self._work.cached_only = False
            for earlier in self._recorded:
                self._enter(earlier)
            self._enter(event)
        happened = as_event(event)
        if happened.reverses:
            self._reversals[happened.reverses] = self._first + len(self._recorded)
        self._index_of[key] = len(self._recorded)
        self._recorded.append(event)

    def flush_in_background(self) -> None:
        """Flush what was recorded, if it is written at all."""
        self._work.flush_in_background()

    def _enter(self, event: Recordable) -> None:
        journal, work, happened = self._journal, self._work, as_event(event)
        lines = journal.lines_for(event)
        if not self._cached_only:  # where nothing is written, the files are not given yet
            journal.require_evidence(happened)
        changes_cached_rows = happened.reverses or not lines
        if work.cached_only:
            if changes_cached_rows:
                raise NeedsDatabase
            if happened.kind not in self._may_record:
                journal.require_recorder(happened, self._stamp.made_by)
                self._may_record.add(happened.kind)
            with work.cached_savepoint():
                journal.check_lines(happened, lines)
                journal.project(self._first + len(self._recorded), event, lines)
            return
        journal.require_recorder(happened, self._stamp.made_by)
        if not changes_cached_rows and happened.kind not in self._needs_database:
            try:
                with work.cached_savepoint():
                    journal.append(event, self._stamp, lines)
                return
            except NeedsDatabase:
                self._needs_database.add(happened.kind)
        with database_refusals(happened.kind), work.savepoint():
            journal.append(event, self._stamp, lines)
