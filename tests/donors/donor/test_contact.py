"""Contacts: people who are kept beside the journal, and of whom nothing is left once they are erased."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import ledger.storage.database
from donors import Contact, contacts, erase_contact, set_contact
from ledger import (
    EXPORTS,
    BadInput,
    Book,
    NotFound,
    Refused,
    rebuild_book,
    replay,
    verify,
)
from mdfm.books import ALL_KINDS, open_at
from tests.support.engines import READY, Raw, Server, Shelf, raw_server
from tests.support.exports import exported
from tests.support.small_books import CHECKER, MAKER, dump, file_of, staff, tell

PERSON = Contact(
    donor="CITY",
    name="Examplia Nominata",
    role="Head of finance",
    email="examplia@example.org",
    phone="+99 555 0100",
    address="1 Example Street",
)
TRACES = ("Examplia", "Nominata", "Head of finance", "examplia@", "555 0100", "1 Example Street")


def listed(book: Book, donor: str = "CITY") -> list[Contact]:
    with book.reading() as books:
        return contacts(books, donor)


def left(book: Book) -> list[str]:
    """What of the person is in the bytes of the book's file and of what SQLite keeps beside it."""
    place = Path(file_of(book))
    stored = b"".join(each.read_bytes() for each in place.parent.glob(f"{place.name}*"))
    return [trace for trace in TRACES if trace.encode() in stored]


def others(number: int) -> list[Contact]:
    """Many contacts with long addresses, so that they fill more than one page of a file."""
    return [
        Contact("FOUND", f"Example contact {each}", address="Example Road " * 30) for each in range(number)
    ]


# ---- kept


def test_a_donor_has_several_contacts(book: Book) -> None:
    second = Contact("CITY", "Another example")
    for each in (PERSON, second, Contact("FOUND", PERSON.name)):
        set_contact(book, each, MAKER)
    assert listed(book) == [second, PERSON]
    assert listed(book, "FOUND") == [Contact("FOUND", PERSON.name)]


def test_the_same_name_again_takes_the_place_of_the_first(book: Book) -> None:
    set_contact(book, PERSON, MAKER)
    set_contact(book, replace(PERSON, email="", phone="+99 555 0199"), MAKER)
    assert listed(book) == [replace(PERSON, email="", phone="+99 555 0199")]
    assert left(book) == [trace for trace in TRACES if trace not in ("examplia@", "555 0100")]


def test_a_name_that_is_typed_otherwise_is_the_same_person(book: Book) -> None:
    for name in ("Jos\u00e9  Example", " Jos\u00e9 Example", "Jose\u0301 Example"):
        set_contact(book, Contact("CITY", name), MAKER)
    with book.reading() as books:
        assert [each.name for each in contacts(books, "CITY")] == ["Jos\u00e9 Example"]
    erase_contact(book, "CITY", "Jose\u0301 Example ", MAKER)
    with book.reading() as books:
        assert contacts(books, "CITY") == []


def test_a_contact_is_of_a_donor(book: Book) -> None:
    with pytest.raises(NotFound, match="There is no donor 'NOBODY'"):
        set_contact(book, replace(PERSON, donor="NOBODY"), MAKER)


@pytest.mark.parametrize(
    "email", ["examplia", "a b@example.org", "a@b@example.org", "@example.org", "a@.org"]
)
def test_an_address_that_no_mail_reaches_is_refused(email: str) -> None:
    with pytest.raises(BadInput, match=f"'{email}' is not an email address: write it like"):
        replace(PERSON, email=email)


@pytest.mark.parametrize(
    ("field", "longest"), [("name", 200), ("role", 200), ("email", 254), ("phone", 50), ("address", 500)]
)
def test_a_field_has_a_longest(book: Book, field: str, longest: int) -> None:
    fitting = "x" * (longest - 12) + "@example.org"
    set_contact(book, replace(PERSON, **{field: fitting}), MAKER)
    with pytest.raises(BadInput, match=f"The {field} of a contact has at most {longest} characters"):
        replace(PERSON, **{field: f"x{fitting}"})


def test_a_contact_has_a_name() -> None:
    with pytest.raises(BadInput, match="needs a name"):
        replace(PERSON, name=" ")


def test_only_a_finance_officer_changes_contacts(book: Book) -> None:
    tell(book, *staff())
    set_contact(book, PERSON, MAKER)
    with pytest.raises(Refused, match=f"{CHECKER} may not change contacts"):
        set_contact(book, replace(PERSON, phone=""), CHECKER)
    with pytest.raises(Refused, match=f"{CHECKER} may not change contacts"):
        erase_contact(book, "CITY", PERSON.name, CHECKER)
    assert listed(book) == [PERSON]


# ---- erased


def test_nothing_is_left_of_who_is_erased(book: Book) -> None:
    everybody = others(60)
    for number, each in enumerate(everybody):
        set_contact(book, each, MAKER)
        if number % 20 == 0:
            set_contact(book, replace(PERSON, address=f"{PERSON.address} {'x' * number * 5}"), MAKER)
    assert left(book) == list(TRACES)
    erase_contact(book, "CITY", PERSON.name, MAKER)
    assert left(book) == []
    assert listed(book) == []
    assert sorted(listed(book, "FOUND"), key=repr) == sorted(everybody, key=repr)
    assert verify(book).sound


