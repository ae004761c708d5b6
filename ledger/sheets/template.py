"""Sheet templates: files to fill in, with an example row, and in a workbook an explanation of each column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from ledger.errors import BadInput
from ledger.sheets.reader import SheetColumn
from ledger.sheets.workbook import EXPLANATIONS
from ledger.storage.atomic_file import unwritable, write_new
from ledger.storage.document import Document
from ledger.storage.safe_csv import csv_bytes

_EXPLAINED = {"column": 26, "needed": 8, "what goes in": 90, "example": 26}
"""The columns of the second sheet, with their widths."""
_NO_DAY = datetime(1980, 1, 1)  # noqa: DTZ001 - a spreadsheet's dates have no zone
"""The day on which a template says it was made: equal columns give equal bytes."""


def write_template(path: Path, columns: Sequence[SheetColumn]) -> None:
    """Write a template with the header and an example row; the name decides: .csv or .xlsx.

    A workbook has a second sheet that explains each column. BadInput when the file exists.
    """
    content = _rendered(path, columns)
    try:
        is_new = write_new(path, content)
    except OSError as error:
        raise unwritable(path, error) from None
    if not is_new:
        raise BadInput(
            "sheet-file-exists",
            "There is a file at {path} already: choose another name.",
            path=path,
        )


def render_template(name: str, columns: Sequence[SheetColumn]) -> Document:
    """A template as a document of this name, which ends in .csv or .xlsx; BadInput if it does not."""
    return Document(name, _rendered(Path(name), columns))


def _rendered(path: Path, columns: Sequence[SheetColumn]) -> bytes:
    writers = {".csv": _write_csv, ".xlsx": _write_workbook}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise BadInput(
            "sheet-name-invalid",
            "{path} is no name of a sheet: let it end in .csv or .xlsx.",
            path=path,
        )
    file = BytesIO()
    write(file, columns)
    return file.getvalue()


def _write_csv(file: IO[bytes], columns: Sequence[SheetColumn]) -> None:
    rows = ([column.name for column in columns], [column.example for column in columns])
    file.write(csv_bytes(rows))


def _write_workbook(file: IO[bytes], columns: Sequence[SheetColumn]) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 - only needed for workbooks

    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": _NO_DAY})
        heading = book.add_format({"bold": True})
        # Text, so that a code keeps its leading zeros and a date its form.
        text = book.add_format({"num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        rows, explained = book.add_worksheet("rows"), book.add_worksheet(EXPLANATIONS)
        for at, column in enumerate(columns):
            rows.set_column(at, at, max(len(column.name), len(column.example)) + 3, text)
            rows.write_string(0, at, column.name, heading)
            rows.write_string(1, at, column.example, text)
        for at, (title, width) in enumerate(_EXPLAINED.items()):
            explained.set_column(at, at, width)
            explained.write_string(0, at, title, heading)
        for row, column in enumerate(columns, start=1):
            needed = "yes" if column.required else "no"
            for at, content in enumerate((column.name, needed, column.what, column.example)):
                explained.write_string(row, at, content, wrapped if at == 2 else None)
        rows.freeze_panes(1, 0)
        explained.freeze_panes(1, 0)
