"""A book: one database with one journal, created by the migrations and opened for reading or recording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

import sqlalchemy
from sqlalchemy import Connection, Engine

from ledger.entry.event import Kinds
from ledger.errors import Refused
from ledger.journal.journal import Clock, Journal, utc_now
from ledger.sentence import Hint, Sentence
from ledger.storage.atomic_file import unwritable
from ledger.storage.backup_mark import is_marked
from ledger.storage.database import (
    READ,
    RECORD,
    book_url,
    close_engine,
    engine_at,
    file_of,
    opened_file,
    place_of,
    readable_errors,
    use_write_ahead_log,
)
from ledger.storage.migrations import (
    known_migrations,
    migrate,
    migration_of,
    newest_migration,
)
from ledger.storage.personal_reading import one_state
from ledger.storage.recognition import engine_of_book, require_empty, require_free, require_utf8


class Book:
    """An open book. Use `create_book` or `open_book` to get one."""

    def __init__(
        self, engine: Engine, kinds: Kinds, clock: Clock = utc_now, migration: str | None = None
    ) -> None:
        engine.update_execution_options(mdfm_kinds=kinds)  # read_event asks a connection for them
        self.engine = engine
        self.kinds = kinds
        self.migration = newest_migration() if migration is None else migration
        """The last migration of its tables."""
        self._clock = clock
        self._closed = False

    @contextmanager
    def reading(self, *, personal: bool = False) -> Iterator[Connection]:
        """A connection that sees one unchanging state of the book.

        Who reads contacts or the files of letters says `personal`: on a server, an erasure would else empty
        their tables for transactions that began before it. An erasure waits for those who said it.
        """
        self.require_open()
        with readable_errors(self.engine), one_state(self.engine, personal=personal) as books:
            yield books

    @contextmanager
    def recording(self) -> Iterator[Journal]:
        """The journal, open for one transaction: everything in it is committed, or nothing.

        There is one writer at a time, as a chain has one head; another one waits for the lock. Refused on a
        backup, on a book that is read-only, and on one that was upgraded since it was opened.
        """
        self.require_open()
        self.require_no_backup()
        if self.read_only:
            raise Refused(
                "book-read-only",
                "The book at {place} is read-only: nothing was recorded.",
                place=place_of(self.engine),
            )
        writing = self.engine.connect().execution_options(mdfm_work=RECORD)
        with readable_errors(self.engine), writing as books, books.begin():
            self._require_same_tables(books)
            yield Journal(books, self.kinds, self._clock)

    @contextmanager
    def dry_running(self) -> Iterator[Journal]:
        """The journal over a read-only connection, for dry runs; no writer waits for it."""
        with self.reading() as books:
            yield Journal(books, self.kinds, self._clock)

    @contextmanager
    def erasing(self) -> Iterator[Connection]:
        """A connection for erasing: after its transaction, an SQLite file has no trace of the deleted rows.

        Refused while a reader keeps the write-ahead log from being emptied; the rows are deleted then, too. A
        server overwrites its log in its own time.
        """
        with self.recording() as journal:
            if self._in_sqlite:
                journal.books.exec_driver_sql("PRAGMA secure_delete = ON")
            yield journal.books
        if self._in_sqlite:
            self._empty_log()

    def _empty_log(self) -> None:
        """Write the write-ahead log into the file, and empty it."""
        with readable_errors(self.engine), closing(self.engine.raw_connection()) as connection:
            (busy, *_) = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Refused(
                "erased-still-in-log",
                "What was erased is still in the log of the book at {place}, which another program "
                "reads: close that one and erase again.",
                place=place_of(self.engine),
            )

    def require_no_backup(self) -> None:
        """Refused on a backup, in which nothing is ever changed."""
        if self._is_backup:
            raise Refused(
                "book-is-backup",
                "{place} is a backup, for reading only: restore it first{hint}.",
                place=self.location,
                hint=Hint("restore-backup"),
            )

    @cached_property
    def _is_backup(self) -> bool:
        if self.in_memory or not self._in_sqlite:
            return False
        with readable_errors(self.engine), self.engine.connect() as books, books.begin():
            return is_marked(books)

    def _require_same_tables(self, books: Connection) -> None:
        """Refused when the book was upgraded meanwhile: this program may be too old to write in it."""
        now = migration_of(books)
        if now != self.migration:
            raise Refused(
                "book-upgraded-meanwhile",
                "The book at {place} was upgraded from migration {before} to {now} while this program had it "
                "open: nothing was recorded; open it again.",
                place=place_of(self.engine),
                before=self.migration,
                now=now,
            )

    @property
    def clock(self) -> Clock:
        """What tells the time at which entries are recorded."""
        return self._clock

    @property
    def read_only(self) -> bool:
        """Whether its file may only be read: it is on such a medium, or closed to this user."""
        file = opened_file(self.engine)
        return file is not None and file.read_only

    @property
    def _in_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def in_memory(self) -> bool:
        """Whether the book is in memory: it has one connection and is gone with it."""
        return isinstance(self.engine.pool, sqlalchemy.StaticPool)

    @property
    def location(self) -> str:
        """The path or URL by which another process can open it, with the password if there is one."""
        if self._in_sqlite and self.engine.url.database:
            return self.engine.url.database
        return self.engine.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Close all connections to the database. Later transactions are Refused."""
        self._closed = True
        close_engine(self.engine)

    def require_open(self) -> None:
        """Refused after `close`: the engine would connect again, and a book in memory would be empty."""
        if self._closed:
            raise Refused(
                "book-closed",
                "The book at {place} was closed by this program: open it again.",
                place=place_of(self.engine),
            )


