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
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which gets its name (and replaces an older one) when all of it is written.

    A pipe or a device is written directly, and a link is followed. BadInput when the file cannot be written,
    or when the path is a database, which may be the book.
    """
    has_draft = _needs_draft(path)
    place = Path(os.path.realpath(path)) if has_draft else path
    draft = place.with_name(f".{place.name}.{os.getpid()}.part") if has_draft else place
    try:
        with draft.open("wb") as file:
            yield file
        if has_draft:
            draft.replace(place)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        if has_draft:
            with suppress(OSError):  # without a folder there is no draft either
                draft.unlink()


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
