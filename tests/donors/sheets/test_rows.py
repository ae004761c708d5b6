"""Spreadsheets: what people write in rows becomes events, or problems that name file, row and column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import donors
from donors import (
    AGREEMENT_SHEET,
    CONTRIBUTION_SHEET,
    DONOR_SHEET,
    AgreementSigned,
    ContributionReceived,
    DonorRegistered,
    EventSheet,
    Instalment,
    RowEvent,
    read_events,
)
from donors.sheets.rows import MOST_PROBLEMS
from ledger import Amount, BadInput, RowProblem, SheetProblems, evidence_of, write_template
from tests.support.place import ROOT

SHEETS = [each for each in vars(donors).values() if isinstance(each, EventSheet)]
DOCUMENT = ROOT / "docs" / "spreadsheets.md"
GIFT = {
    "reference": "G-1",
    "bank_account": "BANK-EUR",
    "received_on": "2022-03-14",
    "amount": "1,500.00",
    "currency": "EUR",
    "donor": "NGO",
    "term": "2021-2023",
}
SIGNED = {
    "code": "A-1",
    "donor": "GOV",
    "term": "2021-2023",
    "amount": "120 000",
    "currency": "EUR",
    "signed_on": "31.01.2022",
    "starts_on": "2022-02-01",
    "ends_on": "31/10/2023",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes rows as a CSV file: the header is the fields of the first row."""

    def written(*rows: dict[str, str]) -> Path:
        path = tmp_path / "rows.csv"
        lines = [list(rows[0]), *(list(row.values()) for row in rows)]
        path.write_text("\n".join(";".join(_quoted(cell) for cell in line) for line in lines), "utf-8")
        return path

    return written


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def only(rows: Sequence[RowEvent]) -> Any:
    (row,) = rows
    return row.event


def problems_of(path: Path, sheet: EventSheet) -> list[RowProblem]:
    with pytest.raises(SheetProblems) as told:
        read_events(path, sheet)
    assert told.value.path == path
    return list(told.value.problems)


def said(path: Path, sheet: EventSheet, column: str) -> str:
    """What is said of the one problem of a file, which must be about a column of its second row."""
    ((row, about, what),) = problems_of(path, sheet)
    assert (row, about) == (2, column)
    return str(what)


# ---- templates


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.noun)
def test_the_example_row_of_every_template_is_valid_input(
    sheet: EventSheet, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"template{suffix}"
    write_template(path, sheet.columns)
    assert {each.row for each in read_events(path, sheet)} == {2}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.noun)
def test_every_column_is_explained_in_a_sentence(sheet: EventSheet) -> None:
    for column in sheet.columns:
        assert column.what.endswith(".")
        assert column.example or not column.required


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.noun)
def test_every_renamed_field_has_its_column(sheet: EventSheet) -> None:
    assert set(sheet.named.values()) <= {column.name for column in sheet.columns}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.noun)
def test_the_document_has_the_columns(sheet: EventSheet) -> None:
    assert f"### {sheet.noun}\n\n{columns_table(sheet)}\n" in DOCUMENT.read_text("utf-8")


def columns_table(sheet: EventSheet) -> str:
    """The columns of a sheet as the document has them."""
    rows = [
        (
            f"`{each.name}`",
            "yes" if each.required else "",
            each.what,
            f"`{each.example}`" if each.example else "",
        )
        for each in sheet.columns
    ]
    head = [("column", "required", "what goes in", "example"), ("---",) * 4]
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in [*head, *rows])


# ---- rows become events


def test_a_gift_is_read(write: Write) -> None:
    path = write(GIFT)
    ((row, event),) = read_events(path, CONTRIBUTION_SHEET)
    assert row == 2
    assert event == ContributionReceived(
        on=date(2022, 3, 14),
        reference="G-1",
        bank_account="BANK-EUR",
        amount=Amount(currency="EUR", minor=1500_00),
        donor="NGO",
        term="2021-2023",
        evidence=(evidence_of(path),),
    )


def test_a_contribution_under_an_agreement_is_read(write: Write) -> None:
    row = {name: cell for name, cell in GIFT.items() if name not in ("donor", "term")}
    assert only(read_events(write(row | {"agreement": "A-1"}), CONTRIBUTION_SHEET)).agreement == "A-1"


