"""Books on a server: what its settings may not change, who may do what, and what is said when it fails."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from sqlalchemy.engine import make_url

import ledger.storage.database
from ledger import BadInput, Book, Refused, approve, propose, verify, without_password
from ledger.storage.database import RECORD
from mdfm.books import create, open_at
from mdfm.cli.app import app
from tests.support.engines import READY, Server, raw_server
from tests.support.processes import SECONDS_MOST, wait_until
from tests.support.small_books import CHECKER, MAKER, gift, tell

Opened = Callable[[str], Book]
PASSWORD = secrets.token_hex()


class Bare:
    """Makes databases without a book, and logins; what was made is dropped in the end."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made: list[str] = []

    def database(self, how: str = "") -> str:
        """The location of a new database."""
        name = f"bare_{secrets.token_hex(8)}"
        self._server.run(f"CREATE DATABASE {name} {how}")
        self._made.append(f"DATABASE {name}")
        return self._server.location(name)

    def login(self, rights: str = "") -> str:
        """The name of a new login."""
        name = f"login_{secrets.token_hex(8)}"
        self._server.run(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {rights}")
        self._made.append(f"ROLE {name}")
        return name

    def run(self, statement: str) -> None:
        self._server.run(statement)

    def clear(self) -> None:
        for made in sorted(self._made):  # databases before the roles that own them
            self._server.run(f"DROP {made}")


@pytest.fixture
def bare(postgresql: Server) -> Iterator[Bare]:
    made = Bare(postgresql)
    yield made
    made.clear()


def name_of(location: str) -> str:
    return str(make_url(location).database)


def as_login(location: str, name: str) -> str:
    url = make_url(location).set(username=name, password=PASSWORD)
    return url.render_as_string(hide_password=False)


def refused(act: Callable[[], object]) -> str:
    """The one sentence of a refusal, in one line and without any password."""
    with pytest.raises((Refused, BadInput)) as refusal:
        act()
    sentence = str(refusal.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert PASSWORD not in sentence
    return sentence


# ---- what the server, the database or the login have set


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_book_is_made_where_all_letters_can_be_kept(bare: Bare, encoding: str) -> None:
    location = bare.database(f"ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    assert f"keeps text as {encoding}: make it again with" in refused(lambda: create(location))


def test_a_schema_of_the_login_s_name_does_not_catch_the_book(bare: Bare) -> None:
    location = bare.database()
    with raw_server(location) as server:
        server.execute(f"CREATE SCHEMA {server.info.user}".encode())
        create(location).close()
        (table,) = server.execute(
            "SELECT 'public.entry'::regclass::oid = to_regclass('entry')::oid"
        ).fetchone() or (False,)
    assert table


def test_another_default_isolation_is_no_matter(bare: Bare) -> None:
    location = bare.database()
    create(location).close()
    bare.run(f"ALTER DATABASE {name_of(location)} SET default_transaction_isolation = 'serializable'")
    bare.run(f"ALTER DATABASE {name_of(location)} SET default_transaction_read_only = on")
    book = open_at(location)
    with book.recording() as journal:
        assert journal.books.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "read committed"
        assert journal.books.exec_driver_sql("SHOW transaction_read_only").scalar_one() == "off"
    book.close()


# ---- where a book is


def test_a_password_is_never_printed(bare: Bare) -> None:
    location = make_url(bare.database()).set(password=PASSWORD).render_as_string(hide_password=False)
    for words in (["entry", "list"], ["init"], ["init"], ["init", "--json"]):
        told = CliRunner().invoke(app, ["--book", location, *words])
        assert "postgresql://" in told.output
        assert PASSWORD not in told.output


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("postgresql://ana:a:b@c@host/fund", "postgresql://ana:***@host/fund"),
        ("postgresql://:secret@host:5432/fund", "postgresql://:***@host:5432/fund"),
        ("postgresql://ana@host:5432/fund?a=b@c", "postgresql://ana@host:5432/fund?a=b@c"),
        ("books/a:b@c.book", "books/a:b@c.book"),
    ],
)
def test_a_location_is_shown_without_its_password(location: str, shown: str) -> None:
    assert without_password(location) == shown


def test_a_port_that_is_none_is_told(bare: Bare) -> None:
    told = refused(lambda: open_at(f"postgresql://ana:{PASSWORD}@host:port/fund"))
    assert told == "'postgresql://ana:***@host:port/fund' is not a path or a database URL."


def test_the_short_name_of_the_server_s_kind_will_do(postgresql: Server, opened: Opened) -> None:
    location = postgresql.fresh(READY).replace("postgresql://", "postgres://", 1)
    assert verify(opened(location)).findings == []


def test_a_database_that_is_missing_is_told(postgresql: Server) -> None:
    location = postgresql.location("no_such_fund")
    assert "is not there: make the database first" in refused(lambda: create(location))


def test_a_server_that_does_not_run_is_told() -> None:
    nobody = f"postgresql://ana:{PASSWORD}@127.0.0.1:1/fund"
    assert "cannot be reached: see that its server runs" in refused(lambda: open_at(nobody))


# ---- who may do what


def test_a_login_that_was_given_nothing_is_told_what_it_lacks(bare: Bare, opened: Opened) -> None:
    location = bare.database()
    create(location).close()
    name = bare.login()
    told = refused(lambda: opened(as_login(location, name)))
    assert "closed to this login: have its owner GRANT mdfm_reader" in told
    bare.run(f"GRANT mdfm_reader TO {name}")
    book = opened(as_login(location, name))
    assert verify(book).findings == []
    told = refused(lambda: tell(book, gift("U-1", 10_00)))
    assert "may only be read by this login: have its owner GRANT mdfm_recorder" in told
    book.close()


def test_who_owns_a_database_needs_no_other_rights_than_the_book_s_roles(bare: Bare) -> None:
    create(bare.database()).close()  # so that there are roles
    name = bare.login()
    location = as_login(bare.database(f"OWNER {name}"), name)
    assert "let a superuser make the roles mdfm_reader and mdfm_recorder" in refused(lambda: create(location))
    bare.run(f"GRANT mdfm_reader, mdfm_recorder TO {name}")
    book = create(location)
    assert verify(book).findings == []
    book.close()


# ---- several at once, and a server that goes away


def waiting_for(time: str) -> str:
    """How a writer begins that waits for its turn so long."""
    usual, begins = (
        f"lock_timeout = '{ledger.storage.database.BUSY_SECONDS}s'",
        ledger.storage.database._BEGIN[RECORD],
    )
    assert usual in begins
    return begins.replace(usual, f"lock_timeout = '{time}'")


def test_a_writer_does_not_wait_for_ever(
    postgresql: Server, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = postgresql.fresh(READY)
    first, second = opened(location), opened(location)
    with first.recording():
        monkeypatch.setitem(ledger.storage.database._BEGIN, RECORD, waiting_for("10ms"))
        told = refused(lambda: tell(second, gift("U-1", 10_00)))
    assert told.endswith("is in use by another program: try again.")


def test_the_same_proposal_is_approved_once(
    postgresql: Server, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ledger.storage.database._BEGIN, RECORD, waiting_for(f"{SECONDS_MOST}s"))
    location = postgresql.fresh(READY)
    first, second = opened(location), opened(location)
    with first.recording() as journal:
        number = propose(journal, gift("U-1", 10_00), MAKER).id

    def late() -> None:
        with second.recording() as journal:
            approve(journal, number, "Later Approver")

    with ThreadPoolExecutor(1) as pool:
        with first.recording() as journal, raw_server(location) as watcher:
            approve(journal, number, CHECKER)
            other = pool.submit(late)
            waits = "SELECT 1 FROM pg_locks WHERE NOT granted"
            wait_until(lambda: other.done() or watcher.execute(waits).fetchone())
        with pytest.raises(Refused, match=f"Proposal {number} was approved already, by {CHECKER}"):
            other.result(timeout=SECONDS_MOST)
    assert verify(first).findings == []


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("pg_terminate_backend", "lost its server: try again when that runs"),
        ("pg_cancel_backend", "was made to stop by its server: nothing was recorded"),
    ],
)
def test_a_writer_whose_server_goes_away_is_told_and_records_nothing(
    postgresql: Server, opened: Opened, how: str, told: str
) -> None:
    location = postgresql.fresh(READY)
    book = opened(location)
    before = verify(book).head

    def cut_off() -> None:
        with book.recording() as journal:
            own = journal.books.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            journal.record(gift("U-1", 10_00), made_by=MAKER, approved_by=CHECKER)
            with raw_server(location) as server, ThreadPoolExecutor(1) as pool:
                pending = pool.submit(journal.books.exec_driver_sql, f"SELECT pg_sleep({SECONDS_MOST})")
                asleep = f"SELECT 1 FROM pg_stat_activity WHERE pid = {own} AND wait_event = 'PgSleep'"
                wait_until(lambda: pending.done() or server.execute(asleep.encode()).fetchone())
                server.execute(f"SELECT {how}({own})".encode())
                pending.result()

    assert told in refused(cut_off)
    after = verify(book)
    assert after.findings == []
    assert after.head == before


def test_a_refusal_of_the_database_is_one_line(postgresql: Server, opened: Opened) -> None:
    location = postgresql.fresh(READY)
    book = opened(location)
    with raw_server(location) as owner:
        owner.execute("ALTER TABLE balance ADD CONSTRAINT ck_none CHECK (amount = 0) NOT VALID")
    assert 'violates check constraint "ck_none"' in refused(lambda: tell(book, gift("U-1", 10_00)))
