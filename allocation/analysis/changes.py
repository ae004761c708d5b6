"""What sets two scenarios apart: their changes, and the scenarios in between in which only some are made.

A *change* is one thing that the second scenario value otherwise: a rule, a weight, a name on a list, the
money that counts. What only people read (titles, reasons) is none.
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
    """One thing that two scenarios say differently, in words."""

    id: str
    """Where it stands in the file, such as `floors africa` or `weights work_areas 2`."""
    before: str
    """What the first scenario value; empty where it value nothing."""
    after: str


@dataclass(frozen=True)
class ScenarioDiff:
    """Two scenarios, and the scenarios in between."""

    before: Scenario
    after: Scenario

    @cached_property
    def names(self) -> tuple[SettingPath, ...]:
        """Where each change stands, in the order of the scenario's keys."""
        old, new = _settings(self.before), _settings(self.after)
        keys = list(type(self.before).model_fields)
        changed = (name for name in {**old, **new} if old.get(name) != new.get(name))
        return tuple(
            sorted(changed, key=lambda name: keys.index(_key_of(name, new.get(name, old.get(name)))))
        )

    @cached_property
    def changes(self) -> tuple[ScenarioChange, ...]:
        """What is settings differently, in the same order."""
        old, new = _settings(self.before), _settings(self.after)
        return tuple(_change(name, old.get(name), new.get(name)) for name in self.names)

    def with_changes(self, made: frozenset[int]) -> Scenario:
        """The first scenario with only these changes made to it."""
        settings, new = _settings(self.before), _settings(self.after)
        for place in made:
            settings.pop(self.names[place], None)
            if self.names[place] in new:
                settings[self.names[place]] = new[self.names[place]]
        return _scenario(self.before, settings)


class _Entry(NamedTuple):
    """An entry of a list in a scenario: the list's name, and what the entry value."""

    of: str
    value: object


def _settings(scenario: Scenario) -> dict[SettingPath, object]:
    """All that a scenario value, by name, in the order of its keys.

    An entry with an id has it as its name, whichever list it stands in.
    """
    return {name: settings for name, settings in _settings_in((), scenario) if name not in _NAMES}


def _key_of(name: SettingPath, settings: object) -> str:
    return settings.of if isinstance(settings, _Entry) else name[0]


def _settings_in(name: SettingPath, part: BaseModel) -> Iterator[tuple[SettingPath, object]]:
    for key, field in type(part).model_fields.items():
        value = getattr(part, key)
        match field.default:
            case BaseModel():
                yield from _settings_in((*name, key), value)
            case dict():
                yield from (((*name, key, entry), settings) for entry, settings in value.items())
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
    """The scenario that value so; pydantic's ValidationError where that contradicts itself."""
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
    """A change in words; of two entries, only what is not the same in both."""
    if not (isinstance(old, _Entry) or isinstance(new, _Entry)):
        words = ["" if settings is None else _in_words(name[0], settings) for settings in (old, new)]
        return ScenarioChange(" ".join(name), *words)
    lists = [entry.of for entry in (old, new) if isinstance(entry, _Entry)]
    words = [_entry_in_words(one, other) for one, other in ((old, new), (new, old))]
    if lists[0] != lists[-1]:
        words = [f"{entry_of}: {settings}" for entry_of, settings in zip(lists, words, strict=True)]
    return ScenarioChange(f"{lists[-1]} {name[-1]}", *words)


def _entry_in_words(entry: object, other: object) -> str:
    if not isinstance(entry, _Entry):
        return ""
    if not isinstance(entry.value, dict):
        return "yes"
    others = other.value if isinstance(other, _Entry) and isinstance(other.value, dict) else {}
    fields = {key: part for key, part in entry.value.items() if key != "id" and part != others.get(key)}
    return ", ".join(f"{key} {_in_words(key, part)}" for key, part in fields.items() if others or part)


def _in_words(key: str, value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(name, part)}" for name, part in value.items())
    if isinstance(value, int) and key in _SHARES:
        return f"{value // 100}.{value % 100:02d}".rstrip("0").rstrip(".") + "%"
    if isinstance(value, int) and key in _AMOUNTS:
        return usd(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
