"""The page on Python: its examples run and are type-checked from an installed wheel, as a user has them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.place import ROOT

PAGE = ROOT / "docs/python.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
LINES_OF_THE_SHORT_ONE = 25
PACKAGES = ("ledger", "donors", "allocation", "reports", "mdfm")

# A user's file is checked as strictly as one can, with no setting of ours.
USERS_MYPY = "[mypy]\nstrict = true\n"


def run(*words: str | Path, cwd: Path, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd, env={**os.environ, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program as a wheel installs it, and nothing of the checkout."""
    built, target = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    run("-m", "hatchling", "build", "-t", "wheel", "-d", built, cwd=ROOT)
    (wheel,) = built.glob("*.whl")
    run("-m", "pip", "install", "--no-deps", "--no-index", "-q", "--target", target, wheel, cwd=built)
    return target


def test_the_wheel_says_that_it_is_typed(installed: Path) -> None:
    assert [name for name in PACKAGES if not (installed / name / "py.typed").is_file()] == []


def test_the_first_example_is_short() -> None:
    assert len([line for line in EXAMPLES[0].splitlines() if line]) <= LINES_OF_THE_SHORT_ONE


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs_from_the_wheel(installed: Path, tmp_path: Path, number: int) -> None:
    script = tmp_path / "example.py"
    script.write_text(EXAMPLES[number], "utf-8")
    run(script, cwd=tmp_path, PYTHONPATH=str(installed), PYTHONSAFEPATH="1")
    assert list(tmp_path.glob("*.book"))


def test_the_examples_are_typed_as_a_users_files(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mypy.ini").write_text(USERS_MYPY, "utf-8")
    for number, example in enumerate(EXAMPLES):
        (tmp_path / f"example{number}.py").write_text(example, "utf-8")
    files = [f"example{number}.py" for number in range(len(EXAMPLES))]
    checked = run("-m", "mypy", "--strict", *files, cwd=tmp_path, MYPYPATH="", PYTHONPATH=str(installed))
    assert "no issues found" in checked
