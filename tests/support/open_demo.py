"""The demo's book as it stood before the plan was approved: the money is there, nothing is allocated."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from ledger import Event, attach
from mdfm.books import create
from mdfm.example import story
from mdfm.example.demo import StoryClock

SCENARIO = story.example_file("scenario.toml").read_text(encoding="utf-8")


def make_open_demo(folder: Path) -> Path:
    """The file of such a book, made in a folder."""
    clock = StoryClock()
    place = folder / "open.book"
    book = create(str(place), clock)

    def record(events: Iterable[Event]) -> None:
        with book.recording() as journal:
            for event in events:
                for each in (*clock.published(event.on), event):
                    clock.at(each.on)
                    journal.record(each, made_by=story.FINANCE, approved_by=story.APPROVER)

    record(story.opening())
    proof = {}
    with book.recording() as journal:
        for name, content in story.EVIDENCE.items():
            (folder / name).write_text(content, encoding="utf-8")
            proof[name] = attach(journal.books, folder / name)
    record([*story.contributions(proof), story.programme()])
    book.close()
    return place


@pytest.fixture(scope="session")
def open_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the book; tests only read it."""
    return make_open_demo(tmp_path_factory.mktemp("open-demo"))
