"""What this version must show, each claim of it a test, on the demo's book and by the command line.

The fresh clone is proved by the build server, lint and the import order by `make lint` and
`tests/test_structure.py`; how the demo tells its story by `tests/mdfm/example/test_demo.py`.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ledger import CHART
from mdfm.cli.app import app
from tests.support.example_demo import Demo
from tests.support.tampering import unsealed

AT_YEAR_END = ("--term", "2021-2023", "--to", "2022-12-31")


@pytest.fixture
def place(demo: Demo, tmp_path: Path) -> Path:
    """The demo's book, for a test to read or to change."""
    return demo.copy(tmp_path / "mdfm.book")


def call(place: Path, *words: str, code: int = 0) -> str:
    """What a command prints on standard output."""
    result = CliRunner().invoke(app, ["--book", str(place), *words])
    assert result.exit_code == code, result.output
    return result.stdout


def ask(place: Path, *words: str, code: int = 0) -> Any:
    return json.loads(call(place, *words, "--json", code=code))


def amounts(row: str) -> list[int]:
    """Every amount in a row of a table, in cents."""
    return [int(re.sub(r"[,.]", "", amount)) for amount in re.findall(r"-?[\d,]+\.\d\d\b", row)]


# ---- plan show: awards add up to the flows, the floors are met, the bound equals the value


@pytest.fixture(scope="module")
def shown(demo: Demo) -> Sequence[str]:
    """The lines that `mdfm plan show` prints."""
    return call(demo.book, "plan", "show", str(demo.folder / "plan.json")).splitlines()


def part(shown: Sequence[str], title: str) -> list[str]:
    """The rows of one table, its totals at the end."""
    starts = next(number for number, line in enumerate(shown) if line.strip() == title)
    rows = []
    for line in shown[starts + 3 :]:
        if line.strip() and not line.startswith(" "):
            break
        rows.append(line)
    titles = ("Awards", "Whose money", "Rules", "How good it is", "Not funded")
    ends = next((number for number, line in enumerate(rows) if line.strip() in titles), len(rows))
    return [row for row in rows[:ends] if row.strip()]


def test_awards_in_cents_add_up_to_the_flows(shown: Sequence[str]) -> None:
    *rows, total = part(shown, "Awards")
    awards, flows = [], []
    for row in rows:
        *award, flow = amounts(row)
        awards += award
        flows.append(flow)
    assert amounts(total) == [sum(awards), sum(flows)]
    assert sum(awards) == sum(flows) > 1_000_000_00
    *money, given = part(shown, "Whose money")
    assert amounts(given) == [sum(flows)] == [sum(cents for row in money for cents in amounts(row))]


def test_the_africa_and_low_income_floors_are_met(shown: Sequence[str]) -> None:
    floors = {row.split()[0]: amounts(row) for row in part(shown, "Rules") if "at least" in row}
    assert floors.keys() == {"africa", "low-income"}
    assert all(reached >= bound > 0 for bound, reached in floors.values())


def test_the_bound_equals_the_value(shown: Sequence[str]) -> None:
    tiers = [row.split() for row in part(shown, "How good it is")]
    assert tiers[0][0] == "value"
    assert all(value == bound and proved == "proved" for _, value, bound, proved in tiers)


# ---- the use of funds, and each cent of a statement in the journal


def test_the_sum_of_all_donors_use_equals_the_funds_use(place: Path) -> None:
    used = {}
    for donor in ask(place, "donor", "list"):
        trace = ask(place, "statement", "trace", donor["code"], *AT_YEAR_END)
        used[donor["code"]] = sum(
            row["usd"] for row in trace if row["figure"] == "2 Use of funds: used in all"
        )
    assert len(used) >= 8
    assert sum(used.values()) == ask(place, "report", "overview", *AT_YEAR_END)["fund"]["used"] > 0


def test_each_cent_of_a_statement_is_found_again_in_the_journal(place: Path) -> None:
    trace = ask(place, "statement", "trace", "GOV-A", *AT_YEAR_END, "--figure", "used in all")
    (figure, *lines) = trace
    found = 0
    for row in lines:
        line = ask(place, "entry", "show", str(row["entry"]))["lines"][row["line"] - 1]
        assert line["agreement"] == "A-GOV-A"
        assert line["account"] == row["account"]
        found += line["usd"]
    assert found == figure["usd"] > 0


# ---- the trial balance: assets = liabilities - use, and no revenue account


def test_assets_are_liabilities_less_use(place: Path) -> None:
    stands = dict.fromkeys("1239", 0)
    for row in ask(place, "report", "trial-balance", *AT_YEAR_END):
        stands[row["account"][0]] += (row["debit"] or 0) - (row["credit"] or 0)
    assert stands["1"] == -stands["2"] - stands["3"] > 0
    assert stands["9"] == 0


