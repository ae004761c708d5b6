"""Closing an agreement: balances are settled in order, and nothing can be recorded afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from allocation import (
    AdvanceReturned,
    AgreementClosed,
    AllocationReduced,
    CommitmentCancelled,
    ExpenditureIncurred,
    ExpenditurePaid,
    SupportCostAgreed,
    SupportCostCharged,
    TermClosed,
    Unsettled,
    YearEnded,
    closing_steps,
    grant_balance,
    owed_for,
)
from donors import (
    AgreementAmended,
    ConditionMet,
    FundsTransferred,
    GoodsUsed,
    Instalment,
    InterestAttributed,
    InterestReceived,
    ReceivableWrittenOff,
    RefundAgreed,
    RefundPaid,
    agreements,
    get_agreement,
    in_kind_gifts,
    refunds,
)
from ledger import (
    Book,
    EntryReversed,
    Event,
    Evidence,
    NotFound,
    Refused,
    TermOpened,
    available,
    consistency_checks,
    open_balances,
    run_checks,
    total,
)
from ledger.storage.schema import entry
from tests.mdfm.cli.test_cli import Desk
from tests.support.event_lines import require_sound
from tests.support.small_books import (
    CHECKER,
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    advice,
    agreement,
    allocation,
    contribution,
    copy_of,
    gift,
    goods,
    grant,
    money,
    report,
    service,
    story,
    tell,
    tranche,
)

END = date(2023, 10, 31)
NEXT = "2023-2025"


def steps(book: Book, code: str = "A1") -> list[Unsettled]:
    with book.reading() as books:
        return closing_steps(books, code)


def require_in_order(book: Book) -> None:
    """What an auditor would look for finds nothing."""
    with book.reading() as books:
        assert [
            each.check.name
            for each in run_checks(books, list(consistency_checks("allocation")))
            if each.found
        ] == []


def closed(code: str, on: date = LATER, times: int = 1) -> AgreementClosed:
    return AgreementClosed(on=on, agreement=code, times=times)


def refunded(code: str, of: str, cents: int) -> list[Event]:
    return [
        RefundAgreed(on=LATER, code=code, agreement=of, cents=cents, reason="not needed"),
        RefundPaid(on=LATER, refund=code, reference="B-9", bank_account="USD1"),
    ]


def held(book: Book, grant: str) -> int:
    """What a partner holds of all agreements."""
    with book.reading() as books:
        return grant_balance(books, grant).advanced


def settle(book: Book, step: Unsettled) -> Event:
    """What the step says is to be done."""
    on, bank, because = LATER, "USD1", "the end"
    settled: dict[str, Callable[[], Event]] = {
        "advance not reported": lambda: AdvanceReturned(
            on=on, grant=step.of, reference="E-1", bank_account=bank, cents=held(book, step.of)
        ),
        "commitment not paid": lambda: CommitmentCancelled(
            on=on, grant=step.of, reference="E-2", reason=because
        ),
        "expenditure not paid": lambda: ExpenditurePaid(
            on=on, expenditure=step.of, reference="E-3", bank_account=bank, cents=step.cents
        ),
        "support cost not charged": lambda: SupportCostCharged(on=on, reference="E-4", term=TERM),
        "allocated and not used": lambda: AllocationReduced.make(
            on=on, reference="E-5", agreement="A1", activity=step.of, cents=step.cents, reason=because
        ),
        "still owed by the donor": lambda: ReceivableWrittenOff(
            on=on, reference="E-6", agreement="A1", amount=money("EUR", 50_000_00), reason=because
        ),
        "goods not used": lambda: GoodsUsed(
            on=on, reference="E-7", goods=step.of, activity="T-1", value=step.cents
        ),
        "available": lambda: RefundAgreed(
            on=on, code="RF-2", agreement="A1", cents=step.cents, reason=because
        ),
        "refund not paid": lambda: RefundPaid(on=on, refund=step.of, reference=step.of, bank_account=bank),
    }
    return settled[step.what]()


@pytest.fixture
def busy(book: Book, tmp_path: Path) -> Book:
    """A book in which everything that there is to settle is left under the agreement A1."""
    tell(
        book,
        *story(advice(book, tmp_path)),
        gift("U-2", 60_000_00),
        grant("G2", "T-1", 8_000_00),
        tranche("G2", "T-2", 4_000_00),
        ExpenditureIncurred.make(
            on=DEC, code="X-1", term=TERM, activity="T-1", payee="Example printer", spent={"supplies": 700_00}
        ),
        SupportCostAgreed(on=NOV, term=TERM, basis_points=700),
        RefundAgreed(on=DEC, code="RF-1", agreement="A1", cents=1_000_00, reason="too much"),
    )
    return book


@pytest.fixture
def ended(book: Book, tmp_path: Path) -> Book:
    """A book with a closed agreement, A9, of which something was used, and an open gift, U-1."""
    tell(
        book,
        gift("U-1", 30_000_00),
        agreement("A9", amount=money("USD", 10_000_00), ends_on=date(2024, 12, 31)),
        contribution("C-1", "A9", "USD", 10_000_00),
        service("SERVICE", advice(book, tmp_path), "A9"),
        allocation("a" * 64, {"T-1": {"A9": 4_000_00}}),
        ExpenditureIncurred.make(
            on=DEC, code="X-1", term=TERM, activity="T-1", payee="Example printer", spent={"travel": 4_000_00}
        ),
        ExpenditurePaid(on=DEC, expenditure="X-1", reference="B-1", bank_account="USD1", cents=4_000_00),
        *refunded("RF-1", "A9", 6_000_00),
        closed("A9"),
    )
    return book


# ---- what is left, and its order


def test_what_is_left_is_settled_in_its_order_and_stays_settled(busy: Book) -> None:
    settled: list[tuple[str, str]] = []
    while left := steps(busy):
        first = left[0]
        assert first.cents > 0
        assert (first.what, first.of) not in settled
        with pytest.raises(Refused, match=f"cannot be closed yet: .* is left \\({first.what}: {first.of}\\)"):
            tell(busy, closed("A1"))
        settled.append((first.what, first.of))
        tell(busy, settle(busy, first))
    assert settled == [
        ("advance not reported", "G1"),
        ("advance not reported", "G2"),
        ("commitment not paid", "G1"),
        ("commitment not paid", "G2"),
        ("expenditure not paid", "X-1"),
        ("support cost not charged", "T-1"),
        ("allocated and not used", "T-1"),
        ("still owed by the donor", "CITY"),
        ("goods not used", "GOODS"),
        ("available", "A1"),
        ("refund not paid", "RF-1"),
        ("refund not paid", "RF-2"),
    ]
    tell(busy, closed("A1"))
    require_sound(busy)
    require_in_order(busy)


def test_each_step_is_what_the_books_say(busy: Book) -> None:
    left = {step.what: step.cents for step in steps(busy)}
    with busy.reading() as books:
        advanced = total(books, "1300", grant_code="G2", agreement="A1").usd
        bound = total(books, "9200", grant_code="G2", agreement="A1").usd
        assert left["advance not reported"] == advanced > 0
        assert left["commitment not paid"] == bound - advanced > 0
        assert left["expenditure not paid"] == owed_for(books, "X-1") == 700_00
        assert left["still owed by the donor"] == total(books, "1200", agreement="A1").usd
        assert left["goods not used"] == total(books, "1400", agreement="A1").usd == 6_000_00
        assert left["available"] == available(books, TERM)["A1"]
        assert left["refund not paid"] == refunds(books, agreement="A1")[0].owed == 1_000_00


def test_an_expenditure_is_still_to_be_paid_after_its_year_and_its_term(busy: Book) -> None:
    tell(
        busy,
        YearEnded(on=END, reference="Y-1", term=TERM),
        TermOpened(on=NOV, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=END, reference="Z-1", term=TERM, into=NEXT),
    )
    assert ("expenditure not paid", "X-1", 700_00) in [
        (step.what, step.of, step.cents) for step in steps(busy)
    ]


def test_what_others_owe_and_have_is_nothing_to_an_agreement(busy: Book) -> None:
    assert {step.what for step in steps(busy, "A2")} == {
        "allocated and not used",
        "available",
        "still owed by the donor",
    }
    assert [(step.what, step.cents) for step in steps(busy, "U-2")] == [("available", 60_000_00)]


def test_an_agreement_that_is_not_there_has_no_steps(book: Book) -> None:
    with pytest.raises(NotFound, match="no agreement 'A8'"):
        steps(book, "A8")
    with pytest.raises(NotFound, match="no agreement 'A8'"):
        tell(book, closed("A8"))


def test_an_agreement_is_closed_on_the_day_of_its_last_entry_or_later(book: Book) -> None:
    tell(book, gift("U-1", 5_00), *refunded("RF-1", "U-1", 5_00))
    with pytest.raises(Refused, match=f"has entries up to {LATER}: close it on that day or later"):
        tell(book, closed("U-1", DEC))
    tell(book, closed("U-1", LATER))


# ---- a closed agreement takes nothing


def under_a9(evidence: tuple[Evidence, ...]) -> list[Event]:
    """Whatever may be recorded of an agreement."""
    return [
        contribution("C-2", "A9", "USD", 1_00),
        goods("K-1", evidence, "A9"),
        service("K-2", evidence, "A9"),
        RefundAgreed(on=LATER, code="RF-2", agreement="A9", cents=1, reason="more"),
        ReceivableWrittenOff(
            on=LATER, reference="L-1", agreement="A9", amount=money("USD", 1), reason="less"
        ),
        FundsTransferred(
            on=LATER, code="M-1", source="U-1", target="A9", cents=1, reason="wish", evidence=evidence
        ),
        FundsTransferred(
            on=LATER, code="M-2", source="A9", target="U-1", cents=1, reason="wish", evidence=evidence
        ),
        AgreementAmended(on=LATER, agreement="A9", number=1, ends_on=END, reason="wish", evidence=evidence),
        ConditionMet(on=LATER, agreement="A9", instalment=1),
        allocation("b" * 64, {"T-2": {"A9": 1}}),
        closed("A9", times=2),
    ]


@pytest.mark.parametrize("number", range(11))
def test_nothing_is_recorded_of_a_closed_agreement(ended: Book, tmp_path: Path, number: int) -> None:
    event = under_a9(advice(ended, tmp_path))[number]
    with pytest.raises(Refused, match=f"The agreement A9 was closed on {LATER}"):
        tell(ended, event)


@pytest.mark.parametrize(
    "kind",
    [
        "agreement signed",
        "contribution received",
        "service in kind received",
        "plan approved",
        "expenditure incurred",
        "refund agreed",
        "refund paid",
    ],
)
def test_what_was_booked_under_a_closed_agreement_is_not_taken_back(ended: Book, kind: str) -> None:
    seq = seq_of(ended, kind)
    with pytest.raises(Refused, match="A9 was closed|builds on it"):
        tell(ended, EntryReversed(on=LATER, entry=seq, reason="a mistake"))


def seq_of(book: Book, kind: str) -> int:
    """The last entry of a kind."""
    with book.reading() as books:
        return int(books.scalar(select(func.max(entry.c.seq)).where(entry.c.kind == kind)) or 0)


def test_nothing_is_recorded_of_it_in_the_batch_that_closes_it(book: Book) -> None:
    events = [gift("U-1", 5_00), *refunded("RF-1", "U-1", 5_00), gift("U-2", 5_00)]
    again = RefundAgreed(on=LATER, code="RF-2", agreement="U-1", cents=1, reason="more")
    with book.recording() as journal:
        journal.record_many([*events, closed("U-1")], made_by=MAKER, approved_by=CHECKER)
    with book.recording() as journal, pytest.raises(Refused, match="U-1 was closed"):
        journal.record_many([again], made_by=MAKER, approved_by=CHECKER)
    with book.recording() as journal, pytest.raises(Refused, match="U-2 was closed"):
        journal.record_many(
            [*refunded("RF-3", "U-2", 5_00), closed("U-2"), again.model_copy(update={"agreement": "U-2"})],
            made_by=MAKER,
            approved_by=CHECKER,
        )


def test_a_closing_is_taken_back_and_recorded_again(ended: Book) -> None:
    tell(ended, EntryReversed(on=LATER, entry=seq_of(ended, "agreement closed"), reason="too early"))
    with ended.reading() as books:
        assert get_agreement(books, "A9").closed_on is None
        assert get_agreement(books, "A9").ends_on == date(2024, 12, 31)
    with pytest.raises(Refused, match="which occurrence"):
        tell(ended, closed("A9"))
    tell(ended, closed("A9", times=2))
    require_sound(ended)


def test_a_closed_agreement_ends_on_that_day_at_both_clocks(ended: Book) -> None:
    closing = seq_of(ended, "agreement closed")
    with ended.reading() as books:
        (now,) = agreements(books, donor="CITY")
        (before,) = agreements(books, donor="CITY", effective_to=date(2022, 2, 28))
        (unknown,) = agreements(books, donor="CITY", known_at=closing - 1)
    assert (now.closed, now.closed_on, now.ends_on) == (True, LATER, LATER)
    for then in (before, unknown):
        assert (then.closed, then.closed_on, then.ends_on) == (False, None, date(2024, 12, 31))


def test_an_agreement_that_ended_before_it_was_closed_keeps_its_last_day(book: Book) -> None:
    tell(book, agreement("A9", amount=money("USD", 0), ends_on=DEC), closed("A9"))
    with book.reading() as books:
        assert get_agreement(books, "A9").ends_on == DEC


# ---- what is shared out later


def test_interest_that_comes_later_goes_to_the_agreements_that_are_open(ended: Book) -> None:
    arrived = InterestReceived(
        on=DEC, reference="I-1", term=TERM, bank_account="USD1", amount=money("USD", 1_00)
    )
    span = {"starts_on": NOV, "ends_on": DEC}
    tell(ended, arrived, InterestAttributed(on=LATER, reference="IA-1", term=TERM, **span))
    with ended.reading() as books:
        assert available(books, TERM) == {"U-1": 30_001_00}


def test_interest_is_not_attributed_where_no_agreement_that_had_money_is_open(book: Book) -> None:
    arrived = InterestReceived(
        on=NOV, reference="I-1", term=TERM, bank_account="USD1", amount=money("USD", 1_00)
    )
    tell(book, gift("U-1", 5_00), *refunded("RF-1", "U-1", 5_00), closed("U-1"), arrived)
    with pytest.raises(Refused, match="that is open had money"):
        tell(book, InterestAttributed(on=DEC, reference="IA-1", term=TERM, starts_on=NOV, ends_on=DEC))


def test_no_support_cost_is_charged_on_what_a_closed_agreement_paid(ended: Book) -> None:
    tell(ended, SupportCostAgreed(on=NOV, term=TERM, basis_points=700))
    with pytest.raises(Refused, match="No support cost is due"):
        tell(ended, SupportCostCharged(on=LATER, reference="S-1", term=TERM))


# ---- the end of a year and of a term


def test_years_and_the_term_end_with_closed_amended_and_part_paid_agreements(
    ended: Book, tmp_path: Path
) -> None:
    parts = (
        Instalment(due_on=NOV, minor=1_000_00),
        Instalment(due_on=DEC, minor=2_000_00, condition="The first part is reported."),
    )
    evidence = advice(ended, tmp_path)
    tell(
        ended,
        agreement("A8", amount=money("USD", 3_000_00), instalments=parts, ends_on=date(2024, 12, 31)),
        ConditionMet(on=DEC, agreement="A8", instalment=2),
        contribution("C-8", "A8", "USD", 1_500_00),
        AgreementAmended(
            on=DEC,
            agreement="A8",
            number=1,
            ends_on=date(2025, 6, 30),
            reason="more time",
            evidence=evidence,
        ),
        YearEnded(on=END, reference="Y-1", term=TERM),
        TermOpened(on=NOV, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=END, reference="Z-1", term=TERM, into=NEXT),
    )
    with ended.reading() as books:
        assert open_balances(books, TERM) == []
        assert "A9" not in {line.agreement for line in open_balances(books, NEXT)}
        assert available(books, NEXT) == {"A8": 1_500_00, "U-1": 30_000_00}
        assert total(books, "1200", agreement="A8", term=NEXT).amount == 1_500_00
        carried = get_agreement(books, "A8")
        assert (carried.term, carried.ends_on, carried.instalments) == (NEXT, date(2025, 6, 30), parts)
        assert get_agreement(books, "A9").closed_on == LATER
    tell(ended, contribution("C-9", "A8", "USD", 1_500_00, date(2023, 11, 20)))
    require_sound(ended)
    require_in_order(ended)


def test_an_amendment_after_the_close_of_a_term_follows_the_money_when_that_is_taken_back(
    ended: Book, tmp_path: Path
) -> None:
    tell(
        ended,
        agreement("A8", ends_on=date(2024, 12, 31)),
        contribution("C-8", "A8", "USD", 1_500_00),
        YearEnded(on=END, reference="Y-1", term=TERM),
        TermOpened(on=NOV, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=END, reference="Z-1", term=TERM, into=NEXT),
        AgreementAmended(
            on=date(2023, 11, 20),
            agreement="A8",
            number=1,
            ends_on=date(2025, 6, 30),
            reason="more time",
            evidence=advice(ended, tmp_path),
        ),
    )
    with ended.reading() as books:
        assert [each.ends_on for each in agreements(books, term=TERM) if each.code == "A8"] == [
            date(2025, 6, 30)
        ]
    tell(ended, EntryReversed(on=END, entry=seq_of(ended, "term closed"), reason="too early"))
    with ended.reading() as books:
        assert (get_agreement(books, "A8").term, available(books, TERM)["A8"]) == (TERM, 1_500_00)


def test_the_carried_gift_that_is_closed_does_not_run_on(ended: Book) -> None:
    tell(
        ended,
        gift("U-2", 5_00),
        *refunded("RF-2", "U-2", 5_00),
        closed("U-2"),
        YearEnded(on=END, reference="Y-1", term=TERM),
        TermOpened(on=NOV, code=NEXT, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=END, reference="Z-1", term=TERM, into=NEXT),
    )
    with ended.reading() as books:
        assert get_agreement(books, "U-1").ends_on == date(2025, 10, 31)
        assert get_agreement(books, "U-2").ends_on == LATER


# ---- at the command line


@pytest.fixture(scope="module")
def template(ready_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a book in which money came, was allocated, and is partly spent."""
    folder = tmp_path_factory.mktemp("closing")
    book = copy_of(ready_template, folder)
    tell(book, *story(advice(book, folder)), gift("U-2", 5_00), report("G1", "R-2", operating=5_555_00))
    book.close()
    return folder / "copy.book"


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Desk:
    return Desk.at(template, tmp_path)


