"""`mdfm proposal` over proposals that are decided together: one row, one decision, each to be seen."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger import propose_many
from mdfm.books import open_at
from tests.mdfm.cli.test_cli import Desk
from tests.support.small_books import CHECKER, DEC, gift, tell

GIFTS = [gift(f"G-{number}", 100 * number, "USD" if number % 2 else "EUR", on=DEC) for number in range(1, 13)]
WORTH = [{"currency": "EUR", "minor": 42_00}, {"currency": "USD", "minor": 36_00}]


@pytest.fixture
def desk(played_template: Path, tmp_path: Path) -> Desk:
    """A desk at the played book, in which proposal 1 waits by itself and 2 to 13 together."""
    desk = Desk.at(played_template, tmp_path)
    book = open_at(str(desk.book))
    with book.recording() as journal:
        propose_many(journal, GIFTS, "Ana")
    book.close()
    return desk


def test_they_stand_in_one_row_with_what_they_come_to(desk: Desk) -> None:
    single, many = desk.json("proposal", "list")
    assert (single["id"], single["batch"]) == (1, 0)
    assert (many["id"], many["proposals"], many["kind"], many["worth"], many["status"]) == (
        2,
        12,
        "contribution received x 12",
        WORTH,
        "waiting",
    )
    shown = desk("proposal", "list").stdout
    assert "contribution received x 12" in shown
    assert "42.00 EUR; 36.00 USD" in shown


def test_they_are_shown_in_short_and_each_of_them_where_that_is_asked_for(desk: Desk) -> None:
    last = desk.last()
    short = desk("proposal", "show", 2)
    assert "2 to 13, decided together" in short.stdout
    assert ("G-10" in short.stdout, "G-11" in short.stdout) == (True, False)
    assert short.stderr == "The first 10 of 12 are shown: see all of them with --all.\n"
    assert "G-12" in desk("proposal", "show", 2, "--all").stdout
    assert [row["id"] for row in desk.json("proposal", "show", 2, "--all")["rows"]] == list(range(2, 14))
    other = desk("proposal", "show", 5)
    assert other.stdout == short.stdout
    assert "Proposal 5 is decided together with proposals 2 to 13: all 12 are shown." in other.stderr
    assert desk.last() == last


def test_what_the_books_would_refuse_now_is_told_with_its_proposal(desk: Desk) -> None:
    book = open_at(str(desk.book))
    tell(book, GIFTS[3], gift("G-7", 1, on=DEC))
    book.close()
    shown = desk("proposal", "show", 2)
    assert "Proposal 5: what it asks for is recorded already" in shown.stderr
    refusals = desk.json("proposal", "show", 2)["refusals"]
    assert [number for number, _ in refusals] == [5, 8]
    last = desk.last()
    assert "is recorded already: reject the proposals" in desk.refused(
        "proposal", "approve", 2, "--by", "Ben"
    )
    assert desk.last() == last


@pytest.mark.parametrize("numbers", [(2,), (7,), (2, 7, 13)])
def test_any_of_their_numbers_approves_all_of_them_once(desk: Desk, numbers: tuple[int, ...]) -> None:
    last = desk.last()
    made = desk.json("proposal", "approve", *numbers, "--by", "Ben")
    assert made == {
        "proposal": 2,
        "proposals": 12,
        "kind": "contribution received x 12",
        "decided_by": "Ben",
        "first_entry": last + 1,
        "last_entry": last + 12,
        "status": "approved",
    }
    assert desk.last() == last + 12
    assert [each["id"] for each in desk.json("proposal", "list")] == [1]
    shown = desk("proposal", "show", 2).stdout
    assert f"approved by Ben, entries {last + 1} to {last + 12}" in shown


def test_what_else_is_approved_is_said(desk: Desk) -> None:
    last = desk.last()
    said = desk("proposal", "approve", 7, "--by", "Ben").stderr.splitlines()
    assert said == [
        "Proposal 7 is decided together with proposals 2 to 13: all 12 are approved.",
        f"Entries {last + 1} to {last + 12} are in the books: contribution received x 12.",
    ]


def test_they_and_single_ones_are_approved_together_or_not_at_all(desk: Desk) -> None:
    last = desk.last()
    refused = desk.refused("proposal", "approve", 2, 1, "--by", "Ana")
    assert (desk.last(), "cannot approve this too" in refused) == (last, True)
    single, many = desk.json("proposal", "approve", 1, 2, "--by", CHECKER)
    assert (single["seq"], many["first_entry"], many["last_entry"]) == (last + 1, last + 2, last + 13)


def test_they_are_rejected_together(desk: Desk) -> None:
    result = desk("proposal", "reject", 9, "--by", "Ben")
    assert result.stdout == "Proposals 2 to 13 are rejected.\n"
    assert result.stderr == "Proposal 9 is decided together with proposals 2 to 13: all 12 are rejected.\n"
    assert [each["id"] for each in desk.json("proposal", "list")] == [1]
    (decided,) = [each for each in desk.json("proposal", "list", "--all") if each["id"] == 2]
    assert (decided["status"], decided["decided_by"]) == ("rejected", "Ben")


def test_when_a_proposal_was_made_is_shown_to_the_minute(desk: Desk) -> None:
    for number in (1, 2):
        shown = desk("proposal", "show", number).stdout
        assert re.search(r"^Made by +[^,]+, \d{4}-\d\d-\d\d \d\d:\d\d UTC *$", shown, re.MULTILINE)


@pytest.mark.parametrize("payload", ["{", "[]", "{}"])
def test_one_that_cannot_be_read_hides_no_other(desk: Desk, payload: str) -> None:
    with closing(sqlite3.connect(desk.book)) as db:
        db.execute(
            "INSERT INTO proposal SELECT 14, kind, version, ?, made_by, made_at, status, '', 0, 0 "
            "FROM proposal WHERE id = 1",
            (payload,),
        )
        db.commit()
    shown = desk("proposal", "list")
    assert "cannot be read" in " ".join(shown.stdout.split())
    assert [row["id"] for row in desk.json("proposal", "list")] == [1, 2, 14]
    one = desk("proposal", "show", 14)
    assert "cannot be read" in " ".join(one.stdout.split())
    found = desk("audit", "verify", code=1)
    assert "proposal 14 cannot be read" in " ".join((found.stdout + found.stderr).split())
