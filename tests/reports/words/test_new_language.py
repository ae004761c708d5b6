"""A language is one line and one catalogue: then everything is written in it, or it is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from lxml import etree
from pydantic import ValidationError
from pypdf import PdfReader

from allocation import activities
from allocation.programme.file import adopt_file
from donors import LANGUAGES, DonorRegistered, contributions
from ledger import AsOf, BadInput, Book, get_term
from mdfm.books import open_at
from reports import (
    Publisher,
    annual_report,
    build_activity_file,
    build_annual,
    build_letter,
    build_progress,
    build_statement,
    progress_report,
    render_activity_file,
    render_fund_report,
    render_letter,
    render_statement,
    words_in,
    year_of_term,
)
from reports.words import language as module
from reports.words.language import TEMPLATE
from tests.support.example_demo import Demo
from tests.support.small_books import TERM

CODE, LOCALE = "qaa", "pt"
"""A code for local use (ISO 639-2), which no catalogue will have, written as Portuguese is."""
YEAR_END = date(2022, 12, 31)
ACCENTED = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def made_up(english: str) -> str:
    """A translation that nobody takes for English: accents on all vowels, but not on those of fields."""
    return "".join(
        part if part.startswith("{") else part.translate(ACCENTED) for part in re.split(r"(\{.*?\})", english)
    )


def write_catalogue(folder: Path, *, without: tuple[str, ...] = (), doubtful: tuple[str, ...] = ()) -> Path:
    """Write the catalogue of the new language from the template, with all texts but some."""
    with (folder / TEMPLATE).open("rb") as file:
        template = read_po(file)
    catalogue = Catalog(locale=LOCALE)
    for message in template:
        text = str(message.id)
        if text and text not in without:
            catalogue.add(text, made_up(text), flags=("fuzzy",) if text in doubtful else ())
    path = folder / f"{CODE}.po"
    with path.open("wb") as file:
        write_po(file, catalogue)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the catalogues, and the new language in the list."""
    catalogues = Path(copytree(module.CATALOGUES, tmp_path / "locale"))
    monkeypatch.setattr(module, "CATALOGUES", catalogues)
    monkeypatch.setitem(LANGUAGES, CODE, LOCALE)
    words_in.cache_clear()
    yield catalogues
    words_in.cache_clear()


@pytest.fixture
def demo_book(demo: Demo, tmp_path: Path) -> Iterator[Book]:
    opened = open_at(str(demo.copy(tmp_path / "mdfm.book")))
    yield opened
    opened.close()


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_a_statement_a_letter_a_report_and_an_iati_file_are_written_in_it(
    folder: Path, demo_book: Book
) -> None:
    write_catalogue(folder)
    with demo_book.reading() as books:
        now = AsOf.now(books, YEAR_END)
        statement = render_statement(build_statement(books, "CITY-A", TERM, now, CODE))
        reference = contributions(books)[0].reference
        letter = render_letter(build_letter(books, reference, language=CODE))
        year = year_of_term(get_term(books, TERM), YEAR_END.year)
        annual = render_fund_report(annual_report(build_annual(books, TERM, year, now.known_at, CODE)))
        progress = render_fund_report(progress_report(build_progress(books, TERM, now, CODE)))
        iati = render_activity_file(build_activity_file(books, TERM, now, Publisher("XM-DAC-99999")))
    for pdf, title in (
        (statement, "Accountability statement"),
        (letter, "Receipt for a contribution"),
        (annual, "Annual financial report"),
        (progress, "Progress report to the conference"),
    ):
        assert str(PdfReader(BytesIO(pdf)).root_object["/Lang"]) == CODE
        assert made_up(title) in text_of(pdf)
        assert "31 de dezembro de 2022" in text_of(pdf)
        assert made_up("Multi-donor Funding Modality") in text_of(pdf)
    narratives = etree.fromstring(iati).iterfind(".//narrative")
    assert made_up("Events held") in [each.text for each in narratives if each.get(XML_LANG) == CODE]


def test_a_donor_may_be_written_to_in_it(folder: Path) -> None:
    fields: dict[str, Any] = {"on": YEAR_END, "code": "D", "name": "Cidade", "type": "city"}
    assert DonorRegistered.make(**fields, language=CODE).language == CODE
    with pytest.raises(ValidationError, match=f"Input should be 'en', 'fr', .*'es'.* or '{CODE}'"):
        DonorRegistered(**fields, language="de")


def test_titles_that_a_programme_lacks_in_it_are_those_of_the_source_language(
    folder: Path, demo_book: Book
) -> None:
    with demo_book.reading() as books:
        for activity in activities(books, TERM):
            assert CODE not in activity.titles
            assert activity.title(CODE) == activity.title("en")


def test_a_programme_adopted_from_a_file_afterwards_has_titles_in_it(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "programme.csv"
    path.write_text("code,title,work_area,unit_cost,demand,cities\nW-1,Water,1,100,1,UGA\n", "utf-8")
    (planned,) = adopt_file(TERM, path, YEAR_END).activities
    assert planned.titles[CODE] == "Water"


def test_a_language_without_a_catalogue_is_an_error(folder: Path) -> None:
    with pytest.raises(
        BadInput, match=f"no catalogue of the language '{CODE}': make .*{CODE}.po from {TEMPLATE}"
    ):
        words_in(CODE)


@pytest.mark.parametrize("how", ["without", "doubtful"])
def test_a_catalogue_that_lacks_texts_is_an_error_that_quotes_the_first(folder: Path, how: str) -> None:
    lacking = ("Africa", "Allocated", "Cash at bank", "Pledge", "Travel")
    write_catalogue(folder, **{how: lacking})
    quoted = "“Africa”, “Allocated”, “Cash at bank” and 2 more"
    with pytest.raises(BadInput, match=f"'{CODE}' lacks {quoted}: add them to {CODE}.po"):
        words_in(CODE)


def test_a_text_without_a_translation_is_missing(folder: Path) -> None:
    path = write_catalogue(folder)
    path.write_text(path.read_text("utf-8").replace(f'msgstr "{made_up("Pledge")}"', 'msgstr ""'), "utf-8")
    with pytest.raises(BadInput, match=f"'{CODE}' lacks “Pledge”: add them"):
        words_in(CODE)


def test_a_catalogue_that_cannot_be_read_is_an_error(folder: Path) -> None:
    (folder / f"{CODE}.po").write_text("msgid no quotes\n", "utf-8")
    with pytest.raises(BadInput, match=f"{CODE}.po cannot be read: "):
        words_in(CODE)


def test_a_text_that_is_in_no_catalogue_is_an_error_and_not_english(folder: Path) -> None:
    write_catalogue(folder)
    with pytest.raises(BadInput, match=f"'{CODE}' lacks “Never marked”"):
        words_in(CODE)("Never marked")
