"""Picture: one vector drawing on a sheet of its own, as PDF and as SVG.

The sheet grows downwards as content is added: `y` is 0 at its top edge and negative below. All text is Noto
Sans, embedded in a PDF. An SVG names it first and other sans-serif fonts after it, and states the length of
every text, so that a page without Noto Sans still shows each text in the room measured for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO, StringIO
from math import ceil

from reportlab.graphics import renderPDF, renderSVG
from reportlab.graphics.shapes import Drawing, Group, Line, Shape, String
from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from ledger import sanitise
from reports.figures.figure import Seal
from reports.render.page import AUTHOR, PAGE_MARGIN
from reports.render.palette import ACCENT, BLUE, INK, MUTED, RULE
from reports.render.typeface import BOLD, REGULAR, covered, readable, width
from reports.words.language import Words

_FALLBACK = "'Noto Sans', 'DejaVu Sans', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_FACES = {
    REGULAR: {"family": _FALLBACK},
    BOLD: {"family": _FALLBACK, "weight": "bold"},
}


@dataclass(frozen=True)
class Picture:
    """A drawing, with a title and a description for readers who cannot see it."""

    drawing: Drawing
    title: str
    description: str
    language: str

    def to_pdf(self) -> bytes:
        """A PDF of one page, as large as the drawing; equal pictures give equal bytes."""
        covered()
        file = BytesIO()
        size = (self.drawing.width, self.drawing.height)
        canvas = Canvas(file, size, invariant=1, lang=self.language, initialFontName=REGULAR)
        canvas.setTitle(sanitise(self.title))
        canvas.setAuthor(AUTHOR)
        canvas.setCreator(AUTHOR)
        canvas.setSubject(sanitise(self.description))
        renderPDF.draw(self.drawing, canvas, 0, 0)
        canvas.showPage()
        canvas.save()
        return file.getvalue()

    def to_svg(self) -> bytes:
        """An SVG with a title and a description, without a document type that readers would have to fetch."""
        marks = {"role": "img", "aria-labelledby": "title desc", "xml:lang": self.language}
        size = (self.drawing.width, self.drawing.height)
        canvas = renderSVG.SVGCanvas(size, fontHacks=_FACES, svgAttrs=marks)
        for name, value in (("title", self.title), ("desc", self.description)):
            (element,) = canvas.svg.getElementsByTagName(name)
            element.setAttribute("id", name)
            element.firstChild.data = sanitise(value)
        canvas.doc.removeChild(canvas.doc.doctype)
        renderSVG.draw(self.drawing, canvas, 0, 0)
        file = StringIO()
        canvas.save(file)
        return file.getvalue().encode()


class PictureSheet:
    """The sheet on which a picture is drawn."""

    def __init__(self, across: float) -> None:
        covered()
        self.across = across
        self.left, self.right = PAGE_MARGIN, across - PAGE_MARGIN
        self.y = -PAGE_MARGIN
        """The top of the next part."""
        self._shapes: list[Shape] = []

    def put(self, *shapes: Shape) -> None:
        """Add shapes over the existing ones."""
        self._shapes += shapes

    def write(
        self,
        content: str,
        x: float,
        y: float,
        size: float,
        *,
        font: str = REGULAR,
        colour: Color = INK,
        flush_right: bool = False,
    ) -> None:
        """Write one line of text: `x` is where it begins or, flush right, ends; `y` is its base line."""
        if content:
            across = width(content, font, size)
            line = String(x - across if flush_right else x, y, content)
            line.fontName, line.fontSize, line.fillColor = font, size, colour
            line._svgAttrs = {"textLength": f"{across:.3f}", "lengthAdjust": "spacingAndGlyphs"}
            self.put(line)

    def head(self, words: Words, title: str, subject: str) -> None:
        """Write the fund's name, the title and the subject."""
        self.write(words("Multi-donor Funding Modality"), self.left, self.y - 8, 8.5, font=BOLD, colour=BLUE)
        self.y -= 34
        self.write(title, self.left, self.y, 18, font=BOLD, colour=BLUE)
        self.y -= 17
        for line in wrap_lines(subject, REGULAR, 9.5, self.right - self.left):
            self.write(line, self.left, self.y, 9.5, colour=MUTED)
            self.y -= 13

    def foot(self, words: Words, id: str, seal: Seal) -> Drawing:
        """Write the imprint of all reports of the fund, and return the finished drawing."""
        self.y -= 22
        self.put(Line(self.left, self.y, self.right, self.y, strokeColor=RULE, strokeWidth=0.5))
        self.put(Line(self.left, self.y, self.left + 24, self.y, strokeColor=ACCENT, strokeWidth=1.5))
        about = words(
            "{id}  ·  Effective to {date}  ·  Known at entry {entry}  ·  Head {head}",
            id=readable(id), date=words.long_date(seal.effective_to),
            entry=words.number(seal.known_at), head=seal.head[:12],
        )  # fmt: skip
        self.write(about, self.left, self.y - 13, 7, colour=MUTED)
        down = ceil(30 - self.y)
        drawing = Drawing(ceil(self.across), down, initialFontName=REGULAR)
        drawing.add(Group(*self._shapes, transform=(1, 0, 0, 1, 0, down)))
        return drawing


def wrap_lines(content: str, font: str, size: float, room: float, most: int = 3) -> list[str]:
    """A text in lines that fit a room (points); an ellipsis replaces what exceeds `most` lines.

    Lines break at spaces, and within a word that is longer than a line, as one in Chinese may be.
    """
    lines = [""]
    for word in readable(content).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, font, size) <= room:
            lines[-1] = longer
        else:
            parts = _parts(word, font, size, room)
            lines = [*lines, *parts] if lines[-1] else parts
    cut = [*lines[: most - 1], " ".join(lines[most - 1 :])] if len(lines) > most else lines
    return [_shortened(line, font, size, room) for line in cut]


def _parts(word: str, font: str, size: float, room: float) -> list[str]:
    """A word in parts that fit a room, each as long as possible."""
    parts = [""]
    for char in word:
        longer = parts[-1] + char
        if width(longer, font, size) <= room or not parts[-1]:
            parts[-1] = longer
        else:
            parts.append(char)
    return parts


def _shortened(line: str, font: str, size: float, room: float) -> str:
    """The line, or as much of its beginning as fits, with an ellipsis."""
    if width(line, font, size) <= room:
        return line
    kept = line
    while kept and width(f"{kept}…", font, size) > room:
        kept = kept[:-1].rstrip()
    return f"{kept}…"
