"""Events and kinds: what can happen to the fund, and how the books record it.

An `Event` says in business terms what happened. Its `Kind` says how it is recorded: the posting (event to
lines), the registers that it is projected into, and whether a second person must approve. Replay calls the
same functions again, so they may depend on nothing but the event and the books before it.

The program makes and handles only today's version of an event. Books keep older ones as they were stored; a
kind reads them as events of today, and derives the lines of each as it did when that version was today's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Table

from ledger.entry.canonical import Line, canonical_json
from ledger.entry.described import Described, Known, Labelled
from ledger.entry.field_types import OccurrenceField
from ledger.errors import BadInput, Tampered
from ledger.sentence import Sentence


class Event(BaseModel):
    """Something that happened to the fund. Frozen: a correction is another event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    says: ClassVar[str] = ""
    """What happens, in one sentence; fields stand in it by name in braces, and are described as people read
    them. `sentence` chooses between several."""

    on: Annotated[date, Labelled("effective on")]
    """The day it takes effect."""

    @property
    def key(self) -> str:
        """The idempotency key: an event recorded twice under one key makes one entry. Keys never expire."""
        raise NotImplementedError

    @property
    def claims(self) -> tuple[str, ...]:
        """What this event takes so that no other can have it: its key, and a code or use that others share.

        Of two proposals with a claim in common, the books could take only one.
        """
        return (self.key,)

    @property
    def reverses(self) -> int:
        """The number of the entry that this event reverses, or 0."""
        return 0

    @property
    def sentence(self) -> str:
        """The sentence of what happens, in the form of `says`."""
        return self.says

    def derived(self) -> tuple[Described, ...]:
        """What follows from several fields and is worth saying, such as a sum."""
        return ()

    @property
    def payload(self) -> str:
        """The event as canonical JSON."""
        return canonical_json(self.model_dump(mode="json"))

    @classmethod
    def make(cls, **fields: Any) -> Self:
        """Make an event from user input; BadInput says in one sentence which field is wrong and why."""
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise BadInput(
                "event-invalid",
                "The {kind} cannot be recorded: {problem}.",
                kind=cls.kind,
                problem=first_problem(error),
            ) from None


class Repeatable(Event):
    """An event without a reference of its own, which can be recorded again after a reversal."""

    times: OccurrenceField = Field(default=1, ge=1)
    """Which occurrence this is: one more than the number of earlier ones that were reversed."""

    @property
    def key(self) -> str:
        return self.first_key if self.times == 1 else f"{self.first_key}:{self.times}"

    @property
    def first_key(self) -> str:
        """The key of the first occurrence."""
        raise NotImplementedError


def first_problem(error: ValidationError) -> str:
    """The first problem of a validation as `field: what is wrong`."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{place}: {message}" if place else message


E = TypeVar("E", bound=Event)


class VersionedEvent(NamedTuple):
    """An event together with its form in the books: what is sealed, whatever program reads it later."""

    event: Event
    """Of today's class."""
    version: int
    payload: str

    @classmethod
    def of(cls, event: Recordable) -> VersionedEvent:
        """The form of an event: its own, or for a new one that of today."""
        return event if isinstance(event, VersionedEvent) else cls(event, event.version, event.payload)


Recordable = Event | VersionedEvent
"""A new event, or one of an older form that is recorded in this form."""


def as_event(each: Recordable) -> Event:
    """The event itself."""
    return each.event if isinstance(each, VersionedEvent) else each


NameLookup = Callable[[Connection, str, str], Known]
"""What the books know of a code, given the code and the term of the event that names it, or an empty text."""


def _no_lines(_event: Event, _books: Connection) -> list[Line]:
    return []


def _project_nothing(_books: Connection, _seq: int, _event: Event) -> None:
    return None


def _allow_reversal(_books: Connection, _event: Event) -> None:
    return None


def _no_fault(_books: Connection, _event: Event) -> str | None:
    return None


def unchanged(payload: dict[str, Any]) -> dict[str, Any]:
    """The upcaster to a version whose payloads are those of the version before it."""
    return payload


@dataclass(frozen=True)
class EarlierVersion:
    """A version that new events no longer have: how those in the books are read and recorded.

    The event that `post` and `apply` get is of today's class.
    """

    upcast: Callable[[dict[str, Any]], dict[str, Any]] = unchanged
    """From its payload to the next version's. The event's key, day and codes stay the same."""
    post: Callable[[Any, Connection], Sequence[Line]] | None = None
    """The posting as it was before it was corrected; None if the next version's is the same."""
    apply: Callable[[Connection, int, Any], None] | None = None
    """The projection as it was before it was corrected; None if the next version's is the same."""


