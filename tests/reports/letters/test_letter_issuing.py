"""Letters as they are issued, listed, given again and checked, from Python and at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf

from donors import (
    Contact,
    IssuedLetter,
    erase_contact,
    set_contact,
)
from ledger import BadInput, Book, Document, MdfmError, NotFound, get_entry, verify
from mdfm.api import Fund, open_fund
from mdfm.cli.app import app
from reports import CheckedStatement, add_signature, load_signer
from reports.render import page
from tests.donors.donor.test_donor_amended import amended
from tests.support import altered_pdf
from tests.support.example_demo import Demo
from tests.support.signers import authority, holder
from tests.support.small_books import DEC, MAKER, agreement, contribution, gift, money, taken_back, tell
from tests.support.tampering import unsealed

PERSON = Contact(donor="BANK-A", name="Examplia Nominata", address="1 Example Street\nExampletown")
REFERENCE = "R-2021-001"
MARCH = date(2023, 3, 31)
SECRET = "correct horse"


@pytest.fixture
def fund(demo: Demo, tmp_path: Path) -> Iterator[Fund]:
    with open_fund(str(demo.copy(tmp_path / "example.book"))) as opened:
        set_contact(opened._book, PERSON, MAKER)
        yield opened


@pytest.fixture
def later_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose margins are half a point wider."""
    monkeypatch.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + 0.5)


def issued(fund: Fund, reference: str = REFERENCE, **asked: str) -> tuple[IssuedLetter, bytes]:
    letter, _ = fund.statements.letter(reference, **asked)  # type: ignore[arg-type]
    sent, document = fund.statements.issue_letter(letter, by=MAKER, on=MARCH)
    return sent.issued, document.content


def checked(fund: Fund, pdf: bytes) -> CheckedStatement:
    return fund.statements.check(Document("came-back.pdf", pdf))


def command(fund: Fund, *words: object) -> Result:
    book = str(fund._book.engine.url.database)
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["--book", book, *map(str, words)])


# ---- issued and given again


def test_what_was_issued_is_given_again_byte_for_byte(fund: Fund, monkeypatch: pytest.MonkeyPatch) -> None:
    letter, content = issued(fund)
    assert (letter.donor, letter.contact, letter.on, letter.kept) == ("BANK-A", PERSON.name, MARCH, True)
    assert letter.file_sha256 == sha256(content).hexdigest()
    with fund.reading() as books:
        entry = get_entry(books, letter.seq)
    assert (entry.kind, entry.made_by, entry.approved_by) == ("letter issued", MAKER, "")
    assert PERSON.name not in entry.payload
    monkeypatch.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + 0.5)
    names = letter.letter, REFERENCE, letter.verification, letter.file_sha256, letter.file_sha256[:8]
    for name in (*names, str(letter.seq)):
        again, document = fund.statements.reprint_letter(name)
        assert (again.issued, document.content) == (letter, content)
    assert verify(fund._book).sound


def test_issued_again_it_is_the_same_file_and_nothing_is_recorded(fund: Fund, later_layout: None) -> None:
    letter, _ = fund.statements.letter(REFERENCE, known_at=80)
    first, document = fund.statements.issue_letter(letter, by=MAKER)
    second, again = fund.statements.issue_letter(letter, by=MAKER, sign=lambda pdf: pdf + b"% signed")
    assert (first.new, second.new) == (True, False)
    assert (second.issued, again) == (first.issued, document)
    assert fund.head().seq == first.issued.seq
    other = Contact(donor="BANK-A", name="Another Person")
    set_contact(fund._book, other, MAKER)
    to_other, _ = fund.statements.letter(REFERENCE, known_at=80, contact=other.name)
    assert fund.statements.issue_letter(to_other, by=MAKER)[0].new
    with pytest.raises(BadInput, match="was issued more than once .*give its entry"):
        fund.statements.reprint_letter(REFERENCE)


def test_issued_again_after_other_entries_and_in_another_layout_it_is_the_first(
    fund: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, content = issued(fund)
    issued(fund, "R-2021-002")
    assert fund.head().seq > first.seq
    assert issued(fund) == (first, content)
    monkeypatch.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + 20)
    assert issued(fund) == (first, content)
    assert fund.statements.reprint_letter(REFERENCE)[1].content == content
    french, _ = issued(fund, language="fr")
    assert (french.language, len(fund.statements.letters(donor="BANK-A"))) == ("fr", 2)


