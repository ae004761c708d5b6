"""Backups: a whole book in one file, in one form on every engine, verified before it has its name.

A backup is a book in SQLite with a mark (`ledger.storage.backup_mark`): whatever reads a book reads it,
nothing records into it, and `ledger.safekeeping.restore` makes a book of it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from ledger.audit.verification import Finding, Verification, verify
from ledger.book import Book, open_book
from ledger.entry.event import Kinds
from ledger.errors import MdfmError, Refused, Tampered, reason_of
from ledger.journal.journal import Clock, utc_now
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
from ledger.storage.backup_mark import BACKUP_FORMAT, BackupMark, is_marked, put_mark, set_findings
from ledger.storage.database import place_of, readable_errors, require_not_in_memory
from ledger.storage.kept_heads import KeptHead, note_kept_head
from ledger.storage.migrations import migrate, migrate_within, migration_of, newest_migration

_FINDINGS_MAX = 100
"""How many findings a mark keeps."""


def back_up(
    location: str,
    kinds: Kinds,
    target: Path,
    progress: Progress = no_progress,
    clock: Clock = utc_now,
    *,
    program: str = "unknown",
    although_unsound: bool = False,
) -> BackupMark:
    """Write a backup of the book at `location`, which may be an older one, and return its mark.

    As `back_up_book`.
    """
    require_not_in_memory(location)
    with closing(open_book(location, kinds, clock, older=True)) as book:
        return back_up_book(book, target, progress, clock, program=program, although_unsound=although_unsound)


def back_up_book(
    book: Book,
    target: Path,
    progress: Progress = no_progress,
    clock: Clock = utc_now,
    *,
    program: str = "unknown",
    although_unsound: bool = False,
) -> BackupMark:
    """Write a backup of a book into a new file, while others may record, and return its mark.

    An older book is copied as it is. Tampered when the copy does not verify; `although_unsound` keeps it all
    the same, with the findings in its mark. Refused where there is a file. Whatever happens, half a backup
    never has its name. `program` is the version of the program that takes it.
    """
    with draft_of(target) as draft:
        mark, weakened = _copied(book, draft, program, clock, first_half(progress))
        result = _verified(draft, book.kinds, second_half(progress))
        result.findings += [each for each in weakened if each not in result.findings]
        result.findings = [_of_book(each, draft, book) for each in result.findings]
        if not result.sound:
            if not although_unsound:
                raise _unsound(book, result)
            mark = mark._replace(findings=_first_of(result.findings))
            _keep_findings(draft, mark)
        give_name(draft, target)
    _note_backup(book, mark, target)
    return mark


def _copied(
    book: Book, draft: Path, program: str, clock: Clock, progress: Progress
) -> tuple[BackupMark, list[Finding]]:
    """Copy the book into the draft, in one state of it, and mark the draft as a backup.

    Also found is what is wrong with the tables and triggers of a book on a server, or of an older one: nobody
    could see it in what is made of the copy, where they are new.
    """
    made_at = clock().astimezone(UTC).isoformat(timespec="seconds")
    in_sqlite = book.engine.dialect.name == "sqlite"
    draft.touch(0o600)  # it has everything: contacts and proposals, too
    if in_sqlite:
        with book.reading() as books:
            _require_no_mark(book, books)
            copy_pages(books, draft, progress)
    with _damage_is_of(book), file_engine(draft) as engine, owning(engine) as copy:
        if in_sqlite:
            weakened = [] if migration_of(copy) == newest_migration() else table_findings(copy)
        else:
            with reading_until_error(book) as books:
                with readable_errors(book.engine):
                    weakened = table_findings(books)
                migrate_within(copy, migration_of(books))
                copy_rows(books, copy, progress)
        last = head(copy)
        mark = BackupMark(
            format=BACKUP_FORMAT,
            made_at=made_at,
            seq=last.seq,
            hash=last.hash,
            program=program,
            engine=book.engine.dialect.name,
            migration=migration_of(copy),
            findings="",
        )
        put_mark(copy, mark)
    return mark, weakened


@contextmanager
def _damage_is_of(book: Book) -> Iterator[None]:
    """A copy that is damaged is so because its book is, page by page."""
    try:
        yield
    except DatabaseError as error:
        reason = reason_of(error.orig)
        if any(word in reason for word in ("malformed", "corrupt", "decode")):
            raise Tampered(
                "book-damaged",
                "The book at {place} is damaged: {reason}.",
                place=place_of(book.engine),
                reason=reason,
            ) from error
        raise


def _require_no_mark(book: Book, books: Connection) -> None:
    if is_marked(books):
        raise Refused(
            "book-is-backup-already",
            "{place} is a backup itself: copy its file, or restore it first{hint}.",
            place=book.location,
            hint=Hint("restore-backup"),
        )


def _verified(draft: Path, kinds: Kinds, progress: Progress) -> Verification:
    """Verify a copy of a book; an older one in a second copy, with the migrations that it lacks."""
    with file_engine(draft) as engine:
        with engine.connect() as books, books.begin():
            is_old = migration_of(books) != newest_migration()
            newer = draft.with_name("migrated")
            if is_old:
                copy_pages(books, newer, no_progress)
        if not is_old:
            return verify(Book(engine, kinds), progress)
    with file_engine(newer) as engine:
        try:
            with readable_errors(engine):
                migrate(engine)
        except MdfmError as error:
            return Verification(findings=[Finding(None, f"its tables cannot be brought up to date: {error}")])
        return verify(Book(engine, kinds), progress)


def _unsound(book: Book, result: Verification) -> Tampered:
    return Tampered(
        "backup-unsound",
        "The book at {place} does not verify, so no backup is made of it: {finding} (findings: {count:,}). "
        "See all of them{verify}; to keep a copy of it as it is, say so{although}.",
        place=place_of(book.engine),
        finding=str(result.findings[0]),
        count=len(result.findings),
        verify=Hint("verify-book"),
        although=Hint("although-unsound"),
    )


def _of_book(finding: Finding, draft: Path, book: Book) -> Finding:
    """A finding without the name of the draft, which is gone when somebody reads it."""
    said = str(finding.what)
    if str(draft) not in said:
        return finding
    return Finding(finding.entry, said.replace(str(draft), place_of(book.engine)))


def _first_of(findings: list[Finding]) -> str:
    return "\n".join(map(str, findings[:_FINDINGS_MAX]))


def _keep_findings(draft: Path, mark: BackupMark) -> None:
    with file_engine(draft) as engine, owning(engine) as copy:
        set_findings(copy, mark.findings)


def _note_backup(book: Book, mark: BackupMark, target: Path) -> None:
    """Let the book know which head is kept outside it, if it can be written and is not an older one."""
    if mark.migration != newest_migration():
        return
    with suppress(MdfmError), book.recording() as journal:
        note_kept_head(journal.books, kept_in(mark, target))


def kept_in(mark: BackupMark, target: Path) -> KeptHead:
    """The head that a backup in the file `target` keeps."""
    return KeptHead("backup", mark.made_at, mark.seq, mark.hash, target.name)
