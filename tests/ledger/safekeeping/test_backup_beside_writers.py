"""Backups beside those who record, and after one of them was killed: nothing that was recorded is lost."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger import Head, Refused, head, verify
from ledger.storage.schema import entry
from mdfm.api import Audit, back_up_fund, restore_fund
from mdfm.books import open_at
from tests.support.effort import effort
from tests.support.engines import READY, Files, Shelf
from tests.support.killed.writers import at_work, killed
from tests.support.processes import wait_until

BACKUPS, RECORDERS = effort(3, 50), 8


def hashes(location: str) -> list[str]:
    with closing(open_at(location)) as book, book.reading() as books:
        return list(books.execute(select(entry.c.hash).order_by(entry.c.seq)).scalars())


def head_of(location: str) -> Head:
    with closing(open_at(location)) as book, book.reading() as books:
        return head(books)


def test_each_backup_beside_eight_recorders_is_a_prefix_of_the_book(shelf: Shelf, tmp_path: Path) -> None:
    location = shelf.fresh(READY)
    begins = head_of(location).seq
    backups = [tmp_path / f"{number}.backup" for number in range(BACKUPS)]
    with at_work(location, RECORDERS):
        for backup in backups:
            last = head_of(location).seq
            wait_until(lambda last=last: head_of(location).seq > last)  # type: ignore[misc]
            mark = back_up_fund(location, backup)
            assert mark.seq > last
    recorded = hashes(location)
    kept = [hashes(str(backup)) for backup in backups]
    assert begins < len(kept[0]), "they were at work"
    assert kept == [recorded[: len(each)] for each in kept]
    assert [len(each) for each in kept] == sorted({len(each) for each in kept}), "each has more than the last"
    for backup in backups:
        with closing(open_at(str(backup))) as book:
            assert verify(book).findings == []
    with closing(open_at(location)) as book:
        assert verify(book).findings == []


@pytest.fixture
def left(files: Files) -> tuple[Path, int]:
    """A book whose writers were killed, with what they recorded in its log, and their last entry."""
    place = Path(files.fresh(READY))
    rounds = killed(str(place), 3, 20211103)
    assert Path(f"{place}-wal").stat().st_size
    return place, max(seq for each in rounds for seq in each.kept.values())


def test_a_backup_after_a_kill_has_what_a_plain_copy_loses(left: tuple[Path, int], tmp_path: Path) -> None:
    place, recorded = left
    copy, backup = tmp_path / "plain.book", tmp_path / "daily.backup"
    shutil.copyfile(place, copy)
    assert back_up_fund(place, backup).seq >= recorded, "nothing that was acknowledged is lost"
    assert hashes(str(backup)) == hashes(str(place))
    lost = head_of(str(copy)).seq
    assert lost < recorded, "the copy has less"
    with closing(open_at(str(copy))) as book:
        assert verify(book).findings == [], "and verifies, as a shorter chain is a sound one"
        missing = Audit(book).compare_with_backup(backup)
    assert missing[0].entry == lost + 1
    assert "is missing: in the backup of " in missing[0].what
    with pytest.raises(Refused) as refused:
        restore_fund(copy, tmp_path / "again.book")
    assert refused.value.code == "not-a-backup"
    assert not (tmp_path / "again.book").exists()
    restore_fund(backup, tmp_path / "again.book")
    assert hashes(str(tmp_path / "again.book")) == hashes(str(place))
