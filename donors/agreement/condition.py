"""Conditions of instalments: when what must be met before an instalment is due was met."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field
from sqlalchemy import Connection, select

from donors.agreement.agreement import get_open_agreement
from donors.codes import AgreementField
from ledger import (
    NOW,
    Evidence,
    Kind,
    PartOf,
    Refused,
    Repeatable,
    as_known_on,
    project,
    register,
    text,
    whole,
)


class ConditionMet(Repeatable):
    """The condition of an instalment is met, as the evidence shows; `on` is the day."""

    kind: ClassVar[str] = "condition met"
    says: ClassVar[str] = "The condition of instalment {instalment} of the agreement {agreement} is met."

    agreement: AgreementField
    instalment: Annotated[int, PartOf("instalment", of="agreement")] = Field(ge=1)
    """The number of the instalment, from 1, in the agreement's present schedule."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def first_key(self) -> str:
        return f"condition met:{self.agreement}:{self.instalment}"


condition_met = register("condition_met", text("agreement"), whole("instalment"), text("met_on"))


def conditions_met(
    books: Connection, effective_to: date = date.max, known_at: int = NOW
) -> dict[tuple[str, int], date]:
    """The day on which the condition of each (agreement, number of the instalment) was met, up to a day."""
    rows = books.execute(
        select(condition_met).where(
            as_known_on(condition_met, effective_to, known_at),
            condition_met.c.met_on <= effective_to.isoformat(),
        )
    )
    return {(row.agreement, row.instalment): date.fromisoformat(row.met_on) for row in rows}


def _apply(books: Connection, seq: int, event: ConditionMet) -> None:
    signed = get_open_agreement(books, event.agreement)
    parts = signed.instalments
    if event.instalment > len(parts) or not parts[event.instalment - 1].condition:
        raise Refused(
            "instalment-without-condition",
            "Instalment {instalment} of agreement {agreement} has no condition.",
            instalment=event.instalment,
            agreement=event.agreement,
        )
    if event.on < signed.amended_on:
        raise Refused(
            "condition-before-amended-terms",
            "The terms of agreement {code} apply from {amended_on}: no condition of theirs was met "
            "before, on {on}.",
            code=signed.code,
            amended_on=signed.amended_on,
            on=event.on,
        )
    if (event.agreement, event.instalment) in conditions_met(books):
        raise Refused(
            "condition-met-already",
            "The condition of instalment {instalment} of {agreement} is met already: if that is wrong, "
            "reverse that entry first.",
            instalment=event.instalment,
            agreement=event.agreement,
        )
    project(
        books,
        condition_met,
        seq,
        agreement=event.agreement,
        instalment=event.instalment,
        met_on=event.on.isoformat(),
    )


KINDS = (Kind(ConditionMet, apply=_apply, registers=(condition_met,), reversible=True),)
