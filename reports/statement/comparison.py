"""Comparison of two PDFs of a statement: page by page in words and drawings, or figure by figure.

Two files of one drawing are compared in all their words and drawings, so that a changed figure is named, and
overpainting is noticed. Where the drawing is another version's, only the figures can be compared: amounts,
dates and codes, in reading order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from reports.render.pdf_increments import only_signatures
from reports.words.language import words_in

if TYPE_CHECKING:  # pypdf is loaded only where a PDF is read
    from reports.render.pdf_reading import PdfContent, TextRow

DIFFERENCES_MOST = 200
"""More are not listed: the file is another document."""
_QUOTED_MOST = 12
"""Words that are quoted of a longer passage."""
_FOOTER_ROWS = 2
_MARKS = ".,;:"
"""What may follow a figure in a sentence."""

_INFORMATION = {
    "/Title": "its title",
    "/Subject": "its subject",
    "/Author": "its author",
    "/Keywords": "its code in the metadata",
}
_PARTS = {
    "/AcroForm": "a form is added",
    "/OpenAction": "an action on opening is added",
    "/AA": "an action is added",
    "/Names": "scripts, attachments or other named parts are added",
    "/OCProperties": "layers are added",
}


@dataclass(frozen=True)
class TextDifference:
    """A place where the PDF and the books differ."""

    page: int
    after: str
    """The words before it on its line."""
    paper: str
    """The text in the PDF; empty where something is missing there."""
    books: str
    """The text from the books; empty where the PDF adds something."""


class FigureComparison(NamedTuple):
    """The result of comparing the figures of a PDF with those of another drawing of the same statement."""

    differences: tuple[TextDifference, ...]
    outside: tuple[str, ...]
    """Parts that the document has and a statement does not, a few words each."""


@dataclass(frozen=True)
class StatementComparison:
    """The result of comparing a PDF with the statement from the books."""

    same: bool
    """Whether it is the file as issued, byte for byte, except for signatures."""
    differences: tuple[TextDifference, ...] = ()
    redrawn: tuple[int, ...] = ()
    """Pages whose words agree and whose drawing differs."""
    outside: tuple[str, ...] = ()
    """Differences of the document as a whole, a few words each."""
    appended: bool = False
    """Whether it is the file as issued with more than signatures appended."""

    @property
    def alike(self) -> bool:
        """Whether every word and drawing agrees, and the document as a whole."""
        return not (self.differences or self.redrawn or self.outside or self.appended)


def compare_pdfs(pdf: bytes, issued: bytes) -> StatementComparison:
    """Compare a PDF with the issued one; BadInput as `read_pdf` raises it."""
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    if pdf == issued:
        return StatementComparison(same=True)
    came, ours = read_pdf(pdf), read_pdf(issued)
    if only_signatures(pdf, issued):
        return StatementComparison(same=True)
    return replace(compare_contents(came, ours), appended=pdf.startswith(issued))


def compare_contents(pdf: PdfContent, issued: PdfContent) -> StatementComparison:
    """The differences between the contents of a PDF and of the issued one."""
    pages = list(enumerate(zip_longest(pdf.pages, issued.pages), start=1))
    differences = (
        difference
        for number, (page, our) in pages
        for difference in _differences(number, page.rows if page else (), our.rows if our else ())
    )
    return StatementComparison(
        same=False,
        differences=tuple(islice(differences, DIFFERENCES_MOST)),
        redrawn=tuple(
            number
            for number, (page, our) in pages
            if page and our and page.rows == our.rows and page.drawing != our.drawing
        ),
        outside=tuple(_outside(pdf, issued)),
    )


def _outside(pdf: PdfContent, issued: PdfContent) -> Iterator[str]:
    """Differences in the metadata and the number of pages, and parts that the issued file lacks."""
    if len(pdf.pages) != len(issued.pages):
        yield f"{len(pdf.pages)} pages in place of {len(issued.pages)}"
    theirs, ours = pdf.information, issued.information
    for name, text in _INFORMATION.items():
        if theirs.get(name) != ours.get(name):
            yield text
    yield from _added(pdf, issued)


def _added(pdf: PdfContent, issued: PdfContent) -> Iterator[str]:
    more = pdf.parts - issued.parts
    yield from (text for name, text in _PARTS.items() if name in more)


def _differences(page: int, pdf: Sequence[TextRow], books: Sequence[TextRow]) -> Iterator[TextDifference]:
    """The differences between two pages, with figures compared one by one."""
    if pdf != books:
        yield from _changes(_places(page, pdf), _places(page, books))


class _Place(NamedTuple):
    """A word on a page."""

    page: int
    word: str
    before: str
    """The words before it on its line."""
    same_as: str
    """What is compared of it."""


def _changes(theirs: Sequence[_Place], ours: Sequence[_Place]) -> Iterator[TextDifference]:
    changes = SequenceMatcher(
        None, [place.same_as for place in theirs], [place.same_as for place in ours], autojunk=False
    ).get_opcodes()
    for kind, start, end, our_start, our_end in changes:
        if kind == "equal":
            continue
        pdf, books = theirs[start:end], ours[our_start:our_end]
        if len(pdf) == len(books):
            for one, other in zip(pdf, books, strict=True):
                yield TextDifference(one.page, one.before, _quoted([one.word]), _quoted([other.word]))
        else:
            first = (pdf or books)[0]
            yield TextDifference(first.page, first.before, *map(_quoted_words, (pdf, books)))


def _places(page: int, rows: Sequence[TextRow]) -> list[_Place]:
    return [_Place(page, word, _quoted(row[:at]), word) for row in rows for at, word in enumerate(row)]


def _quoted_words(places: Sequence[_Place]) -> str:
    return _quoted([place.word for place in places])


def _quoted(words: Sequence[str]) -> str:
    """Words as they are quoted: spaces in figures are plain, and a long passage is cut short."""
    shown = [" ".join(word.split()) for word in words[:_QUOTED_MOST]]
    return " ".join([*shown, "…"] if len(words) > _QUOTED_MOST else shown)


# ---- figures apart from words and drawings


def compare_figures(pdf: bytes, drawn: bytes, language: str) -> FigureComparison:
    """Compare the figures of a PDF with those of another drawing of the same statement, in reading order.

    A figure is a word with a digit, the name of a month in that language, or a code in capital letters.
    BadInput as `read_pdf` raises it.
    """
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    came, ours = read_pdf(pdf), read_pdf(drawn)
    return FigureComparison(
        tuple(_figure_changes(came, ours, _months(language))),
        tuple(_added(came, ours)),
    )


def _figure_changes(pdf: PdfContent, drawn: PdfContent, months: frozenset[str]) -> list[TextDifference]:
    """The changes, with or without the headings that tables repeat on a page: whichever agrees better."""
    ways = (_changes_in(pdf, drawn, months, repeated) for repeated in (True, False))
    return min((list(islice(each, DIFFERENCES_MOST)) for each in ways), key=len)


def _changes_in(
    pdf: PdfContent, drawn: PdfContent, months: frozenset[str], repeated: bool
) -> Iterator[TextDifference]:
    """The changes in the pages, then those in the footers."""
    theirs, ours = (_on_pages(content, months, repeated) for content in (pdf, drawn))
    yield from _changes(theirs, ours)
    base = _footer(drawn, 1, months)
    numbered = [place.word for place in base[-2:]] == ["1", str(len(drawn.pages))]
    for number in range(1, len(pdf.pages) + 1):
        ours = base
        if numbered:
            of = str(number), str(len(pdf.pages))
            last = (place._replace(word=n, same_as=n) for place, n in zip(base[-2:], of, strict=True))
            ours = [*base[:-2], *last]
        yield from _changes(_footer(pdf, number, months), ours)


def _on_pages(content: PdfContent, months: frozenset[str], repeated: bool) -> list[_Place]:
    """The figures of all pages without their footers."""
    found: list[_Place] = []
    seen: set[TextRow] = set()
    for number, page in enumerate(content.pages, start=1):
        rows = page.rows[:-_FOOTER_ROWS]
        found += _figures(number, rows if repeated else _without_repeated_heading(rows, seen), months)
        seen.update(rows)
    return found


def _footer(content: PdfContent, number: int, months: frozenset[str]) -> list[_Place]:
    """The figures of the footer of a page; the last two are the numbers of the page and of all pages."""
    return _figures(number, content.pages[number - 1].rows[-_FOOTER_ROWS:], months)


def _without_repeated_heading(rows: Sequence[TextRow], seen: set[TextRow]) -> Sequence[TextRow]:
    """The rows of a page without those at its top that repeat rows of a page before, as a table's heading."""
    first = next((at for at, row in enumerate(rows) if row not in seen), len(rows))
    return rows[first:]


def _figures(page: int, rows: Sequence[TextRow], months: frozenset[str]) -> list[_Place]:
    return [
        place._replace(same_as=place.word.rstrip(_MARKS))
        for place in _places(page, rows)
        if _is_figure(place.word, months)
    ]


def _is_figure(word: str, months: frozenset[str]) -> bool:
    if any(character.isdigit() for character in word) or "=" in word:
        return True
    return word.rstrip(_MARKS).casefold() in months or bool(_CODE.search(word))


_CODE = re.compile(r"(?<!\w)[A-Z][A-Z._-]*[A-Z](?!\w)")
"""A code without a digit, as `GOV-A` and `EUR` are."""


@cache
def _months(language: str) -> frozenset[str]:
    """The names of the months in a language, long and short."""
    locale = words_in(language).locale
    forms = [each for width in ("format", "stand-alone") for each in locale.months[width].values()]
    return frozenset(name.rstrip(_MARKS).casefold() for form in forms for name in form.values())
