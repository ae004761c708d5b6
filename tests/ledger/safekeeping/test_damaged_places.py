"""Places that are damaged or cannot keep a book: each is named in one sentence, with what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger import BadInput, MdfmError, Refused, Tampered, back_up, open_book, restore_book, upgrade_book
from ledger.storage import book_file
from mdfm.books import ALL_KINDS


@pytest.fixture
def copy(played_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(played_template, tmp_path / "copy.book"))


@pytest.fixture
def backup(copy: Path, tmp_path: Path) -> Path:
    back_up(str(copy), ALL_KINDS, tmp_path / "whole.backup")
    return tmp_path / "whole.backup"


def change(book: Path, sql: str) -> None:
    with closing(sqlite3.connect(book)) as books, books:
        books.execute(sql)


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.999])
def test_a_backup_that_was_cut_off_is_named_so(backup: Path, tmp_path: Path, part: float) -> None:
    content = backup.read_bytes()
    cut = tmp_path / "cut.backup"
    cut.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(Tampered, match="is damaged, .*: it is shorter than it was made; use another backup"):
        restore_book(cut, str(tmp_path / "restored.book"), ALL_KINDS)
    assert not (tmp_path / "restored.book").exists()


def test_a_backup_with_damaged_pages_is_named_so(backup: Path, tmp_path: Path) -> None:
    content = bytearray(backup.read_bytes())
    for at in range(100_000, len(content) - 3000, 20_000):
        content[at : at + 3000] = b"\x99" * 3000
    backup.write_bytes(content)
    with pytest.raises(Tampered, match="The backup .* is damaged, .*malformed.*; use another backup"):
        restore_book(backup, str(tmp_path / "restored.book"), ALL_KINDS)
    assert not (tmp_path / "restored.book").exists()


def test_the_beginning_of_a_book_is_no_book_of_another_program(backup: Path) -> None:
    os.truncate(backup, 50_000)
    with pytest.raises(MdfmError, match=r"cut off|is damaged"):
        open_book(str(backup), ALL_KINDS)


def test_no_book_is_restored_to_memory_or_kept_from_it(backup: Path, tmp_path: Path) -> None:
    for work in (
        lambda: restore_book(backup, "sqlite://", ALL_KINDS),
        lambda: back_up("sqlite://", ALL_KINDS, tmp_path / "of-memory.backup"),
        lambda: upgrade_book("sqlite://", ALL_KINDS),
    ):
        with pytest.raises(BadInput, match="is a book in memory, which is gone when the program ends"):
            work()
    with pytest.raises(BadInput, match="there is no book in memory: give the path of a file"):
        open_book("sqlite://", ALL_KINDS)


@pytest.mark.parametrize("table", ["line", "alembic_version"])
def test_a_book_without_one_of_its_tables_is_damaged_and_no_stranger(copy: Path, table: str) -> None:
    change(copy, f"DROP TABLE {table}")
    with pytest.raises(Tampered, match=f"is damaged: its table {table} is missing"):
        open_book(str(copy), ALL_KINDS)


def test_a_database_whose_table_is_named_as_ours_is_still_a_stranger(tmp_path: Path) -> None:
    change(tmp_path / "other.db", "CREATE TABLE entry (seq, text)")
    with pytest.raises(BadInput, match="a database of another program"):
        open_book(str(tmp_path / "other.db"), ALL_KINDS)


def test_a_book_that_names_no_migration_is_damaged(copy: Path) -> None:
    change(copy, "DELETE FROM alembic_version")
    with pytest.raises(Tampered, match="alembic_version must name one migration, and names none"):
        open_book(str(copy), ALL_KINDS)


@pytest.mark.parametrize("number", ["0002", "other"])
def test_a_book_that_names_two_migrations_is_not_up_to_date(copy: Path, number: str) -> None:
    change(copy, f"INSERT INTO alembic_version VALUES ('{number}')")
    with pytest.raises(Tampered, match="alembic_version must name one migration, and names 0.* and "):
        upgrade_book(str(copy), ALL_KINDS)


def test_a_log_that_this_user_may_not_read_is_named(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = copy.with_name(f"{copy.name}-wal")
    log.write_bytes(b"entries")
    allowed = book_file._allowed

    def closed(path: Path, how: int) -> bool:
        return path not in (log, copy.parent) and (path != copy or how == os.R_OK) and allowed(path, how)

    monkeypatch.setattr(book_file, "_allowed", closed)
    with pytest.raises(Refused, match=f"its log {log}, which may not be read by this user: ask its owner"):
        open_book(str(copy), ALL_KINDS)
