"""Rows that tell whether a scalable activity is funded at all: none of it, or at least so much.

They are plain inequalities. `funded` is 1 exactly when there are units, so that links can speak of it.
"""

from __future__ import annotations

from allocation.engine.constraints.row import Stated, Variable, row
from allocation.engine.problem import Candidate


def rows(candidate: Candidate, upper: int) -> Stated:
    """`least * funded <= units <= upper * funded`, for an activity of which at most `upper` can be paid."""
    code, funded = candidate.code, f"funded:{candidate.code}"
    least = row(f"least:{code}", code, "legal", ((code, 1), (funded, -max(candidate.least, 1))), lower=0)
    most = row(f"most:{code}", code, "legal", ((code, 1), (funded, -upper)), upper=0)
    return Stated((least, most), (Variable(funded, 0, 1),))