def test_an_agreement_is_read_with_its_instalments_and_earmark(write: Write) -> None:
    row = SIGNED | {
        "instalments": "2022-03-01 60 000; 01.09.2022 EUR 60,000.00 if the report is accepted",
        "offers": "O-1; O-2",
        "pledge": "P-1",
        "earmark_work_areas": "1; 2",
        "earmark_regions": "Arab States;Africa",
        "earmark_countries": "KEN",
        "earmark_low_income": "No",
        "earmark_ldc": "YES",
    }
    made = only(read_events(write(row), AGREEMENT_SHEET))
    assert isinstance(made, AgreementSigned)
    assert made.instalments == (
        Instalment(due_on=date(2022, 3, 1), minor=60_000_00),
        Instalment(due_on=date(2022, 9, 1), minor=60_000_00, condition="the report is accepted"),
    )
    assert (made.offers, made.pledge) == (("O-1", "O-2"), "P-1")
    assert made.earmark.model_dump() == {
        "work_areas": (1, 2),
        "clusters": (),
        "activities": (),
        "regions": ("Arab States", "Africa"),
        "countries": ("KEN",),
        "income_groups": (),
        "ldc": True,
    }
    assert (made.on, made.ends_on) == (date(2022, 1, 31), date(2023, 10, 31))


def test_a_donor_is_read_whatever_the_case_of_its_words(write: Write) -> None:
    row = {
        "code": "C",
        "name": "Fès\nMédina",
        "type": "City",
        "registered_on": "2021-11-15",
        "subtype": "MUNICIPALITY",
        "country": "MAR",
    }
    made = only(read_events(write(row), DONOR_SHEET))
    assert isinstance(made, DonorRegistered)
    assert (made.type, made.subtype, made.name, made.language) == ("city", "municipality", "Fès Médina", "en")


def test_an_excel_workbook_says_the_same_as_a_csv_file(write: Write, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(GIFT))
    book.active.append([*list(GIFT.values())[:2], date(2022, 3, 14), 1500, *list(GIFT.values())[4:]])
    book.save(tmp_path / "gifts.xlsx")
    in_excel = only(read_events(tmp_path / "gifts.xlsx", CONTRIBUTION_SHEET))
    as_csv = only(read_events(write(GIFT), CONTRIBUTION_SHEET))
    assert in_excel.model_dump(exclude={"evidence"}) == as_csv.model_dump(exclude={"evidence"})


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("$50,000", "USD", 50_000_00),
        ("$ 50 000", "USD", 50_000_00),
        ("$50 000", "usd", 50_000_00),
        ("1.234,56", "EUR", 1234_56),
        ("1 234,56", "EUR", 1234_56),
        ("1234,5", "EUR", 1234_50),
        ("EUR 1,234.50", "", 1234_50),
        ("1 234,50 eur", "", 1234_50),
        ("EUR 7", "EUR", 7_00),
        ("5 000 000", "KRW", 5_000_000),
    ],
)
def test_amounts_are_read_as_people_write_them(write: Write, amount: str, currency: str, minor: int) -> None:
    event = only(read_events(write(GIFT | {"amount": amount, "currency": currency}), CONTRIBUTION_SHEET))
    assert event.amount.minor == minor
    assert event.amount.currency == (currency.upper() or "EUR")


@pytest.mark.parametrize("day", ["2022-03-14", "14.03.2022", "14/03/2022", "14.3.2022", "14-03-2022"])
def test_days_are_read_where_they_are_one_day(write: Write, day: str) -> None:
    assert only(read_events(write(GIFT | {"received_on": day}), CONTRIBUTION_SHEET)).on == date(2022, 3, 14)


# ---- problems


@pytest.mark.parametrize(
    "day", ["03/04/2022", "04/13/2022", "2022-02-30", "31.02.2022", "03-04-2022", "14/03.2022", "tomorrow"]
)
def test_a_day_that_could_be_two_or_none_is_a_problem(write: Write, day: str) -> None:
    what = said(write(GIFT | {"received_on": day}), CONTRIBUTION_SHEET, "received_on")
    assert day in what
    assert "write it as YYYY-MM-DD" in what


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1.234", "EUR"),
        ("1,234", "BHD"),
        ("$1,000,00", "USD"),
        ("1.5", "KRW"),
        ("-5", "EUR"),
        ("€ 5", "USD"),
        ("GBP 5", "EUR"),
        ("5", "EURO"),
        ("5", ""),
    ],
)
def test_an_amount_that_is_not_sure_is_a_problem(write: Write, amount: str, currency: str) -> None:
    path = write(GIFT | {"amount": amount, "currency": currency})
    assert said(path, CONTRIBUTION_SHEET, "amount")


@pytest.mark.parametrize("name", ["=1+1", "+4", "-4", "@SUM(A1)", "bell\a", "left\N{RIGHT-TO-LEFT OVERRIDE}"])
def test_what_is_no_plain_text_is_a_problem(write: Write, name: str) -> None:
    row = {"code": "C", "name": name, "type": "city", "registered_on": "2021-11-15"}
    assert said(write(row), DONOR_SHEET, "name").startswith("it ")


