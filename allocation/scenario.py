"""Scenarios: a planner's question, as a TOML file.

A scenario says for which term, which money counts, what matters more, and which floors and ceilings hold.
It holds no money and no programme: those are in the books.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from allocation.eligibility import BeneficiaryGroup
from allocation.problem import BASIS_POINTS
from donors import AfricaDefinition, country
from ledger import BadInput, first_problem, read_amount

FUND_SOMETHING = "fund-something"
"""The rule that every scenario has: a plan funds at least one activity."""

Money = Literal["received", "signed"]
"""Which money counts: what has arrived, or also what donors have signed for and not paid yet."""

_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s?%")


def _basis_points(value: object) -> object:
    """A written share such as `40%` or `12.5%`, as basis points."""
    if isinstance(value, int):
        return value
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f'\'{value}\' is not a share: write it like "40%" or "12.5%"')
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def _cents(value: object) -> object:
    """A written amount of US dollars such as `50,000`, as cents."""
    if not isinstance(value, str):
        return value
    try:
        return read_amount(value, "USD").minor
    except BadInput as error:
        raise ValueError(str(error)) from None


Share = Annotated[int, BeforeValidator(_basis_points), Field(ge=0, le=BASIS_POINTS)]
Cents = Annotated[int, BeforeValidator(_cents), Field(ge=0)]
ProgrammeGroup = Literal["work-area", "cluster", "activity"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Weights(_Part):
    """How much more or less a funded unit counts, in percent; 100 changes nothing. They multiply."""

    work_areas: dict[str, int] = {}
    clusters: dict[str, int] = {}
    activities: dict[str, int] = {}


class Bound(_Part):
    """A floor or a ceiling on the money that reaches a group, as a share of all or as an amount."""

    id: str = Field(min_length=1)
    group: BeneficiaryGroup | ProgrammeGroup
    of: str = ""
    """Which region, country, work area, cluster or activity, where the group is one of many."""
    definition: AfricaDefinition | None = None
    """For Africa only: UNESCO's region, or the continent (M49). A scenario names the one it means."""
    share: Share | None = None
    amount: Cents | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.share is None) == (self.amount is None):
            raise ValueError(f"the rule {self.id} needs a share or an amount, one of the two")
        if (self.group == "africa") != (self.definition is not None):
            raise ValueError(
                f"the rule {self.id} must name a definition of Africa (unesco or m49) if it is about it"
            )
        if (self.group in {"region", "country", "work-area", "cluster", "activity"}) != bool(self.of):
            raise ValueError(f"the rule {self.id} must say of which one (of = ...) if there are many")
        if self.group == "country":
            try:
                country(self.of)
            except BadInput as error:
                raise ValueError(str(error)) from None
        return self


class Scenario(_Part):
    """The question."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    title: str = ""
    term: str
    on: date
    """The day of the decision: agreements must be running on it."""
    lists_on: date
    """The day whose lists of low-income and least developed countries hold."""
    money: Money = "received"
    reserve: Share = 0
    """The part of each agreement's money that is kept back."""
    weights: Weights = Weights()
    floors: tuple[Bound, ...] = Field(default=(), strict=False)
    ceilings: tuple[Bound, ...] = Field(default=(), strict=False)
    must_fund: tuple[str, ...] = Field(default=(), strict=False)
    never_fund: tuple[str, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [bound.id for bound in (*self.floors, *self.ceilings)]
        if FUND_SOMETHING in ids:
            raise ValueError(f"{FUND_SOMETHING} is the id of a rule that every scenario has: choose another")
        if twice := {name for name in ids if ids.count(name) > 1}:
            raise ValueError(f"two rules have the id {min(twice)}")
        return self


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file; BadInput names the file, the field and what to do."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The scenario {path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The scenario {path} is not a TOML file: {error}.") from None
    try:
        return Scenario.model_validate(told)
    except ValidationError as error:
        raise BadInput(f"{path}: {first_problem(error)}.") from None
