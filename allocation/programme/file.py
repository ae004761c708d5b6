"""Programme files: a planner's own programme, as TOML or CSV.

Both have the same keys, one activity after another. A key with several values is a list or a table in TOML,
and a cell with semicolons in CSV: `Kisumu=60%; Lusaka=40%`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from allocation.engine.problem import BASIS_POINTS
from allocation.programme.activity import PlannedActivity, PlannedCity, joined, member
from allocation.programme.catalogue import work_areas
from allocation.programme.indicator import INDICATORS, Counts
from allocation.programme.programme import ProgrammeAdopted
from allocation.toml_values import Cents, basis_points, mistake, read_toml
from donors import (
    CODE_PATTERN,
    LANGUAGES,
    SOURCE_LANGUAGE,
    City,
    cities,
    country,
    country_name,
    unesco_region,
)
from ledger import BadInput, FileSource, first_problem, nearest, split

ALL_MEMBERS = "all members"
"""The word in a file for every member city that is known by name and has joined."""

_PLACE = re.compile(r"(?P<name>.+?)\s*\((?P<iso3>[A-Z]{3})(?:,\s*(?P<region>.+))?\)")
_YES = {"yes": True, "no": False}


def _listed(value: object) -> object:
    """The names in a cell as a list; other values unchanged."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return value


def _shared(value: object) -> object:
    """Names with their shares in basis points; 0 for each name without one."""
    if isinstance(value, Mapping):
        return {name: basis_points(share) for name, share in value.items()}
    parts = _listed(value)
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError("write names, or names with shares")
    found: dict[str, object] = {}
    for part in parts:
        name, equals, share = (text.strip() for text in part.partition("="))
        if name in found:
            raise ValueError(f"'{name}' stands there twice")
        found[name] = basis_points(share) if equals else 0
    return found


def _targets(value: object) -> object:
    """Indicators with the target of one unit; 0 if a cell gives none."""
    found = value if isinstance(value, Mapping) else dict(_with_targets(value))
    for name in found:
        if name not in INDICATORS:
            hint = nearest(str(name), INDICATORS) or f": use {', '.join(INDICATORS)}"
            raise ValueError(f"'{name}' is not an indicator{hint}")
    return found


def _with_targets(value: object) -> Iterator[tuple[str, object]]:
    parts = _listed(value)
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError("write indicators with their targets")
    named = [part.partition("=") for part in parts]
    for name, count in Counter(name.strip() for name, _, _ in named).items():
        if count > 1:
            raise ValueError(f"'{name}' stands there twice")
    for name, equals, target in named:
        yield name.strip(), _number(target.strip()) if equals else 0


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def _yes_or_no(value: object) -> object:
    return _YES.get(value.lower(), value) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(strict=False)]
Shares = Annotated[dict[str, int], BeforeValidator(_shared)]
Targets = Annotated[Counts, BeforeValidator(_targets)]
Number = Annotated[int, BeforeValidator(_number)]


