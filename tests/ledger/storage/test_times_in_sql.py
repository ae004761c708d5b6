"""The one form of days and times, as the trigger on entries has it: what Python reads, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from ledger.entry.canonical import read_time, written_time
from ledger.storage.migrations import migrations
from mdfm.books import open_at
from tests.ledger.storage.test_seal import OTHER_TIMES
from tests.support.effort import effort
from tests.support.engines import EMPTY, Shelf

Accepts = Callable[[str, str], bool]
"""Whether a condition of the trigger lets a text pass."""

YEARS = ("0000", "0001", "0004", "0100", "0400", "1900", "1999", "2000", "2023", "2024", "9996", "9999")
AGES = st.datetimes(timezones=st.just(UTC)).map(written_time)
DIGITS = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\.[0-9]{6}\+0[0-9]:00", fullmatch=True
)
LETTERS = st.characters(codec="utf-8", exclude_characters="\0")


@st.composite
def nearly(draw: st.DrawFn) -> str:
    """A time with a few characters left out, put in or exchanged."""
    written = list(draw(AGES))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(written)))
        letters = draw(st.one_of(LETTERS, st.sampled_from("0123456789-:T.+Z \n\u0660\u06f1")))
        written[place : place + draw(st.integers(0, 1))] = draw(st.sampled_from(["", letters]))
    return "".join(written)


TIMES = st.one_of(AGES, DIGITS, nearly(), st.text(LETTERS))
"""Times, what is nearly one, and any text."""


@pytest.fixture
def accepts(shelf: Shelf) -> Iterator[Accepts]:
    """Asks the database itself."""
    book = open_at(shelf.fresh(EMPTY))
    with book.reading() as books:
        yield asking(books)
    book.close()


def asking(books: Connection) -> Accepts:
    migration = _migration()
    engine = books.dialect.name
    collation = 'COLLATE "C"' if engine == "postgresql" else ""

    def accepts(what: str, given: str) -> bool:
        refused = getattr(migration, f"not_a_{what}")(engine, "it.said")
        query = text(f"SELECT {refused} FROM (SELECT CAST(:said AS text) {collation} AS said) AS it")
        return not books.execute(query, {"said": given}).scalar_one()

    return accepts


def _migration() -> Any:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as slow as all the rest

    found = ScriptDirectory(str(migrations())).get_revision("0004")
    assert found is not None
    return found.module


def is_day(said: str) -> bool:
    try:
        return date.fromisoformat(said).isoformat() == said
    except ValueError:
        return False


@settings(
    max_examples=effort(200, 20_000),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=TIMES)
def test_the_trigger_takes_what_python_reads(accepts: Accepts, said: str) -> None:
    assert accepts("time", said) == (read_time(said) is not None)
    assert accepts("day", said[:10]) == is_day(said[:10])


def test_every_day_of_the_calendar_and_no_other(accepts: Accepts) -> None:
    days = [f"{year}-{month:02}-{day:02}" for year, month, day in product(YEARS, range(14), range(33))]
    for day in days if effort(0, 1) else thinned(days):
        assert accepts("day", day) == is_day(day), day
        time = f"{day}T23:59:59.999999+00:00"
        assert accepts("time", time) == (read_time(time) is not None) == is_day(day), time


def thinned(days: Iterable[str]) -> list[str]:
    """The first and last days of each month."""
    return [day for day in days if day[-2:] in ("00", "01", "28", "29", "30", "31", "32")]


@pytest.mark.parametrize("said", OTHER_TIMES.values(), ids=OTHER_TIMES)
def test_no_other_time_is_read(said: str) -> None:
    assert read_time(said) is None


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_is_written_and_read_again(moment: datetime) -> None:
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:
        return  # before the first year or after the last
    assert read_time(written_time(moment)) == in_utc
