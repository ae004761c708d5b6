"""Constraints of a `DonorRule` with a share: the maximum or minimum that a group of donors pays, in cents.

The limit is a variable, `limit:RULE`, because it grows with the plan. It is a whole number of cents, like
the payments that it bounds, so that several such rules in one payment cut stay exact.
"""

from __future__ import annotations

from collections.abc import Mapping

from allocation.engine.constraints.constraint import RuleConstraints, Variable, constraint
from allocation.engine.problem import BASIS_POINTS, DonorRule


def donor_rule_constraints(rule: DonorRule, costs: Mapping[str, int], money: int) -> RuleConstraints:
    """One constraint that ties the limit to the money awarded; none for a fixed amount.

    `money` bounds the limit: all money there is, in cents.
    """
    if rule.share is None:
        return RuleConstraints(())
    limit = Variable(f"limit:{rule.id}", 0, money)
    awarded = tuple((code, -rule.share * cost) for code, cost in costs.items())
    terms = ((limit.name, BASIS_POINTS), *awarded)
    id = f"rule:{rule.id}"
    if rule.sense == "floor":
        return RuleConstraints((constraint(id, rule.id, "floors", terms, lower=0),), (limit,))
    return RuleConstraints((constraint(id, rule.id, "floors", terms, upper=0),), (limit,))
