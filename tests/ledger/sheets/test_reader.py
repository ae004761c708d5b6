"""Sheets: what is read of CSV files and workbooks, what is refused of them, and with which words."""

from __future__ import annotations

import csv
import tracemalloc
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from ledger import BadInput, RowProblem, SheetColumn, SheetProblems, read_sheet, write_template
from ledger.sheets.reader import read_rows

COLUMNS = (
    SheetColumn("donor", "The code of who gave it.", "CITY"),
    SheetColumn("amount", "How much arrived.", "1,500.00"),
    SheetColumn("note", "Anything else.", "by post; twice", required=False),
)
HEADER = "donor,amount,note\n"


def rows(path: Path, **limits: int) -> list[tuple[int, str, str, str]]:
    """The rows as number, donor, amount and note."""
    found = read_sheet(path, COLUMNS, **limits)
    return [(row.number, row.cells["donor"], row.cells["amount"], row.cells["note"]) for row in found]


def text_file(folder: Path, content: str | bytes, name: str = "gifts.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(folder: Path, cells: Iterable[Sequence[Any]], name: str = "gifts.xlsx") -> Path:
    """A workbook with these rows on its only sheet."""
    book = Workbook()
    for row in cells:
        book.active.append(list(row))
    book.save(folder / name)
    return folder / name


def refused(path: Path, **limits: int) -> str:
    with pytest.raises(BadInput) as error:
        rows(path, **limits)
    assert str(path) in str(error.value)
    return str(error.value).replace(str(path), "FILE")


def repacked(path: Path, part: str, change: tuple[bytes, bytes]) -> Path:
    """A workbook in which a part was changed by hand, as no spreadsheet program would."""
    changed = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                assert change[0] in content
                content = content.replace(*change, 1)
            new.writestr(name, content)
    return changed


SHEET_PART = "xl/worksheets/sheet1.xml"

# ---- CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_csv_file_is_read_however_it_was_saved(
    tmp_path: Path, delimiter: str, encoding: str, end: str
) -> None:
    lines = (("Donor ", "AMOUNT", "note"), ("CITÉ-서울", " 10 ", ""), ("", "", ""), ("B", "20", '"x\ny"'))
    content = end.join(delimiter.join(line) for line in lines) + end
    mark = "\ufeff" if encoding.endswith("e") else ""
    path = text_file(tmp_path, (mark + content).encode(encoding))
    assert rows(path) == [(2, "CITÉ-서울", "10", ""), (4, "B", "20", "x\ny")]


def test_columns_come_in_any_order_and_what_is_not_required_may_be_missing(tmp_path: Path) -> None:
    assert rows(text_file(tmp_path, "amount,donor\n5,A")) == [(2, "A", "5", "")]


def test_a_header_may_be_written_as_a_person_writes_it(tmp_path: Path) -> None:
    path = text_file(tmp_path, "Received  On;Note\n2022-01-03;x\n")
    columns = (SheetColumn("received_on", "The day.", "2022-01-03"), SheetColumn("note", "Anything.", "x"))
    (row,) = read_sheet(path, columns)
    assert row.cells["received_on"] == "2022-01-03"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_that_tells_excel_the_delimiter_is_no_header(tmp_path: Path, end: str) -> None:
    content = end.join(("sep=;", "donor;amount;note", "A;5;a, b, c, d", "B;six;"))
    assert rows(text_file(tmp_path, content)) == [(3, "A", "5", "a, b, c, d"), (4, "B", "six", "")]
    assert "has no header row" in refused(text_file(tmp_path, "sep=;"))


def test_a_title_above_the_header_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["Gifts of 2022"], [], ["donor", "amount"], ["A", 5]])
    assert refused(path) == (
        "FILE: its first row names none of the columns donor, amount, note: "
        "remove the titles above the row that names them."
    )


def test_cells_left_of_nothing_are_read_over(tmp_path: Path) -> None:
    """Spreadsheets write empty cells where somebody once had a column."""
    assert rows(text_file(tmp_path, "donor,amount,,\nA,5,,\n")) == [(2, "A", "5", "")]


def test_all_that_is_wrong_with_a_header_is_told_at_once(tmp_path: Path) -> None:
    told = refused(text_file(tmp_path, "note,nota,note\n"))
    assert told.splitlines() == [
        "FILE: 4 problems.",
        "FILE, row 1, nota: there is no such column; there are donor, amount, note.",
        "FILE, row 1, note: the column stands twice.",
        "FILE, row 1, donor: the column is missing.",
        "FILE, row 1, amount: the column is missing.",
    ]


@pytest.mark.parametrize("content", ["", "\n", ",,\n", "\nA,5,\n"])
def test_a_file_needs_a_header_row(tmp_path: Path, content: str) -> None:
    assert "has no header row" in refused(text_file(tmp_path, content))


