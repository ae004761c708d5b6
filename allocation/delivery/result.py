"""Results: what a grant has achieved, counted by indicator and compared with the targets of its activity.

Results are separate from money: a donor's share of the money is no share of a workshop. What partners report
in words comes with their expenditure reports (`allocation.delivery.grant`).

A cancelled commitment does not end a grant: it frees only what is neither paid nor spent, and the partner
goes on with what it was paid. So results are recorded until the day on which the grant was to end.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from pydantic import Field, field_validator
from sqlalchemy import Connection, Row, select

from allocation.delivery.grant import GrantField, get_grant
from allocation.engine.problem import BASIS_POINTS
from allocation.programme.indicator import INDICATORS, Counts, Indicator, in_order
from allocation.programme.programme import Activity, activities_by_code, get_activity
from allocation.term.term_lines import lines_of_term
from donors import CODE_PATTERN
from ledger import (
    ALLOCATED,
    NOW,
    AsOf,
    Event,
    Evidence,
    Kind,
    Refused,
    TextField,
    as_known,
    canonical_json,
    project,
    register,
    text,
)


class ResultReported(Event):
    """Results of a grant since its last report: values add to those reported before.

    `on` is the last day of the reported period.
    """

    kind: ClassVar[str] = "result reported"
    says: ClassVar[str] = "The partner of the grant {grant} reports results up to {on}: {values}."

    grant: GrantField
    reference: TextField = Field(pattern=CODE_PATTERN)
    values: Counts = Field(min_length=1)
    note: TextField = Field(default="", max_length=500)
    """A remark on the figures, in a sentence."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.grant}:{self.reference}"

    @field_validator("values")
    @classmethod
    def _ordered(cls, values: dict[Indicator, int]) -> dict[Indicator, int]:
        return in_order(values)


reported_result = register(
    "reported_result",
    text("grant_code"),
    text("reference"),
    text("term"),
    text("activity"),
    text("reported_on"),
    text("reached"),
    text("note"),
)


@dataclass(frozen=True)
class Result:
    """A report of results, from the books."""

    seq: int
    grant: str
    reference: str
    term: str
    """The term of the grant when it was reported."""
    activity: str
    on: date
    values: Mapping[Indicator, int]
    """In addition to what was reported before."""
    note: str


@dataclass(frozen=True)
class Achievement:
    """The results of an activity by one indicator, added up and compared with its target."""

    activity: str
    indicator: Indicator
    target: int
    """The target of all funded units together; 0 if the programme sets none."""
    entries: tuple[tuple[int, int], ...]
    """The entries that report it, each with the amount reported."""

    @property
    def reached(self) -> int:
        """The total of all reports."""
        return sum(count for _, count in self.entries)

    @property
    def share(self) -> int:
        """The part of the target that is reached, in basis points, rounded down; 0 without a target."""
        return self.reached * BASIS_POINTS // self.target if self.target else 0


def _read(row: Row[Any]) -> Result:
    return Result(
        row.seq,
        row.grant_code,
        row.reference,
        row.term,
        row.activity,
        date.fromisoformat(row.reported_on),
        in_order(json.loads(row.reached)),
        row.note,
    )


def results(
    books: Connection,
    *,
    term: str | None = None,
    activity: str | None = None,
    grant: str | None = None,
    effective_to: date = date.max,
    known_at: int = NOW,
) -> list[Result]:
    """Reports of results up to a day, the earliest first; of a term, an activity or a grant, if given."""
    query = (
        select(reported_result)
        .where(as_known(reported_result, known_at), reported_result.c.reported_on <= effective_to.isoformat())
        .order_by(reported_result.c.reported_on, reported_result.c.seq)
    )
    for column, wanted in (("term", term), ("activity", activity), ("grant_code", grant)):
        if wanted is not None:
            query = query.where(reported_result.c[column] == wanted)
    return [_read(row) for row in books.execute(query)]


def achievements(books: Connection, term: str, as_of: AsOf) -> list[Achievement]:
    """Results of a term compared with targets, by activity and indicator.

    An indicator is included if the funded activity has a target for it, or if it was reported.
    """
    allocated: Counter[str] = Counter()
    for line in lines_of_term(books, as_of, term, accounts=(ALLOCATED,)):
        allocated[line.activity] -= line.usd
    reports = results(books, term=term, effective_to=as_of.effective_to, known_at=as_of.known_at)
    return against_targets(activities_by_code(books, term, as_of.known_at), allocated, reports)


def against_targets(
    programme: Mapping[str, Activity], allocated: Mapping[str, int], reports: Iterable[Result]
) -> list[Achievement]:
    """Compare reports of results with targets, given activities by code and their allocation, USD cents.

    An activity without an allocation has no target.
    """
    entries: dict[tuple[str, Indicator], list[tuple[int, int]]] = defaultdict(list)
    for each in reports:
        for indicator, count in each.values.items():
            entries[each.activity, indicator].append((each.seq, count))
    found = []
    for code in sorted({*allocated, *(activity for activity, _ in entries)}):
        activity = programme[code]
        units = funded_units(activity, allocated.get(code, 0))
        for indicator in INDICATORS:
            target = activity.indicators.get(indicator, 0) * units
            if target or (code, indicator) in entries:
                found.append(Achievement(code, indicator, target, tuple(entries[code, indicator])))
    return found


def funded_units(activity: Activity, planned: int) -> int:
    """The units that an allocation in USD cents pays for; a part counts as one: the rest may be in kind."""
    return min(activity.units, -(-max(planned, 0) // activity.unit_cents))


def _apply(books: Connection, seq: int, event: ResultReported) -> None:
    held = get_grant(books, event.grant)
    if not held.committed_on <= event.on <= held.ends_on:
        raise Refused(
            "result-outside-grant-dates",
            "A result of {on} is outside the grant {code}, which runs from {committed_on} to {ends_on}.",
            on=event.on,
            code=held.code,
            committed_on=held.committed_on,
            ends_on=held.ends_on,
        )
    _require_counted(get_activity(books, held.term, held.activity), event.values)
    project(
        books,
        reported_result,
        seq,
        grant_code=held.code,
        reference=event.reference,
        term=held.term,
        activity=held.activity,
        reported_on=event.on.isoformat(),
        reached=canonical_json(event.values),
        note=event.note,
    )


def _require_counted(activity: Activity, values: Mapping[Indicator, int]) -> None:
    """Refuse an indicator that the activity does not have; one without any accepts all."""
    for indicator in values:
        if activity.indicators and indicator not in activity.indicators:
            raise Refused(
                "result-indicator-not-counted",
                "{code} does not count {indicator}: report {indicators} only.",
                code=activity.code,
                indicator=indicator,
                indicators=", ".join(in_order(activity.indicators)),
            )


KINDS = (
    Kind(
        ResultReported,
        apply=_apply,
        registers=(reported_result,),
        four_eyes=False,
        recorder="planner",
        reversible=True,
    ),
)
