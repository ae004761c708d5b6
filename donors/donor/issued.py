"""Issued statements: which donor's statement was given to whom, and when.

The event names the two clocks at which the statement was made, and as its evidence the file that was given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field
from sqlalchemy import Column, Connection, LargeBinary, Row, Table, select

from donors.codes import CODE_PATTERN, DonorField, LanguageField
from donors.donor.donor import get_donor
from donors.languages import Language
from ledger import (
    NOW,
    Earlier,
    Event,
    Evidence,
    Hint,
    Kind,
    Labelled,
    NumberOf,
    Refused,
    Sentence,
    Sha256Field,
    TermField,
    TextField,
    as_known,
    get_term,
    metadata,
    project,
    register,
    text,
    whole,
)

StatementRecipient = Literal["donor", "board", "auditor", "public"]
"""The recipient of a statement: a role, never a person."""
RECIPIENTS: tuple[StatementRecipient, ...] = get_args(StatementRecipient)


class StatementIssued(Event):
    """A donor's statement is given to somebody; `on` is the day."""

    kind: ClassVar[str] = "statement issued"
    version: ClassVar[int] = 2
    says: ClassVar[str] = "The statement {statement} of {donor} for the term {term} is given to the {to}."

    statement: TextField = Field(min_length=1)
    """Its number."""
    donor: DonorField = Field(pattern=CODE_PATTERN)
    term: TermField
    language: LanguageField
    starts_on: date
    ends_on: date
    """Also the day up to which its figures are effective."""
    known_at: Annotated[int, NumberOf(zero=True), Labelled("includes entries up to")] = Field(ge=0)
    """The last entry that its figures include."""
    status: Literal["interim", "certified"]
    paper_sha256: Annotated[Sha256Field, Labelled("paper")] = Field(pattern="^[0-9a-f]{64}$")
    """Hash of the file without its signature, which is appended and names its signer itself."""
    verification: TextField
    """The short verification code printed in the statement."""
    to: Annotated[StatementRecipient, Labelled("given to")] = "donor"
    evidence: tuple[Evidence, ...]
    """The file that was given, with its signature if it has one; none for what version 1 recorded."""

    @property
    def key(self) -> str:
        made_for = (self.donor, self.term, self.language, self.starts_on, self.ends_on, self.known_at)
        return ":".join(map(str, (self.kind, *made_for, self.status, self.to)))


issued = register(
    "issued",
    text("statement"),
    text("donor"),
    text("term"),
    text("language"),
    text("starts_on"),
    text("ends_on"),
    whole("known_at"),
    text("status"),
    text("paper_sha256"),
    text("verification"),
    text("recipient"),
    text("issued_on"),
    text("file_sha256", added=True),
)

issued_letter = register(
    "issued_letter",
    text("reference"),
    text("bank_account"),
    text("donor"),
    text("language"),
    whole("known_at"),
    text("file_sha256"),
    text("verification"),
    text("issued_on"),
)

letter_file = Table(
    "letter_file",
    metadata,
    text("sha256", key=True),
    text("donor"),
    text("contact"),
    Column("content", LargeBinary, nullable=False),
    sqlite_strict=True,
)
"""The files of issued letters. They name a person, so they are no evidence: when that contact is erased, the
content and the name become empty, and the hash that the journal has stays."""


@dataclass(frozen=True)
class Issue:
    """A statement that was given to somebody, as the books know it."""

    seq: int
    on: date
    statement: str
    donor: str
    to: StatementRecipient
    term: str
    language: Language
    starts_on: date
    ends_on: date
    known_at: int
    status: Literal["interim", "certified"]
    paper_sha256: str
    verification: str
    superseded_by: int = 0
    """The entry that issued the newest statement which supersedes this one; 0 if there is none."""

    def gives_way_to(self, other: Issue) -> bool:
        """Whether another statement of the same days supersedes it.

        A later `known_at` does, and at the same one a certified statement; an interim one never supersedes a
        certified one.
        """
        if (self.status, other.status) == ("certified", "interim"):
            return False
        return (other.known_at, other.status == "certified") > (self.known_at, self.status == "certified")


def issues(
    books: Connection, *, donor: str | None = None, term: str | None = None, known_at: int = NOW
) -> list[Issue]:
    """The statements that were issued, the earliest first; only those of a donor or a term, if named."""
    query = select(issued).where(as_known(issued, known_at)).order_by(issued.c.seq)
    for column, wanted in (("donor", donor), ("term", term)):
        if wanted is not None:
            query = query.where(issued.c[column] == wanted)
    found = [_read(row) for row in books.execute(query)]
    of_days: dict[tuple[object, ...], list[Issue]] = defaultdict(list)
    for each in found:
        of_days[_days(each)].append(each)
    return [replace(each, superseded_by=_newest(each, of_days[_days(each)])) for each in found]


def _days(of: Issue) -> tuple[object, ...]:
    return of.donor, of.term, of.language, of.starts_on, of.ends_on


def _newest(of: Issue, others: Iterable[Issue]) -> int:
    return max((other.seq for other in others if of.gives_way_to(other)), default=0)


def _read(row: Row[Any]) -> Issue:
    return Issue(
        seq=row.seq,
        on=date.fromisoformat(row.issued_on),
        statement=row.statement,
        donor=row.donor,
        to=row.recipient,
        term=row.term,
        language=row.language,
        starts_on=date.fromisoformat(row.starts_on),
        ends_on=date.fromisoformat(row.ends_on),
        known_at=row.known_at,
        status=row.status,
        paper_sha256=row.paper_sha256,
        verification=row.verification,
    )


def _apply(books: Connection, seq: int, event: StatementIssued) -> None:
    get_donor(books, event.donor)
    get_term(books, event.term)
    if event.known_at >= seq:
        raise Refused(
            "issued-statement-knows-future",
            "The statement {statement} cannot know entry {known_at}, which is not in the books.",
            statement=event.statement,
            known_at=event.known_at,
        )
    row = event.model_dump(mode="json", exclude={"on", "to", "evidence"})
    row |= {"recipient": event.to, "issued_on": event.on.isoformat()}
    project(books, issued, seq, **row, file_sha256=event.evidence[0].sha256 if event.evidence else "")


def _without_evidence(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 named no file."""
    return payload | {"evidence": []}


KINDS = (
    Kind(
        StatementIssued,
        apply=_apply,
        registers=(issued,),
        four_eyes=False,
        when_recorded=Sentence(
            "it stays as it was given", Hint("reprint-statement", statement="{verification}")
        ),
        earlier={1: Earlier(_without_evidence)},
    ),
)
