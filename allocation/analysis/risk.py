"""Risk of a plan: what is funded if expected money may not arrive.

Each uncertain promise arrives with its probability, wholly or not at all, independently of the others. In
each outcome either the plan is solved again with the money that arrives, or a given plan is kept in its
order of priority as far as the money goes. Up to `EXACT_MAX` uncertain promises all outcomes are evaluated
and every figure is exact; beyond that, a sample in which each promise arrives in proportion to its
probability.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import Connection

from allocation.analysis.conditions import can_pay
from allocation.engine.iis import Infeasible
from allocation.engine.problem import (
    BASIS_POINTS,
    Candidate,
    Problem,
    Units,
)
from allocation.scenario.funding_sources import PLEDGED
from allocation.scenario.problem_builder import build_problem
from allocation.scenario.scenario import Scenario
from ledger import (
    BadInput,
    Hint,
    Progress,
    Refused,
    nearest,
    no_progress,
)

EXACT_MAX = 12
"""Up to this many uncertain promises all outcomes are evaluated: 2 to this power."""
SAMPLES = 1_000
"""The number of sampled outcomes with more promises than that."""
TAILS = (500, 1_000)
"""The tails whose mean is reported: the worst outcomes, in basis points of all."""

Arrived = frozenset[str]
"""The ids of uncertain sources that arrive in an outcome."""
PlanForArrivals = Callable[[Arrived], Units | None]


class Promise(NamedTuple):
    """Money that may not arrive."""

    source: str
    """The agreement, or the pledge."""
    cents: int
    chance: int
    """The probability that it arrives, in basis points."""


class Chance(NamedTuple):
    """How likely an activity is to be funded."""

    activity: str
    units: int
    """Units funded when all money arrives."""
    chance: int
    """The probability that at least one unit is funded, in basis points."""
    cents: int
    """Its mean award over all outcomes, in USD cents."""


@dataclass(frozen=True)
class Risk:
    """The expected figures of a plan. Every figure is rounded once, half to even."""

    promises: tuple[Promise, ...]
    kept: bool
    """Whether the plan with all money is kept in its order of priority; else each outcome is solved again."""
    outcomes: int
    """The number of different outcomes evaluated."""
    samples: int
    """The number of samples drawn; 0 if all outcomes were evaluated."""
    value: int
    """Points when all money arrives."""
    expected: int
    """Mean points over all outcomes."""
    tails: Mapping[int, int]
    """Mean points over the worst outcomes, by the size of the tail in basis points (CVaR)."""
    without_plan: int
    """The probability, in basis points, that no plan keeps the rules: nothing is funded then."""
    chances: tuple[Chance, ...]
    """For every activity that some outcome funds, by code."""


@dataclass(frozen=True)
class RiskOutcome:
    """One outcome: the money that arrives decides the plan."""

    weight: Fraction
    """Its probability."""
    value: int
    """Points."""
    units: Units | None
    """None where no plan keeps the rules."""


def risk(
    problem: Problem,
    probability: Mapping[str, int],
    *,
    keep: bool = False,
    samples: int = SAMPLES,
    progress: Progress = no_progress,
) -> Risk:
    """The risk of a plan whose sources, by id, arrive with a probability in basis points.

    In each outcome the plan is solved again, or (`keep`) the plan with all money is kept as far as it goes.
    Raises `BadInput` for a source that the problem does not have, and `Infeasible` if no plan keeps the rules
    with all money.
    """
    # The solvers take half a second to load: import them only to solve.
    from allocation.engine.solve import solve  # noqa: PLC0415

    _require_sources(problem, probability)
    plan = solve(problem).units
    answer = _in_priority_order(problem, probability, plan) if keep else _replanned(problem, probability)
    found = list(_outcomes(problem, _drawn(probability, samples), answer, progress))
    return Risk(
        promises=tuple(
            Promise(each.agreement, each.cents, probability[each.id])
            for each in sorted(problem.sources, key=lambda each: each.id)
            if each.id in probability
        ),
        kept=keep,
        samples=0 if _is_exact(probability) else samples,
        **_figures(problem, found, plan),
    )


def assess_risk(
    books: Connection,
    scenario: Scenario,
    probability: Mapping[str, int],
    *,
    keep: bool = False,
    samples: int = SAMPLES,
    progress: Progress = no_progress,
) -> Risk:
    """The risk of a scenario's plan over the books as they are; see `uncertain` and `risk`."""
    problem, chances = uncertain(books, scenario, probability)
    return risk(problem, chances, keep=keep, samples=samples, progress=progress)


