"""Tables, headline and notes of the annual financial report (`reports.fund.annual`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger import (
    ADVANCES,
    CASH_AT_BANK,
    CURRENCY_CLEARING,
    DUE_TO_AGENT,
    INTEREST_TO_ATTRIBUTE,
    NOT_IDENTIFIED,
    OPERATING_COSTS,
    PAYABLES,
    REALISED_DIFFERENCES,
    REFUNDS_PAYABLE,
    UNREALISED_DIFFERENCES,
)
from reports.fund.annual import HOLDING, AnnualReport, DonorFunds, PeriodMovements, ReportPeriod
from reports.fund.form.fund_report import FundReport
from reports.render.charts import BigFigure
from reports.render.section import MoneyTable, Section, totalled
from reports.render.workbook import CellValue, Dollars, Formula, Percentage
from reports.words.labels import CATEGORIES, DONOR_TYPES, IN_KIND, TAKEN_BACK, label
from reports.words.language import N_, Words, words_in
from reports.words.percentages import part_of, shares_of_whole

OPERATING = OPERATING_COSTS
HELD_IN = {
    CASH_AT_BANK: N_("Cash at bank"),
    ADVANCES: N_("Advances to implementing partners"),
    CURRENCY_CLEARING: N_("Currency clearing"),
    PAYABLES: N_("Less: payable to suppliers"),
    DUE_TO_AGENT: N_("Less: programme support cost due to the agent"),
    REFUNDS_PAYABLE: N_("Less: refunds payable to donors"),
    REALISED_DIFFERENCES: N_("Less: exchange differences realised, not yet attributed"),
    UNREALISED_DIFFERENCES: N_("Less: exchange differences unrealised"),
    INTEREST_TO_ATTRIBUTE: N_("Less: interest not yet attributed"),
    NOT_IDENTIFIED: N_("Less: receipts not yet identified"),
}


def annual_report(report: AnnualReport) -> FundReport:
    """The tables of the report in its language; BadInput for an unknown language."""
    words = words_in(report.language)
    now = report.spans.now.span
    whole_year = _is_year(now, report)
    return FundReport(
        title=words("Annual financial report") if whole_year else words("Financial report"),
        subject=words("Term {term}", term=report.term_code),
        lead=words(
            "From {start} to {end}  ·  Amounts in US dollars",
            start=words.long_date(now.starts_on),
            end=words.long_date(now.ends_on),
        ),
        seal=report.seal,
        words=words,
        remark=_remark(report, words),
        headline=_headline(report, words),
        sections=(
            _sources_and_uses(report, words),
            _balance(report, words),
            _contributions(report, words),
            _by_donor(report, words),
            _by_activity(report, words),
            _by_category(report, words),
            _commitments(report, words),
            _in_kind(report, words),
        ),
        notes=_notes(report, words),
        certified=True,
    )


def donor_name(donor: DonorFunds, words: Words) -> str:
    """The donor's name, or a label for reversed gifts."""
    return donor.name if donor.code else words(TAKEN_BACK)


def _remark(report: AnnualReport, words: Words) -> str:
    if report.first_entry is not None:
        return ""
    return words("The books of this term have no entry up to this day: every figure is zero.")


def _is_year(span: ReportPeriod, report: AnnualReport) -> bool:
    """Whether a period is a fiscal year, or the whole part of one that lies in the term."""
    first, last = (span.starts_on.month, span.starts_on.day), (span.ends_on.month, span.ends_on.day)
    return (
        span.starts_on.year == span.ends_on.year
        and (first == (1, 1) or span.starts_on == report.term.starts_on)
        and (last == (12, 31) or span.ends_on == report.term.ends_on)
    )


def _named(span: ReportPeriod, report: AnnualReport, words: Words) -> str:
    if _is_year(span, report):
        return str(span.starts_on.year)
    return f"{words.short_date(span.starts_on)} – {words.short_date(span.ends_on)}"


