"""Conditions that analyses and revised plans add to a problem, as rules."""

from __future__ import annotations

from collections.abc import Mapping

from allocation.engine.rules.rule import Rule
from allocation.engine.rules.sums import SumRule
from allocation.engine.rules.units import UnitsRule


def units_between(id: str, activity: str, least: int = 0, most: int | None = None, reason: str = "") -> Rule:
    """At least and at most so many units of an activity are funded."""
    return UnitsRule(id, activity, least, most, reason)


def sum_between(
    id: str, amounts: Mapping[str, int], least: int | None = None, most: int | None = None
) -> Rule:
    """The funded units, each times the amount of its activity, add up to at least and at most so much."""
    return SumRule(id, amounts, least, most)
