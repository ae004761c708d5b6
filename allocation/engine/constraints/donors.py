"""Rows of a `DonorRule` with a share: the cents that a group of donors may, or must, pay at the utmost.

The amount is a variable, `limit:RULE`, because it grows with the plan. It is a whole number of cents like
the payments it bounds, so that several such rules in one row of the purses stay exact.
"""

from __future__ import annotations

from collections.abc import Mapping

from allocation.engine.constraints.row import Stated, Variable, row
from allocation.engine.problem import BASIS_POINTS, DonorRule


def rows(rule: DonorRule, costs: Mapping[str, int], money: int) -> Stated:
    """One row that ties the limit to the money awarded; none for an amount, which is what it is.

    `money` is all that the group has, in cents.
    """
    if rule.share is None:
        return Stated(())
    limit = Variable(f"limit:{rule.id}", 0, money)
    awarded = tuple((code, -rule.share * cost) for code, cost in costs.items())
    terms = ((limit.name, BASIS_POINTS), *awarded)
    id = f"rule:{rule.id}"
    if rule.sense == "floor":
        return Stated((row(id, rule.id, "floors", terms, lower=0),), (limit,))
    return Stated((row(id, rule.id, "floors", terms, upper=0),), (limit,))
