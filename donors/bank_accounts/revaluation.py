"""Revaluation of foreign bank balances, and attribution of exchange differences to agreements (IPSAS 4).

At the end of a period each foreign bank balance is carried at its value of that day. The difference is
unrealised, and the next revaluation books only the change since then. When money is paid out of the account,
its part is realised. Only realised differences are attributed: unrealised ones may reverse.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

from sqlalchemy import Connection

from donors.bank_accounts.average_balance import balance_to_attribute, split_within
from donors.bank_accounts.interest import ProRataAttribution, weights_of
from ledger import (
    AVAILABLE,
    CASH_AT_BANK,
    FUND_CURRENCY,
    REALISED_DIFFERENCES,
    UNREALISED_DIFFERENCES,
    Balance,
    Kind,
    Line,
    PostedLine,
    Refused,
    Repeatable,
    TermField,
    available,
    clearing,
    dollars,
    line,
    require_open_term,
    split,
    unreversed_lines,
    usd_value,
)


class BalancesRevalued(Repeatable):
    """Foreign bank balances are carried at their value of the day, at the end of a period."""

    kind: ClassVar[str] = "balances revalued"
    says: ClassVar[str] = "Balances of the term {term} in other currencies are valued at the rate of {on}."

    term: TermField

    @property
    def first_key(self) -> str:
        return f"balances revalued:{self.term}:{self.on}"


class DifferencesAttributed(ProRataAttribution):
    """Realised differences go to agreements, pro rata to their average balances.

    No agreement bears more of a loss than it has available; the others bear the rest.
    """

    kind: ClassVar[str] = "exchange differences attributed"
    says: ClassVar[str] = (
        "Exchange differences are attributed to agreements by their balances from {starts_on} to {ends_on}."
    )


def _post_revalued(event: BalancesRevalued, books: Connection) -> list[Line]:
    """The lines of a revaluation; only values change, so those on bank accounts have the amount 0."""
    require_open_term(books, event.term)
    lines: list[Line] = []
    moved = unreversed_lines(books, accounts=(CASH_AT_BANK,), term=event.term)
    _require_none_later(event, moved)
    for (bank, currency), held in foreign_balances(moved, event.on).items():
        worth = usd_value(books, held.amount, currency, event.on) if held.amount else 0
        if gained := worth - held.usd:
            lines += [
                line(CASH_AT_BANK, event.term, currency, 0, gained, bank_account=bank),
                *clearing(event.term, currency, 0, gained),
                dollars(UNREALISED_DIFFERENCES, event.term, -gained, bank_account=bank),
            ]
    if not lines:
        raise Refused(
            "revaluation-changes-nothing",
            "The foreign balances of the term {term} stand at their value of {on} already.",
            term=event.term,
            on=event.on,
        )
    return lines


def _require_none_later(event: BalancesRevalued, moved: Iterable[PostedLine]) -> None:
    for each in moved:
        if each.kind == BalancesRevalued.kind and each.effective_on > event.on:
            raise Refused(
                "term-revalued-already",
                "The balances of the term {term} were revalued on {effective_on} already: choose a "
                "later day, or take that revaluation back first.",
                term=event.term,
                effective_on=each.effective_on,
            )


def foreign_balances(moved: Iterable[PostedLine], on: date) -> dict[tuple[str, str], Balance]:
    """Balances on a day by foreign bank account and currency, from the lines on account 1100."""
    found: dict[tuple[str, str], Balance] = {}
    for each in moved:
        if each.currency != FUND_CURRENCY and each.effective_on <= on:
            amount, value = found.get((each.bank_account, each.currency), (0, 0))
            found[each.bank_account, each.currency] = Balance(amount + each.amount, value + each.usd)
    return dict(sorted(found.items()))


def _post_attributed(event: DifferencesAttributed, books: Connection) -> list[Line]:
    weights = weights_of(event, books)
    gained = -balance_to_attribute(books, REALISED_DIFFERENCES, event.term, event.on)
    if not gained:
        raise Refused(
            "realised-difference-none-waiting",
            "No realised difference of the term {term} waits on {on}.",
            term=event.term,
            on=event.on,
        )
    if gained > 0:
        parts = split(gained, weights)
    else:
        lost = split_within(-gained, weights, available(books, event.term))
        parts = {code: -part for code, part in lost.items()}
    return [
        dollars(REALISED_DIFFERENCES, event.term, gained),
        *(
            dollars(AVAILABLE, event.term, -part, agreement=code)
            for code, part in sorted(parts.items())
            if part
        ),
    ]


KINDS = (
    Kind(BalancesRevalued, post=_post_revalued, reversible=True),
    Kind(DifferencesAttributed, post=_post_attributed, reversible=True),
)
