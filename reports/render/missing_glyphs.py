"""Missing glyphs: the characters in the texts of a report that its fonts cannot print.

They are printed as their Unicode numbers (`reports.render.typeface`), and a sentence in the report says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from reports.render.typeface import missing


def missing_glyphs(report: object) -> list[str]:
    """The characters in the texts of a report without a glyph, each once, in order of first appearance."""
    return missing("".join(dict.fromkeys(_texts(report))))


def _texts(value: object) -> Iterator[str]:
    """Every text in a dataclass, and in its fields."""
    if isinstance(value, str):
        if not value.isascii():
            yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
