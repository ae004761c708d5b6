"""Statements and letters for donors: built, written as PDF, issued, printed again, traced and checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from sqlalchemy import Connection

from donors import Issue, IssuedLetter, get_donor, issued_letters, issues
from ledger import BadInput, Book, Document, FileSource, Progress, get_term, no_progress
from mdfm.api.clocks import as_of, today
from mdfm.api.files import require_file
from reports import (
    CheckedStatement,
    ContributionTrace,
    FigureTrace,
    Issuing,
    LetterFile,
    ReceiptLetter,
    Reprint,
    ResultTrace,
    Statement,
    StatementBatch,
    StatementFile,
    add_signature,
    build_letter,
    build_statement,
    check_statement,
    find_issue,
    issue_letter,
    issue_statements,
    keep_statement,
    load_signer,
    render_letter,
    render_statement,
    reprint,
    reprint_letter,
    trace_contribution,
    trace_figures,
    trace_results,
    write_statements,
    year_of_term,
)

SignFunction: TypeAlias = Callable[[bytes], bytes]
"""Takes a PDF and returns it with a signature appended: see `signer`."""


@dataclass(frozen=True)
class StatementsWritten:
    """Statements that were written together."""

    files: Sequence[StatementFile]
    """What each is: its number, donor, language, days, SHA-256 and verification code."""
    documents: Sequence[Document]
    """The PDFs in the same order; none if they were written to a folder."""
    issued: int = 0
    """How many were recorded as issued now; the others were already, or none was asked for."""


@dataclass(frozen=True)
class StatementPeriod:
    """The days of statements: a fiscal year in the term or a span, known at an entry.

    BadInput, when it is used, if both a year and a day are given.
    """

    year: int | None = None
    starts_on: date | None = None
    """The term's first day if None."""
    ends_on: date | None = None
    """Today if None."""
    known_at: int | None = None
    """The last entry if None."""


_NOW = StatementPeriod()


