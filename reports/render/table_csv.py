"""CSV of a table, in UTF-8, with money as plain decimals such as `1234.50`.

A text that a spreadsheet program would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import StringIO

from ledger import Amount, scale
from reports.render.sanitise import sanitise
from reports.render.workbook import CellValue, Dollars, Formula, Percentage, Table

_STEERING = ("=", "+", "-", "@")


def write_csv(table: Table) -> bytes:
    """The table with its heading, and its totals if it has any; equal tables give equal bytes."""
    file = StringIO(newline="")
    rows = csv.writer(file, lineterminator="\r\n")
    rows.writerow([_text(title) for title in table.head])
    rows.writerows([_plain(cell) for cell in row] for row in table.rows)
    if table.has_totals:
        rows.writerow([_plain(cell) for cell in table.totals])
    # With a byte order mark, as the templates have: without it Excel does not recognise UTF-8.
    return file.getvalue().encode("utf-8-sig")


def _plain(cell: CellValue) -> str:
    match cell:
        case None:
            plain = ""
        case Formula(cents=cents) | (Dollars() as cents):
            plain = _decimal(cents, 2)
        case Percentage():
            plain = _decimal(cell, 2)
        case Amount(currency=currency, minor=minor):
            plain = _decimal(minor, scale(currency))
        case Decimal():
            plain = f"{cell:f}"
        case date():
            plain = cell.isoformat()
        case int():
            plain = str(cell)
        case _:
            plain = _text(str(cell))
    return plain


def _decimal(whole: int, decimals: int) -> str:
    return f"{Decimal(whole).scaleb(-decimals):f}"


def _text(text: str) -> str:
    shown = sanitise(text)
    return f"'{shown}" if shown.lstrip().startswith(_STEERING) else shown
