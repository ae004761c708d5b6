"""What a payload names as evidence, in whatever form it is, and how it is read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from ledger import Book, Document, Tampered, attach, checked_content, files_in, save_evidence
from ledger.storage.evidence import NamedFile, fault
from tests.support.small_books import file_of

FILE = '{"sha256":"ab","name":"a.pdf","media_type":"text/plain"}'
DEEP = "[" * 100_000


@given(
    st.text() | st.sampled_from(["[]", "1", '{"evidence":1}', '{"evidence":[1]}', '{"evidence":[{}]}', DEEP])
)
def test_a_payload_that_cannot_be_read_names_nothing(payload: str) -> None:
    assert files_in(payload) == []


def test_a_payload_names_its_files_in_order() -> None:
    assert files_in(f'{{"evidence":[{FILE},{FILE}]}}') == [NamedFile("ab", "a.pdf", "text/plain")] * 2


@pytest.fixture
def kept(empty_book: Book) -> list[NamedFile]:
    with empty_book.recording() as journal:
        files = [attach(journal.books, Document(name, name.encode())) for name in ("a.txt", "b.txt")]
    return [NamedFile(each.sha256, each.name, each.media_type) for each in files]


def test_each_file_is_read_once_to_be_saved(empty_book: Book, kept: list[NamedFile], tmp_path: Path) -> None:
    asked: list[str] = []
    with empty_book.reading() as books:
        event.listen(books, "before_cursor_execute", lambda *given: asked.append(given[2]))
        save_evidence(books, kept, tmp_path / "out")
    assert len([each for each in asked if "content" in each]) == len(kept)


@pytest.mark.parametrize(
    ("change", "fault_of_it"),
    [
        ("DELETE FROM evidence WHERE sha256 = ?", "is missing"),
        ("UPDATE evidence SET content = x'00' WHERE sha256 = ?", "was changed"),
    ],
)
def test_a_file_that_is_not_as_it_was_given_is_found_and_nothing_is_saved(
    empty_book: Book, kept: list[NamedFile], tmp_path: Path, change: str, fault_of_it: str
) -> None:
    sha256 = kept[1].sha256
    with closing(sqlite3.connect(file_of(empty_book))) as books, books:
        for (name,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            books.execute(f'DROP TRIGGER "{name}"')
        books.execute(change, (sha256,))
    with empty_book.reading() as reading:
        assert fault(reading, sha256) == f"evidence {sha256[:12]} {fault_of_it}"
        for read in (
            lambda: checked_content(reading, sha256),
            lambda: save_evidence(reading, kept, tmp_path / "out"),
        ):
            with pytest.raises(Tampered):
                read()
    assert not (tmp_path / "out").exists()