ON = ("--on", "2022-03-02")


def test_the_steps_are_shown_with_what_to_do(desk: Desk) -> None:
    shown = desk("agreement", "closing", "A1", code=1)
    assert "cannot be closed yet" in shown.stderr
    assert "mdfm allocation reduce" in shown.stdout
    listed = desk.json("agreement", "closing", "A1", code=1)
    assert [each["what"] for each in listed][-2:] == ["goods not used", "available"]
    assert all(each["cents"] > 0 for each in listed)


def test_an_agreement_is_closed_and_says_so(desk: Desk) -> None:
    assert desk("refund", "list").stderr == "No refund was agreed.\n"
    agree = ("refund", "agree", "RF-1", "--agreement", "U-2", "--amount", "5", "--reason", "end", *ON)
    seq = desk.approved(*agree)["seq"]
    assert desk.json("refund", "list") == [
        {
            "seq": seq,
            "code": "RF-1",
            "agreement": "U-2",
            "donor": "FOUND",
            "agreed_on": "2022-03-02",
            "cents": 5_00,
            "paid_on": None,
            "paid": None,
            "owed_cents": 5_00,
        }
    ]
    desk.approved("refund", "pay", "RF-1", "B-1", "--bank", "USD1", *ON)
    assert [(each["paid_on"], each["owed_cents"]) for each in desk.json("refund", "list")] == [
        ("2022-03-02", 0)
    ]
    assert "nothing is left" in desk("agreement", "closing", "U-2").stderr
    assert desk.json("agreement", "closing", "U-2") == []
    desk.approved("agreement", "close", "U-2", *ON)
    assert "was closed on 2022-03-02" in desk("agreement", "closing", "U-2").stderr
    assert desk.json("agreement", "show", "U-2")["closed_on"] == "2022-03-02"
    assert "to 2022-03-02, closed on 2022-03-02" in desk("agreement", "show", "U-2").stdout


