"""The demo: that it tells the truth, on two screens, and makes the same book every time."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from allocation import activities, read_plan
from donors import (
    DonorType,
    agreements,
    bank_accounts,
    contributions,
    donors,
    in_kind_gifts,
    open_pledges,
)
from ledger import AsOf, Book, get_entry, head, lines_of, periods, usd
from mdfm.books import open_at
from mdfm.cli.app import app
from mdfm.example import story
from mdfm.example.demo import play
from reports import build_fund_summary, build_statement, build_trial_balance
from tests.support.example_demo import FOLDER, WIDTH, Demo
from tests.support.small_books import dump

LANGUAGES_OF_DONORS = ("en", "fr", "es")
LINES_OF_TWO_SCREENS = 48
FILES = ("mdfm.book", "plan.json", "scenario.toml", "trial-balance.pdf")


@pytest.fixture(scope="module")
def book(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """The demo's book, to be read."""
    opened = open_at(str(demo.copy(tmp_path_factory.mktemp("book") / "copy.book")))
    yield opened
    opened.close()


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# ---- what it says


def test_it_fits_on_two_screens(demo: Demo) -> None:
    lines = demo.told.splitlines()
    assert len(lines) <= LINES_OF_TWO_SCREENS
    assert max(map(len, lines)) <= WIDTH


def test_the_four_users_speak(demo: Demo) -> None:
    for who in ("Finance officer", "Planner", "Director", "Donors", "Auditor"):
        assert f"\n{who} " in demo.told


def test_it_ends_with_the_files_to_open(demo: Demo) -> None:
    _, _, end = demo.told.partition("\nOpen:\n")
    listed, _, _ = end.partition("Documents of January 2023")
    papers = [demo.folder.parent / line.strip() for line in listed.splitlines()]
    assert len(papers) > 4
    assert all(paper.stat().st_size > 0 for paper in papers)


def test_it_makes_a_statement_for_every_donor_in_three_languages(demo: Demo, book: Book) -> None:
    with book.reading() as books:
        codes = [donor.code for donor in donors(books)]
    expected = {f"{code}-{language}.pdf" for code in codes for language in LANGUAGES_OF_DONORS}
    assert {path.name for path in (demo.folder / "statements").iterdir()} == expected
    assert len(expected) == 30
    for name in (*FILES, *(f"fund-overview-{language}.pdf" for language in LANGUAGES_OF_DONORS)):
        assert (demo.folder / name).is_file()


def test_what_it_says_is_what_the_book_says(demo: Demo, book: Book) -> None:
    told = " ".join(demo.told.split())
    with book.reading() as books:
        fund = build_fund_summary(books, story.TERM, AsOf.now(books, story.YEAR_END))
        now = head(books)
    for figure in (fund.used, fund.used + fund.allocated, fund.committed, fund.target, fund.in_kind):
        assert usd(figure) in told
    assert fund.used + fund.allocated + fund.available == fund.received
    assert f"{now.seq} entries" in told
    assert f"Head {now.hash[:16]}." in told


# ---- what it plays


def test_it_has_donors_of_every_type_named_as_examples(book: Book) -> None:
    with book.reading() as books:
        found = donors(books)
    assert len(found) >= 8
    assert {donor.type for donor in found} == set(get_args(DonorType))
    assert all("xample" in donor.name or "jempl" in donor.name or "exemple" in donor.name for donor in found)


def test_more_than_a_million_dollars_arrives_in_three_currencies(book: Book) -> None:
    with book.reading() as books:
        arrived = contributions(books)
        accounts = {account.currency for account in bank_accounts(books)}
        fund = build_fund_summary(books, story.TERM, AsOf.now(books, story.YEAR_END))
    assert accounts == {each.amount.currency for each in arrived} == {"USD", "EUR", "KRW"}
    assert fund.received > fund.target == 1_000_000_00


def test_there_is_in_kind_of_every_sort_an_earmark_of_one_activity_and_a_pledge_that_never_arrives(
    book: Book,
) -> None:
    with book.reading() as books:
        assert {gift.form for gift in in_kind_gifts(books)} == {"goods", "hosting", "secondment"}
        assert "tightly" in {signed.earmark.level for signed in agreements(books)}
        assert [pledge.donor for pledge in open_pledges(books)] == ["CITY-C"]
        assert all(each.agreement != "A-CITY-C" for each in contributions(books))


