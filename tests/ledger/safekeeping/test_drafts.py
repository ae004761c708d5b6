"""Drafts: what the dead left is cleared away, and the living are left alone, wherever they are."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from ledger.safekeeping.drafts import draft_of
from tests.support.place import ROOT
from tests.support.processes import wait_until

AT_WORK = """
import sys, time
from pathlib import Path
from ledger.safekeeping.drafts import draft_of
with draft_of(Path(sys.argv[1])) as draft:
    draft.touch()
    time.sleep(3600)
"""


def drafts_in(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.name.startswith(".mdfm-draft.")]


def test_what_the_dead_left_is_cleared_away_and_the_living_are_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", AT_WORK, str(tmp_path / "theirs")], cwd=ROOT) as alive:
        try:
            wait_until(lambda: list(tmp_path.glob(".mdfm-draft.*/draft")))
            theirs = drafts_in(tmp_path)
            with draft_of(tmp_path / "mine"):
                assert len(drafts_in(tmp_path)) == 2
            assert drafts_in(tmp_path) == theirs
        finally:
            alive.kill()
    assert drafts_in(tmp_path) == theirs, "who is killed leaves it"
    with draft_of(tmp_path / "mine"):
        assert len(drafts_in(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_draft_does_not_make_it_dead(tmp_path: Path) -> None:
    """Two containers may have one name, and numbers of processes of their own."""
    with draft_of(tmp_path / "theirs") as theirs:
        renamed = theirs.parent.rename(tmp_path / f".mdfm-draft.{os.uname().nodename}.4194304.x")
        with draft_of(tmp_path / "mine"):
            assert renamed.exists()


@pytest.mark.parametrize("way", ["directly", "linked"])
def test_threads_leave_each_other_alone(tmp_path: Path, way: str) -> None:
    place = tmp_path / "directly"
    place.mkdir()
    (tmp_path / "linked").symlink_to(place)
    with draft_of(place / "mine") as mine:
        mine.touch()

        def work() -> None:
            with draft_of(tmp_path / way / "theirs"):
                pass

        thread = Thread(target=work)
        thread.start()
        thread.join()
        assert mine.exists()


def test_a_draft_that_is_cleared_away_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def make(**given: Any) -> str:
        folder: str = make_folder(**given)
        made.append(folder)
        if len(made) == 1:
            with draft_of(tmp_path / "another"):
                assert not Path(folder).exists()
        return folder

    make_folder: Callable[..., str] = tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", make)
    with draft_of(tmp_path / "mine") as mine:
        mine.touch()
        assert drafts_in(tmp_path) == [mine.parent]


def test_where_folders_have_no_locks_only_what_was_forgotten_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    lately, forgotten = (tmp_path / f".mdfm-draft.{each}" for each in ("lately", "forgotten"))
    for folder in (lately, forgotten):
        folder.mkdir()
        (folder / "draft").touch()
    for path in (forgotten / "draft", forgotten):
        os.utime(path, (1, 1))
    with draft_of(tmp_path / "mine"):
        pass
    assert drafts_in(tmp_path) == [lately]
