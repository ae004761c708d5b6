"""Submission of events: each is recorded at once, or proposed where another person must approve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection

from ledger import (
    Book,
    Event,
    Evidence,
    FileSource,
    Journal,
    Line,
    Proposal,
    Sealed,
    attach,
    decided_together,
    lines_of,
    propose,
    propose_many,
    waiting_as,
    waiting_claims,
)
from mdfm.api.files import require_file

Draft: TypeAlias = Callable[[Connection], Event]
"""Makes an event from the books as they are when it is recorded."""


class RecordedEntry(NamedTuple):
    """An entry of the journal with its lines."""

    sealed: Sealed
    """The entry: its number `seq`, its event as JSON, who made and approved it, and its hash."""
    lines: list[Line]
    """Its lines: `amount` in minor units of `currency`, `usd` in cents, debit positive."""


Submitted: TypeAlias = RecordedEntry | Proposal
"""What came of an event: an entry, or a proposal that waits for another person."""


def draft(kind: type[Event], *, evidence: Sequence[FileSource] | None = None, **fields: Any) -> Draft:
    """A draft of an event with files as its evidence, which are stored when it is submitted.

    `fields` are those of the kind; give no `evidence` for a kind that has none. Submitting it raises BadInput
    for a wrong field, and for a file that is empty or larger than 25 MiB.
    """
    files = None if evidence is None else [require_file(file) for file in evidence]

    def make(books: Connection) -> Event:
        proof = {} if files is None else {"evidence": tuple(attach(books, file) for file in files)}
        return kind.make(**fields, **proof)

    return make


def with_evidence(events: Iterable[Event], files: Sequence[FileSource]) -> list[Draft]:
    """Drafts of events with the same files as their evidence, which are stored once for all."""
    for file in files:
        require_file(file)

    @cache
    def proof(books: Connection) -> tuple[Evidence, ...]:
        return tuple(attach(books, file) for file in files)

    def drafted(event: Event) -> Draft:
        return lambda books: event.model_copy(update={"evidence": proof(books)})

    return [drafted(event) for event in events]


def with_lines(books: Connection, sealed: Sealed) -> RecordedEntry:
    """An entry with its lines, read from the books."""
    return RecordedEntry(sealed, lines_of(books, sealed.seq))


def made_of(event: Event | Draft, books: Connection) -> Event:
    """The event, or what a draft makes of the books; TypeError for anything else."""
    if isinstance(event, Event):
        return event
    if not callable(event):
        raise TypeError(f"an event or a draft is expected, not {event!r}: make one with events or draft")
    return event(books)


def submit_all(book: Book, drafts: Iterable[Event | Draft], by: str) -> list[Submitted]:
    """Record or propose events in one transaction, all of them or none.

    An event that another person must approve is proposed; several are proposed as one batch, which is decided
    together. An event that is recorded already is answered with its entry, one that waits with its proposal.
    Proposals that are made now come last.
    """
    results: list[Submitted] = []
    asked: list[Event] = []
    waiting: Mapping[str, Proposal] | None = None
    with book.recording() as journal:
        for each in drafts:
            event = made_of(each, journal.books)
            if not journal.kinds.of(event).four_eyes or journal.is_recorded(event):
                # An event that is recorded already is answered with its entry, however it was recorded.
                results.append(with_lines(journal.books, journal.record(event, made_by=by)))
                continue
            waiting = waiting_claims(journal) if waiting is None else waiting
            if waits := waiting_as(journal, waiting, event):
                results.append(waits)
            else:
                asked.append(event)
        results += _proposed(journal, asked, by)
    return results


def _proposed(journal: Journal, events: Sequence[Event], by: str) -> list[Proposal]:
    if len(events) > 1:
        return decided_together(journal.books, propose_many(journal, events, by).number)
    return [propose(journal, event, by) for event in events]
