"""A book: one database with one journal, created by the migrations and opened for reading or recording."""

from __future__ import annotations

import re
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

from ledger.entry.event import Kinds
from ledger.errors import BadInput, MdfmError, OutOfReach, Refused, Tampered, reason_of
from ledger.journal.journal import Clock, Journal, utc_now
from ledger.sentence import Hint, Sentence

MEMORY = "sqlite://"
JOURNAL_LOCK = 4_746_631
"""PostgreSQL's advisory lock under which the journal grows; the triggers take the same."""

Work = Literal["read", "record", "own"]
READ: Work = "read"
RECORD: Work = "record"
OWN: Work = "own"
"""The purpose of a transaction. The owner of a book creates and migrates it, and does nothing else."""
_BUSY_SECONDS = 30
"""How long a writer waits for the lock."""
_CACHE_KIB = 64 * 1024
"""Enough for the pages that a large unit of work changes; otherwise SQLite writes and reads them again."""
_READ_CACHE_KIB = 8 * 1024
"""A reader uses a page once or twice; the operating system caches the file."""


class Book:
    """An open book. Use `create_book` or `open_book` to get one."""

    def __init__(self, engine: Engine, kinds: Kinds, clock: Clock = utc_now) -> None:
        self.engine = engine
        self.kinds = kinds
        self._clock = clock
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one unchanging state of the book."""
        self.require_open()
        with readable_errors(self.engine), self.engine.connect() as books, books.begin():
            yield books

    @contextmanager
    def recording(self) -> Iterator[Journal]:
        """The journal, open for one transaction: everything in it is committed, or nothing.

        There is one writer at a time, as a chain has one head; another one waits for the lock.
        """
        self.require_open()
        writing = self.engine.connect().execution_options(mdfm_work=RECORD)
        with readable_errors(self.engine), writing as books, books.begin():
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

    @property
    def _in_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def in_memory(self) -> bool:
        """Whether the book is in memory: it has one connection and is gone with it."""
        return isinstance(self.engine.pool, sqlalchemy.StaticPool)

    @property
    def location(self) -> str:
        """The database URL by which another process can open it, with the password if there is one."""
        return self.engine.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Close all connections to the database. Later transactions are Refused."""
        self._closed = True
        self.engine.dispose()

    def require_open(self) -> None:
        """Refused after `close`: the engine would connect again, and a book in memory would be empty."""
        if self._closed:
            raise Refused(
                "book-closed",
                "The book at {place} was closed by this program: open it again.",
                place=place_of(self.engine),
            )


def create_book(location: str, kinds: Kinds, clock: Clock = utc_now) -> Book:
    """Create an empty book at a path or database URL; Refused when there is one already."""
    url = book_url(location)
    file = file_of(url)
    if file is not None and file.exists():
        raise Refused(
            "book-file-exists",
            "There is a book at {file} already: choose another place, or remove it first.",
            file=file,
        )
    if file is not None and not file.parent.is_dir():
        raise BadInput(
            "folder-missing",
            "The folder {folder} does not exist: create it first.",
            folder=file.parent,
        )
    engine = engine_at(url)
    try:
        with readable_errors(engine):
            if file is not None:
                _keep_log_beside(file)
            else:
                _require_utf8(engine)
                if _has_journal(engine):
                    raise Refused(
                        "database-holds-book",
                        "There is a book at {place} already: choose another database.",
                        place=place_of(engine),
                    )
            migrate(engine)
    except BaseException:
        engine.dispose()
        if file is not None:
            file.unlink(missing_ok=True)
        raise
    return Book(engine, kinds, clock)


def open_book(location: str, kinds: Kinds, clock: Clock = utc_now) -> Book:
    """Open the book at a path or database URL; BadInput when there is none."""
    url = book_url(location)
    file = file_of(url)
    if file is not None and not file.is_file():
        raise BadInput(
            "book-missing",
            "There is no book at {file}: create one{hint}.",
            file=file,
            hint=Hint("create-book"),
        )
    engine = engine_at(url)
    try:
        with readable_errors(engine):
            if not _has_journal(engine):
                raise BadInput(
                    "not-a-book",
                    "{location} is not a book: create one{hint}.",
                    location=without_password(location),
                    hint=Hint("create-book"),
                )
            _require_known_tables(engine)
    except BaseException:
        engine.dispose()
        raise
    return Book(engine, kinds, clock)


