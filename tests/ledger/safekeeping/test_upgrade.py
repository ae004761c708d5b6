"""Upgrades: after a backup, in one transaction, by the owner; who is killed leaves no book half upgraded."""

from __future__ import annotations

import random
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url

from donors import DonorRegistered
from ledger import BadInput, Book, Head, MdfmError, Refused, Tampered, head, open_book
from ledger.audit import schema_integrity
from ledger.storage.kept_heads import last_kept_head
from ledger.storage.migrations import known_migrations, migrate_within, newest_migration
from mdfm.api import back_up_fund, open_fund, restore_fund, upgrade_fund
from mdfm.books import ALL_KINDS, open_at
from mdfm.cli.app import app
from tests.books.museum import (
    OLDEST,
    ServerMuseum,
    head_of,
    put_back,
    weaken_seal,
)
from tests.books.upgraders import killed
from tests.support.effort import SOAK, effort
from tests.support.engines import READY, Files, raw_server
from tests.support.processes import wait_until
from tests.support.small_books import CHECKER, MAKER, dump

PASSWORD = secrets.token_hex()
HAD = "0003"
UPGRADE = "ledger.safekeeping.upgrade"


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    place = tmp_path / "old.book"
    put_back(OLDEST, place)
    return place


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The location of the oldest book, on each engine."""
    if request.param == "sqlite":
        return put_back(OLDEST, tmp_path / "old.book")
    location: str = request.getfixturevalue("server_museum").put_back(OLDEST)
    return location


def migration(location: str) -> str:
    with closing(open_book(location, ALL_KINDS, older=True)) as book:
        return book.migration


def told(act: Callable[[], object], *kinds: type[MdfmError]) -> str:
    with pytest.raises(kinds) as refusal:
        act()
    sentence = str(refusal.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


# ---- what it does, and what it says


def test_every_other_door_says_that_a_book_is_older(old: str) -> None:
    sentence = told(lambda: open_fund(old), Refused)
    assert f"its tables are of migration {HAD}, and this version needs {newest_migration()}" in sentence
    for command in (("entry", "list"), ("audit", "verify"), ("donor", "list")):
        result = CliRunner().invoke(app, ["--book", old, *command])
        assert result.exit_code == 2
        assert result.stderr.endswith("; upgrade it with `mdfm upgrade`.\n")


def test_a_dry_run_lists_what_would_run_and_changes_nothing(old_file: Path) -> None:
    before = old_file.read_bytes()
    plan = upgrade_fund(old_file, dry_run=True)
    assert [each.number for each in plan.migrations] == [each.number for each in known_migrations()[3:]]
    assert (plan.before, plan.head, plan.backup) == (HAD, head_of(OLDEST), None)
    result = CliRunner().invoke(app, ["--book", str(old_file), "upgrade", "--dry-run"])
    assert result.exit_code == 0
    assert "0004  Time goes forward" in result.stdout
    assert "Nothing was changed." in result.stdout
    assert [each.name for each in old_file.parent.iterdir()] == [old_file.name]
    assert old_file.read_bytes() == before


def test_the_backup_of_before_becomes_the_same_book(old_file: Path, tmp_path: Path) -> None:
    done = upgrade_fund(old_file)
    assert done.backup == tmp_path / "old.book.before-0004.backup"
    again = tmp_path / "again.book"
    restore_fund(done.backup, again)
    mine = ("kept_head",)  # only the one that was backed up knows of the backup
    upgraded, restored = dump(str(old_file), mine), dump(str(again), mine)
    assert upgraded == restored


def test_the_upgraded_book_knows_of_its_backup(old: str, tmp_path: Path) -> None:
    done = upgrade_fund(old, backup=tmp_path / "before.backup")
    with closing(open_at(old)) as book, book.reading() as books:
        kept = last_kept_head(books, "backup")
    assert kept is not None
    assert (Head(kept.seq, kept.hash), kept.name) == (done.head, "before.backup")


def test_a_backup_is_never_written_over_a_file(old_file: Path, tmp_path: Path) -> None:
    first = tmp_path / "old.book.before-0004.backup"
    first.write_text("mine")
    assert "nothing is written over it" in told(lambda: upgrade_fund(old_file, backup=first), Refused)
    assert migration(str(old_file)) == HAD
    done = upgrade_fund(old_file)
    assert done.backup == tmp_path / "old.book.before-0004-2.backup"
    assert first.read_text() == "mine"


def test_a_current_book_is_told_to_be_so(files: Files) -> None:
    location = files.fresh(READY)
    before = Path(location).read_bytes()
    result = CliRunner().invoke(app, ["--book", location, "upgrade"])
    assert result.exit_code == 0
    assert "is up to date (migration 0004): nothing is to be done." in result.stdout
    assert Path(location).read_bytes() == before
    assert len(list(Path(location).parent.iterdir())) == 1


def test_a_backup_itself_is_not_upgraded(old_file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "kept.backup"
    back_up_fund(old_file, backup)
    sentence = told(lambda: upgrade_fund(backup), Refused)
    assert "is a backup, which stays as it was taken: restore it" in sentence
    assert "it is a backup: restore it" in told(lambda: open_fund(backup), Refused)


# ---- whatever is not as it should be, leaves the book as it was


def stays(location: str, backup: Path, *kinds: type[MdfmError]) -> str:
    """How an upgrade is refused that changes nothing."""
    if backup.exists():
        backup.unlink()
    sentence = told(lambda: upgrade_fund(location, backup=backup), *kinds)
    assert migration(location) == HAD
    return sentence


def test_a_migration_that_fails_leaves_the_book_as_it_was(
    old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def fail(books: Connection) -> None:
        migrate_within(books)
        raise Refused("no", "It broke.")

    monkeypatch.setattr(f"{UPGRADE}.migrate_within", fail)
    assert stays(old, tmp_path / "b", Refused) == "It broke."
    monkeypatch.undo()
    (tmp_path / "b").unlink()
    upgrade_fund(old, backup=tmp_path / "b")
    assert migration(old) == newest_migration()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DROP TABLE letter_file", "the table letter_file"),
        ("CREATE TABLE more (x INTEGER)", "the table more"),
        ("DROP INDEX ix_issued_letter_reference", "the index ix_issued_letter_reference"),
    ],
)
def test_tables_that_come_out_otherwise_are_not_kept(
    old_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, what: str
) -> None:

    def otherwise(books: Connection) -> None:
        migrate_within(books)
        books.exec_driver_sql(statement)

    monkeypatch.setattr(f"{UPGRADE}.migrate_within", otherwise)
    sentence = stays(str(old_file), tmp_path / "b", Tampered)
    assert f"is not upgraded, and is as it was: {what} of the database is not as" in sentence


def test_a_head_that_comes_out_otherwise_is_not_kept(
    old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = iter([head_of(OLDEST), head_of(OLDEST)._replace(seq=1)])
    monkeypatch.setattr(f"{UPGRADE}.head", lambda _: next(heads))
    assert "the last entry was" in stays(old, tmp_path / "b", Tampered)


def test_a_book_whose_seal_was_weakened_is_not_upgraded_into_a_sound_one(old: str, tmp_path: Path) -> None:
    """A trigger that 0004 makes again would hide that somebody had replaced it."""
    what = weaken_seal(old)
    said = stays(old, tmp_path / "b", Tampered)
    assert f"is as it was: {what} of the database is not as" in said
    assert "Restore a backup; to upgrade it as it is, say so." in said
    assert not (tmp_path / "b").exists()
    done = upgrade_fund(old, backup=tmp_path / "b", although_unsound=True)
    assert done.head == head_of(OLDEST)
    assert migration(old) == newest_migration()


def test_what_was_missing_before_is_missing_after_and_told(old_file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(old_file)) as db, db:
        db.execute(f"DROP TRIGGER {a_trigger(db)}")
    upgrade_fund(old_file, backup=tmp_path / "b", although_unsound=True)
    book = open_at(str(old_file))
    with book.reading() as books:
        (fault,) = schema_integrity.faults(books)
    assert fault.startswith("the trigger ")
    book.close()


def a_trigger(db: sqlite3.Connection) -> str:
    (name,) = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name <> 'seal_entry' ORDER BY name"
    ).fetchone()
    return str(name)


# ---- while others work


def test_who_records_meanwhile_makes_the_upgrade_wait(
    old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_book(old, ALL_KINDS, older=True)) as book, book.recording():
        monkeypatch.setattr("ledger.storage.database.BUSY_SECONDS", 0)
        monkeypatch.setattr(f"{UPGRADE}.BUSY_SECONDS", "0.01")
        assert "is in use by another program: try again" in stays(old, tmp_path / "b", Refused)
    monkeypatch.undo()
    upgrade_fund(old, backup=tmp_path / "b")
    assert migration(old) == newest_migration()


def test_a_reader_sees_the_book_of_before_until_it_is_done(
    old_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a server such a reader holds the tables, and the upgrade waits for it."""
    seen: list[object] = []

    def watched(books: Connection) -> None:
        migrate_within(books)
        seen.append(tables_of(old_file))

    monkeypatch.setattr(f"{UPGRADE}.migrate_within", watched)
    with closing(sqlite3.connect(old_file)) as early:
        early.execute("BEGIN")
        before = early.execute("SELECT count(*) FROM sqlite_master").fetchone()
        upgrade_fund(old_file, backup=tmp_path / "b")
        assert early.execute("SELECT count(*) FROM sqlite_master").fetchone() == before
    assert seen == [before]
    assert tables_of(old_file) != before


