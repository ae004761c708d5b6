"""How every command records: at once, or as a proposal where another person must approve."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click
from sqlalchemy import Connection

from ledger import (
    CHART,
    Amount,
    Book,
    Event,
    Journal,
    Line,
    Proposal,
    Sealed,
    attach,
    format_minor,
    lines_of,
    propose,
)
from mdfm import screen
from mdfm.books import open_at
from mdfm.screen import Cents

Draft = Callable[[Connection], Event]
"""Makes an event, given the books as they are when it is recorded."""


class Told(NamedTuple):
    """An entry with its lines, as commands print it."""

    sealed: Sealed
    lines: list[Line]


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


def submit(by: str, kind: type[Event], *, files: Sequence[Path] | None = None, **fields: Any) -> None:
    """Record or propose one event, with files as its evidence, and print what came of it."""

    def draft(books: Connection) -> Event:
        proof = {} if files is None else {"evidence": tuple(attach(books, path) for path in files)}
        return kind.make(**fields, **proof)

    submit_all(by, [draft])


def submit_all(by: str, drafts: Sequence[Draft]) -> None:
    """Record or propose events, all of them or none, and print what came of each."""
    with opened() as book, book.recording() as journal:
        results = [_tell(journal, draft(journal.books), by) for draft in drafts]
    show_results(results)


def _tell(journal: Journal, event: Event, by: str) -> Told | Proposal:
    if journal.kinds.of(event).four_eyes and not journal.is_recorded(event):
        return propose(journal, event, by)
    return told(journal.books, journal.record(event, made_by=by))


def told(books: Connection, sealed: Sealed) -> Told:
    """An entry together with its lines."""
    return Told(sealed, lines_of(books, sealed.seq))


def show_results(results: Sequence[Told | Proposal]) -> None:
    """Print entries that were made and proposals that wait."""
    screen.answer(
        [_as_row(result) for result in results] if len(results) != 1 else _as_row(results[0]),
        lambda: [_draw(result) for result in results] and None,
    )
    for result in results:
        if isinstance(result, Told):
            screen.say(f"Entry {result.sealed.seq} is in the books: {result.sealed.kind}.")
        else:
            screen.say(
                f"Proposal {result.id} waits for another person: mdfm proposal approve {result.id} --by NAME"
            )


def _as_row(result: Told | Proposal) -> screen.Row:
    return entry_row(result) if isinstance(result, Told) else proposal_row(result)


def _draw(result: Told | Proposal) -> None:
    if isinstance(result, Told) and result.lines:
        draw_lines(result.lines)


def entry_row(entry: Told) -> screen.Row:
    """An entry as JSON tells it: its event read, its lines beside it."""
    return {
        **entry.sealed._asdict(),
        "payload": json.loads(entry.sealed.payload),
        "lines": [line._asdict() for line in entry.lines],
    }


def proposal_row(proposal: Proposal) -> screen.Row:
    """A proposal as JSON tells it: its event read."""
    return {**proposal._asdict(), "payload": json.loads(proposal.payload)}


def draw_lines(lines: Sequence[Line]) -> None:
    """Print the lines of an entry: account, side, amount, its value in US dollars, and for what."""
    screen.table(
        [
            {
                "account": f"{line.account} {CHART[line.account].name}",
                "side": "Dr" if (line.amount or line.usd) > 0 else "Cr",
                "amount": Amount(currency=line.currency, minor=abs(line.amount)),
                "usd": Cents(abs(line.usd)),
                "marks": " ".join(mark for mark in line[1:7] if mark),
            }
            for line in lines
        ],
        {"account": "Account", "side": "", "amount": "Amount", "usd": "US$", "marks": "For"},
    )


_IN_CENTS = frozenset({"cents", "target", "spent"})
_LONGEST_LIST = 12


def event_fields(payload: str) -> dict[str, str]:
    """The fields of an event in words; what is long is counted, and told in full by `--json`."""
    return {name: _in_words(name, value) for name, value in json.loads(payload).items()}


def _in_words(name: str, value: Any) -> str:
    match value:
        case {"currency": str(currency), "minor": int(minor)}:
            return f"{format_minor(minor, currency)} {currency}"
        case {"sha256": str(sha256), "name": str(file)}:
            return f"{file} (SHA-256 {sha256[:12]})"
        case Mapping():
            parts = {key: _in_words(name if name in _IN_CENTS else key, part) for key, part in value.items()}
            return ", ".join(f"{key} {part}" for key, part in parts.items() if part)
        case list() if len(value) > _LONGEST_LIST:
            return f"{len(value)} of them (in full with --json)"
        case list():
            return "; ".join(_in_words(name, part) for part in value)
        case False | None:
            return ""
        case int() if name in _IN_CENTS:
            return f"US$ {screen.shown(Cents(value))}"
        case _:
            return screen.shown(value)
