"""Rebuild a book from its export: every event is recorded again, and must give the entry that was sealed.

The file is read twice, as a stream: once to check that it is whole, so that a broken one touches no database,
and once to record it. Proposals and files that no entry names are not in the journal and not in an export.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar, get_type_hints

from sqlalchemy.exc import DBAPIError

from ledger.audit.export import FORMAT
from ledger.book import Book, create_book
from ledger.entry.canonical import ENCODING, GENESIS, Head, Line, Sealed, canonical_json, entry_hash
from ledger.entry.event import Kinds
from ledger.errors import BadInput, MdfmError, reason_of
from ledger.journal.journal import EVENTS_PER_CHUNK, Journal, Stamp
from ledger.progress import Progress, ProgressCount, no_progress
from ledger.storage import evidence
from ledger.storage.document import FileSource
from ledger.storage.unit_of_work import unit_of_work

LARGEST_LINE = 64 * 1024 * 1024
"""Bytes: more than the largest evidence file in base64, and a limit on the memory that a file can take."""

N = TypeVar("N", Head, Sealed, Line)

_TYPES: dict[type[Any], dict[str, type]] = {kind: get_type_hints(kind) for kind in (Head, Sealed, Line)}


class ExportedFile(NamedTuple):
    """An evidence file of an export, checked against its SHA-256."""

    sha256: str
    content: bytes


class ExportedEntry(NamedTuple):
    """An entry of an export with its lines, checked against its seal."""

    sealed: Sealed
    lines: list[Line]


def rebuild_book(location: str, kinds: Kinds, export: FileSource, progress: Progress = no_progress) -> Head:
    """Make a new book at `location` from an export in JSON lines, and return its head.

    BadInput names the line when the file is not whole or an event does not give its entry; then no book is
    left. Refused when there is one at `location` already.
    """
    with export.open("rb") as file:
        total = sum(isinstance(part, ExportedEntry) for _, part in _parts(export, file))
        file.seek(0)
        book = create_book(location, kinds)
        try:
            with book.recording() as journal:
                last = _record_all(journal, export, file, lambda done: progress(done, total))
        except BaseException:
            _discard(book)
            raise
    book.close()
    return last


def _discard(book: Book) -> None:
    """Remove the file of a book that was not rebuilt; on a server an empty book stays."""
    book.close()
    if book.engine.dialect.name == "sqlite" and book.engine.url.database:
        Path(book.engine.url.database).unlink(missing_ok=True)


def _record_all(journal: Journal, export: FileSource, file: BinaryIO, progress: ProgressCount) -> Head:
    last, line_number = Head(0, GENESIS), 1
    try:
        with unit_of_work(journal.books) as work:
            for number, part in _parts(export, file):
                line_number = number
                if isinstance(part, ExportedFile):
                    evidence.keep(journal.books, part.content)
                    continue
                _record_again(journal, part.sealed)
                last = Head(part.sealed.seq, part.sealed.hash)
                if last.seq % EVENTS_PER_CHUNK == 0:
                    work.flush()
                    progress(last.seq)
    except DBAPIError as error:
        refusal = f"the database refuses what is recorded up to here: {reason_of(error.orig)}"
        raise _broken(export, line_number, refusal) from error
    except _Differs as error:
        raise _broken(
            export, line_number, f"entry {last.seq + 1} cannot be recorded again: {error}"
        ) from error
    progress(last.seq)
    return last


def _record_again(journal: Journal, sealed: Sealed) -> None:
    try:
        written = journal.kinds.written(sealed.kind, sealed.version, sealed.payload)
        again = journal.append(written, Stamp(sealed.made_by, sealed.approved_by, sealed.recorded_at))
    except MdfmError as error:
        raise _Differs(str(error)) from error
    for name, was, now in zip(Sealed._fields, sealed, again, strict=True):
        if was != now:
            # The file's hash was checked against its content: only other lines can change the hash alone.
            raise _Differs(f"its event gives other {'lines' if name == 'hash' else name}")


class _Differs(Exception):
    """How the entry of an event that is recorded again differs from what was sealed."""


def _broken(export: FileSource, number: int, what: str) -> BadInput:
    return BadInput(
        "export-line-invalid",
        "{export}, line {number}: {problem}; nothing was imported.",
        export=export,
        number=number,
        problem=what.rstrip("."),
    )


def _parts(export: FileSource, file: BinaryIO) -> Iterator[tuple[int, ExportedFile | ExportedEntry]]:
    """The files and entries of an export with their line numbers, each checked as it is read."""
    reader = _Reader()
    number = 0
    try:
        for number, raw in enumerate(iter(lambda: file.readline(LARGEST_LINE), b""), start=1):
            part = reader.take(raw)
            if part is not None:
                yield number, part
        reader.end()
    except _Unreadable as error:
        raise _broken(export, max(number, 1), str(error)) from None


class _Unreadable(Exception):
    """An error in the line that was read last."""


class _Reader:
    """The state of reading an export: what its next line may be, and what it must agree with."""

    def __init__(self) -> None:
        self._promised: Head | None = None
        self._last = Head(0, GENESIS)
        self._files: set[str] = set()
        self._unnamed: set[str] = set()
        self._ended = False

    def take(self, raw: bytes) -> ExportedFile | ExportedEntry | None:
        """Check the next line and return its file or entry; None for the header and the trailer."""
        record = _record(raw)
        if self._ended:
            raise _Unreadable("the export ends before this line")
        if self._promised is None:
            self._promised = _header(record)
            return None
        match sorted(record):
            case ["content", "evidence"]:
                return self._file(record)
            case ["entry", "lines"]:
                return self._entry(record)
            case ["entries", "head"]:
                self._ended = True
                if record != {"entries": self._last.seq, "head": self._last.hash}:
                    raise _Unreadable(f"this trailer is not that of {self._last.seq} entries")
                return None
        raise _Unreadable("this is no entry, no evidence file and no trailer")

    def end(self) -> None:
        """Check that the export is complete."""
        if not self._ended:
            raise _Unreadable("the export is cut off after this line")
        if self._promised != self._last:
            raise _Unreadable("the export does not end with the entry that its header names")
        if self._unnamed:
            raise _Unreadable(
                f"the export has the file {min(self._unnamed)}, which no entry names as evidence"
            )

    def _file(self, record: dict[str, Any]) -> ExportedFile:
        try:
            content = base64.b64decode(record["content"], validate=True)
        except (ValueError, TypeError):
            raise _Unreadable("the evidence file is not base64") from None
        sha256 = hashlib.sha256(content).hexdigest()
        if record["evidence"] != sha256 or record["content"] != base64.b64encode(content).decode():
            raise _Unreadable("the evidence file is not the one that it is said to be")
        if sha256 in self._files:
            raise _Unreadable("the evidence file is here for the second time")
        self._files.add(sha256)
        self._unnamed.add(sha256)
        return ExportedFile(sha256, content)

    def _entry(self, record: dict[str, Any]) -> ExportedEntry:
        sealed = _read(Sealed, record["entry"])
        if not isinstance(record["lines"], list):
            raise _Unreadable("the entry has no list of lines")
        lines = [_read(Line, line) for line in record["lines"]]
        if sealed.seq != self._last.seq + 1 or sealed.prev != self._last.hash:
            raise _Unreadable(f"this is not the entry that follows entry {self._last.seq}")
        if sealed.hash != entry_hash(sealed, lines):
            raise _Unreadable(f"the content of entry {sealed.seq} does not match its hash")
        named = evidence.named_in(sealed.payload)
        if not self._files.issuperset(named):
            raise _Unreadable(f"the export lacks a file that entry {sealed.seq} names as evidence")
        self._unnamed.difference_update(named)
        self._last = Head(sealed.seq, sealed.hash)
        return ExportedEntry(sealed, lines)


def _header(record: dict[str, Any]) -> Head:
    if record.get("format") != FORMAT or record.get("encoding") != ENCODING or len(record) != 3:
        raise _Unreadable(f"this is not the header of an export in the format {FORMAT} ({ENCODING})")
    return _read(Head, record.get("head"))


def _record(raw: bytes) -> dict[str, Any]:
    """The JSON object of a line; refused when it is not canonical."""
    if not raw.endswith(b"\n"):
        raise _Unreadable("the line is cut off" if len(raw) < LARGEST_LINE else "the line is too long")
    try:
        record = json.loads(raw)
        canonical = canonical_json(record).encode() + b"\n"
    except (ValueError, RecursionError):
        raise _Unreadable("this is not JSON") from None
    if not isinstance(record, dict) or canonical != raw:
        raise _Unreadable("this is not an object in canonical JSON")
    return record


def _read(kind: type[N], value: object) -> N:
    """A JSON object as a named tuple, each field of its exact type."""
    types = _TYPES[kind]
    if not isinstance(value, dict) or value.keys() != types.keys():
        raise _Unreadable(f"this does not have the fields {', '.join(types)}")
    for name, wanted in types.items():
        if type(value[name]) is not wanted:
            raise _Unreadable(f"the field {name} is not {'a number' if wanted is int else 'a text'}")
    return kind(**value)
