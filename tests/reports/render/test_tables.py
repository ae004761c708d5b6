"""Long tables: each row once, under its heading, in a time that grows as the rows do."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import pytest
from pypdf import PdfReader
from reportlab.platypus import Spacer

from reports.fund.form.fund_report import FundReport
from reports.fund.form.pdf import render_fund_report
from reports.render import tables
from reports.render.page import Imprint, paragraph, render_pdf, section_heading
from reports.render.pdf_reading import read_pdf
from reports.render.section import Section
from reports.render.tables import Ruled, TableColumn, aligned
from reports.render.workbook import Dollars, Table
from reports.words.language import words_in
from tests.support.sample_statement import SEAL


def printed(
    *rows: tuple[str, str], kind: str = "line", total: bool = True, before: int = 0
) -> list[list[str]]:
    """The lines of each page of a table."""
    table = Ruled([TableColumn("Name", 1), TableColumn("US$")])
    for row in rows:
        getattr(table, kind)(*row)
    if total:
        table.total("Total", "99.00")
    story = [*[paragraph("above")] * before, section_heading("Heading"), table.flowable(), paragraph("after")]
    pdf = render_pdf(story, Imprint("T-1", "A table", "Rows", SEAL, words_in("en")))
    return [page.extract_text().splitlines() for page in PdfReader(BytesIO(pdf)).pages]


def test_every_row_stands_once_in_order_and_every_page_has_the_heading() -> None:
    pages = printed(*[(f"row {number:04}", f"{number}.00") for number in range(2_000)])
    rows = [line for page in pages for line in page if line.startswith("row ")]
    assert [row.split()[1] for row in rows] == [f"{number:04}" for number in range(2_000)]
    assert len(pages) > 40
    assert all(page.count("Name") == 1 for page in pages)
    last = " ".join(pages[-1])
    assert last.index("row 1999") < last.index("Total") < last.index("after")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[tables.PdfCell]]:
    """The rows of which the height was worked out, each as often as it was."""
    found: list[Sequence[tables.PdfCell]] = []
    measure = tables._Sheet.height

    def noted(sheet: tables._Sheet, cells: Sequence[tables.PdfCell]) -> float:
        found.append(cells)
        return measure(sheet, cells)

    monkeypatch.setattr(tables._Sheet, "height", noted)
    return found


@pytest.mark.parametrize("rows", [1_000, 4_000])
def test_each_row_is_measured_once_however_many_pages_there_are(
    rows: int, measured: list[Sequence[tables.PdfCell]]
) -> None:
    pages = printed(*[(f"row {number}", "1.00") for number in range(rows)])
    assert rows < len(measured) <= rows + 2 * len(pages)


def test_details_stay_with_the_row_that_they_are_part_of() -> None:
    for before in range(30, 50):
        table = Ruled([TableColumn("Name", 1), TableColumn("US$")])
        for number in range(8):
            table.group(f"group {number}", "3.00")
            for part in range(3):
                table.detail(f"part {number}.{part}", "1.00")
        story = [*[paragraph("above", "small")] * before, table.flowable()]
        pdf = render_pdf(story, Imprint("T-1", "A table", "Rows", SEAL, words_in("en")))
        for page in PdfReader(BytesIO(pdf)).pages:
            said = page.extract_text()
            for number in range(8):
                assert (f"group {number}" in said) == (f"part {number}.2" in said), (before, number)


def test_more_details_than_a_page_holds_go_on_on_the_next() -> None:
    pages = printed(*[(f"detail {number:03}", "1.00") for number in range(150)], kind="detail", total=False)
    found = [line for page in pages for line in page if line.startswith("detail")]
    assert len(found) == 150
    assert len(pages) > 3


def test_a_row_higher_than_a_page_goes_on_on_the_next_with_its_figure_once() -> None:
    long = " ".join(f"w{number}" for number in range(5_000))
    pages = printed(("before", "1.00"), (long, "2.00"), ("behind", "3.00"))
    said = " ".join(" ".join(page) for page in pages)
    assert [said.count(word) for word in ("w0 ", "w2500 ", "w4999 ", "2.00", "behind")] == [1] * 5
    assert len(pages) > 4


@pytest.mark.parametrize("word", ["w", "<&>"])
def test_a_text_that_was_cut_once_is_whole_the_next_time(word: str) -> None:
    long = " ".join(f"{word}{number}" for number in range(200))

    def set_below(lines: int) -> bytes:
        story = [*[paragraph("above")] * lines, paragraph(long), paragraph(long, "cell"), paragraph(long)]
        return render_pdf(story, Imprint("T-1", "A text", "Lines", SEAL, words_in("en")))

    whole = set_below(0)
    assert set_below(35).count(b"/Type /Page\n") == whole.count(b"/Type /Page\n") + 1
    assert set_below(0) == whole


def test_a_high_row_leaves_no_page_half_empty() -> None:
    high = " ".join(["word"] * 600)
    pages = printed(*[(high, "1.00")] * 12)
    assert [page for page in pages[:-1] if sum("word" in line for line in page) < 50] == []


def broken_at(pages: list[list[str]], mark: str) -> list[int]:
    """How many lines of a page begin with a mark, for each page that has any."""
    return [count for page in pages if (count := sum(line.startswith(mark) for line in page))]


@pytest.mark.parametrize("before", range(20, 42))
def test_no_page_begins_with_the_last_row_or_ends_with_the_first(before: int) -> None:
    pages = printed(*[(f"row {number}", "1.00") for number in range(12)], before=before)
    rows = broken_at(pages, "row")
    assert sum(rows) == 12
    assert min(rows) >= 2
    (last,) = [page for page in pages if "Total" in page]
    assert {"row 10", "row 11"} <= set(last)


@pytest.mark.parametrize("between", [[], ["said"]])
@pytest.mark.parametrize("before", range(20, 42))
def test_a_short_table_stands_whole_under_its_headings(before: int, between: list[str]) -> None:
    table = Ruled([TableColumn("Name", 1), TableColumn("US$")])
    for number in range(4):
        table.line(f"row {number}", "1.00")
    table.total("Total", "4.00")
    headings = [section_heading("Upper"), section_heading("Lower"), *map(paragraph, between)]
    story = [*[paragraph("above")] * before, *headings, table.flowable()]
    pdf = render_pdf(story, Imprint("T-1", "A table", "Rows", SEAL, words_in("en")))
    pages = [page.extract_text().splitlines() for page in PdfReader(BytesIO(pdf)).pages]
    (page,) = [page for page in pages if "row 0" in page]
    assert {"Upper", "Lower", *between, "row 3", "Total"} <= set(page)


def test_a_long_name_stands_over_its_figures_and_a_short_one_beside_them() -> None:
    table = Ruled([TableColumn("Name", 1), TableColumn("Allocated"), TableColumn("Used")])
    table.tall("Short", "1.00", "2.00")
    table.tall("long " * 60, "3.00", "4.00")
    pdf = render_pdf([table.flowable()], Imprint("T-1", "A table", "Rows", SEAL, words_in("en")))
    (page,) = read_pdf(pdf).pages
    assert ("Short", "1.00", "2.00") in page.rows
    assert ("3.00", "4.00") in page.rows
    assert sum(row.count("long") for row in page.rows) == 60
    assert sum("long" in row for row in page.rows) < 4


def test_figures_of_aligned_tables_stand_under_each_other() -> None:
    tables = []
    for largest in ("1.00", "123,456,789.00"):
        table = Ruled([TableColumn("Name", 1), TableColumn("Debit"), TableColumn("Credit")])
        table.line("here", "7.00", largest)
        tables.append(table)
    pdf = render_pdf(aligned(tables), Imprint("T-1", "Tables", "Rows", SEAL, words_in("en")))
    found: list[float] = []

    def collect(said: str, _: object, at: list[float], *__: object) -> None:
        if "7.00" in said:
            found.append(at[4])

    PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_text=collect)
    assert len(found) == 2
    assert found[0] == pytest.approx(found[1])


WORDS = {"line": 18, "tall": 20}
"""How many words of the names below fill a line."""


def rows_on_pages(kind: str, rows: int, lines: int, above: int) -> list[int]:
    """How many rows begin on each page from that of their heading on."""
    table = Ruled([TableColumn("Name", 1), TableColumn("Used")])
    for number in range(rows):
        more = "name " * (WORDS[kind] * lines - 8) if lines > 1 else ""
        getattr(table, kind)(f"R{number}e {more}", "1.00")
    story = [paragraph("above"), Spacer(0, above), section_heading("Heading"), table.flowable()]
    pages = PdfReader(
        BytesIO(render_pdf(story, Imprint("T-1", "A table", "Rows", SEAL, words_in("en"))))
    ).pages
    said = [page.extract_text() for page in pages]
    first = next(number for number, page in enumerate(said) if "Heading" in page)
    return [sum(f"R{number}e" in page for number in range(rows)) for page in said[first:]]


@pytest.mark.parametrize("kind", ["line", "tall"])
@pytest.mark.parametrize("rows", [2, 3, 4, 5, 12])
@pytest.mark.parametrize("lines", [1, 2, 3, 5, 8])
def test_no_row_and_no_heading_stands_alone_however_high_rows_are(kind: str, rows: int, lines: int) -> None:
    for above in range(387, 680, 31):
        found = rows_on_pages(kind, rows, lines, above)
        assert sum(found) == rows
        assert min(found) >= 2, (above, found)


@pytest.mark.parametrize("kind", ["line", "tall"])
@pytest.mark.parametrize("lines", [14, 30, 62, 70])
def test_rows_too_high_to_stay_together_are_all_there(kind: str, lines: int) -> None:
    for above in (0, 400, 600, 690):
        for rows in (1, 3, 7):
            assert sum(rows_on_pages(kind, rows, lines, above)) == rows


def test_a_heading_stands_over_more_details_than_its_page_holds() -> None:
    pages = printed(*[(f"detail {number:03}", "1.00") for number in range(150)], kind="detail")
    (page,) = [page for page in pages if "Heading" in page]
    assert "detail 001" in " ".join(page)


@pytest.mark.parametrize("words", [900, 1_100, 3_000])
def test_a_text_under_a_heading_may_be_longer_than_a_page(words: int) -> None:
    table = Ruled([TableColumn("Name", 1), TableColumn("US$")])
    table.line("row", "1.00")
    story = [section_heading("Upper"), section_heading("Lower"), paragraph("said " * words), table.flowable()]
    pdf = render_pdf(story, Imprint("T-1", "A table", "Rows", SEAL, words_in("en")))
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    assert sum(page.count("said") for page in pages) == words
    assert all(word in pages[0] for word in ("Upper", "Lower", "said"))


def test_tables_are_not_aligned_where_that_would_break_a_word() -> None:
    tables = []
    for figures in (("12,345,678.00", "", ""), ("", "123,456,789.00", ""), ("", "", "123,456,789.00")):
        columns = [TableColumn("Account", 60), TableColumn("Currency", 12)]
        tables.append(
            Ruled([*columns, TableColumn("Amount"), TableColumn("Debit, US$"), TableColumn("Credit, US$")])
        )
        tables[-1].line("1100 Cash at bank", "USD", *figures)
    pdf = render_pdf(aligned(tables), Imprint("T-1", "Tables", "Rows", SEAL, words_in("en")))
    assert PdfReader(BytesIO(pdf)).pages[0].extract_text().split().count("Currency") == 3


def test_how_a_long_table_of_a_fund_is_laid_out_is_decided_by_its_first_rows(
    measured: list[Sequence[tables.PdfCell]],
) -> None:
    rows = [(f"name {number}", Dollars(number)) for number in range(2_000)]
    chapter = Section("rows", Table("Rows", ("Name", "US$"), rows))
    render_fund_report(FundReport("Rows", "All", "", SEAL, words_in("en"), [chapter]))
    assert len(measured) < 2_000 + 3 * 200
