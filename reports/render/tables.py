"""Tables of figures in a PDF: columns that fit their figures, headings on every page, ruled totals.

A column of figures is as wide as its widest figure and never wraps; columns of text share the remaining width
and wrap. A total has one line above it and two below, under its figures only. A table is laid out page by
page, so that the time grows linearly with its rows; a short one stays whole on a page with its heading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf

from reportlab.platypus import Flowable, Paragraph, Table, TableStyle

from reports.render.page import CONTENT_HEIGHT, CONTENT_WIDTH, KEPT, KeptWithHeading, paragraph
from reports.render.palette import BLUE, INK, MUTED, RULE
from reports.render.tagging import ColumnTags, GridTags
from reports.render.typeface import BOLD, REGULAR, readable, width

_SIZE, _LEADING = 8.0, 11.0
_GAP = 13.0
"""Space to the left of every column but the first, in points."""
_ABOVE, _BELOW = 3.0, 3.5
"""Space above and below the content of a cell, in points."""
_TALL = CONTENT_HEIGHT / 4
"""A row higher than this may be split over pages."""
_SHORT = CONTENT_HEIGHT / 5
"""A table no higher than this stays whole below its heading."""
_UNDER = 8.0
"""The most space between a heading and its table, in points."""
_FEWEST = 2
"""Fewest rows of a split table on a page; totals do not count, and a row that may be split counts twice."""
_BEGUN = _ABOVE + 3 * _LEADING + _BELOW
"""The least height of a split row on its first page, in points."""

StyleCommand = tuple[object, ...]
PdfCell = str | list[Paragraph]


@dataclass(frozen=True)
class TableColumn:
    """A column of figures (right-aligned), or of text with its weight in sharing the width."""

    title: str
    weight: int = 0
    """0 for a column of figures."""

    @property
    def is_figure(self) -> bool:
        """Whether it is a column of figures."""
        return self.weight == 0


@dataclass(frozen=True)
class _Row:
    """A row, before the widths of the columns are known."""

    cells: Sequence[str]
    style: str = "cell"
    note: str = ""
    sums: int = 0
    """1 for a sum, with a line above its figures; 2 for the final one, with two lines below them too."""
    parted: bool = False
    """Whether a thin line separates it from the row above."""
    joined: bool = False
    """Whether it stays on the page of the row above."""
    spread: bool = False
    """Whether its first cell, the only one with content, spans the whole width."""

    def commands(self, at: int, columns: Sequence[TableColumn]) -> list[StyleCommand]:
        """The ReportLab style commands of the row at position `at`."""
        whole = (0, at), (-1, at)
        commands: list[StyleCommand] = []
        if self.style == "cell-bold":
            commands.append(("FONTNAME", *whole, BOLD))
        if self.style == "cell-indent":
            commands.append(("TEXTCOLOR", *whole, MUTED))
        if self.parted:
            commands.append(("LINEABOVE", *whole, 0.4, RULE))
        if self.spread:
            commands.append(("SPAN", *whole))
        for number, column in enumerate(columns if self.sums else ()):
            if column.is_figure and self.cells[number]:
                cell = (number, at)
                commands.append(("LINEABOVE", cell, cell, 0.6, INK))
                if self.sums == 2:
                    commands.append(("LINEBELOW", cell, cell, 0.5, INK, 0, None, None, 2, 1.2))
        return commands


@dataclass
class Ruled:
    """A table that is filled row by row; `flowable` lays it out."""

    columns: Sequence[TableColumn]
    _rows: list[_Row] = field(default_factory=list)

    def line(self, *cells: str, note: str = "") -> None:
        """Add a row; `note` is printed small below its first text."""
        self._add(_Row(cells, note=note))

    def tall(self, *cells: str) -> None:
        """Add a row whose name is above its figures, across the table, unless it fits on one line."""
        self._add(_Row(cells, parted=True, spread=True))

    def group(self, *cells: str, note: str = "") -> None:
        """Add a row in bold, which may be the sum of `detail` rows below it."""
        self._add(_Row(cells, "cell-bold", note, parted=True))

    def detail(self, *cells: str) -> None:
        """Add a row that is part of the row above it, and stays on its page."""
        self._add(_Row(cells, "cell-indent", joined=True))

    def subtotal(self, *cells: str) -> None:
        """Add an intermediate sum: one line above."""
        self._add(_Row(cells, "cell-bold", sums=1, joined=True))

    def total(self, *cells: str) -> None:
        """Add a final sum: one line above, two below."""
        self._add(_Row(cells, "cell-bold", sums=2, joined=True))

    @property
    def room(self) -> float:
        """The width left to the columns of text, in points; negative where the figures do not fit."""
        return CONTENT_WIDTH - sum(self.widths_needed())

    def keeps_words(self, fixed: Sequence[float]) -> bool:
        """Whether no word of its text would break if its figures had these widths."""
        sheet = _Sheet(self.columns, self._widths(fixed))
        return all(
            column.is_figure or self._word_width(at) < sheet.across(at)
            for at, column in enumerate(self.columns)
        )

    def flowable(self, fixed: Sequence[float] = ()) -> Flowable:
        """The table, whose rows may break over pages; `fixed` are the widths of its figures."""
        sheet = _Sheet(self.columns, self._widths(fixed or self.widths_needed()))
        return _Pages(sheet, list(self._lines(sheet)), GridTags(has_head=True))

    def _add(self, row: _Row) -> None:
        if len(row.cells) != len(self.columns):
            raise ValueError(f"{len(row.cells)} cells for {len(self.columns)} columns")
        self._rows.append(replace(row, cells=[readable(cell) for cell in row.cells]))

    def _lines(self, sheet: _Sheet) -> Iterator[_Line]:
        across = _Sheet(self.columns, [CONTENT_WIDTH, *[0.0] * (len(self.columns) - 1)])
        for row in self._rows:
            name, *figures = row.cells
            if not row.spread or sheet.is_on_one_line(0, row, name):
                yield _Line(sheet, replace(row, spread=False))
                continue
            yield _Line(across, replace(row, cells=[name, *[""] * len(figures)]))
            below = replace(row, cells=["", *figures], parted=False, joined=True, spread=False)
            yield _Line(sheet, below, opens=False)

    def _widths(self, fixed: Sequence[float]) -> list[float]:
        left, weights = CONTENT_WIDTH - sum(fixed), sum(column.weight for column in self.columns)
        return [
            fixed[at] if column.is_figure else left * column.weight / weights
            for at, column in enumerate(self.columns)
        ]

    def widths_needed(self) -> list[float]:
        """The width that each column of figures needs, in points; 0 for a column of text."""
        return [self._figure_width(at) if c.is_figure else 0.0 for at, c in enumerate(self.columns)]

    def _figure_width(self, at: int) -> float:
        figures = (width(row.cells[at], BOLD, _SIZE) for row in self._rows)
        title = self.columns[at].title
        in_two_lines = 0.6 * width(title, BOLD, 7.5)
        words = (width(word, BOLD, 7.5) for word in title.split(" "))
        return max([*figures, *words, in_two_lines]) + _GAP + 1

    def _word_width(self, at: int) -> float:
        words = (width(word, BOLD, _SIZE) for row in self._rows for word in row.cells[at].split(" "))
        title = (width(word, BOLD, 7.5) for word in self.columns[at].title.split(" "))
        return max([*words, *title])


@dataclass(frozen=True)
class _Sheet:
    """The columns of a table with their widths."""

    columns: Sequence[TableColumn]
    widths: Sequence[float]

    @cached_property
    def heading(self) -> list[PdfCell]:
        """The cells of the heading."""
        return [[paragraph(c.title, "head-figure" if c.is_figure else "head")] for c in self.columns]

    def across(self, at: int) -> float:
        """The width for the content of a column's cell, in points."""
        return self.widths[at] - (_GAP if at else 0.0)

    def cells(self, row: _Row) -> list[PdfCell]:
        """The cells of a row: strings for figures and texts of one line, else paragraphs."""
        cells: list[PdfCell] = []
        for at, (column, content) in enumerate(zip(self.columns, row.cells, strict=True)):
            note = row.note if not at else ""
            if column.is_figure or (not note and self.is_on_one_line(at, row, content)):
                cells.append(content)
            else:
                cells.append([paragraph(content, row.style), *([paragraph(note, "fine")] if note else [])])
        return cells

    def height(self, cells: Sequence[PdfCell]) -> float:
        """The height of a row of cells, in points."""
        return max(self._down(at, cell) for at, cell in enumerate(cells)) + _ABOVE + _BELOW

    def is_on_one_line(self, at: int, row: _Row, content: str) -> bool:
        """Whether the content of a cell fits on one line."""
        if row.style == "cell-indent":
            return False
        return width(content, BOLD if row.style == "cell-bold" else REGULAR, _SIZE) < self.across(at)

    def _down(self, at: int, cell: PdfCell) -> float:
        if isinstance(cell, str):
            return _LEADING
        return sum(float(each.wrap(self.across(at), CONTENT_HEIGHT)[1]) for each in cell)

    def cut(self, at: int, cell: PdfCell, room: float) -> tuple[PdfCell, PdfCell]:
        """A cell split in two, the first part no higher than `room`; a line of text is never split."""
        if isinstance(cell, str):
            return cell, ""
        first: list[Paragraph] = []
        for number, each in enumerate(cell):
            down = float(each.wrap(self.across(at), CONTENT_HEIGHT)[1])
            if down > room:
                parts = each.split(self.across(at), room)
                return [*first, *parts[:1]], [*(parts[1:] or [each]), *cell[number + 1 :]]
            first.append(each)
            room -= down
        return first, []


