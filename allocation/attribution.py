"""Whose money pays for what: integral flows from agreements to activities, closest to pro rata.

*Pro rata* means that an activity is paid by everybody whose earmark allows it, in proportion to the money
they brought, in whole cents (largest remainder, ties by id). Earmarks can make that impossible: a donor who
allows anything may have to leave an activity to those who allow nothing else. So, in this order:

1. Agreements with the same earmark form one purse, and share each of its payments in proportion to their
   money, to within a cent: equal donors are treated equally.
2. Between purses, the largest distance of any payment from pro rata is as small as can be (exact: a bisection
   over integral flows with lower bounds).
3. Among those, as few cents as can be stand elsewhere than pro rata would put them (a least-cost flow).

What is still open is settled by the order of agreements and activities, so equal questions get equal flows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortools.graph.python.max_flow import SimpleMaxFlow
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from allocation.model import Model, Purse

Flows = dict[tuple[str, str], int]
"""Cents from (agreement, activity)."""


@dataclass(frozen=True)
class Attribution:
    """Who pays what, and how far it is from pro rata."""

    flows: Flows
    deviation: int
    """The largest distance of a purse's payment for an activity from its pro-rata share, in USD cents."""


@dataclass(frozen=True)
class Range:
    """The cents one payment may have."""

    lower: int
    upper: int


Cell = tuple[int, int]
"""A payment: the place of its payer and of what is paid."""


@dataclass(frozen=True)
class Transport:
    """Payments from payers with limited money to demands that must be met to the cent."""

    supplies: tuple[int, ...]
    demands: tuple[int, ...]
    cells: Mapping[Cell, Range]

    def beyond_lower(self) -> Transport:
        """What remains to be paid, when every payment starts at its lower bound."""
        supplies, demands = list(self.supplies), list(self.demands)
        for (payer, demand), cell in self.cells.items():
            supplies[payer] -= cell.lower
            demands[demand] -= cell.lower
        rest = {place: Range(0, cell.upper - cell.lower) for place, cell in self.cells.items()}
        return Transport(tuple(supplies), tuple(demands), rest)


def overdrawn(model: Model, units: Mapping[str, int]) -> frozenset[int] | None:
    """Purses, by index, that hold too little for what can draw on nothing else; None if all can be paid."""
    transport = _payments(model, model.costs(units))
    network, paid = _solved(transport)
    if paid == sum(transport.demands):
        return None
    short = set(network.get_source_side_min_cut())
    first = len(transport.demands)
    return frozenset(purse for purse in range(len(model.purses)) if first + purse in short)


def attribute(model: Model, units: Mapping[str, int]) -> Attribution:
    """Pay for these units; they must be payable (`overdrawn` is None)."""
    costs = model.costs(units)
    everything = _payments(model, costs)
    targets = _pro_rata(model.purses, everything)
    deviation = _least_deviation(everything, targets)
    payments = _nearest(_within(everything, targets, deviation), targets)
    flows: Flows = {}
    for index, purse in enumerate(model.purses):
        own = {code: payments.get((index, place), 0) for place, code in enumerate(costs)}
        flows.update(_split(purse, {code: cents for code, cents in own.items() if cents}))
    return Attribution(dict(sorted(flows.items())), deviation)


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total into whole parts in proportion to weights; equal remainders favour the first."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def _payments(model: Model, costs: Mapping[str, int]) -> Transport:
    """Every payment the earmarks allow, up to the whole cost, so that a smallest cut severs none of them."""
    cells = {
        (purse, place): Range(0, cost)
        for place, (code, cost) in enumerate(costs.items())
        for purse in sorted(model.drawing[code])
    }
    return Transport(tuple(purse.cents for purse in model.purses), tuple(costs.values()), cells)


def _pro_rata(purses: Sequence[Purse], payments: Transport) -> dict[Cell, int]:
    targets: dict[Cell, int] = {}
    payers: dict[int, list[int]] = {}
    for purse, place in payments.cells:
        payers.setdefault(place, []).append(purse)
    for place, allowed in payers.items():
        parts = largest_remainder(payments.demands[place], [purses[purse].cents for purse in allowed])
        targets.update({(purse, place): part for purse, part in zip(allowed, parts, strict=True)})
    return targets


def _within(payments: Transport, targets: Mapping[Cell, int], deviation: int) -> Transport:
    """Only payments that are at most so many cents away from their targets."""
    cells = {
        place: Range(max(cell.lower, targets[place] - deviation), min(cell.upper, targets[place] + deviation))
        for place, cell in payments.cells.items()
    }
    return Transport(payments.supplies, payments.demands, cells)


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
    rest = transport.beyond_lower()
    if min(rest.supplies, default=0) < 0:
        return False
    return _solved(rest)[1] == sum(rest.demands)


def _solved(transport: Transport) -> tuple[SimpleMaxFlow, int]:
    """The most that can be paid; the nodes are demands, then payers, then the two ends."""
    network = SimpleMaxFlow()
    first = len(transport.demands)
    start = first + len(transport.supplies)
    for demand, cents in enumerate(transport.demands):
        network.add_arc_with_capacity(start, demand, cents)
    for (payer, demand), cell in transport.cells.items():
        network.add_arc_with_capacity(demand, first + payer, cell.upper)
    for payer, cents in enumerate(transport.supplies):
        network.add_arc_with_capacity(first + payer, start + 1, cents)
    status = network.solve(start, start + 1)
    assert status == SimpleMaxFlow.OPTIMAL, status
    return network, network.optimal_flow()


def _nearest(transport: Transport, targets: Mapping[Cell, int]) -> dict[Cell, int]:
    """The payments with the fewest cents above their targets; each cent above is a cent missing elsewhere."""
    rest = transport.beyond_lower()
    network = SimpleMinCostFlow()
    first = len(rest.demands)
    end = first + len(rest.supplies)
    paid = {place: cell.lower for place, cell in transport.cells.items()}
    arcs: dict[int, Cell] = {}
    for place, cell in rest.cells.items():
        below = max(0, targets[place] - transport.cells[place].lower)
        for room, cost in ((below, 0), (cell.upper - below, 1)):
            arcs[network.add_arc_with_capacity_and_unit_cost(place[1], first + place[0], room, cost)] = place
    for payer, cents in enumerate(rest.supplies):
        network.add_arc_with_capacity_and_unit_cost(first + payer, end, cents, 0)
    for demand, cents in enumerate(rest.demands):
        network.set_node_supply(demand, cents)
    network.set_node_supply(end, -sum(rest.demands))
    status = network.solve()
    assert status == SimpleMinCostFlow.OPTIMAL, status
    for arc, place in arcs.items():
        paid[place] += network.flow(arc)
    return paid


def _split(purse: Purse, payments: Mapping[str, int]) -> Flows:
    """Share a purse's payments among its agreements, each share to within a cent of pro rata."""
    paid, whole = sum(payments.values()), purse.cents
    if not paid:
        return {}
    cells: dict[Cell, Range] = {}
    shares: dict[Cell, int] = {}
    for payer, source in enumerate(purse.sources):
        for place, cents in enumerate(payments.values()):
            shares[payer, place] = cents * source.cents // whole
            cells[payer, place] = Range(shares[payer, place], -(-cents * source.cents // whole))
    totals = tuple(-(-paid * source.cents // whole) for source in purse.sources)
    split = _nearest(Transport(totals, tuple(payments.values()), cells), shares)
    codes, names = list(payments), [source.agreement for source in purse.sources]
    return {(names[payer], codes[place]): cents for (payer, place), cents in split.items() if cents}
