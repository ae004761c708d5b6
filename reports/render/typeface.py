"""Fonts of a report: Noto Sans, embedded, with further fonts for other scripts.

Noto Sans covers Latin, Greek and Cyrillic. A character that it lacks is taken from the first of the other
fonts that has it: Arabic, Ethiopic, Chinese and Japanese, Korean. They have one weight, used for every style,
and are loaded only when a character needs them. A character in no font is printed as its Unicode number,
`[U+0E01]`: ugly, but never lost and never mistaken for another.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont

from reports.render.arabic import join_letters, visual_order

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD, ITALIC = "NotoSans-Regular", "NotoSans-Bold", "NotoSans-Italic"
OTHERS = ("NotoSansArabic-Regular", "NotoSansEthiopic-Regular", "DroidSansFallbackFull", "NanumGothicCoding")

_VARIANTS = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
"""Variation selectors choose among forms of the character before them, of which a font has one."""
_PRESENTED = re.compile("(?<=> <)F[BDE][0-9A-F]{2}(?=>)")


@cache
def covered() -> frozenset[int]:
    """Code points that Noto Sans has in every style. Registers the font with ReportLab."""
    faces = []
    for name in (REGULAR, BOLD, ITALIC):
        font = _Style(name)
        pdfmetrics.registerFont(font)
        faces.append(frozenset(font.face.charToGlyph))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD)
    return frozenset.intersection(*faces)


def readable(text: str) -> str:
    """The text as the fonts can print it, on one line.

    White space becomes single spaces; control and format characters (which could reverse or hide what a
    reader sees) are dropped; Arabic letters are joined; a character without a glyph becomes its number.
    """
    shown = join_letters(unicodedata.normalize("NFC", text)).translate(_SHOWN)
    return " ".join(part for part in shown.split(" ") if part)


def missing(text: str) -> list[str]:
    """The characters of a text without a glyph, each once, in order."""
    composed = unicodedata.normalize("NFC", text)
    return [char for char in dict.fromkeys(composed) if _SHOWN[ord(char)].startswith("[U+")]


def markup(text: str) -> str:
    """The text made printable, and escaped for a paragraph's markup."""
    return escape(readable(text))


def width(text: str, font: str, size: float) -> float:
    """Width of a line of text in points."""
    covered()
    return float(pdfmetrics.stringWidth(text, font, size))


class _Shown(dict[int, str]):
    """A cache of what is printed for each code point."""

    def __missing__(self, code: int) -> str:
        self[code] = shown = self._find(code)
        return shown

    @staticmethod
    def _find(code: int) -> str:
        char = chr(code)
        if char in "\t\n\r\v\f\x85\u2028\u2029":
            return " "
        kind = unicodedata.category(char)
        if kind in {"Cc", "Cf", "Cs"} or char in _VARIANTS:
            return ""
        is_character = kind not in {"Cn", "Co"}  # not every code that a face has a glyph for is a character
        return char if is_character and (code in covered() or _other(char)) else f"[U+{code:04X}]"


_SHOWN = _Shown()


class _Widths(dict[str, float]):
    """A cache of the widths of characters in a style, in thousandths of the size."""

    def __init__(self, style: _Style) -> None:
        super().__init__()
        self._style = style

    def __missing__(self, char: str) -> float:
        face = (self._style.other(char) or self._style).face
        self[char] = width = face.getCharWidth(ord(char))
        return float(width)


class _Style(TTFont):  # type: ignore[misc]  # reportlab has no annotations
    """A style of Noto Sans that takes missing characters from the other fonts."""

    def __init__(self, name: str) -> None:
        super().__init__(name, str(FONTS / f"{name}.ttf"), asciiReadable=True, shapable=False)
        self._own = frozenset(map(chr, self.face.charToGlyph))
        self._widths = _Widths(self)

    def other(self, char: str) -> _Other | None:
        """The font to take for a character; None for this one."""
        return None if char in self._own else _other(char)

    def stringWidth(self, text: str, size: float, encoding: str = "utf8") -> float:  # noqa: N802 - its name
        """Width of a line of text in points."""
        return 0.001 * size * sum(map(self._widths.__getitem__, text))

    def splitString(self, text: str, doc: PDFDocument, encoding: str = "utf8") -> _Pieces:  # noqa: N802
        """The text from left to right, in pieces of one font subset each."""
        if text.isascii() and text.isprintable():  # the first subset has them all, in their places
            return [(0, text.encode())] if text else []
        pieces: _Pieces = []
        if self._own.issuperset(text):
            pieces += super().splitString(text, doc)
            return pieces
        for other, run in groupby(visual_order(text), key=self.other):
            if other is None:
                pieces += super().splitString("".join(run), doc)
            else:
                pieces += [
                    ((other, number), content) for number, content in other.splitString("".join(run), doc)
                ]
        return pieces

    def getSubsetInternalName(self, subset: object, doc: PDFDocument) -> str:  # noqa: N802
        """The name of a subset on a page; asking for it embeds the subset."""
        if isinstance(subset, tuple):
            other, number = subset
            return str(other.getSubsetInternalName(number, doc))
        return str(super().getSubsetInternalName(subset, doc))


_Pieces = list[tuple[object, bytes]]
"""Pieces of text, each after its subset: a number, or for another font that font and a number."""


class _Other(TTFont):  # type: ignore[misc]  # reportlab has no annotations
    """A font for other scripts, embedded with the glyphs that are used."""

    def __init__(self, name: str) -> None:
        super().__init__(name, str(FONTS / f"{name}.ttf"), asciiReadable=False, shapable=False)

    def addObjects(self, doc: PDFDocument) -> None:  # noqa: N802
        """Embed the subsets; text copied from the PDF has plain letters, not joined forms."""
        subsets = range(len(self.state[doc].subsets))
        names = [self.getSubsetInternalName(number, doc)[1:] for number in subsets]
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        for name in names:
            meaning = doc.idToObject[fonts[name].ToUnicode.name]
            meaning.content = _PRESENTED.sub(_letter, meaning.content)


@cache
def _face(name: str) -> _Other:
    return _Other(name)


@cache
def _other(char: str) -> _Other | None:
    """The first of the other fonts that has a character.

    None beyond the Basic Multilingual Plane: a PDF can map a glyph to such a character, ReportLab cannot.
    """
    if char > "\uffff":
        return None
    return next((face for face in map(_face, OTHERS) if ord(char) in face.face.charToGlyph), None)


def _letter(form: re.Match[str]) -> str:
    """The letter of a joined form; a ligature of two letters stays, as some readers would reverse them."""
    letters = unicodedata.normalize("NFKC", chr(int(form[0], 16)))
    return f"{ord(letters):04X}" if len(letters) == 1 else form[0]
