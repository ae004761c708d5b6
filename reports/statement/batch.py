"""Statements of a batch of donors as PDF files: all are written, or none."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from allocation import KINDS as ALLOCATION_KINDS
from allocation import side_by_side
from donors import KINDS as DONORS_KINDS
from donors import donors, get_donor
from ledger import KINDS as LEDGER_KINDS
from ledger import AsOf, BadInput, Book, Kinds, MdfmError, Sentence, open_book, to_disk
from reports.statement.builder import build_statement
from reports.statement.context import StatementContext
from reports.statement.pdf import render_statement
from reports.statement.statement import Statement, StatementStatus

StatementProgress = Callable[[int, int], None]
Sign = Callable[[bytes], bytes]
"""Takes a PDF and returns it with a signature appended."""

_WORTH_A_PROCESS = 20
"""Number of statements that take about as long to write as a process takes to start."""

_HIDDEN = ".statements"
"""The staging folder inside the target folder; while it exists, no other batch is started there."""
_OLDER = "older"
"""Its subfolder for replaced files, kept until the batch is complete."""


class NotWritten(MdfmError):
    """A donor's statement could not be written, and so none was."""


@dataclass(frozen=True)
class StatementBatch:
    """Statements that are written together: for a period of a term, as of two clocks."""

    term: str
    as_of: AsOf
    starts_on: date | None = None
    """The term's first day if None."""
    certified: bool = False
    only: tuple[str, ...] = ()
    """Codes of the donors; all donors if empty."""
    languages: tuple[str, ...] = ()
    """Each donor's own language if empty."""
    file_name: str = ""
    """The name of the file of a batch of one statement; `<donor>-<language>.pdf` if empty."""


@dataclass(frozen=True)
class StatementFile:
    """A donor's statement as a file."""

    path: Path
    sha256: str
    """Hash of the PDF as rendered, before a signature is appended."""
    statement: str
    """The statement's number."""
    donor: str
    term: str
    language: str
    starts_on: date
    ends_on: date
    known_at: int
    status: StatementStatus
    verification: str
    issued_by: int = 0
    """The entry that issued it before; 0 if none did."""
    as_issued: bool = False
    """Whether the file is the one that was issued then, byte for byte."""


class StagedStatements:
    """Statements in the staging folder, ready to be published."""

    def __init__(self, hidden: Path, files: Sequence[StatementFile]) -> None:
        self.files = files
        self._hidden = hidden
        self._older = hidden / _OLDER
        self._published: list[Path] = []

    def content(self, file: StatementFile) -> bytes:
        """The file as it will be written, with its signature if it has one."""
        return (self._hidden / file.path.name).read_bytes()

    def put_instead(self, file: StatementFile, content: bytes) -> None:
        """Write other bytes than were drawn now: those of the file that was issued."""
        with _writing(self._hidden.parent):
            (self._hidden / file.path.name).write_bytes(content)

    def publish(self) -> None:
        """Move each file to its place; a file that it replaces is kept until the batch is complete.

        Raises BadInput when a file cannot be moved.
        """
        with _writing(self._hidden.parent):
            self._older.mkdir()
            for file in self.files:
                to_disk(self._hidden / file.path.name)
            for path in (file.path for file in self.files):
                if path.is_file():
                    path.replace(self._older / path.name)
                (self._hidden / path.name).replace(path)
                self._published.append(path)
            to_disk(self._hidden.parent)

    def roll_back(self) -> None:
        """Restore the folder as it was before the files were published."""
        for path in self._published:
            path.unlink(missing_ok=True)
        for older in self._older.glob("*"):
            older.replace(self._hidden.parent / older.name)


def write_statements(
    book: Book,
    batch: StatementBatch,
    folder: Path,
    *,
    jobs: int | None = None,
    progress: StatementProgress = lambda done, of: None,
    sign: Sign | None = None,
) -> Sequence[StatementFile]:
    """Write the statements of a batch as `<donor>-<language>.pdf`, each signed where `sign` is given.

    Uses as many processes as the machine has cores, or `jobs`. Raises NotWritten, naming the donor, when a
    statement cannot be written, and BadInput when the folder cannot be. After an error or an interrupt
    nothing is written and the folder is as it was.
    """
    with stage_statements(book, batch, folder, jobs=jobs, progress=progress, sign=sign) as staged:
        staged.publish()
    return staged.files