def test_no_revenue_account_exists(place: Path) -> None:
    with closing(sqlite3.connect(place)) as books:
        found = dict(books.execute("SELECT code, class FROM account"))
    assert found == {code: account.account_class for code, account in CHART.items()}
    assert set(found.values()) == {"asset", "liability", "use", "memo"}
    assert not any("revenue" in account.name.lower() for account in CHART.values())


@pytest.mark.parametrize("class_", ["revenue", "income", "liability"])
def test_no_revenue_account_can_be_inserted(place: Path, class_: str) -> None:
    """Not by whoever has the database, and not even with the triggers off."""
    insert = "INSERT INTO account VALUES ('4100', 'Revenue', ?, '', 0, 1)"
    with closing(sqlite3.connect(place)) as books, pytest.raises(sqlite3.IntegrityError):
        books.execute(insert, (class_,))
    with unsealed(place) as books, pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
        books.execute(insert, (class_,))


def test_no_line_can_be_booked_on_an_account_that_is_not_in_the_chart(place: Path) -> None:
    columns = "term, agreement, activity, grant_code, bank_account, donor, currency, amount, usd"
    following = "(SELECT max(seq) + 1 FROM entry)"
    line = f"INSERT INTO line SELECT {following}, no, '4100', {columns} FROM line LIMIT 1"
    with closing(sqlite3.connect(place)) as books:
        books.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY constraint failed"):
            books.execute(line)


# ---- one changed byte in the book's file


TEXTS = {
    "hash": "SELECT seq, hash FROM entry",
    "text": "SELECT seq, payload FROM entry WHERE length(payload) BETWEEN 40 AND 400",
    "key": "SELECT seq, key FROM entry",
    "moment": "SELECT seq, recorded_at || kind FROM entry",
}
"""Texts of entries as they stand in the file, each an entry's own (a hash also stands in the next entry)."""
SAMPLES = 6


@pytest.mark.parametrize("what", TEXTS)
def test_one_changed_byte_of_a_text_or_hash_is_found_and_its_entry_named(place: Path, what: str) -> None:
    """The byte is changed in the file itself, wherever the text stands: in a row or in an index."""
    with closing(sqlite3.connect(place)) as books:
        found = books.execute(TEXTS[what]).fetchall()
    whole = place.read_bytes()
    for seq, text in found[:: len(found) // SAMPLES]:
        named: set[int | None] = set()
        for match in re.finditer(re.escape(text.encode()), whole):
            changed = bytearray(whole)
            changed[match.start() + len(text) // 2] ^= 1
            place.write_bytes(changed)
            findings = {finding["entry"] for finding in ask(place, "audit", "verify", code=1)["findings"]}
            assert findings
            named |= findings
        assert seq in named
    place.write_bytes(whole)
    assert ask(place, "audit", "verify")["sound"]


@pytest.mark.parametrize("column", ["amount", "usd"])
@pytest.mark.parametrize("kind", ["contribution received", "plan approved", "expenditure reported"])
def test_one_changed_amount_is_found_and_its_entry_named(place: Path, kind: str, column: str) -> None:
    (entry,) = ask(place, "entry", "list", "--kind", kind, "--last", "1")
    with unsealed(place) as books:
        books.execute("PRAGMA ignore_check_constraints = ON")
        changed = books.execute(
            f"UPDATE line SET {column} = {column} + 1 WHERE no = 1 AND entry = ?", (entry["seq"],)
        )
        assert changed.rowcount == 1
    told = call(place, "audit", "verify", code=1)
    assert f"entry {entry['seq']}: " in told
    assert call(place, "audit", "replay", code=1)


# ---- the scenario solved twice


def test_the_scenario_solved_twice_gives_byte_identical_plan_files(
    place: Path, demo: Demo, tmp_path: Path
) -> None:
    """Over the demo's book with more money in it, so that there is something left to plan."""
    on = ("--on", "2023-01-10", "--by", "officer")
    gift = ("--bank", "BANK-USD", "--amount", "USD 400,000", "--donor", "CORP-A", "--term", "2021-2023")
    proposal = ask(place, "contribution", "receive", "R-2023-001", *gift, *on)
    ask(place, "proposal", "approve", str(proposal["id"]), "--by", "director")
    told = (demo.folder / "scenario.toml").read_text(encoding="utf-8")
    for before, now in (("2022-03-31", "2023-01-20"), ("45%", "20%"), ('must_fund = ["MDFM-1.2"]', "")):
        told = told.replace(before, now)
    scenario = tmp_path / "next.toml"
    scenario.write_text(told, encoding="utf-8")
    plans = [tmp_path / "once.json", tmp_path / "twice.json"]
    for plan in plans:
        call(place, "plan", "run", str(scenario), "--out", str(plan), "--by", "planner")
    once, twice = (plan.read_bytes() for plan in plans)
    assert once == twice
    assert json.loads(once)["awarded"] > 0
