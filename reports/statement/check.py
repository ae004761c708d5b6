"""Checking a statement: a PDF that came back is held against the same statement drawn from the books again.

It is confirmed when it is the statement as issued, byte for byte, with nothing appended but signatures. Else
the words of every page are compared in reading order, so that a changed figure is named; and where all words
agree, the drawings, so that what was painted over is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ledger import AsOf, BadInput, MdfmError, NotFound, head, head_at
from reports.render.pdf_increments import only_signatures
from reports.render.sandbox import sandbox
from reports.render.signing import SignatureFound, load_certificates, signatures_of
from reports.statement.builder import build_statement
from reports.statement.code import MARK, StatementCode, find_code
from reports.statement.pdf import render_statement

if TYPE_CHECKING:  # a reader of PDFs is loaded only where one is read
    from reports.render.pdf_reading import PdfContent, TextRow

BYTES_MOST = 32_000_000
DIFFERENCES_MOST = 200
"""More are not told: the paper is another one."""
_QUOTED_MOST = 12
"""Words of a longer passage that are told."""

_SAVED_AGAIN = (
    "The words and the drawing of every page agree, but the file is not the one that was issued: it was "
    "saved again, or altered outside its pages."
)
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
_APPENDED = (
    "Something is appended to the statement as it was issued that is more than a signature, and programs may "
    "show what it says in place of what was issued."
)


@dataclass(frozen=True)
class TextDifference:
    """A place where a paper and the books say different things."""

    page: int
    after: str
    """The words before it on its line."""
    paper: str
    """What the paper says; empty where it leaves something out."""
    books: str
    """What the books say; empty where the paper adds something."""


@dataclass(frozen=True)
class StatementComparison:
    """What became of holding a paper against what the books say."""

    same: bool
    """Whether it is the paper as issued, byte for byte, but for signatures."""
    differences: tuple[TextDifference, ...] = ()
    redrawn: tuple[int, ...] = ()
    """Pages whose words agree and whose drawing differs."""
    outside: tuple[str, ...] = ()
    """What differs of the document as a whole, in some words each."""
    appended: bool = False
    """Whether it is the paper as issued with something at its end that is more than signatures."""


@dataclass(frozen=True)
class CheckedStatement:
    """The answer to whether the books confirm a statement."""

    code: StatementCode
    confirmed: bool
    reasons: tuple[str, ...]
    """Why not, each a sentence."""
    differences: tuple[TextDifference, ...]
    signatures: tuple[SignatureFound, ...]


def check_statement(books: Connection, file: Path, trust: Path | None = None) -> CheckedStatement:
    """Hold a statement's PDF against the books, in which nothing is changed.

    Signatures are trusted only where they lead to a certificate in the file `trust`. Raises BadInput for a
    file that is no PDF, no statement, broken, or too large or too slow to read.
    """
    paper = _content(file)
    if trust:
        load_certificates(trust)
    with sandbox() as run:
        code = run(code_in, paper)
        result, reasons = StatementComparison(same=False), []
        try:
            issued = _issued_again(books, code)
        except MdfmError as error:
            reasons.append(f"The books have no such statement: {error}")
        else:
            result = run(compare_pdfs, paper, issued)
            reasons += [*_another_book(books, code), *_found(result)]
        signatures: tuple[SignatureFound, ...] = ()
        try:
            signatures = run(signatures_in, paper, trust)
        except BadInput as error:
            reasons.append(str(error))
    reasons += _doubtful(signatures)
    return CheckedStatement(code, not reasons, tuple(reasons), result.differences, signatures)


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        content = opened.read(BYTES_MOST + 1)
    if len(content) > BYTES_MOST:
        raise BadInput(f"{file} has more than {BYTES_MOST:,} bytes: no statement has.")
    return content


def code_in(paper: bytes) -> StatementCode:
    """The code of the statement in a PDF: from its metadata, or else from its print.

    Raises BadInput for a PDF without a code, and as `read_paper` does.
    """
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    read = read_pdf(paper)
    code = find_code(read.keywords) or find_code(read.text)
    if code is None:
        raise BadInput(f"The PDF has no statement's code ({MARK}): take a statement as it was issued.")
    return code


def signatures_in(paper: bytes, trust: Path | None) -> tuple[SignatureFound, ...]:
    """The signatures of a PDF from outside; BadInput where they cannot be read."""
    try:
        return signatures_of(paper, trust)
    except BadInput:
        raise
    except Exception as error:  # whatever a broken file makes a reader stumble over
        raise BadInput(
            f"The PDF's signatures cannot be read ({type(error).__name__}): take it as it was issued."
        ) from None


def _issued_again(books: Connection, code: StatementCode) -> bytes:
    ends = head(books).seq
    if code.known_at > ends:
        raise NotFound(
            f"it knows entry {code.known_at:,}, and this book ends with entry {ends:,}; "
            f"use a newer copy of the book."
        )
    as_of = AsOf(code.ends_on, code.known_at)
    certified = code.status == "certified"
    statement = build_statement(
        books, code.donor, code.term, as_of, code.language, code.starts_on, certified=certified
    )
    return render_statement(statement)


def _another_book(books: Connection, code: StatementCode) -> Iterator[str]:
    seal = head_at(books, code.known_at).hash
    if seal != code.head:
        yield f"The statement is of another book: at entry {code.known_at:,} this one has the head {seal}."


def _doubtful(signatures: Sequence[SignatureFound]) -> Iterator[str]:
    for signature in signatures:
        if not signature.sound:
            yield f"The signature by {signature.by} is not sound."
        elif signature.trusted is False:
            yield f"The signature by {signature.by} does not lead to a certificate that is trusted."


def _found(result: StatementComparison) -> Iterator[str]:
    if result.differences:
        pages = sorted({difference.page for difference in result.differences})
        yield f"The words on {_pages(pages)} are not those of the books."
    if result.redrawn:
        yield f"The file was altered: the words on {_pages(result.redrawn)} agree, the drawing differs."
    if result.outside:
        yield f"The document as a whole was altered: {', '.join(result.outside)}."
    if result.appended:
        yield _APPENDED
    elif not (result.same or result.differences or result.redrawn or result.outside):
        yield _SAVED_AGAIN


def _pages(numbers: Sequence[int]) -> str:
    *first, last = map(str, numbers)
    return f"pages {', '.join(first)} and {last}" if first else f"page {last}"


# ---- two papers beside each other


def compare_pdfs(paper: bytes, issued: bytes) -> StatementComparison:
    """Hold a PDF against the one that the books issue; BadInput as `read_paper` raises it."""
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    if paper == issued:
        return StatementComparison(same=True)
    came, ours = read_pdf(paper), read_pdf(issued)
    if only_signatures(paper, issued):
        return StatementComparison(same=True)
    return replace(compare_contents(came, ours), appended=paper.startswith(issued))


def compare_contents(paper: PdfContent, issued: PdfContent) -> StatementComparison:
    """What of a paper that is not the one issued differs from it."""
    pages = list(enumerate(zip_longest(paper.pages, issued.pages), start=1))
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
        outside=tuple(_outside(paper, issued)),
    )


def _outside(paper: PdfContent, issued: PdfContent) -> Iterator[str]:
    """What a document says of itself otherwise than the one issued, and what it has and that has not."""
    if len(paper.pages) != len(issued.pages):
        yield f"{len(paper.pages)} pages in place of {len(issued.pages)}"
    theirs, ours = paper.information, issued.information
    for name, told in _INFORMATION.items():
        if theirs.get(name) != ours.get(name):
            yield told
    more = paper.parts - issued.parts
    yield from (told for name, told in _PARTS.items() if name in more)


def _differences(page: int, paper: Sequence[TextRow], books: Sequence[TextRow]) -> Iterator[TextDifference]:
    """The differences between two pages, those of figures one by one."""
    if paper == books:
        return
    theirs, ours = _places(paper), _places(books)
    changes = SequenceMatcher(
        None, [word for word, _ in theirs], [word for word, _ in ours], autojunk=False
    ).get_opcodes()
    for kind, start, end, our_start, our_end in changes:
        if kind == "equal":
            continue
        if end - start == our_end - our_start:
            for (word, before), (our_word, _) in zip(theirs[start:end], ours[our_start:our_end], strict=True):
                yield TextDifference(page, before, _quoted([word]), _quoted([our_word]))
        else:
            _, before = theirs[start] if start < end else ours[our_start]
            yield TextDifference(
                page,
                before,
                _quoted([word for word, _ in theirs[start:end]]),
                _quoted([word for word, _ in ours[our_start:our_end]]),
            )


def _places(rows: Sequence[TextRow]) -> list[tuple[str, str]]:
    """Every word with those before it on its line."""
    return [(word, _quoted(row[:at])) for row in rows for at, word in enumerate(row)]


def _quoted(words: Sequence[str]) -> str:
    """Words as they are told: the spaces in figures plain, and a long passage cut short."""
    shown = [" ".join(word.split()) for word in words[:_QUOTED_MOST]]
    return " ".join([*shown, "…"] if len(words) > _QUOTED_MOST else shown)
