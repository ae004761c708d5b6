"""Markers: the parts of an activity that reach Africa, low-income and least developed countries.

They are three separate lists, and a city can be on all of them. Africa is UNESCO's region; the lists of
countries are those that the newest plan of the term was solved with.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from allocation import Activity, PlannedCity, lists_day, membership, share_reaching
from ledger import AsOf

Belongs = Callable[[PlannedCity], bool]
MarkerTests = tuple[Belongs, Belongs, Belongs]


def markers(books: Connection, term: str, as_of: AsOf) -> MarkerTests:
    """Tests of whether a city is in Africa, in a low-income or in a least developed country."""
    day = lists_day(books, term, as_of.known_at) or as_of.effective_to
    return (
        membership("africa", "", "unesco", day),
        membership("low-income", "", "unesco", day),
        membership("ldc", "", "unesco", day),
    )


def marker_shares(activity: Activity, tests: MarkerTests) -> tuple[int, int, int]:
    """The parts of an activity that reach each of the three groups, in basis points."""
    africa, low_income, ldc = tests
    return (
        share_reaching(activity, africa),
        share_reaching(activity, low_income),
        share_reaching(activity, ldc),
    )
