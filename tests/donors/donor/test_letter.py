"""Issued letters: the journal has the hash and no name; the file beside it is sound, or was erased."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from donors import (
    Contact,
    LetterIssued,
    contacts,
    erase_contact,
    issued_letters,
    keep_letter,
    letter_content,
    letter_file,
    set_contact,
)
from ledger import (
    BadInput,
    Book,
    EntryReversed,
    NotFound,
    Refused,
    Tampered,
    rebuild_book,
    replay,
    verify,
)
from mdfm.books import ALL_KINDS, open_at
from tests.support.engines import READY, Raw, Server, Shelf, raw_server
from tests.support.exports import exported
from tests.support.small_books import LATER, MAKER, dump, file_of, tell
from tests.support.tampering import unsealed

PERSON = Contact(donor="CITY", name="Examplia Nominata", address="1 Example Street")
LETTER = b"%PDF- Dear Examplia Nominata of 1 Example Street, " + b"thank you " * 2_000


def sent(content: bytes = LETTER, **more: object) -> LetterIssued:
    usual: dict[str, object] = {
        "on": LATER,
        "reference": "C-1",
        "bank_account": "USD1",
        "donor": "CITY",
        "language": "en",
        "known_at": 1,
        "file_sha256": sha256(content).hexdigest(),
        "verification": "04B9-FA83-DA68-DB93",
    }
    return LetterIssued.make(**usual | more)


def send(book: Book, content: bytes = LETTER, contact: str = PERSON.name, **more: object) -> int:
    with book.recording() as journal:
        keep_letter(journal.books, "CITY", contact, content)
        return journal.record(sent(content, **more), made_by=MAKER).seq


def findings(book: Book) -> list[str]:
    return [str(each) for each in verify(book).findings]


def left(book: Book, *traces: str) -> list[str]:
    place = Path(file_of(book))
    stored = b"".join(each.read_bytes() for each in place.parent.glob(f"{place.name}*"))
    return [trace for trace in traces if trace.encode() in stored]


# ---- issued


def test_on_every_engine_it_is_kept_and_given_again(shelf: Shelf, opened: Callable[[str], Book]) -> None:
    book = opened(shelf.fresh(READY))
    set_contact(book, PERSON, MAKER)
    seq = send(book)
    with book.reading() as books:
        (letter,) = issued_letters(books, donor="CITY")
        assert (letter.seq, letter.letter, letter.contact, letter.kept) == (seq, "C-1-1", PERSON.name, True)
        assert letter_content(books, letter) == LETTER
        assert issued_letters(books, donor="FOUND") == issued_letters(books, known_at=seq - 1) == []
    assert findings(book) == [str(each) for each in replay(book).findings] == []
    erase_contact(book, "CITY", PERSON.name, MAKER)
    with book.reading() as books:
        (letter,) = issued_letters(books)
        assert (letter.contact, letter.kept) == ("", False)
        with pytest.raises(
            NotFound, match="was issued on 2022-03-01 .* erased with the person that it named"
        ):
            letter_content(books, letter)
    assert findings(book) == []


def test_the_event_names_no_person(book: Book) -> None:
    set_contact(book, PERSON, MAKER)
    send(book)
    text = exported(book)
    assert "letter issued" in text
    assert [trace for trace in ("Examplia", "Example Street") if trace in text] == []


def test_it_is_not_reversed_and_not_recorded_with_other_content(book: Book) -> None:
    seq = send(book)
    assert send(book) == seq
    with pytest.raises(Refused, match="cannot be reversed"):
        tell(book, EntryReversed(on=LATER, entry=seq, reason="lost in the post"))
    with pytest.raises(Refused, match="with other content: it stays as it was given"):
        send(book, verification="FFFF-FFFF-FFFF-FFFF")


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"donor": "NOBODY"}, "There is no donor 'NOBODY'"),
        ({"known_at": 999}, "cannot know entry 999"),
        ({"file_sha256": "A" * 64}, "file_sha256"),
        ({"language": "de"}, "language"),
        ({"reference": ""}, "reference"),
    ],
)
def test_what_is_refused(told: dict[str, object], error: str, book: Book) -> None:
    with pytest.raises((Refused, NotFound, BadInput), match=error):
        tell(book, sent(**told))  # type: ignore[arg-type]
    with book.reading() as books:
        assert books.execute(letter_file.select()).all() == []


# ---- verified


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE letter_file SET content = x'00'", "was changed"),
        ("DELETE FROM letter_file", "is missing"),
        ("UPDATE letter_file SET sha256 = replace(sha256, substr(sha256, 1, 8), 'ffffffff')", "is missing"),
    ],
)
def test_a_letter_that_is_not_the_one_that_was_issued_is_found(book: Book, change: str, what: str) -> None:
    seq = send(book)
    with unsealed(Path(file_of(book))) as books:
        assert books.execute(change).rowcount == 1
    (found,) = findings(book)
    assert found.startswith(f"entry {seq}: its file ")
    assert found.endswith(what)
    with book.reading() as connection, pytest.raises(Tampered, match=what):
        letter_content(connection, issued_letters(connection)[0])


def test_a_row_of_the_register_that_was_changed_is_found(book: Book) -> None:
    send(book)
    with unsealed(Path(file_of(book))) as books:
        books.execute("UPDATE issued_letter SET donor = 'FOUND'")
    assert len(findings(book)) == 2


def test_a_book_made_from_an_export_has_no_letters_and_is_sound(book: Book, tmp_path: Path) -> None:
    set_contact(book, PERSON, MAKER)
    send(book)
    (tmp_path / "export.jsonl").write_text(exported(book), encoding="utf-8")
    rebuild_book(str(tmp_path / "again.book"), ALL_KINDS, tmp_path / "export.jsonl")
    again = open_at(str(tmp_path / "again.book"))
    with again.reading() as books:
        (letter,) = issued_letters(books)
    assert (letter.contact, letter.kept) == ("", False)
    assert findings(again) == []
    again.close()


# ---- erased


def test_the_letters_of_one_person_are_erased_and_no_others(book: Book) -> None:
    other = Contact(donor="CITY", name="Somebody Else")
    for each in (PERSON, other, Contact(donor="FOUND", name=PERSON.name)):
        set_contact(book, each, MAKER)
    send(book)
    send(book, LETTER + b"again", reference="C-2")
    kept = send(book, b"Dear Somebody", other.name, reference="C-3")
    to_nobody = send(book, b"Dear Sir or Madam", "", reference="C-4")
    traces = ("Examplia Nominata", "1 Example Street", "Somebody Else")
    assert left(book, *traces) == list(traces)
    erase_contact(book, "FOUND", PERSON.name, MAKER)
    with book.reading() as books:
        assert [each.kept for each in issued_letters(books)] == [True] * 4
    erase_contact(book, "CITY", f" {PERSON.name}", MAKER)
    assert left(book, *traces) == ["Somebody Else"]
    with book.reading() as books:
        assert [each.seq for each in issued_letters(books) if each.kept] == [kept, to_nobody]
        assert contacts(books, "CITY") == [other]
    assert findings(book) == []


def test_nothing_is_left_of_many_letters(book: Book) -> None:
    for number in range(30):
        send(book, b"Dear Somebody " * (100 + number * 37), "Somebody Else", reference=f"S-{number}")
        send(book, LETTER * (1 + number % 3) + b"%d" % number, reference=f"P-{number}")
    erase_contact(book, "CITY", PERSON.name, MAKER)
    assert left(book, "Examplia Nominata", "1 Example Street") == []
    with book.reading() as books:
        assert [each.reference[0] for each in issued_letters(books) if each.kept] == ["S"] * 30


def test_who_is_no_contact_any_more_and_has_letters_is_erased(book: Book) -> None:
    send(book)
    erase_contact(book, "CITY", PERSON.name, MAKER)
    with pytest.raises(NotFound, match="has no contact"):
        erase_contact(book, "CITY", PERSON.name, MAKER)
    with pytest.raises(NotFound, match="has no contact"):
        erase_contact(book, "CITY", "", MAKER)


def test_a_letter_that_is_issued_again_to_the_same_person_has_its_file_again(book: Book) -> None:
    set_contact(book, PERSON, MAKER)
    seq = send(book)
    erase_contact(book, "CITY", PERSON.name, MAKER)
    set_contact(book, PERSON, MAKER)
    assert send(book) == seq
    with book.reading() as books:
        (letter,) = issued_letters(books)
        assert (letter.contact, letter.kept) == (PERSON.name, True)
    assert findings(book) == []


def test_on_postgresql_nothing_is_left_of_a_letter_in_the_file_of_the_table(
    postgresql: Server, opened: Callable[[str], Book]
) -> None:
    location = postgresql.fresh(READY)
    book = opened(location)
    content = b"Dear Examplia Nominata"  # short enough to lie in the table's own file
    send(book, content)
    send(book, b"Dear Somebody", "Somebody Else", reference="C-2")
    with raw_server(location) as server:
        assert content in file_of_letters(server)
        erase_contact(book, "CITY", PERSON.name, MAKER)
        assert PERSON.name.encode() not in file_of_letters(server)
        assert b"Dear Somebody" in file_of_letters(server)


def file_of_letters(server: Raw) -> bytes:
    server.execute("CHECKPOINT")
    file = "SELECT pg_read_binary_file(pg_relation_filepath('letter_file'))"
    (content,) = server.execute(file.encode()).fetchone() or (b"",)
    return bytes(content)


def test_letters_are_no_matter_of_a_replay(book: Book) -> None:
    send(book)
    before = dump(file_of(book))
    assert replay(book).sound
    assert dump(file_of(book)) == before
