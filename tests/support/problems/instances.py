"""Networks of any size and of the fund's shape, drawn from a seed: for tests and benchmarks of the engine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from allocation.engine.problem import BASIS_POINTS, Candidate, Problem, Source
from allocation.engine.rules.money import MoneyRule

REGIONS = ("africa", "arab-states", "asia-pacific", "europe", "latin-america")
CLUSTERS = 5
WORK_AREAS = 4
DOLLARS = (10_000, 20_000, 50_000, 50_000, 80_000, 100_000, 200_000)
"""What the strategy's cost tables ask for an activity."""


@dataclass(frozen=True)
class City:
    """A member city, as far as a floor or an earmark asks."""

    region: str
    low_income: bool


@dataclass(frozen=True)
class Work:
    """An activity with what earmarks ask about it."""

    candidate: Candidate
    cluster: int
    work_area: int
    cities: tuple[City, ...]

    def reaching(self, cities: Sequence[City]) -> int:
        """The part of its money that reaches these cities, in basis points."""
        return BASIS_POINTS * sum(city in cities for city in self.cities) // len(self.cities)


def instance(activities: int, donors: int, cities: int, seed: int) -> Problem:
    """A network that asks for three times the money there is, under floors for Africa and low income."""
    chance = random.Random(seed)
    places = [_city(chance) for _ in range(cities)]
    works = [_work(chance, number, places) for number in range(activities)]
    asked = sum(work.candidate.unit_cents * work.candidate.units for work in works)
    sources = tuple(
        Source(f"D{number:04}", chance.randint(1, 2 * asked // (300 * donors)) * 100, _earmark(chance, works))
        for number in range(donors)
    )
    africa = [city for city in places if city.region == "africa"]
    low_income = [city for city in places if city.low_income]
    floors = tuple(
        MoneyRule(name, "floor", {work.candidate.code: work.reaching(group) for work in works}, share=share)
        for name, group, share in (("AFRICA", africa, 4_000), ("LOW-INCOME", low_income, 3_000))
    )
    return Problem(sources, tuple(work.candidate for work in works), floors)


def _city(chance: random.Random) -> City:
    region = chance.choice(REGIONS)
    return City(region, chance.random() < (0.6 if region == "africa" else 0.1))


def _work(chance: random.Random, number: int, places: Sequence[City]) -> Work:
    cost = chance.choice(DOLLARS) * 100
    candidate = Candidate(f"A{number:05}", cost, chance.choice((1, 1, 1, 2)), chance.randint(1, 120) * 100)
    reached = chance.sample(places, min(chance.randint(1, 4), len(places)))
    return Work(candidate, chance.randrange(CLUSTERS), chance.randrange(WORK_AREAS), tuple(reached))


def _earmark(chance: random.Random, works: Sequence[Work]) -> frozenset[str]:
    """What a donor allows: any of a cluster, a work area and a region, or none of them: unearmarked."""
    cluster = chance.randrange(CLUSTERS) if chance.random() < 0.5 else None
    area = chance.randrange(WORK_AREAS) if chance.random() < 0.4 else None
    region = chance.choice(REGIONS) if chance.random() < 0.4 else None
    return frozenset(
        work.candidate.code
        for work in works
        if cluster in (None, work.cluster)
        and area in (None, work.work_area)
        and (region is None or any(city.region == region for city in work.cities))
    )
