"""Amendments: terms change from a day on, with what the donor signed, and never behind what has happened."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from allocation import TermClosed
from donors import (
    AgreementAmended,
    ConditionMet,
    Earmark,
    Instalment,
    ReceivableWrittenOff,
    agreements,
    dues,
    get_agreement,
)
from ledger import (
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    Evidence,
    RatesPublished,
    Refused,
    TermOpened,
    lines_of,
    posted,
    replay,
    total,
)
from reports import build_statement, trace_figures
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    advice,
    agreement,
    allocation,
    contribution,
    gift,
    money,
    report,
    tell,
    tranche,
)
from tests.support.small_books import grant as committed

JAN, SEP = date(2022, 1, 10), date(2022, 9, 1)
PARTS = (
    Instalment(due_on=DEC, minor=4_000_00),
    Instalment(due_on=JAN, minor=3_000_00, condition="the first report is accepted"),
    Instalment(due_on=SEP, minor=1_600_00),
)


@pytest.fixture
def proof(book: Book, tmp_path: Path) -> tuple[Evidence, ...]:
    return advice(book, tmp_path)


def amended(proof: tuple[Evidence, ...], code: str = "A1", **given: Any) -> AgreementAmended:
    usual: dict[str, Any] = {"on": DEC, "number": 1, "reason": "agreed anew", "evidence": proof}
    return AgreementAmended.make(agreement=code, **usual | given)


def posted_by(book: Book, event: AgreementAmended) -> list[tuple[str, int, int]]:
    (sealed,) = tell(book, event)
    with book.reading() as books:
        return [(line.account, line.amount, line.usd) for line in lines_of(books, sealed.seq)]


def refused(book: Book, event: AgreementAmended, why: str) -> None:
    with pytest.raises(Refused, match=why):
        tell(book, event)


def test_more_money_is_a_claim_at_the_rate_of_the_day(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)))
    assert posted_by(book, amended(proof, amount=money("EUR", 9_480_00))) == [
        ("1200", 880_00, 1_000_00),
        ("2100", -880_00, -1_000_00),
    ]
    with book.reading() as books:
        assert get_agreement(books, "A1").amount == money("EUR", 9_480_00)
        assert total(books, "1200", agreement="A1") == (9_480_00, 11_000_00)


def test_less_money_takes_off_the_claim_as_it_is_carried(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E", "A1", "EUR", 4_300_00))
    assert posted_by(book, amended(proof, amount=money("EUR", 6_450_00))) == [
        ("1200", -2_150_00, -2_500_00),
        ("2100", 2_150_00, 2_500_00),
    ]


def test_never_below_what_has_arrived_or_was_written_off(book: Book, proof: tuple[Evidence, ...]) -> None:
    off = ReceivableWrittenOff(
        on=DEC, reference="W", agreement="A1", amount=money("EUR", 300_00), reason="cut"
    )
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E", "A1", "EUR", 4_300_00), off)
    refused(
        book, amended(proof, amount=money("EUR", 4_599_99)), r"4,600\.00 EUR of it has arrived or was wri"
    )
    assert posted_by(book, amended(proof, amount=money("EUR", 4_600_00)))[0] == ("1200", -4_000_00, -4_651_16)
    with book.reading() as books:
        assert total(books, "1200", agreement="A1") == (0, 0)


def test_other_terms_move_no_money(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, agreement("A1"))
    change = amended(proof, ends_on=date(2024, 5, 31), earmark=Earmark(work_areas=(1,)))
    assert posted_by(book, change) == []
    with book.reading() as books:
        now = get_agreement(books, "A1")
    assert (now.ends_on, now.earmark, now.amended_on) == (date(2024, 5, 31), Earmark(work_areas=(1,)), DEC)
    assert (now.amount, now.signed_on, now.starts_on) == (money("USD", 10_000_00), NOV, date(2021, 11, 1))


def test_what_is_allocated_stays_whatever_the_earmark_becomes(
    book: Book, proof: tuple[Evidence, ...]
) -> None:
    tell(book, agreement("A1"), contribution("U", "A1", "USD", 10_000_00))
    tell(book, allocation("a" * 64, {"T-1": {"A1": 6_000_00}}))
    tell(book, amended(proof, earmark=Earmark(activities=("T-2",))))
    with book.reading() as books:
        assert total(books, "2300", agreement="A1", activity="T-1").usd == -6_000_00
        assert get_agreement(books, "A1").earmark.level == "tightly"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "changes the amount, the last day, the earmark or the instalments"),
        ({"amount": money("USD", -1)}, "must not be negative"),
        ({"ends_on": SEP, "evidence": ()}, "needs what the donor signed"),
        ({"ends_on": SEP, "reason": ""}, "reason: "),
    ],
)
def test_an_amendment_that_makes_no_sense(
    proof: tuple[Evidence, ...], given: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        amended(proof, **given)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"amount": money("EUR", 5_00)}, "is in USD and stays so"),
        ({"amount": money("USD", 10_000_00)}, "changes nothing of agreement A1"),
        ({"on": date(2021, 11, 9), "ends_on": SEP}, "apply from 2021-11-10: amend them on that day or later"),
        ({"code": "G1", "ends_on": SEP}, "G1 is a gift without an agreement"),
        ({"ends_on": date(2021, 10, 31)}, "cannot end on 2021-10-31"),
        ({"code": "A2", "amount": money("EUR", 8_700_00)}, "comes in instalments: give all of them anew"),
        ({"code": "A2", "ends_on": date(2022, 8, 31)}, "must be due between 2021-11-01 and 2022-08-31"),
        ({"code": "A2", "instalments": PARTS[:2]}, r"add up to 7,000\.00 EUR, and the amount is 8,600\.00"),
        (
            {"code": "A2", "instalments": (*PARTS[:1], PARTS[2], PARTS[1])},
            "must be in the order of their days",
        ),
    ],
)
def test_an_amendment_that_the_agreement_does_not_allow(
    book: Book, proof: tuple[Evidence, ...], given: dict[str, Any], why: str
) -> None:
    signed = agreement("A2", amount=money("EUR", 8_600_00), instalments=PARTS)
    tell(book, agreement("A1"), signed, gift("G1", 5_00))
    refused(book, amended(proof, **given), why)


def test_amendments_follow_one_another(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, agreement("A1"), amended(proof, on=JAN, amount=money("USD", 20_000_00)))
    refused(book, amended(proof, number=2, amount=money("USD", 30_000_00)), "apply from 2022-01-10")
    tell(book, amended(proof, number=2, on=LATER, amount=money("USD", 5_000_00)))
    with book.reading() as books:
        amounts = {on: agreements(books, effective_to=on)[0].amount.minor for on in (NOV, DEC, JAN, LATER)}
    assert amounts == {NOV: 10_000_00, DEC: 10_000_00, JAN: 20_000_00, LATER: 5_000_00}


def test_an_end_is_never_before_the_last_of_its_money(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, agreement("A1"), contribution("U", "A1", "USD", 10_000_00, DEC))
    refused(book, amended(proof, ends_on=date(2021, 12, 9)), "on 2021-12-10, so end it on that day or later")
    (wrong,) = tell(book, allocation("a" * 64, {"T-1": {"A1": 6_000_00}}, JAN))
    refused(book, amended(proof, ends_on=DEC), "on 2022-01-10, so end it on that day or later")
    tell(book, EntryReversed(on=LATER, entry=wrong.seq, reason="another plan"))
    tell(book, amended(proof, ends_on=DEC))


def test_an_end_is_never_before_the_start(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, agreement("A1"))
    refused(book, amended(proof, ends_on=date(2021, 10, 31)), "before it starts on 2021-11-01")
    tell(book, amended(proof, ends_on=date(2021, 11, 1)))


def test_what_is_used_holds_the_end_too(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(
        book,
        agreement("A1"),
        contribution("U", "A1", "USD", 10_000_00),
        allocation("a" * 64, {"T-1": {"A1": 6_000_00}}),
        committed("G1", "T-1", 6_000_00),
        tranche("G1", "P-1", 6_000_00),
        report("G1", "R-1", LATER, travel=5_00),
    )
    refused(book, amended(proof, ends_on=date(2022, 2, 28)), "on 2022-03-01, so end it on that day or later")
    tell(book, amended(proof, ends_on=LATER))


# ---- instalments


@pytest.fixture
def in_parts(book: Book) -> Book:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00), instalments=PARTS))
    return book


def test_what_is_paid_or_has_its_condition_met_stays(in_parts: Book, proof: tuple[Evidence, ...]) -> None:
    first, second, third = PARTS
    later = third.model_copy(update={"due_on": date(2022, 10, 1)})
    tell(in_parts, ConditionMet(on=DEC, agreement="A1", instalment=2))
    moved = (first, second.model_copy(update={"due_on": date(2022, 2, 1)}), third)
    refused(in_parts, amended(proof, instalments=moved), "Instalment 2 .* because its condition is met")
    earlier = first.model_copy(update={"due_on": NOV})
    tell(in_parts, contribution("E", "A1", "EUR", 4_000_00))
    refused(in_parts, amended(proof, instalments=(earlier, second, third)), "Instalment 1 .* it is paid")
    one = Instalment(due_on=SEP, minor=8_600_00)
    refused(in_parts, amended(proof, instalments=(one,)), "Instalment 1 of agreement A1 must stay as it is")
    tell(in_parts, amended(proof, instalments=(first, second, later)))
    with in_parts.reading() as books:
        found = dues(books, AsOf.now(books, LATER))
    assert [(due.state, due.due_on, due.met_on) for due in found] == [
        ("paid", DEC, None),
        ("late", JAN, DEC),
        ("later", date(2022, 10, 1), None),
    ]


def test_a_new_amount_comes_with_its_instalments(in_parts: Book, proof: tuple[Evidence, ...]) -> None:
    tell(in_parts, contribution("E", "A1", "EUR", 5_000_00))
    more = (*PARTS[:2], Instalment(due_on=SEP, minor=2_480_00))
    assert posted_by(in_parts, amended(proof, amount=money("EUR", 9_480_00), instalments=more)) == [
        ("1200", 880_00, 1_000_00),
        ("2100", -880_00, -1_000_00),
    ]
    with in_parts.reading() as books:
        before, after = (dues(books, AsOf.now(books, on)) for on in (NOV, DEC))
        assert [due.outstanding.minor for due in before] == [0, 2_000_00, 1_600_00]
        assert [due.outstanding.minor for due in after] == [0, 2_000_00, 2_480_00]
        assert sum(due.cents for due in after) == total(books, "1200", agreement="A1").usd


def test_an_agreement_can_get_instalments(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00)), contribution("E", "A1", "EUR", 8_600_00))
    tell(book, amended(proof, instalments=PARTS))
    with book.reading() as books:
        assert {due.state for due in dues(books, AsOf.now(books, DEC))} == {"paid"}


# ---- taken back, told again, replayed


def test_it_is_reversed_and_recorded_again(in_parts: Book, proof: tuple[Evidence, ...]) -> None:
    less = (*PARTS[:2], Instalment(due_on=SEP, minor=600_00))
    event = amended(proof, amount=money("EUR", 7_600_00), instalments=less)
    (first,) = tell(in_parts, event)
    tell(in_parts, EntryReversed(on=JAN, entry=first.seq, reason="signed by the wrong person"))
    with in_parts.reading() as books:
        assert get_agreement(books, "A1").instalments == PARTS
        assert get_agreement(books, "A1", first.seq).instalments == less
        assert total(books, "1200", agreement="A1") == (8_600_00, 10_000_00)
    tell(in_parts, event.model_copy(update={"times": 2}), contribution("E", "A1", "EUR", 4_000_00))
    with in_parts.reading() as books:
        assert get_agreement(books, "A1").amount == money("EUR", 7_600_00)
        seq = get_agreement(books, "A1").seq
    with pytest.raises(Refused, match=r"\(contribution received\) builds on it"):
        tell(in_parts, EntryReversed(on=JAN, entry=seq, reason="again"))
    assert replay(in_parts).findings == []


def test_a_statement_shows_the_terms_of_its_day(book: Book, proof: tuple[Evidence, ...]) -> None:
    tell(book, agreement("A1"), amended(proof, amount=money("USD", 12_000_00), earmark=Earmark(ldc=True)))
    with book.reading() as books:
        seq = get_agreement(books, "A1").seq
        told = [
            build_statement(books, "CITY", TERM, AsOf(on, known_at)).agreements[0]
            for on, known_at in ((NOV, seq), (DEC, seq), (DEC, seq - 1))
        ]
    assert [(each.amount, each.earmark_level) for each in told] == [
        (10_000_00, "unearmarked"),
        (12_000_00, "softly"),
        (10_000_00, "unearmarked"),
    ]


def test_a_statement_shows_each_instalment_that_is_to_come(in_parts: Book) -> None:
    tell(in_parts, contribution("E", "A1", "EUR", 4_500_00, DEC))
    with in_parts.reading() as books:
        statement = build_statement(books, "CITY", TERM, AsOf.now(books, LATER))
        owed = total(books, "1200", agreement="A1")
    assert [
        (each.instalment, each.due_on, each.waits, each.days_overdue, each.amount)
        for each in statement.outstanding
    ] == [(2, JAN, True, 0, 2_500_00), (3, SEP, False, 0, 1_600_00)]
    assert sum(each.usd.cents for each in statement.outstanding) == owed.usd
    (traced,) = (each for each in trace_figures(statement) if each.figure == "receivable A1")
    assert traced.cents == owed.usd
    with in_parts.reading() as books:
        lines = {(line.entry, line.no): line.usd for line in posted(books, AsOf.now(books, LATER))}
    assert sum(lines[place] for place in traced.lines) == owed.usd


def test_an_amendment_after_the_close_of_a_term_belongs_to_the_agreement(
    book: Book, proof: tuple[Evidence, ...]
) -> None:
    tell(
        book,
        TermOpened(on=NOV, code="2023-2025", starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        RatesPublished(on=date(2023, 11, 1), rates={"EUR": "0.94"}, source="example"),
        agreement("A1", amount=money("EUR", 8_600_00), ends_on=date(2025, 10, 31)),
        TermClosed(on=date(2023, 10, 31), reference="C-1", term=TERM, into="2023-2025"),
        amended(proof, on=date(2023, 11, 2), amount=money("EUR", 9_540_00)),
    )
    with book.reading() as books:
        assert total(books, "1200", agreement="A1", term="2023-2025") == (9_540_00, 11_000_00)
        for term in (TERM, "2023-2025"):
            (found,) = agreements(books, term=term)
            assert (found.amount, found.term) == (money("EUR", 9_540_00), term)
        first, more = dues(books, AsOf.now(books, date(2023, 12, 1)), term="2023-2025")
    assert (first.due_on, more.due_on) == (NOV, date(2023, 11, 2))
    assert (first.outstanding.minor, more.outstanding.minor) == (8_600_00, 940_00)
    assert (first.cents + more.cents, more.term) == (11_000_00, "2023-2025")
    assert replay(book).findings == []
