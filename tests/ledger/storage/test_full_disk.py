"""A disk that is full, and a file that may not be written: said in a sentence, and nothing is lost."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, takewhile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, event

from ledger import Head, replay, verify
from mdfm.books import open_at
from mdfm.cli.app import app
from tests.support.engines import READY, Files
from tests.support.place import ROOT

NOBODY = 65534
ROWS = count(1)


def adding() -> tuple[str, ...]:
    """A command that records one more donor."""
    code = f"NEW-{next(ROWS)}"
    return (
        "donor",
        "add",
        code,
        "--name",
        "Example",
        "--type",
        "city",
        "--country",
        "KOR",
        "--by",
        "officer",
    )


@pytest.fixture
def place(files: Files) -> Path:
    """A book that who is not its owner can reach, in a folder of its own."""
    return Path(files.fresh(READY))


def called(place: Path, *command: str) -> Result:
    return CliRunner().invoke(app, ["--book", str(place), *command])


def sound_head(place: Path) -> Head:
    book = open_at(str(place))
    verified, replayed = verify(book), replay(book)
    assert [*verified.findings, *replayed.findings] == []
    book.close()
    return replayed.head


@contextmanager
def no_more_pages() -> Iterator[None]:
    """A disk on which a database cannot grow any more."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def test_a_full_disk_is_said_and_nothing_is_lost(place: Path) -> None:
    with no_more_pages():
        for _ in takewhile(lambda result: result.exit_code == 0, (called(place, *adding()) for _ in ROWS)):
            pass  # what is free in the last pages is used up first
        full = sound_head(place)
        result = called(place, *adding())
        assert result.exit_code == 2
        assert "has no room on its disk: nothing was recorded; make room and try again." in result.output
    assert sound_head(place) == full
    assert called(place, *adding()).exit_code == 0, "with room again it goes on"
    assert sound_head(place).seq == full.seq + 1


@pytest.mark.parametrize("room", [0, 1, 4096, 20_000])
def test_a_write_that_fails_half_way_is_said_and_nothing_is_lost(place: Path, room: int) -> None:
    """A file may only grow to so many bytes: the log of the transaction ends in the middle."""
    before = sound_head(place)
    result = subprocess.run(
        [sys.executable, "-c", "from mdfm.cli.app import main; main()", "--book", str(place), *adding()],
        cwd=ROOT,
        # Python would cut its own compiled modules off, too, for whoever loads them afterwards.
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert result.returncode == 2
    assert "cannot be written to its disk (disk I/O error): nothing was recorded" in result.stderr
    assert sound_head(place) == before
    assert called(place, *adding()).exit_code == 0
    assert sound_head(place).seq == before.seq + 1


@contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions do not bind the administrator of a machine."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("folder", [0o777, 0o555], ids=["in a folder to write in", "on a medium to read"])
def test_a_file_that_may_only_be_read_is_said(place: Path, folder: int) -> None:
    assert called(place, *adding()).exit_code == 0  # loads what it needs, which nobody may be unable to read
    before = sound_head(place)
    with tempfile.TemporaryDirectory() as reachable:
        copy = Path(reachable) / "read-only.book"
        copy.write_bytes(place.read_bytes())
        copy.chmod(0o444)
        Path(reachable).chmod(folder)
        with as_nobody():
            result = called(copy, *adding())
        Path(reachable).chmod(0o755)
        assert result.exit_code == 2
        assert "is read-only: nothing was recorded." in result.output
        assert copy.read_bytes() == place.read_bytes()
        assert sound_head(copy) == before
