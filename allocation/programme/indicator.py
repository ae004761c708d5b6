"""Indicators: what is counted of an activity's results, and how many of it one funded unit is to reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

Indicator = Literal["events-held", "policy-makers-trained", "cities-reached", "publications", "users"]
INDICATORS: tuple[Indicator, ...] = get_args(Indicator)
"""In the order in which they are told."""

LARGEST_COUNT = 10**9
"""More than anything that is counted here: a larger figure is a slip."""

IndicatorCount = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
Counts = dict[Indicator, IndicatorCount]
"""By indicator; as a target of one unit, 0 where it is counted and no target is set."""


def in_order(counts: Mapping[Indicator, int]) -> dict[Indicator, int]:
    """Counts in the order of the indicators."""
    return {each: counts[each] for each in INDICATORS if each in counts}
