"""Fund report: the content of a report on the whole fund, from which PDF, workbook and CSV are made."""

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
    """A report on the whole fund at two clocks, in one language."""

    title: str
    subject: str
    """The term of the report, or all terms."""
    lead: str
    """The days that it covers."""
    seal: Seal
    words: Words
    """The language of the report."""
    sections: Sequence[Section]
    remark: str = ""
    """What readers must know before the figures."""
    headline: Sequence[BigFigure] = ()
    """Three big figures: the first less the second is the third."""
    fund: FundSummary | None = None
    """Key figures of the fund, where the report shows the progress to the target."""
    notes: Sequence[str] = ()
    """Definitions and the basis of the figures."""
    certified: bool = False
    """Whether it has lines for a signature."""
