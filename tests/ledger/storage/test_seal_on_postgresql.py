"""The seal on PostgreSQL: the promises that SQLite's triggers make, and those that only a server needs.

The attacks of test_seal.py are made here too, over the same book; then come roles, sessions side by side,
and what looks like a journal and is none.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ledger import Refused, head, verify
from ledger.audit import schema_integrity
from ledger.storage.database import OWN
from mdfm.books import open_at
from tests.ledger.storage.test_seal import ATTACKS, PAIR, forge, insert, next_entry
from tests.support.engines import PLAYED, READY, Raw, Server, raw_server
from tests.support.processes import SECONDS_MOST, wait_until
from tests.support.small_books import gift, tell


class LikeSqlite:
    """A connection to PostgreSQL for attacks that were written for SQLite."""

    def __init__(self, db: Raw) -> None:
        self._db = db

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self._db.execute(sql.replace("?", "%s").encode(), values or None)


SPOKEN = {
    "FOREIGN KEY": "foreign key",
    "NOT NULL": "not-null",
    "cannot store TEXT value in INTEGER": "invalid input syntax for type bigint",
}
"""How PostgreSQL says what SQLite says otherwise."""

OTHERWISE = {"a fraction of a cent", "sums beyond 64 bits"}
"""PostgreSQL rounds a fraction to whole cents and adds up without a limit: tested below by what comes out."""

SAME = {
    name: attack
    for name, attack in ATTACKS.items()
    if name not in OTHERWISE and not re.search("OR REPLACE|another content|replaced", name, re.IGNORECASE)
}
"""All but what is no SQL on PostgreSQL (OR REPLACE), whose counterparts are below."""


@pytest.fixture(scope="module")
def attacked(postgresql: Server) -> Iterator[str]:
    """One book for all attacks: after them it must be as it was."""
    location = postgresql.fresh(PLAYED)
    with closing(open_at(location)) as book:
        with book.reading() as books:
            before = head(books)
        yield location
        after = verify(book)
    assert after.findings == []
    assert after.head == before


@pytest.fixture
def db(attacked: str) -> Iterator[Raw]:
    """A session within a transaction that is never committed."""
    with raw_server(attacked) as session:
        session.execute("BEGIN")
        yield session
        session.execute("ROLLBACK")


def as_sqlite(db: Raw) -> Any:
    return cast(Any, LikeSqlite(db))


@pytest.mark.parametrize("attack", SAME)
def test_the_database_refuses(db: Raw, attack: str) -> None:
    act, reason = SAME[attack]
    with pytest.raises(psycopg.Error, match=SPOKEN.get(reason, reason)):
        act(as_sqlite(db))
        db.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at the end of the transaction


def test_the_database_accepts_what_the_attacks_differ_from(db: Raw) -> None:
    forge(as_sqlite(db), *PAIR)
    db.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_fraction_of_a_cent_never_stays(db: Raw) -> None:
    like = as_sqlite(db)
    entry = next_entry(like, 2)
    for no, (each, amount) in enumerate(zip(PAIR, (100.5, -100.5), strict=True), start=1):
        row = {"entry": entry["seq"], "no": no, **each._asdict(), "amount": amount, "usd": amount}
        insert(like, "line", row)
    stored = db.execute("SELECT amount FROM line WHERE entry = %s", (entry["seq"],)).fetchall()
    assert [type(amount) for (amount,) in stored] == [int, int]
    assert sum(amount for (amount,) in stored) == 0


def test_fractions_that_add_up_to_zero_must_do_so_in_cents(db: Raw) -> None:
    odd = PAIR[0]._replace(amount=cast(int, 100.6), usd=cast(int, 100.6))
    other = PAIR[1]._replace(amount=cast(int, -50.3), usd=cast(int, -50.3))
    with pytest.raises(psycopg.Error, match="do not add up to zero"):
        forge(as_sqlite(db), odd, other, other)  # in fractions zero, in cents one


STATEMENTS = {
    "TRUNCATE entry CASCADE": "is sealed: it is never changed",
    "TRUNCATE line": "line is sealed",
    "TRUNCATE evidence": "evidence is sealed",
    "TRUNCATE account CASCADE": "is sealed: it is never changed",
    "UPDATE entry SET made_by = 'x' WHERE false": "entry is sealed",
    "DELETE FROM line WHERE false": "line is sealed",
    "INSERT INTO entry SELECT * FROM entry WHERE seq = 5"
    " ON CONFLICT (seq) DO UPDATE SET made_by = 'x'": "entry is sealed",
    "INSERT INTO entry SELECT * FROM entry WHERE seq = 5 ON CONFLICT DO NOTHING": "the next number",
    "INSERT INTO line SELECT * FROM line WHERE entry = 16"
    " ON CONFLICT (entry, no) DO UPDATE SET amount = 0": "sealed",
    "INSERT INTO account SELECT * FROM account ON CONFLICT (code) DO UPDATE SET name = 'x'": "sealed",
    "INSERT INTO evidence SELECT * FROM evidence"
    " ON CONFLICT (sha256) DO UPDATE SET content = ''": "evidence is sealed|is kept already",
    "MERGE INTO line USING line AS other ON line.entry = other.entry AND line.no = other.no"
    " WHEN MATCHED THEN UPDATE SET amount = 0": "line is sealed",
    "MERGE INTO entry USING (SELECT 1 AS seq) AS other ON entry.seq = other.seq"
    " WHEN MATCHED THEN DELETE": "entry is sealed",
    "WITH gone AS (DELETE FROM line RETURNING *) SELECT count(*) FROM gone": "line is sealed",
}


@pytest.mark.parametrize("sql", STATEMENTS)
def test_what_only_postgresql_can_say_is_refused(db: Raw, sql: str) -> None:
    with pytest.raises(psycopg.Error, match=STATEMENTS[sql]):
        db.execute(sql.encode())


def test_lines_that_are_copied_in_are_refused(db: Raw) -> None:
    row = [16, 99, *PAIR[0]]
    copying = db.cursor().copy("COPY line FROM STDIN")
    with pytest.raises(psycopg.Error, match="the entry of this line is sealed"), copying as stream:
        stream.write_row(row)


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize(
    "write",
    [
        "INSERT INTO line SELECT * FROM line LIMIT 1",
        "INSERT INTO entry SELECT * FROM entry LIMIT 1",
        "INSERT INTO evidence SELECT 'x', ''",
    ],
)
def test_a_snapshot_from_before_the_lock_may_not_write(db: Raw, isolation: str, write: str) -> None:
    db.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
    with pytest.raises(psycopg.Error, match="the journal is written read committed"):
        db.execute(write.encode())


LATE = (
    "INSERT INTO public.line SELECT 15, 99, account, term, agreement, activity, grant_code, bank_account,"
    " donor, currency, amount, usd FROM public.line WHERE entry = 16 AND no = 1"
)


@pytest.mark.parametrize(
    "aside",
    [
        "CREATE TEMP TABLE entry (LIKE public.entry)",
        "CREATE TEMP VIEW entry AS SELECT * FROM public.entry WHERE false",
        "CREATE SCHEMA aside; CREATE TABLE aside.entry (LIKE public.entry);"
        " SET LOCAL search_path = aside, public",
    ],
)
def test_nothing_stands_in_for_the_journal(db: Raw, aside: str) -> None:
    db.execute(aside.encode())
    db.execute("SELECT seq FROM entry").fetchall()  # nothing: the session's own name for it
    with pytest.raises(psycopg.Error, match="the entry of this line is sealed"):
        db.execute(LATE.encode())


@pytest.mark.parametrize("name", ["account", "period", "line"])
def test_nothing_stands_in_for_what_the_seal_reads(db: Raw, name: str) -> None:
    """A closed month stays closed, and a line keeps its dimensions, whatever the session calls so."""
    db.execute(f"CREATE TEMP TABLE {name} (LIKE public.{name})".encode())
    like = as_sqlite(db)
    entry = next_entry(like, 2) | {"effective_on": "2021-11-30"}
    cash = PAIR[0]._replace(bank_account="") if name == "account" else PAIR[0]
    with pytest.raises(psycopg.Error, match="lacks a dimension|the period is closed"):
        for no, each in enumerate((cash, PAIR[1]), start=1):
            insert(like, "public.line", {"entry": entry["seq"], "no": no, **each._asdict()})
        insert(like, "public.entry", entry)


# ---- sessions side by side


def wait_until_waiting(watcher: Raw, pid: int) -> None:
    """Until a session waits for the journal's lock."""
    query = "SELECT 1 FROM pg_locks WHERE pid = %s AND locktype = 'advisory' AND NOT granted"
    wait_until(lambda: watcher.execute(query, (pid,)).fetchone())


