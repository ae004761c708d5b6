"""Issued statements: the book has who was given which; each is printed again byte for byte, or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from donors import ContributionReceived, Issue, StatementIssued, StatementRecipient, issues
from ledger import (
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    NotFound,
    Refused,
    RolesGiven,
    Tampered,
    canonical_json,
    head,
    replay,
    verify,
)
from ledger.journal.journal import Stamp
from mdfm.books import open_at
from mdfm.cli.app import app
from mdfm.example.story import TERM, YEAR_END
from reports import (
    Issuing,
    StatementBatch,
    find_issue,
    issue_statements,
    keep_statement,
    reprint,
    write_statements,
)
from reports.render.pdf_increments import only_signatures
from tests.support.engines import READY, Shelf
from tests.support.example_demo import Demo
from tests.support.small_books import CHECKER, LATER, MAKER, gift, tell
from tests.support.small_books import TERM as SMALL_TERM
from tests.support.tampering import unsealed

MARCH = date(2023, 3, 31)


@pytest.fixture
def example(demo: Demo, tmp_path: Path) -> Iterator[Book]:
    book = open_at(str(demo.copy(tmp_path / "example.book")))
    yield book
    book.close()


def known_now(book: Book, *only: str) -> StatementBatch:
    """A round of the first year as the book knows it now."""
    with book.reading() as books:
        return StatementBatch(TERM, AsOf.now(books, YEAR_END), only=only)


def issue(
    book: Book, asked: StatementBatch, folder: Path, to: StatementRecipient = "donor", on: date = MARCH
) -> int:
    return issue_statements(book, asked, folder, Issuing(MAKER, on, to), jobs=1)[1]


def issued(book: Book, known_at: int | None = None) -> list[Issue]:
    with book.reading() as books:
        return issues(books) if known_at is None else issues(books, known_at=known_at)


def late_gift(reference: str) -> ContributionReceived:
    return gift(reference, 1_000_00, on=date(2023, 1, 10)).model_copy(
        update={"donor": "GOV-A", "term": TERM, "bank_account": "BANK-USD"}
    )


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ---- what the book knows


def test_each_statement_is_an_entry_with_the_hash_of_its_file(example: Book, tmp_path: Path) -> None:
    asked = known_now(example)
    assert issue(example, asked, tmp_path / "out") == 10
    told = issued(example)
    assert [each.seq for each in told] == [asked.as_of.known_at + number for number in range(1, 11)]
    for each in told:
        given = sha256(tmp_path / "out" / f"{each.donor}-{each.language}.pdf")
        assert (each.paper_sha256, each.file_sha256, each.kept_by) == (given, given, each.seq)
        assert (each.known_at, each.ends_on, each.on, each.to) == (
            *(asked.as_of.known_at, YEAR_END),
            *(MARCH, "donor"),
        )
    assert verify(example).findings == replay(example).findings == []


def test_recorded_twice_it_is_in_the_book_once(example: Book, tmp_path: Path) -> None:
    asked = known_now(example, "GOV-A", "NGO-A")
    assert issue(example, asked, tmp_path / "out") == 2
    once = issued(example)
    assert issue(example, asked, tmp_path / "out", on=date(2023, 4, 1)) == 0
    assert issued(example) == once
    assert issue(example, replace(asked, only=("GOV-A", "BANK-A")), tmp_path / "out") == 1
    assert issue(example, replace(asked, languages=("en",)), tmp_path / "out") == 2
    assert issue(example, replace(asked, certified=True), tmp_path / "out") == 2
    assert issue(example, replace(asked, starts_on=date(2022, 1, 1)), tmp_path / "out") == 2
    assert issue(example, asked, tmp_path / "out", to="board") == 2


def test_an_earlier_reader_knows_of_no_issue(example: Book, tmp_path: Path) -> None:
    before = known_now(example, "GOV-A")
    issue(example, before, tmp_path / "out")
    issue(example, known_now(example, "GOV-A"), tmp_path / "out")
    assert len(issued(example, before.as_of.known_at)) == 0
    assert len(issued(example, before.as_of.known_at + 1)) == 1
    assert len(issued(example)) == 2


def test_who_lists_by_donor_and_term_sees_no_other(example: Book, tmp_path: Path) -> None:
    issue(example, known_now(example, "GOV-A", "NGO-A"), tmp_path / "out")
    with example.reading() as books:
        assert [each.donor for each in issues(books, donor="NGO-A", term=TERM)] == ["NGO-A"]
        assert issues(books, term="2019-2021") == []


def test_what_knows_more_takes_the_place_of_what_knew_less(example: Book, tmp_path: Path) -> None:
    year = replace(known_now(example, "GOV-A"), starts_on=date(2022, 1, 1))
    term = known_now(example, "GOV-A")
    for asked in (year, term, replace(term, certified=True), known_now(example, "GOV-A")):
        issue(example, asked, tmp_path / "out")
    of_year, interim, certified = issued(example)[:3]
    assert (of_year.superseded_by, certified.superseded_by) == (0, 0)  # never an interim one of a certified
    assert interim.superseded_by == certified.seq
    newer = replace(known_now(example, "GOV-A"), certified=True)
    issue(example, newer, tmp_path / "out")
    of_year, interim, certified, newest = issued(example)
    assert of_year.superseded_by == newest.superseded_by == 0
    assert {interim.superseded_by, certified.superseded_by} == {newest.seq}
    assert issued(example, known_at=certified.seq)[1].superseded_by == certified.seq


# ---- what is refused


def test_one_person_is_enough_but_must_be_allowed_to(example: Book, tmp_path: Path) -> None:
    roles = {CHECKER: ("administrator", "finance officer"), MAKER: ("administrator",)}
    tell(example, RolesGiven.make(on=LATER, number=1, roles=roles))
    with pytest.raises(Refused, match="record the statement issued"):
        issue(example, known_now(example, "GOV-A"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert issued(example) == []


def told_of(**more: object) -> StatementIssued:
    usual: dict[str, object] = {
        "on": LATER,
        "statement": "S-1",
        "donor": "CITY",
        "term": SMALL_TERM,
        "language": "en",
        "starts_on": date(2021, 11, 1),
        "ends_on": LATER,
        "known_at": 1,
        "status": "interim",
        "paper_sha256": "a" * 64,
        "verification": "0000",
        "evidence": (),
    }
    return StatementIssued.make(**usual | more)


def test_on_every_engine_it_is_kept_and_cannot_be_reversed(
    shelf: Shelf, opened: Callable[[str], Book]
) -> None:
    book = opened(shelf.fresh(READY))
    with book.recording() as journal:
        sealed = journal.record(told_of(), made_by=MAKER)
        assert journal.record(told_of(), made_by=MAKER) == sealed
    (kept,) = issued(book)
    assert (kept.statement, kept.donor, kept.to, kept.paper_sha256) == ("S-1", "CITY", "donor", "a" * 64)
    with pytest.raises(Refused, match="cannot be reversed"):
        tell(book, EntryReversed(on=LATER, entry=sealed.seq, reason="lost in the post"))
    with pytest.raises(Refused, match="with other content"), book.recording() as journal:
        journal.record(told_of(paper_sha256="b" * 64), made_by=MAKER)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"donor": "NOBODY"}, "There is no donor 'NOBODY'"),
        ({"term": "1999-2001"}, "There is no term '1999-2001'"),
        ({"known_at": 999}, "cannot know entry 999"),
    ],
)
def test_what_the_book_does_not_know(told: dict[str, object], error: str, book: Book) -> None:
    with pytest.raises((Refused, NotFound), match=error), book.recording() as journal:
        journal.record(told_of(**told), made_by=MAKER)


@pytest.mark.parametrize(
    "told", [{"to": "Ms Example"}, {"paper_sha256": "A" * 64}, {"language": "de"}, {"status": "draft"}]
)
def test_wrong_fields_are_refused(told: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=next(iter(told))):
        told_of(**told)


# ---- printed again


def command(book: Book, *words: object) -> Result:
    return CliRunner().invoke(app, ["--book", str(book.engine.url.database), "statement", *map(str, words)])


def test_what_was_issued_in_march_is_the_same_in_december(example: Book, tmp_path: Path) -> None:
    issue(example, replace(known_now(example), languages=("en", "fr", "es")), tmp_path / "march")
    tell(example, late_gift("LATE-1"), late_gift("LATE-2"))
    for each in issued(example):
        again = tmp_path / "again.pdf"
        printed = command(
            example, "reprint", each.statement, "--language", each.language, "--out", again, "--json"
        )
        assert printed.exit_code == 0, printed.stderr
        assert json.loads(printed.stdout)["sha256"] == each.paper_sha256
        assert again.read_bytes() == (tmp_path / "march" / f"{each.donor}-{each.language}.pdf").read_bytes()


def test_a_certified_one_of_a_year_is_found_by_its_code(example: Book, tmp_path: Path) -> None:
    asked = known_now(example, "GOV-A")
    issue(example, asked, tmp_path / "term")
    issue(example, replace(asked, starts_on=date(2022, 1, 1), certified=True), tmp_path / "year")
    term, year = issued(example)
    assert term.statement == year.statement
    with example.reading() as books:
        with pytest.raises(BadInput, match=f"code {term.verification} to .*code {year.verification} to"):
            find_issue(books, year.statement)
        again = reprint(books, find_issue(books, year.verification))
    assert again.same
    assert again.content == (tmp_path / "year" / "GOV-A-fr.pdf").read_bytes()


def test_the_same_file_given_to_two_is_one_file(example: Book, tmp_path: Path) -> None:
    asked = known_now(example, "GOV-A")
    issue(example, asked, tmp_path / "out")
    issue(example, asked, tmp_path / "out", to="auditor")
    donors, auditors = issued(example)
    assert donors.superseded_by == auditors.superseded_by == 0
    with example.reading() as books:
        assert find_issue(books, donors.statement) == donors


def without_file(book: Book, asked: StatementBatch, folder: Path, to: StatementRecipient = "donor") -> Issue:
    """Issue a statement as a program did before the books kept files: version 1 of the event."""
    (file,) = write_statements(book, asked, folder, jobs=1)
    event = StatementIssued.make(
        on=MARCH,
        **{name: getattr(file, name) for name in ("statement", "donor", "term", "language", "starts_on")},
        **{name: getattr(file, name) for name in ("ends_on", "known_at", "status", "verification")},
        paper_sha256=file.sha256,
        to=to,
        evidence=(),
    )
    fields = {name: value for name, value in event.model_dump(mode="json").items() if name != "evidence"}
    written = book.kinds.versioned(event.kind, 1, canonical_json(fields))
    with book.recording() as journal:
        journal.append(written, Stamp(MAKER, "", journal.now()))
    return issued(book)[-1]


def test_what_is_drawn_in_another_way_today_is_the_issued_file_where_the_book_has_it(
    example: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = known_now(example, "GOV-A")
    issue(example, asked, tmp_path / "out")
    given = (tmp_path / "out" / "GOV-A-fr.pdf").read_bytes()
    monkeypatch.setattr("reports.statement.batch.render_statement", lambda _: b"another paper")
    monkeypatch.setattr("reports.statement.issuing.render_statement", lambda _: b"another paper")
    files, new = issue_statements(example, asked, tmp_path / "new", Issuing(MAKER, LATER), jobs=1)
    (told,) = issued(example)
    assert (new, [(each.issued_by, each.as_issued, each.sha256) for each in files]) == (
        0,
        [(told.seq, True, told.paper_sha256)],
    )
    assert (tmp_path / "new" / "GOV-A-fr.pdf").read_bytes() == given
    printed = command(example, "reprint", told.statement, "--out", tmp_path / "again.pdf")
    assert printed.exit_code == 0, printed.stderr
    assert (tmp_path / "again.pdf").read_bytes() == given


def test_an_issue_without_a_file_that_is_drawn_in_another_way_is_reported_and_not_written(
    example: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = known_now(example, "GOV-A")
    told = without_file(example, asked, tmp_path / "out")
    monkeypatch.setattr("reports.statement.issuing.render_statement", lambda _: b"another paper")
    printed = command(example, "reprint", told.statement, "--out", tmp_path / "again.pdf")
    assert printed.exit_code == 1
    assert (
        f"would not be the file that was issued on {MARCH} (SHA-256 {told.paper_sha256[:12]})"
        in printed.stderr
    )
    assert not (tmp_path / "again.pdf").exists()
    monkeypatch.setattr("reports.statement.batch.render_statement", lambda _: b"another paper")
    with pytest.raises(Refused, match=f"was issued on {MARCH} in fr as another file"):
        issue(example, asked, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert issued(example) == [told]


def test_an_issue_without_a_file_is_issued_once_and_printed_again(example: Book, tmp_path: Path) -> None:
    asked = known_now(example, "GOV-A")
    told = without_file(example, asked, tmp_path / "out")
    assert (told.file_sha256, told.kept_by) == ("", 0)
    assert issue(example, asked, tmp_path / "new") == 0
    with example.reading() as books:
        again = reprint(books, find_issue(books, told.paper_sha256))
    assert (again.kept, again.same) == (False, True)
    assert again.content == (tmp_path / "out" / "GOV-A-fr.pdf").read_bytes()
    assert verify(example).findings == replay(example).findings == []


def test_the_file_of_an_earlier_issue_is_kept_later(
    example: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = known_now(example, "GOV-A")
    first = without_file(example, asked, tmp_path / "out")
    board = without_file(example, asked, tmp_path / "out", to="board")
    given = tmp_path / "out" / "GOV-A-fr.pdf"
    other = write_statements(example, known_now(example, "NGO-A"), tmp_path / "other", jobs=1)[0].path
    altered = tmp_path / "altered.pdf"
    for content in (other.read_bytes(), b"", given.read_bytes()[:-1], given.read_bytes() + b"\n%%EOF\n"):
        altered.write_bytes(content)
        with pytest.raises(BadInput, match="is not a statement that was issued"):
            keep_statement(example, altered, MAKER)
    kept = keep_statement(example, given, MAKER)
    last = board.seq
    assert kept == issued(example)
    assert [(each.seq, each.kept_by, each.on) for each in kept] == [
        (first.seq, last + 1, MARCH),
        (board.seq, last + 2, MARCH),
    ]
    assert keep_statement(example, given, MAKER) == []
    assert issue(example, asked, tmp_path / "new") == 0
    assert verify(example).findings == replay(example).findings == []
    monkeypatch.setattr("reports.statement.issuing.render_statement", lambda _: b"another paper")
    for name in (first.statement, str(first.seq), str(last + 1), first.paper_sha256[:8]):
        with example.reading() as books:
            again = reprint(books, find_issue(books, name))
        assert (again.kept, again.content) == (True, given.read_bytes())
    assert [each.kept_by for each in issued(example, known_at=last)] == [0, 0]


def test_a_file_to_keep_is_read_in_bounds_and_while_others_may_record(
    example: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = without_file(example, known_now(example, "GOV-A"), tmp_path / "out")
    hostile = tmp_path / "hostile.pdf"
    hostile.write_bytes((tmp_path / "out" / "GOV-A-fr.pdf").read_bytes() + b"\n%%EOF\n")
    judged = []

    @contextmanager
    def sandbox() -> Iterator[Callable[..., bool]]:
        def run(function: Callable[..., bool], *values: object) -> bool:
            with example.recording() as journal:  # nobody holds the lock
                judged.append((function, len(issues(journal.books))))
            return False

        yield run

    with monkeypatch.context() as patched:
        patched.setattr("reports.statement.issuing.sandbox", sandbox)
        with pytest.raises(BadInput, match="is not a statement that was issued"):
            keep_statement(example, hostile, MAKER)
    assert judged == [(only_signatures, 1)]
    monkeypatch.setattr("reports.statement.issuing.BYTES_MOST", 1_000)
    with pytest.raises(BadInput, match=r"has more than 1,000 bytes"):
        keep_statement(example, hostile, MAKER)
    assert issued(example) == [told]


def test_the_command_that_keeps_a_file_says_for_which_issue(example: Book, tmp_path: Path) -> None:
    told = without_file(example, known_now(example, "GOV-A"), tmp_path / "out")
    given = tmp_path / "out" / "GOV-A-fr.pdf"
    kept = command(example, "keep", given, "--by", MAKER)
    assert kept.exit_code == 0, kept.stderr
    assert f"{given.name} is kept by entry {told.seq + 1}: the statement {told.statement}" in kept.stdout
    again = command(example, "keep", given, "--by", MAKER)
    assert (again.exit_code, again.stdout) == (0, "")
    assert "has the file of this statement already" in again.stderr


def test_a_file_that_was_exchanged_in_the_book_is_not_given(example: Book, tmp_path: Path) -> None:
    issue(example, known_now(example, "GOV-A"), tmp_path / "out")
    (told,) = issued(example)
    with unsealed(Path(str(example.engine.url.database))) as books:
        books.execute("UPDATE evidence SET content = x'00' WHERE sha256 = ?", (told.file_sha256,))
    assert [finding.entry for finding in verify(example).findings] == [told.seq]
    with example.reading() as books, pytest.raises(Tampered, match="was changed in the book"):
        reprint(books, told)
    printed = command(example, "reprint", told.statement, "--out", tmp_path / "again.pdf")
    assert printed.exit_code == 2
    assert not (tmp_path / "again.pdf").exists()


def test_one_statement_is_issued_where_it_is_written(example: Book, tmp_path: Path) -> None:
    out = tmp_path / "mine.pdf"
    asked = ("write", "GOV-A", "--term", TERM, "--to", YEAR_END, "--language", "en", "--out", out)
    how = ("--issue", "--by", MAKER, "--on", MARCH, "--given-to", "board", "--known-at", 80)
    first = command(example, *asked, *how)
    assert first.exit_code == 0, first.stderr
    assert "It is now recorded as issued to the board." in first.stderr
    (told,) = issued(example)
    assert (told.file_sha256, told.to, told.on, told.known_at) == (sha256(out), "board", MARCH, 80)
    assert not (tmp_path / ".statements").exists()
    out.unlink()
    again = command(example, *asked, *how, "--json")
    assert json.loads(again.stdout)["file"] == str(out)
    assert f"issued to the board by entry {told.seq} already: what is written is the file" in again.stderr
    assert sha256(out) == told.file_sha256
    assert issued(example) == [told]
    refused = command(example, *asked, "--issue")
    assert (refused.exit_code, "give the person who does it: --by NAME" in refused.stderr) == (2, True)


def test_what_was_never_issued_is_not_printed(example: Book) -> None:
    printed = command(example, "reprint", "GOV-A-2021-2023-20221231-82", "--language", "en")
    assert printed.exit_code == 2
    assert "was issued in en: see `mdfm statement issued`" in printed.stderr


def test_the_list_says_who_got_what_and_what_is_newer(example: Book, tmp_path: Path) -> None:
    assert "No statement was issued yet" in command(example, "issued").stderr
    issue(example, known_now(example, "GOV-A"), tmp_path / "out")
    issue(example, known_now(example, "GOV-A", "NGO-A"), tmp_path / "out")
    rows = command(example, "issued", "--donor", "GOV-A", "--term", TERM).stdout.splitlines()[2:]
    with example.reading() as books:
        last = head(books).seq
    assert [row.split()[-1] for row in rows] == [str(last - 1), "yes"]
    assert issued(example)[1].paper_sha256[:8] in rows[1]
    assert command(example, "issued", "--donor", "NOBODY").exit_code == 2
    told = json.loads(command(example, "issued", "--json").stdout)
    assert [each["superseded_by"] for each in told] == [last - 1, 0, 0]
