"""Contributions in kind: the value of a secondment, use and loss of goods, and the annex that shows them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from allocation import TermClosed, YearEnded
from donors import (
    GoodsReturned,
    GoodsUsed,
    GoodsWrittenOff,
    ServiceReceived,
    get_agreement,
    goods_left,
    in_kind_gifts,
    taken_from_goods,
)
from ledger import (
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    Event,
    Evidence,
    Refused,
    TermOpened,
    get_term,
    lines_of,
    total,
)
from mdfm.cli.app import app
from reports import (
    annual_report,
    build_annual,
    build_statement,
    period_of_term,
    render_fund_report,
    render_statement,
    trace_figures,
)
from reports.figures.in_kind import InKindItem
from tests.support.event_lines import require_sound
from tests.support.small_books import (
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    advice,
    agreement,
    file_of,
    gift,
    goods,
    money,
    service,
    tell,
)

LETTER = (Evidence(sha256="a" * 64, name="letter.txt", media_type="text/plain"),)


def secondment(**more: Any) -> ServiceReceived:
    usual: dict[str, Any] = {
        "months": 6,
        "monthly": money("USD", 7_500_00),
        "form": "secondment",
        "evidence": LETTER,
    }
    told = {"on": DEC, "code": "S-1", "agreement": "A1", "description": "An officer", "basis": "gross salary"}
    return ServiceReceived.make(**told | usual | more)


def test_a_secondment_is_worth_its_months_at_what_each_costs() -> None:
    assert secondment().value == money("USD", 45_000_00)
    assert secondment(value=money("USD", 45_000_00)) == secondment()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"value": money("USD", 45_000_01)}, "must be 6 months of 7,500.00 USD, and it is 45,000.01 USD"),
        ({"value": money("EUR", 45_000_00)}, "must be 6 months of 7,500.00 USD, and it is 45,000.00 EUR"),
        ({"months": 0}, "value: it must be more than zero"),
        ({"monthly": None}, "a secondment, and nothing else, has months and a monthly cost: give both"),
        ({"months": None}, "a secondment, and nothing else, has months and a monthly cost: give both"),
        ({"form": "hosting", "value": money("USD", 45_000_00)}, "a secondment, and nothing else, has months"),
        ({"form": "hosting", "months": 0, "monthly": None}, "value: Field required"),
        ({"evidence": ()}, "a value in kind needs evidence"),
    ],
)
def test_what_a_secondment_is_not(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        secondment(**more)


def test_the_basis_shows_how_the_value_is_calculated(book: Book, tmp_path: Path) -> None:
    proof = advice(book, tmp_path)
    tell(book, agreement("A1"), secondment(evidence=proof), service("H-1", proof))
    with book.reading() as books:
        gifts = {gift.code: gift.basis for gift in in_kind_gifts(books)}
        statement = build_statement(books, "CITY", TERM, AsOf.now(books, DEC))
    assert gifts == {
        "S-1": "gross salary (6 × 7,500.00 USD = 45,000.00 USD)",
        "H-1": "market rent (11,800,000 KRW)",
    }
    assert {item.basis for item in statement.in_kind} == set(gifts.values())


def desk(book: Book, *words: object, command: str = "service") -> Result:
    told = ["--book", file_of(book), "contribution", command, *map(str, words), "--on", str(DEC), "--json"]
    return CliRunner(env={"MDFM_BY": MAKER}).invoke(app, told)


def test_a_secondment_is_recorded_without_its_value(book: Book, tmp_path: Path) -> None:
    tell(book, agreement("A1"))
    letter = tmp_path / "letter.txt"
    letter.write_text("An officer for six months", encoding="utf-8")
    told = ("--agreement", "A1", "--description", "An officer", "--basis", "salary", "--evidence", letter)
    months = ("--months", 6, "--monthly", "USD 7,500")
    result = desk(book, "S-1", "--form", "secondment", *told, *months)
    assert json.loads(result.stdout)["payload"]["value"] == {"currency": "USD", "minor": 45_000_00}
    refused = desk(book, "S-2", "--form", "secondment", *told, "--months", 6)
    assert refused.exit_code == 2
    assert "a secondment, and nothing else, has months and a monthly cost: give both." in refused.stderr
    assert desk(book, "H-1", "--form", "hosting", *told, "--value", "USD 5").exit_code == 0


# ---- what becomes of goods

NEXT = "2023-2025"
TERM_END = date(2023, 10, 31)


@pytest.fixture
def given(book: Book, tmp_path: Path) -> tuple[Book, tuple[Evidence, ...]]:
    """A book with two gifts of goods under one agreement, of US$10,000 each, and a proof."""
    proof = advice(book, tmp_path)
    signed = agreement("A1", amount=money("USD", 0), ends_on=date(2025, 10, 31))
    tell(book, signed, goods("LAPTOPS", proof), goods("TABLETS", proof), service("HALL", proof))
    return book, proof


def used(cents: int, code: str = "LAPTOPS", on: date = DEC, reference: str = "U-1") -> GoodsUsed:
    return GoodsUsed(on=on, reference=reference, goods=code, activity="T-1", value=cents)


def lost(
    cents: int, proof: tuple[Evidence, ...], code: str = "LAPTOPS", on: date = DEC, reference: str = "W-1"
) -> GoodsWrittenOff:
    return GoodsWrittenOff(
        on=on, reference=reference, goods=code, value=cents, reason="damaged", evidence=proof
    )


def returned(cents: int, code: str = "LAPTOPS", on: date = DEC, reference: str = "B-1") -> GoodsReturned:
    return GoodsReturned(on=on, reference=reference, goods=code, value=cents)


def posted(book: Book, event: Event) -> list[tuple[str, str, str, int]]:
    (sealed,) = tell(book, event)
    with book.reading() as books:
        return [
            (each.account, each.agreement, each.activity, each.usd) for each in lines_of(books, sealed.seq)
        ]


def left_of(book: Book, code: str) -> int:
    with book.reading() as books:
        return goods_left(books, next(each for each in in_kind_gifts(books) if each.code == code))


def annex(book: Book, term: str = TERM, on: date = LATER) -> dict[str, InKindItem]:
    with book.reading() as books:
        stated = build_statement(books, "CITY", term, AsOf.now(books, on))
    return {item.code: item for item in stated.in_kind}


def test_goods_that_are_written_off_are_no_use_of_money(given: tuple[Book, tuple[Evidence, ...]]) -> None:
    book, proof = given
    with book.reading() as books:
        before = build_statement(books, "CITY", TERM, AsOf.now(books, DEC))
    assert posted(book, lost(4_000_00, proof)) == [
        ("3390", "A1", "", 4_000_00),
        ("1400", "A1", "", -4_000_00),
    ]
    with book.reading() as books:
        stated = build_statement(books, "CITY", TERM, AsOf.now(books, DEC))
    assert (stated.used, stated.balance, stated.uses) == (before.used, before.balance, before.uses)
    require_sound(book)


def test_goods_that_go_back_end_what_is_owed(given: tuple[Book, tuple[Evidence, ...]]) -> None:
    book, _ = given
    assert posted(book, returned(4_000_00)) == [("2400", "A1", "", 4_000_00), ("1400", "A1", "", -4_000_00)]
    with book.reading() as books:
        assert total(books, "2400", agreement="A1").usd == -total(books, "1400", agreement="A1").usd
    require_sound(book)


def test_of_goods_never_more_goes_than_is_left_of_them(given: tuple[Book, tuple[Evidence, ...]]) -> None:
    """Of these goods: what is left of others under the agreement does not count."""
    book, proof = given
    tell(book, used(5_000_00), lost(3_000_00, proof))
    for event in (
        used(2_000_01, reference="U-2"),
        lost(2_000_01, proof, reference="W-2"),
        returned(2_000_01),
    ):
        with pytest.raises(Refused, match=r"Of the goods LAPTOPS only US\$2,000\.00 is left"):
            tell(book, event)
    tell(book, returned(2_000_00))
    assert (left_of(book, "LAPTOPS"), left_of(book, "TABLETS")) == (0, 10_000_00)
    with book.reading() as books:
        assert list(taken_from_goods(books, "LAPTOPS").values()) == [5_000_00, 3_000_00, 2_000_00]


def test_goods_do_not_go_before_they_came(given: tuple[Book, tuple[Evidence, ...]]) -> None:
    book, proof = given
    for event in (used(1_00, on=NOV), lost(1_00, proof, on=NOV), returned(1_00, on=NOV)):
        with pytest.raises(Refused, match="LAPTOPS were received on 2021-12-10, after 2021-11-10"):
            tell(book, event)


def test_a_service_does_not_go_and_a_loss_is_proved(given: tuple[Book, tuple[Evidence, ...]]) -> None:
    book, proof = given
    with pytest.raises(Refused, match="HALL is a hosting: only goods are held"):
        tell(book, lost(1_00, proof, "HALL"))
    with pytest.raises(BadInput, match="a write-off of goods needs evidence: attach the file that proves it"):
        GoodsWrittenOff.make(on=DEC, reference="W-1", goods="LAPTOPS", value=1, reason="lost", evidence=())
    with pytest.raises(BadInput, match="reason"):
        GoodsWrittenOff.make(on=DEC, reference="W-1", goods="LAPTOPS", value=1, reason="sold", evidence=proof)


def test_uses_of_goods_can_be_reversed_and_the_gift_only_after_them(
    given: tuple[Book, tuple[Evidence, ...]],
) -> None:
    book, proof = given
    (loss,) = tell(book, lost(4_000_00, proof))
    (back,) = tell(book, returned(6_000_00))
    with book.reading() as books:
        received = next(each.seq for each in in_kind_gifts(books) if each.code == "LAPTOPS")
    with pytest.raises(Refused, match="goods returned"):
        tell(book, EntryReversed(on=DEC, entry=received, reason="never came"))
    for entry in (loss.seq, back.seq, received):
        tell(book, EntryReversed(on=DEC, entry=entry, reason="never came"))
    assert set(annex(book)) == {"TABLETS", "HALL"}
    require_sound(book)


def test_the_annex_accounts_for_everything_received(given: tuple[Book, tuple[Evidence, ...]]) -> None:
    book, proof = given
    tell(book, used(5_000_00), lost(3_000_00, proof), returned(500_00, on=LATER))
    item = annex(book)["LAPTOPS"]
    assert item.held.cents == 10_000_00
    assert [each.cents for each in item.became] == [5_000_00, 3_000_00, 500_00, 1_500_00]
    assert sum(each.cents for each in item.became) == item.held.cents
    assert [each.cents for each in annex(book, on=DEC)["LAPTOPS"].became] == [5_000_00, 3_000_00, 0, 2_000_00]
    with book.reading() as books:
        stated = build_statement(books, "CITY", TERM, AsOf.now(books, LATER), "es")
        usd = {
            (seq, no): line.usd
            for seq in {ref[0] for figure in item.became for ref in figure.lines}
            for no, line in enumerate(lines_of(books, seq), start=1)
        }
        span = period_of_term(get_term(books, TERM), None, LATER)
        paper = annual_report(build_annual(books, TERM, span, stated.seal.known_at, "fr"))
    for traced in trace_figures(stated):
        if traced.part == "4 In kind" and "LAPTOPS" in traced.figure:
            assert abs(sum(usd[ref] for ref in traced.lines)) == traced.cents
    assert {f"goods LAPTOPS {what}" for what in ("used", "written off", "returned", "left")} <= {
        each.figure for each in trace_figures(stated)
    }
    assert render_statement(stated).startswith(b"%PDF")
    assert render_fund_report(paper).startswith(b"%PDF")
    (table,) = [each for each in paper.sections if each.file == "in-kind"]
    (row,) = [each for each in table.table.rows if each[0] == "LAPTOPS"]
    assert row[-5:] == (10_000_00, 5_000_00, 3_000_00, 500_00, 1_500_00)
    (hall,) = [each for each in table.table.rows if each[0] == "HALL"]
    assert hall[-4:] == (None, None, None, None)


def test_goods_are_carried_over_and_earlier_use_is_shown_separately(
    given: tuple[Book, tuple[Evidence, ...]],
) -> None:
    book, proof = given
    tell(book, used(5_000_00), lost(3_000_00, proof), returned(10_000_00, "TABLETS", reference="B-2"))
    tell(book, gift("U-1", 5_00), YearEnded(on=TERM_END, reference="Y-1", term=TERM))
    with book.reading() as books:
        assert (total(books, "3390").usd, total(books, "2400", agreement="A1").usd) == (0, -2_000_00)
    ending = annex(book, on=TERM_END)
    tell(
        book,
        TermOpened(on=TERM_END, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=TERM_END, reference="Z-1", term=TERM, into=NEXT),
    )
    with book.reading() as books:
        assert get_agreement(books, "A1").term == NEXT
    assert [each.cents for each in ending["LAPTOPS"].became] == [5_000_00, 3_000_00, 0, 2_000_00]
    assert annex(book, on=TERM_END) == ending
    begun = annex(book, NEXT, date(2023, 11, 30))
    assert set(begun) == {"LAPTOPS"}
    assert (begun["LAPTOPS"].usd.cents, begun["LAPTOPS"].held.cents) == (10_000_00, 2_000_00)
    november = date(2023, 11, 30)
    tell(book, lost(500_00, proof, on=november, reference="W-2"), returned(1_500_00, on=november))
    item = annex(book, NEXT, november)["LAPTOPS"]
    assert (item.held.cents, [each.cents for each in item.became]) == (2_000_00, [0, 500_00, 1_500_00, 0])
    assert annex(book, on=november)["LAPTOPS"] == ending["LAPTOPS"]
    with book.reading() as books:
        stated = build_statement(books, "CITY", NEXT, AsOf.now(books, november), "fr")
        assert render_statement(stated).startswith(b"%PDF")
    require_sound(book)


def test_goods_go_by_command(given: tuple[Book, tuple[Evidence, ...]], tmp_path: Path) -> None:
    book, _ = given
    report = tmp_path / "police.txt"
    report.write_text("Stolen", encoding="utf-8")
    told = ("--goods", "LAPTOPS", "--value", "1,000.00", "--evidence", report)
    lost_now = desk(book, "W-1", *told, "--reason", "lost", command="write-off-goods")
    payload = json.loads(lost_now.stdout)["payload"]
    assert (payload["reason"], payload["value"], payload["evidence"][0]["name"]) == (
        "lost",
        1_000_00,
        "police.txt",
    )
    back = desk(book, "B-1", "--goods", "LAPTOPS", "--value", "2,000", command="return-goods")
    assert json.loads(back.stdout)["kind"] == "goods returned"
    listed = CliRunner().invoke(app, ["--book", file_of(book), "contribution", "list", "--json"])
    left = {row["code"]: row.get("left_cents") for row in json.loads(listed.stdout)}
    assert left == {"LAPTOPS": 10_000_00, "TABLETS": 10_000_00, "HALL": None}
    unproved = desk(book, "W-2", *told[:-2], "--reason", "lost", command="write-off-goods")
    assert "a write-off of goods needs evidence" in unproved.stderr
