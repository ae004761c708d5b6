"""A fund in plain Python, to hold the books against: figures by name, and which may never fall below zero.

It knows no accounts: money is owed, available, allocated, committed, advanced, used, due or in the bank. Its
arithmetic is written anew, so that a mistake of the books is not repeated here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.projections.balances import balance
from tests.support.small_books import RATES, TERM

Key = tuple[str, ...]
Figures = Counter[Key]
"""What a thing is and whose, such as `("allocated", "A1", "T-1")`; minor units of its currency."""

DECIMALS = {"USD": 2, "EUR": 2, "KRW": 0}
NEXT, YEARS = "2023-2025", 2
ENDS = {TERM: date(2023, 10, 31), NEXT: date(2025, 10, 31)}
NEXT_RATES = {
    date(2023, 11, 1): {"EUR": "0.94", "KRW": "1350"},
    date(2023, 12, 1): {"EUR": "0.91", "KRW": "1290"},
}
SIGNED = ("worth", "realised", "unrealised")
"""Figures that may fall below zero."""


def cents(minor: int, currency: str, on: date) -> int:
    """The value in USD cents at the rate of the month."""
    rate = Fraction((RATES | NEXT_RATES)[on.replace(day=1)].get(currency, "1"))
    return round(Fraction(minor, 10 ** DECIMALS[currency]) / rate * 100)


def part_at(value: int, minor: int, of: int) -> int:
    """What a part of an amount is worth, when the whole of it is worth a value."""
    return round(Fraction(value * minor, of)) if of else 0


def pro_rata(amount: int, over: Mapping[str, int]) -> dict[str, int]:
    """Pro rata by the largest remainder, ties by name."""
    exact = {name: Fraction(amount * part, sum(over.values())) for name, part in over.items() if part}
    parts = {name: int(part) for name, part in exact.items()}
    last = sorted(exact, key=lambda name: (parts[name] - exact[name], name))
    for name in last[: amount - sum(parts.values())]:
        parts[name] += 1
    return parts


def shares(amount: int, over: Mapping[str, int]) -> dict[str, int] | None:
    """Pro rata; None when there is not enough."""
    return pro_rata(amount, over) if amount <= sum(over.values()) else None


def borne(amount: int, weights: Mapping[str, int], able: Mapping[str, int]) -> dict[str, int] | None:
    """A loss pro rata to weights; who cannot bear a share bears what they can, and the others the rest."""
    bearing = {name: weight for name, weight in weights.items() if able.get(name)}
    if amount > sum(able[name] for name in bearing):
        return None
    parts = pro_rata(amount, bearing)
    ruined = {name: able[name] for name, part in parts.items() if part > able[name]}
    if not ruined:
        return parts
    rest = {name: weight for name, weight in bearing.items() if name not in ruined}
    return ruined | (borne(amount - sum(ruined.values()), rest, able) or {})


class Past(NamedTuple):
    """What an entry did, and when."""

    on: date
    kind: str
    change: Figures

    @property
    def moves_nothing(self) -> bool:
        """Whether it has no lines, and so belongs to no term."""
        return not any(self.change.values())

    def moves(self, agreement: str) -> bool:
        """Whether it has lines under an agreement."""
        return any(by and key[1] == agreement for key, by in self.change.items())


class Fact(NamedTuple):
    """What an entry said that is no money, such as that an agreement is closed."""

    sort: str
    code: str
    on: date
    ends: date = date.max
    """Of the terms of an agreement: its last day."""
    minor: int = 0
    """Of the terms of an agreement: its amount."""


@dataclass
class Model:
    """What should stand in the books; money stands in one term at a time."""

    figures: Figures = field(default_factory=Counter)
    term: str = TERM
    past: dict[int, Past] = field(default_factory=dict)
    """Every entry of the term, by its number."""
    gone: set[int] = field(default_factory=set)
    """The entries that were taken back, and those that took them back."""
    named: dict[int, str] = field(default_factory=dict)
    """The words of each entry that is not gone."""
    made: dict[int, tuple[str, str]] = field(default_factory=dict)
    """The sort and code of what an entry brought into being."""
    starts: dict[str, date] = field(default_factory=dict)
    """The first day of an agreement, or of a gift."""
    facts: dict[int, list[Fact]] = field(default_factory=dict)
    """What is no money, by the entry that said it and is not gone."""
    in_parts: set[str] = field(default_factory=set)
    """The agreements whose money is to come in instalments."""
    support: dict[int, tuple[date, int]] = field(default_factory=dict)
    """From which day on support cost was agreed in the term, in basis points, by entry."""
    turned: Counter[str] = field(default_factory=Counter)
    """How often a month was closed or reopened."""
    before: Model | None = None
    """The term before as it was when it was closed."""

    # ---- days

    def now(self, on: date) -> date:
        """The same day of the term in which money stands."""
        return on if self.term == TERM else on.replace(year=on.year + YEARS)

    def runs(self, agreement: str, on: date) -> bool:
        """Whether a day lies within the dates of an agreement that is not closed."""
        terms = self.terms(agreement)
        ends = terms.ends if terms else ENDS[self.term]
        return self.starts[agreement] <= on <= ends and not self.said("closed", agreement)

    def said(self, sort: str, code: str) -> list[Fact]:
        """Facts of one sort about something, the newest last."""
        facts = (fact for seq in sorted(self.facts) for fact in self.facts[seq])
        return [fact for fact in facts if (fact.sort, fact.code) == (sort, code)]

    def say(self, seq: int, *facts: Fact) -> None:
        """Note what an entry said, if there is one."""
        if seq:
            self.facts[seq] = list(facts)

    def terms(self, agreement: str) -> Fact | None:
        """What an agreement says now; nothing of a gift, which lasts as long as the term."""
        return next(iter(reversed(self.said("terms", agreement))), None)

    def is_closed(self, on: date) -> bool:
        """Whether the month of a day is closed."""
        return self.turned[f"{on:%Y-%m}"] % 2 == 1

    # ---- figures

    def codes(self, sort: str) -> list[str]:
        """The codes of one sort of thing."""
        return sorted(code for kind, code in self.made.values() if kind == sort)

    def of(self, what: str, *marks: str | None) -> dict[str, int]:
        """Figures by agreement; None matches any mark."""
        found: Counter[str] = Counter()
        for key, figure in self.figures.items():
            if key[0] == what and all(mark in (None, has) for mark, has in zip(marks, key[2:], strict=True)):
                found[key[1]] += figure
        return dict(found)

    def free(self, activity: str, on: date | None = None) -> dict[str, int]:
        """What is allocated to an activity and neither used nor committed, of agreements that run."""
        used, bound = self.of("used", activity, None, None), self.of("committed", activity, None)
        return {
            agreement: given - used.get(agreement, 0) - bound.get(agreement, 0)
            for agreement, given in self.of("allocated", activity).items()
            if on is None or self.runs(agreement, on)
        }

    def unpaid(self, grant: str) -> dict[str, int]:
        """What is committed under a grant and not advanced."""
        advanced = self.of("advanced", None, grant)
        return {
            agreement: bound - advanced.get(agreement, 0)
            for agreement, bound in self.of("committed", None, grant).items()
        }

    # ---- what was, up to a day

    @property
    def standing(self) -> dict[int, Past]:
        """The entries of the term that are not gone."""
        return {seq: past for seq, past in self.past.items() if seq not in self.gone}

    def until(self, on: date, *names: str) -> Figures:
        """What came about up to a day, without what was taken back since."""
        found: Figures = Counter()
        for past in self.standing.values():
            if past.on <= on:
                found.update({key: by for key, by in past.change.items() if key[0] in names})
        return found

    def owed_since(self, agreement: str, on: date) -> int:
        """What was owed under an agreement on a day and ever since, in minor units of its currency."""
        return self._since("owed", agreement, on)

    def available_since(self, agreement: str, on: date) -> int:
        """What was available of an agreement on a day and ever since, in USD cents."""
        return self._since("available", agreement, on)

    def _since(self, name: str, agreement: str, on: date) -> int:
        days = {on, *(past.on for past in self.standing.values() if past.on > on)}
        return min(self.until(day, name)[name, agreement] for day in days)

    def due(self, agreement: str) -> dict[date, int]:
        """When what is owed without instalments is due: each unit of it on the day it was agreed.

        The first units of the amount are paid first. One that an amendment took off and another one gave back
        is agreed anew.
        """
        terms = self.said("terms", agreement)
        first, unseen = max(self.starts[agreement], terms[0].on), terms[-1].minor
        paid = unseen - self.figures["owed", agreement]
        found: Counter[date] = Counter()
        changes = [(0, terms[0]), *((one.minor, other) for one, other in pairwise(terms))]
        for before, now in reversed(changes):
            found[max(first, now.on)] += max(0, unseen - max(before, paid))
            unseen = min(unseen, before)
        return dict(+found)

    def waiting(self, key: Key, on: date) -> int:
        """What a figure had come to on a day, as far as it still is there."""
        then, still = self.until(on, key[0])[key], self.figures[key]
        return min(then, still, key=abs) if then * still > 0 else 0

    def used_until(self, on: date, *names: str) -> Figures:
        """What was used up to a day and is not set against anything yet."""
        then = self.until(on, *names)
        found: Figures = Counter({key: min(figure, self.figures[key]) for key, figure in then.items()})
        return +found

    def cent_days(self, starts: date, ends: date) -> dict[str, int]:
        """The unspent money of each agreement, times the days that it lay there."""
        sums: Counter[str] = Counter()
        for past in self.standing.values():
            days = (ends - max(past.on, starts)).days + 1
            for (name, code, *_), by in past.change.items():
                sign = {"available": 1, "allocated": 1, "used": -1}.get(name, 0)
                sums[code] += sign * by * max(days, 0)
        return {code: days for code, days in (+sums).items() if not self.said("closed", code)}

    def support_due(self, on: date) -> Figures:
        """Support cost on what was spent up to a day, less what was charged before."""
        owed: Counter[Key] = Counter()
        charged: Counter[Key] = Counter()
        for past in self.standing.values():
            agreed = [
                since_and_rate for since_and_rate in self.support.values() if since_and_rate[0] <= past.on
            ]
            rate = max(agreed, default=(on, 0))[1]
            for (name, *spot), by in past.change.items():
                if name != "used" or past.kind == "year ended":
                    continue
                if spot[2] == "support":
                    charged[tuple(spot[:2])] += by
                elif spot[2] != "loss" and past.on <= on:
                    owed[tuple(spot[:2])] += by * rate
        due = {
            spot: round(Fraction(owed[spot], 10_000)) - charged[spot]
            for spot in owed | charged
            if not self.said("closed", spot[0])
        }
        return _without_zeros(Counter({("used", *spot, "support", ""): part for spot, part in due.items()}))

    def is_settled(self, agreement: str) -> bool:
        """Whether nothing is left under an agreement, so that it can be closed."""
        names = ("owed", "available", "goods", "due", "committed", "advanced")
        left = any(figure for key, figure in self.figures.items() if key[0] in names and key[1] == agreement)
        activities = {key[2] for key in self.figures if key[0] == "allocated"}
        unused = any(self.free(activity).get(agreement) for activity in activities)
        uncharged = any(key[1] == agreement for key in self.support_due(date.max))
        everything = [*self.past.values(), *(self.before.past.values() if self.before else ())]
        places = {key[4] for past in everything for key in past.change if key[:2] == ("used", agreement)}
        unpaid = any(self.figures["payable", place] for place in places)
        return not (left or unused or uncharged or unpaid)

    def last_day(self, agreement: str) -> date:
        """The day of the last entry under an agreement, taken back or not."""
        return max((past.on for past in self.past.values() if past.moves(agreement)), default=date.min)

    def is_last(self, kind: str, on: date) -> bool:
        """Whether no such entry of a later day stands."""
        return all(past.on <= on for past in self.standing.values() if past.kind == kind)

    # ---- what may be, and what is

    def allows(self, on: date, change: Figures | None, *, settles: bool = False) -> bool:
        """Whether the books must take a change: nothing below zero, nothing given twice, an open month.

        And nothing under an agreement that is closed, unless it only settles accounts.
        """
        if change is None or (any(change.values()) and self.is_closed(on)):
            return False
        if not settles and any(self.said("closed", key[1]) for key, by in change.items() if by):
            return False
        after = replace(self, figures=Counter(self.figures))
        after.figures.update(change)
        bound_to_each = all(
            part >= 0
            for key in change
            if key[0] in ("committed", "advanced")
            for part in after.unpaid(key[3]).values()
        )
        activities = {key[2] for key in change if key[0] in ("allocated", "used", "committed")}
        free = all(part >= 0 for activity in activities for part in after.free(activity).values())
        whole = all(figure >= 0 for key, figure in after.figures.items() if key[0] not in SIGNED)
        return whole and bound_to_each and free

    def is_built_on(self, seq: int) -> bool:
        """Whether what an entry made is named by a later entry that stands, or gains or bears by one.

        Or whether a private donor's gift rests on what it said, and on nothing else.
        """
        if seq not in self.made:
            return self._is_rested_on(seq)
        code = self.made[seq][1]
        moved = (past.change for later, past in self.standing.items() if later > seq)
        return any(f'"{code}"' in told for later, told in self.named.items() if later > seq) or any(
            by and key[1] == code for change in moved for key, by in change.items()
        )

    def _is_rested_on(self, seq: int) -> bool:
        for screened in self.facts.get(seq, ()):
            others = [each for each in self.said("screened", screened.code) if each is not screened]
            for gift in self.said("rests", screened.code):
                if not any(each.on <= gift.on for each in others):
                    return True
        return False

    def keep(self, seq: int, past: Past, named: str) -> None:
        """Take what an entry did, and the words in which it was told."""
        self.past[seq] = past
        self.named[seq] = named
        self.figures.update(past.change)

    def take_back(self, seq: int, by: int) -> None:
        """An entry is taken back, by another one that did the opposite: neither can be reversed any more."""
        self.gone |= {seq, by}
        for gone in (seq, by):
            self.named.pop(gone, None)
            self.made.pop(gone, None)
            self.support.pop(gone, None)
            self.facts.pop(gone, None)

    def close(self, seq: int) -> None:
        """The term ended with an entry; what is left is what the next one begins with.

        What has no lines belongs to no term. Services are left behind.
        """
        closing = self.past[seq]
        left_behind = {("left behind", *key[1:]): by for key, by in closing.change.items()}
        self.before = replace(self, figures=Counter(self.figures), past=dict(self.past))
        self.past = {each: past for each, past in self.past.items() if past.moves_nothing}
        self.past[seq] = closing._replace(change=Counter(self.figures))
        self.past[seq].change.update(left_behind)
        self.term, self.support = NEXT, {}

    def reopen(self, seq: int, by: int) -> None:
        """The close, an entry, was taken back by another, when no money had moved in the term after it."""
        assert self.before is not None
        carried = self.past[seq].change
        both = {each: self.past[each]._replace(change=carried) for each in (seq, by)}
        self.past = self.before.past | self.past | both
        support = {each: agreed for each, agreed in self.before.support.items() if each not in self.gone}
        self.term, self.support, self.before = self.before.term, support, None

    def summed(self) -> Figures:
        """The figures as precisely as the books' accounts tell them apart."""
        told: Figures = Counter()
        for key, figure in self.figures.items():
            tell = _TOLD.get(key[0])
            told[tell(key) if tell else key] += figure
        return _without_zeros(told)


