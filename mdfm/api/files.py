"""What is taken as a file: a path or a document."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from ledger import Document, FileSource

F = TypeVar("F", bound=FileSource)


def require_file(source: F) -> F:
    """The same file; TypeError for anything else, such as a path as a text."""
    if isinstance(source, Path | Document):
        return source
    raise TypeError(f"a file is a pathlib.Path or a Document, not {source!r}: write Path(...) around a path")