@pytest.mark.parametrize("margin", [0, 20])
def test_a_corrected_address_makes_another_letter(
    fund: Fund, monkeypatch: pytest.MonkeyPatch, margin: int
) -> None:
    first, _ = issued(fund)
    moved = Contact(donor="BANK-A", name=PERSON.name, address="7 Example Street\nExampletown")
    set_contact(fund._book, moved, MAKER)
    monkeypatch.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + margin)
    second, _ = issued(fund)
    assert second.seq > first.seq
    assert issued(fund)[0] == second
    set_contact(fund._book, PERSON, MAKER)
    assert issued(fund)[0] == first, "the letter with the first address is there already"


def test_a_donor_with_another_name_gets_another_letter(book: Book) -> None:
    fund = Fund(book)
    tell(book, gift("R-1", 500_00))
    first, _ = issued(fund, "R-1")
    tell(book, amended(donor="FOUND", name="Foundation of another name", subtype="", language="en"))
    second, _ = issued(fund, "R-1")
    assert second.seq > first.seq
    assert issued(fund, "R-1")[0] == second
    with pytest.raises(BadInput, match="was issued more than once .*give its entry"):
        fund.statements.reprint_letter("R-1")


def test_money_that_is_booked_again_has_a_letter_of_its_own(book: Book) -> None:
    fund = Fund(book)
    (received,) = tell(book, gift("R-1", 500_00))
    first, _ = issued(fund, "R-1")
    tell(book, taken_back(received), gift("R-1-CORRECTED", 400_00))
    second, _ = issued(fund, "R-1-CORRECTED")
    assert (first.letter != second.letter, len(fund.statements.letters())) == (True, 2)
    with pytest.raises(NotFound, match="was taken back"):
        issued(fund, "R-1")


def test_another_instalment_that_arrives_makes_another_letter(book: Book) -> None:
    tell(book, agreement("A1", amount=money("EUR", 1_000_00)), contribution("C1", "A1", "EUR", 600_00))
    fund = Fund(book)
    first, _ = issued(fund, "C1")
    assert issued(fund, "C1")[0] == first
    tell(book, contribution("C2", "A1", "EUR", 200_00, DEC))
    assert issued(fund, "C1")[0].seq > first.seq


def test_the_same_letter_after_an_erasure_gets_its_file_back_and_nothing_is_recorded(fund: Fund) -> None:
    letter, _ = fund.statements.letter(REFERENCE, known_at=80)
    first, document = fund.statements.issue_letter(letter, by=MAKER)
    erase_contact(fund._book, "BANK-A", PERSON.name, MAKER)
    set_contact(fund._book, PERSON, MAKER)
    second, again = fund.statements.issue_letter(letter, by=MAKER)
    assert (second.new, second.issued, again) == (False, first.issued, document)
    assert fund.head().seq == first.issued.seq


def test_the_file_and_the_entry_are_both_there_or_neither(fund: Fund, tmp_path: Path) -> None:
    letter, _ = fund.statements.letter(REFERENCE)
    statements, taken = fund.statements, tmp_path / "folder"
    taken.mkdir()
    (tmp_path / "file").write_bytes(b"")
    for place in (taken, tmp_path / "file" / "letter.pdf", Path(str(fund._book.engine.url.database))):
        with pytest.raises(BadInput, match="cannot be written|is a database"):
            statements.issue_letter_to(place, letter, by=MAKER)
    assert (statements.letters(), list(taken.iterdir())) == ([], [])
    erase_contact(fund._book, "BANK-A", PERSON.name, MAKER)
    with pytest.raises(NotFound, match="has no contact"):
        statements.issue_letter_to(tmp_path / "new" / "letter.pdf", letter, by=MAKER)
    assert not (tmp_path / "new").exists()
    set_contact(fund._book, PERSON, MAKER)
    sent = statements.issue_letter_to(tmp_path / "new" / "letter.pdf", letter, by=MAKER)
    assert sent.new
    assert (tmp_path / "new" / "letter.pdf").read_bytes() == sent.content


