"""Rows of the stability tier: the cents that move away from the plan before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocation.engine.constraints.constraint import RuleConstraints, Terms, Variable, constraint
from allocation.engine.problem import Candidate


def stability_constraints(
    candidates: Sequence[Candidate], upper: Mapping[str, int], previous: Mapping[str, int]
) -> tuple[RuleConstraints, Terms]:
    """What tells how many units move, and the objective that lets least cents move.

    Only where units may go up as well as down is a variable needed, `moved:CODE`.
    """
    constraints, variables, objective = [], [], []
    for candidate in candidates:
        code, before = candidate.code, previous.get(candidate.code, 0)
        if before <= 0 or before >= upper[code]:
            objective.append((code, candidate.unit_cents * (-1 if before <= 0 else 1)))
            continue
        moved = Variable(f"moved:{code}", 0, max(before, upper[code] - before))
        variables.append(moved)
        objective.append((moved.name, -candidate.unit_cents))
        for direction, sign in (("up", 1), ("down", -1)):
            terms = ((moved.name, 1), (code, -sign))
            id = f"moved {direction}:{code}"
            constraints.append(
                constraint(id, "stability", "stability", terms, lower=-sign * before)
            )
    return RuleConstraints(tuple(constraints), tuple(variables)), tuple(objective)


def moved(candidates: Sequence[Candidate], units: Mapping[str, int], previous: Mapping[str, int]) -> int:
    """The cents that move: of each activity, its units more or fewer than before."""
    return sum(each.unit_cents * abs(units[each.code] - previous.get(each.code, 0)) for each in candidates)
