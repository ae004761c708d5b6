"""Proposals: what one person wants recorded, waiting outside the journal for another to approve.

A proposal books nothing and promises nothing; only its approval is an entry, which names both people.
Proposals that were made together are decided together: all of them, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, select, update

from ledger.entry.canonical import Sealed
from ledger.entry.event import Event
from ledger.errors import NotFound, Refused
from ledger.journal.journal import EVENTS_PER_CHUNK, Journal, head
from ledger.people.roles import require_role, staff_of
from ledger.storage.bulk_insert import write_rows
from ledger.storage.schema import proposal as table
from ledger.storage.unit_of_work import query_without_flush
from ledger.workflow.dry_run import dry_run

Progress = Callable[[int], None]
"""Is told how many are done."""


def _nobody(_done: int) -> None:
    return None


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
    if (waits := waiting_for(journal.books, event)) is not None:
        return waits
    made = _made(_next_number(journal.books), event, made_by, journal.now())
    journal.books.execute(insert(table), made._asdict())
    return made


class Proposed(NamedTuple):
    """What became of events that were proposed together."""

    number: int
    """The first of the proposals, which names them all; of what waited before when nothing is new, or 0."""
    new: int
    """How many proposals were made."""


def propose_many(
    journal: Journal,
    events: Sequence[Event],
    made_by: str,
    progress: Progress = _nobody,
    *,
    dry_run_done: bool = False,
) -> Proposed:
    """Put events aside for another person, who decides on all of them together.

    What waits or is recorded already is left out. Unless the caller has dry_run_done them just now, the
    events are, in their order, and Refused says what the books would refuse.
    """
    if not dry_run_done:
        events = _without_known(journal, events, made_by)
    waits = _all_waiting(journal.books)
    number, made_at = _next_number(journal.books), journal.now()
    already = new = 0
    for start in range(0, len(events), EVENTS_PER_CHUNK):
        made = [_made(number, event, made_by, made_at) for event in events[start : start + EVENTS_PER_CHUNK]]
        fresh = [each for each in made if (each.kind, each.payload) not in waits]
        for each in made:
            already = already or waits.get((each.kind, each.payload), 0)
        numbered = enumerate(fresh, start=number + new)
        write_rows(journal.books, table, [each._replace(id=own, batch=number) for own, each in numbered])
        new += len(fresh)
        progress(start + len(made))
    if new == 1:  # one by itself is decided by itself
        journal.books.execute(update(table).where(table.c.id == number).values(batch=0))
    return Proposed(number if new else already, new)


def _without_known(journal: Journal, events: Sequence[Event], made_by: str) -> list[Event]:
    """The events that would be entries; Refused tells the first that would be refused, and how many more."""
    rehearsal = dry_run(journal, events, made_by=made_by)
    if rehearsal.refusals:
        (index, refusal), more = rehearsal.refusals[0], len(rehearsal.refusals) - 1
        others = f" And {more:,} more of them would be refused." if more else ""
        raise Refused(f"{refusal} That is said of {events[index].key}.{others}")
    known = set(rehearsal.already_recorded)
    return [event for index, event in enumerate(events) if index not in known]


def _made(number: int, event: Event, made_by: str, made_at: str) -> Proposal:
    return Proposal(number, event.kind, event.version, event.payload, made_by, made_at, "waiting", "", 0, 0)


def _next_number(books: Connection) -> int:
    return (books.execute(select(func.max(table.c.id))).scalar() or 0) + 1


def waiting_for(books: Connection, event: Event) -> Proposal | None:
    """The proposal of this very event that waits, if there is one."""
    same = select(table).where(
        table.c.status == "waiting", table.c.kind == event.kind, table.c.payload == event.payload
    )
    row = books.execute(same).first()
    return None if row is None else Proposal(*row)


def _all_waiting(books: Connection) -> dict[tuple[str, str], int]:
    """What waits, by kind and payload: the number that names the proposal or its batch."""
    query = select(table.c.kind, table.c.payload, table.c.id, table.c.batch)
    rows = books.execute(query.where(table.c.status == "waiting"))
    return {(row.kind, row.payload): row.batch or row.id for row in rows}


def approve(journal: Journal, number: int, approved_by: str) -> Sealed:
    """Record what was proposed; Refused when the same person approves, or when it was decided already.

    Refused, too, when the event is in the journal by now: that entry names other people; and for one of many
    that are decided together, which takes `approve_batch`.
    """
    waiting = _waiting(journal.books, number)
    if waiting.batch:
        raise Refused(f"Proposal {number} is decided together with others: approve batch {waiting.batch}.")
    event = journal.kinds.read(waiting.kind, waiting.version, waiting.payload)
    if journal.is_recorded(event):
        raise Refused(f"What proposal {number} asks for is recorded already: reject the proposal.")
    sealed = journal.record(event, made_by=waiting.made_by, approved_by=approved_by)
    _decide(journal.books, waiting, "approved", approved_by, sealed.seq)
    return sealed


def approve_batch(journal: Journal, number: int, approved_by: str, progress: Progress = _nobody) -> range:
    """Record all proposals that are decided together with this one, and say the numbers of their entries.

    Refused as `approve` refuses each of them; then the caller ends the transaction, and all of them wait on.
    """
    waiting = _waiting(journal.books, number)
    first = head(journal.books).seq + 1
    events = _asked(journal, waiting, first)
    new = journal.record_many(events, made_by=waiting.made_by, approved_by=approved_by, progress=progress)
    if new != _count(journal.books, waiting):
        raise Refused(f"Two of the proposals of batch {waiting.batch} ask for the same: reject them.")
    _decide(journal.books, waiting, "approved", approved_by, first)
    return range(first, first + new)


def _asked(journal: Journal, named: Proposal, first: int) -> Iterator[Event]:
    """What proposals decided together ask for, in their order, while entries from `first` on are made.

    Refused for what is in the journal from before.
    """
    rows: Sequence[Row[Any]] = ()
    query = (
        select(table)
        .where(_with(named), table.c.id > bindparam("after"))
        .order_by(table.c.id)
        .limit(EVENTS_PER_CHUNK)
    )
    while rows := query_without_flush(
        journal.books, partial(_rows, journal.books, query, rows[-1].id if rows else 0)
    ):
        events = [journal.kinds.read(row.kind, row.version, row.payload) for row in rows]
        told = query_without_flush(journal.books, partial(journal.told, [event.key for event in events]))
        for row, event in zip(rows, events, strict=True):
            if event.key in told and told[event.key].seq < first:
                raise Refused(
                    f"What proposal {row.id} asks for is recorded already: reject the proposals that are "
                    f"decided together with it, and propose the others anew."
                )
            yield event


def _rows(books: Connection, query: Select[Any], after: int) -> Sequence[Row[Any]]:
    return books.execute(query, {"after": after}).all()


def _count(books: Connection, named: Proposal) -> int:
    return int(books.execute(select(func.count()).where(_with(named))).scalar_one())


def reject(journal: Journal, number: int, rejected_by: str) -> None:
    """Put a proposal away for good, and all that are decided together with it.

    The one who made it may withdraw it in the same manner.
    """
    waiting = _waiting(journal.books, number)
    if rejected_by != waiting.made_by:
        kinds = select(table.c.kind, table.c.version).where(_with(waiting)).distinct()
        for kind, version in journal.books.execute(kinds.order_by(table.c.kind, table.c.version)).all():
            approver = journal.kinds.named(kind, version).approver
            require_role(staff_of(journal.books), rejected_by, approver, f"reject the {kind}")
    decided_by = rejected_by if rejected_by != waiting.made_by else f"{rejected_by} (withdrawn)"
    _decide(journal.books, waiting, "rejected", decided_by, 0)


def decided_together(books: Connection, number: int) -> list[Proposal]:
    """All proposals that are decided together with this one, itself among them, in their order."""
    named = _named(books, number)
    return [Proposal(*row) for row in books.execute(select(table).where(_with(named)).order_by(table.c.id))]


def proposals(books: Connection, status: str | None = "waiting") -> list[Proposal]:
    """Proposals in the order they were made."""
    query = select(table).order_by(table.c.id)
    if status is not None:
        query = query.where(table.c.status == status)
    return [Proposal(*row) for row in books.execute(query)]


def proposal_of(books: Connection, entry: int) -> Proposal | None:
    """The proposal whose approval made an entry; None where it was recorded at once."""
    row = books.execute(select(table).where(table.c.entry == entry)).first()
    return None if row is None else Proposal(*row)


def _named(books: Connection, number: int) -> Proposal:
    row = books.execute(select(table).where(table.c.id == number)).first()
    if row is None:
        raise NotFound(f"There is no proposal {number}: see `mdfm proposal list`.")
    return Proposal(*row)


def _waiting(books: Connection, number: int) -> Proposal:
    named = _named(books, number)
    if named.status != "waiting":
        raise Refused(f"Proposal {number} was {named.status} already, by {named.decided_by}.")
    return named


def _with(named: Proposal) -> ColumnElement[bool]:
    """The proposals that are decided together with one."""
    return table.c.batch == named.batch if named.batch else table.c.id == named.id


def _decide(books: Connection, named: Proposal, status: str, by: str, first_entry: int) -> None:
    """Note what became of proposals that are decided together; their entries follow one another."""
    entry = first_entry + table.c.id - (named.batch or named.id) if first_entry else 0
    books.execute(update(table).where(_with(named)).values(status=status, decided_by=by, entry=entry))
