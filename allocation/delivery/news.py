"""News that the coordinating city of each cluster sends to UIL every six months.

Every cluster is asked for it (draft strategy 2019-2021, Part One, activity 4.1). The six months are counted
from the first day of the term.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from pydantic import Field, field_validator
from sqlalchemy import Connection, Row, select

from allocation.programme.programme import activities_by_code
from donors import CODE_PATTERN, ClusterField
from ledger import (
    NOW,
    AsOf,
    Event,
    Evidence,
    Kind,
    NotFound,
    Term,
    TermField,
    TextField,
    as_known,
    get_term,
    nearest,
    project,
    register,
    require_in_term,
    text,
)

MONTHS = 6
_YEAR = 12


class NewsReported(Event):
    """A cluster's coordinating city sends news; `on` is the day it was sent."""

    kind: ClassVar[str] = "news reported"
    says: ClassVar[str] = "The cluster {cluster} sends news of the term {term}: {headline}"

    term: TermField
    cluster: ClusterField
    reference: TextField = Field(pattern=CODE_PATTERN)
    headline: TextField = Field(min_length=1, max_length=200)
    text: TextField = Field(min_length=1, max_length=4000)
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.term}:{self.cluster}:{self.reference}"

    @field_validator("headline", "text")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("it is blank: write what there is to tell")
        return value


news = register(
    "news",
    text("term"),
    text("cluster"),
    text("reference"),
    text("sent_on"),
    text("headline"),
    text("told"),
)


@dataclass(frozen=True)
class News:
    """News of a cluster, from the books."""

    seq: int
    term: str
    cluster: str
    reference: str
    on: date
    headline: str
    text: str


@dataclass(frozen=True)
class NewsDue:
    """A period of six months for which a cluster has sent no news."""

    cluster: str
    starts_on: date
    ends_on: date
    days_late: int
    """0 until the period has ended."""


def _read(row: Row[Any]) -> News:
    sent_on = date.fromisoformat(row.sent_on)
    return News(row.seq, row.term, row.cluster, row.reference, sent_on, row.headline, row.told)


def news_of(
    books: Connection,
    term: str,
    *,
    cluster: str | None = None,
    effective_to: date = date.max,
    known_at: int = NOW,
) -> list[News]:
    """News of a term sent by a day, the earliest first; only of `cluster`, if given."""
    query = (
        select(news)
        .where(
            news.c.term == term,
            news.c.sent_on <= effective_to.isoformat(),
            as_known(news, known_at),
        )
        .order_by(news.c.sent_on, news.c.seq)
    )
    if cluster is not None:
        query = query.where(news.c.cluster == cluster)
    return [_read(row) for row in books.execute(query)]


def half_years(term: Term) -> list[tuple[date, date]]:
    """First and last day of each six months of a term; the last period ends with the term."""
    found: list[tuple[date, date]] = []
    starts_on = term.starts_on
    while starts_on <= term.ends_on:
        following = _later(term.starts_on, MONTHS * (len(found) + 1))
        found.append((starts_on, min(following - timedelta(days=1), term.ends_on)))
        starts_on = following
    return found


def _later(day: date, months: int) -> date:
    """The same day some months later; the first of the following month if that month is too short."""
    years, month = divmod(day.month - 1 + months, _YEAR)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return _later(day.replace(day=1), months + 1)


def news_due(books: Connection, term: str, as_of: AsOf) -> list[NewsDue]:
    """Each period of a term that has started by a day, and each cluster without news of it by then."""
    known_at, until = as_of.known_at, as_of.effective_to
    sent = news_of(books, term, effective_to=until, known_at=known_at)
    halves = half_years(get_term(books, term, known_at))
    return [
        NewsDue(cluster, starts_on, ends_on, max(0, (until - ends_on).days))
        for starts_on, ends_on in halves
        if starts_on <= until
        for cluster in clusters_of(books, term, known_at)
        if not any(each.cluster == cluster and starts_on <= each.on <= ends_on for each in sent)
    ]


def clusters_of(books: Connection, term: str, known_at: int = NOW) -> list[str]:
    """The clusters of a term's programme and of what was carried over to it, by code."""
    programme = activities_by_code(books, term, known_at).values()
    return sorted({cluster for activity in programme for cluster in activity.cluster_shares})


def _apply(books: Connection, seq: int, event: NewsReported) -> None:
    require_in_term(books, event.term, event.on, "News")
    possible = clusters_of(books, event.term)
    if event.cluster not in possible:
        raise NotFound(
            "programme-cluster-not-found",
            "There is no cluster '{cluster}' in the programme of the term {term}{nearest}.",
            cluster=event.cluster,
            term=event.term,
            nearest=nearest(event.cluster, possible),
        )
    project(
        books,
        news,
        seq,
        term=event.term,
        cluster=event.cluster,
        reference=event.reference,
        sent_on=event.on.isoformat(),
        headline=event.headline,
        told=event.text,
    )


KINDS = (
    Kind(
        NewsReported,
        apply=_apply,
        registers=(news,),
        four_eyes=False,
        recorder="planner",
        reversible=True,
    ),
)
