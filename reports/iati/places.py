"""Places and sectors of an activity's money, in shares that add up to 100 %, as IATI files need them.

Shares are split by the largest remainder, so they add up exactly; a share of zero is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from allocation import Activity
from donors import country
from ledger import split
from reports.iati.codes import (
    DEVELOPING_COUNTRIES,
    GLOBAL,
    MULTINATIONAL,
    NATIONAL,
    SINGLE_LOCATION,
    sectors_of,
)
from reports.iati.iati import IatiShare
from reports.words.percentages import WHOLE

ShareWeights = Mapping[str, int]


@dataclass(frozen=True)
class Spread:
    """Distribution of money by country (alpha-2) or region, and by sector; each in basis points of 100 %."""

    places: ShareWeights
    sectors: ShareWeights

    @property
    def countries(self) -> tuple[IatiShare, ...]:
        """The shares of countries, by code."""
        return tuple(share for share in _shares(self.places) if share.code.isalpha())

    @property
    def regions(self) -> tuple[IatiShare, ...]:
        """The shares of regions, by code."""
        return tuple(share for share in _shares(self.places) if not share.code.isalpha())

    @property
    def purposes(self) -> tuple[IatiShare, ...]:
        """The shares of sectors, by code."""
        return tuple(_shares(self.sectors))


def _shares(weights: ShareWeights) -> Iterable[IatiShare]:
    return (IatiShare(code, part) for code, part in sorted(weights.items()) if part)


def activity_spread(activity: Activity) -> Spread:
    """The distribution of an activity's money over the countries of its cities and its clusters' sectors."""
    places: Counter[str] = Counter()
    for city, share in zip(activity.cities, activity.shares or (1,) * len(activity.cities), strict=True):
        places[country(city.country).iso2] += share
    purposes: Counter[str] = Counter()
    for cluster, share in (activity.cluster_shares or {"": WHOLE}).items():
        codes = sectors_of(activity.work_area, cluster)
        purposes.update(split(share, dict.fromkeys(codes, 1)))
    return Spread(split(WHOLE, places or {DEVELOPING_COUNTRIES: 1}), purposes)


def spread_of_all(parts: Iterable[tuple[int, Spread]]) -> Spread:
    """The distribution of the money of several activities together, each with its cents."""
    places: Counter[str] = Counter()
    purposes: Counter[str] = Counter()
    for cents, each in parts:
        places.update(split(cents, each.places))
        purposes.update(split(cents, each.sectors))
    unknown = {DEVELOPING_COUNTRIES: 1}, dict.fromkeys(sectors_of(0, ""), 1)
    return Spread(
        split(WHOLE, places if places.total() else unknown[0]),
        split(WHOLE, purposes if purposes.total() else unknown[1]),
    )


def scope_of(activity: Activity) -> str:
    """ActivityScope, by where the cities are; global for cities of several regions, and for none."""
    if len({city.region for city in activity.cities}) != 1:
        return GLOBAL
    if len({city.country for city in activity.cities}) > 1:
        return MULTINATIONAL
    return SINGLE_LOCATION if len(activity.cities) == 1 else NATIONAL
