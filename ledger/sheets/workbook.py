"""Workbooks: the rows of an .xlsx file as plain texts, as a person sees them.

Merged cells, formulas and other content that can be read in two ways are refused, and so are malicious files.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time
from decimal import Context, Decimal
from functools import partial
from itertools import islice
from typing import IO, Any
from xml.parsers import expat

from ledger.errors import BadInput
from ledger.storage.document import FileSource

EXPLANATIONS = "columns"
"""The name of the sheet of a template that explains the columns; it is not read."""
_LARGEST_UNPACKED = 100 * 1024 * 1024
"""Bytes of a workbook once unpacked; its parts are never read beyond what they declare (`zipfile`)."""
_LARGEST_PARTS = 1000
_LARGEST_COLUMNS = 1000
_ROWS_SEARCHED = 200_000
"""Rows of a sheet that are searched for content."""
_BLOCK = 1 << 20
_DIGITS = 15
"""Significant digits of a number that a spreadsheet stores and shows."""
_AS_SHOWN = Context(prec=_DIGITS)
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*ref=["']([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)""")
_HIDDEN = re.compile(
    rb"""<(?:\w+:)?row\s(?=[^>]*\shidden=["'](?:1|true)["'])[^>]*?\br=["'](\d+)["'][^>]*[^/>]>"""
    rb"""(?:\s*<(?:\w+:)?c\s[^>]*/>)*\s*<(?:\w+:)?c\s[^>]*[^/>]>"""
)
"""A hidden row that is not empty, such as one that a filter leaves out."""
_LONGEST_MATCH = 4096
"""Bytes that a match of these patterns may have."""


class Unreadable(str):
    """The problem of a cell, in place of its text."""

    __slots__ = ()


NumberedCells = tuple[int, Sequence[str]]
"""The number of a row, and its cells."""


def workbook_rows(path: FileSource, file: IO[bytes], *, visible_only: bool) -> Iterator[NumberedCells]:
    """The rows of the only sheet with content; BadInput for a workbook that can be read in two ways.

    With `visible_only` also for a workbook with hidden rows.
    """
    # Imported here: slow, and only needed for workbooks.
    from openpyxl import load_workbook  # noqa: PLC0415

    _require_safe(path, file, visible_only=visible_only)
    read = partial(_readable, path)
    book = read(partial(load_workbook, file, read_only=True, data_only=False, keep_links=False))
    sheets = [sheet for sheet in book.worksheets if sheet.title.lower() != EXPLANATIONS]
    for sheet in sheets:
        # The size that a workbook declares may be wrong, and then rows would be left out.
        sheet.reset_dimensions()
    filled = [sheet for sheet in sheets if read(partial(_has_content, sheet))]
    if len(filled) > 1:
        raise BadInput(
            "workbook-several-sheets",
            "{path} has {number} sheets with content ({sheets}): leave only the one that is to be read.",
            path=path,
            number=len(filled),
            sheets=_listed(filled),
        )
    for sheet in filled:
        yield from _sheet_rows(path, read, sheet)


def _sheet_rows(
    path: FileSource, read: Callable[[Callable[[], Any]], Any], sheet: Any
) -> Iterator[NumberedCells]:
    """The rows of a sheet, padded to the width of the header: a workbook does not store empty cells."""
    rows = enumerate(sheet.iter_rows(), start=1)
    width = 0
    while block := read(lambda: list(islice(rows, 100))):
        for number, cells in block:
            if len(cells) > _LARGEST_COLUMNS:
                raise BadInput(
                    "workbook-too-many-columns",
                    "{path}, row {number}, has more than {columns_max:,} columns.",
                    path=path,
                    number=number,
                    columns_max=_LARGEST_COLUMNS,
                )
            texts = [_text(cell) for cell in cells]
            width = width or len(texts)
            yield number, texts + [""] * (width - len(texts))


def _listed(sheets: Iterable[Any]) -> str:
    """The names of sheets; hidden ones are marked."""
    return ", ".join(
        f"'{sheet.title}'" if sheet.sheet_state == "visible" else f"'{sheet.title}', hidden"
        for sheet in sheets
    )


def _has_content(sheet: Any) -> bool:
    rows = islice(sheet.iter_rows(values_only=True), _ROWS_SEARCHED)
    return any(cell not in (None, "") for row in rows for cell in row)


