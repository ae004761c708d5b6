"""Elastic relaxation of a problem: rules get slack variables, and the goal is the least slack, in cents.

A slack variable is an activity that costs nothing and needs no money: it counts only in the constraint of
its rule. So a relaxed problem is an ordinary problem, which any solver can solve.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from allocation.engine.problem import Problem


def relax(problem: Problem, ids: Collection[str]) -> tuple[Problem, dict[str, int]]:
    """The problem with slack in these rules, and the goal that minimises the slack.

    Rules about who pays cannot have slack: units alone do not say which donor pays.
    """
    given = [(rule, rule.elastic(problem)) for rule in problem.rules if rule.id in ids]
    goal = {slack.code: -rule.price(problem) for rule, elastic in given for slack in elastic.slack}
    hard = (rule for rule in problem.rules if rule.id not in ids)
    added = (each for _, elastic in given for each in (*elastic.slack, *elastic.counters))
    return replace(
        problem,
        candidates=(*problem.candidates, *added),
        rules=(*hard, *(each for _, elastic in given for each in elastic.sums)),
    ), goal
