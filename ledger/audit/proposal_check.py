"""What proposals must be, one after the other, and beside the entries that their approval made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import get_type_hints

from sqlalchemy import Connection, select

from ledger.audit.strict_json import Unlawful, read_payload
from ledger.audit.time_check import made_fault
from ledger.entry.canonical import Sealed, netstrings
from ledger.entry.event import Kinds
from ledger.errors import MdfmError
from ledger.people.four_eyes import is_same_person, name_fault
from ledger.sentence import Sentence
from ledger.storage.evidence import fault, files_in
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import proposal as proposal_table
from ledger.workflow.proposal import Proposal

_TYPES = get_type_hints(Proposal)


def proposal_faults(
    books: Connection, kinds: Kinds, evidence: dict[str, str | None]
) -> Iterator[tuple[int | None, str | Sentence]]:
    """What is wrong with the proposals of a book, each with the entry that it names, if it names one.

    Adds to `evidence` the files that proposals name, with what is wrong with each.
    """
    made, became = proposal_table.c, entry_table.c
    people = (became.kind, became.version, became.payload, became.made_by, became.approved_by)
    rows = select(proposal_table, *(each.label(f"entry_{each.name}") for each in people))
    rows = rows.join(entry_table, became.seq == made.entry, isouter=True).order_by(made.id)
    check = ProposalCheck()
    for row in books.execute(rows, execution_options={"yield_per": 1000}):
        proposal = Proposal(*row[: len(_TYPES)])
        where = proposal.entry if row.entry_kind is not None else None
        if any(type(value) is not wanted for value, wanted in zip(proposal, _TYPES.values(), strict=True)):
            yield where, f"proposal {proposal.id} cannot be read: it holds a text for a number, or bytes"
            continue
        entry = None if row.entry_kind is None else _hashed(*row[len(_TYPES) :])
        for what in _faults(check, proposal, entry, kinds):
            yield where, what
        yield from ((where, what) for what in _evidence_faults(books, proposal, evidence))
    yield from ((None, what) for what in _unlawful(check.end))


def _faults(
    check: ProposalCheck, proposal: Proposal, entry: bytes | None, kinds: Kinds
) -> Iterator[str | Sentence]:
    yield from _unlawful(lambda: check.add(proposal, entry))
    for what in _unlawful(lambda: read_payload(proposal.payload)):
        yield f"proposal {proposal.id} cannot be read: its payload is {what}"
        return
    try:
        kinds.read(proposal.kind, proposal.version, proposal.payload)
    except MdfmError as error:
        yield Sentence(f"proposal {proposal.id} cannot be read: ", error.sentence)


def _evidence_faults(books: Connection, proposal: Proposal, evidence: dict[str, str | None]) -> Iterator[str]:
    """What is wrong with the files that a proposal names; of a rejected one they may be missing."""
    for sha256 in dict.fromkeys(each.sha256 for each in files_in(proposal.payload)):
        known = evidence[sha256] if sha256 in evidence else fault(books, sha256)
        if known and known.endswith("is missing") and proposal.status == "rejected":
            continue
        evidence[sha256] = known
        if known:
            yield f"proposal {proposal.id} names a file, and {known}"


def _unlawful(check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except Unlawful as error:
        yield str(error)


class ProposalCheck:
    """The proposals so far, and what the next one must agree with."""

    def __init__(self) -> None:
        self.count = 0
        self._entries: list[bytes] = []
        self._approved: set[int] = set()
        self._before: Proposal | None = None

    def add_entry(self, sealed: Sealed) -> None:
        """Remember the event and the people of the next entry of an export."""
        self._entries.append(_content(sealed, sealed.made_by, sealed.approved_by))

    def add_of_export(self, proposal: Proposal) -> None:
        """Check the next proposal of an export beside the entries that were added."""
        known = 1 <= proposal.entry <= len(self._entries)
        self.add(proposal, self._entries[proposal.entry - 1] if known else None)

    def add(self, proposal: Proposal, entry: bytes | None) -> None:
        """Check the next proposal beside the entry that it names; Unlawful says what is wrong with it."""
        before, self._before = self._before, proposal
        self.count += 1
        last = before.id if before else 0
        if proposal.id != last + 1:
            raise Unlawful(f"proposal {proposal.id} is not the proposal that follows proposal {last}")
        if not proposal.made_by:
            raise Unlawful(f"proposal {proposal.id} does not say who made it")
        if untimely := made_fault(proposal.made_at):
            raise Unlawful(f"proposal {proposal.id} {untimely}")
        for name in filter(None, (proposal.made_by, proposal.decided_by)):
            if what := name_fault(name):
                raise Unlawful(f"proposal {proposal.id} has the name {name!a}: {what}")
        self._require_decision(proposal, entry)
        _require_batch(before, proposal)

    def end(self) -> None:
        """Check the last batch."""
        _require_whole_batch(self._before, None)

    def _require_decision(self, proposal: Proposal, entry: bytes | None) -> None:
        number, by = proposal.id, proposal.decided_by
        if proposal.status not in ("waiting", "approved", "rejected"):
            raise Unlawful(f"proposal {number} is neither waiting nor approved nor rejected")
        if bool(by) == (proposal.status == "waiting"):
            raise Unlawful(f"proposal {number} does not say who decided on it")
        if is_same_person(by, proposal.made_by):
            raise Unlawful(f"proposal {number} was decided by the person who made it")
        if (proposal.entry != 0) != (proposal.status == "approved"):
            raise Unlawful(f"proposal {number} does not name the entry that its approval made")
        if not proposal.entry:
            return
        content = _content(proposal, proposal.made_by, by)
        if proposal.entry in self._approved or content != entry:
            raise Unlawful(f"proposal {number} was approved as something else")
        self._approved.add(proposal.entry)


def _require_batch(before: Proposal | None, proposal: Proposal) -> None:
    """Proposals that are decided together follow one another, and share their people and their fate."""
    _require_whole_batch(before, proposal)
    if proposal.batch in (0, proposal.id):
        return
    alike = ("batch", "made_by", "made_at", "status", "decided_by")
    shared = before is not None and all(getattr(proposal, name) == getattr(before, name) for name in alike)
    if before is None or not shared or proposal.entry != before.entry + (proposal.entry > 0):
        raise Unlawful(f"proposal {proposal.id} does not belong to batch {proposal.batch}")


def _require_whole_batch(before: Proposal | None, proposal: Proposal | None) -> None:
    alone = before is not None and before.batch == before.id
    if before is not None and alone and (proposal is None or proposal.batch != before.batch):
        raise Unlawful(f"batch {before.batch} has one proposal alone")


def _content(event: Sealed | Proposal, made_by: str, approved_by: str) -> bytes:
    return _hashed(event.kind, event.version, event.payload, made_by, approved_by)


def _hashed(*fields: object) -> bytes:
    return hashlib.sha256(netstrings(map(str, fields))).digest()
