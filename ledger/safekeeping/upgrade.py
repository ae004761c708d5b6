"""Upgrades: a book of an earlier version gets the migrations that it lacks, all or none of them.

Everything happens under the lock of the journal: a verified backup, the migrations, and the comparison of the
tables with those that the migrations make and of the head with the one before. Whatever differs, fails or is
killed leaves the book as it was. What was recorded is not touched: entries keep their hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from ledger.audit import schema_integrity
from ledger.book import Book, open_book
from ledger.entry.canonical import Head
from ledger.entry.event import Kinds
from ledger.errors import BadInput, Refused, Tampered
from ledger.journal.journal import Clock, utc_now
from ledger.journal.queries import head
from ledger.progress import Progress, no_progress
from ledger.safekeeping.backup import back_up, kept_in
from ledger.sentence import Hint
from ledger.storage.backup_mark import is_marked
from ledger.storage.database import (
    BUSY_SECONDS,
    JOURNAL_LOCK,
    OWN,
    file_of,
    place_of,
    readable_errors,
    require_not_in_memory,
    without_password,
)
from ledger.storage.kept_heads import KeptHead, note_kept_head
from ledger.storage.migrations import (
    Migration,
    migrate_within,
    migration_of,
    missing_migrations,
    require_one_migration,
)


@dataclass(frozen=True)
class Upgrade:
    """The result of an upgrade, or what one would do."""

    book: str
    """Its location, without a password."""
    head: Head
    """The last entry, the same before and after."""
    before: str
    """The last migration that the book had."""
    migrations: tuple[Migration, ...]
    """Those that were run, or would be; empty for a book that is up to date."""
    backup: Path | None = None
    """The file of the backup, if one was made."""
    dry_run: bool = False


def upgrade_book(  # noqa: PLR0913 - each is a choice of its caller
    location: str,
    kinds: Kinds,
    *,
    backup: Path | None = None,
    dry_run: bool = False,
    although_unsound: bool = False,
    progress: Progress = no_progress,
    clock: Clock = utc_now,
    program: str = "unknown",
) -> Upgrade:
    """Run the migrations that the book at `location` lacks, after a backup into a new file.

    A book in a file has its backup beside it unless `backup` names another place; on a server it must be
    named. Tampered when the book does not verify, unless `although_unsound`, or when its tables or its head
    are not as they should be afterwards; nothing is changed then. `dry_run` changes nothing at all.
    """
    require_not_in_memory(location)
    with closing(open_book(location, kinds, clock, older=True)) as book:
        with book.reading() as books:
            require_one_migration(books)
        missing = tuple(missing_migrations(book.migration))
        if dry_run or not missing:
            with book.reading() as books:
                return Upgrade(
                    without_password(location), head(books), book.migration, missing, dry_run=dry_run
                )
        _require_writable(book)
        target = backup or _beside(book, missing[0])

        def save() -> KeptHead:
            mark = back_up(
                location,
                kinds,
                target,
                progress,
                clock,
                program=program,
                although_unsound=although_unsound,
            )
            return kept_in(mark, target)

        with readable_errors(book.engine), _owning(book) as books:
            done = _run(book, books, save, although_unsound=although_unsound)
    return Upgrade(without_password(location), *done, backup=target if done[-1] else None)


def _run(
    book: Book, books: Connection, save: Callable[[], KeptHead], *, although_unsound: bool
) -> tuple[Head, str, tuple[Migration, ...]]:
    """Back up, run what is missing and compare, in the transaction of the connection."""
    before, last = migration_of(books), head(books)
    missing = tuple(missing_migrations(before))  # another upgrade may have been first
    if missing:
        known = set(schema_integrity.faults(books, before))
        if known and not although_unsound:
            raise _damaged(book, min(known))
        kept = save()
        migrate_within(books)
        _require_as_before(book, books, last, known)
        note_kept_head(books, kept)  # the tables before had no place for it
    return last, before, missing


def _require_as_before(book: Book, books: Connection, last: Head, known: set[str]) -> None:
    """Tampered when the migrations gave other tables than they should, or another head."""
    wrong = sorted(set(schema_integrity.faults(books)) - known)
    if head(books) != last:
        wrong.append(f"the last entry was {last.seq} {last.hash}, and would be another")
    if wrong:
        raise _unsound(book, wrong[0])


def _damaged(book: Book, what: str) -> Tampered:
    return Tampered(
        "upgrade-of-damaged",
        "The book at {place} is not upgraded, and is as it was: {what}. Restore a backup{restore}; to "
        "upgrade it as it is, say so{although}.",
        place=place_of(book.engine),
        what=what,
        restore=Hint("restore-backup"),
        although=Hint("although-unsound"),
    )


def _unsound(book: Book, what: str) -> Tampered:
    return Tampered(
        "upgrade-unsound",
        "The book at {place} is not upgraded, and is as it was: {what}.",
        place=place_of(book.engine),
        what=what,
    )


@contextmanager
def _owning(book: Book) -> Iterator[Connection]:
    """A transaction of the owner of the tables in which nobody else records."""
    owning = book.engine.connect().execution_options(mdfm_work=OWN)
    with owning as books, books.begin():
        if books.dialect.name == "postgresql":
            _become_owner(book, books)
            books.exec_driver_sql(
                f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'; "
                # While the backup is written, this transaction does nothing.
                f"SET LOCAL idle_in_transaction_session_timeout = 0; "
                f"SELECT pg_advisory_xact_lock({JOURNAL_LOCK})"
            )
        yield books


_OWNER = """
    SELECT rolname, pg_has_role(pg_roles.oid, 'MEMBER') FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner
    WHERE pg_class.oid = 'public.entry'::regclass"""


def _become_owner(book: Book, books: Connection) -> None:
    """Let new tables have the owner of the others, whoever makes them; Refused to who is not the owner."""
    owner, may_be = books.exec_driver_sql(_OWNER).one()
    if not may_be:
        raise Refused(
            "upgrade-by-owner",
            "The book at {place} is upgraded by the owner of its tables on the server, {owner}: nothing was "
            "changed.",
            place=place_of(book.engine),
            owner=owner,
        )
    books.exec_driver_sql(f"SET LOCAL ROLE {books.dialect.identifier_preparer.quote_identifier(owner)}")


def _require_writable(book: Book) -> None:
    if book.read_only:
        raise Refused(
            "upgrade-read-only",
            "The book at {place} is read-only: back it up{backup}, and restore the backup to a place that "
            "can be written{restore}, which upgrades it.",
            place=place_of(book.engine),
            backup=Hint("back-up"),
            restore=Hint("restore-backup"),
        )
    with book.reading() as books:
        if is_marked(books):
            raise Refused(
                "upgrade-of-backup",
                "{place} is a backup, which stays as it was taken: restore it{hint}, which upgrades it.",
                place=place_of(book.engine),
                hint=Hint("restore-backup"),
            )


def _beside(book: Book, first: Migration) -> Path:
    """A new name beside the file of a book, for its backup."""
    file = file_of(book.engine.url)
    if file is None:
        raise BadInput(
            "backup-not-named",
            "The book at {place} is on a server: name the file for its backup{hint}.",
            place=place_of(book.engine),
            hint=Hint("name-backup"),
        )
    number = 1
    while True:
        more = f"-{number}" if number > 1 else ""
        place = file.with_name(f"{file.name}.before-{first.number}{more}.backup")
        if not place.is_symlink() and not place.exists():
            return place
        number += 1
