"""Explaining one activity of a plan: solved again from the books if they have not changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from allocation.analysis.explain import explain
from allocation.engine.certify import certify
from allocation.plan.approval import rebuild_problem
from allocation.plan.explanation import Explanation
from allocation.plan.plan import Plan
from ledger import BadInput, Refused, nearest


@dataclass(frozen=True)
class Why:
    """An explanation, and whether it is the one stored in the plan."""

    explanation: Explanation
    stored: bool
    """Whether the books have changed since, so that this is the explanation from when it was solved."""


def explain_activity(books: Connection, plan: Plan, code: str) -> Why:
    """Explain one activity of a plan, and what would change it.

    If the books have changed, returns the explanation stored in the plan; Refused if it has none. BadInput
    for an activity that the plan does not have; raises CertificateError if the plan fails a check.
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
        raise BadInput(
            "explain-unknown-activity",
            "There is no activity '{code}' among those that this plan could fund{nearest}.",
            code=code,
            nearest=nearest(code, (each.activity for each in plan.explanations)),
        )
    return explanation
