"""Check of a statement: a returned PDF is compared with the same statement built from the books again.

It is confirmed when it is the statement as issued, byte for byte, with nothing appended but signatures.
Otherwise the words of every page are compared in reading order, so that a changed figure is named; and where
all words agree, the drawings, so that overpainting is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ledger import AsOf, BadInput, FileSource, MdfmError, NotFound, head, head_at
from reports.render.pdf_increments import only_signatures
from reports.render.sandbox import sandbox
from reports.render.signing import SignatureFound, load_certificates, signatures_of
from reports.statement.builder import build_statement
from reports.statement.pdf import render_statement
from reports.statement.qr_code import MARK, StatementCode, find_code

if TYPE_CHECKING:  # pypdf is loaded only where a PDF is read
    from reports.render.pdf_reading import PdfContent, TextRow

BYTES_MOST = 32_000_000
DIFFERENCES_MOST = 200
"""More are not listed: the file is another document."""
_QUOTED_MOST = 12
"""Words that are quoted of a longer passage."""

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
    """A place where the PDF and the books differ."""

    page: int
    after: str
    """The words before it on its line."""
    paper: str
    """The text in the PDF; empty where something is missing there."""
    books: str
    """The text from the books; empty where the PDF adds something."""


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


@dataclass(frozen=True)
class CheckedStatement:
    """Whether the books confirm a statement, and why not."""

    code: StatementCode
    confirmed: bool
    reasons: tuple[str, ...]
    """Why it is not confirmed, a sentence each."""
    differences: tuple[TextDifference, ...]
    signatures: tuple[SignatureFound, ...]


def check_statement(books: Connection, file: FileSource, trust: FileSource | None = None) -> CheckedStatement:
    """Compare a statement's PDF with the books; nothing is recorded.

    Signatures are trusted only where they lead to a certificate in the file `trust`. Raises BadInput for a
    file that is no PDF, no statement, broken, or too large or too slow to read.
    """
    pdf = _content(file)
    if trust:
        load_certificates(trust)
    with sandbox() as run:
        code = run(code_in, pdf)
        result, reasons = StatementComparison(same=False), []
        try:
            issued = _issued_again(books, code)
        except MdfmError as error:
            reasons.append(f"The books have no such statement: {error}")
        else:
            result = run(compare_pdfs, pdf, issued)
            reasons += [*_another_book(books, code), *_found(result)]
        signatures: tuple[SignatureFound, ...] = ()
        try:
            signatures = run(signatures_in, pdf, trust)
        except BadInput as error:
            reasons.append(str(error))
    reasons += _doubtful(signatures)
    return CheckedStatement(code, not reasons, tuple(reasons), result.differences, signatures)


def _content(file: FileSource) -> bytes:
    with file.open("rb") as opened:
        content = opened.read(BYTES_MOST + 1)
    if len(content) > BYTES_MOST:
        raise BadInput(
            "statement-file-too-large",
            "{file} has more than {bytes_max:,} bytes: no statement has.",
            file=file,
            bytes_max=BYTES_MOST,
        )
    return content


def code_in(pdf: bytes) -> StatementCode:
    """The code of the statement in a PDF: from its metadata, or else from its print.

    Raises BadInput for a PDF without a code, and as `read_pdf` does.
    """
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    read = read_pdf(pdf)
    code = find_code(read.keywords) or find_code(read.text)
    if code is None:
        raise BadInput(
            "statement-code-missing",
            "The PDF has no statement's code ({mark}): take a statement as it was issued.",
            mark=MARK,
        )
    return code


def signatures_in(pdf: bytes, trust: FileSource | None) -> tuple[SignatureFound, ...]:
    """The signatures of a PDF from outside; BadInput where they cannot be read."""
    try:
        return signatures_of(pdf, trust)
    except BadInput:
        raise
    except Exception as error:  # a broken file can make the library raise anything
        raise BadInput(
            "pdf-signatures-not-readable",
            "The PDF's signatures cannot be read ({name}): take it as it was issued.",
            name=type(error).__name__,
        ) from None


def _issued_again(books: Connection, code: StatementCode) -> bytes:
    ends = head(books).seq
    if code.known_at > ends:
        raise NotFound(
            "book-older-than-statement",
            "it knows entry {known_at:,}, and this book ends with entry {ends:,}; use a newer copy of "
            "the book.",
            known_at=code.known_at,
            ends=ends,
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


# ---- comparison of two PDFs


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
    more = pdf.parts - issued.parts
    yield from (text for name, text in _PARTS.items() if name in more)


def _differences(page: int, pdf: Sequence[TextRow], books: Sequence[TextRow]) -> Iterator[TextDifference]:
    """The differences between two pages, with figures compared one by one."""
    if pdf == books:
        return
    theirs, ours = _places(pdf), _places(books)
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
    """Words as they are quoted: spaces in figures are plain, and a long passage is cut short."""
    shown = [" ".join(word.split()) for word in words[:_QUOTED_MOST]]
    return " ".join([*shown, "…"] if len(words) > _QUOTED_MOST else shown)
