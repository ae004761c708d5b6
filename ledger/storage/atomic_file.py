"""Atomic files: written whole under their name, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ledger.errors import BadInput

_DATABASE = b"SQLite format 3\0"


@contextmanager
def atomic_file(path: Path, *, only_new: bool = False) -> Iterator[BinaryIO]:
    """A file to write, which gets its name (and replaces an older one) when all of it is written.

    With `only_new` it replaces none (see `new_file`). A pipe or a device is written directly, and a link is
    followed. BadInput when the file cannot be written, or when the path is a database, which may be the book.
    """
    has_draft = _needs_draft(path)
    place = Path(os.path.realpath(path)) if has_draft else path
    draft = place.with_name(f".{place.name}.{os.getpid()}.part") if has_draft else place
    try:
        with draft.open("wb") as file:
            yield file
        if has_draft and not only_new:
            draft.replace(place)
        elif has_draft and not link_new(draft, place):
            raise _taken(path)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        if has_draft:
            with suppress(OSError):  # without a folder there is no draft either
                draft.unlink()


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """As `atomic_file`, but never in the place of another file: for proofs, which somebody may have kept.

    BadInput when there is a file of this name, or one comes to be while it is written.
    """
    if os.path.lexists(path) and not path.is_dir() and _needs_draft(path):
        raise _taken(path)
    with atomic_file(path, only_new=True) as file:
        yield file


def _taken(path: Path) -> BadInput:
    return BadInput(
        "file-exists",
        "There is a file {path} already, and it may be a proof that somebody keeps: choose another name.",
        path=path,
    )


def link_new(draft: Path, place: Path) -> bool:
    """Give a draft its name if no file has it; False if one has. The draft may stay, to be removed."""
    try:
        os.link(draft, place)
    except FileExistsError:
        return False
    except OSError:  # a file system without links, such as a memory stick
        try:
            place.touch(exist_ok=False)
        except FileExistsError:
            return False
        draft.replace(place)
    return True


def write_atomically(path: Path, content: bytes, *, with_folder: bool = False) -> None:
    """Write a file whole or not at all, in a new folder if need be; BadInput as in `atomic_file`."""
    if with_folder:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(path, error) from None
    with atomic_file(path) as file:
        file.write(content)


def unwritable(path: Path, error: OSError) -> BadInput:
    """The error for a file that cannot be written, with the reason of the system."""
    return BadInput("file-unwritable", "{path} cannot be written: {why}.", path=path, why=error.strerror)


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
