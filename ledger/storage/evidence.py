"""Evidence: the files that prove an event, stored by their SHA-256.

An event names a file by its SHA-256, name and type in its field `evidence`; the book stores the bytes. So a
file that is changed, lost or swapped is found when the books are verified.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, bindparam, func, insert, select

from ledger.entry.described import AttachedFile, CodeNames
from ledger.entry.field_types import Sha256Field, TextField
from ledger.errors import BadInput, Refused, Tampered
from ledger.sentence import Hint
from ledger.storage.document import FileSource
from ledger.storage.schema import evidence as table

LARGEST_FILE = 25 * 1024 * 1024


class Evidence(BaseModel):
    """A file as an event names it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: Sha256Field
    name: TextField
    media_type: TextField

    def as_value(self, names: CodeNames) -> AttachedFile:
        """The file as people see it: by its name and size."""
        return AttachedFile(self.name, self.sha256, names.size_of(self.sha256))


def attach(books: Connection, path: FileSource) -> Evidence:
    """Store a file in the book, once however often it is attached, and return how an event names it."""
    content = _content(path)
    keep(books, content)
    return _named(path, content)


def evidence_of(path: FileSource) -> Evidence:
    """How an event names a file that is not stored (yet)."""
    return _named(path, _content(path))


def _content(path: FileSource) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadInput(
            "evidence-not-readable",
            "The evidence file {path} cannot be read: {why}.",
            path=path,
            why=error.strerror,
        ) from None
    if not 0 < len(content) <= LARGEST_FILE:
        raise BadInput(
            "evidence-size-out-of-bounds",
            "The evidence file {path} is {fault}: give one of 1 byte to {mib_max} MiB.",
            path=path,
            fault="too large" if content else "empty",
            mib_max=LARGEST_FILE >> 20,
        )
    return content


def _named(path: FileSource, content: bytes) -> Evidence:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Evidence(sha256=hashlib.sha256(content).hexdigest(), name=path.name, media_type=media_type)


def keep(books: Connection, content: bytes) -> str:
    """Store a file's bytes once, and return the SHA-256 that names them."""
    sha256 = hashlib.sha256(content).hexdigest()
    if not books.execute(select(table.c.sha256).where(table.c.sha256 == sha256)).first():
        books.execute(insert(table).values(sha256=sha256, content=content))
    return sha256


class NamedFile(NamedTuple):
    """A file as the payload of an event names it."""

    sha256: str
    name: str
    media_type: str


def files_in(payload: str) -> list[NamedFile]:
    """The files that the payload of an event names; none if it cannot be read."""
    try:
        named = json.loads(payload).get("evidence", ())
        return [
            NamedFile(str(each["sha256"]), str(each.get("name", "")), str(each.get("media_type", "")))
            for each in named
        ]
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        return []


def checked_content(books: Connection, sha256: str) -> bytes:
    """The bytes of a stored file; Tampered when it is missing, or its bytes do not have this SHA-256."""
    content: bytes | None = books.execute(select(table.c.content).where(table.c.sha256 == sha256)).scalar()
    if content is None:
        raise Tampered(
            "evidence-missing",
            "The evidence {sha256} is missing from the book: restore a copy of the book.",
            sha256=sha256,
        )
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Tampered(
            "evidence-changed",
            "The evidence {sha256} was changed in the book, and is not written: restore a copy of the book.",
            sha256=sha256,
        )
    return content


def is_stored(books: Connection, sha256: str) -> bool:
    """Whether the book has a file."""
    return books.execute(_STORED, {"sha256": sha256}).first() is not None


def not_stored(kind: str, file: Evidence) -> Refused:
    """The refusal of an event that names a file which nobody gave to the book."""
    return Refused(
        "evidence-not-given",
        "The {kind} names the evidence {name} (SHA-256 {sha256}), which this book does not have: give the "
        "file itself{hint}.",
        kind=kind,
        name=file.name,
        sha256=file.sha256,
        hint=Hint("give-evidence"),
    )


_STORED = select(table.c.sha256).where(table.c.sha256 == bindparam("sha256"))


def size_of(books: Connection, sha256: str) -> int | None:
    """The size of a stored file in bytes; None if the book does not have it."""
    size: int | None = books.execute(
        select(func.length(table.c.content)).where(table.c.sha256 == sha256)
    ).scalar()
    return size


def fault(books: Connection, sha256: str) -> str | None:
    """What is wrong with a stored file; None when its bytes have the hash that it is stored under."""
    try:
        checked_content(books, sha256)
    except Tampered as error:
        return f"evidence {sha256[:12]} {_FAULTS[error.code]}"
    return None


_FAULTS = {"evidence-missing": "is missing", "evidence-changed": "was changed"}
