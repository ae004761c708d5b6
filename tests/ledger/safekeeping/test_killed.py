"""Backups and restores that are killed at any moment: the file or the database is whole, or as before."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger import Head, MdfmError, head, verify
from mdfm.api import read_backup
from mdfm.books import open_at
from tests.support.effort import effort
from tests.support.engines import PLAYED, Shelf
from tests.support.killed.victims import Victims, victims

ROUNDS, SEED = effort(6, 200), 20211102
A_LITTLE_LONGER = 1.1
"""The last moments at which they are killed are those when all is done."""


@pytest.fixture(scope="module")
def program() -> Iterator[Victims]:
    """Starts commands, and kills them."""
    with victims() as found:
        yield found


def sound_head(location: str) -> Head:
    with closing(open_at(location)) as book:
        assert verify(book).findings == []
        with book.reading() as books:
            return head(books)


def hidden_in(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.name.startswith(".")]


def killed(program: Victims, command: Callable[[int], tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """The number of each round, after its command was killed at a random moment, and the exit code."""
    begun = time.monotonic()
    assert program.run(*command(0)) == 0
    span = A_LITTLE_LONGER * (time.monotonic() - begun)
    chance = random.Random(SEED)
    codes = []
    for number in range(1, ROUNDS + 1):
        codes.append(program.run(*command(number), seconds=chance.uniform(0, span)))
        assert codes[-1] in (0, -9)
        yield number, codes[-1]
    assert -9 in codes, "they were killed at work"


def test_a_backup_that_is_killed_is_whole_or_absent(shelf: Shelf, program: Victims, tmp_path: Path) -> None:
    location = shelf.fresh(PLAYED)
    before = sound_head(location)

    def place(number: int) -> Path:
        return tmp_path / f"{number}.backup"

    for number, code in killed(program, lambda number: ("--book", location, "backup", str(place(number)))):
        if place(number).exists():
            assert read_backup(place(number)).head == sound_head(str(place(number))) == before
        else:
            assert code == -9
    assert program.run("--book", location, "backup", str(place(ROUNDS + 1))) == 0
    assert hidden_in(tmp_path) == [], "what the dead left is cleared away by the next one"
    assert sound_head(location) == before


def test_a_restore_that_is_killed_makes_a_whole_book_or_none(
    shelf: Shelf, program: Victims, tmp_path: Path
) -> None:
    location, backup = shelf.fresh(PLAYED), tmp_path / "kept.backup"
    before = sound_head(location)
    assert program.run("--book", location, "backup", str(backup)) == 0
    places: dict[int, str] = {}

    def command(number: int) -> tuple[str, ...]:
        places[number] = shelf.free()
        return ("--book", places[number], "restore", str(backup))

    for number, code in killed(program, command):
        try:
            assert sound_head(places[number]) == before
        except MdfmError as absent:
            assert absent.code in ("book-missing", "not-a-book")
            assert code == -9
            again = program.run("--book", places[number], "restore", str(backup))
            assert again == 0, "the place is free, and what the dead left is no hindrance"
            assert sound_head(places[number]) == before
        if Path(places[number]).exists():
            assert hidden_in(Path(places[number]).parent) == []
        shelf.discard(places[number])
