"""Rows of a `UnitsRule`: how many units of one activity."""

from __future__ import annotations

from allocation.engine.constraints.row import Row, Stated
from allocation.engine.problem import UnitsRule


def rows(rule: UnitsRule) -> Stated:
    """One row on one variable."""
    terms = ((rule.activity, 1),)
    return Stated((Row(f"rule:{rule.id}", rule.id, "floors", terms, rule.least, rule.most),))