def _columns(spans: PeriodMovements, report: AnnualReport, words: Words) -> list[str]:
    """The column headings of the periods."""
    named = [_named(each.span, report, words) for each in spans.shown[:-1]]
    return [*named, words("Term to date")]


def _headline(report: AnnualReport, words: Words) -> Sequence[BigFigure]:
    now, position = report.spans.now, report.positions[-1]
    given = now.brought + now.sources
    return (
        BigFigure(words("Given"), words.usd(given), words(
            "{opening} brought forward, {received} received in the period, {other} from interest, "
            "exchange differences and refunds.",
            opening=words.usd(now.brought),
            received=words.usd(now.contributions),
            other=words.usd(now.sources - now.contributions),
        )),
        BigFigure(words("Used"), words.usd(now.use), words(
            "{share} of what was given.", share=words.percent(part_of(now.use, given))
        )),
        BigFigure(words("Left"), words.usd(now.closing), words(
            "{allocated} allocated to activities, {available} still available.",
            allocated=words.usd(position.allocated),
            available=words.usd(position.available),
        )),
    )  # fmt: skip


def _sources_and_uses(report: AnnualReport, words: Words) -> Section:
    spans = report.spans.shown
    account = MoneyTable(len(spans))
    gave = [
        account.line(words("Contributions from donors"), (each.contributions for each in spans)),
        account.line(words("Interest attributed"), (each.interest for each in spans)),
        account.line(words("Exchange differences"), (each.exchange for each in spans)),
    ]
    if any(each.transferred for each in spans):
        gave.append(account.line(words("Transfers between agreements"), (each.transferred for each in spans)))
    gave.append(account.line(words("Refunds to donors"), (-each.refunds for each in spans)))
    sources = account.sum(words("Total sources of funds"), gave)
    used = []
    for code, name in CATEGORIES.items():
        used.append(account.line(f"{code} {words(name)}", (each.used.get(code, 0) for each in spans)))
        if code == OPERATING:
            account.detail(words("of which bank charges"), (each.bank_charges for each in spans))
    use = account.sum(words("Total use of funds"), used)
    change = account.sum(words("Change in the balance of funds"), [sources], [use])
    brought = [account.line(words("Opening balance"), (each.opening for each in spans))]
    if any(each.carried for each in spans):
        earlier = words("Carried over from an earlier term")
        brought.append(account.line(earlier, (each.carried for each in spans)))
    account.sum(words("Closing balance"), [*brought, change])
    head = ("", *_columns(report.spans, report, words))
    return Section("sources-and-uses", account.table(words("Sources and uses of funds"), head))


def _balance(report: AnnualReport, words: Words) -> Section:
    positions = report.positions
    account = MoneyTable(len(positions))

    def line(name: str, cents: Iterable[int]) -> int:
        return account.line(name, cents)

    free = line(words("Available: received and not allocated"), (each.available for each in positions))
    bound = line(words("Allocated to activities and not yet used"), (each.allocated for each in positions))
    account.detail(words("of which committed to partners"), (each.committed for each in positions))
    account.sum(words("Balance of the donors’ funds"), [free, bound])
    held = [
        line(f"{code} {words(HELD_IN[code])}", (each.accounts[code] for each in positions))
        for code in HOLDING
        if any(each.accounts[code] for each in positions)
    ]
    account.sum(words("Held: assets less what is owed to others"), held)
    head = ("", *[words.short_date(each.on) for each in positions])
    return Section(
        "balance",
        account.table(words("What the balance is held in"), head),
        intro=words(
            "What donors have left is there: at the bank or with partners, less what is owed to others than "
            "the donors."
        ),
    )


