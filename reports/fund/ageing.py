"""Ageing report: open pledges, receivables by instalment, and commitments by the end of the grant.

Each kind adds up to the balance of its account: 9100, 1200 and 9200.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from allocation import grants, lines_of_term
from donors import BANDS, Band, band_of, banded, donors, dues, pledge_ageing
from ledger import COMMITMENTS, FUND_CURRENCY, PLEDGES, RECEIVABLE, Amount, AsOf, get_term, terms_into
from reports.figures.figure import Seal, seal_of
from reports.figures.figures import debit, grouped
from reports.fund.form.fund_report import FundReport
from reports.render.section import Section, totalled
from reports.render.workbook import CellValue, Dollars, Table
from reports.words.labels import BANDS_OVERDUE
from reports.words.language import N_, Words, words_in

OUTSTANDING_KINDS = {
    "pledge": N_("Pledges"),
    "receivable": N_("Receivables"),
    "commitment": N_("Commitments to partners"),
}
ACCOUNT_BY_KIND = {"pledge": PLEDGES, "receivable": RECEIVABLE, "commitment": COMMITMENTS}


@dataclass(frozen=True)
class OutstandingItem:
    """Money that was promised to the fund, or by it, and is still to come."""

    kind: str
    """`pledge`, `receivable` or `commitment`."""
    code: str
    """Code of the pledge, the agreement or the grant. Empty for the balance of items that were reversed
    later: it was on the account that day, but is not to be collected."""
    whose: str
    """Name of the donor or the partner."""
    of: str
    """Number of the instalment, or the activity; empty for a pledge."""
    due_on: date
    """When the money is expected; for a commitment, the last day of the grant."""
    days_overdue: int
    band: Band
    waits: bool
    """Whether a condition must be met first."""
    amount: Amount
    cents: int
    """USD cents as carried in the books."""


@dataclass(frozen=True)
class AgeingReport:
    """All outstanding items of a term on a day."""

    term: str
    language: str
    seal: Seal
    promises: tuple[OutstandingItem, ...]

    def by_band(self, kind: str) -> dict[Band, int]:
        """USD cents of one kind of item by ageing band."""
        return banded((each.band, each.cents) for each in self.promises if each.kind == kind)


def build_ageing(books: Connection, term: str, as_of: AsOf, language: str) -> AgeingReport:
    """The ageing of a term on a day, as known at an entry; NotFound for an unknown term."""
    get_term(books, term, as_of.known_at)
    names = {each.code: each.name for each in donors(books, as_of.known_at)}
    promises = (
        *_pledges(books, term, as_of, names),
        *_receivables(books, term, as_of, names),
        *_commitments(books, term, as_of),
    )
    rest = _rest(books, term, as_of, promises)
    return AgeingReport(term, language, seal_of(books, as_of), (*promises, *rest))


def _pledges(books: Connection, term: str, as_of: AsOf, names: dict[str, str]) -> Iterator[OutstandingItem]:
    kept = terms_into(books, term, as_of.known_at)
    for age in pledge_ageing(books, as_of):
        pledge = age.pledge
        if pledge.term in kept:
            yield OutstandingItem(
                "pledge", pledge.code, names[pledge.donor], "", pledge.expected_on, age.days_overdue,
                age.band, False, pledge.amount, age.cents,
            )  # fmt: skip


def _receivables(
    books: Connection, term: str, as_of: AsOf, names: dict[str, str]
) -> Iterator[OutstandingItem]:
    for due in dues(books, as_of, term=term):
        if due.outstanding.minor:
            yield OutstandingItem(
                "receivable", due.agreement, names[due.donor], str(due.number), due.due_on, due.days_late,
                due.band, due.state == "waits for its condition", due.outstanding, due.cents,
            )  # fmt: skip


def _commitments(books: Connection, term: str, as_of: AsOf) -> Iterator[OutstandingItem]:
    bound = grouped(lines_of_term(books, as_of, term, accounts=(COMMITMENTS,)), lambda line: line.grant_code)
    for grant in sorted(grants(books, term, as_of.known_at), key=lambda grant: (grant.ends_on, grant.code)):
        cents = debit(bound.get(grant.code, [])).cents
        if cents:
            past = max(0, (as_of.effective_to - grant.ends_on).days)
            amount = Amount(currency=FUND_CURRENCY, minor=cents)
            yield OutstandingItem(
                "commitment", grant.code, grant.partner, grant.activity, grant.ends_on, past, band_of(past),
                False, amount, cents,
            )  # fmt: skip


def _rest(
    books: Connection, term: str, as_of: AsOf, promises: Sequence[OutstandingItem]
) -> Iterator[OutstandingItem]:
    """By currency, the balance of an account on a day that no item explains: see `OutstandingItem.code`."""
    kinds = {account: kind for kind, account in ACCOUNT_BY_KIND.items()}
    left: Counter[tuple[str, str]] = Counter()
    carried: Counter[tuple[str, str]] = Counter()
    for line in lines_of_term(books, as_of, term, accounts=tuple(kinds)):
        left[kinds[line.account], line.currency] += line.amount
        carried[kinds[line.account], line.currency] += line.usd
    for each in promises:
        left[each.kind, each.amount.currency] -= each.amount.minor
        carried[each.kind, each.amount.currency] -= each.cents
    for kind, currency in sorted(left):
        amount, cents = Amount(currency=currency, minor=left[kind, currency]), carried[kind, currency]
        if amount.minor or cents:
            yield OutstandingItem(kind, "", "", "", as_of.effective_to, 0, band_of(0), False, amount, cents)


def ageing_report(report: AgeingReport) -> FundReport:
    """The tables of the report in its language; BadInput for an unknown language."""
    words = words_in(report.language)
    return FundReport(
        title=words("Ageing report"),
        subject=words("Term {term}", term=report.term),
        lead=words("At {date}", date=words.long_date(report.seal.effective_to)),
        seal=report.seal,
        words=words,
        sections=(_summary(report, words), *(_listed(report, kind, words) for kind in OUTSTANDING_KINDS)),
        notes=(
            words(
                "Days overdue are counted from the day on which a pledge was expected, an instalment was due "
                "or a grant ended. A receivable that waits for its condition is not overdue."
            ),
            words("Values in US dollars are those at which the books carry what is outstanding."),
        ),
    )


def _summary(report: AgeingReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = []
    for kind, name in OUTSTANDING_KINDS.items():
        sums = report.by_band(kind)
        rows.append((words(name), *(Dollars(sums[band]) for band in BANDS), Dollars(sum(sums.values()))))
    head = ("", *(words(BANDS_OVERDUE[band]) for band in BANDS), words("Total"))
    return Section("ageing", Table(words("By days overdue, US$"), head, rows))


def _listed(report: AgeingReport, kind: str, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            each.code,
            each.whose if each.code else words("Taken back later"),
            int(each.of) if kind == "receivable" and each.code else each.of,
            each.due_on if each.code else None,
            each.days_overdue,
            words(BANDS_OVERDUE[each.band]),
            words("yes") if each.waits else "",
            each.amount.currency,
            each.amount,
            Dollars(each.cents),
        )
        for each in report.promises
        if each.kind == kind
    ]
    whose = words("Partner") if kind == "commitment" else words("Donor")
    due = {"pledge": words("Expected"), "receivable": words("Due"), "commitment": words("Ends on")}
    of = words("Instalment") if kind == "receivable" else words("Activity")
    head = (words("Code"), whose, of, due[kind], words("Days overdue"), words("Band"),
            words("Waits for a condition"), words("Currency"), words("Amount"), words("US$"))  # fmt: skip
    shown = {"pledge": (0, 1, 3, 4, 8, 9), "receivable": (0, 1, 2, 3, 4, 6, 8, 9),
             "commitment": (0, 1, 2, 3, 4, 9)}  # fmt: skip
    return Section(
        f"{kind}s",
        totalled(words(OUTSTANDING_KINDS[kind]), head, rows, (9,), words),
        empty_text=words("Nothing of this kind is outstanding."),
        pdf_columns=shown[kind],
        code_first=True,
    )
