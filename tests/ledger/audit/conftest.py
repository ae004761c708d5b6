"""The demo's book and its export, which several tests of exports read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import Book
from mdfm.books import open_at
from tests.support.example_demo import Demo
from tests.support.exports import exported


@pytest.fixture(scope="module")
def demo_book(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """The demo's book, to be read."""
    opened = open_at(str(demo.copy(tmp_path_factory.mktemp("demo") / "demo.book")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def jsonl(demo_book: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's export."""
    place = tmp_path_factory.mktemp("exports") / "demo.jsonl"
    place.write_text(exported(demo_book), encoding="utf-8")
    return place
