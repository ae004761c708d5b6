"""Documents: files in memory, with a name and bytes. What reads a file takes a document or a path."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePath, PureWindowsPath
from typing import Literal, TypeAlias

from ledger.errors import BadInput
from ledger.storage.atomic_file import write_atomically


@dataclass(frozen=True)
class Document:
    """A file in memory; it is read like a `Path`.

    Of a name with folders only the last part is kept. Raises BadInput for a name without one.
    """

    name: str
    """The file's name, e.g. `gifts.csv`: messages name it, and its ending may decide how it is read."""
    content: bytes = field(repr=False)

    def __post_init__(self) -> None:
        last = PureWindowsPath(self.name).name  # of either kind of path
        if not last:
            raise BadInput(
                "file-name-invalid",
                "'{name}' is not the name of a file: give one such as gifts.csv.",
                name=self.name,
            )
        object.__setattr__(self, "name", last)

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """The ending of the name with its dot, as of a `Path`; empty if there is none."""
        return PurePath(self.name).suffix

    def open(self, _mode: Literal["rb"] = "rb") -> BytesIO:
        """The content as an open binary file."""
        return BytesIO(self.content)

    def read_bytes(self) -> bytes:
        """The content."""
        return self.content

    def read_text(self, encoding: str = "utf-8") -> str:
        """The content as text; UnicodeDecodeError if it is none."""
        return self.content.decode(encoding)

    def save(self, folder: Path) -> Path:
        """Write it into a folder, whole or not at all, in place of a file of its name; returns the path."""
        path = folder / self.name
        write_atomically(path, self.content, with_folder=True)
        return path


FileSource: TypeAlias = Path | Document
"""What a file is read from."""
