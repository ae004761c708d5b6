"""The typeface of a report: Noto Sans, embedded, and what is done with text that it cannot show.

Noto Sans (SIL Open Font License) covers Latin, Greek and Cyrillic. A character outside it is printed as its
Unicode number, `[U+5317]`: ugly, but never lost and never mistaken for another.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD, ITALIC = "NotoSans-Regular", "NotoSans-Bold", "NotoSans-Italic"


@cache
def covered() -> frozenset[int]:
    """Code points that every style of the typeface can show. Makes the typeface known to reportlab."""
    faces = []
    for name in (REGULAR, BOLD, ITALIC):
        font = TTFont(name, str(FONTS / f"{name}.ttf"))
        pdfmetrics.registerFont(font)
        faces.append(frozenset(font.face.charToGlyph))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD)
    return frozenset.intersection(*faces)


def readable(text: str) -> str:
    """The text as the typeface can show it, on one line.

    White space becomes single spaces; control and format characters (which could reverse or hide what a
    reader sees) are dropped; a character without a glyph becomes its number.
    """
    composed = unicodedata.normalize("NFC", text)
    shown = "".join(map(_shown, composed))
    return " ".join(part for part in shown.split(" ") if part)


def missing(text: str) -> list[str]:
    """The characters of a text that the typeface has no glyph for, each once, in order."""
    composed = unicodedata.normalize("NFC", text)
    return [char for char in dict.fromkeys(composed) if _shown(char).startswith("[U+")]


def markup(text: str) -> str:
    """The text made readable and safe inside a paragraph's markup."""
    return escape(readable(text))


def width(text: str, font: str, size: float) -> float:
    """Width of a line of text in points."""
    covered()
    return float(pdfmetrics.stringWidth(text, font, size))


@cache
def _shown(char: str) -> str:
    if char in "\t\n\r\v\f\x85\u2028\u2029":
        return " "
    if unicodedata.category(char) in {"Cc", "Cf", "Cs"}:
        return ""
    return char if ord(char) in covered() else f"[U+{ord(char):04X}]"
