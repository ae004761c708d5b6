"""Evidence is given, not only named: what names a file that the book lacks is refused, of whatever kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from donors import DonorScreened
from ledger import (
    Book,
    Document,
    Event,
    Evidence,
    Journal,
    Refused,
    attach,
    dry_run,
    propose,
    propose_many,
    replay,
    verify,
)
from mdfm.api import Fund, rebuild_fund
from mdfm.books import ALL_KINDS
from tests.support.engines import READY, Shelf
from tests.support.small_books import CHECKER, DEC, MAKER, agreement

PAPER = Document("paper.txt", b"It is true.")
SHA = hashlib.sha256(PAPER.content).hexdigest()
NAMED = (Evidence(sha256=SHA, name="paper.txt", media_type="text/plain"),)

WAYS: dict[str, Callable[[Journal, Event], Any]] = {
    "record": lambda journal, event: journal.record(event, made_by=MAKER, approved_by=CHECKER),
    "record many": lambda journal, event: journal.record_many([event], made_by=MAKER, approved_by=CHECKER),
    "propose": lambda journal, event: propose(journal, event, MAKER),
    "propose many": lambda journal, event: propose_many(journal, [event, event], MAKER),
    "propose after a dry run": lambda journal, event: propose_many(
        journal, [event], MAKER, dry_run_done=True
    ),
    "preview": lambda journal, event: journal.preview(event, MAKER),
}
KINDS = sorted(kind.event.kind for kind in ALL_KINDS if "evidence" in kind.event.model_fields)


def screened() -> DonorScreened:
    return DonorScreened.make(
        on=DEC, donor="CITY", outcome="cleared", valid_until=date(2023, 1, 1), evidence=NAMED
    )


@pytest.mark.parametrize("event", [screened(), agreement(evidence=NAMED)], ids=["fact", "with lines"])
@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_nobody_gave_is_refused(
    shelf: Shelf, opened: Callable[[str], Book], way: str, event: Event
) -> None:
    book = opened(shelf.fresh(READY))
    with book.recording() as journal, pytest.raises(Refused, match=SHA) as refused:
        WAYS[way](journal, event)
    assert "paper.txt" in str(refused.value)
    with book.recording() as journal:
        attach(journal.books, PAPER)
        WAYS[way](journal, event)
    assert verify(book).sound


def test_a_dry_run_names_it_among_the_refusals(book: Book) -> None:
    with book.recording() as journal:
        found = dry_run(journal, [screened(), agreement()], made_by=MAKER)
    ((index, why),) = found.refusals
    assert (index, SHA in str(why)) == (0, True)


def test_a_dry_run_before_the_file_is_given_does_not_ask_for_it(book: Book) -> None:
    with book.dry_running() as journal:
        found = dry_run(journal, [agreement(evidence=NAMED)], made_by=MAKER, cached_only=True)
    assert found.refusals == []


def test_the_file_is_asked_for_again_after_it_was_rolled_back(book: Book) -> None:
    with pytest.raises(KeyError), book.recording() as journal:
        attach(journal.books, PAPER)
        journal.record(screened(), made_by=MAKER, approved_by=CHECKER)
        raise KeyError
    with book.recording() as journal, pytest.raises(Refused, match=SHA):
        journal.record(screened(), made_by=MAKER, approved_by=CHECKER)


def test_replay_and_rebuild_ask_for_no_more_than_before(played: Book, tmp_path: Path) -> None:
    assert replay(played).sound
    rebuild_fund(tmp_path / "again.book", Fund(played).audit.export())


def test_every_kind_with_evidence_is_asked_in_one_place() -> None:
    assert len(KINDS) > 20
    assert all(
        kind.event.model_fields["evidence"].annotation == tuple[Evidence, ...]
        for kind in ALL_KINDS
        if kind.event.kind in KINDS
    )
