"""Input checks: a problem that contradicts itself is refused, in one sentence, before a solver sees it."""

from __future__ import annotations

from collections.abc import Sequence

from allocation.engine.problem import Problem
from allocation.engine.rules.rule import check_shares
from ledger import BadInput


def check(problem: Problem) -> None:
    """Raise `BadInput` that names the first contradiction."""
    _refuse_twins("activity", [candidate.code for candidate in problem.candidates])
    _refuse_twins("agreement", [source.id for source in problem.sources])
    _refuse_twins("rule", [rule.id for rule in problem.rules])
    for source in problem.sources:
        if source.cents < 0:
            raise BadInput(
                "problem-agreement-negative",
                "Agreement {agreement} has less than nothing to allocate; correct it.",
                agreement=source.agreement,
            )
    for candidate in problem.candidates:
        if candidate.unit_cents < 0 or candidate.units < 0:
            raise BadInput(
                "problem-activity-negative",
                "Activity {code} has a negative cost or number of units; correct it.",
                code=candidate.code,
            )
    codes = frozenset(candidate.code for candidate in problem.candidates)
    for rule in problem.rules:
        rule.check(codes)
    if problem.fairness is not None:
        shares = [share for group in problem.fairness.groups.values() for share in group.values()]
        check_shares("The fairness", [*shares, problem.fairness.give_up])


def _refuse_twins(what: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadInput(
                "problem-entry-twice",
                "There are two entries for {what} {name}; give each {what} once.",
                what=what,
                name=name,
            )
        seen.add(name)