_TOLD: dict[str, Callable[[Key], Key]] = {
    "due": lambda key: key[:2],
    "goods": lambda key: key[:2],
    "pledged": lambda key: (key[0], *key[2:]),
    "unidentified": lambda key: (key[0], *key[2:]),
    "advanced": lambda key: (key[0], key[1], key[3]),
}
"""The books do not know on their accounts which refund, gift, pledge or receipt an amount is of."""

_USES = {"3120": "supplies", "3150": "travel", "3180": "support", "3900": "loss"}


def in_the_books(books: Connection, term: str) -> Figures:
    """What stands on the accounts, in the words of the model."""
    told: Figures = Counter()
    for row in books.execute(select(balance)):
        match row.account, row.activity:
            case _ if row.term != term:
                told["left behind", row.account] += abs(row.amount) + abs(row.usd)
            case "1100", _:
                told["cash", row.bank_account] += row.amount
                told["worth", row.bank_account] += row.usd
            case "1200", _:
                told["owed", row.agreement] += row.amount
            case "1300", _:
                told["advanced", row.agreement, row.grant_code] += row.usd
            case "1400", _:
                told["goods", row.agreement] += row.usd
            case "2200", _:
                told["available", row.agreement] -= row.usd
            case "2300", activity:
                told["allocated", row.agreement, activity] -= row.usd
            case "2400", _:
                told["in kind", row.agreement] -= row.usd
            case "2500", _:
                told["payable", row.grant_code] -= row.usd
            case "2600", _:
                told["support", "due"] -= row.usd
            case "2700", _:
                told["due", row.agreement] -= row.usd
            case "2800", _:
                told["realised", "waiting"] -= row.usd
            case "2810", _:
                told["unrealised", row.bank_account] -= row.usd
            case "2850", _:
                told["interest", "waiting"] -= row.usd
            case "2900", _:
                told["unidentified", row.bank_account] -= row.amount
            case "9100", _:
                told["pledged", row.donor, row.currency] += row.amount
            case "9200", activity:
                told["committed", row.agreement, activity, row.grant_code] += row.usd
            case "9300", _:
                told["services", row.agreement] += row.usd
            case "3170", "":
                told["available", row.agreement] -= row.usd
                told["charged", row.agreement] += row.usd
            case "3300", activity:
                told["goods used", row.agreement, activity] += row.usd
            case "3390", _:
                told["goods lost", row.agreement] += row.usd
            case account, activity if account.startswith("3"):
                told["used", row.agreement, activity, _USES[account], row.grant_code] += row.usd
    return _without_zeros(told)


def _without_zeros(figures: Figures) -> Figures:
    return Counter({key: figure for key, figure in figures.items() if figure})
