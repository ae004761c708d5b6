"""Execution against plan: each view adds up to the same, and to the books, at any two clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import (
    AllocationMoved,
    AllocationReduced,
    ExpenditureIncurred,
    PlanApproved,
    ProgrammeAdopted,
    TermClosed,
    YearEnded,
    execution,
)
from allocation.term.execution import NO_GROUP
from ledger import AsOf, Book, EntryReversed, TermOpened, allotments, trial_balance
from mdfm.books import create, open_at
from mdfm.cli.app import app
from tests.support.effort import effort
from tests.support.example_demo import Demo
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    allocation,
    clock,
    file_of,
    gift,
    grant,
    master_data,
    report,
    tell,
    tranche,
)

VIEWS = ("activity", "cluster", "region")
YEAR_END, TERM_END = date(2022, 12, 31), date(2023, 10, 31)


def shares() -> ProgrammeAdopted:
    """T-1 reaches two regions equally, T-2 three clusters and two regions unequally, T-3 nobody by name."""
    by_shares = {
        "cluster": "C1",
        "clusters": {"C1": 3333, "C2": 3333, "C3": 3334},
        "cities": ("North", "South"),
        "shares": (6667, 3333),
    }
    usual = {"work_area": 1, "unit_cents": 100, "units": 10**6, "demand": 1}
    return ProgrammeAdopted.make(
        on=NOV,
        term=TERM,
        edition="example",
        cities=[
            {"name": "North", "country": "KEN", "region": "Africa"},
            {"name": "South", "country": "KOR", "region": "Asia and the Pacific"},
        ],
        activities=[
            {"code": "T-1", "cluster": "C1", "cities": ("North", "South"), "titles": {"en": "One"}, **usual},
            {"code": "T-2", "titles": {"en": "Two"}, **usual, **by_shares},
            {"code": "T-3", "cluster": "", "cities": (), "titles": {"en": "Three"}, **usual},
        ],
    )


@pytest.fixture(scope="module")
def running() -> Iterator[Book]:
    """A plan that is revised, moved and reduced, and of which a part is granted and a part used."""
    book = create("sqlite://", clock())
    before = [event for event in master_data() if not isinstance(event, ProgrammeAdopted)]
    tell(book, *before, shares(), gift("U-1", 1_000_00))
    tell(book, allocation("a" * 64, {"T-1": {"U-1": 500_01}, "T-3": {"U-1": 99_99}}))
    revised = allocation("b" * 64, {"T-1": {"U-1": 400_01}, "T-2": {"U-1": 200_00}, "T-3": {"U-1": 99_99}})
    tell(
        book,
        revised.model_copy(update={"revises": True}),
        AllocationMoved.make(
            on=DEC, reference="M-1", agreement="U-1", activity="T-1", cents=1_00, to="T-2", reason="more"
        ),
        AllocationReduced(
            on=LATER, reference="R-1", agreement="U-1", activity="T-3", cents=9_99, reason="cheaper"
        ),
        grant("G1", "T-1", 100_00),
        tranche("G1", "T-1", 70_00),
        report("G1", "E-1", travel=33_34),
    )
    bought = ExpenditureIncurred.make(
        on=LATER, code="X-1", term=TERM, activity="T-2", payee="Example printer", spent={"supplies": 50_05}
    )
    (wrong,) = tell(book, bought.model_copy(update={"code": "X-0"}))
    tell(book, EntryReversed(on=LATER, entry=wrong.seq, reason="told twice"), bought)
    yield book
    book.close()


def figures(
    book: Book, view: str, on: date = LATER, known_at: int | None = None
) -> dict[str, tuple[int, ...]]:
    with book.reading() as books:
        as_of = AsOf.now(books, on) if known_at is None else AsOf(on, known_at)
        found = execution(books, TERM, as_of, view)  # type: ignore[arg-type]
    rows: dict[str, tuple[int, ...]] = {
        each.name: (each.planned, each.committed, each.used, each.left) for each in found.rows
    }
    total = found.total
    columns = tuple(map(sum, zip(*rows.values(), strict=True))) if rows else (0, 0, 0, 0)
    assert columns == (total.planned, total.committed, total.used, total.left)
    return rows


def test_what_is_planned_committed_used_and_left(running: Book) -> None:
    assert figures(running, "activity") == {
        "T-1": (399_01, 66_66, 33_34, 299_01),
        "T-2": (201_00, 0, 50_05, 150_95),
        "T-3": (90_00, 0, 0, 90_00),
    }


def test_an_activity_is_shared_out_by_the_largest_remainder(running: Book) -> None:
    assert figures(running, "cluster")[NO_GROUP] == (90_00, 0, 0, 90_00)
    regions = figures(running, "region")
    assert regions[NO_GROUP] == (90_00, 0, 0, 90_00)
    # Of T-1 the one odd cent goes to the first by name; two thirds of T-2's 50.05 are 33.37 to the cent.
    assert regions["Africa"] == (199_50 + 1 + 134_01, 33_33, 16_67 + 33_37, 149_51 + 100_64)
    assert figures(running, "cluster")["C2"][2] == 16_68


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_adds_up_to_the_same(running: Book, view: str) -> None:
    rows = figures(running, view)
    assert tuple(map(sum, zip(*rows.values(), strict=True))) == (690_01, 66_66, 83_39, 539_96)


def test_it_is_read_at_any_date(running: Book) -> None:
    assert figures(running, "activity", NOV) == {}
    assert figures(running, "activity", DEC)["T-3"] == (99_99, 0, 0, 99_99)


def test_it_is_read_as_it_was_known(running: Book) -> None:
    with running.reading() as books:
        (first, _) = books.exec_driver_sql(
            "SELECT seq FROM entry WHERE kind = ?", (PlanApproved.kind,)
        ).scalars()
    assert figures(running, "activity", LATER, first) == {
        "T-1": (500_01, 0, 0, 500_01),
        "T-3": (99_99, 0, 0, 99_99),
    }
    assert figures(running, "region", LATER, first - 1) == {}


def test_the_totals_are_those_of_the_books(running: Book) -> None:
    with running.reading() as books:
        as_of = AsOf.now(books, LATER)
        total = execution(books, TERM, as_of).total
        stands = {row.account: row.usd for row in trial_balance(books, as_of, TERM)}
        free = sum(each.free for each in allotments(books, TERM))
    assert total.planned == -stands["2300"]
    assert total.used == sum(cents for account, cents in stands.items() if account.startswith("3"))
    assert (total.committed, total.left) == (stands["9200"], free)


def test_the_end_of_a_year_and_of_the_term_change_nothing() -> None:
    """Neither when use is set off, nor when what is left is carried over: both terms tell what they had."""
    book = create("sqlite://", clock())
    tell(book, *master_data(), gift("U-1", 300_00), allocation("a" * 64, {"T-1": {"U-1": 200_00}}))
    spent = ExpenditureIncurred.make(
        on=LATER, code="X-1", term=TERM, activity="T-1", payee="Example printer", spent={"travel": 50_00}
    )
    tell(book, spent)
    before = figures(book, "activity", TERM_END)
    assert before == {"T-1": (200_00, 0, 50_00, 150_00)}
    tell(book, YearEnded(on=YEAR_END, reference="Y-1", term=TERM))
    assert figures(book, "activity", TERM_END) == before
    tell(
        book,
        TermOpened(on=TERM_END, code="NEXT", starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31)),
        TermClosed(on=TERM_END, reference="Z-1", term=TERM, into="NEXT"),
    )
    assert figures(book, "activity", TERM_END) == before
    with book.reading() as books:
        carried = execution(books, "NEXT", AsOf.now(books, TERM_END)).rows
    assert [(each.name, each.planned, each.left) for each in carried] == [("T-1", 150_00, 150_00)]
    book.close()


@settings(max_examples=effort(8, 250))
@given(
    st.lists(st.tuples(st.sampled_from(["T-1", "T-2", "T-3"]), st.integers(1, 10**7)), min_size=1, max_size=6)
)
def test_whatever_is_planned_every_view_adds_up_to_the_cent(given_: list[tuple[str, int]]) -> None:
    book = create("sqlite://", clock())
    before = [event for event in master_data() if not isinstance(event, ProgrammeAdopted)]
    tell(book, *before, shares(), gift("U-1", 10**8))
    for number, (code, cents) in enumerate(given_):
        tell(
            book,
            allocation(f"{number:064x}", {code: {"U-1": cents}}),
            grant(f"G{number}", code, -(-cents // 3)),
        )
    totals = set()
    for view in VIEWS:
        rows = figures(book, view)
        assert all(min(row) >= 0 for row in rows.values())
        totals.add(tuple(map(sum, zip(*rows.values(), strict=True))))
    ((planned, *_),) = totals
    assert planned == sum(cents for _, cents in given_)
    book.close()


# --- on the command line ------------------------------------------------------------------------------------


def test_the_table_fits_and_ends_with_the_total(demo: Demo) -> None:
    words = ("plan", "execution", "--term", "2021-2023", "--group-by", "region", "--to", "2022-12-31")
    result = CliRunner().invoke(app, ["--book", str(demo.book), *words])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[-1].split()[:3] == ["Total", "1,100,000.00", "160,183.78"]


def test_nothing_is_said_in_a_sentence(played: Book) -> None:
    place = file_of(played)
    played.close()
    words = ["--book", place, "plan", "execution", "--term", TERM, "--to", "2021-11-01"]
    result = CliRunner().invoke(app, words)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Nothing was allocated by then.\n"
    open_at(place).close()
