"""Arabic script in reports of Latin script: joining of letters, and their visual order on a line.

Letters are joined in reading order, so that a text can be measured and wrapped; the visual order is made line
by line, when a line is drawn. A passage of Arabic is ordered by the Unicode Bidirectional Algorithm as an
isolate: right to left, with digits and brackets in place. The text around it does not move, so no name can
displace a figure beside it.
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
"""Format characters that do not separate letters; the joiners U+200C and U+200D are not among them."""
_PASSAGE = re.compile("r(?:n*r)*")
_LAM = {"isolated": "\ufedf", "final": "\ufee0"}
"""Forms of lam before an alef, by the form of their ligature."""
_ALEF = {"\u0622": "\ufe82", "\u0623": "\ufe84", "\u0625": "\ufe88", "\u0627": "\ufe8e"}
"""The final form of each alef."""
_LAM_ALEF = re.compile(f"([{''.join(_LAM.values())}])([\u064b-\u065f\u0670]*)([{''.join(_ALEF.values())}])")
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("«", "»"), ("“", "”"))


def join_letters(text: str) -> str:
    """The text in reading order, with every Arabic letter in its joined form."""
    if not _ARABIC.search(text):
        return text
    return _LAM_ALEF.sub(_together, _reshaper().reshape(_UNSEEN.sub("", text)))


def visual_order(line: str) -> str:
    """The characters of a joined line in the order in which they are printed, from left to right."""
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

    # Vowel signs are part of a name. Ligatures are made here: after a joiner, the library gets them wrong.
    return ArabicReshaper({"delete_harakat": False, "support_ligatures": False})


def _together(found: re.Match[str]) -> str:
    """The ligature of lam and alef, with their vowel signs."""
    lam, signs, alef = found.groups()
    return _both()[lam, alef] + signs


@cache
def _both() -> dict[tuple[str, str], str]:
    """The ligatures of lam and alef by the two forms, from their Unicode decompositions."""
    found = {}
    for letter in map(chr, range(0xFEF5, 0xFEFD)):
        form, _, alef = unicodedata.decomposition(letter).split()
        found[_LAM[form.strip("<>")], _ALEF[chr(int(alef, 16))]] = letter
    return found


def _kind(char: str) -> str:
    """`r` for a character of right-to-left text, `l` for left-to-right, `n` for neutral."""
    direction = unicodedata.bidirectional(char)
    if direction in {"R", "AL", "AN"} or (direction == "NSM" and _ARABIC.match(char)):
        return "r"
    return "l" if direction == "L" else "n"


def _with_brackets(line: str, start: int, end: int) -> tuple[int, int]:
    """The start and end of a passage, extended by the partner of a bracket within it."""
    for opening, closing in _BRACKETS:
        inside = line[start:end]
        if line[end : end + 1] == closing and inside.count(opening) > inside.count(closing):
            end += 1
        if line[max(start - 1, 0) : start] == opening and inside.count(closing) > inside.count(opening):
            start -= 1
    return start, end
