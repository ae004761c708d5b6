"""The health of the program: packages, fonts, solver, signing, each made red for real."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from ledger import HealthLine
from mdfm.api import check_health, create_fund, open_fund
from mdfm.api import health as health_module

TOPICS = ("program", "packages", "fonts", "solver", "signing")


def seen(place: Path) -> dict[str, HealthLine]:
    return {each.topic: each for each in check_health(place)}


def test_a_new_fund_is_well(tmp_path: Path) -> None:
    with create_fund(tmp_path / "fund.book") as fund:
        lines = fund.health()
    assert {each.state for each in lines} == {"ok"}
    assert {each.topic for each in lines} >= {*TOPICS, "book", "backup", "disk"}


def test_the_program_is_looked_at_where_there_is_no_book(tmp_path: Path) -> None:
    found = seen(tmp_path / "none.book")
    assert {topic: found[topic].state for topic in (*TOPICS, "book")} == dict.fromkeys(TOPICS, "ok") | {
        "book": "no book"
    }


def test_a_fund_says_when_it_was_closed(tmp_path: Path) -> None:
    fund = create_fund(tmp_path / "fund.book")
    fund.close()
    with pytest.raises(Exception, match="was closed by this program"):
        fund.health()


@pytest.mark.parametrize(
    ("found", "said"), [("9.14.0", "ortools is 9.14.0, and ==9.15.6755 is needed"), ("", "")]
)
def test_a_package_that_is_missing_or_of_another_version_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str, said: str
) -> None:
    def version(name: str) -> str:
        if name != "ortools":
            return importlib.metadata.version(name)
        if not found:
            raise importlib.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(health_module, "version", version)
    packages = seen(tmp_path / "none.book")["packages"]
    assert packages.state == "do"
    assert said in packages.says


def test_what_a_server_needs_is_asked_only_where_the_book_is_on_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        if name == "psycopg":
            raise importlib.metadata.PackageNotFoundError(name)
        return importlib.metadata.version(name)

    monkeypatch.setattr(health_module, "version", version)
    assert seen(tmp_path / "none.book")["packages"].state == "ok"
    there = {each.topic: each for each in check_health("postgresql://127.0.0.1:1/x")}
    assert "psycopg is missing" in there["packages"].says


@pytest.mark.parametrize(
    ("library", "topic"),
    [
        ("ortools.sat.python.cp_model", "solver"),
        ("pyhanko.sign", "signing"),
        ("reportlab.pdfbase.ttfonts", "fonts"),
    ],
)
def test_a_library_that_does_not_load_is_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, topic: str
) -> None:
    for name in [each for each in sys.modules if each == library or each.startswith(f"{library}.")]:
        monkeypatch.delitem(sys.modules, name)
    parent, _, own = library.rpartition(".")
    if parent in sys.modules:
        monkeypatch.delattr(sys.modules[parent], own, raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    found = seen(tmp_path / "none.book")[topic]
    assert found.state == "do"
    assert "install this program again" in found.says or "cannot be looked at" in found.says


def test_the_same_is_seen_of_an_open_fund(tmp_path: Path) -> None:
    create_fund(tmp_path / "fund.book").close()
    with open_fund(tmp_path / "fund.book") as fund:
        topics = [each.topic for each in fund.health()]
    assert topics == [each.topic for each in check_health(tmp_path / "fund.book")]
