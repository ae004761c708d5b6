"""Sheets: rows that people type or export, read from a CSV file or an XLSX workbook as plain texts.

What a sheet means is the business of whoever asks; here is only what can go wrong before: encodings,
delimiters, formulas, merged cells, and files that were made to do harm. A file is read in a stream and within
limits, and everything that is wrong with its rows is told at once.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, TextIO

from ledger.errors import BadInput
from ledger.sheets.workbook import NumberedCells, Unreadable, workbook_rows

LARGEST_ROWS = 200_000
"""How many rows a sheet may have below its header, unless whoever reads it says otherwise."""
_LARGEST_LINE = 1_000_000
"""Characters of a line of a CSV file."""
_LARGEST_CELL = 32_767
"""Characters of a cell: what Excel allows."""
_MOST_TOLD = 100
"""How many problems are told one by one."""

_WORKBOOK = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
"""How an old .xls file begins, and a workbook that is protected by a password."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class SheetColumn:
    """A column that a sheet may have."""

    name: str
    """The header, in lower_snake_case."""
    what: str
    """One sentence: what goes in."""
    example: str = ""
    required: bool = True
    """Whether the sheet must have it; what may stay empty in a row is for the reader of the row to say."""


class SheetRow(NamedTuple):
    """A row that is not blank: its number in the file, where the header is row 1, and its cells."""

    number: int
    cells: Mapping[str, str]
    """By the column's name: its text without blanks around it; empty where the sheet has nothing."""


class RowProblem(NamedTuple):
    """What is wrong in a row, and what to do; `column` is empty where it is the whole row."""

    row: int
    column: str
    what: str


class SheetProblems(BadInput):
    """Everything that is wrong with a sheet, told at once."""

    def __init__(self, path: Path, problems: Iterable[RowProblem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems, key=lambda problem: problem.row))
        super().__init__("\n".join(self._told()))

    def _told(self) -> Iterator[str]:
        if len(self.problems) > 1:
            yield f"{self.path}: {len(self.problems):,} problems."
        for problem in self.problems[:_MOST_TOLD]:
            place = f", {problem.column}" if problem.column else ""
            yield f"{self.path}, row {problem.row}{place}: {problem.what}."
        if len(self.problems) > _MOST_TOLD:
            yield f"... and {len(self.problems) - _MOST_TOLD:,} more."


_TEXTS = {str}


def read_sheet(
    path: Path, columns: Sequence[SheetColumn], *, largest_rows: int = LARGEST_ROWS
) -> Iterator[SheetRow]:
    """The rows of a CSV or XLSX file that can be read, one after the other.

    Raises BadInput at once for what cannot be read at all, Problems at once for a header that does not fit,
    and Problems after the last row for the rows that were left out, which are all told together.
    """
    with _opened(path, seen_only=True) as rows:
        names = _header(path, next(rows, (1, ()))[1], columns)
        absent = dict.fromkeys((column.name for column in columns if column.name not in names), "")
        problems: list[RowProblem] = []
        for number, cells in rows:
            if number > largest_rows + 1:
                raise BadInput(f"{path} has more than {largest_rows:,} rows: split it into several files.")
            if any(cells):
                wrong = _wrong(number, names, cells)
                problems += wrong
                if not wrong:
                    yield SheetRow(number, dict(zip(names, cells, strict=False), **absent))
    if problems:
        raise SheetProblems(path, problems)


