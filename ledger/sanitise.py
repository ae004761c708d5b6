"""Sanitised text: what other programs read from our files, without characters that steer or break them."""

from __future__ import annotations

import unicodedata

_NO_XML = frozenset("\ufffe\uffff")


def sanitise(text: str) -> str:
    """The text with a space for every control, format and surrogate character; newlines stay.

    Such characters can reverse or hide what a reader sees, and some are not allowed in XML.
    """
    return "".join(" " if _harms(char) else char for char in text)


def _harms(char: str) -> bool:
    return char != "\n" and (unicodedata.category(char) in {"Cc", "Cf", "Cs"} or char in _NO_XML)
