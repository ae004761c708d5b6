"""Evidence: the files that prove entries and proposals, found, read and saved."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from donors import get_agreement
from ledger import (
    Book,
    Document,
    EvidenceFilter,
    NamedFile,
    Progress,
    SavedFile,
    StoredEvidence,
    ZippedFile,
    checked_content,
    entries_of_agreement,
    evidence_files,
    evidence_index,
    evidence_of_entry,
    evidence_of_proposal,
    find_evidence,
    head,
    no_progress,
    safe_name,
    sample_of_entries,
    save_evidence,
    write_evidence_zip,
)


@dataclass(frozen=True)
class EvidenceDoor:
    """The evidence files of a fund. Nothing is recorded."""

    _book: Book

    def list(
        self,
        *,
        entry: int | None = None,
        proposal: int | None = None,
        kind: str | None = None,
        agreement: str | None = None,
        starts_on: date | None = None,
        ends_on: date | None = None,
    ) -> Sequence[StoredEvidence]:
        """The evidence files, each with the entries and proposals that name it; unnamed ones last.

        With filters, the files that an event names to which all of them apply. NotFound for an entry, a
        proposal or an agreement that is not in the books.
        """
        with self._book.reading() as books:
            code = None if agreement is None else get_agreement(books, agreement).code
            wanted = EvidenceFilter(entry, proposal, kind, code, starts_on, ends_on)
            return evidence_files(books, self._book.kinds, wanted)

    def find(self, sha256: str) -> StoredEvidence:
        """The file of this SHA-256, or of the only one that begins with these digits, six at least.

        NotFound when there is none, BadInput when the digits fit several.
        """
        with self._book.reading() as books:
            return find_evidence(books, sha256)

    def read(self, sha256: str) -> Document:
        """The same file, under the name by which it was first given.

        Tampered when the book has lost it, or its bytes do not have their SHA-256.
        """
        with self._book.reading() as books:
            found = find_evidence(books, sha256)
            return Document(safe_name(found.name), checked_content(books, found.sha256))

    def of(self, *, entry: int | None = None, proposal: int | None = None) -> Sequence[Document]:
        """The files of an entry, or of a proposal and those decided together with it.

        Tampered as in `read`.
        """
        with self._book.reading() as books:
            named: Sequence[NamedFile] = [] if entry is None else evidence_of_entry(books, entry)
            named = named if proposal is None else [*named, *evidence_of_proposal(books, proposal)]
            return [Document(safe_name(each.name), checked_content(books, each.sha256)) for each in named]

    def save(
        self,
        folder: str | os.PathLike[str],
        *sha256: str,
        entry: int | None = None,
        proposal: int | None = None,
    ) -> Sequence[SavedFile]:
        """Write files into a folder: never outside it, never over a file, all of them or none.

        Those of these SHA-256 (or their first digits), of an entry, and of a proposal. A name that would be a
        path, a device or hidden becomes a plain one, and one that is taken gets a number. Tampered as in
        `read`, and then nothing is written; BadInput when a file cannot be written.
        """
        with self._book.reading() as books:
            found = (find_evidence(books, each) for each in sha256)
            named = [NamedFile(each.sha256, each.name, each.media_type) for each in found]
            named += [] if entry is None else evidence_of_entry(books, entry)
            named += [] if proposal is None else evidence_of_proposal(books, proposal)
            return save_evidence(books, list(dict.fromkeys(named)), Path(folder))

    def sample(self, size: int, seed: str = "") -> Sequence[int]:
        """The numbers of a random sample of the entries that name evidence; all of them if they are fewer.

        The same seed draws the same entries of the same book. Without one the hash of the head is the seed,
        which nobody can choose.
        """
        with self._book.reading() as books:
            return sample_of_entries(books, size, seed or head(books).hash)

    def of_agreement(self, code: str) -> Sequence[int]:
        """The entries with evidence that concern an agreement; NotFound for an unknown one."""
        with self._book.reading() as books:
            return entries_of_agreement(books, self._book.kinds, get_agreement(books, code).code)

    def zip(self, entries: Iterable[int | range]) -> Document:
        """The evidence of many entries as one zip file, with a folder for each entry and `index.csv`.

        The same entries give the same bytes. NotFound for an entry that is not there, and when none of them
        names evidence; Tampered as in `read`.
        """
        made = BytesIO()
        self.write_zip(made, entries)
        return Document("evidence.zip", made.getvalue())

    def write_zip(
        self, file: BinaryIO, entries: Iterable[int | range], progress: Progress = no_progress
    ) -> Sequence[ZippedFile]:
        """The same zip file, written to an open file with one evidence file at a time in memory.

        Returns its index. After an error the file holds a part that is of no use.
        """
        with self._book.reading() as books:
            index = evidence_index(books, self._book.kinds, entries)
            write_evidence_zip(books, index, file, progress)
            return index
