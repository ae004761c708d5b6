"""`mdfm entry evidence`: the files that prove an entry, out of the book."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mdfm.cli.test_cli import Desk


@pytest.fixture
def desk(ready_template: Path, tmp_path: Path) -> Desk:
    return Desk.at(ready_template, tmp_path)


def test_evidence_comes_out_as_it_went_in(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files = [desk.file("advice.txt", "First."), desk.file("other/advice.txt", "Second.")]
    proofs = [word for file in files for word in ("--evidence", file)]
    receipt = ("contribution", "unidentified", "U-1", "--term", "2021-2023", "--bank", "USD1")
    entry = desk.approved(*receipt, "--amount", "USD 5", "--on", "2021-12-10", *proofs)
    out = tmp_path / "out"
    out.mkdir()
    first, second = map(Path, desk.json("entry", "evidence", entry["seq"], "--out", out))
    assert (first, first.read_text("utf-8")) == (out / "advice.txt", "First.")
    assert (second.read_text("utf-8"), second.name[8:]) == ("Second.", "-advice.txt")


def test_an_entry_without_evidence_says_so(desk: Desk) -> None:
    result = desk("entry", "evidence", 1)
    assert (result.stdout, result.stderr) == ("", "Entry 1 has no evidence.\n")


def test_an_entry_that_is_not_there_is_refused(desk: Desk) -> None:
    assert "99" in desk.refused("entry", "evidence", 99)
