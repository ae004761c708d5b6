"""Conflict of interest: a donor's money goes to an activity that benefits the donor's own city.

Nothing forbids it, for a member city may give to a pool from which it gains. But it is shown wherever
somebody decides on the money or reports on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from allocation.programme.activity import PlannedCity
from allocation.programme.programme import activities_by_code
from allocation.scenario.committed_work import FundingKey
from allocation.scenario.funding_sources import PLEDGED
from allocation.term.year_end import YearEnded
from donors import Donor, agreements, donors, folded, open_pledges
from ledger import ALLOCATED, AsOf, posted


class OwnCity(BaseModel):
    """Money of one agreement for one activity that benefits its donor's own city."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    donor: str
    agreement: str
    activity: str
    city: str
    """Its name in the programme."""
    country: str
    """ISO 3166-1 alpha-3."""
    cents: int
    """What the agreement gives to the activity for all of its cities, USD cents."""


def own_city_among(donor: Donor, cities: Iterable[PlannedCity]) -> PlannedCity | None:
    """The donor's own city among these, regardless of case and accents; None if it is not among them."""
    if not donor.city:
        return None
    own = folded(donor.city), donor.country
    return next((city for city in cities if (folded(city.name), city.country) == own), None)


def own_cities(books: Connection, term: str, paid: Mapping[FundingKey, int]) -> tuple[OwnCity, ...]:
    """The payments of a term, by agreement (or pledge) and activity, that benefit the donor's own city."""
    cities = {each.code: each for each in donors(books) if each.city}
    if not cities:
        return ()
    donor_of = {each.code: each.donor for each in agreements(books, term=term)}
    donor_of |= {f"{PLEDGED}{each.code}": each.donor for each in open_pledges(books)}
    programme = activities_by_code(books, term)
    found = []
    for (agreement, activity), cents in sorted(paid.items()):
        donor = cities.get(donor_of[agreement])
        own = own_city_among(donor, programme[activity].cities) if donor and cents > 0 else None
        if donor and own:
            found.append(
                OwnCity(
                    donor=donor.code,
                    agreement=agreement,
                    activity=activity,
                    city=own.name,
                    country=own.country,
                    cents=cents,
                )
            )
    return tuple(found)


def own_cities_allocated(books: Connection, donor: str) -> tuple[OwnCity, ...]:
    """The allocation of a donor's money, used or not, to activities that benefit its own city."""
    terms = {each.code: each.term for each in agreements(books, donor=donor)}
    paid: dict[str, Counter[FundingKey]] = {term: Counter() for term in sorted(set(terms.values()))}
    for line in posted(books, AsOf.now(books, date.max), accounts=(ALLOCATED,), agreements=list(terms)):
        # A year end reduces the balance but not what was allocated.
        if line.kind != YearEnded.kind:
            paid[terms[line.agreement]][line.agreement, line.activity] -= line.usd
    return tuple(each for term, given in paid.items() for each in own_cities(books, term, given))
