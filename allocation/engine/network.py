"""Payments as flows through a network, in whole cents: can they be made, and if not, where is too little.

An activity sends what it costs to the fund_groups that may pay for it, a fund_group sends it on to its pool, a pool to
the pool around it, the outermost to the end. An arc has a least and a most. Flows with bounds exist exactly
when no set of nodes takes in more than may leave it (Hoffman 1960, after Gale and Hall); an impossible one
is found by a maximum flow, as its smallest cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.graph.python.max_flow import SimpleMaxFlow
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow


@dataclass(frozen=True)
class Arc:
    """Where cents may flow, between a least and a most; `cost` is per cent that flows."""

    tail: int
    head: int
    most: int
    least: int = 0
    cost: int = 0


@dataclass(frozen=True)
class FlowNetwork:
    """Nodes 0, 1, ... by what each sends into the network (or, below zero, takes out of it), and arcs."""

    supplies: tuple[int, ...]
    arcs: tuple[Arc, ...]

    def cut(self) -> frozenset[int] | None:
        """A smallest set of nodes that takes in more than may leave it; None if everything can flow."""
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
        """Cents on each arc, so that the cost is least; everything must be able to flow."""
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
        """What is left to send when every arc carries its least already."""
        excess = list(self.supplies)
        for arc in self.arcs:
            excess[arc.tail] -= arc.least
            excess[arc.head] += arc.least
        return excess
