"""The statements of a round are all written or none, and the same bytes however many processes write them."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from donors import LANGUAGES, issues
from ledger import AsOf, BadInput, Book, NotFound
from ledger.storage.database import MEMORY
from mdfm.books import create, open_at
from mdfm.cli.app import app
from mdfm.example.story import TERM as EXAMPLE_TERM
from mdfm.example.story import YEAR_END
from reports import StatementBatch, write_statements
from reports.statement.batch import NotWritten, stage_statements
from tests.support.engines import READY, Shelf
from tests.support.example_demo import Demo
from tests.support.place import ROOT
from tests.support.processes import SECONDS_MOST, children_of, is_running, running, wait_until, write_then_die
from tests.support.small_books import (
    LATER,
    TERM,
    agreement,
    allocation,
    contribution,
    gift,
    master_data,
    tell,
)

HIDDEN = ".statements"


@pytest.fixture
def example(demo: Demo, tmp_path: Path) -> Iterator[Book]:
    book = open_at(str(demo.copy(tmp_path / "example.book")))
    yield book
    book.close()


def everybodys(
    book: Book,
    term: str = EXAMPLE_TERM,
    to: date = YEAR_END,
    only: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
) -> StatementBatch:
    """A round as the book knows it now."""
    with book.reading() as books:
        return StatementBatch(term, AsOf.now(books, to), only=only, languages=languages)


def files(folder: Path) -> dict[str, bytes]:
    """All files of a folder, hidden ones too."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---- the same bytes


def test_side_by_side_and_one_after_the_other_give_the_same_files(
    example: Book, demo: Demo, tmp_path: Path
) -> None:
    asked = replace(everybodys(example, languages=("en", "fr", "es")), certified=True)
    told = []
    one = write_statements(example, asked, tmp_path / "one", jobs=1)
    two = write_statements(
        example, asked, tmp_path / "two", jobs=2, progress=lambda done, of: told.append((done, of))
    )
    written = files(tmp_path / "one")
    assert written == files(tmp_path / "two") == files(demo.folder / "statements")
    assert [each.path.name for each in one] == [each.path.name for each in two]
    assert {each.path.name: each.sha256 for each in two} == {
        name: hashlib.sha256(content).hexdigest() for name, content in written.items()
    }
    assert told == [(done, len(written)) for done in range(3, len(written) + 1, 3)]
    assert not multiprocessing.active_children()


def test_on_every_engine(shelf: Shelf, opened: Callable[[str], Book], tmp_path: Path) -> None:
    book = opened(shelf.fresh(READY))
    tell(book, agreement("A1"), contribution("C-1", "A1", "USD", 10_000_00), gift("U-1", 40_000_00))
    asked = everybodys(book, TERM, LATER)
    two = write_statements(book, asked, tmp_path / "two", jobs=2)
    assert [each.path.name for each in two] == ["CITY-en.pdf", "FOUND-fr.pdf"]
    write_statements(book, asked, tmp_path / "one", jobs=1)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_what_is_recorded_meanwhile_is_in_no_statement(example: Book, tmp_path: Path) -> None:
    january = date(2023, 1, 31)
    asked = everybodys(example, to=january, only=("GOV-A",))
    (before,) = write_statements(example, asked, tmp_path / "before")
    late = gift("LATE", 5_00, on=date(2023, 1, 3)).model_copy(
        update={"donor": "GOV-A", "term": EXAMPLE_TERM, "bank_account": "BANK-USD"}
    )
    tell(example, late)
    (after,) = write_statements(example, asked, tmp_path / "after")
    assert before.sha256 == after.sha256
    (known,) = write_statements(example, everybodys(example, to=january, only=("GOV-A",)), tmp_path / "known")
    assert known.sha256 != after.sha256


def test_a_book_in_memory_is_written_from_in_one_process(tmp_path: Path) -> None:
    book = create(MEMORY)
    tell(book, *master_data())
    with book.reading() as books:
        asked = StatementBatch(TERM, AsOf.now(books, LATER))
    papers = write_statements(book, asked, tmp_path / "out", jobs=2)
    assert [each.donor for each in papers] == ["CITY", "FOUND"]
    assert not multiprocessing.active_children()


