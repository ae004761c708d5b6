"""The health of a book: each line is made red for real, and nothing is changed by looking."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger import Book, HealthLine, book_health, make_key, note_checkpoint, sign_head
from ledger.safekeeping import health, machine
from ledger.storage import book_file, database
from ledger.storage.kept_heads import KeptHead, KeptSort, note_kept_head
from mdfm.books import ALL_KINDS, open_at
from tests.support.engines import EMPTY, PLAYED, Server, Shelf, raw_server
from tests.support.place import ROOT
from tests.support.small_books import dump, file_of
from tests.support.tampering import unsealed

NOW = datetime(2022, 1, 2, tzinfo=UTC)
"""A day after the last entry of the played book."""


SORTS: tuple[KeptSort, ...] = ("backup", "checkpoint")
LOOKED_AT = {
    "book", "schema", "protection", "entries", "clock", "proposals", "backup", "checkpoint", "temporary files"
}  # fmt: skip
"""In every book, wherever it is."""


def seen(location: str | Path, now: datetime = NOW) -> dict[str, HealthLine]:
    """What is seen, by topic."""
    lines = book_health(str(location), ALL_KINDS, lambda: now)
    assert len({each.topic for each in lines}) == len(lines)
    return {each.topic: each for each in lines}


def states(found: dict[str, HealthLine]) -> dict[str, str]:
    return {topic: each.state for topic, each in found.items() if each.state != "ok"}


def kept(book: Book, sort: KeptSort, made_at: str, seq: int, sha: str = "") -> None:
    with book.reading() as books:
        sealed = books.exec_driver_sql(f"SELECT hash FROM entry WHERE seq = {seq}").scalar()
    with book.recording() as journal:
        note_kept_head(journal.books, KeptHead(sort, made_at, seq, sha or str(sealed), f"{sort}.file"))


def last_of(book: Book) -> int:
    with book.reading() as books:
        return int(books.exec_driver_sql("SELECT max(seq) FROM entry").scalar_one())


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file of a folder with its bytes; the index of a log is SQLite's own scratch."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if not path.name.endswith("-shm")
    }


# ---- green


def test_a_sound_book_that_is_backed_up_is_all_green(played: Book) -> None:
    for sort in SORTS:
        kept(played, sort, "2022-01-01T12:00:00+00:00", last_of(played))
    found = seen(file_of(played))
    assert states(found) == {}
    assert set(found) == {*LOOKED_AT, "log", "disk"}
    assert "1 waits, the oldest since 2022-01-01" in str(found["proposals"].says)


def test_a_sound_book_on_a_server_is_green(postgresql: Server, opened: Callable[[str], Book]) -> None:
    location = postgresql.fresh(PLAYED)
    for sort in SORTS:
        kept(opened(location), sort, "2022-01-01T12:00:00+00:00", last_of(opened(location)))
    found = seen(location, datetime.now(UTC))
    assert states(found) == {"proposals": "note"}  # it waits since 2022
    assert set(found) == LOOKED_AT


def test_an_empty_book_has_nothing_to_do(shelf: Shelf) -> None:
    assert states(seen(shelf.fresh(EMPTY), datetime.now(UTC))) == {}


def test_looking_changes_nothing(played: Book) -> None:
    place = Path(file_of(played))
    played.close()
    before, rows = fingerprint(place.parent), dump(str(place))
    seen(place)
    assert fingerprint(place.parent) == before
    assert dump(str(place)) == rows


def test_a_log_that_a_killed_program_left_is_not_written_into_the_book(played: Book, tmp_path: Path) -> None:
    place = Path(file_of(played))
    left = tmp_path / "left"
    left.mkdir()
    with played.recording() as journal:
        note_kept_head(journal.books, KeptHead("backup", "2022-01-01T12:00:00+00:00", 0, "", "x"))
    for each in tmp_path.glob("copy.book*"):
        shutil.copyfile(each, left / each.name)  # as it is on the disk when the program is killed
    assert (left / "copy.book-wal").stat().st_size > 0
    before = fingerprint(left)
    found = seen(left / place.name)
    assert fingerprint(left) == before
    assert found["entries"].state == found["log"].state == "ok"


# ---- something must be done


def test_a_backup_that_is_never_made_is_asked_for(played: Book) -> None:
    young, old = seen(file_of(played)), seen(file_of(played), NOW + timedelta(days=31))
    assert (young["backup"].state, old["backup"].state) == ("note", "do")
    assert (young["checkpoint"].state, old["checkpoint"].state) == ("note", "note")
    assert [hint.code for hint in old["backup"].says.hints] == ["back-up"]
    assert [hint.code for hint in old["checkpoint"].says.hints] == ["take-checkpoint"]


@pytest.mark.parametrize("sort", ["backup", "checkpoint"])
def test_an_old_backup_or_checkpoint_is_made_again_if_something_was_recorded(
    played: Book, sort: KeptSort
) -> None:
    last = last_of(played)
    for age, behind, state in ((0, 1, "ok"), (200, 0, "ok"), (200, 1, "do" if sort == "backup" else "note")):
        made = NOW - timedelta(days=age)
        with played.recording() as journal:
            journal.books.exec_driver_sql("DELETE FROM kept_head")
        kept(played, sort, made.isoformat(), last - behind)
        found = seen(file_of(played))[sort]
        assert (found.state, f"{made:%Y-%m-%d}" in found.says) == (state, True)
        assert ("1 entry ago: make a new one" in found.says) is (state != "ok")


def test_a_book_that_lacks_what_its_backup_has_is_noticed(played: Book) -> None:
    kept(played, "backup", "2022-01-01T12:00:00+00:00", 5, "a" * 64)
    kept(played, "checkpoint", "2022-01-01T12:00:00+00:00", 9999, "b" * 64)
    found = seen(file_of(played))
    for sort, code in (("backup", "compare-backup"), ("checkpoint", "compare-checkpoint")):
        assert found[sort].state == "do"
        assert [hint.code for hint in found[sort].says.hints] == [code]


def test_the_book_knows_of_a_checkpoint(played: Book, tmp_path: Path) -> None:
    make_key(tmp_path / "key.pem")
    with played.reading() as books:
        signed = sign_head(books, tmp_path / "key.pem", lambda: NOW)
    note_checkpoint(played, signed, "kept.json")
    found = seen(file_of(played))["checkpoint"]
    assert found.state == "ok"
    assert "kept.json, is of 2022-01-02 (today), and nothing was recorded since" in str(found.says)


@pytest.mark.parametrize(
    "attack",
    [
        "DROP TRIGGER seal_entry",
        "DROP TRIGGER no_update_line",
        "CREATE TABLE mine (a)",
        "ALTER TABLE line ADD COLUMN more TEXT",
    ],
)
def test_protection_that_was_taken_off_is_noticed(played: Book, attack: str) -> None:
    with closing(sqlite3.connect(file_of(played))) as connection, connection:
        connection.execute(attack)
    found = seen(file_of(played))["protection"]
    assert found.state == "do"
    assert "is not as the migrations make it" in found.says


def test_a_trigger_that_a_server_lost_is_noticed(postgresql: Server) -> None:
    location = postgresql.fresh(PLAYED)
    with raw_server(location) as server:
        server.execute("DROP TRIGGER seal_entry ON entry")
    assert seen(location)["protection"].state == "do"


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE entry SET made_by = 'nobody' WHERE seq = (SELECT max(seq) FROM entry)",
        "DELETE FROM entry WHERE seq = 3",
        "UPDATE entry SET seq = 1000 WHERE seq = (SELECT max(seq) FROM entry)",
    ],
)
def test_entries_that_are_changed_or_lost_are_noticed(played: Book, attack: str) -> None:
    place = Path(file_of(played))
    played.close()
    with unsealed(place) as books:
        books.execute("PRAGMA foreign_keys = OFF")
        books.execute(attack)
    found = seen(place)["entries"]
    assert found.state == "do"
    assert [hint.code for hint in found.says.hints] == ["verify-book"]


def test_a_clock_that_was_set_back_is_noticed(shelf: Shelf) -> None:
    found = seen(shelf.fresh(PLAYED), NOW - timedelta(days=2))["clock"]
    assert found.state == "do"
    assert "2021-12-31" in found.says


@pytest.mark.parametrize("days", [-4000, 4000])
def test_a_clock_is_compared_with_that_of_the_server(postgresql: Server, days: int) -> None:
    location = postgresql.fresh(EMPTY)
    assert seen(location, datetime.now(UTC))["clock"].state == "ok"
    found = seen(location, datetime.now(UTC) + timedelta(days=days))["clock"]
    assert found.state == "do"
    assert "server" in found.says


def test_proposals_that_wait_for_long_are_told(played: Book) -> None:
    found = seen(file_of(played), NOW + timedelta(days=20))["proposals"]
    assert found.state == "note"
    assert [hint.code for hint in found.says.hints] == ["decide-waiting"]


class Disk(NamedTuple):
    free: int


@pytest.mark.parametrize("free", [0, machine.DISK_MIN - 1])
def test_a_disk_that_is_nearly_full_is_told(played: Book, monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Disk(free))
    found = seen(file_of(played))
    assert (found["disk"].state, found["temporary files"].state) == ("do", "do")
    assert "make room" in found["disk"].says


def test_a_large_book_needs_twice_its_size(played: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_size_of", lambda _file: 100 * machine.MIB)
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Disk(150 * machine.MIB))
    found = seen(file_of(played))
    assert (found["disk"].state, found["temporary files"].state) == ("do", "ok")
    assert "needs 200.0 MiB" in str(found["disk"].says).replace("may need", "needs")


def test_a_large_log_is_told(played: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOG_LARGE", 1000)
    with played.recording() as journal:
        note_kept_head(journal.books, KeptHead("backup", "2022-01-01T12:00:00+00:00", 0, "", "x"))
    found = seen(file_of(played))["log"]
    assert found.state == "note"
    assert "copy.book-wal" in found.says


@pytest.mark.parametrize("sort", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_file_system_is_told(played: Book, monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    folder = Path(file_of(played)).parent
    mounts = [
        "/dev/sda / ext4 rw 0 0",
        f"host:/x {folder} {sort} rw 0 0",
        f"host:/y {folder}/deeper tmpfs rw 0 0",
    ]
    monkeypatch.setattr(machine, "_mounts", lambda: "\n".join(mounts))
    found = seen(file_of(played))["file system"]
    assert (found.state, sort in found.says) == ("note", True)
    monkeypatch.setattr(
        machine, "_mounts", lambda: f"/dev/sda / {sort} rw 0 0\n/dev/sdb {folder} ext4 rw 0 0\n"
    )
    assert "file system" not in seen(file_of(played))


# ---- what is no sound book of today


def test_an_older_book_is_to_be_upgraded(tmp_path: Path) -> None:
    place = tmp_path / "old.book"
    old = gzip.decompress((ROOT / "tests/books/0.2.0/sqlite.sql.gz").read_bytes()).decode()
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript(old)
    found = seen(place)
    assert states(found) == {"schema": "do"}
    assert [hint.code for hint in found["schema"].says.hints] == ["upgrade-book"]


def test_a_newer_book_is_told(played: Book) -> None:
    with closing(sqlite3.connect(file_of(played))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = seen(file_of(played))
    assert states(found) == {"book": "do"}
    assert "9999" in found["book"].says


@pytest.mark.parametrize("content", [b"", b"no database", None], ids=["empty", "foreign", "missing"])
def test_where_there_is_no_book_that_is_told(tmp_path: Path, content: bytes | None) -> None:
    place = tmp_path / "none.book"
    if content is not None:
        place.write_bytes(content)
    assert states(seen(place)) == {"book": "no book"}
    assert place.exists() is (content is not None)


def test_a_database_of_another_program_is_no_book(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE notes (a)")
    assert states(seen(tmp_path / "other.db")) == {"book": "no book"}


@pytest.mark.parametrize(
    "location",
    ["", "sqlite:///", "mysql://x/y", "nonsense://", "://", "a" * 5000, "a\0b", "README.md/x", "."],
)
def test_a_location_that_is_none_is_told(location: str) -> None:
    assert "book" in states(seen(location))


def test_a_server_that_is_not_there_is_told() -> None:
    found = seen("postgresql://ana:secret@127.0.0.1:1/books")
    assert states(found) == {"book": "do"}
    assert "cannot be reached" in found["book"].says
    assert "secret" not in found["book"].says


def test_a_damaged_book_is_told(played: Book) -> None:
    place = Path(file_of(played))
    played.close()
    content = bytearray(place.read_bytes())
    for start in range(8192, len(content), 4096):  # every page but the first two
        content[start : start + 200] = os.urandom(200)
    place.write_bytes(content)
    found = seen(place)
    assert "do" in states(found).values()
    assert "disk" in found


@pytest.mark.parametrize("size", [100, 4096, 20_000])
def test_a_book_that_was_cut_off_is_told(played: Book, size: int) -> None:
    place = Path(file_of(played))
    played.close()
    os.truncate(place, size)
    assert set(states(seen(place)).values()) & {"do", "no book"}


def test_a_locked_book_is_told(played: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    place = file_of(played)
    played.close()
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        found = seen(place)
    assert states(found) == {"book": "do"}
    assert "in use by another program" in found["book"].says


def test_a_book_that_can_only_be_read_is_looked_at(played: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(played, "backup", "2022-01-01T12:00:00+00:00", last_of(played))
    place = file_of(played)
    played.close()
    monkeypatch.setattr(book_file, "_allowed", lambda _path, how: how == os.R_OK)
    found = seen(place)
    assert "which can only be read" in found["book"].says
    assert states(found) == {"checkpoint": "note"}


def test_a_fault_of_a_look_is_a_line(played: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_folder: Path) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("shutil.disk_usage", broken)
    found = seen(file_of(played))
    assert states(found) == {"backup": "note", "checkpoint": "note", "disk": "do"}
    assert "Input/output error" in found["disk"].says


def test_the_book_stays_usable(played: Book) -> None:
    seen(file_of(played))
    assert open_at(file_of(played)).read_only is False