@contextmanager
def stage_statements(
    book: Book,
    batch: StatementBatch,
    folder: Path,
    *,
    jobs: int | None = None,
    progress: StatementProgress = lambda done, of: None,
    sign: Sign | None = None,
) -> Iterator[StagedStatements]:
    """The same statements in a staging folder, until they are published; an error leaves nothing behind."""
    with book.reading() as books, _hidden_in(folder) as hidden:
        orders = _orders(books, batch)
        of = sum(len(order.languages) for order in orders)
        if batch.file_name and of != 1:
            raise AssertionError(f"{of} statements cannot have one name")
        processes = min(jobs or min(os.cpu_count() or 1, of // _WORTH_A_PROCESS), len(orders))
        if processes > 1 and not book.in_memory:
            written = _written_in_processes(book, batch, hidden, orders, processes)
        else:
            context = StatementContext(books, batch.term, batch.as_of)
            written = ((at, _write(context, batch, hidden, order)) for at, order in enumerate(orders))
        files: list[Sequence[StatementFile]] = [()] * len(orders)
        with closing(written):
            for at, made in written:
                files[at] = made
                if sign:  # here, so that no other process needs the key
                    _sign(hidden, made, sign)
                progress(sum(map(len, files)), of)
        staged = StagedStatements(hidden, [file for made in files for file in made])
        try:
            yield staged
        except BaseException:
            staged.roll_back()
            raise


class _Order(NamedTuple):
    """The statements to write for one donor."""

    donor: str
    languages: tuple[str, ...]


def _orders(books: Connection, batch: StatementBatch) -> list[_Order]:
    known_at = batch.as_of.known_at
    some = [get_donor(books, code, known_at) for code in dict.fromkeys(batch.only)]
    languages = tuple(dict.fromkeys(batch.languages))
    return [_Order(each.code, languages or (each.language,)) for each in some or donors(books, known_at)]


@contextmanager
def _hidden_in(folder: Path) -> Iterator[Path]:
    """A staging folder that is removed at the end, in a folder that is created if it does not exist."""
    hidden = folder / _HIDDEN
    with _writing(folder):
        made = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        try:
            hidden.mkdir(mode=0o700)
        except FileExistsError:
            raise BadInput(
                "statement-folder-busy",
                "Other statements are being written into {folder}: wait until they are. If none are, "
                "they were cut off: put back what is in {older}, if anything is, and remove {hidden}.",
                folder=folder,
                older=hidden / _OLDER,
                hidden=hidden,
            ) from None
    try:
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        with suppress(OSError):
            for each in made:
                each.rmdir()


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Raise BadInput for what the folder or the disk does not allow."""
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or folder
        raise BadInput(
            "statement-folder-not-writable",
            "{where} cannot be written: {why}; nothing was changed.",
            where=where,
            why=error.strerror,
        ) from None


def _sign(hidden: Path, files: Sequence[StatementFile], sign: Sign) -> None:
    with _writing(hidden.parent):
        for draft in (hidden / file.path.name for file in files):
            draft.write_bytes(sign(draft.read_bytes()))


def _write(
    context: StatementContext, batch: StatementBatch, hidden: Path, order: _Order
) -> list[StatementFile]:
    with _writing(hidden.parent):
        return [_write_one(context, batch, hidden, order.donor, language) for language in order.languages]


def _built(
    context: StatementContext, batch: StatementBatch, donor: str, language: str
) -> tuple[Statement, bytes]:
    try:
        statement = build_statement(
            context.books,
            donor,
            batch.term,
            batch.as_of,
            language,
            batch.starts_on,
            certified=batch.certified,
            context=context,
        )
        return statement, render_statement(statement)
    except MdfmError as error:
        reason = error.sentence
    except Exception as error:
        fault = f"this is a fault of the program, please report it: {type(error).__name__}: {error}"
        reason = Sentence(fault)
    raise NotWritten(
        "statement-not-writable",
        "The statement of {donor} cannot be written, so that none is: {reason}",
        donor=donor,
        reason=reason,
    )


def _write_one(
    context: StatementContext, batch: StatementBatch, hidden: Path, donor: str, language: str
) -> StatementFile:
    statement, content = _built(context, batch, donor, language)
    name = batch.file_name or f"{donor}-{language}.pdf"
    (hidden / name).write_bytes(content)
    return StatementFile(
        path=hidden.parent / name,
        sha256=hashlib.sha256(content).hexdigest(),
        statement=statement.id,
        donor=donor,
        term=batch.term,
        language=language,
        starts_on=statement.starts_on,
        ends_on=statement.ends_on,
        known_at=batch.as_of.known_at,
        status=statement.status,
        verification=statement.verification,
    )


# ---- in processes of their own


def _written_in_processes(
    book: Book, batch: StatementBatch, hidden: Path, orders: Sequence[_Order], processes: int
) -> Generator[tuple[int, list[StatementFile]], None, None]:
    work = partial(_write_here, book.location, batch, hidden)
    try:
        yield from side_by_side(work, orders, processes)
    except BrokenProcessPool:
        raise NotWritten(
            "statement-process-died",
            "A process has ended before its statements were written, perhaps for want of memory, so "
            "that none is: ask for fewer side by side.",
        ) from None


def _write_here(location: str, batch: StatementBatch, hidden: Path, order: _Order) -> list[StatementFile]:
    return _write(_context_here(location, batch.term, batch.as_of), batch, hidden, order)


@cache
def _context_here(location: str, term: str, as_of: AsOf) -> StatementContext:
    """The context of all statements of this process, over a connection of its own."""
    book = open_book(location, Kinds((*LEDGER_KINDS, *DONORS_KINDS, *ALLOCATION_KINDS)))
    return StatementContext(_OPEN.enter_context(book.reading()), term, as_of)


_OPEN = ExitStack()
"""What stays open as long as this process writes."""
