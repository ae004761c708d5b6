"""Audit: verification, replay, consistency checks, exports and checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from donors import PERSONAL_TABLES
from ledger import (
    EXPORTS,
    BadInput,
    Book,
    Checkpoint,
    CheckResult,
    Document,
    FileSource,
    Finding,
    Progress,
    Verification,
    as_jsonl,
    consistency_checks,
    differences,
    differences_from_backup,
    no_progress,
    note_checkpoint,
    read_checkpoint,
    replay,
    run_checks,
    sign_head,
    verify,
)
from mdfm.api.files import require_file

_CHECKED = ("ledger", "donors", "allocation")
"""The packages that have consistency checks."""


@dataclass(frozen=True)
class Audit:
    """Verification of a fund. Nothing is recorded."""

    _book: Book

    def verify(self, progress: Progress = no_progress) -> Verification:
        """Verify every hash, sum, balance, register and evidence file; `sound` if there is no finding."""
        return verify(self._book, progress)

    def replay(self, progress: Progress = no_progress) -> Verification:
        """Derive the book again from its events alone, and compare every line, hash and register."""
        return replay(self._book, progress)

    def checks(self) -> list[CheckResult]:
        """The answers of every consistency check: SQL queries that return the rows that offend."""
        with self._book.reading() as books:
            return list(run_checks(books, consistency_checks(*_CHECKED)))

    def export(self, form: str = "jsonl", *, with_contacts: bool = False) -> Document:
        """The whole journal as `jsonl`, `beancount` or `hledger`; from `jsonl` a fund can be rebuilt.

        `with_contacts` adds personal data to `jsonl`: contact persons, and the letters sent to them.
        """
        with self.exporting(form, with_contacts=with_contacts) as pieces:
            return Document(f"journal.{form}", b"".join(pieces))

    @contextmanager
    def exporting(self, form: str = "jsonl", *, with_contacts: bool = False) -> Iterator[Iterator[bytes]]:
        """The same export in pieces, for a journal that should not be in memory as a whole."""
        if form not in EXPORTS:
            raise BadInput(
                "unknown-export",
                "There is no export as {form}: choose {forms}.",
                form=form,
                forms=", ".join(EXPORTS),
            )
        if with_contacts and form != "jsonl":
            raise BadInput(
                "export-without-contacts",
                "An export as {form} has no contacts: choose jsonl.",
                form=form,
            )
        with self._book.reading(personal=with_contacts) as books:
            kinds = self._book.kinds
            pieces = as_jsonl(books, kinds, PERSONAL_TABLES) if with_contacts else EXPORTS[form](books, kinds)
            yield (piece.encode() for piece in pieces)

    def checkpoint(self, private_key: FileSource) -> Checkpoint:
        """Sign the head and the account totals of the journal with an Ed25519 key in PEM.

        `text` is its file, for an auditor to keep outside the book. Refused when the journal is empty.
        """
        with self._book.reading() as books:
            return sign_head(books, require_file(private_key))

    def note_checkpoint(self, checkpoint: Checkpoint, name: str) -> None:
        """Let the book know that a checkpoint is kept in a file of this name, so that its age can be told.

        Nothing of it is in the journal. A book that cannot be written is left as it is.
        """
        note_checkpoint(self._book, checkpoint, name)

    def read_checkpoint(self, file: FileSource) -> Checkpoint:
        """A checkpoint from its file; BadInput when it is none."""
        return read_checkpoint(require_file(file))

    def compare_with_backup(self, file: Path) -> list[Finding]:
        """The entries of a backup that the books lack, or have otherwise; newer ones are no difference."""
        with self._book.reading() as books:
            return list(differences_from_backup(books, require_file(file), self._book.kinds))

    def compare(self, checkpoint: Checkpoint, public_key: FileSource | None = None) -> list[Finding]:
        """The differences between the books and a checkpoint, or that `public_key` did not sign it."""
        key = None if public_key is None else require_file(public_key)
        with self._book.reading() as books:
            return list(differences(books, checkpoint, key))
