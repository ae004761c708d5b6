"""XLSX file of tables for spreadsheet programs, without macros.

Money is a number of dollars to the cent, sums are formulas with stored results, and text is never read as a
formula. Equal tables give equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from ledger import Amount, sanitise, scale
from reports.render.page import AUTHOR
from reports.render.palette import BLUE, MUTED, WASH
from reports.render.workbook import CellValue, Dollars, Formula, Percentage, Table

_TEXT_MAX = 32_767
"""Characters that a cell can hold."""
_WIDTH_MAX = 60
_BESIDE = 2
"""Characters that a column is wider than its widest cell."""
_FOOT_MAX = 100
"""Characters of a title in the footer of a page; spreadsheet programs allow 255 for the whole footer."""
_A4 = 9
"""The format's number of this paper."""
_MONEY, _PERCENT, _COUNT, _DAY = "#,##0.00", "0.00%", "#,##0", "yyyy-mm-dd"

Look = dict[str, Any]
"""Properties of a format, by XlsxWriter's names for them."""


def write_workbook(title: str, made_on: date, tables: Sequence[Table]) -> bytes:
    """The tables as the sheets of an XLSX file, in order."""
    file = BytesIO()
    # In memory, because the parts of the archive then carry no time.
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties(
            {"title": safe(title), "author": AUTHOR, "created": datetime.combine(made_on, time())}
        )
        for table in tables:
            _Filling(book, book.add_worksheet(table.name), table).fill(title)
    return file.getvalue()


def safe(text: str) -> str:
    """A text that a cell can hold: sanitised, and not too long."""
    shown = sanitise(text)
    return shown if len(shown) <= _TEXT_MAX else f"{shown[: _TEXT_MAX - 1]}…"


@dataclass
class _Filling:
    """One sheet while it is written; equal looks of cells share a format."""

    book: Any
    sheet: Any
    table: Table
    formats: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    def fill(self, title: str) -> None:
        """Write the table, and set up its columns and its printing."""
        table = self.table
        rows = [table.head, *table.rows, *([table.totals] if table.has_totals else [])]
        sums = {row + 1 for row in table.strong} | ({len(rows) - 1} if table.has_totals else set())
        for number, row in enumerate(rows):
            look = _HEADING if not number else _SUM if number in sums else {}
            for column, value in enumerate(row):
                indented = not column and number - 1 in table.details
                self._write(number, column, value, {**look, **(_DETAIL if indented else {})})
        self._lay_out(rows)
        self._set_up_printing(title)

    def _write(self, row: int, column: int, value: CellValue, look: Look) -> None:
        place, sheet = (row, column), self.sheet
        match value:
            case None | "":
                sheet.write_blank(*place, None, self._format(look))
            case Formula(text=text, cents=cents):
                # With its result, for programs that show a workbook without calculating, as mail programs do.
                sheet.write_formula(*place, text, self._format(look, _MONEY), Decimal(cents).scaleb(-2))
            case Dollars():
                sheet.write_number(*place, Decimal(value).scaleb(-2), self._format(look, _MONEY))
            case Percentage():
                sheet.write_number(*place, Decimal(value).scaleb(-4), self._format(look, _PERCENT))
            case Amount(currency=currency, minor=minor):
                decimals = scale(currency)
                number = Decimal(minor).scaleb(-decimals)
                shown = f'{_COUNT}{"." if decimals else ""}{"0" * decimals} "{currency}"'
                sheet.write_number(*place, number, self._format(look, shown))
            case Decimal():
                sheet.write_number(*place, value, self._format(look))
            case int():
                sheet.write_number(*place, value, self._format(look, _COUNT))
            case date():
                sheet.write_datetime(*place, value, self._format(look, _DAY))
            case str():
                self._write_text(row, column, safe(value), look)

    def _write_text(self, row: int, column: int, text: str, look: Look) -> None:
        # A text whatever it begins with, also after somebody edits it.
        quoted = {"quote_prefix": True} if text.lstrip()[:1] in {"=", "+", "-", "@"} else {}
        cell_format = self._format({"text_wrap": True, **look, **quoted})
        if text.startswith("<r>") and text.endswith("</r>"):
            # Not in pieces, XlsxWriter would take it for the XML of a text in several fonts.
            self.sheet.write_rich_string(row, column, *(text[:1], text[1:2], text[2:]), cell_format)
        else:
            self.sheet.write_string(row, column, text, cell_format)

    def _format(self, look: Look, number: str = "") -> Any:
        properties = {"valign": "top", **look, **({"num_format": number} if number else {})}
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]

    def _lay_out(self, rows: Sequence[Sequence[CellValue]]) -> None:
        """Freeze the headings, add a filter, and fit the widths of columns."""
        head = self.table.head
        for column, title in enumerate(head):
            widest = max(_in_two_lines(title), *(_width(row[column]) for row in rows[1:]), 0)
            self.sheet.set_column(column, column, min(widest, _WIDTH_MAX) + _BESIDE)
        self.sheet.freeze_panes(1, 1)
        self.sheet.autofilter(0, 0, len(self.table.rows), len(head) - 1)

    def _set_up_printing(self, title: str) -> None:
        """Landscape A4, as wide as the columns, with the headings on each page and a footer below."""
        sheet = self.sheet
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        named = " ".join(safe(title).split())[:_FOOT_MAX].replace("&", "&&")
        # After a space, because leading digits or a quoted name would set a font and its size.
        sheet.set_footer(f"&L {named}&C&A&R&P / &N")


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
    return f"#{colour.int_rgb():06X}"


_HEADING: Look = {"bold": True, "font_color": "#FFFFFF", "bg_color": _hex(BLUE)}
_SUM: Look = {"bold": True, "bg_color": _hex(WASH), "top": 1, "top_color": _hex(MUTED)}
_DETAIL: Look = {"text_wrap": True, "indent": 2}