def test_a_second_session_waits_for_the_seal_and_is_refused(postgresql: Server) -> None:
    location = postgresql.fresh(PLAYED)
    with raw_server(location) as first, raw_server(location) as second, raw_server(location) as watcher:
        first.execute("BEGIN")
        forge(as_sqlite(first), *PAIR)
        seq = first.execute("SELECT max(seq) FROM entry").fetchone()
        sneaking = {"entry": (seq or (0,))[0], "no": 3, **PAIR[0]._asdict()}
        with ThreadPoolExecutor(1) as pool:
            slipped = pool.submit(insert, as_sqlite(second), "line", sneaking)
            try:
                wait_until_waiting(watcher, second.info.backend_pid)
            finally:
                first.execute("COMMIT")
            with pytest.raises(psycopg.Error, match="the entry of this line is sealed"):
                slipped.result(timeout=SECONDS_MOST)
        (lines,) = watcher.execute("SELECT count(*) FROM line WHERE entry = %s", seq).fetchone() or (0,)
        assert lines == 2


def test_two_sessions_cannot_seal_the_same_number(postgresql: Server) -> None:
    location = postgresql.fresh(PLAYED)
    with raw_server(location) as first, raw_server(location) as second, raw_server(location) as watcher:
        entry = next_entry(as_sqlite(first), 0)
        first.execute("BEGIN")
        insert(as_sqlite(first), "entry", entry)
        with ThreadPoolExecutor(1) as pool:
            same = pool.submit(
                insert, as_sqlite(second), "entry", entry | {"key": "another", "hash": "e" * 64}
            )
            try:
                wait_until_waiting(watcher, second.info.backend_pid)
            finally:
                first.execute("COMMIT")
            with pytest.raises(psycopg.Error, match="does not have the next number"):
                same.result(timeout=SECONDS_MOST)