class PlannedRow(BaseModel):
    """An activity in a planner's file; its keys are the fields of `PlannedActivity` in a planner's words.

    A file may also have `title_<language>` for every other language than that of `title`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    code: str = Field(pattern=CODE_PATTERN)
    title: str = Field(min_length=1)
    work_area: Number
    cluster: Shares = {}
    unit_cost: Cents
    units: Number = 1
    least: Number = 1
    scalable: Annotated[bool, BeforeValidator(_yes_or_no)] = False
    demand: Number
    cities: Shares = {}
    year: Number | None = None
    person_days: Number = 0
    requires: Names = ()
    excludes: Names = ()
    indicators: Targets = {}


_OTHER_TITLES: dict[str, Any] = {f"title_{each}": (str, "") for each in LANGUAGES if each != SOURCE_LANGUAGE}
_TranslatedRow = create_model("_TranslatedRow", __base__=PlannedRow, **_OTHER_TITLES)


def adopt_file(term: str, path: FileSource, on: date) -> ProgrammeAdopted:
    """Make the event that adopts a planner's own programme for a term.

    BadInput names the file, the row or activity, and the key that is wrong.
    """
    places = _Places(on)
    planned: list[PlannedActivity] = []
    rows = list(_rows(path))
    codes = {str(cells.get("code", "")) for _, cells in rows}
    for where, cells in rows:
        row = _row(cells, where)
        _require_listed(row, codes, where)
        planned.append(_planned(row, places, where))
    try:
        return ProgrammeAdopted(
            on=on,
            term=term,
            edition=path.name,
            cities=tuple(places.named[name] for name in sorted(places.named)),
            activities=tuple(planned),
        )
    except ValidationError as error:
        raise BadInput(
            "file-value-invalid",
            "{path}: {problem}.",
            path=path,
            problem=first_problem(error),
        ) from None


def _rows(path: FileSource) -> Iterator[tuple[str, dict[str, Any]]]:
    """The keys and values of each activity in the file, with a description of the place."""
    found = _csv_rows(path) if path.suffix.lower() == ".csv" else _toml_rows(path)
    empty = True
    for where, cells in found:
        empty = False
        yield where, cells
    if empty:
        raise BadInput(
            "programme-file-empty",
            "{path} has no activity: see docs/programme.md for what to write.",
            path=path,
        )


def _toml_rows(path: FileSource) -> Iterator[tuple[str, dict[str, Any]]]:
    content = read_toml(path, "programme")
    tables = content.pop("activities", [])
    for key in content:
        raise BadInput(
            "programme-file-unknown-key",
            "{path}: {key}: there is no such key{nearest}; write each activity under [[activities]].",
            path=path,
            key=key,
            nearest=nearest(key, ["activities"]),
        )
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadInput(
            "programme-activities-malformed",
            "{path}: activities: write each activity under [[activities]].",
            path=path,
        )
    for number, table in enumerate(tables, start=1):
        yield f"{path}, activity {number}", table


def _csv_rows(path: FileSource) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        reader = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True), strict=True)
        for cells in reader:
            where = f"{path}, row {reader.line_num}"
            if None in cells:
                raise BadInput(
                    "programme-row-too-wide",
                    "{where}: there are more cells than columns in the first row.",
                    where=where,
                )
            yield where, {key: cell for key, text in cells.items() if (cell := (text or "").strip())}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            "csv-file-unreadable",
            "{path} cannot be read as a UTF-8 CSV file: {why}.",
            path=path,
            why=error,
        ) from None


def _row(cells: Mapping[str, Any], where: str) -> PlannedRow:
    try:
        row = _TranslatedRow.model_validate(cells)
    except ValidationError as error:
        raise BadInput(
            "programme-row-malformed",
            "{where}, {mistake}",
            where=where,
            mistake=mistake(error, _TranslatedRow),
        ) from None
    areas = [area.code for area in work_areas()]
    if row.work_area not in areas:
        raise BadInput(
            "programme-work-area-unknown",
            "{where}, work_area: {work_area} is none of the strategy's: use one of {areas}.",
            where=where,
            work_area=row.work_area,
            areas=areas,
        )
    return row


def _require_listed(row: PlannedRow, codes: set[str], where: str) -> None:
    for key in ("requires", "excludes"):
        for other in getattr(row, key):
            if other not in codes:
                raise BadInput(
                    "programme-linked-activity-unknown",
                    "{where}, {key}: no activity here is '{other}'{nearest}.",
                    where=where,
                    key=key,
                    other=other,
                    nearest=nearest(other, codes),
                )


def _planned(row: PlannedRow, places: _Places, where: str) -> PlannedActivity:
    try:
        clusters = _parts(row.cluster)
        beneficiaries = places.of(row.cities)
        return PlannedActivity(
            code=row.code,
            work_area=row.work_area,
            cluster=min(clusters, key=lambda name: (-clusters[name], name), default=""),
            titles={language: getattr(row, f"title_{language}", "") or row.title for language in LANGUAGES},
            unit_cents=row.unit_cost,
            units=row.units,
            demand=row.demand,
            cities=tuple(beneficiaries),
            shares=tuple(beneficiaries.values()) if any(beneficiaries.values()) else (),
            clusters=clusters if len(clusters) > 1 else {},
            scalable=row.scalable,
            least=row.least,
            year=row.year,
            person_days=row.person_days,
            requires=row.requires,
            excludes=row.excludes,
            indicators=row.indicators,
        )
    except ValidationError as error:
        raise BadInput(
            "programme-row-invalid",
            "{where}, {problem}.",
            where=where,
            problem=first_problem(error),
        ) from None
    except BadInput as error:
        raise BadInput(
            "programme-row-error",
            "{where}, {why}",
            where=where,
            why=error,
        ) from None


def _parts(shares: Mapping[str, int]) -> dict[str, int]:
    """The clusters' shares; equal ones if none are given."""
    for name in shares:
        if not re.fullmatch(CODE_PATTERN, name):
            raise BadInput(
                "programme-cluster-code-invalid",
                "cluster: '{name}' is not a code.",
                name=name,
            )
    if any(shares.values()):
        return dict(shares)
    return split(BASIS_POINTS, dict.fromkeys(shares, 1)) if shares else {}


