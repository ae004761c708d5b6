"""Pages of a report: size, styles, headings and footer, and the rendering of a document as a PDF.

Equal content gives equal bytes: no clock, no random identifier and no machine name enters the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from io import BytesIO
from math import inf

from reportlab import rl_config
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph

from ledger import sanitise
from reports.figures.figure import Seal
from reports.render.palette import ACCENT, BLUE, INK, MUTED, RULE, WASH
from reports.render.tagging import TaggedCanvas, tagged
from reports.render.typeface import BOLD, ITALIC, REGULAR, covered, markup, readable
from reports.words.language import Words

AUTHOR = "Multi-donor Funding Modality"
WIDTH, HEIGHT = A4
PAGE_MARGIN = 54.0
FOOT = 62.0
"""Space below the text, including the footer, in points."""
_SUBJECTS = ((160, "subject"), (600, "subject-long"), (inf, "subject-longest"))
"""Styles of a name by its greatest number of letters: the longer, the smaller."""
_REMEMBERED = 4096
"""Paragraphs that are cached: texts that all statements share, and those that one repeats."""
CONTENT_WIDTH: float = WIDTH - 2 * PAGE_MARGIN
CONTENT_HEIGHT: float = HEIGHT - PAGE_MARGIN - FOOT
KEPT = CONTENT_HEIGHT - 110.0
"""The most that is kept together under headings, in points: a page has room for them above it."""

_PDF_VERSION = (1, 7)
"""The version in which ISO 32000-1 describes tags."""
# Streams as bytes, not as ASCII: files are smaller and faster to write.
rl_config.useA85 = 0


@dataclass(frozen=True)
class Imprint:
    """What the metadata and the footer of a document say about it."""

    id: str
    title: str
    subject: str
    seal: Seal
    words: Words
    keywords: str = ""
    status: str = ""
    """Short, for documents that may be interim or final."""


@cache
def style(name: str) -> ParagraphStyle:
    """A paragraph style by name; see `_STYLES`."""
    covered()
    return ParagraphStyle(name, **{"fontName": REGULAR, "textColor": INK, **_STYLES[name]})


_STYLES: dict[str, dict[str, object]] = {
    "fund": {"fontName": BOLD, "fontSize": 8.5, "leading": 12, "textColor": BLUE},
    "agent": {"fontSize": 8.5, "leading": 12, "textColor": MUTED},
    "title": {"fontName": BOLD, "fontSize": 24, "leading": 30, "textColor": BLUE, "spaceBefore": 16},
    "subject": {"fontName": BOLD, "fontSize": 13, "leading": 17, "spaceBefore": 4},
    "subject-long": {"fontName": BOLD, "fontSize": 9, "leading": 12, "spaceBefore": 4},
    "subject-longest": {"fontName": BOLD, "fontSize": 6.5, "leading": 9, "spaceBefore": 4},
    "notice": {"fontName": BOLD, "fontSize": 9, "leading": 13, "spaceBefore": 14, "leftIndent": 8,
               "rightIndent": 8, "backColor": WASH, "borderPadding": (5, 8, 6, 8)},
    "address": {"fontSize": 9, "leading": 12.5},
    "address-right": {"fontSize": 9, "leading": 12.5, "textColor": MUTED, "alignment": TA_RIGHT},
    "lead": {"fontSize": 9.5, "leading": 14, "textColor": MUTED},
    "part": {"fontName": BOLD, "fontSize": 14, "leading": 18, "textColor": BLUE,
             "spaceBefore": 24, "spaceAfter": 6},
    "section": {"fontName": BOLD, "fontSize": 9.5, "leading": 13, "spaceBefore": 14, "spaceAfter": 5},
    "body": {"fontSize": 9, "leading": 13, "spaceAfter": 5},
    "small": {"fontSize": 8, "leading": 11.5, "textColor": MUTED, "spaceAfter": 3},
    "code": {"fontName": BOLD, "fontSize": 11, "leading": 15, "textColor": BLUE, "spaceBefore": 18},
    "entry": {"fontName": BOLD, "fontSize": 8.5, "leading": 12, "spaceBefore": 6},
    "quote": {"fontName": ITALIC, "fontSize": 8.5, "leading": 12, "leftIndent": 12},
    "cell": {"fontSize": 8, "leading": 11},
    "cell-bold": {"fontName": BOLD, "fontSize": 8, "leading": 11},
    "cell-indent": {"fontSize": 8, "leading": 11, "leftIndent": 12, "textColor": MUTED},
    "fact": {"fontName": BOLD, "fontSize": 8, "leading": 11, "textColor": MUTED},
    "fine": {"fontSize": 6.5, "leading": 9, "textColor": MUTED},
    "head": {"fontName": BOLD, "fontSize": 7.5, "leading": 10, "textColor": BLUE},
    "head-figure": {"fontName": BOLD, "fontSize": 7.5, "leading": 10, "textColor": BLUE,
                    "alignment": TA_RIGHT},
    "caption": {"fontName": BOLD, "fontSize": 9, "leading": 12, "textColor": MUTED},
}  # fmt: skip


class _Text(Paragraph):  # type: ignore[misc]  # reportlab has no annotations
    """A paragraph whose copies share their parsed markup and their line breaks, with its tag."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self._broken: dict[tuple[float, ...], object] = {}

    def breakLines(self, width: Sequence[float]) -> object:  # noqa: N802 - reportlab's name for it
        """Its lines for the widths of the first and of the other lines."""
        if len(self.frags) > 1:  # with markup: reportlab modifies such lines when it splits them
            return super().breakLines(width)
        widths = tuple(width)
        if widths not in self._broken:
            self._broken[widths] = super().breakLines(width)
        return self._broken[widths]

    def draw(self) -> None:
        """Draw it as an element of the structure."""
        with tagged(self.canv, self._role()):
            super().draw()

    def _role(self) -> str:
        """Its role: parts are below the title, and sections below parts, if there are any."""
        match self.style.name:
            case "title":
                return "H1"
            case "part":
                return "H2"
            case "section":
                return "H3" if getattr(self.canv, "has_parts", False) else "H2"
        return "P"


