"""Import of spreadsheets: a preview compares the rows with the books before anything is recorded.

People add rows to a spreadsheet and send it again. So a row that is in the books already, or waits for
approval, is recognised by its content, whatever file was its evidence then. Only new rows are recorded: all
of them, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from donors.bank.reading import seen_before
from donors.sheets.rows import RowEvent
from ledger import (
    BadInput,
    Event,
    FileSource,
    Journal,
    Proposal,
    RowProblem,
    SheetProblems,
    attach,
    claimed_by_other,
    dry_run,
    evidence_of,
    infrequent_gc,
    propose_many,
    read_event,
    recorded_events,
    waiting_claims,
)

RowProgress = Callable[[int], None]


class ImportPreview(NamedTuple):
    """The rows of a spreadsheet, sorted into new and known ones."""

    new: list[RowEvent]
    """Rows that would be recorded."""
    booked: int
    """The number of events that are in the books already."""
    waiting: int
    """The number of events that wait for another person's approval already."""
    seen_before: Sequence[tuple[int, str]] = ()
    """New rows that may be money booked under another reference: the row, and the booked money."""

    @property
    def events(self) -> list[Event]:
        """The events that would be recorded."""
        return [each.event for each in self.new]


@infrequent_gc()
def preview_import(
    journal: Journal,
    path: FileSource,
    rows: Sequence[RowEvent],
    made_by: str,
    progress: RowProgress,
    *,
    cached_only: bool = False,
) -> ImportPreview:
    """Compare the rows of a file with the books, as if they were recorded one after the other.

    Nothing is stored but the file, as evidence; with `cached_only` not even that (see `ledger.dry_run`).
    Raises SheetProblems with everything that the books would refuse.
    """
    waiting = waiting_claims(journal)
    found = _classified(journal, rows, waiting)
    events = found.events
    named = {proof for event in events for proof in getattr(event, "evidence", ())}
    if named and named != {evidence_of(path) if cached_only else attach(journal.books, path)}:
        raise BadInput(
            "import-file-changed",
            "{path} has changed since it was read: import it again.",
            path=path,
        )
    outcome = dry_run(journal, events, made_by=made_by, progress=progress, cached_only=cached_only)
    claimed = ((index, claimed_by_other(waiting, event)) for index, event in enumerate(events))
    refusals = {index: refusal for index, refusal in claimed if refusal} | dict(outcome.refusals)
    if refusals:
        raise SheetProblems(
            path,
            [
                RowProblem(found.new[index].row, "", refusals[index].without_stop())
                for index in sorted(refusals)
            ],
        )
    seen = [(found.new[place].row, what) for place, what in seen_before(journal.books, events)]
    return found._replace(seen_before=seen)


def _classified(journal: Journal, rows: Sequence[RowEvent], waiting: Mapping[str, Proposal]) -> ImportPreview:
    """The rows sorted into new and known ones."""
    booked = recorded_events(journal.books, [each.event.key for each in rows])
    new: list[RowEvent] = []
    known, waits = 0, 0
    for each in rows:
        key = each.event.key
        if key in booked and _content(booked[key]) == _content(each.event):
            known += 1
        elif key in waiting and _is_same(journal, waiting[key], each.event):
            waits += 1
        else:
            new.append(each)
    return ImportPreview(new, known, waits)


def _is_same(journal: Journal, waits: Proposal, event: Event) -> bool:
    return _content(read_event(journal.books, waits, Event)) == _content(event)


def _content(event: Event) -> dict[str, Any]:
    """The content of an event without its evidence."""
    return {"kind": event.kind} | {name: value for name, value in event if name != "evidence"}


def record_import(journal: Journal, found: ImportPreview, made_by: str, progress: RowProgress) -> int:
    """Record the new rows, or propose them as one batch if a second person must approve.

    Returns the number of the batch of proposals, or 0 if everything was recorded at once.
    """
    if not found.new:
        return 0
    if any(journal.kinds.of(each.event).four_eyes for each in found.new):
        return propose_many(journal, found.events, made_by, progress, dry_run_done=True).number
    journal.record_many(found.events, made_by=made_by, progress=progress)
    return 0
