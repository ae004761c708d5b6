"""Batches: how proposals that are decided together look, as one thing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from ledger import FUND_CURRENCY, Amount, Proposal

ProposalBatch = Sequence[Proposal]
"""The proposals that are decided together, in order."""


def batches(proposals: Iterable[Proposal]) -> list[ProposalBatch]:
    """Proposals by what is decided together: many of them, or one by itself."""
    return [list(each) for _, each in groupby(proposals, key=lambda each: each.batch or each.id)]


def kinds_of(batch: ProposalBatch) -> str:
    """What kinds of events are asked for, and how many of each, e.g. `contribution received x 40`."""
    return ", ".join(f"{kind} x {many}" for kind, many in Counter(each.kind for each in batch).items())


def worth_of(batch: ProposalBatch) -> list[Amount]:
    """What the events of a batch come to in each currency, as they name it, by the currency's code."""
    sums: Counter[str] = Counter()
    for each in batch:
        match json.loads(each.payload):
            case {"amount": {"currency": str(currency), "minor": int(minor)}}:
                sums[currency] += minor
            case {"value": {"currency": str(currency), "minor": int(minor)}}:
                sums[currency] += minor
            case {"cents": int(cents)}:
                sums[FUND_CURRENCY] += cents
    return [Amount(currency=currency, minor=minor) for currency, minor in sorted(sums.items())]


def batch_row(batch: ProposalBatch) -> dict[str, object]:
    """A batch as JSON tells it, under the number of its first proposal."""
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