def test_each_donor_and_language_once(example: Book, tmp_path: Path) -> None:
    asked = everybodys(example, only=("GOV-A", "NGO-A", "GOV-A"), languages=("es", "en", "es"))
    write_statements(example, asked, tmp_path / "out")
    assert sorted(files(tmp_path / "out")) == [
        "GOV-A-en.pdf",
        "GOV-A-es.pdf",
        "NGO-A-en.pdf",
        "NGO-A-es.pdf",
    ]


def test_an_unknown_donor_leaves_nothing(example: Book, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no donor 'NOBODY'"):
        write_statements(example, everybodys(example, only=("NOBODY",)), tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists()


# ---- all or none


@pytest.fixture
def spoilt(book: Book) -> Book:
    """A book with a donor whose statement cannot be drawn: no country lists are recorded for its plan."""
    tell(
        book,
        agreement("A1"),
        contribution("C-1", "A1", "USD", 10_000_00),
        gift("U-1", 40_000_00),
        allocation("a" * 64, {"T-1": {"A1": 100_00}}),
    )
    return book


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_cannot_be_written_is_reported_with_its_donor(spoilt: Book, jobs: int, tmp_path: Path) -> None:
    kept = tmp_path / "out"
    kept.mkdir()
    (kept / "FOUND-fr.pdf").write_bytes(b"an older one")
    with pytest.raises(NotWritten, match=r"^The statement of CITY .* none is: There is no LIC list") as told:
        write_statements(spoilt, everybodys(spoilt, TERM, LATER), kept, jobs=jobs)
    assert "\n" not in str(told.value)
    assert files(kept) == {"FOUND-fr.pdf": b"an older one"}
    assert not multiprocessing.active_children()


def test_a_fault_of_the_program_is_reported_with_the_donor_too(
    example: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.statement.batch.render_statement", lambda _: 1 // 0)
    with pytest.raises(NotWritten, match="of BANK-A .* report it: ZeroDivisionError"):
        write_statements(example, everybodys(example), tmp_path / "out", jobs=1)
    assert not (tmp_path / "out").exists()


def test_a_process_that_dies_is_reported_and_leaves_nothing(
    example: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.statement.batch._write_here", write_then_die)
    with pytest.raises(NotWritten, match="A process has ended before"):
        write_statements(example, everybodys(example), tmp_path / "out", jobs=2)
    assert not (tmp_path / "out").exists()
    assert not multiprocessing.active_children()


def test_what_was_published_before_an_error_is_rolled_back(example: Book, tmp_path: Path) -> None:
    kept = tmp_path / "out"
    kept.mkdir()
    (kept / "GOV-A-fr.pdf").write_bytes(b"an older one")

    def record() -> None:
        with stage_statements(example, everybodys(example), kept, jobs=1) as drafts:
            drafts.publish()
            assert len(files(kept / HIDDEN / "older")) == 1 < len(list(kept.glob("*.pdf")))
            raise BadInput("not-kept", "the entry could not be kept")

    with pytest.raises(BadInput, match="could not be kept"):
        record()
    assert files(kept) == {"GOV-A-fr.pdf": b"an older one"}


def test_what_is_in_the_way_of_one_leaves_the_older_ones_of_all(example: Book, tmp_path: Path) -> None:
    kept = tmp_path / "out"
    (kept / "NGO-A-es.pdf").mkdir(parents=True)
    (kept / "GOV-A-fr.pdf").write_bytes(b"an older one")
    asked = everybodys(example, only=("BANK-A", "GOV-A", "NGO-A"))
    with pytest.raises(
        BadInput, match=r"NGO-A-es\.pdf cannot be written: Is a directory; nothing was changed"
    ):
        write_statements(example, asked, kept, jobs=1)
    assert sorted(path.name for path in kept.iterdir()) == ["GOV-A-fr.pdf", "NGO-A-es.pdf"]
    assert (kept / "GOV-A-fr.pdf").read_bytes() == b"an older one"


def test_two_rounds_at_a_time_into_one_folder_are_refused(example: Book, tmp_path: Path) -> None:
    asked, out = everybodys(example, only=("GOV-A",)), tmp_path / "out"
    with stage_statements(example, asked, out, jobs=1) as drafts:
        with pytest.raises(
            BadInput, match=r"^Other statements are being written into .*: wait until they are"
        ):
            write_statements(example, asked, out, jobs=1)
        drafts.publish()
    assert list(files(out)) == ["GOV-A-fr.pdf"]
    write_statements(example, asked, out, jobs=1)


def test_a_folder_that_cannot_be_is_reported(example: Book, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(BadInput, match="out cannot be written: File exists"):
        write_statements(example, everybodys(example), tmp_path / "out")


def test_a_full_disk_is_reported_and_leaves_what_was_there(
    example: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "out"
    kept.mkdir()
    (kept / "GOV-A-fr.pdf").write_bytes(b"an older one")
    room = [1, 0]

    def write(_: Path, content: bytes) -> int:
        if not room.pop(0):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(content)

    monkeypatch.setattr(Path, "write_bytes", write)
    with pytest.raises(BadInput, match="out cannot be written: No space left on device; nothing was changed"):
        write_statements(example, everybodys(example, only=("BANK-A", "GOV-A")), kept, jobs=1)
    assert files(kept) == {"GOV-A-fr.pdf": b"an older one"}


def test_an_interrupted_command_leaves_no_process_and_no_file(example: Book, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    asked = ("--term", EXAMPLE_TERM, "--to", str(YEAR_END), "--out", str(out), "--jobs", "2")
    languages = [word for language in LANGUAGES for word in ("--language", language)]
    issuing = ("--issue", "--by", "somebody")
    hanging = "from tests.support.processes import write_then_hang; import reports.statement.batch as papers"
    program = f"{hanging}; papers._write_here = write_then_hang; from mdfm.cli.app import main; main()"
    command = [sys.executable, "-c", program, "statement", "all"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MDFM_BOOK": str(example.engine.url.database)}
    with running([*command, *asked, *languages, *issuing], environment) as writing:
        wait_until(lambda: len(list(tmp_path.glob("new/out/.*/*.pdf"))) >= 2)
        workers = children_of(writing.pid)
        assert len(workers) >= 2
        writing.send_signal(signal.SIGINT)
        _, said = writing.communicate(timeout=SECONDS_MOST)
    assert (writing.returncode, said.strip()) == (130, "Interrupted: nothing was recorded.")
    wait_until(lambda: not any(is_running(worker) for worker in workers))
    assert not (tmp_path / "new").exists()
    with example.reading() as books:
        assert issues(books) == []


# ---- at the command line


def test_a_year_and_some_donors(demo: Demo, tmp_path: Path) -> None:
    words = ["--book", str(demo.book), "statement", "all", "--term", EXAMPLE_TERM, "--year", "2022"]
    only = ["--donor", "GOV-A", "--donor", "NGO-A", "--certified", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*words, *only, "--json"])
    assert result.exit_code == 0, result.stderr
    first, second = json.loads(result.stdout)
    assert (first["donor"], first["language"], second["donor"], second["language"]) == (
        *("GOV-A", "fr"),
        *("NGO-A", "es"),
    )
    assert (first["starts_on"], first["ends_on"], first["status"]) == (
        "2022-01-01",
        "2022-12-31",
        "certified",
    )
    assert first["sha256"] == hashlib.sha256(Path(first["path"]).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--issue",), "To record what is issued, give the person who does it: --by NAME."),
        (("--year", "2022", "--to", "2022-12-31"), "Give --year, or --from and --to, not both."),
        (("--known-at", "9999"), "There is no entry 9999"),
        (("--jobs", "0"), "'--jobs'"),
    ],
)
def test_what_is_asked_wrongly(words: tuple[str, ...], sentence: str, demo: Demo, tmp_path: Path) -> None:
    asked = ["--book", str(demo.book), "statement", "all", "--term", EXAMPLE_TERM, *words]
    result = CliRunner().invoke(app, [*asked, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not (tmp_path / "out").exists()
