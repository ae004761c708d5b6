"""Constraints of a minimum: a scalable activity gets no units, or at least so many.

They are plain inequalities. The variable `funded:CODE` is 1 exactly when there are units, so that links can
use it.
"""

from __future__ import annotations

from allocation.engine.constraints.constraint import RuleConstraints, Variable, constraint
from allocation.engine.problem import Candidate


def funded_constraints(candidate: Candidate, upper: int) -> RuleConstraints:
    """`least * funded <= units <= upper * funded`, for an activity of which at most `upper` can be paid."""
    code, funded = candidate.code, f"funded:{candidate.code}"
    least = constraint(
        f"least:{code}", code, "legal", ((code, 1), (funded, -max(candidate.least, 1))), lower=0
    )
    most = constraint(f"most:{code}", code, "legal", ((code, 1), (funded, -upper)), upper=0)
    return RuleConstraints((least, most), (Variable(funded, 0, 1),))
