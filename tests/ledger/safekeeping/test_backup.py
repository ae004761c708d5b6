"""Backups: one verified file that has everything, on every engine."""

from __future__ import annotations

import os
import random
import resource
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from ledger import BackupMark, Book, Head, MdfmError, Refused, Tampered, head, replay, verify
from ledger.errors import OutOfReach
from ledger.storage.schema import kept_head
from mdfm import __version__
from mdfm.api import BadInput, Contact, back_up_fund, open_fund, read_backup
from mdfm.books import open_at
from tests.support.effort import effort
from tests.support.engines import EMPTY, PLAYED, READY, Files, Server, Shelf, raw_server
from tests.support.place import ROOT
from tests.support.small_books import clock, dump, gift, raw, tell

Opened = Callable[[str], Book]
OWN_TABLES = ("backup_mark", "kept_head")


def head_of(book: Book) -> Head:
    with book.reading() as books:
        return head(books)


def test_a_backup_has_everything_and_says_what_it_is(shelf: Shelf, opened: Opened, tmp_path: Path) -> None:
    location, place = shelf.fresh(PLAYED), tmp_path / "daily.backup"
    told: list[tuple[int, int]] = []
    mark = back_up_fund(location, place, lambda done, of: told.append((done, of)), clock=clock())
    book = opened(location)
    kind = book.engine.dialect.name
    assert mark == BackupMark(
        "mdfm-backup-1", "2022-01-01T00:00:00+00:00", *head_of(book), __version__, kind, book.migration, ""
    )
    assert read_backup(place) == mark
    assert told == sorted(told)
    assert told[-1] == (100, 100)
    backup = opened(str(place))
    assert [*verify(backup).findings, *replay(backup).findings] == []
    assert head_of(backup) == head_of(book)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600, "it has contacts: it is for its owner"
    assert [each.name for each in tmp_path.iterdir()] == [place.name], "one file is everything"


def test_every_row_is_the_same_from_either_engine(files: Files, postgresql: Server, tmp_path: Path) -> None:
    dumps = []
    for shelf, name in ((files, "a"), (postgresql, "b")):
        location = shelf.fresh(PLAYED)
        with open_fund(location, clock=clock()) as fund:
            fund.set_contact(Contact(donor="CITY", name="Ana", email="ana@example.org"), by="officer")
            fund.backup(tmp_path / name)
        dumps.append(dump(str(tmp_path / name), OWN_TABLES))
    assert dumps[0] == dumps[1]
    assert all(dumps[0][name] for name in ("contact", "proposal", "evidence", "line", "balance", "donor"))


def test_the_book_learns_of_its_backup(shelf: Shelf, opened: Opened, tmp_path: Path) -> None:
    location = shelf.fresh(READY)
    mark = back_up_fund(location, tmp_path / "daily.backup")
    with opened(location).reading() as books:
        assert books.execute(select(kept_head)).all() == [
            ("backup", mark.made_at, mark.seq, mark.hash, "daily.backup")
        ]
    assert verify(opened(location)).findings == []


def test_nothing_is_recorded_into_a_backup(files: Files, opened: Opened, tmp_path: Path) -> None:
    place = tmp_path / "daily.backup"
    back_up_fund(files.fresh(READY), place)
    before = place.read_bytes()
    with pytest.raises(Refused) as refused:
        tell(opened(str(place)), gift("G", 1_00))
    assert str(refused.value) == f"{place} is a backup, for reading only: restore it first."
    with pytest.raises(Refused) as refused:
        back_up_fund(place, tmp_path / "again.backup")
    assert refused.value.code == "book-is-backup-already"
    assert place.read_bytes() == before


def test_a_fund_that_is_open_is_backed_up_and_one_in_memory_too(files: Files, tmp_path: Path) -> None:
    with open_fund(files.fresh(READY)) as fund:
        assert fund.backup(tmp_path / "a").head == fund.head()


@pytest.mark.parametrize("taken", ["daily.backup", "daily.backup-wal", "daily.backup-journal"])
def test_a_backup_is_never_written_over_a_file_nor_beside_the_log_of_one(
    files: Files, tmp_path: Path, taken: str
) -> None:
    (tmp_path / taken).write_text("kept")
    with pytest.raises(Refused) as refused:
        back_up_fund(files.fresh(EMPTY), tmp_path / "daily.backup")
    assert refused.value.code == "place-taken"
    assert str(tmp_path / taken) in str(refused.value)
    assert [each.name for each in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "kept"


def test_a_link_that_leads_nowhere_is_not_followed(files: Files, tmp_path: Path) -> None:
    (tmp_path / "daily.backup").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused):
        back_up_fund(files.fresh(EMPTY), tmp_path / "daily.backup")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_comes_meanwhile_is_kept(files: Files, tmp_path: Path) -> None:
    place = tmp_path / "daily.backup"

    def come(*_: int) -> None:
        place.write_text("another's")

    with pytest.raises(Refused) as refused:
        back_up_fund(files.fresh(EMPTY), place, come)
    assert refused.value.code == "place-taken"
    assert place.read_text() == "another's"
    assert list(tmp_path.iterdir()) == [place]


