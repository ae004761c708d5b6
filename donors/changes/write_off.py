"""Write-offs of receivables: what a donor agreed to give and will not. No money of the fund is lost."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from sqlalchemy import Connection

from donors.agreement.agreement import get_open_agreement
from donors.codes import CODE_PATTERN, AgreementField
from donors.contribution.contribution import settlement_lines
from ledger import Event, Evidence, Kind, Line, Positive, TextField


class ReceivableWrittenOff(Event):
    """A part of what an agreement still owes will not come."""

    kind: ClassVar[str] = "receivable written off"
    says: ClassVar[str] = (
        "{amount} of what is owed under the agreement {agreement} are no longer expected, and written off."
    )

    reference: TextField = Field(pattern=CODE_PATTERN)
    agreement: AgreementField
    amount: Positive
    reason: TextField = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"receivable written off:{self.agreement}:{self.reference}"


def _post(event: ReceivableWrittenOff, books: Connection) -> list[Line]:
    signed = get_open_agreement(books, event.agreement)
    owed, due = settlement_lines(books, signed, event.amount, event.on, "write off no more than that")
    return [due, owed]


KINDS = (Kind(ReceivableWrittenOff, post=_post, reversible=True),)