class Heading(_Text):
    """A heading that moves to the next page unless some of what follows it fits below."""

    room = 70.0
    """Space that must be left below it, in points: a table's heading and its first rows."""

    def wrap(self, room_across: float, room_down: float) -> tuple[float, float]:
        """Its size; more than the available height when it would be alone at the foot of a page."""
        across, down = super().wrap(room_across, room_down)
        return across, down if room_down - down >= self.room else room_down + 1

    def split(self, room_across: float, room_down: float) -> list[Flowable]:
        """Never split."""
        return []


class KeptWithHeading(Flowable):  # type: ignore[misc]  # reportlab has no annotations
    """An element below a heading, of which a part must be on the page of the heading."""

    @property
    def least(self) -> float:
        """The height of that part, in points; 0 where the heading's own room is enough."""
        raise NotImplementedError


class OutlineHeading(Heading):
    """A heading that is also an entry in the document's outline."""

    room = 120.0

    def __init__(self, content: str, style_name: str, key: str) -> None:
        super().__init__(markup(content), style(style_name))
        self._entry = (_on_one_line(content), key)

    def draw(self) -> None:
        """Draw it, and add an outline entry that leads to it."""
        super().draw()
        if self.style.name == "part":
            self.canv.has_parts = True
        title, key = self._entry
        self.canv.bookmarkHorizontal(key, 0, self.height)
        self.canv.addOutlineEntry(title, key)


def paragraph(content: str, style_name: str = "body") -> Paragraph:
    """A paragraph of plain text; nothing in it is read as markup."""
    return copy(_set(_Text, content, style_name))


@lru_cache(_REMEMBERED)
def _set(kind: type[_Text], content: str, style_name: str) -> _Text:
    return kind(markup(content), style(style_name))


def titled(code: str, title: str) -> str:
    """A code and its title, kept on one line where there is room."""
    return f"{code}\u00a0\u00a0{title}"


def part_heading(number: int, title: str) -> OutlineHeading:
    """The heading of a numbered part."""
    return OutlineHeading(titled(str(number), title), "part", f"part-{number}")


def section_heading(title: str, room: float = Heading.room) -> Heading:
    """The heading of a section; `room` must be left below it, in points."""
    found = heading(title, "section")
    found.room = room
    return found


def heading(title: str, style_name: str) -> Heading:
    """A heading in another style than a section's."""
    found = copy(_set(Heading, title, style_name))
    assert isinstance(found, Heading)
    return found


def keep_together(*flowables: Flowable) -> KeepTogether:
    """Flowables that stay on one page if they fit on one."""
    for flowable in flowables:
        if isinstance(flowable, Heading):
            flowable.room = 0.0
    return KeepTogether(list(flowables))