# ---- who may do what


@pytest.fixture(scope="module")
def roles(postgresql: Server, attacked: str) -> Iterator[dict[str, str]]:
    """A login that may only record, and one that may only read: the book's location for each."""
    password = secrets.token_hex()
    names = {role: f"{make_url(attacked).database}_{role}" for role in ("recorder", "reader")}
    for role, name in names.items():
        granted = "mdfm_recorder, mdfm_reader" if role == "recorder" else "mdfm_reader"
        postgresql.run(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {granted}")
    yield {
        role: make_url(attacked).set(username=name, password=password).render_as_string(hide_password=False)
        for role, name in names.items()
    }
    for name in names.values():
        postgresql.run(f"DROP ROLE {name}")


JOURNAL = ("entry", "line", "evidence", "account")
FORBIDDEN = [
    *(
        f"UPDATE {table} SET {column} = {column}"
        for table, column in zip(JOURNAL, ("seq", "no", "sha256", "code"), strict=True)
    ),
    *(f"DELETE FROM {table}" for table in (*JOURNAL, "balance", "donor", "period", "proposal")),
    *(f"TRUNCATE {table} CASCADE" for table in (*JOURNAL, "balance")),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in JOURNAL),
    "DROP TRIGGER seal_line ON line",
    "CREATE TRIGGER aside BEFORE INSERT ON line FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE OR REPLACE FUNCTION seal_line() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "ALTER FUNCTION seal_line() RESET ALL",
    "ALTER TABLE entry DROP CONSTRAINT ck_entry_four_eyes",
    "CREATE RULE aside AS ON INSERT TO line DO INSTEAD NOTHING",
    "CREATE TABLE aside (amount bigint)",
    "INSERT INTO account VALUES ('2950', 'Deposits', 'liability', '', 0, 0)",
    "UPDATE alembic_version SET version_num = '0001'",
    "UPDATE kept_head SET made_at = made_at",
    "DROP TABLE line",
    "SET session_replication_role = replica",
    "INSERT INTO entry SELECT * FROM entry ON CONFLICT (seq) DO UPDATE SET made_by = 'x'",
]
WRITES = [
    "INSERT INTO line SELECT * FROM line LIMIT 1",
    "INSERT INTO entry SELECT * FROM entry LIMIT 1",
    "INSERT INTO evidence VALUES ('x', '')",
    "INSERT INTO donor SELECT * FROM donor",
    "UPDATE balance SET amount = amount",
    "UPDATE proposal SET status = 'rejected'",
]


@pytest.mark.parametrize(
    ("role", "sql"),
    [*(("recorder", sql) for sql in FORBIDDEN), *(("reader", sql) for sql in (*FORBIDDEN, *WRITES))],
)
def test_a_role_may_not(roles: dict[str, str], role: str, sql: str) -> None:
    with (
        raw_server(roles[role]) as session,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied|must be owner"),
    ):
        session.execute(sql.encode())


