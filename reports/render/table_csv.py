"""CSV of a table, in UTF-8, with money as plain decimals such as `1234.50`.

A text that a spreadsheet program would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledger import Amount, csv_bytes, csv_decimal, csv_text, scale
from reports.render.workbook import CellValue, Dollars, Formula, Percentage, Table


def write_csv(table: Table) -> bytes:
    """The table with its heading, and its totals if it has any; equal tables give equal bytes."""
    rows = [
        [csv_text(title) for title in table.head],
        *([_plain(cell) for cell in row] for row in table.rows),
    ]
    if table.has_totals:
        rows.append([_plain(cell) for cell in table.totals])
    return csv_bytes(rows)


def _plain(cell: CellValue) -> str:
    match cell:
        case None:
            plain = ""
        case Formula(cents=cents) | (Dollars() as cents):
            plain = csv_decimal(cents, 2)
        case Percentage():
            plain = csv_decimal(cell, 2)
        case Amount(currency=currency, minor=minor):
            plain = csv_decimal(minor, scale(currency))
        case Decimal():
            plain = f"{cell:f}"
        case date():
            plain = cell.isoformat()
        case int():
            plain = str(cell)
        case _:
            plain = csv_text(str(cell))
    return plain
