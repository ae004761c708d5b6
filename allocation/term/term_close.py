"""Closing a term: its balances are carried over to the next term with the assets that back them.

By agreement, and with everything that is open: receivables, advances, commitments, payables, pledges.
Services in kind are not carried over: they were disclosed in the term that had them. A closed term has a
zero balance on every account, and nothing is posted to it any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection

from donors import CODE_PATTERN
from ledger import (
    EVERY_USE,
    SERVICES_IN_KIND,
    SERVICES_IN_KIND_CONTRA,
    AsOf,
    Event,
    Kind,
    Labelled,
    Line,
    PostedLine,
    Refused,
    TermField,
    TextField,
    closed_term,
    open_balances,
    posted,
    project,
    require_open_term,
)

SERVICES = (SERVICES_IN_KIND, SERVICES_IN_KIND_CONTRA)


class TermClosed(Event):
    """A term is closed and carried over to another. `on` is its last day, or a later one."""

    kind: ClassVar[str] = "term closed"
    says: ClassVar[str] = (
        "The term {term} is closed, and what is left in it is carried over to the term {into}."
    )

    reference: TextField = Field(pattern=CODE_PATTERN)
    term: TermField
    into: Annotated[TermField, Labelled("carried over to")]
    """The term that it is carried over to."""

    @property
    def key(self) -> str:
        return f"term closed:{self.reference}"

    @property
    def claims(self) -> tuple[str, ...]:
        return self.key, f"close of the term:{self.term}"

    @model_validator(mode="after")
    def _two_terms(self) -> Self:
        if self.term == self.into:
            raise ValueError("a term is carried over to another term")
        return self


def _post(event: TermClosed, books: Connection) -> list[Line]:
    _require_ready(event, books)
    left = open_balances(books, event.term)
    if not left:
        raise Refused(
            "term-without-balances",
            "Nothing stands in the term {term}: there is nothing to carry over.",
            term=event.term,
        )
    cleared = [line._replace(amount=-line.amount, usd=-line.usd) for line in left]
    carried = [line._replace(term=event.into) for line in left if line.account not in SERVICES]
    return [*cleared, *carried]


def _require_ready(event: TermClosed, books: Connection) -> None:
    ending, beginning = require_open_term(books, event.term), require_open_term(books, event.into)
    if event.on < ending.ends_on:
        raise Refused(
            "term-close-before-end",
            "The term {term} ends on {ends_on}: close it on that day or later.",
            term=event.term,
            ends_on=ending.ends_on,
        )
    if beginning.starts_on <= ending.starts_on:
        raise Refused(
            "term-does-not-follow",
            "The term {into} does not follow {term}: carry over to one that does.",
            into=event.into,
            term=event.term,
        )
    if open_balances(books, event.term, *EVERY_USE):
        raise Refused(
            "term-close-before-year-end",
            "Use of the term {term} is not yet set against what is owed: record its year end first.",
            term=event.term,
        )
    every_line = posted(books, AsOf.now(books, date.max), term=event.term)
    require_none_later(every_line, event.on, f"The term {event.term}")


def _apply(books: Connection, seq: int, event: TermClosed) -> None:
    project(books, closed_term, seq, code=event.term, successor=event.into)


KINDS = (Kind(TermClosed, post=_post, apply=_apply, registers=(closed_term,), reversible=True, settles=True),)


def require_none_later(lines: Iterable[PostedLine], on: date, what: str) -> None:
    """Refuse to close, on a day, what has lines of a later one."""
    last = max((line.effective_on for line in lines), default=on)
    if last > on:
        raise Refused(
            "close-before-last-entry",
            "{what} has entries up to {last}: close it on that day or later.",
            what=what,
            last=last,
        )
