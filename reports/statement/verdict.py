"""Verdict on a statement or letter that came back: what it is found to be, and why it is not confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from donors import Issue, IssuedLetter
from reports.render.pdf_increments import has_one_reading
from reports.render.sandbox import Sandbox
from reports.render.signing import SignatureFound
from reports.statement.comparison import StatementComparison, TextDifference
from reports.statement.qr_code import StatementCode

CheckOutcome = Literal[
    "issued", "signed", "saved again", "drawn alike", "figures agree", "differs", "unknown"
]
"""What a file is: the one that was issued, also with signatures appended; a copy of it that was saved again;
not issued, and as this program draws it; another drawing of the same figures; one that differs; not of this
book."""

APPENDED = (
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


class Found:
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


def judge(run: Sandbox, pdf: bytes, result: StatementComparison, found: Found, original: str) -> None:
    """Judge a file by every word and drawing of the original."""
    found.differences = result.differences
    if result.alike:
        found.outcome = "saved again"
        found.notes.append(_SAVED_AGAIN)
        if not run(has_one_reading, pdf):
            found.reasons.append(_READ_IN_TWO_WAYS)
        return
    found.outcome = "differs"
    found.reasons += found_in(result, original)
    if result.appended:
        found.reasons.append(APPENDED)


def _doubtful(signatures: Sequence[SignatureFound]) -> Iterator[str]:
    for signature in signatures:
        if not signature.sound:
            yield f"The signature by {signature.by} is not sound."
        elif signature.trusted is False:
            yield f"The signature by {signature.by} does not lead to a certificate that is trusted."


def found_in(result: StatementComparison, original: str) -> Iterator[str]:
    """What a comparison found, a sentence each; `original` says what the file is compared with."""
    if result.differences:
        yield f"The words on {pages_of(result.differences)} are not those of {original}."
    if result.redrawn:
        yield f"The file was altered: the words on {_pages(result.redrawn)} agree, the drawing differs."
    if result.outside:
        yield f"The document as a whole was altered: {', '.join(result.outside)}."


def pages_of(differences: Sequence[TextDifference]) -> str:
    """The pages of differences, in words."""
    return _pages(sorted({difference.page for difference in differences}))


def _pages(numbers: Sequence[int]) -> str:
    *first, last = map(str, numbers)
    return f"pages {', '.join(first)} and {last}" if first else f"page {last}"
