"""Sheet templates: files to fill in, with an example row, and in a workbook an explanation of each column."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO

from ledger.errors import BadInput
from ledger.sheets.reader import SheetColumn
from ledger.sheets.workbook import EXPLANATIONS
from ledger.storage.document import Document


def write_template(path: Path, columns: Sequence[SheetColumn]) -> None:
    """Write a template with the header and an example row; the name decides: .csv or .xlsx.

    A workbook has a second sheet that explains each column. BadInput when the file exists.
    """
    content = _rendered(path, columns)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise BadInput(f"There is a file at {path} already: choose another name.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None


def render_template(name: str, columns: Sequence[SheetColumn]) -> Document:
    """A template as a document of this name, which ends in .csv or .xlsx; BadInput if it does not."""
    return Document(name, _rendered(Path(name), columns))


def _rendered(path: Path, columns: Sequence[SheetColumn]) -> bytes:
    writers = {".csv": _write_csv, ".xlsx": _write_workbook}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise BadInput(f"{path} is no name of a sheet: let it end in .csv or .xlsx.")
    file = BytesIO()
    write(file, columns)
    return file.getvalue()


def _write_csv(file: IO[bytes], columns: Sequence[SheetColumn]) -> None:
    # With a byte order mark, without which Excel does not recognise UTF-8.
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow([column.name for column in columns])
    rows.writerow([column.example for column in columns])
    text.detach()


def _write_workbook(file: IO[bytes], columns: Sequence[SheetColumn]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - slow, and only needed for workbooks
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    rows, explained = book.active, book.create_sheet(EXPLANATIONS)
    rows.title = "rows"
    rows.freeze_panes = explained.freeze_panes = "A2"
    rows.append([column.name for column in columns])
    rows.append([column.example for column in columns])
    explained.append(["column", "needed", "what goes in", "example"])
    for column in columns:
        explained.append([column.name, "yes" if column.required else "no", column.what, column.example])
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        rows.column_dimensions[letter].width = max(len(column.name), len(column.example)) + 3
        # Text, so that a code keeps its leading zeros and a date its form.
        rows.column_dimensions[letter].number_format = rows[f"{letter}2"].number_format = "@"
    for letter, width in zip("ABCD", (26, 8, 90, 26), strict=True):
        explained.column_dimensions[letter].width = width
    for cell in (*rows[1], *explained[1]):
        cell.font = Font(bold=True)
    for cell in explained["C"]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    book.save(file)
