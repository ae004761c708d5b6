"""Sections of a fund report, each one table, the same in a PDF, a workbook and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reports.render.workbook import CellValue, Dollars, Formula, Table, column_letter
from reports.words.language import Words


@dataclass(frozen=True)
class Section:
    """One table of a report, with its texts."""

    file: str
    """Name of its CSV file, without the suffix; the same in every language."""
    table: Table
    """Its name is also the title of the section."""
    intro: str = ""
    """A sentence below the title."""
    empty_text: str = ""
    """The text in place of a table without rows."""
    pdf_columns: Sequence[int] = ()
    """The columns that are printed, from 0; all columns if empty."""
    code_first: bool = False
    """Whether the first column holds the codes of the names in the second; a PDF joins the two."""
    bars: Sequence[tuple[str, int]] = ()
    """Bars above the table: names and USD cents."""


@dataclass
class MoneyTable:
    """A table of money under construction: rows of USD cents, and sums of rows as formulas."""

    columns: int
    """Number of columns of money, after the one with the names."""
    rows: list[tuple[CellValue, ...]] = field(default_factory=list)
    strong: list[int] = field(default_factory=list)
    details: list[int] = field(default_factory=list)

    def line(self, name: str, cents: Iterable[int]) -> int:
        """Add a row; returns its number, from 0."""
        self.rows.append((name, *map(Dollars, cents)))
        return len(self.rows) - 1

    def detail(self, name: str, cents: Iterable[int]) -> None:
        """Add a row that is a part of the row above it, and of no sum."""
        self.details.append(self.line(name, cents))

    def sum(self, name: str, plus: Iterable[int], minus: Iterable[int] = ()) -> int:
        """Add a row that is the sum of some rows less others; returns its number."""
        signs = [*((row, 1) for row in plus), *((row, -1) for row in minus)]
        self.rows.append((name, *(self._sum(column, signs) for column in range(1, self.columns + 1))))
        self.strong.append(len(self.rows) - 1)
        return len(self.rows) - 1

    def table(self, sheet: str, head: Sequence[str]) -> Table:
        """The table with the rows so far."""
        return Table(sheet, head, self.rows, strong=self.strong, details=self.details)

    def _sum(self, column: int, signs: Iterable[tuple[int, int]]) -> Formula:
        text, cents = "", 0
        for row, sign in signs:
            text += f"{'+' if sign > 0 else '-'}{column_letter(column)}{row + 2}"
            cents += sign * cents_of(self.rows[row][column])
        return Formula(f"={text.removeprefix('+')}", cents)


def totalled(
    name: str, head: Sequence[str], rows: Sequence[Sequence[CellValue]], summed: Iterable[int], words: Words
) -> Table:
    """A table with its row of totals named in the report's language."""
    return Table(name, head, rows, tuple(summed), total_name=words("Total"))


def cents_of(cell: CellValue) -> int:
    """The USD cents of a cell that holds money."""
    if isinstance(cell, Formula):
        return cell.cents
    assert isinstance(cell, Dollars)
    return cell
