"""Exchange differences: what foreign money at the bank gained or lost, and for whom (IPSAS 4).

At the end of a period each foreign bank balance is carried at its value of that day. The difference is
unrealised, and the next revaluation carries only what has changed since; as the money leaves the account, its
part is realised. Only realised differences are attributed to agreements: an unrealised one may turn round.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Connection

from donors.average import not_taken_back, split_within, stood
from donors.interest import Attribution, weights_of
from ledger import (
    FUND_CURRENCY,
    Balance,
    Kind,
    Line,
    Refused,
    Repeatable,
    available,
    clearing,
    dollars,
    line,
    require_open_term,
    split,
    usd_value,
)


class BalancesRevalued(Repeatable):
    """Foreign bank balances are carried at their value of the day, the end of a period."""

    kind: ClassVar[str] = "balances revalued"

    term: str

    @property
    def first_key(self) -> str:
        return f"balances revalued:{self.term}:{self.on}"


class DifferencesAttributed(Attribution):
    """Realised differences go to agreements, pro rata to their average balances.

    Nobody bears more of a loss than they have available; the others bear the rest.
    """

    kind: ClassVar[str] = "exchange differences attributed"


def _post_revalued(event: BalancesRevalued, books: Connection) -> list[Line]:
    """Only the values change, so the lines on the bank accounts have the amount 0."""
    require_open_term(books, event.term)
    lines: list[Line] = []
    for (bank, currency), held in _foreign_balances(event, books).items():
        worth = usd_value(books, held.amount, currency, event.on) if held.amount else 0
        if gained := worth - held.usd:
            lines += [
                line("1100", event.term, currency, 0, gained, bank_account=bank),
                *clearing(event.term, currency, 0, gained),
                dollars("2810", event.term, -gained, bank_account=bank),
            ]
    if not lines:
        raise Refused(
            f"The foreign balances of the term {event.term} stand at their value of {event.on} already."
        )
    return lines


def _foreign_balances(event: BalancesRevalued, books: Connection) -> dict[tuple[str, str], Balance]:
    """What stood on each foreign bank account on the day, by account and currency."""
    found: dict[tuple[str, str], Balance] = {}
    for held in not_taken_back(books, event.term, "1100"):
        if held.currency == FUND_CURRENCY:
            continue
        if held.effective_on <= event.on:
            amount, value = found.get((held.bank_account, held.currency), (0, 0))
            found[held.bank_account, held.currency] = Balance(amount + held.amount, value + held.usd)
        elif held.kind == BalancesRevalued.kind:
            raise Refused(
                f"The balances of the term {event.term} were revalued on {held.effective_on} already: choose "
                f"a later day, or take that revaluation back first."
            )
    return dict(sorted(found.items()))


def _post_attributed(event: DifferencesAttributed, books: Connection) -> list[Line]:
    weights = weights_of(event, books)
    gained = -stood(books, "2800", event.term, event.on)
    if not gained:
        raise Refused(f"No realised difference of the term {event.term} waits on {event.on}.")
    if gained > 0:
        parts = split(gained, weights)
    else:
        lost = split_within(-gained, weights, available(books, event.term))
        parts = {code: -part for code, part in lost.items()}
    return [
        dollars("2800", event.term, gained),
        *(dollars("2200", event.term, -part, agreement=code) for code, part in sorted(parts.items()) if part),
    ]


KINDS = (
    Kind(BalancesRevalued, post=_post_revalued, reversible=True),
    Kind(DifferencesAttributed, post=_post_attributed, reversible=True),
)
