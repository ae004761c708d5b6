"""A book: one database with one journal, created by the migrations and opened for reading or recording."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from ledger.errors import BadInput, MdfmError, Refused, Tampered
from ledger.events import Kinds
from ledger.journal import Clock, Journal, utc_now

MEMORY = "sqlite://"
JOURNAL_LOCK = 4_746_631
"""PostgreSQL's advisory lock under which the journal grows; the triggers take the same."""

Work = Literal["read", "record", "own"]
READ: Work = "read"
RECORD: Work = "record"
OWN: Work = "own"
"""What a transaction is for. The owner of a book makes and migrates it, and does nothing else."""
_BUSY_SECONDS = 30
_CACHE_KIB = 64 * 1024
"""Enough for the pages that a large batch changes, which SQLite would else write out and read again."""
_READ_CACHE_KIB = 8 * 1024
"""A reader goes through a page once or twice; the system keeps the file at hand."""


class Book:
    """A book that exists. Use `create_book` or `open_book` to get one."""

    def __init__(self, engine: Engine, kinds: Kinds, clock: Clock = utc_now) -> None:
        self.engine = engine
        self.kinds = kinds
        self._clock = clock

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one unchanging state of the book."""
        with _plainly(self.engine), self.engine.connect() as books, books.begin():
            yield books

    @contextmanager
    def recording(self) -> Iterator[Journal]:
        """The journal, open for one transaction: all that is recorded in it is kept, or nothing.

        One writer at a time: a chain has one head. Another writer waits for its turn.
        """
        writing = self.engine.connect().execution_options(mdfm_work=RECORD)
        with _plainly(self.engine), writing as books, books.begin():
            yield Journal(books, self.kinds, self._clock)

    @contextmanager
    def rehearsing(self) -> Iterator[Journal]:
        """The journal as it stands, for what is rehearsed and never written: no writer waits for it."""
        with self.reading() as books:
            yield Journal(books, self.kinds, self._clock)

    @contextmanager
    def erasing(self) -> Iterator[Connection]:
        """A connection to erase with: after its transaction, an SQLite file has nothing of what it deleted.

        Refused, with all of it deleted, while a reader keeps the file's log from being emptied. A database
        server overwrites what was deleted in its own time.
        """
        with self.recording() as journal:
            if self._in_sqlite:
                journal.books.exec_driver_sql("PRAGMA secure_delete = ON")
            yield journal.books
        if self._in_sqlite:
            self._empty_log()

    def _empty_log(self) -> None:
        """Put the write-ahead log into the file, and leave nothing in it."""
        with _plainly(self.engine), closing(self.engine.raw_connection()) as connection:
            (busy, *_) = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Refused(
                f"What was erased is still in the log of the book at {_place(self.engine)}, which another "
                f"program reads: close that one and erase again."
            )

    @property
    def _in_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def in_memory(self) -> bool:
        """Whether it has one connection only and is gone with it."""
        return isinstance(self.engine.pool, sqlalchemy.StaticPool)

    @property
    def location(self) -> str:
        """The database URL by which another process can open it, with the password if there is one."""
        return self.engine.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def create_book(location: str, kinds: Kinds, clock: Clock = utc_now) -> Book:
    """Create an empty book at a path or database URL; Refused when there is one already."""
    url = book_url(location)
    file = _file_of(url)
    if file is not None and file.exists():
        raise Refused(f"There is a book at {file} already: choose another place, or remove it first.")
    if file is not None and not file.parent.is_dir():
        raise BadInput(f"The folder {file.parent} does not exist: create it first.")
    engine = _engine(url)
    try:
        with _plainly(engine):
            if file is not None:
                _keep_log_beside(file)
            elif _has_journal(engine):
                raise Refused(f"There is a book at {_place(engine)} already: choose another database.")
            _migrate(engine)
    except BaseException:
        engine.dispose()
        if file is not None:
            file.unlink(missing_ok=True)
        raise
    return Book(engine, kinds, clock)


def open_book(location: str, kinds: Kinds, clock: Clock = utc_now) -> Book:
    """Open the book at a path or database URL; BadInput when there is none."""
    url = book_url(location)
    file = _file_of(url)
    if file is not None and not file.is_file():
        raise BadInput(f"There is no book at {file}: create one with `mdfm init`.")
    engine = _engine(url)
    with _plainly(engine):
        if not _has_journal(engine):
            raise BadInput(f"{location} is not a book: create one with `mdfm init`.")
    return Book(engine, kinds, clock)


def _has_journal(engine: Engine) -> bool:
    # Where there is no book yet there is no role that may only read it, either.
    work = READ if engine.dialect.name == "sqlite" else OWN
    with engine.connect().execution_options(mdfm_work=work) as books:
        return sqlalchemy.inspect(books).has_table("entry")


def _place(engine: Engine) -> str:
    """Where a book is, without a password."""
    return engine.url.render_as_string(hide_password=True)


def book_url(location: str) -> str:
    """The database URL of a book: a location without a scheme is the path of an SQLite file."""
    return location if "://" in location else f"sqlite:///{location}"


def _file_of(url: str) -> Path | None:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadInput(f"'{url}' is not a path or a database URL.") from None
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(parsed.database) if parsed.database else None


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = sqlalchemy.create_engine(parsed.set(drivername="postgresql+psycopg"))
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise BadInput(f"A book cannot be kept on {parsed.get_backend_name()}: use SQLite or PostgreSQL.")
    pool: dict[str, Any] = {"poolclass": sqlalchemy.StaticPool} if url == MEMORY else {}
    # A batch writes in a thread of its own, never at the same time as another (ledger.batch).
    engine = sqlalchemy.create_engine(parsed, connect_args={"check_same_thread": False}, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not open transactions of its own: _begin_sqlite says which kind each one is.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA synchronous = FULL")


def _keep_log_beside(file: Path) -> None:
    """Write-ahead logging, which the file remembers: readers then never wait for the writer."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _work(connection: Connection) -> Work:
    work: Work = connection.get_execution_options().get("mdfm_work", READ)
    return work


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock before it reads the head, so that no two writers build on the same one.
    reads = _work(connection) == READ
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_READ_CACHE_KIB if reads else _CACHE_KIB}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    # Each kind of work has the rights it needs and no more (alembic/versions/0003_roles.py). The recorder
    # takes the lock of the journal's triggers before it reads the head.
    if _work(connection) == READ:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.exec_driver_sql("SET LOCAL ROLE mdfm_reader")
    elif _work(connection) == RECORD:
        connection.exec_driver_sql(
            f"SET LOCAL ROLE mdfm_recorder; SELECT pg_advisory_xact_lock({JOURNAL_LOCK})"
        )


