"""Pro-rata sharing: whose money pays, in proportion to what each agreement has left (largest remainder).

So every cent of use belongs to one donor, and no agreement pays more than it has left.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from sqlalchemy import Connection

from donors import get_agreement
from ledger import (
    FUND_CURRENCY,
    HARMONISED_CATEGORIES,
    Amount,
    Described,
    Line,
    Refused,
    allotments,
    dollars,
    split,
    usd,
)

Category = Literal[
    "staff", "supplies", "equipment", "contractual", "travel", "transfers", "operating", "support"
]
"""The UN harmonised expense categories."""


def free_by_agreement(books: Connection, term: str, activity: str, on: date) -> dict[str, int]:
    """What each running agreement has free for an activity: neither used nor committed; USD cents."""
    return {
        allotted.agreement: allotted.free
        for allotted in allotments(books, term, activity)
        if allotted.free and get_agreement(books, allotted.agreement).runs_on(on)
    }


def split_pro_rata(cents: int, over: Mapping[str, int], lacks: str) -> dict[str, int]:
    """Split an amount over what each agreement has left; Refused if that is not enough."""
    there_is = sum(over.values())
    if cents > there_is:
        raise Refused(
            "more-than-there-is",
            "{cents} is more than {lacks}: {there_is}.",
            cents=usd(cents),
            lacks=lacks,
            there_is=usd(there_is),
        )
    return {agreement: part for agreement, part in split(cents, over).items() if part}


def used_lines(
    term: str, spent: Mapping[Category, int], over: Mapping[str, int], lacks: str, **marks: str
) -> tuple[list[Line], dict[str, int]]:
    """Expense lines by category and agreement, and what each agreement pays in all.

    Each category in turn is split pro rata to what every agreement has left at that point.
    """
    left = dict(over)
    lines: list[Line] = []
    for category, cents in sorted(spent.items()):
        for agreement, part in sorted(split_pro_rata(cents, left, lacks).items()):
            lines.append(dollars(HARMONISED_CATEGORIES[category], term, part, agreement=agreement, **marks))
            left[agreement] -= part
    used = {agreement: over[agreement] - rest for agreement, rest in left.items()}
    return lines, {agreement: cents for agreement, cents in used.items() if cents}


def spent_together(spent: Mapping[Category, int]) -> Described:
    """The sum of what was spent by category, for people."""
    together = Amount(currency=FUND_CURRENCY, minor=sum(spent.values()))
    return Described("spent together", together, adds_up=True)