def test_rows_that_do_not_fit_the_header_are_all_told_after_the_others_were_read(tmp_path: Path) -> None:
    path = text_file(tmp_path, HEADER + "A,1,,5\nB,2,\nC,3\n" + f"D,4,{'x' * 32_768}\n")
    found = read_sheet(path, COLUMNS)
    assert next(found).cells["donor"] == "B"
    with pytest.raises(SheetProblems) as error:
        next(found)
    assert (error.value.path, error.value.problems) == (
        path,
        (
            RowProblem(2, "", "it has more cells than the header row, which has 3"),
            RowProblem(4, "", "it has 2 cells where the header row has 3: it may be cut off"),
            RowProblem(5, "note", "it is longer than 32,767 characters"),
        ),
    )


def test_a_hundred_problems_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    told = refused(text_file(tmp_path, HEADER + "A\n" * 1234)).splitlines()
    assert (told[0], len(told), told[-1]) == ("FILE: 1,234 problems.", 102, "... and 1,134 more.")


def test_one_problem_is_one_sentence(tmp_path: Path) -> None:
    told = refused(text_file(tmp_path, HEADER + "A\n"))
    assert told == "FILE, row 2: it has 1 cell where the header row has 3: it may be cut off."


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEADER.encode() + b"A,5,\n" + "CITÉ,5,\n".encode("latin-1"), "line 3"),
        (HEADER.encode() + b"A,5,a\0b\n", "line 2"),
        (HEADER.encode("utf-16-le"), "line 1"),
        (HEADER.encode("utf-16") + b"\x00", "line 1"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "line 0"),
    ],
)
def test_what_is_no_text_is_refused_and_never_guessed_at(tmp_path: Path, content: bytes, line: str) -> None:
    told = refused(text_file(tmp_path, content))
    assert line in told
    assert told.endswith("is not text in UTF-8: save the file as 'CSV UTF-8' or as an .xlsx workbook.")


@pytest.mark.parametrize("content", ['A,"5,\n', 'A,"5"x,\n', f'A,"{"x" * 200_000}",\n'])
def test_broken_quotes_are_refused(tmp_path: Path, content: str) -> None:
    assert "is not CSV" in refused(text_file(tmp_path, HEADER + content))


def test_a_line_without_end_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = text_file(tmp_path, HEADER.encode() + b"x" * 50_000_000)
    tracemalloc.start()
    told = refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told == "FILE, line 2, is longer than 1,000,000 characters."
    assert peak < 20_000_000


def test_a_million_rows_are_refused_within_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    with path.open("w") as file:
        file.write(HEADER)
        file.writelines("A,5,\n" for _ in range(1_000_000))
    tracemalloc.start()
    with pytest.raises(BadInput, match="has more than 200,000 rows: split it"):
        for _ in read_sheet(path, COLUMNS):
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_the_limit_counts_rows_below_the_header_blank_ones_too(tmp_path: Path) -> None:
    path = text_file(tmp_path, HEADER + "A,5,\n,,\nB,5,\n")
    assert len(rows(path, largest_rows=3)) == 2
    assert "has more than 2 rows" in refused(path, largest_rows=2)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv") == "FILE cannot be read: No such file or directory."
    assert "FILE cannot be read" in refused(tmp_path)


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@given(cells=st.lists(st.tuples(CELL, CELL, CELL), max_size=8))
def test_what_is_written_is_read_back_from_both_formats(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("both")
    path = folder / "cells.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("donor", "amount", "note"), *cells])
    stripped = [(number, *(cell.strip() for cell in row)) for number, row in enumerate(cells, start=2)]
    wanted = [row for row in stripped if any(row[1:])]
    assert rows(path) == wanted
    book = Workbook()
    book.active.append(["donor", "amount", "note"])
    for number, row in enumerate(cells, start=2):
        for column, cell in enumerate(row, start=1):
            written = book.active.cell(number, column, cell)
            written.data_type = "s"  # what begins with = is a text here
    book.save(folder / "cells.xlsx")
    assert rows(folder / "cells.xlsx") == wanted


# ---- XLSX


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1500, "1500"),
        (0.1 + 0.2, "0.3"),
        (1234.56, "1234.56"),
        (-5.0, "-5"),
        (1e14 + 0.5, "100000000000000"),
        (0.000001, "0.000001"),
        (123456789012345, "123456789012345"),
        (date(2022, 3, 14), "2022-03-14"),
        (datetime(2022, 3, 14), "2022-03-14"),  # noqa: DTZ001 - as spreadsheets have it
        (True, "yes"),
        (False, "no"),
        ("007", "007"),
        ("  by hand ", "by hand"),
    ],
)
def test_a_cell_is_read_as_a_person_reads_it(tmp_path: Path, value: object, text: str) -> None:
    path = workbook(tmp_path, [["Donor", "amount", "note"], ["A", value, None]])
    assert rows(path) == [(2, "A", text, "")]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("=SUM(A1:A2)", "cell B3 holds a formula: paste values"),
        (datetime(2022, 3, 14, 9, 30), "cell B3 holds a time of day: give the day alone"),  # noqa: DTZ001
        (time(9, 30), "cell B3 holds a time of day"),
        (timedelta(hours=30), "cell B3 holds a time of day"),
        (1234567890123456, "cell B3 holds a number of more than 15 digits"),
        (1e300, "cell B3 holds a number of more than 15 digits"),
        ("#N/A", "cell B3 holds the error #N/A"),
    ],
)
def test_a_cell_that_cannot_be_taken_as_it_stands_is_a_problem(
    tmp_path: Path, value: object, words: str
) -> None:
    path = workbook(tmp_path, [["donor", "amount"], [None], ["A", value], ["B", 5]])
    with pytest.raises(SheetProblems) as error:
        rows(path)
    ((row, column, what),) = error.value.problems
    assert (row, column) == (3, "amount")
    assert words in what


