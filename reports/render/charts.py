"""Charts as vectors: bars, progress to a target and big figures, readable in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.graphics.shapes import Drawing, Line, Rect
from reportlab.lib.colors import Color
from reportlab.platypus import Flowable, Table, TableStyle

from reports.render.page import CONTENT_WIDTH, paragraph
from reports.render.palette import ACCENT, BLUE, INK, MUTED, RULE, WASH
from reports.render.tagging import ColumnTags, GridTags
from reports.render.typeface import BOLD, REGULAR, width
from reports.words.percentages import WHOLE

_SIGN_WIDTH = 22.0
_BAR_HEIGHT = 11.0
_TRACK_HEIGHT, _UNDER_TRACK = 20.0, 7.0


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value, and the value as text."""

    label: str
    value: int
    figure: str
    colour: Color = BLUE


@dataclass(frozen=True)
class BigFigure:
    """A prominent figure: its name, the figure, and a note on its parts."""

    name: str
    figure: str
    note: str


def bars(rows: Sequence[Bar], space: float = 3.5) -> Flowable:
    """Horizontal bars from one base line, the largest value filling the width; labels wrap.

    `space` is the space above and below each bar, in points.
    """
    figure_width = max(width(row.figure, BOLD, 8) for row in rows) + 10
    label_width = 0.42 * CONTENT_WIDTH
    bar_width = CONTENT_WIDTH - label_width - figure_width
    longest = max(1, *(row.value for row in rows))
    cells = [[paragraph(row.label, "cell"), _bar(row, longest, bar_width), row.figure] for row in rows]
    table = Table(cells, colWidths=[label_width, bar_width, figure_width], splitInRow=1, renderCB=GridTags())
    table.setStyle(TableStyle([
        ("FONT", (0, 0), (-1, -1), BOLD, 8, 11),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("ALIGN", (2, 0), (2, -1), "RIGHT"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (0, -1), 12),
        ("TOPPADDING", (0, 0), (-1, -1), space),
        ("BOTTOMPADDING", (0, 0), (-1, -1), space),
        ("LINEAFTER", (0, 0), (0, -1), 0.6, MUTED),
    ]))  # fmt: skip
    return table


def progress_track(done: int) -> Flowable:
    """A track filled to `done` basis points, with a mark at every quarter; above 100 % it stays full."""
    top, bottom = _TRACK_HEIGHT + _UNDER_TRACK, _UNDER_TRACK
    drawing = _drawing(CONTENT_WIDTH, top)
    track = Rect(0, bottom, CONTENT_WIDTH, _TRACK_HEIGHT, fillColor=WASH, strokeColor=RULE, strokeWidth=0.5)
    drawing.add(track)
    filled = CONTENT_WIDTH * min(max(done, 0), WHOLE) / WHOLE
    drawing.add(Rect(0, bottom, filled, _TRACK_HEIGHT, fillColor=ACCENT, strokeColor=None))
    for quarter in (1, 2, 3):
        at = CONTENT_WIDTH * quarter / 4
        drawing.add(Line(at, bottom, at, top, strokeColor=RULE, strokeWidth=0.5))
    return drawing


def equation(given: BigFigure, used: BigFigure, left: BigFigure) -> Flowable:
    """Three big figures; the first less the second is the third."""
    return _in_a_row((given, used, left), ("–", "="))


def big_figures(*figures: BigFigure) -> Flowable:
    """Big figures beside each other."""
    return _in_a_row(figures, ("",) * (len(figures) - 1))


def _in_a_row(figures: Sequence[BigFigure], signs: Sequence[str]) -> Flowable:
    room = (CONTENT_WIDTH - len(signs) * _SIGN_WIDTH) / len(figures)
    size = _fitting([each.figure for each in figures], room)
    nothing = ("",) * len(signs)
    rows = [
        _joined([paragraph(each.name, "caption") for each in figures], nothing),
        _joined([each.figure for each in figures], signs),
        _joined([paragraph(each.note, "small") for each in figures], nothing),
    ]
    widths = _joined([room] * len(figures), [_SIGN_WIDTH] * len(signs))
    table = Table(rows, colWidths=widths, spaceBefore=4, hAlign="LEFT", renderCB=ColumnTags())
    table.setStyle(_row_style(size, len(figures)))
    return table


def _joined(cells: Sequence[object], between: Sequence[object]) -> list[object]:
    """Cells with something between each and the next."""
    return [cells[0], *(each for pair in zip(between, cells[1:], strict=True) for each in pair)]


def _row_style(size: float, figures: int) -> TableStyle:
    places = range(0, 2 * figures, 2)
    signs = [
        command
        for at in (place - 1 for place in places[1:])
        for command in (
            ("FONT", (at, 1), (at, 1), REGULAR, 15, size + 5),
            ("TEXTCOLOR", (at, 1), (at, 1), MUTED),
            ("ALIGN", (at, 1), (at, 1), "CENTER"),
        )
    ]
    return TableStyle([
        ("FONT", (0, 0), (-1, -1), REGULAR, 8, 11),
        ("FONT", (0, 1), (-1, 1), BOLD, size, size + 5),
        ("TEXTCOLOR", (0, 1), (-1, 1), BLUE),
        *signs,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        *[("LINEABOVE", (at, 0), (at, 0), 1.5, BLUE) for at in places],
    ])  # fmt: skip


def _bar(row: Bar, longest: int, room: float) -> Drawing:
    drawing = _drawing(room, _BAR_HEIGHT)
    length = room * max(row.value, 0) / longest
    drawing.add(Rect(0, 0, length, _BAR_HEIGHT, fillColor=row.colour, strokeColor=None))
    return drawing


def _drawing(across: float, down: float) -> Drawing:
    """An empty drawing that does not add a font of its own."""
    return Drawing(across, down, initialFontName=REGULAR)


def _fitting(figures: Sequence[str], room: float) -> float:
    """The largest size, at most 19 points, at which every figure fits its room."""
    widest = max(width(figure, BOLD, 1) for figure in figures)
    return min(19.0, room / widest)
