"""Tables of rates: the UN operational rates of exchange as the UN Treasury publishes them, and our own form.

The published table has a row for each country: its name, its currency by name and by ISO code, the day from
which the rate applies, and the rate. Countries share currencies, so a currency may have many rows, all with
one rate. Titles above the header and notes below the table are skipped. Our own table has one row for each
currency and day. Both are read from CSV or XLSX; rows are read strictly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple

from ledger.currency.rates import RatesPublished
from ledger.errors import BadInput
from ledger.money import FUND_CURRENCY, scale
from ledger.sheets.reader import RowProblem, SheetProblems, read_rows
from ledger.storage.document import FileSource

LARGEST_RATE_ROWS = 100_000
_TITLES_MAX = 30
"""How many rows of titles may be above the header."""

_OWN = {"on": "effective on", "code": "currency", "rate": "rate", "source": "source"}
_NAMES = {
    "code": ("abbreviation", "currency abbreviation", "iso abbreviation", "iso code", "currency code"),
    "on": ("effective date", "date effective", "effective on", "date"),
    "rate": ("rate", "operational rate", "un operational rate", "rate of exchange", "exchange rate"),
}
"""Headers that published tables have used, in lower case, with blanks for other characters."""

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAY = re.compile(r"(\d{1,2})[ -]([a-z]{3,9})[ -](\d{2}|\d{4})", re.IGNORECASE)
_CENTURY = 2000
"""The century of a year in two digits."""

_POINT = re.compile(r"\d+(\.\d+)?|\d{1,3}(,\d{3})+\.\d+|\d{1,3}( \d{3})+(\.\d+)?")
_COMMA = re.compile(r"0,\d+|\d{1,3},(\d{1,2}|\d{4,})|\d{4,},\d+|\d{1,3}([. ]\d{3})+,\d+")
_BLANKS = re.compile(r"\s+")


class RateTable(NamedTuple):
    """The content of a table of rates."""

    published: tuple[RatesPublished, ...]
    """In order of the day from which they apply."""
    unknown: tuple[str, ...]
    """Currencies of the published table without an ISO 4217 code, which are left out."""


@dataclass(frozen=True)
class _Rate:
    """A row of a table, as far as it could be read."""

    row: int
    on: date
    currency: str
    rate: str
    source: str
    comma: bool
    """Whether it has a decimal comma."""


def read_rates(path: FileSource, source: str = "") -> RateTable:
    """Read a table of rates; `source` names its source, where the table has no such column.

    Raises SheetProblems with everything wrong in its rows, BadInput for a file that is no table of rates.
    """
    rows = read_rows(path, largest_rows=LARGEST_RATE_ROWS, titles_max=_TITLES_MAX)
    header = _header(path, rows)
    problems: list[RowProblem] = []
    unknown: set[str] = set()
    rates: list[_Rate] = []
    for number, cells in rows:
        padded = [*cells, *[""] * (header.width - len(cells))]
        row = {name: _BLANKS.sub(" ", padded[place]) for name, place in header.places.items()}
        code = row["code"] = row["code"].upper()
        if any(cells[header.width :]):
            what = f"it has more cells than the header row, which has {header.width}"
            problems.append(RowProblem(number, "", what))
        elif code and not header.own and not _is_currency(code):
            unknown.add(code)
        elif code or row["on"] or row["rate"]:  # otherwise it is blank, or a note
            rates += _read(number, row, problems, own=header.own)
    problems += _contradictions(rates)
    if problems:
        raise SheetProblems(path, problems)
    foreign = [each for each in rates if each.currency != FUND_CURRENCY]
    if not foreign:
        raise BadInput(
            "rate-table-empty",
            "{path} has no rates: it needs a header row and one row for each currency.",
            path=path,
        )
    if not header.own:
        source = source or f"UN Treasury, operational rates of exchange ({path.name})"
    return RateTable(tuple(_by_day(foreign, source)), tuple(sorted(unknown)))


class _Header(NamedTuple):
    """The header row of a table."""

    places: Mapping[str, int]
    """The index of each column."""
    width: int
    own: bool
    """Whether the table has our own form."""


def _header(path: FileSource, rows: Iterator[tuple[int, Sequence[str]]]) -> _Header:
    for _, cells in islice(rows, 1 + _TITLES_MAX):
        names = [re.sub(r"[\W_]+", " ", cell).strip().lower() for cell in cells]
        width = max((place for place, name in enumerate(names, start=1) if name), default=0)
        if {"effective on", "currency"} <= set(names):
            return _Header(
                {name: _place(path, names, usual) for name, usual in _OWN.items()}, width, own=True
            )
        found = {
            part: [names.index(name) for name in usual if name in names] for part, usual in _NAMES.items()
        }
        if all(found.values()):
            return _Header({part: places[0] for part, places in found.items()}, width, own=False)
    raise BadInput(
        "not-a-rate-table",
        "{path} is no table of rates: it needs the columns effective_on, currency, rate and source, or "
        "those of the UN's table: country, currency, abbreviation, effective date and rate.",
        path=path,
    )


def _place(path: FileSource, names: Sequence[str], usual: str) -> int:
    if usual not in names:
        raise BadInput(
            "rate-column-missing",
            "{path}: the column '{column}' is missing from the header row.",
            path=path,
            column=usual.replace(" ", "_"),
        )
    return names.index(usual)


def _read(number: int, row: Mapping[str, str], problems: list[RowProblem], *, own: bool) -> Iterator[_Rate]:
    """The rate of a row; none when it has problems, which are added to `problems`."""
    on, code, written = _day(row["on"]), row["code"], row["rate"]
    comma = _COMMA.fullmatch(written) is not None
    wrong = {}
    if on is None:
        wrong["effective_on"] = "write the date as YYYY-MM-DD, or like 01 Nov 2026"
    if not _is_currency(code):
        wrong["currency"] = f"'{code}' is not a currency: use an ISO 4217 code such as USD or EUR"
    elif code == FUND_CURRENCY and own:
        wrong["currency"] = "rates are units of a currency for one US dollar: leave USD out"
    elif code == FUND_CURRENCY and _plain(written, comma=comma) != "1":
        wrong["rate"] = f"a US dollar costs {written} US dollars here, so this is another table"
    if not (comma or _POINT.fullmatch(written)) or not written.strip("0,. "):
        wrong["rate"] = f"'{written}' is not a rate for {code}: write a positive number such as 0.857"
    problems += [RowProblem(number, column, what) for column, what in wrong.items()]
    if on is not None and not wrong:
        yield _Rate(number, on, code, _plain(written, comma=comma), row.get("source", ""), comma)


def _day(written: str) -> date | None:
    """`2026-11-01`, `01 Nov 2026` or `01-Nov-26`; None for any other."""
    try:
        if match := _DAY.fullmatch(written):
            month = [name.startswith(match[2].lower()) for name in _MONTHS].index(True) + 1
            year = int(match[3])
            return date(year if year >= 100 else _CENTURY + year, month, int(match[1]))
        return date.fromisoformat(written)
    except ValueError:
        return None


def _plain(written: str, *, comma: bool) -> str:
    """A rate in plain digits, in one form only, so that equal rates are equal texts."""
    digits = written.replace(" ", "")
    digits = digits.replace(".", "").replace(",", ".") if comma else digits.replace(",", "")
    whole, _, part = digits.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _is_currency(code: str) -> bool:
    try:
        scale(code)
    except BadInput:
        return False
    return True


def _contradictions(rates: Iterable[_Rate]) -> Iterator[RowProblem]:
    """Two different rates for one currency and day, and decimal commas beside decimal points."""
    first: dict[tuple[str, date], _Rate] = {}
    written: dict[bool, _Rate] = {}
    for each in rates:
        other = first.setdefault((each.currency, each.on), each)
        if other.rate != each.rate:
            yield RowProblem(
                each.row,
                "rate",
                f"{each.currency} stands twice for {each.on}, with {each.rate} here and {other.rate} in row "
                f"{other.row}: keep the one that the UN published",
            )
        if each.comma or "." in each.rate:
            other = written.setdefault(each.comma, each)
            if other is each and (against := written.get(not each.comma)):
                mark, its = ("comma", "point") if each.comma else ("point", "comma")
                what = f"it has a decimal {mark} and row {against.row} a decimal {its}: write all in one way"
                yield RowProblem(each.row, "rate", what)


def _by_day(rates: Iterable[_Rate], source: str) -> Iterator[RatesPublished]:
    days: dict[date, list[_Rate]] = {}
    for each in rates:
        days.setdefault(each.on, []).append(each)
    for on, of_day in sorted(days.items()):
        found = {each.currency: each.rate for each in of_day}
        stated = source or next((each.source for each in of_day if each.source), "")
        yield RatesPublished.make(on=on, rates=dict(sorted(found.items())), source=stated)
