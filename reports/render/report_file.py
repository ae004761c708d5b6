"""Files of reports, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ledger import atomic_file, unwritable, write_atomically


def write_file(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all, creating its folder; BadInput when that fails."""
    write_atomically(path, content, with_folder=True)
    return path


@contextmanager
def staged_file(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name at the end, for what must not be done without it.

    After an error there is neither the file nor a folder that was made for it. BadInput as in `write_file`.
    """
    made = [each for each in path.parents if not each.exists()]
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(path, error) from None
        with atomic_file(path) as file:
            yield file
    except BaseException:
        with suppress(OSError):
            for each in made:
                each.rmdir()
        raise
