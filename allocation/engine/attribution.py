"""Attribution: which agreement pays for which activity, as integral flows closest to pro rata.

*Pro rata* means that every agreement whose earmark allows an activity pays for it in proportion to its
money, in whole cents (largest remainder, ties by id). Earmarks can make that impossible: money without an
earmark may have to leave an activity to money that can pay for nothing else. So, in this order:

1. Agreements with the same earmark form one fund group and share each of its payments in proportion to their
   money, to within a cent: equal donors are treated equally.
2. Between fund groups, the largest distance of any payment from pro rata is minimal (exact: a bisection over
   integral flows with lower bounds).
3. Among those, as few cents as possible are paid elsewhere than pro rata (a minimum-cost flow).

Donor rules hold throughout: a fund group lies in one donor group, and what a donor group pays keeps its
limits. Remaining ties are broken by the order of agreements and activities, so equal problems get equal
flows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from allocation.engine.fund_groups import FundGroup
from allocation.engine.model import Model
from allocation.engine.network import Arc, FlowNetwork
from allocation.engine.payment_cuts import pool_least, pool_most
from allocation.engine.problem import Flows


@dataclass(frozen=True)
class FlowAttribution:
    """Flows from agreements to activities, and how far they are from pro rata."""

    flows: Flows
    deviation: int
    """The largest distance of a fund group's payment for an activity from its pro-rata share, USD cents."""


@dataclass(frozen=True)
class Range:
    """Lower and upper bound of one payment, in USD cents."""

    lower: int
    upper: int


Cell = tuple[int, int]
"""A payment, as the indices of its payer and of its demand."""


@dataclass(frozen=True)
class Together:
    """The payers of a donor group; their payments together have a lower and an upper bound."""

    payers: frozenset[int]
    lower: int
    upper: int
    parent: int | None
    """The group that encloses this one, by index."""


@dataclass(frozen=True)
class Transport:
    """A transportation problem: payers with limited money, and demands that must be met to the cent."""

    supplies: tuple[int, ...]
    demands: tuple[int, ...]
    cells: Mapping[Cell, Range]
    groups: tuple[Together, ...] = ()
    """Inner ones first."""

    def remaining_after_lower(self) -> Transport | None:
        """The problem that remains once every payment has its lower bound; None if that is too much."""
        supplies, demands = list(self.supplies), list(self.demands)
        for (payer, demand), cell in self.cells.items():
            supplies[payer] -= cell.lower
            demands[demand] -= cell.lower
        rest = {place: Range(0, cell.upper - cell.lower) for place, cell in self.cells.items()}
        groups = []
        for group in self.groups:
            paid = sum(cell.lower for (payer, _), cell in self.cells.items() if payer in group.payers)
            groups.append(replace(group, lower=max(0, group.lower - paid), upper=group.upper - paid))
        if min([*supplies, *demands, *(group.upper for group in groups)], default=0) < 0:
            return None
        return Transport(tuple(supplies), tuple(demands), rest, tuple(groups))

    def network(self, arcs: Sequence[Arc]) -> FlowNetwork:
        """The flow network: these arcs from demands to payers, then through the groups to one end node."""
        first = len(self.demands)
        inner = first + len(self.supplies)
        end = inner + len(self.groups)
        heads = [self._enclosing(payer, inner, end) for payer in range(len(self.supplies))]
        out = [Arc(first + payer, heads[payer], cents) for payer, cents in enumerate(self.supplies)]
        for place, group in enumerate(self.groups):
            head = end if group.parent is None else inner + group.parent
            out.append(Arc(inner + place, head, group.upper, group.lower))
        supplies = (*self.demands, *(0 for _ in range(end - first)), -sum(self.demands))
        return FlowNetwork(supplies, (*arcs, *out))

    def _enclosing(self, payer: int, inner: int, end: int) -> int:
        places = (inner + place for place, group in enumerate(self.groups) if payer in group.payers)
        return next(places, end)


