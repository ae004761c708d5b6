"""Results: added up, compared with targets of funded units, as of two dates; and reported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from allocation import (
    INDICATORS,
    Achievement,
    AllocationReduced,
    CommitmentCancelled,
    ProgrammeAdopted,
    ResultReported,
    TermClosed,
    achievements,
    against_targets,
    programme_activities,
    results,
)
from allocation.delivery.result import Result as Reported
from allocation.delivery.result import funded_units
from allocation.programme.programme import Activity
from donors import LANGUAGES
from ledger import AsOf, BadInput, Book, EntryReversed, MdfmError, NotFound, Refused, TermOpened
from mdfm.cli.app import app
from reports import build_progress, build_statement, progress_report, trace_results
from tests.support.small_books import (
    DEC,
    LATER,
    NOV,
    TERM,
    agreement,
    allocation,
    contribution,
    dump,
    file_of,
    gift,
    grant,
    master_data,
    programme,
    tell,
    tranche,
)

COUNTED: dict[str, dict[str, int]] = {
    "T-1": {"events-held": 1, "policy-makers-trained": 25, "cities-reached": 0},
    "T-3": {"publications": 2},
}
FLOWS = {"T-1": {"A1": 75_000_00, "U-1": 25_000_00}, "T-2": {"A1": 10_000_00}}
ENDS = date(2023, 1, 1)


def result(reference: str, on: date = DEC, grant: str = "G1", **values: int) -> ResultReported:
    """A report; indicators are written with underscores."""
    message = {name.replace("_", "-"): count for name, count in values.items()}
    return ResultReported.make(on=on, grant=grant, reference=reference, values=message)


def with_indicators() -> ProgrammeAdopted:
    """The small programme: T-1 and T-3 have indicators, T-2 has none."""
    plain = programme()
    message = tuple(
        each.model_copy(
            update={
                "indicators": COUNTED.get(each.code, {}),
                "titles": dict.fromkeys(LANGUAGES, each.code),
            }
        )
        for each in plain.activities
    )
    return plain.model_copy(update={"activities": message})


@pytest.fixture
def funded(empty_book: Book) -> Book:
    """Two units of T-1 are funded by two donors, and a part of one unit of T-2; each has a grant."""
    tell(
        empty_book,
        *(event for event in master_data() if event.kind != ProgrammeAdopted.kind),
        with_indicators(),
        agreement("A1", amount={"currency": "USD", "minor": 100_000_00}),
        contribution("D-1", "A1", "USD", 100_000_00),
        gift("U-1", 50_000_00),
        allocation("a" * 64, FLOWS).model_copy(update={"lists_on": date(2025, 12, 31)}),
        grant("G1", "T-1", 40_000_00),
        grant("G2", "T-2", 10_000_00),
    )
    return empty_book


def standing(
    book: Book, to: date = LATER, known_at: int | None = None
) -> dict[tuple[str, str], tuple[int, int]]:
    """Reached and target, by activity and indicator."""
    with book.reading() as books:
        as_of = AsOf.now(books, to) if known_at is None else AsOf(to, known_at)
        return {
            (each.activity, each.indicator): (each.reached, each.target)
            for each in achievements(books, TERM, as_of)
        }


# ---- what is counted


def test_a_target_is_that_of_a_unit_times_the_units_that_are_funded(funded: Book) -> None:
    assert standing(funded) == {
        ("T-1", "events-held"): (0, 2),
        ("T-1", "policy-makers-trained"): (0, 50),
    }


def test_reports_add_up_in_the_order_of_their_days(funded: Book) -> None:
    tell(
        funded, result("R-2", LATER, events_held=1, cities_reached=7), result("R-1", policy_makers_trained=30)
    )
    tell(funded, result("R-3", LATER, policy_makers_trained=12))
    assert standing(funded) == {
        ("T-1", "events-held"): (1, 2),
        ("T-1", "policy-makers-trained"): (42, 50),
        ("T-1", "cities-reached"): (7, 0),
    }
    with funded.reading() as books:
        assert [each.reference for each in results(books, grant="G1")] == ["R-1", "R-2", "R-3"]
        assert results(books, activity="T-2") == results(books, term="2023-2025") == []
        (first, *_) = results(books, activity="T-1")
        trained = next(
            each for each in achievements(books, TERM, AsOf.now(books, LATER)) if each.target == 50
        )
    assert (first.on, first.term, dict(first.values)) == (DEC, TERM, {"policy-makers-trained": 30})
    assert trained.share == 8_400
    assert [count for _, count in trained.entries] == [30, 12]


def test_results_are_reported_at_two_clocks(funded: Book) -> None:
    (early,) = tell(funded, result("R-1", events_held=1))
    (late,) = tell(funded, result("R-2", LATER, events_held=1))
    (back,) = tell(funded, EntryReversed(on=LATER, entry=early.seq, reason="counted twice"))
    events = ("T-1", "events-held")
    assert standing(funded)[events] == (1, 2)
    assert standing(funded, known_at=back.seq - 1)[events] == (2, 2)
    assert standing(funded, known_at=late.seq - 1)[events] == (1, 2)
    assert standing(funded, NOV, back.seq - 1) == {}, "nothing was allocated yet, and nothing reported"
    assert standing(funded, DEC, back.seq - 1)[events] == (1, 2)


def test_a_partner_tells_of_what_it_was_paid_after_the_rest_was_cancelled(funded: Book) -> None:
    cancelled = CommitmentCancelled(on=DEC, grant="G1", reference="X-1", reason="a smaller workshop")
    tell(funded, tranche("G1", "T-1", 10_000_00), cancelled, result("R-1", LATER, events_held=1))
    assert standing(funded)["T-1", "events-held"] == (1, 2)


def test_what_is_taken_back_can_be_recorded_again_under_another_reference(funded: Book) -> None:
    (wrong,) = tell(funded, result("R-1", events_held=10))
    tell(
        funded,
        EntryReversed(on=LATER, entry=wrong.seq, reason="a slip"),
        result("R-1-corrected", events_held=1),
    )
    assert standing(funded)["T-1", "events-held"] == (1, 2)


def test_the_same_report_counts_once(funded: Book) -> None:
    first, again = tell(funded, result("R-1", events_held=1), result("R-1", events_held=1))
    assert first.seq == again.seq
    with pytest.raises(Refused):
        tell(funded, result("R-1", events_held=2))
    assert standing(funded)["T-1", "events-held"] == (1, 2)


def test_an_activity_without_indicators_counts_whatever_is_reported(funded: Book) -> None:
    tell(funded, result("R-1", grant="G2", users=1_000, publications=0))
    assert standing(funded)["T-2", "users"] == (1_000, 0)
    assert standing(funded)["T-2", "publications"] == (0, 0)


def test_a_target_shrinks_with_the_allocation(funded: Book) -> None:
    tell(
        funded,
        AllocationReduced.make(
            on=LATER, reference="X", agreement="A1", activity="T-1", cents=45_000_00, reason="less"
        ),
        AllocationReduced.make(
            on=LATER, reference="Y", agreement="U-1", activity="T-1", cents=15_000_00, reason="less"
        ),
    )
    assert standing(funded, DEC)["T-1", "events-held"] == (0, 2)
    assert standing(funded)["T-1", "events-held"] == (0, 1), "40,000 pays for a part of one"


@pytest.mark.parametrize(
    ("cents", "units"), [(0, 0), (-5, 0), (1, 1), (100, 1), (101, 2), (400, 4), (9_999, 4)]
)
def test_a_part_of_a_unit_counts_and_never_more_than_there_are(cents: int, units: int) -> None:
    assert funded_units(Activity("A", 1, "", {}, 100, 4, 1, ()), cents) == units


@given(st.lists(st.dictionaries(st.sampled_from(INDICATORS), st.integers(0, 10**9), min_size=1)))
def test_nothing_that_is_reported_is_lost(values: list[Mapping[Any, int]]) -> None:
    activity = Activity("A", 1, "", {}, 100, 4, 1, (), indicators={"users": 3})
    message = [Reported(n, "G", f"R-{n}", TERM, "A", DEC, each, "") for n, each in enumerate(values)]
    found = {each.indicator: each for each in against_targets({"A": activity}, {"A": 200}, message)}
    for indicator in INDICATORS:
        reports = [each[indicator] for each in values if indicator in each]
        assert (indicator in found) == bool(reports or indicator == "users")
        assert found.get(indicator, Achievement("A", indicator, 0, ())).reached == sum(reports)
    assert found["users"].target == 6


def test_results_stay_in_the_term_in_which_they_were_reported(funded: Book) -> None:
    following, ends = "2023-2025", date(2023, 10, 31)
    opened = TermOpened(on=ends, code=following, starts_on=date(2023, 11, 1), ends_on=date(2025, 10, 31))
    tell(
        funded,
        result("R-1", events_held=1),
        opened,
        TermClosed(on=ends, reference="C", term=TERM, into=following),
    )
    tell(funded, result("R-2", ENDS, events_held=1))
    assert standing(funded, ends)["T-1", "events-held"] == (1, 2)
    with funded.reading() as books:
        later = {
            (each.activity, each.indicator): each
            for each in achievements(books, following, AsOf.now(books, ends))
        }
    assert later["T-1", "events-held"].reached == 1


# ---- what is refused


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (
            result("R", publications=1),
            "T-1 does not count publications: report events-held, policy-makers-tr",
        ),
        (result("R", NOV, events_held=1), "A result of 2021-11-10 is outside the grant G1, which runs from"),
        (result("R", date(2023, 1, 2), events_held=1), "to 2023-01-01"),
        (result("R", grant="G9", events_held=1), "There is no grant 'G9'"),
    ],
)
def test_what_makes_no_sense_is_refused(funded: Book, event: ResultReported, because: str) -> None:
    before = dump(file_of(funded))
    with pytest.raises((Refused, NotFound), match=because):
        tell(funded, event)
    assert dump(file_of(funded)) == before


@pytest.mark.parametrize("values", [{}, {"events_held": -1}, {"events_held": 10**9 + 1}, {"smiles": 1}])
def test_a_count_is_a_whole_number_of_something_known(values: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="The result reported cannot be recorded: values"):
        result("R", **values)


def test_a_grant_with_results_is_not_taken_back(funded: Book) -> None:
    (made,) = tell(funded, grant("G3", "T-1", 1))
    tell(funded, result("R-1", grant="G3", events_held=1))
    with pytest.raises(Refused, match=r"builds on it: reverse that one first\."):
        tell(funded, EntryReversed(on=LATER, entry=made.seq, reason="a slip"))


def test_the_indicators_of_an_unknown_activity_are_a_fault_of_the_file() -> None:
    with pytest.raises(MdfmError, match="indicators"):
        ProgrammeAdopted.make(
            **with_indicators().model_dump(exclude={"activities"}),
            activities=[programme().activities[0].model_dump() | {"indicators": {"smiles": 1}}],
        )


def test_the_strategys_targets_are_the_numbers_that_it_states() -> None:
    targets = {
        each.code: dict(each.indicators) for each in programme_activities("2021-2023") if each.indicators
    }
    of_esd = {code.removeprefix("ESD-"): each for code, each in targets.items() if code.startswith("ESD")}
    assert of_esd == {
        "1.1": {"events-held": 1, "cities-reached": 0},
        "1.2": {"events-held": 1, "cities-reached": 0},
        "1.4": {"events-held": 1, "cities-reached": 0},
        "2.1": {"events-held": 1, "policy-makers-trained": 0, "cities-reached": 0},
        "3.2": {"publications": 1},
    }
    assert len(targets) == 5 * len(of_esd)


# ---- where it is reported


def test_a_statement_reports_on_the_whole_activity(funded: Book) -> None:
    (first,) = tell(funded, result("R-1", events_held=1))
    tell(funded, result("R-2", LATER, events_held=1))
    with funded.reading() as books:
        city, gift_giver = (
            build_statement(books, code, TERM, AsOf.now(books, LATER)) for code in ("CITY", "FOUND")
        )
        earlier = build_statement(books, "CITY", TERM, AsOf(LATER, first.seq))
        before = build_statement(books, "CITY", TERM, AsOf(LATER, first.seq - 1))
    held, trained = city.activities[0].reached
    assert (held.reached, held.target, trained.reached, trained.target) == (2, 2, 0, 50)
    assert gift_giver.activities[0].reached == city.activities[0].reached
    assert (city.activities[0].share, gift_giver.activities[0].share) == (7_500, 2_500)
    assert [each.reached for each in earlier.activities[0].reached] == [1, 0]
    assert trace_results(before) == []
    (traced,) = trace_results(city)
    assert (traced.figure, traced.reached) == ("T-1 events-held", 2)
    assert traced.entries[0] == (first.seq, 1)


def test_the_progress_report_adds_up(funded: Book) -> None:
    tell(funded, result("R-1", events_held=1), result("R-2", grant="G2", events_held=4))
    with funded.reading() as books:
        report = build_progress(books, TERM, AsOf.now(books, LATER), "en")
    (area,) = report.areas
    assert (area.planned, area.committed, area.used) == (110_000_00, 50_000_00, 0)
    assert area.planned == report.total.planned == sum(each.planned for each in report.clusters)
    assert area.tallies == report.tallies
    held = report.tallies[0]
    assert (held.indicator, held.reached, held.towards_target, held.target) == ("events-held", 5, 1, 2)
    assert {city.name for city in report.cities} == {"North", "South"}
    chapters = {each.file: each.table for each in progress_report(report).sections}
    assert list(chapters["results-work-areas"].rows[0][1:]) == ["Events held", 5, 1, 2, 5_000]
    assert list(chapters["results-activities"].rows[-1][2:]) == ["Events held", 4, None, None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_have_names_that_a_workbook_takes(funded: Book, language: str) -> None:
    with funded.reading() as books:
        paper = progress_report(build_progress(books, TERM, AsOf.now(books, LATER), language))
    names = [each.table.name for each in paper.sections]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 31 and not set(name) & set(r"[]:*?/\\") for name in names)


# ---- the command line


def run(book: Book, *words: object, by: str = "planner") -> Result:
    environment = {"MDFM_BOOK": file_of(book), "MDFM_BY": by, "COLUMNS": "200"}
    return CliRunner(env=environment).invoke(app, [str(word) for word in words])


def test_the_commands_report_and_tell(funded: Book, tmp_path: Path) -> None:
    proof = tmp_path / "list.txt"
    proof.write_text("24 names", encoding="utf-8")
    values = ("--indicator", "events-held=1", "--indicator", "policy-makers-trained=1,024")
    done = run(funded, "result", "report", "G1", "R-1", *values, "--evidence", proof, "--on", DEC)
    assert done.exit_code == 0, done.stderr
    (message,) = json.loads(run(funded, "result", "list", "--grant", "G1", "--to", LATER, "--json").stdout)
    assert message["values"] == {"events-held": 1, "policy-makers-trained": 1024}
    rows = json.loads(run(funded, "result", "reached", "--term", TERM, "--to", LATER, "--json").stdout)
    assert rows[0] == {
        "activity": "T-1",
        "indicator": "events-held",
        "target": 2,
        "reached": 1,
        "share_basis_points": 5_000,
    }
    assert "204,800" not in run(funded, "result", "reached", "--term", TERM, "--to", LATER).stdout
    assert "2048.00 %" in run(funded, "result", "reached", "--term", TERM, "--to", LATER).stdout
    out = tmp_path / "progress.pdf"
    assert run(funded, "report", "progress", "--term", TERM, "--to", LATER, "--out", out).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (("events-held",), "'events-held' is not INDICATOR=NUMBER"),
        (("smiles=3",), "the indicators are events-held"),
        (("events-held=-1",), "is not INDICATOR=NUMBER"),
        (("events-held=1.5",), "is not INDICATOR=NUMBER"),
        (("events-held=12,5",), "is not INDICATOR=NUMBER"),
        (("users=1", "users=2"), "The indicator users is given twice"),
    ],
)
def test_a_value_that_cannot_be_read_is_reported_in_a_sentence(
    funded: Book, value: tuple[str, ...], message: str
) -> None:
    before = dump(file_of(funded))
    values = [word for each in value for word in ("--indicator", each)]
    done = run(funded, "result", "report", "G2", "R-1", *values, "--on", DEC)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert message in done.stderr
    assert dump(file_of(funded)) == before
