"""Interim and certified statements, and periods of all kinds, through the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from donors import LANGUAGES
from ledger import AsOf, Book, PeriodClosed, PeriodReopened, Refused, TermOpened, head, open_months
from mdfm.cli.app import app
from reports import build_statement, render_statement, words_in
from reports.statement.statement import StatementStatus
from reports.words.labels import STATUS
from tests.support.example_demo import Demo
from tests.support.sample_statement import sample_statement
from tests.support.small_books import TERM, tell

NOV, DEC, JAN = date(2021, 11, 1), date(2021, 12, 31), date(2022, 1, 31)

Write = Callable[..., dict[str, str]]


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def close(period: str, on: date, times: int = 1) -> PeriodClosed:
    return PeriodClosed(on=on, period=period, times=times)


# ---- which months are open


def test_a_month_is_closed_by_itself_or_with_its_year_and_open_again_when_reopened(book: Book) -> None:
    with book.reading() as books:
        before = head(books).seq
        assert open_months(books, NOV, JAN) == ["2021-11", "2021-12", "2022-01"]
    tell(book, close("2021-11", DEC))
    with book.reading() as books:
        assert open_months(books, NOV, JAN) == ["2021-12", "2022-01"]
    tell(book, close("2021", JAN))
    with book.reading() as books:
        closed = head(books).seq
        assert open_months(books, NOV, DEC) == []
        assert open_months(books, NOV, JAN, before) == ["2021-11", "2021-12", "2022-01"]
    tell(book, PeriodReopened(on=JAN, period="2021", reason="a late invoice"))
    with book.reading() as books:
        assert open_months(books, NOV, DEC) == ["2021-12"]
        assert open_months(books, NOV, DEC, closed) == []


# ---- the last page


@pytest.mark.parametrize("status", ["interim", "certified"])
@pytest.mark.parametrize("rates", range(0, 24, 2))
def test_who_certifies_stands_on_the_page_of_the_code(status: StatementStatus, rates: int) -> None:
    statement = sample_statement("en")
    told = replace(statement, status=status, rates=statement.rates[:1] * rates)
    (last,) = [page for page in pages(render_statement(told)) if "mdfm-statement-1" in page]
    assert "Certification" in last
    assert f"Verification code: {told.verification}" in last


# ---- what may be certified


def test_only_a_period_whose_months_are_all_closed_is_certified(book: Book) -> None:
    tell(book, close("2021-11", DEC))
    with book.reading() as books:
        known = head(books).seq
        until = AsOf(DEC, known)
        with pytest.raises(
            Refused, match="from 2021-11-01 to 2021-12-31 cannot be certified: 2021-12 is open"
        ):
            build_statement(books, "CITY", TERM, until, certified=True)
        with pytest.raises(Refused, match="2021-12 to 2022-03 are open"):
            build_statement(books, "CITY", TERM, AsOf(date(2022, 3, 1), known), certified=True)
        month = build_statement(books, "CITY", TERM, AsOf(date(2021, 11, 30), known), certified=True)
        assert month.status == "certified"
    tell(book, close("2021", JAN))
    with book.reading() as books:
        now = AsOf.now(books, DEC)
        certified = build_statement(books, "CITY", TERM, now, certified=True)
        interim = build_statement(books, "CITY", TERM, now)
        with pytest.raises(Refused, match="2021-12 is open"):
            build_statement(books, "CITY", TERM, until, certified=True)
    assert (certified.status, interim.status) == ("certified", "interim")
    assert certified.id == interim.id == f"CITY-{TERM}-20211231-{now.known_at}"
    assert certified.verification != interim.verification


def test_the_open_months_are_named_as_spans(book: Book) -> None:
    tell(book, close("2021-11", DEC), close("2022-01", date(2022, 3, 31)))
    with book.reading() as books, pytest.raises(Refused, match="2021-12, 2022-02 to 2022-03 are open"):
        build_statement(books, "CITY", TERM, AsOf.now(books, date(2022, 3, 31)), certified=True)


def test_statements_of_different_periods_have_different_codes(book: Book) -> None:
    with book.reading() as books:
        as_of = AsOf.now(books, JAN)
        whole, part = (build_statement(books, "CITY", TERM, as_of, "en", day) for day in (None, DEC))
    assert whole.id == part.id
    assert whole.verification != part.verification


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_statement_says_what_it_is_on_every_page_and_only_a_certified_one_is_signed(
    book: Book, language: str
) -> None:
    tell(book, close("2021", JAN))
    words = words_in(language)
    with book.reading() as books:
        as_of = AsOf.now(books, DEC)
        drawn = [
            build_statement(books, "CITY", TERM, as_of, language, certified=bit) for bit in (True, False)
        ]
    certified, interim = (pages(render_statement(each)) for each in drawn)
    for printed, status, other in ((certified, "certified", "interim"), (interim, "interim", "certified")):
        footer = f"{drawn[0].id} · {words(STATUS[status])}"
        assert all(footer in page for page in printed)
        assert printed[0].count(words(STATUS[status])) > 1
        assert words(STATUS[other]) not in printed[0]
    signature = words("Certifying officer of the administrative agent")
    assert sum(signature in page for page in certified) == 1
    assert not any(signature in page for page in interim)
    assert any("interim statement. It is not certified" in page for page in interim) == (language == "en")


# ---- periods, as they are asked for


@pytest.fixture
def write(demo: Demo, tmp_path: Path) -> Write:
    """Write a statement of the demo's; what was told of it, and its text."""

    def _write(donor: str, *asked: str, code: int = 0) -> dict[str, str]:
        out = tmp_path / "statement.pdf"
        at = ("--book", str(demo.folder / "mdfm.book"), "statement", "write", donor, "--json")
        done = CliRunner().invoke(app, [*at, "--term", "2021-2023", *asked, "--out", str(out)])
        assert done.exit_code == code, done.output
        if code:
            assert not out.exists()
            return {"said": done.output}
        told: dict[str, str] = json.loads(done.stdout)
        return told | {"said": " ".join(pages(out.read_bytes()))}

    return _write


