"""Spreadsheets of what donors give: rows as people write them become events, or problems that say what to do.

Nothing stops at the first mistake: whoever filled in the file is told all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from donors.codes import CODE_PATTERN
from ledger import (
    Amount,
    BadInput,
    Event,
    Evidence,
    RowProblem,
    SheetColumn,
    SheetProblems,
    SheetRow,
    evidence_of,
    infrequent_gc,
    read_amount,
    read_money,
    read_sheet,
)

MOST_PROBLEMS = 1000
"""Where reading stops: a file with more mistakes than this is another file than was meant."""

CURRENCY = SheetColumn(
    "currency",
    "The currency by its three letters (ISO 4217); empty where it stands beside the amount.",
    "USD",
    required=False,
)
"""The column that says in which currency an amount is."""
_PROGRESS_EVERY = 1000
"""Rows: telling of every one would take longer than reading it."""

Parsed = TypeVar("Parsed")
EvidenceSource = Callable[[], tuple[Evidence, ...]]
"""How events name the file that they are read from."""

_CODE = re.compile(CODE_PATTERN)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_WHOLE = re.compile(r"\d{1,15}")
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_FORMULA = ("=", "+", "-", "@")
_MONTHS = 12


class RowEvent(NamedTuple):
    """An event, and the row of the file that tells it."""

    row: int
    event: Event


class Cells:
    """One row, read as typed values. What cannot be read is noted as a problem, and is None.

    A cell that is empty is a problem where its column is required; where it is not, it is None too, or an
    empty text or tuple.
    """

    def __init__(
        self, row: SheetRow, sheet: EventSheet, problems: list[RowProblem], proof: EvidenceSource
    ) -> None:
        self.number = row.number
        self._proof = proof
        self._cells = row.cells
        self._sheet = sheet
        self._problems = problems
        self._first = len(problems)

    @property
    def has_problems(self) -> bool:
        """Whether anything was noted about this row."""
        return len(self._problems) > self._first

    def problem(self, column: str, what: str) -> None:
        """Note what is wrong with a cell, or with the row where no column is named, and what to do."""
        self._problems.append(RowProblem(self.number, column, what))

    def given(self, column: str) -> str:
        """A cell as it is written; empty where the file has no such column. An empty one may be a problem."""
        written = self._cells.get(column, "")
        if not written and column in self._sheet.required:
            self.problem(column, "it is empty: fill it in")
        return written

    def text(self, column: str) -> str | None:
        """Words; what a spreadsheet would take for a formula, or what cannot be seen, is a problem."""
        return self._read(column, _plain_text, "")

    def code(self, column: str) -> str | None:
        """A code, as donors, agreements and references have it."""
        return self._read(column, _read_code, "")

    def day(self, column: str) -> date | None:
        """A day: YYYY-MM-DD, DD.MM.YYYY, or DD/MM/YYYY or DD-MM-YYYY that can only be read in one way."""
        return self._read(column, read_day, None)

    def whole(self, column: str) -> int | None:
        """A whole number that is not negative."""
        return self._read(column, _read_whole, None)

    def flag(self, column: str) -> bool | None:
        """Yes or no; empty is no."""
        return self._read(column, _read_flag, empty=False)

    def choice(self, column: str, options: Collection[str]) -> str | None:
        """One of some words, in whatever case it is written."""

        def read(written: str) -> str:
            for option in options:
                if option.casefold() == written.casefold():
                    return option
            raise BadInput(f"'{written}' is none of {', '.join(filter(None, options))}: write one of them")

        return self._read(column, read, "")

    def many(self, column: str) -> tuple[str, ...] | None:
        """Several words in one cell, separated by semicolons."""
        return self._read(column, _read_many, ())

    def money(self, amount: str = "amount", currency: str = "currency") -> Amount | None:
        """An amount, with its currency in a column of its own or written beside the number."""
        code = self._cells.get(currency, "").upper()
        return self._read(amount, lambda written: _read_money(written, code))

    def event(self, kind: type[Event], **fields: Any) -> Iterator[Event]:
        """The event that the fields make, or none: then what is wrong with them has been noted.

        A field that could not be read was noted before, and is not noted again. An event that has evidence
        names the file.
        """
        if _names_evidence(kind):
            fields["evidence"] = self._proof()
        try:
            made = kind.make(**fields)
        except BadInput:
            self._note_all(kind, fields)
        else:
            # Nobody asks which fields were given, and of a hundred thousand events that takes 50 MB.
            made.model_fields_set.clear()
            if not self.has_problems:
                yield made

    def _note_all(self, kind: type[Event], fields: Mapping[str, Any]) -> None:
        try:
            kind.model_validate(fields)
        except ValidationError as error:
            for each in error.errors(include_url=False):
                if not (self.has_problems and each["input"] is None):
                    message = each["msg"].removeprefix("Value error, ").rstrip(".")
                    self.problem(self._sheet.column_of(each["loc"]), message)

    def _read(self, column: str, read: Callable[[str], Parsed], empty: Any = None) -> Parsed | Any:
        written = self.given(column)
        if not written:
            return None if column in self._sheet.required else empty
        try:
            return read(written)
        except BadInput as error:
            self.problem(column, str(error).rstrip("."))
            return None


@dataclass(frozen=True)
class EventSheet:
    """What a spreadsheet of one noun has in its columns, and which events a row of it tells."""

    noun: str
    columns: tuple[SheetColumn, ...]
    events: Callable[[Cells], Iterable[Event]]
    """The events of a row: one, or several; none where a problem of the row was noted."""
    named: Mapping[str, str] = field(default_factory=dict)
    """Fields of the events whose column has another name, such as the day on which they take effect."""
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", frozenset(each.name for each in self.columns if each.required))

    def column_of(self, place: tuple[int | str, ...]) -> str:
        """The column that a place within an event comes from; empty where it is the row as a whole."""
        names = {each.name for each in self.columns}
        found = (self.named.get(str(part), str(part)) for part in reversed(place))
        return next((name for name in found if name in names), "")


@infrequent_gc()
def read_events(
    path: Path, sheet: EventSheet, progress: Callable[[int], None] = lambda _rows: None
) -> list[RowEvent]:
    """The events that a file tells, in its order, the file their evidence.

    `progress` is told now and then how many rows were read.

    Raises Problems with all problems of the file, BadInput for what is no such file or has no rows.
    """
    problems: list[RowProblem] = []
    events: list[RowEvent] = []
    first: dict[str, int] = {}
    proof = cache(lambda: (evidence_of(path),))
    try:
        for done, row in enumerate(read_sheet(path, sheet.columns), start=1):
            cells = Cells(row, sheet, problems, proof)
            for event in sheet.events(cells):
                key = event.key
                if key in first:
                    cells.problem("", f"it tells the same as row {first[key]} ({key}): remove one")
                else:
                    first[key] = row.number
                    events.append(RowEvent(row.number, event))
            if len(problems) >= MOST_PROBLEMS:
                cells.problem("", "reading stopped here: mend the problems before this row first")
                break
            if done % _PROGRESS_EVERY == 0:
                progress(done)
    except SheetProblems as error:  # what was wrong before anybody asked what it means
        problems += error.problems
    if problems:
        raise SheetProblems(path, problems)
    if not events:
        raise BadInput(f"{path} has no rows below its header: there is nothing to import.")
    return events


@cache
def _names_evidence(kind: type[Event]) -> bool:
    return "evidence" in kind.model_fields


def _plain_text(written: str) -> str:
    """Words on one line; a line that is broken within a cell is joined."""
    if not written.isprintable():
        written = " ".join(written.split())
        if hidden := next((char for char in written if not char.isprintable()), ""):
            raise BadInput(f"it has a character that cannot be seen (U+{ord(hidden):04X}): remove it")
    if written.startswith(_FORMULA):
        raise BadInput(f"it begins with '{written[0]}', which a spreadsheet takes for a formula: remove it")
    return written


def _read_code(written: str) -> str:
    if not _CODE.fullmatch(written):
        raise BadInput(
            f"'{written}' is not a code: use up to 40 letters, digits, dots, dashes and underscores, the "
            f"first a letter or digit"
        )
    return written


@lru_cache(maxsize=10_000)
def read_day(written: str) -> date:
    """A day as people write it; BadInput where it is none, or could be one of two."""
    try:
        if _ISO_DAY.fullmatch(written):
            return date.fromisoformat(written)
        if match := _DAY_FIRST.fullmatch(written):
            day, month, year = int(match[1]), int(match[3]), int(match[4])
            if match[2] == "." or day > _MONTHS:
                return date(year, month, day)
    except ValueError:
        pass
    raise BadInput(f"'{written}' is not a day, or could be two: write it as YYYY-MM-DD")


@lru_cache(maxsize=10_000)  # gifts repeat, and an amount at hand takes neither time nor room
def _read_money(written: str, currency: str) -> Amount:
    return read_amount(written, currency) if currency else read_money(written)


def _read_whole(written: str) -> int:
    if not _WHOLE.fullmatch(written):
        raise BadInput(f"'{written}' is not a whole number: write it in digits")
    return int(written)


def _read_flag(written: str) -> bool:
    if written.lower() not in _FLAGS:
        raise BadInput(f"'{written}' is neither yes nor no: write one of them")
    return _FLAGS[written.lower()]


def _read_many(written: str) -> tuple[str, ...]:
    parts = (_plain_text(part.strip()) for part in written.split(";"))
    return tuple(part for part in parts if part)
