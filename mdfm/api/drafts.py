"""Drafts of events whose number the books count: periods, roles, thresholds, amendments of a donor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from donors import DonorAmended, get_donor, identify, next_amendment
from ledger import (
    Amount,
    Event,
    FileSource,
    PeriodClosed,
    PeriodReopened,
    RolesGiven,
    ThresholdSet,
    attach,
    next_number,
    times_closed,
)
from mdfm.api.files import require_file
from mdfm.api.recording import Draft


def period_closed(period: str, *, on: date, evidence: Sequence[FileSource] = ()) -> Draft:
    """A month (`2021-12`) or a fiscal year (`2021`) is closed; `evidence` are files that prove it."""
    files = [require_file(file) for file in evidence]

    def make(books: Connection) -> Event:
        proofs = tuple(attach(books, file) for file in files)
        times = times_closed(books, period) + 1
        return PeriodClosed.make(on=on, period=period, times=times, evidence=proofs)

    return make


def period_reopened(period: str, *, on: date, reason: str) -> Draft:
    """A closed period is open again."""

    def make(books: Connection) -> Event:
        # The books report a period that was never closed; the count must not.
        times = max(times_closed(books, period), 1)
        return PeriodReopened.make(on=on, period=period, times=times, reason=reason)

    return make


def roles_given(roles: Mapping[str, Sequence[str]], *, on: date) -> Draft:
    """People have these roles (`Role`) in place of those they had; an empty list removes a person's."""
    return lambda books: RolesGiven.make(on=on, number=next_number(books, "person"), roles=dict(roles))


def threshold_set(kind: str, cents: int, *, on: date) -> Draft:
    """A director must approve events of a kind from an amount on, in USD cents; 0 ends it."""
    return lambda books: ThresholdSet.make(
        on=on, number=next_number(books, "threshold"), of=kind, cents=cents
    )


def donor_amended(code: str, *, on: date, **changes: str | None) -> Draft:
    """The particulars of a donor are changed; what is None stays as it is.

    They are `name`, `subtype`, `country`, `city` and `language`. NotFound for an unknown donor.
    """

    def make(books: Connection) -> Event:
        stands = get_donor(books, code)
        names = ("name", "subtype", "country", "city", "language")
        fields = {name: getattr(stands, name) for name in names}
        fields |= {name: value for name, value in changes.items() if value is not None}
        return DonorAmended.make(on=on, donor=code, number=next_amendment(books, code), **fields)

    return make


def receipt_identified(
    receipt: str,
    *,
    on: date,
    agreement: str = "",
    donor: str = "",
    settles: Amount | None = None,
    evidence: Sequence[FileSource] = (),
) -> Draft:
    """An unidentified receipt belongs to an agreement or, as a gift without one, to a donor.

    It counts from the day it arrived or, if that period is closed, from the day on which it was identified.
    """
    files = [require_file(file) for file in evidence]

    def make(books: Connection) -> Event:
        given: dict[str, Any] = {"donor": donor, "evidence": tuple(attach(books, file) for file in files)}
        return identify(books, receipt, on=on, agreement=agreement, settles=settles, **given)

    return make
