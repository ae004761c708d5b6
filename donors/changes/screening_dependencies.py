"""Screening dependencies: a screening on which an agreement or gift depends cannot simply be reversed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, select

from donors.agreement.agreement import AgreementSigned, agreement
from donors.changes.amendment import AgreementAmended
from donors.contribution.contribution import ContributionReceived
from donors.contribution.unidentified import ReceiptIdentified
from donors.donor.screening import (
    DonorScreened,
    project_screening,
    require_screened,
    screening,
    screening_on,
    screenings,
)
from ledger import Hint, Kind, Refused, Sealed, as_known, get_entry, read_event

RELYING = (AgreementSigned.kind, AgreementAmended.kind, ContributionReceived.kind, ReceiptIdentified.kind)
"""Kinds of events that are refused for a private donor without a valid screening."""


def _require_still_screened(books: Connection, event: DonorScreened) -> None:
    """Refuse the reversal of a screening that agreements or gifts depend on, unless another clears them."""
    standing = {each.seq for each in screenings(books, event.donor)}
    for code, seq, on in _agreed(books, event.donor):
        relied_on = screening_on(books, event.donor, on, known_at=seq)
        if relied_on is None or relied_on.seq in standing or not relied_on.clears_on(on):
            continue
        try:
            require_screened(books, event.donor, on)
        except Refused as refusal:
            raise Refused(
                "screening-relied-upon",
                "The screening of {donor} cannot be taken back while {code} rests on it (entry {seq}): "
                "record another that holds on {on} first{hint}.",
                donor=event.donor,
                code=code,
                seq=seq,
                on=on,
                hint=Hint("screen-again"),
            ) from refusal


def _agreed(books: Connection, donor: str) -> Iterator[tuple[str, int, date]]:
    """A donor's agreements and gifts that are not reversed: code, entry, and day of the screening check."""
    rows = select(agreement.c.code, agreement.c.seq).where(agreement.c.donor == donor, as_known(agreement))
    for row in books.execute(rows.order_by(agreement.c.seq)).all():
        sealed = get_entry(books, row.seq)
        if sealed.kind in RELYING:
            yield row.code, row.seq, _checked_on(books, sealed)


def _checked_on(books: Connection, sealed: Sealed) -> date:
    """The day on which the donor had to be screened."""
    if sealed.kind == ReceiptIdentified.kind:
        return read_event(books, sealed, ReceiptIdentified).known_on
    return date.fromisoformat(sealed.effective_on)


KINDS = (
    Kind(
        DonorScreened,
        apply=project_screening,
        registers=(screening,),
        reversible=True,
        on_reverse=_require_still_screened,
    ),
)
