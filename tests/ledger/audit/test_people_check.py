"""Verification finds an entry without the second person whom its kind needs, however well it is sealed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger import Book, TermOpened, verify
from tests.support.small_books import CHECKER, MAKER, file_of
from tests.support.tampering import unsealed


def told(book: Book, statement: str) -> dict[int | None, str]:
    """What verification says of people after a change past the seals, by entry."""
    with unsealed(Path(file_of(book))) as books:
        books.execute(statement)
    found = [finding for finding in verify(book).findings if "hash" not in finding.what]
    return {finding.entry: str(finding.what) for finding in found}


def test_a_sound_book_has_no_finding(played: Book) -> None:
    assert verify(played).findings == []


def test_a_fact_that_one_person_recorded_is_found(played: Book) -> None:
    kind = TermOpened.kind
    found = told(played, f"UPDATE entry SET approved_by = '' WHERE kind = '{kind}'")
    assert set(found.values()) == {f"it was not approved by a second person, whom the {kind} needs"}
    assert min(entry for entry in found if entry) == 1


def test_a_kind_that_needs_nobody_may_have_nobody(played: Book) -> None:
    assert told(played, "UPDATE entry SET approved_by = '' WHERE kind = 'donor registered'") == {}


@pytest.mark.parametrize("name", [MAKER.upper(), f"  {MAKER}", MAKER.replace(" ", "  ")])
def test_one_person_in_two_spellings_is_found(played: Book, name: str) -> None:
    found = told(played, f"UPDATE entry SET approved_by = '{name}' WHERE seq = 4")
    assert found == {4: f"{MAKER} cannot approve this too (entry): another person must."}


def test_two_people_are_two(played: Book) -> None:
    assert told(played, f"UPDATE entry SET approved_by = '{CHECKER} of finance' WHERE seq = 4") == {}


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (f"{MAKER}\u200b", "the character U+200B, which nobody sees"),
        (f"{MAKER}\u00ad", "the character U+00AD"),
        ("\u3164", "the character U+3164"),
        (" ", "nothing of it can be seen"),
        ("\u0301", "nothing of it can be seen"),
        (f"{MAKER}\u0301", "cannot approve this too"),
    ],
)
def test_a_name_that_nobody_can_see_is_found_in_an_older_book(played: Book, name: str, what: str) -> None:
    found = told(played, f"UPDATE entry SET approved_by = '{name}' WHERE seq = 4")
    assert set(found) == {4}
    assert what in found[4]