@dataclass
class _Places:
    """The cities and countries that a file names, as stored in the programme."""

    on: date
    named: dict[str, PlannedCity] = field(default_factory=dict)

    def of(self, shares: Mapping[str, int]) -> dict[str, int]:
        """The names of places as stored, with their shares; BadInput for an unknown place."""
        found: dict[str, int] = {}
        for text, share in shares.items():
            for place in self._places_named(text):
                if self.named.setdefault(place.name, place) != place:
                    raise BadInput(
                        "programme-place-ambiguous",
                        "cities: there are two places {name}: tell them apart in their names.",
                        name=place.name,
                    )
                if place.name in found:
                    raise BadInput(
                        "programme-city-twice",
                        "cities: '{name}' stands there twice.",
                        name=place.name,
                    )
                found[place.name] = share
        return found

    @cached_property
    def _members(self) -> dict[str, City]:
        return {each.name: each for each in cities()}

    @cached_property
    def _joined(self) -> list[PlannedCity]:
        return [member(each) for each in joined(self.on)]

    def _places_named(self, text: str) -> Iterable[PlannedCity]:
        if text == ALL_MEMBERS:
            return self._joined
        if text in self._members:
            return [member(self._members[text])]
        if re.fullmatch("[A-Z]{3}", text):
            return [_place(country_name(_iso3(text), SOURCE_LANGUAGE), text, "")]
        if written := _PLACE.fullmatch(text):
            return [_place(written["name"], _iso3(written["iso3"]), written["region"] or "")]
        raise BadInput(
            "programme-city-unknown",
            "cities: '{text}' is not a member city known by name{nearest}: write another city with its "
            "country, as 'Juba (SSD, Africa)', and a whole country as 'UGA'.",
            text=text,
            nearest=nearest(text, self._members),
        )


def _iso3(text: str) -> str:
    try:
        return country(text).iso3
    except BadInput as error:
        raise BadInput(
            "programme-country-unknown",
            "cities: {why}",
            why=error,
        ) from None


def _place(name: str, iso3: str, region: str) -> PlannedCity:
    regions = {city.unesco_region for city in cities()} - {""}
    if region and region not in regions:
        meant = nearest(region, regions)
        raise BadInput(
            "programme-region-unknown",
            "cities: '{region}' is not a UNESCO region{nearest}{others}.",
            region=region,
            nearest=meant,
            others="" if meant else f": use {', '.join(sorted(regions))}",
        )
    try:
        return PlannedCity(name=name, country=iso3, region=region or unesco_region(country(iso3)))
    except BadInput:
        raise BadInput(
            "programme-city-region-missing",
            "cities: no member city tells the UNESCO region of {iso3}: state it, as '{name} ({iso3}, "
            "Africa)'.",
            iso3=iso3,
            name=name,
        ) from None
