"""Vectors for whoever writes a verifier of exports: valid ones, and others with one fault each.

`python -m tests.support.published_exports.vectors` writes `docs/vectors`: the files, and `index.json` with
what is expected of each, and the line that is wrong. All faults but those of text and seals are sealed again,
as a forger would do it, so that one rule alone is broken.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from donors import (
    PERSONAL_TABLES,
    AgreementSigned,
    BankAccountOpened,
    Contact,
    ContributionReceived,
    DonorRegistered,
    LetterIssued,
    keep_letter,
    set_contact,
)
from ledger import (
    Amount,
    Book,
    EntryReversed,
    Event,
    Evidence,
    PeriodClosed,
    TermOpened,
    approve,
    approve_batch,
    attach,
    canonical_json,
    propose,
    propose_many,
    reject,
)
from mdfm.books import create
from tests.support.exports import exported, in_first_format, lines_of_records, records_of, resealed
from tests.support.place import ROOT
from tests.support.published_exports import (  # noqa: F401 - importing them registers their faults
    entry_faults,
    personal_faults,
    proposal_faults,
    text_faults,
)
from tests.support.published_exports.forger import (
    APPROVER,
    FAULTS,
    MAKER,
    PERSONAL_FAULTS,
    TERM,
    TEXT_FAULTS,
    Change,
    Forger,
    Records,
)
from tests.support.small_books import clock

FOLDER = ROOT / "docs" / "vectors"
NOV, DEC = date(2021, 11, 10), date(2021, 12, 10)


class Vector(NamedTuple):
    """An export, and what is expected of a verifier that has the published rules."""

    name: str
    content: bytes
    line: int = 0
    """The line that is wrong; 0 for a valid one."""
    reason: str = ""
    """What `verify_export.py` says of it; other verifiers have other words."""


# ---- the books of the valid ones


def play(book: Book, folder: Path) -> None:
    """A gift with evidence, a mistake that is reversed, a closed month, and proposals of every status."""
    with book.recording() as journal:
        proof = _proof(journal.books, folder / "agreement.txt", "We give ten thousand dollars.\n")
        for event in _events(proof):
            journal.record(event, made_by=MAKER, approved_by=APPROVER)
    with book.recording() as journal:
        propose(journal, _gift("G-1", 300_00, _proof(journal.books, folder / "gift.txt", "$300\n")), MAKER)
        propose_many(journal, [_gift("G-2", 20_00), _gift("G-3", 30_00)], MAKER)
        propose_many(journal, [_gift("G-4", 40_00), _gift("G-5", 50_00)], MAKER)
        propose(journal, _gift("G-6", 60_00, _proof(journal.books, folder / "card.txt", "$60\n")), MAKER)
        approve(journal, 1, APPROVER)
        approve_batch(journal, 2, APPROVER)
        reject(journal, 4, MAKER)


def _events(proof: tuple[Evidence, ...]) -> list[Event]:
    return [
        TermOpened(on=NOV, code=TERM, starts_on=date(2021, 11, 1), ends_on=date(2023, 10, 31)),
        BankAccountOpened(on=NOV, code="USD1", name="Example bank", currency="USD"),
        DonorRegistered(on=NOV, code="CITY", name="Séoul", type="city", country="KOR"),
        AgreementSigned(
            on=NOV,
            code="A1",
            donor="CITY",
            term=TERM,
            amount=Amount(currency="USD", minor=10_000_00),
            starts_on=date(2021, 11, 1),
            ends_on=date(2023, 10, 31),
            evidence=proof,
        ),
        _contribution("R-1", 10_000_00),
        _gift("R-2", 500_00),
        EntryReversed(on=DEC, entry=6, reason="counted twice"),
        PeriodClosed(on=DEC, period="2021-11"),
    ]


def _contribution(reference: str, cents: int) -> ContributionReceived:
    money = Amount(currency="USD", minor=cents)
    return ContributionReceived(
        on=NOV, reference=reference, bank_account="USD1", amount=money, agreement="A1"
    )


def _gift(reference: str, cents: int, proof: tuple[Evidence, ...] = ()) -> ContributionReceived:
    money = Amount(currency="USD", minor=cents)
    return ContributionReceived(
        on=DEC,
        reference=reference,
        bank_account="USD1",
        amount=money,
        donor="CITY",
        term=TERM,
        evidence=proof,
    )


def _proof(books: Any, file: Path, text: str) -> tuple[Evidence, ...]:
    file.write_text(text, encoding="utf-8")
    return (attach(books, file),)


def play_letters(book: Book) -> None:
    """Two contacts, a letter to one of them, and one to a person who was erased."""
    for name in ("Ana Pérez", "Bo Li"):
        set_contact(book, Contact("CITY", name, email="office@example.org"), MAKER)
    with book.recording() as journal:
        for person, content in (("Ana Pérez", b"Dear Ana Perez\n"), ("", b"Dear Sir or Madam\n")):
            sha256 = keep_letter(journal.books, "CITY", person, content)
            journal.record(
                LetterIssued(
                    on=DEC,
                    reference="R-1",
                    bank_account="USD1",
                    donor="CITY",
                    language="en",
                    known_at=5,
                    file_sha256=sha256,
                    verification="0000-0000-0000-0000",
                ),
                made_by=MAKER,
            )


def vectors() -> list[Vector]:
    """All vectors, the valid ones first."""
    valid = _valid()
    texts = {each.name: each.content.decode() for each in valid}
    plain = _small_header(records_of(texts["valid"]))
    personal = _small_header(records_of(texts["valid-with-contacts"]))
    made = [_forged(plain, f"invalid-{name}", *fault) for name, fault in FAULTS.items()]
    made += [_forged(personal, f"invalid-{name}", *fault) for name, fault in PERSONAL_FAULTS.items()]
    for name, (reason, change) in TEXT_FAULTS.items():
        content, line = change(Forger(plain))
        made.append(Vector(f"invalid-{name}", content, line, reason))
    return valid + sorted(made)


def _valid() -> list[Vector]:
    made: dict[str, str] = {}
    with TemporaryDirectory() as scratch:
        book = create(str(Path(scratch) / "valid.book"), clock())
        made["valid-empty"] = exported(book)
        play(book, Path(scratch))
        made["valid"] = exported(book)
        made["valid-first-format"] = in_first_format(made["valid"])
        made["valid-fewer-rules"] = lines_of_records(_small_header(records_of(made["valid"])))
        play_letters(book)
        made["valid-with-contacts"] = exported(book, personal=PERSONAL_TABLES)
        book.close()
    return [Vector(name, text.encode()) for name, text in sorted(made.items())]


def _small_header(records: Records) -> Records:
    """The same export with only the rules that it needs, which is allowed, and short."""
    held = [each.get("entry") or each["proposal"] for each in records if {"entry", "proposal"} & each.keys()]
    kinds = {(each["kind"], each["version"]) for each in held}
    accounts = {line["account"] for each in records for line in each.get("lines", ())} | {
        "1900",
        "2800",
        "3120",
    }
    rules = records[0]["rules"]
    rules["kinds"] = [each for each in rules["kinds"] if (each["kind"], each["version"]) in kinds]
    rules["chart"] = [each for each in rules["chart"] if each["code"] in accounts]
    return records


def _forged(records: Records, name: str, reason: str, change: Change) -> Vector:
    forger = Forger(records)
    wrong = change(forger)
    line = forger.place(wrong) + 1
    return Vector(name, lines_of_records(resealed(forger.records)).encode(), line, reason)


def write(folder: Path) -> None:
    """Write the vectors and their index."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = vectors()
    for each in found:
        (folder / f"{each.name}.jsonl").write_bytes(each.content)
    index = [
        {"file": f"{each.name}.jsonl", "valid": not each.line}
        | ({"line": each.line, "reason": each.reason} if each.line else {})
        for each in found
    ]
    rows = ",\n".join(canonical_json(each) for each in index)
    (folder / "index.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER)
