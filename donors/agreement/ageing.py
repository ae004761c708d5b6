"""Ageing of pledges and receivables: days overdue, in five bands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection

from donors.agreement.pledge import Pledge, open_pledges
from ledger import PLEDGES, AsOf, lines_of

Band = Literal["not yet due", "1-30", "31-60", "61-90", "over 90"]
"""Days overdue."""
BANDS: tuple[Band, ...] = get_args(Band)


def band_of(days_overdue: int) -> Band:
    """The band for a number of days overdue; 0 on the due date itself."""
    for last, band in zip((0, 30, 60, 90), BANDS, strict=False):
        if days_overdue <= last:
            return band
    return BANDS[-1]


def banded(promises: Iterable[tuple[Band, int]]) -> dict[Band, int]:
    """The sum of USD cents in each band; bands without any have 0."""
    sums = dict.fromkeys(BANDS, 0)
    for band, cents in promises:
        sums[band] += cents
    return sums


@dataclass(frozen=True)
class PledgeAge:
    """An open pledge on a day."""

    pledge: Pledge
    days_recorded: int
    """Days since it was recorded."""
    days_overdue: int
    """Days since the money was expected; 0 while that day is to come."""
    band: Band
    cents: int
    """USD cents, at the value at which it was recorded."""


def pledge_ageing(books: Connection, as_of: AsOf) -> list[PledgeAge]:
    """The open pledges as of two clocks, in the order of the days on which they are expected."""
    on = as_of.effective_to
    found = []
    for each in open_pledges(books, on, as_of.known_at):
        overdue = max(0, (on - each.expected_on).days)
        worth = sum(line.usd for line in lines_of(books, each.seq) if line.account == PLEDGES)
        found.append(PledgeAge(each, (on - each.recorded_on).days, overdue, band_of(overdue), worth))
    return sorted(found, key=lambda age: (age.pledge.expected_on, age.pledge.code))
