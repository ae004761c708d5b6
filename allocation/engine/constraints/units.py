"""Constraints of a `UnitsRule`: how many units of one activity are funded."""

from __future__ import annotations

from allocation.engine.constraints.constraint import Constraint, RuleConstraints
from allocation.engine.problem import UnitsRule


def unit_constraints(rule: UnitsRule) -> RuleConstraints:
    """One constraint on one variable."""
    terms = ((rule.activity, 1),)
    return RuleConstraints((Constraint(f"rule:{rule.id}", rule.id, "floors", terms, rule.least, rule.most),))
