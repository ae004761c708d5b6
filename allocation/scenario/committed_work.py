"""What is begun of a term's allocation: used or committed, so that a revised plan leaves it where it is.

A revised plan is solved as if nothing were allocated but that. Every unit that is begun stays, wholly paid by
those who pay for it now; in the problem it is an activity of its own, which must be funded, and to which its
own money is kept. So rules, points and fairness count it, and no other money can take its place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from allocation.engine.problem import (
    Candidate,
    Fairness,
    LinkRule,
    MoneyRule,
    Problem,
    Rule,
    Source,
    SumRule,
    UnitsRule,
)
from allocation.term.year_end import YearEnded
from ledger import ALLOCATED, AsOf, allotments, posted, split

_COMMITTED = " begun"
"""Stands after the code of an activity where what is begun of it is meant: no code has a blank in it."""

FundingKey = tuple[str, str]
"""An agreement and an activity."""


def allocated_amounts(books: Connection, term: str) -> dict[FundingKey, int]:
    """What agreements gave to activities in a term, used or not, in USD cents; what is nothing is left out.

    What a year's use was set against was allocated all the same.
    """
    given: Counter[FundingKey] = Counter()
    for line in posted(books, AsOf.now(books, date.max), accounts=(ALLOCATED,), term=term):
        if line.kind != YearEnded.kind:
            given[line.agreement, line.activity] -= line.usd
    return {spot: cents for spot, cents in sorted(given.items()) if cents}


def free_amounts(books: Connection, term: str) -> dict[FundingKey, int]:
    """What of it is neither used nor committed, in USD cents."""
    return {(each.agreement, each.activity): each.free for each in allotments(books, term) if each.free}


@dataclass(frozen=True)
class CommittedWork:
    """What is begun of one activity."""

    activity: str
    units: int
    """Units that money is used or committed for; a part counts as one."""
    paid: Mapping[str, int]
    """What agreements pay for them, in USD cents."""

    @property
    def code(self) -> str:
        """What a problem calls it."""
        return self.activity + _COMMITTED

    @property
    def cents(self) -> int:
        """What they cost, in USD cents."""
        return sum(self.paid.values())


def committed_work(books: Connection, term: str, unit_cents: Mapping[str, int]) -> dict[str, CommittedWork]:
    """What is begun of the activities of a term's programme, given what one unit of each costs the fund.

    Where a unit is used or committed in part, the rest of it is kept too, from what is free of its own
    agreements, pro rata.
    """
    given, spare = allocated_amounts(books, term), free_amounts(books, term)
    of: dict[str, dict[str, int]] = defaultdict(dict)
    for (agreement, activity), cents in given.items():
        of[activity][agreement] = cents
    found = {}
    for code, unit in sorted(unit_cents.items()):
        left = {agreement: spare.get((agreement, code), 0) for agreement in of[code]}
        taken = {agreement: cents - left[agreement] for agreement, cents in of[code].items()}
        if sum(taken.values()) > 0:
            units = -(-sum(taken.values()) // unit) if unit else 1
            rest = split(min(sum(left.values()), max(0, units * unit - sum(taken.values()))), left)
            paid = {agreement: cents + rest[agreement] for agreement, cents in taken.items()}
            found[code] = CommittedWork(code, units, {name: cents for name, cents in paid.items() if cents})
    return found


def released_amounts(
    books: Connection, term: str, kept: Mapping[str, CommittedWork], codes: set[str]
) -> dict[str, int]:
    """What agreements have back when only what is begun of these activities stays, in USD cents."""
    back: Counter[str] = Counter()
    for (agreement, activity), cents in allocated_amounts(books, term).items():
        if activity in codes:
            back[agreement] += cents - (kept[activity].paid.get(agreement, 0) if activity in kept else 0)
    return {agreement: cents for agreement, cents in back.items() if cents}


def committed_sources(kept: Mapping[str, CommittedWork]) -> Iterator[Source]:
    """The money of what is begun, which can pay for nothing else."""
    for code, each in kept.items():
        for agreement, cents in each.paid.items():
            yield Source(agreement, cents, frozenset({code + _COMMITTED}), kept_for=code)


def with_committed_work(problem: Problem, kept: Mapping[str, CommittedWork]) -> Problem:
    """The problem with what is begun as activities of their own, and without activities of no units.

    Its candidates are those of all that is open or begun, with the units that are open.
    """
    scores = {each.code: each.score for each in problem.candidates}
    started = (Candidate(c + _COMMITTED, each.cents, 1, scores[c] * each.units) for c, each in kept.items())
    opened = tuple(each for each in problem.candidates if each.units)
    codes = {each.code for each in opened}
    musts = (
        UnitsRule(c + _COMMITTED, c + _COMMITTED, least=1, reason="used or committed already") for c in kept
    )
    fairness = problem.fairness
    return replace(
        problem,
        candidates=(*opened, *started),
        rules=(
            *(_counting(rule, kept, codes) for rule in problem.rules if _is_open(rule, codes, kept)),
            *musts,
        ),
        fairness=fairness
        and Fairness(
            {group: _also(parts, kept, codes) for group, parts in fairness.groups.items()}, fairness.give_up
        ),
    )


def activity_of(code: str) -> str:
    """The activity that a candidate of a problem is about."""
    return code.removesuffix(_COMMITTED)


def is_committed_work(code: str) -> bool:
    """Whether a candidate of a problem is what is begun of its activity."""
    return code.endswith(_COMMITTED)


def _is_open(rule: Rule, codes: set[str], kept: Mapping[str, CommittedWork]) -> bool:
    """A demand on an activity that is begun wholly is met."""
    if isinstance(rule, UnitsRule):
        return rule.activity in codes
    return not isinstance(rule, LinkRule) or rule.activity in codes | kept.keys()


def _counting(rule: Rule, kept: Mapping[str, CommittedWork], codes: set[str]) -> Rule:
    """The rule with what is begun counted too; a link from what is begun holds from the beginning."""
    match rule:
        case MoneyRule():
            return replace(rule, weights=_also(rule.weights, kept, codes))
        case SumRule():
            units = {code: each.units for code, each in kept.items()}
            return replace(rule, amounts=_also(rule.amounts, kept, codes, units))
        case LinkRule() if rule.activity in kept:
            return replace(rule, activity=rule.activity + _COMMITTED)
    return rule


def _also(
    parts: Mapping[str, int],
    kept: Mapping[str, CommittedWork],
    codes: set[str],
    times: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Parts by activity, with those of what is begun beside them; `times` for what counts by the unit."""
    started = {c + _COMMITTED: part * (times[c] if times else 1) for c, part in parts.items() if c in kept}
    return {code: part for code, part in parts.items() if code in codes} | started