def test_a_year_of_a_term_is_its_part_of_the_year(write: Write) -> None:
    first = write("BANK-A", "--year", "2021")
    assert "From 1 November 2021 to 31 December 2021" in first["said"]
    assert first["id"].startswith("BANK-A-2021-2023-20211231-")
    second = write("BANK-A", "--year", "2022", "--certified")
    assert "From 1 January 2022 to 31 December 2022" in second["said"]
    assert second["status"] == "certified"
    assert "Certified statement: the accounts" in second["said"]
    last = write("BANK-A", "--year", "2023")
    assert "From 1 January 2023 to 31 October 2023" in last["said"]
    assert last["status"] == "interim"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("--year", "2020"), "choose a year from 2021 to 2023"),
        (("--year", "2022", "--to", "2022-06-30"), "Give --year, or --from and --to, not both."),
        (("--year", "2023", "--certified"), "2023-01 to 2023-10 are open"),
        (("--from", "2022-02-01", "--to", "2022-01-31"), "before it starts on 2022-02-01"),
    ],
)
def test_a_period_that_cannot_be_is_refused_in_a_sentence(
    write: Write, asked: tuple[str, ...], sentence: str
) -> None:
    assert sentence in write("BANK-A", *asked, code=2)["said"]


def test_before_the_first_entry_there_is_a_page_with_sentences(write: Write) -> None:
    said = write("BANK-A", "--from", "2020-01-01", "--to", "2020-12-31")["said"]
    assert "The fund had received no money of this donor for the term by 31 December 2020." in said
    assert "None of the money was used in this period." in said
    assert "The donor has no agreement with the fund." in said


def test_a_span_within_a_term_is_what_was_asked_for(write: Write) -> None:
    said = write("BANK-A", "--from", "2022-01-01", "--to", "2022-06-30")["said"]
    assert "From 1 January 2022 to 30 June 2022" in said
    assert "US$250,000.00 brought forward" in said


def test_of_a_term_that_has_not_begun_there_is_a_page_that_says_so(book: Book) -> None:
    tell(book, TermOpened(on=DEC, code="2023-2025", starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)))
    with book.reading() as books:
        drawn = build_statement(books, "CITY", "2023-2025", AsOf.now(books, JAN), "en")
    first = pages(render_statement(drawn))[0]
    assert "From 31 January 2022 to 31 January 2022" in first
    assert "The term 2023-2025 begins on 1 November 2023." in first


def test_money_that_waits_to_be_used_is_shown_where_it_is_to_go(write: Write) -> None:
    said = write("CITY-B", "--to", "2022-03-31", "--language", "en")["said"]
    assert "Where the money is to go: allocated and not yet used None of the money was used" in said
    assert "By region of the cities that benefit" in said