@dataclass(frozen=True)
class Statements:
    """Statements and letters of a fund for its donors. Only `issue...` and `keep` record anything."""

    _book: Book

    def build(
        self,
        donor: str,
        term: str,
        period: StatementPeriod = _NOW,
        *,
        language: str | None = None,
        certified: bool = False,
    ) -> Statement:
        """A donor's statement as data, in the donor's language if None; figures are in USD cents.

        A certified one needs every month of it closed, or Refused is raised.
        """
        with self._book.reading() as books:
            first, last = _days(books, term, period)
            clocks = as_of(books, last, period.known_at)
            return build_statement(books, donor, term, clocks, language, first, certified=certified)

    def pdf(self, statement: Statement, sign: SignFunction | None = None) -> Document:
        """A statement as a PDF, signed if `sign` is given; without, equal statements give equal bytes."""
        content = render_statement(statement)
        name = f"{statement.donor}-{statement.language}.pdf"
        return Document(name, sign(content) if sign else content)

    def write(self, batch: StatementBatch, *, sign: SignFunction | None = None) -> StatementsWritten:
        """The statements of a batch as PDFs: all of them, or NotWritten is raised, naming the donor."""
        with TemporaryDirectory() as folder:
            written = self.write_to(Path(folder), batch, sign=sign)
            return StatementsWritten(written.files, _documents(written.files))

    def write_to(
        self,
        folder: Path,
        batch: StatementBatch,
        *,
        jobs: int | None = None,
        sign: SignFunction | None = None,
        progress: Progress = no_progress,
    ) -> StatementsWritten:
        """Write the statements of a batch into a folder, with `jobs` processes: all of them, or none."""
        files = write_statements(self._book, batch, folder, jobs=jobs, progress=progress, sign=sign)
        return StatementsWritten(files, ())

    def issue(
        self, batch: StatementBatch, issuing: Issuing, *, sign: SignFunction | None = None
    ) -> StatementsWritten:
        """Write the statements of a batch, record who was given which, and keep the files: all, or none.

        One that was issued already is not recorded twice, and its file is the one that was issued, byte for
        byte (`as_issued`). Refused when the book has no such file and the statement is drawn otherwise now.
        """
        with TemporaryDirectory() as folder:
            written = self.issue_to(Path(folder), batch, issuing, sign=sign)
            return StatementsWritten(written.files, _documents(written.files), written.issued)

    def issue_to(
        self,
        folder: Path,
        batch: StatementBatch,
        issuing: Issuing,
        *,
        jobs: int | None = None,
        sign: SignFunction | None = None,
        progress: Progress = no_progress,
    ) -> StatementsWritten:
        """Issue the statements of a batch, and write them into a folder."""
        files, new = issue_statements(
            self._book, batch, folder, issuing, jobs=jobs, progress=progress, sign=sign
        )
        return StatementsWritten(files, (), new)

    def batch(
        self,
        term: str,
        period: StatementPeriod = _NOW,
        *,
        only: Sequence[str] = (),
        languages: Sequence[str] = (),
        certified: bool = False,
        file_name: str = "",
    ) -> StatementBatch:
        """Statements to write or issue together: for all donors, or for those in `only`.

        Each is in its donor's language, or in all of `languages`. `file_name` is for a batch of one.
        """
        with self._book.reading() as books:
            first, last = _days(books, term, period)
            clocks = as_of(books, last, period.known_at)
        return StatementBatch(term, clocks, first, certified, tuple(only), tuple(languages), file_name)

    def issued(self, *, donor: str | None = None, term: str | None = None) -> list[Issue]:
        """The statements that were issued, in order; NotFound for an unknown donor or term."""
        with self._book.reading() as books:
            if donor is not None:
                get_donor(books, donor)
            if term is not None:
                get_term(books, term)
            return issues(books, donor=donor, term=term)

    def reprint(self, name: str, language: str | None = None) -> Reprint:
        """An issued statement again, by its number, verification code, SHA-256 or entry.

        It is the file that was given, byte for byte, if the book has it (`kept`); or else it is drawn again,
        and `same` says whether it is that file without its signature. NotFound when none was issued, BadInput
        when the name fits several files, Tampered when the file in the book was changed.
        """
        with self._book.reading() as books:
            return reprint(books, find_issue(books, name, language))

    def keep(self, file: FileSource, *, by: str) -> list[Issue]:
        """Keep the file of a statement that was issued without one; the issues that have it now.

        It must be the file that was issued, byte for byte, with nothing but signatures added, or BadInput is
        raised. An empty list if the book has it already.
        """
        return keep_statement(self._book, require_file(file), by)

    def check(self, file: FileSource, trust: FileSource | None = None) -> CheckedStatement:
        """Whether a PDF is a statement or letter that was issued; or else every figure that differs.

        Signatures are trusted where they lead to a certificate in `trust`. BadInput for a file that is
        neither, or too large or too slow to read; Tampered when the book's own file was changed.
        """
        roots = None if trust is None else require_file(trust)
        with self._book.reading(personal=True) as books:
            return check_statement(books, require_file(file), roots)

    def figures(self, statement: Statement) -> tuple[list[FigureTrace], list[ResultTrace]]:
        """Its figures, each with the lines that it is the sum of, and its results with their entries."""
        return trace_figures(statement), trace_results(statement)

    def trace(
        self, reference: str, to: date, *, known_at: int | None = None, bank_account: str = ""
    ) -> ContributionTrace:
        """A contribution from the bank's line to the lines of the donor's statement."""
        with self._book.reading() as books:
            return trace_contribution(books, reference, as_of(books, to, known_at), bank_account)

    def letter(
        self,
        reference: str,
        *,
        bank_account: str = "",
        known_at: int | None = None,
        language: str | None = None,
        contact: str = "",
    ) -> tuple[ReceiptLetter, Document]:
        """The receipt letter of a contribution, as data and as a PDF; in kind, `reference` is its code."""
        with self._book.reading(personal=True) as books:
            letter = build_letter(
                books,
                reference,
                bank_account=bank_account,
                known_at=known_at,
                language=language,
                contact=contact,
            )
        return letter, Document(_letter_name(letter), render_letter(letter))

    def issue_letter(
        self, letter: ReceiptLetter, *, by: str, on: date | None = None, sign: SignFunction | None = None
    ) -> tuple[LetterFile, Document]:
        """Record that a letter is sent to its donor, today if `on` is None, and keep its file.

        The file is kept until the person that it names is erased; NotFound when that was done before. One to
        the same person that says the same, whatever its number, date and head, is recorded once, and its file
        is the one that was issued then.
        """
        issued = issue_letter(self._book, letter, by, on or today(), sign)
        return issued, Document(_letter_name(letter), issued.content)

    def issue_letter_to(
        self,
        file: Path,
        letter: ReceiptLetter,
        *,
        by: str,
        on: date | None = None,
        sign: SignFunction | None = None,
    ) -> LetterFile:
        """Issue a letter, and write it as a file: both, or neither."""
        return issue_letter(self._book, letter, by, on or today(), sign, out=file)

    def letters(self, *, donor: str | None = None) -> list[IssuedLetter]:
        """The letters that were issued, in order; NotFound for an unknown donor."""
        with self._book.reading(personal=True) as books:
            return issued_letters(books, donor=donor and get_donor(books, donor).code)

    def reprint_letter(self, name: str, language: str | None = None) -> tuple[LetterFile, Document]:
        """An issued letter again, byte for byte: by its number, reference, code, SHA-256 or entry.

        NotFound when none was issued or its person was erased, BadInput when the name fits several letters,
        Tampered when the file in the book was changed.
        """
        with self._book.reading(personal=True) as books:
            found = reprint_letter(books, name, language)
        name = f"letter-{found.issued.reference}-{found.issued.language}.pdf"
        return found, Document(name, found.content)


def signer(key: FileSource, certificate: FileSource | None = None, passphrase: str = "") -> SignFunction:
    """What signs PDFs with the key and certificate of a PKCS#12 file, or of two files (PEM or DER).

    BadInput when the key does not open, and for a certificate that is not its own or not valid today.
    """
    own = None if certificate is None else require_file(certificate)
    opened = load_signer(require_file(key), own, lambda: passphrase)
    return lambda pdf: add_signature(pdf, opened)


def _days(books: Connection, term: str, period: StatementPeriod) -> tuple[date | None, date]:
    """The first day that is asked for, or None for the term's first, and the last."""
    if period.year is None:
        return period.starts_on, period.ends_on or today()
    if period.starts_on or period.ends_on:
        raise BadInput("year-and-days", "Give a year, or its first and last day, not both.")
    span = year_of_term(get_term(books, term), period.year)
    return span.starts_on, span.ends_on


def _letter_name(letter: ReceiptLetter) -> str:
    return f"letter-{letter.reference}-{letter.language}.pdf"


def _documents(files: Sequence[StatementFile]) -> list[Document]:
    return [Document(each.path.name, each.path.read_bytes()) for each in files]
