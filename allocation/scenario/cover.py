"""Cover: the part of an activity's cost that is given in kind, so that the fund need not pay it.

A scenario states the cover of a unit itself (`cover`) and whether donors' offers in kind count too. The
value of an offer is spread evenly over the units of its activity, in whole cents. It never covers more than
a unit costs; the rest is reported as left out. An offer of money is no cover.
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
    """The part of an activity's cost that an offer covers; in USD cents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    offer: str
    donor: str
    status: Literal["accepted", "open"]
    activity: str
    worth: int
    """At the rate of the scenario's day."""
    covers: int
    """What it takes off the cost of each unit of the activity."""
    left_out: int
    """The value that does not count: above the cost, below a cent a unit, or for no activity of the term."""


def counted_offers(
    books: Connection, scenario: Scenario, programme: Iterable[Activity]
) -> tuple[CountedOffer, ...]:
    """The offers in kind that the scenario counts, accepted ones first, then by code.

    Refused if there is no rate for an offer's currency on the scenario's day.
    """
    if scenario.offers == "none":
        return ()
    by_code = {each.code: each for each in programme}
    bare = {code: _bare_cents(each, scenario) for code, each in by_code.items()}
    counted = []
    for offer in _offers_in_kind(books, scenario):
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


def _offers_in_kind(books: Connection, scenario: Scenario) -> Iterator[Offer]:
    """Offers in kind that name an activity and a value."""
    for status in ("accepted", "open") if scenario.offers == "open" else ("accepted",):
        for each in offers(books, term=scenario.term):
            in_kind = each.item != "financial" and each.activity and each.value.minor
            if in_kind and each.status == status:
                yield each


def unit_costs(books: Connection, scenario: Scenario, programme: Iterable[Activity]) -> dict[str, int]:
    """The cost of a unit of each activity to the fund, less its cover, in USD cents.

    BadInput if the scenario's own cover is more than a unit costs.
    """
    programme = list(programme)
    covered: Counter[str] = Counter()
    for each in counted_offers(books, scenario, programme):
        covered[each.activity] += each.covers
    return {each.code: _bare_cents(each, scenario) - covered[each.code] for each in programme}


def _bare_cents(activity: Activity, scenario: Scenario) -> int:
    """The cost of a unit less the scenario's own cover."""
    cover = scenario.cover.get(activity.code, 0)
    if cover > activity.unit_cents:
        raise BadInput(
            "cover-exceeds-unit-cost",
            "The scenario {id} covers {cover} of a unit of {code} in kind, and it costs only "
            "{unit_cents}: correct the cover.",
            id=scenario.id,
            cover=usd(cover),
            code=activity.code,
            unit_cents=usd(activity.unit_cents),
        )
    return activity.unit_cents - cover
