"""A backup says which version of the program took it, whoever asked for it."""

from __future__ import annotations

from pathlib import Path

from ledger import Book
from mdfm import __version__
from mdfm.api import back_up_fund, open_fund, read_backup, upgrade_fund
from tests.books.museum import OLDEST, put_back
from tests.support.small_books import file_of


def test_every_backup_names_the_version_that_took_it(played: Book, tmp_path: Path) -> None:
    with open_fund(file_of(played)) as fund:
        marks = [fund.backup(tmp_path / "one"), back_up_fund(file_of(played), tmp_path / "two")]
    put_back(OLDEST, tmp_path / "old.book")
    done = upgrade_fund(tmp_path / "old.book", backup=tmp_path / "three")
    assert done.backup is not None
    assert {each.program for each in (*marks, read_backup(done.backup))} == {__version__}
