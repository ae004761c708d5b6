"""Names in any script stand on a paper as they are written, whole, and the same every time."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument

from donors import DonorRegistered
from ledger import AsOf, Book
from reports import build_statement, check_statement, render_statement
from reports.render.arabic import visual_order
from reports.render.page import CONTENT_WIDTH, paragraph
from reports.render.picture import wrap_lines
from reports.render.typeface import BOLD, FONTS, ITALIC, OTHERS, REGULAR, covered, missing, readable, width
from reports.statement.comparison import compare_pdfs
from tests.support import altered_pdf
from tests.support.place import ROOT
from tests.support.sample_statement import empty_statement, sample_statement
from tests.support.scripts import NAMES, UNSHOWN, of_length
from tests.support.small_books import NOV, TERM, gift, tell

SCRIPTS = sorted(NAMES)
SPACE_SHRINKS = 0.05
"""By so much of itself at most, in a line that would be full but for it."""
BEH, BEHS = "\u0628", ("\ufe8f", "\ufe91", "\ufe92", "\ufe90")
"""A letter, and it alone, before another, between two and after one."""


def statement_of(name: str) -> bytes:
    return render_statement(replace(empty_statement(), donor_name=name))


def faces(pdf: bytes) -> set[str]:
    """The faces that the pages of a PDF use, embedded in it."""
    found = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            assert "/FontFile2" in font.get_object()["/FontDescriptor"]
            found.add(font.get_object()["/BaseFont"].partition("+")[2])
    return found


def letters(pdf: bytes) -> str:
    """All that is printed, its joined letters as letters."""
    return unicodedata.normalize(
        "NFKC", " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    )


# ---- the faces


def test_the_faces_are_those_of_their_sources() -> None:
    told = dict(re.findall(r"`([\w-]+\.ttf)` .*`([0-9a-f]{64})`", (FONTS / "README.md").read_text("utf-8")))
    assert told == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in FONTS.glob("*.ttf")}
    assert {f"{name}.ttf" for name in (REGULAR, BOLD, ITALIC, *OTHERS)} == set(told)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_name_in_any_script_of_ours_is_shown(script: str) -> None:
    pdf = statement_of(NAMES[script])
    assert missing(NAMES[script]) == []
    for word in NAMES[script].split():
        assert word in letters(pdf)
    assert len(faces(pdf) - {REGULAR, BOLD, ITALIC}) == 1


@pytest.mark.parametrize("script", sorted(UNSHOWN))
def test_a_script_that_no_face_has_stands_as_its_numbers(script: str) -> None:
    name = UNSHOWN[script]
    assert missing(name) == list(dict.fromkeys(name))
    assert readable(name) == "".join(f"[U+{ord(char):04X}]" for char in name)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Cao La\u0303nh", "Cao Lãnh"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("葛\U000e0100城市", "葛城市"),
        ("\uffff\ue000", "[U+FFFF][U+E000]"),
        ("\U00020000", "[U+20000]"),
        ("\U00010400", "[U+10400]"),
        ("\u200bA\u2066B\u2069\u202e", "AB"),
    ],
)
def test_what_is_one_letter_is_shown_as_one(written: str, shown: str) -> None:
    assert readable(written) == shown


def test_only_the_letters_in_use_are_embedded() -> None:
    assert faces(render_statement(sample_statement())) == {REGULAR, BOLD, ITALIC}
    plain = len(statement_of("City of Espoo"))
    assert all(len(statement_of(name)) < plain + 12_000 for name in NAMES.values())


@pytest.mark.parametrize("font", [REGULAR, BOLD, ITALIC])
def test_what_is_measured_is_what_is_drawn(font: str) -> None:
    covered()
    style, doc = pdfmetrics.getFont(font), PDFDocument()
    for name in [*NAMES.values(), "Département – 1 234,50", "A\u00a0B", "北京 Beijing 2030 بلدية"]:
        shown, across = readable(name), 0.0
        for subset, said in style.splitString(shown, doc):
            face, number = subset if isinstance(subset, tuple) else (style, subset)
            codes = face.state[doc].subsets[number] if face.state.get(doc) else range(128)
            across += sum(face.face.getCharWidth(codes[code]) for code in said)
        assert width(shown, font, 10) == pytest.approx(across / 100)


# ---- Arabic


def test_letters_are_joined_to_their_neighbours() -> None:
    alone, before, between, after = BEHS
    assert readable(BEH) == alone
    assert readable(BEH * 3) == before + between + after
    assert readable(f"{BEH}\u200c{BEH}") == alone + alone
    assert readable(f"{BEH}\u200d") == before
    assert readable(f"{BEH}\u202e\u200f{BEH}") == before + after
    assert readable(f"{BEH}\u064e{BEH}") == f"{before}\u064e{after}"
    assert readable("\u0644\u0627") == "\ufefb"
    assert readable("\u0644\u064e\u0627") == "\ufefb\u064e"
    assert readable(f"{BEH}\u0644\u0623") == f"{before}\ufef8"
    assert readable(f"{BEH}\u200d{BEH} \u0644\u0627") == f"{before}{after} \ufefb"
    assert readable(f"A{BEH}1") == f"A{alone}1"


@given(st.text(st.sampled_from("\u0627\u0628\u0644\u0645\u0647\u064e\u0640\u067e\u06cc\u200c\u200d A1(")))
def test_to_join_again_changes_nothing(written: str) -> None:
    once = readable(written)
    assert readable(once) == once
    assert missing(written) == []


@given(st.text(st.sampled_from("\u0627\u0628\u0644\u0645\u0647\u0623\u200c\u200d A1(")))
def test_no_letter_is_lost_or_moved_by_joining(written: str) -> None:
    plain = " ".join(re.sub("[\u200c\u200d]", "", written).split())
    assert unicodedata.normalize("NFKC", readable(written)) == plain


@pytest.mark.parametrize(
    ("read", "seen"),
    [
        ("ابج", "جبا"),
        ("ابج 12.5 دهو", "وهد 12.5 جبا"),
        ("ابج ١٢", "١٢ جبا"),
        ("ابج (دهو)", "(وهد) جبا"),
        ("(ابج) دهو", "وهد (جبا)"),
        ("(ابج)", "(جبا)"),
        ("«ابج» UIL", "«جبا» UIL"),
        ("Fund ابج دهو, Tunis", "Fund وهد جبا, Tunis"),
        ("ابج UIL دهو", "جبا UIL وهد"),
        ("ابج 31 décembre", "جبا 31 décembre"),
        ("ابج 1 234,50 $US", "جبا 1 234,50 $US"),
        ("مُا", "اُم"),
    ],
)
def test_a_passage_is_read_from_the_right_and_nothing_around_it_moves(read: str, seen: str) -> None:
    assert visual_order(read) == seen


@given(st.text(st.sampled_from("\u0627\u0628\u0661\u064eAé1,. ()[]«»")))
def test_a_line_keeps_all_that_stands_on_it(line: str) -> None:
    mirrored = str.maketrans("([«", ")]»")
    assert sorted(visual_order(line).translate(mirrored)) == sorted(line.translate(mirrored))


@given(st.text(st.sampled_from("Aé1,. $-")), st.text(st.sampled_from("Aé1,. $-")))
def test_what_stands_around_a_passage_stays(before: str, after: str) -> None:
    assert visual_order(f"{before}ابج{after}") == f"{before}جبا{after}"


def test_who_copies_an_arabic_name_gets_its_letters() -> None:
    said = PdfReader(BytesIO(statement_of("بلدية"))).pages[0].extract_text()
    assert "بلدية" in said


def test_a_wrapped_name_goes_on_in_the_next_line() -> None:
    words = [f"{BEH * 6}{number}{BEH}" for number in range(10, 60)]
    said = PdfReader(BytesIO(statement_of(" ".join(words)))).pages[0].extract_text()
    lines = [re.findall(r"\d\d", line) for line in said.splitlines() if BEH in line]
    assert len(lines) > 2
    assert [number for line in lines for number in sorted(line)] == [str(number) for number in range(10, 60)]


# ---- long names


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("style", ["subject-long", "cell", "fact"])
def test_a_long_name_wraps_within_its_room(script: str, style: str) -> None:
    name = of_length(NAMES[script])
    for room in (CONTENT_WIDTH, 90.0):
        laid_out = paragraph(name, style)
        laid_out.wrap(room, 10_000)
        lines = [" ".join(line[1]) for line in laid_out.blPara.lines]
        face = laid_out.style.fontName, laid_out.style.fontSize
        shrunk = SPACE_SHRINKS * max(width(" " * line.count(" "), *face) for line in lines)
        assert "".join(lines).replace(" ", "") == readable(name).replace(" ", "")
        assert max(width(line, *face) for line in lines) <= room + shrunk


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_label_of_a_picture_is_broken_within_a_long_word(script: str) -> None:
    name = NAMES[script].replace(" ", "")
    lines = wrap_lines(name, REGULAR, 8, 30, 9)
    assert len(lines) > 1
    assert "".join(lines) == readable(name)
    assert all(width(line, REGULAR, 8) <= 30 for line in lines)
    *whole, last = wrap_lines(of_length(name), REGULAR, 8, 30)
    assert len(whole) == 2
    assert last.endswith("…")
    assert width(last, REGULAR, 8) <= 30


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_long_name_is_whole_wherever_it_stands(script: str) -> None:
    name = of_length(NAMES[script])
    printed = letters(statement_of(name))
    for char in set(name) - {" "}:
        assert printed.count(char) == 2 * name.count(char)


# ---- the same every time


def test_equal_names_give_equal_bytes_whatever_was_drawn_before() -> None:
    first = {name: statement_of(name) for name in NAMES.values()}
    assert {name: statement_of(name) for name in reversed(NAMES.values())} == first


def test_another_process_gives_the_same_bytes_and_reads_a_face_only_where_it_must() -> None:
    told = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, NAMES["Chinese"]],
        check=True, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    loaded, sha256 = told.stdout.split()
    assert loaded == "0"
    assert sha256 == hashlib.sha256(statement_of(NAMES["Chinese"])).hexdigest()


ELSEWHERE = """
import hashlib, sys
from dataclasses import replace
from reports import render_statement
from reports.render import typeface
from tests.support.sample_statement import empty_statement, sample_statement
render_statement(sample_statement("fr"))
print(typeface._face.cache_info().currsize + ("bidi" in sys.modules) + ("arabic_reshaper" in sys.modules))
pdf = render_statement(replace(empty_statement(), donor_name=sys.argv[1]))
print(hashlib.sha256(pdf).hexdigest())
"""


# ---- what comes back


def test_a_statement_is_confirmed_in_any_script(book: Book, tmp_path: Path) -> None:
    donor = DonorRegistered(on=NOV, code="ALL", name=" ".join(NAMES.values()), type="city", country="KOR")
    tell(book, donor, gift("R-1", 43_210_00).model_copy(update={"donor": "ALL"}))
    file = tmp_path / "statement.pdf"
    with book.reading() as books:
        as_of = AsOf.now(books, date(2021, 12, 31))
        file.write_bytes(render_statement(build_statement(books, "ALL", TERM, as_of)))
        assert check_statement(books, file).confirmed


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_changed_figure_beside_a_name_in_any_script_is_named(script: str) -> None:
    sample = sample_statement()
    uses = tuple(replace(use, title=f"{NAMES[script]} 2030 {NAMES[script]}") for use in sample.uses)
    pdf = render_statement(replace(sample, donor_name=NAMES[script], uses=uses))
    changed = altered_pdf.with_stream_changed(pdf, 1, lambda data: data.replace(b"9,039.40", b"9,039.70"))
    (difference,) = compare_pdfs(changed, pdf).differences
    assert (difference.paper, difference.books) == ("US$9,039.70", "US$9,039.40")


def test_the_file_says_whose_statement_it_is_in_the_script_of_the_name() -> None:
    for name in [*NAMES.values(), *UNSHOWN.values()]:
        assert name in str(PdfReader(BytesIO(statement_of(name))).metadata)
