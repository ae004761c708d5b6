"""Tables of a workbook: money, sums and texts, from which XLSX (`reports.render.xlsx`) and CSV are made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger import Amount


class Dollars(int):
    """USD cents, shown as dollars."""


class Percentage(int):
    """Basis points (1/10,000), shown as a percentage."""


@dataclass(frozen=True)
class Formula:
    """A formula, and its result in USD cents."""

    text: str
    cents: int


CellValue = str | int | Dollars | Percentage | date | Decimal | Amount | Formula | None
"""An `Amount` is money in its own currency, a `Decimal` a number such as an exchange rate."""


@dataclass(frozen=True)
class Table:
    """One sheet: column headings, rows, and sums below some columns."""

    name: str
    """At most 31 characters, none of them `[]:*?/\\`."""
    head: Sequence[str]
    rows: Sequence[Sequence[CellValue]]
    summed: Sequence[int] = ()
    """The columns, from 0, that the row of totals adds up; they hold dollars."""
    total_name: str = "Total"
    """The first cell of the row of totals."""
    strong: Collection[int] = ()
    """The rows, from 0, that are sums of others."""
    details: Collection[int] = ()
    """The rows, from 0, that are parts of the row before."""

    @property
    def has_totals(self) -> bool:
        """Whether there is a row of totals below the last row."""
        return bool(self.summed and self.rows)

    @property
    def totals(self) -> Sequence[CellValue]:
        """The row of totals."""
        sums = [self.sum_of(column) if column in self.summed else None for column in range(len(self.head))]
        return [self.total_name, *sums[1:]]

    def sum_of(self, column: int) -> Formula:
        """The sum of a column of dollars, as a formula below it."""
        letter = column_letter(column)
        cents = sum(_cents(row[column]) for row in self.rows)
        return Formula(f"=SUM({letter}2:{letter}{len(self.rows) + 1})", cents)

    def total_cell(self, column: int) -> str:
        """The reference to a column's total in a formula of another sheet."""
        return f"'{self.name}'!{column_letter(column)}{len(self.rows) + 2}"


def column_letter(column: int) -> str:
    """The letters of a column, counted from 0: A, B, ... Z, AA."""
    ahead, last = divmod(column, 26)
    return (column_letter(ahead - 1) if ahead else "") + chr(ord("A") + last)


def _cents(value: CellValue) -> int:
    match value:
        case Formula(cents=cents):
            return cents
        case Dollars():
            return value
        case None:
            return 0
    raise TypeError(f"{value!r} is not money")
