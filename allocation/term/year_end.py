"""Year end: use of money is set against the liability to donors, by agreement and activity.

Use of money for an activity, including losses, is set against the activity's allocation; goods used or
written off against goods held; and what was never allocated, such as bank charges, against available money.
What donors have left does not change: afterwards their liability shows it directly.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import ClassVar

from pydantic import Field
from sqlalchemy import Connection

from donors import CODE_PATTERN
from ledger import (
    ALLOCATED,
    AVAILABLE,
    EVERY_USE,
    HELD_IN_KIND,
    USE_IN_KIND,
    Event,
    Kind,
    Line,
    Refused,
    TermField,
    TextField,
    dollars,
    open_balances,
    require_open_term,
    unreversed_lines,
)


class YearEnded(Event):
    """Use of a term up to this day, the end of a year or of the term, is set against the liability."""

    kind: ClassVar[str] = "year ended"
    says: ClassVar[str] = (
        "What was used in the term {term} up to {on} is set against the money held in trust."
    )

    reference: TextField = Field(pattern=CODE_PATTERN)
    term: TermField

    @property
    def key(self) -> str:
        return f"year ended:{self.reference}"


def _used(books: Connection, term: str, until: date) -> list[Line]:
    """The lines that clear use up to a day from its accounts, as far as it is still there."""
    then: Counter[tuple[str, ...]] = Counter()
    for line in unreversed_lines(books, accounts=EVERY_USE, term=term):
        if line.effective_on <= until:
            then[_place(line.account, line.agreement, line.activity, line.grant_code)] += line.usd
    taken = []
    for now in open_balances(books, term, *EVERY_USE):
        place = _place(now.account, now.agreement, now.activity, now.grant_code)
        # Use reversed after that day no longer counts; use after that day waits for the next year end.
        cents = min(then[place], now.usd)
        if cents > 0:
            taken.append(now._replace(amount=-cents, usd=-cents))
    return taken


def _place(*dimensions: str) -> tuple[str, ...]:
    return dimensions


def _owed(use: Line) -> tuple[str, str, str]:
    """The liability account that a use is set against, with agreement and activity."""
    if use.account.startswith(USE_IN_KIND):
        return HELD_IN_KIND, use.agreement, ""
    return (ALLOCATED if use.activity else AVAILABLE), use.agreement, use.activity


def _post(event: YearEnded, books: Connection) -> list[Line]:
    require_open_term(books, event.term)
    uses = _used(books, event.term, event.on)
    if not uses:
        raise Refused(
            "year-end-none-waiting",
            "No use of the term {term} up to {on} waits to be set against what is owed.",
            term=event.term,
            on=event.on,
        )
    owed: Counter[tuple[str, str, str]] = Counter()
    for use in uses:
        owed[_owed(use)] -= use.usd
    return [
        *(
            dollars(account, event.term, cents, agreement=agreement, activity=activity)
            for (account, agreement, activity), cents in sorted(owed.items())
        ),
        *uses,
    ]


KINDS = (Kind(YearEnded, post=_post, reversible=True, settles=True),)
