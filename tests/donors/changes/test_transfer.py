"""Transfers between a donor's agreements: what each has, and what the donor's statement says of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from allocation import execution
from donors import FundsTransferred, RefundAgreed, donors
from ledger import (
    AsOf,
    BadInput,
    Book,
    Document,
    EntryReversed,
    Event,
    MdfmError,
    Refused,
    TermOpened,
    attach,
    available,
    evidence_of,
    head,
)
from reports import build_fund_summary, build_statement
from reports.statement.figure_trace import trace_figures
from reports.statement.sums import given as to_account_for
from reports.statement.sums import left
from tests.mdfm.cli.test_cli import Desk
from tests.support.effort import effort
from tests.support.event_lines import posted_by, require_reversible
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    advice,
    agreement,
    allocation,
    contribution,
    copy_of,
    gift,
    money,
    tell,
)

LETTER = Document("letter.txt", b"We wish it.")
PROOF = (evidence_of(LETTER),)
CONSENT = "consent.txt"


LISTED = date(2025, 12, 1)
"""A day that the recorded lists of countries cover."""


def _allocated(number: int, code: str, cents: int, on: date) -> Event:
    plan = allocation(f"{number:064x}", {"T-1": {code: cents}}, on)
    return plan.model_copy(update={"lists_on": LISTED})


def transfer(code: str, source: str, target: str, cents: int, on: date = DEC) -> FundsTransferred:
    return FundsTransferred(
        on=on, code=code, source=source, target=target, cents=cents, reason="wish", evidence=PROOF
    )


@pytest.fixture
def two(book: Book) -> Book:
    """A book with two agreements of the city, of one of which an activity has a part, and a gift."""
    with book.recording() as journal:
        attach(journal.books, LETTER)
    tell(
        book,
        agreement("A1", amount=money("USD", 10_000_00)),
        agreement("A2", amount=money("EUR", 5_000_00), ends_on=date(2022, 12, 31)),
        contribution("C-1", "A1", "USD", 10_000_00),
        gift("U-1", 700_00),
        _allocated(0, "A1", 4_000_00, DEC),
    )
    return book


def test_available_money_goes_to_another_agreement(two: Book) -> None:
    assert posted_by(two, transfer("M-1", "A1", "A2", 6_000_00)) == [
        "2200 A1 +600000 USD",
        "2200 A2 -600000 USD",
    ]
    with two.reading() as books:
        assert available(books, TERM) == {"A2": 6_000_00, "U-1": 700_00}


def test_a_transfer_can_be_reversed_while_the_money_is_there(two: Book, tmp_path: Path) -> None:
    moved = transfer("M-1", "A1", "A2", 6_000_00)
    require_reversible(two, moved.model_copy(update={"evidence": advice(two, tmp_path)}))
    (sealed,) = tell(two, transfer("M-2", "A1", "A2", 5_000_00))
    tell(two, allocation("b" * 64, {"T-2": {"A2": 1_00}}))
    with pytest.raises(Refused, match="too little on 2200"):
        tell(two, EntryReversed(on=DEC, entry=sealed.seq, reason="a mistake"))


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (
            transfer("M-1", "A1", "A2", 6_000_01),
            "A1 has US\\$6,000.00 available; take back what is allocated",
        ),
        (transfer("M-1", "A2", "A1", 1), "A2 has US\\$0.00 available"),
        (transfer("M-1", "A1", "U-1", 1), "A1 is CITY's and U-1 is FOUND's"),
        (transfer("M-1", "A1", "A2", 1, date(2023, 1, 1)), "outside the dates of agreement A2"),
        (transfer("M-1", "A1", "A3", 1), "A1 stands in the term 2021-2023 and A3 in 2023-2025: close the"),
    ],
)
def test_what_cannot_be_transferred(two: Book, event: Event, reason: str) -> None:
    starts, ends = date(2023, 11, 1), date(2025, 10, 31)
    tell(
        two,
        TermOpened(on=NOV, code="2023-2025", starts_on=starts, ends_on=ends),
        agreement("A3", term="2023-2025", starts_on=starts, ends_on=ends),
    )
    with pytest.raises(Refused, match=reason):
        tell(two, event)


EARLY, JAN, FEB = date(2021, 11, 5), date(2022, 1, 15), date(2022, 2, 15)


@pytest.mark.parametrize(
    ("cents", "on", "refusal"),
    [
        (1, EARLY, f"A1 had US\\$0.00 available on {EARLY}; it can be transferred on {NOV}"),
        (6_000_01, NOV, f"A1 had US\\$6,000.00 available on {DEC}; it can be transferred on {FEB}"),
        (6_000_00, DEC, None),
        (6_000_01, DEC, f"A1 had US\\$6,000.00 available on {DEC}; it can be transferred on {FEB}"),
        (6_000_01, JAN, f"A1 had US\\$6,000.00 available on {JAN}; it can be transferred on {FEB}"),
        (6_000_01, FEB, None),
    ],
)
def test_money_goes_on_a_day_on_which_it_is_there(
    two: Book, cents: int, on: date, refusal: str | None
) -> None:
    tell(two, contribution("C-2", "A2", "EUR", 1_000_00), transfer("M-0", "A2", "A1", 1_000_00, FEB))
    if refusal:
        with pytest.raises(Refused, match=refusal):
            tell(two, transfer("M-1", "A1", "A2", cents, on))
    else:
        tell(two, transfer("M-1", "A1", "A2", cents, on))
        for day in (NOV, DEC, JAN, FEB, LATER):
            with two.reading() as books:
                stated = build_statement(books, "CITY", TERM, AsOf.now(books, day))
            assert all(each.available.cents >= 0 for each in stated.agreements)


def test_money_goes_only_if_it_was_there_ever_since(two: Book) -> None:
    """What is used later and comes back still later was not there for two in between."""
    tell(
        two,
        RefundAgreed(on=JAN, code="RF-1", agreement="A1", cents=5_000_00, reason="wish"),
        contribution("C-2", "A2", "EUR", 5_000_00),
        transfer("M-0", "A2", "A1", 2_000_00, FEB),
    )
    refusal = f"on {DEC}: agreement A1 had US\\$1,000.00 available on {JAN}; it can be transferred on {FEB}"
    with pytest.raises(Refused, match=refusal):
        tell(two, transfer("M-1", "A1", "A2", 3_000_00, DEC))
    tell(two, transfer("M-1", "A1", "A2", 1_000_00, DEC))


def test_no_day_is_named_on_which_the_other_agreement_has_ended(two: Book) -> None:
    spring = date(2023, 3, 1)
    tell(two, agreement("A4", amount=money("USD", 1_00)), contribution("C-4", "A4", "USD", 1_00, on=spring))
    refusal = f"it has it on {spring}, when A2 has ended"
    with pytest.raises(Refused, match=refusal):
        tell(two, transfer("M-1", "A4", "A2", 1_00, DEC))


def test_what_was_reversed_does_not_bind_the_day_of_a_transfer(two: Book) -> None:
    (wrong,) = tell(two, transfer("M-1", "A1", "A2", 6_000_00, DEC))
    tell(two, EntryReversed(on=JAN, entry=wrong.seq, reason="the wrong agreement"))
    tell(two, transfer("M-2", "A1", "A2", 6_000_00, DEC))


def test_what_an_ended_agreement_has_left_can_go_to_one_that_runs(two: Book) -> None:
    tell(two, transfer("M-1", "A1", "A2", 2_00), transfer("M-2", "A2", "A1", 1_00, date(2023, 1, 1)))
    with two.reading() as books:
        assert available(books, TERM)["A1"] == 5_999_00


@pytest.mark.parametrize(
    ("given", "reason"),
    [({"evidence": ()}, "needs the donor's consent"), ({"target": "A1"}, "from one agreement to another")],
)
def test_a_transfer_needs_consent_and_somewhere_to_go(given: dict[str, object], reason: str) -> None:
    told = transfer("M-1", "A1", "A2", 1).model_dump() | given
    with pytest.raises(BadInput, match=reason):
        FundsTransferred.make(**told)


# ---- what reports say


def test_a_transfer_is_nothing_to_the_fund_and_listed_to_the_donor(two: Book) -> None:
    with two.reading() as books:
        until = AsOf.now(books, LATER)
        fund, done = build_fund_summary(books, TERM, until), execution(books, TERM, until)
        before = build_statement(books, "CITY", TERM, until)
    (sealed,) = tell(two, transfer("M-1", "A1", "A2", 6_000_00))
    with two.reading() as books:
        until = AsOf.now(books, LATER)
        assert build_fund_summary(books, TERM, until) == fund
        assert execution(books, TERM, until) == done
        after = build_statement(books, "CITY", TERM, until)
        other = build_statement(books, "FOUND", TERM, until)
    assert before.transfers == other.transfers == ()
    (moved,) = after.transfers
    assert (moved.on, moved.code, moved.source, moved.target) == (DEC, "M-1", "A1", "A2")
    assert (moved.usd.cents, moved.usd.lines) == (6_000_00, ((sealed.seq, 2),))
    assert after.transferred.cents == 0
    assert (left(after), to_account_for(after)) == (left(before), to_account_for(before))
    assert "transferred M-1 A1 A2" in [each.figure for each in trace_figures(after)]


def test_a_transfer_on_a_day_before_its_target_was_signed_stays_the_donors(two: Book) -> None:
    """The money is the donor's on every day, whatever the day of the agreement that has it now."""
    later = agreement("A3", on=LATER, amount=money("USD", 0))
    tell(two, later, transfer("M-1", "A1", "A3", 6_000_00))
    for on in (DEC, LATER):
        with two.reading() as books:
            stated = build_statement(books, "CITY", TERM, AsOf.now(books, on))
        assert (stated.transferred.cents, left(stated)) == (0, 10_000_00)
        assert to_account_for(stated) == left(stated)


