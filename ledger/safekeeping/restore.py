"""Restores: a backup becomes a book in a new place, on either engine, as of the migrations of this program.

What is restored is verified, and must have the head that the mark of the backup names, before anybody can
open it: an SQLite file has its name only then, and a database on a server is filled in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine

from ledger.audit.verification import Finding, verify
from ledger.book import Book, open_book
from ledger.entry.canonical import Head
from ledger.entry.event import Kinds
from ledger.errors import BadInput, Refused, Tampered
from ledger.journal.queries import head
from ledger.progress import Progress, no_progress
from ledger.safekeeping.copying import (
    copy_pages,
    copy_rows,
    file_engine,
    first_half,
    owning,
    reading_until_error,
    second_half,
    table_findings,
)
from ledger.safekeeping.drafts import draft_of, give_name
from ledger.sentence import Hint
from ledger.storage.backup_mark import BackupMark, is_marked, mark_of, take_mark_off
from ledger.storage.book_file import is_cut_off
from ledger.storage.database import (
    book_url,
    close_engine,
    engine_at,
    file_of,
    readable_errors,
    require_not_in_memory,
    use_write_ahead_log,
)
from ledger.storage.migrations import migrate_within
from ledger.storage.recognition import require_empty, require_utf8


def restore_book(
    file: Path,
    location: str,
    kinds: Kinds,
    progress: Progress = no_progress,
    *,
    although_unsound: bool = False,
) -> BackupMark:
    """Make a book at `location` of a backup, with the migrations that it lacks, and return the backup's mark.

    Refused when something is at `location`, or the file is no backup; Tampered when it does not verify,
    unless `although_unsound`, or has another head than its mark. Then, or when it is interrupted, nothing is
    left. BadInput for a place in memory.
    """
    require_not_in_memory(location)
    with _damage_named(file), closing(open_backup(file, kinds)) as backup:
        mark = require_mark(backup, file)
        restoring = _Restoring(file, backup, mark, progress, although_unsound)
        restoring.require_tables()
        url = book_url(location)
        place = file_of(url)
        if place is not None:
            restoring.into_file(place)
        else:
            restoring.into_server(url)
    return mark


def open_backup(file: Path, kinds: Kinds) -> Book:
    """Open a backup for reading; BadInput when there is none."""
    if not file.is_file():
        raise BadInput("backup-missing", "There is no backup at {file}: give the file of one.", file=file)
    if is_cut_off(file):
        raise _damaged(file, "it is shorter than it was made")
    with _damage_named(file):
        return open_book(str(file), kinds, older=True)


@contextmanager
def _damage_named(file: Path) -> Iterator[None]:
    """Say of a backup that SQLite cannot read that it is one, and what to do."""
    try:
        yield
    except Tampered as error:
        if error.code == "book-damaged" and str(error.parameters["place"]) == str(file):
            raise _damaged(file, str(error.parameters["reason"])) from error
        raise


def _damaged(file: Path, why: str) -> Tampered:
    return Tampered(
        "backup-damaged",
        "The backup {file} is damaged, and nothing is done with it: {why}; use another backup.",
        file=file,
        why=why,
    )


def require_mark(backup: Book, file: Path) -> BackupMark:
    """The mark of a backup; Refused for a plain copy of a book, and for a mark in another form."""
    with backup.reading() as books:
        mark = mark_of(books)
        if mark is not None:
            return mark
        if is_marked(books):
            raise Refused(
                "backup-mark-differs",
                "The mark of the backup {file} is not one that this program makes: it was changed, or is of "
                "a later version; use that version, or another backup.",
                file=file,
            )
    raise Refused(
        "not-a-backup",
        "{file} is a book and no backup: a plain copy may lack the newest entries, which were in the log "
        "beside the original, and nobody can see that from the copy alone. Use a backup of the original, "
        "made{hint}.",
        file=file,
        hint=Hint("back-up"),
    )


def head_differs(file: Path, mark: BackupMark, last: Head) -> Tampered:
    """The error for a backup that ends otherwise than its mark says."""
    return Tampered(
        "backup-head-differs",
        "The backup {file} was taken at entry {seq} {hash}, and ends with entry {last_seq} {last_hash}: it "
        "was changed since, and nothing was done with it; use another backup.",
        file=file,
        seq=mark.seq,
        hash=mark.hash,
        last_seq=last.seq,
        last_hash=last.hash,
    )


class _Restoring:
    """The restore of one backup."""

    def __init__(
        self, file: Path, backup: Book, mark: BackupMark, progress: Progress, although_unsound: bool
    ) -> None:
        self._file = file
        self._backup = backup
        self._mark = mark
        self._progress = progress
        self._although_unsound = although_unsound

    def require_tables(self) -> None:
        """Tampered when a table or trigger of the backup is another: what is restored has them anew."""
        with self._backup.reading() as books:
            self._require_head(books)
            wrong = table_findings(books)
        if wrong and not self._although_unsound:
            raise self._unsound(wrong)

    def into_file(self, place: Path) -> None:
        """Make a book in SQLite, which has its name when it is whole."""
        with draft_of(place) as draft:
            with self._backup.reading() as books:
                copy_pages(books, draft, first_half(self._progress))
            with file_engine(draft) as engine:
                with owning(engine) as copy:
                    take_mark_off(copy)
                    migrate_within(copy)
                self._require_same(engine)
            use_write_ahead_log(draft)
            give_name(draft, place)

    def into_server(self, url: URL) -> None:
        """Fill an empty database on a server, in one transaction."""
        engine = engine_at(url)
        try:
            with readable_errors(engine):
                require_utf8(engine)
                require_empty(engine)
                with owning(engine) as copy:
                    migrate_within(copy, self._mark.migration)
                    with reading_until_error(self._backup) as books:
                        copy_rows(books, copy, first_half(self._progress))
                    migrate_within(copy)
                    copy.exec_driver_sql("ANALYZE")  # or verification would be planned for empty tables
                    self._require_same(engine, copy)
        finally:
            close_engine(engine)

    def _require_same(self, engine: Engine, uncommitted: Connection | None = None) -> None:
        """Tampered when the copy does not verify, or has another head than the mark of the backup."""
        kinds = self._backup.kinds
        book = Book(engine, kinds) if uncommitted is None else _Uncommitted(uncommitted, kinds)
        result = verify(book, second_half(self._progress))
        if not (result.sound or self._although_unsound):
            raise self._unsound(result.findings)
        with book.reading() as books:
            self._require_head(books)

    def _require_head(self, books: Connection) -> None:
        last = head(books)
        if last != self._mark.head:
            raise head_differs(self._file, self._mark, last)

    def _unsound(self, findings: list[Finding]) -> Tampered:
        return Tampered(
            "restored-unsound",
            "The backup {file} does not verify, so nothing was restored: {finding} (findings: {count:,}). "
            "Use another backup; to restore it as it is, say so{although}.",
            file=self._file,
            finding=str(findings[0]),
            count=len(findings),
            although=Hint("although-unsound"),
        )


class _Uncommitted(Book):
    """A book that only the transaction which makes it can see."""

    def __init__(self, books: Connection, kinds: Kinds) -> None:
        super().__init__(books.engine, kinds)
        self._books = books

    @contextmanager
    def reading(self, *, personal: bool = False) -> Iterator[Connection]:
        """The connection of the transaction."""
        yield self._books

    @property
    def in_memory(self) -> bool:
        """Whether it has one connection: yes."""
        return True