def _readable(path: FileSource, read: Callable[[], Any]) -> Any:
    """The result of `read`; BadInput when the workbook is damaged, for which the library has many errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about content other than cells
            return read()
    except BadInput:
        raise
    except Exception as error:
        raise BadInput(
            "workbook-not-readable",
            "{path} cannot be read as an .xlsx workbook: {why}; save it anew, or as CSV.",
            path=path,
            why=_first_line(error),
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _text(cell: Any) -> str:
    """A cell as text, with plain digits and ISO dates; Unreadable if it has a problem."""
    if cell.value is None:
        return ""
    if cell.data_type == "f":
        return Unreadable(f"cell {cell.coordinate} holds a formula: paste values")
    if cell.data_type == "e":
        return Unreadable(f"cell {cell.coordinate} holds the error {cell.value}")
    return _value_text(cell.value, cell.coordinate)


def _value_text(value: object, place: str) -> str:
    """The value of a cell as text, by its type."""
    match value:
        case str():
            return value.strip()
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _plain_digits(place, value)
        case datetime() if value.time() == time():
            return value.date().isoformat()
    return Unreadable(f"cell {place} holds a time of day: give the day alone")


def _plain_digits(place: str, value: float) -> str:
    """A number in the digits that a spreadsheet shows."""
    number = Decimal(repr(value))
    if not number.is_finite() or number.adjusted() >= _DIGITS:
        return Unreadable(
            f"cell {place} holds a number of more than {_DIGITS} digits, which spreadsheets do not keep: "
            f"format the cell as text"
        )
    shown = format(_AS_SHOWN.plus(number), "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _require_safe(path: FileSource, file: IO[bytes], *, visible_only: bool) -> None:
    """Refuse a workbook that unpacks to too much, declares entities, or has merged cells or hidden rows."""
    try:
        with zipfile.ZipFile(file) as parts:
            declared = parts.infolist()
            if len(declared) > _LARGEST_PARTS or sum(part.file_size for part in declared) > _LARGEST_UNPACKED:
                raise BadInput(
                    "workbook-too-large",
                    "{path} unpacks to more than {mib_max} MiB or {parts_max:,} parts: "
                    "keep only the sheet to be read, or save it as CSV.",
                    path=path,
                    mib_max=_LARGEST_UNPACKED >> 20,
                    parts_max=_LARGEST_PARTS,
                )
            for part in declared:
                with parts.open(part) as opened:
                    _require_plain(path, opened, visible_only=visible_only)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise BadInput(
            "workbook-damaged-or-protected",
            "{path} is damaged or protected by a password: {why}.",
            path=path,
            why=_first_line(error),
        ) from None


def _require_plain(path: FileSource, part: IO[bytes], *, visible_only: bool) -> None:
    """Refuse a part of a workbook with XML declarations of entities, merged cells or hidden rows."""
    prolog = _Prolog()
    before = b""
    while block := part.read(_BLOCK):
        if prolog.declares(block):
            raise BadInput(
                "workbook-declares-entities",
                "{path} declares XML entities, which no spreadsheet does: it is not read.",
                path=path,
            )
        if merged := _MERGED.search(before + block):
            cells = merged[1].decode()
            raise BadInput(
                "workbook-merged-cells",
                "{path}: the cells {cells} are merged: unmerge them, and fill in every row.",
                path=path,
                cells=cells,
            )
        if visible_only and (hidden := _HIDDEN.search(before + block)):
            row = hidden[1].decode()
            raise BadInput(
                "workbook-hidden-row",
                "{path}: row {row} is hidden, perhaps by a filter: show it, or delete it.",
                path=path,
                row=row,
            )
        before = block[-_LONGEST_MATCH:]


class _Prolog:
    """The text before the root element of an XML part, which may declare entities."""

    def __init__(self) -> None:
        self._over = self._found = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._root

    def declares(self, block: bytes) -> bool:
        """Whether there was a DOCTYPE by the end of this block."""
        if not self._over:
            try:
                self._parser.Parse(block, False)
            except expat.ExpatError:  # not XML: an image, or a damaged part
                self._over = True
        return self._found

    def _doctype(self, *_: object) -> None:
        self._found = True

    def _root(self, *_: object) -> None:
        self._over = True
        self._parser.StartElementHandler = None
