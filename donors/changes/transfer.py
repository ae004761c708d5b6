"""Transfers of money between two agreements of a donor, and so to another earmark, with the donor's consent.

Only available money can be transferred, from the day on which it is available, and only within one donor and
one term, so the balance of every donor is the same before and after.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import accumulate
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection

from donors.agreement.agreement import get_open_agreement
from donors.codes import CODE_PATTERN, AgreementField
from ledger import (
    AVAILABLE,
    USE_OF_MONEY,
    AmountField,
    Event,
    Evidence,
    Kind,
    Labelled,
    Line,
    Refused,
    TextField,
    available,
    dollars,
    unreversed_lines,
    usd,
)


class FundsTransferred(Event):
    """Available money of a donor moves from one of its agreements to another."""

    kind: ClassVar[str] = "funds transferred"
    says: ClassVar[str] = "{cents} move from the agreement {source} to the agreement {target}."

    code: TextField = Field(pattern=CODE_PATTERN)
    source: Annotated[AgreementField, Labelled("from")]
    """The agreement that it comes from."""
    target: Annotated[AgreementField, Labelled("to")]
    """The agreement that it goes to."""
    cents: AmountField = Field(gt=0)
    """USD cents."""
    reason: TextField = Field(min_length=1)
    evidence: tuple[Evidence, ...]
    """The donor's consent."""

    @property
    def key(self) -> str:
        return f"transfer:{self.code}"

    @model_validator(mode="after")
    def _consented(self) -> Self:
        if self.source == self.target:
            raise ValueError("a transfer goes from one agreement to another")
        if not self.evidence:
            raise ValueError("a transfer needs the donor's consent: attach it as evidence")
        return self


def _post(event: FundsTransferred, books: Connection) -> list[Line]:
    source, target = get_open_agreement(books, event.source), get_open_agreement(books, event.target)
    if source.donor != target.donor:
        raise Refused(
            "transfer-between-donors",
            "{source} is {source_donor}'s and {target} is {target_donor}'s: money goes only from one "
            "agreement of a donor to another of the same donor.",
            source=event.source,
            source_donor=source.donor,
            target=event.target,
            target_donor=target.donor,
        )
    if source.term != target.term:
        raise Refused(
            "transfer-between-terms",
            "{source} stands in the term {source_term} and {target} in {target_term}: close the earlier term "
            "first, which carries its money over, and transfer it then.",
            source=event.source,
            source_term=source.term,
            target=event.target,
            target_term=target.term,
        )
    target.require_running(event.on, f"The transfer {event.code}")
    left = available(books, source.term).get(event.source, 0)
    if event.cents > left:
        raise Refused(
            "transfer-exceeds-available",
            "{cents} cannot be transferred: agreement {source} has {left} available; take back what is "
            "allocated first.",
            cents=usd(event.cents),
            source=event.source,
            left=usd(left),
        )
    _require_there(event, books, source.term, target.ends_on)
    return [
        dollars(AVAILABLE, source.term, event.cents, agreement=event.source),
        dollars(AVAILABLE, source.term, -event.cents, agreement=event.target),
    ]


def _require_there(event: FundsTransferred, books: Connection, term: str, until: date) -> None:
    """Refused unless the amount was available on the day and on every day since.

    Reversed entries do not count, on whatever day they were, so that a wrong transfer can be corrected on
    its own day.
    """
    available_on = _available_since(books, event.source, term, event.on)
    short = [day for day, cents in available_on.items() if cents < event.cents]
    if short:
        first = next(day for day in available_on if day > short[-1])
        when = f"it can be transferred on {first}"
        if first > until:
            when = f"it has it on {first}, when {event.target} has ended"
        raise Refused(
            "transfer-not-available-then",
            "{cents} cannot be transferred on {on}: agreement {source} had {available} available on "
            "{short_on}; {when}.",
            cents=usd(event.cents),
            on=event.on,
            source=event.source,
            available=usd(max(0, available_on[short[0]])),
            short_on=short[0],
            when=when,
        )


def _available_since(books: Connection, code: str, term: str, on: date) -> dict[date, int]:
    """USD cents available under an agreement on a day, and on each later day on which that changed."""
    by_day = Counter({on: 0})
    for each in unreversed_lines(books, accounts=(AVAILABLE, *USE_OF_MONEY), agreements=[code], term=term):
        if not each.activity:
            by_day[max(on, each.effective_on)] -= each.usd
    days = sorted(by_day)
    return dict(zip(days, accumulate(by_day[day] for day in days), strict=True))


KINDS = (Kind(FundsTransferred, post=_post, reversible=True),)
