"""Time check: days and times of entries have one form, and none was recorded before the one it follows.

The database refuses such an entry since migration 0004; an owner can drop its triggers, and older books had
none for this. The database finds what may be wrong, so that few entries of a large journal pass through
Python, which decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from sqlalchemy import Connection, TextClause, text

from ledger.entry.canonical import read_time


def time_faults(books: Connection, after: int, last: int) -> Iterator[tuple[int, str]]:
    """What is wrong with the times of the entries after one and up to another, each with its entry."""
    for row in books.execute(_query(books.dialect.name), {"after": after, "last": last}):
        seq, recorded_at, effective_on, before, named = row
        for what in (recorded_fault(recorded_at, before, seq), _day_fault(effective_on, names_it=named)):
            if what:
                yield seq, what


def made_fault(made_at: object) -> str | None:
    """What is wrong with the time at which a proposal was made."""
    return None if read_time(str(made_at)) else f"was made at {_shown(made_at)}, {_NO_TIME}"


def recorded_fault(recorded_at: object, before: object, seq: int) -> str | None:
    """What is wrong with the time of an entry, given that of the entry before it, if any."""
    time = read_time(str(recorded_at))
    if time is None:
        return f"it was recorded at {_shown(recorded_at)}, {_NO_TIME}"
    earlier = read_time(str(before))
    if earlier is not None and earlier > time:
        return f"it was recorded at {recorded_at}, before entry {seq - 1}, which was recorded at {before}"
    return None


def _day_fault(effective_on: object, *, names_it: bool) -> str | None:
    try:
        is_day = date.fromisoformat(str(effective_on)).isoformat() == effective_on
    except ValueError:
        is_day = False
    if not is_day:
        return f"it takes effect on {_shown(effective_on)}, which is not a day, written as YYYY-MM-DD"
    return None if names_it else f"it takes effect on {effective_on}, and its event on another day"


def _shown(value: object) -> str:
    """A value that may be anything, as one short line."""
    return ascii(value if len(str(value)) <= _SHOWN_LENGTH else f"{str(value)[:_SHOWN_LENGTH]}...")


_SHOWN_LENGTH = 40
_NO_TIME = "which is not a time, written as YYYY-MM-DDTHH:MM:SS.ffffff+00:00"
_DAY = "dddd-[01]d-[0-2]d"
_TIME = _DAY + "T[0-2]d:[0-5]d:[0-5]d.dddddd+00:00"
_PLACE = {"sqlite": "instr", "postgresql": "strpos"}


@cache
def _query(engine: str) -> TextClause:
    """The entries that may be wrong: another form, a day that may not exist, an earlier time, another day.

    In canonical JSON a quotation mark within a text follows a backslash, so what is looked for in a payload
    is the day of the event.
    """
    names_it = f"""{_PLACE[engine]}(e.payload, '"on":"' || e.effective_on || '"') > 0"""
    return text(f"""
        SELECT e.seq, e.recorded_at, e.effective_on, b.recorded_at, {names_it}
        FROM entry AS e LEFT JOIN entry AS b ON b.seq = e.seq - 1
        WHERE e.seq > :after AND e.seq <= :last AND NOT coalesce(
            {_is_time(engine, "e.recorded_at")} AND e.recorded_at >= coalesce(b.recorded_at, '')
            AND {_matches(engine, "e.effective_on", _DAY, 10)} AND {_is_day("e.effective_on")}
            AND {names_it}, FALSE
        )
        ORDER BY e.seq""")


def _is_time(engine: str, column: str) -> str:
    """The condition that a column is a time on a day that every month has."""
    matches = _matches(engine, column, _TIME, 32)
    return f"{matches} AND {_is_day(column)} AND substr({column}, 12, 2) < '24'"


def _matches(engine: str, column: str, form: str, length: int) -> str:
    """The condition that a column has a form, in which `d` stands for a digit."""
    if engine == "sqlite":
        pattern = form.replace("d", "[0-9]")
        return f"{column} GLOB '{pattern}' AND length(CAST({column} AS BLOB)) = {length}"
    pattern = form.replace(".", "[.]").replace("+", "[+]").replace("d", "[0-9]")
    return f"{column} ~ '^{pattern}$'"


def _is_day(column: str) -> str:
    """The condition that a column in the form of a day names one that every month has."""
    return (
        f"{column} > '0001' AND substr({column}, 6, 2) BETWEEN '01' AND '12'"
        f" AND substr({column}, 9, 2) BETWEEN '01' AND '28'"
    )
