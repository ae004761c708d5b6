"""An auditor of a damaged book: what is damaged is named, and everything else can still be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mdfm.cli.test_cli import Desk
from tests.support.tampering import unsealed

PAYLOADS = [
    "{",
    "",
    "null",
    "NaN",
    "[" * 3000,
    '{"a":' * 900 + "1" + "}" * 900,
    '{"on":"2022-01-01"}',
    '{"a":1e400}',
    '{"a":"\\ud800"}',
    "9" * 5000,
]


@pytest.fixture
def desk(played_template: Path, tmp_path: Path) -> Desk:
    return Desk.at(played_template, tmp_path)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_that_cannot_be_read_hides_no_other_entry(desk: Desk, payload: str) -> None:
    last = desk.last()
    with unsealed(desk.book) as books:
        books.execute("UPDATE entry SET payload = ? WHERE seq = ?", (payload, last))
    listed = desk("entry", "list", "--last", 3)
    assert f"Entry {last} is damaged: see it with mdfm entry show {last}\n" in listed.stderr
    assert [row.split()[0] for row in listed.stdout.splitlines()[2:] if row.split()[0].isdigit()] == [
        str(last - 2),
        str(last - 1),
        str(last),
    ]
    rows = desk.json("entry", "list", "--last", 3)
    assert [row["seq"] for row in rows] == [last - 2, last - 1, last]
    assert ["fault" in row for row in rows] == [False, False, True]
    shown = desk("entry", "show", last)
    assert "The payload of this event cannot be read." in shown.stdout
    assert rows[-1]["hash"] in shown.stdout
    assert f"Entry {last} is damaged: " in shown.stderr
    row = desk.json("entry", "show", last)
    assert payload in (row["payload"], '{"on":"2022-01-01"}')
    assert row["fault"]
    assert desk("evidence", "list").stdout
    desk("audit", "export", "--out", desk.folder / "damaged.jsonl")


def test_a_payload_in_another_form_is_told_from_the_one_that_was_sealed(desk: Desk) -> None:
    last = desk.last()
    with unsealed(desk.book) as books:
        books.execute("UPDATE entry SET payload = payload || ' ' WHERE seq = ?", (last,))
    assert "the payload is not canonical JSON" in desk("entry", "show", last).stderr
    assert desk.json("entry", "show", last)["payload"].endswith("} ")


def test_an_entry_that_is_gone_hides_no_other(desk: Desk) -> None:
    last = desk.last()
    with unsealed(desk.book) as books:
        books.execute("DELETE FROM entry WHERE seq = ?", (last - 1,))
    assert [row["seq"] for row in desk.json("entry", "list", "--last", 2)] == [last - 2, last]


def test_lines_of_no_account_and_of_no_currency_are_shown_as_they_are(desk: Desk) -> None:
    with unsealed(desk.book) as books:
        (entry,) = books.execute("SELECT max(entry) FROM line").fetchone()
        books.execute("UPDATE line SET account = '9999', currency = 'xx' WHERE entry = ?", (entry,))
    shown = desk("entry", "show", entry)
    assert "9999 (damaged)" in shown.stdout
    assert "xx (damaged)" in shown.stdout


def test_a_proposal_that_cannot_be_read_is_listed_and_shown(desk: Desk) -> None:
    with unsealed(desk.book) as books:
        books.execute("UPDATE proposal SET payload = '{' WHERE id = 1")
    rows = desk.json("proposal", "list", "--all")
    assert rows[0]["payload"] == "{"
    assert rows[0]["fault"]
    assert "cannot be read" in desk("proposal", "show", 1).stdout
    desk("proposal", "list", "--all")
