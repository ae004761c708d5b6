"""`mdfm doctor`: a line for each thing, and an exit code that a timer can act on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.mdfm.cli.test_cli import Desk


@pytest.fixture
def desk(empty_template: Path, tmp_path: Path) -> Desk:
    return Desk.at(empty_template, tmp_path)


def test_a_book_that_is_well(desk: Desk) -> None:
    result = desk("doctor")
    assert result.stderr == "All is well.\n"
    assert " DO " not in result.stdout
    rows = desk.json("doctor")
    assert {row["state"] for row in rows} == {"ok"}
    assert set(rows[0]) == {"topic", "state", "says"}


def test_advice_alone_is_no_fault(desk: Desk) -> None:
    desk.approved("term", "open", "T", "--from", "2021-11-01", "--to", "2023-10-31", "--on", "2021-11-01")
    rows = {row["topic"]: row for row in desk.json("doctor")}
    assert rows["backup"]["state"] == rows["checkpoint"]["state"] == "note"
    assert rows["backup"]["says"] == "the book knows of none: make one with `mdfm backup`"


def test_what_must_be_done_is_said_with_its_command(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.book)) as books, books:
        books.execute("DROP TRIGGER seal_entry")
    result = desk("doctor", code=1)
    assert "Something must be done: protection." in result.stderr
    assert "DO" in result.stdout
    rows = {row["topic"]: row for row in desk.json("doctor", code=1)}
    assert (
        "verify the book with `mdfm audit verify`, and restore a backup with `mdfm restore`"
        in (rows["protection"]["says"])
    )


def test_where_there_is_no_book_the_program_is_looked_at_all_the_same(desk: Desk) -> None:
    desk.book.unlink()
    result = desk("doctor", code=2)
    assert result.stderr == "There is no book to look at.\n"
    assert "NO BOOK" in result.stdout
    assert "solver" in result.stdout
    assert not desk.book.exists()
