"""How commands open the book: to read, to record or propose, or for a dry run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from ledger import (
    Book,
    Event,
    Journal,
    Proposal,
    attach,
    decided_together,
    propose,
    propose_many,
    waiting_for,
)
from mdfm.books import open_at
from mdfm.cli.entries import RecordedEntry, print_results, with_lines

Draft = Callable[[Connection], Event]
"""Makes an event from the books as they are when it is recorded."""


@contextmanager
def opened() -> Iterator[Book]:
    """The book that `--book` names."""
    book = open_at(click.get_current_context().obj)
    try:
        yield book
    finally:
        book.close()


@contextmanager
def reading() -> Iterator[Connection]:
    """The books, open for reading."""
    with opened() as book, book.reading() as books:
        yield books


@contextmanager
def dry_running() -> Iterator[Journal]:
    """The journal for a dry run; nobody who records has to wait."""
    with opened() as book, book.dry_running() as journal:
        yield journal


@contextmanager
def recording() -> Iterator[Journal]:
    """The journal, open for one transaction."""
    with opened() as book, book.recording() as journal:
        yield journal


def submit(by: str, kind: type[Event], *, files: Sequence[Path] | None = None, **fields: Any) -> None:
    """Record or propose one event, with files as its evidence, and print the outcome."""

    def draft(books: Connection) -> Event:
        proof = {} if files is None else {"evidence": tuple(attach(books, path) for path in files)}
        return kind.make(**fields, **proof)

    submit_all(by, [draft])


def submit_all(by: str, drafts: Sequence[Draft]) -> None:
    """Record or propose events, all of them or none, and print the outcome of each.

    Several that another person must approve are proposed as one batch, and decided together.
    """
    results: list[RecordedEntry | Proposal] = []
    asked: list[Event] = []
    with recording() as journal:
        for draft in drafts:
            event = draft(journal.books)
            if not journal.kinds.of(event).four_eyes or journal.is_recorded(event):
                # An event that is recorded already is answered with its entry, however it was recorded.
                results.append(with_lines(journal.books, journal.record(event, made_by=by)))
            elif waits := waiting_for(journal.books, event):
                results.append(waits)
            else:
                asked.append(event)
        results += _proposed(journal, asked, by)
    print_results(results)


def _proposed(journal: Journal, events: Sequence[Event], by: str) -> list[Proposal]:
    if len(events) > 1:
        return decided_together(journal.books, propose_many(journal, events, by).number)
    return [propose(journal, event, by) for event in events]