def tables_of(place: Path) -> object:
    with closing(sqlite3.connect(place)) as db:
        return db.execute("SELECT count(*) FROM sqlite_master").fetchone()


def test_a_reader_on_a_server_makes_the_upgrade_wait(
    server_museum: ServerMuseum,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    location = server_museum.put_back(OLDEST)
    monkeypatch.setattr(f"{UPGRADE}.BUSY_SECONDS", "0.01")
    with raw_server(location) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM issued").fetchall()
        assert "is in use by another program: try again" in stays(location, tmp_path / "b", Refused)
        reader.execute("ROLLBACK")
    (tmp_path / "b").unlink()
    upgrade_fund(location, backup=tmp_path / "b")
    assert migration(location) == newest_migration()


def test_two_upgrades_at_once_are_one(
    old_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second finds under the lock that nothing is missing any more."""

    def late(*given: Any, **named: Any) -> Book:
        book = open_book(*given, **named)
        monkeypatch.undo()
        upgrade_fund(old_file, backup=tmp_path / "first")
        return book

    monkeypatch.setattr(f"{UPGRADE}.open_book", late)
    done = upgrade_fund(old_file, backup=tmp_path / "second")
    assert (done.migrations, done.backup) == ((), None)
    assert not (tmp_path / "second").exists()


# ---- on a server


class Logins:
    """Logins of a server, dropped in the end."""

    def __init__(self, museum: ServerMuseum) -> None:
        self.museum = museum
        self.made: list[str] = []

    def new(self, *roles: str) -> str:
        name = f"login_{secrets.token_hex(8)}"
        self.museum.server.run(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        for role in roles:
            self.museum.server.run(f"GRANT {role} TO {name}")
        self.made.append(name)
        return name

    def of(self, location: str, name: str) -> str:
        return make_url(location).set(username=name, password=PASSWORD).render_as_string(hide_password=False)


@pytest.fixture
def logins(server_museum: ServerMuseum) -> Iterator[Logins]:
    made = Logins(server_museum)
    yield made
    server_museum.clear()
    for name in made.made:
        server_museum.server.run(f"DROP OWNED BY {name}; DROP ROLE {name}")


ROLES = ("mdfm_reader", "mdfm_recorder")


def test_the_owner_upgrades_and_readers_and_recorders_have_their_rights(
    server_museum: ServerMuseum,
    logins: Logins,
    tmp_path: Path,
) -> None:
    owner, recorder, reader = logins.new(*ROLES), logins.new(*ROLES), logins.new(ROLES[0])
    location = server_museum.put_back(OLDEST, owner)
    for name in (recorder, reader):
        sentence = stays(logins.of(location, name), tmp_path / "b", Refused)
        assert f"is upgraded by the owner of its tables on the server, {owner}" in sentence
        assert not (tmp_path / "b").exists()
    assert "is on a server: name the file for its backup" in told(
        lambda: upgrade_fund(logins.of(location, owner)), BadInput
    )
    upgrade_fund(logins.of(location, owner), backup=tmp_path / "b")
    rights_hold(location, logins, owner, recorder, reader)


def test_an_administrator_upgrades_in_the_owner_s_name(
    server_museum: ServerMuseum,
    logins: Logins,
    tmp_path: Path,
) -> None:
    owner, recorder, reader = logins.new(*ROLES), logins.new(*ROLES), logins.new(ROLES[0])
    location = server_museum.put_back(OLDEST, owner)
    upgrade_fund(location, backup=tmp_path / "b")
    rights_hold(location, logins, owner, recorder, reader)


def rights_hold(location: str, logins: Logins, owner: str, recorder: str, reader: str) -> None:
    with raw_server(location) as server:
        owners = server.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert owners.fetchall() == [(owner,)]
    with open_fund(logins.of(location, reader)) as fund:
        assert fund.audit.verify().sound
        assert fund.audit.replay().sound
    book = open_at(logins.of(location, recorder))
    new = {"kept_head": 1, "issued_letter": 0, "letter_file": 0}  # the backup of before the upgrade
    with book.recording() as journal:
        journal.books.exec_driver_sql("UPDATE issued_letter SET seq = seq")
        journal.books.exec_driver_sql("UPDATE letter_file SET sha256 = sha256")
        for table, rows in new.items():
            journal.books.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {table} WHERE false")
            assert journal.books.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == rows
    with book.reading() as books:
        for table, rows in new.items():
            assert books.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == rows
    book.close()
    with raw_server(logins.of(location, reader)) as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute("DELETE FROM kept_head")


# ---- killed


def donor_of(number: int) -> DonorRegistered:
    return DonorRegistered(
        on=date(2022, 3, 1), code=f"MORE-{number}", name=f"Donor {number}", type="city", country="KOR"
    )


def grown(place: Path, donors: int) -> None:
    """More entries in an old book, recorded with the tables that it has, so that an upgrade takes a while."""
    with closing(open_book(str(place), ALL_KINDS, older=True)) as book, book.recording() as journal:
        for number in range(donors):
            journal.record(donor_of(number), made_by=MAKER, approved_by=CHECKER)


def test_killed_at_any_moment_the_book_is_before_or_after(tmp_path: Path) -> None:
    template = tmp_path / "template.book"
    put_back(OLDEST, template)
    grown(template, effort(200, 500))
    last = upgrade_fund(template, dry_run=True).head
    rounds = effort(6, 200)
    places = [tmp_path / f"{number}" / "old.book" for number in range(rounds + 1)]
    for place in places:
        place.parent.mkdir()
        shutil.copyfile(template, place)
    spare, *others = [(str(place), place.parent / "before.backup") for place in places]
    said = killed([each for each, _ in others], [each for _, each in others], spare, seed())
    own = ("kept_head",)  # each knows of its own backup
    after = dump(spare[0], own)
    for (location, backup), phases in zip(others, said, strict=True):
        is_before_or_after(location, backup, phases, last)
        assert dump(location, own) == after
    assert len(said) == rounds


@pytest.mark.parametrize("part", range(effort(1, 10)))
def test_killed_on_a_server_the_book_is_before_or_after(
    server_museum: ServerMuseum, tmp_path: Path, part: int
) -> None:
    first = server_museum.put_back(OLDEST)
    locations = [server_museum.copy_of(first) for _ in range(effort(6, 20))]
    backups = [tmp_path / f"{number}.backup" for number in range(len(locations))]
    said = killed(locations, backups, (first, tmp_path / "spare.backup"), seed() + part)
    for location, backup, phases in zip(locations, backups, said, strict=True):
        with raw_server(location) as server:  # the server ends what its client has left
            wait_until(lambda: server.execute(OTHERS).fetchone() == (0,))
        is_before_or_after(location, backup, phases, head_of(OLDEST))


OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def seed() -> int:
    number = random.SystemRandom().randrange(10**6) if SOAK else 1
    print("seed", number)  # noqa: T201 - shown when the test fails
    return number


def is_before_or_after(location: str, backup: Path, phases: str, last: Head) -> None:
    """After a kill: the tables are those of one migration, and an upgrade goes on from there."""
    now = migration(location)
    assert now in {HAD, newest_migration()}
    assert now == newest_migration() or "d" not in phases
    assert now == HAD or phases.startswith("mc")
    with closing(open_book(location, ALL_KINDS, older=True)) as book, book.reading() as books:
        assert list(schema_integrity.faults(books, now)) == []
        assert has_table(books, "kept_head") == (now != HAD)
    if backup.exists():
        with closing(open_book(str(backup), ALL_KINDS, older=True)) as kept, kept.reading() as books:
            assert (kept.migration, head(books)) == (HAD, last)
    else:
        assert "m" not in phases, "nothing is migrated before there is a backup"
    done = upgrade_fund(location, backup=backup.with_name("again-" + backup.name))
    assert done.head == last
    with open_fund(location) as fund:
        assert fund.audit.verify().findings == []


def has_table(books: Connection, name: str) -> bool:
    return inspect(books).has_table(name)
