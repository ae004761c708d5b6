"""Fund reports: what the board receives, in one language, before it is a PDF, a workbook or CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.figures.figure import Seal
from reports.fund.overview import FundSummary
from reports.render.charts import BigFigure
from reports.render.section import Section
from reports.words.language import Words


@dataclass(frozen=True)
class FundReport:
    """A report on the whole fund, drawn from the books at two clocks."""

    title: str
    subject: str
    """Of which term it speaks, or of all."""
    lead: str
    """The days that it covers."""
    seal: Seal
    words: Words
    """The language that it is written in."""
    sections: Sequence[Section]
    remark: str = ""
    """What must be known before the figures are read."""
    headline: Sequence[BigFigure] = ()
    """Three figures to be seen first: the first less the second is the third."""
    fund: FundSummary | None = None
    """The fund in short, where the report shows its way to the target."""
    notes: Sequence[str] = ()
    """Definitions, and what the figures rest on."""
    certified: bool = False
    """Whether it has lines to be signed on."""
