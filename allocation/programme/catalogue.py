"""The catalogue of activities: the pooled fund's own, and those of every thematic cluster.

It is that of the draft strategy 2019-2021 of the UNESCO Global Network of Learning Cities. An *edition* is a
two-year programme built from it: the pooled fund's activities once, the clusters' activities once for each
cluster of the edition. Unit costs are integers in USD cents, demand is a number of cities, and every text is
in the languages for which its table has a column: `title_en`, `title_fr`, ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from allocation.programme.indicator import INDICATORS, Indicator
from donors import LANGUAGES
from ledger import BadInput, packaged_rows

POOLED_FUND = "MDFM"
"""The prefix of the pooled fund's own activities, in place of a cluster's code."""

Translations = Mapping[str, str]
"""The same text by language; `text_in` of `donors` gets it in one of them."""


@dataclass(frozen=True)
class WorkArea:
    """One of the four areas that the strategy's activities fall under."""

    code: int
    titles: Translations


@dataclass(frozen=True)
class CatalogueActivity:
    """An activity as printed in the strategy, before it belongs to a cluster or an edition."""

    code: str
    work_area: int
    responsible: str
    """Who carries it out, in the document's English words; UIL for the pooled fund's own."""
    unit_cents: int
    units: int
    titles: Translations
    indicators: Mapping[Indicator, int]
    """Indicators of its results, with the target of one unit; 0 if the document states none."""


@dataclass(frozen=True)
class Edition:
    """A two-year programme and the network it serves."""

    code: str
    network_cities: int
    network_countries: int
    source: str


@dataclass(frozen=True)
class Cluster:
    """A thematic cluster of one edition."""

    code: str
    edition: str
    titles: Translations
    demand: int
    """A number of cities: those that voted for it in 2019, those that belonged to it in 2021."""
    note: str
    source: str


@dataclass(frozen=True)
class ProgrammeActivity:
    """An activity of an edition, which a plan may fund."""

    code: str
    """Unique in the edition: `MDFM-1.1`, `ESD-1.1`."""
    catalogue_code: str
    work_area: int
    cluster: str
    """Empty for the pooled fund's own activities, which serve the whole network."""
    unit_cents: int
    units: int
    titles: Translations
    demand: int
    """The number of cities that it is for: the cluster's, or all of the network."""
    demand_source: str
    indicators: Mapping[Indicator, int]

    @property
    def cost_cents(self) -> int:
        """The estimated cost of all units."""
        return self.unit_cents * self.units


@dataclass(frozen=True)
class Question:
    """One of the six things that a member city is asked whether it can contribute."""

    item: int
    texts: Translations


@cache
def work_areas() -> tuple[WorkArea, ...]:
    """The four work areas, by number."""
    return tuple(
        WorkArea(int(row["work_area"]), _texts(row))
        for row in packaged_rows("allocation", "work_areas")
        if row["table"] == "strategy"
    )


@cache
def mdfm_activities() -> tuple[CatalogueActivity, ...]:
    """The pooled fund's own catalogue; its three printed areas are mapped to the strategy's work areas."""
    return tuple(_activity(row, "UIL") for row in packaged_rows("allocation", "mdfm_activities"))


@cache
def cluster_activities() -> tuple[CatalogueActivity, ...]:
    """What each cluster is expected to carry out in a term."""
    return tuple(
        _activity(row, row["responsible"]) for row in packaged_rows("allocation", "cluster_activities")
    )


@cache
def questionnaire() -> tuple[Question, ...]:
    """The questionnaire to member cities, in its order."""
    return tuple(
        Question(int(row["item"]), _texts(row, "text"))
        for row in packaged_rows("allocation", "questionnaire")
    )


def editions() -> tuple[str, ...]:
    """The codes of all editions, oldest first."""
    return tuple(_editions())


def edition(code: str) -> Edition:
    """The edition of that code; `BadInput` when there is none."""
    try:
        return _editions()[code]
    except KeyError:
        known = " or ".join(editions())
        raise BadInput(
            "programme-edition-unknown",
            "There is no programme edition {code!r}; use {known}.",
            code=code,
            known=known,
        ) from None


@cache
def clusters(edition_code: str) -> tuple[Cluster, ...]:
    """The clusters of an edition, in its document's order; `BadInput` for an unknown edition."""
    wanted = edition(edition_code).code
    return tuple(_cluster(row) for row in packaged_rows("allocation", "clusters") if row["edition"] == wanted)


@cache
def programme_activities(edition_code: str) -> tuple[ProgrammeActivity, ...]:
    """All activities of an edition: the pooled fund's, then those of each cluster.

    Raises `BadInput` for an unknown edition.
    """
    wanted = edition(edition_code)
    pooled = (_offered(each, "", wanted.network_cities, wanted.source) for each in mdfm_activities())
    of_clusters = (
        _offered(each, cluster.code, cluster.demand, cluster.source)
        for cluster in clusters(wanted.code)
        for each in cluster_activities()
    )
    return (*pooled, *of_clusters)


@cache
def _editions() -> Mapping[str, Edition]:
    return {
        row["edition"]: Edition(
            row["edition"], int(row["network_cities"]), int(row["network_countries"]), row["source"]
        )
        for row in packaged_rows("allocation", "editions")
    }


def _texts(row: Mapping[str, str], field: str = "title") -> Translations:
    found = {language: row.get(f"{field}_{language}", "") for language in LANGUAGES}
    return {language: text for language, text in found.items() if text}


def _activity(row: Mapping[str, str], responsible: str) -> CatalogueActivity:
    return CatalogueActivity(
        code=row["code"],
        work_area=int(row["work_area"]),
        responsible=responsible,
        unit_cents=int(row["unit_usd"]) * 100,
        units=int(row["units"]),
        titles=_texts(row),
        indicators={each: int(row[each]) for each in INDICATORS if row.get(each)},
    )


def _cluster(row: Mapping[str, str]) -> Cluster:
    return Cluster(
        code=row["code"],
        edition=row["edition"],
        titles=_texts(row),
        demand=int(row["demand"]),
        note=row["note"],
        source=row["source"],
    )


def _offered(activity: CatalogueActivity, cluster: str, demand: int, source: str) -> ProgrammeActivity:
    return ProgrammeActivity(
        code=f"{cluster or POOLED_FUND}-{activity.code}",
        catalogue_code=activity.code,
        work_area=activity.work_area,
        cluster=cluster,
        unit_cents=activity.unit_cents,
        units=activity.units,
        titles=activity.titles,
        demand=demand,
        demand_source=source,
        indicators=activity.indicators,
    )