def uncertain(
    books: Connection, scenario: Scenario, probability: Mapping[str, int]
) -> tuple[Problem, dict[str, int]]:
    """The problem of a scenario with all promised money, and the probability of each source, by its id.

    `probability`, in basis points, names agreements whose money is signed for and not paid, and open pledges;
    other pledges have the scenario's own probability. Refused if the scenario counts only received money;
    BadInput for a name from which nothing is expected.
    """
    if scenario.money == "received":
        raise Refused(
            "risk-only-arrived-money",
            "The scenario {id} counts only what has arrived, which is certain: write money = "
            '"signed" or money = "pledged" in it.',
            id=scenario.id,
        )
    pledged = {"probability": {}, "pledge_probability": BASIS_POINTS}
    problem = build_problem(books, scenario.model_copy(update=pledged))
    separate = {each.agreement for each in problem.sources if each.arrives}
    merged = {each.agreement for each in problem.sources if each.agreement in probability.keys() - separate}
    if merged:
        # A year separates expected money from received money.
        arrives = dict.fromkeys(merged, scenario.on.year) | scenario.arrives
        problem = build_problem(books, scenario.model_copy(update=pledged | {"arrives": arrives}))
    return problem, dict(_chances(problem, scenario, probability))


def _chances(
    problem: Problem, scenario: Scenario, probability: Mapping[str, int]
) -> Iterator[tuple[str, int]]:
    left = set(probability)
    for source in problem.sources:
        name = source.agreement.removeprefix(PLEDGED)
        if not source.arrives:
            continue
        if name in probability:  # an agreement with instalments has a source for each year
            yield source.id, probability[name]
            left.discard(name)
        elif name != source.agreement:
            chance = scenario.probability.get(name, scenario.pledge_probability)
            if chance is None:
                raise BadInput(
                    "risk-pledge-without-probability",
                    "Say how likely the pledge {name} is{hint}, or give pledge_probability in the scenario.",
                    name=name,
                    hint=Hint("say-probability", source=name),
                )
            yield source.id, chance
    if left:
        raise BadInput(
            "risk-source-expects-nothing",
            "The scenario {id} expects no money from '{source}': name an agreement with money that is "
            "signed for and not paid, or an open pledge.",
            id=scenario.id,
            source=min(left),
        )


def tail_mean(outcomes: Iterable[RiskOutcome], part: Fraction) -> Fraction:
    """The mean value of the worst outcomes that make up this part of the probability (CVaR).

    The outcome at the edge counts as far as it belongs to the part (Rockafellar and Uryasev 2002).
    """
    left, total = part, Fraction(0)
    for outcome in sorted(outcomes, key=lambda outcome: outcome.value):
        weight = min(left, outcome.weight)
        total += weight * outcome.value
        left -= weight
    return total / part


def _require_sources(problem: Problem, probability: Mapping[str, int]) -> None:
    known = {source.id for source in problem.sources}
    for name, chance in probability.items():
        if name not in known:
            raise BadInput(
                "risk-source-unknown",
                "There is no source '{name}' of money{nearest}: the sources are {known}.",
                name=name,
                nearest=nearest(name, known),
                known=", ".join(sorted(known)),
            )
        if not 0 <= chance <= BASIS_POINTS:
            raise BadInput(
                "risk-probability-out-of-range",
                "The probability of {name} must be between 0% and 100%.",
                name=name,
            )


# --- outcomes -----------------------------------------------------------------------------------------------


def _is_exact(probability: Mapping[str, int]) -> bool:
    return sum(0 < chance < BASIS_POINTS for chance in probability.values()) <= EXACT_MAX


def _drawn(probability: Mapping[str, int], samples: int) -> dict[Arrived, Fraction]:
    """Outcomes with their probabilities, those with most arrivals first."""
    exact = _is_exact(probability)
    weights = dict(_all_outcomes(probability)) if exact else _sampled(probability, samples)
    return dict(sorted(weights.items(), key=lambda each: (-len(each[0]), sorted(each[0]))))


def _all_outcomes(probability: Mapping[str, int]) -> Iterator[tuple[Arrived, Fraction]]:
    for arrives in product((True, False), repeat=len(probability)):
        weight = Fraction(1)
        for chance, there in zip(probability.values(), arrives, strict=True):
            weight *= Fraction(chance if there else BASIS_POINTS - chance, BASIS_POINTS)
        if weight:
            yield frozenset(name for name, there in zip(probability, arrives, strict=True) if there), weight


def _sampled(probability: Mapping[str, int], samples: int) -> dict[Arrived, Fraction]:
    """A sample stratified by promise: each arrives in its exact share of outcomes, shuffled by its name."""
    columns = []
    for name, chance in sorted(probability.items()):
        often = round(Fraction(samples * chance, BASIS_POINTS))
        column = [name] * often + [""] * (samples - often)
        random.Random(name).shuffle(column)
        columns.append(column)
    counted = Counter(frozenset(row) - {""} for row in zip(*columns, strict=True))
    return {arrived: Fraction(number, samples) for arrived, number in counted.items()}


