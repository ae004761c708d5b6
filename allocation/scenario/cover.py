"""Cover: what of an activity's cost is given in kind, so that the fund need not pay it.

A scenario says by hand what is covered of a unit, and whether donors' offers count as well. An offer is given
once: over the units of an activity it is spread evenly, in whole cents. It never covers more than a unit
costs, and what it is worth beyond that is told as left out. An offer of money is no cover: it pays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from allocation.programme.programme import Activity
from allocation.scenario.scenario import Scenario
from donors import Offer, offers
from ledger import BadInput, usd, usd_value


class CountedOffer(BaseModel):
    """What an offer covers of an activity's cost; in USD cents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offer: str
    donor: str
    status: Literal["accepted", "open"]
    activity: str
    worth: int
    """At the rate of the scenario's day."""
    covers: int
    """Of the cost of each unit of the activity."""
    left_out: int
    """What does not count: beyond what the units cost, less than a cent of each, or for no activity here."""


def counted_offers(
    books: Connection, scenario: Scenario, programme: Iterable[Activity]
) -> tuple[CountedOffer, ...]:
    """What offers in kind cover, as the scenario counts them: accepted ones first, then by code.

    Refused where there is no rate for an offer's currency on the scenario's day.
    """
    if scenario.offers == "none":
        return ()
    by_code = {each.code: each for each in programme}
    bare = {code: _bare_cents(each, scenario) for code, each in by_code.items()}
    counted = []
    for offer in _countable_offers(books, scenario):
        units = by_code[offer.activity].units if offer.activity in by_code else 1
        worth = usd_value(books, offer.value.minor, offer.value.currency, scenario.on)
        covers = min(worth // units, bare.get(offer.activity, 0))
        if covers:
            bare[offer.activity] -= covers
        counted.append(
            CountedOffer(
                offer=offer.code,
                donor=offer.donor,
                status="accepted" if offer.status == "accepted" else "open",
                activity=offer.activity,
                worth=worth,
                covers=covers,
                left_out=worth - covers * units,
            )
        )
    return tuple(counted)


def _countable_offers(books: Connection, scenario: Scenario) -> Iterator[Offer]:
    """Offers in kind that name an activity and a value."""
    for status in ("accepted", "open") if scenario.offers == "open" else ("accepted",):
        for each in offers(books, term=scenario.term):
            in_kind = each.item != "financial" and each.activity and each.value.minor
            if in_kind and each.status == status:
                yield each


def unit_costs(books: Connection, scenario: Scenario, programme: Iterable[Activity]) -> dict[str, int]:
    """What a unit of each activity costs the fund, in USD cents: less what is covered.

    BadInput where the scenario covers more by hand than a unit costs.
    """
    programme = list(programme)
    covered: Counter[str] = Counter()
    for each in counted_offers(books, scenario, programme):
        covered[each.activity] += each.covers
    return {each.code: _bare_cents(each, scenario) - covered[each.code] for each in programme}


def _bare_cents(activity: Activity, scenario: Scenario) -> int:
    """What a unit costs less what the scenario covers of it by hand."""
    cover = scenario.cover.get(activity.code, 0)
    if cover > activity.unit_cents:
        raise BadInput(
            f"The scenario {scenario.id} covers {usd(cover)} of a unit of {activity.code} in kind, and it "
            f"costs only {usd(activity.unit_cents)}: correct the cover."
        )
    return activity.unit_cents - cover
