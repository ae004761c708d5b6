"""Parts of a PDF that several reports share: the fund's figures, its progress to the target, its donors."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports.fund.overview import FundSummary
from reports.render.charts import Bar, bars, progress_track
from reports.render.page import keep_together, paragraph, section_heading
from reports.render.tables import Ruled, TableColumn
from reports.words.labels import GIVERS, label
from reports.words.language import Words


def towards_target(fund: FundSummary, words: Words) -> Flowable:
    """Progress to the target; contributions in kind are named but not counted."""
    return keep_together(*target_lines(fund, words))


def target_lines(fund: FundSummary, words: Words) -> list[Flowable]:
    """The elements of `towards_target`, one below the other."""
    said = words(
        "{received} of {target} received from all donors in the term {term}: {progress}. Contributions in "
        "kind, {in_kind}, stand beside the target and are not counted in it.",
        received=words.usd(fund.received),
        target=words.usd(fund.target),
        term=fund.term,
        progress=words.percent(fund.progress),
        in_kind=words.usd(fund.in_kind),
    )
    heading = section_heading(words("The whole fund on its way to its target"))
    return [heading, progress_track(fund.progress), paragraph(said, "small")]


def fund_figures(fund: FundSummary, words: Words) -> Flowable:
    """All key figures of the fund's term in one table."""
    table = Ruled([TableColumn(words("Term {term}", term=fund.term), 1), TableColumn(words("US$"))])
    for name, cents in (
        (words("Pledged, not yet agreed"), fund.pledged),
        (words("Agreed, not yet received"), fund.receivable),
        (words("Received"), fund.received),
        (
            words("Brought forward, or from interest, exchange differences and refunds"),
            fund.used + fund.allocated + fund.available - fund.received,
        ),
        (words("Allocated to activities and not yet used"), fund.allocated),
    ):
        table.line(name, words.amount(cents))
    table.detail(words("of which committed to partners"), words.amount(fund.committed))
    for name, cents in (
        (words("Used"), fund.used),
        (words("Available: received and not allocated"), fund.available),
        (words("In kind, beside the target"), fund.in_kind),
    ):
        table.line(name, words.amount(cents))
    table.line(words("Delivery rate: used as part of received"), words.percent(fund.delivery_rate))
    return table.flowable()


def donor_types(fund: FundSummary, words: Words) -> list[Flowable]:
    """Bars of the money received by type of donor."""
    heading = section_heading(words("Received, by type of donor"))
    if not fund.by_donor_type:
        return [heading, paragraph(words("Nothing was received in this term."))]
    ranked = sorted(fund.by_donor_type, key=lambda given: (-given[1], given[0]))
    rows = [Bar(label(GIVERS, kind, words), cents, words.usd(cents)) for kind, cents in ranked]
    return [keep_together(heading, bars(rows))]
