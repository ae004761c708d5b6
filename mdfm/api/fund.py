"""A fund: its books, opened for as long as a program works with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection

from donors import PERSONAL_TABLES, Contact, contacts, erase_contact, get_donor, set_contact
from ledger import (
    BackupMark,
    Book,
    Clock,
    EntryReversed,
    Event,
    FileSource,
    Head,
    HealthLine,
    Line,
    Progress,
    Term,
    all_roles,
    back_up_book,
    head,
    no_progress,
    rebuild_book,
    terms,
    utc_now,
)
from mdfm import __version__
from mdfm.api.audit import Audit
from mdfm.api.bank import Bank
from mdfm.api.clocks import as_of, today
from mdfm.api.evidence import EvidenceDoor
from mdfm.api.files import require_file
from mdfm.api.health import check_health
from mdfm.api.imports import Imports
from mdfm.api.plans import Plans
from mdfm.api.proposals import Proposals
from mdfm.api.recording import Draft, Submitted, made_of, submit_all
from mdfm.api.view import BooksAsOf
from mdfm.books import ALL_KINDS, create, open_at

if TYPE_CHECKING:
    from mdfm.api.reports import FundReports
    from mdfm.api.statements import Statements


class Fund:
    """An open fund. Get one from `open_fund` or `create_fund`, and close it, or use it in a `with`.

    Each call is a transaction of its own; nothing is held between two calls. Threads may share a fund.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def _open(self) -> Book:
        """The book; Refused when it was closed."""
        self._book.require_open()
        return self._book

    @property
    def proposals(self) -> Proposals:
        """What waits for another person: approve, reject."""
        return Proposals(self._open)

    @property
    def imports(self) -> Imports:
        """Spreadsheets and tables of rates."""
        return Imports(self._open)

    @property
    def bank(self) -> Bank:
        """Bank files."""
        return Bank(self._open)

    @property
    def plans(self) -> Plans:
        """Scenarios, plans and their approval."""
        return Plans(self._open)

    @property
    def audit(self) -> Audit:
        """Verification, replay, exports and checkpoints."""
        return Audit(self._open)

    @property
    def evidence(self) -> EvidenceDoor:
        """Evidence files: listed, found, read, saved, and zipped for an auditor."""
        return EvidenceDoor(self._open)

    # Imported when asked for: what renders reports takes half a second to load.

    @property
    def statements(self) -> Statements:
        """Statements and letters for donors."""
        from mdfm.api.statements import Statements  # noqa: PLC0415

        return Statements(self._open)

    @property
    def reports(self) -> FundReports:
        """Reports on the whole fund."""
        from mdfm.api.reports import FundReports  # noqa: PLC0415

        return FundReports(self._open)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections to the database. Every later call is Refused."""
        self._book.close()

    # ---- recording

    def submit(self, event: Event | Draft, *, by: str) -> Submitted:
        """Record an event or, where another person must approve its kind, propose it.

        Returns the entry with its lines, or the proposal. An event that is recorded already, or waits, is
        answered with that. Refused by the rules of the books, in a sentence that says what to do.
        """
        (result,) = self.submit_all([event], by=by)
        return result

    def submit_all(self, events: Iterable[Event | Draft], *, by: str) -> list[Submitted]:
        """Record or propose several events in one transaction: all of them, or none.

        Several that need approval become one batch, which is decided together; proposals come last.
        """
        return submit_all(self._book, events, by)

    def reverse(self, entry: int, *, on: date, reason: str, by: str) -> Submitted:
        """Reverse an entry: a new entry mirrors its lines, on a day in an open period."""
        return self.submit(EntryReversed.make(on=on, entry=entry, reason=reason), by=by)

    def preview(self, event: Event | Draft, *, by: str) -> list[Line]:
        """The lines that an event would post now; nothing is recorded. Refused as in `submit`."""
        with self._book.recording() as journal:
            savepoint = journal.books.begin_nested()
            try:
                return journal.preview(made_of(event, journal.books), by)
            finally:
                savepoint.rollback()

    # ---- reading

    def at(self, to: date | None = None, known_at: int | None = None) -> BooksAsOf:
        """The books effective to a day (today if None) and known at an entry (the last if None).

        NotFound for an entry that the journal does not have.
        """
        with self._book.reading() as books:
            return BooksAsOf(self._book, as_of(books, to or today(), known_at))

    def head(self) -> Head:
        """The number and the hash of the last entry; 0 before the first."""
        with self._book.reading() as books:
            return head(books)

    def terms(self) -> list[Term]:
        """The terms, the earliest first; targets are in USD cents."""
        with self._book.reading() as books:
            return terms(books)

    def people(self) -> dict[str, frozenset[str]]:
        """People and their roles; empty where none are given, and anybody may record."""
        with self._book.reading() as books:
            return all_roles(books)

    def health(self) -> list[HealthLine]:
        """What is seen in seconds of the program and of this book; see `check_health`. Nothing is changed."""
        self._book.require_open()
        return check_health(self._book.location, clock=self._book.clock)

    @contextmanager
    def reading(self, *, personal: bool = False) -> Iterator[Connection]:
        """One unchanging state of the books, for the reading functions of `ledger`, `donors` and so on.

        To read contacts or the files of letters, say `personal`: nobody can erase on a server meanwhile.
        """
        with self._book.reading(personal=personal) as books:
            yield books

    def backup(
        self, file: Path, progress: Progress = no_progress, *, although_unsound: bool = False
    ) -> BackupMark:
        """Write a backup of the whole book into a new file, while others may record; its mark names its head.

        It is verified before it has its name: Tampered when it does not verify, and then there is none,
        unless `although_unsound`. Refused where there is a file.
        """
        return back_up_book(
            self._open,
            require_file(file),
            progress,
            self._book.clock,
            program=__version__,
            although_unsound=although_unsound,
        )

    # ---- contact persons, who are outside the journal and can be erased

    def contacts(self, donor: str) -> list[Contact]:
        """The contact persons of a donor, by name; NotFound for an unknown donor."""
        with self._book.reading(personal=True) as books:
            found = contacts(books, donor)
            if not found:  # those of a donor whose registration was reversed can still be seen and erased
                get_donor(books, donor)
            return found

    def set_contact(self, person: Contact, *, by: str) -> None:
        """Keep a contact person; the same name replaces the one before. NotFound for an unknown donor."""
        set_contact(self._book, person, by)

    def erase_contact(self, donor: str, name: str, *, by: str) -> None:
        """Erase a contact person so that nothing of it is left in the book; NotFound if there is none."""
        erase_contact(self._book, donor, name, by)


def open_fund(location: str | Path, *, clock: Clock = utc_now) -> Fund:
    """Open the fund whose book is at a path (SQLite) or a database URL; BadInput when there is none.

    `clock` tells when entries are recorded, in UTC.
    """
    return Fund(open_at(str(location), clock))


def create_fund(location: str | Path, *, clock: Clock = utc_now) -> Fund:
    """Create the empty book of a fund at a path or database URL; Refused when there is one already."""
    return Fund(create(str(location), clock))


def rebuild_fund(location: str | Path, export: FileSource, progress: Progress = no_progress) -> Head:
    """Make a new book from an export in `jsonl`, the same journal bit for bit; returns its head.

    It has the proposals and files of the export, and contacts and letters if the export has them.
    BadInput names the line when the file is not whole or an event does not give its entry; then no book is
    left. Refused when there is one at `location` already.
    """
    return rebuild_book(str(location), ALL_KINDS, require_file(export), progress, PERSONAL_TABLES)
