"""Evidence files of a book: which entries and proposals name each, and how to find and save them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from ledger.entry.event import Kinds
from ledger.errors import BadInput, NotFound, Tampered
from ledger.journal.queries import get_entry
from ledger.sentence import Hint
from ledger.storage.evidence import NamedFile, checked_content, files_in
from ledger.storage.safe_files import FileToSave, SavedFile, save_all
from ledger.storage.schema import entry as entry_table
from ledger.storage.schema import evidence as evidence_table
from ledger.storage.schema import line as line_table
from ledger.storage.schema import proposal as proposal_table
from ledger.workflow.proposal import decided_together

RECORDED = "recorded"
_DIGITS = re.compile(r"[0-9a-f]{6,64}")
_MOST_NAMED = 6


class EvidenceNaming(NamedTuple):
    """An entry or a proposal that names a file, and under which name."""

    entry: int
    """Its number; 0 for a proposal that made none."""
    proposal: int
    """Its number; 0 for an entry."""
    status: str
    """`recorded` for an entry; else the proposal's: waiting, approved or rejected."""
    kind: str
    version: int
    on: str
    """The day that the event takes effect."""
    name: str
    media_type: str


class StoredEvidence(NamedTuple):
    """An evidence file of the book."""

    sha256: str
    size: int | None
    """Bytes; None when an event names it and the book does not have it."""
    named_by: tuple[EvidenceNaming, ...]
    """The entries and proposals that name it, in their order; none for a file of which nothing came."""

    @property
    def name(self) -> str:
        """The name under which it was first given; the beginning of its SHA-256 where nothing names it."""
        return self.named_by[0].name if self.named_by else self.sha256[:12]

    @property
    def media_type(self) -> str:
        """The type under which it was first given."""
        return self.named_by[0].media_type if self.named_by else "application/octet-stream"

    @property
    def in_use(self) -> bool:
        """Whether an entry names it, or a proposal that waits."""
        return any(each.entry or each.status == "waiting" for each in self.named_by)


@dataclass(frozen=True)
class EvidenceFilter:
    """Which files are meant: those that an event names to which all of this applies."""

    entry: int | None = None
    proposal: int | None = None
    """The number of any of the proposals that are decided together."""
    kind: str | None = None
    agreement: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None


EVERY_FILE = EvidenceFilter()


def evidence_files(
    books: Connection, kinds: Kinds, wanted: EvidenceFilter = EVERY_FILE
) -> list[StoredEvidence]:
    """The evidence files of the book, in the order in which they were named; unnamed ones last.

    NotFound for an entry or a proposal that is not there.
    """
    found = _grouped(books, _namings(books))
    return found if wanted == EVERY_FILE else _chosen(books, kinds, found, wanted)


def find_evidence(books: Connection, sha256: str) -> StoredEvidence:
    """The file of this SHA-256, or of the only one that begins with these digits, six at least.

    NotFound when there is none, BadInput when the digits fit several.
    """
    digits = sha256.strip().lower()
    fitting: list[StoredEvidence] = []
    if _DIGITS.fullmatch(digits):
        fitting = _grouped(books, _namings(books, digits), digits)
    if not fitting:
        raise NotFound(
            "evidence-not-found",
            "There is no evidence '{sha256}' in this book: give its SHA-256, or at least the first 6 digits"
            "{hint}.",
            sha256=sha256,
            hint=Hint("list-evidence"),
        )
    if len(fitting) > 1:
        first = [f"{each.sha256[: len(digits) + 6]} ({each.name})" for each in fitting[:_MOST_NAMED]]
        more = [f"{len(fitting) - _MOST_NAMED} more"] if len(fitting) > _MOST_NAMED else []
        raise BadInput(
            "evidence-ambiguous",
            "'{sha256}' fits {number} files: {files}; give more digits.",
            sha256=sha256,
            number=len(fitting),
            files=", ".join([*first, *more]),
        )
    return fitting[0]


def evidence_of_entry(books: Connection, seq: int) -> list[NamedFile]:
    """The files that an entry names, in its order; NotFound for an entry that is not there."""
    return files_in(get_entry(books, seq).payload)


def evidence_of_proposal(books: Connection, number: int) -> list[NamedFile]:
    """The files that a proposal names, and those that are decided together with it; each once."""
    named = (file for each in decided_together(books, number) for file in files_in(each.payload))
    return list(dict.fromkeys(named))


def save_evidence(books: Connection, files: Sequence[NamedFile], folder: Path) -> list[SavedFile]:
    """Write files into a folder: never outside it, never over a file, all of them or none.

    A name that would be a path, a device or hidden becomes a plain one, and one that is taken gets a number.
    Each file is checked: Tampered when one is missing or was changed, and then none is there.
    """
    # One at a time in memory: they may be many.
    return save_all(
        folder, (FileToSave(each.name, each.sha256, checked_content(books, each.sha256)) for each in files)
    )


# ---- who names what


