"""Rehearsals: what recording many events would come to, each judged by the books after those before it.

They are played in a batch that is never written: each is posted and applied at hand, and one that is refused
is taken back there. Nothing is sealed or written until an event asks the database for what an earlier one
would have told it; from then on all of them are, behind savepoints. In the end everything is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from ledger.entry.canonical import input_hash
from ledger.entry.event import Event
from ledger.errors import MdfmError, Tampered
from ledger.journal.journal import (
    EVENTS_PER_CHUNK,
    Journal,
    RecordedKey,
    Stamp,
    database_refusals,
    head,
    require_same_event,
)
from ledger.storage.unit_of_work import NeedsDatabase, UnitOfWork, unit_of_work


class DryRun(NamedTuple):
    """What recording events one after the other would come to; events are named by their place, from 0."""

    refusals: list[tuple[int, str]]
    """The events that the books would refuse, each with the reason as a sentence."""
    already_recorded: list[int]
    """The events that are in the books already, or that an earlier one tells too: no entry comes of them."""


def dry_run(
    journal: Journal,
    events: Iterable[Event],
    *,
    made_by: str,
    progress: Callable[[int], None] = lambda _done: None,
    cached_only: bool = False,
) -> DryRun:
    """Say what `Journal.record_many` would refuse if somebody else approved, and record nothing.

    An event that is refused is left out, and told with all others. `progress` is told how many are done.
    With `cached_only` nothing is ever told to the database, which may then be one that is only read; where
    that is not enough, AsksTheBooks says so.
    """
    trial = journal.books.begin_nested()
    try:
        with unit_of_work(journal.books) as batch, database_refusals("batch"):
            stamp = Stamp(made_by, f"somebody other than {made_by}", journal.now())
            stage = _Simulation(journal, batch, stamp, cached_only=cached_only)
            rehearsal = _simulate(stage, events, progress)
            batch.drop()
    finally:
        trial.rollback()
    return rehearsal


def _simulate(stage: _Simulation, events: Iterable[Event], progress: Callable[[int], None]) -> DryRun:
    refusals: list[tuple[int, str]] = []
    known: list[int] = []
    waiting = enumerate(events)
    while chunk := list(islice(waiting, EVENTS_PER_CHUNK)):
        keys = [event.key for _, event in chunk]
        stage.look_up(keys)
        for (index, event), key in zip(chunk, keys, strict=True):
            try:
                if stage.has_heard(event, key):
                    known.append(index)
                else:
                    stage.play(event, key)
            except Tampered:
                raise
            except MdfmError as error:
                refusals.append((index, str(error)))
        stage.flush_in_background()
        progress(chunk[-1][0] + 1)
    return DryRun(refusals, known)


class _Simulation:
    """Where a rehearsal is played: the events that would be entries, one after the other.

    At first they are known to the batch only. Once the database is asked for what it would have been told,
    all of them are told to it, and from then on each of them.
    """

    def __init__(self, journal: Journal, batch: UnitOfWork, stamp: Stamp, *, cached_only: bool) -> None:
        self._at_hand_only = cached_only
        self._journal = journal
        self._batch = batch
        self._stamp = stamp
        self._first = head(journal.books).seq + 1
        self._played: list[Event] = []
        self._places: dict[str, int] = {}
        self._in_books: dict[str, RecordedKey] = {}
        self._taken_back: dict[int, int] = {}
        self._asking: set[str] = set()
        """The kinds that ask the database while they are applied."""
        self._may_record: set[str] = set()
        """The kinds that may be recorded, as long as nothing changes what is known of people."""
        batch.cached_only = True

    def look_up(self, keys: list[str]) -> None:
        """Look up which of the events that come next are in the journal, by their keys."""
        self._in_books = self._batch.ask(lambda: self._journal.told(keys))

    def has_heard(self, event: Event, key: str) -> bool:
        """Whether an event was told before; Refused when its key means another one, or was taken back."""
        told = self._in_books.get(key)
        if told is None and key in self._places:
            place = self._places[key]
            first = self._played[place]
            told = RecordedKey(self._first + place, input_hash(first.kind, first.version, first.payload))
        if told is None:
            return False
        reversed_by = self._taken_back.get(told.seq, told.reversed_by)
        require_same_event(event, told._replace(reversed_by=reversed_by))
        return True

    def play(self, event: Event, key: str) -> None:
        """Take an event as an entry; refused as recording it would be, and then as if it had never been."""
        try:
            self._take(event)
        except NeedsDatabase:
            if self._at_hand_only:
                raise
            self._batch.drop()
            self._batch.cached_only = False
            for earlier in self._played:
                self._take(earlier)
            self._take(event)
        if event.reverses:
            self._taken_back[event.reverses] = self._first + len(self._played)
        self._places[key] = len(self._played)
        self._played.append(event)

    def flush_in_background(self) -> None:
        """Put down what was played, where it is told to the database at all."""
        self._batch.flush_in_background()

    def _take(self, event: Event) -> None:
        journal, batch = self._journal, self._batch
        lines = journal.lines_for(event)
        changes_what_is_known = event.reverses or not lines
        if batch.cached_only:
            if changes_what_is_known:
                raise NeedsDatabase
            if event.kind not in self._may_record:
                journal.require_recorder(event, self._stamp.made_by)
                self._may_record.add(event.kind)
            with batch.trial():
                journal.admit(event, lines)
                journal.enter(self._first + len(self._played), event, lines)
            return
        journal.require_recorder(event, self._stamp.made_by)
        if not changes_what_is_known and event.kind not in self._asking:
            try:
                with batch.trial():
                    journal.append(event, self._stamp, lines)
                return
            except NeedsDatabase:
                self._asking.add(event.kind)
        with database_refusals(event.kind), batch.apart():
            journal.append(event, self._stamp, lines)
