"""Atomic files: written whole under their name and on the disk, or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ledger.errors import BadInput, Refused, reason_of

_DATABASE = b"SQLite format 3\0"
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
"""What a file system without links answers, such as that of a memory stick."""


@contextmanager
def atomic_file(path: Path, *, only_new: bool = False, private: bool = False) -> Iterator[BinaryIO]:
    """A file to write, which gets its name (and replaces an older one) when all of it is on the disk.

    With `only_new` it replaces none (see `new_file`); a `private` one is for its owner alone. A pipe or a
    device is written directly, and a link is followed. BadInput when the file cannot be written, or when the
    path is a database, which may be the book.
    """
    has_draft = _needs_draft(path)
    place = Path(os.path.realpath(path)) if has_draft else path
    try:
        with _draft_of(place, private=private) if has_draft else path.open("wb") as file:
            yield file
            if has_draft and not _named(file, place, only_new=only_new):
                raise _taken(path)
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def new_file(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """As `atomic_file`, but never in the place of another file: for proofs, which somebody may have kept.

    BadInput when there is a file of this name, or one comes to be while it is written.
    """
    if os.path.lexists(path) and not path.is_dir() and _needs_draft(path):
        raise _taken(path)
    with atomic_file(path, only_new=True, private=private) as file:
        yield file


def write_atomically(path: Path, content: bytes, *, with_folder: bool = False) -> None:
    """Write a file whole or not at all, in a new folder if need be; BadInput as in `atomic_file`."""
    if with_folder:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(path, error) from None
    with atomic_file(path) as file:
        file.write(content)


def write_new(place: Path, content: bytes) -> bool:
    """Write a new file whole or not at all; False where there is one of its name. OSError if it cannot be."""
    with _draft_of(place) as file:
        file.write(content)
        return _named(file, place, only_new=True)


@contextmanager
def _draft_of(place: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A new file beside the place, which is removed at the end if it has not got another name."""
    draft = place.with_name(f".{os.getpid()}.{os.urandom(4).hex()}.part")
    mode = 0o600 if private else 0o666
    try:
        with open(draft, "xb", opener=partial(os.open, mode=mode)) as file:
            yield file
    finally:
        with suppress(OSError):  # without a folder there is no draft either
            draft.unlink()


def _named(file: BinaryIO, place: Path, *, only_new: bool) -> bool:
    """Give a draft that is written its name; False where it is to be new, and is not."""
    file.flush()
    draft = Path(file.name)
    if only_new:
        return name_new(draft, place)
    to_disk(draft)
    draft.replace(place)
    to_disk(place.parent)
    return True


def name_new(draft: Path, place: Path) -> bool:
    """Bring a draft to the disk, and give it its name if no file has it; False if one has.

    The draft may stay under its own name, too, to be removed.
    """
    to_disk(draft)
    try:
        os.link(draft, place)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if not _renamed(draft, place):
            return False
    to_disk(place.parent)
    return True


def _renamed(draft: Path, place: Path) -> bool:
    """Rename a draft if no file has the name; this program waits for itself, others it cannot keep away."""
    with _locked(place.parent):
        if os.path.lexists(place):
            return False
        draft.rename(place)
    return True


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Only one process at a time, where the system has locks on folders."""
    import fcntl  # noqa: PLC0415 - not every system has it, and only here is it needed

    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def to_disk(path: Path) -> None:
    """Return when a file, or the names in a folder where the system can do that, outlive a power cut."""
    try:
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError:
        if not path.is_dir():
            raise


def _taken(path: Path) -> BadInput:
    return BadInput(
        "file-exists",
        "There is a file {path} already, and it may be a proof that somebody keeps: choose another name.",
        path=path,
    )


def unwritable(path: Path, error: BaseException) -> BadInput | Refused:
    """The error for a file that cannot be written, with the reason of the system or of the database."""
    reason = (isinstance(error, OSError) and error.strerror) or reason_of(error)
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "is full" in reason:
        return Refused(
            "place-full",
            "There is no room for {path} on its disk: nothing is left of it; make room and try again.",
            path=path,
        )
    return BadInput("file-unwritable", "{path} cannot be written: {why}.", path=path, why=reason)


def _needs_draft(path: Path) -> bool:
    """Whether the path is free or an ordinary file that may be replaced, and not a pipe or a device."""
    try:
        if path.is_dir():
            raise BadInput(
                "target-is-folder",
                "{path} cannot be written: it is a folder.",
                path=path,
            )
        if not path.is_file():
            return not path.exists()
        with path.open("rb") as file:
            if file.read(len(_DATABASE)) == _DATABASE:
                raise BadInput(
                    "target-is-database",
                    "{path} is a database, perhaps the book: choose another name.",
                    path=path,
                )
    except OSError as error:
        raise unwritable(path, error) from None
    return True
