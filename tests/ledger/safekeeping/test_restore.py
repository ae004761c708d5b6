"""Restores: a backup becomes a book on either engine, the same one, or nothing does."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ledger import Book, MdfmError, Refused, Tampered, head, replay, verify
from mdfm.api import (
    Contact,
    Document,
    back_up_fund,
    create_fund,
    open_fund,
    read_backup,
    rebuild_fund,
    restore_fund,
)
from mdfm.books import open_at
from tests.books.museum import (  # noqa: F401 - server_museum is a fixture
    VERSIONS,
    ServerMuseum,
    head_of,
    put_back,
    server_museum,
    weaken_seal,
)
from tests.support.engines import PLAYED, READY, Files, Server, Shelf, raw_server
from tests.support.exports import exported
from tests.support.small_books import LATER, clock, dump, gift, tell

Opened = Callable[[str], Book]
OWN_TABLES = ("backup_mark", "kept_head")
SHELVES = ("files", "postgresql")


@pytest.fixture
def backup(files: Files, tmp_path: Path) -> Path:
    """A backup in which everything has happened once."""
    place = tmp_path / "daily.backup"
    back_up_fund(files.fresh(PLAYED), place)
    return place


@pytest.mark.parametrize("begins", SHELVES)
@pytest.mark.parametrize("ends", SHELVES)
def test_a_book_is_the_same_on_either_engine(
    begins: str, ends: str, request: pytest.FixtureRequest, opened: Opened, tmp_path: Path
) -> None:
    location = request.getfixturevalue(begins).fresh(PLAYED)
    place: str = request.getfixturevalue(ends).free()
    with open_fund(location, clock=clock()) as fund:
        fund.set_contact(Contact(donor="CITY", name="Ana", email="ana@example.org"), by="officer")
    mark = back_up_fund(location, tmp_path / "a")
    assert restore_fund(tmp_path / "a", place) == mark
    book, again = opened(location), opened(place)
    assert exported(again) == exported(book)
    assert [*verify(again).findings, *replay(again).findings] == []
    with again.reading() as books:
        assert head(books) == mark.head
    back_up_fund(place, tmp_path / "b")
    assert dump(str(tmp_path / "b"), OWN_TABLES) == dump(str(tmp_path / "a"), OWN_TABLES)
    (last,) = tell(again, gift("GOES-ON", 1_00, on=LATER))
    assert last.seq == mark.seq + 1, "it is a book, in which one records"


def test_a_place_that_is_taken_stays_as_it_is(shelf: Shelf, backup: Path, opened: Opened) -> None:
    location = shelf.fresh(READY)
    before = exported(opened(location))
    with pytest.raises(Refused) as refused:
        restore_fund(backup, location)
    assert refused.value.code in ("place-taken", "database-holds-book")
    assert exported(opened(location)) == before


def test_the_log_of_a_book_that_is_gone_is_no_part_of_the_new_one(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "new.book-wal").write_bytes(b"of the book that was here")
    with pytest.raises(Refused) as refused:
        restore_fund(backup, tmp_path / "new.book")
    assert str(refused.value).startswith(f"{tmp_path / 'new.book-wal'} is there already")


def test_a_plain_copy_is_no_backup(shelf: Shelf, files: Files, tmp_path: Path) -> None:
    copy, place = tmp_path / "copy.book", shelf.free()
    shutil.copyfile(files.fresh(PLAYED), copy)
    with pytest.raises(Refused) as refused:
        restore_fund(copy, place)
    assert refused.value.code == "not-a-backup"
    assert "a plain copy may lack the newest entries" in str(refused.value)
    with pytest.raises(MdfmError):
        open_at(place)


def change(place: Path, *statements: str) -> None:
    """Change a backup behind the program's back; what its triggers would refuse, too."""
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for each in (*statements, *(sql for _, sql in triggers)):
            connection.execute(each)


CUT_OFF = (
    "DELETE FROM line WHERE entry = (SELECT max(seq) FROM entry)",
    "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)",
)
CHANGES = {
    "an entry": ("UPDATE entry SET made_by = 'nobody' WHERE seq = 3",),
    "a register": ("UPDATE donor SET name = 'Another'",),
    "the mark": ("UPDATE backup_mark SET seq = 3",),
    "its newest entry": CUT_OFF,
    "its evidence": ("DELETE FROM evidence",),
}


@pytest.mark.parametrize("changed", CHANGES)
def test_a_backup_that_was_changed_is_not_restored(
    shelf: Shelf, backup: Path, opened: Opened, changed: str
) -> None:
    change(backup, *CHANGES[changed])
    place = shelf.free()
    with pytest.raises(Tampered) as refused:
        restore_fund(backup, place)
    assert refused.value.code in ("restored-unsound", "backup-head-differs")
    with pytest.raises(MdfmError) as absent:
        opened(place)
    assert absent.value.code in ("book-missing", "not-a-book")


def test_an_unsound_backup_is_restored_by_who_insists(shelf: Shelf, backup: Path, opened: Opened) -> None:
    change(backup, *CHANGES["an entry"])
    place = shelf.free()
    restore_fund(backup, place, although_unsound=True)
    assert [str(each) for each in verify(opened(place)).findings] == [
        "entry 3: its content does not match its hash"
    ]


def test_not_even_who_insists_restores_another_head_than_that_of_the_mark(
    shelf: Shelf, backup: Path, opened: Opened
) -> None:
    change(backup, *CUT_OFF)
    place = shelf.free()
    with pytest.raises(Tampered) as refused:
        restore_fund(backup, place, although_unsound=True)
    assert refused.value.code == "backup-head-differs"
    with pytest.raises(MdfmError):
        opened(place)


