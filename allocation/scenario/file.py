"""Scenario files: reads a scenario from TOML, whole or as changes to another scenario (`based_on`).

The result is always a complete scenario, so a plan that holds it needs no other file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from allocation.scenario.rules.registry import RULE_TABLES
from allocation.scenario.scenario import Scenario
from allocation.toml_values import mistake, read_toml
from ledger import BadInput, Document, FileSource, nearest


def read_scenario(path: FileSource, beside: Sequence[Document] = ()) -> Scenario:
    """Read a scenario file; BadInput names the file, the field and what to do.

    `based_on` names another scenario file in the same folder; the keys of this one override its keys. Of a
    document, the files that it names are in `beside`.
    """
    return _checked(_whole(_File(path, beside), ()), path)


@dataclass(frozen=True)
class _File:
    """A file of a scenario, and the documents beside it where it is one."""

    source: FileSource
    documents: Sequence[Document]

    def __str__(self) -> str:
        return str(self.source)

    @property
    def place(self) -> Path:
        """What is the same for two names of one file."""
        return Path(os.path.realpath(self.source) if isinstance(self.source, Path) else self.source.name)

    def beside(self, name: str) -> _File:
        """The file that this one names."""
        if isinstance(self.source, Path):
            return _File(self.source.parent / name, ())
        for each in self.documents:
            if each.name == name:
                return _File(each, self.documents)
        raise BadInput(
            "scenario-base-file-missing",
            "{path} needs the file {name}: give it, too.",
            path=self,
            name=name,
        )


def _checked(tables: Mapping[str, Any], path: FileSource) -> Scenario:
    try:
        return Scenario.model_validate(tables)
    except ValidationError as error:
        raise BadInput(
            "scenario-file-invalid",
            "{path}: {mistake}",
            path=path,
            mistake=mistake(error, Scenario),
        ) from None


def _whole(path: _File, above: tuple[Path, ...]) -> dict[str, Any]:
    """The tables of a file merged onto those of its base; `above` are the files based on this one."""
    place = path.place
    if place in above:
        circle = " is based on ".join(each.name for each in (*above[above.index(place) :], place))
        raise BadInput(
            "scenario-files-circular",
            "Scenario files go in a circle: {circle}.",
            circle=circle,
        )
    tables = read_toml(path.source, "scenario")
    based_on, removed = tables.pop("based_on", None), tables.pop("remove", [])
    _read_earlier_plan(tables, path)
    if based_on is None:
        if removed:
            raise BadInput(
                "scenario-remove-without-base",
                "{path}: remove: there is nothing to remove rules from without based_on.",
                path=path,
            )
        return tables
    if not isinstance(based_on, str):
        raise BadInput(
            "scenario-based-on-malformed",
            "{path}: based_on: write the name of a scenario file in quotation marks.",
            path=path,
        )
    if "id" not in tables:
        raise BadInput(
            "scenario-without-own-id",
            "{path}: id: give it a name of its own, other than that of {based_on}.",
            path=path,
            based_on=based_on,
        )
    below = path.beside(based_on)
    base = _whole(below, (*above, place))
    _checked(base, below.source)
    return _merged(_without(base, removed, path), tables)


def _read_earlier_plan(tables: Mapping[str, Any], path: _File) -> None:
    """Replace the file name of an earlier plan by the units that the plan funds."""
    tiers = tables.get("tiers")
    if isinstance(tiers, dict) and isinstance(tiers.get("stability"), str):
        tiers["stability"] = _units_of(path.beside(tiers["stability"]), path)


def _units_of(plan: _File, path: _File) -> dict[str, int]:
    try:
        awards = json.loads(plan.source.read_bytes())["awards"]
        return {str(award["activity"]): int(award["units"]) for award in awards}
    except OSError as error:
        raise BadInput(
            "stability-plan-unreadable",
            "{path}: tiers.stability: the plan {plan} cannot be read: {why}.",
            path=path,
            plan=plan,
            why=error.strerror,
        ) from None
    except (ValueError, TypeError, KeyError):
        raise BadInput(
            "stability-plan-invalid",
            "{path}: tiers.stability: {plan} is not a plan.",
            path=path,
            plan=plan,
        ) from None


def _without(base: dict[str, Any], removed: object, path: _File) -> dict[str, Any]:
    ids = {rule["id"] for name in RULE_TABLES for rule in base.get(name, [])}
    if not isinstance(removed, list) or not all(isinstance(name, str) for name in removed):
        raise BadInput(
            "scenario-remove-malformed",
            '{path}: remove: write a list of the ids of rules, as ["africa"].',
            path=path,
        )
    for name in removed:
        if name not in ids:
            raise BadInput(
                "scenario-remove-unknown-rule",
                "{path}: remove: no rule of the scenario below has the id '{name}'{nearest}.",
                path=path,
                name=name,
                nearest=nearest(name, ids),
            )
    kept = {
        name: [rule for rule in base[name] if rule["id"] not in removed]
        for name in RULE_TABLES
        if name in base
    }
    return base | kept


def _merged(base: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    """Merge tables key by key and rules by id; replace everything else, such as an earlier plan's units."""
    whole = dict(base)
    for name, value in tables.items():
        below = base.get(name)
        if isinstance(below, dict) and isinstance(value, dict) and name != "stability":
            whole[name] = _merged(below, value)
        elif name in RULE_TABLES and isinstance(below, list) and isinstance(value, list):
            whole[name] = list(_merged_rules(below, value))
        else:
            whole[name] = value
    return whole


def _merged_rules(base: list[Any], tables: list[Any]) -> list[Any]:
    """Rules that are in both are changed in place; new ones follow."""
    changes = {str(rule.get("id")): rule for rule in tables if isinstance(rule, dict)}
    if len(changes) < len(tables):
        return [*base, *tables]  # validation refuses a missing or repeated id
    changed = [_changed(rule, changes.pop(rule["id"], {})) for rule in base]
    return [*changed, *changes.values()]


def _changed(rule: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """A rule with changes; a share replaces an amount, and the reverse."""
    measures = {"share", "amount"}
    replaced = measures if measures & change.keys() else set()
    return _merged({key: value for key, value in rule.items() if key not in replaced}, change)
