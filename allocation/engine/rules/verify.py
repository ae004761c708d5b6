"""The checks of rules for the verifier: one function for each class of rules, in whole numbers.

They read the fields of a rule and share no code with it, so that a mistake in how a rule is stated is not
made here again; at run time this module imports no rule. A rule without a function here is never certified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from allocation.engine.problem import BASIS_POINTS, Flows, Problem, Units

if TYPE_CHECKING:
    from allocation.engine.rules.concentration import ConcentrationRule
    from allocation.engine.rules.counts import ActivityCountRule
    from allocation.engine.rules.donors import DonorRule
    from allocation.engine.rules.links import LinkRule
    from allocation.engine.rules.money import MoneyRule
    from allocation.engine.rules.rule import Rule
    from allocation.engine.rules.sums import SumRule
    from allocation.engine.rules.units import UnitsRule


class Claimed(NamedTuple):
    """A solution as it is claimed."""

    problem: Problem
    units: Units
    flows: Flows

    @property
    def awards(self) -> dict[str, int]:
        """What each activity costs, in USD cents."""
        return {each.code: each.unit_cents * self.units[each.code] for each in self.problem.candidates}


def broken(rule: Rule, claimed: Claimed) -> str | None:
    """How a rule is broken, in words; None if it is kept."""
    check = _CHECKS.get(type(rule).__name__)
    if check is None:
        return f"the verifier knows no {type(rule).__name__}"
    return check(rule, claimed)


def may_be_missed(rule: Rule) -> bool:
    """Whether it is a soft rule, of which it is checked by how much it is missed."""
    return type(rule).__name__ in _MISSED and rule.soft


def missed_cents(rule: Rule, claimed: Claimed) -> int:
    """By how many cents a soft rule is missed; a part of a cent counts as one."""
    return _MISSED[type(rule).__name__](rule, claimed)


def _money(rule: MoneyRule, claimed: Claimed) -> str | None:
    over = _money_over(rule, claimed)
    kept = over >= 0 if rule.sense == "floor" else over <= 0
    return None if kept else f"it is {over} away from its {rule.sense} (cents times basis points)"


def _money_over(rule: MoneyRule, claimed: Claimed) -> int:
    """By how much the money that a rule counts is above its bound, in cents times basis points."""
    awards = claimed.awards
    counted = sum(rule.weights.get(code, 0) * award for code, award in awards.items())
    if rule.share is not None:
        return counted - rule.share * sum(awards.values())
    assert rule.cents is not None
    return counted - rule.cents * BASIS_POINTS


def _money_missed(rule: MoneyRule, claimed: Claimed) -> int:
    over = _money_over(rule, claimed)
    return max(0, -((over if rule.sense == "floor" else -over) // BASIS_POINTS))


def _donors(rule: DonorRule, claimed: Claimed) -> str | None:
    group = {each.id for each in claimed.problem.sources if each.agreement in rule.agreements}
    paid = sum(cents for (source, _), cents in claimed.flows.items() if source in group)
    awarded = sum(claimed.awards.values())
    over = paid * BASIS_POINTS - (
        rule.share * awarded if rule.share is not None else (rule.cents or 0) * BASIS_POINTS
    )
    kept = over >= 0 if rule.sense == "floor" else over <= 0
    return None if kept else f"the group pays {paid} cents of {awarded}"


def _units(rule: UnitsRule, claimed: Claimed) -> str | None:
    funded = claimed.units[rule.activity]
    kept = rule.least <= funded and (rule.most is None or funded <= rule.most)
    return None if kept else f"{funded} units of {rule.activity} are funded"


def _sum(rule: SumRule, claimed: Claimed) -> str | None:
    total = sum(amount * claimed.units.get(code, 0) for code, amount in rule.amounts.items())
    kept = (rule.least is None or rule.least <= total) and (rule.most is None or total <= rule.most)
    return None if kept else f"the funded units add up to {total}"


def _link(rule: LinkRule, claimed: Claimed) -> str | None:
    units = claimed.units
    kept = not units[rule.activity] or (units[rule.other] > 0) == (rule.sense == "requires")
    return None if kept else f"{rule.activity} is funded, which {rule.sense} {rule.other}"


def _activity_count(rule: ActivityCountRule, claimed: Claimed) -> str | None:
    funded = sorted(code for code, units in claimed.units.items() if units and code in rule.activities)
    kept = not (rule.least is not None and len(funded) < rule.least) and not (
        rule.most is not None and len(funded) > rule.most
    )
    return None if kept else f"{len(funded)} activities are funded: {', '.join(funded)}"


def _concentration(rule: ConcentrationRule, claimed: Claimed) -> str | None:
    awards = claimed.awards
    awarded = sum(awards.values())
    limit = rule.share * awarded if rule.share is not None else (rule.cents or 0) * BASIS_POINTS
    for group, weights in rule.groups.items():
        counted = sum(part * awards.get(code, 0) for code, part in weights.items())
        if counted > limit:
            return f"{counted // BASIS_POINTS} of {awarded} cents reach {group}"
    return None


_CHECKS: Mapping[str, Callable[[Any, Claimed], str | None]] = {
    "MoneyRule": _money,
    "DonorRule": _donors,
    "UnitsRule": _units,
    "SumRule": _sum,
    "LinkRule": _link,
    "ActivityCountRule": _activity_count,
    "ConcentrationRule": _concentration,
}
_MISSED: Mapping[str, Callable[[Any, Claimed], int]] = {"MoneyRule": _money_missed}
"""Rules that can be soft."""
