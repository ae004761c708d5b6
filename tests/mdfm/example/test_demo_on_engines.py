"""The same events make the same book on every engine, to the last hash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger import Book, head, replay, verify
from mdfm.books import open_at
from mdfm.example import demo as played_demo
from tests.support.engines import EMPTY, PLAYED, Server, Shelf
from tests.support.example_demo import Demo

Opened = Callable[[str], Book]


def test_everything_that_can_happen_is_sound(shelf: Shelf, opened: Opened) -> None:
    book = opened(shelf.fresh(PLAYED))
    for check in (verify, replay):
        result = check(book)
        assert result.findings == []
        assert result.entries > 30


def test_everything_that_can_happen_has_the_same_head(
    postgresql: Server, played_once: Book, opened: Opened
) -> None:
    with opened(postgresql.fresh(PLAYED)).reading() as there, played_once.reading() as here:
        assert head(there) == head(here)


def test_the_demo_has_the_same_head(
    postgresql: Server, demo: Demo, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its papers: they are drawn from the books, and never change them."""
    monkeypatch.setattr(played_demo, "_report", lambda *_: [])
    location = postgresql.fresh(EMPTY)
    monkeypatch.setattr(played_demo, "create", open_at)
    played_demo.play(tmp_path / "out", lambda _who, _what: None, location)
    book = open_at(str(demo.copy(tmp_path / "demo.book")))
    with opened(location).reading() as there, book.reading() as here:
        assert head(there) == head(here)
    book.close()