@contextmanager
def _plainly(engine: Engine) -> Iterator[None]:
    """Say in a sentence what a database that cannot be used says in its own way."""
    try:
        yield
    except MdfmError:
        raise
    except (DatabaseError, UnicodeDecodeError) as error:
        place = engine.url.render_as_string(hide_password=True)
        reason = str(error.orig) if isinstance(error, DatabaseError) else "malformed text"
        if any(word in reason for word in ("malformed", "not a database", "corrupt", "disk image")):
            raise Tampered(f"The book at {place} is damaged: {reason}.") from error
        told = next((plain for word, plain in _PLAINLY.items() if word in reason), f"refuses: {reason}")
        raise Refused(f"The book at {place} {told}.") from error


_PLAINLY = {
    "readonly": "is read-only: nothing was recorded",
    "locked": "is in use by another program: try again",
    "is full": "has no room on its disk: nothing was recorded; make room and try again",
    "I/O error": "cannot be written to its disk (disk I/O error): nothing was recorded; see what it lacks",
}
"""What a database says, by a word of it, as a sentence about the book."""


def migrations() -> Path:
    """Where the migrations are: beside this package once installed, in `alembic/` in a checkout."""
    installed = Path(str(files("ledger"))) / "migrations"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "alembic"


def _migrate(engine: Engine) -> None:
    # Imported here: only the creation of a book pays for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    with engine.connect().execution_options(mdfm_work=OWN) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
