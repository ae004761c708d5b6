"""Dues and ageing: what is still to come, when, under which condition, and how long it is overdue."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from donors import (
    BANDS,
    Agreement,
    AgreementAmended,
    ConditionMet,
    Due,
    Earmark,
    Instalment,
    PledgeWithdrawn,
    ReceivableWrittenOff,
    banded,
    dues,
    dues_of,
    get_agreement,
    pledge_ageing,
)
from donors.agreement.ageing import band_of
from ledger import AsOf, Balance, Book, EntryReversed, RatesPublished, Refused, head, total
from tests.support.effort import effort
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    advice,
    agreement,
    contribution,
    copy_of,
    gift,
    money,
    pledge,
    tell,
)

MINOR = st.integers(1, 999_99)
FEB, APR, SEP = date(2022, 2, 1), date(2022, 4, 1), date(2022, 9, 1)
PARTS = (
    Instalment(due_on=DEC, minor=4_000_00),
    Instalment(due_on=FEB, minor=3_000_00, condition="the first report is accepted"),
    Instalment(due_on=SEP, minor=1_600_00),
)


def standing(
    book: Book, on: date, known_at: int | None = None, *, donor: str | None = None, term: str | None = None
) -> list[Due]:
    with book.reading() as books:
        as_of = AsOf(on, head(books).seq if known_at is None else known_at)
        return dues(books, as_of, donor=donor, term=term)


def told(found: list[Due]) -> list[tuple[object, ...]]:
    return [(due.number, due.state, due.outstanding.minor, due.days_late) for due in found]


@pytest.fixture
def signed(book: Book) -> Book:
    tell(book, agreement("A1", amount=money("EUR", 8_600_00), instalments=PARTS))
    return book


def test_what_arrives_settles_the_earliest_instalments(signed: Book) -> None:
    tell(signed, contribution("E-1", "A1", "EUR", 4_500_00, DEC))
    assert told(standing(signed, DEC)) == [
        (1, "paid", 0, 0),
        (2, "waits for its condition", 2_500_00, 0),
        (3, "later", 1_600_00, 0),
    ]


def test_what_is_written_off_settles_too(signed: Book) -> None:
    off = ReceivableWrittenOff(
        on=DEC, reference="W-1", agreement="A1", amount=money("EUR", 7_600_00), reason="budget cut"
    )
    tell(signed, off)
    assert told(standing(signed, DEC)) == [(1, "paid", 0, 0), (2, "paid", 0, 0), (3, "later", 1_000_00, 0)]


@pytest.mark.parametrize(
    ("on", "within", "state", "days"),
    [
        (date(2021, 11, 9), None, None, None),
        (NOV, 29, "later", 0),
        (NOV, 30, "due", 0),
        (NOV, None, "due", 0),  # within thirty days, unless others are asked for
        (DEC, 0, "due", 0),
        (date(2021, 12, 11), 30, "late", 1),
        (LATER, 30, "late", 81),
    ],
)
def test_an_instalment_is_later_then_due_then_late(
    signed: Book, on: date, within: int | None, state: str | None, days: int | None
) -> None:
    with signed.reading() as books:
        as_of = AsOf.now(books, on)
        found = dues(books, as_of) if within is None else dues(books, as_of, within=within)
    assert [(due.state, due.days_late) for due in found if due.number == 1] == (
        [] if state is None else [(state, days)]
    )


def test_thirty_one_days_ahead_is_later(book: Book) -> None:
    for days, state in ((30, "due"), (31, "later")):
        parts = (Instalment(due_on=NOV + timedelta(days=days), minor=100),)
        tell(book, agreement(f"A{days}", amount=money("USD", 100), instalments=parts))
        assert [each.state for each in standing(book, NOV) if each.agreement == f"A{days}"] == [state]


def test_a_condition_that_is_met_late_makes_the_instalment_due_on_that_day(signed: Book) -> None:
    tell(signed, ConditionMet(on=LATER, agreement="A1", instalment=2))
    (before,) = (due for due in standing(signed, date(2022, 2, 28)) if due.number == 2)
    assert (before.state, before.due_on, before.met_on) == ("waits for its condition", FEB, None)
    (after,) = (due for due in standing(signed, APR) if due.number == 2)
    assert (after.state, after.due_on, after.met_on, after.days_late) == ("late", LATER, LATER, 31)
    assert after.band == "31-60"


def test_a_condition_is_met_once_and_only_where_there_is_one(signed: Book) -> None:
    (met,) = tell(signed, ConditionMet(on=DEC, agreement="A1", instalment=2))
    for event, why in (
        (ConditionMet(on=DEC, agreement="A1", instalment=1), "Instalment 1 of agreement A1 has no condition"),
        (ConditionMet(on=DEC, agreement="A1", instalment=4), "Instalment 4 of agreement A1 has no condition"),
        (ConditionMet(on=DEC, agreement="A1", instalment=2, times=2), "is met already"),
        (ConditionMet(on=date(2021, 11, 9), agreement="A1", instalment=2, times=2), "apply from 2021-11-10"),
    ):
        with pytest.raises(Refused, match=why):
            tell(signed, event)
    tell(signed, EntryReversed(on=DEC, entry=met.seq, reason="another report"))
    assert standing(signed, DEC)[1].state == "waits for its condition"
    assert standing(signed, DEC, met.seq)[1].state == "later"
    tell(signed, ConditionMet(on=LATER, agreement="A1", instalment=2, times=2))
    assert standing(signed, LATER)[1].met_on == LATER


def test_both_clocks_are_kept(signed: Book) -> None:
    (first,) = tell(signed, contribution("E-1", "A1", "EUR", 4_000_00, DEC))
    tell(signed, RatesPublished(on=LATER, rates={"EUR": "0.90"}, source="example"))
    (wrong,) = tell(signed, contribution("E-2", "A1", "EUR", 3_000_00, LATER))
    tell(signed, EntryReversed(on=APR, entry=wrong.seq, reason="another donor's"))
    assert [due.outstanding.minor for due in standing(signed, DEC)] == [0, 3_000_00, 1_600_00]
    assert [due.outstanding.minor for due in standing(signed, LATER)] == [0, 0, 1_600_00]
    assert [due.outstanding.minor for due in standing(signed, APR)] == [0, 3_000_00, 1_600_00]
    assert [due.outstanding.minor for due in standing(signed, APR, wrong.seq)] == [0, 0, 1_600_00]
    assert [due.outstanding.minor for due in standing(signed, APR, first.seq - 1)] == [
        part.minor for part in PARTS
    ]


def test_a_condition_was_met_until_that_is_reversed(signed: Book) -> None:
    (met,) = tell(signed, ConditionMet(on=DEC, agreement="A1", instalment=2))
    tell(signed, EntryReversed(on=LATER, entry=met.seq, reason="another report"))
    states = [standing(signed, on)[1].state for on in (NOV, FEB, LATER)]
    assert states == ["waits for its condition", "due", "waits for its condition"]


def test_without_instalments_all_is_due_on_the_first_day_and_a_gift_owes_nothing(book: Book) -> None:
    tell(
        book,
        agreement("A1", starts_on=DEC),
        agreement("A2", starts_on=date(2021, 11, 1)),
        agreement("A3", amount=money("USD", 0)),
        gift("U-1", 5_00),
    )
    assert [(due.agreement, due.due_on) for due in standing(book, LATER)] == [("A2", NOV), ("A1", DEC)]


def test_what_an_amendment_adds_is_due_on_the_day_it_is_agreed(book: Book, tmp_path: Path) -> None:
    proof = advice(book, tmp_path)

    def amended(number: int, minor: int, on: date) -> None:
        told = {"agreement": "A1", "number": number, "reason": "agreed anew", "evidence": proof}
        tell(book, AgreementAmended.make(on=on, amount=money("USD", minor), **told))

    def parts(on: date) -> list[tuple[date, int, int]]:
        return [(due.due_on, due.outstanding.minor, due.days_late) for due in standing(book, on)]

    tell(book, agreement("A1", starts_on=DEC, amount=money("USD", 1_000_00)))
    amended(1, 1_200_00, NOV)  # before it starts
    tell(book, contribution("E-1", "A1", "USD", 1_200_00, DEC))
    amended(2, 1_500_00, FEB)
    assert parts(date(2022, 1, 31)) == [(DEC, 0, 0)]
    assert parts(FEB) == [(DEC, 0, 0), (FEB, 300_00, 0)]
    assert parts(LATER) == [(DEC, 0, 0), (FEB, 300_00, 28)]
    amended(3, 1_900_00, LATER)
    tell(book, contribution("E-2", "A1", "USD", 100_00, LATER))
    assert parts(APR) == [(DEC, 0, 0), (FEB, 200_00, 59), (LATER, 400_00, 31)]
    amended(4, 1_400_00, APR)  # what was agreed last goes first
    assert parts(APR) == [(DEC, 0, 0), (FEB, 100_00, 59)]
    amended(5, 1_300_00, APR)
    amended(6, 1_350_00, SEP)
    assert parts(SEP) == [(DEC, 0, 0), (FEB, 0, 0), (SEP, 50_00, 0)]


def test_money_that_is_only_agreed_later_is_due_then(book: Book, tmp_path: Path) -> None:
    more = AgreementAmended(
        on=FEB,
        agreement="A1",
        number=1,
        amount=money("USD", 500_00),
        reason="money too",
        evidence=advice(book, tmp_path),
    )
    (_, seq) = (sealed.seq for sealed in tell(book, agreement("A1", amount=money("USD", 0)), more))
    assert [(due.due_on, due.number) for due in standing(book, FEB)] == [(FEB, 1)]
    with book.reading() as books:
        assert get_agreement(books, "A1").instalments == ()
    tell(book, EntryReversed(on=LATER, entry=seq, reason="not signed"))
    assert standing(book, LATER) == []


def test_dues_of_a_donor_or_a_term(book: Book) -> None:
    tell(book, agreement("A1"), agreement("A2", donor="FOUND"))
    assert [due.agreement for due in standing(book, LATER, donor="FOUND")] == ["A2"]
    assert [due.agreement for due in standing(book, LATER, term=TERM)] == ["A1", "A2"]
    assert standing(book, LATER, term="2019-2021") == []


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=9), st.integers(0, 100), st.integers(0, 10**13))
def test_what_is_outstanding_adds_up_to_what_is_owed(parts: list[int], percent: int, usd: int) -> None:
    owed = sum(parts) * percent // 100
    made = Agreement(
        seq=1,
        code="A",
        donor="CITY",
        term=TERM,
        amount=money("EUR", sum(parts)),
        signed_on=NOV,
        starts_on=NOV,
        ends_on=SEP,
        earmark=Earmark(),
        gift=False,
        instalments=tuple(Instalment(due_on=DEC, minor=minor) for minor in parts),
        raised=(),
        amended_on=NOV,
    )
    carried = usd if owed else 0
    found = dues_of(made, Balance(owed, carried), {}, NOV)
    assert sum(due.outstanding.minor for due in found) == owed
    assert sum(due.cents for due in found) == carried
    exact = [due.outstanding.minor * carried / owed if owed else 0 for due in found]
    assert all(abs(due.cents - share) <= 1 + share * 1e-9 for due, share in zip(found, exact, strict=True))
    settled = [due.outstanding.minor < due.amount.minor for due in found]
    assert settled == sorted(settled, reverse=True)
    assert sum(due.state != "paid" and due.outstanding != due.amount for due in found) <= 1


@pytest.mark.parametrize("usd", [0, 5, 100_00])
def test_a_value_that_is_left_where_nothing_is_open_belongs_to_no_instalment(signed: Book, usd: int) -> None:
    with signed.reading() as books:
        found = dues_of(get_agreement(books, "A1"), Balance(0, usd), {}, NOV)
    assert [(due.outstanding.minor, due.cents, due.state) for due in found] == [(0, 0, "paid")] * 3


def test_an_amount_that_is_carried_at_less_than_nothing_has_no_value(signed: Book) -> None:
    with signed.reading() as books:
        found = dues_of(get_agreement(books, "A1"), Balance(1_600_01, -1), {}, NOV)
    assert [(due.outstanding.minor, due.cents) for due in found] == [(0, 0), (1, 0), (1_600_00, 0)]


@settings(max_examples=effort(25, 250))
@given(st.lists(st.tuples(st.sampled_from(["EUR", "KRW"]), MINOR, st.sampled_from([NOV, DEC])), max_size=5))
def test_dues_add_up_to_the_account(ready_template: Path, arrivals: list[tuple[str, int, date]]) -> None:
    with TemporaryDirectory() as folder:
        book = copy_of(ready_template, Path(folder))
        thirds = tuple(Instalment(due_on=DEC, minor=333_33) for _ in range(3))
        for currency in ("EUR", "KRW"):
            tell(book, agreement(f"A-{currency}", amount=money(currency, 999_99), instalments=thirds))
        for number, (currency, minor, on) in enumerate(arrivals):
            with suppress(Refused):  # more than is owed
                tell(book, contribution(f"C-{number}", f"A-{currency}", currency, minor, on))
        with book.reading() as books:
            found = dues(books, AsOf.now(books, DEC))
            for code in ("A-EUR", "A-KRW"):
                own = [due for due in found if due.agreement == code]
                there = total(books, "1200", agreement=code)
                assert sum(due.outstanding.minor for due in own) == there.amount
                assert sum(due.cents for due in own) == there.usd
        book.close()


# ---- ageing


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (0, "not yet due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "over 90"),
        (10_000, "over 90"),
    ],
)
def test_bands_of_ageing(days: int, band: str) -> None:
    assert band_of(days) == band


def test_every_band_is_summed() -> None:
    assert banded([("1-30", 5), ("over 90", 7), ("1-30", 1)]) == dict.fromkeys(BANDS, 0) | {
        "1-30": 6,
        "over 90": 7,
    }


def test_pledges_age_from_the_day_they_are_expected(book: Book) -> None:
    (first, _, _) = tell(
        book,
        pledge("P1", 8_600_00),
        pledge("P2", 1_00, "USD").model_copy(update={"expected_on": date(2021, 12, 31)}),
        pledge("P3", 2_00, "USD"),
    )
    tell(book, PledgeWithdrawn(on=date(2022, 5, 1), pledge="P3", reason="budget"))
    on = date(2022, 4, 30)
    with book.reading() as books:
        found = pledge_ageing(books, AsOf.now(books, on))
        later = pledge_ageing(books, AsOf.now(books, date(2022, 5, 1)))
        early = pledge_ageing(books, AsOf(NOV, first.seq))
    assert [
        (each.pledge.code, each.days_recorded, each.days_overdue, each.band, each.cents) for each in found
    ] == [
        ("P2", 171, 120, "over 90", 1_00),
        ("P1", 171, 60, "31-60", 10_000_00),
        ("P3", 171, 60, "31-60", 2_00),
    ]
    assert [each.pledge.code for each in later] == ["P2", "P1"]
    assert [(each.pledge.code, each.days_overdue, each.band) for each in early] == [("P1", 0, "not yet due")]
