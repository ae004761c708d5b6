"""Earmarks: what a donor's money may be used for, as a rule over activities and their beneficiaries.

The level follows from the rule, after the Grand Bargain's definitions (2016, annex I): tightly earmarked to
single activities, earmarked to countries, softly earmarked to a theme, a work area or a region.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from donors.codes import ActivityField, ClusterField, CountryField, WorkAreaField
from donors.geography import country
from ledger import BadInput, Described, Labelled

Level = Literal["unearmarked", "softly", "earmarked", "tightly"]
"""Degrees of earmarking of the Grand Bargain."""
Region = Literal[
    "Africa",
    "Arab States",
    "Asia and the Pacific",
    "Europe and North America",
    "Latin America and the Caribbean",
]
IncomeGroup = Literal["low-income"]


_LEVELS: dict[Level, str] = {
    "unearmarked": "unearmarked",
    "softly": "softly earmarked",
    "earmarked": "earmarked",
    "tightly": "tightly earmarked",
}


class Earmark(BaseModel):
    """A rule for the use of money. All fields that are given must match; of a field, any one of its values.

    A rule over beneficiaries (regions, countries, income groups, LDC) matches an activity if it matches every
    city that the activity benefits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    work_areas: tuple[WorkAreaField, ...] = ()
    clusters: tuple[ClusterField, ...] = ()
    activities: tuple[ActivityField, ...] = ()
    regions: tuple[Region, ...] = ()
    """Regions as UNESCO defines them."""
    countries: tuple[CountryField, ...] = ()
    income_groups: tuple[IncomeGroup, ...] = ()
    """By the World Bank's list on the day the money is allocated."""
    ldc: Annotated[bool, Labelled("least developed countries only")] = Field(default=False)
    """Least developed countries only, by the United Nations' list on that day."""

    @field_validator("countries")
    @classmethod
    def _known_countries(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(country(iso3).iso3 for iso3 in codes)
        except BadInput as error:
            raise ValueError(str(error)) from None

    @field_validator("work_areas", "clusters", "activities", "regions", "countries", "income_groups")
    @classmethod
    def _each_once(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(dict.fromkeys(values))

    def derived(self) -> tuple[Described, ...]:
        """The degree of earmarking, which a rule without any limit has too."""
        return (Described("", _LEVELS[self.level]),)

    @property
    def level(self) -> Level:
        """The degree of earmarking."""
        if self.activities:
            return "tightly"
        if self.countries:
            return "earmarked"
        if self.work_areas or self.clusters or self.regions or self.income_groups or self.ldc:
            return "softly"
        return "unearmarked"
