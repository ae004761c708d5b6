"""The arrays of rules in a scenario file, each with the function that makes a rule of one of its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from allocation.engine.rules.rule import Rule
from allocation.scenario.rules.bounds import ceiling, floor
from allocation.scenario.rules.concentration import concentration_limit
from allocation.scenario.rules.counts import activity_count
from allocation.scenario.rules.resources import resource
from allocation.scenario.rules.table import RuleFacts

RULE_TABLES: Mapping[str, Callable[[Any, RuleFacts], Rule]] = {
    "floors": floor,
    "ceilings": ceiling,
    "resources": resource,
    "counts": activity_count,
    "concentration_limits": concentration_limit,
}
"""By the key of the array, which is a field of the scenario; in the order in which a plan shows them."""