def _has_journal(engine: Engine) -> bool:
    # Before there is a book, the role of readers may not exist.
    work = READ if engine.dialect.name == "sqlite" else OWN
    with engine.connect().execution_options(mdfm_work=work) as books:
        return sqlalchemy.inspect(books).has_table("entry")


def _require_known_tables(engine: Engine) -> None:
    """Refuse a book whose tables another version has changed: this one would misread them."""
    with engine.connect().execution_options(mdfm_work=READ) as books:
        made_by = books.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    known = {path.stem.partition("_")[0] for path in (migrations() / "versions").glob("[0-9]*.py")}
    if made_by not in known:
        raise Refused(
            "book-version-differs",
            "The book at {place} was made or changed by another version of this program (migration "
            "{made_by}): open it with that version.",
            place=place_of(engine),
            made_by=made_by,
        )


def _require_utf8(engine: Engine) -> None:
    """Refuse a database in another encoding than UTF-8, over whose bytes seals are computed."""
    if engine.dialect.name == "sqlite":
        return
    with engine.connect().execution_options(mdfm_work=OWN) as books:
        encoding = books.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise Refused(
            "database-not-utf8",
            "The database at {place} keeps text as {encoding}: make it again with CREATE DATABASE ... "
            "ENCODING 'UTF8' TEMPLATE template0.",
            place=place_of(engine),
            encoding=encoding,
        )


def place_of(engine: Engine) -> str:
    """The location of a book as its user writes it, without a password."""
    return without_password(engine.url.set(drivername=engine.dialect.name).render_as_string())


def without_password(location: str) -> str:
    """A location with its password masked, for printing."""
    return re.sub(r"(?<=://)([^:/@]*):[^/]*@", r"\1:***@", location)


def book_url(location: str) -> str:
    """The database URL of a book: a location without a scheme is the path of an SQLite file."""
    if location.startswith("postgres://"):  # PostgreSQL's own programs accept this spelling
        return location.replace("postgres", "postgresql", 1)
    return location if "://" in location else f"sqlite:///{location}"


