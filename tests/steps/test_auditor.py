"""The auditor's job: to check the whole book without trusting anybody."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from ledger import entries
from ledger.entry.canonical import entry_hash
from mdfm.books import open_at
from reports.render import page
from reports.words.language import Words
from tests.steps.office import OFFICER, TERM, Office, assert_mirrors
from tests.support import altered_pdf
from tests.support.example_demo import Demo
from tests.support.exports import PUBLISHED, VERIFIER, lines_of_records, records_of, resealed
from tests.support.tampering import unsealed

scenarios("auditor.feature")

AUDITOR = "auditor"

CHANGES = {
    "an amount": ("line", "amount = amount + 1"),
    "a value in dollars": ("line", "usd = usd - 1"),
    "an account": ("line", "account = '3130'"),
    "an agreement": ("line", "agreement = 'A-GOV-B'"),
    "the text of the event": ("entry", "payload = replace(payload, '2022', '2021')"),
    "the day": ("entry", "effective_on = '2022-12-16'"),
    "the moment": ("entry", "recorded_at = replace(recorded_at, '09:', '10:')"),
    "the maker": ("entry", "made_by = 'nobody'"),
    "the approver": ("entry", "approved_by = 'nobody'"),
    "the seal": ("entry", "hash = replace(hash, substr(hash, 1, 1), 'x')"),
    "the link": ("entry", "prev = replace(prev, substr(prev, 1, 1), 'x')"),
}
"""What somebody who owns the file may change, as the table and the SQL that changes it."""

_SEALED = ("seq", "kind", "payload", "lines", "made_by", "approved_by", "hash")
MONEY = ("1", "2", "3")
"""First digits of the accounts that hold money, not memoranda."""


@pytest.fixture
def proof(demo: Demo) -> dict[str, str]:
    """The example's evidence: each file's name and SHA-256."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in (demo.folder / "evidence").iterdir()}


@given(parsers.parse("{donor} was sent its statement up to {day}"), target_fixture="statement")
def _sent(office: Office, donor: str, day: str) -> Path:
    out = office.folder / "statement.pdf"
    office.asks("statement", "write", donor, "--term", TERM, "--to", day, "--out", out)
    return out


@given(
    parsers.parse("{donor} was issued its statement up to {day} on {issued_on}"), target_fixture="statement"
)
def _was_issued(office: Office, donor: str, day: str, issued_on: str) -> Path:
    out = office.folder / "statement.pdf"
    asked = ("statement", "write", donor, "--term", TERM, "--to", day, "--out", out)
    office.does(OFFICER, *asked, "--issue", "--on", issued_on)
    assert office.outcome.code == 0, office.outcome.err
    return out


@given(parsers.parse("{donor} was issued the letter for {reference} on {day}"), target_fixture="letter")
def _letter_issued(office: Office, donor: str, reference: str, day: str) -> dict[str, Any]:
    out = office.folder / "letter.pdf"
    office.does(OFFICER, "contribution", "letter", reference, "--out", out, "--issue", "--on", day)
    assert office.outcome.code == 0, office.outcome.err
    (letter,) = office.asks("contribution", "letters", "--donor", donor)
    assert letter["file_sha256"] == sha256(out.read_bytes()).hexdigest()
    return dict(letter)


# ---- what the auditor does


@when("the auditor verifies the book")
def _verify(office: Office) -> None:
    office.does(AUDITOR, "audit", "verify", "--json")


@when("the auditor replays the book from its events")
def _replay(office: Office) -> None:
    office.does(AUDITOR, "audit", "replay", "--json")


@when("the auditor checks the statement")
def _check(office: Office, statement: Path) -> None:
    office.does(AUDITOR, "audit", "statement", statement, "--json")


@when("the auditor looks for what was reversed")
def _look(office: Office) -> None:
    office.does(AUDITOR, "entry", "list", "--kind", "entry reversed", "--json")


@when(parsers.parse("the auditor follows {reference} through the books up to {day}"), target_fixture="way")
def _follow(office: Office, reference: str, day: str) -> dict[str, Any]:
    answer = office.does(AUDITOR, "contribution", "trace", reference, "--to", day, "--json")
    assert answer.code == 0, answer.err
    way: dict[str, Any] = json.loads(answer.out)
    return way


