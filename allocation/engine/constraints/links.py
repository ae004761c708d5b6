"""Constraints of a `LinkRule`: an activity is funded only with, or only without, another one."""

from __future__ import annotations

from collections.abc import Mapping

from allocation.engine.constraints.constraint import RuleConstraints, constraint
from allocation.engine.problem import LinkRule


def link_constraints(rule: LinkRule, funded: Mapping[str, str]) -> RuleConstraints:
    """One constraint on two 0-1 variables; `funded` maps each activity to the name of its variable."""
    this, other = funded[rule.activity], funded[rule.other]
    id = f"rule:{rule.id}"
    if rule.sense == "requires":
        return RuleConstraints((constraint(id, rule.id, "floors", ((other, 1), (this, -1)), lower=0),))
    return RuleConstraints((constraint(id, rule.id, "floors", ((this, 1), (other, 1)), upper=1),))
