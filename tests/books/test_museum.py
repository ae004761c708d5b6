"""Books of released versions are upgraded, verified, replayed, exported, rebuilt and printed from."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from ledger import Book, approve, head, proposals, rebuild_book, replay, verify
from ledger.storage.database import engine_at
from mdfm.api import open_fund, upgrade_fund
from mdfm.books import ALL_KINDS, open_at
from reports import render_statement
from tests.books.figures import figures_of, statements_of
from tests.books.museum import (
    VERSIONS,
    export_of,
    figures_kept,
    head_of,
    put_back,
)
from tests.support.small_books import CHECKER

pytestmark = pytest.mark.parametrize("version", VERSIONS)
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(params=ENGINES)
def old(request: pytest.FixtureRequest, version: str, tmp_path: Path) -> str:
    """The location of the book of a version, as it made it."""
    if request.param == "sqlite":
        return put_back(version, tmp_path / "old.book")
    location: str = request.getfixturevalue("server_museum").put_back(version)
    return location


@pytest.fixture
def upgraded(old: str, version: str, tmp_path: Path) -> Iterator[Book]:
    """The same book, upgraded."""
    done = upgrade_fund(old, backup=tmp_path / "before.backup")
    assert done.head == head_of(version)
    book = open_at(old)
    yield book
    book.close()


def test_an_upgraded_book_is_sound_and_has_its_head(upgraded: Book, version: str) -> None:
    assert verify(upgraded).findings == []
    assert replay(upgraded).findings == []
    with upgraded.reading() as books:
        assert head(books) == head_of(version)


def test_the_figures_are_those_of_then(upgraded: Book, version: str) -> None:
    with upgraded.reading() as books:
        assert figures_of(books) == figures_kept(version)


def test_a_printed_statement_has_the_figures_of_then(upgraded: Book, version: str) -> None:
    with upgraded.reading() as books:
        printed = {each.donor: text_of(render_statement(each)) for each in statements_of(books)}
    then = figures_kept(version)["statements"]
    assert printed.keys() == then.keys()
    for donor, figures in then.items():
        for name in ("received", "available", "used", "in kind"):
            if figures[name]:
                assert f"{figures[name] // 100:,}.{figures[name] % 100:02}" in printed[donor], (donor, name)
        for reference, *_ in figures["receipts"]:
            assert reference in printed[donor]


def test_what_an_upgraded_book_exports_is_rebuilt_with_the_same_head(
    upgraded: Book, version: str, tmp_path: Path
) -> None:
    with open_fund(upgraded.location) as fund:
        export = fund.audit.export()
    assert rebuild_book(str(tmp_path / "again.book"), ALL_KINDS, export) == head_of(version)


def test_an_export_of_then_is_rebuilt_with_its_head_and_figures(version: str, tmp_path: Path) -> None:
    place = str(tmp_path / "again.book")
    assert rebuild_book(place, ALL_KINDS, export_of(version)) == head_of(version)
    book = open_at(place)
    assert verify(book).findings == []
    with book.reading() as books:
        assert figures_of(books) == figures_kept(version)
    book.close()


def test_the_journal_of_then_is_stored_as_it_was(old: str, version: str, tmp_path: Path) -> None:
    before = journal_of(old)
    upgrade_fund(old, backup=tmp_path / "before.backup")
    assert journal_of(old) == before
    assert len(before["entry"]) == head_of(version).seq
    assert {"0.1.0", "0.2.0", "0.3.0"} <= set(VERSIONS)


def test_what_waits_is_approved_as_it_was_made_then(upgraded: Book, version: str) -> None:
    with upgraded.recording() as journal:
        for waits in proposals(journal.books):
            sealed = approve(journal, waits.id, CHECKER)
            assert (sealed.version, sealed.payload) == (waits.version, waits.payload)
    assert verify(upgraded).findings == []
    with upgraded.reading() as books:
        assert head(books).seq == head_of(version).seq + 1


def journal_of(location: str) -> dict[str, list[Any]]:
    """Every entry and every line, as they are stored."""
    engine = engine_at(location)
    with engine.connect() as books:
        rows = {
            name: [tuple(row) for row in books.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1, 2")]
            for name in ("entry", "line", "evidence")
        }
    engine.dispose()
    return rows


def text_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
