"""Safe CSV: texts that no spreadsheet program takes for a formula, and money as plain decimals."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import StringIO

from ledger.sanitise import sanitise

_BEGIN_FORMULAS = ("=", "+", "-", "@")


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as a CSV file in UTF-8, with a byte order mark, without which Excel does not recognise it."""
    file = StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode("utf-8-sig")


def csv_text(text: str) -> str:
    """The text sanitised, with an apostrophe before it where a spreadsheet would take it for a formula."""
    shown = sanitise(text)
    return f"'{shown}" if shown.lstrip().startswith(_BEGIN_FORMULAS) else shown


def csv_decimal(whole: int, decimals: int) -> str:
    """A whole number of the smallest units as a plain decimal, such as `1234.50`."""
    return f"{Decimal(whole).scaleb(-decimals):f}"
