"""Tables of rates: the UN Treasury's as it is published, and our own; made-up values."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from ledger import BadInput, Book, SheetProblems, read_rates
from mdfm.cli.app import app
from tests.support.small_books import CHECKER, MAKER, file_of

NOV = date(2026, 11, 1)
OWN = "effective_on,currency,rate,source\n"
HEADER = ("Country", "Currency", "Abbreviation", "Effective date", "Rate")
EXAMPLE = (
    HEADER,
    ("Exampleland", "Euro", "EUR", "01 Nov 2026", "0.870"),
    ("Another land", "Euro", "EUR", "01 Nov 2026", "0.87"),
    ("Third land", "Won", "KRW", "01 Nov 2026", "1,187.50"),
    ("Fourth land", "Old shells", "XSH", "01 Nov 2026", "3"),
    ("United States", "US Dollar", "USD", "01 Nov 2026", "1"),
    ("Fifth land", "Yen", "JPY", "15-Nov-26", "150"),
)
SAID = [(NOV, {"EUR": "0.87", "KRW": "1187.5"}), (date(2026, 11, 15), {"JPY": "150"})]
"""What the example says."""


def said(path: Path) -> list[tuple[date, dict[str, str]]]:
    return [(each.on, each.rates) for each in read_rates(path).published]


def csv_of(rows: tuple[tuple[str, ...], ...], delimiter: str = ",") -> str:
    return "".join(delimiter.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)


def written(folder: Path, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "un-example.csv"
    path.write_bytes(content.encode(encoding))
    return path


# ---- the published table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_published_table_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    table = read_rates(written(tmp_path, csv_of(EXAMPLE, delimiter), encoding))
    assert [(each.on, each.rates) for each in table.published] == SAID
    assert table.unknown == ("XSH",)
    assert {each.source for each in table.published} == {
        "UN Treasury, operational rates of exchange (un-example.csv)"
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_titles_above_and_notes_below_are_passed_over(tmp_path: Path, delimiter: str) -> None:
    titles = "UN Operational Rates of Exchange, example\n\n"
    notes = '\n"For internal record-keeping, and no other use"\n'
    assert said(written(tmp_path, titles + csv_of(EXAMPLE, delimiter) + notes)) == SAID


def test_the_published_workbook_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["UN Operational Rates of Exchange, example"])
    book.active.append([])
    book.active.append(HEADER)
    for country, name, code, on, rate in EXAMPLE[1:]:
        day = datetime(2026, 11, 15 if on.startswith("15") else 1)  # noqa: DTZ001 - as Excel has it
        book.active.append([country, name, code, day, float(rate.replace(",", ""))])
    book.save(tmp_path / "rates.xlsx")
    assert said(tmp_path / "rates.xlsx") == SAID


def test_columns_may_be_called_otherwise_and_stand_elsewhere(tmp_path: Path) -> None:
    told = "RATE,Effective_Date,ISO abbreviation,remark\n0.87,2026-11-01,eur,x\n"
    assert said(written(tmp_path, told)) == [(NOV, {"EUR": "0.87"})]


@pytest.mark.parametrize(
    ("day", "on"),
    [
        ("1 November 2026", NOV),
        ("01-Nov-26", NOV),
        ("01 nov 2026", NOV),
        ("30-Sept-2026", date(2026, 9, 30)),
        ("2026-11-01", NOV),
        ("01/11/2026", None),
        ("31 Nov 2026", None),
        ("01 Nox 2026", None),
        ("01 Marx 2026", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_one_way_or_refused(tmp_path: Path, day: str, on: date | None) -> None:
    path = written(tmp_path, csv_of((HEADER, ("x", "Euro", "EUR", day, "0.87"))))
    if on is None:
        with pytest.raises(
            SheetProblems, match="row 2, effective_on: write the date as YYYY-MM-DD, or like 01 Nov"
        ):
            read_rates(path)
    else:
        assert said(path) == [(on, {"EUR": "0.87"})]


@pytest.mark.parametrize(
    ("written_as", "rate"),
    [
        ("0.8700", "0.87"),
        ("0,870", "0.87"),
        ("1187", "1187"),
        ("1,187.5", "1187.5"),
        ("1 187,50", "1187.5"),
        ("16.250,75", "16250.75"),
        ("16 250 000", "16250000"),
        ("1187,500", "1187.5"),
        ("00.5", "0.5"),
        ("1,187", None),
        ("1,18,7", None),
        ("0", None),
        ("0.000", None),
        ("-0.87", None),
        ("1e3", None),
        ("n/a", None),
        ("", None),
    ],
)
def test_a_rate_is_read_in_one_way_or_refused(tmp_path: Path, written_as: str, rate: str | None) -> None:
    path = written(tmp_path, csv_of((HEADER, ("x", "Euro", "EUR", "01 Nov 2026", written_as))))
    if rate is None:
        with pytest.raises(
            SheetProblems, match="row 2, rate: '.*' is not a rate for EUR: write a positive number"
        ):
            read_rates(path)
    else:
        assert said(path) == [(NOV, {"EUR": rate})]


def test_decimal_commas_beside_decimal_points_are_refused(tmp_path: Path) -> None:
    rows = (
        HEADER,
        ("x", "Euro", "EUR", "01 Nov 2026", "0,87"),
        ("x", "Won", "KRW", "01 Nov 2026", "1187"),
        ("x", "Rupiah", "IDR", "01 Nov 2026", "16.250"),
        ("x", "Yen", "JPY", "01 Nov 2026", "150.25"),
    )
    with pytest.raises(SheetProblems) as told:
        read_rates(written(tmp_path, csv_of(rows)))
    (problem,) = told.value.problems
    assert (problem.row, problem.what) == (
        4,
        "it has a decimal point and row 2 a decimal comma: write all in one way",
    )
    assert said(written(tmp_path, csv_of(rows[:3]))) == [(NOV, {"EUR": "0.87", "KRW": "1187"})]


def test_two_rates_for_one_currency_and_day_name_both_rows(tmp_path: Path) -> None:
    rows = (*EXAMPLE, ("Sixth land", "Euro", "EUR", "01 Nov 2026", "0.88"))
    both = "row 8, rate: EUR stands twice for 2026-11-01, with 0.88 here and 0.87 in row 2: keep the one"
    with pytest.raises(SheetProblems, match=both):
        read_rates(written(tmp_path, csv_of(rows)))


def test_a_dollar_that_costs_no_dollar_is_another_table(tmp_path: Path) -> None:
    rows = (HEADER, ("x", "US Dollar", "USD", "01 Nov 2026", "1.15"))
    with pytest.raises(SheetProblems, match="a US dollar costs 1.15 US dollars here"):
        read_rates(written(tmp_path, csv_of(rows)))


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    rows = (
        HEADER,
        ("x", "Euro", "EUR", "yesterday", "none"),
        ("x", "Won", "KRW", "01 Nov 2026", ""),
        ("x", "Yen", "JPY", "01 Nov 2026", "150", "7"),
    )
    with pytest.raises(SheetProblems) as told:
        read_rates(written(tmp_path, csv_of(rows)))
    assert [(each.row, each.column) for each in told.value.problems] == [
        (2, "effective_on"),
        (2, "rate"),
        (3, "rate"),
        (4, ""),
    ]


@pytest.mark.parametrize(
    "content",
    ["", "no table at all\n", "country,currency,rate\nx,EUR,1\n", "\n" * 40 + csv_of(EXAMPLE)],
)
def test_what_is_no_table_of_rates_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput, match="is no table of rates: it needs the columns effective_on, currency"):
        read_rates(written(tmp_path, content))


# ---- our own table


def test_our_own_table_is_read_by_date(tmp_path: Path) -> None:
    content = OWN + "2022-02-01,EUR,0.9,b\n2022-01-01,KRW,1187.5,a\n2022-01-01,EUR,0.884,a\n"
    january, february = read_rates(written(tmp_path, content)).published
    assert (january.on, january.rates) == (date(2022, 1, 1), {"EUR": "0.884", "KRW": "1187.5"})
    assert (february.on, february.rates, february.source) == (date(2022, 2, 1), {"EUR": "0.9"}, "b")
    assert {each.source for each in read_rates(tmp_path / "un-example.csv", "by hand").published} == {
        "by hand"
    }


def test_our_own_table_may_tell_the_same_twice(tmp_path: Path) -> None:
    assert said(written(tmp_path, OWN + "2022-01-01,EUR,1.0,x\n2022-01-01,EUR,1,x\n")) == [
        (date(2022, 1, 1), {"EUR": "1"})
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (OWN, "has no rates: it needs a header row and"),
        ("effective_on,currency,rate\n2022-01-01,EUR,1\n", "the column 'source' is missing"),
        (OWN + "1/1/2022,EUR,1,x\n", "row 2, effective_on: write the date as"),
        (OWN + "2022-01-01,EUR,1,x\n2022-01-01,EUR,2,x\n", "row 3, rate: EUR stands twice"),
        (OWN + "2022-01-01,EUR,,x\n", "'' is not a rate for EUR"),
        (OWN + "2022-01-01,EUR,1,\n", "source: String should have at least 1"),
        (OWN + "2022-01-01,EURO,1,x\n", "'EURO' is not a currency"),
        (OWN + "2022-01-01,USD,1,x\n", "leave USD out"),
        (OWN + "2022-01-01,EUR,1,187,x\n", "row 2: it has more cells than the header row, which has 4"),
    ],
)
def test_a_table_that_cannot_be_used_says_where(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        read_rates(written(tmp_path, content))


def test_a_table_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="none.csv cannot be read"):
        read_rates(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="is not text in UTF-8"):
        read_rates(written(tmp_path, OWN + "2022-01-01,EUR,1,\xe9\n", "latin-1"))
    book = Workbook()
    book.active.append(HEADER)
    book.active.append(["x", "Euro", "EUR", "01 Nov 2026", "=1/2"])
    book.save(tmp_path / "formula.xlsx")
    with pytest.raises(SheetProblems, match="row 2: cell E2 holds a formula"):
        read_rates(tmp_path / "formula.xlsx")


# ---- at the command line

Desk = Callable[..., Result]


@pytest.fixture
def desk(book: Book) -> Desk:
    def does(*words: object, by: str = MAKER) -> Result:
        told = [str(word) for word in words]
        result = CliRunner(env={"MDFM_BY": by}).invoke(app, ["--book", file_of(book), *told])
        assert result.exit_code == 0, result.output
        return result

    return does


def test_reading_the_same_table_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = written(tmp_path, csv_of(EXAMPLE))
    first = desk("rate", "import", path)
    assert "Left out, for they are no ISO 4217 currencies: XSH." in first.stderr
    waiting = json.loads(desk("proposal", "list", "--json").stdout)
    desk("rate", "import", path)
    assert json.loads(desk("proposal", "list", "--json").stdout) == waiting
    desk("proposal", "approve", *(each["id"] for each in waiting), by=CHECKER)
    before = json.loads(desk("entry", "list", "--json").stdout)
    again = desk("rate", "import", path, "--json")
    assert json.loads(again.stdout) == []
    assert f"Every rate in {path} is in the book already: nothing changes." in again.stderr
    assert json.loads(desk("entry", "list", "--json").stdout) == before


def test_the_book_says_what_applies_and_which_months_it_lacks(desk: Desk, tmp_path: Path) -> None:
    """The book has November and December 2021."""
    path = written(tmp_path, csv_of((HEADER, ("x", "Euro", "EUR", "01-Mar-22", "0.9"))))
    told = desk("rate", "import", path, "--source", "example").stderr
    assert f"There are no rates for 2022-01, 2022-02, between what the book has and what {path}" in told
    desk("proposal", "approve", 1, by=CHECKER)
    (euro,) = json.loads(desk("rate", "list", "--currency", "eur", "--to", "2022-03-31", "--json").stdout)
    assert euro == {
        "currency": "EUR",
        "rate": "0.9",
        "effective_on": "2022-03-01",
        "source": "example",
        "missing": ["2022-01", "2022-02"],
        "instead_of": "",
    }
    drawn = desk("rate", "list", "--to", "2022-03-31").stdout
    assert "KRW" in drawn
    assert "2022-01, 2022-02, 2022-03" in drawn
