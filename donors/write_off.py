"""Write-offs: what a donor agreed to give and will not; it never was money of the fund, so none is lost."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection

from donors.agreement import get_open_agreement
from donors.contribution import settled
from donors.donor import CODE_PATTERN
from ledger import Amount, Event, Evidence, Kind, Line


class ReceivableWrittenOff(Event):
    """A part of what an agreement still owes will not come."""

    kind: ClassVar[str] = "receivable written off"

    reference: str = Field(pattern=CODE_PATTERN)
    agreement: str
    amount: Amount
    reason: str = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"receivable written off:{self.agreement}:{self.reference}"

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.amount.minor <= 0:
            raise ValueError("the amount must be more than zero")
        return self


def _post(event: ReceivableWrittenOff, books: Connection) -> list[Line]:
    signed = get_open_agreement(books, event.agreement)
    owed, due = settled(books, signed, event.amount, event.on, "write off no more than that")
    return [due, owed]


KINDS = (Kind(ReceivableWrittenOff, post=_post, reversible=True),)
