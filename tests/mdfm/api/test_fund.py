"""The door to a fund: record or propose, decide, read as of two clocks, files as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import FunctionType

import pytest

import mdfm.api as door
from mdfm.api import (
    BadInput,
    Contact,
    Document,
    Fund,
    NotFound,
    Proposal,
    RecordedEntry,
    Refused,
    SheetProblems,
    create_fund,
    draft,
    events,
    new_key_pair,
    open_fund,
    open_term,
    period_closed,
    read_money,
    rebuild_fund,
    roles_given,
)

TERM, DAY, LAST = "2021-2023", date(2022, 1, 10), date(2023, 10, 31)
ANA, BEN = "ana", "ben"
GIFT = read_money("USD 900.00")
DONORS = b"code,name,type,country,registered_on\nGOV-A,Example A,government,DEU,2022-01-10\n"


def gift(reference: str) -> events.ContributionReceived:
    return events.ContributionReceived.make(
        on=DAY, reference=reference, bank_account="USD1", amount=GIFT, donor="CITY-A", term=TERM
    )


@pytest.fixture
def fund(tmp_path: Path) -> Iterator[Fund]:
    with create_fund(str(tmp_path / "fund.book")) as made:
        made.submit(open_term(on=DAY, code=TERM, starts_on=date(2021, 11, 1), ends_on=LAST), by=ANA)
        account = events.BankAccountOpened.make(on=DAY, code="USD1", name="Example bank", currency="USD")
        made.submit(account, by=ANA)
        for each in made.proposals.waiting():
            made.proposals.approve(each.id, by=BEN)
        made.submit(
            events.DonorRegistered.make(on=DAY, code="CITY-A", name="Example", type="city", country="KOR"),
            by=ANA,
        )
        yield made


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in door.__all__:
        named = getattr(door, name)
        assert named.__doc__ or not isinstance(named, type | FunctionType), name
    with pytest.raises(AttributeError, match="'mdfm.api' has no attribute 'Nothing'"):
        door.Nothing  # noqa: B018


def test_what_another_person_must_approve_is_proposed_and_the_rest_is_recorded(fund: Fund) -> None:
    donor = events.DonorRegistered.make(on=DAY, code="GOV-A", name="A", type="government", country="DEU")
    money, made = fund.submit(gift("R-1"), by=ANA), fund.submit(donor, by=ANA)
    assert isinstance(money, Proposal)
    assert isinstance(made, RecordedEntry)
    assert fund.submit(gift("R-1"), by=ANA) == money
    (approved,) = fund.proposals.approve(money.id, by=BEN)
    assert isinstance(approved, RecordedEntry)
    assert [line.usd for line in approved.lines if line.account == "1100"] == [900_00]
    assert fund.submit(gift("R-1"), by=ANA) == approved


def test_events_that_are_submitted_together_are_all_in_the_books_or_none(fund: Fund) -> None:
    wrong = gift("R-2").model_copy(update={"donor": "NOBODY"})
    before = fund.head(), fund.proposals.all()
    with pytest.raises(Refused):
        fund.submit_all([gift("R-1"), wrong], by=ANA)
    assert (fund.head(), fund.proposals.all()) == before


def test_a_batch_is_approved_or_rejected_as_one(fund: Fund) -> None:
    first, second = fund.submit_all([gift("R-1"), gift("R-2")], by=ANA)
    assert isinstance(first, Proposal)
    assert isinstance(second, Proposal)
    assert first.batch == second.batch == first.id
    with pytest.raises(Refused):
        fund.proposals.approve(first.id, by=ANA)
    assert fund.proposals.refusals(fund.proposals.together(second.id)) == []
    assert [each.id for each in fund.proposals.reject(second.id, by=BEN)] == [first.id, second.id]
    assert fund.proposals.waiting() == []


def test_a_preview_shows_the_lines_and_records_nothing(fund: Fund) -> None:
    before = fund.head()
    lines = fund.preview(gift("R-1"), by=ANA)
    proposal = fund.submit(gift("R-1"), by=ANA)
    assert isinstance(proposal, Proposal)
    shown = fund.proposals.preview(proposal.id)
    assert (shown.lines, str(shown.refusal)) == (lines, "")
    assert sum(line.usd for line in lines) == 0
    assert fund.head() == before


def test_files_are_evidence_as_bytes(fund: Fund) -> None:
    screened = draft(
        events.DonorScreened,
        evidence=[Document("C:\\papers\\screening.txt", b"nothing found")],
        on=DAY, donor="CITY-A", outcome="cleared", valid_until=LAST,
    )  # fmt: skip
    fund.submit(screened, by=ANA)
    for each in fund.proposals.waiting():
        fund.proposals.approve(each.id, by=BEN)
    (entry,) = [each for each in fund.at().entries() if each.sealed.kind == "donor screened"]
    (proof,) = events.DonorScreened.model_validate_json(entry.sealed.payload).evidence
    assert fund.evidence.read(proof.sha256) == Document("screening.txt", b"nothing found")
    assert fund.audit.verify().evidence == 1


@pytest.mark.parametrize("name", ["", "/", "folder/"])
def test_a_document_has_a_name(name: str) -> None:
    if name == "folder/":
        assert Document(name, b"").name == "folder"
    else:
        with pytest.raises(BadInput, match="is not the name of a file"):
            Document(name, b"")


def test_a_document_is_saved_under_its_last_name_only(tmp_path: Path) -> None:
    path = Document("../../elsewhere/paper.txt", b"text").save(tmp_path)
    assert (path, path.read_bytes()) == (tmp_path / "paper.txt", b"text")


def test_a_sheet_comes_as_bytes_and_is_recorded_once(fund: Fund) -> None:
    rows = fund.imports.read("donor", Document("donors.csv", DONORS))
    assert [each.event.key for each in fund.imports.preview(rows, by=ANA).new] == ["donor:GOV-A"]
    assert fund.imports.record(rows, by=ANA).batch == 0
    again = fund.imports.preview(rows, by=ANA)
    assert (again.new, again.booked) == ([], 1)
    with pytest.raises(SheetProblems, match=r"^donors.csv, row 2, type"):
        fund.imports.read("donor", Document("donors.csv", DONORS.replace(b"government", b"planet")))
    with pytest.raises(BadInput, match="There is no sheet of 'doner' \\(did you mean 'donor'"):
        fund.imports.read("doner", Document("donors.csv", DONORS))


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_template_comes_out_as_bytes_and_can_be_read(fund: Fund, suffix: str) -> None:
    sheet = fund.imports.template("donor", f"donors.{suffix}")
    assert [each.event.key for each in fund.imports.read("donor", sheet).rows] == ["donor:CITY-DJ"]


def test_the_books_are_read_as_they_were_known(fund: Fund) -> None:
    before = fund.at(to=LAST)
    fund.submit(gift("R-1"), by=ANA)
    fund.proposals.approve(fund.proposals.waiting()[0].id, by=BEN)
    now = fund.at(to=LAST)
    assert (before.contributions(), len(now.contributions())) == ([], 1)
    assert fund.at(to=date(2022, 1, 9)).contributions() == []
    assert len(now.entries()) == len(before.entries()) + 1
    assert {each.account for each in now.trial_balance()} > {each.account for each in before.trial_balance()}
    with pytest.raises(NotFound):
        fund.at(known_at=99)


def test_entries_from_one_number_to_another_are_those_with_their_lines(fund: Fund) -> None:
    fund.submit(gift("R-1"), by=ANA)
    fund.proposals.approve(fund.proposals.waiting()[0].id, by=BEN)
    now, head = fund.at(to=LAST), fund.head().seq
    every = [now.entry(number) for number in range(1, head + 1)]
    assert any(each.lines for each in every)
    assert now.entries() == now.entries(first=0, last=99) == every
    assert now.entries(first=2, last=head - 1) == every[1:-1]
    assert now.entries(first=head) == every[-1:]
    assert now.entries(last=0) == now.entries(first=head + 1) == []
    assert fund.at(to=LAST, known_at=2).entries(last=head) == every[:2]


def test_a_list_of_an_unknown_code_is_an_error(fund: Fund) -> None:
    now, before_all = fund.at(LAST), fund.at(LAST, known_at=0)
    lists: list[Callable[[], object]] = [
        lambda: now.agreements(donor="CITY-X"),
        lambda: now.dues(term="2031-2033"),
        lambda: now.contributions(agreement="AGR-X"),
        lambda: now.in_kind(agreement="AGR-X"),
        lambda: now.offers(term="2031-2033"),
        lambda: now.trial_balance("2031-2033"),
        lambda: now.allocations("2031-2033"),
        lambda: now.grants("2031-2033"),
        lambda: now.results(grant="GR-X"),
        lambda: now.achievements("2031-2033"),
        lambda: now.news("2031-2033"),
        lambda: before_all.agreements(donor="CITY-A"),
    ]
    for each in lists:
        with pytest.raises(NotFound, match=r"There is no \w+ '"):
            each()
    assert now.agreements(donor="CITY-A", term=TERM) == []


def test_an_entry_is_reversed_by_another(fund: Fund) -> None:
    fund.submit(gift("R-1"), by=ANA)
    (made,) = fund.proposals.approve(fund.proposals.waiting()[0].id, by=BEN)
    assert isinstance(made, RecordedEntry)
    waits = fund.reverse(made.sealed.seq, on=DAY, reason="another's money", by=ANA)
    assert isinstance(waits, Proposal)
    fund.proposals.approve(waits.id, by=BEN)
    assert fund.at().contributions() == []


def test_drafts_count_what_the_books_count(fund: Fund) -> None:
    fund.submit(
        roles_given({ANA: ["administrator", "finance officer"], BEN: ["administrator", "approver"]}, on=DAY),
        by=ANA,
    )
    for each in fund.proposals.waiting():
        fund.proposals.approve(each.id, by=BEN)
    assert fund.people()[ANA] == {"administrator", "finance officer"}
    confirmed = Document("balance.txt", b"The balance was USD 0.00.")
    closed = fund.submit(period_closed("2021-12", on=DAY, evidence=[confirmed]), by=ANA)
    for each in fund.proposals.waiting():
        fund.proposals.approve(each.id, by=BEN)
    assert isinstance(closed, Proposal | RecordedEntry)
    with fund.reading() as books:
        assert books.exec_driver_sql("SELECT count(*) FROM period").scalar() == 1
    assert list(fund.evidence.of(entry=fund.head().seq)) == [confirmed]


def test_a_contact_is_kept_and_erased(fund: Fund) -> None:
    fund.set_contact(Contact(donor="CITY-A", name="Example Person"), by=ANA)
    assert [each.name for each in fund.contacts("CITY-A")] == ["Example Person"]
    fund.erase_contact("CITY-A", "Example Person", by=ANA)
    assert fund.contacts("CITY-A") == []


def test_an_export_and_a_checkpoint_are_bytes_and_give_the_same_book(fund: Fund, tmp_path: Path) -> None:
    keys = new_key_pair()
    signed = fund.audit.checkpoint(Document("key.pem", keys.private))
    place = str(tmp_path / "again.book")
    assert rebuild_fund(place, fund.audit.export()) == fund.head()
    with open_fund(place) as again:
        kept = again.audit.read_checkpoint(Document("checkpoint.json", signed.text.encode()))
        assert again.audit.compare(kept, Document("key.pub", keys.public)) == []
        other = Document("other.pub", new_key_pair().public)
        assert len(again.audit.compare(kept, other)) == 1
    with pytest.raises(BadInput, match="There is no export as xml"):
        fund.audit.export("xml")


def test_a_scenario_names_the_files_that_come_with_it(fund: Fund) -> None:
    base = Document(
        "base.toml", b'id = "base"\ntitle = "B"\nterm = "2021-2023"\non = 2022-02-01\nlists_on = 2025-12-31\n'
    )
    delta = Document("delta.toml", b'based_on = "base.toml"\nid = "delta"\n')
    assert fund.plans.read_scenario(delta, [base]).id == "delta"
    with pytest.raises(BadInput, match="delta.toml needs the file base.toml"):
        fund.plans.read_scenario(delta)


def test_hints_are_codes_with_parameters_and_no_command(fund: Fund) -> None:
    with pytest.raises(NotFound) as error:
        fund.proposals.together(99)
    assert str(error.value) == "There is no proposal 99."
    assert [hint.code for hint in error.value.sentence.hints] == ["list-proposals"]