def test_a_workbook_is_known_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    assert rows(workbook(tmp_path, [["donor", "amount"], ["A", 5]], "gifts.csv")) == [(2, "A", "5", "")]
    assert rows(text_file(tmp_path, HEADER + "A,5,\n", "gifts.xlsx")) == [(2, "A", "5", "")]


def test_rows_keep_their_numbers_and_blank_ones_are_left_out(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["donor", "amount"], [], ["A", 5], [None, "  "], ["B", 6]])
    assert rows(path) == [(3, "A", "5", ""), (5, "B", "6", "")]


def test_what_a_workbook_says_of_its_size_is_not_believed(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["donor", "amount"], ["A", 5], ["B", 6]])
    short = repacked(path, SHEET_PART, (b'<dimension ref="A1:B3"', b'<dimension ref="A1:B2"'))
    assert len(rows(short)) == 2


@pytest.mark.parametrize("state", ["visible", "hidden", "veryHidden"])
def test_only_one_sheet_may_have_content_seen_or_not(tmp_path: Path, state: str) -> None:
    path = workbook(tmp_path, [["donor", "amount"], ["A", 5]])
    book = load_workbook(path)
    other = book.create_sheet("Older")
    other.sheet_state = state
    book.save(path)
    assert len(rows(path)) == 1
    other["C7"] = "here"
    book.save(path)
    told = refused(path)
    assert "has 2 sheets with content" in told
    assert ("'Older', hidden" in told) == (state != "visible")


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    """A note that is merged over two rows would be that of the first only."""
    path = workbook(tmp_path, [["donor", "amount", "note"], ["A", 5, "for Africa"], ["B", 6]])
    book = load_workbook(path)
    book.active.merge_cells("C2:C3")
    book.save(path)
    assert refused(path) == "FILE: the cells C2:C3 are merged: unmerge them, and fill in every row."


def test_a_row_that_a_filter_hides_is_refused(tmp_path: Path) -> None:
    """Who looks at the sheet would approve of rows that nobody sees."""
    path = workbook(tmp_path, [["donor", "amount", "note"], ["A", 5], [None, 6], ["C", 7]])
    book = load_workbook(path)
    book.active.row_dimensions[9].hidden = True
    book.active.row_dimensions[9].height = 20
    book.save(path)
    assert len(rows(path)) == 3
    book.active.row_dimensions[3].hidden = True
    book.save(path)
    assert refused(path) == "FILE: row 3 is hidden, perhaps by a filter: show it, or delete it."
    assert [number for number, _ in read_rows(path)][:4] == [1, 2, 3, 4]
    for old, new in ((b'hidden="1"', b'hidden="true"'), (b'<c r="B3"', b'<c r="A3" s="1" /><c r="B3"')):
        assert "row 3 is hidden" in refused(repacked(path, SHEET_PART, (old, new)))
    assert len(rows(repacked(path, SHEET_PART, (b'hidden="1"', b'hidden="0"')))) == 3


def test_more_cells_than_the_header_has(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["donor", "amount"], ["A", 5, None, "x"]])
    assert refused(path) == "FILE, row 2: it has more cells than the header row, which has 2."


def test_too_many_columns_and_rows_are_refused_where_there_are_too_many(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["donor", "amount"], ["A", 5]])
    wide = repacked(path, SHEET_PART, (b'r="B2"', b'r="XFD2"'))
    assert refused(wide) == "FILE, row 2, has more than 1,000 columns."
    deep = repacked(path, SHEET_PART, (b'<row r="2"', b'<row r="99999999999"'))
    assert "has more than 200,000 rows" in refused(deep)


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        for number in range(4):
            with bomb.open(f"xl/{number}.xml", "w") as part:
                for _ in range(30):
                    part.write(b"0" * (1 << 20))
    assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    told = refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "unpacks to more than 100 MiB" in told
    assert peak < 2_000_000


