"""Books of released versions are opened, verified, replayed and rebuilt by the version of today."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger import Document, head, rebuild_book, replay, verify
from mdfm.books import ALL_KINDS, open_at

VERSIONS = sorted(path for path in Path(__file__).parent.iterdir() if (path / "head.txt").exists())


def kept(place: Path) -> str:
    return gzip.decompress(place.read_bytes()).decode()


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_a_book_of_a_released_version_is_sound_and_has_its_head(version: Path, tmp_path: Path) -> None:
    place = tmp_path / "old.book"
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript(kept(version / "sqlite.sql.gz"))
    book = open_at(str(place))
    assert verify(book).sound
    assert replay(book).sound
    with book.reading() as books:
        last = head(books)
    book.close()
    assert f"{last.seq} {last.hash}\n" == (version / "head.txt").read_text("utf-8")


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_a_book_is_rebuilt_from_the_export_of_a_released_version(version: Path, tmp_path: Path) -> None:
    export = Document("export.jsonl", kept(version / "export.jsonl.gz").encode())
    last = rebuild_book(str(tmp_path / "again.book"), ALL_KINDS, export)
    assert f"{last.seq} {last.hash}\n" == (version / "head.txt").read_text("utf-8")


def test_the_museum_has_a_book_of_each_released_version() -> None:
    assert {path.name for path in VERSIONS} >= {"0.1.0", "0.2.0"}
