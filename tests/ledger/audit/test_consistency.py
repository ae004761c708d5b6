"""Consistency checks: sound books have no row against them, and every one finds what it is there for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from donors import BankAccountOpened
from ledger import Book, CheckResult, consistency_checks, run_checks
from ledger.audit.consistency import ROWS_MAX
from ledger.money import LARGEST
from mdfm.books import open_at
from mdfm.cli.app import app
from tests.support.example_demo import Demo
from tests.support.small_books import LATER, NOV, file_of, gift, tell
from tests.support.tampering import unsealed

CHECKS = {check.name: check for check in consistency_checks("ledger", "donors", "allocation")}

FIRST = "no = 1 AND entry = (SELECT min(entry) FROM line)"

ATTACKS = {
    "activities_in_lines_are_planned": "DELETE FROM planned_activity",
    "agreements_are_of_registered_donors": "DELETE FROM donor",
    "agreements_in_lines_are_known": "UPDATE line SET agreement = 'NOBODY' WHERE account = '2200'",
    "allotments_are_the_sums_of_their_lines": "UPDATE allotment SET used = used + 1",
    "approved_proposals_are_their_entry": "UPDATE proposal SET status = 'approved', entry = 1",
    "assets_are_what_is_owed_less_its_use": "UPDATE balance SET amount = amount + 1 WHERE account = '1100'",
    "balances_are_the_sums_of_their_lines": "UPDATE balance SET usd = usd + 1 WHERE account = '2200'",
    "balances_stand_on_their_side": "UPDATE balance SET amount = -amount WHERE account = '1100'",
    "cash_is_in_its_accounts_currency": "UPDATE bank_account SET currency = 'CHF'",
    "closed_agreements_take_nothing": "INSERT INTO closed_agreement VALUES (1, 0, 'A1', '2021-11-10')",
    "closed_periods_stay_closed": "UPDATE period SET seq = 1",
    "currency_clearing_is_worth_nothing": "DELETE FROM line WHERE account = '1900' AND currency = 'USD'",
    "entries_add_up_to_zero": f"UPDATE line SET amount = amount + 1 WHERE {FIRST}",
    "entries_are_chained": "UPDATE entry SET prev = hash WHERE seq = 5",
    "entries_are_numbered_without_a_gap": "DELETE FROM entry WHERE seq = 5",
    "entries_are_reversed_once": "UPDATE entry SET reverses = seq WHERE reverses <> 0",
    "entries_have_the_lines_they_were_sealed_with": f"DELETE FROM line WHERE {FIRST}",
    "entries_have_two_people": "UPDATE entry SET approved_by = made_by WHERE seq = 5",
    "evidence_that_is_named_is_kept": "DELETE FROM evidence",
    "grants_in_lines_are_committed": "DELETE FROM grant_agreement",
    "issued_letters_have_their_file": "INSERT INTO issued_letter VALUES"
    " (1, 0, 'C-1', '', 'CITY', 'en', 0, 'ab', '0000', '2021-11-10')",
    "lines_are_in_a_term_that_was_opened": f"UPDATE line SET term = '2031-2033' WHERE {FIRST}",
    "lines_carry_what_their_account_requires": "UPDATE line SET agreement = '' WHERE account = '2200'",
    "lines_have_their_entry": f"UPDATE line SET entry = 9999 WHERE {FIRST}",
    "lines_in_dollars_are_worth_their_amount": "UPDATE line SET usd = usd + 1 WHERE account = '2200'",
    "memo_accounts_mirror_their_contra": "UPDATE balance SET usd = usd + 1 WHERE account = '9100'",
    "movements_are_the_sums_of_their_lines": "DELETE FROM movement WHERE account = '2200'",
    "no_more_is_used_than_allocated": "UPDATE allotment SET committed = allocated + 1 - used",
    "reversals_mirror_their_entry": "UPDATE line SET activity = 'T-2'"
    " WHERE entry = (SELECT seq FROM entry WHERE reverses <> 0) AND activity = 'T-1'",
}
"""For each check, what somebody who owns the file may do that it must find."""


def asked(book: Book) -> list[CheckResult]:
    with book.reading() as books:
        return list(run_checks(books, list(CHECKS.values())))


def rows_against(book: Book) -> dict[str, list[dict[str, str | int]]]:
    return {each.check.name: each.rows for each in asked(book) if each.found}


def attack(book: Book, change: str) -> None:
    with unsealed(Path(file_of(book))) as books:
        books.execute("PRAGMA ignore_check_constraints = ON")
        assert books.execute(change).rowcount > 0


def test_every_check_says_what_must_hold_and_why() -> None:
    assert len(CHECKS) >= 10
    assert len({check.title for check in CHECKS.values()}) == len(CHECKS)
    for check in CHECKS.values():
        assert check.why.endswith((".", ")"))
        assert not check.title.endswith(".")


def test_a_book_in_which_everything_has_happened_has_no_row_against_it(played_once: Book) -> None:
    assert rows_against(played_once) == {}


def test_the_demo_has_no_row_against_it(demo: Demo, tmp_path: Path) -> None:
    book = open_at(str(demo.copy(tmp_path / "demo.book")))
    assert rows_against(book) == {}
    book.close()


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_finds_what_it_is_there_for(played: Book, name: str) -> None:
    attack(played, ATTACKS[name])
    assert name in rows_against(played)


def test_a_row_names_the_entry(played: Book) -> None:
    attack(played, "UPDATE entry SET approved_by = made_by WHERE seq = 5")
    (row,) = rows_against(played)["entries_have_two_people"]
    assert row["entry"] == 5
    assert row["made_by"] == row["approved_by"]


def test_every_row_is_counted_and_the_first_are_kept(played: Book) -> None:
    attack(played, "UPDATE line SET usd = usd + 1 WHERE currency = 'USD'")
    numbers = " UNION ALL ".join(f"SELECT {number} AS number" for number in range(ROWS_MAX + 1))
    (check,) = [check for check in CHECKS.values() if check.name == "lines_in_dollars_are_worth_their_amount"]
    many = type(check)(check.name, check.title, check.why, numbers)
    with played.reading() as books:
        (found,) = run_checks(books, [many])
    assert found.found == ROWS_MAX + 1
    assert found.rows == [{"number": number} for number in range(ROWS_MAX)]


# ---- the command


def audit_check(book: Book, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["--book", file_of(book), "audit", "check", *options])
    return result.exit_code, result.stdout


def test_the_command_lists_what_must_hold(played_once: Book) -> None:
    code, told = audit_check(played_once)
    assert code == 0
    assert "Entries are numbered from 1 without a gap" in told
    assert "Not so" not in told


def test_the_command_shows_the_rows_and_answers_no(played: Book) -> None:
    attack(played, "DELETE FROM evidence")
    code, told = audit_check(played)
    assert code == 1
    assert "Not so: Every file that an entry names as evidence is in the book." in told
    assert "agreement signed" in told


def test_sums_beyond_what_the_database_adds_up_are_told(book: Book) -> None:
    other = BankAccountOpened(on=NOV, code="USD9", name="Another account", currency="USD")
    beside = gift("U-2", LARGEST, on=LATER).model_copy(update={"bank_account": "USD9"})
    tell(book, gift("U-1", LARGEST), other, beside)
    result = CliRunner().invoke(app, ["--book", file_of(book), "audit", "check"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "more than its database can add up (2^63): find the entry whose amount is wrong" in result.stderr


def test_the_command_tells_programs_the_same(played: Book) -> None:
    attack(played, "UPDATE entry SET approved_by = made_by WHERE seq = 5")
    code, told = audit_check(played, "--json")
    answers = {each["name"]: each for each in json.loads(told)}
    assert code == 1
    assert answers.keys() == CHECKS.keys()
    assert [name for name, each in answers.items() if each["found"]] == ["entries_have_two_people"]
    assert answers["entries_have_two_people"]["rows"][0]["entry"] == 5
