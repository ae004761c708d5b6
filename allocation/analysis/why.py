"""Why one activity of a plan is funded or not, asked of the books again as far as they still say."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from allocation.analysis.explain import explain
from allocation.engine.certify import certify
from allocation.plan.approval import rebuild_problem
from allocation.plan.explanation import Explanation
from allocation.plan.plan import Plan
from ledger import BadInput, Refused


@dataclass(frozen=True)
class Why:
    """An explanation, and whether it is the plan's own."""

    explanation: Explanation
    stored: bool
    """Whether the books have moved, so that this is what the plan said when it was solved."""


def explain_activity(books: Connection, plan: Plan, code: str) -> Why:
    """Explain one activity of a plan, and what would change it.

    Where the books have moved the plan's own explanation is given; Refused where it has none. BadInput for an
    activity that the plan does not know; raises CertificateError when the plan fails a check.
    """
    try:
        problem, claim = rebuild_problem(books, plan)
    except (Refused, BadInput):
        if not plan.explanations:
            raise
        return Why(_stored(plan, code), stored=True)
    certify(problem, claim)
    (explanation,) = explain(problem, claim.units, claim.flows, claim.value, only=code)
    return Why(explanation, stored=False)


def _stored(plan: Plan, code: str) -> Explanation:
    explanation = next((each for each in plan.explanations if each.activity == code), None)
    if explanation is None:
        raise BadInput(f"There is no activity '{code}' among those that this plan could fund.")
    return explanation
