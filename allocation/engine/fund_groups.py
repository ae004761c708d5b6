"""Fund groups: interchangeable sources, which have the same earmark and the same donor groups.

A *pool* is the donor group of a donor rule: its fund groups together pay between a minimum and a maximum, in
cents. Pools must be disjoint or nested; groups that overlap otherwise have no flow network, and are refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from allocation.engine.problem import Source
from allocation.engine.rules.rule import DonorLimit, Rule
from ledger import BadInput


@dataclass(frozen=True)
class FundGroup:
    """Sources that may pay for the same activities and count for the same donor rules."""

    sources: tuple[Source, ...]
    eligible: frozenset[str]
    pool: int | None = None
    """The innermost pool it belongs to, by index."""

    @property
    def cents(self) -> int:
        """All money of the group, in USD cents."""
        return sum(source.cents for source in self.sources)


@dataclass(frozen=True)
class Pool:
    """A group of donors with all donor rules on it."""

    agreements: frozenset[str]
    rules: tuple[DonorLimit, ...]
    parent: int | None
    """The smallest pool that encloses this one, by index."""

    def limits(self, sense: str) -> tuple[DonorLimit, ...]:
        """Its floors (`floor`) or its ceilings (`ceiling`)."""
        return tuple(rule for rule in self.rules if rule.sense == sense)


def donor_pools(rules: Sequence[Rule], sources: Sequence[Source]) -> tuple[Pool, ...]:
    """One pool for each donor group with a rule, inner ones first; agreements without money are left out.

    Raises `BadInput` for groups that overlap without one containing the other.
    """
    known = frozenset(source.agreement for source in sources)
    by_group: dict[frozenset[str], list[DonorLimit]] = defaultdict(list)
    limits = (limit for rule in rules if (limit := rule.donor_limit()) is not None)
    for limit in sorted(limits, key=lambda limit: limit.id):
        by_group[limit.agreements & known].append(limit)
    groups = sorted(by_group, key=lambda group: (len(group), by_group[group][0].id))
    pools = []
    for place, group in enumerate(groups):
        enclosing = [later for later in range(place + 1, len(groups)) if group & groups[later]]
        for other in enclosing:
            if not group <= groups[other]:
                _refuse_overlap(by_group[group][0], by_group[groups[other]][0])
        pools.append(Pool(group, tuple(by_group[group]), min(enclosing, default=None)))
    return tuple(pools)


def group_sources(
    sources: Sequence[Source], known: frozenset[str], pools: Sequence[Pool]
) -> tuple[FundGroup, ...]:
    """Group sources, in the order of their first source; money that may pay for nothing here is left out."""
    alike: dict[tuple[frozenset[str], int | None], list[Source]] = defaultdict(list)
    for source in sorted(sources, key=lambda source: source.id):
        inside = (place for place, pool in enumerate(pools) if source.agreement in pool.agreements)
        alike[source.eligible & known, next(inside, None)].append(source)
    return tuple(
        FundGroup(tuple(members), eligible, pool) for (eligible, pool), members in alike.items() if eligible
    )


def _refuse_overlap(one: DonorLimit, other: DonorLimit) -> None:
    raise BadInput(
        "fund-groups-overlap",
        "The donors of rule {id} and of rule {other} overlap, and none is part of the other: make the "
        "groups separate, or one of them a part of the other.",
        id=one.id,
        other=other.id,
    )
