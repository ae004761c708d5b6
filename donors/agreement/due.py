"""Dues: what each agreement still owes, by instalment, with its due date, condition and state.

Money received or written off settles the earliest instalments first. Without instalments, everything is due
on the agreement's first day, or on the day of signature if that is later, and what an amendment adds on the
day of the amendment; a gift owes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection

from donors.agreement.ageing import Band, band_of
from donors.agreement.agreement import Agreement, agreements
from donors.agreement.condition import conditions_met
from donors.agreement.instalment import Instalment
from ledger import RECEIVABLE, Amount, AsOf, Balance, posted, split

State = Literal["paid", "late", "due", "later", "waits for its condition"]
"""`paid` includes what was written off; `due` means due within `within` days, and `later` after those."""
WITHIN_DAYS = 30
"""Days ahead within which an instalment counts as `due`, by default."""


@dataclass(frozen=True)
class Due:
    """An instalment and its state on a day."""

    agreement: str
    donor: str
    term: str
    number: int
    """The number of the instalment, from 1."""
    due_on: date
    """The day in the agreement, or the day its condition was met if that is later."""
    amount: Amount
    """As agreed."""
    outstanding: Amount
    """The part that is not paid."""
    cents: int
    """The carrying value of what is outstanding on account 1200, USD cents."""
    condition: str
    """Empty if there is none."""
    met_on: date | None
    """The day on which the condition was met; None if it was not."""
    state: State
    days_late: int
    """0 unless it is late."""

    @property
    def band(self) -> Band:
        """The ageing band."""
        return band_of(self.days_late)


def dues(
    books: Connection,
    as_of: AsOf,
    *,
    donor: str | None = None,
    term: str | None = None,
    within: int = WITHIN_DAYS,
) -> list[Due]:
    """Every instalment of every agreement as of two clocks, ordered by due date.

    What is outstanding of an agreement adds up to its balance on account 1200, in its currency and in US
    dollars.
    """
    on, known_at = as_of.effective_to, as_of.known_at
    signed = agreements(books, donor=donor, term=term, effective_to=on, known_at=known_at)
    everyone = donor is None and term is None
    owed = receivables(books, as_of, None if everyone else [each.code for each in signed])
    met = conditions_met(books, on, known_at)
    nothing = Balance(0, 0)
    found = [due for each in signed for due in dues_of(each, owed.get(each.code, nothing), met, on, within)]
    return sorted(found, key=lambda due: (due.due_on, due.agreement, due.number))


def receivables(
    books: Connection, as_of: AsOf, agreements: Collection[str] | None = None
) -> dict[str, Balance]:
    """The balance of each agreement on account 1200, in its currency and in USD cents."""
    sums: dict[str, Balance] = {}
    for line in posted(books, as_of, accounts=(RECEIVABLE,), agreements=agreements):
        before = sums.get(line.agreement, Balance(0, 0))
        sums[line.agreement] = Balance(before.amount + line.amount, before.usd + line.usd)
    return sums


def dues_of(
    signed: Agreement,
    owed: Balance,
    met: Mapping[tuple[str, int], date],
    on: date,
    within: int = WITHIN_DAYS,
) -> list[Due]:
    """The instalments of one agreement on a day, in order.

    `owed` is its balance on account 1200; `met` are the days from `conditions_met`.
    """
    parts = _expected(signed, owed.amount)
    open_parts = _outstanding(parts, owed.amount)
    carried = split(
        max(0, owed.usd) if any(open_parts) else 0,
        {f"{number:09d}": minor for number, minor in enumerate(open_parts)},  # a tie goes to the earlier one
    )
    found = []
    for number, (part, minor, cents) in enumerate(
        zip(parts, open_parts, carried.values(), strict=True), start=1
    ):
        met_on = met.get((signed.code, number)) if part.condition else None
        due_on = max(part.due_on, met_on or part.due_on)
        waits = bool(part.condition) and met_on is None
        state = _state(minor, waits, (due_on - on).days, within)
        found.append(
            Due(
                agreement=signed.code,
                donor=signed.donor,
                term=signed.term,
                number=number,
                due_on=due_on,
                amount=Amount(currency=signed.amount.currency, minor=part.minor),
                outstanding=Amount(currency=signed.amount.currency, minor=minor),
                cents=cents,
                condition=part.condition,
                met_on=met_on,
                state=state,
                days_late=(on - due_on).days if state == "late" else 0,
            )
        )
    return found


def _expected(signed: Agreement, owed: int) -> tuple[Instalment, ...]:
    """The parts in which an agreement's money is due: its instalments, or all at once and what was added."""
    minor = signed.amount.minor or owed
    if signed.instalments or signed.gift or minor <= 0:
        return signed.instalments
    first = minor - sum(part.minor for part in signed.raised)
    at_once = (Instalment(due_on=signed.first_day, minor=first),) if first else ()
    return (*at_once, *signed.raised)


def _outstanding(parts: tuple[Instalment, ...], owed: int) -> list[int]:
    """The outstanding amount of each part: what is owed is owed of the latest parts."""
    left = max(0, owed)
    found = []
    for part in reversed(parts[1:]):
        found.append(min(part.minor, left))
        left -= found[-1]
    # If an amendment was reversed later, more may have been owed on a day than the terms now add up to.
    return [left, *reversed(found)] if parts else []


def _state(outstanding: int, waits: bool, days_to_go: int, within: int) -> State:
    if not outstanding:
        return "paid"
    if waits:
        return "waits for its condition"
    if days_to_go < 0:
        return "late"
    return "due" if days_to_go <= within else "later"