@pytest.mark.parametrize("moment", [0, 50, 100])
def test_who_interrupts_leaves_nothing(shelf: Shelf, backup: Path, opened: Opened, moment: int) -> None:
    def interrupt(done: int, _of: int) -> None:
        if done >= moment:
            raise KeyboardInterrupt

    place = shelf.free()
    with pytest.raises(KeyboardInterrupt):
        restore_fund(backup, place, interrupt)
    restore_fund(backup, place)
    assert verify(opened(place)).findings == []
    if Path(place).exists():
        assert [each.name for each in Path(place).parent.iterdir() if each.name.startswith(".")] == []


def test_a_mark_of_a_later_version_is_not_guessed_at(backup: Path, tmp_path: Path) -> None:
    change(backup, "UPDATE backup_mark SET format = 'mdfm-backup-2'")
    with pytest.raises(Refused) as refused:
        restore_fund(backup, tmp_path / "new.book")
    assert refused.value.code == "backup-mark-differs"


def test_a_backup_of_a_later_version_is_not_misread(backup: Path, tmp_path: Path) -> None:
    change(backup, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused) as refused:
        restore_fund(backup, tmp_path / "new.book")
    assert refused.value.code == "book-version-differs"


@pytest.mark.parametrize("name", ["none.backup", "."])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(MdfmError) as missing:
        restore_fund(tmp_path / name, tmp_path / "new.book")
    assert missing.value.code == "backup-missing"


def test_a_database_with_other_tables_is_not_filled(postgresql: Server, backup: Path) -> None:
    place = postgresql.free()
    with raw_server(place) as server:
        server.execute("CREATE TABLE another (x int)")
    with pytest.raises(Refused) as refused:
        restore_fund(backup, place)
    assert refused.value.code == "database-not-empty"


# ---- books of earlier versions


@pytest.mark.parametrize("version", VERSIONS)
def test_the_backup_of_an_older_book_is_that_book_and_is_restored_as_one_of_today(
    shelf: Shelf, opened: Opened, version: str, tmp_path: Path
) -> None:
    location, place = put_back(version, tmp_path / "old.book"), shelf.free()
    mark = back_up_fund(location, tmp_path / "old.backup")
    assert mark.head == head_of(version)
    besides = ("backup_mark", "kept_head")  # the mark, and that a book of today knows of its backup
    assert dump(str(tmp_path / "old.backup"), besides) == dump(location, besides), "not a row is otherwise"
    restore_fund(tmp_path / "old.backup", place)
    book = opened(place)
    assert [*verify(book).findings, *replay(book).findings] == []
    with book.reading() as books:
        assert head(books) == mark.head


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_book_on_a_server_has_the_same_backup(
    server_museum: ServerMuseum,  # noqa: F811
    version: str,
    tmp_path: Path,
) -> None:
    mark = back_up_fund(server_museum.put_back(version), tmp_path / "server.backup")
    file = back_up_fund(put_back(version, tmp_path / "old.book"), tmp_path / "file.backup")
    assert (mark.head, mark.migration) == (file.head, file.migration)
    assert dump(str(tmp_path / "server.backup"), OWN_TABLES) == dump(
        str(tmp_path / "file.backup"), OWN_TABLES
    )


@pytest.mark.parametrize("sort", ["sqlite", "postgresql"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_weakened_seal_of_an_older_book_is_seen_before_migrations_make_it_new(
    sort: str, version: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if sort == "sqlite":
        location = put_back(version, tmp_path / "old.book")
    else:
        location = request.getfixturevalue("server_museum").put_back(version)
    finding = f"{weaken_seal(location)} of the database is not as the migrations make it"
    with pytest.raises(Tampered, match=finding) as refused:
        back_up_fund(location, tmp_path / "old.backup")
    assert refused.value.code == "backup-unsound"
    assert not (tmp_path / "old.backup").exists()
    assert back_up_fund(location, tmp_path / "kept.backup", although_unsound=True).findings == finding


@pytest.mark.parametrize("version", [*VERSIONS, "of today"])
def test_a_weakened_seal_in_a_backup_is_seen_before_a_restore_makes_it_new(
    shelf: Shelf, files: Files, opened: Opened, version: str, tmp_path: Path
) -> None:
    old = tmp_path / "old.book"
    book = files.fresh(READY) if version == "of today" else put_back(version, old)
    backup, place = tmp_path / "a.backup", shelf.free()
    back_up_fund(book, backup)
    finding = weaken_seal(str(backup))
    with pytest.raises(Tampered, match=finding) as refused:
        restore_fund(backup, place)
    assert refused.value.code == "restored-unsound"
    with pytest.raises(MdfmError):
        opened(place)
    restore_fund(backup, place, although_unsound=True)
    with opened(place).reading() as books:
        assert head(books) == read_backup(backup).head


def test_a_rebuilt_book_has_the_head_of_the_backup(backup: Path, opened: Opened, tmp_path: Path) -> None:
    """An export of a backup is an export of the book."""
    export = Document("journal.jsonl", exported(opened(str(backup))).encode())
    assert rebuild_fund(tmp_path / "again.book", export) == restore_fund(backup, tmp_path / "new.book").head


def test_an_empty_book_is_restored(shelf: Shelf, tmp_path: Path) -> None:
    create_fund(tmp_path / "empty.book").close()
    mark = back_up_fund(tmp_path / "empty.book", tmp_path / "empty.backup")
    assert mark.seq == 0
    place = shelf.free()
    restore_fund(tmp_path / "empty.backup", place)
    with open_fund(place) as fund:
        assert fund.head() == mark.head
