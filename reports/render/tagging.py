"""Tagged PDF: the structure of a document, for screen readers and for programs that read it.

What is drawn on a page belongs to an element such as a heading, a paragraph or a cell of a table; everything
else, such as lines, bars and footers, is an artifact, which a screen reader leaves out. ReportLab writes no
tags, so a canvas of our own marks the content (ISO 32000-1, 14.6 to 14.8). Elements are in reading order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reportlab.graphics.shapes import Drawing
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas


class TagElement(pdfdoc.PDFObject):  # type: ignore[misc]  # reportlab has no annotations
    """An element of the structure, with its parts in reading order."""

    __RefOnly__ = 1

    def __init__(self, role: str, parent: pdfdoc.PDFObject, more: bytes = b"") -> None:
        self.role, self.parent, self.more = role, parent, more
        self.parts: list[TagElement | _Mark] = []

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        """The element as an object of a PDF."""
        page = next((part.page.object for part in self.parts if isinstance(part, _Mark)), None)
        parts = [
            part.on(page, document) if isinstance(part, _Mark) else _reference(part, document)
            for part in self.parts
        ]
        place = b"/Pg " + _reference(page, document) if page else b""
        parent = _reference(self.parent, document)
        kids = b"/K " + parts[0] if len(parts) == 1 else b"/K[%s]" % b" ".join(parts) if parts else b""
        return b"<</S/%s/P %s%s%s%s>>" % (self.role.encode(), parent, place, self.more, kids)


@dataclass
class _Page:
    """The marks of a page: the element to which each belongs."""

    elements: list[TagElement] = field(default_factory=list)
    object: pdfdoc.PDFPage | None = None
    """The page in the file, which ReportLab makes when the page ends."""


@dataclass(frozen=True)
class _Mark:
    """A marked part of a page's content."""

    page: _Page
    number: int

    def on(self, page: pdfdoc.PDFPage, document: pdfdoc.PDFDocument) -> bytes:
        """It as a part of an element that is on a page."""
        if self.page.object is page:
            return b"%d" % self.number
        return b"<</Type/MCR/Pg %s/MCID %d>>" % (_reference(self.page.object, document), self.number)


class _Root(pdfdoc.PDFObject):  # type: ignore[misc]  # reportlab has no annotations
    """The root of the structure: the document, and the elements of each page's marks."""

    __RefOnly__ = 1

    def __init__(self) -> None:
        self.document = TagElement("Document", self)
        self.pages: list[_Page] = []

    def format(self, document: pdfdoc.PDFDocument) -> bytes:
        """The root as an object of a PDF."""
        marks = b"".join(
            b"%d[%s]" % (number, b" ".join(_reference(element, document) for element in page.elements))
            for number, page in enumerate(self.pages)
        )
        whole = _reference(self.document, document)
        return b"<</Type/StructTreeRoot/K %s/ParentTree<</Nums[%s]>>/ParentTreeNextKey %d>>" % (
            whole, marks, len(self.pages),
        )  # fmt: skip


def _reference(target: pdfdoc.PDFObject | None, document: pdfdoc.PDFDocument) -> bytes:
    found: bytes = document.Reference(target).format(document)
    return found


