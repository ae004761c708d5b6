"""PDF of the fund's overview: progress, donors and uses, on a page or two."""

from __future__ import annotations

from reportlab.platypus import Flowable, Spacer

from reports.fund.form.parts import donor_types, fund_figures, towards_target
from reports.fund.overview import ActivityUse, DonorTotal, Overview
from reports.render.charts import Bar, BigFigure, bars, equation
from reports.render.page import (
    Imprint,
    keep_together,
    letterhead,
    paragraph,
    render_pdf,
    section_heading,
    titled,
)
from reports.render.tables import Ruled, TableColumn
from reports.words.labels import DONOR_TYPES, TAKEN_BACK, label
from reports.words.language import Words, words_in


def render_overview(overview: Overview) -> bytes:
    """The overview as a PDF; equal overviews give equal bytes. BadInput for an unknown language."""
    words = words_in(overview.language)
    term = words("Term {term}", term=overview.fund.term)
    title = words("The fund in one look")
    story = [
        *letterhead(words, title, term),
        paragraph(words("At {date}", date=words.long_date(overview.seal.effective_to)), "lead"),
        Spacer(0, 16),
        _headline(overview, words),
        towards_target(overview.fund, words),
        *donor_types(overview.fund, words),
        *_uses(overview, words),
        keep_together(fund_figures(overview.fund, words)),
        *_donors(overview, words),
    ]
    return render_pdf(story, Imprint(f"{title}  ·  {term}", title, term, overview.seal, words))


def _headline(overview: Overview, words: Words) -> Flowable:
    fund = overview.fund
    remaining = fund.allocated + fund.available
    given = fund.used + remaining
    return equation(
        BigFigure(words("Given"), words.usd(given), words(
            "{received} received in the term, {other} brought forward or from interest, exchange "
            "differences and refunds.",
            received=words.usd(fund.received), other=words.usd(given - fund.received),
        )),
        BigFigure(words("Used"), words.usd(fund.used), words(
            "Delivery rate: {rate} of what was received.", rate=words.percent(fund.delivery_rate)
        )),
        BigFigure(words("Left"), words.usd(remaining), words(
            "{allocated} allocated to activities, {available} still available.",
            allocated=words.usd(fund.allocated), available=words.usd(fund.available),
        )),
    )  # fmt: skip


def _uses(overview: Overview, words: Words) -> list[Flowable]:
    heading = section_heading(words("Where the money went"))
    if not overview.uses:
        return [heading, paragraph(words("None of the money was used in this term."))]
    ranked = sorted(overview.uses, key=lambda use: (-use.used, use.code))
    return [
        heading,
        bars([Bar(_named(use, words), use.used, words.usd(use.used)) for use in ranked]),
    ]


def _named(use: ActivityUse, words: Words) -> str:
    return titled(use.code, use.title) if use.code else words("Not tied to one activity")


def _donors(overview: Overview, words: Words) -> list[Flowable]:
    if not overview.sources:
        return []
    table = Ruled(
        [
            TableColumn(words("Donor"), 60),
            TableColumn(words("Type of donor"), 40),
            TableColumn(words("Received, US$")),
        ]
    )
    for source in sorted(overview.sources, key=lambda source: (-source.received, source.donor)):
        kind = label(DONOR_TYPES, source.donor_type, words)
        table.line(source.donor or words(TAKEN_BACK), kind, words.amount(source.received))
    table.total(words("Total received"), "", words.amount(_received(overview.sources)))
    return [keep_together(section_heading(words("Received, by donor")), table.flowable())]


def _received(sources: tuple[DonorTotal, ...]) -> int:
    return sum(source.received for source in sources)
