"""PDF of a donor's accountability statement.

The first page (`reports.statement.front_page`) shows what was given, used and left, and where it went; the
numbered parts after it (`reports.statement.parts`) give the same to the cent.
"""

from __future__ import annotations

from reportlab.platypus import PageBreak

from ledger import Hint, MdfmError, usd
from reports.render.page import Imprint, render_pdf
from reports.statement.front_page import front_page
from reports.statement.parts import ALL_PARTS, about
from reports.statement.qr_code import code_of
from reports.statement.statement import Statement
from reports.statement.sums import given, left
from reports.words.labels import STATUS
from reports.words.language import words_in


class DoesNotAddUp(MdfmError):
    """The movements of a statement do not lead from its opening to its closing balance; it is not issued."""


def render_statement(statement: Statement) -> bytes:
    """The statement as a PDF; equal statements give equal bytes.

    Raises DoesNotAddUp when given less used is not what is left, and BadInput for a language that reports are
    not written in.
    """
    _require_sum(statement)
    words = words_in(statement.language)
    story = [*front_page(statement, words), PageBreak(), *about(statement, words)]
    for compose in ALL_PARTS:
        story += compose(statement, words)
    title = words("Accountability statement")
    imprint = Imprint(
        id=statement.id,
        title=f"{title} {statement.id}",
        subject=statement.donor_name,
        seal=statement.seal,
        words=words,
        keywords=code_of(statement).line,
        status=words(STATUS[statement.status]),
    )
    return render_pdf(story, imprint)


def _require_sum(statement: Statement) -> None:
    expected = given(statement) - statement.used.cents
    if expected != left(statement):
        raise DoesNotAddUp(
            "statement-does-not-add-up",
            "Statement {id} is not issued: given less used is {expected}, but the balance is {left}; "
            "{hint} to find the entry.",
            id=statement.id,
            expected=usd(expected),
            left=usd(left(statement)),
            hint=Hint("replay", "replay the books"),
        )
