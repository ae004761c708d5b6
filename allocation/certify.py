"""The independent verifier: checks an answer against its problem in whole numbers, before it is believed.

It shares no code with the model or the solvers; what it knows is the problem and arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from allocation.greedy import greedy
from allocation.problem import BASIS_POINTS, MoneyRule, Problem, Rule
from ledger import MdfmError


class CertificateError(MdfmError):
    """An answer that fails a check; it must not be used."""

    def __init__(self, check: str, detail: str) -> None:
        self.check = check
        """The name of the broken check."""
        super().__init__(f"The plan fails the check '{check}': {detail}. Do not use it; solve again.")


@dataclass(frozen=True)
class Claim:
    """An answer as its solver tells it."""

    units: Mapping[str, int]
    flows: Mapping[tuple[str, str], int]
    """Cents from (agreement, activity)."""
    value: int
    """Points."""
    bound: int
    proved: bool
    """Whether the value is claimed to be the best possible."""


@dataclass(frozen=True)
class Certificate:
    """The checks that an answer has passed, in the order they were made."""

    checks: tuple[str, ...]


def certify(problem: Problem, claim: Claim) -> Certificate:
    """Check a claim against every condition of its problem.

    Raises `CertificateError` that names the first check it fails.
    """
    rules = sorted(problem.rules, key=lambda rule: rule.id)
    kept: dict[str, Check] = {f"rule {rule.id}": partial(_keeps, rule) for rule in rules}
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
    agreements = {source.agreement for source in problem.sources}
    if set(claim.units) != codes:
        return f"units of {sorted(set(claim.units) ^ codes)} are missing or unasked for"
    strange = [f"{a} to {c}" for a, c in claim.flows if a not in agreements or c not in codes]
    return f"there are payments nobody asked for: {strange}" if strange else None


def _in_bounds(problem: Problem, claim: Claim) -> str | None:
    for candidate in problem.candidates:
        if not 0 <= claim.units[candidate.code] <= candidate.units:
            return f"{claim.units[candidate.code]} of {candidate.units} units of {candidate.code} are funded"
    return None


def _positive(problem: Problem, claim: Claim) -> str | None:
    for (agreement, code), cents in claim.flows.items():
        if cents < 0:
            return f"agreement {agreement} pays {cents} cents for {code}"
    return None


def _eligible(problem: Problem, claim: Claim) -> str | None:
    eligible = {source.agreement: source.eligible for source in problem.sources}
    for (agreement, code), cents in claim.flows.items():
        if cents and code not in eligible[agreement]:
            return f"the earmark of agreement {agreement} does not allow {code}"
    return None


def _money(problem: Problem, claim: Claim) -> str | None:
    for source in problem.sources:
        used = sum(cents for (agreement, _), cents in claim.flows.items() if agreement == source.agreement)
        if used > source.cents:
            return f"agreement {source.agreement} pays {used} cents and has {source.cents}"
    return None


def _to_the_cent(problem: Problem, claim: Claim) -> str | None:
    for candidate in problem.candidates:
        paid = sum(cents for (_, code), cents in claim.flows.items() if code == candidate.code)
        cost = candidate.unit_cents * claim.units[candidate.code]
        if paid != cost:
            return f"{candidate.code} costs {cost} cents and is paid {paid}"
    return None


def _value(problem: Problem, claim: Claim) -> str | None:
    value = sum(candidate.score * claim.units[candidate.code] for candidate in problem.candidates)
    return None if value == claim.value else f"it is worth {value} points and not {claim.value}"


def _bound(problem: Problem, claim: Claim) -> str | None:
    return None if claim.bound >= claim.value else f"its bound {claim.bound} is below its value {claim.value}"


def _proof(problem: Problem, claim: Claim) -> str | None:
    if claim.proved and claim.bound != claim.value:
        return f"it is called optimal, but its bound is {claim.bound} and its value {claim.value}"
    return None


def _beats_greedy(problem: Problem, claim: Claim) -> str | None:
    units = greedy(problem)
    if units is None:
        return None
    value = sum(candidate.score * units[candidate.code] for candidate in problem.candidates)
    return None if claim.value >= value else f"a greedy plan is worth {value} points, it only {claim.value}"


Check = Callable[[Problem, Claim], str | None]
"""What is wrong with a claim, in words; None if nothing is."""

_LEGAL: dict[str, Check] = {
    "whole numbers": _whole,
    "known names": _known,
    "units within bounds": _in_bounds,
    "no negative payment": _positive,
    "earmarks": _eligible,
    "money of each agreement": _money,
    "paid to the cent": _to_the_cent,
}
_WORTH: dict[str, Check] = {
    "value": _value,
    "bound": _bound,
    "proof": _proof,
    "not below greedy": _beats_greedy,
}


def _keeps(rule: Rule, problem: Problem, claim: Claim) -> str | None:
    if not isinstance(rule, MoneyRule):
        units = claim.units[rule.activity]
        kept = rule.least <= units and (rule.most is None or units <= rule.most)
        return None if kept else f"{units} units of {rule.activity} are funded"
    awards = {c.code: c.unit_cents * claim.units[c.code] for c in problem.candidates}
    counted = sum(rule.weights.get(code, 0) * award for code, award in awards.items())
    if rule.share is not None:
        bound = rule.share * sum(awards.values())
    else:
        assert rule.cents is not None
        bound = rule.cents * BASIS_POINTS
    kept = counted >= bound if rule.sense == "floor" else counted <= bound
    return None if kept else f"{counted} counts, the {rule.sense} is {bound} (cents times basis points)"
