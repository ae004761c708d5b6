"""Books that may only be read: on a medium, in an archive, closed to this user; with any log beside them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from donors import DonorRegistered
from ledger import Head, Refused, head
from mdfm.api import open_fund
from mdfm.books import open_at
from tests.books.museum import OLDEST, head_of, put_back
from tests.support.effort import SOAK
from tests.support.engines import PLAYED, Files
from tests.support.place import ROOT
from tests.support.small_books import CHECKER, LATER, MAKER, clock

NOBODY = 65534
LOG, INDEX = "-wal", "-shm"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")


START = """
import contextlib, io, os, sys
program, warm, own, user, *words = sys.argv[1:]
code = compile(program, "program", "exec")
# What is loaded once need not be loaded by a user who may be unable to read this Python's own modules.
os.chdir(own + "/warm")
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    with contextlib.suppress(Exception, SystemExit):
        exec(code, {"WORDS": [warm, *words[1:]]})
os.chdir(own + "/cold")
if user:
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
exec(code, {"WORDS": words})
"""
COMMAND = """
from mdfm.cli.app import app
place, *words = WORDS
app(["--book", place, *words])
"""


class Archive(NamedTuple):
    """A book in a folder that others can reach, and who reads it there."""

    place: Path
    head: Head
    """With the entries that lie in its log alone."""
    warm: str
    """The location of an ordinary book."""

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command as another user, whom permissions bind; in an empty folder of its own."""
        return self.as_nobody(COMMAND, *command)

    def as_nobody(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A program that has its `WORDS`, the first of which is the place of the book."""
        with tempfile.TemporaryDirectory(prefix="mdfm-test-") as own:
            Path(own).chmod(0o755)
            for name in ("warm", "cold"):
                (Path(own) / name).mkdir()
                (Path(own) / name).chmod(0o777)
            user = str(NOBODY) if os.geteuid() == 0 else ""
            return subprocess.run(
                [sys.executable, "-c", START, program, self.warm, own, user, str(self.place), *words],
                env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": f"{own}/cold"},
                check=False,
                capture_output=True,
                text=True,
            )

    def files(self) -> dict[str, bytes]:
        return {each.name: each.read_bytes() for each in self.place.parent.iterdir()}


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that every user can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="mdfm-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        for each in Path(folder).rglob("*"):
            if each.is_dir():
                each.chmod(0o755)


def visitor(code: str) -> DonorRegistered:
    """A fact that any book takes, whatever is closed in it."""
    return DonorRegistered(on=LATER, code=code, name=code, type="city", country="KOR", language="en")


@contextmanager
def unfinished(template: str, place: Path) -> Iterator[Head]:
    """A book at a place whose last entries are in its log alone, while a writer has it open."""
    shutil.copyfile(template, place)
    book = open_at(str(place), clock())
    keeper = sqlite3.connect(place)  # no log is emptied while somebody reads
    keeper.execute("BEGIN")
    keeper.execute("SELECT count(*) FROM entry").fetchone()
    with book.recording() as journal:
        for number in range(3):
            journal.record(visitor(f"LAST-{number}"), made_by=MAKER, approved_by=CHECKER)
    with book.reading() as books:
        yield head(books)
    keeper.close()
    book.close()


BESIDE = {
    "alone": (),
    "with an empty log": (LOG,),
    "with an old index": (INDEX,),
    "with an unfinished log": (LOG,),
    "with an unfinished log and its index": (LOG, INDEX),
}
RIGHTS = {
    "closed": (0o444, 0o555),
    "the folder is open": (0o444, 0o777),
    "the file is open": (0o666, 0o555),
}


QUICK = {
    ("closed", "alone"),
    ("closed", "with an empty log"),
    ("closed", "with an unfinished log"),
    ("closed", "with an unfinished log and its index"),
    ("the folder is open", "alone"),
    ("the file is open", "with an unfinished log and its index"),
}
CASES = [(rights, beside) for rights in RIGHTS for beside in BESIDE if SOAK or (rights, beside) in QUICK]


@pytest.fixture(params=CASES, ids=", ".join)
def archive(request: pytest.FixtureRequest, files: Files, reachable: Path) -> Archive:
    """A copy of a book, with what lay beside it, and rights that let nobody record."""
    rights, beside = request.param
    template = files.fresh(PLAYED)
    place = reachable / "archive" / "fund 100%?.book"
    place.parent.mkdir()
    live = reachable / "live.book"
    with unfinished(template, live) as last:
        unfinished_log = "unfinished" in beside
        shutil.copyfile(live if unfinished_log else template, place)
        for ending in BESIDE[beside]:
            copy = place.with_name(place.name + ending)
            shutil.copyfile(f"{live}{ending}", copy)
            if beside == "with an empty log":
                copy.write_bytes(b"")
    if not unfinished_log:
        book = open_at(template)
        with book.reading() as books:
            last = head(books)
        book.close()
    file_mode, folder_mode = RIGHTS[rights]
    for each in place.parent.iterdir():
        each.chmod(0o444)
    place.chmod(file_mode)
    place.parent.chmod(folder_mode)
    return Archive(place, last, files.fresh(PLAYED))


READS = """
import json
from datetime import date
from pathlib import Path
from ledger import MdfmError
from mdfm.api import StatementPeriod, back_up_fund, open_fund
from tests.ledger.storage.test_read_only import visitor
from tests.support.small_books import TERM
place, *_ = WORDS
told = {}
with open_fund(place) as fund:
    told["head"] = list(fund.head())
    verified, replayed = fund.audit.verify(), fund.audit.replay()
    told["findings"] = [str(each) for each in (*verified.findings, *replayed.findings)]
    told["donors"] = {"CITY", "FIRM", "FOUND"} <= {each.code for each in fund.at().donors()}
    told["exported"] = fund.audit.export().content.count(b"\\n") > 50
    statement = fund.statements.build("CITY", TERM, StatementPeriod(ends_on=date(2021, 11, 30)))
    told["printed"] = fund.statements.pdf(statement).content[:5].decode()
    try:
        fund.submit(visitor("NEW"), by="finance officer")
    except MdfmError as error:
        told["refused"] = str(error)
told["backup"] = list(back_up_fund(place, Path("copy.backup")).head)
with open_fund(Path("copy.backup")) as fund:
    told["restorable"] = fund.audit.verify().sound
told["left"] = sorted(each.name for each in Path().iterdir())
print(json.dumps(told))
"""


def test_all_reading_is_done_and_nothing_is_lost_or_left(archive: Archive) -> None:
    before = archive.files()
    done = archive.as_nobody(READS)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "head": list(archive.head),
        "findings": [],
        "donors": True,
        "exported": True,
        "printed": "%PDF-",
        "refused": f"The book at {archive.place} is read-only: nothing was recorded.",
        "backup": list(archive.head),
        "restorable": True,
        "left": ["copy.backup"],
    }
    assert archive.files() == before


@pytest.mark.parametrize(
    "archive", [("closed", "alone"), ("closed", "with an unfinished log")], indirect=True, ids=", ".join
)
def test_commands_read_and_do_not_record(archive: Archive) -> None:
    verified = archive.run("audit", "verify", "--json")
    assert (verified.returncode, json.loads(verified.stdout)["head"]["seq"]) == (0, archive.head.seq)
    refused = archive.run(
        "donor", "add", "NEW", "--name", "X", "--type", "city", "--country", "KOR", "--by", "me"
    )
    assert refused.returncode == 2
    assert refused.stderr.endswith("is read-only: nothing was recorded.\n")
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", [("audit", "verify"), ("upgrade",)], ids=" ".join)
def test_an_older_book_on_a_medium_says_how_it_is_read(
    files: Files, reachable: Path, command: tuple[str, ...]
) -> None:
    place = reachable / "medium" / "old.book"
    place.parent.mkdir()
    put_back(OLDEST, place)
    archive = closed(place, head_of(OLDEST), files)
    done = archive.run(*command)
    assert done.returncode == 2
    assert done.stderr.endswith(
        "is read-only: back it up with `mdfm backup`, and restore the backup to a place that can be written "
        "with `mdfm restore`, which upgrades it.\n"
    )


def closed(place: Path, last: Head, files: Files) -> Archive:
    for each in place.parent.iterdir():
        each.chmod(0o444)
    place.parent.chmod(0o555)
    return Archive(place, last, files.fresh(PLAYED))


def test_a_book_that_may_not_be_read_says_so(files: Files, reachable: Path) -> None:
    place = reachable / "closed" / "fund.book"
    place.parent.mkdir()
    shutil.copyfile(files.fresh(PLAYED), place)
    archive = closed(place, Head(0, ""), files)
    place.chmod(0)
    told = f"The book at {place} may not be read by this user: ask its owner.\n"
    done = archive.run("entry", "list")
    assert (done.returncode, done.stderr) == (2, told)
    done = archive.run("init")
    assert (done.returncode, "is there already, and nothing is written over it" in done.stderr) == (2, True)
    place.parent.chmod(0)
    done = archive.run("entry", "list")
    assert (done.returncode, done.stderr) == (2, told)


# ---- a medium that is really read-only, for the administrator, too


@pytest.fixture
def medium(files: Files, tmp_path: Path) -> Iterator[Path]:
    """A book on a file system that is mounted read-only."""
    source, target = tmp_path / "source", tmp_path / "medium"
    source.mkdir()
    target.mkdir()
    shutil.copyfile(files.fresh(PLAYED), source / "fund.book")
    mount = shutil.which("mount")
    bound = ["--bind", str(source), str(target)]
    if mount is None or subprocess.run([mount, *bound], check=False, capture_output=True).returncode:
        pytest.skip("NO FILE SYSTEM CAN BE MOUNTED HERE: the medium was not tested")
    try:
        subprocess.run([mount, "-o", "remount,ro,bind", str(target)], check=True)
        yield target / "fund.book"
    finally:
        subprocess.run(["umount", str(target)], check=True)


def test_a_book_on_a_mounted_medium_is_read(medium: Path) -> None:
    with open_fund(medium) as fund:
        assert fund.audit.verify().sound
        assert fund.audit.replay().sound
        with pytest.raises(Refused, match="is read-only: nothing was recorded"):
            fund.submit(visitor("NEW"), by=MAKER)
    assert [each.name for each in medium.parent.iterdir()] == ["fund.book"]


# ---- a book without locks that somebody changes all the same


def test_a_book_that_changes_while_it_is_read_without_locks_is_not_believed(
    files: Files, medium: Path
) -> None:
    source = medium.parent.parent / "source" / "fund.book"
    with open_fund(medium) as fund:
        before = fund.head()
        book = open_at(str(source))
        with book.recording() as journal:
            journal.record(visitor("LATE"), made_by=MAKER, approved_by=CHECKER)
        with pytest.raises(Refused, match="was changed while it was read, .* open it again"):
            fund.head()
        with open_fund(medium) as again:
            assert again.head().seq == before.seq + 1, "the last entry is in the log of the writer"
        book.close()
    with open_fund(medium) as again:
        assert again.head().seq == before.seq + 1


@pytest.mark.parametrize("archive", [("closed", "with an unfinished log")], indirect=True, ids=", ".join)
def test_a_private_copy_is_removed(archive: Archive) -> None:
    program = """
from pathlib import Path
from mdfm.api import open_fund
with open_fund(WORDS[0]) as fund:
    fund.head()
    print(sum(1 for each in Path().rglob("*.book")))
print(len(list(Path().iterdir())))
"""
    done = archive.as_nobody(program)
    assert done.stdout.split() == ["1", "0"], done.stderr


def test_a_book_in_a_folder_that_may_not_be_written_is_not_made(reachable: Path) -> None:
    (reachable / "closed").mkdir(mode=0o555)
    place = reachable / "closed" / "new.book"
    done = Archive(place, head_of(OLDEST), put_back(OLDEST, reachable / "warm.book")).run("init")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"{place} cannot be written: Permission denied.\n")
    assert "fault of this program" not in done.stderr
    assert not place.exists()
