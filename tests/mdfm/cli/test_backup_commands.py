"""`mdfm backup`, `mdfm restore` and `mdfm audit verify --backup`: what they print, and how they end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mdfm.api import read_backup
from tests.books.museum import OLDEST, put_back
from tests.mdfm.cli.test_cli import Desk
from tests.support.tampering import unsealed


@pytest.fixture
def desk(played_template: Path, tmp_path: Path) -> Desk:
    """A desk at a book in which everything has happened once."""
    return Desk.at(played_template, tmp_path)


def elsewhere(desk: Desk) -> tuple[str, Path]:
    return ("--book", desk.folder / "new.book")


def test_a_backup_and_a_restore_name_the_head(desk: Desk) -> None:
    file = desk.folder / "kept.backup"
    written = desk("backup", file).stdout
    mark = read_backup(file)
    assert written == f"{file}: head {mark.seq} {mark.hash}, verified.\n"
    restored = desk(*elsewhere(desk), "restore", file)
    place = desk.folder / "new.book"
    assert restored.stdout == f"{place}: head {mark.seq} {mark.hash}, as in the backup of {mark.made_at}.\n"
    assert restored.stderr.startswith("If contacts were erased after that backup, ")


def test_who_restores_an_older_book_learns_that_it_is_up_to_date(desk: Desk) -> None:
    file = desk.folder / "old.backup"
    desk("--book", put_back(OLDEST, desk.folder / "old.book"), "backup", file)
    restored = desk(*elsewhere(desk), "restore", file).stdout.splitlines()
    assert restored[1] == "It was of an earlier version (migration 0003), and is up to date now."
    assert "is sound" in desk(*elsewhere(desk), "audit", "verify").stdout


def test_programs_read_the_mark(desk: Desk) -> None:
    file = desk.folder / "kept.backup"
    answer = desk.json("backup", file)
    mark = read_backup(file)
    assert answer == {"backup": str(file), **mark._asdict()}
    again = desk.json(*elsewhere(desk), "restore", file)
    assert again == {"book": str(desk.folder / "new.book"), **mark._asdict()}


def test_a_book_that_does_not_verify_is_answered_with_no(desk: Desk) -> None:
    file = desk.folder / "kept.backup"
    with unsealed(desk.book) as books:
        books.execute("UPDATE entry SET made_by = 'nobody' WHERE seq = 3")
    sentence = desk.refused("backup", file, code=1)
    assert sentence.endswith(
        "does not verify, so no backup is made of it: entry 3: its content does not match its hash "
        "(findings: 1). See all of them with `mdfm audit verify`; to keep a copy of it as it is, say so "
        "(--although-unsound)."
    )
    assert not file.exists()
    kept = desk("backup", file, "--although-unsound").stdout.splitlines()
    assert kept[0] == "entry 3: its content does not match its hash"
    assert kept[1].endswith("it does not verify, as the book does not.")
    assert "so nothing was restored" in desk.refused(*elsewhere(desk), "restore", file, code=1)
    desk(*elsewhere(desk), "restore", file, "--although-unsound")


def test_a_book_is_compared_with_a_backup(desk: Desk) -> None:
    file, older = desk.folder / "kept.backup", desk.folder / "older.book"
    shutil.copyfile(desk.book, older)
    desk("donor", "add", "NEW", "--name", "Example", "--type", "city", "--country", "KOR")
    desk("backup", file)
    last = desk.last()
    same = desk("audit", "verify", "--backup", file).stdout
    assert same.endswith(f"the book is sound, and as it was at entry {last}.\n")
    lacks = desk("--book", older, "audit", "verify", "--backup", file, code=1).stdout
    assert f"entry {last}: is missing: in the backup of " in lacks
    assert "it is 'donor registered' of " in lacks


def test_a_book_that_was_written_anew_is_not_that_of_the_backup(desk: Desk) -> None:
    file, other = desk.folder / "kept.backup", desk.folder / "other.book"
    shutil.copyfile(desk.book, other)
    add = ("donor", "add", "NEW", "--type", "city", "--country", "KOR", "--name")
    desk(*add, "Example")
    desk("backup", file)
    desk("--book", other, *add, "Another")
    differs = desk("--book", other, "audit", "verify", "--backup", file, code=1).stdout
    assert f"entry {desk.last()}: its hash is " in differs
    assert "and is another in the backup of " in differs


def test_many_missing_entries_are_named_by_the_first(desk: Desk) -> None:
    file, older = desk.folder / "kept.backup", desk.folder / "older.book"
    shutil.copyfile(desk.book, older)
    first = desk.last() + 1
    for number in range(7):
        desk("donor", "add", f"NEW-{number}", "--name", "Example", "--type", "city", "--country", "KOR")
    desk("backup", file)
    lacks = desk("--book", older, "audit", "verify", "--backup", file, code=1).stdout
    assert [f"entry {first + number}: is missing" in lacks for number in range(6)] == [True] * 5 + [False]
    assert f"entries {first + 5} to {first + 6} of the backup are missing, too" in lacks


def test_a_backup_whose_end_was_cut_off_is_no_measure(desk: Desk) -> None:
    file = desk.folder / "kept.backup"
    desk("donor", "add", "NEW", "--name", "Example", "--type", "city", "--country", "KOR")
    desk("backup", file)
    with unsealed(file) as books:
        books.execute("DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)")
    assert "it was changed since" in desk.refused("audit", "verify", "--backup", file, code=1)


@pytest.mark.parametrize(
    "words", [("audit", "verify", "--backup", "plain.book"), ("--book", "new.book", "restore", "plain.book")]
)
def test_a_plain_copy_is_told_from_a_backup(desk: Desk, words: tuple[str, ...]) -> None:
    shutil.copyfile(desk.book, desk.folder / "plain.book")
    given = [str(desk.folder / word) if word.endswith(".book") else word for word in words]
    assert "is a book and no backup: a plain copy may lack the newest entries" in desk.refused(*given)


def test_a_backup_in_the_place_of_the_book_is_said_to_be_one(desk: Desk) -> None:
    file = desk.folder / "kept.backup"
    desk("backup", file)
    adding = ("donor", "add", "NEW", "--name", "Example", "--type", "city", "--country", "KOR")
    assert desk.refused("--book", file, *adding) == (
        f"{file} is a backup, for reading only: restore it first with `mdfm restore`."
    )
    assert desk.refused("--book", file, "backup", desk.folder / "more") == (
        f"{file} is a backup itself: copy its file, or restore it first with `mdfm restore`."
    )
