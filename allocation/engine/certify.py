"""The independent verifier: checks a solution against its problem in whole numbers, before it is used.

It shares no code with the model or the solvers: it knows only the problem and arithmetic. The checks of rules
are in `allocation.engine.rules.verify`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from allocation.engine.greedy import greedy
from allocation.engine.problem import BASIS_POINTS, Problem
from allocation.engine.rules.rule import Rule
from allocation.engine.rules.verify import Claimed, broken, may_be_missed, missed_cents
from ledger import MdfmError


class CertificateError(MdfmError):
    """A solution fails a check; it must not be used."""

    def __init__(self, check: str, detail: str) -> None:
        self.check = check
        """The name of the broken check."""
        super().__init__(
            "certificate-broken",
            "The plan fails the check '{check}': {detail}. Do not use it; solve again.",
            check=check,
            detail=detail,
        )


@dataclass(frozen=True)
class Claim:
    """A solution as its solver reports it: what `certify` checks."""

    units: Mapping[str, int]
    flows: Mapping[tuple[str, str], int]
    """Cents from (source's id, activity)."""
    value: int
    """The most points; the plan's own, unless fairness may give some of them up."""
    bound: int
    """No plan is worth more points than this."""
    proved: bool
    """Whether the value is claimed to be the best possible."""
    missed: int | None = None
    """The cents by which all soft rules are missed together; None if nothing is claimed."""


@dataclass(frozen=True)
class Certificate:
    """The checks that a solution has passed, in the order they were made."""

    checks: tuple[str, ...]


def certify(problem: Problem, claim: Claim) -> Certificate:
    """Check a claim against every condition of its problem.

    Raises `CertificateError` that names the first check it fails.
    """
    kept: dict[str, CertificateCheck] = {
        f"rule {rule.id}": partial(_keeps, rule)
        for rule in sorted(problem.rules, key=lambda rule: rule.id)
        if not may_be_missed(rule)
    }
    checks = {**_LEGAL, **kept, **_WORTH}
    for name, check in checks.items():
        detail = check(problem, claim)
        if detail is not None:
            raise CertificateError(name, detail)
    return Certificate(tuple(checks))


def _whole(problem: Problem, claim: Claim) -> str | None:
    numbers = [*claim.units.values(), *claim.flows.values(), claim.value, claim.bound]
    fraction = next((number for number in numbers if type(number) is not int), None)
    return None if fraction is None else f"{fraction!r} is not a whole number"


def _known(problem: Problem, claim: Claim) -> str | None:
    codes = {candidate.code for candidate in problem.candidates}
    sources = {source.id for source in problem.sources}
    if set(claim.units) != codes:
        return f"units of {sorted(set(claim.units) ^ codes)} are missing or unasked for"
    strange = [f"{a} to {c}" for a, c in claim.flows if a not in sources or c not in codes]
    return f"there are payments nobody asked for: {strange}" if strange else None


def _in_bounds(problem: Problem, claim: Claim) -> str | None:
    for candidate in problem.candidates:
        units = claim.units[candidate.code]
        if not 0 <= units <= candidate.units:
            return f"{units} of {candidate.units} units of {candidate.code} are funded"
        if 0 < units < candidate.least:
            return f"{units} units of {candidate.code} are funded, {candidate.least} are the least"
    return None


def _positive(problem: Problem, claim: Claim) -> str | None:
    for (source, code), cents in claim.flows.items():
        if cents < 0:
            return f"agreement {source} pays {cents} cents for {code}"
    return None


def _eligible(problem: Problem, claim: Claim) -> str | None:
    eligible = {source.id: source.eligible for source in problem.sources}
    for (source, code), cents in claim.flows.items():
        if cents and code not in eligible[source]:
            return f"the earmark of agreement {source} does not allow {code}"
    return None


def _money(problem: Problem, claim: Claim) -> str | None:
    used: dict[str, int] = defaultdict(int)
    for (source, _), cents in claim.flows.items():
        used[source] += cents
    for each in problem.sources:
        if used[each.id] > each.cents:
            return f"agreement {each.id} pays {used[each.id]} cents and has {each.cents}"
    return None


def _to_the_cent(problem: Problem, claim: Claim) -> str | None:
    paid: dict[str, int] = defaultdict(int)
    for (_, code), cents in claim.flows.items():
        paid[code] += cents
    for code, cost in _awards(problem, claim.units).items():
        if paid[code] != cost:
            return f"{code} costs {cost} cents and is paid {paid[code]}"
    return None


def _value(problem: Problem, claim: Claim) -> str | None:
    points = _points(problem, claim.units)
    if points > claim.value or points < claim.value - _may_give_up(problem, claim.value):
        return f"it is worth {points} points and not {claim.value}"
    return None


def _bound(problem: Problem, claim: Claim) -> str | None:
    return None if claim.bound >= claim.value else f"its bound {claim.bound} is below its value {claim.value}"


def _proof(problem: Problem, claim: Claim) -> str | None:
    if claim.proved and claim.bound != claim.value:
        return f"it is called optimal, but its bound is {claim.bound} and its value {claim.value}"
    return None


def _missed(problem: Problem, claim: Claim) -> str | None:
    missed = _missed_cents(problem, claim.units)
    if claim.missed is None or claim.missed == missed:
        return None
    return f"rules are missed by {missed} cents and not {claim.missed}"


def _beats_greedy(problem: Problem, claim: Claim) -> str | None:
    """No greedy plan misses soft rules by less, and none that misses them as little is worth more."""
    units = greedy(problem)
    if units is None:
        return None
    missed, least = _missed_cents(problem, claim.units), _missed_cents(problem, units)
    if missed > least:
        return f"a greedy plan misses the soft rules by {least} cents, it by {missed}"
    points = _points(problem, units)
    if problem.by_value and missed == least and claim.value < points:
        return f"a greedy plan is worth {points} points, it only {claim.value}"
    return None


CertificateCheck = Callable[[Problem, Claim], str | None]
"""A check returns what is wrong with a claim, in words, or None."""

_LEGAL: dict[str, CertificateCheck] = {
    "whole numbers": _whole,
    "known names": _known,
    "units within bounds": _in_bounds,
    "no negative payment": _positive,
    "earmarks": _eligible,
    "money of each agreement": _money,
    "paid to the cent": _to_the_cent,
}
_WORTH: dict[str, CertificateCheck] = {
    "soft rules": _missed,
    "value": _value,
    "bound": _bound,
    "proof": _proof,
    "not below greedy": _beats_greedy,
}


def _keeps(rule: Rule, problem: Problem, claim: Claim) -> str | None:
    return broken(rule, Claimed(problem, claim.units, claim.flows))


def _missed_cents(problem: Problem, units: Mapping[str, int]) -> int:
    """By how many cents all soft rules are missed together; a part of a cent counts as one."""
    claimed = Claimed(problem, units, {})
    return sum(missed_cents(rule, claimed) for rule in problem.rules if may_be_missed(rule))


def _awards(problem: Problem, units: Mapping[str, int]) -> dict[str, int]:
    return {candidate.code: candidate.unit_cents * units[candidate.code] for candidate in problem.candidates}


def _points(problem: Problem, units: Mapping[str, int]) -> int:
    return sum(candidate.score * units[candidate.code] for candidate in problem.candidates)


def _may_give_up(problem: Problem, value: int) -> int:
    if problem.fairness is None or not problem.by_value:
        return 0
    return abs(value) * problem.fairness.give_up // BASIS_POINTS
