"""Names are compared as people see them, and one with something unseen cannot act."""

from __future__ import annotations

import pytest

from donors import DonorRegistered
from ledger import Book, Refused, RolesGiven, TermOpened, approve, propose, reject
from ledger.people.four_eyes import is_same_person, name_fault
from tests.ledger.people.test_roles import DAY, ROLES
from tests.support.small_books import CHECKER, MAKER

UNSEEN = [
    "\u200b",
    "\u200d",
    "\u00ad",
    "\u202e",
    "\ufeff",
    "\x00",
    "\n",
    "\u2800",
    "\u3164",
    "\U000e0041",
    "\ue000",
]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ana", "ANA"),
        ("ana maria", " Ana\u00a0 maria "),
        ("Jos\u00e9", "Jose\u0301"),
        ("Jos\u00e9", "jose"),
        ("Stra\u00dfe", "STRASSE"),
        ("\uff21na", "ana"),
        *(("ana", f"a{unseen}na") for unseen in UNSEEN if unseen != "\n"),
    ],
)
def test_one_person_in_two_spellings(name: str, other: str) -> None:
    assert is_same_person(name, other)
    assert is_same_person(other, name)


@pytest.mark.parametrize("other", ["anna", "an", "ana maria", "\u0430na"])
def test_two_people(other: str) -> None:
    assert not is_same_person("ana", other)


@pytest.mark.parametrize(
    "name", ["ana", "Jos\u00e9", "Zo\u0065\u0308", "\u5f20\u4e09", "\u0639\u0644\u06cc", "the director"]
)
def test_a_name_that_is_seen(name: str) -> None:
    assert name_fault(name) == ""


@pytest.mark.parametrize("unseen", UNSEEN)
def test_nobody_acts_under_a_name_with_something_unseen(book: Book, unseen: str) -> None:
    name = f"{MAKER}{unseen}"
    event = TermOpened.make(on=DAY, code="2027-2029", starts_on="2027-01-01", ends_on="2029-12-31")
    donor = DonorRegistered.make(on=DAY, code="D9", name="Example donor", type="private")
    with book.recording() as journal:
        waiting = propose(journal, donor, MAKER)
    with book.recording() as journal:
        with pytest.raises(Refused, match="which nobody sees"):
            journal.record(event, made_by=MAKER, approved_by=name)
        with pytest.raises(Refused, match="which nobody sees"):
            journal.record(event, made_by=name, approved_by=CHECKER)
        with pytest.raises(Refused, match="which nobody sees"):
            propose(journal, event, name)
        with pytest.raises(Refused, match="which nobody sees"):
            approve(journal, waiting.id, name)
        with pytest.raises(Refused, match="which nobody sees"):
            reject(journal, waiting.id, name)


@pytest.mark.parametrize("name", ["\u200b", "\u0301", " "])
def test_a_name_of_nothing_is_nobody(book: Book, name: str) -> None:
    donor = DonorRegistered.make(on=DAY, code="D9", name="Example donor", type="private")
    with book.recording() as journal, pytest.raises(Refused, match="cannot stand for a person"):
        journal.record(donor, made_by=name)


def test_roles_are_not_given_to_a_name_with_something_unseen(book: Book) -> None:
    event = RolesGiven.make(on=DAY, number=1, roles=ROLES | {"cy\u200b": ["approver"]})
    with book.recording() as journal, pytest.raises(Refused, match="which nobody sees"):
        journal.record(event, made_by="anybody", approved_by="somebody else")


def test_one_administrator_in_two_spellings_is_one(book: Book) -> None:
    event = RolesGiven.make(on=DAY, number=1, roles={"ana": ["administrator"], "Ana": ["administrator"]})
    with book.recording() as journal, pytest.raises(Refused, match="two administrators"):
        journal.record(event, made_by="anybody", approved_by="somebody else")
