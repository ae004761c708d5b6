"""The most money that can still reach an activity while everything else that is funded stays paid.

Donors may swap payments: money whose earmark does not allow the activity can take over a payment from money
whose earmark does. This is a maximum flow by augmenting paths; where it ends, the sources that were searched
form a minimum cut, and all their money is spent (Ford and Fulkerson 1956).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from allocation.engine.problem import Problem


@dataclass(frozen=True)
class FundingReach:
    """The most that an activity can be paid beyond what it has, and the minimum cut that limits it."""

    cents: int
    """The maximum flow to it, in USD cents."""
    sources: tuple[str, ...]
    """The sources whose money could reach it, directly or by swaps; all of it is spent then."""
    activities: tuple[str, ...]
    """The activity itself, and the funded activities that only these sources may pay for."""


class FundingNetwork:
    """The payments of a plan, with what else each source could pay for."""

    def __init__(self, problem: Problem, flows: Mapping[tuple[str, str], int]) -> None:
        self._free = {source.id: source.cents for source in problem.sources}
        self._paid: dict[str, dict[str, int]] = {source.id: {} for source in problem.sources}
        for (source, activity), cents in flows.items():
            self._free[source] -= cents
            self._paid[source][activity] = cents
        self._payers: dict[str, list[str]] = defaultdict(list)
        for each in sorted(problem.sources, key=lambda source: source.id):
            for code in each.eligible:
                self._payers[code].append(each.id)

    def reach(self, code: str) -> FundingReach:
        """The most money that can reach an activity, and the minimum cut."""
        free = dict(self._free)
        paid = {source: dict(payments) for source, payments in self._paid.items()}
        brought = 0
        while True:
            came, reached = self._search(code, free, paid)
            giver = next((source for source in came if free[source]), None)
            if giver is None:
                return FundingReach(brought, tuple(sorted(came)), tuple(sorted(reached)))
            brought += _push(_path(came, giver), free, paid)

    def _search(
        self, code: str, free: Mapping[str, int], paid: Mapping[str, Mapping[str, int]]
    ) -> tuple[dict[str, tuple[str | None, str]], set[str]]:
        """Breadth-first search: sources by the payment they would take over, and activities searched."""
        came: dict[str, tuple[str | None, str]] = dict.fromkeys(self._payers[code], (None, code))
        reached = {code}
        queue = list(came)
        for source in queue:
            if free[source]:
                break
            for activity in sorted(paid[source]):
                if activity not in reached:
                    reached.add(activity)
                    others = [other for other in self._payers[activity] if other not in came]
                    came.update(dict.fromkeys(others, (source, activity)))
                    queue += others
        return came, reached


def _path(came: Mapping[str, tuple[str | None, str]], giver: str) -> list[tuple[str, str]]:
    """The augmenting path from the source that has money left to one that may pay for the activity."""
    path: list[tuple[str, str]] = []
    source: str | None = giver
    while source is not None:
        before, activity = came[source]
        path.append((source, activity))
        source = before
    return path


def _push(path: list[tuple[str, str]], free: dict[str, int], paid: dict[str, dict[str, int]]) -> int:
    """Move as much along a path as its narrowest step allows; returns the cents."""
    freed = [(taker, activity) for (_, activity), (taker, _) in pairwise(path)]
    cents = min([free[path[0][0]], *(paid[source][activity] for source, activity in freed)])
    free[path[0][0]] -= cents
    for source, activity in path:
        paid[source][activity] = paid[source].get(activity, 0) + cents
    for source, activity in freed:
        paid[source][activity] -= cents
        if not paid[source][activity]:
            del paid[source][activity]
    return cents
