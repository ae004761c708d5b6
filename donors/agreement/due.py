"""Dues: what each agreement still owes, instalment by instalment, when it is due and under which condition.

What has arrived, or was written off, settles the earliest instalments first. An agreement without instalments
owes everything on its first day, or on the day of signature if that is later, and what an amendment adds on
the day on which that is agreed; a gift owes nothing.
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
"""`paid` is also what was written off; `due` falls due within the days that are asked for."""
WITHIN_DAYS = 30


@dataclass(frozen=True)
class Due:
    """An instalment on a day."""

    agreement: str
    donor: str
    term: str
    number: int
    """The how many-th instalment of the agreement."""
    due_on: date
    """The day in the agreement, or the day on which its condition was met if that is later."""
    amount: Amount
    """As agreed."""
    outstanding: Amount
    """What of it is still to come."""
    cents: int
    """USD cents at which what is outstanding is carried on account 1200."""
    condition: str
    """Empty where there is none."""
    met_on: date | None
    """When the condition was met."""
    state: State
    days_late: int
    """0 unless it is late."""

    @property
    def band(self) -> Band:
        """The band of ageing of what is outstanding."""
        return band_of(self.days_late)


def dues(
    books: Connection,
    as_of: AsOf,
    *,
    donor: str | None = None,
    term: str | None = None,
    within: int = WITHIN_DAYS,
) -> list[Due]:
    """Every instalment of every agreement as it stood on a day, as then known; the earliest first.

    What is outstanding of an agreement adds up to what stands for it on account 1200, in its currency and in
    US dollars.
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
    """What stood on account 1200 for each agreement, in its currency and in USD cents."""
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
    """The instalments of one agreement on a day, in order, when so much is owed on account 1200.

    `met` says when conditions were met, by agreement and number (`conditions_met`).
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
    """The parts in which an agreement's money is to come: its instalments, or all of it at once."""
    minor = signed.amount.minor or owed
    if signed.instalments or signed.gift or minor <= 0:
        return signed.instalments
    first = minor - sum(part.minor for part in signed.raised)
    at_once = (Instalment(due_on=signed.first_day, minor=first),) if first else ()
    return (*at_once, *signed.raised)


def _outstanding(parts: tuple[Instalment, ...], owed: int) -> list[int]:
    """What of each part is still to come: what is owed is owed of the latest ones."""
    left = max(0, owed)
    found = []
    for part in reversed(parts[1:]):
        found.append(min(part.minor, left))
        left -= found[-1]
    # Where an amendment was taken back later, more may have been owed on a day than its terms now say.
    return [left, *reversed(found)] if parts else []


def _state(outstanding: int, waits: bool, days_to_go: int, within: int) -> State:
    if not outstanding:
        return "paid"
    if waits:
        return "waits for its condition"
    if days_to_go < 0:
        return "late"
    return "due" if days_to_go <= within else "later"
