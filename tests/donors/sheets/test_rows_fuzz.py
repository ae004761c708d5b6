"""Spreadsheets that are damaged or made to do harm: read rightly, or refused with file, row and column.

Whole files of the right shape are mutated byte by byte and cell by cell; every outcome is events that are
valid in themselves, or a sentence.
"""

from __future__ import annotations

import csv
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import donors
from donors import CONTRIBUTION_SHEET, EventSheet, read_events
from donors.codes import CODE_PATTERN
from ledger import BadInput, Event, SheetProblems
from tests.support.effort import effort

SHEETS = [each for each in vars(donors).values() if isinstance(each, EventSheet)]
ROUNDS = effort(150, 2_000)
MEMORY_MAX = 64 * 1024 * 1024
HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(1)", "=cmd|' /C calc'!A0", "\t=1", '"', ";", ",", "\n", "\r", "\0"),
    *("9" * 400, "1e308", "NaN", "Infinity", "½", "1.234", "1,23,4", "0x10", "--5", "١٢", "1_000", "−5"),
    *(
        "2022-13-01",
        "0000-00-00",
        "32.01.2022",
        "2022-03-14T00:00",
        "10000-01-01",
        "٢٠٢٢-٠٣-١٤",
        "29.02.2023",
    ),
    *(
        "\ufeff",
        "\u202e",
        "\u200b",
        "\ud7ff",
        "𐏿",
        "a" * 400,
        ";" * 100,
        "2022-01-01 if",
        "2022-01-01 5 if x",
    ),
    *("EUR", "EURO", "usd", "XAU", "🤝", "NULL", "true", "../../etc/passwd", "<x/>", "&xxe;", "\x1b[2J"),
]

Fuzz = settings(
    max_examples=ROUNDS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def example_rows(sheet: EventSheet, count: int = 4) -> list[list[str]]:
    """The header, and rows like the example's, each with a first cell of its own."""
    rows = [[column.example for column in sheet.columns] for _ in range(count)]
    for number, row in enumerate(rows):
        row[0] = f"{row[0]}-{number}"
    return [[column.name for column in sheet.columns], *rows]


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def as_xlsx(rows: list[list[str]]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def outcome(path: Path, sheet: EventSheet, content: bytes) -> set[int]:
    """The rows of a file with their events, none if it is refused; any other end is a fault."""
    path.write_bytes(content)
    try:
        rows = read_events(path, sheet)
    except SheetProblems as error:
        assert error.problems
        for problem in error.problems:
            assert problem.row >= 1
            assert problem.what
            assert f"{path}, row {problem.row}" in str(error) or len(error.problems) > 1
        return set()
    except BadInput as error:
        assert str(path) in str(error)
        return set()
    return {each.row for each in rows if _sound(each.event)}


def _sound(event: Event) -> bool:
    """Whether its own rules take the event again, and its words can be shown and opened anywhere."""
    assert type(event).model_validate(event.model_dump()) == event
    for _, value in event:
        if isinstance(value, str):
            assert value.isprintable()
            assert not value.startswith(("=", "+", "-", "@"))
    return True


# ---- cells


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.noun)
@Fuzz
@given(data=st.data())
def test_whatever_stands_in_a_cell(sheet: EventSheet, tmp_path: Path, data: st.DataObject) -> None:
    rows = example_rows(sheet)
    anything = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20), st.from_regex(CODE_PATTERN))
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(1, len(rows) - 1))
        column = data.draw(st.integers(0, len(rows[0]) - 1))
        rows[row][column] = data.draw(anything)
    assert len(outcome(tmp_path / "rows.csv", sheet, as_csv(rows))) in (0, len(rows) - 1)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.noun)
@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_a_hostile_word_in_every_cell_of_a_workbook(sheet: EventSheet, tmp_path: Path, hostile: str) -> None:
    header, row, *_ = example_rows(sheet)
    rows = [header]
    for column in range(len(header)):
        rows.append([hostile if place == column else cell for place, cell in enumerate(row)])
        rows[-1][0] = rows[-1][0] if column == 0 else f"{rows[-1][0]}-{column}"
    try:
        content = as_xlsx(rows)
    except openpyxl.utils.exceptions.IllegalCharacterError:
        content = as_csv(rows)
    assert outcome(tmp_path / "rows.xlsx", sheet, content) == set()


# ---- bytes


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.noun)
def test_damaged_bytes(sheet: EventSheet, make: Callable[[list[list[str]]], bytes], tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = make(example_rows(sheet))
    assert len(outcome(tmp_path / "rows", sheet, whole)) == 4
    for _ in range(ROUNDS):
        outcome(tmp_path / "rows", sheet, _damaged(whole, chance))


def _damaged(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    match chance.randrange(4):
        case 0:
            del changed[chance.randrange(len(changed)) :]
        case 1:
            start = chance.randrange(len(changed))
            del changed[start : start + chance.randrange(1, 40)]
        case 2:
            start = chance.randrange(len(changed))
            changed[start:start] = changed[: chance.randrange(1, 200)]
        case _:
            for _ in range(chance.randrange(1, 8)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.noun)
def test_a_workbook_whose_parts_are_damaged(sheet: EventSheet, tmp_path: Path) -> None:
    """Damage within the archive: what a broken checksum would hide from the reader of the parts."""
    chance = random.Random(11)
    with zipfile.ZipFile(io.BytesIO(as_xlsx(example_rows(sheet)))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(ROUNDS):
        name = chance.choice(sorted(parts))
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for each, content in parts.items():
                archive.writestr(each, _damaged(content, chance) if each == name else content)
        outcome(tmp_path / "rows.xlsx", sheet, file.getvalue())


# ---- limits


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("?", "reading stopped here"), ("", "more than 200,000 rows")],
    ids=["wrong", "blank"],
)
def test_a_million_rows_are_refused_in_bounded_memory(cell: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    header, *_ = example_rows(CONTRIBUTION_SHEET)
    row = ",".join([cell] * len(header)) + "\n"
    path.write_text(",".join(header) + "\n" + row * 1_000_000, "utf-8")
    tracemalloc.start()
    try:
        with pytest.raises(BadInput) as refused:
            read_events(path, CONTRIBUTION_SHEET)
        assert tracemalloc.get_traced_memory()[1] < MEMORY_MAX
    finally:
        tracemalloc.stop()
    told = refused.value.problems[-1].what if isinstance(refused.value, SheetProblems) else str(refused.value)
    assert reason in told
