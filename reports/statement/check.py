"""Check of a statement or a letter: whether a PDF that came back was issued, or says what an issued one says.

The first question is whether it is the file that was issued, by its hash. The second is whether it is that
file with nothing appended but signatures. Any other file is compared: with the file that was issued, if the
book has it, in every word and drawing. Where it has none, the statement is drawn again, and as another
version of the program may draw it in another way, the figures decide.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from donors import Issue, IssuedLetter, issued_letters, issues, letter_content
from ledger import (
    AsOf,
    BadInput,
    FileSource,
    MdfmError,
    NotFound,
    Tampered,
    checked_content,
    head,
    head_at,
)
from reports.render.pdf_increments import has_one_reading, only_signatures, revisions
from reports.render.sandbox import Sandbox, sandbox
from reports.render.signing import SignatureFound, load_certificates, signatures_of
from reports.statement.builder import build_statement
from reports.statement.comparison import StatementComparison, TextDifference, compare_figures, compare_pdfs
from reports.statement.issuing import paper_of
from reports.statement.pdf import render_statement
from reports.statement.qr_code import MARK, StatementCode, find_code

BYTES_MOST = 32_000_000

CheckOutcome = Literal[
    "issued", "signed", "saved again", "drawn alike", "figures agree", "differs", "unknown"
]
"""What a file is: the one that was issued, also with signatures appended; a copy of it that was saved again;
not issued, and as this program draws it; another drawing of the same figures; one that differs; not of this
book."""

_APPENDED = (
    "Something is appended to the file as it was issued that is more than a signature, and programs may show "
    "what it says in place of what was issued."
)
_SAVED_AGAIN = (
    "It is a copy that was saved again: the words and the drawing of every page agree, and the file is "
    "another one."
)
_READ_IN_TWO_WAYS = (
    "It is stored in a way that programs may read differently, so that others may show what this one does "
    "not see."
)
_ANOTHER_DRAWING = (
    "Every figure agrees. The drawing is not that of this version of the program, and the book has no file "
    "to compare it with: whether its words are right, or something is painted over, is not known."
)
_NOT_ISSUED = "The books do not know it as issued."
_OTHER_FILE = "The book has only the SHA-256 of the file that was issued, and this is another file."
_LETTER_CODE = re.compile(r"(?<![0-9A-F-])[0-9A-F]{4}(?:-[0-9A-F]{4}){3}(?![0-9A-F-])")


@dataclass(frozen=True)
class CheckedStatement:
    """Whether the books confirm a statement or a letter, and why not."""

    code: StatementCode | None
    """None for a letter."""
    confirmed: bool
    reasons: tuple[str, ...]
    """Why it is not confirmed, a sentence each."""
    differences: tuple[TextDifference, ...]
    signatures: tuple[SignatureFound, ...]
    outcome: CheckOutcome = "unknown"
    figures_agree: bool = False
    """Whether every figure is that of the books, also where the file cannot be confirmed."""
    notes: tuple[str, ...] = ()
    """What the books know of it, and what else is to be known, a sentence each."""
    issues: tuple[Issue, ...] = ()
    """When and to whom it was issued."""
    letter: IssuedLetter | None = None


def check_statement(books: Connection, file: FileSource, trust: FileSource | None = None) -> CheckedStatement:
    """Compare the PDF of a statement, or of a letter, with the books; nothing is recorded.

    Signatures are trusted only where they lead to a certificate in the file `trust`. Raises BadInput for a
    file that is no PDF, neither statement nor letter, broken, or too large or too slow to read, and Tampered
    where the file that the book keeps is not the one that was issued.
    """
    pdf = _content(file)
    if trust:
        load_certificates(trust)
    with sandbox() as run:
        found = _checked(run, books, pdf)
        signatures: tuple[SignatureFound, ...] = ()
        try:
            signatures = run(signatures_in, pdf, trust)
        except BadInput as error:
            found.reasons.append(str(error))
    return found.result(signatures)


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


class _Found:
    """What is found about a file, step by step."""

    def __init__(
        self, code: StatementCode | None, of: Iterable[Issue] = (), letter: IssuedLetter | None = None
    ) -> None:
        self.code, self.issues, self.letter = code, tuple(of), letter
        self.outcome: CheckOutcome = "unknown"
        self.reasons: list[str] = []
        self.notes: list[str] = []
        self.differences: tuple[TextDifference, ...] = ()
        self.drawing_unknown = False

    def result(self, signatures: Sequence[SignatureFound]) -> CheckedStatement:
        """The result, with what the signatures say."""
        reasons = [*self.reasons, *_doubtful(signatures)]
        vouched = [each.by for each in signatures if each.sound and each.whole_file and each.trusted]
        notes = [*self.notes, *(f"It is unchanged since {by} signed it, who is trusted." for by in vouched)]
        if self.drawing_unknown:
            (notes if vouched else reasons).append(_ANOTHER_DRAWING)
        return CheckedStatement(
            code=self.code,
            confirmed=not reasons,
            reasons=tuple(reasons),
            differences=self.differences,
            signatures=tuple(signatures),
            outcome=self.outcome,
            figures_agree=self.outcome not in ("differs", "unknown"),
            notes=tuple(notes),
            issues=self.issues,
            letter=self.letter,
        )


def _checked(run: Sandbox, books: Connection, pdf: bytes) -> _Found:
    """First by hash, then as what was issued with signatures, then by comparing."""
    every = issues(books)
    sha256 = hashlib.sha256(pdf).hexdigest()
    given = [each for each in every if each.file_sha256 == sha256]
    if given:
        return _issued(run, books, pdf, given)
    paper = paper_of(pdf, {each.paper_sha256 for each in every}.__contains__)
    if paper is not None:
        paper_sha256 = hashlib.sha256(paper).hexdigest()
        return _signed(run, books, pdf, paper, [each for each in every if each.paper_sha256 == paper_sha256])
    letters = issued_letters(books)
    sent = paper_of(pdf, {each.file_sha256 for each in letters}.__contains__)
    if sent is not None:
        sent_sha256 = hashlib.sha256(sent).hexdigest()
        return _letter_by_hash(
            run, books, pdf, sent, next(x for x in letters if x.file_sha256 == sent_sha256)
        )
    code, letter_codes = run(codes_in, pdf)
    if code is not None:
        return _compared(run, books, pdf, code, [each for each in every if _is_of(each, code)])
    for letter in letters:
        if letter.verification in letter_codes:
            return _letter_compared(run, books, pdf, letter)
    raise BadInput(
        "statement-code-missing",
        "The PDF has no statement's code ({mark}): take a statement as it was issued.",
        mark=MARK,
    )


def code_in(pdf: bytes) -> StatementCode:
    """The code of the statement in a PDF: from its metadata, or else from its print.

    Raises BadInput for a PDF without a code, and as `read_pdf` does.
    """
    code, _ = codes_in(pdf)
    if code is None:
        raise BadInput(
            "statement-code-missing",
            "The PDF has no statement's code ({mark}): take a statement as it was issued.",
            mark=MARK,
        )
    return code


def codes_in(pdf: bytes) -> tuple[StatementCode | None, frozenset[str]]:
    """The code of the statement in a PDF, or else everything in it that may be the code of a letter."""
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    read = read_pdf(pdf)
    code = find_code(read.keywords) or find_code(read.text)
    return code, frozenset() if code else frozenset(_LETTER_CODE.findall(read.text))


def prints(pdf: bytes, text: str) -> bool:
    """Whether a PDF prints a text, which may be broken over lines."""
    from reports.render.pdf_reading import read_pdf  # noqa: PLC0415

    return text in "".join(read_pdf(pdf).text.split())


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


# ---- known by its hash


def _issued(run: Sandbox, books: Connection, pdf: bytes, given: list[Issue]) -> _Found:
    """The file that was issued: nothing is drawn."""
    found = _Found(run(code_in, pdf), given)
    found.outcome = "issued"
    found.notes += [f"This is the file that was issued {_when(each)}." for each in given]
    _note_newer(found)
    _compare_with_books(books, found)
    return found


def _signed(run: Sandbox, books: Connection, pdf: bytes, paper: bytes, given: list[Issue]) -> _Found:
    """The file that was issued without its signature, or with other signatures, or with more."""
    if pdf == paper or run(only_signatures, pdf, paper):
        found = _Found(run(code_in, pdf), given)
        found.outcome = "issued" if pdf == paper else "signed"
        signed = "" if pdf == paper else ", with nothing but signatures added"
        found.notes += [
            f"This is, byte for byte{signed}, the statement that was issued {_when(each)}." for each in given
        ]
    else:
        found = _Found(run(code_in, paper), given)
        result = run(compare_pdfs, pdf, paper)
        found.outcome = "differs"
        found.differences = result.differences
        found.notes += [f"It begins with the statement that was issued {_when(each)}." for each in given]
        found.reasons += [*_found_in(result, "the file that was issued"), _APPENDED]
    _note_newer(found)
    _compare_with_books(books, found)
    return found


def _when(issue: Issue) -> str:
    to = f"the donor {issue.donor}" if issue.to == "donor" else f"the {issue.to} (of {issue.donor})"
    return f"on {issue.on} to {to} (entry {issue.seq:,})"


def _note_newer(found: _Found) -> None:
    newer = sorted({each.superseded_by for each in found.issues} - {0})
    if newer:
        found.notes.append(f"A newer statement of the same days was issued by entry {newer[-1]:,}.")


def _compare_with_books(books: Connection, found: _Found) -> None:
    """Whether a file that was issued is that of the entry which names it, and of this book."""
    code = found.code
    assert code is not None
    if not all(_is_of(each, code) and each.verification == code.code for each in found.issues):
        found.reasons.append("The file says that it is another statement than the one its entry names.")
        found.outcome = "differs"
    if other := _another_book(books, code):
        found.reasons.append(other)
        found.outcome = "unknown"


def _is_of(issue: Issue, code: StatementCode) -> bool:
    """Whether a code names a statement that was issued; the figures in the code may be forged."""
    return (
        issue.statement == code.id
        and (issue.donor, issue.term, issue.language) == (code.donor, code.term, code.language)
        and (issue.starts_on, issue.ends_on) == (code.starts_on, code.ends_on)
        and (issue.known_at, issue.status) == (code.known_at, code.status)
    )


# ---- compared


class _Original(NamedTuple):
    """What a file is compared with."""

    content: bytes
    is_issued: bool
    """Whether it is the statement that was issued, and not only a new drawing of it."""


def _compared(run: Sandbox, books: Connection, pdf: bytes, code: StatementCode, given: list[Issue]) -> _Found:
    found = _Found(code, given)
    try:
        original = _original(books, code, given)
        other = _another_book(books, code)
    except Tampered:
        raise
    except MdfmError as error:
        found.reasons.append(f"The books have no such statement: {error}")
        return found
    if other:
        found.reasons.append(other)
    found.notes += [f"The statement of this number was issued {_when(each)}." for each in given]
    _note_newer(found)
    result: StatementComparison = run(compare_pdfs, pdf, original.content)
    if original.is_issued:
        _judge(run, pdf, result, found, "the file that was issued")
    else:
        found.notes.append(_OTHER_FILE if given else _NOT_ISSUED)
        if result.same:
            found.outcome = "drawn alike"
        elif result.alike or result.appended:
            _judge(run, pdf, result, found, "the books")
        else:
            _judge_figures(run, pdf, original.content, code.language, result, found)
    if other:
        found.outcome = "unknown"
    return found


def _original(books: Connection, code: StatementCode, given: Sequence[Issue]) -> _Original:
    """The file that was issued, if the book has it; or else the statement, drawn again.

    Tampered where the book's file was changed; other errors say that the books have no such statement.
    """
    for each in given:
        if each.file_sha256:
            return _Original(checked_content(books, each.file_sha256), is_issued=True)
    drawn = _issued_again(books, code)
    sha256 = hashlib.sha256(drawn).hexdigest()
    return _Original(drawn, is_issued=any(each.paper_sha256 == sha256 for each in given))


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


def _judge(run: Sandbox, pdf: bytes, result: StatementComparison, found: _Found, original: str) -> None:
    """Judge a file by every word and drawing of the original."""
    found.differences = result.differences
    if result.alike:
        found.outcome = "saved again"
        found.notes.append(_SAVED_AGAIN)
        if not run(has_one_reading, pdf):
            found.reasons.append(_READ_IN_TWO_WAYS)
        return
    found.outcome = "differs"
    found.reasons += _found_in(result, original)
    if result.appended:
        found.reasons.append(_APPENDED)


def _judge_figures(
    run: Sandbox, pdf: bytes, drawn: bytes, language: str, result: StatementComparison, found: _Found
) -> None:
    """Judge a file by its figures: the drawing it is compared with may be that of another version."""
    figures = run(compare_figures, pdf, drawn, language)
    if figures.differences:
        found.outcome = "differs"
        found.differences = figures.differences
        found.reasons.append(f"The figures on {_pages_of(figures.differences)} are not those of the books.")
    else:
        found.outcome = "figures agree"
        found.differences = result.differences
        found.drawing_unknown = True
    if figures.outside:
        found.reasons.append(f"The document as a whole was altered: {', '.join(figures.outside)}.")


def _another_book(books: Connection, code: StatementCode) -> str:
    if code.known_at > head(books).seq:
        return f"The statement is of another book: this one has no entry {code.known_at:,}."
    seal = head_at(books, code.known_at).hash
    if seal == code.head:
        return ""
    return f"The statement is of another book: at entry {code.known_at:,} this one has the head {seal}."


def _doubtful(signatures: Sequence[SignatureFound]) -> Iterator[str]:
    for signature in signatures:
        if not signature.sound:
            yield f"The signature by {signature.by} is not sound."
        elif signature.trusted is False:
            yield f"The signature by {signature.by} does not lead to a certificate that is trusted."


def _found_in(result: StatementComparison, original: str) -> Iterator[str]:
    if result.differences:
        yield f"The words on {_pages_of(result.differences)} are not those of {original}."
    if result.redrawn:
        yield f"The file was altered: the words on {_pages(result.redrawn)} agree, the drawing differs."
    if result.outside:
        yield f"The document as a whole was altered: {', '.join(result.outside)}."


def _pages_of(differences: Sequence[TextDifference]) -> str:
    return _pages(sorted({difference.page for difference in differences}))


def _pages(numbers: Sequence[int]) -> str:
    *first, last = map(str, numbers)
    return f"pages {', '.join(first)} and {last}" if first else f"page {last}"


# ---- letters


def _letter_by_hash(run: Sandbox, books: Connection, pdf: bytes, sent: bytes, letter: IssuedLetter) -> _Found:
    found = _Found(None, letter=letter)
    if pdf == sent:
        found.outcome = "issued"
        found.notes.append(f"This is the file of the letter that was issued {_sent(letter)}.")
    elif run(only_signatures, pdf, _unsigned(sent)):
        found.outcome = "signed"
        found.notes.append(
            f"This is, with nothing but signatures added, the letter that was issued {_sent(letter)}."
        )
    else:
        result = run(compare_pdfs, pdf, sent)
        found.outcome = "differs"
        found.differences = result.differences
        found.notes.append(f"It begins with the letter that was issued {_sent(letter)}.")
        found.reasons += [*_found_in(result, "the letter that was issued"), _APPENDED]
    seal = head_at(books, letter.known_at).hash
    if not run(prints, sent, seal):
        found.outcome = "unknown"
        found.reasons.append(
            f"The letter is of another book: at entry {letter.known_at:,} this one has the head {seal}."
        )
    return found


def _unsigned(file: bytes) -> bytes:
    """A file that the fund issued, as it was before it was signed."""
    _, end = next(revisions(file))
    return file[:end]


def _letter_compared(run: Sandbox, books: Connection, pdf: bytes, letter: IssuedLetter) -> _Found:
    found = _Found(None, letter=letter)
    found.notes.append(f"The letter with this code was issued {_sent(letter)}.")
    try:
        content = letter_content(books, letter)
    except NotFound as erased:
        found.reasons.append(f"It is not the file that was issued, and cannot be compared: {erased}")
        return found
    _judge(run, pdf, run(compare_pdfs, pdf, content), found, "the letter that was issued")
    return found


def _sent(letter: IssuedLetter) -> str:
    return f"on {letter.on} to the donor {letter.donor} for {letter.reference} (entry {letter.seq:,})"