def test_a_reversed_transfer_is_listed_twice(two: Book) -> None:
    (sealed,) = tell(two, transfer("M-1", "A1", "A2", 6_000_00))
    tell(two, EntryReversed(on=LATER, entry=sealed.seq, reason="the donor changed its mind"))
    with two.reading() as books:
        stated = build_statement(books, "CITY", TERM, AsOf.now(books, LATER))
    assert [(each.on, each.usd.cents) for each in stated.transfers] == [(DEC, 6_000_00), (LATER, -6_000_00)]


DAYS = st.dates(NOV, LATER)
CODES = st.sampled_from(["A1", "A2", "U-0", "U-1", "U-2"])
TOLD: dict[str, Callable[[int, str, str, int, date], Event]] = {
    "contribution": lambda no, code, _, cents, on: contribution(f"C-{no}", code, "USD", cents, on),
    "gift": lambda no, _code, _, cents, on: gift(f"U-{no % 3}", cents, on=on),
    "transfer": lambda no, code, other, cents, on: transfer(f"M-{no}", code, other, cents, on),
    "allocation": lambda no, code, _, cents, on: _allocated(no, code, cents, on),
    "reversal": lambda no, _code, _, cents, on: EntryReversed(on=on, entry=no - cents % 6, reason="wrong"),
}
DEEDS = st.tuples(st.sampled_from(list(TOLD)), CODES, CODES, st.integers(1, 9_000_00), DAYS)


