"""Reader of PDFs: the words of each page in reading order, and a hash of its drawing.

A PDF from outside may be broken, or made to keep its reader busy for ever: read it in
`reports.render.sandbox`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from ledger import BadInput
from reports.render.pdf_increments import is_bare_signature

PAGES_MOST = 1_000
WORDS_MOST = 4_000
"""On one page; a page of a report has a quarter of that."""
FORMS_MOST = 100
"""Drawn on one page, including nested ones; a page of a report draws its footer."""

TextRow = tuple[str, ...]
"""The words on one line of a page; a figure with spaces in it is one word."""

_KEPT = "\u00a0"
_SPACES = re.compile(r"[ \t\n]+")  # without the no-break space, which keeps a figure together
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?: \d{3})+(?!\d)")
_UPWARDS = frozenset({"/Parent", "/P", "/StructParent", "/StructParents"})
"""References to what contains an object, and to its place for screen readers: nothing is drawn."""
_OF_STORING = frozenset({"/Length", "/Filter", "/DecodeParms"})


@dataclass(frozen=True)
class Page:
    """The words and the drawing of one page."""

    rows: tuple[TextRow, ...]
    drawing: str
    """A hash of everything drawn on the page, even under other things; 64 hexadecimal digits."""


@dataclass(frozen=True)
class PdfContent:
    """The content of a PDF."""

    information: Mapping[str, str]
    """The document's metadata: title, author, keywords and the like."""
    pages: tuple[Page, ...]
    parts: frozenset[str]
    """Names of parts of the document, such as a form, layers or scripts; signatures do not count."""

    @property
    def keywords(self) -> str:
        """The keywords in the metadata, which hold a statement's code."""
        return self.information.get("/Keywords", "")

    @property
    def text(self) -> str:
        """Everything printed, in reading order."""
        return " ".join(word for page in self.pages for row in page.rows for word in row)


def read_pdf(content: bytes) -> PdfContent:
    """Read a PDF; BadInput for what is no PDF, broken, encrypted, or longer than any report of the fund."""
    try:
        return _read(content)
    except BadInput:
        raise
    except Exception as error:  # a broken file can make the library raise anything
        raise BadInput(
            "pdf-not-readable",
            "The file cannot be read as a PDF ({name}): take it as it was issued.",
            name=type(error).__name__,
        ) from None


def _read(content: bytes) -> PdfContent:
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted:
        raise BadInput(
            "pdf-encrypted",
            "The PDF is encrypted: take it as it was issued, without a password.",
        )
    if len(reader.pages) > PAGES_MOST:
        raise BadInput(
            "pdf-too-many-pages",
            "The PDF has more than {pages_max:,} pages: no report of the fund has.",
            pages_max=PAGES_MOST,
        )
    marks = _Marks()
    return PdfContent(
        information={name: str(value) for name, value in (reader.metadata or {}).items()},
        pages=tuple(Page(_rows(page), marks.of(page).hex()) for page in reader.pages),
        parts=_parts(reader.root_object),
    )


def _parts(root: DictionaryObject) -> frozenset[str]:
    """The names in the document's root, without a form that holds only invisible signatures."""
    form: Any = root.get("/AcroForm", {})
    bare = all(is_bare_signature(field.get_object()) for field in form.get("/Fields", ()))
    return frozenset(root.keys() - {"/AcroForm"} if bare else root)


# ---- words


class _TooMuch(BaseException):
    """More than any report has. Not an Exception, because the library continues after those."""


def _rows(page: PageObject) -> tuple[TextRow, ...]:
    """The words of a page from top to bottom and left to right, whatever order they were drawn in."""
    try:
        pieces = _pieces(page)
    except _TooMuch as much:
        raise BadInput(
            "pdf-page-too-large",
            "A page has more than {much}: no report of the fund has.",
            much=much,
        ) from None
    lines = groupby(sorted(pieces), key=lambda piece: piece[0])
    return tuple(tuple(word for _, _, content in line for word in content) for _, line in lines)


def _pieces(page: PageObject) -> list[tuple[float, float, list[str]]]:
    """The words of a page piece by piece, each with its place; _TooMuch as soon as there are too many."""
    pieces: list[tuple[float, float, list[str]]] = []
    words = forms = 0

    def collect(content: str, within: Sequence[float], at: Sequence[float], *_: object) -> None:
        nonlocal words
        if found := _words(content):
            across = at[4] * within[0] + at[5] * within[2] + within[4]
            up = at[4] * within[1] + at[5] * within[3] + within[5]
            pieces.append((-round(up, 1), round(across, 1), found))
            words += len(found)
        if words > WORDS_MOST:
            raise _TooMuch(f"{WORDS_MOST:,} words")

    def count(operator: bytes, *_: object) -> None:
        nonlocal forms
        forms += operator == b"Do"
        if forms > FORMS_MOST:
            raise _TooMuch(f"{FORMS_MOST:,} forms")

    page.extract_text(visitor_text=collect, visitor_operand_before=count)
    return pieces


def _words(content: str) -> list[str]:
    grouped = _THOUSANDS.sub(lambda figure: figure[0].replace(" ", _KEPT), content)
    return [word for word in _SPACES.split(grouped) if word]


# ---- drawings


class _Marks:
    """Hashes of PDF objects with all that they refer to, the same however a file stores them."""

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}

    def of(self, thing: PdfObject | None) -> bytes:
        """The hash of an object; a reference back to an object that contains it counts as nothing."""
        if isinstance(thing, IndirectObject):
            if thing.idnum not in self._known:
                self._known[thing.idnum] = b""  # a cycle, if met again on the way down
                self._known[thing.idnum] = self.of(thing.get_object())
            return self._known[thing.idnum]
        return hashlib.sha256(b"".join(self._parts(thing))).digest()

    def _parts(self, thing: Any) -> Iterator[bytes]:
        yield type(thing).__name__.removeprefix("Decoded").removeprefix("Encoded").encode()
        match thing:
            case DictionaryObject():
                left_out = _UPWARDS | _OF_STORING if isinstance(thing, StreamObject) else _UPWARDS
                for name in sorted(thing.keys() - left_out):
                    value = thing.raw_get(name)
                    if name == "/Annots":
                        value = _shown(value)
                        if not value:
                            continue
                    yield hashlib.sha256(name.encode()).digest() + self.of(value)
                if isinstance(thing, StreamObject):
                    yield hashlib.sha256(thing.get_data()).digest()
            case ArrayObject():
                yield from (self.of(part) for part in thing)
            case _:
                yield repr(thing).encode()


def _shown(annotations: PdfObject) -> ArrayObject:
    """The annotations other than invisible signatures."""
    listed: Any = annotations.get_object()
    return ArrayObject(each for each in listed if not is_bare_signature(each.get_object()))