def test_a_recorder_records_and_a_reader_reads(postgresql: Server, roles: dict[str, str]) -> None:
    own = postgresql.fresh(READY)
    here = {role: str(at_database(location, own)) for role, location in roles.items()}
    with closing(open_at(here["recorder"])) as recorder, closing(open_at(here["reader"])) as reader:
        (sealed,) = tell(recorder, gift("U-9", 10_00))
        assert verify(reader).head.hash == sealed.hash
        assert verify(reader).findings == []
        with pytest.raises(Refused, match="may only be read by this login"):
            tell(reader, gift("U-10", 10_00))
    postgresql.discard(own)


def at_database(location: str, other: str) -> str:
    return make_url(location).set(database=make_url(other).database).render_as_string(hide_password=False)


def test_who_reads_cannot_write_even_as_owner(attacked: str) -> None:
    with (
        closing(open_at(attacked)) as book,
        pytest.raises(Refused, match="permission denied|read-only"),
        book.reading() as books,
    ):
        books.exec_driver_sql("INSERT INTO evidence VALUES ('x', '')")


# ---- what the owner did to the seal


CHANGED = {
    "ALTER TABLE line DISABLE TRIGGER seal_line": "trigger seal_line",
    "ALTER TABLE entry DISABLE TRIGGER USER": "trigger no_delete_entry",
    "ALTER TABLE line ENABLE REPLICA TRIGGER seal_line": "trigger seal_line",
    "DROP TRIGGER no_truncate_line ON line": "trigger no_truncate_line",
    "CREATE OR REPLACE FUNCTION seal_line() RETURNS trigger LANGUAGE plpgsql"
    " SET search_path = public, pg_temp AS $$ BEGIN RETURN NEW; END $$": "function seal_line",
    "ALTER FUNCTION seal_entry() RESET ALL": "function seal_entry",
    "DROP TRIGGER seal_line ON line; CREATE TRIGGER seal_line BEFORE INSERT ON line"
    " FOR EACH ROW WHEN (NEW.no = 1) EXECUTE FUNCTION seal_line()": "trigger seal_line",
    "DROP TRIGGER no_delete_line ON line; CREATE TRIGGER no_delete_line BEFORE UPDATE ON line"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()": "trigger no_delete_line",
    "CREATE TRIGGER aside BEFORE INSERT ON line"
    " FOR EACH ROW EXECUTE FUNCTION refuse_change()": "trigger aside",
    "CREATE FUNCTION aside() RETURNS int LANGUAGE sql AS 'SELECT 1'": "function aside",
    "CREATE RULE aside AS ON INSERT TO line DO INSTEAD NOTHING": "rule aside",
    "CREATE VIEW aside AS SELECT * FROM line": "view aside",
    "CREATE TABLE aside (amount bigint)": "table aside",
    "ALTER TABLE entry DROP CONSTRAINT ck_entry_four_eyes": "constraint ck_entry_four_eyes",
    "ALTER TABLE entry DROP CONSTRAINT ck_entry_four_eyes; ALTER TABLE entry ADD"
    " CONSTRAINT ck_entry_four_eyes CHECK (seq > 0) NOT VALID": "constraint ck_entry_four_eyes",
    "ALTER TABLE entry DROP CONSTRAINT uq_entry_key": "constraint uq_entry_key",
    "ALTER TABLE line DROP CONSTRAINT fk_line_entry": "constraint fk_line_entry",
    "ALTER TABLE line DROP CONSTRAINT pk_line": "constraint pk_line",
    "ALTER TABLE balance DROP CONSTRAINT ck_balance_debit_side": "constraint ck_balance_debit_side",
    "ALTER TABLE line ALTER amount TYPE numeric": "column line.amount",
    "ALTER TABLE line ALTER donor DROP NOT NULL": "column line.donor",
    "ALTER TABLE line ADD note text": "column line.note",
    "UPDATE alembic_version SET version_num = '0001'": "revision 0001",
}


@pytest.mark.parametrize("sql", CHANGED)
def test_a_seal_that_the_owner_loosened_is_found(attacked: str, sql: str) -> None:
    with closing(open_at(attacked)) as book:
        owning = book.engine.connect().execution_options(mdfm_work=OWN)
        with owning as owner, owner.begin() as change:
            assert list(schema_integrity.faults(owner)) == []
            owner.exec_driver_sql(sql)
            assert any(CHANGED[sql] in fault for fault in schema_integrity.faults(owner))
            change.rollback()


def test_verification_tells_what_the_owner_loosened(postgresql: Server) -> None:
    location = postgresql.fresh(READY)
    with raw_server(location) as owner, closing(open_at(location)) as book:
        owner.execute("ALTER TABLE line DISABLE TRIGGER seal_line")
        assert ["trigger seal_line" in finding.what for finding in verify(book).findings] == [True]
    postgresql.discard(location)
