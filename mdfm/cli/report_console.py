"""A fund report on the screen: the tables of its PDF, one below the other."""

from __future__ import annotations

from ledger import Amount
from mdfm.cli import console
from mdfm.cli.console import GroupedNumber, UsdCents
from reports import CellValue, Dollars, Formula, FundReport, Percentage, Seal, Section

_FIGURES = 4
"""The most columns of figures that leave room for names."""


def print_report(report: FundReport) -> None:
    """Print the title, every table, and the two clocks and head hash of the report."""
    console.line(f"{report.title}, {report.subject}. {report.lead}.")
    for section in report.sections:
        _print(section)
    console.line(f"\n{format_seal(report.seal)}")


def format_seal(seal: Seal) -> str:
    """The two clocks and the head hash that every report carries."""
    return f"Effective to {seal.effective_to}, known at entry {seal.known_at}, head {seal.head[:16]}."


def _print(section: Section) -> None:
    table = section.table
    if not table.rows:
        console.line(f"\n{table.name}: {section.empty_text}")
        return
    shown = _columns(section)
    columns = {str(column): table.head[column] for column in shown}
    rows = [{str(column): _shown(row[column]) for column in shown} for row in table.rows]
    totals = {str(column): _shown(table.totals[column]) for column in shown} if table.has_totals else None
    console.table(rows, columns, title=table.name, total=totals)


def _columns(section: Section) -> list[int]:
    """The columns to print; beside many figures the name is left out, the code is enough."""
    table = section.table
    shown = list(section.pdf_columns or range(len(table.head)))
    figures = [at for at in shown if not any(isinstance(row[at], str) for row in table.rows)]
    return [at for at in shown if not (section.code_first and at == 1 and len(figures) > _FIGURES)]


def _shown(cell: CellValue) -> object:
    match cell:
        case Formula(cents=cents) | (Dollars() as cents):
            return UsdCents(cents)
        case Percentage():
            return f"{cell // 100}.{cell % 100:02d} %"
        case Amount() | None | str():
            return cell
        case int():
            return GroupedNumber(cell)
    return str(cell)