def create_book(location: str, kinds: Kinds, clock: Clock = utc_now) -> Book:
    """Create an empty book at a path or database URL; Refused when there is something already."""
    url = book_url(location)
    file = file_of(url)
    if file is not None:
        require_free(file)
    engine = engine_at(url)
    if file is not None:
        _make_file(file)
    try:
        with readable_errors(engine):
            if file is not None:
                use_write_ahead_log(file)
            elif engine.dialect.name != "sqlite":
                require_utf8(engine)
                require_empty(engine)
            migrate(engine)
    except BaseException:
        engine.dispose()
        if file is not None:
            file.unlink(missing_ok=True)
        raise
    return Book(engine, kinds, clock)


def _make_file(file: Path) -> None:
    """Make the file of a new book, still empty; BadInput where it cannot be written."""
    try:
        file.touch(0o644, exist_ok=False)
    except FileExistsError as error:
        require_free(file)  # another has made it meanwhile
        raise unwritable(file, error) from None
    except OSError as error:
        raise unwritable(file, error) from None


def open_book(location: str, kinds: Kinds, clock: Clock = utc_now, *, older: bool = False) -> Book:
    """Open the book at a path or database URL; BadInput when there is none.

    A book of another migration is Refused; with `older`, one of an earlier migration is opened, too, whose
    tables may lack what this program reads.
    """
    engine = engine_of_book(location)
    try:
        with readable_errors(engine):
            migration = _known_migration(engine, older=older)
    except BaseException:
        close_engine(engine)
        raise
    return Book(engine, kinds, clock, migration)


def _known_migration(engine: Engine, *, older: bool) -> str:
    """The migration of a book, which this program must know, and unless `older` it must be the last."""
    with engine.connect().execution_options(mdfm_work=READ) as books:
        found = migration_of(books)
    if found not in {each.number for each in known_migrations()}:
        raise Refused(
            "book-version-differs",
            "The book at {place} was made or changed by another version of this program (migration "
            "{made_by}): open it with that version.",
            place=place_of(engine),
            made_by=found,
        )
    if not older and found != newest_migration():
        raise Refused(
            "book-older",
            "The book at {place} is of an earlier version of this program: its tables are of migration "
            "{found}, and this version needs {needed}; {what}.",
            place=place_of(engine),
            found=found,
            needed=newest_migration(),
            what=_how_to_upgrade(engine),
        )
    return found


def _how_to_upgrade(engine: Engine) -> Sentence:
    with engine.connect().execution_options(mdfm_work=READ) as books:
        if is_marked(books):
            return Sentence("it is a backup: restore it", Hint("restore-backup"), ", which upgrades it")
    file = opened_file(engine)
    if file is None or not file.read_only:
        return Sentence("upgrade it", Hint("upgrade-book"))
    return Sentence(
        "it is read-only: back it up",
        Hint("back-up"),
        ", and restore the backup to a place that can be written",
        Hint("restore-backup"),
        ", which upgrades it",
    )