@when(parsers.parse("the auditor takes the financial report of {year} as CSV files"), target_fixture="tables")
def _take(office: Office, year: str) -> dict[str, list[dict[str, str]]]:
    out = office.folder / "annual.csv"
    answer = office.does(AUDITOR, "report", "annual", "--term", TERM, "--year", year, "--out", out)
    assert answer.code == 0, answer.err
    return {
        path.stem: list(csv.DictReader(StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        for path in out.with_suffix("").iterdir()
    }


# ---- what others do behind the program's back


@when(
    parsers.parse('somebody who owns the file changes {what} of the last entry "{kind}"'),
    target_fixture="changed",
)
def _change(office: Office, what: str, kind: str) -> int:
    changed: int = office.asks("entry", "list", "--kind", kind, "--last", 1)[0]["seq"]
    table, change = CHANGES[what]
    key = "seq" if table == "entry" else "no = 1 AND entry"
    with unsealed(office.book) as books:
        assert books.execute(f"UPDATE {table} SET {change} WHERE {key} = ?", (changed,)).rowcount == 1
    return changed


@when(
    parsers.parse("somebody who owns the file has the last entry recorded at {time}, and seals it again"),
    target_fixture="changed",
)
def _date_back(office: Office, time: str) -> int:
    with closing(open_at(str(office.book))) as book, book.reading() as books:
        *_, (last, lines) = entries(books)
    forged = last._replace(recorded_at=time)
    with unsealed(office.book) as owner:
        change = "UPDATE entry SET recorded_at = ?, hash = ? WHERE seq = ?"
        assert owner.execute(change, (time, entry_hash(forged, lines), last.seq)).rowcount == 1
    return last.seq


@when(parsers.parse('somebody who owns the file exchanges the evidence "{file}"'))
def _exchange(office: Office, proof: dict[str, str], file: str) -> None:
    with unsealed(office.book) as books:
        changed = books.execute("UPDATE evidence SET content = x'00' WHERE sha256 = ?", (proof[file],))
        assert changed.rowcount == 1


@when(parsers.parse("somebody changes a digit on page {page:d} of it"))
def _forge(statement: Path, page: int) -> None:
    issued = statement.read_bytes()
    digit = [place for place in altered_pdf.digits(issued) if place.page == page][-1]
    statement.write_bytes(altered_pdf.with_digit_changed(issued, digit))


@when(parsers.parse("somebody paints over page {page:d} of it"))
def _paint(statement: Path, page: int) -> None:
    statement.write_bytes(altered_pdf.with_figure_covered(statement.read_bytes(), page))


@when("statements are drawn in another layout and with another word")
def _drawn_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + 0.5)
    translated = Words.__call__
    monkeypatch.setattr(
        Words,
        "__call__",
        lambda self, text, /, **values: translated(self, text, **values).replace("Total", "Somme"),
    )


@when("somebody opens the statement and saves it again")
def _save_again(statement: Path) -> None:
    statement.write_bytes(altered_pdf.saved_again(statement.read_bytes()))


@when("somebody who owns the file exchanges the letter")
def _exchange_letter(office: Office) -> None:
    with unsealed(office.book) as books:
        assert books.execute("UPDATE letter_file SET content = x'00'").rowcount == 1


@when("somebody who owns the file adds a dollar to what is available")
def _add(office: Office) -> None:
    with unsealed(office.book) as books:
        change = "amount = amount - 100, usd = usd - 100"
        assert books.execute(f"UPDATE balance SET {change} WHERE account = '2200'").rowcount > 0


@when(parsers.parse("somebody with the database tries to {change}"), target_fixture="refusal")
def _try(office: Office, change: str) -> str:
    office.books_before = office.contents()
    with (
        closing(sqlite3.connect(office.book)) as books,
        books,
        pytest.raises(sqlite3.IntegrityError) as refused,
    ):
        books.execute(change)
    return str(refused.value)


# ---- what came of it


@then(parsers.parse("it is sound, with {number:d} pieces of evidence and the plan"))
def _sound(office: Office, number: int) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["sound"], found["findings"]) == (0, True, [])
    assert found["evidence"] == number + 1
    assert found["entries"] == found["head"]["seq"] == len(office.journal())


