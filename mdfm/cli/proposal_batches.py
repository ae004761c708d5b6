"""Batches of proposals: those that are decided together, shown as one thing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from ledger import Amount, Proposal
from mdfm.api.proposals import ProposalBatch, kinds_of
from mdfm.cli import descriptions
from mdfm.cli.descriptions import Recorded


def batches(proposals: Iterable[Proposal]) -> list[ProposalBatch]:
    """Group proposals into batches; one that is decided by itself is a batch of one."""
    return [list(each) for _, each in groupby(proposals, key=lambda each: each.batch or each.id)]


def worth_of(batch: ProposalBatch) -> list[Amount]:
    """The sum of a batch's amounts in each currency, sorted by currency code."""
    return descriptions.worth_of([recorded(each) for each in batch])


def recorded(proposal: Proposal) -> Recorded:
    """The event that a proposal asks for, as it is stored."""
    return Recorded(proposal.kind, proposal.version, proposal.payload)


def batch_row(batch: ProposalBatch) -> dict[str, object]:
    """A batch for JSON, under the number of its first proposal."""
    first = batch[0]
    return {
        "id": first.id,
        "batch": first.batch,
        "proposals": len(batch),
        "kind": kinds_of(batch),
        "worth": worth_of(batch),
        "made_by": first.made_by,
        "made_at": first.made_at,
        "status": first.status,
        "decided_by": first.decided_by,
        "first_entry": first.entry,
        "last_entry": batch[-1].entry,
    }
