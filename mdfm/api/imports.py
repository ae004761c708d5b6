"""Imports: spreadsheets of donors, pledges, offers, agreements and contributions, and tables of rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from donors import (
    AGREEMENT_SHEET,
    CONTRIBUTION_SHEET,
    DONOR_SHEET,
    PLEDGE_SHEET,
    QUESTIONNAIRE,
    EventSheet,
    ImportPreview,
    RowEvent,
    preview_import,
    read_events,
    record_import,
)
from ledger import (
    BadInput,
    Book,
    Document,
    FileSource,
    Journal,
    NeedsDatabase,
    Progress,
    ProgressCount,
    RatesPublished,
    missing_months,
    nearest,
    new_rates,
    no_progress,
    read_rates,
    render_template,
)
from mdfm.api.files import require_file

SHEETS: Mapping[str, EventSheet] = MappingProxyType(
    {
        each.noun: each
        for each in (DONOR_SHEET, PLEDGE_SHEET, QUESTIONNAIRE, AGREEMENT_SHEET, CONTRIBUTION_SHEET)
    }
)
"""The spreadsheets that can be imported, by noun."""


@dataclass(frozen=True)
class SheetRows:
    """The rows of a spreadsheet, each an event; nothing is compared with the books yet."""

    sheet: EventSheet
    file: FileSource
    rows: Sequence[RowEvent]


@dataclass(frozen=True)
class ImportedRows:
    """The rows of a spreadsheet as they were recorded or proposed."""

    preview: ImportPreview
    """The rows sorted into new and known ones; the new ones are recorded or proposed now."""
    batch: int
    """The number of the batch of proposals that waits; 0 if the new rows were recorded at once."""


@dataclass(frozen=True)
class NewRates:
    """The rates of a table that the books do not have yet."""

    events: Sequence[RatesPublished]
    """One event for each effective day, to be submitted."""
    missing: Sequence[str]
    """Months without rates between those of the books and those of the table."""
    unknown: Sequence[str]
    """What is left out because it is no ISO 4217 currency."""


@dataclass(frozen=True)
class Imports:
    """Import of files into a fund."""

    _book: Book

    def template(self, noun: str, name: str) -> Document:
        """A sheet to fill in, with an example row; `name` ends in .csv or .xlsx, or BadInput is raised."""
        return render_template(name, sheet_of(noun).columns)

    def read(self, noun: str, file: FileSource, progress: ProgressCount = no_progress) -> SheetRows:
        """Read a spreadsheet (CSV or XLSX) of a noun in `SHEETS`; it becomes evidence of its events.

        Raises SheetProblems with all problems of the file, and BadInput for a file that is no sheet.
        """
        sheet = sheet_of(noun)
        return SheetRows(sheet, file, read_events(require_file(file), sheet, progress))

    def preview(self, rows: SheetRows, *, by: str, progress: Progress = no_progress) -> ImportPreview:
        """Compare rows with the books, as if they were recorded one after the other; nothing is recorded.

        Raises SheetProblems with everything that the books would refuse.
        """
        try:
            with self._book.dry_running() as journal:
                return _compared(journal, rows, by, progress, cached_only=True)
        except NeedsDatabase:  # of what makes no lines, such as donors, which are few
            with self._rolled_back() as journal:
                return _compared(journal, rows, by, progress)

    def record(self, rows: SheetRows, *, by: str, progress: Progress = no_progress) -> ImportedRows:
        """Record the new rows, or propose them as one batch: all of them, or none.

        Raises as `preview` does.
        """
        of = 2 * len(rows.rows)
        with self._book.recording() as journal:
            found = _compared(journal, rows, by, lambda done, _: progress(done, of))
            batch = record_import(journal, found, by, lambda done: progress(len(rows.rows) + done, of))
        return ImportedRows(found, batch)

    def rates(self, file: FileSource, source: str = "") -> NewRates:
        """Read a table of UN operational rates (CSV or XLSX), or one of our own columns; nothing is recorded.

        `source` names where the rates are published, if the table does not say so itself. Raises
        SheetProblems with everything wrong in its rows, and BadInput for a file that is no table of rates.
        """
        table = read_rates(require_file(file), source)
        with self._book.reading() as books:
            return NewRates(
                new_rates(books, table.published), missing_months(books, table.published), table.unknown
            )

    @contextmanager
    def _rolled_back(self) -> Iterator[Journal]:
        """The journal in a transaction that is rolled back at the end."""
        with self._book.recording() as journal:
            savepoint = journal.books.begin_nested()
            try:
                yield journal
            finally:
                savepoint.rollback()


def sheet_of(noun: str) -> EventSheet:
    """The sheet of a noun; BadInput for a noun without one."""
    if noun not in SHEETS:
        raise BadInput(
            "unknown-sheet",
            "There is no sheet of '{noun}'{nearest}: there are those of {nouns}.",
            noun=noun,
            nearest=nearest(noun, SHEETS),
            nouns=", ".join(SHEETS),
        )
    return SHEETS[noun]


def _compared(
    journal: Journal, rows: SheetRows, by: str, progress: Progress, *, cached_only: bool = False
) -> ImportPreview:
    return preview_import(
        journal,
        rows.file,
        rows.rows,
        by,
        lambda done: progress(done, len(rows.rows)),
        cached_only=cached_only,
    )
