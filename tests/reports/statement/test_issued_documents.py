"""A statement that was issued stays confirmed, whatever layout and wording become; copies are compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from donors import StatementIssued
from ledger import AsOf, Book, Document, Tampered, attach
from mdfm.books import open_at
from mdfm.cli.app import app
from mdfm.example.story import TERM, YEAR_END
from reports import (
    CheckedStatement,
    Issuing,
    StatementBatch,
    add_signature,
    build_statement,
    check_statement,
    find_issue,
    issue_statements,
    keep_statement,
    load_signer,
    render_statement,
    reprint,
    write_statements,
)
from reports.render import page
from reports.render.pdf_increments import has_one_reading
from reports.words import language as words
from tests.donors.donor.test_issued import late_gift, without_file
from tests.support import altered_pdf
from tests.support.example_demo import Demo
from tests.support.signers import Holder, authority, holder
from tests.support.small_books import MAKER, tell
from tests.support.tampering import unsealed

LANGUAGES = ("en", "fr", "es")
MARCH = date(2023, 3, 31)
SECRET = "correct horse"


class Given(NamedTuple):
    """A book, and the files of a donor's statement as they were issued, by language."""

    book: Book
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def root() -> Holder:
    return authority("Example test authority")


@pytest.fixture(scope="module")
def sign(root: Holder, tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], bytes]:
    office = holder("Example trust fund office", root)
    key = office.pkcs12(tmp_path_factory.mktemp("office") / "office.p12", SECRET)
    signer = load_signer(key, None, lambda: SECRET)
    return lambda pdf: add_signature(pdf, signer)


@pytest.fixture(params=["unsigned", "signed"])
def given(
    request: pytest.FixtureRequest, demo: Demo, tmp_path: Path, sign: Callable[[bytes], bytes]
) -> Iterator[Given]:
    book = open_at(str(demo.copy(tmp_path / "example.book")))
    signed = sign if request.param == "signed" else None
    yield Given(book, issued(book, tmp_path / "issued", signed))
    book.close()


@pytest.fixture
def example(demo: Demo, tmp_path: Path) -> Iterator[Book]:
    book = open_at(str(demo.copy(tmp_path / "example.book")))
    yield book
    book.close()


def batch(book: Book, *donors: str) -> StatementBatch:
    with book.reading() as books:
        now = AsOf.now(books, YEAR_END)
    return StatementBatch(TERM, now, only=donors or ("GOV-A",), languages=LANGUAGES)


def issued(book: Book, folder: Path, sign: Callable[[bytes], bytes] | None = None) -> dict[str, bytes]:
    files, _ = issue_statements(book, batch(book), folder, Issuing(MAKER, MARCH), jobs=1, sign=sign)
    return {file.language: file.path.read_bytes() for file in files}


def checked(book: Book, pdf: bytes, trust: Path | None = None) -> CheckedStatement:
    with book.reading() as books:
        return check_statement(books, Document("came-back.pdf", pdf), trust)


