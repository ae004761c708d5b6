"""Rebuild a book from its export: every event is recorded again, and must give the entry that was sealed.

The file is read twice, as a stream: once to check that it is whole, so that a broken one touches no database,
and once to record it. Files that no entry and no proposal names are not in an export, and personal data only
where it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, and_, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from ledger.audit.export_reader import (
    ExportedEntry,
    ExportedFile,
    ExportedHeader,
    ExportedPart,
    ExportedRow,
    WrongLine,
    parts_of,
)
from ledger.audit.personal_table import PersonalTable
from ledger.book import Book, create_book
from ledger.entry.canonical import GENESIS, Head, Sealed
from ledger.entry.event import Kinds
from ledger.errors import BadInput, MdfmError, reason_of
from ledger.journal.journal import EVENTS_PER_CHUNK, Journal, Stamp
from ledger.progress import Progress, ProgressCount, no_progress
from ledger.sentence import Sentence
from ledger.storage import evidence
from ledger.storage.document import FileSource
from ledger.storage.schema import proposal as proposal_table
from ledger.storage.unit_of_work import unit_of_work


def rebuild_book(
    location: str,
    kinds: Kinds,
    export: FileSource,
    progress: Progress = no_progress,
    personal: Sequence[PersonalTable] = (),
) -> Head:
    """Make a new book at `location` from an export in JSON lines, and return its head.

    It has the same journal, proposals and files, and the rows of `personal` tables if the export has them.
    BadInput names the line when the file is not whole or an event does not give its entry; then no book is
    left. Refused when there is one at `location` already.
    """
    with export.open("rb") as file:
        again = _Rebuilding(export, file, kinds, personal)
        total = sum(isinstance(part, ExportedEntry) for _, part in again.parts())
        book = create_book(location, kinds)
        try:
            with book.recording() as journal:
                last = again.record_all(journal, lambda done: progress(done, total))
        except BaseException:
            _discard(book)
            raise
    book.close()
    return last


def _discard(book: Book) -> None:
    """Remove the file of a book that was not rebuilt; on a server an empty book stays."""
    book.close()
    if book.engine.dialect.name == "sqlite" and book.engine.url.database:
        Path(book.engine.url.database).unlink(missing_ok=True)


class _Rebuilding:
    """An export whose content is recorded again."""

    def __init__(
        self, export: FileSource, file: BinaryIO, kinds: Kinds, personal: Sequence[PersonalTable]
    ) -> None:
        self._export = export
        self._file = file
        self._kinds = kinds
        self._personal = {each.table.name: each for each in personal}
        self._rows: dict[str, int] = {}
        """How many rows the tables of personal data have that are in the export."""
        self._number = 1
        """The line that is being recorded."""

    def parts(self) -> Iterator[tuple[int, ExportedPart]]:
        """The parts of the file from its beginning; BadInput names the line that is wrong."""
        self._file.seek(0)
        try:
            yield from parts_of(self._file, self._kinds, [each.table for each in self._personal.values()])
        except WrongLine as error:
            raise self._broken(error.number, str(error)) from None

    def record_all(self, journal: Journal, progress: ProgressCount) -> Head:
        """Record everything; BadInput names the line that cannot be recorded again."""
        last = Head(0, GENESIS)
        try:
            with unit_of_work(journal.books) as work:
                for number, part in self.parts():
                    self._number = number
                    if not isinstance(part, ExportedEntry):
                        if not isinstance(part, ExportedFile):
                            work.flush()
                        self._keep(journal, part)
                        continue
                    self._record(journal, part.sealed)
                    last = Head(part.sealed.seq, part.sealed.hash)
                    if last.seq % EVENTS_PER_CHUNK == 0:
                        work.flush()
                        progress(last.seq)
                work.flush()
                self._require_complete(journal.books)
        except DBAPIError as error:
            why = f"the database refuses what is recorded up to here: {reason_of(error.orig)}"
            raise self._broken(self._number, why) from error
        progress(last.seq)
        return last

    def _record(self, journal: Journal, sealed: Sealed) -> None:
        what = f"entry {sealed.seq} cannot be recorded again"
        try:
            written = journal.kinds.versioned(sealed.kind, sealed.version, sealed.payload)
            again = journal.append(written, Stamp(sealed.made_by, sealed.approved_by, sealed.recorded_at))
        except MdfmError as error:
            raise self._broken(self._number, Sentence(f"{what}: ", error.sentence)) from error
        for name, was, now in zip(Sealed._fields, sealed, again, strict=True):
            if was != now:
                # The file's hash was checked against its content: only other lines can change the hash alone.
                other = "lines" if name == "hash" else name
                raise self._broken(self._number, f"{what}: its event gives other {other}")

    def _keep(self, journal: Journal, part: ExportedPart) -> None:
        """Store what is no entry."""
        if isinstance(part, ExportedFile):
            evidence.keep(journal.books, part.content)
        elif isinstance(part, ExportedHeader):
            self._rows = {table.name: 0 for table in part.personal}
        elif isinstance(part, ExportedRow):
            self._rows[part.table.name] += 1
            try:
                self._personal[part.table.name].require_valid(journal.books, part.values)
            except MdfmError as error:
                raise self._broken(self._number, error.sentence) from error
            _put(journal.books, part)
        elif not isinstance(part, ExportedEntry):
            journal.books.execute(insert(proposal_table), part._asdict())

    def _require_complete(self, books: Connection) -> None:
        """A table of personal data has the rows of the export, and none that only an entry made."""
        for name, rows in self._rows.items():
            table = self._personal[name].table
            if books.execute(select(func.count()).select_from(table)).scalar_one() != rows:
                raise self._broken(self._number + 1, f"the export lacks a row of {name} that an entry needs")

    def _broken(self, number: int, problem: str | Sentence) -> BadInput:
        return BadInput(
            "export-line-invalid",
            "{export}, line {number}: {problem}; nothing was imported.",
            export=self._export,
            number=number,
            problem=problem.without_stop() if isinstance(problem, Sentence) else problem.rstrip("."),
        )


def _put(books: Connection, row: ExportedRow) -> None:
    """Store a row, in the place of the empty one that the projection of an event may have made sure of."""
    table = row.table
    its_key = and_(*(column == row.values[column.name] for column in table.primary_key))
    if books.execute(select(table).where(its_key)).first() is None:
        books.execute(insert(table), row.values)
    else:
        books.execute(update(table).where(its_key).values(row.values))
