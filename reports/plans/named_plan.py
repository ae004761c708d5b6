"""A plan with the activities and donors that it refers to, as the books knew them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from allocation import Activity, Plan, activities
from donors import Donor, agreements, donors, open_pledges
from ledger import Hint, NotFound, Refused, head_at


@dataclass(frozen=True)
class NamedPlan:
    """A plan, and the activities and donors that it refers to."""

    plan: Plan
    activities: Mapping[str, Activity]
    givers: Mapping[str, Donor]
    """The donor of each agreement, and of each pledge."""


def name_plan(books: Connection, plan: Plan) -> NamedPlan:
    """The plan with its names, as the books knew them when it was solved.

    Refused when it was solved over other books.
    """
    seq, term = plan.manifest.head_seq, plan.scenario.term
    try:
        sealed = head_at(books, seq).hash
    except NotFound:
        sealed = ""
    if sealed != plan.manifest.head_hash:
        raise Refused(
            "plan-of-other-books",
            "The plan was solved over other books: open its own book{hint}.",
            hint=Hint("say-book"),
        )
    by_code = {each.code: each for each in donors(books, seq)}
    givers = {each.code: each.donor for each in open_pledges(books, known_at=seq)}
    givers |= {each.code: each.donor for each in agreements(books, term=term, known_at=seq)}
    return NamedPlan(
        plan,
        {each.code: each for each in activities(books, term, seq)},
        {code: by_code[donor] for code, donor in givers.items()},
    )
