"""Geography: countries, member cities, and the dated lists of low-income and least developed countries.

Three markers are separate, because the source documents disagree on them: Africa, low-income (`LIC`, the
World Bank's fiscal years) and least developed (`LDC`, the United Nations' list). *Africa* has two
definitions, and a scenario names one: UNESCO's region assigns Egypt and Morocco to the Arab States, while the
continent of the M49 standard includes them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, assert_never

from babel import Locale, UnknownLocaleError

from donors.languages import LANGUAGES
from ledger import BadInput, nearest, packaged_rows

ListName = Literal["LDC", "LIC"]
AfricaDefinition = Literal["unesco", "m49"]
AFRICA = "Africa"
"""The name of the region in both definitions."""


@dataclass(frozen=True)
class Country:
    """A country or territory with a code of its own."""

    iso3: str
    iso2: str
    m49: str
    """Three digits, as text because of leading zeros."""
    m49_region: str
    """The continent; empty for Antarctica."""
    m49_subregion: str
    m49_intermediate: str
    currencies: tuple[str, ...]
    """Several if more than one is in use, none if the territory has none of its own."""


@dataclass(frozen=True)
class City:
    """A member of the network: a city, but also a county, a commune or a consortium."""

    name: str
    iso3: str
    unesco_region: str
    """Empty if the source does not state it; `unesco_region()` then derives it from the country."""
    joined_by: int
    """The year by which it was a member."""
    source: str


@dataclass(frozen=True)
class ListStatus:
    """A row of the dated lists: a country is on a list from the first day to the last, inclusive."""

    iso3: str
    list_name: str
    valid_from: date
    valid_to: date
    recorded_at: date
    source: str
    note: str


def country(iso3: str) -> Country:
    """The country with this ISO 3166-1 alpha-3 code; `BadInput` if there is none."""
    try:
        return _countries()[iso3]
    except KeyError:
        raise BadInput(
            "country-unknown",
            "There is no country {iso3!r}{nearest}; use an ISO 3166-1 code of three letters, as KEN.",
            iso3=iso3,
            nearest=nearest(iso3, _countries(), 0.9),
        ) from None


def country_name(iso3: str, language: str) -> str:
    """The country's name in a language of CLDR (`en`, `fr`, `es`, ...); `BadInput` if either is unknown."""
    iso2 = country(iso3).iso2
    try:
        name: str = Locale.parse(language).territories[iso2]
    except (UnknownLocaleError, ValueError, KeyError):
        raise BadInput(
            "country-names-language-unknown",
            "There are no country names in the language {language!r}; use one of {languages}.",
            language=language,
            languages=", ".join(LANGUAGES),
        ) from None
    return name


@cache
def cities() -> tuple[City, ...]:
    """The member cities known by name, a part of the network, each with its source."""
    return tuple(
        City(row["name"], row["iso3"], row["unesco_region"], int(row["joined_by"]), row["source"])
        for row in packaged_rows("donors", "cities")
    )


def folded(name: str) -> str:
    """A name in lower case without accents and surplus blanks, for comparison."""
    letters = unicodedata.normalize("NFKD", name)
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).casefold().split())


def member_city(name: str, iso3: str) -> City | None:
    """The member city with this name and country, or None: only a part of the members is known by name."""
    return _by_name().get((folded(name), iso3))


@cache
def _by_name() -> dict[tuple[str, str], City]:
    return {(folded(city.name), city.iso3): city for city in cities()}


@cache
def list_statuses() -> tuple[ListStatus, ...]:
    """Every row of the dated lists, superseded ones included."""
    return tuple(
        ListStatus(
            iso3=row["iso3"],
            list_name=row["list"],
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max,
            recorded_at=date.fromisoformat(row["recorded_at"]),
            source=row["source"],
            note=row["note"],
        )
        for row in packaged_rows("donors", "country_status")
    )


