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
from sqlalchemy import Connection, Row, select

from donors.codes import CODE_PATTERN, DonorField, LanguageField
from donors.donor.donor import get_donor
from donors.languages import Language
from ledger import (
    NOW,
    EarlierVersion,
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
        """With a file it is another key: the file of an issue that named none can be recorded later."""
        made_for = (self.donor, self.term, self.language, self.starts_on, self.ends_on, self.known_at)
        with_file = ("file",) if self.evidence else ()
        return ":".join(map(str, (self.kind, *made_for, self.status, self.to, *with_file)))


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
    file_sha256: str = ""
    """Hash of the file that was given, which the book keeps; empty where it keeps none (version 1)."""
    kept_by: int = 0
    """The entry that names the file: that of the issue, or a later one; 0 if none does."""
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
    found = _with_files(map(_read, books.execute(query)))
    of_days: dict[tuple[object, ...], list[Issue]] = defaultdict(list)
    for each in found:
        of_days[_days(each)].append(each)
    return [replace(each, superseded_by=_newest(each, of_days[_days(each)])) for each in found]


def _with_files(rows: Iterable[Issue]) -> list[Issue]:
    """Each issue once, with its file; that of an issue without a file may have been recorded later."""
    found: dict[tuple[object, ...], Issue] = {}
    for each in rows:
        made_for = *_days(each), each.known_at, each.status, each.to
        first = found.setdefault(made_for, each)
        if not first.file_sha256:
            found[made_for] = replace(first, file_sha256=each.file_sha256, kept_by=each.kept_by)
    return list(found.values())


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
        file_sha256=row.file_sha256,
        kept_by=row.seq if row.file_sha256 else 0,
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
    if len(event.evidence) > 1:
        raise Refused(
            "issued-statement-has-one-file",
            "The statement {statement} was given as one file: name that alone.",
            statement=event.statement,
        )
    _require_same_statement(books, event)
    row = event.model_dump(mode="json", exclude={"on", "to", "evidence"})
    row |= {"recipient": event.to, "issued_on": event.on.isoformat()}
    project(books, issued, seq, **row, file_sha256=event.evidence[0].sha256 if event.evidence else "")


def _require_same_statement(books: Connection, event: StatementIssued) -> None:
    """Refuse an issue that is in the books with another paper; a file that is named later is the same."""
    of = issued.c
    same = (
        of.statement == event.statement,
        of.donor == event.donor,
        of.term == event.term,
        of.language == event.language,
        of.starts_on == event.starts_on.isoformat(),
        of.ends_on == event.ends_on.isoformat(),
        of.known_at == event.known_at,
        of.status == event.status,
        of.recipient == event.to,
        of.paper_sha256 != event.paper_sha256,
    )
    other = books.execute(select(of.seq).where(as_known(issued), *same)).scalar()
    if other:
        raise Refused(
            "statement-issued-otherwise",
            "The statement {statement} was issued to the {to} by entry {entry} as another file.",
            statement=event.statement,
            to=event.to,
            entry=other,
        )


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
        earlier={1: EarlierVersion(_without_evidence)},
    ),
)
