"""People: roles, thresholds, and what each may do."""

from __future__ import annotations

from datetime import date

import pytest

from donors import DonorRegistered, PledgeRecorded
from ledger import (
    Amount,
    BadInput,
    Book,
    Refused,
    RolesGiven,
    ThresholdSet,
    all_roles,
    approve,
    propose,
    verify,
)

DAY = date(2022, 1, 10)
ROLES = {
    "ana": ["administrator"],
    "ben": ["administrator", "approver"],
    "cy": ["finance officer"],
    "dia": ["director"],
    "eva": ["auditor"],
}


@pytest.fixture
def staffed(book: Book) -> Book:
    with book.recording() as journal:
        event = RolesGiven.make(on=DAY, number=1, roles=ROLES)
        journal.record(event, made_by="anybody", approved_by="somebody else")
        journal.record(
            DonorRegistered.make(on=DAY, code="D9", name="Example donor", type="private"), made_by="cy"
        )
    return book


def pledge(cents: int, code: str = "P9") -> PledgeRecorded:
    amount = Amount(currency="USD", minor=cents)
    return PledgeRecorded(on=DAY, code=code, donor="D9", term="2021-2023", amount=amount, expected_on=DAY)


def test_a_book_knows_who_has_which_role(staffed: Book) -> None:
    with staffed.reading() as books:
        assert all_roles(books) == {name: frozenset(roles) for name, roles in ROLES.items()}
    assert verify(staffed).sound


@pytest.mark.parametrize("name", ["ana", "ben", "dia", "eva", "nobody"])
def test_only_a_finance_officer_records_money(staffed: Book, name: str) -> None:
    with staffed.recording() as journal, pytest.raises(Refused, match=f"{name} may not record"):
        journal.record(pledge(100), made_by=name, approved_by="another")


@pytest.mark.parametrize("name", ["ana", "cy2", "eva"])
def test_only_an_approver_or_a_director_approves(staffed: Book, name: str) -> None:
    with staffed.recording() as journal, pytest.raises(Refused, match=f"{name} may not approve"):
        journal.record(pledge(100), made_by="cy", approved_by=name)


def test_from_a_threshold_on_a_director_approves(staffed: Book) -> None:
    with staffed.recording() as journal:
        event = ThresholdSet(on=DAY, number=1, of="pledge recorded", cents=100_000)
        journal.record(event, made_by="ana", approved_by="ben")
        journal.record(pledge(99_999, "P1"), made_by="cy", approved_by="ben")
        with pytest.raises(Refused, match=r"of US\$1,000\.00 or more: that takes the role director"):
            journal.record(pledge(100_000, "P2"), made_by="cy", approved_by="ben")
        journal.record(pledge(100_000, "P2"), made_by="cy", approved_by="dia")


def test_an_auditor_proposes_nothing(staffed: Book) -> None:
    with staffed.recording() as journal, pytest.raises(Refused, match="eva may not record"):
        propose(journal, pledge(100), "eva")


def test_an_approver_without_the_role_leaves_the_proposal_waiting(staffed: Book) -> None:
    with staffed.recording() as journal:
        number = propose(journal, pledge(100), "cy").id
    with pytest.raises(Refused, match="eva may not approve"), staffed.recording() as journal:
        approve(journal, number, "eva")
    with staffed.recording() as journal:
        assert approve(journal, number, "ben").approved_by == "ben"


def test_roles_are_changed_by_two_administrators(staffed: Book) -> None:
    taken = RolesGiven.make(on=DAY, number=2, roles={"cy": []})
    with pytest.raises(Refused, match="cy may not record"), staffed.recording() as journal:
        journal.record(taken, made_by="cy", approved_by="ana")
    with staffed.recording() as journal:
        journal.record(taken, made_by="ana", approved_by="ben")
    with pytest.raises(Refused, match="has no role"), staffed.recording() as journal:
        journal.record(pledge(100), made_by="cy", approved_by="ben")


def test_the_last_two_administrators_stay(staffed: Book) -> None:
    with pytest.raises(Refused, match="two administrators"), staffed.recording() as journal:
        alone = RolesGiven.make(on=DAY, number=2, roles={"ben": ["approver"]})
        journal.record(alone, made_by="ana", approved_by="ben")


def test_an_auditor_has_no_other_role() -> None:
    with pytest.raises(BadInput, match="cannot be an auditor and have another role"):
        RolesGiven.make(on=DAY, number=1, roles={"eva": ["auditor", "approver"]})
