"""Committed work: what is used or committed of a term's allocation, which a revised plan must keep.

A revised plan is solved as if only this were allocated. Every unit for which money is used or committed
stays, paid by the same agreements: in the problem it is a separate activity that must be funded, and its
money can pay for nothing else. So rules, points and fairness count it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from allocation.engine.problem import Candidate, Fairness, Problem, Source
from allocation.engine.rules.conditions import units_between
from allocation.engine.rules.rule import CommittedUnits, weights_with_committed
from allocation.term.year_end import YearEnded
from ledger import ALLOCATED, AsOf, allotments, posted, split

_COMMITTED = " begun"
"""The suffix of an activity's code for its committed work; no code has a blank. Part of problem hashes."""

FundingKey = tuple[str, str]
"""An agreement and an activity."""


def allocated_amounts(books: Connection, term: str) -> dict[FundingKey, int]:
    """The allocation of a term in USD cents, used or not, without zeros.

    The lines of a year end, which set use against the allocation, do not reduce it.
    """
    given: Counter[FundingKey] = Counter()
    for line in posted(books, AsOf.now(books, date.max), accounts=(ALLOCATED,), term=term):
        if line.kind != YearEnded.kind:
            given[line.agreement, line.activity] -= line.usd
    return {spot: cents for spot, cents in sorted(given.items()) if cents}


def free_amounts(books: Connection, term: str) -> dict[FundingKey, int]:
    """The part of a term's allocation that is neither used nor committed, in USD cents."""
    return {(each.agreement, each.activity): each.free for each in allotments(books, term) if each.free}


@dataclass(frozen=True)
class CommittedWork:
    """The committed work of one activity."""

    activity: str
    units: int
    """Units for which money is used or committed; a part of a unit counts as one."""
    paid: Mapping[str, int]
    """USD cents that each agreement pays for them."""

    @property
    def code(self) -> str:
        """Its code in a problem."""
        return self.activity + _COMMITTED

    @property
    def cents(self) -> int:
        """Their cost in USD cents."""
        return sum(self.paid.values())


def committed_work(books: Connection, term: str, unit_cents: Mapping[str, int]) -> dict[str, CommittedWork]:
    """The committed work of a term, by activity, given the unit costs to the fund in USD cents.

    If a unit is used or committed in part, the rest of it is kept too, pro rata from what its agreements
    have free for the activity.
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
    """USD cents that agreements get back when only the committed work of these activities stays."""
    back: Counter[str] = Counter()
    for (agreement, activity), cents in allocated_amounts(books, term).items():
        if activity in codes:
            back[agreement] += cents - (kept[activity].paid.get(agreement, 0) if activity in kept else 0)
    return {agreement: cents for agreement, cents in back.items() if cents}


def committed_sources(kept: Mapping[str, CommittedWork]) -> Iterator[Source]:
    """Sources with the money of committed work, which can pay for nothing else."""
    for code, each in kept.items():
        for agreement, cents in each.paid.items():
            yield Source(agreement, cents, frozenset({code + _COMMITTED}), kept_for=code)


def with_committed_work(problem: Problem, kept: Mapping[str, CommittedWork]) -> Problem:
    """The problem with committed work as separate activities, and without activities that have no units.

    The candidates of `problem` have only the units that are still open.
    """
    scores = {each.code: each.score for each in problem.candidates}
    started = (Candidate(c + _COMMITTED, each.cents, 1, scores[c] * each.units) for c, each in kept.items())
    opened = tuple(each for each in problem.candidates if each.units)
    codes = {each.code for each in opened}
    done = {code: CommittedUnits(each.code, each.units) for code, each in kept.items()}
    musts = (
        units_between(each.code, each.code, least=1, reason="used or committed already")
        for each in kept.values()
    )
    fairness = problem.fairness
    return replace(
        problem,
        candidates=(*opened, *started),
        rules=(
            *(also for rule in problem.rules if (also := rule.committed(done, codes)) is not None),
            *musts,
        ),
        fairness=fairness
        and Fairness(
            {group: weights_with_committed(parts, done, codes) for group, parts in fairness.groups.items()},
            fairness.give_up,
        ),
    )


def activity_of(code: str) -> str:
    """The activity that a candidate's code belongs to."""
    return code.removesuffix(_COMMITTED)


def is_committed_work(code: str) -> bool:
    """Whether a candidate's code is that of committed work."""
    return code.endswith(_COMMITTED)
