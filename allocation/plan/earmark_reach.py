"""Reach of an earmark: how much of its term's programme an agreement's money can pay for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from allocation.plan.approval import lists_day
from allocation.programme.earmark_eligibility import allows
from allocation.programme.programme import Activity, activities
from donors import Agreement, AgreementSigned
from ledger import NOW, NotFound


@dataclass(frozen=True)
class EarmarkReach:
    """The activities of a programme that an agreement can pay for, and their cost in USD cents."""

    activities: int
    of_activities: int
    cents: int
    of_cents: int


def reach_of_earmark(
    books: Connection, signed: Agreement | AgreementSigned, on: date, known_at: int = NOW
) -> EarmarkReach | None:
    """The reach of an agreement, in the books or about to be, by its earmark and its years.

    None while no programme is adopted. Uses the country lists of the term's newest plan, or else those of the
    day `on`. BadInput if the earmark needs a list that is not recorded for that day.
    """
    try:
        programme = activities(books, signed.term, known_at)
    except NotFound:
        return None
    lists_on = lists_day(books, signed.term, known_at) or on
    reached = [
        each for each in programme if _takes_place(each, signed) and allows(signed.earmark, each, lists_on)
    ]
    return EarmarkReach(len(reached), len(programme), _cost(reached), _cost(programme))


def _takes_place(activity: Activity, signed: Agreement | AgreementSigned) -> bool:
    """Whether the agreement runs in the fiscal year of an activity, if that has one."""
    return activity.year is None or signed.starts_on.year <= activity.year <= signed.ends_on.year


def _cost(activities: Iterable[Activity]) -> int:
    return sum(each.cost_cents for each in activities)
