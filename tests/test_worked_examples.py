"""The worked examples of every event: what the pages show is what the books do."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger import Book
from mdfm.books import ALL_KINDS
from tests.event_lines import require_sound
from tests.worked_examples import STAGE, examples, on_stage, pages

WITHOUT_LINES = {
    "term opened",
    "rates published",
    "donor registered",
    "bank account opened",
    "programme adopted",
}
"""Master data: the stage shows how it is told."""


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_shows_what_the_books_do(page: Path, empty_book: Book) -> None:
    player = on_stage(empty_book)
    shown = examples(page)
    assert shown
    for code, output in shown:
        assert player.play(code) == output
    require_sound(empty_book)


def test_every_event_that_moves_something_has_its_page() -> None:
    told = {event.kind for event in events()} - WITHOUT_LINES
    assert {page.stem for page in pages()} == {kind.replace(" ", "-") for kind in told}


def test_every_page_is_in_the_list_and_shows_its_event() -> None:
    listed = STAGE.read_text(encoding="utf-8")
    for page in pages():
        assert f"]({page.name})" in listed
        assert f" {page.stem.replace('-', ' ')}\n" in "".join(output for _, output in examples(page))