def _outcomes(
    problem: Problem, drawn: Mapping[Arrived, Fraction], answer: PlanForArrivals, progress: Progress
) -> Iterator[RiskOutcome]:
    score = {candidate.code: candidate.score for candidate in problem.candidates}
    for number, (arrived, weight) in enumerate(drawn.items(), 1):
        units = answer(arrived)
        value = sum(score[code] * funded for code, funded in (units or {}).items())
        yield RiskOutcome(weight, value, units)
        progress(number, len(drawn))


# --- the plan in each outcome -------------------------------------------------------------------------------


def _arrived(problem: Problem, uncertain: Iterable[str], arrived: Arrived) -> Problem:
    """The problem with the money that arrives in an outcome."""
    missing = set(uncertain) - arrived
    return replace(problem, sources=tuple(each for each in problem.sources if each.id not in missing))


def _replanned(problem: Problem, uncertain: Collection[str]) -> PlanForArrivals:
    """A function that solves the best plan with the money that arrives.

    A plan that was best with more money is still best if less money can pay for it; but not with fairness,
    which may cost a part of a value that is then another one.
    """
    from allocation.engine.solve import solve  # noqa: PLC0415 - see `risk`

    known: dict[Arrived, Units | None] = {}

    def answer(arrived: Arrived) -> Units | None:
        now = _arrived(problem, uncertain, arrived)
        richer = [
            known[more] for name in uncertain if (more := arrived | {name}) != arrived and more in known
        ]
        if None in richer:
            return None
        for units in richer:
            if units is not None and problem.fairness is None and can_pay(now, units):
                return units
        try:
            return solve(now).units
        except Infeasible:
            return None

    def remembered(arrived: Arrived) -> Units | None:
        if arrived not in known:
            known[arrived] = answer(arrived)
        return known[arrived]

    return remembered


def _in_priority_order(problem: Problem, uncertain: Collection[str], plan: Units) -> PlanForArrivals:
    """A function that keeps the plan as far as the money goes, its activities in order of priority.

    First what must be funded, then the most points per cent; of each as many units as can be paid in addition
    to those before it. Only earmarks are checked again, no other rules.
    """
    ranked = sorted((each for each in problem.candidates if plan[each.code]), key=partial(_priority, problem))
    nothing = dict.fromkeys(plan, 0)

    def answer(arrived: Arrived) -> Units:
        now = replace(_arrived(problem, uncertain, arrived), rules=())

        if can_pay(now, plan):
            return plan
        units = nothing
        for each in ranked:
            units = {**units, each.code: _most_affordable(now, units, each, plan[each.code])}
        return units

    return answer


def _most_affordable(now: Problem, units: Units, each: Candidate, most: int) -> int:
    """The most units of an activity that can be paid in addition to these; 0 if below its minimum."""
    numbers = range(each.least, most + 1)
    paid = bisect_left(numbers, True, key=lambda number: not can_pay(now, {**units, each.code: number}))
    return numbers[paid - 1] if paid else 0


def _priority(problem: Problem, each: Candidate) -> tuple[bool, bool, Fraction, str]:
    must = any(each.code in rule.unit_bounds and rule.unit_bounds[each.code].least for rule in problem.rules)
    worth = Fraction(each.score, each.unit_cents) if each.unit_cents else Fraction(0)
    return not must, each.unit_cents > 0, -worth, each.code


# --- figures ------------------------------------------------------------------------------------------------


def _figures(problem: Problem, found: Sequence[RiskOutcome], with_all: Units) -> dict[str, Any]:
    """The figures over all outcomes."""
    candidates = sorted(problem.candidates, key=lambda each: each.code)
    chances = (_chance(each, found, with_all[each.code]) for each in candidates)
    return {
        "outcomes": len(found),
        "value": sum(each.score * with_all[each.code] for each in candidates),
        "expected": round(tail_mean(found, Fraction(1))),
        "tails": {part: round(tail_mean(found, Fraction(part, BASIS_POINTS))) for part in TAILS},
        "without_plan": round(BASIS_POINTS * sum(each.weight for each in found if each.units is None)),
        "chances": tuple(chance for chance in chances if chance.cents or chance.units),
    }


def _chance(candidate: Candidate, found: Sequence[RiskOutcome], units: int) -> Chance:
    funded = [(each.weight, each.units[candidate.code]) for each in found if each.units is not None]
    likely = sum((weight for weight, number in funded if number), Fraction(0))
    mean = sum((weight * number for weight, number in funded), Fraction(0))
    cents = round(mean * candidate.unit_cents)
    return Chance(candidate.code, units, round(likely * BASIS_POINTS), cents)
