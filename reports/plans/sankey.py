"""Sankey diagram of a plan's flows: from donors to activities, each ribbon as wide as its money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from reportlab.graphics.shapes import Line, Path, Rect
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, landscape

from reports.figures.figure import Seal
from reports.plans.bars import subject
from reports.plans.flows import Node, PlanFlows, plan_flows
from reports.plans.named_plan import NamedPlan
from reports.render.palette import ACCENT, BLUE, INK, MUTED
from reports.render.picture import Picture, PictureSheet, wrap_lines
from reports.render.typeface import BOLD, REGULAR, width
from reports.words.language import Words, words_in

TINTS: tuple[Color, ...] = (
    BLUE, HexColor(0xE3C08A), MUTED, HexColor(0xCBD6E2), HexColor(0x2E5E8C), ACCENT,
)  # fmt: skip
"""Colours of neighbouring donors: dark and light in turn, so that they differ in grey."""

_SIZE, _LEADING = 7.5, 10.0
_BAR = 9.0
"""Width of a node, in points."""
_PLOT_MIN = 360.0
_LEFT_ROOM, _RIGHT_ROOM, _LEADER = 150.0, 250.0, 16.0
_OPACITY = 0.75
_SMALL_GAP, _LARGE_GAP = 2.0, 9.0


@dataclass(frozen=True)
class VerticalSpan:
    """The space from one height to a lower one, in points."""

    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Label:
    """The text beside a node: the group that begins with it, its title, and its amount."""

    group: str
    title: tuple[str, ...]
    figure: str
    down: float
    """Its height in points."""


def draw_sankey(named: NamedPlan, language: str) -> Picture:
    """Draw a plan's flows from donors to activities, as `plan_flows` groups them."""
    words = words_in(language)
    plan, shown = named.plan, plan_flows(named, words)
    title = words("From donors to activities")
    about = " ".join((subject(named, words), *shown.notes))
    sheet = PictureSheet(landscape(A4)[0])
    sheet.head(words, title, about)
    _Diagram(sheet, shown, words).draw()
    seal = Seal(plan.scenario.on, plan.manifest.head_seq, plan.manifest.head_hash)
    drawing = sheet.foot(words, plan.scenario.id, seal)
    return Picture(drawing, f"{title}: {about}", _description(shown, words), language)


class _Diagram:
    """Two columns of nodes, the ribbons between them, and the labels outside."""

    def __init__(self, sheet: PictureSheet, shown: PlanFlows, words: Words) -> None:
        self.sheet, self.shown = sheet, shown
        self.left = sheet.left + _LEFT_ROOM + _LEADER
        self.right = sheet.right - _RIGHT_ROOM - _LEADER
        self.source_labels = [_source_label(node, words) for node in shown.sources]
        self.use_labels = _use_labels(shown.uses, words)
        needed = max(sum(label.down for label in side) for side in (self.source_labels, self.use_labels))
        self.top = sheet.y - 14
        self.down = max(_PLOT_MIN, needed)
        gaps = _gaps(shown.uses)
        self.scale = (self.down - sum(gaps)) / sum(node.cents for node in shown.uses)
        self.uses = _stacked([node.cents * self.scale for node in shown.uses], gaps, self.top)
        free = self.down - sum(node.cents for node in shown.sources) * self.scale
        even = [free / max(1, len(shown.sources) - 1)] * (len(shown.sources) - 1)
        self.sources = _stacked([node.cents * self.scale for node in shown.sources], even, self.top)

    def draw(self) -> None:
        """Draw ribbons first, so that nodes and labels are above them."""
        self.ribbons()
        for spans, x in ((self.sources, self.left), (self.uses, self.right - _BAR)):
            for number, span in enumerate(spans):
                colour = TINTS[number % len(TINTS)] if spans is self.sources else INK
                down = span.top - span.bottom
                self.sheet.put(Rect(x, span.bottom, _BAR, down, fillColor=colour, strokeColor=None))
        for span, label, place in self._placed(self.sources, self.source_labels):
            self.source_label(span, label, place)
        for span, label, place in self._placed(self.uses, self.use_labels):
            self.use_label(span, label, place)
        self.sheet.y = self.top - self.down

    def ribbons(self) -> None:
        """Draw the ribbons of each node one below the other."""
        left = [span.top for span in self.sources]
        right = [span.top for span in self.uses]
        begin, end = self.left + _BAR, self.right - _BAR
        for ribbon in self.shown.ribbons:
            thick = ribbon.cents * self.scale
            tint = TINTS[ribbon.source % len(TINTS)]
            leaves, arrives = left[ribbon.source], right[ribbon.use]
            self.sheet.put(_ribbon(begin, leaves, end, arrives, thick, tint))
            left[ribbon.source], right[ribbon.use] = leaves - thick, arrives - thick

    def _placed(
        self, spans: Sequence[VerticalSpan], labels: Sequence[Label]
    ) -> list[tuple[VerticalSpan, Label, float]]:
        wanted = [span.middle + label.down / 2 for span, label in zip(spans, labels, strict=True)]
        places = spread_labels(wanted, [label.down for label in labels], self.top, self.top - self.down)
        return list(zip(spans, labels, places, strict=True))

    def source_label(self, span: VerticalSpan, label: Label, place: float) -> None:
        """Draw the donor's name and amount, left of the node."""
        edge = self.left - _LEADER
        for number, line in enumerate((*label.title, label.figure)):
            base = place - 8 - _LEADING * number
            last = number == len(label.title)
            self.sheet.write(
                line, edge, base, _SIZE, flush_right=True,
                font=REGULAR if last else BOLD, colour=MUTED if last else INK,
            )  # fmt: skip
        self.leader(self.left, span, edge + 3, place - label.down / 2)

    def use_label(self, span: VerticalSpan, label: Label, place: float) -> None:
        """Draw the group where one begins, the activity and its amount, right of the node."""
        edge = self.right + _LEADER
        base = place - 8
        if label.group:
            base -= 3
            self.sheet.write(label.group, edge, base, _SIZE, font=BOLD, colour=BLUE)
            base -= _LEADING
        self.leader(self.right, span, edge - 3, base + 2.5)
        self.sheet.write(label.figure, self.sheet.right, base, _SIZE, font=BOLD, flush_right=True)
        self.sheet.write(label.title[0], edge, base, _SIZE)

    def leader(self, node: float, span: VerticalSpan, edge: float, height: float) -> None:
        """Draw a thin line from a node to its label."""
        self.sheet.put(Line(node, span.middle, edge, height, strokeColor=MUTED, strokeWidth=0.4))


