"""Repairs of an infeasible scenario: the smallest relaxations of its rules that make a plan possible.

Each rule gets slack, and the sum of all slack is minimised, in dollars: what floors and ceilings miss, the
cost of units that a must-fund gives up or a never-fund lets in, the cost of what a link leaves out. A
resource that is not money counts, for each unit of it, as the dearest activity that uses it. The plan with
the least slack is the proof: it keeps every rule as relaxed.

Another repair must leave at least one rule of those before as it is, so these are closed one after the other
(a hitting-set tree, Reiter 1987). Money and earmarks are law and never relaxed; nor are committed work and
the rule that a plan funds something.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from allocation.analysis.relaxation import relax
from allocation.engine.problem import BASIS_POINTS, Problem, Units
from allocation.engine.rules.relaxation import Relaxation
from allocation.engine.rules.rule import DonorLimit, Rule
from allocation.scenario.committed_work import is_committed_work
from allocation.scenario.scenario import NONEMPTY_PLAN_RULE

if TYPE_CHECKING:
    from allocation.engine.solve import Best

REPAIRS_MAX = 3
REPAIR_EFFORT_MAX = 20.0
"""Deterministic solver time for each search; a repair found within it is valid, if not surely smallest."""

Ids = frozenset[str]


@dataclass(frozen=True)
class Repair:
    """Relaxations that together make a plan possible."""

    relaxations: tuple[Relaxation, ...]
    """By the ids of the rules."""
    proved: bool
    """Whether it is proved that no relaxation of these rules misses less money."""

    @property
    def cents(self) -> int:
        """The size of the repair: what all relaxations miss, in USD cents."""
        return sum(relaxation.cents for relaxation in self.relaxations)

    @property
    def rules(self) -> Ids:
        """The ids of the rules."""
        return frozenset(relaxation.rule for relaxation in self.relaxations)


def repairs(problem: Problem, *, limit: float = REPAIR_EFFORT_MAX) -> tuple[Repair, ...]:
    """Find up to three repairs of an infeasible problem, the smallest in dollars first.

    No repair relaxes all rules of one before it. Empty if there is a plan already, or if no relaxation helps.
    """
    hard = tuple(rule for rule in problem.rules if not rule.soft)
    search = _Search(replace(problem, rules=hard), limit)
    if search.plan(hard) is not None:
        return ()
    donor_rules = [rule.id for rule in problem.rules if rule.bounds_donors]
    for dropped in ((), *((id,) for id in donor_rules), donor_rules):
        search.look(frozenset(), frozenset(dropped))
    found: list[Repair] = []
    while len(found) < REPAIRS_MAX and (node := search.smallest()) is not None:
        known = next((repair for repair in found if repair.rules <= node.repair.rules), None)
        if known is None:
            found.append(known := node.repair)
        for id in sorted(known.rules - node.dropped):
            search.look(node.closed | {id}, node.dropped)
    return tuple(found)


def apply(problem: Problem, repair: Repair) -> Problem:
    """The same problem with the rules relaxed by the repair: it has a plan."""
    by_rule = {relaxation.rule: relaxation for relaxation in repair.relaxations}
    rules = (rule.relaxed(by_rule[rule.id]) if rule.id in by_rule else rule for rule in problem.rules)
    return replace(problem, rules=tuple(rule for rule in rules if rule is not None))


def sentence_of(found: Iterable[Repair]) -> str:
    """The repairs in one sentence, for the end of the message that there is no plan; empty if none."""
    texts = [" and ".join(each.text for each in repair.relaxations) for repair in found]
    if not texts:
        return ""
    if len(texts) == 1:
        return f"A plan is possible with {texts[0]}."
    numbered = "; ".join(f"({number}) {words}" for number, words in enumerate(texts, 1))
    return f"A plan is possible with any one of these, the smallest first: {numbered}."


# --- the search ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class _Node:
    """A node of the search tree: the smallest repair with some rules closed; ordered by size."""

    cents: int
    ids: tuple[str, ...]
    place: int
    repair: Repair
    closed: Ids
    dropped: Ids


class _Search:
    """The search tree: nodes seen, and repairs that wait to be expanded."""

    def __init__(self, problem: Problem, limit: float) -> None:
        self._problem = problem
        self._limit = limit
        self._seen: set[tuple[Ids, Ids]] = set()
        self._waiting: list[_Node] = []

    def smallest(self) -> _Node | None:
        """Take out the smallest waiting repair; None if there is none."""
        return heapq.heappop(self._waiting) if self._waiting else None

    def look(self, closed: Ids, dropped: Ids) -> None:
        """Find the smallest repair that keeps the closed rules and may relax the dropped donor rules.

        A donor rule cannot have slack, so it is left out and then tightened; other donor rules stay.
        """
        if (closed, dropped) in self._seen:
            return
        self._seen.add((closed, dropped))
        repair = self._smallest_with(closed, dropped)
        if repair is not None:
            ids = tuple(sorted(repair.rules))
            node = _Node(repair.cents, ids, len(self._seen), repair, closed, dropped)
            heapq.heappush(self._waiting, node)

    def plan(self, rules: Iterable[Rule]) -> Units | None:
        """A plan that keeps these rules; None if there is none, or none was found within the limit."""
        found = self._best(replace(self._problem, rules=tuple(rules)), {})
        return None if found is None else found.units

    def _best(self, problem: Problem, goal: Mapping[str, int]) -> Best | None:
        from allocation.engine.solve import Undecided, best  # noqa: PLC0415 - the solvers take half a second to load

        try:
            return best(problem, goal, limit=self._limit)
        except Undecided:
            return None

    def _smallest_with(self, closed: Ids, dropped: Ids) -> Repair | None:
        kept = tuple(rule for rule in self._problem.rules if rule.id not in dropped)
        open_ = [rule for rule in kept if rule.id not in closed and _gives_way(rule)]
        found = self._best(*relax(replace(self._problem, rules=kept), {rule.id for rule in open_}))
        if found is None:
            return None
        missed = [rule for rule in open_ if rule.shortfall(self._problem, found.units)]
        relaxations = [rule.relaxation(self._problem, found.units) for rule in missed]
        others = apply(replace(self._problem, rules=kept), Repair(tuple(relaxations), proved=True))
        relaxations += self._tightened(others.rules, dropped)
        ordered = sorted(relaxations, key=lambda each: each.rule)
        return Repair(tuple(ordered), found.proved and not dropped)

    def _tightened(self, kept: tuple[Rule, ...], dropped: Ids) -> Iterator[Relaxation]:
        """The dropped donor rules, each as tight as the other rules and those before it allow."""
        for rule in self._problem.rules:
            limit = rule.donor_limit()
            if limit is not None and rule.id in dropped:
                relaxation = self._tightest(rule, limit, kept)
                moved = rule if relaxation is None else rule.relaxed(relaxation)
                assert moved is not None, "a donor rule has a bound"
                kept = (*kept, moved)
                if relaxation is not None:
                    yield relaxation

    def _tightest(self, rule: Rule, limit: DonorLimit, kept: tuple[Rule, ...]) -> Relaxation | None:
        """The least relaxation of a donor rule given the kept rules; None if it needs none."""
        if self.plan((*kept, rule)) is not None:
            return None
        money = sum(source.cents for source in self._problem.sources)
        was = limit.cents or 0 if limit.share is None else limit.share
        no, yes = was, 0 if limit.sense == "floor" else BASIS_POINTS if limit.share is not None else money
        proof = self._plan_at(rule, _relaxation(limit, yes, was), kept)
        while abs(yes - no) > 1:
            middle = (yes + no) // 2
            plan = self._plan_at(rule, _relaxation(limit, middle, was), kept)
            if plan is None:
                no = middle
            else:
                yes, proof = middle, plan
        assert proof is not None, "the rules have a plan without this one"
        awarded = sum(each.unit_cents * proof[each.code] for each in self._problem.candidates)
        whole = BASIS_POINTS if limit.share is None else awarded
        return _relaxation(limit, yes, was, cents=-(-abs(was - yes) * whole // BASIS_POINTS))

    def _plan_at(self, rule: Rule, relaxation: Relaxation, kept: tuple[Rule, ...]) -> Units | None:
        moved = rule.relaxed(relaxation)
        assert moved is not None, "a donor rule has a bound"
        return self.plan((*kept, moved))


def _relaxation(limit: DonorLimit, bound: int, was: int, cents: int = 0) -> Relaxation:
    return Relaxation(limit.id, "cents" if limit.share is None else "share", bound, was, cents)


def _gives_way(rule: Rule) -> bool:
    """Whether a rule can have slack: committed work is a fact, and donor rules are left out instead."""
    if any(is_committed_work(code) for code in rule.unit_bounds):
        return False
    return rule.id != NONEMPTY_PLAN_RULE and not rule.bounds_donors