def letterhead(words: Words, title: str, subject: str) -> list[Flowable]:
    """The top of a first page: the fund, its agent, the title of the document and its subject."""
    return [
        paragraph(words("Multi-donor Funding Modality"), "fund"),
        paragraph(words("UNESCO Institute for Lifelong Learning, administrative agent"), "agent"),
        OutlineHeading(title, "title", "title"),
        paragraph(subject, next(name for most, name in _SUBJECTS if len(readable(subject)) <= most)),
    ]


def render_pdf(story: list[Flowable], imprint: Imprint) -> bytes:
    """Lay the story out on A4 pages, each with the imprint's footer, and return the PDF."""
    covered()
    _ask_for_room(story)
    file = BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        leftMargin=PAGE_MARGIN,
        rightMargin=PAGE_MARGIN,
        topMargin=PAGE_MARGIN,
        bottomMargin=FOOT,
        title=_on_one_line(imprint.title),
        author=AUTHOR,
        subject=_on_one_line(imprint.subject),
        creator=AUTHOR,
        keywords=imprint.keywords,
        lang=imprint.words.language,
        displayDocTitle=1,
        invariant=1,
        initialFontName=REGULAR,
    )
    frame = Frame(PAGE_MARGIN, FOOT, CONTENT_WIDTH, HEIGHT - PAGE_MARGIN - FOOT, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("page", [frame], onPage=_leave_room_for_footer))
    document.build(story, canvasmaker=partial(_FootedCanvas, imprint))
    return file.getvalue()


def _ask_for_room(story: Sequence[Flowable]) -> None:
    """Set the room of headings to what must follow them: another heading, or a table with text before it."""
    below, least = None, 0.0
    for each in reversed(story):
        if isinstance(each, Heading):
            own = float(each.wrap(CONTENT_WIDTH, inf)[1])
            each.room = min(max(each.room, least), CONTENT_HEIGHT - own - 1)
            least = each.room + _down(each)
        elif isinstance(each, KeptWithHeading):
            least = min(each.least, KEPT)
        elif isinstance(each, Paragraph) and isinstance(below, KeptWithHeading) and least:
            least = min(least + _down(each), KEPT)
        else:
            least = 0.0
        below = each


def _down(paragraph: Paragraph) -> float:
    """The height of a paragraph with the space around it, in points."""
    _, height = paragraph.wrap(CONTENT_WIDTH, inf)
    return float(height + paragraph.getSpaceBefore() + paragraph.getSpaceAfter())


def _on_one_line(content: str) -> str:
    """A text for the metadata, which needs no font: on one line, in its own script."""
    return " ".join(
        part_heading for part_heading in sanitise(content).replace("\n", " ").split(" ") if part_heading
    )


def _leave_room_for_footer(canvas: Canvas, _: BaseDocTemplate) -> None:
    canvas.doForm(_footer_name(canvas.getPageNumber()))


def _footer_name(page: int) -> str:
    return f"footer{page}"


class _FootedCanvas(TaggedCanvas):
    """Draws all footers after the last page, because each shows the number of pages."""

    def __init__(self, imprint: Imprint, *args: object, **options: object) -> None:
        super().__init__(*args, pdfVersion=_PDF_VERSION, **options)
        self._imprint = imprint

    def save(self) -> None:
        """Draw every page's footer, then finish the file."""
        pages = self.getPageNumber() - 1
        for page in range(1, pages + 1):
            self.beginForm(_footer_name(page), 0, 0, WIDTH, FOOT)
            self._draw_footer(page, pages)
            self.endForm()
        super().save()

    def _draw_footer(self, page: int, pages: int) -> None:
        words, seal = self._imprint.words, self._imprint.seal
        self.setStrokeColor(RULE)
        self.setLineWidth(0.5)
        self.line(PAGE_MARGIN, 44, WIDTH - PAGE_MARGIN, 44)
        self.setFillColor(ACCENT)
        self.rect(PAGE_MARGIN, 43.25, 24, 1.5, stroke=0, fill=1)
        self.setFillColor(MUTED)
        self.setFont(REGULAR, 7)
        about = words(
            "Effective to {date}  ·  Known at entry {entry}  ·  Head {head}",
            date=words.long_date(seal.effective_to),
            entry=words.number(seal.known_at), head=seal.head[:12],
        )  # fmt: skip
        name = "  ·  ".join(each for each in (self._imprint.id, self._imprint.status) if each)
        self.drawString(PAGE_MARGIN, 32, readable(name))
        self.drawString(PAGE_MARGIN, 22, about)
        self.drawRightString(WIDTH - PAGE_MARGIN, 22, words("Page {page} of {pages}", page=page, pages=pages))
