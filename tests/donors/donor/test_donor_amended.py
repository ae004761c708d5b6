"""Donors amended: the newest particulars count, and the city that a donor is keeps the network's spelling."""

from __future__ import annotations

from typing import Any

import pytest

from donors import DonorAmended, DonorRegistered, donors, get_donor, next_amendment
from donors.geography import folded, member_city
from ledger import BadInput, Book, EntryReversed, NotFound, Refused
from tests.support.event_lines import require_sound
from tests.support.small_books import CHECKER, DEC, LATER, MAKER, NOV, agreement, tell


def amended(number: int = 1, **given: Any) -> DonorAmended:
    usual = {"donor": "CITY", "name": "Renamed city", "country": "KOR", "language": "es", "subtype": "county"}
    return DonorAmended.make(on=DEC, number=number, **usual | given)


def test_the_newest_particulars_count(book: Book) -> None:
    tell(book, amended(), amended(2, name="City of the second name", subtype=""))
    with book.reading() as books:
        city = get_donor(books, "CITY")
        assert [each.code for each in donors(books)] == ["CITY", "FOUND"]
        assert donors(books)[0] == city
    assert (city.code, city.type, city.name) == ("CITY", "city", "City of the second name")
    assert (city.country, city.language, city.subtype, city.city) == ("KOR", "es", "", "")
    require_sound(book)


def test_what_was_known_before_can_still_be_read(book: Book) -> None:
    (sealed,) = tell(book, amended())
    with book.reading() as books:
        for before in (get_donor(books, "CITY", sealed.seq - 1), donors(books, sealed.seq - 1)[0]):
            assert (before.name, before.language) == ("Example city", "en")


def test_a_reversed_amendment_keeps_its_number(book: Book) -> None:
    with book.reading() as books:
        assert next_amendment(books, "CITY") == 1
    (sealed,) = tell(book, amended())
    tell(book, EntryReversed(on=DEC, entry=sealed.seq, reason="example"))
    with book.reading() as books:
        assert get_donor(books, "CITY").name == "Example city"
        assert next_amendment(books, "CITY") == 2
    tell(book, amended(2))
    require_sound(book)


def test_what_builds_on_a_donor_keeps_its_amendment(book: Book) -> None:
    registered, sealed, _ = tell(
        book,
        DonorRegistered(on=NOV, code="NEW", name="Example", type="city"),
        amended(donor="NEW"),
        agreement(donor="NEW"),
    )
    for entry in (registered, sealed):
        with pytest.raises(Refused, match="cannot be reversed while entry .* builds on it"):
            tell(book, EntryReversed(on=LATER, entry=entry.seq, reason="example"))


def test_a_registration_stays_while_its_amendment_does(book: Book) -> None:
    registered, _ = tell(
        book, DonorRegistered(on=NOV, code="NEW", name="Example", type="city"), amended(donor="NEW")
    )
    with pytest.raises(Refused, match="donor amended"):
        tell(book, EntryReversed(on=LATER, entry=registered.seq, reason="example"))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"donor": "NOBODY"}, "There is no donor 'NOBODY'"),
        ({"subtype": "company"}, "a donor of the type city is no company: use municipality, county"),
        ({"donor": "FOUND", "subtype": "ngo", "city": "Espoo"}, "only a donor of the type city is a member"),
        ({"name": "Example city", "language": "en", "subtype": ""}, "there is nothing to amend"),
    ],
)
def test_what_cannot_be_so_is_refused(book: Book, given: dict[str, Any], reason: str) -> None:
    with pytest.raises((Refused, NotFound), match=reason):
        tell(book, amended(**given))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"country": "XXX"}, "There is no country 'XXX'"),
        ({"name": ""}, "name: String should have at least 1 character"),
        ({"type": "private"}, "type: Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_read_is_reported_in_a_sentence(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        amended(**given)


def test_a_batch_knows_the_amendments_in_it(book: Book) -> None:
    with book.recording() as journal:
        journal.record_many(
            [agreement("A8"), amended(), agreement("A9"), amended(2, name="Example city")],
            made_by=MAKER,
            approved_by=CHECKER,
        )
    with book.reading() as books:
        assert get_donor(books, "CITY").language == "es"
    require_sound(book)


# ---- the city that a donor is


@pytest.mark.parametrize("written", ["Bouaké", "bouake", "  BOUAKÉ ", "Bouake\u0301"])
def test_a_member_city_keeps_the_spelling_of_the_network(book: Book, written: str) -> None:
    told = DonorRegistered.make(on=NOV, code="B", name="Example", type="city", country="CIV", city=written)
    tell(book, told)
    with book.reading() as books:
        assert get_donor(books, "B").city == "Bouaké"


@pytest.mark.parametrize(("country", "city"), [("FRA", "bouake"), ("", "bouake"), ("CIV", "Somewhere else")])
def test_a_city_that_is_not_known_by_name_stays_as_it_is_written(country: str, city: str) -> None:
    told = amended(country=country, city=city)
    assert told.city == city


def test_what_the_journal_has_keeps_its_spelling() -> None:
    told = amended(country="CIV", city="bouake").model_copy(update={"city": "bouake"})
    assert DonorAmended.model_validate_json(told.payload).city == "bouake"


def test_names_are_compared_without_case_accents_and_blanks() -> None:
    assert folded("  SÃO   Filipe\n") == folded("sao filipe") != folded("saofilipe")
    assert member_city("HAT YAI", "THA") is member_city("Hat Yai", "THA") is not None
    assert member_city("Hat Yai", "KOR") is None