def test_a_folder_that_is_missing_is_named(files: Files, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"The folder .*/none does not exist: create it first\."):
        back_up_fund(files.fresh(EMPTY), tmp_path / "none" / "daily.backup")


@pytest.mark.parametrize("moment", [0, 100], ids=["while it is copied", "when it is verified"])
def test_who_interrupts_leaves_nothing(shelf: Shelf, tmp_path: Path, moment: int) -> None:
    def interrupt(done: int, _of: int) -> None:
        if done >= moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up_fund(shelf.fresh(PLAYED), tmp_path / "daily.backup", interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", [40_000, 100_000])
def test_a_disk_without_room_is_said_in_a_sentence(shelf: Shelf, tmp_path: Path, room: int) -> None:
    """A file may only grow to so many bytes."""
    location = shelf.fresh(PLAYED)
    result = subprocess.run(
        [
            *(sys.executable, "-c", "from mdfm.cli.app import main; main()"),
            *("--book", location, "backup", str(tmp_path / "daily.backup")),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "daily.backup" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links_has_whole_backups_too(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    mark = back_up_fund(files.fresh(READY), tmp_path / "daily.backup")
    assert read_backup(tmp_path / "daily.backup") == mark
    assert [each.name for each in tmp_path.iterdir()] == ["daily.backup"]
    with pytest.raises(Refused):
        back_up_fund(files.fresh(READY), tmp_path / "daily.backup")


def altered(location: str) -> None:
    """Change an entry behind the program's back, on either engine."""
    change = "UPDATE entry SET made_by = 'nobody' WHERE seq = 3"
    if location.startswith("postgresql"):
        with raw_server(location) as books:
            books.execute("ALTER TABLE entry DISABLE TRIGGER USER")
            books.execute(change)
            books.execute("ALTER TABLE entry ENABLE TRIGGER USER")
        return
    with closing(sqlite3.connect(location, isolation_level=None)) as books:
        (trigger,) = books.execute("SELECT sql FROM sqlite_master WHERE name = 'no_update_entry'").fetchone()
        books.execute("DROP TRIGGER no_update_entry")
        books.execute(change)
        books.execute(trigger)


def test_a_book_that_does_not_verify_has_no_backup_unless_one_insists(
    shelf: Shelf, opened: Opened, tmp_path: Path
) -> None:
    location, place = shelf.fresh(READY), tmp_path / "daily.backup"
    altered(location)
    with pytest.raises(Tampered) as unsound:
        back_up_fund(location, place)
    assert unsound.value.code == "backup-unsound"
    assert "entry 3: its content does not match its hash" in str(unsound.value)
    assert list(tmp_path.iterdir()) == []
    mark = back_up_fund(location, place, although_unsound=True)
    assert mark.findings == "entry 3: its content does not match its hash"
    assert read_backup(place) == mark
    assert [str(each) for each in verify(opened(str(place))).findings] == [mark.findings]


def state(location: str) -> dict[str, list[str]] | str:
    """What can be read of a book, or the error of the database where it cannot be."""
    try:
        return dump(location, OWN_TABLES)
    except sqlite3.DatabaseError as damaged:
        return str(damaged)


@pytest.mark.parametrize("seed", range(effort(12, 300)))
@pytest.mark.parametrize("although", [False, True])
def test_a_damaged_file_is_said_to_be_damaged(
    files: Files, tmp_path: Path, seed: int, although: bool
) -> None:
    location, chance = files.fresh(PLAYED), random.Random(seed)
    should = dump(location, OWN_TABLES)
    content = bytearray(Path(location).read_bytes())
    for _ in range(3):
        begins = chance.randrange(4096, len(content) - 600)  # the first page says that it is a book
        content[begins : begins + 600] = chance.randbytes(600)
    Path(location).write_bytes(content)
    place = tmp_path / "daily.backup"
    try:
        mark = back_up_fund(location, place, although_unsound=although)
    except Tampered as damaged:
        assert damaged.code in ("book-damaged", "backup-unsound")
        assert str(tmp_path) not in str(damaged).replace(location, ""), "what is damaged is the book"
        assert list(tmp_path.iterdir()) == []
    else:  # where nothing is written, nothing is damaged; or who insisted has it as it is, with what is wrong
        assert state(str(place)) == (state(location) if mark.findings else should)
        with closing(open_at(str(place))) as kept:
            findings = "\n".join(map(str, verify(kept).findings))
        assert mark.findings == findings.replace(str(place), location)


def test_a_trigger_that_lacks_on_a_server_is_a_finding(postgresql: Server, tmp_path: Path) -> None:
    location = postgresql.fresh(READY)
    with raw_server(location) as books:
        books.execute("DROP TRIGGER no_update_entry ON entry")
    with pytest.raises(Tampered, match="the trigger no_update_entry of the database is not as"):
        back_up_fund(location, tmp_path / "daily.backup")


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE backup_mark SET seq = 1", "the backup was taken at entry 1 "),
        ("DELETE FROM backup_mark", "should have one row in the format mdfm-backup-1, and has []"),
        ("UPDATE backup_mark SET format = 'mine'", "should have one row in the format"),
        ("ALTER TABLE backup_mark ADD COLUMN more TEXT", "the mark of the backup is not as this program"),
        ("CREATE TABLE more (x TEXT)", "the table more of the database is not as the migrations make it"),
    ],
)
def test_nothing_but_the_mark_may_be_in_a_backup(
    files: Files, opened: Opened, tmp_path: Path, statement: str, finding: str
) -> None:
    place = tmp_path / "daily.backup"
    back_up_fund(files.fresh(READY), place)
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute(statement)
    book = opened(str(place))
    (found,) = verify(book).findings
    assert finding in str(found)
    with pytest.raises(Refused):
        tell(book, gift("G", 1_00))


def test_a_login_that_may_not_read_the_book_is_told_so(postgresql: Server, tmp_path: Path) -> None:
    location = postgresql.fresh(READY)
    name = f"guest_{os.getpid()}"
    postgresql.run(f"DROP ROLE IF EXISTS {name}")
    postgresql.run(f"CREATE ROLE {name} LOGIN PASSWORD 'guest'")
    try:
        guest = make_url(location).set(username=name, password="guest")
        with pytest.raises(
            OutOfReach, match="is closed to this login: have its owner GRANT mdfm_reader to it"
        ):
            back_up_fund(guest.render_as_string(hide_password=False), tmp_path / "daily.backup")
    finally:
        postgresql.run(f"DROP ROLE {name}")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_of_a_server_may_take_a_backup_of_which_the_book_does_not_learn(
    postgresql: Server, opened: Opened, tmp_path: Path
) -> None:
    location = postgresql.fresh(READY)
    name = f"board_{os.getpid()}"
    postgresql.run(f"DROP ROLE IF EXISTS {name}")
    postgresql.run(f"CREATE ROLE {name} LOGIN PASSWORD 'board'")
    postgresql.run(f"GRANT mdfm_reader TO {name}")
    try:
        board = make_url(location).set(username=name, password="board")
        mark = back_up_fund(board.render_as_string(hide_password=False), tmp_path / "daily.backup")
    finally:
        postgresql.run(f"DROP ROLE {name}")
    book = opened(location)
    assert mark.head == head_of(book)
    with book.reading() as books:
        assert books.execute(select(kept_head)).all() == []


def test_a_book_on_a_medium_to_read_is_backed_up(files: Files, tmp_path: Path) -> None:
    location = files.fresh(PLAYED)
    mark = back_up_fund(location, tmp_path / "first.backup")  # loads what it needs, too
    with tempfile.TemporaryDirectory() as reachable:
        medium, place = Path(reachable) / "medium", Path(reachable) / "kept" / "daily.backup"
        medium.mkdir()
        place.parent.mkdir()
        copy = medium / "archived.book"
        copy.write_bytes(Path(location).read_bytes())
        copy.chmod(0o444)
        place.parent.chmod(0o777)
        medium.chmod(0o555)
        Path(reachable).chmod(0o755)
        with as_nobody():
            assert back_up_fund(copy, place).head == mark.head
        assert read_backup(place).head == mark.head
        assert copy.read_bytes() == Path(location).read_bytes()
        assert list(medium.iterdir()) == [copy]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions do not bind the administrator of a machine."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_the_errors_of_a_place_that_is_no_book_are_those_of_opening_it(tmp_path: Path) -> None:
    with pytest.raises(MdfmError) as missing:
        back_up_fund(tmp_path / "none.book", tmp_path / "daily.backup")
    assert missing.value.code == "book-missing"


def test_a_newer_book_is_not_misread(files: Files, opened: Opened, tmp_path: Path) -> None:
    location = files.fresh(READY)
    book = opened(location)
    with closing(raw(book)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused) as refused:
        back_up_fund(location, tmp_path / "daily.backup")
    assert refused.value.code == "book-version-differs"