@dataclass(frozen=True)
class _Line:
    """A row of a table, laid out when a page needs it."""

    sheet: _Sheet
    row: _Row
    part: Sequence[PdfCell] | None = None
    """Its content, if it is a part of a split row."""
    opens: bool = True
    """Whether it is a row of its own, not the figures below a name."""

    @cached_property
    def cells(self) -> Sequence[PdfCell]:
        """Its content."""
        return self.sheet.cells(self.row) if self.part is None else self.part

    @cached_property
    def height(self) -> float:
        """Its height in points."""
        return self.sheet.height(self.cells)

    @property
    def is_high(self) -> bool:
        """Whether it may be split over pages."""
        return self.height > _TALL

    @property
    def rows(self) -> int:
        """The number of rows it counts for; 0 for a total, or for the figures below a name."""
        if self.row.sums or not self.opens:
            return 0
        return _FEWEST if self.is_high else 1

    def cut(self, room: float) -> list[_Line]:
        """Two rows of it, the upper no higher than `room`; empty where that is too little to begin in."""
        parts = [self.sheet.cut(at, cell, room - _ABOVE - _BELOW) for at, cell in enumerate(self.cells)]
        if any(rest and not first for first, rest in parts):
            return []
        below = replace(self.row, parted=False, joined=False)
        return [
            _Line(self.sheet, self.row, [first for first, _ in parts]),
            _Line(self.sheet, below, [rest for _, rest in parts]),
        ]


