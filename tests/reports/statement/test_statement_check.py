"""A statement that comes back is confirmed by the books, or told apart from them to the figure."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import Connection

from ledger import AsOf, BadInput
from mdfm.books import open_at
from mdfm.cli.app import app
from mdfm.example.story import TERM
from reports import Statement, build_statement, check_statement, render_statement
from reports.render.pdf_reading import PAGES_MOST, WORDS_MOST, PdfContent, read_pdf
from reports.render.sandbox import MEMORY_MOST, sandbox
from reports.statement import issuing
from reports.statement.check import code_in
from reports.statement.comparison import (
    DIFFERENCES_MOST,
    StatementComparison,
    TextDifference,
    compare_contents,
    compare_pdfs,
)
from tests.reports.statement.test_two_clocks import YEAR_END
from tests.support import altered_pdf
from tests.support.altered_pdf import Place
from tests.support.effort import effort
from tests.support.example_demo import Demo
from tests.support.sample_statement import sample_statement

NOT_ISSUED = b"%PDF-1.4\nnothing of what a PDF has\n%%EOF\n"


@cache
def issued(language: str = "en") -> bytes:
    return render_statement(sample_statement(language))


@cache
def read(language: str = "en") -> PdfContent:
    return read_pdf(issued(language))


@cache
def places(language: str) -> list[Place]:
    return altered_pdf.digits(issued(language))


@pytest.fixture(scope="module")
def books(demo: Demo) -> Iterator[Connection]:
    book = open_at(str(demo.book))
    with book.reading() as connection:
        yield connection
    book.close()


@pytest.fixture(scope="module")
def statement(books: Connection) -> Statement:
    """The statement of a donor of the example, of which much was used."""
    return build_statement(books, "GOV-A", TERM, AsOf.now(books, YEAR_END))


def assert_named(place: Place, language: str = "en") -> None:
    """That a digit is changed at one place, and only the figure there is reported."""
    altered = read_pdf(altered_pdf.with_digit_changed(issued(language), place))
    (difference,) = (result := compare_contents(altered, read(language))).differences
    assert result.redrawn == ()
    assert difference.page == place.page
    ((said, ours),) = changed(difference)
    assert int(said) == (int(ours) + 1) % 10
    rows = [" ".join(" ".join(row).split()) for row in altered.pages[place.page - 1].rows]
    before = difference.after.removesuffix(" …")
    assert any(row.startswith(before) and difference.paper in row[len(before) :] for row in rows)


def changed(difference: TextDifference) -> list[tuple[str, str]]:
    """The characters of a figure that differ."""
    return [pair for pair in zip(difference.paper, difference.books, strict=True) if pair[0] != pair[1]]


# ---- one figure changed


@pytest.mark.parametrize("page", range(1, len(PdfReader(BytesIO(issued())).pages) + 1))
def test_a_figure_changed_on_any_page_is_named(page: int) -> None:
    on_page = [place for place in places("en") if place.page == page]
    for place in (on_page[0], on_page[len(on_page) // 2], on_page[-1]):
        assert_named(place)


@settings(max_examples=effort(25, 250))
@given(st.data())
def test_any_digit_changed_in_any_language_is_named_with_its_figure(data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(("en", "fr", "es")))
    place = data.draw(st.sampled_from(places(language)))
    assert_named(place, language)


@settings(max_examples=effort(10, 100))
@given(st.sets(st.sampled_from(places("en")), min_size=2, max_size=4))
def test_several_digits_changed_are_all_named(chosen: set[Place]) -> None:
    pdf = issued()
    for place in chosen:
        pdf = altered_pdf.with_digit_changed(pdf, place)
    told = compare_contents(read_pdf(pdf), read()).differences
    assert {difference.page for difference in told} == {place.page for place in chosen}
    assert sum(len(changed(difference)) for difference in told) == len(chosen)


def test_a_figure_is_named_with_the_words_before_it_and_what_the_books_say() -> None:
    pdf = altered_pdf.with_stream_changed(
        issued(), 2, lambda data: data.replace(b"500,000.00", b"900,000.00")
    )
    (difference,) = compare_pdfs(pdf, issued()).differences
    assert (difference.page, difference.paper, difference.books) == (2, "900,000.00", "500,000.00")
    assert difference.after.startswith("A-2020-031 Softly earmarked")


# ---- painted over, saved again, appended to


def test_a_figure_painted_over_with_another_is_noticed() -> None:
    box = b"\nq 1 1 1 rg 400 500 120 20 re f Q BT 1 0 0 1 430 505 Tm /F1+0 8 Tf (9.00) Tj ET\n"
    painted = altered_pdf.with_stream_changed(issued(), 2, lambda data: data + box)
    result = compare_pdfs(painted, issued())
    (difference,) = result.differences
    assert (difference.page, difference.paper, difference.books) == (2, "9.00", "")


@pytest.mark.parametrize(
    ("alter", "appended"),
    [
        (altered_pdf.with_figure_covered, False),
        (altered_pdf.with_note, False),
        (altered_pdf.with_note_appended, True),
    ],
)
def test_what_hides_a_figure_is_noticed_though_every_word_agrees(
    alter: Callable[[bytes, int], bytes], appended: bool
) -> None:
    for page in (1, 3):
        noticed = StatementComparison(same=False, redrawn=(page,), appended=appended)
        assert compare_pdfs(alter(issued(), page), issued()) == noticed


def test_a_typeface_exchanged_is_noticed_on_the_pages_that_use_it() -> None:
    result = compare_pdfs(altered_pdf.with_typefaces_exchanged(issued()), issued())
    assert result.differences == ()
    assert len(result.redrawn) == len(PdfReader(BytesIO(issued())).pages)


def test_pages_copied_into_a_new_file_are_drawn_the_same_and_paint_over_them_is_noticed() -> None:
    copy = altered_pdf.copied_page_by_page(issued())
    assert b"/StructTreeRoot" not in copy
    assert compare_pdfs(copy, issued()) == StatementComparison(same=False)
    covered = altered_pdf.with_figure_covered(copy, 3)
    assert compare_pdfs(covered, issued()).redrawn == (3,)


def test_a_file_that_was_only_saved_again_is_not_confirmed() -> None:
    assert compare_pdfs(altered_pdf.saved_again(issued()), issued()) == StatementComparison(same=False)


def test_pages_that_are_missing_or_too_many_are_reported() -> None:
    other = render_statement(sample_statement(activities=30))
    result = compare_pdfs(issued(), other)
    assert not result.same
    assert {difference.page for difference in result.differences} >= {7, 8}
    assert any(difference.paper == "" and difference.books.endswith("…") for difference in result.differences)


def test_another_document_altogether_is_reported_within_bounds() -> None:
    result = compare_pdfs(issued("fr"), issued("es"))
    assert len(result.differences) == DIFFERENCES_MOST


# ---- against the books


@pytest.mark.parametrize("certified", [False, True])
def test_a_statement_of_the_books_is_confirmed(books: Connection, tmp_path: Path, certified: bool) -> None:
    of_the_year = build_statement(
        books, "GOV-A", TERM, AsOf.now(books, YEAR_END), "es", date(2022, 1, 1), certified=certified
    )
    checked = check_statement(books, _file(tmp_path, render_statement(of_the_year)))
    assert (checked.confirmed, checked.reasons, checked.differences) == (True, (), ())
    assert checked.code is not None
    assert (checked.code.id, checked.code.status) == (of_the_year.id, of_the_year.status)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (
            lambda told: replace(told, donor="NOBODY"),
            "The books have no such statement: There is no donor 'NOBODY'",
        ),
        (
            lambda told: replace(told, seal=replace(told.seal, known_at=9_999)),
            "it knows entry 9,999, and this book ends with entry",
        ),
        (
            lambda told: replace(told, seal=replace(told.seal, head="ab" * 32)),
            "The statement is of another book: at entry",
        ),
    ],
    ids=["donor", "entry", "head"],
)
def test_a_statement_of_other_books_is_not_confirmed(
    books: Connection,
    statement: Statement,
    tmp_path: Path,
    changed: Callable[[Statement], Statement],
    reason: str,
) -> None:
    checked = check_statement(books, _file(tmp_path, render_statement(changed(statement))))
    assert not checked.confirmed
    assert reason in checked.reasons[0]


def test_a_figure_invented_by_whoever_wrote_the_pdf_is_named(
    books: Connection, statement: Statement, tmp_path: Path
) -> None:
    more = replace(statement, support_cost=replace(statement.support_cost, cents=1))
    checked = check_statement(books, _file(tmp_path, render_statement(more)))
    (difference,) = checked.differences
    assert "0,01" in difference.paper
    assert checked.reasons == (f"The figures on page {difference.page} are not those of the books.",)
    assert (checked.outcome, checked.figures_agree) == ("differs", False)


# ---- at the command line


def test_the_command_names_the_figure_and_answers_no(
    demo: Demo, statement: Statement, tmp_path: Path
) -> None:
    pdf = render_statement(statement)
    place = next(place for place in altered_pdf.digits(pdf) if place.page == 3)
    file = _file(tmp_path, altered_pdf.with_digit_changed(pdf, place))
    result = CliRunner(env={"COLUMNS": "200"}).invoke(
        app, ["--book", str(demo.book), "audit", "statement", str(file)]
    )
    assert result.exit_code == 1
    assert "The figures on page 3 are not those of the books." in result.output
    assert f"{statement.id}, head {statement.seal.head}: not confirmed." in result.output


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read as a PDF"),
        (NOT_ISSUED, "cannot be read as a PDF"),
        (issued()[:4_000], "cannot be read as a PDF"),
        (altered_pdf.encrypted(issued()), "The PDF is encrypted"),
        (altered_pdf.blank(pages=1), "has no statement's code"),
        (altered_pdf.blank(pages=PAGES_MOST + 1), "has more than 1,000 pages"),
        (altered_pdf.wordy(WORDS_MOST + 1), "has more than 4,000 words"),
    ],
    ids=["empty", "hollow", "cut", "encrypted", "blank", "long", "wordy"],
)
def test_a_file_that_is_no_readable_statement_is_bad_input(content: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        code_in(content)


def test_a_file_made_to_keep_its_reader_busy_is_bad_input() -> None:
    with sandbox() as run, pytest.raises(BadInput, match="has more than 100 forms"):
        run(code_in, altered_pdf.endless())


def test_a_reader_that_does_not_end_is_given_up() -> None:
    with sandbox(2) as run, pytest.raises(BadInput, match="kept its reader busy for 2 seconds"):
        run(time.sleep, 3_600)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems may not limit a process's memory")
def test_a_file_made_to_eat_all_memory_is_stopped() -> None:
    with sandbox() as run, pytest.raises(MemoryError):
        run(bytearray, 2 * MEMORY_MOST)


def test_a_file_too_large_for_a_statement_is_not_read(
    books: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "BYTES_MOST", 1_000)
    with pytest.raises(BadInput, match=r"has more than 1,000 bytes: no statement has\."):
        check_statement(books, _file(tmp_path, issued()))


def test_the_command_refuses_what_is_no_statement(demo: Demo) -> None:
    file = demo.folder / "trial-balance.pdf"
    result = CliRunner().invoke(app, ["--book", str(demo.book), "audit", "statement", str(file)])
    assert result.exit_code == 2
    assert result.stderr.startswith("The PDF has no statement's code")


def _file(folder: Path, content: bytes) -> Path:
    file = folder / "statement.pdf"
    file.write_bytes(content)
    return file
