"""A spreadsheet at the command line: previewed, refused as a whole, recorded or proposed, and sent again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from donors import (
    CONTRIBUTION_SHEET,
    DONOR_SHEET,
    ContributionReceived,
    EventSheet,
    ImportPreview,
    contributions,
    donors,
    preview_import,
    read_events,
    record_import,
)
from ledger import BadInput, Book, NeedsDatabase, SheetProblems, checked_content, proposals, replay, verify
from mdfm.cli.app import app
from tests.support.engines import READY, Shelf
from tests.support.small_books import CHECKER, MAKER, TERM, dump, file_of
from tests.support.versions.generations import before_there_was

Desk = Callable[..., Result]
GIFTS = "reference,bank_account,received_on,amount,currency,donor,term"


@pytest.fixture
def desk(book: Book) -> Desk:
    """The command line over the book; every command must end with the exit code that is given."""

    def does(*words: object, code: int = 0, by: str = MAKER) -> Result:
        told = [str(word) for word in words]
        result = CliRunner(env={"MDFM_BY": by}).invoke(app, ["--book", file_of(book), *told])
        assert result.exit_code == code, result.output
        return result

    return does


def gifts(path: Path, *amounts: str, donor: str = "FOUND") -> Path:
    """A spreadsheet of gifts, G-1 and so on, with these amounts."""
    rows = [
        f"G-{number},USD1,2021-11-{number:02},{amount},USD,{donor},{TERM}"
        for number, amount in enumerate(amounts, start=10)
    ]
    path.write_text("\n".join([GIFTS, *rows]) + "\n", "utf-8")
    return path


def sheet_of_donors(path: Path, *codes: str) -> Path:
    rows = [f"{code},Example {code},city,2021-11-15" for code in codes]
    path.write_text("\n".join(["code,name,type,registered_on", *rows]) + "\n", "utf-8")
    return path


def as_json(result: Result) -> Any:
    return json.loads(result.stdout)


# ---- the preview


def test_a_preview_shows_what_would_be_booked_and_books_nothing(
    book: Book, desk: Desk, tmp_path: Path
) -> None:
    path = gifts(tmp_path / "gifts.csv", *["7.50"] * 12)
    before = dump(file_of(book))
    shown = desk("contribution", "import", path)
    assert "G-10" in shown.stdout
    assert "G-19" in shown.stdout
    assert "G-20" not in shown.stdout
    assert "... and 2 more. New: 12 contributions: 90.00 USD." in shown.stdout
    assert f"mdfm contribution import {path} --record --by NAME" in shown.stderr
    assert dump(file_of(book)) == before


def test_a_preview_waits_for_nobody_who_records(book: Book, desk: Desk, tmp_path: Path) -> None:
    """A preview that waited would be refused after half a minute: the book is in use."""
    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50")
    with book.recording():
        assert "New: 2 contributions: 16.00 USD." in desk("contribution", "import", path).stdout


def test_a_rehearsal_at_hand_needs_no_more_than_to_read(
    shelf: Shelf, opened: Callable[[str], Book], tmp_path: Path
) -> None:
    """Recording goes on beside it; what must be told to the database is not rehearsed so."""
    location = shelf.fresh(READY)
    writer, reader = opened(location), opened(location)

    def look(path: Path, sheet: EventSheet) -> ImportPreview:
        with reader.dry_running() as journal:
            rows = read_events(path, sheet)
            return preview_import(journal, path, rows, MAKER, lambda _done: None, cached_only=True)

    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50")
    with writer.recording() as journal:
        found = look(path, CONTRIBUTION_SHEET)
        record_import(
            journal,
            preview_import(journal, path, found.new, MAKER, lambda _done: None),
            MAKER,
            lambda _done: None,
        )
    assert len(found.new) == 2
    assert look(path, CONTRIBUTION_SHEET).waiting == 2
    with pytest.raises(SheetProblems, match="row 2: There is no bank account 'NONE'"):
        look(_with(_with(path, "USD1", "NONE"), "G-1", "H-1"), CONTRIBUTION_SHEET)
    with pytest.raises(NeedsDatabase):
        look(sheet_of_donors(tmp_path / "donors.csv", "C-1"), DONOR_SHEET)


def _with(path: Path, old: str, new: str) -> Path:
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    return path


def test_money_that_the_books_have_under_another_reference_is_asked_about(desk: Desk, tmp_path: Path) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50")
    proposed = as_json(desk("contribution", "import", path, "--record", "--json"))["batch"]
    other = _with(gifts(tmp_path / "other.csv", "7.50", "8.50", "9"), "G-", "BANK-")
    assert (
        "Row 2 has the amount of G-10 of 2021-11-10 (proposal "
        in desk("contribution", "import", other).stderr
    )
    desk("proposal", "approve", proposed, by=CHECKER)
    for record in ((), ("--record",)):
        told = desk("contribution", "import", other, *record).stderr
        assert "Perhaps booked already: 2 rows. Row 2 has the amount of G-10 of 2021-11-10 (entry " in told
    assert "Perhaps" not in desk("contribution", "import", path).stderr
    late = _with(gifts(tmp_path / "late.csv", "7.50"), "G-10,USD1,2021-11-10", "L,USD1,2021-11-16")
    assert as_json(desk("contribution", "import", late, "--json"))["seen_before"] == []
    near = _with(late, "2021-11-16", "2021-11-15")
    assert [
        each["row"] for each in as_json(desk("contribution", "import", near, "--json"))["seen_before"]
    ] == [2]


def test_a_preview_tells_a_program_everything(desk: Desk, tmp_path: Path) -> None:
    told = as_json(desk("contribution", "import", gifts(tmp_path / "gifts.csv", "7.50", "1"), "--json"))
    assert [each["row"] for each in told["new"]] == [2, 3]
    assert told["new"][0]["event"]["amount"] == {"currency": "USD", "minor": 750}
    assert told["sums"] == [{"currency": "USD", "minor": 850}]
    assert (told["booked"], told["waiting"]) == (0, 0)


@pytest.mark.parametrize("record", [(), ("--record",)])
def test_all_mistakes_of_a_file_are_told_at_once(
    book: Book, desk: Desk, tmp_path: Path, record: Sequence[str]
) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50", "ten", "1.234", "4")
    before = dump(file_of(book))
    told = desk("contribution", "import", path, *record, code=2).stderr
    assert f"{path}: 2 problems." in told
    assert f"{path}, row 3, amount: 'ten' is not an amount of USD" in told
    assert f"{path}, row 4, amount: " in told
    assert dump(file_of(book)) == before


@pytest.mark.parametrize("record", [(), ("--record",)])
def test_all_that_the_books_refuse_is_told_with_its_rows(
    book: Book, desk: Desk, tmp_path: Path, record: Sequence[str]
) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50", "9.50")
    text = path.read_text("utf-8").replace("10,USD1", "10,NONE").replace("2021-11-12", "2024-01-01")
    path.write_text(text, "utf-8")
    before = dump(file_of(book))
    told = desk("contribution", "import", path, *record, code=2).stderr.splitlines()
    assert told[0] == f"{path}: 2 problems."
    assert told[1] == f"{path}, row 2: There is no bank account 'NONE' in this book."
    assert told[2].startswith(f"{path}, row 4: ")
    assert dump(file_of(book)) == before


# ---- recording


def test_what_needs_no_second_person_is_recorded_at_once(book: Book, desk: Desk, tmp_path: Path) -> None:
    path = sheet_of_donors(tmp_path / "donors.csv", "C-1", "C-2")
    assert "Recorded: 2 donors." in desk("donor", "import", path, "--record").stderr
    with book.reading() as books:
        assert {"C-1", "C-2"} <= {each.code for each in donors(books)}


def test_what_needs_a_second_person_waits_and_is_approved_together(
    book: Book, desk: Desk, tmp_path: Path
) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50")
    told = desk("contribution", "import", path, "--record")
    assert "Proposed: 2 contributions." in told.stderr
    with book.reading() as books:
        waiting = proposals(books)
        assert contributions(books) == []
    assert {each.batch for each in waiting} == {waiting[0].id}
    assert f"mdfm proposal approve {waiting[0].id} --by NAME" in told.stderr
    desk("proposal", "approve", waiting[0].id, by=CHECKER)
    with book.reading() as books:
        assert [str(each.amount) for each in contributions(books)] == ["7.50 USD", "8.50 USD"]


def test_the_file_is_the_evidence_of_all_that_it_tells(book: Book, desk: Desk, tmp_path: Path) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50")
    desk("contribution", "import", path, "--record")
    with book.reading() as books:
        proofs = [json.loads(each.payload)["evidence"] for each in proposals(books)]
        assert (
            proofs
            == [[{"name": "gifts.csv", "media_type": "text/csv", "sha256": proofs[0][0]["sha256"]}]] * 2
        )
        assert checked_content(books, proofs[0][0]["sha256"]) == path.read_bytes()


# ---- the same again


def test_a_file_that_waits_is_not_proposed_again(book: Book, desk: Desk, tmp_path: Path) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50")
    desk("contribution", "import", path, "--record")
    before = dump(file_of(book))
    again = desk("contribution", "import", path, "--record")
    assert "Already waiting for approval: 2 contributions." in again.stderr
    assert "nothing changes" in again.stderr
    assert dump(file_of(book)) == before


def test_a_file_that_an_older_program_read_is_the_same_file(
    book: Book, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50")
    with monkeypatch.context() as before:
        before_there_was("agreement", ContributionReceived, before)
        told = as_json(desk("contribution", "import", path, "--record", "--json"))
    with book.reading() as books:
        assert [each for each in proposals(books) if "agreement" in each.payload] == []
    for words in ((), ("--record",)):
        assert "Already waiting for approval: 2" in desk("contribution", "import", path, *words).stderr
    desk("proposal", "approve", told["batch"], by=CHECKER)
    before_that = dump(file_of(book))
    for words in ((), ("--record",)):
        assert "Already booked: 2 contributions." in desk("contribution", "import", path, *words).stderr
    assert dump(file_of(book)) == before_that
    assert verify(book).findings == replay(book).findings == []


def test_a_file_that_is_booked_is_not_booked_again(book: Book, desk: Desk, tmp_path: Path) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50", "8.50")
    _settle(desk, path)
    before = dump(file_of(book))
    for words in ((), ("--record",)):
        again = desk("contribution", "import", path, *words)
        assert "Already booked: 2 contributions." in again.stderr
        assert "nothing changes" in again.stderr
    assert dump(file_of(book)) == before


def test_of_a_file_to_which_rows_were_added_only_those_are_new(desk: Desk, tmp_path: Path) -> None:
    _settle(desk, gifts(tmp_path / "gifts.csv", "7.50", "8.50"))
    told = as_json(
        desk("contribution", "import", gifts(tmp_path / "more.csv", "7.50", "8.50", "9.50"), "--json")
    )
    assert (told["booked"], [each["row"] for each in told["new"]]) == (2, [4])


def test_a_row_that_is_booked_with_other_content_is_refused(desk: Desk, tmp_path: Path) -> None:
    _settle(desk, gifts(tmp_path / "gifts.csv", "7.50", "8.50"))
    path = gifts(tmp_path / "other.csv", "7.50", "80.50")
    told = desk("contribution", "import", path, code=2).stderr
    assert f"{path}, row 3: 'contribution:USD1:G-11' is in the books already" in told


def test_a_row_that_waits_with_other_content_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk("contribution", "import", gifts(tmp_path / "gifts.csv", "7.50", "8.50"), "--record")
    path = gifts(tmp_path / "other.csv", "7.50", "80.50")
    told = desk("contribution", "import", path, code=2).stderr
    assert f"{path}, row 3: Proposal 2 waits for approval with other content" in told
    assert "approve or reject that one first (mdfm proposal approve 2, or reject 2)" in told


def test_a_row_whose_reference_waits_as_something_else_is_refused(desk: Desk, tmp_path: Path) -> None:
    """Money that waits as nobody's is not proposed again as a donor's, nor its code as an agreement's."""
    words = f"contribution unidentified G-11 --term {TERM} --bank USD1 --on 2021-11-11"
    desk(*words.split(), "--amount", "USD 8.50")
    told = desk("contribution", "import", gifts(tmp_path / "gifts.csv", "7.50", "8.50"), code=2).stderr
    assert "row 3: Proposal 1 waits for approval with other content" in told
    assert "row 2" not in told