class _Pages(KeptWithHeading):
    """Rows below a heading, of which each page takes as many as fit.

    ReportLab's own table would measure all remaining rows again on every page.
    """

    def __init__(self, sheet: _Sheet, lines: Sequence[_Line], tags: GridTags) -> None:
        super().__init__()
        self.spaceBefore, self.spaceAfter = 2, 8
        self._sheet, self._lines, self._tags = sheet, lines, tags

    @property
    def least(self) -> float:
        """The height of a short table, or of the first rows of a long one."""
        _, height = self.wrap(CONTENT_WIDTH, _SHORT)
        return min(height if height <= _SHORT else self._needed, KEPT) + _UNDER

    def wrap(self, _: float, down: float) -> tuple[float, float]:
        """The size of the table; where it is higher than `down`, just some larger height."""
        height = self._head
        for line in self._lines:
            height += line.height
            if height > down:
                break
        return CONTENT_WIDTH, height

    def split(self, _: float, down: float) -> list[Flowable]:
        """The rows for this page, and the rest; empty where the table should begin on the next page."""
        end, room = self._fitting(down - self._head)
        lines = list(self._lines)
        if down < self._needed <= KEPT:
            return []
        if end < len(lines) and lines[end].is_high and (parts := lines[end].cut(room)):
            lines[end : end + 1] = parts
            end += 1
        else:
            end = max(range(1, min(end + 1, len(lines))), key=self._how_well, default=0)
        if not end:
            return []
        return [_Pages(self._sheet, part, self._tags) for part in (lines[:end], lines[end:])]

    def draw(self) -> None:
        """Draw the heading and all its rows."""
        commands = _base(self._sheet.columns)
        for number, line in enumerate(self._lines, start=1):
            commands += line.row.commands(number, self._sheet.columns)
        cells = [self._sheet.heading, *(line.cells for line in self._lines)]
        heights = [self._head, *(line.height for line in self._lines)]
        self._tags.columns = len(self._sheet.columns)
        self._tags.spread = {number for number, line in enumerate(self._lines, start=1) if line.row.spread}
        table = Table(
            cells, list(self._sheet.widths), heights, style=TableStyle(commands), renderCB=self._tags
        )
        table.wrapOn(self.canv, CONTENT_WIDTH, sum(heights))
        table.drawOn(self.canv, 0, 0)

    @cached_property
    def _head(self) -> float:
        return self._sheet.height(self._sheet.heading)

    def _fitting(self, room: float) -> tuple[int, float]:
        """The number of rows that fit, and the height that is left."""
        for number, line in enumerate(self._lines):
            if line.height > room:
                return number, room
            room -= line.height
        return len(self._lines), room

    @cached_property
    def _ends(self) -> range:
        """The rows after which a page may end so that no row is alone before or after."""
        return range(_fewest(self._lines), len(self._lines) - _fewest(self._lines[::-1]) + 1)

    @cached_property
    def _needed(self) -> float:
        """The least height to begin the table on a page; more than `KEPT` where that is too much."""
        height = self._head
        for number, line in enumerate(self._lines):
            if height > KEPT or (number in self._ends and not line.row.joined):
                break
            if line.is_high:
                return height + _BEGUN
            height += line.height
        return height

    def _how_well(self, end: int) -> tuple[bool, bool, bool, bool, int]:
        """Sort key for ending a page there: best with no row alone, then as late as possible."""
        line, is_fair = self._lines[end], end in self._ends
        apart, opens = not line.row.joined, line.rows > 0
        return is_fair and apart, is_fair and opens, apart, opens, end