@then("the answer is no, and that figure is named beside what the books say")
def _figure_named(office: Office) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["confirmed"]) == (1, False)
    (answer,) = found["differences"]
    assert answer["page"] == 2
    pairs = [
        (said, ours) for said, ours in zip(answer["paper"], answer["books"], strict=True) if said != ours
    ]
    assert len(pairs) == 1


@then(parsers.parse("it is the file that was issued on {day} to the donor {donor}"))
def _is_issued(office: Office, day: str, donor: str) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["confirmed"], found["outcome"]) == (0, True, "issued")
    (issue,) = found["issues"]
    assert (issue["on"], issue["donor"]) == (day, donor)
    assert found["notes"] == [
        f"This is the file that was issued on {day} to the donor {donor} (entry {issue['seq']})."
    ]


@then("it is a copy of it, in which every figure agrees")
def _is_copy(office: Office) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["confirmed"], found["outcome"]) == (0, True, "saved again")
    assert (found["figures_agree"], found["differences"]) == (True, [])


@then("the answer is no, and the entry that issued the letter is named")
def _letter_named(office: Office, letter: dict[str, Any]) -> None:
    found = json.loads(office.outcome.out)
    assert office.outcome.code == 1
    assert [finding["entry"] for finding in found["findings"]] == [letter["seq"]]


@then(parsers.parse("the answer is no, and the drawing of page {page:d} is named"))
def _drawing_named(office: Office, page: int) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["differences"]) == (1, [])
    assert found["reasons"] == [f"The file was altered: the words on page {page} agree, the drawing differs."]


@then("it is sound, and ends with the same seal")
def _replayed(office: Office) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["sound"]) == (0, True)
    assert found["head"]["hash"] == office.journal()[-1]["hash"]


@then("its entry is in the journal as printed, with both names and the seal")
def _entry_as_printed(office: Office, way: dict[str, Any]) -> None:
    (answer,) = way["entries"]
    assert answer["made_by"] != answer["approved_by"]
    entry = office.journal()[answer["seq"] - 1]
    assert [answer[name] for name in _SEALED] == [entry[name] for name in _SEALED]
    assert way["seal"]["head"] == office.journal()[-1]["hash"]


@then("what was used, what is unspent and what is available add up to it")
def _adds_up(way: dict[str, Any]) -> None:
    used = sum(step["cents"] for step in way["used"])
    unspent = sum(each["unspent"] for each in way["activities"])
    assert used > 0
    assert used + unspent + way["available"] == way["cents"] == way["bank"]["usd"]


@then("every step of its way is a line of the journal")
def _steps_in_journal(office: Office, way: dict[str, Any]) -> None:
    journal = office.journal()
    for step in way["allocated"] + way["used"]:
        line = journal[step["entry"] - 1]["lines"][step["line"] - 1]
        assert line["agreement"] == way["given"]["agreement"]
        assert line["activity"] == step["activity"]
        assert 0 < abs(step["cents"]) <= abs(line["usd"])


@then("the donor's statement says the same of it")
def _as_stated(office: Office, way: dict[str, Any]) -> None:
    donor, to = way["given"]["donor"], way["seal"]["effective_to"]
    rows = office.asks("statement", "trace", donor, "--term", TERM, "--to", to)
    says = {row["figure"]: row["usd"] for row in rows if "usd" in row}
    assert way["statements"]
    for each in way["statements"]:
        assert says[f"{each['part']}: {each['figure']}"] == each["of"] >= each["cents"] > 0


@then("no entry that was approved was approved by the one who made it")
def _four_eyes(office: Office) -> None:
    assert all(entry["approved_by"] != entry["made_by"] for entry in office.journal())


@then("every entry that moves money was approved")
def _approved(office: Office) -> None:
    moved = [
        entry for entry in office.journal() if any(line["account"][0] in MONEY for line in entry["lines"])
    ]
    assert len(moved) > 20
    assert all(entry["approved_by"] for entry in moved)


@then(parsers.parse('the last entry reversed mirrors its original, and gives the reason "{reason}"'))
def _reversed(office: Office, reason: str) -> None:
    mirror = json.loads(office.outcome.out)[-1]
    assert mirror["payload"]["reason"] == reason
    assert_mirrors(mirror, office.journal()[mirror["reverses"] - 1])


@then("the answer is no, and that entry is named")
def _named(office: Office, changed: int) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["sound"]) == (1, False)
    assert changed in {finding["entry"] for finding in found["findings"]}