def spread_labels(wanted: Sequence[float], downs: Sequence[float], top: float, bottom: float) -> list[float]:
    """The upper edges of labels, in order, without overlap, with the least squares of displacements.

    They fit between top and bottom when their heights do.
    """
    above = list(accumulate(downs, initial=0.0))
    # Move each label up by the heights above it: then "no overlap" means "never rises".
    blocks: list[list[float]] = []
    for want, risen in zip(wanted, above, strict=False):
        blocks.append([want + risen])
        while len(blocks) > 1 and _mean(blocks[-2]) < _mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    level = [min(max(_mean(block), bottom + above[-1]), top) for block in blocks for _ in block]
    return [height - risen for height, risen in zip(level, above, strict=False)]


def _mean(heights: Sequence[float]) -> float:
    return sum(heights) / len(heights)


def _ribbon(begin: float, leaves: float, end: float, arrives: float, thick: float, tint: Color) -> Path:
    middle = (begin + end) / 2
    # As part of the colour, which PDF and SVG both apply; a shape's own opacity is lost in SVG.
    shape = Path(fillColor=tint.clone(alpha=_OPACITY), strokeColor=None)
    shape.moveTo(begin, leaves)
    shape.curveTo(middle, leaves, middle, arrives, end, arrives)
    shape.lineTo(end, arrives - thick)
    shape.curveTo(middle, arrives - thick, middle, leaves - thick, begin, leaves - thick)
    shape.closePath()
    return shape


def _gaps(nodes: Sequence[Node]) -> list[float]:
    """The space between neighbours: more where another group begins."""
    return [_SMALL_GAP if above.group == below.group else _LARGE_GAP for above, below in pairwise(nodes)]


def _stacked(heights: Sequence[float], gaps: Sequence[float], top: float) -> list[VerticalSpan]:
    steps = [height + gap for height, gap in zip(heights, (*gaps, 0.0), strict=True)]
    tops = [top - step for step in accumulate(steps, initial=0.0)]
    return [VerticalSpan(begin, begin - height) for begin, height in zip(tops, heights, strict=False)]


def _source_label(node: Node, words: Words) -> Label:
    title = tuple(wrap_lines(node.title, BOLD, _SIZE, _LEFT_ROOM, 2))
    return Label("", title, words.usd(node.cents), _LEADING * (len(title) + 1) + 3)


def _use_labels(nodes: Sequence[Node], words: Words) -> list[Label]:
    figures = [words.amount(node.cents) for node in nodes]
    room = _RIGHT_ROOM - max(width(figure, BOLD, _SIZE) for figure in figures) - 8
    labels = []
    before = ""
    for node, figure in zip(nodes, figures, strict=True):
        named = f"{node.code} {node.title}" if node.group else node.title
        title = tuple(wrap_lines(named, REGULAR, _SIZE, room, 1))
        (group,) = wrap_lines(node.group if node.group != before else "", BOLD, _SIZE, _RIGHT_ROOM, 1)
        labels.append(Label(group, title, figure, 2 * _LEADING + 4 if group else _LEADING + 1))
        before = node.group
    return labels


def _description(shown: PlanFlows, words: Words) -> str:
    """The picture in words, for readers who cannot see it."""
    by_source: dict[int, list[str]] = {}
    for ribbon in shown.ribbons:
        use = shown.uses[ribbon.use]
        by_source.setdefault(ribbon.source, []).append(
            f"{use.code if use.group else use.title} {words.usd(ribbon.cents)}"
        )
    return " ".join(
        f"{node.title}, {words.usd(node.cents)}: {'; '.join(by_source[number])}."
        for number, node in enumerate(shown.sources)
    )
