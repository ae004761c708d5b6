"""A fund in plain Python, to hold the books against: figures by name, and which may never fall below zero.

It knows no accounts: money is owed, available, allocated, committed, advanced, used, due or in the bank. Its
arithmetic is written anew, so that a mistake of the books is not repeated here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from sqlalchemy import Connection, select

from ledger.balances import balance
from tests.small_books import RATES

Key = tuple[str, ...]
Figures = Counter[Key]
"""What a thing is and whose, such as `("allocated", "A1", "T-1")`; minor units of its currency."""

DECIMALS = {"USD": 2, "EUR": 2, "KRW": 0}


def cents(minor: int, currency: str, on: date) -> int:
    """The value in USD cents at the rate of the month."""
    rate = Fraction(RATES[on.replace(day=1)].get(currency, "1"))
    return round(Fraction(minor, 10 ** DECIMALS[currency]) / rate * 100)


def shares(amount: int, over: Mapping[str, int]) -> dict[str, int] | None:
    """Pro rata by the largest remainder, ties by name; None when there is not enough."""
    whole = sum(over.values())
    if amount > whole:
        return None
    exact = {name: Fraction(amount * weight, whole) for name, weight in over.items() if weight}
    parts = {name: int(part) for name, part in exact.items()}
    last = sorted(exact, key=lambda name: (parts[name] - exact[name], name))
    for name in last[: amount - sum(parts.values())]:
        parts[name] += 1
    return parts


@dataclass
class Model:
    """What should stand in the books."""

    figures: Figures = field(default_factory=Counter)
    did: dict[int, Figures] = field(default_factory=dict)
    """What each entry that is not taken back did, by its number."""
    named: dict[int, str] = field(default_factory=dict)
    """The words of each of these entries."""
    made: dict[int, tuple[str, str]] = field(default_factory=dict)
    """The sort and code of what an entry brought into being."""
    starts: dict[str, date] = field(default_factory=dict)
    """From which day an agreement runs."""
    turned: Counter[str] = field(default_factory=Counter)
    """How often a month was closed or reopened."""

    def codes(self, sort: str) -> list[str]:
        """The codes of one sort of thing."""
        return sorted(code for kind, code in self.made.values() if kind == sort)

    def of(self, what: str, *marks: str | None) -> dict[str, int]:
        """Figures by agreement; None matches any mark."""
        found: Counter[str] = Counter()
        for (name, agreement, *rest), figure in self.figures.items():
            if name == what and all(mark in (None, has) for mark, has in zip(marks, rest, strict=True)):
                found[agreement] += figure
        return dict(found)

    def free(self, activity: str, on: date) -> dict[str, int]:
        """What is allocated to an activity and neither used nor committed, of agreements that run."""
        used, bound = self.of("used", activity), self.of("committed", activity, None)
        return {
            agreement: given - used.get(agreement, 0) - bound.get(agreement, 0)
            for agreement, given in self.of("allocated", activity).items()
            if self.starts[agreement] <= on
        }

    def unpaid(self, grant: str) -> dict[str, int]:
        """What is committed under a grant and not advanced."""
        advanced = self.of("advanced", None, grant)
        return {
            agreement: bound - advanced.get(agreement, 0)
            for agreement, bound in self.of("committed", None, grant).items()
        }

    def is_closed(self, on: date) -> bool:
        """Whether the month of a day is closed."""
        return self.turned[f"{on:%Y-%m}"] % 2 == 1

    def allows(self, on: date, change: Figures | None) -> bool:
        """Whether the books must take a change: nothing below zero, nothing given twice, an open month."""
        if change is None or self.is_closed(on):
            return False
        after = Model(Counter(self.figures), starts=self.starts)
        after.figures.update(change)
        bound_to_each = all(
            part >= 0
            for key in change
            if key[0] in ("committed", "advanced")
            for part in after.unpaid(key[3]).values()
        )
        activities = {key[2] for key in change if key[0] in ("allocated", "used", "committed")}
        free = all(part >= 0 for activity in activities for part in after.free(activity, date.max).values())
        return bound_to_each and free and min(after.figures.values(), default=0) >= 0

    def is_built_on(self, seq: int) -> bool:
        """Whether something that an entry made is named by a later entry that stands."""
        if seq not in self.made:
            return False
        code = f'"{self.made[seq][1]}"'
        return any(code in told for later, told in self.named.items() if later > seq)

    def keep(self, seq: int, change: Figures, named: str) -> None:
        """Take what an entry did, and the words in which it was told."""
        self.did[seq] = change
        self.named[seq] = named
        self.figures.update(change)

    def forget(self, seq: int) -> None:
        """An entry is taken back, by another one that did the opposite: neither can be reversed any more."""
        del self.did[seq], self.named[seq]
        self.made.pop(seq, None)

    def summed(self) -> Figures:
        """The figures as precisely as the books' accounts tell them apart."""
        told: Figures = Counter()
        for key, figure in self.figures.items():
            tell = _TOLD.get(key[0])
            told[tell(key) if tell else key] += figure
        return _without_zeros(told)


_TOLD: dict[str, Callable[[Key], Key]] = {
    "due": lambda key: key[:2],
    "pledged": lambda key: (key[0], *key[2:]),
    "unidentified": lambda key: (key[0], *key[2:]),
    "advanced": lambda key: (key[0], key[1], key[3]),
}
"""The books do not know on their accounts which refund, pledge or receipt an amount is of."""


def in_the_books(books: Connection) -> Figures:
    """What stands on the accounts, in the words of the model."""
    told: Figures = Counter()
    for row in books.execute(select(balance)):
        match row.account, row.activity:
            case "1100", _:
                told["cash", row.bank_account] += row.amount
            case "1200", _:
                told["owed", row.agreement] += row.amount
            case "1300", _:
                told["advanced", row.agreement, row.grant_code] += row.usd
            case "2200", _:
                told["available", row.agreement] -= row.usd
            case "2300", activity:
                told["allocated", row.agreement, activity] -= row.usd
            case "2500", _:
                told["payable", row.grant_code] -= row.usd
            case "2700", _:
                told["due", row.agreement] -= row.usd
            case "2900", _:
                told["unidentified", row.bank_account] -= row.amount
            case "9100", _:
                told["pledged", row.donor, row.currency] += row.amount
            case "9200", activity:
                told["committed", row.agreement, activity, row.grant_code] += row.usd
            case ("3170", ""):
                told["available", row.agreement] -= row.usd
            case (account, activity) if account.startswith("3"):
                told["used", row.agreement, activity] += row.usd
    return _without_zeros(told)


def _without_zeros(figures: Figures) -> Figures:
    return Counter({key: figure for key, figure in figures.items() if figure})
