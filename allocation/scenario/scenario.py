"""Scenarios: a planner's choices for a plan.

A scenario states a term, which money counts, what matters more, and which floors and ceilings apply. It
holds no money and no programme: those are in the books. `allocation.scenario.file` reads it from TOML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from allocation.engine.problem import Sense
from allocation.scenario.rules.bounds import Bound
from allocation.scenario.rules.concentration import ConcentrationLimit
from allocation.scenario.rules.counts import ActivityCount
from allocation.scenario.rules.registry import RULE_TABLES
from allocation.scenario.rules.resources import Resource
from allocation.scenario.rules.table import RuleTable
from allocation.toml_values import Cents, Count, Share

NONEMPTY_PLAN_RULE = "fund-something"
"""The id of the rule that every scenario has: a plan funds at least one activity."""

Money = Literal["received", "signed", "pledged"]
"""Which money counts: received; also signed for and not yet paid; also only pledged."""
Offers = Literal["none", "accepted", "open"]
"""Which offers in kind count as cover: none; accepted ones; also open ones."""

Year = Annotated[int, Field(ge=1900, le=9999)]
Weight = Annotated[int, Field(ge=0, le=1_000_000)]


def _off(value: object) -> object:
    """None for a tier that is switched off (`false`), as a scenario does to a tier of its base."""
    return None if value is False else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _none(tables: tuple[RuleTable, ...]) -> bool:
    """Whether a plan file leaves out the key: for arrays that came after the first plans."""
    return not tables


class Weights(_Part):
    """Weights of a funded unit in percent; 100 changes nothing, and weights multiply."""

    work_areas: dict[str, Weight] = {}
    clusters: dict[str, Weight] = {}
    activities: dict[str, Weight] = {}


class FairnessTier(_Part):
    """The fairness tier: the worst-off group gets the most it can, then the next worst."""

    over: Literal["cluster", "region"]
    give_up: Share = 0
    """How much of the plan's value fairness may cost."""


class Tiers(_Part):
    """The optional tiers."""

    value: bool = True
    """Whether points count; otherwise only the rules and the later tiers choose."""
    fairness: Annotated[FairnessTier | None, BeforeValidator(_off)] = None
    stability: Annotated[dict[str, Count] | None, BeforeValidator(_off)] = None
    """The units of an earlier plan, by activity, from which as little money as possible should move."""


class Scenario(_Part):
    """A planner's scenario, as in its TOML file."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    title: str = ""
    term: str
    on: date
    """The day of the decision: agreements must be running on it."""
    lists_on: date
    """The day whose lists of low-income and least developed countries apply."""
    money: Money = "received"
    pledge_probability: Share | None = None
    """The part of a pledge that counts, unless `probability` names it."""
    probability: dict[str, Share] = {}
    """By pledge."""
    arrives: dict[str, Year] = {}
    """By agreement: the fiscal year in which money signed for and not paid is expected."""
    reserve: Share = 0
    """The part of each agreement's money that is not allocated."""
    cover: dict[str, Cents] = {}
    """By activity: the part of a unit's cost that is covered in kind, USD cents."""
    offers: Offers = "none"
    """Which of the donors' offers in kind cover costs too."""
    weights: Weights = Weights()
    floors: tuple[Bound, ...] = Field(default=(), strict=False)
    ceilings: tuple[Bound, ...] = Field(default=(), strict=False)
    resources: tuple[Resource, ...] = Field(default=(), strict=False)
    counts: tuple[ActivityCount, ...] = Field(default=(), strict=False, exclude_if=_none)
    concentration_limits: tuple[ConcentrationLimit, ...] = Field(default=(), strict=False, exclude_if=_none)
    must_fund: tuple[str, ...] = Field(default=(), strict=False)
    never_fund: tuple[str, ...] = Field(default=(), strict=False)
    tiers: Tiers = Tiers()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [table.id for _, table in self.rule_tables]
        if NONEMPTY_PLAN_RULE in ids:
            raise ValueError(
                f"{NONEMPTY_PLAN_RULE} is the id of a rule that every scenario has: choose another"
            )
        if twice := _first_twice(ids):
            raise ValueError(f"two rules have the id {twice}")
        for key in ("must_fund", "never_fund"):
            if twice := _first_twice(getattr(self, key)):
                raise ValueError(f"{key} names {twice} twice")
        if both := set(self.must_fund) & set(self.never_fund):
            raise ValueError(f"must_fund and never_fund both name {min(both)}: keep one of the two")
        if soft := next((bound.id for bound in self.ceilings if bound.soft), None):
            raise ValueError(f"the rule {soft} is a ceiling: only a floor can be soft")
        return self

    @property
    def rule_tables(self) -> Iterator[tuple[str, RuleTable]]:
        """All tables of rules, each with the key of its array."""
        for key in RULE_TABLES:
            for table in getattr(self, key):
                yield key, table

    @property
    def bounds(self) -> Iterator[tuple[Sense, Bound]]:
        """Floors and ceilings, in the scenario's order."""
        for floor in self.floors:
            yield "floor", floor
        for ceiling in self.ceilings:
            yield "ceiling", ceiling


def _first_twice(names: Sequence[str]) -> str | None:
    return min((name for name, times in Counter(names).items() if times > 1), default=None)
