"""How every command reads and records: at once, or as a proposal where another person must approve."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from ledger import Book, Event, Journal, Proposal, attach, propose
from mdfm.books import open_at
from mdfm.entries import Told, show_results, told

Draft = Callable[[Connection], Event]
"""Makes an event, given the books as they are when it is recorded."""


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
    """The books as they are now, to be read."""
    with opened() as book, book.reading() as books:
        yield books


@contextmanager
def recording() -> Iterator[Journal]:
    """The journal, open for one transaction."""
    with opened() as book, book.recording() as journal:
        yield journal


def submit(by: str, kind: type[Event], *, files: Sequence[Path] | None = None, **fields: Any) -> None:
    """Record or propose one event, with files as its evidence, and print what came of it."""

    def draft(books: Connection) -> Event:
        proof = {} if files is None else {"evidence": tuple(attach(books, path) for path in files)}
        return kind.make(**fields, **proof)

    submit_all(by, [draft])


def submit_all(by: str, drafts: Sequence[Draft]) -> None:
    """Record or propose events, all of them or none, and print what came of each."""
    with recording() as journal:
        results = [_submitted(journal, draft(journal.books), by) for draft in drafts]
    show_results(results)


def _submitted(journal: Journal, event: Event, by: str) -> Told | Proposal:
    """An event that is in the books already is answered with its entry, however it came there."""
    if journal.kinds.of(event).four_eyes and not journal.is_recorded(event):
        return propose(journal, event, by)
    return told(journal.books, journal.record(event, made_by=by))
