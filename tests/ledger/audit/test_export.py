"""Exports: what other programs make of the journal, and the commands that write and read them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.ops.validation import HARDCORE_VALIDATIONS
from click.testing import CliRunner

from donors import Contact, set_contact
from ledger import (
    CHART,
    EXPORTS,
    AsOf,
    Book,
    format_minor,
    trial_balance,
)
from ledger.audit.plain_text import account_name
from ledger.journal.journal import Journal, Stamp
from mdfm.cli.app import app
from tests.support.exports import exported, records_of
from tests.support.small_books import CHECKER, DEC, MAKER, contribution, file_of, gift, tell
from tests.support.tampering import unsealed

Totals = dict[tuple[str, str], Decimal]
"""By account, as plain-text programs call it, and currency."""


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


def stamp_of_before(journal: Journal, made_by: str) -> Stamp:
    """As versions before 0.3 recorded, which took any text as a name."""
    return Stamp(made_by, CHECKER, journal.now())


def test_beancount_reads_the_marks_of_entries_and_lines(played: Book) -> None:
    by = 'Ana "the hand" \\ of;\n[2020-01-01], x: y'
    with played.recording() as journal:
        sealed = journal.append(gift("U-9", 7_00, on=DEC), stamp_of_before(journal, by))
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
        by = "Ana, [2020-01-01];\n  Assets:1100  5 USD"
        journal.append(gift("U-9", 7_00, on=DEC), stamp_of_before(journal, by))
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
    told = audit(file_of(played), "export", "--out", out, code=1)
    assert "is missing from the book" in told.stderr
    assert not out.exists()
    assert list(tmp_path.glob("*.part")) == []


def test_the_command_rebuilds_a_book(jsonl: Path, tmp_path: Path) -> None:
    told = audit(tmp_path / "new.book", "rebuild", jsonl)
    head = records_of(jsonl.read_text("utf-8"))[0]["head"]
    assert told.stdout == f"{tmp_path / 'new.book'}: head {head['seq']} {head['hash']}.\n"
    assert audit(tmp_path / "new.book", "export").stdout_bytes == jsonl.read_bytes()


def test_the_command_says_what_is_wrong_with_an_export(played: Book, jsonl: Path, tmp_path: Path) -> None:
    (tmp_path / "half").write_bytes(jsonl.read_bytes()[:-1])
    told = audit(tmp_path / "new.book", "rebuild", tmp_path / "half", code=2).stderr
    assert "the line is cut off; nothing was imported." in told
    assert "nothing is written over it" in audit(file_of(played), "rebuild", jsonl, code=2).stderr
    assert "No such file" in audit(tmp_path / "new.book", "rebuild", tmp_path / "none", code=2).stderr


def test_what_is_recorded_later_only_adds_to_an_export(played: Book) -> None:
    before = exported(played, "jsonl").splitlines()
    tell(played, contribution("E-9", "A1", "EUR", 5_00, date(2021, 12, 20)))
    after = exported(played, "jsonl").splitlines()
    entries = [line for line in before if not line.startswith(('{"proposal"', '{"counts"'))]
    assert after[1 : len(entries)] == entries[1:]
    assert len(after) == len(before) + 1


def test_the_command_says_that_a_file_holds_personal_data(played: Book, tmp_path: Path) -> None:
    set_contact(played, Contact("CITY", "Ana Pérez"), MAKER)
    out, again = tmp_path / "export.jsonl", tmp_path / "new.book"
    told = audit(file_of(played), "export", "--with-contacts", "--out", out).stderr
    assert f"{out} holds personal data: the contact persons of donors, and letters to them." in told
    assert "Ana Pérez" in out.read_text("utf-8")
    audit(again, "rebuild", out)
    assert audit(again, "export", "--with-contacts").stdout_bytes == out.read_bytes()
    refused = audit(file_of(played), "export", "--with-contacts", "--format", "hledger", code=2).stderr
    assert "An export as hledger has no contacts: choose jsonl" in refused