def read_rows(
    path: Path, *, largest_rows: int = LARGEST_ROWS, titles_max: int = 0
) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows of a file as they stand, for a table that may have titles above its header.

    Raises BadInput for what cannot be read, and Problems for the first cell that cannot.
    """
    with _opened(path, titles_max) as rows:
        for number, cells in rows:
            if number > largest_rows:
                raise BadInput(f"{path} has more than {largest_rows:,} rows: split it into several files.")
            for cell in cells:
                if type(cell) is Unreadable:
                    raise SheetProblems(path, [RowProblem(number, "", str(cell))])
            yield number, cells


def _wrong(number: int, names: Sequence[str], cells: Sequence[str]) -> list[RowProblem]:
    """What is wrong with a row before anybody asks what it means."""
    width = len(names)
    if len(cells) == width and set(map(type, cells)) == _TEXTS and max(map(len, cells)) <= _LARGEST_CELL:
        return []
    if any(cells[width:]):
        return [RowProblem(number, "", f"it has more cells than the header row, which has {width}")]
    if len(cells) < width:
        cut = f"{len(cells)} cell{'' if len(cells) == 1 else 's'}"
        return [RowProblem(number, "", f"it has {cut} where the header row has {width}: it may be cut off")]
    wrong = [
        RowProblem(number, name, str(cell))
        for name, cell in zip(names, cells, strict=False)
        if type(cell) is Unreadable
    ]
    long = [name for name, cell in zip(names, cells, strict=False) if len(cell) > _LARGEST_CELL]
    return wrong + [
        RowProblem(number, name, f"it is longer than {_LARGEST_CELL:,} characters") for name in long
    ]


def _header(path: Path, cells: Sequence[str], columns: Sequence[SheetColumn]) -> list[str]:
    """The columns' names in the order of the file; Problems tells all that is wrong with them."""
    names = ["_".join(cell.lower().split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BadInput(f"{path} has no header row: its first row must name the columns.")
    known = [column.name for column in columns]
    given = set(names)
    if given.isdisjoint(known):
        raise BadInput(
            f"{path}: its first row names none of the columns {', '.join(known)}: "
            f"remove the titles above the row that names them."
        )
    wrong = [
        *(
            (name, f"there is no such column; there are {', '.join(known)}")
            for name in dict.fromkeys(names)
            if name not in known
        ),
        *((name, "the column stands twice") for name in dict.fromkeys(names) if names.count(name) > 1),
        *(
            (each.name, "the column is missing")
            for each in columns
            if each.required and each.name not in given
        ),
    ]
    if wrong:
        raise SheetProblems(
            path, [RowProblem(1, name[:_LARGEST_SHOWN] or "no name", what) for name, what in wrong]
        )
    return names


_LARGEST_SHOWN = 60
"""Characters of what stands in a header, in a message."""


@contextmanager
def _opened(path: Path, titles_max: int = 0, *, seen_only: bool = False) -> Iterator[Iterator[NumberedCells]]:
    """The rows of a file as texts, the header first or below titles, by what the file is, not by its name.

    With `seen_only` a workbook is refused of which somebody who looks at it does not see every row.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if start.startswith(_OLE):
                raise BadInput(
                    f"{path} is an old .xls file or protected by a password: "
                    f"save it as an .xlsx workbook without a password, or as CSV."
                )
            if start == _WORKBOOK:
                yield workbook_rows(path, file, seen_only=seen_only)
            else:
                utf_16 = start[:2] in _UTF_16
                # A byte that is not UTF-8 is found in its line, which the message then names.
                encoding, errors = ("utf-16", "strict") if utf_16 else ("utf-8-sig", "surrogateescape")
                with TextIOWrapper(file, encoding=encoding, errors=errors, newline="") as text:
                    yield _csv_rows(path, text, titles_max)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None


def _csv_rows(path: Path, text: TextIO, titles_max: int) -> Iterator[NumberedCells]:
    lines = _lines(path, text)
    first = list(islice(lines, 1 + titles_max))
    told = _TOLD_DELIMITER.fullmatch(first[0].strip()) if first else None
    delimiter = told[1] if told else _delimiter("".join(first))
    rows = csv.reader(chain(first[1:] if told else first, lines), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(rows, start=2 if told else 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadInput(f"{path}, line {rows.line_num}, is not CSV: {error}.") from None


_TOLD_DELIMITER = re.compile(rf"sep=([{_DELIMITERS}])", re.IGNORECASE)
"""A line by which Excel tells itself the delimiter."""


def _delimiter(beginning: str) -> str:
    return max(_DELIMITERS, key=beginning.count)


def _lines(path: Path, text: TextIO) -> Iterator[str]:
    """The lines of a text file, each looked at before anybody builds on it."""
    number = 0
    try:
        while line := text.readline(_LARGEST_LINE + 1):
            number += 1
            if len(line) > _LARGEST_LINE:
                raise BadInput(f"{path}, line {number}, is longer than {_LARGEST_LINE:,} characters.")
            if "\0" in line or not (line.isascii() or _is_text(line)):
                raise BadInput(f"{path}, line {number}, {_NOT_TEXT}.")
            yield line
    except UnicodeError:
        raise BadInput(f"{path}, after line {number}, {_NOT_TEXT}.") from None


_NOT_TEXT = "is not text in UTF-8: save the file as 'CSV UTF-8' or as an .xlsx workbook"


def _is_text(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:  # a byte that was no UTF-8
        return False
    return True
