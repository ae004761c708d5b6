"""Reading a paper back from its PDF: the words of each page in reading order, and a mark of its drawing.

A PDF that came from outside may be broken, or made to keep its reader busy for ever: read it in
`reports.apart`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from ledger import BadInput

PAGES_MOST = 1_000
WORDS_MOST = 4_000
"""On one page; a page of a report has a quarter of it."""

Row = tuple[str, ...]
"""The words on one line of a page; a figure with spaces in it is one word."""

_KEPT = "\u00a0"
_SPACES = re.compile(r"[ \t\n]+")  # not the one that keeps a figure together
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?: \d{3})+(?!\d)")
_OF_A_SIGNATURE = frozenset({"/FT", "/T", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"})
_OF_SIGNING = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"})
"""What signing adds to the root of a document, and no page shows."""
_UPWARDS = frozenset({"/Parent", "/P"})
_OF_STORING = frozenset({"/Length", "/Filter", "/DecodeParms"})


@dataclass(frozen=True)
class Page:
    """One page as a reader sees it."""

    rows: tuple[Row, ...]
    drawing: str
    """Changes with whatever is drawn on the page, were it only under another thing; 64 hexadecimal digits."""


@dataclass(frozen=True)
class PaperRead:
    """A PDF that was read."""

    keywords: str
    pages: tuple[Page, ...]
    mark: str
    """Changes with whatever is in the document but invisible signatures; 64 hexadecimal digits."""

    @property
    def text(self) -> str:
        """Everything printed, in reading order."""
        return " ".join(word for page in self.pages for row in page.rows for word in row)


def read_paper(content: bytes) -> PaperRead:
    """Read a PDF; BadInput for what is none, is broken, encrypted, or longer than any paper of the fund."""
    try:
        return _read(content)
    except BadInput:
        raise
    except Exception as error:  # whatever a broken file makes a reader stumble over
        raise BadInput(
            f"The file cannot be read as a PDF ({type(error).__name__}): take it as it was issued."
        ) from None


def _read(content: bytes) -> PaperRead:
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted:
        raise BadInput("The PDF is encrypted: take it as it was issued, without a password.")
    if len(reader.pages) > PAGES_MOST:
        raise BadInput(f"The PDF has more than {PAGES_MOST:,} pages: no paper of the fund has.")
    marks = _Marks()
    return PaperRead(
        keywords=(reader.metadata and reader.metadata.keywords) or "",
        pages=tuple(Page(_rows(page), marks.of(page).hex()) for page in reader.pages),
        mark=marks.of(_unsigned(reader.root_object)).hex(),
    )


# ---- words


def _rows(page: PageObject) -> tuple[Row, ...]:
    """The words of a page from top to bottom and from left to right, whatever order they were drawn in."""
    pieces: list[tuple[float, float, str]] = []

    def collect(said: str, within: Sequence[float], at: Sequence[float], *_: object) -> None:
        if said.strip():
            across = at[4] * within[0] + at[5] * within[2] + within[4]
            up = at[4] * within[1] + at[5] * within[3] + within[5]
            pieces.append((-round(up, 1), round(across, 1), said))

    page.extract_text(visitor_text=collect)
    lines = groupby(sorted(pieces), key=lambda piece: piece[0])
    rows = tuple(tuple(word for _, _, said in line for word in _words(said)) for _, line in lines)
    if sum(map(len, rows)) > WORDS_MOST:
        raise BadInput(f"A page has more than {WORDS_MOST:,} words: no paper of the fund has.")
    return rows


def _words(said: str) -> list[str]:
    grouped = _THOUSANDS.sub(lambda figure: figure[0].replace(" ", _KEPT), said)
    return [word for word in _SPACES.split(grouped) if word]


# ---- drawings


class _Marks:
    """Hashes of PDF objects with all that they refer to, the same however a file stores them."""

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}

    def of(self, thing: PdfObject | None) -> bytes:
        """The hash of an object; a reference back to what it is a part of counts as nothing."""
        if isinstance(thing, IndirectObject):
            if thing.idnum not in self._known:
                self._known[thing.idnum] = b""  # met again on the way down: a circle
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
    """The annotations that are more than an invisible signature."""
    listed: Any = annotations.get_object()
    return ArrayObject(each for each in listed if not _is_bare_signature(each.get_object()))


def _unsigned(root: DictionaryObject) -> DictionaryObject:
    """The root of a document without what signing adds to it."""
    form: Any = root.get("/AcroForm", {})
    fields = form.get("/Fields", [])
    bare = form.keys() <= {"/Fields", "/SigFlags"} and all(_is_bare_signature(f.get_object()) for f in fields)
    left_out = _OF_SIGNING if bare else _OF_SIGNING - {"/AcroForm"}
    return DictionaryObject({name: root.raw_get(name) for name in root if name not in left_out})


def _is_bare_signature(field: PdfObject | None) -> bool:
    """Whether a form field is a signature that takes no place on its page, draws and starts nothing."""
    if not isinstance(field, DictionaryObject) or not field.keys() <= _OF_A_SIGNATURE:
        return False
    rectangle = field.get("/Rect", [0, 0, 0, 0])
    return bool(field.get("/FT") == "/Sig" and rectangle[:2] == rectangle[2:])
