"""The fairness tier: lexicographic max-min (leximin) over groups, exact in whole percents.

The worst-off group gets as much as possible, then the next worst, and so on. Each stage finds the highest
level that all unsettled groups can reach together, and the largest number of groups that can be above it.
Which groups those are stays open until the last stage, so no early choice costs a later group anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allocation.engine.constraints.constraint import Constraint, Variable
from allocation.engine.constraints.fairness import Group, above_count_constraint, groups, level_constraint
from allocation.engine.model import Model, refuse_overflow
from allocation.engine.problem import Fairness
from allocation.engine.search import Search

BEST = 100
"""The highest level, in percent: a group gets all that it asks for."""


@dataclass(frozen=True)
class FairestPlan:
    """The fairest plan, with the model that keeps its fairness in later tiers."""

    model: Model
    values: Mapping[str, int]
    worst: int
    """What the worst-off group gets, in whole percent."""
    bound: int
    proved: bool


def fairest(search: Search, model: Model, values: Mapping[str, int], fairness: Fairness) -> FairestPlan:
    """Find the fairest plan of a model; `values` is any plan of it, to start from."""
    everyone = groups(fairness, model.candidates)
    stage, level, above, worst = 0, -1, len(everyone), None
    while above and level < BEST:
        rung = _highest(search, model, values, _Stage(everyone, stage, above))
        level, values, model = rung.level, rung.values, rung.model
        worst = level if worst is None else worst
        if not rung.proved:
            return FairestPlan(model, values, worst, rung.bound if not stage else worst, proved=False)
        if level == BEST:
            break
        stage += 1
        flags = [Variable(group.above(stage), 0, 1) for group in everyone]
        model = model.adding((level_constraint(group, stage, level + 1) for group in everyone), flags)
        refuse_overflow(model)
        answer = search.best(model, tuple((flag.name, 1) for flag in flags))
        values = values if answer.values is None else answer.values
        if answer.status != "optimal":
            return FairestPlan(model, values, worst, worst, proved=False)
        above = sum(values[flag.name] for flag in flags)
        model = model.adding([above_count_constraint(everyone, stage, above)])
    worst = BEST if worst is None else worst
    return FairestPlan(model, values, worst, worst, proved=True)


@dataclass(frozen=True)
class _Stage:
    """One stage: `above` of the groups, whichever they are, are raised together."""

    groups: tuple[Group, ...]
    number: int
    above: int

    def level(self, values: Mapping[str, int]) -> int:
        """The level that the `above` best-off groups all reach, in whole percent."""
        return sorted((group.percent(values) for group in self.groups), reverse=True)[self.above - 1]

    def constraints(self, percent: int) -> list[Constraint]:
        """At least `above` groups reach this level."""
        return [level_constraint(group, self.number, percent) for group in self.groups]


@dataclass(frozen=True)
class _SettledLevel:
    """The highest level of a stage, a plan that reaches it, and a model that keeps it."""

    level: int
    bound: int
    values: Mapping[str, int]
    model: Model

    @property
    def proved(self) -> bool:
        return self.level == self.bound


def _highest(search: Search, model: Model, values: Mapping[str, int], stage: _Stage) -> _SettledLevel:
    """Bisect over whole percents: a fixed level, rounded to what can be spent, is far easier to refute."""
    low, high = stage.level(values), BEST
    while low < high:
        middle = (low + high + 1) // 2
        trial = model.adding(stage.constraints(middle))
        refuse_overflow(trial)
        answer = search.best(trial, ())
        if answer.values is not None:
            values, low = answer.values, stage.level(answer.values)
        elif answer.status == "infeasible":
            high = middle - 1
        else:
            break
    return _SettledLevel(low, high, values, model.adding(stage.constraints(low)))
