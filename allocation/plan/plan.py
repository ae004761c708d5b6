"""Plans: the solution of a scenario as a file, with awards, flows, proofs and explanations.

A plan file is canonical: the same scenario over the same books gives the same bytes, and it is read back
only unchanged. `allocation.planning` makes plans, and `allocation.plan.approval` books them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from allocation.engine.problem import BASIS_POINTS, Source
from allocation.plan.conflict_of_interest import OwnCity
from allocation.plan.explanation import Explanation
from allocation.scenario.cover import CountedOffer
from allocation.scenario.scenario import Scenario
from donors import ActivityField, AgreementField
from ledger import AmountField, BadInput, CountField, FileSource, Hint, Labelled, TextField, UsdCentsField

PLAN_FORMAT: Literal["mdfm-plan-2"] = "mdfm-plan-2"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Flow(_Part):
    """Money of one agreement for one activity."""

    agreement: AgreementField
    cents: Annotated[UsdCentsField, Labelled("of it")] = Field(gt=0)
    arrives: TextField = ""
    """The fiscal year in which it is expected; empty for money that has arrived."""

    @property
    def source(self) -> str:
        """The source id in the problem: the agreement, with the year of money that is still to arrive."""
        return Source(self.agreement, self.cents, frozenset(), self.arrives).id

    @model_serializer(mode="wrap")
    def _without_defaults(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the year of money that has arrived."""
        fields: dict[str, Any] = serialized(self)
        return fields if self.arrives else {name: fields[name] for name in ("agreement", "cents")}


class Award(_Part):
    """A funded activity, and whose money pays for it."""

    activity: ActivityField
    units: CountField
    cents: AmountField
    flows: tuple[Flow, ...]


class NotFunded(_Part):
    """A wanted activity that is not, or not wholly, funded."""

    activity: str
    units: int
    """Units that are wanted and not funded."""
    cents: int
    reason: str


class RuleReached(_Part):
    """A floor or ceiling, and the amount that the plan reaches."""

    id: str
    sense: Literal["floor", "ceiling"]
    bound: int
    reached: int
    reason: str
    in_cents: bool = True
    """Whether it counts money in USD cents; else something else, such as person-days."""


class Tier(_Part):
    """What one tier of the solution reached."""

    name: str
    value: int
    bound: int
    gap: int
    proved: bool

    @property
    def gap_basis_points(self) -> int:
        """The gap as a part of the bound, rounded up: the most that the plan can be from the best."""
        whole = max(abs(self.bound), abs(self.value))
        return -(-self.gap * BASIS_POINTS // whole) if whole else 0


class Difference(_Part):
    """Money of one agreement that a revised plan gives to an activity, or takes from it if negative."""

    agreement: str
    activity: str
    cents: int


class Manifest(_Part):
    """What the plan was solved from, and with which solver."""

    problem_sha256: str
    head_seq: int
    head_hash: str
    solver: str
    solver_version: str
    solver_reason: str
    """Why this solver, in words."""
    tiers: tuple[Tier, ...]


class Plan(_Part):
    """The plan of a scenario, as in its file."""

    format: Literal["mdfm-plan-2"] = PLAN_FORMAT
    made_by: str
    scenario: Scenario
    revises: bool = False
    """Whether it replaces the present allocation, rather than adding to it."""
    manifest: Manifest
    points: int
    """What the plan is worth; below `value` only by what fairness may give up."""
    available: int
    """USD cents that may be allocated; in a revised plan including the present allocation."""
    awarded: int
    awards: tuple[Award, ...]
    not_funded: tuple[NotFunded, ...]
    rules: tuple[RuleReached, ...]
    offers: tuple[CountedOffer, ...] = ()
    """The offers in kind that cover a part of the cost, with what of them does not count."""
    own_cities: tuple[OwnCity, ...] = ()
    """Donors whose money goes to an activity that benefits their own city."""
    changes: tuple[Difference, ...] = ()
    """Of a revised plan: its differences from the allocation when it was solved."""
    explanations: tuple[Explanation, ...] = ()
    """For each activity that was open for funding, by code; empty if not asked for."""

    @property
    def proved(self) -> bool:
        """Whether every tier is proved optimal."""
        return not self.unproved

    @property
    def unproved(self) -> tuple[Tier, ...]:
        """The tiers that hit their limit."""
        return tuple(tier for tier in self.manifest.tiers if not tier.proved)

    @property
    def value(self) -> int:
        """The most points found; if points do not count, those of the plan."""
        tier = self.tier("value")
        return self.points if tier is None else tier.value

    @property
    def bound(self) -> int:
        """No plan is worth more points than this; if points do not count, those of the plan."""
        tier = self.tier("value")
        return self.points if tier is None else tier.bound

    def tier(self, name: str) -> Tier | None:
        """What a tier reached; None if it was not asked for, or not solved."""
        return next((tier for tier in self.manifest.tiers if tier.name == name), None)

    @property
    def units(self) -> Mapping[str, int]:
        """Units by activity; only what is funded."""
        return {award.activity: award.units for award in self.awards}

    @property
    def flows(self) -> Mapping[tuple[str, str], int]:
        """USD cents by source and activity."""
        return {(flow.source, award.activity): flow.cents for award in self.awards for flow in award.flows}

    def to_bytes(self) -> bytes:
        """The plan file's bytes: JSON with sorted keys."""
        fields = self.model_dump(mode="json")
        return (json.dumps(fields, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def paid_by_agreement(awards: Iterable[Award]) -> Counter[tuple[str, str]]:
    """USD cents by agreement and activity, whenever the money arrives; in the order of the awards."""
    paid: Counter[tuple[str, str]] = Counter()
    for award in awards:
        for flow in award.flows:
            paid[flow.agreement, award.activity] += flow.cents
    return paid


def read_plan(path: FileSource) -> tuple[Plan, bytes]:
    """Read a plan file; BadInput if it is not one, or was edited."""
    try:
        content = path.read_bytes()
        plan = Plan.model_validate_json(content)
    except OSError as error:
        raise BadInput(
            "plan-file-unreadable",
            "The plan {path} cannot be read: {why}.",
            path=path,
            why=error.strerror,
        ) from None
    except ValidationError:
        raise BadInput(
            "plan-unreadable",
            "{path} is not a plan of this version: make one{hint}.",
            path=path,
            hint=Hint("make-plan"),
        ) from None
    if plan.to_bytes() != content:
        raise BadInput(
            "plan-file-edited",
            "{path} was edited after it was written: run the scenario again.",
            path=path,
        )
    return plan, content
