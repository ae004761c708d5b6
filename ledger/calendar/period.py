"""Periods: months and fiscal years, which are closed once their accounts are settled.

The database refuses lines in a closed period; a correction is a reversal dated in an open one.
"""

from __future__ import annotations

import calendar
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field
from sqlalchemy import Connection, bindparam, select

from ledger.entry.event import Event, Kind
from ledger.entry.field_types import OccurrenceField, PeriodField, TextField
from ledger.errors import Refused
from ledger.projections.registers import NOW, as_known, project, register, text, whole
from ledger.sentence import Hint, Sentence
from ledger.storage.evidence import Evidence
from ledger.storage.long_lists import one_of
from ledger.storage.schema import Whole
from ledger.storage.unit_of_work import current_unit_of_work, query_without_flush

PERIOD_PATTERN = r"^[1-9][0-9]{3}(-(0[1-9]|1[0-2]))?$"


class PeriodClosed(Event):
    """A month (`2021-12`) or a fiscal year (`2021`) is closed."""

    kind: ClassVar[str] = "period closed"
    says: ClassVar[str] = "The period {period} is closed: nothing more can be posted in it."

    period: PeriodField = Field(pattern=PERIOD_PATTERN)
    times: OccurrenceField = Field(default=1, ge=1)
    """How many times the period has been closed, this time included: it may be reopened in between."""
    evidence: tuple[Evidence, ...] = Field(default=(), exclude_if=lambda files: not files)
    """What proves the closing, such as the bank's confirmation of the balance. It is left out if empty,
    so that the event is written as before there was this field."""

    @property
    def key(self) -> str:
        return f"period closed:{self.period}:{self.times}"


class PeriodReopened(Event):
    """A closed period is opened again."""

    kind: ClassVar[str] = "period reopened"
    says: ClassVar[str] = "The period {period} is opened again, so that postings can be made in it."

    period: PeriodField = Field(pattern=PERIOD_PATTERN)
    times: OccurrenceField = Field(default=1, ge=1)
    reason: TextField = Field(min_length=1)

    @property
    def key(self) -> str:
        return f"period reopened:{self.period}:{self.times}"


period = register("period", text("period"), whole("closed"))

PeriodStatus = Literal["open", "closed"]


def last_day(code: str) -> date:
    """The last day of a month or of a fiscal year (which is the calendar year)."""
    year, month = (int(part) for part in (code if "-" in code else f"{code}-12").split("-"))
    return date(year, month, calendar.monthrange(year, month)[1])


_CHANGES = (
    select(period.c.period, period.c.closed)
    .where(
        one_of(period.c.period, bindparam("codes")),
        as_known(period, bindparam("known_at", type_=Whole)),
    )
    .order_by(period.c.seq)
)


def _changes(books: Connection, *codes: str, known_at: int = NOW) -> dict[str, list[int]]:
    """For each of these periods that was ever closed: 1 for a closing and 0 for a reopening, in order."""
    changes: dict[str, list[int]] = {}
    for code, closed in books.execute(_CHANGES, {"codes": codes, "known_at": known_at}):
        changes.setdefault(code, []).append(closed)
    return changes


def _is_closed(books: Connection, code: str) -> bool:
    return _changes(books, code).get(code, [0])[-1] == 1


def times_closed(books: Connection, code: str) -> int:
    """How many times this period has been closed so far."""
    return sum(_changes(books, code).get(code, []))


def periods(books: Connection) -> list[tuple[str, PeriodStatus]]:
    """Every period that was ever closed, with its status now."""
    codes = books.execute(select(period.c.period).where(as_known(period)).distinct()).scalars()
    changes = _changes(books, *codes)
    return [(code, "closed" if changes[code][-1] else "open") for code in sorted(changes)]


def open_months(books: Connection, first: date, last: date, known_at: int = NOW) -> list[str]:
    """The months from one day to another that were not closed, by themselves or with their year."""
    numbers = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    months = {f"{number // 12:04d}-{number % 12 + 1:02d}": f"{number // 12:04d}" for number in numbers}
    changes = _changes(books, *months, *sorted(set(months.values())), known_at=known_at)
    closed = {code for code, closings in changes.items() if closings[-1]}
    return [month for month, year in months.items() if not {month, year} & closed]


def _apply_closed(books: Connection, seq: int, event: PeriodClosed) -> None:
    if event.on < last_day(event.period):
        raise Refused(
            "period-not-over",
            "The period {period} cannot be closed on {on}: it has not ended.",
            period=event.period,
            on=event.on,
        )
    if _is_closed(books, event.period):
        raise Refused(
            "period-closed-already",
            "The period {period} is closed already: open it again first{hint}.",
            period=event.period,
            hint=Hint("reopen-a-period"),
        )
    project(books, period, seq, period=event.period, closed=1)


def _apply_reopened(books: Connection, seq: int, event: PeriodReopened) -> None:
    if not _is_closed(books, event.period):
        raise Refused(
            "period-already-open",
            "The period {period} is open already.",
            period=event.period,
        )
    project(books, period, seq, period=event.period, closed=0)


def require_open(books: Connection, on: date) -> None:
    """Refuse a date in a closed month or year."""
    work = current_unit_of_work(books)
    month = on.year, on.month
    if work is not None and month in work.open_months:
        return

    def load() -> dict[str, list[int]]:
        return _changes(books, f"{on:%Y-%m}", f"{on:%Y}")

    # A period's change has no lines, so it was flushed at once: no pending write can close a period.
    for code, changes in query_without_flush(books, load).items():
        if changes[-1]:
            raise Refused(
                "date-in-closed-period",
                "{on} lies in the closed period {code}: use a date in an open period.",
                on=on,
                code=code,
            )
    if work is not None:
        work.open_months.add(month)


KINDS = (
    Kind(
        PeriodClosed,
        apply=_apply_closed,
        registers=(period,),
        when_recorded=Sentence("open it again", Hint("reopen-period", period="{period}")),
    ),
    Kind(
        PeriodReopened,
        apply=_apply_reopened,
        registers=(period,),
        when_recorded=Sentence("close it again", Hint("close-period", period="{period}")),
    ),
)
