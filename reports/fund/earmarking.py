"""Earmarking report: what a term received and has been promised, by how far donors have bound its use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection

from allocation import TermSums
from donors import agreements
from ledger import AVAILABLE, RECEIVABLE, AsOf, get_term
from reports.figures.figure import Seal, seal_of
from reports.figures.figures import ARRIVALS
from reports.fund.form.fund_report import FundReport
from reports.render.section import Section, totalled
from reports.render.workbook import CellValue, Dollars, Percentage
from reports.words.labels import EARMARKS, TAKEN_BACK, label
from reports.words.language import Words, words_in
from reports.words.percentages import shares_of_whole

NO_LEVEL = ""
"""The level of gifts that were reversed later: the books no longer know their agreement."""


@dataclass(frozen=True)
class EarmarkedMoney:
    """The money of a term whose use is bound to one degree; all amounts in USD cents."""

    level: str
    agreements: int
    """The number of agreements and gifts with money received or receivable."""
    received: int
    receivable: int


@dataclass(frozen=True)
class EarmarkingReport:
    """The money of a term by degree of earmarking."""

    term: str
    language: str
    seal: Seal
    levels: tuple[EarmarkedMoney, ...]

    @property
    def received(self) -> int:
        """All that was received, USD cents."""
        return sum(each.received for each in self.levels)


def build_earmarking(books: Connection, term: str, as_of: AsOf, language: str) -> EarmarkingReport:
    """The report of a term; NotFound for an unknown term."""
    get_term(books, term, as_of.known_at)
    sums = TermSums(books, as_of, term)
    received: Counter[str] = Counter()
    for (agreement, kind), cents in sums.by("agreement", "kind", accounts=(AVAILABLE,)).items():
        if kind in ARRIVALS:
            received[agreement] -= cents
    receivable = Counter(
        {agreement: cents for (agreement,), cents in sums.by("agreement", accounts=(RECEIVABLE,)).items()}
    )
    level_of: dict[str, str] = {
        each.code: each.earmark.level
        for each in agreements(books, effective_to=as_of.effective_to, known_at=as_of.known_at)
    }
    levels = []
    for level in (*EARMARKS, NO_LEVEL):
        codes = [
            code
            for code in received.keys() | receivable.keys()
            if level_of.get(code, NO_LEVEL) == level and (received[code] or receivable[code])
        ]
        if codes or level:
            took, owed = (sum(figures[code] for code in codes) for figures in (received, receivable))
            levels.append(EarmarkedMoney(level, len(codes), took, owed))
    return EarmarkingReport(term, language, seal_of(books, as_of), tuple(levels))


def earmarking_report(report: EarmarkingReport) -> FundReport:
    """The tables of the report in its language; BadInput for an unknown language."""
    words = words_in(report.language)
    return FundReport(
        title=words("Earmarking"),
        subject=words("Term {term}", term=report.term),
        lead=words("At {date}  ·  Amounts in US dollars", date=words.long_date(report.seal.effective_to)),
        seal=report.seal,
        words=words,
        sections=(_by_level(report, words),),
        notes=(
            words(
                "The degrees are those of the Grand Bargain (2016, annex I): tightly earmarked to single "
                "activities, earmarked to countries, softly earmarked to a theme, a work area or a region."
            ),
        ),
    )


def _by_level(report: EarmarkingReport, words: Words) -> Section:
    names = EARMARKS | {NO_LEVEL: TAKEN_BACK}
    shares = shares_of_whole({each.level: each.received for each in report.levels})
    rows: list[tuple[CellValue, ...]] = [
        (
            label(names, each.level, words),
            each.agreements,
            Dollars(each.received),
            Percentage(shares[each.level]),
            Dollars(each.receivable),
        )
        for each in report.levels
    ]
    head = (words("Earmark"), words("Agreements"), words("Received"), words("Share of received"),
            words("Agreed, not yet received"))  # fmt: skip
    return Section(
        "earmarking",
        totalled(words("By degree of earmarking"), head, rows, (2, 4), words),
        bars=[(str(row[0]), row[2]) for row in rows if isinstance(row[2], Dollars)],
    )
