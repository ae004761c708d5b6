"""The auditor's job: to check the whole book without trusting anybody."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest
from pytest_bdd import parsers, scenarios, then, when

from tests.example_demo import Demo
from tests.steps.office import Office, assert_mirrors
from tests.tampering import unsealed

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

MONEY = ("1", "2", "3")
"""First digits of the accounts that hold money, not memoranda."""


@pytest.fixture
def proof(demo: Demo) -> dict[str, str]:
    """The example's evidence: each file's name and SHA-256."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in (demo.folder / "evidence").iterdir()}


# ---- what the auditor does


@when("the auditor verifies the book")
def _verify(office: Office) -> None:
    office.does(AUDITOR, "audit", "verify", "--json")


@when("the auditor replays the book from its events")
def _replay(office: Office) -> None:
    office.does(AUDITOR, "audit", "replay", "--json")


@when("the auditor looks for what was reversed")
def _look(office: Office) -> None:
    office.does(AUDITOR, "entry", "list", "--kind", "entry reversed", "--json")


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


@when(parsers.parse('somebody who owns the file exchanges the evidence "{file}"'))
def _exchange(office: Office, proof: dict[str, str], file: str) -> None:
    with unsealed(office.book) as books:
        changed = books.execute("UPDATE evidence SET content = x'00' WHERE sha256 = ?", (proof[file],))
        assert changed.rowcount == 1


@when("somebody who owns the file adds a dollar to what is available")
def _add(office: Office) -> None:
    with unsealed(office.book) as books:
        change = "amount = amount - 100, usd = usd - 100"
        assert books.execute(f"UPDATE balance SET {change} WHERE account = '2200'").rowcount > 0


@when(parsers.parse("somebody with the database tries to {change}"), target_fixture="refusal")
def _try(office: Office, change: str) -> str:
    office.books_before = office.contents()
    with closing(sqlite3.connect(office.book)) as books, books, pytest.raises(sqlite3.IntegrityError) as told:
        books.execute(change)
    return str(told.value)


# ---- what came of it


@then(parsers.parse("it is sound, with {number:d} pieces of evidence and the plan"))
def _sound(office: Office, number: int) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["sound"], found["findings"]) == (0, True, [])
    assert found["evidence"] == number + 1
    assert found["entries"] == found["head"]["seq"] == len(office.journal())


@then("it is sound, and ends with the same seal")
def _replayed(office: Office) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["sound"]) == (0, True)
    assert found["head"]["hash"] == office.journal()[-1]["hash"]


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
