"""Payments as an integral flow network with lower and upper bounds: is one feasible?

An activity sends its cost to the fund groups that may pay for it, a fund group to its pool, a pool to the
pool that encloses it, the outermost to the end node. A feasible flow exists exactly when no set of nodes
takes in more than may leave it (Hoffman 1960, after Gale and Hall); a maximum flow finds a violated set as a
minimum cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.graph.python.max_flow import SimpleMaxFlow
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow


@dataclass(frozen=True)
class Arc:
    """An arc with bounds on its flow in cents; `cost` is per cent of flow."""

    tail: int
    head: int
    most: int
    least: int = 0
    cost: int = 0


@dataclass(frozen=True)
class FlowNetwork:
    """Nodes 0, 1, ... with their supply (negative: demand), and arcs between them."""

    supplies: tuple[int, ...]
    arcs: tuple[Arc, ...]

    def cut(self) -> frozenset[int] | None:
        """A minimum cut: nodes that take in more than may leave them; None if there is a feasible flow."""
        crossed = [arc for arc in self.arcs if arc.least > arc.most]
        assert not crossed, crossed
        flow = SimpleMaxFlow()
        start = len(self.supplies)
        excess = self._remaining_after_least()
        for node, cents in enumerate(excess):
            if cents > 0:
                flow.add_arc_with_capacity(start, node, cents)
        for arc in self.arcs:
            flow.add_arc_with_capacity(arc.tail, arc.head, arc.most - arc.least)
        for node, cents in enumerate(excess):
            if cents < 0:
                flow.add_arc_with_capacity(node, start + 1, -cents)
        status = flow.solve(start, start + 1)
        assert status == SimpleMaxFlow.OPTIMAL, status
        if flow.optimal_flow() == sum(cents for cents in excess if cents > 0):
            return None
        return frozenset(flow.get_source_side_min_cut()) - {start}

    def cheapest(self) -> list[int]:
        """The cents on each arc in a minimum-cost flow; there must be a feasible one."""
        flow = SimpleMinCostFlow()
        places = [
            flow.add_arc_with_capacity_and_unit_cost(arc.tail, arc.head, arc.most - arc.least, arc.cost)
            for arc in self.arcs
        ]
        for node, cents in enumerate(self._remaining_after_least()):
            flow.set_node_supply(node, cents)
        status = flow.solve()
        assert status == SimpleMinCostFlow.OPTIMAL, status
        return [arc.least + flow.flow(place) for arc, place in zip(self.arcs, places, strict=True)]

    def _remaining_after_least(self) -> Sequence[int]:
        """The supply of each node that remains once every arc carries its lower bound."""
        excess = list(self.supplies)
        for arc in self.arcs:
            excess[arc.tail] -= arc.least
            excess[arc.head] += arc.least
        return excess
