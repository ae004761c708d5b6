"""Intake: what a spreadsheet tells, held against the books before anything is recorded.

People add rows to a spreadsheet and send it again. So a row that is in the books already, or waits for
approval, is known by what it says, whatever file proved it then. Only what is new is recorded: all of it, or
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from donors.bank.reading import seen_before
from donors.sheets.rows import RowEvent
from ledger import (
    BadInput,
    Event,
    Journal,
    RowProblem,
    SheetProblems,
    attach,
    dry_run,
    evidence_of,
    infrequent_gc,
    proposals,
    propose_many,
    recorded_payloads,
)

RowProgress = Callable[[int], None]


class ImportPreview(NamedTuple):
    """The rows of a spreadsheet, by what the books know of them."""

    new: list[RowEvent]
    """What would be recorded."""
    booked: int
    """How many events are in the books already."""
    waiting: int
    """How many events wait for another person's approval already."""
    seen_before: Sequence[tuple[int, str]] = ()
    """Rows of what is new that may be money which the books have under another reference, and under which."""

    @property
    def events(self) -> list[Event]:
        """The events that would be recorded."""
        return [each.event for each in self.new]


class _Waiting(NamedTuple):
    """A proposal that waits, and the event that it asks for."""

    number: int
    payload: str


@infrequent_gc()
def preview_import(
    journal: Journal,
    path: Path,
    rows: Sequence[RowEvent],
    made_by: str,
    progress: RowProgress,
    *,
    cached_only: bool = False,
) -> ImportPreview:
    """Hold the rows of a file against the books, as if they were recorded one after the other.

    Nothing but the file, as evidence, is kept; with `cached_only` not even that, as of `rehearse_many`.
    Raises Problems with everything that the books would refuse.
    """
    found, problems = _sorted(journal, rows)
    events = found.events
    named = {proof for event in events for proof in getattr(event, "evidence", ())}
    if named and named != {evidence_of(path) if cached_only else attach(journal.books, path)}:
        raise BadInput(f"{path} has changed since it was read: import it again.")
    rehearsal = dry_run(journal, events, made_by=made_by, progress=progress, cached_only=cached_only)
    problems += [
        RowProblem(found.new[index].row, "", refusal.rstrip(".")) for index, refusal in rehearsal.refusals
    ]
    if problems:
        raise SheetProblems(path, problems)
    seen = [(found.new[place].row, what) for place, what in seen_before(journal.books, events)]
    return found._replace(seen_before=seen)


def _sorted(journal: Journal, rows: Sequence[RowEvent]) -> tuple[ImportPreview, list[RowProblem]]:
    """The rows by what is known of them; a problem is what waits for approval with other content."""
    booked = recorded_payloads(journal.books, [each.event.key for each in rows])
    waiting = _waiting(journal, {each.event.kind for each in rows})
    new: list[RowEvent] = []
    problems: list[RowProblem] = []
    known, waits = 0, 0
    for each in rows:
        key = each.event.key
        if key in booked and _said(booked[key]) == _said(each.event.payload):
            known += 1
        elif key not in waiting:
            new.append(each)
        elif _said(waiting[key].payload) == _said(each.event.payload):
            waits += 1
        else:
            problems.append(RowProblem(each.row, "", _waits_otherwise(waiting[key].number)))
    return ImportPreview(new, known, waits), problems


def _waiting(journal: Journal, kinds: set[str]) -> dict[str, _Waiting]:
    """What waits for approval, by the key of its event."""
    return {
        journal.kinds.read(each.kind, each.version, each.payload).key: _Waiting(each.id, each.payload)
        for each in proposals(journal.books)
        if each.kind in kinds
    }


def _said(payload: str) -> dict[str, Any]:
    """What an event says, without the files that prove it."""
    return {name: value for name, value in json.loads(payload).items() if name != "evidence"}


def _waits_otherwise(proposal: int) -> str:
    return (
        f"proposal {proposal} waits for approval with other content: reject that first "
        f"(mdfm proposal reject {proposal})"
    )


def record_import(journal: Journal, found: ImportPreview, made_by: str, progress: RowProgress) -> int:
    """Record what is new, or propose it as one batch where a second person must approve.

    Returns the number that names the proposals, or 0 where everything was recorded at once.
    """
    if not found.new:
        return 0
    if any(journal.kinds.of(each.event).four_eyes for each in found.new):
        return propose_many(journal, found.events, made_by, progress, dry_run_done=True).number
    journal.record_many(found.events, made_by=made_by, progress=progress)
    return 0
