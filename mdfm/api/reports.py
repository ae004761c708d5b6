"""Reports on the whole fund: as data, and as documents (PDF, XLSX, CSV); and files for the public (IATI)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from ledger import BadInput, Book, Document, get_term, head, head_at
from mdfm.api.clocks import as_of
from reports import (
    ActivityFile,
    AgeingReport,
    AnnualReport,
    CashReport,
    EarmarkingReport,
    FundReport,
    OrganisationFile,
    Overview,
    ProgressReport,
    Publisher,
    TermReport,
    TrialBalance,
    ageing_report,
    annual_report,
    build_activity_file,
    build_ageing,
    build_annual,
    build_cash,
    build_earmarking,
    build_organisation_file,
    build_overview,
    build_progress,
    build_term_report,
    build_trial_balance,
    cash_report,
    earmarking_report,
    overview_report,
    period_of_term,
    progress_report,
    render_activity_file,
    render_fund_csv,
    render_fund_report,
    render_fund_workbook,
    render_organisation_file,
    render_overview,
    render_trial_balance,
    term_report,
    trial_balance_report,
    write_fund_report,
    year_of_term,
)

Data = TypeVar("Data")
"""The data of a report."""


@dataclass(frozen=True)
class Report(Generic[Data]):
    """A report at two clocks: its data, its tables, and the documents made from them."""

    name: str
    """What its documents are called, e.g. `annual`."""
    data: Data
    """The figures: amounts in USD cents, or in minor units beside a currency."""
    tables: FundReport
    """The same as titled tables in one language, under the seal of the journal."""
    draw: Callable[[], bytes] | None = None
    """Draws a PDF of its own layout; None for the usual one."""

    def pdf(self) -> Document:
        """The report as a PDF; equal reports give equal bytes."""
        content = self.draw() if self.draw else render_fund_report(self.tables)
        return Document(f"{self.name}.pdf", content)

    def xlsx(self) -> Document:
        """The report as a workbook, one sheet for each table; equal reports give equal bytes."""
        return Document(f"{self.name}.xlsx", render_fund_workbook(self.tables))

    def csv(self) -> list[Document]:
        """The tables as CSV files; several come with an `about.csv`."""
        return [Document(name, content) for name, content in render_fund_csv(self.tables).items()]

    def save(self, path: Path) -> list[Path]:
        """Write it in the format of the path's suffix, and return the files written.

        Several tables as CSV are written to a folder. BadInput for another suffix than .pdf, .xlsx and .csv.
        """
        return write_fund_report(self.tables, path, self.draw)


@dataclass(frozen=True)
class FundReports:
    """Reports of a fund, each `to` a day and `known_at` an entry, the last if None. Nothing is recorded.

    NotFound for a term or an entry that the books do not have.
    """

    _book: Book

    def annual(
        self,
        term: str,
        *,
        year: int | None = None,
        starts_on: date | None = None,
        ends_on: date | None = None,
        known_at: int | None = None,
        language: str = "en",
    ) -> Report[AnnualReport]:
        """The annual financial report of a year of the term, or of a span of days in it."""
        if year is not None and (starts_on or ends_on):
            raise BadInput("year-and-days", "Give a year, or its first and last day, not both.")
        with self._book.reading() as books:
            known = head(books).seq if known_at is None else head_at(books, known_at).seq
            kept = get_term(books, term, known)
            span = period_of_term(kept, starts_on, ends_on) if year is None else year_of_term(kept, year)
            data = build_annual(books, term, span, known, language)
        return Report("annual", data, annual_report(data))

    def term(
        self, term: str, to: date, *, known_at: int | None = None, language: str = "en"
    ) -> Report[TermReport]:
        """The term report to the conference: progress to the target, donors and beneficiaries."""
        with self._book.reading() as books:
            data = build_term_report(books, term, as_of(books, to, known_at), language)
        return Report("term", data, term_report(data))

    def ageing(
        self, term: str, to: date, *, known_at: int | None = None, language: str = "en"
    ) -> Report[AgeingReport]:
        """Pledges, receivables and commitments that are outstanding, by days overdue."""
        with self._book.reading() as books:
            data = build_ageing(books, term, as_of(books, to, known_at), language)
        return Report("ageing", data, ageing_report(data))

    def cash(
        self, to: date, *, term: str = "", known_at: int | None = None, language: str = "en"
    ) -> Report[CashReport]:
        """Cash by bank account and currency, and its value in US dollars on the day."""
        with self._book.reading() as books:
            data = build_cash(books, as_of(books, to, known_at), language, term)
        return Report("cash", data, cash_report(data))

    def earmarking(
        self, term: str, to: date, *, known_at: int | None = None, language: str = "en"
    ) -> Report[EarmarkingReport]:
        """What was received and is receivable, by how far donors have bound its use."""
        with self._book.reading() as books:
            data = build_earmarking(books, term, as_of(books, to, known_at), language)
        return Report("earmarking", data, earmarking_report(data))

    def overview(
        self, term: str, to: date, *, known_at: int | None = None, language: str = "en"
    ) -> Report[Overview]:
        """The fund in short: who gave, what it did, and progress to the target."""
        with self._book.reading() as books:
            data = build_overview(books, term, as_of(books, to, known_at), language)
        return Report("overview", data, overview_report(data), lambda: render_overview(data))

    def progress(
        self, term: str, to: date, *, known_at: int | None = None, language: str = "en"
    ) -> Report[ProgressReport]:
        """The progress report: money, results against targets, news of the clusters."""
        with self._book.reading() as books:
            data = build_progress(books, term, as_of(books, to, known_at), language)
        return Report("progress", data, progress_report(data))

    def trial_balance(
        self, term: str, to: date, *, known_at: int | None = None, language: str = "en"
    ) -> Report[TrialBalance]:
        """Every account; `data.holds` where assets = liabilities - use."""
        with self._book.reading() as books:
            data = build_trial_balance(books, as_of(books, to, known_at), term)
        return Report(
            "trial-balance",
            data,
            trial_balance_report(data, language),
            lambda: render_trial_balance(data, language),
        )

    def activity_file(
        self, term: str, to: date, publisher: Publisher, *, known_at: int | None = None
    ) -> tuple[ActivityFile, Document]:
        """The IATI activity file of a term, as data and as XML."""
        with self._book.reading() as books:
            file = build_activity_file(books, term, as_of(books, to, known_at), publisher)
        return file, Document("iati-activities.xml", render_activity_file(file))

    def organisation_file(
        self, term: str, to: date, publisher: Publisher, *, known_at: int | None = None
    ) -> tuple[OrganisationFile, Document]:
        """The IATI organisation file: budgets and expenditure of a term by year, as data and as XML."""
        file = build_organisation_file(self.activity_file(term, to, publisher, known_at=known_at)[0])
        return file, Document("iati-organisation.xml", render_organisation_file(file))
