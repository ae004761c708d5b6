"""The description of an event with the names that the books know: what an approver or a reader sees."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ledger.entry.described import NO_NAMES, CodeNames, Described, Known, described, sentence
from ledger.entry.event import Event, Kinds
from ledger.errors import MdfmError
from ledger.journal.queries import read_event
from ledger.money import Amount
from ledger.storage.evidence import size_of


class Description(NamedTuple):
    """What an event says, for people."""

    sentence: str
    fields: tuple[Described, ...]

    @property
    def worth(self) -> Amount | None:
        """The amount that it is about: the first of its fields; None for an event without money."""
        amounts = (field.value for field in self.fields if field.adds_up)
        return next((amount for amount in amounts if isinstance(amount, Amount)), None)


class NamesInBooks:
    """Knows what the codes in an event stand for, from the books as they are now; asks for each once."""

    def __init__(self, books: Connection, kinds: Kinds) -> None:
        self._books = books
        self._lookups = kinds.names
        self._known: dict[tuple[str, str, str], Known | None] = {}

    def known(self, what: str, code: str, term: str) -> Known | None:
        """What the books know of a code; None if they do not know it (yet)."""
        key = what, code, term
        if key not in self._known:
            self._known[key] = self._look_up(*key)
        return self._known[key]

    def size_of(self, sha256: str) -> int | None:
        """The size of a stored file in bytes; None if it is not stored."""
        return size_of(self._books, sha256)

    def _look_up(self, what: str, code: str, term: str) -> Known | None:
        lookup = self._lookups.get(what)
        if lookup is None:
            return None
        try:
            return lookup(self._books, code, term)
        except MdfmError:
            return None


def describe(event: Event, names: CodeNames = NO_NAMES) -> Description:
    """What an event says, with the names that the books know."""
    return Description(sentence(event, event.sentence, names), described(event, names))


def describe_reversed(books: Connection, kinds: Kinds, event: Event) -> Description | None:
    """What the entry says that an event reverses; None where it reverses none."""
    if not event.reverses:
        return None
    return describe(read_event(books, event.reverses, Event), NamesInBooks(books, kinds))
