"""Plot of a Pareto front: what one goal costs in terms of another, as a vector picture.

Each point is a plan. The line through them falls in steps, because there is no plan between two points: for a
given value of the goal to the right, the plan at the end of the step is the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from reportlab.graphics.shapes import Circle, Line, PolyLine
from reportlab.lib.colors import Color

from allocation import Goal, Point
from reports.figures.figure import Seal
from reports.render.page import WIDTH
from reports.render.palette import ACCENT, BLUE, INK, MUTED, RULE
from reports.render.picture import Picture, PictureSheet
from reports.render.typeface import BOLD, REGULAR, width
from reports.words.language import words_in

TITLE = "What a goal costs"
_SIZE = 7.5
_HEIGHT = 300.0
_TICKS_MOST = 6
_DOT, _DOT_LARGEST = 2.6, 7.0
"""Radius of a point; the largest where a third goal is shown by area."""


def draw_front(points: Sequence[Point], goals: Sequence[Goal], scenario: str, seal: Seal) -> Picture:
    """Draw a front with at least one point: the first goal upwards, the second to the right.

    A third goal is the area of the points.
    """
    subject = f"Scenario {scenario}: plans in which none of {_listed(goals)} can gain alone."
    sheet, words = PictureSheet(WIDTH), words_in("en")
    sheet.head(words, TITLE, subject)
    _Plot(sheet, points, goals).draw()
    return Picture(
        sheet.foot(words, scenario, seal), f"{TITLE}: {subject}", _description(points, goals), words.language
    )


class _Axis:
    """The values of a goal along a line, from a round number below the least to one above the most."""

    def __init__(self, goal: Goal, values: Sequence[int]) -> None:
        self.goal = goal
        self.shown = 100 if goal.unit == "US$" else 1
        whole = [goal.whole(value) // self.shown for value in values]
        step = _round_step(max(whole) - min(whole))
        first, last = min(whole) // step * step, -(-max(whole) // step) * step
        self.ticks = range(first, max(last, first + step) + 1, step)

    def part(self, value: int) -> float:
        """The position of a value between the ends, from 0 to 1."""
        length = self.ticks[-1] - self.ticks[0]
        return (value / self.goal.scale / self.shown - self.ticks[0]) / length


class _Plot:
    """The area of the plot, and its contents."""

    def __init__(self, sheet: PictureSheet, points: Sequence[Point], goals: Sequence[Goal]) -> None:
        self.sheet, self.goals = sheet, goals
        self.points = sorted((point.values for point in points), key=lambda values: values[1])
        self.up = _Axis(goals[0], [values[0] for values in self.points])
        self.across = _Axis(goals[1], [values[1] for values in self.points])
        label = max(width(f"{tick:,}", REGULAR, _SIZE) for tick in self.up.ticks)
        self.left, self.right = sheet.left + label + 8, sheet.right - 10
        self.top, self.bottom = sheet.y - 26, sheet.y - 26 - _HEIGHT

    def draw(self) -> None:
        """Draw the axes first, then the points over them and their labels."""
        self._axes()
        if len(self.goals) == 2:
            self._steps()
            self._ends()
        for values in self.points:
            self.sheet.put(Circle(*self._place(values), self._radius(values), fillColor=BLUE, **_RIM))
        self.sheet.y = self.bottom - 34

    def _axes(self) -> None:
        sheet = self.sheet
        sheet.write(_named(self.goals[0]), sheet.left, self.top + 10, _SIZE, font=BOLD)
        for tick in self.up.ticks:
            y = self._height(tick * self.up.goal.scale * self.up.shown)
            sheet.put(Line(self.left, y, self.right, y, strokeColor=RULE, strokeWidth=0.4))
            sheet.write(f"{tick:,}", self.left - 6, y - 2.6, _SIZE, colour=MUTED, flush_right=True)
        for tick in self.across.ticks:
            x = self._width(tick * self.across.goal.scale * self.across.shown)
            sheet.put(Line(x, self.bottom, x, self.bottom - 3, strokeColor=MUTED, strokeWidth=0.6))
            label = f"{tick:,}"
            half = width(label, REGULAR, _SIZE) / 2
            sheet.write(label, min(x - half, sheet.right - 2 * half), self.bottom - 13, _SIZE, colour=MUTED)
        sheet.put(Line(self.left, self.bottom, self.right, self.bottom, strokeColor=MUTED, strokeWidth=0.6))
        sheet.write(_named(self.goals[1]), self.right, self.bottom - 26, _SIZE, font=BOLD, flush_right=True)
        if len(self.goals) == 3:
            note = f"The larger a point, the more {_named(self.goals[2])}."
            sheet.write(note, self.left, self.bottom - 26, _SIZE, colour=MUTED)

    def _steps(self) -> None:
        corners: list[float] = []
        before: float | None = None
        for values in self.points:
            x, y = self._place(values)
            if before is not None:
                corners += [before, y]
            corners += [x, y]
            before = x
        if len(self.points) > 1:
            self.sheet.put(PolyLine(corners, strokeColor=ACCENT, strokeWidth=1.0))

    def _ends(self) -> None:
        """Label the two ends of the front with their values, off the line."""
        above, below = 9.0, -15.0
        left, right = self.points[0], self.points[-1]
        self._label(left, above, flush_right=False)
        if right != left:
            room = self._height(right[0]) - self.bottom
            self._label(right, below if room > -below + 4 else above, flush_right=True)

    def _label(self, values: Sequence[int], offset: float, *, flush_right: bool) -> None:
        x, y = self._place(values)
        label = " · ".join(goal.text(value) for goal, value in zip(self.goals, values, strict=True))
        self.sheet.write(label, x, y + offset, _SIZE, font=BOLD, colour=INK, flush_right=flush_right)

    def _radius(self, values: Sequence[int]) -> float:
        if len(self.goals) == 2:
            return _DOT
        most = max(each[2] for each in self.points)
        return max(1.2, _DOT_LARGEST * sqrt(max(values[2], 0) / most)) if most > 0 else _DOT

    def _place(self, values: Sequence[int]) -> tuple[float, float]:
        return self._width(values[1]), self._height(values[0])

    def _width(self, value: int) -> float:
        return self.left + (self.right - self.left) * self.across.part(value)

    def _height(self, value: int) -> float:
        return self.bottom + (self.top - self.bottom) * self.up.part(value)


_RIM = {"strokeColor": Color(1, 1, 1), "strokeWidth": 0.5}


def _round_step(length: int) -> int:
    """The least of 1, 2 or 5 times a power of ten that covers the length in `_TICKS_MOST` steps."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step * _TICKS_MOST >= length:
                return step
        power *= 10


def _named(goal: Goal) -> str:
    return f"{goal.id} (US$)" if goal.unit == "US$" else f"{goal.id} ({goal.unit})"


def _listed(goals: Sequence[Goal]) -> str:
    *most, last = (goal.id for goal in goals)
    return f"{', '.join(most)} and {last}"


def _description(points: Sequence[Point], goals: Sequence[Goal]) -> str:
    """The points in words, for readers who cannot see them."""
    sentences = (
        ", ".join(f"{goal.id} {goal.text(value)}" for goal, value in zip(goals, point.values, strict=True))
        for point in points
    )
    return f"{len(points)} plans. {'; '.join(sentences)}."
