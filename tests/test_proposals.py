"""Proposals: one person asks, another decides, and nothing is booked in between."""

from __future__ import annotations

import pytest

from ledger import Book, NotFound, Refused, approve, get_entry, head, proposals, propose, reject, verify
from tests.small_books import CHECKER, MAKER, NOV, dump, file_of, gift, report, tell, tranche

JOURNAL = ("proposal",)


def asked(book: Book, minor: int = 100) -> int:
    with book.recording() as journal:
        return propose(journal, gift("U-9", minor), MAKER).id


def test_a_proposal_books_nothing(book: Book) -> None:
    before = dump(file_of(book), without=JOURNAL)
    asked(book)
    assert dump(file_of(book), without=JOURNAL) == before
    with book.reading() as books:
        (waiting,) = proposals(books)
    assert (waiting.id, waiting.made_by, waiting.status, waiting.decided_by, waiting.entry) == (
        1,
        MAKER,
        "waiting",
        "",
        0,
    )
    assert waiting.payload == gift("U-9", 100).payload


def test_its_approval_is_an_entry_that_names_both(book: Book) -> None:
    number = asked(book)
    with book.recording() as journal:
        sealed = approve(journal, number, CHECKER)
    with book.reading() as books:
        assert get_entry(books, head(books).seq) == sealed
        assert (sealed.made_by, sealed.approved_by, sealed.effective_on) == (MAKER, CHECKER, NOV.isoformat())
        assert proposals(books) == []
        (decided,) = proposals(books, "approved")
    assert (decided.decided_by, decided.entry) == (CHECKER, sealed.seq)
    assert verify(book).sound


def test_nobody_approves_what_they_proposed(book: Book) -> None:
    number, before = asked(book), dump(file_of(book))
    with pytest.raises(Refused, match="cannot approve this too"), book.recording() as journal:
        approve(journal, number, MAKER)
    assert dump(file_of(book)) == before


@pytest.mark.parametrize(("by", "noted"), [(CHECKER, CHECKER), (MAKER, f"{MAKER} (withdrawn)")])
def test_a_proposal_is_rejected_or_withdrawn_for_good(book: Book, by: str, noted: str) -> None:
    number = asked(book)
    with book.recording() as journal:
        reject(journal, number, by)
    with book.reading() as books:
        (gone,) = proposals(books, "rejected")
        assert (gone.decided_by, gone.entry) == (noted, 0)
        assert head(books).seq == 9
    with pytest.raises(Refused, match=f"Proposal {number} was rejected already"), book.recording() as journal:
        approve(journal, number, CHECKER)


def test_what_is_decided_is_not_decided_again(book: Book) -> None:
    number = asked(book)
    with book.recording() as journal:
        approve(journal, number, CHECKER)
    for decide in (approve, reject):
        with pytest.raises(Refused, match="was approved already, by director"), book.recording() as journal:
            decide(journal, number, CHECKER)


def test_an_unknown_proposal_is_named(book: Book) -> None:
    with pytest.raises(NotFound, match="no proposal 7"), book.recording() as journal:
        approve(journal, 7, CHECKER)


def test_what_the_books_refuse_today_cannot_even_be_proposed(played: Book) -> None:
    before = dump(file_of(played))
    with pytest.raises(Refused, match="committed to G1 and not yet paid"), played.recording() as journal:
        propose(journal, tranche("G1", "T-9", 90_000_00), MAKER)
    assert dump(file_of(played)) == before


def test_what_the_books_refuse_by_then_is_not_approved(played: Book) -> None:
    """Two proposals for the same money: the second finds it gone, and waits on."""
    with played.recording() as journal:
        for reference in ("R-8", "R-9"):
            propose(journal, report("G1", reference, staff=7_000_00), MAKER)
        approve(journal, 2, CHECKER)
    before = dump(file_of(played))
    with pytest.raises(Refused, match="the partner of G1 holds"), played.recording() as journal:
        approve(journal, 3, CHECKER)
    assert dump(file_of(played)) == before
    with played.reading() as books:
        assert [waiting.id for waiting in proposals(books)] == [1, 3]


def test_what_was_recorded_otherwise_meanwhile_cannot_be_approved(book: Book) -> None:
    """The entry names other people; an approval would claim what nobody did."""
    number = asked(book)
    tell(book, gift("U-9", 100))
    with (
        pytest.raises(Refused, match="is recorded already: reject the proposal"),
        book.recording() as journal,
    ):
        approve(journal, number, CHECKER)


def test_what_waits_already_is_not_put_aside_twice(book: Book) -> None:
    assert (asked(book), asked(book), asked(book, 200)) == (1, 1, 2)
