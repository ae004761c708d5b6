"""Tables of the fund's overview for a workbook or CSV; its PDF is made by `reports.fund.overview_pdf`."""

from __future__ import annotations

from reports.fund.form.fund_report import FundReport
from reports.fund.overview import Overview
from reports.render.section import Section, totalled
from reports.render.workbook import CellValue, Dollars, Percentage, Table
from reports.words.labels import DONOR_TYPES, TAKEN_BACK, label
from reports.words.language import words_in


def overview_report(overview: Overview) -> FundReport:
    """The tables of the overview in its language; BadInput for an unknown language."""
    words, fund = words_in(overview.language), overview.fund
    term = words("Term {term}", term=fund.term)
    figures: list[tuple[CellValue, ...]] = [
        (words("Target"), Dollars(fund.target)),
        (words("Pledged, not yet agreed"), Dollars(fund.pledged)),
        (words("Agreed, not yet received"), Dollars(fund.receivable)),
        (words("Received"), Dollars(fund.received)),
        (words("Received, as part of the target"), Percentage(fund.progress)),
        (words("Allocated to activities and not yet used"), Dollars(fund.allocated)),
        (words("of which committed to partners"), Dollars(fund.committed)),
        (words("Used"), Dollars(fund.used)),
        (words("Available: received and not allocated"), Dollars(fund.available)),
        (words("In kind, beside the target"), Dollars(fund.in_kind)),
        (words("Delivery rate: used as part of received"), Percentage(fund.delivery_rate)),
    ]
    sources: list[tuple[CellValue, ...]] = [
        (
            source.donor or words(TAKEN_BACK),
            label(DONOR_TYPES, source.donor_type, words),
            Dollars(source.received),
        )
        for source in overview.sources
    ]
    uses: list[tuple[CellValue, ...]] = [
        (use.code, use.title if use.code else words("Not tied to one activity"), Dollars(use.used))
        for use in overview.uses
    ]
    given = (words("Donor"), words("Type of donor"), words("Received, US$"))
    used = (words("Code"), words("Activity"), words("Used, US$"))
    return FundReport(
        title=words("The fund in one look"),
        subject=term,
        lead=words("At {date}", date=words.long_date(overview.seal.effective_to)),
        seal=overview.seal,
        words=words,
        sections=(
            Section("figures", Table(words("The whole fund"), (term, words("US$")), figures)),
            Section("received", totalled(words("Received, by donor"), given, sources, (2,), words)),
            Section("used", totalled(words("Where the money went"), used, uses, (2,), words)),
        ),
    )
