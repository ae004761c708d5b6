"""Reallocation: an allocation is reduced, or moved to another activity that the donor's earmark allows.

Only free money can be taken away: what is used or committed stays allocated, which the database enforces
too.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection

from allocation.programme.earmark_eligibility import allows
from allocation.programme.programme import get_activity
from donors import CODE_PATTERN, ActivityField, Agreement, AgreementField, get_agreement
from ledger import (
    ALLOCATED,
    AVAILABLE,
    AmountField,
    Event,
    Kind,
    Labelled,
    Line,
    Refused,
    TextField,
    allotments,
    dollars,
    usd,
)


class _Reallocation(Event):
    """Takes allocated money of an agreement away from an activity."""

    reference: TextField = Field(pattern=CODE_PATTERN)
    agreement: AgreementField
    activity: ActivityField
    """The activity that it was allocated to."""
    cents: AmountField = Field(gt=0)
    reason: TextField = Field(min_length=1)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.reference}"


class AllocationReduced(_Reallocation):
    """A part of an allocation becomes available again."""

    kind: ClassVar[str] = "allocation reduced"
    says: ClassVar[str] = (
        "{cents} of the agreement {agreement} are taken back from the activity {activity} and are free again."
    )


class AllocationMoved(_Reallocation):
    """A part of an allocation moves to another activity."""

    kind: ClassVar[str] = "allocation moved"
    says: ClassVar[str] = "{cents} of the agreement {agreement} move from the activity {activity} to {to}."

    to: Annotated[ActivityField, Labelled("to activity")]
    """The activity that gets it."""
    lists_on: Annotated[date | None, Labelled("lists of countries of")] = None
    """The day whose lists of low-income and least developed countries apply; the day itself unless given."""

    @model_validator(mode="after")
    def _elsewhere(self) -> Self:
        if self.to == self.activity:
            raise ValueError("the money must go to another activity")
        return self


def _taken(event: _Reallocation, signed: Agreement, books: Connection) -> Line:
    free = sum(
        allotted.free
        for allotted in allotments(books, signed.term, event.activity)
        if allotted.agreement == signed.code
    )
    if event.cents > free:
        raise Refused(
            "reallocation-exceeds-unused",
            "{cents} cannot be taken from {activity}: of agreement {code} only {free} is neither used "
            "nor committed there.",
            cents=usd(event.cents),
            activity=event.activity,
            code=signed.code,
            free=usd(free),
        )
    marks = {"agreement": signed.code, "activity": event.activity}
    return dollars(ALLOCATED, signed.term, event.cents, **marks)


def _post_reduced(event: AllocationReduced, books: Connection) -> list[Line]:
    signed = get_agreement(books, event.agreement)
    return [
        _taken(event, signed, books),
        dollars(AVAILABLE, signed.term, -event.cents, agreement=signed.code),
    ]


def _post_moved(event: AllocationMoved, books: Connection) -> list[Line]:
    signed = get_agreement(books, event.agreement)
    signed.require_running(event.on, "A reallocation")
    if not allows(signed.earmark, get_activity(books, signed.term, event.to), event.lists_on or event.on):
        raise Refused(
            "reallocation-earmark-forbids",
            "The earmark of agreement {code} does not allow {activity}: choose another activity.",
            code=signed.code,
            activity=event.to,
        )
    return [
        _taken(event, signed, books),
        dollars(ALLOCATED, signed.term, -event.cents, agreement=signed.code, activity=event.to),
    ]


KINDS = (
    Kind(AllocationReduced, post=_post_reduced, reversible=True),
    Kind(AllocationMoved, post=_post_moved, reversible=True),
)
