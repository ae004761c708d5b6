"""Evidence of many entries as one zip file, for an auditor's sample: a folder for each entry, and an index.

The same entries of the same books give the same bytes. Files are stored, not compressed: compression differs
between versions of its library, and most evidence is compressed already.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple

from sqlalchemy import Connection, select

from ledger.entry.canonical import Sealed
from ledger.entry.event import Kinds
from ledger.errors import BadInput, NotFound, Tampered
from ledger.journal.description import describe
from ledger.journal.queries import get_entry, head
from ledger.money import Amount, scale
from ledger.progress import Progress, no_progress
from ledger.storage.evidence import checked_content, files_in
from ledger.storage.safe_csv import csv_bytes, csv_decimal, csv_text
from ledger.storage.safe_files import FreeNames
from ledger.storage.schema import entry as entry_table

INDEX = "index.csv"
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


class ZippedFile(NamedTuple):
    """A row of the index: a file of an entry, or an entry without any."""

    entry: int
    on: str
    kind: str
    amount: Amount | None
    """What the event is about; None for one without money."""
    made_by: str
    approved_by: str
    name: str
    """As the event names it; empty for an entry without evidence."""
    sha256: str
    path: str
    """In the zip file."""


def evidence_index(books: Connection, kinds: Kinds, entries: Iterable[int | range]) -> list[ZippedFile]:
    """The files of these entries, each entry once and in journal order; one without evidence has a row, too.

    NotFound for an entry that is not there.
    """
    return [row for seq in _numbers(books, entries) for row in _rows_of(kinds, get_entry(books, seq))]


def write_evidence_zip(
    books: Connection, index: Sequence[ZippedFile], file: BinaryIO, progress: Progress = no_progress
) -> None:
    """Write a zip file with the index and its files, one at a time in memory.

    Tampered when a file is missing or was changed: what was written until then is of no use.
    """
    files = [row for row in index if row.path]
    if not files:
        raise NotFound("no-evidence-to-zip", "None of these entries names any evidence.")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as made:
        made.writestr(_member(INDEX), _csv(index))
        for done, row in enumerate(files, start=1):
            made.writestr(_member(row.path), checked_content(books, row.sha256))
            progress(done, len(files))


def sample_of_entries(books: Connection, size: int, seed: str) -> list[int]:
    """A random sample of the entries that name evidence; all of them when they are fewer.

    Those whose SHA-256 of `SEED:ENTRY` is smallest, so that anybody can draw the same one again. BadInput for
    a sample of less than one entry.
    """
    if size < 1:
        raise BadInput("sample-empty", "A sample has one entry or more, not {size}.", size=size)
    named = select(entry_table.c.seq, entry_table.c.payload)
    rows = books.execute(named.where(entry_table.c.payload.contains('"sha256"')))
    with_evidence = [row.seq for row in rows if files_in(row.payload)]
    return sorted(sorted(with_evidence, key=lambda seq: (_drawn(seed, seq), seq))[:size])


def _drawn(seed: str, seq: int) -> str:
    return hashlib.sha256(f"{seed}:{seq}".encode()).hexdigest()


def _numbers(books: Connection, entries: Iterable[int | range]) -> list[int]:
    last = head(books).seq
    numbers: set[int] = set()
    for each in entries:
        span = each if isinstance(each, range) else range(each, each + 1)
        if not span or span[0] < 1 or span[-1] > last:
            get_entry(books, span[-1] if span and span[0] > 0 else 0)
        numbers.update(span)
    return sorted(numbers)


def _rows_of(kinds: Kinds, sealed: Sealed) -> list[ZippedFile]:
    common = (sealed.seq, sealed.effective_on, sealed.kind, _worth(kinds, sealed))
    people = (sealed.made_by, sealed.approved_by)
    folder, names = f"entry-{sealed.seq:06d}", FreeNames()
    return [
        ZippedFile(*common, *people, each.name, each.sha256, f"{folder}/{names.take(each.name)}")
        for each in dict.fromkeys(files_in(sealed.payload))
    ] or [ZippedFile(*common, *people, "", "", "")]


def _worth(kinds: Kinds, sealed: Sealed) -> Amount | None:
    try:
        return describe(kinds.read(sealed.kind, sealed.version, sealed.payload)).worth
    except Tampered:
        return None


def _member(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, _FIXED_TIME)
    made.create_system = 3  # whatever system writes it
    made.external_attr = 0o100644 << 16
    return made


def _csv(index: Sequence[ZippedFile]) -> bytes:
    head = ("entry", "on", "kind", "currency", "amount", "made_by", "approved_by", "file", "sha256", "path")
    return csv_bytes([head, *map(_row, index)])


def _row(row: ZippedFile) -> Sequence[object]:
    amount = row.amount
    money = (amount.currency, csv_decimal(amount.minor, scale(amount.currency))) if amount else ("", "")
    people = (csv_text(row.made_by), csv_text(row.approved_by))
    return (row.entry, row.on, row.kind, *money, *people, csv_text(row.name), row.sha256, csv_text(row.path))