@then("the answer is no, and that entry alone is named for its time")
def _named_for_its_time(office: Office, changed: int) -> None:
    found = json.loads(office.outcome.out)
    assert office.outcome.code == 1
    (finding,) = found["findings"]
    assert finding["entry"] == changed
    assert finding["what"].startswith("it was recorded at ")


@then("the answer is no, and the entry with that evidence is named")
def _named_by_evidence(office: Office) -> None:
    found = json.loads(office.outcome.out)
    assert office.outcome.code == 1
    (named,) = {finding["entry"] for finding in found["findings"]}
    assert office.journal()[named - 1]["kind"] == "goods received"


@then("the database refuses, and the book is as before")
def _refuses(office: Office, refusal: str) -> None:
    assert "sealed" in refusal
    assert office.contents() == office.books_before


@then(parsers.parse("the row of each donor is what its statement of {year} says"))
def _rows_are_statements(office: Office, tables: dict[str, list[dict[str, str]]], year: str) -> None:
    *donors, _ = tables["funds-by-donor"]
    assert len(donors) >= 8
    for row in donors:
        period = ("--from", f"{year}-01-01", "--to", f"{year}-12-31")
        trace = office.asks("statement", "trace", row["Code"], "--term", TERM, *period)
        # A figure without lines is left out: it is zero.
        said = Counter({figure["figure"]: figure["usd"] for figure in trace if "usd" in figure})
        assert _cents(row["Opening balance"]) == said["1 Source of funds: opening balance"]
        assert -_cents(row["Used"]) == said["2 Use of funds: used in all"]
        left = said["3 Balance: available"] + said["3 Balance: allocated"]
        assert _cents(row["Closing balance"]) == left


@then("the donors' use and balances are those of the trial balance")
def _sums_are_accounts(office: Office, tables: dict[str, list[dict[str, str]]]) -> None:
    stands = Counter[str]()
    for row in office.asks("report", "trial-balance", "--term", TERM, "--to", "2022-12-31"):
        stands[row["account"][:2]] += (row["debit"] or 0) - (row["credit"] or 0)
        stands[row["account"][:4]] += (row["debit"] or 0) - (row["credit"] or 0)
    total = tables["funds-by-donor"][-1]
    used = stands["31"] + stands["3900"]
    assert -_cents(total["Used"]) == used > 0
    assert _cents(total["Closing balance"]) == -(stands["2200"] + stands["2300"] + used)


@then("the use by activity and by category is the same use")
def _same_use(tables: dict[str, list[dict[str, str]]]) -> None:
    used = -_cents(tables["funds-by-donor"][-1]["Used"])
    assert _cents(tables["funds-by-activity"][-1]["Used: 2022"]) == used
    assert _cents(tables["use-by-category"][-1]["2022"]) == used


def _cents(amount: str) -> int:
    """A plain decimal, as CSV has it, in cents."""
    return int(Decimal(amount).scaleb(2))


# ---- evidence, checkpoints, and the doctor


@pytest.fixture
def zips() -> list[bytes]:
    """The files of evidence that the auditor took."""
    return []


@when(parsers.parse('the auditor takes the evidence of a sample of {count:d} entries, drawn with "{seed}"'))
def _take_sample(office: Office, zips: list[bytes], count: int, seed: str) -> None:
    out = office.folder / f"sample-{len(zips)}.zip"
    answer = office.does(AUDITOR, "evidence", "zip", "--sample", count, "--seed", seed, "--out", out)
    assert answer.code == 0, answer.err
    zips.append(out.read_bytes())


@then(
    parsers.parse(
        "the zip has a folder for each of {count:d} entries, and each file has the SHA-256 of the index"
    )
)
def _zip_is_whole(zips: list[bytes], count: int) -> None:
    with zipfile.ZipFile(BytesIO(zips[-1])) as made:
        index = csv.DictReader(StringIO(made.read("index.csv").decode("utf-8-sig"), newline=""))
        rows = {row["path"]: row for row in index}
        files = set(made.namelist()) - {"index.csv"}
        assert files == rows.keys()
        assert all(sha256(made.read(path)).hexdigest() == rows[path]["sha256"] for path in files)
    assert len({path.partition("/")[0] for path in files}) == count


@then("it is the same file")
def _same_file(zips: list[bytes]) -> None:
    assert zips[-1] == zips[-2]


