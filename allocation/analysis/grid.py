"""Grids: many scenarios made from one by varying some of its settings."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from pydantic import ValidationError

from allocation.scenario.scenario import Scenario
from allocation.toml_values import mistake
from ledger import BadInput, nearest

SCENARIOS_MAX = 100_000
_ID_LONGEST = 40


@dataclass(frozen=True)
class Variation:
    """A scenario of a grid, with its varied settings."""

    scenario: Scenario
    varied: Mapping[str, str]
    """The varied settings by place, such as `floors.africa.share`, with the values as written."""


def read_settings(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read settings such as `floors.africa.share=40%,45%`; BadInput for one that cannot be read."""
    settings: dict[str, tuple[str, ...]] = {}
    for text in texts:
        place, found, values = text.partition("=")
        choices = tuple(value.strip() for value in values.split(","))
        if not found or not place.strip() or not all(choices):
            raise BadInput(
                "grid-setting-malformed",
                "'{text}' is not PLACE=VALUE,VALUE: write it like floors.africa.share=40%,45%.",
                text=text,
            )
        if place.strip() in settings:
            raise BadInput(
                "grid-place-varied-twice",
                "{place} is varied twice: give all its values at once.",
                place=place.strip(),
            )
        settings[place.strip()] = choices
    return settings


def vary(base: Scenario, settings: Mapping[str, Sequence[str]]) -> tuple[Variation, ...]:
    """Every combination of the settings' values in a scenario; without settings, the scenario itself.

    A place names a key of the scenario file: `reserve`, `weights.clusters.INC`, or with a rule's id
    `floors.africa.share`. Each has an id made of the base's and the values, so that the same combination has
    the same id in a larger grid. Raises BadInput for a place or value that the scenario cannot have, or for
    a grid that is too large.
    """
    if not settings:
        return (Variation(base, {}),)
    if (size := prod(len(values) for values in settings.values())) > SCENARIOS_MAX:
        raise BadInput(
            "grid-too-large",
            "That is a grid of {size:,} scenarios, and {scenarios_max:,} are the most: vary less.",
            size=size,
            scenarios_max=SCENARIOS_MAX,
        )
    combinations = [dict(zip(settings, values, strict=True)) for values in product(*settings.values())]
    ids = _ids(base.id, combinations)
    return tuple(
        Variation(_with(base, {"id": id, **varied}), varied)
        for id, varied in zip(ids, combinations, strict=True)
    )


def _ids(base: str, combinations: Sequence[Mapping[str, str]]) -> list[str]:
    """Ids made of the values if these are short enough and distinct, else of a hash."""
    readable = ["_".join([base, *map(_plain, varied.values())]) for varied in combinations]
    often = Counter(readable)
    return [
        id if often[id] == 1 and len(id) <= _ID_LONGEST else f"{base[:31]}-{_digest(varied)}"
        for id, varied in zip(readable, combinations, strict=True)
    ]


def _plain(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "", value)


def _digest(varied: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(varied.items())).encode()).hexdigest()[:8]


def _with(base: Scenario, varied: Mapping[str, str]) -> Scenario:
    scenario = base
    for place, text in varied.items():
        scenario = _changed(scenario, place, text)
    return scenario


def _changed(scenario: Scenario, place: str, text: str) -> Scenario:
    """The scenario with one setting changed, to a text or, where no text is allowed, to a TOML value."""
    try:
        return _put(scenario, place, text)
    except ValidationError as error:
        refusal = error
    if any(problem["type"].endswith("_type") for problem in refusal.errors()):
        try:
            return _put(scenario, place, tomllib.loads(f"value = {text}")["value"])
        except tomllib.TOMLDecodeError:
            pass
        except ValidationError as error:
            refusal = error
    raise BadInput(
        "grid-setting-invalid",
        "The setting {place}={text} cannot be: {mistake}",
        place=place,
        text=text,
        mistake=mistake(refusal, Scenario),
    )


def _put(scenario: Scenario, place: str, value: object) -> Scenario:
    fields = scenario.model_dump()
    node, key = _find(fields, place)
    node[key] = value
    return Scenario.model_validate(fields)


def _find(node: dict[str, Any], place: str) -> tuple[dict[str, Any], str]:
    """The table at a place, and the key in it; codes and ids may contain dots."""
    head, _, rest = place.partition(".")
    child = node.get(head)
    if rest and isinstance(child, dict):
        return _find(child, rest)
    if rest and isinstance(child, tuple):
        id, _, key = rest.rpartition(".")
        rules = {rule["id"]: rule for rule in child}
        if id not in rules:
            meant = nearest(id, rules)
            raise BadInput(
                "grid-unknown-id",
                "The scenario has no '{id}' among its {head}{nearest}{others}.",
                id=id,
                head=head,
                nearest=meant,
                others=f": it has {', '.join(rules)}" if rules and not meant else "",
            )
        return rules[id], key
    return node, place
