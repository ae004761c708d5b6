"""XLSX file of tables for spreadsheet programs, without macros.

Money is a number of dollars to the cent, sums are formulas with stored results, and text is never read as a
formula. Equal tables give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.writer.excel import ExcelWriter

from ledger import Amount, scale
from reports.render.page import AUTHOR
from reports.render.palette import BLUE, MUTED, WASH
from reports.render.sanitise import sanitise
from reports.render.workbook import CellValue, Dollars, Formula, Percentage, Table, column_letter

_ZIP_BEGAN = (1980, 1, 1, 0, 0, 0)
_TEXT_MAX = 32_767
"""Characters that a cell can hold."""
_WIDTH_MAX = 60
_FOOT_MAX = 100
"""Characters of a title in the footer of a page; spreadsheet programs allow 255 for the whole footer."""
_MONEY, _PERCENT, _COUNT, _DAY = "#,##0.00", "0.00%", "#,##0", "yyyy-mm-dd"


def write_workbook(title: str, made_on: date, tables: Sequence[Table]) -> bytes:
    """The tables as the sheets of an XLSX file, in order."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = safe(title)
    book.properties.creator = book.properties.lastModifiedBy = AUTHOR
    book.properties.created = book.properties.modified = datetime.combine(made_on, time())
    results = {}
    for number, table in enumerate(tables, start=1):
        results[f"xl/worksheets/sheet{number}.xml"] = _fill(book.create_sheet(table.name), table)
        _foot(book[table.name], title)
    file = BytesIO()
    # Not `book.save`, which would write the current time into the properties.
    ExcelWriter(book, ZipFile(file, "w")).save()
    return _still(file, results)


def safe(text: str) -> str:
    """A text that a cell can hold: sanitised, and not too long."""
    shown = sanitise(text)
    return shown if len(shown) <= _TEXT_MAX else f"{shown[: _TEXT_MAX - 1]}…"


def _fill(sheet: Any, table: Table) -> list[int]:
    """Write a table; returns the results of its formulas in cents, in the order of its cells."""
    rows = [table.head, *table.rows, *([table.totals] if table.has_totals else [])]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            _write(sheet.cell(number, column), value)
    _paint(sheet, table)
    _lay_out(sheet, table, rows)
    return [value.cents for row in rows for value in row if isinstance(value, Formula)]


def _write(cell: Any, value: CellValue) -> None:
    cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    match value:
        case None:
            return
        case Formula(text=text):
            cell.value, cell.number_format = text, _MONEY
        case Dollars():
            cell.value, cell.number_format = Decimal(value).scaleb(-2), _MONEY
        case Percentage():
            cell.value, cell.number_format = Decimal(value).scaleb(-4), _PERCENT
        case Amount(currency=currency, minor=minor):
            decimals = scale(currency)
            cell.value = Decimal(minor).scaleb(-decimals)
            cell.number_format = f'{_COUNT}{"." if decimals else ""}{"0" * decimals} "{currency}"'
        case Decimal():
            cell.value = value
        case int():
            cell.value, cell.number_format = value, _COUNT
        case date():
            cell.value, cell.number_format = value, _DAY
        case str():
            cell.value = safe(value)
            # A text whatever it begins with, also after somebody edits it.
            cell.data_type = "s"
            cell.quotePrefix = safe(value).lstrip()[:1] in {"=", "+", "-", "@"}


def _paint(sheet: Any, table: Table) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_hex(BLUE))
    sums = [row + 2 for row in sorted(table.strong)]
    for row in [*sums, *([sheet.max_row] if table.has_totals else [])]:
        for cell in sheet[row]:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor=_hex(WASH))
            cell.border = Border(top=Side("thin", color=_hex(MUTED)))
    for row in table.details:
        sheet.cell(row + 2, 1).alignment = Alignment(vertical="top", wrap_text=True, indent=2)


def _lay_out(sheet: Any, table: Table, rows: Sequence[Sequence[CellValue]]) -> None:
    """Freeze the headings, add a filter, fit the widths of columns, and set up printing."""
    for column, title in enumerate(table.head):
        widest = max(_in_two_lines(title), *(_width(row[column]) for row in rows[1:]), 0)
        sheet.column_dimensions[column_letter(column)].width = min(widest, _WIDTH_MAX) + 3
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{column_letter(len(table.head) - 1)}{len(table.rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _foot(sheet: Any, title: str) -> None:
    """Add a footer with the title, the sheet and the page number."""
    named = " ".join(safe(title).split())[:_FOOT_MAX].replace("&", "&&")
    # After a space, because leading digits or a quoted name would set a font and its size.
    sheet.oddFooter.left.text = f" {named}"
    sheet.oddFooter.center.text = "&A"
    sheet.oddFooter.right.text = "&P / &N"


def _in_two_lines(title: str) -> int:
    """The characters that a bold heading needs across, where each of its lines may take two."""
    words = max((len(word) for word in title.split()), default=0)
    lines = max((len(line) for line in title.split("\n")), default=0)
    return max(words, -(-lines // 2)) + 2


def _width(value: CellValue) -> int:
    """The number of characters that a cell shows."""
    match value:
        case None:
            return 0
        case Formula(cents=cents) | (Dollars() as cents):
            return len(f"{cents:,}") + 1
    return max(len(line) for line in str(value).split("\n"))


def _hex(colour: Any) -> str:
    return f"{colour.int_rgb():06X}"


def _still(written: BytesIO, results: Mapping[str, Sequence[int]]) -> bytes:
    """The archive without timestamps, and with the results of its formulas.

    A program that shows a workbook without calculating, as a mail program or a protected view does, needs
    stored results; openpyxl stores none.
    """
    still = BytesIO()
    with ZipFile(written) as old, ZipFile(still, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name in results:
                content = "".join(_with_results(content.decode(), iter(results[name]))).encode()
            new.writestr(ZipInfo(name, _ZIP_BEGAN), content, ZIP_DEFLATED)
    return still.getvalue()


def _with_results(sheet: str, stored: Iterator[int]) -> Iterator[str]:
    """A sheet's XML with a result after each formula."""
    first, *others = re.split(r"(?<=</f>)<v ?/>|(?<=</f>)<v></v>", sheet)
    yield first
    for part in others:
        yield f"<v>{Decimal(next(stored)).scaleb(-2)}</v>{part}"
