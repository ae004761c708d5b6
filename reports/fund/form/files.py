"""Files of a fund report: PDF, workbook, or tables as CSV, chosen by the suffix of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ledger import BadInput
from reports.fund.form.fund_report import FundReport
from reports.fund.form.pdf import render_fund_report
from reports.render.report_file import write_file
from reports.render.table_csv import write_csv
from reports.render.workbook import CellValue, Table

SUFFIXES = (".pdf", ".xlsx", ".csv")


def render_fund_workbook(report: FundReport) -> bytes:
    """The report as an XLSX file, one sheet for each section; equal reports give equal bytes."""
    # Imported here so that XlsxWriter is loaded only to write a workbook.
    from reports.render.xlsx import write_workbook  # noqa: PLC0415

    tables = [_about(report), *(section.table for section in report.sections)]
    return write_workbook(f"{report.title}, {report.subject}", report.seal.effective_to, tables)


def render_fund_csv(report: FundReport) -> dict[str, bytes]:
    """The tables of the report as CSV, by file name; several tables come with an `about.csv`."""
    files = {f"{section.file}.csv": write_csv(section.table) for section in report.sections}
    return {"about.csv": write_csv(_about(report)), **files} if len(files) > 1 else files


def _about(report: FundReport) -> Table:
    """A table of what the report is, the state of the books it was made from, and its notes."""
    words, seal = report.words, report.seal
    rows: list[tuple[CellValue, ...]] = [
        (words("Report"), report.title),
        (words("Subject"), report.subject),
        (words("Period"), report.lead),
        (words("Effective to"), seal.effective_to),
        (words("Known at"), words("Journal entry {entry}", entry=words.number(seal.known_at))),
        (words("Head of the journal"), seal.head),
        *([(words("Remark"), report.remark)] if report.remark else []),
        *((words("Note {number}", number=number), note) for number, note in enumerate(report.notes, start=1)),
    ]
    return Table(words("About this report"), ("", ""), rows)


def write_fund_report(
    report: FundReport, out: Path, render_pdf: Callable[[], bytes] | None = None
) -> list[Path]:
    """Write a report in the format of the suffix of `out`, and return the files written.

    `render_pdf` replaces the usual PDF for reports with a layout of their own. A report of one table is one
    CSV file; otherwise the tables are written to a folder named like `out` without its suffix. Raises
    BadInput for another suffix, and when a file cannot be written.
    """
    match out.suffix.lower():
        case ".pdf":
            return [write_file(out, render_pdf() if render_pdf else render_fund_report(report))]
        case ".xlsx":
            return [write_file(out, render_fund_workbook(report))]
        case ".csv":
            files = render_fund_csv(report)
            if len(files) == 1:
                return [write_file(out, *files.values())]
            return [write_file(out.with_suffix("") / name, content) for name, content in files.items()]
    raise BadInput(
        "report-format-unknown",
        "A report is not written as {name}: let it end in {suffixes}.",
        name=out.name,
        suffixes=", ".join(SUFFIXES),
    )
