"""Events and kinds: what can happen to the fund, and how the books record it.

An `Event` says in business terms what happened. Its `Kind` says how it is recorded: the posting (event to
lines), the registers that it is projected into, and whether a second person must approve. Replay calls the
same functions again, so they may depend on nothing but the event and the books before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

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


NameLookup = Callable[[Connection, str, str], Known]
"""What the books know of a code, given the code and the term of the event that names it, or an empty text."""


def _no_lines(_event: Event, _books: Connection) -> list[Line]:
    return []


def _project_nothing(_books: Connection, _seq: int, _event: Event) -> None:
    return None


def _allow_reversal(_books: Connection, _event: Event) -> None:
    return None


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


class Kinds:
    """All kinds of events that a book knows, by name and version."""

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self._kinds = {(kind.event.kind, kind.event.version): kind for kind in kinds}

    def __iter__(self) -> Iterator[Kind[Any]]:
        return iter(self._kinds.values())

    def of(self, event: Event) -> Kind[Any]:
        return self.named(event.kind, event.version)

    def named(self, name: str, version: int) -> Kind[Any]:
        """The kind that an entry names; Tampered when there is none."""
        try:
            return self._kinds[name, version]
        except KeyError:
            raise Tampered(
                "event-kind-unknown",
                "'{name}' version {version} is not a kind of event that this program knows.",
                name=name,
                version=version,
            ) from None

    def read(self, name: str, version: int, payload: str) -> Event:
        """The event of a payload; Tampered when it is not valid."""
        try:
            event: Event = self.named(name, version).event.model_validate(json.loads(payload))
        except (ValidationError, json.JSONDecodeError):
            raise Tampered(
                "event-payload-invalid",
                "the payload is not a '{name}' version {version}",
                name=name,
                version=version,
            ) from None
        return event

    @property
    def names(self) -> Mapping[str, NameLookup]:
        """How codes are named, by what they are codes of."""
        return {what: lookup for kind in self._kinds.values() for what, lookup in kind.names.items()}

    @property
    def projected(self) -> list[str]:
        """The names of the kinds that are projected into registers."""
        return sorted({kind.event.kind for kind in self._kinds.values() if kind.registers})

    @property
    def registers(self) -> tuple[Table, ...]:
        """Every register of every kind, once, in a stable order."""
        tables = {table.name: table for kind in self._kinds.values() for table in kind.registers}
        return tuple(tables[name] for name in sorted(tables))