def _contributions(report: AnnualReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            donor.code,
            donor_name(donor, words),
            label(DONOR_TYPES, donor.type, words),
            Dollars(donor.agreed),
            *(Dollars(each.contributions) for each in donor.spans.shown),
            Dollars(donor.receivable),
        )
        for donor in report.donors
    ]
    received = [words("Received: {span}", span=name) for name in _columns(report.spans, report, words)]
    head = (words("Code"), words("Donor"), words("Type of donor"), words("Agreed"), *received,
            words("Receivable"))  # fmt: skip
    table = totalled(words("Contributions by donor"), head, rows, range(3, len(head)), words)
    return Section(
        "contributions-by-donor",
        table,
        empty_text=words("No donor has given or agreed to give anything in this term."),
        pdf_columns=(0, 1, *range(3, len(head))),
        code_first=True,
        bars=[(donor_name(donor, words), donor.spans.to_date.contributions) for donor in report.donors],
    )


def _by_donor(report: AnnualReport, words: Words) -> Section:
    """Funds by donor; each row adds up by formulas, as the donor's statement does."""
    rows: list[tuple[CellValue, ...]] = []
    for number, donor in enumerate(report.donors, start=2):
        now = donor.spans.now
        others = (now.interest, now.exchange, now.transferred, -now.refunds)
        rows.append(
            (
                donor.code,
                donor_name(donor, words),
                Dollars(now.brought),
                Dollars(now.contributions),
                *map(Dollars, others),
                Formula(f"=SUM(E{number}:H{number})", sum(others)),
                Dollars(-now.use),
                Formula(f"=C{number}+D{number}+I{number}+J{number}", now.closing),
            )
        )
    carried = report.spans.now.carried
    opening = words("Opening balance, and carried over") if carried else words("Opening balance")
    head = (
        words("Code"), words("Donor"), opening, words("Received"), words("Interest"),
        words("Exchange differences"), words("Transfers"), words("Refunds"),
        words("Interest, differences, refunds"), words("Used"), words("Closing balance"),
    )  # fmt: skip
    return Section(
        "funds-by-donor",
        totalled(words("Funds by donor"), head, rows, range(2, len(head)), words),
        intro=words("Each donor’s row is what its own accountability statement says for the same days."),
        empty_text=words("No donor has any funds in this term."),
        pdf_columns=(0, 1, 2, 3, 8, 9, 10),
        code_first=True,
    )


def _by_activity(report: AnnualReport, words: Words) -> Section:
    before = report.spans.before is not None
    rows: list[tuple[CellValue, ...]] = [
        (
            activity.code,
            activity.title if activity.code else words("Not tied to one activity"),
            Dollars(activity.allocated),
            Dollars(activity.committed),
            *([Dollars(activity.used_before)] if before else []),
            Dollars(activity.used),
            Dollars(activity.used_to_date),
            Percentage(activity.delivery_rate) if activity.code else None,
        )
        for activity in report.activities
    ]
    used = [words("Used: {span}", span=name) for name in _columns(report.spans, report, words)]
    head = (words("Code"), words("Activity"), words("Allocated"), words("Committed"), *used,
            words("Delivery rate"))  # fmt: skip
    funded = sum(activity.allocated for activity in report.activities)
    spent = sum(activity.used_to_date for activity in report.activities if activity.code)
    return Section(
        "funds-by-activity",
        totalled(words("Funds by activity"), head, rows, range(2, len(head) - 1), words),
        intro=words(
            "Delivery rate of all activities: {rate} of what was allocated to them has been used.",
            rate=words.percent(part_of(spent, funded)),
        ),
        empty_text=words("Nothing was allocated or used in this term."),
        code_first=True,
        bars=[(f"{each.code} {each.title}", each.used) for each in report.activities if each.code],
    )


def _by_category(report: AnnualReport, words: Words) -> Section:
    spans = report.spans.shown
    shares = shares_of_whole({code: report.spans.to_date.used.get(code, 0) for code in CATEGORIES})
    rows: list[tuple[CellValue, ...]] = [
        (
            code,
            words(name),
            *(Dollars(each.used.get(code, 0)) for each in spans),
            Percentage(shares[code]),
        )
        for code, name in CATEGORIES.items()
    ]
    columns = _columns(report.spans, report, words)
    head = (words("Account"), words("Harmonised category"), *columns, words("Share of the term’s use"))
    return Section(
        "use-by-category",
        totalled(words("Use by category"), head, rows, range(2, 2 + len(spans)), words),
        code_first=True,
    )


