"""Constraints of a `SumRule`: a weighted sum of the funded units, counted in anything but money."""

from __future__ import annotations

from collections.abc import Sequence

from allocation.engine.constraints.constraint import RuleConstraints, constraint
from allocation.engine.problem import SumRule


def sum_constraints(rule: SumRule, codes: Sequence[str]) -> RuleConstraints:
    """One constraint; amounts of activities that are not candidates are ignored."""
    terms = tuple((code, rule.amounts.get(code, 0)) for code in codes)
    return RuleConstraints(
        (constraint(f"rule:{rule.id}", rule.id, "floors", terms, lower=rule.least, upper=rule.most),)
    )
