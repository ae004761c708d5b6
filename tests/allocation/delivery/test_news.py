"""News of clusters: what was sent, and the six-month periods without news."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from allocation import NewsReported, ProgrammeAdopted, news_due, news_of
from allocation.delivery.news import half_years
from ledger import AsOf, BadInput, Book, EntryReversed, NotFound, Refused, Term
from mdfm.cli.app import app
from tests.support.small_books import LATER, NOV, TERM, dump, file_of, master_data, programme, tell

SECOND_HALF = date(2022, 5, 1)


def news(reference: str, on: date = NOV, cluster: str = "WATER", **more: Any) -> NewsReported:
    usual = {"term": TERM, "headline": f"Headline {reference}", "text": "We have met."}
    return NewsReported.make(on=on, cluster=cluster, reference=reference, **usual | more)


@pytest.fixture
def clusters(empty_book: Book) -> Book:
    """The small programme, with an activity of two clusters beside that of one and that of none."""
    plain = programme()
    shared = {"cluster": "AIR", "clusters": {"AIR": 6_000, "WATER": 4_000}}
    message = (plain.activities[0].model_copy(update=shared), *plain.activities[1:])
    tell(
        empty_book,
        *(event for event in master_data() if event.kind != ProgrammeAdopted.kind),
        plain.model_copy(update={"activities": message}),
    )
    return empty_book


def owed(book: Book, on: date, known_at: int | None = None) -> list[tuple[str, date, int]]:
    with book.reading() as books:
        as_of = AsOf.now(books, on) if known_at is None else AsOf(on, known_at)
        return [(each.cluster, each.starts_on, each.days_late) for each in news_due(books, TERM, as_of)]


def test_every_cluster_owes_news_every_six_months(clusters: Book) -> None:
    first = date(2021, 11, 1)
    assert owed(clusters, date(2021, 10, 31)) == []
    assert owed(clusters, first) == [("AIR", first, 0), ("WATER", first, 0)]
    tell(clusters, news("N-1", first), news("N-2", date(2022, 4, 30), "AIR"))
    assert owed(clusters, date(2022, 4, 29)) == [("AIR", first, 0)]
    assert owed(clusters, date(2022, 4, 30)) == []
    assert owed(clusters, date(2022, 5, 3)) == [("AIR", SECOND_HALF, 0), ("WATER", SECOND_HALF, 0)]
    tell(clusters, news("N-3", SECOND_HALF, "AIR"))
    last = owed(clusters, date(2023, 11, 30))
    assert last[0] == ("WATER", SECOND_HALF, 30 + 365)
    assert [days for _, _, days in last] == [395, 214, 214, 30, 30]


def test_news_is_reported_at_two_clocks(clusters: Book) -> None:
    first, second = tell(clusters, news("N-1"), news("N-2", LATER))
    (back,) = tell(clusters, EntryReversed(on=LATER, entry=first.seq, reason="of another cluster"))
    with clusters.reading() as books:
        assert [each.reference for each in news_of(books, TERM)] == ["N-2"]
        assert [each.reference for each in news_of(books, TERM, known_at=back.seq - 1)] == ["N-1", "N-2"]
        assert [each.reference for each in news_of(books, TERM, known_at=second.seq - 1)] == ["N-1"]
        assert news_of(books, TERM, effective_to=NOV) == news_of(books, TERM, cluster="AIR") == []
    assert ("WATER", date(2021, 11, 1), 0) in owed(clusters, NOV)
    assert ("WATER", date(2021, 11, 1), 0) not in owed(clusters, NOV, back.seq - 1)


def test_the_same_reference_serves_every_cluster(clusters: Book) -> None:
    once, again, other = tell(clusters, news("N-1"), news("N-1"), news("N-1", cluster="AIR"))
    assert once.seq == again.seq < other.seq


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(1, 1_500))
def test_half_years_cover_a_term_without_a_gap(starts_on: date, days: int) -> None:
    ends_on = starts_on + timedelta(days=days)
    halves = half_years(Term("T", starts_on.isoformat(), ends_on.isoformat(), 1))
    assert (halves[0][0], halves[-1][1]) == (starts_on, ends_on)
    assert all(first <= last for first, last in halves)
    for (first, last), (following, _) in pairwise(halves):
        assert following - last == timedelta(days=1)
        assert 180 <= (following - first).days <= 185


@pytest.mark.parametrize(
    ("event", "because"),
    [
        (news("N-1", cluster="WATTER"), r"no cluster 'WATTER' in .* 2021-2023 \(did you mean 'WATER'\?\)\."),
        (news("N-1", date(2021, 10, 31)), "News on 2021-10-31 is outside the term 2021-2023"),
        (news("N-1", term="2031-2033"), "There is no term '2031-2033'"),
    ],
)
def test_what_makes_no_sense_is_refused(clusters: Book, event: NewsReported, because: str) -> None:
    before = dump(file_of(clusters))
    with pytest.raises((Refused, NotFound), match=because):
        tell(clusters, event)
    assert dump(file_of(clusters)) == before


@pytest.mark.parametrize(
    "more", [{"headline": ""}, {"headline": "x" * 201}, {"text": ""}, {"text": "x" * 4_001}]
)
def test_news_has_bounds(more: dict[str, Any]) -> None:
    with pytest.raises(
        BadInput, match="The news reported cannot be recorded: (headline|text): String should"
    ):
        news("N-1", **more)


@pytest.mark.parametrize("name", ["headline", "text"])
def test_news_that_says_nothing_is_no_news(name: str) -> None:
    with pytest.raises(BadInput, match=f"{name}: it is blank: write what there is to tell"):
        news("N-1", **dict[str, Any]({name: " \n\u00a0"}))


def run(book: Book, *words: object) -> Result:
    environment = {"MDFM_BOOK": file_of(book), "MDFM_BY": "planner", "COLUMNS": "200"}
    return CliRunner(env=environment).invoke(app, [str(word) for word in words])


def test_the_commands_report_list_and_tell_what_is_due(clusters: Book) -> None:
    message = ("--term", TERM, "--headline", "We begin", "--text", "The cities have met.", "--on", NOV)
    assert run(clusters, "news", "report", "AIR", "N-1", *message).exit_code == 0
    (sent,) = json.loads(run(clusters, "news", "list", "--term", TERM, "--to", NOV, "--json").stdout)
    assert (sent["cluster"], sent["on"], sent["headline"]) == ("AIR", "2021-11-10", "We begin")
    due = run(clusters, "news", "due", "--term", TERM, "--to", "2022-05-02")
    assert [line.split()[0] for line in due.stdout.splitlines()[2:]] == ["WATER", "AIR", "WATER"]
    assert "late by 2 days" in due.stdout
    assert "No news was sent" in run(clusters, "news", "list", "--term", TERM, "--to", "2021-11-09").stderr