def _fewest(lines: Sequence[_Line]) -> int:
    """How many of these lines make enough rows for a page; one more than all, if they never do."""
    rows = 0
    for number, line in enumerate(lines, start=1):
        rows += line.rows
        if rows >= _FEWEST:
            return number
    return len(lines) + 1


def height_of(table: Flowable) -> float:
    """The height of a table that is not split, in points."""
    return float(table.wrap(CONTENT_WIDTH, inf)[1])


def aligned(tables: Sequence[Ruled]) -> list[Flowable]:
    """Tables with the same columns, whose figures line up unless that would break words."""
    fixed = [max(widths) for widths in zip(*(table.widths_needed() for table in tables), strict=True)]
    if not all(table.keeps_words(fixed) for table in tables):
        return [table.flowable() for table in tables]
    return [table.flowable(fixed) for table in tables]


def signature_lines(names: Sequence[str]) -> Flowable:
    """Empty lines to write on, each after its name."""
    table = Table(
        [[paragraph(name, "cell"), ""] for name in names],
        colWidths=[0.18 * CONTENT_WIDTH, 0.5 * CONTENT_WIDTH],
        rowHeights=26,
        hAlign="LEFT",
        renderCB=ColumnTags(),
    )
    table.setStyle(TableStyle([
        ("FONT", (0, 0), (-1, -1), REGULAR, _SIZE, 11),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ("LINEBELOW", (1, 0), (1, -1), 0.6, MUTED),
    ]))  # fmt: skip
    return table


def _base(columns: Sequence[TableColumn]) -> list[StyleCommand]:
    of_text = [number for number, column in enumerate(columns) if not column.is_figure]
    return [
        ("FONT", (0, 0), (-1, -1), REGULAR, _SIZE, _LEADING),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("ALIGN", (0, 1), (-1, -1), "RIGHT"),
        *[("ALIGN", (number, 1), (number, -1), "LEFT") for number in of_text],
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("LEFTPADDING", (1, 0), (-1, -1), _GAP),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), _ABOVE),
        ("BOTTOMPADDING", (0, 0), (-1, -1), _BELOW),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, BLUE),
    ]
