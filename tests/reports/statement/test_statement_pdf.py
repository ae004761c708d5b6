"""PDFs of statements and overviews: read back as a reader, an archivist and an auditor would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from donors import LANGUAGES
from reports.figures.figure import Figure
from reports.fund.overview import ActivityUse, DonorTotal, Overview
from reports.fund.overview_pdf import render_overview
from reports.render.typeface import FONTS, covered, readable
from reports.statement.pdf import DoesNotAddUp, render_statement
from reports.statement.statement import Statement, StatementBalance
from reports.words.labels import CATEGORIES
from reports.words.language import words_in
from tests.support.place import ROOT
from tests.support.sample_statement import CITIES, FUND, SEAL, empty_statement, sample_statement


def pages(pdf: bytes) -> list[str]:
    return [plain(page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


def plain(text: str) -> str:
    return " ".join(text.split())


def fonts(pdf: bytes) -> list[DictionaryObject]:
    """Every font in a document."""
    reader = PdfReader(BytesIO(pdf))
    things = [reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1)]
    return [
        thing for thing in things if isinstance(thing, DictionaryObject) and thing.get("/Type") == "/Font"
    ]


def figures(statement: Statement) -> list[str]:
    """Every amount that a statement contains, as its language writes it."""
    words, fund, balance = words_in(statement.language), statement.fund, statement.balance
    cents = [
        statement.opening.cents,
        statement.received.cents,
        statement.interest.cents,
        statement.exchange.cents,
        -statement.refunds.cents,
        -statement.used.cents,
        statement.bank_charges.cents,
        balance.available.cents,
        balance.allocated.cents,
        balance.committed.cents,
        fund.target,
        fund.pledged,
        fund.receivable,
        fund.received,
        fund.in_kind,
        fund.allocated,
        fund.used,
        fund.committed,
        fund.available,
        *(use.usd.cents for use in statement.uses),
        *(amount for _, amount in fund.by_donor_type),
        *(owed.usd.cents for owed in statement.outstanding),
        *(receipt.usd.cents for receipt in statement.receipts),
        *(item.usd.cents for item in statement.in_kind),
        *(item.used.cents for item in statement.in_kind),
        *(activity.allocated.cents for activity in statement.activities),
        *(activity.allocated_by_all for activity in statement.activities),
    ]
    own = [(agreement.amount, agreement.currency) for agreement in statement.agreements]
    own += [(receipt.amount, receipt.currency) for receipt in statement.receipts]
    own += [(owed.amount, owed.currency) for owed in statement.outstanding]
    shares = [fund.progress, fund.delivery_rate, *(activity.share for activity in statement.activities)]
    return [
        *map(words.amount, cents),
        *(words.money(minor, currency) for minor, currency in own),
        *map(words.percent, shares),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_stands_in_the_statement_as_its_language_writes_it(language: str) -> None:
    statement = sample_statement(language)
    said = " ".join(pages(render_statement(statement)))
    assert [figure for figure in figures(statement) if plain(figure) not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_tells_given_used_and_left(language: str) -> None:
    statement, words = sample_statement(language), words_in(language)
    first = pages(render_statement(statement))[0]
    assert statement.donor_name in first
    for cents in (9_455_631, statement.used.cents, 9_455_631 - statement.used.cents, statement.fund.target):
        assert plain(words.usd(cents)) in first


@pytest.mark.parametrize("language", LANGUAGES)
def test_seven_parts_are_named_in_the_text_and_in_the_outline(language: str) -> None:
    words, pdf = words_in(language), render_statement(sample_statement(language))
    titles = [
        words("Source of funds"),
        words("Use of funds"),
        words("Balance"),
        words("Contributions in kind"),
        words("Programme"),
        words("The whole fund"),
        words("Notes and certification"),
    ]
    numbered = [f"{number} {title}" for number, title in enumerate(titles, start=1)]
    outline = [
        plain(str(entry.title)) for entry in PdfReader(BytesIO(pdf)).outline if not isinstance(entry, list)
    ]
    assert outline[1:] == numbered
    said = " ".join(pages(pdf))
    assert [title for title in numbered if title not in said] == []


def test_equal_statements_are_equal_bytes_whatever_was_printed_before() -> None:
    first = render_statement(sample_statement("fr"))
    render_statement(sample_statement("es", activities=30))
    assert render_statement(sample_statement("fr")) == first


def test_another_process_and_another_day_print_the_same_bytes() -> None:
    code = (
        "import sys; from tests.support.sample_statement import sample_statement; "
        "from reports.statement.pdf import render_statement; "
        "sys.stdout.buffer.write(render_statement(sample_statement('es')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LC_ALL": "C"},
    )
    assert run.stdout == render_statement(sample_statement("es"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_statement_says_so_part_by_part(language: str) -> None:
    words = words_in(language)
    said = " ".join(pages(render_statement(empty_statement(language))))
    for sentence in (
        "The donor has no agreement with the fund.",
        "No contribution was received in this period.",
        "Nothing that the donor pledged or agreed is outstanding.",
        "None of the money was used in this period.",
        "No refund is due to the donor.",
        "No contribution in kind was recorded in this period.",
        "The donor’s money was not allocated to any activity.",
    ):
        assert plain(words(sentence)) in said


def test_every_page_carries_the_seal_and_its_number() -> None:
    printed = pages(render_statement(sample_statement(activities=60)))
    for number, page in enumerate(printed, start=1):
        assert "S-2021-0001 · Interim statement" in page
        assert "Effective to 31 December 2021 · Known at entry 48,213 · Head 3f9a6c1e3f9a" in page
        assert f"Page {number} of {len(printed)}" in page


def test_a_statement_of_two_thousand_lines_repeats_its_heading() -> None:
    statement = sample_statement()
    receipt = replace(statement.receipts[0], usd=Figure(0))
    long = replace(statement, receipts=(*statement.receipts, *[receipt] * 2_000))
    listing = [page for page in pages(render_statement(long)) if receipt.reference in page]
    assert sum(page.count(receipt.reference) for page in listing) == 2_001
    assert len(listing) > 40
    assert [page for page in listing if "Reference Agreement" not in page] == []


def test_a_total_is_never_alone_on_its_page() -> None:
    for count in range(24, 36):
        printed = pages(render_statement(sample_statement(activities=count)))
        total = next(page for page in printed if "Total used" in page)
        assert any(category in total for category in CATEGORIES.values()), count


def test_every_font_is_embedded_and_is_ours() -> None:
    found = fonts(render_statement(sample_statement("fr")))
    names = {str(font["/BaseFont"]).split("+")[1] for font in found}
    assert names == {"NotoSans-Regular", "NotoSans-Bold", "NotoSans-Italic"}
    assert all("/FontFile2" in font["/FontDescriptor"] for font in found)  # type: ignore[operator]


def test_only_the_characters_that_are_used_are_in_the_file() -> None:
    pdf = render_statement(sample_statement("fr"))
    assert all(re.fullmatch(r"/[A-Z]{6}\+NotoSans-\w+", str(font["/BaseFont"])) for font in fonts(pdf))
    whole = sum(path.stat().st_size for path in FONTS.glob("*.ttf"))
    files = [font["/FontDescriptor"]["/FontFile2"] for font in fonts(pdf)]  # type: ignore[index]
    embedded = sum(len(file.get_data()) for file in files)
    assert embedded < whole / 10
    assert len(pdf) < 150_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_says_what_it_is_and_in_which_language(language: str) -> None:
    reader = PdfReader(BytesIO(render_statement(sample_statement(language))))
    assert reader.metadata is not None
    assert reader.metadata.title == f"{words_in(language)('Accountability statement')} S-2021-0001"
    assert reader.metadata.author == "Multi-donor Funding Modality"
    assert reader.metadata.subject == "City of Espoo"
    assert reader.trailer["/Root"]["/Lang"] == language  # type: ignore[index]
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"] == True  # type: ignore[index] # noqa: E712 - pypdf's own kind of truth
    assert reader.metadata.creator == "Multi-donor Funding Modality"


def test_a_long_name_wraps_and_is_not_cut() -> None:
    name = " ".join(f"Word{number:03}" for number in range(37))
    unbroken = "x" * 300
    statement = sample_statement()
    activity = replace(statement.activities[1], title=name)
    use = replace(statement.uses[0], title=unbroken)
    odd = replace(statement, donor_name=name, activities=(activity,), uses=(use, *statement.uses[1:]))
    printed = pages(render_statement(odd))
    assert name in printed[0]
    assert unbroken in "".join(printed).replace(" ", "")


def test_a_text_taller_than_a_page_flows_on() -> None:
    long = " ".join(f"w{number}" for number in range(6_000))
    statement = sample_statement()
    item = replace(statement.in_kind[0], description=long)
    activity = replace(statement.activities[0], results=(long,))
    said = " ".join(pages(render_statement(replace(statement, in_kind=(item,), activities=(activity,)))))
    assert said.count("w5999") == 2
    assert said.count("w2500 ") == 2


def test_what_looks_like_markup_is_only_text() -> None:
    name = 'Fund <b>A & B</b> <img src="x"/> &amp; "C"'
    assert name in pages(render_statement(replace(empty_statement(), donor_name=name)))[0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("กข Bangkok", "[U+0E01][U+0E02] Bangkok"),
        ("Total\u202e00.01", "Total00.01"),
        ("two\r\n\tlines\x00\x1b", "two lines"),
        ("Cao La\u0303nh", "Cao Lãnh"),
        ("\U0001f4b0", "[U+1F4B0]"),
    ],
)
def test_what_the_typeface_cannot_show_is_written_as_its_number(written: str, read: str) -> None:
    assert readable(written) == read
    assert read in pages(render_statement(replace(empty_statement(), donor_name=written)))[0]


def test_the_typeface_shows_the_names_of_real_places() -> None:
    names = (
        "Bouaké",
        "Cao Lãnh",
        "Yaoundé 1er",
        "São Filipe",
        "Curaçao",
        "Côte d'Ivoire",
        "Côte d’Ivoire",
        "N’Zérékoré",
        "Đà Nẵng",
        "Thành phố Hồ Chí Minh",
        "Türkiye",
        "Eskişehir",
        "Jõgeva",
        "Łódź",
        "Gdynia",
        "Mostaganem",
        "Šiauliai",
        "Malmö",
        "Ærø",
        "Þingeyri",
        "Ħamrun",
        "Nuku‘alofa",
        "Хэнтий",
        "Ἀθῆναι",
        "Ọṣogbo",
        "Bɔlɔ",
        "Ŋgaoundéré",
    )
    assert {char for name in names for char in name if ord(char) not in covered()} == set()


def test_a_statement_that_does_not_add_up_is_not_issued() -> None:
    nothing = Figure(0)
    wrong = replace(empty_statement(), balance=StatementBalance(Figure(1), nothing, nothing, nothing))
    with pytest.raises(DoesNotAddUp, match=r"S-2021-0001 .* US\$0\.00, .* US\$0\.01"):
        render_statement(wrong)


def test_use_that_no_activity_explains_has_its_own_row() -> None:
    statement = sample_statement()
    balance = replace(statement.balance, available=Figure(statement.balance.available.cents - 777))
    lost = replace(statement, used=Figure(statement.used.cents + 777), balance=balance)
    assert "Not tied to one activity or category 7.77" in " ".join(pages(render_statement(lost)))


def test_progress_past_the_target_is_shown_in_full() -> None:
    fund = replace(FUND, received=150_000_000, progress=15_000)
    assert (
        "US$1,500,000.00 of US$1,000,000.00"
        in pages(render_statement(replace(empty_statement(), fund=fund)))[0]
    )
    assert "150.00%" in pages(render_statement(replace(empty_statement(), fund=fund)))[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_shows_who_gave_and_where_it_went(language: str) -> None:
    words = words_in(language)
    overview = Overview(
        FUND,
        SEAL,
        language,
        tuple(DonorTotal(city.name, "city", 1_000_000 + rank) for rank, city in enumerate(CITIES)),
        (ActivityUse("1.1", "Training modules", 20_000_050), ActivityUse("2.3", "Research", 15_120_000)),
    )
    pdf = render_overview(overview)
    printed = pages(pdf)
    said = " ".join(printed)
    amounts = [FUND.received, FUND.used, FUND.target, FUND.in_kind, 20_000_050, 15_120_000]
    assert [cents for cents in amounts if plain(words.usd(cents)) not in said] == []
    assert [source.donor for source in overview.sources if source.donor not in said] == []
    assert plain(words.percent(FUND.delivery_rate)) in said
    assert len(printed) <= 2
    assert render_overview(overview) == pdf


def test_the_overview_of_a_fund_without_money_says_so() -> None:
    fund = replace(FUND, received=0, used=0, allocated=0, available=0, progress=0, by_donor_type=())
    said = " ".join(pages(render_overview(Overview(fund, SEAL, "en", (), ()))))
    assert "Nothing was received in this term." in said
    assert "None of the money was used in this term." in said


def test_a_statement_is_dated_by_its_books_and_not_by_the_day_it_is_printed() -> None:
    later = replace(empty_statement(), seal=replace(SEAL, effective_to=date(2022, 3, 31)))
    assert "Effective to 31 March 2022" in pages(render_statement(later))[0]
    assert b"/CreationDate (D:20000101000000+00'00')" in render_statement(later)
