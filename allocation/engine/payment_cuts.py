"""Payment cuts: constraints on units alone which say that the earmarked money can pay for a plan.

Each is a condition of feasibility of the payment network (`allocation.engine.network`), as in Benders'
method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from allocation.engine.constraints.constraint import Constraint, Terms, constraint
from allocation.engine.model import Model
from allocation.engine.network import Arc, FlowNetwork
from allocation.engine.rules.rule import DonorLimit


@dataclass(frozen=True)
class Side:
    """A set of nodes of the payment network: fund groups and pools by index, and whether the end is in it.

    It contains the activities that only its fund groups may pay for.
    """

    fund_groups: frozenset[int]
    pools: frozenset[int] = frozenset()
    end: bool = False


def with_first_cuts(model: Model) -> Model:
    """The model with a cut for each activity's fund groups, one for all money, and floors below ceilings."""
    sets = dict.fromkeys([frozenset(range(len(model.fund_groups))), *model.drawing.values()])
    constraints = (payment_cut(model, Side(fund_groups)) for fund_groups in sets)
    binding = [each for each in constraints if not each.holds(model.upper)]
    return model.adding([*binding, *_floors_below_ceilings(model)])


def broken_cut(model: Model, units: Mapping[str, int]) -> Constraint | None:
    """A payment cut that these units break; None if the money can pay for them."""
    return broken_cut_at_costs(model, model.costs(units))


def broken_cut_at_costs(model: Model, costs: Mapping[str, int]) -> Constraint | None:
    """A payment cut that is broken when activities cost so much, in cents; None if it can be paid."""
    awarded, first = sum(costs.values()), len(costs)
    pools, end = first + len(model.fund_groups), first + len(model.fund_groups) + len(model.pools)
    arcs = [
        Arc(place, first + fund_group, cost)
        for place, (code, cost) in enumerate(costs.items())
        for fund_group in sorted(model.drawing[code])
    ]
    arcs += [
        Arc(first + place, end if fund_group.pool is None else pools + fund_group.pool, fund_group.cents)
        for place, fund_group in enumerate(model.fund_groups)
    ]
    for place, pool in enumerate(model.pools):
        head = end if pool.parent is None else pools + pool.parent
        least, most = pool_least(model, place, awarded), pool_most(model, place, awarded)
        # The costs of the linear relaxation may cross the limits; those of a plan cannot.
        arcs.append(Arc(pools + place, head, max(least, most), least))
    supplies = (*costs.values(), *(0 for _ in range(end - first)), -awarded)
    cut = FlowNetwork(supplies, tuple(arcs)).cut()
    if cut is None:
        return None
    inside = frozenset(node - first for node in cut if first <= node < pools)
    grouped = frozenset(node - pools for node in cut if pools <= node < end)
    return payment_cut(model, Side(inside, grouped, end in cut), awarded)


def pool_least(model: Model, pool: int, awarded: int) -> int:
    """The cents that a pool must pay when `awarded` cents are awarded."""
    return max((limit.when(awarded) for limit in model.pools[pool].limits("floor")), default=0)


def pool_most(model: Model, pool: int, awarded: int) -> int:
    """The cents that a pool may pay when `awarded` cents are awarded."""
    ceilings = [limit.when(awarded) for limit in model.pools[pool].limits("ceiling")]
    return min(ceilings, default=max(_all_money(model), pool_least(model, pool, awarded)))


def payment_cut(model: Model, side: Side, awarded: int = 0) -> Constraint:
    """The constraint that this set of nodes takes in no more than can leave it (Hoffman 1960).

    Where a pool has several limits, the cut uses the one that binds when `awarded` cents are awarded.
    """
    terms = {c.code: c.unit_cents for c in model.candidates if model.drawing[c.code] <= side.fund_groups}
    if side.end:
        terms = {c.code: terms.get(c.code, 0) - c.unit_cents for c in model.candidates}
    room = sum(
        model.fund_groups[place].cents
        for place in side.fund_groups
        if not _inside(model.fund_groups[place].pool, side)
    )
    names = [model.fund_groups[place].sources[0].id for place in sorted(side.fund_groups)]
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
        rule = choose(limits, key=lambda rule: (rule.when(awarded), rule.id))
        rules.append(rule.id)
        flow, cents = _limit(rule)
        sign = -1 if leaves else 1
        terms |= {name: sign * coefficient for name, coefficient in flow}
        room -= sign * cents
    id = "money:" + "+".join([*names, *rules, *(["all"] if side.end else [])])
    return constraint(id, "+".join(rules) or "money", "legal", tuple(terms.items()), upper=room)


def _limit(rule: DonorLimit) -> tuple[Terms, int]:
    """A limit as a variable (for a share) or as cents (for an amount)."""
    return ((), rule.cents or 0) if rule.share is None else (((f"limit:{rule.id}", 1),), 0)


def _inside(pool: int | None, side: Side) -> bool:
    """Whether money sent on to this pool (None: the end node) stays in the set."""
    return side.end if pool is None else pool in side.pools


def _floors_below_ceilings(model: Model) -> Iterable[Constraint]:
    for pool in model.pools:
        for floor, ceiling in product(pool.limits("floor"), pool.limits("ceiling")):
            (low, least), (high, most) = _limit(floor), _limit(ceiling)
            terms = (*low, *((name, -coefficient) for name, coefficient in high))
            id = f"money:{floor.id}<{ceiling.id}"
            yield constraint(id, f"{floor.id}+{ceiling.id}", "legal", terms, upper=most - least)


def _all_money(model: Model) -> int:
    return sum(fund_group.cents for fund_group in model.fund_groups)
