"""Eligibility: activities that an earmark allows, and the part of one that reaches a group of cities."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

from allocation.engine.problem import BASIS_POINTS
from allocation.programme.activity import PlannedCity
from allocation.programme.programme import Activity
from donors import AfricaDefinition, Earmark, country, in_africa, is_listed

BeneficiaryGroup = Literal["africa", "low-income", "ldc", "region", "country"]


def allows(earmark: Earmark, activity: Activity, lists_on: date) -> bool:
    """Whether money under the earmark may pay for the activity, by the country lists of a day."""
    if earmark.work_areas and activity.work_area not in earmark.work_areas:
        return False
    if earmark.activities and activity.code not in earmark.activities:
        return False
    clusters = activity.cluster_shares.keys()
    if earmark.clusters and not (clusters and clusters <= set(earmark.clusters)):
        return False  # as with cities: every cluster of the activity must be allowed
    of_cities = earmark.regions or earmark.countries or earmark.income_groups or earmark.ldc
    if of_cities and not activity.cities:
        return False  # without cities, nothing shows that it reaches the beneficiaries
    return all(_allows_city(earmark, city, lists_on) for city in activity.cities)


def _allows_city(earmark: Earmark, city: PlannedCity, lists_on: date) -> bool:
    return (
        (not earmark.regions or city.region in earmark.regions)
        and (not earmark.countries or city.country in earmark.countries)
        and (not earmark.income_groups or is_listed(city.country, "LIC", lists_on))
        and (not earmark.ldc or is_listed(city.country, "LDC", lists_on))
    )


def membership(
    group: BeneficiaryGroup, of: str, definition: AfricaDefinition, lists_on: date
) -> Callable[[PlannedCity], bool]:
    """A test for membership in a group of cities; `of` is the region or country, if the group is one."""
    tests: dict[str, Callable[[PlannedCity], bool]] = {
        "africa": lambda city: _in_africa(city, definition),
        "low-income": lambda city: is_listed(city.country, "LIC", lists_on),
        "ldc": lambda city: is_listed(city.country, "LDC", lists_on),
        "region": lambda city: city.region == of,
        "country": lambda city: city.country == of,
    }
    return tests[group]


def _in_africa(city: PlannedCity, definition: AfricaDefinition) -> bool:
    return city.region == "Africa" if definition == "unesco" else in_africa(country(city.country), "m49")


def share_reaching(activity: Activity, belongs: Callable[[PlannedCity], bool]) -> int:
    """The part of an activity that reaches a group of cities, in basis points, by its cities' shares.

    Equal shares are counted in cities and rounded down, so that a floor is never met by rounding.
    """
    if not activity.cities:
        return 0
    if activity.shares:
        parts = zip(activity.shares, activity.cities, strict=True)
        return sum(share for share, city in parts if belongs(city))
    return sum(map(belongs, activity.cities)) * BASIS_POINTS // len(activity.cities)
