"""Connections: the engine of a database, its kinds of transactions, and sentences for its errors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError

from ledger.errors import BadInput, MdfmError, OutOfReach, Refused, Tampered, reason_of
from ledger.sentence import Hint, Sentence
from ledger.storage.book_file import BookFile, file_to_make

MEMORY = "sqlite://"
JOURNAL_LOCK = 4_746_631
"""PostgreSQL's advisory lock under which the journal grows; the triggers take the same."""

Work = Literal["read", "record", "own"]
READ: Work = "read"
RECORD: Work = "record"
OWN: Work = "own"
"""The purpose of a transaction. The owner of a book creates and migrates it, and does nothing else."""
BUSY_SECONDS = 30
"""How long a writer waits for the lock."""
_CACHE_KIB = 64 * 1024
"""Enough for the pages that a large unit of work changes; otherwise SQLite writes and reads them again."""
_READ_CACHE_KIB = 8 * 1024
"""A reader uses a page once or twice; the operating system caches the file."""


def place_of(engine: Engine) -> str:
    """The location of a book as its user writes it, without a password."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        return engine.url.database
    return without_password(engine.url.set(drivername=engine.dialect.name).render_as_string())


def without_password(location: str) -> str:
    """A location with its password masked, for printing."""
    return re.sub(r"(?<=://)([^:/@]*):[^/]*@", r"\1:***@", location)


def book_url(location: str | URL) -> URL:
    """The database URL of a book: a location without a scheme is the path of an SQLite file."""
    if not location:
        raise _not_named()
    if isinstance(location, str) and "://" not in location:
        return URL.create("sqlite", database=location)
    if isinstance(location, str) and location.startswith("postgres://"):
        location = location.replace("postgres", "postgresql", 1)  # PostgreSQL's own programs accept this
    try:
        return make_url(location)
    except (ArgumentError, ValueError):
        raise BadInput(
            "not-path-or-url",
            "'{location}' is not a path or a database URL.",
            location=without_password(str(location)),
        ) from None


def file_of(url: str | URL) -> Path | None:
    """The file of the book at a database URL; None for one in memory or on a server."""
    parsed = book_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not (parsed.database or str(url) == MEMORY):
        raise _not_named()
    return Path(parsed.database) if parsed.database else None


def require_not_in_memory(location: str) -> None:
    """BadInput for a book in memory, of which nothing outlives the program."""
    if file_of(location) is None and book_url(location).get_backend_name() == "sqlite":
        raise BadInput(
            "book-in-memory",
            "{location} is a book in memory, which is gone when the program ends: give the path of a file, "
            "or the URL of a database on a server.",
            location=location,
        )


def _not_named() -> BadInput:
    return BadInput(
        "book-not-named", "No name of a book was given: give the path of its file, or a database URL."
    )


def engine_at(url: str | URL, file: BookFile | None = None) -> Engine:
    """The engine for a database URL, whatever is there; `mdfm_work` tells what a transaction is for.

    An SQLite file is made if need be, unless `file` says how it is opened.
    """
    parsed = book_url(url)
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
    if not parsed.database:
        memory = {"check_same_thread": False}
        engine = sqlalchemy.create_engine(parsed, connect_args=memory, poolclass=sqlalchemy.StaticPool)
    else:
        # A unit of work flushes in a thread of its own, one at a time (ledger.storage.unit_of_work).
        how = file or file_to_make(Path(parsed.database))
        engine = sqlalchemy.create_engine(parsed, creator=how.connect, execution_options={"mdfm_file": how})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def opened_file(engine: Engine) -> BookFile | None:
    """How the file of a book is opened; None for a book in memory or on a server."""
    file: BookFile | None = engine.get_execution_options().get("mdfm_file")
    return file


def close_engine(engine: Engine) -> None:
    """Close all connections of an engine, and remove the private copy that it read, if there is one."""
    engine.dispose()
    file = opened_file(engine)
    if file is not None:
        file.close()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not open transactions by itself: _begin_sqlite chooses the kind of each.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA synchronous = FULL")


def use_write_ahead_log(file: Path) -> None:
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
    f"SET LOCAL ROLE mdfm_recorder; SET LOCAL lock_timeout = '{BUSY_SECONDS}s'; "
    f"SELECT pg_advisory_xact_lock({JOURNAL_LOCK})",
    OWN: f"SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE; {_IN_PUBLIC}",
}
"""The first statements of each kind of transaction on PostgreSQL; they override what a server or login set.

Each takes only the rights it needs (alembic/versions/0003_roles.py). The recorder takes the lock of the
journal's triggers before it reads the head.
"""


@contextmanager
def readable_errors(engine: Engine) -> Iterator[None]:
    """Turn an error of the database into a sentence about the book."""
    file = opened_file(engine)
    try:
        yield
        if file is not None:
            file.require_unchanged()
    except MdfmError:
        raise
    except (DatabaseError, UnicodeDecodeError) as error:
        if file is not None:
            file.require_unchanged()
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
_READ_ONLY = "is read-only: nothing was recorded"
_SENTENCES: dict[str, str | Sentence] = {
    "readonly": _READ_ONLY,
    "during recovery": _READ_ONLY,
    "unable to open": "cannot be opened: see whether it is there, and who may read it and its folder",
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
