"""Every kind of event as its approver sees it: money in its currency, percents, names, and no bare hash."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from donors import DonorAmended, RefundAgreed
from ledger import Amount, Event, attach, format_minor, get_entry, head, propose, propose_many, undescribed
from mdfm.books import ALL_KINDS, create, open_at
from mdfm.cli.app import app
from mdfm.cli.descriptions import Recorded, shown, worth
from tests.mdfm.cli.test_cli import Desk
from tests.support.small_books import (
    DEC,
    LATER,
    MAKER,
    agreement,
    allocation,
    gift,
    goods,
    pledge,
    reopened,
    staff,
    tell,
)
from tests.support.worked_examples import examples, on_stage, pages

KINDS = sorted({kind.event.kind for kind in ALL_KINDS})
MONEY_IN_DOLLARS = {"cents", "target", "unit_cents", "spent"}
"""Keys of payloads with US dollar cents: a fact of the format, which the program may not rely on."""
SMALLEST = 100
"""Numbers from here on would be taken for minor units or basis points."""


class Seen(NamedTuple):
    """An entry as `mdfm entry show` prints it, and its payload."""

    text: str
    payload: dict[str, Any]


def on_screen(book: Path, *words: object) -> str:
    """What a command prints on a wide screen, with every blank once; hashes of the seal apart."""
    result = CliRunner(env={"MDFM_BOOK": str(book), "COLUMNS": "400"}).invoke(app, [str(w) for w in words])
    assert result.exit_code == 0, result.output
    lines = [line for line in result.output.splitlines() if not re.match(r"Previous |Hash ", line)]
    return " ".join(" ".join(lines).split())


def entries(book: Path, first: int, wanted: set[str]) -> Iterator[tuple[str, Seen]]:
    """The entries of kinds that are wanted, from one on."""
    opened = open_at(str(book))
    with opened.reading() as books:
        found = [get_entry(books, seq) for seq in range(first, head(books).seq + 1)]
    opened.close()
    for entry in found:
        if entry.kind in wanted:
            yield entry.kind, Seen(on_screen(book, "entry", "show", entry.seq), json.loads(entry.payload))


@pytest.fixture(scope="module")
def seen(played_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Seen]]:
    """Entries of every kind: of the played book, and of the worked examples for kinds that are not in it."""
    folder = tmp_path_factory.mktemp("seen")
    desk = Desk.at(played_template, folder)
    book = reopened(str(desk.book))
    amended = DonorAmended(
        on=LATER, donor="CITY", number=1, name="Example city", country="KOR", language="fr"
    )
    tell(book, amended, *staff())
    book.close()
    found: dict[str, list[Seen]] = {}
    for kind, each in entries(desk.book, 1, set(KINDS)):
        found.setdefault(kind, []).append(each)
    for page in pages():
        missing = set(KINDS) - set(found)
        if not any(
            re.search(rf"^\d{{4}}-\d\d-\d\d {kind}$", page.read_text("utf-8"), re.M) for kind in missing
        ):
            continue
        place = folder / f"{page.stem}.book"
        played = create(str(place))
        player = on_stage(played)
        with played.reading() as books:
            first = head(books).seq + 1
        for code, _ in examples(page):
            player.play(code)
        played.close()
        for kind, each in entries(place, first, missing):
            found.setdefault(kind, []).append(each)
    return found


def numbers(payload: Any, key: str = "") -> Iterator[tuple[str, int]]:
    """Every whole number in a payload, with the key that it stands under."""
    match payload:
        case bool():
            return
        case int():
            yield key, payload
        case dict():
            for name, value in payload.items():
                yield from numbers(value, key if key in MONEY_IN_DOLLARS else name)
        case list():
            for value in payload:
                yield from numbers(value, key)


def amounts(payload: Any) -> Iterator[Amount]:
    """Every amount with a currency in a payload."""
    match payload:
        case {"currency": str(currency), "minor": int(minor)}:
            yield Amount(currency=currency, minor=minor)
        case dict():
            for value in payload.values():
                yield from amounts(value)
        case list():
            for value in payload:
                yield from amounts(value)


@pytest.mark.parametrize("kind", list(ALL_KINDS), ids=lambda kind: kind.event.kind)
def test_no_field_is_without_a_type_that_says_what_it_holds(kind: Any) -> None:
    assert undescribed(kind.event) == []


@pytest.mark.parametrize("kind", list(ALL_KINDS), ids=lambda kind: kind.event.kind)
def test_every_kind_has_a_sentence_and_names_fields_in_it(kind: Any) -> None:
    says = kind.event.says
    assert says.endswith((".", "}")) if says else kind.event.sentence is not Event.sentence
    assert set(re.findall(r"{(\w+)}", says)) <= set(kind.event.model_fields)


@pytest.mark.parametrize("kind", KINDS)
def test_no_minor_units_no_basis_points_and_no_bare_hash(kind: str, seen: dict[str, list[Seen]]) -> None:
    assert seen[kind], "no example has such an event"
    for each in seen[kind]:
        assert "What happens" in each.text
        assert not re.search(r"\b[0-9a-f]{64}\b", each.text), each.text
        for key, number in numbers(each.payload):
            bare = rf"(?<![\d.,-]){number}(?![\d.,%-])"
            assert number < SMALLEST or not re.search(bare, each.text), f"{key} {number} in {each.text}"


@pytest.mark.parametrize("kind", KINDS)
def test_money_stands_in_its_currency(kind: str, seen: dict[str, list[Seen]]) -> None:
    for each in seen[kind]:
        for amount in amounts(each.payload):
            assert str(amount) in each.text
        for key, number in numbers(each.payload):
            if key in MONEY_IN_DOLLARS:
                assert f"{format_minor(number, 'USD')} USD" in each.text


def test_percents_names_and_files_are_what_people_read(seen: dict[str, list[Seen]]) -> None:
    assert "carries support cost of 7% from" in seen["support cost agreed"][0].text
    assert "goods used for" not in seen["goods used"][0].text
    assert "4,000.00 USD" in seen["goods used"][0].text
    assert "Activity T-1 (T-1)" in seen["goods used"][0].text
    assert re.search(r"advice\.txt \(13 bytes, SHA-256 [0-9a-f]{12}…\)", seen["goods received"][0].text)
    assert "country South Korea (KOR) language English" in seen["donor registered"][0].text
    assert (
        "2 (300.00 EUR, due on 2021-12-10, if the first report is accepted)" in seen["condition met"][0].text
    )
    assert "Ben" not in seen["roles given"][0].text
    assert f"{MAKER} administrator; finance officer; planner" in seen["roles given"][0].text


def test_an_amendment_says_what_it_changes(seen: dict[str, list[Seen]]) -> None:
    first, second, *_ = seen["agreement amended"]
    assert "is changed by amendment No 1: its amount becomes 9,480.00 EUR." in first.text
    assert "its instalments are new." in second.text
    assert "2,150.00 EUR the first report is accepted" in second.text


def test_a_plan_is_its_awards_by_title_and_donor_with_their_sum(seen: dict[str, list[Seen]]) -> None:
    text = seen["plan approved"][0].text
    assert "Activity T-1 (T-1) 1 40,000.01 USD A1 of Example city 30,000.00 USD" in text
    assert "U-1 of Example foundation 10,000.01 USD" in text
    assert "Total 60,000.01 USD 60,000.01 USD" in text


def test_a_programme_is_its_activities_by_title_with_their_cost(seen: dict[str, list[Seen]]) -> None:
    text = seen["programme adopted"][0].text
    assert "Code Title Cost of a unit Units Cost" in text
    assert "T-1 Activity T-1 50,000.00 USD 4 200,000.00 USD" in text
    assert "Total 600,000.00 USD" in text


def test_a_reversal_says_what_it_reverses(seen: dict[str, list[Seen]]) -> None:
    text = seen["entry reversed"][0].text
    assert "Entry 28 (expenditure reported, effective on 2021-12-10) is reversed" in text
    assert "which says The partner of the grant G1 to Example institute reports what it spent" in text


# ---- proposals


@pytest.fixture
def desk(played_template: Path, tmp_path: Path) -> Desk:
    return Desk.at(played_template, tmp_path)


def ask(desk: Desk, *events: Event) -> None:
    """Propose events, several as one batch."""
    book = open_at(str(desk.book))
    with book.recording() as journal:
        if len(events) == 1:
            propose(journal, events[0], "Ana")
        else:
            propose_many(journal, events, "Ana")
    book.close()


def later_pledge() -> Event:
    """A pledge in a month that is open."""
    return pledge("P7").model_copy(update={"on": DEC})


def test_a_proposal_shows_what_happens_its_lines_and_the_names_in_them(desk: Desk) -> None:
    ask(desk, RefundAgreed(on=LATER, code="RF-9", agreement="U-1", cents=1_500_00, reason="too much"))
    text = on_screen(desk.book, "proposal", "show", 2)
    assert (
        "What happens 1,500.00 USD are to be refunded under the agreement U-1 of Example foundation" in text
    )
    assert "Lines, if it is approved now" in text
    assert "2700 Refunds payable to donors Cr 1,500.00 USD" in text
    assert "150000" not in text
    assert "1,500.00 USD are to be refunded" in on_screen(desk.book, "proposal", "list")


def test_a_proposal_that_cannot_be_posted_now_says_why(desk: Desk) -> None:
    ask(desk, RefundAgreed(on=LATER, code="RF-9", agreement="U-1", cents=1_500_00, reason="too much"))
    book = open_at(str(desk.book))
    tell(book, RefundAgreed(on=LATER, code="RF-9", agreement="U-1", cents=1_00, reason="other"))
    book.close()
    result = desk("proposal", "show", 2)
    assert "Lines" not in result.stdout
    assert result.stderr.startswith("It cannot be approved as the books are now: ")


def test_a_decided_proposal_shows_the_lines_of_its_entry(desk: Desk) -> None:
    ask(desk, later_pledge())
    made = desk.json("proposal", "approve", 2, "--by", "Ben")["seq"]
    text = on_screen(desk.book, "proposal", "show", 2)
    assert f"Lines of entry {made}" in text
    assert "Example city (CITY) pledges 100,000.00 EUR" in text


def test_a_rejected_proposal_has_no_lines(desk: Desk) -> None:
    ask(desk, later_pledge())
    desk("proposal", "reject", 2, "--by", "Ben")
    assert "Lines" not in on_screen(desk.book, "proposal", "show", 2)


def test_a_batch_is_a_table_with_its_total(desk: Desk) -> None:
    ask(desk, *(gift(f"G-{number}", 100_00 * number, on=DEC) for number in (1, 2, 3)))
    text = on_screen(desk.book, "proposal", "show", 2)
    assert "2 100.00 USD arrive as a gift of Example foundation (FOUND)" in text
    assert "All 3 together 600.00 USD" in text
    assert " Kind contribution received x 3 " in text


def test_a_batch_of_two_currencies_and_kinds_has_a_total_in_each(desk: Desk) -> None:
    ask(desk, gift("G-1", 100_00, on=DEC), later_pledge())
    text = on_screen(desk.book, "proposal", "show", 2)
    assert "All 2 together 100,000.00 EUR; 100.00 USD" in text
    assert "3 pledge recorded Example city (CITY) pledges" in text


def test_an_agreement_without_money_says_so(desk: Desk) -> None:
    ask(desk, agreement("A8", amount=Amount(currency="USD", minor=0)))
    assert "on contributions in kind only" in on_screen(desk.book, "proposal", "show", 2)


def test_a_payload_that_cannot_be_read_is_shown_as_it_is(desk: Desk) -> None:
    book = open_at(str(desk.book))
    with book.reading() as books:
        event = shown(books, Recorded("pledge recorded", 1, '{"code":7}'))
    book.close()
    assert event.description.sentence == "The payload of this event cannot be read."
    assert str(event.description.fields[0].value) == '{"code":7}'
    assert worth(Recorded("pledge recorded", 1, '{"code":7}')) is None


def test_events_are_worth_the_first_amount_that_they_name(desk: Desk) -> None:
    book = open_at(str(desk.book))
    with book.recording() as journal:
        paper = (attach(journal.books, desk.book),)
    book.close()

    def of(event: Event) -> str:
        return str(worth(Recorded(event.kind, event.version, event.payload)))

    assert of(goods("G", paper)) == "8,800.00 EUR"
    assert of(pledge("P")) == "100,000.00 EUR"
    assert of(allocation("a" * 64, {"T-1": {"A1": 1_00}})) == "None"
