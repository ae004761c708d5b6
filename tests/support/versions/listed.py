"""The list of every kind of event, its versions and their fields: what released programs have written.

`python -m tests.support.versions.listed` adds what is new to `tests/books/event_versions.txt`. It never
changes what the list says of a version that was released: books are full of such events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ledger import Event, Kinds
from mdfm.books import ALL_KINDS
from tests.support.place import ROOT

LIST = ROOT / "tests" / "books" / "event_versions.txt"
HEAD = """\
# Every kind of event, each version of it, and its fields: name, type, and ? where one may be missing.
# What stands here is in books: see "A change of an event" in CONTRIBUTING.md.
"""
_HEADING = re.compile(r"^(?P<kind>.+), version (?P<version>\d+)$")
_LIMITS = (
    "format",
    "pattern",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
)
_OPTIONAL = "?"

Fields = dict[str, str]
"""The types of fields by their names, `amount.minor` for one of a part; an optional one ends with `?`."""
Versions = dict[tuple[str, int], Fields]


def today(kinds: Kinds) -> Versions:
    """Each kind in the version of today."""
    return {(kind.event.kind, kind.event.version): fields_of(kind.event) for kind in kinds}


def fields_of(event: type[Event]) -> Fields:
    """The fields of an event and of its parts."""
    schema = event.model_json_schema()
    return dict(sorted(_fields(schema, schema.get("$defs", {}), "")))


def _fields(schema: dict[str, Any], parts: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    needed = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        mark = "" if name in needed else _OPTIONAL
        yield from _values(field, parts, before + name, mark)


def _values(field: dict[str, Any], parts: dict[str, Any], name: str, mark: str) -> Iterator[tuple[str, str]]:
    """The type of a field, and the fields of what is in it."""
    field = _resolved(field, parts)
    yield name, _type(field, parts) + mark
    for each in [_resolved(choice, parts) for choice in field.get("anyOf", [field])]:
        yield from _fields(each, parts, f"{name}.")
        for inside, suffix in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(each.get(inside), dict):
                yield from _values(each[inside], parts, name + suffix, "")


def _resolved(field: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in field:
        field = parts[field["$ref"].removeprefix("#/$defs/")]
    return field


def _type(field: dict[str, Any], parts: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(_resolved(each, parts), parts) for each in field["anyOf"])
    limits = [f"{name} {json.dumps(field[name])}" for name in _LIMITS if name in field]
    values = sorted(map(str, field.get("enum", [field["const"]] if "const" in field else [])))
    one_of = ["one of " + " | ".join(values)] if values else []
    return ", ".join([str(field.get("type", "anything")), *limits, *one_of])


def written(versions: Versions) -> str:
    """The text of a list."""
    blocks = [
        "\n".join([f"{kind}, version {version}", *(f"  {name}: {type_}" for name, type_ in fields.items())])
        for (kind, version), fields in sorted(versions.items())
    ]
    return "\n\n".join([HEAD.rstrip("\n"), *blocks]) + "\n"


def read(text: str) -> Versions:
    """The versions of a list."""
    versions: Versions = {}
    fields: Fields = {}
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            fields = versions.setdefault((heading["kind"], int(heading["version"])), {})
        elif line.startswith("  "):
            name, _, type_ = line.strip().partition(": ")
            fields[name] = type_
    return versions


def problems(listed: Versions, now: Versions) -> list[str]:
    """How today's events differ from what was released; a new optional field or version is no problem."""
    newest = dict(now.keys())
    return [
        f"'{kind}' version {version} {what}. Books have such events: make it version {version + 1}, and read "
        f"this one with an upcaster (see 'A change of an event' in CONTRIBUTING.md)"
        for (kind, version), fields in listed.items()
        if newest.get(kind, 0) <= version
        for what in _changes(fields, now.get((kind, version)))
    ]


def _changes(before: Fields, now: Fields | None) -> Iterator[str]:
    if now is None:
        yield "is gone"
        return
    for name in sorted(before.keys() | now.keys()):
        was, is_ = before.get(name), now.get(name)
        if is_ is None:
            yield f"has lost its field {name}"
        elif was is None:
            if _whole_of(name) in {"", *before} and not is_.endswith(_OPTIONAL):
                yield f"has a new field {name}, which is not optional"
        elif not _holds(is_, was):
            yield f"has another field {name}: it was `{was}`, and is `{is_}`"


def _whole_of(name: str) -> str:
    """The field of which this one is a part, or an empty text for a field of the event."""
    return re.sub(r"(^|\.)\w+$|\[\]$|\{\}$", "", name)


def _holds(now: str, before: str) -> bool:
    """Whether a field takes all that it took: it may become optional, and one of more values."""
    if now == before or now == before + _OPTIONAL:
        return True
    head, _, values = before.removesuffix(_OPTIONAL).partition("one of ")
    head_now, _, values_now = now.removesuffix(_OPTIONAL).partition("one of ")
    required_now = before.endswith(_OPTIONAL) and not now.endswith(_OPTIONAL)
    more = set(values.split(" | ")) <= set(values_now.split(" | "))
    return bool(values) and head == head_now and more and not required_now


def main() -> None:
    """Add what is new to the list."""
    listed, now = read(LIST.read_text("utf-8")) if LIST.exists() else {}, today(ALL_KINDS)
    if found := problems(listed, now):
        raise SystemExit("\n".join(found))
    LIST.write_text(written(listed | now), "utf-8")


if __name__ == "__main__":
    main()
