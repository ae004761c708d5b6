"""Bar chart of a plan's money, with every floor and ceiling as a mark on its bar."""

from __future__ import annotations

from reportlab.graphics.shapes import Line, Polygon, Rect

from reports.figures.figure import Seal
from reports.plans.money import BoundSense, Mark, Panel, PanelRow, panels
from reports.plans.named_plan import NamedPlan
from reports.render.page import WIDTH
from reports.render.palette import ACCENT, BLUE, INK, MUTED, RULE, WASH
from reports.render.picture import Picture, PictureSheet, wrap_lines
from reports.render.typeface import BOLD, REGULAR, width
from reports.words.language import Words, words_in
from reports.words.percentages import WHOLE, part_of, shares_of_whole

_SIZE, _LEADING = 8.0, 10.0
_BAR = 10.0
_NOTE_SIZE, _NOTE_LEADING = 7.0, 9.0
_WEDGE = 4.0
"""Half the height of the wedge of a mark, in points."""


def draw_money(named: NamedPlan, language: str) -> Picture:
    """Draw a plan's money by region, cluster, work area and type of donor."""
    words = words_in(language)
    plan, scenario = named.plan, named.plan.scenario
    shown = panels(named, words)
    title = words("Where the money goes")
    sheet = PictureSheet(WIDTH)
    sheet.head(words, title, subject(named, words))
    _legend(sheet, words)
    layout = _Layout(sheet, shown, plan.awarded, words)
    for panel in shown:
        layout.panel(panel)
    drawing = sheet.foot(
        words, scenario.id, Seal(scenario.on, plan.manifest.head_seq, plan.manifest.head_hash)
    )
    return Picture(drawing, f"{title}: {subject(named, words)}", _description(shown, words), language)


def subject(named: NamedPlan, words: Words) -> str:
    """The plan that a picture shows, as a sentence."""
    plan = named.plan
    return words(
        "Scenario {id}, term {term}: {awarded} of {available} that may be given.",
        id=plan.scenario.id, term=plan.scenario.term,
        awarded=words.usd(plan.awarded), available=words.usd(plan.available),
    )  # fmt: skip


class _Layout:
    """The columns of the picture: label, bar, figure."""

    def __init__(self, sheet: PictureSheet, shown: tuple[Panel, ...], awarded: int, words: Words) -> None:
        rows = [row for panel in shown for row in panel.rows]
        room = sheet.right - sheet.left
        self.sheet, self.words, self.awarded = sheet, words, awarded
        self.figures = max(width(words.amount(cents), BOLD, _SIZE) for cents in (awarded, *_cents(rows)))
        self.percents = width(words.percent(WHOLE), REGULAR, _SIZE) + 8
        self.label_room = 0.33 * room
        self.bar_left = sheet.left + self.label_room + 10
        self.bar_room = sheet.right - self.bar_left - self.figures - self.percents - 10
        self.longest = max(1, *_cents(rows), *(mark.bound for row in rows for mark in row.marks))

    def panel(self, panel: Panel) -> None:
        """Draw a heading, the rows, and their total."""
        sheet = self.sheet
        sheet.y -= 24
        sheet.write(panel.title, sheet.left, sheet.y, 9.5, font=BOLD)
        sheet.write(
            self.words("US$"), sheet.right - self.percents, sheet.y, 7, colour=MUTED, flush_right=True
        )
        sheet.y -= 6
        top = sheet.y
        for row, share in zip(panel.rows, self.shares(panel), strict=True):
            self.row(row, share)
        sheet.put(Line(self.bar_left, top, self.bar_left, sheet.y, strokeColor=MUTED, strokeWidth=0.6))
        if panel.whole:
            sheet.put(Line(sheet.left, sheet.y, sheet.right, sheet.y, strokeColor=RULE, strokeWidth=0.5))
            sheet.y -= 11
            sheet.write(self.words("Total"), sheet.left, sheet.y, _SIZE, font=BOLD)
            self.figure(self.awarded, WHOLE, sheet.y)

    def shares(self, panel: Panel) -> list[int]:
        """The part of each row in basis points; the rows of a whole add up to 100 %."""
        if panel.whole:
            cents = {str(number): row.cents for number, row in enumerate(panel.rows)}
            return list(shares_of_whole(cents).values())
        return [part_of(row.cents, self.awarded) for row in panel.rows]

    def row(self, row: PanelRow, share: int) -> None:
        """Draw a bar with its label and figure, and its rules below."""
        sheet = self.sheet
        lines = wrap_lines(row.label, REGULAR, _SIZE, self.label_room, 2)
        down = 4 + max(_LEADING * len(lines), _BAR + _NOTE_LEADING * len(row.marks) + 2) + 3
        top = sheet.y - 4
        for number, line in enumerate(lines):
            sheet.write(line, sheet.left, top - 8 - _LEADING * number, _SIZE)
        sheet.put(
            Rect(self.bar_left, top - _BAR, self.bar_room, _BAR, fillColor=WASH, strokeColor=None),
            Rect(self.bar_left, top - _BAR, self.at(row.cents), _BAR, fillColor=BLUE, strokeColor=None),
        )
        for number, mark in enumerate(row.marks):
            _put_mark(sheet, mark.sense, self.bar_left + self.at(mark.bound), top)
            base = top - _BAR - 9 - _NOTE_LEADING * number
            (note,) = wrap_lines(
                _note(mark, self.words), REGULAR, _NOTE_SIZE, sheet.right - self.bar_left - 4, 1
            )
            sheet.write(note, self.bar_left + 4, base, _NOTE_SIZE, colour=MUTED)
        self.figure(row.cents, share, top - 8)
        sheet.y -= down

    def figure(self, cents: int, share: int, base: float) -> None:
        """Draw an amount, and its part of all that is awarded."""
        sheet, words = self.sheet, self.words
        sheet.write(
            words.amount(cents), sheet.right - self.percents, base, _SIZE, font=BOLD, flush_right=True
        )
        sheet.write(words.percent(share), sheet.right, base, _SIZE, colour=MUTED, flush_right=True)

    def at(self, cents: int) -> float:
        """The length of a bar, in points."""
        return self.bar_room * cents / self.longest