def test_a_workbook_that_lies_about_its_sizes_is_not_unpacked_further(tmp_path: Path) -> None:
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as liar:
        liar.writestr("xl/workbook.xml", b"0" * 50_000_000)
    content = path.read_bytes()
    assert content.count((50_000_000).to_bytes(4, "little")) == 2
    path.write_bytes(content.replace((50_000_000).to_bytes(4, "little"), (500).to_bytes(4, "little")))
    tracemalloc.start()
    told = refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "is damaged" in told
    assert peak < 5_000_000


def test_a_workbook_of_very_many_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "parts.xlsx"
    with zipfile.ZipFile(path, "w") as many:
        for number in range(1001):
            many.writestr(f"{number}.xml", b"")
    assert "1,000 parts" in refused(path)


BOMB = b"""<!DOCTYPE lol [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", [SHEET_PART, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path, part: str, encoding: str) -> None:
    path = workbook(tmp_path, [["donor", "amount"], ["A", 5]])
    with zipfile.ZipFile(path) as whole:
        content = whole.read(part)
    root = content[content.index(b"<", content.index(b"?>") if b"?>" in content else 0) :]
    changed = f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + BOMB + root
    assert "declares XML entities" in refused(
        repacked(path, part, (content, changed.decode().encode(encoding)))
    )


def test_old_and_encrypted_workbooks_are_refused(tmp_path: Path) -> None:
    path = text_file(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.xls")
    assert "is an old .xls file or protected by a password" in refused(path)


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["donor", "amount"], ["A", 5]])
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 1)
    path.write_bytes(content)
    assert "is damaged or protected by a password" in refused(path)


@given(cut=st.integers(4, 4000), flip=st.integers(0, 4000))
def test_a_damaged_workbook_is_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flip: int
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    whole = workbook(folder, [["donor", "amount"], ["A", 5]]).read_bytes()
    part = bytearray(whole[:cut] if flip % 2 else whole)
    part[max(4, flip % len(part)) % len(part)] ^= 0x55
    path = text_file(folder, bytes(part), "damaged.xlsx")
    try:
        assert rows(path) == [(2, "A", "5", "")]
    except BadInput as error:
        assert str(path) in str(error)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    with zipfile.ZipFile(path, "w") as letter:
        letter.writestr("word/document.xml", "<document/>")
    assert "cannot be read as an .xlsx workbook" in refused(path)


# ---- templates


@pytest.mark.parametrize("name", ["new.csv", "new.xlsx", "NEW.XLSX"])
def test_a_template_is_read_as_the_example_that_it_shows(tmp_path: Path, name: str) -> None:
    write_template(tmp_path / name, COLUMNS)
    assert rows(tmp_path / name) == [(2, "CITY", "1,500.00", "by post; twice")]


def test_a_workbook_explains_its_columns(tmp_path: Path) -> None:
    write_template(tmp_path / "new.xlsx", COLUMNS)
    explained = load_workbook(tmp_path / "new.xlsx")["columns"]
    assert [[cell.value for cell in row] for row in explained.rows] == [
        ["column", "needed", "what goes in", "example"],
        ["donor", "yes", "The code of who gave it.", "CITY"],
        ["amount", "yes", "How much arrived.", "1,500.00"],
        ["note", "no", "Anything else.", "by post; twice"],
    ]


def test_a_template_keeps_what_is_typed_and_is_the_same_whenever_it_is_written(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_template(tmp_path / name, COLUMNS)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    book = load_workbook(tmp_path / "one.xlsx")
    assert {cell.number_format for cell in book["rows"][2]} == {"@"}
    assert {column.number_format for column in book["rows"].column_dimensions.values()} == {"@"}
    assert book.properties.created.year == 1980
    assert all(sheet.freeze_panes == "A2" for sheet in book)


def test_a_template_for_other_programs_begins_with_a_mark_that_they_know(tmp_path: Path) -> None:
    write_template(tmp_path / "new.csv", COLUMNS)
    assert (tmp_path / "new.csv").read_bytes().startswith(b"\xef\xbb\xbfdonor,amount,note\r\n")


def test_a_template_never_overwrites_and_is_a_sheet(tmp_path: Path) -> None:
    write_template(tmp_path / "new.csv", COLUMNS)
    for name, words in {
        "new.csv": "There is a file at",
        "new.pdf": "let it end in .csv or .xlsx",
        "none/new.csv": "cannot be written: No such file",
    }.items():
        with pytest.raises(BadInput, match=words):
            write_template(tmp_path / name, COLUMNS)
