"""Exports: what other programs and strangers make of the journal, and a book rebuilt from it bit for bit."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from beancount import loader
from beancount.ops.validation import HARDCORE_VALIDATIONS
from click.testing import CliRunner

from ledger import (
    CHART,
    EXPORTS,
    GENESIS,
    AsOf,
    BadInput,
    Book,
    Line,
    Refused,
    Sealed,
    Tampered,
    canonical_json,
    format_minor,
    rebuild_book,
    replay,
    trial_balance,
    verify,
)
from ledger.audit.plain_text import account_name
from ledger.entry.canonical import entry_hash
from mdfm.books import ALL_KINDS, open_at
from mdfm.cli.app import app
from tests.support.example_demo import Demo
from tests.support.place import ROOT
from tests.support.small_books import CHECKER, DEC, contribution, dump, file_of, gift, tell
from tests.support.tampering import unsealed

VERIFIER = ROOT / "docs" / "verify_export.py"
CHANGES, SEED = 200, 20211103
"""How many single characters are changed, and where the random choice of them begins."""

Totals = dict[tuple[str, str], Decimal]
"""By account, as plain-text programs call it, and currency."""


@pytest.fixture(scope="module")
def demo_book(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """The demo's book, to be read."""
    opened = open_at(str(demo.copy(tmp_path_factory.mktemp("demo") / "demo.book")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def folder(demo_book: Book, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's export in every format, as `demo.<format>`."""
    made = tmp_path_factory.mktemp("exports")
    for form in EXPORTS:
        (made / f"demo.{form}").write_text(exported(demo_book, form), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def jsonl(folder: Path) -> Path:
    return folder / "demo.jsonl"


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    """The standalone verifier as a module, to be called many times."""
    spec = importlib.util.spec_from_file_location("verify_export", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exported(book: Book, form: str) -> str:
    with book.reading() as books:
        return "".join(EXPORTS[form](books))


def records(export: Path) -> list[Any]:
    return [json.loads(line) for line in export.read_text("utf-8").splitlines()]


def written(place: Path, told: list[Any]) -> Path:
    place.write_text("".join(canonical_json(record) + "\n" for record in told), encoding="utf-8")
    return place


def resealed(told: list[Any]) -> list[Any]:
    """The records with every hash made right again, as a forger would."""
    seq, last = 0, GENESIS
    for record in told:
        if "entry" in record:
            lines = [Line(**line) for line in record["lines"]]
            entry = record["entry"]
            entry["prev"] = last
            entry["hash"] = entry_hash(Sealed(**entry), lines)
            seq, last = entry["seq"], entry["hash"]
    told[0]["head"] = {"seq": seq, "hash": last}
    told[-1] = {"entries": seq, "head": last}
    return told


def stands(book: Book) -> tuple[Totals, Totals]:
    """The trial balance: amounts in own currencies, and values in US dollars."""
    with book.reading() as books:
        totals = trial_balance(books, AsOf.now(books, date.max))
    named = [((account_name(CHART[each.account]), each.currency), each) for each in totals]
    return (
        {key: as_decimal(each.amount, each.currency) for key, each in named if each.amount},
        {key: as_decimal(each.usd, "USD") for key, each in named if each.usd},
    )


def without_zeros(totals: Totals) -> Totals:
    return {key: total for key, total in totals.items() if total}


def as_decimal(minor: int, currency: str) -> Decimal:
    return Decimal(format_minor(minor, currency).replace(",", ""))


# ---- JSON lines, and the standalone verifier


def run_verifier(export: Path) -> subprocess.CompletedProcess[str]:
    # Isolated: nothing of this project, and nothing that is installed, is there to be imported.
    return subprocess.run(
        [sys.executable, "-I", "-S", str(VERIFIER), str(export)], capture_output=True, text=True, check=False
    )


def changed(content: bytes, choice: random.Random) -> bytes:
    """The content with one character replaced, added or taken out."""
    text = content.decode()
    place = choice.randrange(len(text))
    other = choice.choice([each for each in 'aZ09" \n{}[],:\\/+=-.é' if each != text[place]])
    end = place + choice.choice((0, 1, 1))
    return (text[:place] + choice.choice(("", other) if end > place else (other,)) + text[end:]).encode()


def test_the_verifier_has_at_most_a_hundred_lines_and_needs_only_the_standard_library() -> None:
    source = VERIFIER.read_text("utf-8")
    assert len(source.splitlines()) <= 100
    needed = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    assert needed <= sys.stdlib_module_names


def test_the_verifier_accepts_the_demo(demo_book: Book, jsonl: Path) -> None:
    result = run_verifier(jsonl)
    head = verify(demo_book).head
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"sound: {head.seq} entries, head {head.hash}\n"


def test_the_verifier_rejects_the_demo_with_one_character_changed(jsonl: Path, tmp_path: Path) -> None:
    content = jsonl.read_bytes()
    place = content.index(b'"made_by":"') + len('"made_by":"')
    (tmp_path / "changed").write_bytes(content[:place] + b"X" + content[place + 1 :])
    result = run_verifier(tmp_path / "changed")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "line 2: its content does not match its hash\n"


def test_the_verifier_rejects_whatever_character_is_changed(verifier: ModuleType, jsonl: Path) -> None:
    choice = random.Random(SEED)
    content = jsonl.read_bytes()
    for _ in range(CHANGES):
        broken = changed(content, choice)
        with pytest.raises(SystemExit) as refused:
            verifier.verify(io.BytesIO(broken))
        assert refused.value.code


def test_an_export_is_the_header_the_evidence_before_it_is_named_the_entries_and_the_trailer(
    demo_book: Book, jsonl: Path
) -> None:
    head = verify(demo_book).head
    header, *middle, trailer = records(jsonl)
    assert header == {"format": "mdfm-export-1", "encoding": "mdfm-entry-1", "head": head._asdict()}
    assert trailer == {"entries": head.seq, "head": head.hash}
    seen: set[str] = set()
    for record in middle:
        if "evidence" in record:
            assert hashlib.sha256(base64.b64decode(record["content"])).hexdigest() == record["evidence"]
            assert record["evidence"] not in seen
            seen.add(record["evidence"])
        else:
            named = json.loads(record["entry"]["payload"]).get("evidence", ())
            assert {file["sha256"] for file in named} <= seen
    assert len(seen) == verify(demo_book).evidence
    assert [record["entry"]["seq"] for record in middle if "entry" in record] == list(range(1, head.seq + 1))


def test_an_empty_book_is_exported_and_accepted(empty_book: Book, tmp_path: Path) -> None:
    export = tmp_path / "empty.jsonl"
    export.write_text(exported(empty_book, "jsonl"), encoding="utf-8")
    assert run_verifier(export).returncode == 0
    assert rebuild_book(str(tmp_path / "new.book"), ALL_KINDS, export) == (0, GENESIS)


def test_a_book_that_lacks_evidence_is_not_exported(played: Book) -> None:
    with unsealed(Path(file_of(played))) as books:
        books.execute("DELETE FROM evidence")
    with pytest.raises(Tampered, match=r"The evidence [0-9a-f]{64} is missing from the book"):
        exported(played, "jsonl")


# ---- a book rebuilt


def test_a_book_is_rebuilt_bit_for_bit(demo_book: Book, jsonl: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    head = rebuild_book(
        str(tmp_path / "new.book"), ALL_KINDS, jsonl, lambda done, of: told.append((done, of))
    )
    assert told[-1] == (head.seq, head.seq)
    rebuilt = open_at(str(tmp_path / "new.book"))
    assert exported(rebuilt, "jsonl") == jsonl.read_text("utf-8")
    assert verify(rebuilt).findings == replay(rebuilt).findings == []
    rebuilt.close()
    proposals = ("proposal",)  # which are no part of the journal
    assert dump(str(tmp_path / "new.book"), proposals) == dump(file_of(demo_book), proposals)


def test_a_book_is_not_rebuilt_over_another(played: Book, jsonl: Path) -> None:
    before = dump(file_of(played))
    with pytest.raises(Refused, match="There is a book at"):
        rebuild_book(file_of(played), ALL_KINDS, jsonl)
    assert dump(file_of(played)) == before


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
    choice = random.Random(SEED + 1)
    content = jsonl.read_bytes()
    for _ in range(CHANGES // 4):
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
        lambda lines: [lines[0].replace("mdfm-export-1", "mdfm-export-2"), *lines[1:]],
        "line 1: this is not the header of an export",
    ),
    "no trailer": (lambda lines: lines[:-1], "the export is cut off after this line"),
    "half a line": (lambda lines: [*lines[:3], lines[3][:-9]], "line 4: the line is cut off"),
    "more after the end": (lambda lines: [*lines, lines[1]], "the export ends before this line"),
    "no evidence": (_without("content"), "the export lacks a file that entry "),
    "evidence twice": (_twice("content"), "the evidence file is here for the second time"),
    "an entry left out": (_without("entry"), "line 2: this is not the entry that follows entry 0"),
    "an entry twice": (_twice("entry"), "line 3: this is not the entry that follows entry 1"),
    "a space too many": (lambda lines: [lines[0], " " + lines[1]], "line 2: this is not an object in can"),
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
    verifier: ModuleType, jsonl: Path, tmp_path: Path, name: str
) -> None:
    change, sentence = BROKEN[name]
    broken = tmp_path / "broken.jsonl"
    broken.write_text("".join(change(jsonl.read_text("utf-8").splitlines(keepends=True))), encoding="utf-8")
    assert sentence in refusal(broken, tmp_path)
    with pytest.raises(SystemExit), broken.open("rb") as file:
        verifier.verify(file)


def test_a_file_that_no_entry_names_is_refused(verifier: ModuleType, jsonl: Path, tmp_path: Path) -> None:
    told = records(jsonl)
    stray = {
        "evidence": hashlib.sha256(b"stray").hexdigest(),
        "content": base64.b64encode(b"stray").decode(),
    }
    broken = written(tmp_path / "broken.jsonl", [*told[:-1], stray, told[-1]])
    assert f"has the file {stray['evidence']}, which no entry names" in refusal(broken, tmp_path)
    with pytest.raises(SystemExit), broken.open("rb") as file:
        verifier.verify(file)


def test_lines_that_do_not_come_out_of_their_event_are_refused_however_well_they_are_sealed(
    verifier: ModuleType, jsonl: Path, tmp_path: Path
) -> None:
    told = records(jsonl)
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
    told = records(jsonl)
    (first, *_) = [record["entry"] for record in told if "entry" in record]
    first["kind"] = "revenue recognised"
    forged = written(tmp_path / "forged.jsonl", resealed(told))
    assert "'revenue recognised' version 1 is not a kind of event" in refusal(forged, tmp_path)


# ---- beancount


def loaded(text: str) -> tuple[list[Any], list[Any]]:
    """The directives and errors of real beancount, with all its checks."""
    entries, errors, _ = loader.load_string(text, extra_validations=HARDCORE_VALIDATIONS)
    return entries, errors


def beancount_totals(entries: list[Any]) -> tuple[Totals, Totals]:
    amounts: Totals = {}
    values: Totals = {}
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            key = posting.account, posting.units.currency
            value = posting.units if key[1] == "USD" else posting.meta["usd"]
            assert value.currency == "USD"
            amounts[key] = amounts.get(key, Decimal(0)) + posting.units.number
            values[key] = values.get(key, Decimal(0)) + value.number
    return without_zeros(amounts), without_zeros(values)


def test_beancount_reads_the_demo_without_a_word_and_finds_the_same_balances(
    demo_book: Book, folder: Path
) -> None:
    entries, errors = loaded((folder / "demo.beancount").read_text("utf-8"))
    assert errors == []
    assert beancount_totals(entries) == stands(demo_book)


def test_bean_check_is_silent(folder: Path) -> None:
    command = [sys.executable, "-m", "beancount.scripts.check", str(folder / "demo.beancount")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_beancount_would_tell_a_cent(folder: Path) -> None:
    text = (folder / "demo.beancount").read_text("utf-8")
    line = next(line for line in text.splitlines() if " balance Assets:1100" in line and "USD" in line)
    cents = re.search(r"(\d+\.\d\d) ~", line)
    assert cents is not None
    other = line.replace(cents[1], str(Decimal(cents[1]) + Decimal("0.01")))
    _, errors = loaded(text.replace(line, other))
    assert len(errors) == 1
    assert "Balance failed" in errors[0].message


def test_beancount_reads_the_marks_of_entries_and_lines(played: Book) -> None:
    by = 'Ana "the hand" \\ of;\n[2020-01-01], x: y'
    with played.recording() as journal:
        sealed = journal.record(gift("U-9", 7_00, on=DEC), made_by=by, approved_by=CHECKER)
    entries, errors = loaded(exported(played, "beancount"))
    assert errors == []
    (told,) = [entry for entry in entries if entry.meta.get("seq") == str(sealed.seq)]
    assert told.meta["made_by"] == by
    assert told.meta["hash"] == sealed.hash
    assert told.narration == "contribution received"
    assert {posting.meta.get("agreement") for posting in told.postings} == {None, "U-9"}


# ---- hledger and ledger


def installed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed on this machine, so its reading of the export is not tested")
    return found


def run_on(program: str, journal: Path, *words: str) -> str:
    command = [installed(program), "-f", str(journal), *words]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_hledger_reads_the_demo_strictly_and_finds_the_same_balances(demo_book: Book, folder: Path) -> None:
    journal = folder / "demo.hledger"
    run_on("hledger", journal, "check", "--strict")
    told = run_on("hledger", journal, "register", "-O", "json")
    totals: Totals = {}
    for *_, posting, _balance in json.loads(told):
        for amount in posting["pamount"]:
            digits = amount["aquantity"]
            units = Decimal(digits["decimalMantissa"]).scaleb(-digits["decimalPlaces"])
            key = posting["paccount"], amount["acommodity"]
            totals[key] = totals.get(key, Decimal(0)) + units
    assert without_zeros(totals) == stands(demo_book)[0]


def test_ledger_reads_the_same_file_and_finds_the_same_balances(demo_book: Book, folder: Path) -> None:
    told = run_on(
        "ledger",
        folder / "demo.hledger",
        "balance",
        "--flat",
        "--no-total",
        "--format",
        "%(account)\t%(join(display_total))\n",
    )
    totals: Totals = {}
    for row in told.splitlines():
        account, _, amounts = row.partition("\t")
        for amount in amounts.split("\\n"):
            number, _, currency = amount.strip().partition(" ")
            totals[account, currency] = Decimal(number)
    assert totals == stands(demo_book)[0]


def test_a_name_cannot_end_its_tag_or_mean_a_date_in_hledger(played: Book, tmp_path: Path) -> None:
    with played.recording() as journal:
        journal.record(
            gift("U-9", 7_00, on=DEC), made_by="Ana, [2020-01-01];\n  Assets:1100  5 USD", approved_by=CHECKER
        )
    text = exported(played, "hledger")
    assert "  ; made_by: Ana   2020-01-01     Assets:1100  5 USD\n" in text
    (tmp_path / "odd.hledger").write_text(text, encoding="utf-8")
    run_on("hledger", tmp_path / "odd.hledger", "check", "--strict")


# ---- every text


@pytest.mark.parametrize("form", ["beancount", "hledger"])
def test_a_book_in_which_nothing_moved_is_exported(book: Book, form: str) -> None:
    text = exported(book, form)
    assert "Funds held in trust" in text
    assert "Assets" not in text


def test_currencies_without_cents_are_written_without_a_fraction(played_once: Book) -> None:
    assert re.search(r"Assets:1100-Cash-at-bank  30000000 KRW\n", exported(played_once, "beancount"))
    assert "commodity KRW\ncommodity USD\n  format 1000.00 USD\n" in exported(played_once, "hledger")


# ---- the commands


def audit(book: Path | str, *words: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["--book", str(book), "audit", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("form", EXPORTS)
def test_the_command_writes_a_file_or_the_output(
    demo_book: Book, folder: Path, tmp_path: Path, form: str
) -> None:
    expected = (folder / f"demo.{form}").read_bytes()
    out = tmp_path / "export"
    told = audit(file_of(demo_book), "export", "--format", form, "--out", out)
    assert (out.read_bytes(), told.stderr) == (expected, f"{out} is written.\n")
    assert audit(file_of(demo_book), "export", "--format", form).stdout_bytes == expected


def test_a_file_that_cannot_be_whole_is_not_written(played: Book, tmp_path: Path) -> None:
    with unsealed(Path(file_of(played))) as books:
        books.execute("DELETE FROM evidence")
    out = tmp_path / "export.jsonl"
    out.write_text("the export of yesterday")
    told = audit(file_of(played), "export", "--out", out, code=1)
    assert "is missing from the book" in told.stderr
    assert out.read_text() == "the export of yesterday"
    assert list(tmp_path.glob("*.part")) == []


def test_the_command_rebuilds_a_book(jsonl: Path, tmp_path: Path) -> None:
    told = audit(tmp_path / "new.book", "rebuild", jsonl)
    head = records(jsonl)[0]["head"]
    assert told.stdout == f"{tmp_path / 'new.book'}: head {head['seq']} {head['hash']}.\n"
    assert audit(tmp_path / "new.book", "export").stdout_bytes == jsonl.read_bytes()


def test_the_command_says_what_is_wrong_with_an_export(played: Book, jsonl: Path, tmp_path: Path) -> None:
    (tmp_path / "half").write_bytes(jsonl.read_bytes()[:-1])
    told = audit(tmp_path / "new.book", "rebuild", tmp_path / "half", code=2).stderr
    assert "the line is cut off; nothing was imported." in told
    assert "There is a book at" in audit(file_of(played), "rebuild", jsonl, code=2).stderr
    assert "No such file" in audit(tmp_path / "new.book", "rebuild", tmp_path / "none", code=2).stderr


def test_what_is_recorded_later_only_adds_to_an_export(played: Book) -> None:
    before = exported(played, "jsonl").splitlines()
    tell(played, contribution("E-9", "A1", "EUR", 5_00, date(2021, 12, 20)))
    after = exported(played, "jsonl").splitlines()
    assert after[1 : len(before) - 1] == before[1:-1]
    assert len(after) == len(before) + 1
