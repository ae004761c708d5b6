"""PDF of a fund report: a headline of three figures, its sections and notes, and lines for a signature.

A table with more figures than fit beside its names is printed in parts, one below the other, each with the
names, so that nothing is cut however large the amounts are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from reportlab.platypus import Flowable, Spacer

from ledger import Amount
from reports.fund.form.fund_report import FundReport
from reports.fund.form.parts import towards_target
from reports.render.charts import Bar, bars, equation
from reports.render.page import (
    Imprint,
    keep_together,
    letterhead,
    paragraph,
    part_heading,
    render_pdf,
    section_heading,
)
from reports.render.section import Section
from reports.render.tables import Ruled, TableColumn, height_of, signature_lines
from reports.render.workbook import CellValue, Dollars, Formula, Percentage, Table
from reports.words.language import Words

_ROOM = 110.0
"""Least width of the columns of text, in points; with less, a table is printed in parts."""
_TOTAL = 40.0
"""Least width of the column of names, in points, where the names stand above their figures."""
_DATE, _UNBROKEN = re.compile(r"\b(\d{1,2}) (\S+) (\d{4})\b"), "\\1\u00a0\\2\u00a0\\3"
"""A date in a heading, which a narrow column would break over lines."""
_BARS = 12
_AND = "\u00a0"
"""Joins a code and its name, before the space at which a line may break."""
_SIGNED_WITH = 2
"""Number of notes on the page of the signature."""
_LOWER = 0.75
"""Names stand above their figures if that reduces the height of the table to this part."""
_JUDGED = 200
"""Rows that decide the layout of a table, so that a long one is not laid out twice."""
_LIGHT, _HEAVY = 8, 40
"""Fewest and most characters that set a column's share of the width."""


def render_fund_report(report: FundReport) -> bytes:
    """The report as a PDF; equal reports give equal bytes."""
    words = report.words
    story = [*letterhead(words, report.title, report.subject), paragraph(report.lead, "lead"), Spacer(0, 12)]
    if report.remark:
        story.append(paragraph(report.remark))
    if report.headline:
        story += [equation(*report.headline), Spacer(0, 8)]
    if report.fund:
        story.append(towards_target(report.fund, words))
    for number, section in enumerate(report.sections, start=1):
        story += _section(number, section, words)
    notes = [paragraph(f"{number}.  {note}") for number, note in enumerate(report.notes, start=1)]
    if notes:
        story.append(part_heading(len(report.sections) + 1, words("Notes")))
    if report.certified:
        # A page with nothing but signatures could be attached to another report.
        notes = [
            *notes[:-_SIGNED_WITH],
            keep_together(*notes[-_SIGNED_WITH:], *_certification(report, words)),
        ]
    name = f"{report.title}  ·  {report.subject}"
    return render_pdf([*story, *notes], Imprint(name, report.title, report.subject, report.seal, words))


def _section(number: int, section: Section, words: Words) -> list[Flowable]:
    title = part_heading(number, section.table.name)
    if not section.table.rows:
        return [keep_together(title, paragraph(section.empty_text))]
    before: list[Flowable] = [title, *([paragraph(section.intro)] if section.intro else [])]
    shown = sorted((bar for bar in section.bars if bar[1] > 0), key=lambda bar: (-bar[1], bar[0]))[:_BARS]
    if shown:
        before.append(bars([Bar(name, cents, words.usd(cents)) for name, cents in shown]))
        before = [keep_together(*before), Spacer(0, 8)]
    return [*before, *_laid_out(section, words)]


def _laid_out(section: Section, words: Words) -> list[Flowable]:
    """The table in parts, or whole with its long names above their figures where that is much lower."""
    judged = replace(section, table=replace(section.table, rows=section.table.rows[:_JUDGED]))
    if over := _over(judged, words):
        parts = sum(height_of(ruled.flowable()) for ruled in _parts(judged, words))
        if height_of(over.flowable()) < _LOWER * parts and (whole := _over(section, words)):
            return [whole.flowable()]
    return [ruled.flowable() for ruled in _parts(section, words)]


def _over(section: Section, words: Words) -> Ruled | None:
    """The table with names above their figures; None unless it has one column of text and all figures fit."""
    over = _ruled(section, section.pdf_columns or range(len(section.table.head)), words, tall=True)
    fits = sum(not column.is_figure for column in over.columns) == 1 and over.room >= _TOTAL
    return over if fits else None


def _parts(section: Section, words: Words) -> Sequence[Ruled]:
    """The table in as few parts as its figures need, with about as many figures in each."""
    shown = list(section.pdf_columns or range(len(section.table.head)))
    figures = [column for column in shown if _is_figure(section.table, column)]
    names = [column for column in shown if column not in figures]
    for parts in range(1, max(1, len(figures)) + 1):
        size = max(1, -(-len(figures) // parts))
        groups = [figures[start : start + size] for start in range(0, len(figures), size)] or [[]]
        tables = [
            _ruled(section, [each for each in shown if each in (*names, *group)], words) for group in groups
        ]
        if size == 1 or all(table.room >= _ROOM for table in tables):
            return tables
    raise AssertionError("one figure a table is the last way to print it")


def _ruled(section: Section, shown: Sequence[int], words: Words, *, tall: bool = False) -> Ruled:
    table = section.table
    columns = [column for column in shown if not (section.code_first and column == 0)]
    ruled = Ruled([TableColumn(_DATE.sub(_UNBROKEN, table.head[at]), _weight(table, at)) for at in columns])
    for number, row in enumerate(table.rows):
        cells = [_cell_text(row[at], words) for at in columns]
        if section.code_first and row[0]:
            cells[0] = f"{row[0]}{_AND} {cells[0]}"
        if number in table.details:
            ruled.detail(*cells)
        elif number in table.strong:
            add = ruled.total if number == len(table.rows) - 1 else ruled.subtotal
            add(*cells)
        elif tall:
            ruled.tall(*cells)
        else:
            ruled.line(*cells)
    if table.has_totals:
        cells = [_cell_text(table.totals[at], words) for at in columns]
        ruled.total(table.total_name, *cells[1:])
    return ruled


def _is_figure(table: Table, column: int) -> bool:
    """Whether a column holds figures or dates, which are never broken over lines."""
    return not any(isinstance(row[column], str) for row in table.rows)


def _weight(table: Table, column: int) -> int:
    if _is_figure(table, column):
        return 0
    longest = max(len(str(cell)) for cell in (table.head[column], *(row[column] for row in table.rows)))
    return min(max(longest, _LIGHT), _HEAVY)


def _cell_text(cell: CellValue, words: Words) -> str:
    """A cell in the formats of the language."""
    match cell:
        case None:
            content = ""
        case Formula(cents=cents) | (Dollars() as cents):
            content = words.amount(cents)
        case Percentage():
            content = words.percent(cell)
        case Amount(currency=currency, minor=minor):
            content = words.money(minor, currency)
        case Decimal():
            content = words.decimal(str(cell))
        case date():
            content = words.short_date(cell)
        case int():
            content = words.number(cell)
        case _:
            content = str(cell)
    return content


def _certification(report: FundReport, words: Words) -> list[Flowable]:
    certified = words(
        "I certify that this report is drawn from the books of the fund as they stood at journal entry "
        "{entry}.",
        entry=words.number(report.seal.known_at),
    )
    lines = signature_lines((words("Name"), words("Title"), words("Signature"), words("Date")))
    return [section_heading(words("Certification")), paragraph(certified), lines]