@pytest.mark.parametrize("seed", [77, 2019])
def test_nothing_is_left_where_the_database_moved_a_row_before(book: Book, seed: int) -> None:
    """These contacts come and go such that SQLite leaves parts of a row behind as it splits pages."""
    chance = random.Random(seed)
    many, names = chance.randint(20, 120), list[str]()
    turn = chance.randrange(many)
    for number in range(many):
        if number == turn:
            set_contact(book, Contact("CITY", PERSON.name, address="x" * chance.randint(0, 500)), MAKER)
        name = "Ex" + "".join(chance.choice("abcdefghijklmnop") for _ in range(chance.randint(5, 190)))
        names.append(name)
        set_contact(book, Contact("CITY", name, address="x" * chance.randint(0, 500)), MAKER)
        if chance.random() < 0.4:
            erase_contact(book, "CITY", names.pop(chance.randrange(len(names))), MAKER)
    erase_contact(book, "CITY", PERSON.name, MAKER)
    assert left(book) == []


def test_who_is_no_contact_cannot_be_erased(book: Book) -> None:
    set_contact(book, PERSON, MAKER)
    with pytest.raises(NotFound, match="The donor FOUND has no contact 'Examplia Nominata'"):
        erase_contact(book, "FOUND", PERSON.name, MAKER)
    assert listed(book) == [PERSON]


def test_a_reader_that_keeps_the_log_is_reported(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    set_contact(book, PERSON, MAKER)
    monkeypatch.setattr(ledger.storage.database, "BUSY_SECONDS", 0)
    impatient = open_at(file_of(book))
    with closing(sqlite3.connect(file_of(book), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM contact").fetchall()
        with pytest.raises(Refused, match="still in the log .* close that one and erase again"):
            erase_contact(impatient, "CITY", PERSON.name, MAKER)
    with pytest.raises(NotFound):
        erase_contact(impatient, "CITY", PERSON.name, MAKER)
    assert left(impatient) == []
    impatient.close()


# ---- beside the journal


def test_on_every_engine_a_contact_comes_and_goes(shelf: Shelf, opened: Callable[[str], Book]) -> None:
    book = opened(shelf.fresh(READY))
    set_contact(book, PERSON, MAKER)
    set_contact(book, replace(PERSON, role=""), MAKER)
    assert listed(book) == [replace(PERSON, role="")]
    erase_contact(book, "CITY", PERSON.name, MAKER)
    assert listed(book) == []


def test_on_postgresql_the_recorder_empties_only_what_names_a_person(postgresql: Server) -> None:
    with raw_server(postgresql.fresh(READY)) as owner:
        granted = owner.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee IN ('mdfm_recorder', 'mdfm_reader') AND privilege_type IN ('DELETE', 'TRUNCATE')"
        ).fetchall()
    assert sorted(granted) == [("contact", "TRUNCATE"), ("letter_file", "TRUNCATE")]


def test_on_postgresql_nothing_is_left_of_a_person_in_the_file_of_the_table(
    postgresql: Server, opened: Callable[[str], Book]
) -> None:
    location = postgresql.fresh(READY)
    book = opened(location)
    other = replace(PERSON, name="Somebody Else", role="", email="", phone="", address="")
    set_contact(book, other, MAKER)
    set_contact(book, PERSON, MAKER)
    with raw_server(location) as server:
        assert PERSON.name.encode() in file_of_contacts(server)
        erase_contact(book, "CITY", PERSON.name, MAKER)
        assert PERSON.name.encode() not in file_of_contacts(server)
    assert listed(book) == [other]


def file_of_contacts(server: Raw) -> bytes:
    """The bytes of the table as they are on the server's disk."""
    server.execute("CHECKPOINT")
    file = "SELECT pg_read_binary_file(pg_relation_filepath('contact'))"
    (content,) = server.execute(file.encode()).fetchone() or (b"",)
    return bytes(content)


def test_contacts_are_no_matter_of_the_journal(played: Book, tmp_path: Path) -> None:
    before = dump(file_of(played))
    set_contact(played, PERSON, MAKER)
    after = dump(file_of(played))
    assert after.pop("contact") == [repr(tuple(value.encode() for value in asdict(PERSON).values()))]
    assert after == {table: rows for table, rows in before.items() if table != "contact"}
    assert verify(played).sound
    assert replay(played).sound
    assert listed(played) == [PERSON]


def test_no_export_contains_contacts_and_no_import_brings_them(played: Book, tmp_path: Path) -> None:
    set_contact(played, PERSON, MAKER)
    texts = {name: exported(played, name) for name in EXPORTS}
    assert [trace for trace in TRACES for text in texts.values() if trace in text] == []
    (tmp_path / "export.jsonl").write_text(texts["jsonl"], encoding="utf-8")
    rebuild_book(str(tmp_path / "again.book"), ALL_KINDS, tmp_path / "export.jsonl")
    again = open_at(str(tmp_path / "again.book"))
    assert listed(again) == []
    again.close()
