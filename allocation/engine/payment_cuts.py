"""Money rows: what the earmarks and the donor rules leave to a plan, as conditions on its units alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from allocation.engine.constraints.row import Row, Terms, row
from allocation.engine.fund_groups import limit
from allocation.engine.model import Model
from allocation.engine.network import Arc, Network
from allocation.engine.problem import DonorRule


@dataclass(frozen=True)
class Side:
    """A set of nodes of the payments' network: purses and pools by index, and whether the end is among them.

    It holds the activities that can draw on nothing but its purses.
    """

    purses: frozenset[int]
    pools: frozenset[int] = frozenset()
    end: bool = False


def obvious_money_rows(model: Model) -> Model:
    """The model with a row for each activity's own purses, one for all money, and floors below ceilings."""
    sets = dict.fromkeys([frozenset(range(len(model.purses))), *model.drawing.values()])
    rows = (money_row(model, Side(purses)) for purses in sets)
    binding = [each for each in rows if not each.holds(model.upper)]
    return model.adding([*binding, *_floors_below_ceilings(model)])


def overdrawn(model: Model, units: Mapping[str, int]) -> Row | None:
    """A money row that these units break; None if they can be paid."""
    return too_dear(model, model.costs(units))


def too_dear(model: Model, costs: Mapping[str, int]) -> Row | None:
    """A money row that is broken when activities cost so much, in cents; None if it can be paid."""
    awarded, first = sum(costs.values()), len(costs)
    pools, end = first + len(model.purses), first + len(model.purses) + len(model.pools)
    arcs = [
        Arc(place, first + purse, cost)
        for place, (code, cost) in enumerate(costs.items())
        for purse in sorted(model.drawing[code])
    ]
    arcs += [
        Arc(first + place, end if purse.pool is None else pools + purse.pool, purse.cents)
        for place, purse in enumerate(model.purses)
    ]
    for place, pool in enumerate(model.pools):
        head = end if pool.parent is None else pools + pool.parent
        least, most = pool_least(model, place, awarded), pool_most(model, place, awarded)
        # Costs that no plan has may cross the limits; for those of a plan a row forbids it.
        arcs.append(Arc(pools + place, head, max(least, most), least))
    supplies = (*costs.values(), *(0 for _ in range(end - first)), -awarded)
    cut = Network(supplies, tuple(arcs)).cut()
    if cut is None:
        return None
    inside = frozenset(node - first for node in cut if first <= node < pools)
    grouped = frozenset(node - pools for node in cut if pools <= node < end)
    return money_row(model, Side(inside, grouped, end in cut), awarded)


def pool_least(model: Model, pool: int, awarded: int) -> int:
    """The cents that a pool must pay, of so many awarded."""
    return max((limit(rule, awarded) for rule in model.pools[pool].limits("floor")), default=0)


def pool_most(model: Model, pool: int, awarded: int) -> int:
    """The cents that a pool may pay, of so many awarded."""
    ceilings = [limit(rule, awarded) for rule in model.pools[pool].limits("ceiling")]
    return min(ceilings, default=max(_all_money(model), pool_least(model, pool, awarded)))


def money_row(model: Model, side: Side, awarded: int = 0) -> Row:
    """Nothing may take in more than can leave it (Hoffman 1960).

    Where a pool has several limits, the row uses the one that binds when so many cents are awarded.
    """
    terms = {c.code: c.unit_cents for c in model.candidates if model.drawing[c.code] <= side.purses}
    if side.end:
        terms = {c.code: terms.get(c.code, 0) - c.unit_cents for c in model.candidates}
    room = sum(
        model.purses[place].cents for place in side.purses if not _inside(model.purses[place].pool, side)
    )
    names = [model.purses[place].sources[0].id for place in sorted(side.purses)]
    rules: list[str] = []
    for place, pool in enumerate(model.pools):
        leaves, enters = place in side.pools, _inside(pool.parent, side)
        if leaves == enters:
            continue
        limits = pool.limits("ceiling" if leaves else "floor")
        if not limits:
            room += _all_money(model) if leaves else 0
            continue
        choose = min if leaves else max
        rule = choose(limits, key=lambda rule: (limit(rule, awarded), rule.id))
        rules.append(rule.id)
        flow, cents = _limit(rule)
        sign = -1 if leaves else 1
        terms |= {name: sign * coefficient for name, coefficient in flow}
        room -= sign * cents
    id = "money:" + "+".join([*names, *rules, *(["all"] if side.end else [])])
    return row(id, "+".join(rules) or "money", "legal", tuple(terms.items()), upper=room)


def _limit(rule: DonorRule) -> tuple[Terms, int]:
    """A limit as a variable, if it is a share, or as cents."""
    return ((), rule.cents or 0) if rule.share is None else (((f"limit:{rule.id}", 1),), 0)


def _inside(pool: int | None, side: Side) -> bool:
    """Whether money that is sent on to this pool, or to the end, stays inside."""
    return side.end if pool is None else pool in side.pools


def _floors_below_ceilings(model: Model) -> Iterable[Row]:
    for pool in model.pools:
        for floor, ceiling in product(pool.limits("floor"), pool.limits("ceiling")):
            (low, least), (high, most) = _limit(floor), _limit(ceiling)
            terms = (*low, *((name, -coefficient) for name, coefficient in high))
            id = f"money:{floor.id}<{ceiling.id}"
            yield row(id, f"{floor.id}+{ceiling.id}", "legal", terms, upper=most - least)


def _all_money(model: Model) -> int:
    return sum(purse.cents for purse in model.purses)