@pytest.fixture
def later_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program of a later day: a margin is half a point wider, and one word is another one."""
    monkeypatch.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + 0.5)
    translated = words.Words.__call__

    def another_word(self: words.Words, text: str, /, **values: object) -> str:
        return translated(self, text, **values).replace("Total", "Altogether")

    monkeypatch.setattr(words.Words, "__call__", another_word)


# ---- the file that was issued


def test_an_issued_file_is_confirmed_and_printed_again_whatever_the_layout_of_today(
    given: Given, later_version: None
) -> None:
    tell(given.book, late_gift("LATE-1"))
    for language, pdf in given.files.items():
        result = checked(given.book, pdf)
        assert (result.confirmed, result.outcome, result.reasons) == (True, "issued", ())
        (issue,) = result.issues
        assert issue.language == language
        assert f"issued on 2023-03-31 to the donor GOV-A (entry {issue.seq})" in result.notes[0]
        with given.book.reading() as books:
            drawn = build_statement(
                books, "GOV-A", TERM, AsOf(YEAR_END, issue.known_at), language, issue.starts_on
            )
            assert not pdf.startswith(render_statement(drawn))
            again = reprint(books, find_issue(books, issue.file_sha256))
        assert (again.content, again.kept) == (pdf, True)


def test_nothing_is_drawn_for_a_file_that_is_known(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.statement.check.render_statement", pytest.fail)
    monkeypatch.setattr("reports.statement.check.build_statement", pytest.fail)
    assert checked(given.book, given.files["fr"]).confirmed
    assert checked(given.book, altered_pdf.saved_again(given.files["fr"])).outcome == "saved again"


def test_a_copy_that_was_saved_again_is_recognised_with_every_figure(
    given: Given, later_version: None
) -> None:
    for pdf in given.files.values():
        result = checked(given.book, altered_pdf.saved_again(pdf))
        assert (result.outcome, result.figures_agree, result.differences) == ("saved again", True, ())
        assert any("copy that was saved again" in note for note in result.notes)
        if result.signatures:  # saving it again breaks the signature, and that is reported
            assert result.reasons == (f"The signature by {result.signatures[0].by} is not sound.",)
        else:
            assert result.confirmed


def test_one_changed_digit_in_a_copy_is_named(given: Given, later_version: None) -> None:
    for language, pdf in given.files.items():
        places = [place for place in altered_pdf.digits(pdf) if place.page == 3]
        result = checked(given.book, altered_pdf.with_digit_changed(pdf, places[len(places) // 2]))
        (difference,) = result.differences
        assert not result.confirmed
        assert difference.page == 3
        pairs = zip(difference.paper, difference.books, strict=True)
        assert len([pair for pair in pairs if pair[0] != pair[1]]) == 1, language
        assert "The words on page 3 are not those of the file that was issued." in result.reasons


def test_a_copy_painted_over_is_named_where_the_book_has_the_file(given: Given, later_version: None) -> None:
    result = checked(given.book, altered_pdf.with_figure_covered(given.files["fr"], 2))
    assert (result.confirmed, result.differences) == (False, ())
    assert "The file was altered: the words on page 2 agree, the drawing differs." in result.reasons


def test_a_statement_that_was_superseded_says_by_which(example: Book, tmp_path: Path) -> None:
    first = issued(example, tmp_path / "first")
    tell(example, late_gift("LATE-1"))
    second = checked(example, issued(example, tmp_path / "second")["en"])
    result = checked(example, first["en"])
    assert result.confirmed
    assert f"A newer statement of the same days was issued by entry {second.issues[0].seq}." in result.notes
    assert not any("newer" in note for note in second.notes)


def test_a_file_given_to_two_is_told_for_both(example: Book, tmp_path: Path) -> None:
    asked = batch(example)
    for to in ("donor", "auditor"):
        issue_statements(example, asked, tmp_path / to, Issuing(MAKER, MARCH, to), jobs=1)
    result = checked(example, (tmp_path / "auditor" / "GOV-A-en.pdf").read_bytes())
    assert [each.to for each in result.issues] == ["donor", "auditor"]
    assert "to the auditor (of GOV-A)" in result.notes[1]


# ---- signatures


def test_a_signature_added_since_is_judged_and_the_file_confirmed(
    example: Book, tmp_path: Path, sign: Callable[[bytes], bytes], root: Holder, later_version: None
) -> None:
    pdf = issued(example, tmp_path / "issued")["fr"]
    result = checked(example, sign(pdf), root.pem(tmp_path)[1])
    assert (result.confirmed, result.outcome) == (True, "signed")
    assert result.signatures[0].trusted
    stranger = authority("Another authority").pem(tmp_path)[1]
    result = checked(example, sign(pdf), stranger)
    assert (result.confirmed, result.outcome, result.figures_agree) == (False, "signed", True)


def test_the_file_without_its_signature_is_known_too(
    example: Book, tmp_path: Path, sign: Callable[[bytes], bytes], later_version: None
) -> None:
    pdf = issued(example, tmp_path / "issued", sign)["fr"]
    bare = pdf[: pdf.index(b"%%EOF") + len(b"%%EOF\n")]
    result = checked(example, bare)
    assert (result.confirmed, result.outcome, result.signatures) == (True, "issued", ())
    assert result.notes[0].startswith("This is, byte for byte, the statement that was issued on 2023-03-31")


def test_an_update_that_replaces_a_page_is_told(example: Book, tmp_path: Path, later_version: None) -> None:
    pdf = issued(example, tmp_path / "issued")["en"]
    reader = PdfReader(BytesIO(pdf))
    second = reader.pages[1]
    assert second.indirect_reference is not None
    replaced = altered_pdf.with_objects_appended(
        pdf,
        {second.indirect_reference.idnum: altered_pdf.as_written(reader.pages[2])},
    )
    for forged in (replaced, altered_pdf.with_note_appended(pdf, 2)):
        result = checked(example, forged)
        assert (result.confirmed, result.outcome) == (False, "differs")
        assert "It begins with the statement that was issued" in result.notes[0]
        assert any("more than a signature" in reason for reason in result.reasons)


# ---- without a file in the book


def test_an_issue_without_a_file_is_known_by_its_hash(
    example: Book, tmp_path: Path, sign: Callable[[bytes], bytes], later_version: None
) -> None:
    without_file(example, replace(batch(example), languages=("en",)), tmp_path / "out")
    pdf = (tmp_path / "out" / "GOV-A-en.pdf").read_bytes()
    assert (checked(example, pdf).confirmed, checked(example, pdf).outcome) == (True, "issued")
    assert checked(example, sign(pdf)).outcome == "signed"


def without_file_before(book: Book, folder: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> bytes:
    """A statement that was issued without a file by a program of another layout."""
    with monkeypatch.context() as before:
        before.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + 0.5)
        without_file(book, replace(batch(book), languages=(language,)), folder)
    return (folder / f"GOV-A-{language}.pdf").read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copy_of_another_layout_is_not_called_altered(
    example: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    pdf = without_file_before(example, tmp_path / "out", monkeypatch, language)
    assert checked(example, pdf).confirmed
    copy = altered_pdf.saved_again(pdf)
    result = checked(example, copy)
    assert (result.confirmed, result.outcome, result.figures_agree) == (False, "figures agree", True)
    (reason,) = result.reasons
    assert reason.startswith("Every figure agrees. The drawing is not that of this version of the program")
    assert not any("altered" in each for each in (*result.reasons, *result.notes))
    digits = altered_pdf.digits(copy)
    for place in (digits[0], digits[len(digits) // 3], digits[-1]):
        result = checked(example, altered_pdf.with_digit_changed(copy, place))
        assert (result.confirmed, result.outcome, len(result.differences)) == (False, "differs", 1)
        assert result.reasons == (f"The figures on page {place.page} are not those of the books.",)
    keep_statement(example, Document("found.pdf", pdf), MAKER)
    assert checked(example, copy).outcome == "saved again"
    covered = checked(example, altered_pdf.with_figure_covered(copy, 2))
    assert covered.reasons == ("The file was altered: the words on page 2 agree, the drawing differs.",)


def test_a_trusted_signature_vouches_for_a_drawing_of_another_version(
    example: Book,
    sign: Callable[[bytes], bytes],
    root: Holder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with example.reading() as books, monkeypatch.context() as before:
        before.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + 0.5)
        pdf = sign(render_statement(build_statement(books, "GOV-A", TERM, AsOf.now(books, YEAR_END))))
    assert checked(example, pdf).outcome == "figures agree"
    assert not checked(example, pdf).confirmed
    result = checked(example, pdf, root.pem(tmp_path)[1])
    assert (result.confirmed, result.outcome) == (True, "figures agree")
    assert any("unchanged since" in note and "who is trusted" in note for note in result.notes)
    assert "The books do not know it as issued." in result.notes


def test_a_statement_that_nobody_issued_is_confirmed_and_said_to_be_unknown(example: Book) -> None:
    with example.reading() as books:
        pdf = render_statement(build_statement(books, "GOV-A", TERM, AsOf.now(books, YEAR_END)))
    result = checked(example, pdf)
    assert (result.confirmed, result.outcome, result.issues) == (True, "drawn alike", ())
    assert result.notes == ("The books do not know it as issued.",)
    copy = checked(example, altered_pdf.saved_again(pdf))
    assert (copy.confirmed, copy.outcome) == (True, "saved again")


# ---- forged


def test_a_forgery_with_the_code_of_an_issued_statement_is_compared_with_the_file(
    example: Book, tmp_path: Path, later_version: None
) -> None:
    pdf = issued(example, tmp_path / "issued")["en"]
    with example.reading() as books:
        statement = build_statement(books, "GOV-A", TERM, AsOf(YEAR_END, 82), "en")
        richer = replace(statement, support_cost=replace(statement.support_cost, cents=1))
        forged = render_statement(richer)
    assert forged != pdf
    result = checked(example, forged)
    assert (result.confirmed, result.outcome) == (False, "differs")
    assert any("0.01" in each.paper for each in result.differences)


def test_another_donors_file_is_told_as_what_it_is(example: Book, tmp_path: Path) -> None:
    issue_statements(
        example, batch(example, "GOV-A", "NGO-A"), tmp_path / "out", Issuing(MAKER, MARCH), jobs=1
    )
    with example.reading() as books:
        content = (tmp_path / "out" / "NGO-A-en.pdf").read_bytes()
        result = check_statement(books, Document("GOV-A-en.pdf", content))
    assert result.code is not None
    assert (result.confirmed, result.code.donor) == (True, "NGO-A")
    assert "to the donor NGO-A" in result.notes[0]


def test_an_entry_that_names_another_statement_than_its_file_is_told(example: Book, tmp_path: Path) -> None:
    (file,) = write_statements(example, replace(batch(example), languages=("en",)), tmp_path / "out", jobs=1)
    with example.recording() as journal:
        event = StatementIssued.make(
            on=MARCH,
            statement="GOV-B-2021-2023-20221231-82",
            donor="GOV-B",
            term=TERM,
            language="en",
            starts_on=file.starts_on,
            ends_on=file.ends_on,
            known_at=file.known_at,
            status=file.status,
            paper_sha256=file.sha256,
            verification=file.verification,
            evidence=(attach(journal.books, file.path),),
        )
        journal.record(event, made_by=MAKER)
    result = checked(example, file.path.read_bytes())
    assert (result.confirmed, result.outcome) == (False, "differs")
    assert result.reasons == ("The file says that it is another statement than the one its entry names.",)


def test_a_file_that_was_exchanged_in_the_book_is_no_original(example: Book, tmp_path: Path) -> None:
    pdf = issued(example, tmp_path / "issued")["en"]
    with unsealed(tmp_path / "example.book") as books:
        books.execute("UPDATE evidence SET content = ?", (altered_pdf.with_figure_covered(pdf, 2),))
    assert checked(example, pdf).confirmed  # its hash is in the journal
    with pytest.raises(Tampered, match="was changed in the book"):
        checked(example, altered_pdf.with_figure_covered(pdf, 2))


def test_a_copy_that_programs_read_differently_is_not_confirmed(example: Book, tmp_path: Path) -> None:
    pdf = altered_pdf.saved_again(issued(example, tmp_path / "issued")["en"])
    twice = altered_pdf.with_objects_appended(pdf, {9_000: b"<< >>"})
    assert has_one_reading(pdf)
    assert not has_one_reading(twice)
    result = checked(example, twice)
    assert (result.confirmed, result.outcome, result.figures_agree) == (False, "saved again", True)
    assert "programs may read differently" in result.reasons[0]


def test_an_issued_file_of_a_book_that_was_rewritten_is_of_another_book(
    example: Book, tmp_path: Path
) -> None:
    pdf = issued(example, tmp_path / "issued")["en"]
    with unsealed(tmp_path / "example.book") as books:
        books.execute("UPDATE entry SET hash = replace(hash, substr(hash, 1, 1), 'f') WHERE seq = 82")
    result = checked(example, pdf)
    assert (result.confirmed, result.outcome, result.figures_agree) == (False, "unknown", False)
    assert "The statement is of another book: at entry 82" in result.reasons[0]


# ---- at the command line


def test_the_command_says_what_the_file_is(example: Book, tmp_path: Path, later_version: None) -> None:
    files = issued(example, tmp_path / "issued")
    book, file = str(example.engine.url.database), tmp_path / "came-back.pdf"

    def command(pdf: bytes, *more: str) -> tuple[int, str]:
        file.write_bytes(pdf)
        run = CliRunner(env={"COLUMNS": "200"}).invoke(
            app, ["--book", book, "audit", "statement", str(file), *more]
        )
        return run.exit_code, run.stdout

    code, said = command(files["es"])
    assert code == 0
    assert "This is the file that was issued on 2023-03-31 to the donor GOV-A (entry " in said
    assert said.endswith(": confirmed, every figure.\n")
    code, said = command(files["es"], "--json")
    answer = json.loads(said)
    assert answer.keys() >= {"code", "confirmed", "reasons", "differences", "signatures", "outcome"}
    assert answer["issues"][0]["donor"] == answer["code"]["donor"] == "GOV-A"
    code, said = command(altered_pdf.with_figure_covered(files["es"], 2))
    assert (code, said.splitlines()[-1].endswith(": not confirmed.")) == (1, True)
