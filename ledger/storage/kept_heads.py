"""Kept heads: what the book knows of the backups and checkpoints of it that are kept elsewhere."""

from __future__ import annotations

from typing import Literal, NamedTuple

from sqlalchemy import Connection, insert, select

from ledger.storage.schema import kept_head as table

KeptSort = Literal["backup", "checkpoint"]


class KeptHead(NamedTuple):
    """The head of the book in a backup or a checkpoint."""

    sort: KeptSort
    made_at: str
    """UTC, ISO 8601: the time of who made it."""
    seq: int
    hash: str
    name: str
    """That of its file."""


def note_kept_head(books: Connection, kept: KeptHead) -> None:
    """Let the book know of a backup or checkpoint; it is no part of the journal."""
    books.execute(insert(table).values(kept._asdict()))


def last_kept_head(books: Connection, sort: KeptSort) -> KeptHead | None:
    """The newest backup or checkpoint that the book knows of; None before the first."""
    newest = select(table).where(table.c.sort == sort).order_by(table.c.seq.desc(), table.c.made_at.desc())
    row = books.execute(newest.limit(1)).first()
    return None if row is None else KeptHead(*row)