class TaggedCanvas(Canvas):  # type: ignore[misc]  # reportlab has no annotations
    """A canvas that records to which element of the structure the content of its pages belongs."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self._root = _Root()
        self._inside = [self._root.document]
        self._page = _Page()
        self.muted = False
        """Whether everything that is drawn is an artifact."""
        self.has_parts = False
        """Whether a heading of a numbered part was drawn."""

    @property
    def role(self) -> str:
        """The role of the current element."""
        return self._inside[-1].role

    def enter(self, role: str, more: bytes = b"", resumed: TagElement | None = None) -> TagElement:
        """Begin an element inside the current one, or go on with one that was begun before."""
        element = resumed or TagElement(role, self._inside[-1], more)
        if resumed is None:
            self._inside[-1].parts.append(element)
        self._inside.append(element)
        return element

    def leave(self) -> None:
        """End the current element."""
        self._inside.pop()

    def begin_content(self) -> None:
        """Make what is drawn from now on content of the current element."""
        element, number = self._inside[-1], len(self._page.elements)
        element.parts.append(_Mark(self._page, number))
        self._page.elements.append(element)
        self._code.append(f"EMC /{element.role} <</MCID {number}>> BDC")

    def end_content(self) -> None:
        """Make what is drawn from now on an artifact again."""
        self._code.append("EMC /Artifact BMC")

    def showPage(self) -> None:  # noqa: N802 - reportlab's name for it
        """End the page, whose content outside of elements is an artifact."""
        self._code.insert(0, "/Artifact BMC")
        self._code.append("EMC")
        super().showPage()
        page = self._doc.Pages.pages[-1]
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = len(self._root.pages), pdfdoc.PDFName("S")
        self._page.object = page
        self._root.pages.append(self._page)
        self._page = _Page()

    def save(self) -> None:
        """Add the structure, and finish the file."""
        self._doc.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})
        self._doc.Catalog.StructTreeRoot = self._root
        super().save()


@contextmanager
def tagged(canvas: Canvas, role: str, more: bytes = b"") -> Iterator[None]:
    """Make what is drawn inside the content of one element, if the canvas has tags.

    A paragraph in a cell of a table is content of the cell itself, which keeps files small.
    """
    if not isinstance(canvas, TaggedCanvas) or canvas.muted:
        yield
        return
    in_cell = role == "P" and canvas.role in {"TH", "TD"}
    if not in_cell:
        canvas.enter(role, more)
    canvas.begin_content()
    yield
    canvas.end_content()
    if not in_cell:
        canvas.leave()


def figure(canvas: Canvas, alt: str, across: float, down: float) -> bytes:
    """The properties of a picture at the origin of the canvas: what it shows in words, and its place."""
    (left, bottom), (right, top) = canvas.absolutePosition(0, 0), canvas.absolutePosition(across, down)
    words = alt.encode("utf-16-be").hex().upper()
    box = f"{left:.2f} {bottom:.2f} {right:.2f} {top:.2f}"
    return f"/Alt<FEFF{words}>/A<</O/Layout/Placement/Block/BBox[{box}]>>".encode()


class _CellTags:
    """Tags of a table, which ReportLab calls at each step of drawing it; none on a canvas without tags."""

    def __call__(self, table: Any, step: str, *details: Any) -> None:
        met = getattr(self, step, None)
        if met and isinstance(table.canv, TaggedCanvas):
            met(table.canv, *details)


class GridTags(_CellTags):
    """Tags of a table of facts or figures, which may go on over pages; first cells name their rows."""

    def __init__(self, *, has_head: bool = False) -> None:
        self._has_head = has_head
        self._element: TagElement | None = None
        self._repeated = self._has_text = self._in_cell = False
        self.columns = 1
        self.spread: Collection[int] = ()
        """Rows, counted from 0, whose first cell is across all columns."""

    def startTable(self, canvas: TaggedCanvas) -> None:  # noqa: N802
        """Begin the table, or go on with it."""
        self._repeated = self._has_head and self._element is not None
        self._element = canvas.enter("Table", resumed=self._element)

    def endTable(self, canvas: TaggedCanvas) -> None:  # noqa: N802
        """End the table on this page."""
        canvas.leave()

    def startRow(self, canvas: TaggedCanvas, row: int) -> None:  # noqa: N802
        """Begin a row; a heading that is repeated on a further page is an artifact."""
        canvas.muted = self._repeated and not row
        if not canvas.muted:
            canvas.enter("TR")

    def endRow(self, canvas: TaggedCanvas) -> None:  # noqa: N802
        """End the row."""
        if not canvas.muted:
            canvas.leave()
        canvas.muted = False

    def startCell(  # noqa: N802
        self, canvas: TaggedCanvas, row: int, column: int, cell: object, *_: object
    ) -> None:
        """Begin a cell; a drawing in one is an artifact."""
        self._in_cell = not canvas.muted and not _is_drawing(cell)
        self._has_text = self._in_cell and isinstance(cell, str) and bool(cell)
        if not self._in_cell:
            return
        if self._has_head and not row:
            canvas.enter("TH", b"/A<</O/Table/Scope/Column>>")
        elif row in self.spread:
            canvas.enter("TH", b"/A<</O/Table/Scope/Row/ColSpan %d>>" % self.columns)
        elif not column and cell:
            canvas.enter("TH", b"/A<</O/Table/Scope/Row>>")
        else:
            canvas.enter("TD")
        if self._has_text:
            canvas.begin_content()

    def endCell(self, canvas: TaggedCanvas) -> None:  # noqa: N802
        """End the cell."""
        if self._has_text:
            canvas.end_content()
        if self._in_cell:
            canvas.leave()


def _is_drawing(cell: object) -> bool:
    return isinstance(cell, (list, tuple)) and all(isinstance(each, Drawing) for each in cell)


class ColumnTags(_CellTags):
    """Tags of a table that only places things: a division for each column, read from the left."""

    def __init__(self) -> None:
        self._divisions: dict[int, TagElement] = {}
        self._has_text = False

    def startCell(  # noqa: N802
        self, canvas: TaggedCanvas, _: int, column: int, cell: object, *__: object
    ) -> None:
        """Begin a cell, in the division of its column."""
        self._divisions[column] = canvas.enter("Div", resumed=self._divisions.get(column))
        self._has_text = isinstance(cell, str) and bool(cell)
        if self._has_text:
            canvas.enter("P")
            canvas.begin_content()

    def endCell(self, canvas: TaggedCanvas) -> None:  # noqa: N802
        """End the cell."""
        if self._has_text:
            canvas.end_content()
            canvas.leave()
        canvas.leave()