def test_a_disk_that_is_full_records_nothing(fund: Fund) -> None:
    letter, _ = fund.statements.letter(REFERENCE)
    with pytest.raises(MdfmError, match="/dev/full"):
        fund.statements.issue_letter_to(Path("/dev/full"), letter, by=MAKER)
    assert fund.statements.letters() == []


def test_a_letter_in_kind_and_one_to_nobody_are_issued(fund: Fund) -> None:
    letter, _ = issued(fund, "K-SECONDMENT")
    assert (letter.donor, letter.bank_account, letter.contact, letter.kept) == ("UNI-A", "", "", True)
    assert [each.seq for each in fund.statements.letters(donor="UNI-A")] == [letter.seq]
    assert fund.statements.letters(donor="BANK-A") == []
    with pytest.raises(NotFound, match="no donor 'NOBODY'"):
        fund.statements.letters(donor="NOBODY")


def test_a_person_who_was_erased_meanwhile_gets_no_letter(fund: Fund) -> None:
    letter, _ = fund.statements.letter(REFERENCE)
    erase_contact(fund._book, "BANK-A", PERSON.name, MAKER)
    with pytest.raises(NotFound, match="has no contact 'Examplia Nominata'"):
        fund.statements.issue_letter(letter, by=MAKER)
    assert fund.statements.letters() == []


def test_an_erased_letter_is_known_and_not_given(fund: Fund) -> None:
    letter, content = issued(fund)
    erase_contact(fund._book, "BANK-A", PERSON.name, MAKER)
    with pytest.raises(NotFound, match="its file was erased with the person that it named"):
        fund.statements.reprint_letter(letter.letter)
    result = checked(fund, content)
    assert (result.confirmed, result.outcome, result.code) == (True, "issued", None)
    copy = checked(fund, altered_pdf.saved_again(content))
    assert (copy.confirmed, copy.outcome, copy.figures_agree) == (False, "unknown", False)
    assert "cannot be compared: The letter" in copy.reasons[0]
    assert verify(fund._book).sound


# ---- checked


