"""What proposals must be, one after the other, and beside the entries that their approval made."""

from __future__ import annotations

import hashlib

from ledger.audit.strict_json import Unlawful
from ledger.entry.canonical import Sealed, netstrings, read_time
from ledger.people.four_eyes import is_same_person
from ledger.workflow.proposal import Proposal


class ProposalCheck:
    """The proposals of an export so far, and of its entries what an approved proposal must agree with."""

    def __init__(self) -> None:
        self.count = 0
        self._entries: list[bytes] = []
        self._approved: set[int] = set()
        self._before: Proposal | None = None

    def add_entry(self, sealed: Sealed) -> None:
        """Remember the event and the people of the next entry."""
        self._entries.append(_content(sealed, sealed.made_by, sealed.approved_by))

    def add(self, proposal: Proposal) -> None:
        """Check the next proposal; Unlawful says what is wrong with it."""
        self.count += 1
        if proposal.id != self.count:
            raise Unlawful(f"this is not the proposal that follows proposal {self.count - 1}")
        if read_time(proposal.made_at) is None or not proposal.made_by:
            raise Unlawful(f"proposal {proposal.id} does not say who made it and when")
        self._require_decision(proposal)
        self._require_batch(proposal)
        self._before = proposal

    def end(self) -> None:
        """Check the last batch."""
        self._require_whole_batch(None)

    def _require_decision(self, proposal: Proposal) -> None:
        number, by = proposal.id, proposal.decided_by
        if proposal.status not in ("waiting", "approved", "rejected"):
            raise Unlawful(f"proposal {number} is neither waiting nor approved nor rejected")
        if bool(by) == (proposal.status == "waiting"):
            raise Unlawful(f"proposal {number} does not say who decided on it")
        if is_same_person(by, proposal.made_by):
            raise Unlawful(f"proposal {number} was decided by the person who made it")
        if (proposal.entry != 0) != (proposal.status == "approved"):
            raise Unlawful(f"proposal {number} does not name the entry that its approval made")
        if proposal.entry and not self._is_of_entry(proposal):
            raise Unlawful(f"proposal {number} was approved as something else")

    def _is_of_entry(self, proposal: Proposal) -> bool:
        if proposal.entry in self._approved or not 1 <= proposal.entry <= len(self._entries):
            return False
        self._approved.add(proposal.entry)
        return self._entries[proposal.entry - 1] == _content(proposal, proposal.made_by, proposal.decided_by)

    def _require_batch(self, proposal: Proposal) -> None:
        """Proposals that are decided together follow one another, and share their people and their fate."""
        before = self._before
        self._require_whole_batch(proposal)
        if proposal.batch in (0, proposal.id):
            return
        alike = ("batch", "made_by", "made_at", "status", "decided_by")
        shared = before is not None and all(
            getattr(proposal, name) == getattr(before, name) for name in alike
        )
        if before is None or not shared or proposal.entry != before.entry + (proposal.entry > 0):
            raise Unlawful(f"proposal {proposal.id} does not belong to batch {proposal.batch}")

    def _require_whole_batch(self, proposal: Proposal | None) -> None:
        before = self._before
        alone = before is not None and before.batch == before.id
        if before is not None and alone and (proposal is None or proposal.batch != before.batch):
            raise Unlawful(f"batch {before.batch} has one proposal alone")


def _content(event: Sealed | Proposal, made_by: str, approved_by: str) -> bytes:
    fields = (event.kind, event.version, event.payload, made_by, approved_by)
    return hashlib.sha256(netstrings(fields)).digest()
