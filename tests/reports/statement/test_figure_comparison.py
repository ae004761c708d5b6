"""Figures apart from words and drawings: another layout of them agrees, a changed figure is named."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import render_statement
from reports.render import page
from reports.render.pdf_reading import Page, PdfContent
from reports.statement.comparison import _figure_changes, _months, compare_figures
from tests.support import altered_pdf
from tests.support.altered_pdf import Place
from tests.support.effort import effort
from tests.support.sample_statement import sample_statement

LANGUAGES = ("en", "fr", "es")


@cache
def drawn(language: str) -> bytes:
    return render_statement(sample_statement(language))


@cache
def drawn_before(language: str, margin: float) -> bytes:
    """The statement as a program with other margins drew it: words and figures stand elsewhere."""
    with pytest.MonkeyPatch.context() as before:
        before.setattr(page, "PAGE_MARGIN", margin)
        return render_statement(sample_statement(language))


@cache
def places(language: str) -> list[Place]:
    return altered_pdf.digits(drawn_before(language, 54.5))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("margin", [54.5, 40.0, 60.0])
def test_other_margins_and_page_breaks_have_the_same_figures(language: str, margin: float) -> None:
    assert drawn_before(language, margin) != drawn(language)
    result = compare_figures(drawn_before(language, margin), drawn(language), language)
    assert (result.differences, result.outside) == ((), ())


@settings(max_examples=effort(12, 200))
@given(st.data())
def test_any_digit_changed_in_another_layout_is_named(data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(LANGUAGES))
    place = data.draw(st.sampled_from(places(language)))
    altered = altered_pdf.with_digit_changed(drawn_before(language, 54.5), place)
    result = compare_figures(altered, drawn(language), language)
    (difference,) = result.differences
    assert difference.page == place.page
    pairs = zip(difference.paper, difference.books, strict=True)
    ((said, ours),) = [pair for pair in pairs if pair[0] != pair[1]]
    assert int(said) == (int(ours) + 1) % 10


def test_a_form_that_was_added_is_told() -> None:
    noted = altered_pdf.with_change(drawn("en"), lambda writer: writer.add_attachment("a.txt", b"a"))
    assert "scripts" in compare_figures(noted, drawn("en"), "en").outside[0]


# ---- what is a figure


FOOTER = (("S-1", "interim"), ("31", "December", "2021", "Page", "1", "of", "1"))


def content(*rows: str, footer: tuple[tuple[str, ...], ...] = FOOTER) -> PdfContent:
    lines = tuple(tuple(row.split(" ")) for row in rows)
    return PdfContent({}, (Page((*lines, *footer), ""),), frozenset())


def changes(one: PdfContent, other: PdfContent, language: str = "en") -> Iterator[tuple[str, str]]:
    return ((each.paper, each.books) for each in _figure_changes(one, other, _months(language)))


@pytest.mark.parametrize(
    ("paper", "books", "found"),
    [
        ("Given 1,000.00 by GOV-A", "Received 1,000.00 from GOV-A", []),
        ("Given 1,000.00, in all", "Given 1,000.00 in all", []),
        ("Given 1,000.00", "Given 1,000.01", [("1,000.00", "1,000.01")]),
        ("Given (1,000.00)", "Given 1,000.00", [("(1,000.00)", "1,000.00")]),
        ("Given -5.00", "Given 5.00", [("-5.00", "5.00")]),
        ("until 31 March 2022", "to 31 March 2022", []),
        ("until 31 March 2022", "until 31 May 2022", [("March", "May")]),
        ("from GOV-A in EUR", "from GOV-B in EUR", [("GOV-A", "GOV-B")]),
        ("from GOV-A in EUR", "from GOV-A in CHF", [("EUR", "CHF")]),
        ("line status=interim", "line status=certified", [("status=interim", "status=certified")]),
        ("5.00 and 6.00", "6.00 and 5.00", [("6.00", ""), ("", "6.00")]),
        ("5.00", "5.00 5.00", [("", "5.00")]),
    ],
)
def test_amounts_dates_and_codes_are_compared_in_their_order(
    paper: str, books: str, found: list[tuple[str, str]]
) -> None:
    assert sorted(changes(content(paper), content(books))) == sorted(found)


def test_months_are_those_of_the_language() -> None:
    assert list(changes(content("1er août 2022"), content("1er juin 2022"), "fr")) == [("août", "juin")]
    assert list(changes(content("1 de août"), content("1 de juin"), "es")) == []


def test_a_footer_is_compared_on_every_page() -> None:
    forged = (("S-1", "interim"), ("31", "December", "2022", "Page", "1", "of", "1"))
    assert list(changes(content("5.00", footer=forged), content("5.00"))) == [("2022", "2021")]
    another_page = (("S-1", "interim"), ("31", "December", "2021", "Page", "1", "of", "2"))
    assert list(changes(content("5.00", footer=another_page), content("5.00"))) == [("2", "1")]
