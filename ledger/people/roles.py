"""Roles: who may record, who may approve, and from which amount a director must approve.

Until the first roles are given, a book is open: anybody records and another person approves. From then on
everybody needs the role that the kind of event requires. Auditors read everything and record nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, field_validator
from sqlalchemy import Connection, func, select

from ledger.entry.canonical import Line
from ledger.entry.described import Labelled
from ledger.entry.event import Event, Kind
from ledger.entry.field_types import OrdinalField, TextField, UsdCentsField
from ledger.errors import Refused
from ledger.money import usd
from ledger.people.four_eyes import folded_name, require_visible
from ledger.projections.registers import as_known, project, read_once, register, text, whole
from ledger.storage.unit_of_work import current_unit_of_work

Role = Literal["finance officer", "approver", "director", "planner", "auditor", "administrator"]
ADMINISTRATORS_NEEDED = 2
"""With fewer, roles could never be changed again: one records, another approves."""


class RolesGiven(Event):
    """People have these roles from now on, instead of those they had; an empty list removes a person."""

    kind: ClassVar[str] = "roles given"
    says: ClassVar[str] = "These people have these roles from now on: {roles}."

    number: Annotated[OrdinalField, Labelled("change of roles")] = Field(ge=1)
    """The number of this change of roles in the book, from 1."""
    roles: dict[TextField, tuple[Role, ...]] = Field(min_length=1)

    @property
    def key(self) -> str:
        return f"roles:{self.number}"

    @field_validator("roles")
    @classmethod
    def _auditors_only_look(cls, roles: dict[str, tuple[Role, ...]]) -> dict[str, tuple[Role, ...]]:
        for person, given in roles.items():
            if "auditor" in given and len(given) > 1:
                raise ValueError(f"{person} cannot be an auditor and have another role")
        return roles


class ThresholdSet(Event):
    """Events of one kind that are worth an amount or more are approved by a director."""

    kind: ClassVar[str] = "threshold set"

    number: Annotated[OrdinalField, Labelled("change of thresholds")] = Field(ge=1)
    """The number of this change of a threshold in the book, from 1."""
    of: Annotated[TextField, Labelled("kind of event")] = Field(min_length=1)
    """The kind of event, e.g. `contribution received`."""
    cents: Annotated[UsdCentsField, Labelled("from an amount of")] = Field(ge=0)
    """USD cents; 0 removes the threshold."""

    @property
    def sentence(self) -> str:
        if not self.cents:
            return "A director is no longer needed for any amount of this kind: {of}."
        return "A director must approve each event of this kind from {cents} on: {of}."

    @property
    def key(self) -> str:
        return f"threshold:{self.number}"


person = register("person", text("name"), text("roles"))
threshold = register("threshold", text("kind"), whole("cents"))


_ROLES = select(person.c.name, person.c.roles).where(as_known(person)).order_by(person.c.seq)
_THRESHOLDS = select(threshold.c.kind, threshold.c.cents).where(as_known(threshold)).order_by(threshold.c.seq)


class Staff(NamedTuple):
    """Who has which roles, and from which amounts a director approves."""

    roles: dict[str, frozenset[str]]
    """By name; an empty set for a person who was removed. No name at all: the book is open to everybody."""
    thresholds: dict[str, int]
    """USD cents by kind of event; 0 where a threshold was removed."""


def all_roles(books: Connection) -> dict[str, frozenset[str]]:
    """Everybody who has a role, with their roles."""
    return {name: roles for name, roles in sorted(staff_of(books).roles.items()) if roles}


def staff_of(books: Connection) -> Staff:
    """The staff as it is now."""

    def load() -> Staff:
        roles = {row.name: frozenset(filter(None, row.roles.split(","))) for row in books.execute(_ROLES)}
        return Staff(roles, {row.kind: row.cents for row in books.execute(_THRESHOLDS)} if roles else {})

    return read_once(books, person, "", load)


def next_number(books: Connection, table: str) -> int:
    """The number of the next change of roles (`person`) or of a threshold (`threshold`)."""
    of = {"person": person, "threshold": threshold}[table]
    return int(books.execute(select(func.count(func.distinct(of.c.seq)))).scalar_one()) + 1


def require_role(staff: Staff, name: str, role: str, doing: str) -> None:
    """Refuse a person without the role; in a book without roles everybody is allowed."""
    _require_one_of(staff, name, (role,), doing)


def require_approver(staff: Staff, name: str, event: tuple[str, str], lines: Iterable[Line]) -> None:
    """Refuse a person who may not approve an event of a (kind, approving role) that posts these lines."""
    kind, role = event
    threshold_cents = staff.thresholds.get(kind, 0)
    above = threshold_cents and worth(lines) >= threshold_cents
    doing = f"approve the {kind}" + (f" of {usd(threshold_cents)} or more" if above else "")
    _require_one_of(staff, name, ("director",) if above else (role, "director"), doing)


def _require_one_of(staff: Staff, name: str, allowed: tuple[str, ...], doing: str) -> None:
    roles = staff.roles.get(name, frozenset())
    if staff.roles and not roles.intersection(allowed):
        has = f"has the role {', '.join(sorted(roles))}" if roles else "has no role in this book"
        raise Refused(
            "role-missing",
            "{name} may not {doing}: that takes the role {roles}, and {name} {has}.",
            name=name,
            doing=doing,
            roles=" or ".join(allowed),
            has=has,
        )


def worth(lines: Iterable[Line]) -> int:
    """The worth of an entry in USD cents: its debits; memo accounts count only if there are no others."""
    debits = [line for line in lines if line.usd > 0]
    real = [line.usd for line in debits if not line.account.startswith("9")]
    return sum(real or [line.usd for line in debits])


def _apply_roles(books: Connection, seq: int, event: RolesGiven) -> None:
    for name, roles in sorted(event.roles.items()):
        project(books, person, seq, name=name, roles=",".join(sorted(set(roles))))
    work = current_unit_of_work(books)
    if work is not None:
        work.clear_cache()  # the staff was read before it changed
    for name, roles in event.roles.items():
        if roles:  # a name that an older book gave roles to can still be removed
            require_visible(name)
    administrators = {
        folded_name(name) for name, roles in all_roles(books).items() if "administrator" in roles
    }
    if len(administrators) < ADMINISTRATORS_NEEDED:
        raise Refused(
            "too-few-administrators",
            "A book needs two administrators, so that one can approve what the other records.",
        )


def _apply_threshold(books: Connection, seq: int, event: ThresholdSet) -> None:
    project(books, threshold, seq, kind=event.of, cents=event.cents)


KINDS = (
    Kind(
        RolesGiven,
        apply=_apply_roles,
        registers=(person,),
        recorder="administrator",
        approver="administrator",
    ),
    Kind(
        ThresholdSet,
        apply=_apply_threshold,
        registers=(threshold,),
        recorder="administrator",
        approver="administrator",
    ),
)
