"""Writers that die and writers that meet: what was acknowledged stays, and money is given once."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import select

from ledger import Book, available, head, replay, verify
from ledger.storage.schema import entry as entry_table
from mdfm.books import open_at
from tests.support.effort import effort
from tests.support.engines import READY, Shelf
from tests.support.killed.writers import after_the_same, killed
from tests.support.small_books import TERM, gift, tell

ROUNDS, SEED = effort(30, 400), 20211101
RACES, RACERS = 2, 8


def seqs_by_key(book: Book) -> dict[str, int]:
    with book.reading() as books:
        return {row.key: row.seq for row in books.execute(select(entry_table.c.key, entry_table.c.seq))}


def test_what_was_acknowledged_survives_the_kill(shelf: Shelf) -> None:
    """A hundred writers of one book, each killed at a random moment of its work."""
    location = shelf.fresh(READY)
    with closing(open_at(location)) as book:
        require_what_was_acknowledged(book, location)


def require_what_was_acknowledged(book: Book, location: str) -> None:
    before = seqs_by_key(book)
    rounds = killed(location, ROUNDS, SEED)
    assert len(rounds) == ROUNDS
    stands = {key: seq for key, seq in seqs_by_key(book).items() if key not in before}
    (last,) = tell(book, gift("LAST", 1_00))
    assert last.seq == len(before) + len(stands) + 1, "the dead left no lock behind, and no gap"
    acknowledged = {f"contribution:USD1:{gift}": seq for each in rounds for gift, seq in each.kept.items()}
    assert acknowledged.items() <= stands.items(), "every acknowledged entry is there, under its number"
    begun = {f"contribution:USD1:{gift}" for each in rounds for gift in each.begun}
    assert stands.keys() <= begun
    assert len(begun - acknowledged.keys()) <= ROUNDS, "what is not certain is one entry a writer"
    assert len(acknowledged) > ROUNDS // 2, "they were killed at work"
    assert any(len(each.begun) > len(each.kept) for each in rounds)
    for check in (verify, replay):
        result = check(book)
        assert result.findings == [], "none half, chain whole"
        assert result.head.seq == last.seq


def test_the_same_last_money_is_given_once(shelf: Shelf) -> None:
    """Eight processes ask for all that is left of a gift, at the same moment."""
    location = shelf.fresh(READY)
    with closing(open_at(location)) as book:
        require_given_once(book, location)


def require_given_once(book: Book, location: str) -> None:
    for race in range(RACES):
        tell(book, gift(f"LAST-{race}", 1_000_00))
        with book.reading() as books:
            before = head(books).seq
        answers = after_the_same(location, RACERS, f"LAST-{race}", 1_000_00)
        got = [answer for answer in answers if isinstance(answer, int)]
        refusals = [answer for answer in answers if isinstance(answer, str)]
        assert got == [before + 1], "exactly one gets it, and no number is lost"
        assert refusals == [
            f"US$1,000.00 cannot be refunded: agreement LAST-{race} has US$0.00 available; "
            "take back what is allocated first."
        ] * (RACERS - 1)
        with book.reading() as books:
            assert head(books).seq == before + 1
            assert available(books, TERM) == {}
    assert verify(book).findings == []
