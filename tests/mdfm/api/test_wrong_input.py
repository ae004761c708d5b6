"""What a notebook gives wrongly is refused with a code, and a sentence that names no option of a command."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mdfm.api import (
    BankFiles,
    Contact,
    Document,
    Fund,
    MdfmError,
    NotFound,
    Refused,
    Tampered,
    create_fund,
    draft,
    events,
    open_fund,
    open_term,
    rebuild_fund,
    receipt_identified,
    signer,
    with_evidence,
)

DAY = date(2022, 1, 10)
CITY = events.DonorRegistered.make(on=DAY, code="CITY", name="Example city", type="city", country="KOR")


@pytest.fixture
def fund(tmp_path: Path) -> Iterator[Fund]:
    with create_fund(tmp_path / "given.book") as made:
        yield made


def test_a_place_may_be_a_path(tmp_path: Path) -> None:
    with create_fund(tmp_path / "fund.book") as made:
        head = made.head()
    with open_fund(tmp_path / "fund.book") as again:
        assert again.head() == head


def test_a_proposal_without_a_person_is_refused_as_a_record_is(tmp_path: Path) -> None:
    account = events.BankAccountOpened.make(on=DAY, code="USD1", name="Example bank", currency="USD")
    city = events.DonorRegistered.make(on=DAY, code="CITY", name="Example city", type="city", country="KOR")
    with create_fund(tmp_path / "fund.book") as fund:
        for event in (account, city):
            with pytest.raises(MdfmError, match="needs the name of the person who records it") as error:
                fund.submit(event, by="")
            assert error.value.code == "recorder-missing"
        assert fund.proposals.all() == []


def test_a_hint_stands_for_an_option(tmp_path: Path) -> None:
    with pytest.raises(MdfmError, match="give a reason if it is meant") as error:
        open_term(on=DAY, code="LONG", starts_on=DAY, ends_on=date(2029, 1, 9))
    assert [hint.code for hint in error.value.sentence.hints] == ["say-reason"]


PARTS = ("proposals", "imports", "bank", "plans", "audit", "evidence", "statements", "reports")
CALLS: dict[str, Callable[[Fund], object]] = {
    "submit": lambda fund: fund.submit(CITY, by="ana"),
    "reverse": lambda fund: fund.reverse(1, on=DAY, reason="wrong", by="ana"),
    "preview": lambda fund: fund.preview(CITY, by="ana"),
    "at": lambda fund: fund.at(),
    "head": lambda fund: fund.head(),
    "terms": lambda fund: fund.terms(),
    "health": lambda fund: fund.health(),
    "backup": lambda fund: fund.backup(Path("never-written.book")),
    "people": lambda fund: fund.people(),
    "reading": lambda fund: fund.reading().__enter__(),
    "contacts": lambda fund: fund.contacts("CITY"),
    "set_contact": lambda fund: fund.set_contact(Contact(donor="CITY", name="A"), by="ana"),
    "erase_contact": lambda fund: fund.erase_contact("CITY", "A", by="ana"),
    "submit_all": lambda fund: fund.submit_all([], by="ana"),
}


def test_a_closed_fund_refuses_every_call(tmp_path: Path) -> None:
    public = {name for name in dir(Fund) if not name.startswith("_")}
    assert public == {*CALLS, *PARTS, "close"}
    fund = create_fund(tmp_path / "fund.book")
    view, proposals = fund.at(), fund.proposals
    fund.close()
    calls: list[Callable[[], object]] = [view.donors, proposals.all]
    calls += [partial(call, fund) for call in CALLS.values()]
    calls += [partial(getattr, fund, part) for part in PARTS]
    for each in calls:
        with pytest.raises(Refused, match=r"The book at .*fund\.book was closed by this program") as error:
            each()
        assert error.value.code == "book-closed"
    fund.close()  # again, as the end of a `with` does


@pytest.mark.parametrize("location", ["", "sqlite:///"])
@pytest.mark.parametrize("opened", [open_fund, create_fund])
def test_a_book_without_a_name_is_refused(opened: Callable[[str], Fund], location: str) -> None:
    with pytest.raises(MdfmError, match="No name of a book was given") as error:
        opened(location)
    assert error.value.code == "book-not-named"


@pytest.mark.parametrize("sha256", ["zz", "", "%", "a" * 64])
def test_evidence_that_no_event_names_is_not_found(fund: Fund, sha256: str) -> None:
    with pytest.raises(NotFound, match=f"There is no evidence '{sha256}' in this book") as error:
        fund.evidence.read(sha256)
    assert error.value.code == "evidence-not-found"


def test_evidence_that_the_book_has_lost_is_tampered_with(fund: Fund) -> None:
    proof = Document("screening.txt", b"nothing found")
    sha256 = hashlib.sha256(proof.content).hexdigest()
    fund.submit(CITY, by="ana")
    fund.submit(
        draft(
            events.DonorScreened, evidence=[proof], on=DAY, donor="CITY", outcome="cleared", valid_until=DAY
        ),
        by="ana",
    )
    assert fund.evidence.read(sha256) == proof
    with fund._book.recording() as journal:
        journal.books.execute(text("DROP TRIGGER no_delete_evidence"))
        journal.books.execute(text("DELETE FROM evidence"))
    with pytest.raises(Tampered, match="restore a copy"):
        fund.evidence.read(sha256)


def test_contacts_of_an_unknown_donor_are_not_found(fund: Fund) -> None:
    fund.submit(CITY, by="ana")
    assert fund.contacts("CITY") == []
    with pytest.raises(NotFound, match=r"There is no donor 'CITI'.*\(did you mean 'CITY'\?\)"):
        fund.contacts("CITI")


WRONG: dict[str, Callable[[Fund, Any], object]] = {
    "a sheet": lambda fund, file: fund.imports.read("donor", file),
    "rates": lambda fund, file: fund.imports.rates(file),
    "a scenario": lambda fund, file: fund.plans.read_scenario(file),
    "a scenario to solve": lambda fund, file: fund.plans.make(file, by="ana"),
    "a plan": lambda fund, file: fund.plans.read(file),
    "a plan to explain": lambda fund, file: fund.plans.explain(file, "A"),
    "a plan to approve": lambda fund, file: fund.plans.approve(file, by="ana"),
    "a bank file": lambda fund, file: fund.bank.read(BankFiles("USD1", [file])),
    "a statement": lambda fund, file: fund.statements.check(file),
    "a certificate": lambda fund, file: fund.statements.check(Document("a.pdf", b"%PDF"), file),
    "a private key": lambda fund, file: fund.audit.checkpoint(file),
    "a checkpoint": lambda fund, file: fund.audit.read_checkpoint(file),
    "an export": lambda _, file: rebuild_fund("new.book", file),
    "a signer's key": lambda _, file: signer(file),
    "evidence": lambda _, file: draft(events.DonorScreened, evidence=[file]),
    "evidence of events": lambda _, file: with_evidence([CITY], [file]),
    "evidence of a receipt": lambda _, file: receipt_identified("R", on=DAY, evidence=[file]),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_text_is_not_taken_for_a_file(fund: Fund, what: str) -> None:
    with pytest.raises(TypeError, match=r"^a file is a pathlib.Path or a Document, not 'x.csv': write Path"):
        WRONG[what](fund, "x.csv")


def test_a_text_is_not_taken_for_an_event(fund: Fund) -> None:
    wrong: Any = "x"
    for call in (fund.submit, fund.preview):
        with pytest.raises(TypeError, match="^an event or a draft is expected, not 'x'"):
            call(wrong, by="ana")
