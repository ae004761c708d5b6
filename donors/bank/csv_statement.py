"""Reader of bank statements in CSV. Every bank has its own format, so a TOML file maps the columns."""

from __future__ import annotations

import codecs
import csv
import re
import tomllib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from io import StringIO
from itertools import islice, pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from donors.bank.statement import (
    LINES_MAX,
    BankLine,
    BankStatement,
    error_context,
    one_line,
    parse_minor,
    reference_code,
    shortened,
)
from ledger import BadInput, FileSource, first_problem, scale

_BLANKS = re.compile(r"[\s'’]")
_WITH_POINT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", re.ASCII)
_WITH_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?", re.ASCII)
_SIGNED = re.compile(r"([+-]?)([^+-]*)([+-]?)")
_MINUS = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}", "-"))
_IN_PARENTHESES = re.compile(r"\(([^()]*)\)")
_DIRECTION = re.compile(r"(.*?)(CR|DR)\.?", re.IGNORECASE)


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"'{name}' is no encoding: write utf-8, utf-16, cp1252 or iso-8859-1") from None
    return name


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Title = Annotated[str, Field(min_length=1)]


class CsvColumns(_Part):
    """The titles of the columns in the file's heading."""

    booked_on: Title
    amount: Title | None = None
    """Signed: a payment out is negative."""
    credit: Title | None = None
    debit: Title | None = None
    """Instead of `amount`: money in and money out in two columns."""
    direction: Title | None = None
    """With an `amount` that has no sign: the column that says whether the money came or left."""
    value_on: Title | None = None
    balance: Title | None = None
    """The balance of the account after the line."""
    account: Title | None = None
    currency: Title | None = None
    reference: Title | None = None
    counterparty: Title | None = None
    counterparty_account: Title | None = None
    remittance: Title | None = None
    end_to_end: Title | None = None

    @model_validator(mode="after")
    def _one_source_of_amounts(self) -> Self:
        if (self.amount is None) == (self.credit is None) or (self.credit is None) != (self.debit is None):
            raise ValueError("name the column of the amount, or those of credit and debit")
        if self.direction is not None and self.amount is None:
            raise ValueError("the column of the direction goes with that of the amount")
        return self


class ColumnMap(_Part):
    """The layout of a bank's CSV files. `docs/bank-files.md` explains every key."""

    columns: CsvColumns
    date_format: str = "%Y-%m-%d"
    decimal: Literal[".", ","] = "."
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8"
    skip_lines: Annotated[int, Field(ge=0, le=1000)] = 0
    """Lines above the heading."""
    skip_last_rows: Annotated[int, Field(ge=0, le=1000)] = 0
    """Rows below the last movement, such as totals; blank rows do not count."""
    came: Title | None = None
    left: Title | None = None
    """The words in the column of the direction, e.g. H and S."""
    newest_first: bool = False
    account: str = ""
    """The account, if no column names it."""
    currency: str = ""
    """The currency, if no column names it."""

    @model_validator(mode="after")
    def _account_and_currency(self) -> Self:
        for name in ("account", "currency"):
            if bool(getattr(self, name)) == (getattr(self.columns, name) is not None):
                raise ValueError(f"give the {name}, or the column that names it, one of the two")
        if len({self.columns.direction is None, self.came is None, self.left is None}) > 1:
            raise ValueError("the column of the direction, came and left go together: give all three")
        return self


