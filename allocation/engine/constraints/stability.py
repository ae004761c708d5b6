"""Constraints of the stability tier: the cents that move away from the previous plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocation.engine.constraints.constraint import RuleConstraints, Terms, Variable, constraint
from allocation.engine.problem import Candidate


def stability_constraints(
    candidates: Sequence[Candidate], upper: Mapping[str, int], previous: Mapping[str, int]
) -> tuple[RuleConstraints, Terms]:
    """Constraints on the units that move, and the objective: minus the cents that move.

    A variable `moved:CODE` is needed only where units may go up as well as down.
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
            constraints.append(constraint(id, "stability", "stability", terms, lower=-sign * before))
    return RuleConstraints(tuple(constraints), tuple(variables)), tuple(objective)


def moved(candidates: Sequence[Candidate], units: Mapping[str, int], previous: Mapping[str, int]) -> int:
    """The cents that move: the change in units of each activity, up or down, at its unit cost."""
    return sum(each.unit_cents * abs(units[each.code] - previous.get(each.code, 0)) for each in candidates)
