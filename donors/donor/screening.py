"""Screening of private donors: the due diligence before anything is agreed with them or taken from them.

The grounds of exclusion are those of the United Nations' guidelines on cooperation with the business sector
(2015): activities or complicity for which no contribution is accepted. Which screenings may be reversed is
decided in `donors.changes.screening_dependencies`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import model_validator
from sqlalchemy import Connection, Row, select

from donors.codes import DonorField
from donors.donor.donor import get_donor
from ledger import NOW, Evidence, Hint, Refused, Repeatable, as_known, project, read_once, register, text

Ground = Literal["sanctions", "weapons", "tobacco", "human-rights", "forced-or-child-labour"]
GROUNDS: tuple[Ground, ...] = get_args(Ground)
ScreeningOutcome = Literal["cleared", "excluded"]


class DonorScreened(Repeatable):
    """A donor was screened on every ground; `on` is the day of the outcome."""

    kind: ClassVar[str] = "donor screened"

    donor: DonorField
    outcome: ScreeningOutcome
    found: tuple[Ground, ...] = ()
    """The grounds on which the donor is excluded."""
    valid_until: date
    """The last day on which the outcome may be relied on."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def sentence(self) -> str:
        if self.outcome == "excluded":
            return "{donor} was screened and is excluded because of: {found}."
        return "{donor} was screened and is cleared until {valid_until}."

    @property
    def first_key(self) -> str:
        return f"donor screened:{self.donor}:{self.on}"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.valid_until < self.on:
            raise ValueError("an outcome must not expire before the day of the screening")
        if (self.outcome == "excluded") != bool(self.found):
            raise ValueError("name the grounds found of an excluded donor, and none of one that is cleared")
        if not self.evidence:
            raise ValueError("a screening needs evidence: attach the file that shows what was looked into")
        return self


screening = register(
    "screening", text("donor"), text("outcome"), text("found"), text("screened_on"), text("valid_until")
)


@dataclass(frozen=True)
class Screening:
    """A screening as the books know it."""

    seq: int
    donor: str
    outcome: ScreeningOutcome
    found: tuple[str, ...]
    screened_on: date
    valid_until: date

    def clears_on(self, on: date) -> bool:
        """Whether it clears the donor on a day: the outcome is `cleared` and valid on that day."""
        return self.outcome == "cleared" and self.screened_on <= on <= self.valid_until


def _read(row: Row[Any]) -> Screening:
    days = date.fromisoformat(row.screened_on), date.fromisoformat(row.valid_until)
    return Screening(row.seq, row.donor, row.outcome, tuple(row.found.split()), *days)


def screenings(books: Connection, donor: str, known_at: int = NOW) -> list[Screening]:
    """The screenings of a donor, the newest last."""
    rows = books.execute(
        select(screening)
        .where(screening.c.donor == donor, as_known(screening, known_at))
        .order_by(screening.c.screened_on, screening.c.seq)
    )
    return [_read(row) for row in rows]


def screening_on(books: Connection, donor: str, on: date, known_at: int = NOW) -> Screening | None:
    """The screening that counts on a day, the newest by then, whatever its outcome; None if there is none."""

    def load() -> list[Screening]:
        return screenings(books, donor, known_at)

    made = read_once(books, screening, donor, load) if known_at == NOW else load()
    return next((each for each in reversed(made) if each.screened_on <= on), None)


def require_screened(books: Connection, donor: str, on: date) -> None:
    """Refused if a private donor has no valid screening on the day, or was excluded."""
    if get_donor(books, donor).type != "private":
        return
    counts = screening_on(books, donor, on)
    if counts is None:
        raise Refused(
            "donor-not-screened",
            "The private donor {donor} was not screened by {on}: record the outcome{hint} first.",
            donor=donor,
            on=on,
            hint=Hint("screen-donor", donor=donor),
        )
    if counts.outcome == "excluded":
        raise Refused(
            "donor-excluded",
            "The donor {donor} was excluded on {screened_on} ({found}): nothing may be agreed with it.",
            donor=donor,
            screened_on=counts.screened_on,
            found=", ".join(counts.found),
        )
    if not counts.clears_on(on):
        raise Refused(
            "screening-expired",
            "The screening of {donor} expired on {valid_until}: screen the donor again before {on}.",
            donor=donor,
            valid_until=counts.valid_until,
            on=on,
        )


def project_screening(books: Connection, seq: int, event: DonorScreened) -> None:
    """Add a screening to the register."""
    get_donor(books, event.donor)
    project(
        books,
        screening,
        seq,
        donor=event.donor,
        outcome=event.outcome,
        found=" ".join(event.found),
        screened_on=event.on.isoformat(),
        valid_until=event.valid_until.isoformat(),
    )