@given(
    deeds=st.lists(DEEDS, min_size=4, max_size=16),
    clocks=st.lists(st.tuples(DAYS, DAYS, st.integers(0, 40)), min_size=2, max_size=4),
)
@settings(
    max_examples=effort(8, 150),
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_a_statement_of_any_two_clocks_adds_up(
    ready_template: Path,
    deeds: list[tuple[str, str, str, int, date]],
    clocks: list[tuple[date, date, int]],
) -> None:
    """Opening and sources less uses are the balance, whatever was transferred and reversed."""
    with TemporaryDirectory() as folder:
        book = copy_of(ready_template, Path(folder))
        tell(book, *(agreement(code, amount=money("USD", 90_000_00)) for code in ("A1", "A2")))
        with book.reading() as books:
            begun = head(books).seq
        for deed, code, other, cents, on in deeds:
            with book.reading() as books:
                number = head(books).seq
            if deed != "transfer" or code != other:
                with suppress(MdfmError):  # not everything that comes to mind is allowed
                    tell(book, TOLD[deed](number, code, other, cents, on))
        with book.reading() as books:
            for day, another, ago in clocks:
                starts, ends = sorted((day, another))
                known_at = max(begun, head(books).seq - ago)
                for donor in donors(books):
                    as_of = AsOf(ends, known_at)
                    stated = build_statement(books, donor.code, TERM, as_of, starts_on=starts)
                    assert to_account_for(stated) - stated.used.cents == left(stated)
        book.close()


# ---- at the command line


def test_a_transfer_is_recorded_with_the_letter(two: Book, tmp_path: Path) -> None:
    two.close()
    desk = Desk(tmp_path, tmp_path / "copy.book")
    letter = desk.file(CONSENT, "We agree.")
    of = ("--from", "A1", "--to", "A2", "--amount", "1,500", "--reason", "the donor wishes so")
    told = ("agreement", "transfer", "M-1", *of, "--on", str(DEC + timedelta(days=1)))
    assert "needs the donor's consent" in desk.refused(*told)
    entry = desk.approved(*told, "--evidence", letter)
    assert [(line["agreement"], line["usd"]) for line in entry["lines"]] == [
        ("A1", 1_500_00),
        ("A2", -1_500_00),
    ]
