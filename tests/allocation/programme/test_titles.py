"""Titles of activities: a programme written by hand may have them in some languages only, or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from allocation import Activity, ExpenditureIncurred
from donors import LANGUAGES
from ledger import Book
from mdfm.cli.app import app
from tests.support.small_books import (
    LATER,
    TERM,
    agreement,
    allocation,
    contribution,
    file_of,
    master_data,
    programme,
    tell,
)

LISTED = date(2025, 12, 1)
"""A day that the recorded lists of countries cover."""
UNTIL = ("--to", "2022-12-31")


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ({"en": "Reading", "fr": "Lire", "es": "Leer"}, "Leer"),
        ({"en": "Reading", "fr": "Lire"}, "Reading"),
        ({"fr": "Lire", "ar": "قراءة"}, "Lire"),
        ({"sw": "Kusoma", "ar": "قراءة"}, "قراءة"),
        ({"es": "", "fr": "Lire"}, "Lire"),
        ({}, "A-1"),
    ],
)
def test_a_title_is_reported_in_the_language_or_else_in_the_first_that_there_is(
    titles: dict[str, str], expected: str
) -> None:
    assert Activity("A-1", 1, "", titles, 100, 1, 1, ()).title("es") == expected


@pytest.fixture
def by_hand(empty_book: Book) -> Book:
    """T-1 has a title in French only, T-2 in Arabic only, T-3 in no language; each has money and use."""
    titles = {"T-1": {"fr": "Un atelier"}, "T-2": {"ar": "ورشة عمل"}, "T-3": {}}
    *others, _ = master_data()
    adopted = programme()
    activities = tuple(
        each.model_copy(update={"titles": titles[each.code], "indicators": {"events-held": 1}})
        for each in adopted.activities
    )
    flows = {code: {"A1": 1_000_00} for code in titles}
    tell(
        empty_book,
        *others,
        adopted.model_copy(update={"activities": activities}),
        agreement("A1"),
        contribution("R-1", "A1", "USD", 10_000_00),
        allocation("a" * 64, flows).model_copy(update={"lists_on": LISTED}),
        *(
            ExpenditureIncurred.make(
                on=LATER, code=f"X-{code}", term=TERM, activity=code, payee="Printer", spent={"travel": 70_00}
            )
            for code in titles
        ),
    )
    return empty_book


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "words",
    [
        ("programme", "list", "--term", TERM),
        ("statement", "write", "CITY", "--term", TERM, *UNTIL, "--out", "paper.pdf"),
        ("report", "progress", "--term", TERM, *UNTIL),
        ("report", "term", "--term", TERM, *UNTIL),
        ("report", "annual", "--term", TERM, *UNTIL),
        ("report", "overview", "--term", TERM, *UNTIL, "--out", "paper.pdf"),
    ],
    ids=" ".join,
)
def test_a_programme_in_a_language_shows_activities_without_a_title_in_it(
    by_hand: Book, words: tuple[str, ...], language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner(env={"MDFM_BOOK": file_of(by_hand)}).invoke(app, [*words, "--language", language])
    assert run.exit_code == 0, run.output


def test_a_contributions_trace_tells_of_them(by_hand: Book) -> None:
    words = ["contribution", "trace", "R-1", *UNTIL, "--json"]
    run = CliRunner(env={"MDFM_BOOK": file_of(by_hand)}).invoke(app, words)
    assert run.exit_code == 0, run.output
    assert all(f'"title": "{title}"' in run.stdout for title in ("Un atelier", "ورشة عمل", "T-3"))