def test_years_are_closed_and_one_entry_is_reversed(book: Book) -> None:
    with book.reading() as books:
        assert periods(books) == [("2021", "closed"), ("2022", "closed")]
        entries = [get_entry(books, seq) for seq in range(1, head(books).seq + 1)]
    (mirror,) = [entry for entry in entries if entry.reverses]
    assert mirror.kind == "entry reversed"
    assert entries[mirror.reverses - 1].kind == "expenditure reported"


# ---- the plan


def test_the_plan_is_proved_and_paid_to_the_cent(demo: Demo, book: Book) -> None:
    plan, _ = read_plan(demo.folder / "plan.json")
    assert plan.proved
    assert plan.value == plan.bound > 0
    assert all(sum(flow.cents for flow in award.flows) == award.cents for award in plan.awards)
    assert sum(award.cents for award in plan.awards) == plan.awarded <= plan.available
    assert plan.awarded + sum(each.cents for each in plan.not_funded) == 2_750_000_00
    booked = Counter[tuple[str, str]]()
    with book.reading() as books:
        (approved,) = (
            seq for seq in range(1, head(books).seq + 1) if get_entry(books, seq).kind == "plan approved"
        )
        for line in lines_of(books, approved):
            if line.account == "2300":
                booked[line.activity, line.agreement] -= line.usd
    assert booked == {
        (award.activity, flow.agreement): flow.cents for award in plan.awards for flow in award.flows
    }


def test_the_floors_are_met_by_the_cities_themselves(demo: Demo, book: Book) -> None:
    plan, _ = read_plan(demo.folder / "plan.json")
    with book.reading() as books:
        cities = {each.code: each.cities for each in activities(books, story.TERM)}
    in_africa = sum(
        award.cents * Fraction(sum(city.region == "Africa" for city in reached), len(reached))
        for award in plan.awards
        if (reached := cities[award.activity])
    )
    floors = {rule.id: rule for rule in plan.rules if rule.sense == "floor"}
    assert floors.keys() == {"africa", "low-income"}
    assert all(rule.reached >= rule.bound for rule in floors.values())
    assert in_africa >= floors["africa"].reached >= plan.awarded * Fraction(45, 100)


# ---- the money


def test_what_donors_are_told_adds_up_to_what_the_fund_used(book: Book) -> None:
    with book.reading() as books:
        as_of = AsOf.now(books, story.YEAR_END)
        told = [build_statement(books, donor.code, story.TERM, as_of).used.cents for donor in donors(books)]
        fund = build_fund_summary(books, story.TERM, as_of)
        rows = build_trial_balance(books, as_of, story.TERM).rows
    assert sum(told) == fund.used == sum(row.usd for row in rows if row.account.startswith("31")) > 0


def test_the_book_is_sound(demo: Demo, tmp_path: Path) -> None:
    place = demo.copy(tmp_path / "copy.book")
    for check in ("verify", "replay"):
        result = CliRunner().invoke(app, ["--book", str(place), "audit", check, "--json"])
        assert (result.exit_code, json.loads(result.stdout)["sound"]) == (0, True)


# ---- again, and interrupted


def test_a_second_run_over_the_same_folder_is_refused_and_changes_nothing(demo: Demo, tmp_path: Path) -> None:
    folder = shutil.copytree(demo.folder, tmp_path / FOLDER)
    before = digests(folder)
    result = CliRunner().invoke(app, ["demo", "--out", str(folder)])
    assert result.exit_code == 2
    assert result.stderr == (
        f"There is a book in {folder} already: choose another folder, or remove it first.\n"
    )
    assert digests(folder) == before


def test_two_runs_make_the_same_plan_the_same_book_and_the_same_papers(demo: Demo, tmp_path: Path) -> None:
    play(tmp_path / FOLDER, lambda _who, _what: None)
    again, before = digests(tmp_path / FOLDER), digests(demo.folder)
    assert again["plan.json"] == before["plan.json"]
    del again["mdfm.book"], before["mdfm.book"]
    assert again == before
    assert dump(str(tmp_path / FOLDER / "mdfm.book")) == dump(str(demo.book))


def interrupt(_who: str, _what: str) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_demo_leaves_no_folder_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        play(tmp_path / FOLDER, interrupt)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_demo_leaves_nothing_in_a_folder_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        play(tmp_path, interrupt)
    assert digests(tmp_path).keys() == {"mine.txt"}
