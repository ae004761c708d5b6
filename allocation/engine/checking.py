"""Input checks: a problem that contradicts itself is refused, in one sentence, before a solver sees it."""

from __future__ import annotations

from collections.abc import Sequence

from allocation.engine.problem import BASIS_POINTS, DonorRule, LinkRule, MoneyRule, Problem, UnitsRule
from ledger import BadInput


def check(problem: Problem) -> None:
    """Raise `BadInput` that names the first contradiction."""
    _refuse_twins("activity", [candidate.code for candidate in problem.candidates])
    _refuse_twins("agreement", [source.id for source in problem.sources])
    _refuse_twins("rule", [rule.id for rule in problem.rules])
    for source in problem.sources:
        if source.cents < 0:
            raise BadInput(f"Agreement {source.agreement} has less than nothing to allocate; correct it.")
    for candidate in problem.candidates:
        if candidate.unit_cents < 0 or candidate.units < 0:
            raise BadInput(f"Activity {candidate.code} has a negative cost or number of units; correct it.")
    _check_rules(problem)
    if problem.fairness is not None:
        shares = [share for group in problem.fairness.groups.values() for share in group.values()]
        _refuse_strange_shares("The fairness", [*shares, problem.fairness.give_up])


def _check_rules(problem: Problem) -> None:
    codes = {candidate.code for candidate in problem.candidates}
    for rule in problem.rules:
        match rule:
            case MoneyRule() | DonorRule():
                _check_bound(rule)
            case UnitsRule():
                _refuse_unknown(rule.id, [rule.activity], codes)
            case LinkRule():
                _refuse_unknown(rule.id, [rule.activity, rule.other], codes)
                if rule.activity == rule.other:
                    raise BadInput(
                        f"Rule {rule.id} links activity {rule.activity} with itself; name another."
                    )


def _check_bound(rule: MoneyRule | DonorRule) -> None:
    if (rule.share is None) == (rule.cents is None):
        raise BadInput(f"Rule {rule.id} must give either a share or an amount, and not both.")
    if rule.cents is not None and rule.cents < 0:
        raise BadInput(f"Rule {rule.id} has an amount below nothing; correct it.")
    weights = rule.weights.values() if isinstance(rule, MoneyRule) else ()
    _refuse_strange_shares(f"Rule {rule.id}", [*weights, *(() if rule.share is None else (rule.share,))])


def _refuse_strange_shares(what: str, shares: Sequence[int]) -> None:
    if not all(0 <= share <= BASIS_POINTS for share in shares):
        raise BadInput(f"{what} has a share outside 0 to {BASIS_POINTS} basis points; correct it.")


def _refuse_unknown(rule: str, named: Sequence[str], codes: set[str]) -> None:
    for code in named:
        if code not in codes:
            raise BadInput(f"Rule {rule} is about activity {code}, which is not a candidate.")


def _refuse_twins(what: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadInput(f"There are two entries for {what} {name}; give each {what} once.")
        seen.add(name)
