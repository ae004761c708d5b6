"""Proposals: what one person wants recorded, waiting outside the journal for another to approve.

A proposal books nothing and promises nothing; only its approval is an entry, which names both people.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from ledger.encoding import Sealed
from ledger.errors import NotFound, Refused
from ledger.events import Event
from ledger.journal import Journal
from ledger.people import require_role, staff_of
from ledger.schema import proposal as table


class Proposal(NamedTuple):
    """A proposal as it stands."""

    id: int
    kind: str
    version: int
    payload: str
    made_by: str
    made_at: str
    status: str
    decided_by: str
    entry: int
    batch: int
    """The first proposal of those that were made together and are decided together; 0 for one by itself."""


def propose(journal: Journal, event: Event, made_by: str) -> Proposal:
    """Put an event aside for another person to approve; what waits already is not put aside twice.

    What the books would refuse today is refused at once: the event is tried, and taken back.
    """
    journal.preview(event, made_by)
    same = select(table).where(
        table.c.status == "waiting", table.c.kind == event.kind, table.c.payload == event.payload
    )
    if (waits := journal.books.execute(same).first()) is not None:
        return Proposal(*waits)
    number = (journal.books.execute(select(func.max(table.c.id))).scalar() or 0) + 1
    made = Proposal(
        number, event.kind, event.version, event.payload, made_by, journal.now(), "waiting", "", 0, 0
    )
    journal.books.execute(insert(table), made._asdict())
    return made


def approve(journal: Journal, number: int, approved_by: str) -> Sealed:
    """Record what was proposed; Refused when the same person approves, or when it was decided already.

    Refused, too, when the event is in the journal by now: that entry names other people.
    """
    waiting = _waiting(journal.books, number)
    event = journal.kinds.read(waiting.kind, waiting.version, waiting.payload)
    if journal.is_recorded(event):
        raise Refused(f"What proposal {number} asks for is recorded already: reject the proposal.")
    sealed = journal.record(event, made_by=waiting.made_by, approved_by=approved_by)
    _decide(journal.books, number, "approved", approved_by, sealed.seq)
    return sealed


def reject(journal: Journal, number: int, rejected_by: str) -> None:
    """Put a proposal away for good. The one who made it may withdraw it in the same manner."""
    waiting = _waiting(journal.books, number)
    if rejected_by != waiting.made_by:
        approver = journal.kinds.named(waiting.kind, waiting.version).approver
        require_role(staff_of(journal.books), rejected_by, approver, f"reject the {waiting.kind}")
    decided_by = rejected_by if rejected_by != waiting.made_by else f"{rejected_by} (withdrawn)"
    _decide(journal.books, number, "rejected", decided_by, 0)


def proposals(books: Connection, status: str | None = "waiting") -> list[Proposal]:
    """Proposals in the order they were made."""
    query = select(table).order_by(table.c.id)
    if status is not None:
        query = query.where(table.c.status == status)
    return [Proposal(*row) for row in books.execute(query)]


def _waiting(books: Connection, number: int) -> Proposal:
    row = books.execute(select(table).where(table.c.id == number)).first()
    if row is None:
        raise NotFound(f"There is no proposal {number}: see `mdfm proposal list`.")
    if row.status != "waiting":
        raise Refused(f"Proposal {number} was {row.status} already, by {row.decided_by}.")
    return Proposal(*row)


def _decide(books: Connection, number: int, status: str, by: str, entry: int) -> None:
    books.execute(update(table).where(table.c.id == number).values(status=status, decided_by=by, entry=entry))