def _cents(rows: list[PanelRow]) -> list[int]:
    return [row.cents for row in rows]


def _put_mark(sheet: PictureSheet, sense: BoundSense, x: float, top: float) -> None:
    """A line across the bar with a white edge, and a wedge that points to where the bar should end."""
    foot = top - _BAR
    ahead = _WEDGE if sense == "floor" else -_WEDGE
    sheet.put(
        Line(x, foot - 1.5, x, top + 1.5, strokeColor=WASH, strokeWidth=3),
        Line(x, foot - 1.5, x, top + 1.5, strokeColor=ACCENT, strokeWidth=1.4),
        _wedge(x, (top + foot) / 2, ahead),
    )


def _wedge(x: float, middle: float, ahead: float) -> Polygon:
    points = [x, middle + _WEDGE * 0.8, x + ahead, middle, x, middle - _WEDGE * 0.8]
    return Polygon(points, fillColor=ACCENT, strokeColor=WASH, strokeWidth=0.5)


def _legend(sheet: PictureSheet, words: Words) -> None:
    sheet.y -= 8
    x = sheet.left + _WEDGE
    legend: dict[BoundSense, str] = {"floor": words("floor: at least"), "ceiling": words("ceiling: at most")}
    for sense, content in legend.items():
        _put_mark(sheet, sense, x, sheet.y + 8)
        sheet.write(content, x + _WEDGE + 6, sheet.y, _SIZE, colour=INK)
        x += width(content, REGULAR, _SIZE) + 34


def _note(mark: Mark, words: Words) -> str:
    """The rule of a mark, in short."""
    least = mark.sense == "floor"
    content = words("{rule}: at least {bound}") if least else words("{rule}: at most {bound}")
    content = content.format(rule=mark.rule, bound=words.amount(mark.bound))
    if mark.kept:
        return content
    return words(
        "{said}; missed by {cents}", said=content, cents=words.amount(abs(mark.bound - mark.reached))
    )


def _description(shown: tuple[Panel, ...], words: Words) -> str:
    """The picture in words, for readers who cannot see it."""
    return " ".join(
        f"{panel.title}: {'; '.join(_row_description(row, words) for row in panel.rows)}." for panel in shown
    )


def _row_description(row: PanelRow, words: Words) -> str:
    notes = "".join(f" ({_note(mark, words)})" for mark in row.marks)
    return f"{row.label} {words.usd(row.cents)}{notes}"
