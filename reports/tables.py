"""Tables of figures: columns that fit their figures, headings on every page, totals as accountants rule them.

A column of figures is as wide as its widest figure and never wraps; columns of text share what is left and
wrap. A total has one line above it and two below, under its figures only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.lib.colors import Color
from reportlab.platypus import Flowable, LongTable, Paragraph, Table, TableStyle

from reports.page import CONTENT_WIDTH, style, text
from reports.palette import BLUE, INK, MUTED, RULE
from reports.typeface import BOLD, REGULAR, markup, readable, width

_SIZE = 8.0
_GAP = 13.0
"""Space to the left of every column but the first, in points."""

Command = tuple[object, ...]


@dataclass(frozen=True)
class Column:
    """A column: of figures (right-aligned), or of text with its weight in sharing the width."""

    title: str
    weight: int = 0
    """0 for a column of figures."""

    @property
    def is_figure(self) -> bool:
        """Whether figures stand in it."""
        return self.weight == 0


@dataclass
class Ruled:
    """A table being filled row by row; `flowable` lays it out."""

    columns: Sequence[Column]
    _rows: list[list[object]] = field(default_factory=list)
    _commands: list[Command] = field(default_factory=list)

    def line(self, *cells: str, note: str = "") -> None:
        """A row; `note` stands in small letters under its first text."""
        self._add(cells, "cell", REGULAR, INK, note)

    def group(self, *cells: str, note: str = "") -> None:
        """A row in bold, which may be the sum of `detail` rows under it."""
        row = self._add(cells, "cell-bold", BOLD, INK, note)
        self._commands.append(("LINEABOVE", (0, row), (-1, row), 0.4, RULE))

    def detail(self, *cells: str) -> None:
        """A row that is part of the row above it, and stays on its page."""
        row = self._add(cells, "cell-indent", REGULAR, MUTED)
        self._commands.append(("NOSPLIT", (0, row - 1), (-1, row)))

    def subtotal(self, *cells: str) -> None:
        """A sum that the table goes on from: one line above."""
        self._rule(self._add(cells, "cell-bold", BOLD, INK), double=False)

    def total(self, *cells: str) -> None:
        """A final sum: one line above, two below."""
        self._rule(self._add(cells, "cell-bold", BOLD, INK), double=True)

    def flowable(self) -> Flowable:
        """The table, whose rows may break over pages under a repeated heading."""
        heading = [text(c.title, "head-figure" if c.is_figure else "head") for c in self.columns]
        table = LongTable(
            [heading, *self._rows],
            colWidths=self._widths(),
            repeatRows=1,
            splitInRow=1,
            spaceBefore=2,
            spaceAfter=8,
        )
        table.setStyle(TableStyle([*_base(len(self.columns)), *self._commands]))
        return table

    def _add(self, cells: Sequence[str], cell: str, font: str, colour: Color, note: str = "") -> int:
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self._rows.append([
            _figure(content) if column.is_figure else _text(content, cell, note if not at else "")
            for at, (column, content) in enumerate(zip(self.columns, cells, strict=True))
        ])  # fmt: skip
        row = len(self._rows)
        if font != REGULAR or colour != INK:
            self._commands += [
                ("FONTNAME", (0, row), (-1, row), font),
                ("TEXTCOLOR", (0, row), (-1, row), colour),
            ]
        return row

    def _rule(self, row: int, *, double: bool) -> None:
        self._commands.append(("NOSPLIT", (0, row - 1), (-1, row)))
        for at, column in enumerate(self.columns):
            if column.is_figure and self._rows[row - 1][at]:
                cell = (at, row)
                self._commands.append(("LINEABOVE", cell, cell, 0.6, INK))
                if double:
                    self._commands.append(("LINEBELOW", cell, cell, 0.5, INK, 0, None, None, 2, 1.2))

    def _widths(self) -> list[float]:
        fixed = [self._figure_width(at) if c.is_figure else 0.0 for at, c in enumerate(self.columns)]
        left, weights = CONTENT_WIDTH - sum(fixed), sum(c.weight for c in self.columns)
        return [
            fixed[at] if column.is_figure else left * column.weight / weights
            for at, column in enumerate(self.columns)
        ]

    def _figure_width(self, at: int) -> float:
        figures = (width(str(row[at]), BOLD, _SIZE) for row in self._rows)
        title = self.columns[at].title
        in_two_lines = 0.6 * width(title, BOLD, 7.5)
        words = (width(word, BOLD, 7.5) for word in title.split(" "))
        return max([*figures, *words, in_two_lines]) + _GAP + 1


def signature_lines(names: Sequence[str]) -> Flowable:
    """Empty lines to write on, each with its name before it."""
    table = Table(
        [[text(name, "cell"), ""] for name in names],
        colWidths=[0.18 * CONTENT_WIDTH, 0.5 * CONTENT_WIDTH],
        rowHeights=26,
        hAlign="LEFT",
    )
    table.setStyle(TableStyle([
        ("FONT", (0, 0), (-1, -1), REGULAR, _SIZE, 11),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ("LINEBELOW", (1, 0), (1, -1), 0.6, MUTED),
    ]))  # fmt: skip
    return table


def _base(columns: int) -> list[Command]:
    return [
        ("FONT", (0, 0), (-1, -1), REGULAR, _SIZE, 11),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("ALIGN", (0, 1), (-1, -1), "RIGHT"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("LEFTPADDING", (1, 0), (columns - 1, -1), _GAP),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, BLUE),
    ]


def _figure(content: str) -> str:
    return readable(content)


def _text(content: str, cell: str, note: str) -> list[Paragraph]:
    paragraphs = [Paragraph(markup(content), style(cell))]
    return [*paragraphs, text(note, "fine")] if note else paragraphs
