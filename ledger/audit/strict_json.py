"""Canonical JSON as an export has it, read without trust: one form for each value, whole numbers, limits."""

from __future__ import annotations

import json
from typing import Any

from ledger.entry.canonical import canonical_json
from ledger.money import LARGEST

LONGEST_LINE = 36 * 1024 * 1024
"""Bytes of a line of an export, its line feed included: some more than the largest evidence file in base64.

It limits the memory that a hostile file can take."""
DEEPEST = 32
"""How many arrays and objects may be nested in the payload of an event, the payload itself included."""


class Unlawful(Exception):
    """Why a text is not what a record of an export may be."""


def read_strictly(text: str) -> Any:
    """The value of canonical JSON; Unlawful for another form, a fraction, or a number beyond the limits."""
    try:
        value = _STRICT.decode(text)
        canonical = canonical_json(value)
    except (ValueError, RecursionError):
        raise Unlawful("not JSON") from None
    if canonical != text:
        raise Unlawful("not in canonical JSON")
    return value


def read_payload(text: str) -> dict[str, Any]:
    """The fields of an event; Unlawful for what is no object in canonical JSON, or is nested too deeply."""
    fields = read_strictly(text)
    if not isinstance(fields, dict):
        raise Unlawful("no object")
    if text.count("{") + text.count("[") > DEEPEST and _depth(fields) > DEEPEST:
        raise Unlawful(f"nested more than {DEEPEST} deep")
    return fields


def _depth(value: Any) -> int:
    depth, inside = 0, [value]
    while inside:
        depth += 1
        parts = [part for each in inside for part in (each.values() if isinstance(each, dict) else each)]
        inside = [part for part in parts if isinstance(part, dict | list)]
    return depth


def _whole(digits: str) -> int:
    if len(digits) > len(str(-LARGEST)) or not -LARGEST <= (number := int(digits)) <= LARGEST:
        raise Unlawful("a number is larger than a book can hold")
    return number


def _refuse_fraction(digits: str) -> None:
    raise Unlawful(f"{digits[:20]} is not a whole number")


_STRICT = json.JSONDecoder(parse_int=_whole, parse_float=_refuse_fraction, parse_constant=_refuse_fraction)