def test_a_row_whose_entry_was_taken_back_is_not_booked_already(
    book: Book, desk: Desk, tmp_path: Path
) -> None:
    path = sheet_of_donors(tmp_path / "donors.csv", "C-1")
    desk("donor", "import", path, "--record")
    entry = as_json(desk("entry", "list", "--json"))[-1]["seq"]
    desk("entry", "reverse", entry, "--reason", "a mistake", "--on", "2021-11-16")
    if waiting := as_json(desk("proposal", "list", "--json")):
        desk("proposal", "approve", waiting[0]["id"], by=CHECKER)
    told = desk("donor", "import", path, code=2).stderr
    assert "reversed" in told
    with book.reading() as books:
        assert "C-1" not in {each.code for each in donors(books)}


def _settle(desk: Desk, path: Path) -> None:
    """Import a file, and approve it."""
    told = as_json(desk("contribution", "import", path, "--record", "--json"))
    desk("proposal", "approve", told["batch"], by=CHECKER)


# ---- interrupted, and damaged


def test_what_is_interrupted_leaves_nothing(book: Book, tmp_path: Path) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50")
    before = dump(file_of(book))

    def interrupt(_done: int) -> None:
        raise KeyboardInterrupt

    rows = read_events(path, CONTRIBUTION_SHEET)
    with pytest.raises(KeyboardInterrupt), book.recording() as journal:
        preview_import(journal, path, rows, MAKER, interrupt)
    assert dump(file_of(book)) == before
    with pytest.raises(KeyboardInterrupt), book.recording() as journal:
        record_import(
            journal, preview_import(journal, path, rows, MAKER, lambda _done: None), MAKER, interrupt
        )
    assert dump(file_of(book)) == before