def _commitments(report: AnnualReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            each.grant,
            each.partner,
            each.activity,
            each.ends_on,
            Dollars(each.committed),
            Dollars(each.advanced),
        )
        for each in report.commitments
    ]
    head = (words("Grant"), words("Partner"), words("Activity"), words("Ends on"), words("Committed"),
            words("Advanced"))  # fmt: skip
    return Section(
        "commitments",
        totalled(words("Commitments to partners"), head, rows, (4, 5), words),
        empty_text=words("Nothing is committed to partners."),
        code_first=True,
    )


def _in_kind(report: AnnualReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            gift.code,
            f"{label(IN_KIND, gift.form, words)} – {gift.description}",
            report.givers[gift.agreement],
            gift.on,
            gift.basis,
            Dollars(gift.held.cents),
            *(Dollars(each.cents) if gift.form == "goods" else None for each in gift.became),
        )
        for gift in report.in_kind
    ]
    head = (words("Code"), words("What was given"), words("Donor"), words("Date"),
            words("How it was valued"), words("Value, US$"), words("Used, US$"), words("Written off, US$"),
            words("Returned, US$"), words("Left, US$"))  # fmt: skip
    # Goods are seldom lost or returned; where they are, the basis of their value is not printed.
    gone = any(gift.written_off.cents or gift.returned.cents for gift in report.in_kind)
    return Section(
        "in-kind",
        totalled(words("Contributions in kind"), head, rows, (5, 6, 7, 8, 9), words),
        intro=words(
            "Goods are recognised at fair value; services, hosting and secondments are disclosed. They stand "
            "beside the funds and are in none of the figures above."
        ),
        empty_text=words("No contribution in kind was recorded in this term."),
        pdf_columns=(0, 1, 2, 3, 5, 6, 7, 8, 9) if gone else (0, 1, 2, 3, 4, 5, 6, 9),
        code_first=True,
    )


def _notes(report: AnnualReport, words: Words) -> list[str]:
    rates = "; ".join(f"{rate.currency} {words.decimal(rate.rate)}" for rate in report.rates if rate.rate)
    return [
        words(
            "Basis: accrual, after the International Public Sector Accounting Standards. Money is held in "
            "trust: it is owed to its donors until it is used for the purpose agreed; there is no revenue."
        ),
        words(
            "Contributions are money that arrived, at the United Nations operational rate of exchange of the "
            "day. Agreed is what was received in the term and what is still receivable, at the value it is "
            "carried at. Pledges are not in it."
        ),
        *(
            [words(
                "Rates of {date}, units for one US dollar: {rates}.",
                date=words.long_date(report.seal.effective_to), rates=rates,
            )]
            if rates
            else []
        ),
        words(
            "Interest and exchange differences are those that were attributed to donors; what waits to be "
            "attributed is not a part of the balance and stands with what is owed to others."
        ),
        words(
            "Use is expenditure reported by partners or incurred directly, by the eight harmonised expense "
            "categories of the United Nations; an advance is not yet use. Bank charges are a part of general "
            "operating costs. What was lost is shown by itself."
        ),
        words(
            "Allocated is the net amount that approved plans and reallocations gave to an activity. Its "
            "delivery rate is what was used of that in the term to date."
        ),
        words(
            "Committed is bound by agreements with partners and not yet reported as spent; it is a part of "
            "what is allocated, and what was advanced is a part of it."
        ),
        words(
            "The year before, and the term to date, are told as they were known at journal entry {entry}, as "
            "everything in this report is. What an earlier term left is in the opening balance, or stands "
            "apart where that term was closed later.",
            entry=words.number(report.seal.known_at),
        ),
        words(
            "A year end, which sets use against what is owed, and the close of a term change nothing that is "
            "told here: the report says the same before and after."
        ),
    ]  # fmt: skip