def file_of(url: str) -> Path | None:
    """The file of the book at a database URL; None for one in memory or on a server."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadInput(
            "not-path-or-url",
            "'{location}' is not a path or a database URL.",
            location=without_password(url),
        ) from None
    if parsed.get_backend_name() != "sqlite":
        return None
    if not (parsed.database or url == MEMORY):
        raise BadInput(
            "book-not-named", "No name of a book was given: give the path of its file, or a database URL."
        )
    return Path(parsed.database) if parsed.database else None


def engine_at(url: str) -> Engine:
    """The engine for a database URL, whatever is there; `mdfm_work` tells what a transaction is for."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        try:
            engine = sqlalchemy.create_engine(
                parsed.set(drivername="postgresql+psycopg"), connect_args={"client_encoding": "utf8"}
            )
        except ModuleNotFoundError:
            raise BadInput(
                "psycopg-not-installed",
                "A book on PostgreSQL needs the package psycopg, which is not installed: install it "
                "beside mdfm (in the folder of the checkout, with pip install -e '.[postgresql]').",
            ) from None
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    if parsed.get_backend_name() != "sqlite":
        raise BadInput(
            "database-kind-unsupported",
            "A book cannot be kept on {kind}: use SQLite or PostgreSQL.",
            kind=parsed.get_backend_name(),
        )
    pool: dict[str, Any] = {"poolclass": sqlalchemy.StaticPool} if url == MEMORY else {}
    # A unit of work flushes in a thread of its own, one at a time (ledger.storage.unit_of_work).
    engine = sqlalchemy.create_engine(parsed, connect_args={"check_same_thread": False}, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not open transactions by itself: _begin_sqlite chooses the kind of each.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA synchronous = FULL")


def _keep_log_beside(file: Path) -> None:
    """Turn on write-ahead logging, a setting of the file: readers then never wait for the writer."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _work(connection: Connection) -> Work:
    work: Work = connection.get_execution_options().get("mdfm_work", READ)
    return work


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock before it reads the head, so that no two writers append to the same head.
    reads = _work(connection) == READ
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_READ_CACHE_KIB if reads else _CACHE_KIB}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    connection.exec_driver_sql(_BEGIN[_work(connection)])


_IN_PUBLIC = "SET LOCAL search_path = public, pg_temp"
_BEGIN: dict[Work, str] = {
    READ: f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; {_IN_PUBLIC}; "
    f"SET LOCAL ROLE mdfm_reader",
    RECORD: f"SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE; {_IN_PUBLIC}; "
    f"SET LOCAL ROLE mdfm_recorder; SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'; "
    f"SELECT pg_advisory_xact_lock({JOURNAL_LOCK})",
    OWN: _IN_PUBLIC,
}
"""The first statements of each kind of transaction on PostgreSQL; they override what a server or login set.

Each takes only the rights it needs (alembic/versions/0003_roles.py). The recorder takes the lock of the
journal's triggers before it reads the head.
"""


@contextmanager
def readable_errors(engine: Engine) -> Iterator[None]:
    """Turn an error of the database into a sentence about the book."""
    try:
        yield
    except MdfmError:
        raise
    except (DatabaseError, UnicodeDecodeError) as error:
        place = place_of(engine)
        reason = reason_of(error.orig) if isinstance(error, DatabaseError) else "malformed text"
        if any(word in reason for word in ("malformed", "not a database", "corrupt", "disk image")):
            raise Tampered(
                "book-damaged",
                "The book at {place} is damaged: {reason}.",
                place=place,
                reason=reason,
            ) from error
        for word, sentence in _OUT_OF_REACH.items():
            if word in reason:
                raise OutOfReach(
                    "book-out-of-reach",
                    "The book at {place} {sentence}.",
                    place=place,
                    sentence=sentence,
                ) from error
        found = (sentence for word, sentence in _SENTENCES.items() if word in reason)
        raise Refused(
            "database-refuses-book",
            "The book at {place} {why}.",
            place=place,
            why=next(found, f"refuses: {reason}"),
        ) from error


_TOO_MUCH = Sentence(
    "has amounts whose sum is more than its database can add up (2^63): find the entry whose amount is wrong",
    Hint("list-entries"),
    " and reverse it on its own day",
)
_SENTENCES: dict[str, str | Sentence] = {
    "readonly": "is read-only: nothing was recorded",
    "locked": "is in use by another program: try again",
    "is full": "has no room on its disk: nothing was recorded; make room and try again",
    "I/O error": "cannot be written to its disk (disk I/O error): nothing was recorded; see what it lacks",
    "lock timeout": "is in use by another program: try again",
    "No space left": "has no room on its disk: nothing was recorded; make room and try again",
    "integer overflow": _TOO_MUCH,
    "bigint out of range": _TOO_MUCH,
}
"""By a part of the database's message: the sentence about the book."""

_LET_IT_OWN = (
    "cannot be made by this login: let a superuser make the roles mdfm_reader and mdfm_recorder and GRANT "
    "both to it"
)
_UNREACHED = "cannot be reached: see that its server runs and that its address is right"
_CUT_OFF = "lost its server: try again when that runs; what was recorded by then is not recorded twice"
_STOPPED = "was made to stop by its server: nothing was recorded; try again"
_OUT_OF_REACH = {
    'set role "mdfm_reader"': "is closed to this login: have its owner GRANT mdfm_reader to it",
    'set role "mdfm_recorder"': "may only be read by this login: have its owner GRANT mdfm_recorder to it",
    "to grant role": _LET_IT_OWN,
    "to create role": _LET_IT_OWN,
    "for schema public": "cannot be made by this login: let it own the database",
    "authentication failed": "does not know this login, or not with this password",
    "no password supplied": "asks for a password: write it into the URL (NAME:PASSWORD@), or into ~/.pgpass",
    "permission denied for database": "is closed to this login: have its owner GRANT CONNECT to it",
    'FATAL:  database "': "is not there: make the database first (CREATE DATABASE), or see how it is spelt",
    "Connection refused": _UNREACHED,
    "No such file": _UNREACHED,
    "resolve host": _UNREACHED,
    "timeout expired": _UNREACHED,
    "due to user request": _STOPPED,
    "statement timeout": _STOPPED,
    "starting up": _CUT_OFF,
    "shutting down": _CUT_OFF,
    "terminating connection": _CUT_OFF,
    "server closed the connection": _CUT_OFF,
    "connection is lost": _CUT_OFF,
    "connection is closed": _CUT_OFF,
}
"""The same for a server that cannot be used."""


def migrations() -> Path:
    """Where the migrations are: beside this package once installed, in `alembic/` in a checkout."""
    installed = Path(str(files("ledger"))) / "migrations"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "alembic"


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing up to a revision, all in one transaction, by the owner."""
    # Imported here: only the creation of a book pays for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    with engine.connect().execution_options(mdfm_work=OWN) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
