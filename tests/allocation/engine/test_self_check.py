"""The solvers are tried on a problem whose answer is known."""

from __future__ import annotations

from itertools import product

import pytest

from allocation import solver_fault
from allocation.engine import self_check


def test_every_solver_finds_the_optimum() -> None:
    assert solver_fault() == ""


def test_the_optimum_is_the_most_of_all_answers() -> None:
    assert max(2 * x + 3 * y for x, y in product(range(4), range(3)) if x + y <= 4) == self_check.OPTIMUM


def test_a_solver_that_finds_something_else_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check, "_with_mathopt", lambda name: 9 if name == "HIGHS" else 10)
    assert solver_fault() == "HIGHS finds 9 instead of 10"


def test_a_solver_that_breaks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> int:
        raise ImportError("no such library")

    monkeypatch.setattr(self_check, "_with_cp_sat", broken)
    assert solver_fault() == "the solver cannot be used: ImportError: no such library"
