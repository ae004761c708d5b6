"""Rows of a `SumRule`: what the funded units add up to, counted in anything but money."""

from __future__ import annotations

from collections.abc import Sequence

from allocation.engine.constraints.row import Stated, row
from allocation.engine.problem import SumRule


def rows(rule: SumRule, codes: Sequence[str]) -> Stated:
    """One row; amounts of what is not a candidate count nothing."""
    terms = tuple((code, rule.amounts.get(code, 0)) for code in codes)
    return Stated((row(f"rule:{rule.id}", rule.id, "floors", terms, lower=rule.least, upper=rule.most),))
