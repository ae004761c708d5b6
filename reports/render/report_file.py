"""Files of reports, each written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from ledger import BadInput, write_atomically


def write_file(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all, creating its folder; BadInput when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            "file-unwritable",
            "{path} cannot be written: {why}.",
            path=path,
            why=error.strerror,
        ) from None
    write_atomically(path, content)
    return path