def attribute(model: Model, units: Mapping[str, int]) -> FlowAttribution:
    """Pay for these units; the money must be able to pay for them (`broken_cut` is None)."""
    costs = model.costs(units)
    everything = _payments(model, costs)
    targets = _pro_rata(model.fund_groups, everything)
    deviation = _least_deviation(everything, targets)
    payments = _nearest(_within(everything, targets, deviation), targets)
    flows: dict[tuple[str, str], int] = {}
    for index, fund_group in enumerate(model.fund_groups):
        own = {code: payments.get((index, place), 0) for place, code in enumerate(costs)}
        flows.update(_split(fund_group, {code: cents for code, cents in own.items() if cents}))
    return FlowAttribution(dict(sorted(flows.items())), deviation)


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total into whole parts in proportion to weights; equal remainders favour the first."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def _payments(model: Model, costs: Mapping[str, int]) -> Transport:
    """Every payment that the earmarks allow, each up to the whole cost of the activity."""
    cells = {
        (fund_group, place): Range(0, cost)
        for place, (code, cost) in enumerate(costs.items())
        for fund_group in sorted(model.drawing[code])
    }
    awarded = sum(costs.values())
    groups = tuple(
        Together(
            frozenset(
                index
                for index, fund_group in enumerate(model.fund_groups)
                if fund_group.sources[0].agreement in pool.agreements
            ),
            pool_least(model, place, awarded),
            pool_most(model, place, awarded),
            pool.parent,
        )
        for place, pool in enumerate(model.pools)
    )
    return Transport(
        tuple(fund_group.cents for fund_group in model.fund_groups), tuple(costs.values()), cells, groups
    )


def _pro_rata(fund_groups: Sequence[FundGroup], payments: Transport) -> dict[Cell, int]:
    targets: dict[Cell, int] = {}
    payers: dict[int, list[int]] = {}
    for fund_group, place in payments.cells:
        payers.setdefault(place, []).append(fund_group)
    for place, allowed in payers.items():
        parts = largest_remainder(
            payments.demands[place], [fund_groups[fund_group].cents for fund_group in allowed]
        )
        targets.update({(fund_group, place): part for fund_group, part in zip(allowed, parts, strict=True)})
    return targets


def _within(payments: Transport, targets: Mapping[Cell, int], deviation: int) -> Transport:
    """The same problem with each payment at most `deviation` cents away from its target."""
    cells = {
        place: Range(max(cell.lower, targets[place] - deviation), min(cell.upper, targets[place] + deviation))
        for place, cell in payments.cells.items()
    }
    return replace(payments, cells=cells)


def _least_deviation(payments: Transport, targets: Mapping[Cell, int]) -> int:
    low, high = 0, max(payments.demands, default=0)
    while low < high:
        middle = (low + high) // 2
        if _possible(_within(payments, targets, middle)):
            high = middle
        else:
            low = middle + 1
    return low


def _possible(transport: Transport) -> bool:
    rest = transport.remaining_after_lower()
    if rest is None:
        return False
    first = len(rest.demands)
    arcs = [Arc(demand, first + payer, cell.upper) for (payer, demand), cell in rest.cells.items()]
    return rest.network(arcs).cut() is None


def _nearest(transport: Transport, targets: Mapping[Cell, int]) -> dict[Cell, int]:
    """The payments with the fewest cents above their targets; each such cent is missing elsewhere."""
    rest = transport.remaining_after_lower()
    assert rest is not None
    first = len(rest.demands)
    arcs: list[Arc] = []
    for (payer, demand), cell in rest.cells.items():
        below = max(0, targets[payer, demand] - transport.cells[payer, demand].lower)
        arcs.append(Arc(demand, first + payer, below))
        arcs.append(Arc(demand, first + payer, cell.upper - below, cost=1))
    cents = iter(rest.network(arcs).cheapest())
    return {place: cell.lower + next(cents) + next(cents) for place, cell in transport.cells.items()}


def _split(fund_group: FundGroup, payments: Mapping[str, int]) -> Flows:
    """Share a fund group's payments among its agreements, each to within a cent of pro rata."""
    paid, whole = sum(payments.values()), fund_group.cents
    if not paid:
        return {}
    cells: dict[Cell, Range] = {}
    shares: dict[Cell, int] = {}
    for payer, source in enumerate(fund_group.sources):
        for place, cents in enumerate(payments.values()):
            shares[payer, place] = cents * source.cents // whole
            cells[payer, place] = Range(shares[payer, place], -(-cents * source.cents // whole))
    totals = tuple(-(-paid * source.cents // whole) for source in fund_group.sources)
    split = _nearest(Transport(totals, tuple(payments.values()), cells), shares)
    codes, names = list(payments), [source.id for source in fund_group.sources]
    return {(names[payer], codes[place]): cents for (payer, place), cents in split.items() if cents}