@pytest.mark.parametrize(
    ("sheet", "row", "column", "cell", "what"),
    [
        (CONTRIBUTION_SHEET, GIFT, "reference", "", "it is empty: fill it in"),
        (CONTRIBUTION_SHEET, GIFT, "received_on", "", "it is empty: fill it in"),
        (CONTRIBUTION_SHEET, GIFT, "reference", "no code", "is not a code"),
        (CONTRIBUTION_SHEET, GIFT, "amount", "0", "it must be more than zero"),
        (CONTRIBUTION_SHEET, GIFT, "donor", "", "the donor and the term of a gift"),
        (AGREEMENT_SHEET, SIGNED, "earmark_regions", "Afrika", "Input should be 'Africa'"),
        (AGREEMENT_SHEET, SIGNED, "earmark_countries", "KEN;XYZ", "XYZ"),
        (AGREEMENT_SHEET, SIGNED, "earmark_work_areas", "one", "valid integer"),
        (AGREEMENT_SHEET, SIGNED, "earmark_ldc", "perhaps", "'perhaps' is neither yes nor no: write one"),
        (AGREEMENT_SHEET, SIGNED, "instalments", "2022-03-01", "is not a day and an amount"),
        (AGREEMENT_SHEET, SIGNED, "instalments", "01/02/2022 120000", "write it as YYYY-MM-DD"),
        (AGREEMENT_SHEET, SIGNED, "instalments", "2022-03-01 much", "is not an amount of EUR"),
        (AGREEMENT_SHEET, SIGNED, "instalments", "2022-03-01 USD 120000", "is not an amount of EUR"),
        (AGREEMENT_SHEET, SIGNED, "ends_on", "2022-01-01", "must not end before it starts"),
        (AGREEMENT_SHEET, SIGNED, "instalments", "2022-03-01 5", "the instalments add up to 5.00 EUR"),
    ],
)
def test_a_problem_is_reported_with_its_column(
    write: Write, sheet: EventSheet, row: dict[str, str], column: str, cell: str, what: str
) -> None:
    ((number, about, told),) = problems_of(write(row | {column: cell}), sheet)
    assert number == 2
    assert about in (column, "")  # a rule over several columns is about the row
    assert what in told


def test_a_model_error_names_its_column(write: Write) -> None:
    row = {"code": "C", "name": "x" * 301, "type": "city", "registered_on": "2021-11-15", "country": "XYZ"}
    assert [column for _, column, _ in problems_of(write(row), DONOR_SHEET)] == ["name", "country"]


def test_all_problems_of_a_file_are_reported_at_once(write: Write) -> None:
    path = write(
        GIFT | {"received_on": "03/04/2022", "amount": "ten"},
        GIFT | {"reference": "G-2"},
        GIFT | {"reference": "G-3", "bank_account": "", "term": ""},
    )
    assert [(row, column) for row, column, _ in problems_of(path, CONTRIBUTION_SHEET)] == [
        (2, "received_on"),
        (2, "amount"),
        (4, "bank_account"),
    ]
    with pytest.raises(SheetProblems) as told:
        read_events(path, CONTRIBUTION_SHEET)
    assert str(told.value).splitlines()[0] == f"{path}: 3 problems."
    assert f"{path}, row 4, bank_account: it is empty: fill it in." in str(told.value)


def test_a_row_that_is_there_twice_names_both_rows(write: Write) -> None:
    path = write(GIFT, GIFT | {"reference": "G-2"}, GIFT | {"amount": "7"})
    ((row, _, what),) = problems_of(path, CONTRIBUTION_SHEET)
    assert row == 4
    assert "row 2" in what


def test_what_is_wrong_with_the_file_itself_is_reported_with_the_rest(write: Write) -> None:
    path = write(GIFT | {"amount": "ten"}, GIFT | {"reference": "G-2"})
    path.write_text(path.read_text("utf-8") + "\na;b\n", "utf-8")
    assert [row for row, *_ in problems_of(path, CONTRIBUTION_SHEET)] == [2, 4]


def test_a_file_without_rows_is_refused(write: Write) -> None:
    with pytest.raises(BadInput, match="nothing to import"):
        read_events(write(dict.fromkeys(GIFT, "")), CONTRIBUTION_SHEET)


def test_reading_stops_where_everything_is_wrong(write: Write) -> None:
    path = write(*[GIFT | {"reference": f"G-{n}", "amount": "?"} for n in range(MOST_PROBLEMS + 500)])
    told = problems_of(path, CONTRIBUTION_SHEET)
    assert len(told) == MOST_PROBLEMS + 1
    assert "reading stopped here" in told[-1][2]


def test_reading_reports_its_progress(write: Write) -> None:
    seen: list[int] = []
    rows = [GIFT | {"reference": f"G-{number}"} for number in range(2500)]
    read_events(write(*rows), CONTRIBUTION_SHEET, seen.append)
    assert seen == [1000, 2000]


def test_problems_are_kept_as_data(write: Write) -> None:
    with pytest.raises(SheetProblems) as told:
        read_events(write(GIFT | {"amount": ""}), CONTRIBUTION_SHEET)
    assert told.value.problems == (RowProblem(2, "amount", "it is empty: fill it in"),)
