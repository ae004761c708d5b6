"""Sheet reader: the rows of a CSV file or an XLSX workbook as plain texts.

It handles encodings, delimiters, formulas, merged cells and malicious files; what the cells mean is for the
caller. A file is read as a stream and within limits, and all problems of its rows are reported together.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from typing import NamedTuple, TextIO

from ledger.errors import BadInput
from ledger.sentence import Sentence, lines_of_text
from ledger.sheets.workbook import NumberedCells, Unreadable, workbook_rows
from ledger.storage.document import FileSource

LARGEST_ROWS = 200_000
"""The default limit of rows below the header."""
_LARGEST_LINE = 1_000_000
"""Characters of a line of a CSV file."""
_LARGEST_CELL = 32_767
"""Characters of a cell: what Excel allows."""
_SHOWN_MAX = 100
"""How many problems are listed one by one."""

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
    """One sentence: what to write into it."""
    example: str = ""
    required: bool = True
    """Whether the sheet must have the column; a cell in it may still be empty, if the caller allows it."""


class SheetRow(NamedTuple):
    """A row that is not blank: its number in the file (the header is row 1) and its cells."""

    number: int
    cells: Mapping[str, str]
    """By name of the column: the text without surrounding blanks; empty for an empty cell."""


class RowProblem(NamedTuple):
    """A problem in a row, and what to do; `column` is empty when it concerns the whole row."""

    row: int
    column: str
    what: str | Sentence


class SheetProblems(BadInput):
    """All problems of a sheet, in one error."""

    def __init__(self, path: FileSource, problems: Iterable[RowProblem]) -> None:
        self.path = path
        self.problems = tuple(sorted(problems, key=lambda problem: problem.row))
        super().__init__("sheet-problems", "{problems}", problems=lines_of_text(self._messages()))

    def _messages(self) -> Iterator[Sentence]:
        if len(self.problems) > 1:
            yield Sentence(f"{self.path}: {len(self.problems):,} problems.")
        for problem in self.problems[:_SHOWN_MAX]:
            place = f", {problem.column}" if problem.column else ""
            yield Sentence(f"{self.path}, row {problem.row}{place}: ", problem.what, ".")
        if len(self.problems) > _SHOWN_MAX:
            yield Sentence(f"... and {len(self.problems) - _SHOWN_MAX:,} more.")


_TEXTS = {str}


def read_sheet(
    path: FileSource, columns: Sequence[SheetColumn], *, largest_rows: int = LARGEST_ROWS
) -> Iterator[SheetRow]:
    """The readable rows of a CSV or XLSX file, one after the other.

    Raises BadInput for a file that cannot be read, SheetProblems for a wrong header, and SheetProblems after
    the last row with the problems of all rows that were left out.
    """
    with _opened(path, visible_only=True) as rows:
        names = _header(path, next(rows, (1, ()))[1], columns)
        absent = dict.fromkeys((column.name for column in columns if column.name not in names), "")
        problems: list[RowProblem] = []
        for number, cells in rows:
            if number > largest_rows + 1:
                raise BadInput(
                    "sheet-too-many-rows",
                    "{path} has more than {rows_max:,} rows: split it into several files.",
                    path=path,
                    rows_max=largest_rows,
                )
            if any(cells):
                wrong = _wrong(number, names, cells)
                problems += wrong
                if not wrong:
                    yield SheetRow(number, dict(zip(names, cells, strict=False), **absent))
    if problems:
        raise SheetProblems(path, problems)


def read_rows(
    path: FileSource, *, largest_rows: int = LARGEST_ROWS, titles_max: int = 0
) -> Iterator[tuple[int, Sequence[str]]]:
    """All rows of a file with their numbers, for a table that may have titles above its header.

    Raises BadInput for a file that cannot be read, and SheetProblems for the first cell that cannot.
    """
    with _opened(path, titles_max) as rows:
        for number, cells in rows:
            if number > largest_rows:
                raise BadInput(
                    "sheet-too-many-rows",
                    "{path} has more than {rows_max:,} rows: split it into several files.",
                    path=path,
                    rows_max=largest_rows,
                )
            for cell in cells:
                if type(cell) is Unreadable:
                    raise SheetProblems(path, [RowProblem(number, "", str(cell))])
            yield number, cells


def _wrong(number: int, names: Sequence[str], cells: Sequence[str]) -> list[RowProblem]:
    """The problems of a row, apart from what its cells mean."""
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


def _header(path: FileSource, cells: Sequence[str], columns: Sequence[SheetColumn]) -> list[str]:
    """The names of the columns in the order of the file; SheetProblems lists all that are wrong."""
    names = ["_".join(cell.lower().split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BadInput(
            "sheet-header-missing",
            "{path} has no header row: its first row must name the columns.",
            path=path,
        )
    known = [column.name for column in columns]
    given = set(names)
    if given.isdisjoint(known):
        raise BadInput(
            "sheet-header-unknown",
            "{path}: its first row names none of the columns {known}: remove the titles above the row "
            "that names them.",
            path=path,
            known=", ".join(known),
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
            path, [RowProblem(1, name[:_NAME_SHOWN_MAX] or "no name", what) for name, what in wrong]
        )
    return names


_NAME_SHOWN_MAX = 60
"""Characters of a header that a message shows."""


@contextmanager
def _opened(
    path: FileSource, titles_max: int = 0, *, visible_only: bool = False
) -> Iterator[Iterator[NumberedCells]]:
    """The rows of a file as texts; its format is found by its first bytes, not by its name.

    With `visible_only` a workbook with hidden rows is refused.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if start.startswith(_OLE):
                raise BadInput(
                    "sheet-old-or-protected",
                    "{path} is an old .xls file or protected by a password: save it as an .xlsx "
                    "workbook without a password, or as CSV.",
                    path=path,
                )
            if start == _WORKBOOK:
                yield workbook_rows(path, file, visible_only=visible_only)
            else:
                utf_16 = start[:2] in _UTF_16
                # A byte that is not UTF-8 is found later, in its line, which the message then names.
                encoding, errors = ("utf-16", "strict") if utf_16 else ("utf-8-sig", "surrogateescape")
                with TextIOWrapper(file, encoding=encoding, errors=errors, newline="") as text:
                    yield _csv_rows(path, text, titles_max)
    except OSError as error:
        raise BadInput(
            "sheet-not-readable",
            "{path} cannot be read: {why}.",
            path=path,
            why=error.strerror,
        ) from None


