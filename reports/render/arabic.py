"""Arabic script in papers of Latin script: its letters joined, and the order in which a line shows them.

Letters are joined in the order in which they are read, so that a text can be measured and wrapped; the order
of the eye is made line by line, when it is drawn. A passage of Arabic is ordered by the Unicode Bidirectional
Algorithm as an isolate: within it right to left, digits and brackets as they should be. Around it nothing
moves, so that no name can take a figure beside it to another place.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # both are loaded only where there is Arabic
    from arabic_reshaper import ArabicReshaper

_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")
_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
"""Format characters that part no letters; the joiners U+200C and U+200D are not among them."""
_PASSAGE = re.compile("r(?:n*r)*")
_LAM = {"isolated": "\ufedf", "final": "\ufee0"}
"""How lam is written before an alef, by the form that both take together."""
_ALEF = {"\u0622": "\ufe82", "\u0623": "\ufe84", "\u0625": "\ufe88", "\u0627": "\ufe8e"}
"""How each alef is written after a letter."""
_LAM_ALEF = re.compile(f"([{''.join(_LAM.values())}])([\u064b-\u065f\u0670]*)([{''.join(_ALEF.values())}])")
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("«", "»"), ("“", "”"))


def join_letters(text: str) -> str:
    """The text, in the order of reading, with every Arabic letter in its form between its neighbours."""
    if not _ARABIC.search(text):
        return text
    return _LAM_ALEF.sub(_together, _reshaper().reshape(_UNSEEN.sub("", text)))


def visual_order(line: str) -> str:
    """The characters of a joined line in the order in which they stand on it, from left to right."""
    if not _ARABIC.search(line):
        return line
    from bidi.algorithm import get_display  # noqa: PLC0415

    shown, done = [], 0
    for passage in _PASSAGE.finditer("".join(map(_kind, line))):
        start, end = _with_brackets(line, *passage.span())
        shown += [line[done:start], str(get_display(line[start:end], base_dir="R"))]
        done = end
    return "".join([*shown, line[done:]])


@cache
def _reshaper() -> ArabicReshaper:
    from arabic_reshaper import ArabicReshaper  # noqa: PLC0415

    # Vowel signs are part of a name. Of letters that become one it finds the wrong ones after a joiner.
    return ArabicReshaper({"delete_harakat": False, "support_ligatures": False})


def _together(found: re.Match[str]) -> str:
    """Lam and alef, which are one letter wherever they meet, and the vowel signs at them."""
    lam, signs, alef = found.groups()
    return _both()[lam, alef] + signs


@cache
def _both() -> dict[tuple[str, str], str]:
    """The letter of lam and alef, by the forms of the two: the forms that Unicode says it is made of."""
    found = {}
    for letter in map(chr, range(0xFEF5, 0xFEFD)):
        form, _, alef = unicodedata.decomposition(letter).split()
        found[_LAM[form.strip("<>")], _ALEF[chr(int(alef, 16))]] = letter
    return found


def _kind(char: str) -> str:
    """`r` for what is read from right to left, `l` from left to right, `n` as what stands around it."""
    direction = unicodedata.bidirectional(char)
    if direction in {"R", "AL", "AN"} or (direction == "NSM" and _ARABIC.match(char)):
        return "r"
    return "l" if direction == "L" else "n"


def _with_brackets(line: str, start: int, end: int) -> tuple[int, int]:
    """Where a passage begins and ends, with the other one of a bracket that stands within it."""
    for opening, closing in _BRACKETS:
        inside = line[start:end]
        if line[end : end + 1] == closing and inside.count(opening) > inside.count(closing):
            end += 1
        if line[max(start - 1, 0) : start] == opening and inside.count(closing) > inside.count(opening):
            start -= 1
    return start, end
