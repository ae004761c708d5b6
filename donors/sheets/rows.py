"""Reader of spreadsheet rows: each row becomes events, or problems that say what to correct.

Reading does not stop at the first mistake, so that all problems of a file are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from donors.codes import CODE_PATTERN
from ledger import (
    Amount,
    BadInput,
    Event,
    Evidence,
    FileSource,
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
"""Problems after which reading stops: such a file is probably the wrong one."""

CURRENCY = SheetColumn(
    "currency",
    "The currency by its three letters (ISO 4217); empty where it stands beside the amount.",
    "USD",
    required=False,
)
"""The column that says in which currency an amount is."""
_PROGRESS_EVERY = 1000
"""Rows between two calls of `progress`; reporting every row would take longer than reading it."""

Parsed = TypeVar("Parsed")
EvidenceSource = Callable[[], tuple[Evidence, ...]]
"""Returns the file that events are read from, as their evidence."""

_CODE = re.compile(CODE_PATTERN)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_WHOLE = re.compile(r"\d{1,15}")
_FLAGS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_FORMULA = ("=", "+", "-", "@")
_MONTHS = 12


class RowEvent(NamedTuple):
    """An event and the row of the file that it was read from."""

    row: int
    event: Event


class Cells:
    """One row, read as typed values. A cell that cannot be read is noted as a problem and read as None.

    So is an empty cell of a required column; in any other column it is None without a problem, or an empty
    text or tuple.
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
        """Note a problem of a cell, or of the whole row if `column` is empty, and what to do about it."""
        self._problems.append(RowProblem(self.number, column, what))

    def given(self, column: str) -> str:
        """The text of a cell; empty if the file has no such column. Notes a missing required cell."""
        written = self._cells.get(column, "")
        if not written and column in self._sheet.required:
            self.problem(column, "it is empty: fill it in")
        return written

    def text(self, column: str) -> str | None:
        """Text; a text that looks like a formula or has invisible characters is a problem."""
        return self._read(column, _plain_text, "")

    def code(self, column: str) -> str | None:
        """A code (`donors.codes`), as of a donor, an agreement or a reference."""
        return self._read(column, _read_code, "")

    def day(self, column: str) -> date | None:
        """A day: YYYY-MM-DD or DD.MM.YYYY, and DD/MM/YYYY or DD-MM-YYYY if that is unambiguous."""
        return self._read(column, read_day, None)

    def whole(self, column: str) -> int | None:
        """A whole number that is not negative."""
        return self._read(column, _read_whole, None)

    def flag(self, column: str) -> bool | None:
        """Yes or no; empty is no."""
        return self._read(column, _read_flag, empty=False)

    def choice(self, column: str, options: Collection[str]) -> str | None:
        """One of the options, in upper or lower case."""

        def read(written: str) -> str:
            for option in options:
                if option.casefold() == written.casefold():
                    return option
            raise BadInput(
                "choice-invalid",
                "'{written}' is none of {choices}: write one of them",
                written=written,
                choices=", ".join(filter(None, options)),
            )

        return self._read(column, read, "")

    def many(self, column: str) -> tuple[str, ...] | None:
        """Several texts in one cell, separated by semicolons."""
        return self._read(column, _read_many, ())

    def money(self, amount: str = "amount", currency: str = "currency") -> Amount | None:
        """An amount, with its currency in a column of its own or beside the number."""
        code = self._cells.get(currency, "").upper()
        return self._read(amount, lambda written: _read_money(written, code))

    def event(self, kind: type[Event], **fields: Any) -> Iterator[Event]:
        """Yield the event made of the fields, or nothing after noting what is wrong with them.

        A field that could not be read is not noted a second time. An event kind with evidence gets the file.
        """
        if _names_evidence(kind):
            fields["evidence"] = self._proof()
        try:
            made = kind.make(**fields)
        except BadInput:
            self._note_all(kind, fields)
        else:
            # Not needed, and for a hundred thousand events this set takes 50 MB.
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
    """The columns of a spreadsheet of one noun, and how a row becomes events."""

    noun: str
    columns: tuple[SheetColumn, ...]
    events: Callable[[Cells], Iterable[Event]]
    """The events of a row, one or several; none if a problem of the row was noted."""
    named: Mapping[str, str] = field(default_factory=dict)
    """The columns of event fields with another name, such as `on`."""
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", frozenset(each.name for each in self.columns if each.required))

    def column_of(self, place: tuple[int | str, ...]) -> str:
        """The column of a place within an event; empty for the row as a whole."""
        names = {each.name for each in self.columns}
        found = (self.named.get(str(part), str(part)) for part in reversed(place))
        return next((name for name in found if name in names), "")