@dataclass(frozen=True)
class Kind(Generic[E]):
    """How one kind of event is recorded."""

    event: type[E]
    post: Callable[[E, Connection], Sequence[Line]] = _no_lines
    """The posting: lines from the event and the books before it. Must not write."""
    apply: Callable[[Connection, int, E], None] = _project_nothing
    """Projects the event into the registers, given the number of its entry."""
    registers: tuple[Table, ...] = ()
    """The registers that `apply` writes; rows carry the number of the entry in `seq`."""
    four_eyes: bool = True
    """Whether another person must approve."""
    recorder: str = "finance officer"
    """The role that records it."""
    approver: str = "approver"
    """The role that approves it."""
    reversible: bool = False
    when_recorded: Sentence = field(default_factory=Sentence)
    """What to do where the key is in the books with other content, if not to reverse that entry.

    It follows a colon, such as `change it with ...`; the event's fields stand in braces.
    """
    when_reversed: Sentence = field(default_factory=Sentence)
    """What to do where the entry with the key was reversed, if not to use another code or occurrence."""
    settles: bool = False
    """Whether it only settles accounts, as the end of a year does; allowed under a closed agreement too."""
    on_reverse: Callable[[Connection, E], None] = _allow_reversal
    """Called after such an event was reversed; refuses the reversal if what is left makes no sense."""
    names: Mapping[str, NameLookup] = field(default_factory=dict)
    """How codes that such events introduce are named to people, by what they are codes of (`CodeOf`)."""
    personal_tables: tuple[Table, ...] = ()
    """Tables beside the journal in which `apply` makes sure of a row; what people may erase is in them."""
    fault: Callable[[Connection, E], str | None] = _no_fault
    """What is wrong with what the book keeps beside the journal for an event; None if nothing is."""
    earlier: Mapping[int, EarlierVersion] = field(default_factory=dict)
    """Every version before that of `event`, by its number."""


class Kinds:
    """All kinds of events that a book knows, by name and version."""

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self._newest: dict[str, Kind[Any]] = {}
        self._versions: dict[tuple[str, int], Kind[Any]] = {}
        for kind in kinds:
            name, newest = kind.event.kind, kind.event.version
            if name in self._newest:
                raise AssertionError(f"there are two kinds of events with the name '{name}'")
            if sorted(kind.earlier) != list(range(1, newest)):
                raise AssertionError(f"'{name}' version {newest} does not say how each older one is read")
            self._newest[name] = kind
            self._versions |= {(name, version): each for version, each in _versions(kind)}

    def __iter__(self) -> Iterator[Kind[Any]]:
        return iter(self._newest.values())

    def of(self, event: Recordable) -> Kind[Any]:
        """The kind of an event, with the posting and projection of its version."""
        return self.named(as_event(event).kind, event.version)

    def named(self, name: str, version: int) -> Kind[Any]:
        """The kind that an entry names, with the posting and projection of that version.

        Tampered when there is none.
        """
        try:
            return self._versions[name, version]
        except KeyError:
            newest = self._newest.get(name)
            newer = newest is None or version > newest.event.version
            raise Tampered(
                "event-kind-unknown",
                "'{name}' version {version} is not a kind of event that this program knows: {why}.",
                name=name,
                version=version,
                why="a newer program made it, so use that one" if newer else "there never was such a version",
            ) from None

    def read(self, name: str, version: int, payload: str) -> Event:
        """The event of a payload, as of today's class; Tampered when it is not valid."""
        kind = self.named(name, version)
        try:
            fields = json.loads(payload)
            if isinstance(fields, dict):
                for older in range(version, kind.event.version):
                    fields = kind.earlier[older].upcast(fields)
            event: Event = kind.event.model_validate(fields)
        except _INVALID:
            raise Tampered(
                "event-payload-invalid",
                "the payload is not a '{name}' version {version}",
                name=name,
                version=version,
            ) from None
        return event

    def versioned(self, name: str, version: int, payload: str) -> VersionedEvent:
        """The event of a payload, to be recorded as it is written.

        Tampered when it is not valid, or not in the one form that all programs write and hash.
        """
        event = self.read(name, version, payload)
        if not _is_canonical(payload):
            raise Tampered("event-payload-not-canonical", "the payload is not canonical JSON")
        return VersionedEvent(event, version, payload)

    def is_corrected(self, name: str, version: int) -> bool:
        """Whether a newer version of this kind has another posting or projection."""
        then, now = self.named(name, version), self._newest[name]
        return then.post is not now.post or then.apply is not now.apply

    @property
    def names(self) -> Mapping[str, NameLookup]:
        """How codes are named, by what they are codes of."""
        return {what: lookup for kind in self for what, lookup in kind.names.items()}

    @property
    def projected(self) -> list[str]:
        """The names of the kinds that are projected into registers."""
        return sorted({kind.event.kind for kind in self if kind.registers})

    @property
    def registers(self) -> tuple[Table, ...]:
        """Every register of every kind, once, in a stable order."""
        tables = {table.name: table for kind in self for table in kind.registers}
        return tuple(tables[name] for name in sorted(tables))

    @property
    def personal_tables(self) -> tuple[Table, ...]:
        """Every table beside the journal of every kind, once, in a stable order."""
        tables = {table.name: table for kind in self for table in kind.personal_tables}
        return tuple(tables[name] for name in sorted(tables))


_INVALID = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a damaged payload may raise: JSON, an upcaster or the validation (both are ValueErrors)."""


def _is_canonical(payload: str) -> bool:
    try:
        return canonical_json(json.loads(payload)) == payload
    except ValueError:  # a number that is none, which Python reads and nobody writes
        return False


def _versions(kind: Kind[Any]) -> Iterator[tuple[int, Kind[Any]]]:
    """The kind as each version has it, the newest first."""
    yield kind.event.version, kind
    for version in range(kind.event.version - 1, 0, -1):
        then = kind.earlier[version]
        kind = replace(kind, post=then.post or kind.post, apply=then.apply or kind.apply)
        yield version, kind
