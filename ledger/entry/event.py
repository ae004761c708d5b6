"""Events and kinds: what can happen to the fund, and what the books make of it.

An `Event` says in business words what happened. Its `Kind` says how the books take it: the posting
(event to lines), the registers that learn from it, and whether a second person must approve. Replay
calls the same functions again, so they may depend on nothing but the event and the books before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Table

from ledger.entry.canonical import Line, canonical_json
from ledger.errors import BadInput, Tampered


class Event(BaseModel):
    """Something that happened to the fund. Frozen: a correction is another event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    version: ClassVar[int] = 1

    on: date
    """The day it takes effect."""

    @property
    def key(self) -> str:
        """What makes this event the same event when it is told twice; never expires."""
        raise NotImplementedError

    @property
    def reverses(self) -> int:
        """The entry that this event takes back, or 0."""
        return 0

    @property
    def payload(self) -> str:
        """The event as canonical JSON."""
        return canonical_json(self.model_dump(mode="json"))

    @classmethod
    def make(cls, **fields: Any) -> Self:
        """An event from what a user gave; BadInput says in one sentence which field is wrong and why."""
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise BadInput(f"The {cls.kind} cannot be recorded: {first_problem(error)}.") from None


class Repeatable(Event):
    """An event without a reference of its own, which can be told again once it was taken back."""

    times: int = Field(default=1, ge=1)
    """The how many-th telling it is: one more than those that were taken back."""

    @property
    def key(self) -> str:
        return self.first_key if self.times == 1 else f"{self.first_key}:{self.times}"

    @property
    def first_key(self) -> str:
        """The key of the first telling."""
        raise NotImplementedError


def first_problem(error: ValidationError) -> str:
    """The first problem of a validation as `field: what is wrong`."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{place}: {message}" if place else message


E = TypeVar("E", bound=Event)


def _no_lines(_event: Event, _books: Connection) -> list[Line]:
    return []


def _learn_nothing(_books: Connection, _seq: int, _event: Event) -> None:
    return None


def _anything_may_stay(_books: Connection, _event: Event) -> None:
    return None


@dataclass(frozen=True)
class Kind(Generic[E]):
    """How the books take one kind of event."""

    event: type[E]
    post: Callable[[E, Connection], Sequence[Line]] = _no_lines
    """The posting: lines from the event and the books before it. Must not write."""
    apply: Callable[[Connection, int, E], None] = _learn_nothing
    """Tells the registers, given the number of the entry."""
    registers: tuple[Table, ...] = ()
    """The registers that `apply` writes; rows carry the number of the entry in `seq`."""
    four_eyes: bool = True
    """Whether another person must approve."""
    recorder: str = "finance officer"
    """The role of who records it."""
    approver: str = "approver"
    """The role of who approves it."""
    reversible: bool = False
    settles: bool = False
    """Whether it only settles accounts, as the end of a year does: also under what is closed."""
    on_reverse: Callable[[Connection, E], None] = _anything_may_stay
    """Refuses what would be left in the books once such an event was taken back, if it makes no sense."""


class Kinds:
    """All kinds of events a book knows, by name and version."""

    def __init__(self, kinds: Iterable[Kind[Any]]) -> None:
        self._kinds = {(kind.event.kind, kind.event.version): kind for kind in kinds}

    def of(self, event: Event) -> Kind[Any]:
        return self.named(event.kind, event.version)

    def named(self, name: str, version: int) -> Kind[Any]:
        """The kind an entry names; Tampered when no program has ever written such an entry."""
        try:
            return self._kinds[name, version]
        except KeyError:
            raise Tampered(
                f"'{name}' version {version} is not a kind of event that this program knows."
            ) from None

    def read(self, name: str, version: int, payload: str) -> Event:
        """The event of a payload, as it was told."""
        try:
            event: Event = self.named(name, version).event.model_validate(json.loads(payload))
        except (ValidationError, json.JSONDecodeError):
            raise Tampered(f"the payload is not a '{name}' version {version}") from None
        return event

    @property
    def teaching(self) -> list[str]:
        """The names of the kinds that registers learn from."""
        return sorted({kind.event.kind for kind in self._kinds.values() if kind.registers})

    @property
    def registers(self) -> tuple[Table, ...]:
        """Every register of every kind, once, in a stable order."""
        tables = {table.name: table for kind in self._kinds.values() for table in kind.registers}
        return tuple(tables[name] for name in sorted(tables))
