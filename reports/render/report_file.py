"""Files of reports, each written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from ledger import write_atomically


def write_file(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all, creating its folder; BadInput when that fails."""
    write_atomically(path, content, with_folder=True)
    return path
