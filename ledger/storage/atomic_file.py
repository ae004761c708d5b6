"""Files that are written whole or not at all: nobody ever finds half of one under its name."""

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
    """A file to write, which takes its name (and the place of an older one) when all of it is written.

    A pipe or a device is written into as it is, and a link is followed. BadInput when the file cannot be
    written, or when a database stands there, which may be the book.
    """
    drafted = _takes_a_draft(path)
    place = Path(os.path.realpath(path)) if drafted else path
    draft = place.with_name(f".{place.name}.{os.getpid()}.part") if drafted else place
    try:
        with draft.open("wb") as file:
            yield file
        if drafted:
            draft.replace(place)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        if drafted:
            with suppress(OSError):  # where the folder is none, there is no draft either
                draft.unlink()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; BadInput when that cannot be."""
    with atomic_file(path) as file:
        file.write(content)


def _takes_a_draft(path: Path) -> bool:
    """Whether the place is free or an ordinary file that may be replaced, and no pipe or device."""
    try:
        if path.is_dir():
            raise BadInput(f"{path} cannot be written: it is a folder.")
        if not path.is_file():
            return not path.exists()
        with path.open("rb") as file:
            if file.read(len(_DATABASE)) == _DATABASE:
                raise BadInput(f"{path} is a database, perhaps the book: choose another name.")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None
    return True