@when(parsers.parse('the auditor saves the evidence of the last entry "{kind}"'))
def _save_evidence(office: Office, kind: str) -> None:
    (entry,) = office.asks("entry", "list", "--kind", kind, "--last", 1)
    office.does(AUDITOR, "evidence", "save", "--entry", entry["seq"], "--out", office.folder / "saved")


@then("no file was written")
def _nothing_written(office: Office) -> None:
    assert not (office.folder / "saved").exists()


@given(parsers.parse("the auditor has a checkpoint in {file}"))
def _has_checkpoint(office: Office, file: str) -> None:
    office.asks("audit", "keygen", "--out", office.folder / "signer.pem")
    _checkpoint(office, file)
    assert office.outcome.code == 0, office.outcome.err


@when(parsers.parse("the auditor takes a checkpoint into {file} again"))
def _checkpoint(office: Office, file: str) -> None:
    key, out = office.folder / "signer.pem", office.folder / file
    office.does(AUDITOR, "audit", "checkpoint", "--key", key, "--out", out)


@when("somebody with the database drops the trigger that seals entries")
def _drop_trigger(office: Office) -> None:
    with closing(sqlite3.connect(office.book)) as books, books:
        books.execute("DROP TRIGGER seal_entry")


@when("the auditor asks the doctor")
def _ask_doctor(office: Office) -> None:
    office.does(AUDITOR, "doctor", "--json")


@then("the answer is no, and the doctor names protection")
def _names_protection(office: Office) -> None:
    assert office.outcome.code == 1
    must = {line["topic"] for line in json.loads(office.outcome.out) if line["state"] == "do"}
    assert "protection" in must


# ---- backups


@given(parsers.parse("a plain copy of the book, which lacks the {count:d} newest entries"))
def _plain_copy(office: Office, count: int) -> None:
    shutil.copyfile(office.book, office.folder / "copy.book")
    for number in range(count):
        office.asks(
            "donor", "add", f"NEW-{number}", "--name", "Example", "--type", "city", "--country", "KOR"
        )


@given("the finance office backed up the book")
def _backed_up(office: Office) -> None:
    office.asks("backup", office.folder / "daily.backup")


@when("the auditor verifies the copy")
def _verify_copy(office: Office) -> None:
    office.does(AUDITOR, "--book", office.folder / "copy.book", "audit", "verify", "--json")


@when(parsers.re("the auditor compares the (?P<which>copy|book) with the backup"))
def _compare(office: Office, which: str) -> None:
    book = office.book if which == "book" else office.folder / "copy.book"
    backup = office.folder / "daily.backup"
    office.does(AUDITOR, "--book", book, "audit", "verify", "--backup", backup, "--json")


@when("the auditor replays the backup from its events")
def _replay_backup(office: Office) -> None:
    office.does(AUDITOR, "--book", office.folder / "daily.backup", "audit", "replay", "--json")


@when(parsers.re("somebody restores the (?P<which>copy|backup) in another place"))
def _restore_elsewhere(office: Office, which: str) -> None:
    file = office.folder / ("copy.book" if which == "copy" else "daily.backup")
    office.does(AUDITOR, "--book", office.folder / "elsewhere.book", "restore", file)


@when("somebody who owns the backup changes it")
def _change_backup(office: Office) -> None:
    with unsealed(office.folder / "daily.backup") as books:
        books.execute("UPDATE entry SET made_by = 'nobody' WHERE seq = 3")


@then("it is sound, but for the entries that nobody can miss")
def _sound_and_shorter(office: Office) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["sound"]) == (0, True)
    assert found["entries"] < office.journal()[-1]["seq"]


@then(parsers.parse("the answer is no, and the {count:d} entries are named"))
def _missing_entries(office: Office, count: int) -> None:
    found = json.loads(office.outcome.out)
    last = office.journal()[-1]["seq"]
    assert office.outcome.code == 1
    assert [each["entry"] for each in found["findings"]] == list(range(last - count + 1, last + 1))
    assert all("is missing" in each["what"] for each in found["findings"])


@then("it is sound, as it was when the backup was taken")
def _sound_as_before(office: Office) -> None:
    assert (office.outcome.code, json.loads(office.outcome.out)["sound"]) == (0, True)


