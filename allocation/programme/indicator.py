"""Indicators: what is counted of an activity's results, with the target of one funded unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field

from ledger import CountField

Indicator = Literal["events-held", "policy-makers-trained", "cities-reached", "publications", "users"]
INDICATORS: tuple[Indicator, ...] = get_args(Indicator)
"""In the order in which reports show them."""

LARGEST_COUNT = 10**9
"""A larger figure is taken for a mistake."""

IndicatorCount = Annotated[CountField, Field(ge=0, le=LARGEST_COUNT)]
Counts = dict[Indicator, IndicatorCount]
"""By indicator; as a target of one unit, 0 means that it is counted without a target."""


def in_order(counts: Mapping[Indicator, int]) -> dict[Indicator, int]:
    """Counts in the order of the indicators."""
    return {each: counts[each] for each in INDICATORS if each in counts}
