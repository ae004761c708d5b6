"""The demo as it was played once for the whole test session."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from mdfm.cli.app import app

FOLDER = "demo-out"
WIDTH = 110


class Demo(NamedTuple):
    """What `mdfm demo` made and said."""

    folder: Path
    told: str

    @property
    def book(self) -> Path:
        """The book's file; tests open a copy of it."""
        return self.folder / "mdfm.book"

    def copy(self, place: Path) -> Path:
        """A copy of the book that a test may open and change."""
        return shutil.copyfile(self.book, place)


def play_demo(folder: Path) -> Demo:
    """Run `mdfm demo` in a folder, as `make demo` does, on a screen of 110 columns."""
    with contextlib.chdir(folder):
        result = CliRunner(env={"COLUMNS": str(WIDTH)}).invoke(app, ["demo", "--out", FOLDER])
    assert result.exit_code == 0, result.output
    return Demo(folder / FOLDER, result.stdout)
