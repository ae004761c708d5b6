"""Proposals: events that one person wants recorded, kept outside the journal until another approves them.

A proposal changes no balance and reserves nothing; only its approval makes an entry, which names both people.
Proposals that were made together are decided together: all of them, or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, select, update

from ledger.entry.canonical import Sealed
from ledger.entry.event import Event, VersionedEvent
from ledger.errors import NotFound, Refused
from ledger.journal.journal import EVENTS_PER_CHUNK, Journal
from ledger.journal.queries import head, read_event
from ledger.people.four_eyes import is_same_person, require_visible
from ledger.people.roles import require_role, staff_of
from ledger.progress import ProgressCount, no_progress
from ledger.sentence import Hint, Sentence
from ledger.storage.bulk_insert import write_rows
from ledger.storage.schema import proposal as table
from ledger.storage.unit_of_work import query_without_flush
from ledger.workflow.dry_run import dry_run


class Proposal(NamedTuple):
    """A proposal with its status."""

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
    """The number of the first proposal of those that are decided together; 0 for a single one."""


def propose(journal: Journal, event: Event, made_by: str) -> Proposal:
    """Propose an event for another person to approve; an event that waits already is not proposed twice.

    Refused as recording it now would be.
    """
    journal.preview(event, made_by)
    waiting = waiting_claims(journal)
    if (waits := waiting_as(journal, waiting, event)) is not None:
        return waits
    if refusal := claimed_by_other(waiting, event):
        raise Refused("claimed-by-waiting-proposal", "{why}{others}", why=refusal, others="")
    made = _new_proposal(_next_number(journal.books), event, made_by, journal.now())
    journal.books.execute(insert(table), made._asdict())
    return made


class Proposed(NamedTuple):
    """The result of proposing events together."""

    number: int
    """The first of the proposals, which names them all; an earlier one when nothing is new; or 0."""
    new: int
    """How many proposals were made."""


def propose_many(
    journal: Journal,
    events: Sequence[Event],
    made_by: str,
    progress: ProgressCount = no_progress,
    *,
    dry_run_done: bool = False,
) -> Proposed:
    """Propose events for another person, who decides on all of them together.

    Those that wait or are recorded already are left out. Refused says what the books would refuse, found by a
    dry run of the events in order, unless the caller has just done one (`dry_run_done`).
    """
    if not dry_run_done:
        events = _without_recorded(journal, events, made_by)
    for event in events:
        journal.require_evidence(event)
    waiting = waiting_claims(journal)
    asked = [(event, waiting_as(journal, waiting, event)) for event in events]
    _require_unclaimed(waiting, [event for event, waits in asked if waits is None])
    number, made_at = _next_number(journal.books), journal.now()
    already = new = 0
    for start in range(0, len(asked), EVENTS_PER_CHUNK):
        chunk = asked[start : start + EVENTS_PER_CHUNK]
        already = already or next((each.batch or each.id for _, each in chunk if each is not None), 0)
        fresh = [_new_proposal(number, event, made_by, made_at) for event, waits in chunk if waits is None]
        numbered = enumerate(fresh, start=number + new)
        write_rows(journal.books, table, [each._replace(id=own, batch=number) for own, each in numbered])
        new += len(fresh)
        progress(start + len(chunk))
    if new == 1:  # a single proposal is no batch
        journal.books.execute(update(table).where(table.c.id == number).values(batch=0))
    return Proposed(number if new else already, new)


def _without_recorded(journal: Journal, events: Sequence[Event], made_by: str) -> list[Event]:
    """The events that would make entries; Refused names the first refused one and counts the others."""
    result = dry_run(journal, events, made_by=made_by)
    if result.refusals:
        (index, refusal), more = result.refusals[0], len(result.refusals) - 1
        others = f" And {more:,} more of them would be refused." if more else ""
        raise Refused(
            "event-would-be-refused",
            "{why} This concerns {key}.{others}",
            why=refusal,
            key=events[index].key,
            others=others,
        )
    recorded = set(result.already_recorded)
    return [event for index, event in enumerate(events) if index not in recorded]


def waiting_claims(journal: Journal) -> dict[str, Proposal]:
    """The waiting proposals, by each claim of their events."""
    return {
        claim: each
        for each in proposals(journal.books)
        for claim in journal.kinds.read(each.kind, each.version, each.payload).claims
    }


def waiting_as(journal: Journal, waiting: Mapping[str, Proposal], event: Event) -> Proposal | None:
    """The proposal of this event among those that wait by their claims, in whatever version; None if none is.

    Every event claims its key, and equal events have equal keys.
    """
    found = waiting.get(event.key)
    if found is None or found.kind != event.kind:
        return None
    same = found.payload == event.payload or read_event(journal.books, found, Event) == event
    return found if same else None


def claimed_by_other(waiting: Mapping[str, Proposal], event: Event) -> Sentence:
    """The sentence on the waiting proposal that makes this event impossible; empty where there is none.

    For an event that does not wait itself.
    """
    claim = next((each for each in event.claims if each in waiting), None)
    if claim is None:
        return Sentence()
    number = waiting[claim].id
    return Sentence(
        f"Proposal {number} waits for approval with other content under the same reference '{claim}': "
        f"approve or reject that one first",
        Hint("decide-proposal", number=number),
        ".",
    )


def _require_unclaimed(waiting: Mapping[str, Proposal], events: Sequence[Event]) -> None:
    refusals = [refusal for event in events if (refusal := claimed_by_other(waiting, event))]
    if refusals:
        more = len(refusals) - 1
        others = f" And {more:,} more are claimed by others." if more else ""
        raise Refused("claimed-by-waiting-proposal", "{why}{others}", why=refusals[0], others=others)


def _new_proposal(number: int, event: Event, made_by: str, made_at: str) -> Proposal:
    return Proposal(number, event.kind, event.version, event.payload, made_by, made_at, "waiting", "", 0, 0)


def _next_number(books: Connection) -> int:
    return (books.execute(select(func.max(table.c.id))).scalar() or 0) + 1


def proposed_event(journal: Journal, proposal: Proposal) -> VersionedEvent:
    """The event that a proposal asks for, to be recorded as it was proposed.

    Refused when its posting was corrected since: it would get lines that nobody has looked at.
    """
    if journal.kinds.is_corrected(proposal.kind, proposal.version):
        raise Refused(
            "proposal-posting-corrected",
            "Proposal {number} was made before the posting of the {kind} was corrected: reject it and "
            "propose it again.",
            number=proposal.id,
            kind=proposal.kind,
        )
    return journal.kinds.versioned(proposal.kind, proposal.version, proposal.payload)


def approve(journal: Journal, number: int, approved_by: str) -> Sealed:
    """Record a proposed event; Refused when the same person approves, or when it was decided already.

    Refused, too, when the event is in the journal by now (that entry names other people), and for a proposal
    of a batch, which `approve_batch` approves.
    """
    waiting = _waiting(journal.books, number)
    if waiting.batch:
        raise Refused(
            "proposal-in-batch",
            "Proposal {number} is decided together with others: approve batch {batch}.",
            number=number,
            batch=waiting.batch,
        )
    event = proposed_event(journal, waiting)
    if journal.is_recorded(event):
        raise Refused(
            "proposal-already-recorded",
            "What proposal {number} asks for is recorded already: reject the proposal.",
            number=number,
        )
    sealed = journal.record(event, made_by=waiting.made_by, approved_by=approved_by)
    _decide(journal.books, waiting, "approved", approved_by, sealed.seq)
    return sealed


def approve_batch(
    journal: Journal, number: int, approved_by: str, progress: ProgressCount = no_progress
) -> range:
    """Record all proposals that are decided together with this one; returns the numbers of their entries.

    Refused as in `approve`; the caller then rolls back the transaction, and all of them keep waiting.
    """
    waiting = _waiting(journal.books, number)
    first = head(journal.books).seq + 1
    events = _proposed_events(journal, waiting, first)
    new = journal.record_many(events, made_by=waiting.made_by, approved_by=approved_by, progress=progress)
    if new != _count(journal.books, waiting):
        raise Refused(
            "batch-asks-twice",
            "Two of the proposals of batch {batch} ask for the same: reject them.",
            batch=waiting.batch,
        )
    _decide(journal.books, waiting, "approved", approved_by, first)
    return range(first, first + new)


def _proposed_events(journal: Journal, proposal: Proposal, first: int) -> Iterator[VersionedEvent]:
    """The events of proposals that are decided together, in their order; entries from `first` on are theirs.

    Refused for an event that was in the journal before.
    """
    rows: Sequence[Row[Any]] = ()
    query = (
        select(table)
        .where(_batch_of(proposal), table.c.id > bindparam("after"))
        .order_by(table.c.id)
        .limit(EVENTS_PER_CHUNK)
    )
    while rows := query_without_flush(
        journal.books, partial(_rows, journal.books, query, rows[-1].id if rows else 0)
    ):
        events = [proposed_event(journal, Proposal._make(row)) for row in rows]
        keys = [written.event.key for written in events]
        recorded = query_without_flush(journal.books, partial(journal.recorded_keys, keys))
        for row, event, key in zip(rows, events, keys, strict=True):
            if key in recorded and recorded[key].seq < first:
                raise Refused(
                    "batch-partly-recorded",
                    "What proposal {id} asks for is recorded already: reject the proposals that are "
                    "decided together with it, and propose the others anew.",
                    id=row.id,
                )
            yield event


def _rows(books: Connection, query: Select[Any], after: int) -> Sequence[Row[Any]]:
    return books.execute(query, {"after": after}).all()


def _count(books: Connection, proposal: Proposal) -> int:
    return int(books.execute(select(func.count()).where(_batch_of(proposal))).scalar_one())


def reject(journal: Journal, number: int, rejected_by: str) -> None:
    """Reject a proposal for good, and all that are decided together with it.

    The person who made it may withdraw it in the same way.
    """
    require_visible(rejected_by)
    waiting = _waiting(journal.books, number)
    is_withdrawn = is_same_person(rejected_by, waiting.made_by)
    if not is_withdrawn:
        kinds = select(table.c.kind, table.c.version).where(_batch_of(waiting)).distinct()
        for kind, version in journal.books.execute(kinds.order_by(table.c.kind, table.c.version)).all():
            approver = journal.kinds.named(kind, version).approver
            require_role(staff_of(journal.books), rejected_by, approver, f"reject the {kind}")
    decided_by = f"{rejected_by} (withdrawn)" if is_withdrawn else rejected_by
    _decide(journal.books, waiting, "rejected", decided_by, 0)


def decided_together(books: Connection, number: int) -> list[Proposal]:
    """All proposals that are decided together with this one, itself included, in their order."""
    proposal = _get(books, number)
    return [
        Proposal(*row) for row in books.execute(select(table).where(_batch_of(proposal)).order_by(table.c.id))
    ]


def proposals(books: Connection, status: str | None = "waiting") -> list[Proposal]:
    """Proposals in the order they were made."""
    query = select(table).order_by(table.c.id)
    if status is not None:
        query = query.where(table.c.status == status)
    return [Proposal(*row) for row in books.execute(query)]


def proposal_of(books: Connection, entry: int) -> Proposal | None:
    """The proposal whose approval made an entry; None where the entry was recorded at once."""
    row = books.execute(select(table).where(table.c.entry == entry)).first()
    return None if row is None else Proposal(*row)


def _get(books: Connection, number: int) -> Proposal:
    row = books.execute(select(table).where(table.c.id == number)).first()
    if row is None:
        raise NotFound(
            "unknown-proposal",
            "There is no proposal {number}{hint}.",
            number=number,
            hint=Hint("list-proposals"),
        )
    return Proposal(*row)


def _waiting(books: Connection, number: int) -> Proposal:
    proposal = _get(books, number)
    if proposal.status != "waiting":
        raise Refused(
            "proposal-already-decided",
            "Proposal {number} was {status} already, by {decided_by}.",
            number=number,
            status=proposal.status,
            decided_by=proposal.decided_by,
        )
    return proposal


def _batch_of(proposal: Proposal) -> ColumnElement[bool]:
    """The condition for the proposals that are decided together with one."""
    return table.c.batch == proposal.batch if proposal.batch else table.c.id == proposal.id


def _decide(books: Connection, proposal: Proposal, status: str, by: str, first_entry: int) -> None:
    """Store the decision on proposals that are decided together; their entries follow one another."""
    entry = first_entry + table.c.id - (proposal.batch or proposal.id) if first_entry else 0
    books.execute(update(table).where(_batch_of(proposal)).values(status=status, decided_by=by, entry=entry))