class _Naming(NamedTuple):
    sha256: str
    by: EvidenceNaming


def _namings(books: Connection, digits: str = "") -> Iterator[_Naming]:
    """All that entries and then proposals name, or of files whose SHA-256 begins with these digits."""
    mark = f'"sha256":"{digits}'
    for row in _rows(books, entry_table, entry_table.c.seq, mark):
        for file in files_in(row.payload):
            by = (row.seq, 0, RECORDED, row.kind, row.version, row.effective_on)
            yield _Naming(file.sha256, EvidenceNaming(*by, file.name, file.media_type))
    for row in _rows(books, proposal_table, proposal_table.c.id, mark):
        for file in files_in(row.payload):
            by = (0, row.id, row.status, row.kind, row.version, _day_of(row.payload))
            yield _Naming(file.sha256, EvidenceNaming(*by, file.name, file.media_type))


def _rows(books: Connection, table: Any, number: Any, mark: str) -> Iterator[Any]:
    query = select(table).where(table.c.payload.contains(mark, autoescape=True)).order_by(number)
    return iter(books.execute(query, execution_options={"yield_per": 1000}))


def _day_of(payload: str) -> str:
    try:
        return str(json.loads(payload)["on"])
    except (ValueError, RecursionError, TypeError, KeyError):
        return ""


def _grouped(books: Connection, namings: Iterator[_Naming], digits: str = "") -> list[StoredEvidence]:
    """The files, each with who names it, and those that nothing names."""
    by_file: dict[str, list[EvidenceNaming]] = {}
    for sha256, by in namings:
        if sha256.startswith(digits):
            by_file.setdefault(sha256, []).append(by)
    sizes = _sizes(books, digits)
    unnamed = sorted(sizes.keys() - by_file.keys())
    return [
        *(StoredEvidence(sha256, sizes.get(sha256), tuple(by)) for sha256, by in by_file.items()),
        *(StoredEvidence(sha256, sizes[sha256], ()) for sha256 in unnamed),
    ]


def _sizes(books: Connection, digits: str) -> dict[str, int]:
    query = select(evidence_table.c.sha256, func.length(evidence_table.c.content))
    if digits:
        query = query.where(evidence_table.c.sha256.startswith(digits, autoescape=True))
    return {row[0]: row[1] for row in books.execute(query)}


# ---- filters


def _chosen(
    books: Connection, kinds: Kinds, found: Sequence[StoredEvidence], wanted: EvidenceFilter
) -> list[StoredEvidence]:
    if wanted.entry is not None:
        get_entry(books, wanted.entry)
    proposals: frozenset[int] = frozenset()
    if wanted.proposal is not None:
        proposals = frozenset(each.id for each in decided_together(books, wanted.proposal))
    agreement = None if wanted.agreement is None else _of_agreement(books, kinds, wanted.agreement)

    def fits(by: EvidenceNaming) -> bool:
        return (
            wanted.entry in (None, by.entry)
            and (wanted.proposal is None or by.proposal in proposals)
            and wanted.kind in (None, by.kind)
            and (wanted.starts_on is None or by.on >= wanted.starts_on.isoformat())
            and (wanted.ends_on is None or by.on <= wanted.ends_on.isoformat())
            and (agreement is None or (by.entry, by.proposal) in agreement)
        )

    return [each for each in found if any(map(fits, each.named_by))]


def entries_of_agreement(books: Connection, kinds: Kinds, code: str) -> list[int]:
    """The entries with evidence that have a line of an agreement, or whose event names it."""
    return sorted(seq for seq, _ in _of_agreement(books, kinds, code) if seq)


def _of_agreement(books: Connection, kinds: Kinds, code: str) -> Collection[tuple[int, int]]:
    """The entries and proposals with evidence that concern an agreement, as pairs of their numbers."""
    query = select(line_table.c.entry).where(line_table.c.agreement == code).distinct()
    of_lines = set(books.execute(query).scalars())
    found: set[tuple[int, int]] = set()
    for table, number in ((entry_table, entry_table.c.seq), (proposal_table, proposal_table.c.id)):
        for row in _rows(books, table, number, '"sha256":"'):
            is_entry = table is entry_table
            if (is_entry and row.seq in of_lines) or _concerns(kinds, row, code):
                found.add((row.seq, 0) if is_entry else (0, row.id))
    return found


def _concerns(kinds: Kinds, row: Any, code: str) -> bool:
    """Whether an event names an agreement, or makes it."""
    try:
        event = kinds.read(row.kind, row.version, row.payload).model_dump(mode="json")
    except Tampered:
        return False
    makes = "agreement" in kinds.named(row.kind, row.version).names
    return _names(event, code) or (makes and code in (event.get("code"), event.get("reference")))


def _names(value: object, code: str) -> bool:
    match value:
        case dict():
            return value.get("agreement") == code or any(_names(each, code) for each in value.values())
        case list():
            return any(_names(each, code) for each in value)
        case _:
            return False
