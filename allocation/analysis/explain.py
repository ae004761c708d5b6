"""Explanation: why each activity is funded or not, by comparison with the best plan in which that differs.

Every figure is proved by a solve with one condition more than the scenario has, or counted from the plan.
What would change the decision is found by one solve too: the price of the activity, or a gift for it,
becomes a variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from allocation.analysis.conditions import among
from allocation.engine.iis import irreducible_infeasible_subset
from allocation.engine.problem import Candidate, Flows, Problem, Source, Units
from allocation.engine.reach import FundingNetwork
from allocation.engine.rules.conditions import sum_between, units_between
from allocation.engine.rules.rule import Rule, UnitBounds
from allocation.plan.explanation import (
    Bottleneck,
    BreakEven,
    Counterfactual,
    Explanation,
    Swap,
    with_sentences,
)
from ledger import (
    BadInput,
    Progress,
    nearest,
    no_progress,
)

if TYPE_CHECKING:
    from allocation.engine.solve import Best

EXPLAIN_EFFORT_MAX = 2.0
"""The limit of deterministic solver time for each solve; the explanation says what it leaves open."""


def explain(
    problem: Problem,
    units: Units,
    flows: Flows,
    value: int,
    *,
    only: str | None = None,
    limit: float | None = None,
    progress: Progress = no_progress,
) -> tuple[Explanation, ...]:
    """Explain every activity of a plan, by code; or `only` one of them, with what would change it.

    `units` and `flows` (cents by source and activity) are the plan's, `value` is the most points that any
    plan reaches; `limit` is deterministic solver time for each solve. Raises BadInput for an activity that is
    not open for funding.
    """
    wanted = sorted((each for each in problem.candidates if only in (None, each.code)), key=lambda c: c.code)
    if not wanted:
        raise BadInput(
            "explain-unknown-activity",
            "There is no activity '{code}' among those that this plan could fund{nearest}.",
            code=only,
            nearest=nearest(only or "", (each.code for each in problem.candidates)),
        )
    effort = EXPLAIN_EFFORT_MAX if limit is None else min(limit, EXPLAIN_EFFORT_MAX)
    plan = _Plan(problem, units, flows, value, effort)
    explanations = []
    for done, candidate in enumerate(wanted, 1):
        explanations.append(with_sentences(_explained(plan, candidate, whole=only is not None)))
        progress(done, len(wanted))
    return tuple(explanations)


@dataclass(frozen=True)
class _Plan:
    """A plan with its problem."""

    problem: Problem
    units: Units
    flows: Flows
    value: int
    limit: float

    @cached_property
    def left(self) -> dict[str, int]:
        """The unspent money of each source, in USD cents, by id."""
        left = {source.id: source.cents for source in self.problem.sources}
        for (source, _), cents in self.flows.items():
            left[source] -= cents
        return left

    @cached_property
    def network(self) -> FundingNetwork:
        """The payments of the plan, and which others are possible."""
        return FundingNetwork(self.problem, self.flows)

    @cached_property
    def later_tiers(self) -> tuple[str, ...]:
        """The tiers that choose among plans of the same value."""
        fairness = ("fairness",) if self.problem.fairness else ()
        stability = ("least change",) if self.problem.previous else ()
        return (*fairness, *stability, "the order of codes")

    def best(self, problem: Problem, goal: Mapping[str, int] | None = None) -> Best | None:
        """Solve within the limit; imports the solvers only here, because they take half a second to load."""
        from allocation.engine.solve import best  # noqa: PLC0415

        return best(problem, goal, limit=self.limit)


def _explained(plan: _Plan, candidate: Candidate, *, whole: bool) -> Explanation:
    code, funded = candidate.code, plan.units[candidate.code]
    step = max(funded + 1, candidate.least) - funded if funded < candidate.units else 0
    without = _counterfactual(plan, "without", code, UnitBounds(0, 0)) if funded else None
    more = _counterfactual(plan, "more", code, UnitBounds(funded + step, None)) if step else None
    eligible = [source for source in plan.problem.sources if code in source.eligible]
    reach = plan.network.reach(code)
    short = max(0, step * candidate.unit_cents - reach.cents)
    tie = any(other is not None and other.loss == 0 and not other.missed for other in (without, more))
    return Explanation(
        activity=code,
        units=funded,
        wanted=candidate.units,
        unit_cents=candidate.unit_cents,
        next_units=step,
        value=plan.value,
        without=without,
        more=more,
        eligible_cents=sum(source.cents for source in eligible),
        left_cents=sum(plan.left[source.id] for source in eligible),
        reach_cents=reach.cents,
        short_cents=short,
        crowd=_bottleneck(plan, reach.sources, reach.activities) if short else None,
        binds=tuple(_binding(plan, {**plan.units, code: funded + step})),
        decided_by=plan.later_tiers if tie else (),
        change=_change(plan, candidate, step, without) if whole and candidate.unit_cents else None,
    )


def _bottleneck(plan: _Plan, sources: tuple[str, ...], activities: tuple[str, ...]) -> Bottleneck:
    held = {source.id: source.cents for source in plan.problem.sources}
    kept_out = [source for source, cents in sorted(plan.left.items()) if cents and source not in sources]
    return Bottleneck(
        agreements=sources,
        cents=sum(held[source] for source in sources),
        activities=activities,
        kept_out=tuple(kept_out),
        kept_out_cents=sum(plan.left[source] for source in kept_out),
    )


def _binding(plan: _Plan, units: Units) -> Iterator[str]:
    for rule in sorted(plan.problem.rules, key=lambda rule: rule.id):
        yield from rule.binding(plan.problem, plan.units, units)


# --- counterfactual: the best plan with another decision ----------------------------------------------------


def _counterfactual(plan: _Plan, id: str, code: str, forced: UnitBounds) -> Counterfactual:
    """The best plan with so many units of an activity."""
    from allocation.engine.solve import Undecided  # noqa: PLC0415 - see _Plan.best

    against = next((rule.id for rule in plan.problem.rules if _excludes(rule, code, forced)), None)
    if against is not None and _alone(plan, code, forced):
        return Counterfactual(loss=None, proved=True, clash=(against,))
    wanted = among(plan.problem, units_between(id, code, *forced))
    try:
        answer = plan.best(wanted)
        if answer is None:
            return Counterfactual(loss=None, proved=True, clash=tuple(_clash(plan, wanted)))
    except Undecided:
        return Counterfactual(loss=None, proved=False)
    nearest = _nearest(plan, wanted, answer)
    swaps = {code: nearest[code] - funded for code, funded in sorted(plan.units.items())}
    return Counterfactual(
        loss=plan.value - answer.bound,
        proved=answer.proved,
        missed=_missed_softly(plan, nearest) - _missed_softly(plan, plan.units),
        swaps=tuple(Swap(activity=c, units=n) for c, n in swaps.items() if n and c != code),
    )


def _excludes(rule: Rule, code: str, forced: UnitBounds) -> bool:
    """Whether a rule about the same activity leaves no number of units between them."""
    bounds = rule.unit_bounds.get(code)
    if bounds is None:
        return False
    most = min((each.most for each in (bounds, forced) if each.most is not None), default=None)
    return most is not None and max(bounds.least, forced.least) > most


def _alone(plan: _Plan, code: str, forced: UnitBounds) -> bool:
    """Whether the money would be enough if nothing else were funded."""
    (unit_cents,) = (c.unit_cents for c in plan.problem.candidates if c.code == code)
    eligible = sum(source.cents for source in plan.problem.sources if code in source.eligible)
    return forced.least * unit_cents <= eligible


def _clash(plan: _Plan, wanted: Problem) -> Iterator[str]:
    """An irreducible set of rules that together forbid the last rule of `wanted`."""
    forced = wanted.rules[-1]

    def infeasible(rules: Sequence[Rule]) -> bool:
        return plan.best(replace(wanted, rules=tuple(rules)), {}) is None

    return (rule.id for rule in irreducible_infeasible_subset(wanted.rules, infeasible) if rule is not forced)


def _missed_softly(plan: _Plan, units: Units) -> int:
    return sum(rule.shortfall(plan.problem, units) for rule in plan.problem.rules if rule.soft)


def _nearest(plan: _Plan, wanted: Problem, answer: Best) -> Units:
    """Of the plans that are worth as much, the one that moves the least money from the plan."""
    from allocation.engine.solve import Undecided  # noqa: PLC0415 - see _Plan.best

    kept = [c for c in wanted.candidates if 0 < plan.units[c.code] < c.units]
    goal = {c.code: (c.unit_cents or 1) * (1 if plan.units[c.code] else -1) for c in wanted.candidates}
    # |x - u| is x + u - 2 min(x, u): where u is neither none nor all, min(x, u) needs a variable.
    goal |= {c.code: -(c.unit_cents or 1) for c in kept}
    goal |= {_kept(c): 2 * (c.unit_cents or 1) for c in kept}
    rules = [sum_between(_kept(c), {c.code: 1, _kept(c): -1}, least=0) for c in kept]
    near = among(wanted, *_worth(wanted, answer.value), *rules)
    counters = tuple(Candidate(_kept(c), 0, plan.units[c.code], 0) for c in kept)
    try:
        found = plan.best(replace(near, candidates=(*near.candidates, *counters)), goal)
    except Undecided:
        return answer.units
    assert found is not None, "the answer itself is such a plan"
    return found.units


def _kept(candidate: Candidate) -> str:
    """A name that no activity has: codes have no spaces."""
    return f"{candidate.code} kept"


def _worth(problem: Problem, points: int) -> tuple[Rule, ...]:
    """The condition that a plan is worth so much."""
    if not problem.by_value:
        return ()
    return (sum_between("worth", {each.code: each.score for each in problem.candidates}, least=points),)


# --- break-even: what would change the decision -------------------------------------------------------------


def _change(plan: _Plan, candidate: Candidate, step: int, without: Counterfactual | None) -> BreakEven:
    """What would fund its next units; if all are funded, the unit cost up to which they are worth it."""
    if step:
        deal = _Deal(plan, candidate, step, plan.units[candidate.code] + step, plan.value)
        price, paid = deal.price(candidate.unit_cents), deal.paid_beside_a_gift()
        gift = None if paid.most is None else deal.cost - paid.most
        return BreakEven(unit_cents=price.most, gift_cents=gift, proved=price.proved and paid.proved)
    rival = None if without is None or without.loss is None else plan.value - without.loss
    deal = _Deal(plan, candidate, candidate.units, candidate.units, rival)
    eligible = sum(source.cents for source in plan.problem.sources if candidate.code in source.eligible)
    price = deal.price(eligible // candidate.units)
    return BreakEven(unit_cents=price.most, gift_cents=None, proved=price.proved)


@dataclass(frozen=True)
class _Found:
    """The largest value found, if any, and whether it is proved."""

    most: int | None
    proved: bool


@dataclass(frozen=True)
class _Deal:
    """The plan's problem with a variable for the cost of some units of one activity, or for a gift to it.

    The activity itself becomes free and keeps its points and the rules on its number; its cost moves to
    substitute activities that draw on the same money: one for units at the ordinary price, one for `units`.
    """

    plan: _Plan
    candidate: Candidate
    units: int
    """The units whose cost or payer is variable."""
    least: int
    """The fewest units of the activity that must be funded in all."""
    worth: int | None
    """The points that a plan must reach; None if it need only keep the rules."""

    @property
    def cost(self) -> int:
        """The cost of `units`, in USD cents."""
        return self.units * self.candidate.unit_cents

    def price(self, most: int) -> _Found:
        """The largest unit cost, up to `most`, at which a plan reaches the points."""
        paid = Candidate(self._named("paid"), self.units, most, 0)
        return self._most(paid, self._problem(paid))

    def paid_beside_a_gift(self) -> _Found:
        """The most cents of the cost that the fund itself can pay when a new donor pays the rest."""
        paid, given = (Candidate(self._named(name), 1, self.cost, 0) for name in ("paid", "given"))
        return self._most(paid, self._problem(paid, given))

    def _most(self, paid: Candidate, problem: Problem) -> _Found:
        """The most units of the substitute that the fund can pay for."""
        from allocation.engine.solve import Undecided  # noqa: PLC0415 - see _Plan.best

        try:
            found = self.plan.best(problem, {paid.code: 1})
        except Undecided:
            return _Found(None, proved=False)
        return _Found(None, proved=True) if found is None else _Found(found.value, found.proved)

    def _problem(self, paid: Candidate, given: Candidate | None = None) -> Problem:
        code, gifts = self.candidate.code, () if given is None else (given,)
        free = replace(self.candidate, unit_cents=0)
        ordinary = replace(self.candidate, code=self._named("ordinary"), score=0, least=1)
        problem, own = self.plan.problem, {ordinary.code, paid.code}
        others = (each for each in problem.candidates if each.code != code)
        costs = own | {gift.code for gift in gifts}
        deal = replace(
            problem,
            sources=(
                *(_opened(source, code, own) for source in problem.sources),
                *(Source(gift.code, self.cost, frozenset({gift.code})) for gift in gifts),
            ),
            candidates=(*others, free, ordinary, paid, *gifts),
            rules=tuple(self._rule(rule, costs) for rule in problem.rules),
        )
        whole = (sum_between("whole", {paid.code: 1, gift.code: 1}, self.cost, self.cost) for gift in gifts)
        conditions = (
            units_between("least", code, least=self.least),
            sum_between("at the ordinary price", {code: 1, ordinary.code: -1}, self.units, self.units),
            *whole,
            *(() if self.worth is None else _worth(deal, self.worth)),
        )
        return among(deal, *conditions)

    def _rule(self, rule: Rule, costs: set[str]) -> Rule:
        """The rule with substitutes counted; a soft one must be kept as far as the plan keeps it."""
        kept = rule.kept_as_far(self.plan.problem, self.plan.units)
        return kept.counting(self.candidate.code, costs)

    def _named(self, name: str) -> str:
        """A name that no activity and no agreement has: codes have no spaces."""
        return f"{self.candidate.code} {name}"


def _opened(source: Source, code: str, substitutes: set[str]) -> Source:
    """The source with an earmark that allows the substitutes if it allows the activity."""
    return replace(source, eligible=source.eligible | substitutes) if code in source.eligible else source
