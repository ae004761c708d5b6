"""`mdfm report`: every report printed, as data, and written as its file's name asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from ledger import Book
from mdfm.cli.app import app
from tests.support.small_books import file_of

REPORTS = {
    "annual": ("--term", "2021-2023", "--year", "2021"),
    "term": ("--term", "2021-2023", "--to", "2021-12-31"),
    "ageing": ("--term", "2021-2023", "--to", "2021-12-31"),
    "cash": ("--to", "2021-12-31"),
    "earmarking": ("--term", "2021-2023", "--to", "2021-12-31"),
    "trial-balance": ("--term", "2021-2023", "--to", "2021-12-31"),
    "overview": ("--term", "2021-2023", "--to", "2021-12-31"),
}


@pytest.fixture(autouse=True)
def _lists_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small book's plan was approved on a day for which no lists of countries are recorded."""
    monkeypatch.setattr("reports.fund.term_report.markers", lambda *_: (lambda _city: False,) * 3)


def call(book: Book, *words: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, ["--book", file_of(book), "report", *words])


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_printed_or_given_as_data(played_once: Book, name: str) -> None:
    printed = call(played_once, name, *REPORTS[name])
    assert printed.exit_code == 0, printed.output
    assert "head " in printed.output
    told = json.loads(call(played_once, name, *REPORTS[name], "--json").stdout)
    assert told


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("suffix", [".pdf", ".xlsx", ".csv"])
def test_a_report_is_written_as_its_name_asks(
    played_once: Book, name: str, suffix: str, tmp_path: Path
) -> None:
    out = tmp_path / f"{name}{suffix}"
    done = call(played_once, name, *REPORTS[name], "--out", str(out))
    assert done.exit_code == 0, done.output
    if suffix == ".pdf":
        assert out.read_bytes().startswith(b"%PDF-")
    elif suffix == ".xlsx":
        assert "About this report" in load_workbook(out).sheetnames
    elif out.exists():
        assert name in {"earmarking", "trial-balance"}
    else:
        assert (tmp_path / name / "about.csv").exists()
        assert f"{len(list((tmp_path / name).iterdir()))} tables are in" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("annual", "--term", "2021-2023", "--year", "2030"), "The year 2030 is outside the term 2021-2023"),
        (
            ("annual", "--term", "2021-2023", "--from", "2022-02-01", "--to", "2022-01-01"),
            "The report would end on 2022-01-01, before it begins on 2022-02-01.",
        ),
        (
            ("annual", "--term", "2021-2023", "--year", "2022", "--to", "2022-06-30"),
            "Give --year, or --from and --to, not both.",
        ),
        (("annual", "--term", "1999-2001", "--year", "2000"), "There is no term '1999-2001' in this book."),
        (("term", "--term", "1999-2001"), "There is no term '1999-2001' in this book."),
        (("ageing", "--term", "1999-2001"), "There is no term '1999-2001' in this book."),
        (("cash", "--term", "1999-2001"), "There is no term '1999-2001' in this book."),
        (
            ("cash", "--to", "2021-12-31", "--out", "cash.docx"),
            "A report is not written as cash.docx: let it end in .pdf, .xlsx, .csv.",
        ),
        (("annual", "--term", "2021-2023", "--year", "2021", "--known-at", "99999"), "99999"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(played_once: Book, words: tuple[str, ...], sentence: str) -> None:
    done = call(played_once, *words)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_a_period_before_the_first_entry_is_a_report_of_zeros_with_a_sentence(book: Book) -> None:
    done = call(book, "annual", "--term", "2021-2023", "--year", "2021")
    assert done.exit_code == 0
    assert "The books of this term have no entry up to this day: every figure is zero." in done.stderr
    assert "Closing balance" in done.stdout
