"""Whatever happens to a fund: every report says the same of it, at any two clocks."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from ledger import AsOf, head
from tests.ledger.journal.test_whatever_happens import LIFE, Fund
from tests.support.effort import effort
from tests.support.engines import Files
from tests.support.fund_model import ENDS, NEXT
from tests.support.machine.base import PICK
from tests.support.reports_agree import Auditor
from tests.support.small_books import DEC, LATER, NOV, TERM

EXAMPLES, STEPS = effort(3, 60), 40
DAYS = {
    TERM: (date(2021, 11, 1), NOV, date(2021, 11, 30), DEC, date(2021, 12, 31), LATER, ENDS[TERM]),
    NEXT: (date(2023, 11, 1), date(2023, 11, 30), date(2023, 12, 31), date(2024, 3, 1), ENDS[NEXT]),
}
"""On which something happens, and between which nothing does."""
READY_AT = 12
"""The entry by which both terms are open."""


@pytest.fixture(autouse=True)
def lists_of_countries(monkeypatch: pytest.MonkeyPatch) -> None:
    # Plans are approved by hand, on days for which no lists of countries are recorded.
    monkeypatch.setattr("reports.figures.markers.lists_day", lambda *_: date(2025, 12, 31))


class Audited(Fund):
    """A fund whose reports are looked at now and then, and when its story is over."""

    def the_books_say_what_the_model_says(self) -> None:
        """The other test is about that."""

    def what_there_is_is_owed_or_used(self) -> None:
        """As is this."""

    @rule(
        term=st.sampled_from([TERM, TERM, NEXT]),
        places=st.lists(PICK, min_size=3, max_size=3),
        back=st.integers(0, 25),
    )
    def an_auditor_looks(self, term: str, places: list[int], back: int) -> None:
        days = DAYS[term]
        first, between, last = sorted(days[place % len(days)] for place in places)
        with self.book.reading() as books:
            Auditor(books, term, max(READY_AT, head(books).seq - back)).audit(first, between, last)

    def teardown(self) -> None:
        with closing(self.book), self.book.reading() as books:
            for term, days in DAYS.items():
                auditor = Auditor(books, term, head(books).seq)
                auditor.audit(days[0], days[2], days[-1])
                auditor.follow_contributions(AsOf(days[-1], auditor.known_at))
        self.shelf.discard(self.location)


def test_when_everything_happened_once(files: Files) -> None:
    fund = Audited(files, Counter())
    fund.there_is_something_to_begin_with("EUR")
    for number, (play, *told) in enumerate(LIFE):
        play(fund, *told)
        if number % 12 == 0:
            fund.an_auditor_looks(fund.model.term, [0, number, 99], 0)
    fund.teardown()


def test_whatever_happens(files: Files) -> None:
    chosen = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # to make a failure smaller would take minutes
    )

    class OnFiles(Audited):
        def __init__(self) -> None:
            super().__init__(files, Counter())

    run_state_machine_as_test(OnFiles, settings=chosen)
