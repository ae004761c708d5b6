"""Constraints of a `MoneyRule`: a floor or a ceiling on the money that reaches a group.

Shares are basis points of all money awarded, so a constraint counts in cents times basis points, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping

from allocation.engine.constraints.constraint import RuleConstraints, Variable, constraint
from allocation.engine.problem import BASIS_POINTS, MoneyRule


def money_constraints(rule: MoneyRule, costs: Mapping[str, int], money: int) -> RuleConstraints:
    """One constraint; `costs` are those of one unit, in cents by activity.

    A soft rule has a slack variable `missed:RULE`: the smallest whole number of cents that would make up for
    the shortfall; for a share too, where a part of a cent counts as a cent. `money` is all there is, in
    cents: no rule can be missed by more than that or its own amount.
    """
    share, bound = (rule.share, 0) if rule.share is not None else (0, (rule.cents or 0) * BASIS_POINTS)
    sign = 1 if rule.sense == "floor" else -1
    terms = tuple((code, sign * (rule.weights.get(code, 0) - share) * cost) for code, cost in costs.items())
    missed: tuple[Variable, ...] = ()
    if rule.soft:
        missed = (Variable(f"missed:{rule.id}", 0, max(money, rule.cents or 0)),)
        terms += ((missed[0].name, BASIS_POINTS),)
    id = f"rule:{rule.id}"
    return RuleConstraints(
        (constraint(id, rule.id, "floors", terms, lower=sign * bound, soft=rule.soft),), missed
    )
