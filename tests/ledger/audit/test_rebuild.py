"""A book rebuilt from its export, bit for bit, and exports that are refused whole, with the wrong line."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from donors import PERSONAL_TABLES, Contact, LetterIssued, erase_contact, keep_letter, set_contact
from ledger import (
    GENESIS,
    BadInput,
    Book,
    Refused,
    approve,
    attach,
    proposals,
    propose,
    propose_many,
    rebuild_book,
    reject,
    replay,
    verify,
)
from mdfm.books import ALL_KINDS, open_at
from tests.support.effort import effort
from tests.support.engines import Shelf
from tests.support.exports import (
    exported,
    in_first_format,
    lines_of_records,
    records_of,
    resealed,
    strangers_verifier,
)
from tests.support.small_books import CHECKER, DEC, MAKER, dump, file_of, gift, report

SEED = 20211104
"""Where the random choice of changes begins."""
BESIDE = ("kept_head", "backup_mark", "contact", "letter_file")
"""Tables that an export does not have."""


@pytest.fixture(scope="module")
def stranger() -> ModuleType:
    """The standalone verifier as a module, to be called many times."""
    return strangers_verifier()


def again(export: str | bytes, folder: Path) -> Book:
    """The book that an export gives, in a folder."""
    file, place = folder / "export.jsonl", folder / "new.book"
    file.write_bytes(export if isinstance(export, bytes) else export.encode())
    rebuild_book(str(place), ALL_KINDS, file, personal=PERSONAL_TABLES)
    return open_at(str(place))


def proposed(book: Book, folder: Path) -> None:
    """Proposals of every status, alone and in a batch, and with evidence of their own."""
    (folder / "proof.txt").write_text("A proof that only a proposal names.", encoding="utf-8")
    with book.recording() as journal:
        first = propose(journal, report("G1", "R-4", travel=10_00), MAKER).id
        proof = (attach(journal.books, folder / "proof.txt"),)
        propose(journal, gift("W-1", 5_00, on=DEC).model_copy(update={"evidence": proof}), MAKER)
        propose(journal, gift("W-2", 6_00, on=DEC), MAKER)
        propose_many(journal, [gift("W-3", 7_00, on=DEC), gift("W-4", 8_00, on=DEC)], MAKER)
        approve(journal, first, CHECKER)
        reject(journal, first + 1, CHECKER)
        reject(journal, first + 2, MAKER)


# ---- bit for bit


def test_a_book_is_rebuilt_bit_for_bit(demo_book: Book, jsonl: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    head = rebuild_book(
        str(tmp_path / "new.book"), ALL_KINDS, jsonl, lambda done, of: told.append((done, of))
    )
    assert told[-1] == (head.seq, head.seq)
    rebuilt = open_at(str(tmp_path / "new.book"))
    assert exported(rebuilt) == jsonl.read_text("utf-8")
    assert verify(rebuilt).findings == replay(rebuilt).findings == []
    rebuilt.close()
    assert dump(str(tmp_path / "new.book"), BESIDE) == dump(file_of(demo_book), BESIDE)


def test_proposals_and_their_evidence_come_back(played: Book, tmp_path: Path) -> None:
    proposed(played, tmp_path)
    text = exported(played)
    rebuilt = again(text, tmp_path)
    with played.reading() as books, rebuilt.reading() as new:
        assert proposals(new, None) == proposals(books, None)
    assert {each.status for each in _proposals(rebuilt)} == {"waiting", "approved", "rejected"}
    assert exported(rebuilt) == text
    assert dump(file_of(rebuilt), BESIDE) == dump(file_of(played), BESIDE)
    rebuilt.close()


def test_a_proposal_that_came_back_can_be_approved(played: Book, tmp_path: Path) -> None:
    proposed(played, tmp_path)
    rebuilt = again(exported(played), tmp_path)
    waiting = next(each for each in _proposals(rebuilt) if each.status == "waiting")
    with rebuilt.recording() as journal:
        assert approve(journal, waiting.id, CHECKER).made_by == MAKER
    assert verify(rebuilt).sound
    rebuilt.close()


def _proposals(book: Book) -> list[Any]:
    with book.reading() as books:
        return proposals(books, None)


def test_contacts_and_letters_come_back_where_they_were_asked_for(played: Book, tmp_path: Path) -> None:
    lettered(played)
    erase_contact(played, "CITY", "Bo Li", MAKER)
    text = exported(played, personal=PERSONAL_TABLES)
    assert "Ana Pérez" in text
    assert "Bo Li" not in text
    rebuilt = again(text, tmp_path)
    assert exported(rebuilt, personal=PERSONAL_TABLES) == text
    beside = ("kept_head", "backup_mark")
    assert dump(file_of(rebuilt), beside) == dump(file_of(played), beside)
    assert verify(rebuilt).sound
    rebuilt.close()


def test_without_being_asked_for_an_export_has_neither(played: Book, tmp_path: Path) -> None:
    lettered(played)
    text = exported(played)
    for trace in ("Ana Pérez", "Bo Li", base64.b64encode(b"Dear Ana").decode(), "office@example.org"):
        assert trace not in text
    rebuilt = again(text, tmp_path)
    assert exported(rebuilt) == text
    assert verify(rebuilt).sound
    rebuilt.close()


def lettered(book: Book) -> None:
    """Two contacts and a letter to each."""
    for name in ("Ana Pérez", "Bo Li"):
        set_contact(book, Contact("CITY", name, email="office@example.org"), MAKER)
        with book.recording() as journal:
            sha256 = keep_letter(journal.books, "CITY", name, f"Dear {name.split()[0]}".encode())
            letter = LetterIssued(
                on=DEC,
                reference="E-1",
                bank_account="EUR1",
                donor="CITY",
                language="en",
                known_at=20,
                file_sha256=sha256,
                verification="0000-0000-0000-0000",
            )
            journal.record(letter, made_by=MAKER)


def test_a_contact_of_an_unknown_donor_is_refused(played: Book, tmp_path: Path) -> None:
    lettered(played)
    text = exported(played, personal=PERSONAL_TABLES).replace(
        '"contact":{"address":"","donor":"CITY"', '"contact":{"address":"","donor":"BOGUS"'
    )
    with pytest.raises(
        BadInput, match=r"The contact is of a donor 'BOGUS', whom this book does not know; noth"
    ):
        again(text, tmp_path)


def test_the_first_format_is_read_and_the_second_written(played: Book, tmp_path: Path) -> None:
    proposed(played, tmp_path)
    old = in_first_format(exported(played))
    rebuilt = again(old, tmp_path)
    assert _proposals(rebuilt) == []
    assert records_of(exported(rebuilt))[0]["format"] == "mdfm-export-2"
    assert in_first_format(exported(rebuilt)) == old
    rebuilt.close()


def test_an_empty_book_is_exported_and_rebuilt(
    empty_book: Book, stranger: ModuleType, tmp_path: Path
) -> None:
    text = exported(empty_book)
    assert records_of(text)[0]["head"] == {"seq": 0, "hash": GENESIS}
    stranger.verify(io.BytesIO(text.encode()))
    rebuilt = again(text, tmp_path)
    assert exported(rebuilt) == text
    rebuilt.close()


def test_every_engine_writes_and_reads_the_same_bytes(
    shelf: Shelf, opened: Callable[[str], Book], played: Book, tmp_path: Path
) -> None:
    proposed(played, tmp_path)
    lettered(played)
    text = exported(played, personal=PERSONAL_TABLES)
    (tmp_path / "export.jsonl").write_text(text, encoding="utf-8")
    place = shelf.free()
    rebuild_book(place, ALL_KINDS, tmp_path / "export.jsonl", personal=PERSONAL_TABLES)
    assert exported(opened(place), personal=PERSONAL_TABLES) == text


def test_a_book_is_not_rebuilt_over_another(played: Book, jsonl: Path) -> None:
    before = dump(file_of(played))
    with pytest.raises(Refused, match="is there already, and nothing is written over it"):
        rebuild_book(file_of(played), ALL_KINDS, jsonl)
    assert dump(file_of(played)) == before


# ---- what is refused


def changed(content: bytes, choice: random.Random) -> bytes:
    """The content with one character replaced, added or taken out."""
    text = content.decode()
    place = choice.randrange(len(text))
    other = choice.choice([each for each in 'aZ09" \n{}[],:\\/+=-.é' if each != text[place]])
    end = place + choice.choice((0, 1, 1))
    return (text[:place] + choice.choice(("", other) if end > place else (other,)) + text[end:]).encode()


def written(place: Path, records: list[Any]) -> Path:
    """A file with these records."""
    place.write_text(lines_of_records(records), encoding="utf-8")
    return place


def refusal(export: Path, folder: Path) -> str:
    """What is said of an export that cannot be imported, and that it leaves nothing behind."""
    place = folder / "new.book"
    with pytest.raises(BadInput) as refused:
        rebuild_book(str(place), ALL_KINDS, export)
    assert not list(folder.glob("new.book*"))
    told = str(refused.value)
    assert told.startswith(f"{export}, line ")
    assert told.endswith("; nothing was imported.")
    return told.removeprefix(f"{export}, ").removesuffix("; nothing was imported.")


def test_whatever_character_is_changed_nothing_is_imported(jsonl: Path, tmp_path: Path) -> None:
    choice = random.Random(SEED)
    content = jsonl.read_bytes()
    for _ in range(effort(50, 2000)):
        (tmp_path / "broken.jsonl").write_bytes(changed(content, choice))
        assert re.match(r"line \d+: ", refusal(tmp_path / "broken.jsonl", tmp_path))


def _without(kind: str) -> Callable[[list[str]], list[str]]:
    """Take the first line out that begins with this field."""

    def change(lines: list[str]) -> list[str]:
        place = next(number for number, line in enumerate(lines) if line.startswith(f'{{"{kind}"'))
        return lines[:place] + lines[place + 1 :]

    return change


def _twice(kind: str) -> Callable[[list[str]], list[str]]:
    def change(lines: list[str]) -> list[str]:
        place = next(number for number, line in enumerate(lines) if line.startswith(f'{{"{kind}"'))
        return [*lines[: place + 1], *lines[place:]]

    return change


BROKEN: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "nothing": (lambda _: [], "line 1: the export is cut off after this line"),
    "no header": (lambda lines: lines[1:], "line 1: this is not the header of an export"),
    "a later format": (
        lambda lines: [lines[0].replace("mdfm-export-2", "mdfm-export-3"), *lines[1:]],
        "line 1: this is not the header of an export",
    ),
    "no trailer": (lambda lines: lines[:-1], "the export is cut off after this line"),
    "half a line": (lambda lines: [*lines[:3], lines[3][:-9]], "line 4: the line is cut off"),
    "more after the end": (lambda lines: [*lines, lines[1]], "the export ends before this line"),
    "no evidence": (_without("content"), "the export lacks a file that entry "),
    "evidence twice": (_twice("content"), "the evidence file is here for the second time"),
    "an entry left out": (_without("entry"), "line 2: this is not the entry that follows entry 0"),
    "an entry twice": (_twice("entry"), "line 3: this is not the entry that follows entry 1"),
    "a space too many": (lambda lines: [lines[0], " " + lines[1]], "line 2: this is not in canonical JSON"),
    "no object": (lambda lines: [lines[0], "[]\n"], "line 2: this is not an object in canonical JSON"),
    "another object": (lambda lines: [lines[0], "{}\n"], "line 2: this is no entry, no evidence file and no"),
    "no JSON": (lambda lines: [lines[0], "pay cash\n"], "line 2: this is not JSON"),
    "very deep JSON": (lambda lines: [lines[0], "[" * 100_000 + "\n"], "line 2: this is not JSON"),
    "a number as text": (
        lambda lines: [lines[0], lines[1].replace('"seq":1,', '"seq":"1",')],
        "line 2: the field seq is not a number",
    ),
    "a field too many": (
        lambda lines: [lines[0], lines[1].replace('"effective_on"', '"diary":"","effective_on"')],
        "line 2: this does not have the fields seq, effective_on, ",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_export_is_refused_whole_and_its_line_is_named(
    stranger: ModuleType, jsonl: Path, tmp_path: Path, name: str
) -> None:
    change, sentence = BROKEN[name]
    broken = tmp_path / "broken.jsonl"
    broken.write_text("".join(change(jsonl.read_text("utf-8").splitlines(keepends=True))), encoding="utf-8")
    assert sentence in refusal(broken, tmp_path)
    with pytest.raises(SystemExit), broken.open("rb") as file:
        stranger.verify(file)


def test_a_file_that_no_entry_names_is_refused(stranger: ModuleType, jsonl: Path, tmp_path: Path) -> None:
    told = records_of(jsonl.read_text("utf-8"))
    stray = {
        "evidence": hashlib.sha256(b"stray").hexdigest(),
        "content": base64.b64encode(b"stray").decode(),
    }
    broken = written(tmp_path / "broken.jsonl", resealed([*told[:-1], stray, told[-1]]))
    assert f"has the file {stray['evidence']}, which no entry names" in refusal(broken, tmp_path)
    with pytest.raises(SystemExit), broken.open("rb") as file:
        stranger.verify(file)


def test_lines_that_do_not_come_out_of_their_event_are_refused_however_well_they_are_sealed(
    stranger: ModuleType, jsonl: Path, tmp_path: Path
) -> None:
    told = records_of(jsonl.read_text("utf-8"))
    number, entry = next((n, each) for n, each in enumerate(told, 1) if each.get("lines"))
    for line, by in zip(entry["lines"][:2], (1, -1), strict=True):
        line["amount"] += by * (1 if line["amount"] * by > 0 else -1)
    forged = written(tmp_path / "forged.jsonl", resealed(told))
    seq = entry["entry"]["seq"]
    assert refusal(forged, tmp_path) == (
        f"line {number}: entry {seq} cannot be recorded again: its event gives other lines"
    )


def test_an_event_that_the_books_refuse_is_refused_however_well_it_is_sealed(
    jsonl: Path, tmp_path: Path
) -> None:
    told = records_of(jsonl.read_text("utf-8"))
    (first, *_) = [record["entry"] for record in told if "entry" in record]
    first["kind"] = "revenue recognised"
    forged = written(tmp_path / "forged.jsonl", resealed(told))
    assert "'revenue recognised' version 1 is not a kind of event" in refusal(forged, tmp_path)
