"""The worked examples of every event: what the pages show is what the books do."""

from __future__ import annotations

from pathlib import Path

import pytest

import allocation
import donors
import ledger
from ledger import Book
from tests.support.event_lines import require_sound
from tests.support.worked_examples import STAGE, examples, on_stage, pages

MASTER_DATA = {
    "term opened",
    "rates published",
    "donor registered",
    "donor amended",
    "bank account opened",
    "programme adopted",
    "roles given",
    "threshold set",
}
"""What is known before anything happens to the fund; most of it stands in the stage."""


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_shows_what_the_books_do(page: Path, empty_book: Book) -> None:
    player = on_stage(empty_book)
    shown = examples(page)
    assert shown
    for code, output in shown:
        assert player.play(code) == output
    require_sound(empty_book)


def test_every_event_that_happens_to_the_fund_has_its_page() -> None:
    told = {kind.event.kind for kind in (*ledger.KINDS, *donors.KINDS, *allocation.KINDS)} - MASTER_DATA
    assert {page.stem for page in pages()} == {kind.replace(" ", "-") for kind in told}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_is_in_the_list_and_shows_its_event(page: Path) -> None:
    assert f"]({page.name})" in STAGE.read_text(encoding="utf-8")
    assert f" {page.stem.replace('-', ' ')}\n" in "".join(output for _, output in examples(page))