def in_force(
    recorded: Iterable[ListStatus], on: date, known_on: date | None = None
) -> tuple[ListStatus, ...]:
    """The statuses that apply on a day, first and last day included, as known on another.

    Of rows with the same country, list and first day the one recorded last counts, so that a correction
    replaces the older row from the day it was recorded. Without `known_on` all rows are known.
    """
    newest: dict[tuple[str, str, date], ListStatus] = {}
    for status in sorted(recorded, key=lambda status: status.recorded_at):
        if known_on is None or status.recorded_at <= known_on:
            newest[status.iso3, status.list_name, status.valid_from] = status
    return tuple(status for status in newest.values() if status.valid_from <= on <= status.valid_to)


@cache
def listed(list_name: ListName, on: date, known_on: date | None = None) -> frozenset[str]:
    """The countries (ISO 3166-1 alpha-3) on a list on a day, as known on another.

    `BadInput` if the list is empty, because it is then missing for that day or not yet known, and a plan
    would be solved as if no country were poor.
    """
    of_list = (status for status in list_statuses() if status.list_name == list_name)
    members = frozenset(status.iso3 for status in in_force(of_list, on, known_on))
    if not members:
        known = f" as known on {known_on}" if known_on else ""
        raise BadInput(
            "country-list-missing",
            "There is no {list_name} list for {on}{known}; choose a day that a recorded list covers.",
            list_name=list_name,
            on=on,
            known=known,
        )
    return members


def is_listed(iso3: str, list_name: ListName, on: date, known_on: date | None = None) -> bool:
    """Whether a country is on a list on a day, as known on another.

    Raises `BadInput` for an unknown country, and for a day that the list does not cover (see `listed`).
    """
    return country(iso3).iso3 in listed(list_name, on, known_on)


def unesco_region(place: City | Country) -> str:
    """The UNESCO region of a city or country.

    No standard assigns every country to a UNESCO region; the regions are known from the records of cities. A
    country, or a city without a region, has the region of the country's cities if those that have one agree;
    `BadInput` if none has one or they differ.
    """
    if isinstance(place, City) and place.unesco_region:
        return place.unesco_region
    regions = _regions_of_cities(place.iso3)
    if len(regions) != 1:
        found = f"records differ ({', '.join(sorted(regions))})" if regions else "no record states it"
        raise BadInput(
            "unesco-region-unknown",
            "The UNESCO region of {iso3} is not known because {found}; state it on a city of that "
            "country, or use the m49 definition.",
            iso3=place.iso3,
            found=found,
        )
    return next(iter(regions))


def stated_region(place: City | Country) -> str:
    """The UNESCO region of a city or country; empty if it is not known, so that it counts for none."""
    try:
        return unesco_region(place)
    except BadInput:
        return ""


def in_africa(place: City | Country, definition: AfricaDefinition) -> bool:
    """Whether a city or country is in Africa, by UNESCO's regions or by the continents of M49.

    `BadInput` under `unesco` if the region of the place is not known (see `unesco_region`), and under `m49`
    for an unknown country.
    """
    match definition:
        case "unesco":
            return unesco_region(place) == AFRICA
        case "m49":
            return country(place.iso3).m49_region == AFRICA
        case _:
            assert_never(definition)


@cache
def _countries() -> dict[str, Country]:
    return {
        row["iso3"]: Country(
            iso3=row["iso3"],
            iso2=row["iso2"],
            m49=row["m49"],
            m49_region=row["m49_region"],
            m49_subregion=row["m49_subregion"],
            m49_intermediate=row["m49_intermediate"],
            currencies=tuple(row["currency"].split(",")) if row["currency"] else (),
        )
        for row in packaged_rows("donors", "countries")
    }


def _regions_of_cities(iso3: str) -> frozenset[str]:
    code = country(iso3).iso3
    return frozenset(city.unesco_region for city in cities() if city.iso3 == code and city.unesco_region)