def test_expenditures_are_listed_until_they_are_paid(desk: Desk) -> None:
    assert "no expenditure yet" in desk("expenditure", "list").stderr
    of = ("--term", TERM, "--activity", "T-1", "--payee", "Example printer", *ON)
    for code, amount in (("X-1", "700"), ("X-2", "50")):
        desk.approved("expenditure", "incur", code, *of, "--spent", f"supplies={amount}")
    desk.approved("expenditure", "pay", "X-1", "B-1", "--bank", "USD1", "--amount", "300", *ON)
    desk.approved("expenditure", "pay", "X-2", "B-2", "--bank", "USD1", "--amount", "50", *ON)
    figures = [(row["code"], row["cents"], row["owed_cents"]) for row in desk.json("expenditure", "list")]
    assert figures == [("X-1", 700_00, 400_00), ("X-2", 50_00, 0)]
    assert [row["code"] for row in desk.json("expenditure", "list", "--unpaid")] == ["X-1"]
    assert "There is no term '2019-2021'" in desk.refused("expenditure", "list", "--term", "2019-2021")
    desk.approved("expenditure", "pay", "X-1", "B-3", "--bank", "USD1", "--amount", "400", *ON)
    assert "Nothing is owed" in desk("expenditure", "list", "--unpaid").stderr


def test_goods_of_an_agreement_are_named(busy: Book) -> None:
    with busy.reading() as books:
        named = [each.code for each in in_kind_gifts(books, agreements=["A1"]) if each.form == "goods"]
    assert [step.of for step in steps(busy) if step.what == "goods not used"] == [", ".join(named)]