def _csv_rows(path: FileSource, text: TextIO, titles_max: int) -> Iterator[NumberedCells]:
    lines = _lines(path, text)
    first = list(islice(lines, 1 + titles_max))
    named = _DELIMITER_LINE.fullmatch(first[0].strip()) if first else None
    delimiter = named[1] if named else _delimiter("".join(first))
    rows = csv.reader(chain(first[1:] if named else first, lines), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(rows, start=2 if named else 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise BadInput(
            "csv-line-invalid",
            "{path}, line {line}, is not CSV: {why}.",
            path=path,
            line=rows.line_num,
            why=error,
        ) from None


_DELIMITER_LINE = re.compile(rf"sep=([{_DELIMITERS}])", re.IGNORECASE)
"""The first line of a CSV file of Excel that names the delimiter."""


def _delimiter(beginning: str) -> str:
    return max(_DELIMITERS, key=beginning.count)


def _lines(path: FileSource, text: TextIO) -> Iterator[str]:
    """The lines of a text file, each checked for its length and encoding."""
    number = 0
    try:
        while line := text.readline(_LARGEST_LINE + 1):
            number += 1
            if len(line) > _LARGEST_LINE:
                raise BadInput(
                    "csv-line-too-long",
                    "{path}, line {number}, is longer than {characters_max:,} characters.",
                    path=path,
                    number=number,
                    characters_max=_LARGEST_LINE,
                )
            if "\0" in line or not (line.isascii() or _is_text(line)):
                raise BadInput(
                    "csv-line-not-text",
                    "{path}, line {number}, {problem}.",
                    path=path,
                    number=number,
                    problem=_NOT_TEXT,
                )
            yield line
    except UnicodeError:
        raise BadInput(
            "csv-rest-not-text",
            "{path}, after line {number}, {problem}.",
            path=path,
            number=number,
            problem=_NOT_TEXT,
        ) from None


_NOT_TEXT = "is not text in UTF-8: save the file as 'CSV UTF-8' or as an .xlsx workbook"


def _is_text(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:  # a byte that is not UTF-8
        return False
    return True