@infrequent_gc()
def read_events(
    path: FileSource, sheet: EventSheet, progress: Callable[[int], None] = lambda _rows: None
) -> list[RowEvent]:
    """The events of a spreadsheet, in its order, with the file as their evidence.

    `progress` is called now and then with the number of rows read so far.

    Raises SheetProblems with all problems of the file, BadInput if it is no such file or has no rows.
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
                    cells.problem("", f"it records the same as row {first[key]} ({key}): remove one")
                else:
                    first[key] = row.number
                    events.append(RowEvent(row.number, event))
            if len(problems) >= MOST_PROBLEMS:
                cells.problem("", "reading stopped here: correct the problems before this row first")
                break
            if done % _PROGRESS_EVERY == 0:
                progress(done)
    except SheetProblems as error:  # problems of the file itself, before rows are interpreted
        problems += error.problems
    if problems:
        raise SheetProblems(path, problems)
    if not events:
        raise BadInput(
            "import-file-empty",
            "{path} has no rows below its header: there is nothing to import.",
            path=path,
        )
    return events


@cache
def _names_evidence(kind: type[Event]) -> bool:
    return "evidence" in kind.model_fields


def _plain_text(written: str) -> str:
    """Text on one line; line breaks within a cell become blanks."""
    if not written.isprintable():
        written = " ".join(written.split())
        if hidden := next((char for char in written if not char.isprintable()), ""):
            raise BadInput(
                "cell-invisible-character",
                "it has a character that cannot be seen (U+{character:04X}): remove it",
                character=ord(hidden),
            )
    if written.startswith(_FORMULA):
        raise BadInput(
            "cell-begins-formula",
            "it begins with '{written}', which a spreadsheet takes for a formula: remove it",
            written=written[0],
        )
    return written


def _read_code(written: str) -> str:
    if not _CODE.fullmatch(written):
        raise BadInput(
            "code-invalid",
            "'{written}' is not a code: use up to 40 letters, digits, dots, dashes and underscores, "
            "the first a letter or digit",
            written=written,
        )
    return written


@lru_cache(maxsize=10_000)
def read_day(written: str) -> date:
    """A day in one of the usual formats; BadInput if it is none, or ambiguous."""
    try:
        if _ISO_DAY.fullmatch(written):
            return date.fromisoformat(written)
        if match := _DAY_FIRST.fullmatch(written):
            day, month, year = int(match[1]), int(match[3]), int(match[4])
            if match[2] == "." or day > _MONTHS:
                return date(year, month, day)
    except ValueError:
        pass
    raise BadInput(
        "day-invalid-or-ambiguous",
        "'{written}' is not a day, or could be two: write it as YYYY-MM-DD",
        written=written,
    )


@lru_cache(maxsize=10_000)  # amounts of gifts repeat: a cached one saves time and memory
def _read_money(written: str, currency: str) -> Amount:
    return read_amount(written, currency) if currency else read_money(written)


def _read_whole(written: str) -> int:
    if not _WHOLE.fullmatch(written):
        raise BadInput(
            "whole-number-invalid",
            "'{written}' is not a whole number: write it in digits",
            written=written,
        )
    return int(written)


def _read_flag(written: str) -> bool:
    if written.lower() not in _FLAGS:
        raise BadInput(
            "yes-or-no-invalid",
            "'{written}' is neither yes nor no: write one of them",
            written=written,
        )
    return _FLAGS[written.lower()]


def _read_many(written: str) -> tuple[str, ...]:
    parts = (_plain_text(part.strip()) for part in written.split(";"))
    return tuple(part for part in parts if part)