def test_a_letter_that_comes_back_is_told_by_its_hash_or_compared(fund: Fund, later_layout: None) -> None:
    letter, content = issued(fund, language="fr")
    result = checked(fund, content)
    assert (result.confirmed, result.letter, result.reasons) == (True, letter, ())
    assert f"issued on {MARCH} to the donor BANK-A for {REFERENCE} (entry {letter.seq})" in result.notes[0]
    copy = altered_pdf.saved_again(content)
    result = checked(fund, copy)
    assert (result.confirmed, result.outcome) == (True, "saved again")
    digit = altered_pdf.digits(copy)[len(altered_pdf.digits(copy)) // 2]
    result = checked(fund, altered_pdf.with_digit_changed(copy, digit))
    assert (result.confirmed, len(result.differences)) == (False, 1)
    result = checked(fund, altered_pdf.with_figure_covered(copy, 1))
    assert result.reasons == ("The file was altered: the words on page 1 agree, the drawing differs.",)
    result = checked(fund, altered_pdf.with_note_appended(content, 1))
    assert (result.confirmed, result.outcome) == (False, "differs")
    assert "more than a signature" in result.reasons[-1]


def test_a_signature_on_a_letter_is_judged(fund: Fund, tmp_path: Path) -> None:
    root = authority("Example test authority")
    key = holder("Example trust fund office", root).pkcs12(tmp_path / "office.p12", SECRET)
    signer = load_signer(key, None, lambda: SECRET)
    letter, content = issued(fund)
    result = fund.statements.check(Document("x.pdf", add_signature(content, signer)), root.pem(tmp_path)[1])
    assert (result.confirmed, result.outcome, result.letter) == (True, "signed", letter)
    later, _ = fund.statements.letter(REFERENCE, language="fr")
    _, signed = fund.statements.issue_letter(later, by=MAKER, sign=lambda pdf: add_signature(pdf, signer))
    assert checked(fund, signed.content).outcome == "issued"
    second = PdfSignatureMetadata(field_name="Second")
    both = sign_pdf(IncrementalPdfFileWriter(BytesIO(signed.content)), second, signer=signer).getvalue()
    result = checked(fund, both)
    assert (result.confirmed, result.outcome, len(result.signatures)) == (True, "signed", 2)
    noted = checked(fund, altered_pdf.with_note_appended(signed.content, 1))
    assert (noted.confirmed, noted.outcome) == (False, "differs")


def test_a_letter_that_nobody_issued_is_no_document_of_the_books(fund: Fund) -> None:
    _, document = fund.statements.letter(REFERENCE)
    with pytest.raises(BadInput, match="has no statement's code"):
        checked(fund, document.content)


def test_a_letter_of_a_book_that_was_rewritten_is_of_another_book(fund: Fund) -> None:
    letter, content = issued(fund)
    with unsealed(Path(str(fund._book.engine.url.database))) as books:
        books.execute(
            "UPDATE entry SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = ?",
            (letter.known_at,),
        )
    result = checked(fund, content)
    assert (result.confirmed, result.outcome) == (False, "unknown")
    assert "The letter is of another book" in result.reasons[0]


# ---- at the command line


def test_the_command_twice_issues_once_and_the_letter_is_found_by_its_reference(
    fund: Fund, tmp_path: Path
) -> None:
    out, again, mistyped = tmp_path / "l1.pdf", tmp_path / "l2.pdf", tmp_path / "folder"
    mistyped.mkdir()
    asked = ("contribution", "letter", "R-2022-003", "--issue", "--by", MAKER)
    refused = command(fund, *asked, "--out", mistyped)
    assert (refused.exit_code, "it is a folder" in refused.stderr) == (2, True)
    assert fund.statements.letters() == []
    first = json.loads(command(fund, *asked, "--out", out, "--json").stdout)
    second = json.loads(command(fund, *asked, "--out", again, "--json").stdout)
    assert second == first | {"file": str(again)}
    assert again.read_bytes() == out.read_bytes()
    (letter,) = fund.statements.letters()
    assert (letter.letter, letter.verification) == (first["id"], first["verification"])
    reprinted = command(fund, "contribution", "reprint-letter", "R-2022-003", "--out", tmp_path / "l3.pdf")
    assert (reprinted.exit_code, (tmp_path / "l3.pdf").read_bytes()) == (0, out.read_bytes())


def test_the_commands_issue_list_and_give_again(fund: Fund, tmp_path: Path) -> None:
    out, again = tmp_path / "letter.pdf", tmp_path / "again.pdf"
    assert "No letter was issued yet" in command(fund, "contribution", "letters").stderr
    refused = command(fund, "contribution", "letter", REFERENCE, "--issue")
    assert (refused.exit_code, "--by NAME" in refused.stderr) == (2, True)
    asked = ("contribution", "letter", REFERENCE, "--issue", "--by", MAKER, "--on", MARCH, "--known-at", 80)
    first = command(fund, *asked, "--out", out)
    assert (first.exit_code, "now recorded as issued to BANK-A" in first.stderr) == (0, True), first.stderr
    out_again = tmp_path / "issued-again.pdf"
    second = command(fund, *asked, "--out", out_again)
    assert "already: what is written is the file that was issued then" in second.stderr
    assert out_again.read_bytes() == out.read_bytes()
    (listed,) = json.loads(command(fund, "contribution", "letters", "--json").stdout)
    assert (listed["file_sha256"], listed["contact"]) == (
        sha256(out.read_bytes()).hexdigest(),
        PERSON.name,
    )
    printed = command(fund, "contribution", "reprint-letter", listed["seq"], "--out", again)
    assert (printed.exit_code, again.read_bytes() == out.read_bytes()) == (0, True)
    told = command(fund, "audit", "statement", out)
    assert told.exit_code == 0
    assert f"Letter {listed['letter']}: confirmed, every figure." in told.stdout
    erased = command(fund, "donor", "erase-contact", "BANK-A", "--name", PERSON.name, "--by", MAKER)
    assert erased.exit_code == 0, erased.stderr
    assert "no: erased" in command(fund, "contribution", "letters").stdout
    gone = command(fund, "contribution", "reprint-letter", listed["seq"], "--out", tmp_path / "gone.pdf")
    assert (gone.exit_code, "was erased with the person" in gone.stderr) == (2, True)
    assert not (tmp_path / "gone.pdf").exists()
    unknown = command(fund, "contribution", "reprint-letter", "R-2021-0001")
    assert "No letter 'R-2021-0001' was issued" in unknown.stderr