@then("nothing is in the other place")
def _nothing_elsewhere(office: Office) -> None:
    assert [path.name for path in office.folder.iterdir() if path.name.startswith(("elsewhere", "."))] == []


# ---- exports and strangers

FORGERIES: dict[str, tuple[str, Callable[[Any], None] | None]] = {
    "the approval of an entry": ("entry", lambda entry: entry.update(approved_by="")),
    "the donor of a pledge": ("lines", lambda lines: lines[0].update(donor="")),
    "the rule of a second person": ("rules", lambda rules: _weaken(rules["kinds"])),
    "a file of evidence": ("content", None),
}
"""What is forged in an export: the field of the first record that has it, and the change of it."""


def _weaken(kinds: list[dict[str, Any]]) -> None:
    next(kind for kind in kinds if kind["kind"] == "grant committed")["second_person"] = False


@given(parsers.parse("a gift of {donor} waits for the director"), target_fixture="gift")
def _gift_waits(office: Office, donor: str) -> int:
    words = ("contribution", "receive", "G-2023-009", "--donor", donor, "--term", TERM, "--bank", "BANK-USD")
    answer = office.asks(*words, "--amount", "USD 75,000", "--on", "2023-01-16")
    assert answer["status"] == "waiting"
    return int(answer["id"])


@given(parsers.parse('the finance office knows "{name}" at {donor}'))
def _knows(office: Office, name: str, donor: str) -> None:
    office.does(OFFICER, "donor", "contact", donor, "--name", name)
    assert office.outcome.code == 0, office.outcome.err


@when("the auditor exports the book", target_fixture="export")
def _export(office: Office) -> Path:
    return _exported(office)


@when("the auditor exports the book with contacts", target_fixture="export")
def _export_with_contacts(office: Office) -> Path:
    return _exported(office, "--with-contacts")


def _exported(office: Office, *words: str) -> Path:
    out = office.folder / f"{office.number('export')}.jsonl"
    office.does(AUDITOR, "audit", "export", "--out", out, *words)
    assert office.outcome.code == 0, office.outcome.err
    return out


@when(parsers.parse("somebody forges {what} in the export, and seals it again"))
def _forge_export(export: Path, what: str) -> None:
    records = records_of(export.read_text("utf-8"))
    field, change = FORGERIES[what]
    if change is None:
        wrong = next(each for each in records if field in each)
        wrong[field] = b64encode(b"another file").decode()
    else:
        change(next(each[field] for each in records if each.get(field)))
    export.write_text(lines_of_records(resealed(records)), encoding="utf-8")


@when("a stranger judges the export by the published rules", target_fixture="judged")
def _judge(export: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(export), str(PUBLISHED)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@when("somebody rebuilds a book from the export")
def _rebuild(office: Office, export: Path) -> None:
    office.does(AUDITOR, "--book", office.folder / "elsewhere.book", "audit", "rebuild", export)


@then("the stranger finds it sound, with the seal of the book")
def _stranger_finds_sound(office: Office, judged: subprocess.CompletedProcess[str]) -> None:
    last = office.journal()[-1]
    assert (judged.returncode, judged.stderr) == (0, "")
    assert judged.stdout.startswith(f"sound: {last['seq']} entries, head {last['hash']}\n")
    assert judged.stdout.endswith(", as published\n")


@then(parsers.parse('the stranger names the line: "{why}"'))
def _stranger_names(judged: subprocess.CompletedProcess[str], why: str) -> None:
    assert (judged.returncode, judged.stdout) == (1, "")
    assert re.fullmatch(rf"line \d+: {re.escape(why)}.*\n", judged.stderr)


@then("the new book has the same entries, and the gift waits there")
def _new_book(office: Office, gift: int) -> None:
    assert office.outcome.code == 0, office.outcome.err
    there = ("--book", office.folder / "elsewhere.book")
    assert office.asks(*there, "entry", "list", "--last", 1_000_000) == office.journal()
    assert [each["id"] for each in office.asks(*there, "proposal", "list")] == [gift]


@then(parsers.parse('the export has no "{name}"'))
def _without_name(export: Path, name: str) -> None:
    assert name not in export.read_text("utf-8")


@then(parsers.parse('the export has "{name}", and the command says that it holds personal data'))
def _with_name(office: Office, export: Path, name: str) -> None:
    assert name in export.read_text("utf-8")
    assert f"{export} holds personal data" in office.outcome.err
