"""The differences of two scenarios, and the intermediate scenarios with only some of them.

A *change* is one setting that differs: a rule, a weight, a name on a list, the money that counts. Titles and
reasons, which only people read, are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import BaseModel

from allocation.scenario.scenario import Scenario
from ledger import canonical_json, usd

SettingPath = tuple[str, ...]

_NAMES = frozenset({("id",), ("title",)})
_SHARES = frozenset({"share", "reserve", "give_up", "pledge_probability", "probability"})
_AMOUNTS = frozenset({"amount", "cover"})


class ScenarioChange(NamedTuple):
    """One setting that differs between two scenarios, as text."""

    id: str
    """Its place in the file, such as `floors africa` or `weights work_areas 2`."""
    before: str
    """Its value in the first scenario; empty if it has none."""
    after: str
    """Its value in the second scenario; empty if it has none."""


@dataclass(frozen=True)
class ScenarioDiff:
    """Two scenarios, what differs, and the intermediate scenarios."""

    before: Scenario
    after: Scenario

    @cached_property
    def paths(self) -> tuple[SettingPath, ...]:
        """The path of each change, in the order of the scenario's keys."""
        old, new = _settings(self.before), _settings(self.after)
        keys = list(type(self.before).model_fields)
        changed = (name for name in {**old, **new} if old.get(name) != new.get(name))
        return tuple(
            sorted(changed, key=lambda name: keys.index(_key_of(name, new.get(name, old.get(name)))))
        )

    @cached_property
    def changes(self) -> tuple[ScenarioChange, ...]:
        """The changes, in the same order."""
        old, new = _settings(self.before), _settings(self.after)
        return tuple(_change(name, old.get(name), new.get(name)) for name in self.paths)

    def with_changes(self, made: frozenset[int]) -> Scenario:
        """The first scenario with only these changes (by index) made to it."""
        settings, new = _settings(self.before), _settings(self.after)
        for place in made:
            settings.pop(self.paths[place], None)
            if self.paths[place] in new:
                settings[self.paths[place]] = new[self.paths[place]]
        return _scenario(self.before, settings)


class _Entry(NamedTuple):
    """An entry of a list in a scenario: the list's name, and the entry."""

    of: str
    value: object


def _settings(scenario: Scenario) -> dict[SettingPath, object]:
    """All settings of a scenario by path, in the order of its keys.

    The path of an entry with an id is the id, whichever list it is in.
    """
    return {path: setting for path, setting in _settings_in((), scenario) if path not in _NAMES}


def _key_of(path: SettingPath, setting: object) -> str:
    return setting.of if isinstance(setting, _Entry) else path[0]


def _settings_in(name: SettingPath, part: BaseModel) -> Iterator[tuple[SettingPath, object]]:
    for key, field in type(part).model_fields.items():
        value = getattr(part, key)
        match field.default:
            case BaseModel():
                yield from _settings_in((*name, key), value)
            case dict():
                yield from (((*name, key, entry), setting) for entry, setting in value.items())
            case tuple():
                yield from (
                    (_entry_name((*name, key), each), _Entry(key, each)) for each in map(_entry, value)
                )
            case _:
                yield (*name, key), value.model_dump() if isinstance(value, BaseModel) else value


def _entry(value: object) -> object:
    return value.model_dump(exclude={"reason"}) if isinstance(value, BaseModel) else value


def _entry_name(name: SettingPath, entry: object) -> SettingPath:
    if isinstance(entry, dict):
        return ("", entry["id"]) if "id" in entry else (*name, canonical_json(entry))
    return (*name, str(entry))


def _scenario(like: Scenario, settings: Mapping[SettingPath, object]) -> Scenario:
    """The scenario with these settings; pydantic's ValidationError if they contradict each other."""
    fields: dict[str, Any] = {key: getattr(like, key) for (key,) in _NAMES}
    for name, value in settings.items():
        if isinstance(value, _Entry):
            fields.setdefault(value.of, []).append(value.value)
            continue
        place = fields
        for part in name[:-1]:
            place = place.setdefault(part, {})
        place[name[-1]] = value
    return Scenario.model_validate(fields)


def _change(name: SettingPath, old: object, new: object) -> ScenarioChange:
    """A change as text; of two entries only the keys that differ."""
    if not (isinstance(old, _Entry) or isinstance(new, _Entry)):
        words = ["" if setting is None else _as_text(name[0], setting) for setting in (old, new)]
        return ScenarioChange(" ".join(name), *words)
    lists = [entry.of for entry in (old, new) if isinstance(entry, _Entry)]
    words = [_entry_as_text(one, other) for one, other in ((old, new), (new, old))]
    if lists[0] != lists[-1]:
        words = [f"{entry_of}: {text}" for entry_of, text in zip(lists, words, strict=True)]
    return ScenarioChange(f"{lists[-1]} {name[-1]}", *words)


def _entry_as_text(entry: object, other: object) -> str:
    if not isinstance(entry, _Entry):
        return ""
    if not isinstance(entry.value, dict):
        return "yes"
    others = other.value if isinstance(other, _Entry) and isinstance(other.value, dict) else {}
    fields = {key: part for key, part in entry.value.items() if key != "id" and part != others.get(key)}
    return ", ".join(f"{key} {_as_text(key, part)}" for key, part in fields.items() if others or part)


def _as_text(key: str, value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_as_text(name, part)}" for name, part in value.items())
    if isinstance(value, int) and key in _SHARES:
        return f"{value // 100}.{value % 100:02d}".rstrip("0").rstrip(".") + "%"
    if isinstance(value, int) and key in _AMOUNTS:
        return usd(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