def read_column_map(path: FileSource) -> ColumnMap:
    """Read a map of columns; BadInput names the file, the key and what to do."""
    try:
        return ColumnMap.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise BadInput(
            "column-map-unreadable",
            "The map of columns {path} cannot be read: {why}.",
            path=path,
            why=error.strerror,
        ) from None
    except ValidationError as error:
        raise BadInput(
            "file-value-invalid",
            "{path}: {problem}.",
            path=path,
            problem=first_problem(error),
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(
            "column-map-not-toml",
            "The map of columns {path} is not a TOML file: {why}.",
            path=path,
            why=error,
        ) from None


def read_bank_csv(content: bytes, layout: ColumnMap) -> list[BankStatement]:
    """The statements in a CSV file, one for each account and currency; BadInput names line and column.

    Without a column of balances a file can be neither checked nor reconciled.
    """
    rows = list(islice(_rows(content, layout), LINES_MAX + 1))
    if len(rows) > LINES_MAX:
        raise BadInput(
            "csv-too-many-lines",
            "There are more than {lines_max} lines in this file: ask the bank for fewer days.",
            lines_max=LINES_MAX,
        )
    if layout.newest_first:
        rows.reverse()
    by_account: dict[tuple[str, str], list[tuple[BankLine, int | None]]] = {}
    for place, row in rows:
        with error_context(place):
            account = layout.account or _cell(row, layout.columns.account)
            currency = layout.currency or shortened(_cell(row, layout.columns.currency))
            scale(currency)
            if not account:
                raise BadInput(
                    "csv-account-missing",
                    "column '{account}': the account is not named.",
                    account=layout.columns.account,
                )
            line = _line(place, row, layout, currency)
            by_account.setdefault((account, currency), []).append((line, _balance(row, layout, currency)))
    if not by_account:
        raise BadInput(
            "csv-no-lines",
            "There is no line in this file below the heading: nothing is to be read.",
        )
    return [_statement(*of, lines) for of, lines in by_account.items()]


def _rows(content: bytes, layout: ColumnMap) -> Iterator[tuple[str, Mapping[str, str]]]:
    encoding = "utf-8-sig" if codecs.lookup(layout.encoding).name == "utf-8" else layout.encoding
    try:
        text = content.decode(encoding)
    except (UnicodeError, LookupError):
        raise BadInput(
            "csv-encoding-wrong",
            "This is no text in {encoding}: name its encoding in the map of columns.",
            encoding=layout.encoding,
        ) from None
    if "\0" in text:
        raise BadInput(
            "csv-zero-bytes",
            "There are zero bytes in this file, so it is not in {encoding}: name its encoding.",
            encoding=layout.encoding,
        )
    stream = StringIO(text, newline="")
    for _ in range(layout.skip_lines):
        stream.readline()
    reader = csv.reader(stream, delimiter=layout.delimiter, strict=True)
    try:
        heading = [one_line(title) for title in next(reader, [])]
        _require_columns(heading, layout)
        width = 0
        last: deque[tuple[int, list[str]]] = deque()
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            last.append((layout.skip_lines + reader.line_num, row))
            if len(last) > layout.skip_last_rows:
                number, cells = last.popleft()
                width = width or _width(cells, heading)
                yield _row(f"line {number}", cells, heading, width)
    except csv.Error as error:
        raise BadInput(
            "csv-malformed",
            "line {line}: this is no CSV ({why}).",
            line=layout.skip_lines + reader.line_num,
            why=error,
        ) from None


def _width(first: Sequence[str], heading: Sequence[str]) -> int:
    """The number of cells in a row: some banks end every row but the heading with a delimiter."""
    more = len(first) - len(heading)
    return len(first) if more == 1 and not first[-1].strip() else len(heading)


def _row(place: str, row: Sequence[str], heading: Sequence[str], width: int) -> tuple[str, Mapping[str, str]]:
    if len(row) != width or any(cell.strip() for cell in row[len(heading) :]):
        raise BadInput(
            "csv-row-width-differs",
            "{place}: there are {columns} columns, and {expected} in the heading: if it is below the last "
            "movement, name it in skip_last_rows.",
            place=place,
            columns=len(row),
            expected=len(heading),
        )
    return place, dict(zip(heading, row, strict=False))


def _require_columns(heading: list[str], layout: ColumnMap) -> None:
    for key, title in layout.columns.model_dump(exclude_none=True).items():
        if heading.count(title) != 1:
            there = "not there" if title not in heading else "there more than once"
            raise BadInput(
                "csv-column-missing-or-twice",
                "line {line}: the column '{title}' ({key}) is {fault}; the heading has: {heading}.",
                line=layout.skip_lines + 1,
                title=title,
                key=key,
                fault=there,
                heading=", ".join(heading)[:300],
            )


def _line(place: str, row: Mapping[str, str], layout: ColumnMap, currency: str) -> BankLine:
    columns = layout.columns
    booked_on = _day(row, columns.booked_on, layout)
    line = BankLine(
        place=place,
        reference="",
        booked_on=booked_on,
        value_on=_day(row, columns.value_on, layout) if _cell(row, columns.value_on) else booked_on,
        minor=_moved(row, layout, currency),
        counterparty=_cell(row, columns.counterparty),
        counterparty_account=_cell(row, columns.counterparty_account),
        remittance=_cell(row, columns.remittance),
        end_to_end=_cell(row, columns.end_to_end),
    )
    return replace(line, reference=reference_code(_cell(row, columns.reference), line))


def _statement(account: str, currency: str, lines: list[tuple[BankLine, int | None]]) -> BankStatement:
    for (before, _), (after, _) in pairwise(lines):
        if after.booked_on < before.booked_on:
            raise BadInput(
                "csv-lines-out-of-order",
                "{place}: {booked_on} comes after {before}: the lines must go from old to new, or "
                "say newest_first = true in the map of columns.",
                place=after.place,
                booked_on=after.booked_on,
                before=before.booked_on,
            )
    opening = previous = None
    since = 0
    checked_at = lines[0][0].place
    for line, balance in lines:
        since += line.minor
        if balance is None:
            continue
        if previous is not None and previous + since != balance:
            raise BadInput(
                "csv-balance-does-not-follow",
                "{place}: the balance does not follow from that of {checked_at} and the amount: a line "
                "is missing, or one was changed.",
                place=line.place,
                checked_at=checked_at,
            )
        opening = balance - since if previous is None else opening
        previous, since, checked_at = balance, 0, line.place
    # Lines after the last balance in the file cannot be checked.
    closing = lines[-1][1]
    moved = tuple(line for line, _ in lines)
    first, last = moved[0], moved[-1]
    return BankStatement(account, currency, first.booked_on, last.booked_on, opening, closing, moved)


def _cell(row: Mapping[str, str], title: str | None) -> str:
    return one_line(row[title]) if title is not None else ""


def _day(row: Mapping[str, str], title: str | None, layout: ColumnMap) -> date:
    written = _cell(row, title)
    try:
        return datetime.strptime(written, layout.date_format).date()  # noqa: DTZ007 - a day has no time zone
    except (ValueError, re.error):
        raise BadInput(
            "csv-day-invalid",
            "column '{title}': '{text}' is not a day as in {date_format}.",
            title=title,
            text=shortened(written),
            date_format=layout.date_format,
        ) from None


def _moved(row: Mapping[str, str], layout: ColumnMap, currency: str) -> int:
    columns = layout.columns
    if columns.amount is not None:
        return _directed(row, _amount(row, columns.amount, layout, currency), layout)
    credit, debit = (
        _amount(row, title, layout, currency) if _cell(row, title) else 0
        for title in (columns.credit, columns.debit)
    )
    if credit and debit:
        raise BadInput(
            "csv-credit-and-debit",
            "columns '{credit}' and '{debit}': only one of them may have an amount.",
            credit=columns.credit,
            debit=columns.debit,
        )
    return credit - abs(debit)


def _directed(row: Mapping[str, str], minor: int, layout: ColumnMap) -> int:
    """The amount, with its sign from the column of the direction, if there is one."""
    title = layout.columns.direction
    if title is None:
        return minor
    direction = _cell(row, title)
    if direction not in {layout.came, layout.left}:
        raise BadInput(
            "csv-direction-unknown",
            "column '{title}': '{text}' is neither '{came}' nor '{left}'.",
            title=title,
            text=shortened(direction),
            came=layout.came,
            left=layout.left,
        )
    if minor < 0:
        raise BadInput(
            "csv-amount-signed-twice",
            "columns '{amount}' and '{title}': both give the amount a sign.",
            amount=layout.columns.amount,
            title=title,
        )
    return minor if direction == layout.came else -minor


def _balance(row: Mapping[str, str], layout: ColumnMap, currency: str) -> int | None:
    """The balance of the account after a line; None in a blank cell: some banks give it once a day."""
    title = layout.columns.balance
    return _amount(row, title, layout, currency) if _cell(row, title) else None


def _amount(row: Mapping[str, str], title: str | None, layout: ColumnMap, currency: str) -> int:
    written = _cell(row, title)
    signed = _SIGNED.fullmatch(_with_sign(_BLANKS.sub("", written)))
    grouped, group = (_WITH_COMMA, ".") if layout.decimal == "," else (_WITH_POINT, ",")
    with error_context(f"column '{title}'"):
        if signed is None or not grouped.fullmatch(signed[2]) or (signed[1] and signed[3]):
            raise BadInput(
                "csv-amount-invalid",
                "'{text}' is not an amount with the decimal sign '{decimal}'.",
                text=shortened(written),
                decimal=layout.decimal,
            )
        minor = parse_minor(signed[2].replace(group, "").replace(",", "."), currency)
    return -minor if "-" in signed[1] + signed[3] else minor


def _with_sign(written: str) -> str:
    """Write an amount in parentheses, with DR or CR after it, or with a typographic minus, with a sign."""
    plain = written.translate(_MINUS)
    if found := _IN_PARENTHESES.fullmatch(plain):
        return f"-{found[1]}"
    if found := _DIRECTION.fullmatch(plain):
        return f"{found[1]}{'-' if found[2].upper() == 'DR' else '+'}"
    return plain
