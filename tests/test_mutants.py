"""The tool that changes a module to see whether a test notices: `make mutants`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.mutants import mirror_of, mutants
from tests.support.place import ROOT

COINS = """\
from functools import cache


def change(paid: int, price: int) -> int:
    if paid < price:
        raise ValueError("too little")
    return paid - price
"""
SHARP = """\
import pytest
from coins import change


def test_change():
    assert (change(5, 3), change(3, 3)) == (2, 0)
    with pytest.raises(ValueError):
        change(2, 3)
"""
BLUNT = "from coins import change\n\n\ndef test_change():\n    assert change(5, 3) == 2\n"


def tree(folder: Path, module: str, test: str) -> Path:
    """A project of one module and one test."""
    (folder / "tests").mkdir(parents=True)
    (folder / "coins.py").write_text(module)
    (folder / "tests/test_coins.py").write_text(test)
    return folder


def tried(root: Path, more: str = "") -> subprocess.Popen[str]:
    """The tool at work on a project, with a folder of its own for what is temporary."""
    temporary = root.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    script = (
        "import sys; from pathlib import Path; from tests.support import mutants\n"
        f"{more}\n"
        f"sys.exit(mutants.try_all(Path({str(root)!r}), 'coins.py', ['tests'], 2, sys.stdout))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(temporary), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def changes(source: str) -> list[str]:
    return [f"{each.line}: {each.before} -> {each.after}" for each in mutants(source)]


def test_every_place_of_a_module_that_does_something_is_changed() -> None:
    assert changes(COINS) == [
        "5: paid < price -> False",
        "5: paid < price -> paid <= price",
        "7: return paid - price -> return None",
        "7: paid - price -> paid + price",
    ]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("x = a <= b < c", ["1: a <= b < c -> a < b < c", "1: a <= b < c -> a <= b <= c"]),
        ("x = a and not b", ["1: a and not b -> a or (not b)", "1: not b -> b"]),
        ("x = any(a) + 7", ["1: any(a) + 7 -> any(a) - 7", "1: any(a) -> all(a)", "1: 7 -> 8"]),
        ("x = -abs(a)", ["1: -abs(a) -> abs(a)", "1: abs(a) -> a"]),
        ("x = q.where(a, b)", ["1: q.where(a, b) -> q.where(b)", "1: q.where(a, b) -> q.where(a)"]),
        ("x = [a for a in b if a]", ["1: a -> True"]),
        ("x = a if b else c", ["1: a if b else c -> c if b else a"]),
        ("require(a)", ["1: require(a) -> pass"]),
        ("x -= 1", ["1: x -= 1 -> x += 1", "1: 1 -> 2"]),
        ("if a:\n    b = c", ["1: a -> not (a)"]),
        ("x = True", ["1: True -> False"]),
        ("x = f'{a + 1} of {b}'", []),  # words and types are for other tools
        ("x: Literal[1]\ny = zip(a, b, strict=True)\n'''What x is.'''", []),
    ],
)
def test_a_change_is_one_that_a_slip_would_make(code: str, found: list[str]) -> None:
    assert changes(code) == found
    for each in mutants(code):
        compile(each.source, "mutant", "exec")


def test_the_mirror_of_a_module_are_those_that_mirror_it() -> None:
    assert mirror_of(ROOT, "ledger/money.py") == ["tests/ledger/test_money.py", "tests/ledger"]
    assert mirror_of(ROOT, "donors/bank/text.py") == ["tests/donors/bank"]
    assert mirror_of(ROOT, "mdfm/nowhere/at_all.py") == ["tests/mdfm"]


@pytest.mark.parametrize(
    ("test", "code", "said"),
    [
        (SHARP, 0, ["4 mutants, 0 of them not noticed."]),
        (
            BLUNT,
            1,
            [
                "4 mutants, 2 of them not noticed.",
                "coins.py:5: paid < price  ->  False",
                "coins.py:5: paid < price  ->  paid <= price",
            ],
        ),
        (
            "def test_it():\n    assert False\n",
            2,
            ["The tests fail, or are none, without any mutant: mend them first."],
        ),
    ],
    ids=["sharp", "blunt", "failing"],
)
def test_what_no_test_notices_is_printed(tmp_path: Path, test: str, code: int, said: list[str]) -> None:
    root = tree(tmp_path / "project", COINS, test)
    with tried(root) as tool:
        printed, _ = tool.communicate()
    assert (tool.returncode, sorted(printed.splitlines())) == (code, said)
    assert (root / "coins.py").read_text() == COINS
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_mutant_that_hangs_is_noticed(tmp_path: Path) -> None:
    counting = "def count(most: int) -> int:\n    n = 0\n    while n < most:\n        n += 1\n    return n\n"
    test = "from coins import count\n\n\ndef test_count():\n    assert (count(3), count(0)) == (3, 0)\n"
    with tried(tree(tmp_path / "project", counting, test), "mutants.SECONDS_MORE = 1") as tool:
        printed, _ = tool.communicate()
    assert printed == "5 mutants, 0 of them not noticed.\n"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_behind_when_it_is_ended(tmp_path: Path, how: signal.Signals) -> None:
    test = "import time, pathlib\n\n\ndef test_it():\n    pathlib.Path('begun').touch(); time.sleep(600)\n"
    root = tree(tmp_path / "project", COINS, test)
    with tried(root, "mutants.end_like_an_interrupt()") as tool:
        while not list((tmp_path / "temporary").glob("*/*/begun")):
            assert tool.poll() is None
            time.sleep(0.02)
        tool.send_signal(how)
        assert tool.wait() != 0
    assert list((tmp_path / "temporary").iterdir()) == []
    assert (root / "coins.py").read_text() == COINS