def test_a_file_that_changes_while_it_is_imported_is_refused(book: Book, tmp_path: Path) -> None:
    path = gifts(tmp_path / "gifts.csv", "7.50")
    rows = read_events(path, CONTRIBUTION_SHEET)
    gifts(path, "7.51")
    with pytest.raises(BadInput, match="has changed"), book.recording() as journal:
        preview_import(journal, path, rows, MAKER, lambda _done: None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 no workbook",
        b"\xd0\xcf\x11\xe0",
        b"reference\nG-1\n",
        b"\xff\xfeab",
    ],
    ids=["empty", "binary", "zip", "xls", "columns", "utf-16"],
)
@pytest.mark.parametrize("noun", ["donor", "pledge", "agreement", "contribution", "offer"])
def test_what_is_no_sheet_is_refused_in_a_sentence(
    book: Book, desk: Desk, tmp_path: Path, noun: str, content: bytes
) -> None:
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(content)
    before = dump(file_of(book))
    assert str(path) in desk(noun, "import", path, "--record", code=2).stderr
    assert dump(file_of(book)) == before


# ---- templates


@pytest.mark.parametrize("noun", ["donor", "pledge", "agreement", "contribution", "offer"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_template_is_written_once(desk: Desk, tmp_path: Path, noun: str, suffix: str) -> None:
    path = tmp_path / f"sheet{suffix}"
    assert str(path) in desk(noun, "template", path).stdout
    assert "There is a file" in desk(noun, "template", path, code=2).stderr
