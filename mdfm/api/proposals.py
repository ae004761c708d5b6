"""Proposals: what one person submitted and another decides on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from ledger import (
    Book,
    Event,
    Journal,
    Line,
    MdfmError,
    Progress,
    Proposal,
    Recordable,
    Refused,
    Sentence,
    approve,
    approve_batch,
    decided_together,
    dry_run,
    no_progress,
    proposals,
    propose,
    proposed_event,
    reject,
)
from mdfm.api.recording import Draft, RecordedEntry, with_lines

ProposalBatch: TypeAlias = Sequence[Proposal]
"""Proposals that are decided together, in order."""


class Approved(NamedTuple):
    """Proposals that were approved together, with the entries that record them."""

    proposal: int
    """The number of the first, which names them all."""
    proposals: int
    """How many they are."""
    kind: str
    """Their kinds, and how many of each, e.g. `contribution received x 40`."""
    decided_by: str
    first_entry: int
    last_entry: int


class ProposalPreview(NamedTuple):
    """What would happen if a waiting proposal were approved now."""

    lines: list[Line]
    """The lines that it would post; none if it would be refused, or posts none."""
    refusal: Sentence
    """Why it would be refused; empty if it would not."""


@dataclass(frozen=True)
class Proposals:
    """The proposals of a fund."""

    _book: Book

    def waiting(self) -> list[Proposal]:
        """The proposals that wait, in the order they were made."""
        with self._book.reading() as books:
            return proposals(books)

    def all(self) -> list[Proposal]:
        """All proposals, also those that were approved or rejected."""
        with self._book.reading() as books:
            return proposals(books, None)

    def together(self, number: int) -> list[Proposal]:
        """All proposals that are decided together with this one, itself included; NotFound for no number."""
        with self._book.reading() as books:
            return decided_together(books, number)

    def propose(self, event: Event | Draft, *, by: str) -> Proposal:
        """Propose an event for another person's approval, also of a kind that needs none.

        One that waits already is not proposed twice. Refused as recording it now would be.
        """
        with self._book.recording() as journal:
            return propose(journal, event if isinstance(event, Event) else event(journal.books), by)

    def preview(self, number: int) -> ProposalPreview:
        """The lines that a waiting proposal would post now, or why the books would refuse it."""
        try:
            with self._book.recording() as journal:
                (proposal,) = [each for each in decided_together(journal.books, number) if each.id == number]
                event = proposed_event(journal, proposal)
                if journal.is_recorded(event):
                    raise Refused("recorded-already", _RECORDED)
                return ProposalPreview(journal.preview(event, proposal.made_by), Sentence())
        except MdfmError as error:
            return ProposalPreview([], error.sentence)

    def refusals(self, batch: ProposalBatch, progress: Progress = no_progress) -> list[tuple[int, Sentence]]:
        """The proposals of a waiting batch that the books would refuse now: the number, and why."""
        refusals: list[tuple[int, Sentence]] = []
        numbers: list[int] = []
        events: list[Recordable] = []
        with self._book.recording() as journal:
            for each in batch:
                try:
                    events.append(proposed_event(journal, each))
                    numbers.append(each.id)
                except MdfmError as error:
                    refusals.append((each.id, error.sentence))
            found = dry_run(
                journal,
                events,
                made_by=batch[0].made_by,
                progress=lambda done: progress(done, len(batch)),
            )
        refusals += ((numbers[index], refusal) for index, refusal in found.refusals)
        refusals += ((numbers[index], Sentence(_RECORDED)) for index in found.already_recorded)
        return sorted(refusals)

    def approve(
        self, *numbers: int, by: str, progress: Progress = no_progress
    ) -> list[RecordedEntry | Approved]:
        """Approve proposals of another person in one transaction: all of them are recorded, or none.

        Those that are decided together are all approved by the number of any one. Refused when `by` made one
        of them or lacks the role, when one was decided already, and when the books refuse its event now.
        """
        with self._book.recording() as journal:
            found = (decided_together(journal.books, number) for number in numbers)
            batches = {batch[0].id: batch for batch in found}
            return [_approved(journal, batch, by, progress) for batch in batches.values()]

    def reject(self, number: int, *, by: str) -> list[Proposal]:
        """Reject a proposal for good, with all that are decided together with it; returns them.

        The person who made it withdraws it in the same way.
        """
        with self._book.recording() as journal:
            reject(journal, number, by)
            return decided_together(journal.books, number)


_RECORDED = "what it asks for is recorded already; reject it."


def kinds_of(batch: ProposalBatch) -> str:
    """The kinds of events of a batch, and how many of each, e.g. `contribution received x 40`."""
    return ", ".join(f"{kind} x {many}" for kind, many in Counter(each.kind for each in batch).items())


def _approved(
    journal: Journal, batch: ProposalBatch, by: str, progress: Progress
) -> RecordedEntry | Approved:
    number = batch[0].id
    if len(batch) == 1:
        return with_lines(journal.books, approve(journal, number, by))
    made = approve_batch(journal, number, by, lambda done: progress(done, len(batch)))
    return Approved(number, len(batch), kinds_of(batch), by, made[0], made[-1])
