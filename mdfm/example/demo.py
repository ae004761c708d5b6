"""The demo: plays the example's term from the first contribution to the auditor's replay, with a narrator.

It calls the packages' public functions as the commands do, over a real book. Its clock runs with the story,
so the same program always makes the same book, byte for byte and with the same head hash.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path

from sqlalchemy import Connection

from allocation import approve_plan, make_plan, read_scenario
from donors import LANGUAGES, donors
from ledger import (
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    Event,
    Evidence,
    Journal,
    Refused,
    Sealed,
    attach,
    get_term,
    replay,
    usd,
    verify,
    write_atomically,
)
from mdfm.books import create
from mdfm.example import story
from mdfm.example.desk import write_desk
from reports import (
    StatementBatch,
    annual_report,
    build_annual,
    build_fund_summary,
    build_overview,
    build_progress,
    build_statement,
    build_trial_balance,
    progress_report,
    render_overview,
    render_trial_balance,
    write_file,
    write_fund_report,
    write_statements,
    year_of_term,
)

Narrate = Callable[[str, str], None]
"""Called with who speaks, and the sentence."""

BOOK, PLAN, SCENARIO, DESK = "mdfm.book", "plan.json", "scenario.toml", "desk"


class StoryClock:
    """A clock that stands at nine in the morning of the event's day and ticks once for each entry."""

    def __init__(self) -> None:
        self._now = datetime(2021, 11, 1, 9, tzinfo=UTC)
        self._rates_of: date | None = None

    def at(self, day: date) -> None:
        """Advance to a day; never back, so an event with an earlier date is recorded later."""
        self._now = max(self._now, datetime.combine(day, day_time(9), UTC))

    def published(self, day: date) -> list[Event]:
        """The rates of exchange that were published since the last call."""
        rates = story.rates_until(day, self._rates_of)
        if rates:
            self._rates_of = rates[-1].on
        return rates

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


def play(out: Path, narrate: Narrate, location: str | None = None) -> list[Path]:
    """Play the example into the folder `out`; return the files to open.

    Refused when there is a book already. Nothing stays behind when it fails or is interrupted, unless the
    book is elsewhere (`location`).
    """
    if location is None and (out / BOOK).exists():
        raise Refused(
            "folder-has-book",
            "There is a book in {folder} already: choose another folder, or remove it first.",
            folder=out,
        )
    existed = out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        kept = set(out.iterdir())
    except OSError as error:
        raise BadInput(
            "folder-not-made", "The folder {folder} cannot be made: {why}.", folder=out, why=error.strerror
        ) from None
    try:
        return _play(out, narrate, location or str(out / BOOK))
    except BaseException:
        _clear(out, kept)
        if not existed:
            out.rmdir()
        raise


def before_plan(folder: Path) -> Book:
    """The example's book in a folder, as the planner finds it: what donors gave, and the programme."""
    clock = StoryClock()
    office = _Office(create(str(folder / BOOK), clock), clock)
    _receive(office, folder, lambda _who, _what: None)
    office.record([story.programme()])
    return office.book


def _clear(folder: Path, kept: set[Path]) -> None:
    """Remove what is in a folder, but for what is kept."""
    for path in set(folder.iterdir()) - kept:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _play(out: Path, narrate: Narrate, location: str) -> list[Path]:
    clock = StoryClock()
    book = create(location, clock)
    office = _Office(book, clock)
    _receive(office, out, narrate)
    _plan(office, out, narrate)
    _spend(office, narrate)
    files = [out / PLAN, *_report(book, out, narrate)]
    write_desk(out / DESK)
    _audit(book, narrate)
    book.close()
    return files


@dataclass(frozen=True)
class _Office:
    """The people of the story at their book."""

    book: Book
    clock: StoryClock

    def record(self, events: Iterable[Event]) -> list[Sealed]:
        """One officer records, another approves."""
        entries = []
        with self.book.recording() as journal:
            for event in events:
                for rates in self.clock.published(event.on):
                    self._record(journal, rates)
                entries.append(self._record(journal, event))
        return entries

    def _record(self, journal: Journal, event: Event) -> Sealed:
        self.clock.at(event.on)
        return journal.record(event, made_by=story.FINANCE, approved_by=story.APPROVER)

    def attach(self, folder: Path) -> dict[str, Evidence]:
        """Write the example's evidence as files, and take them into the book."""
        folder.mkdir(exist_ok=True)
        with self.book.recording() as journal:
            proof = {}
            for name, content in story.EVIDENCE.items():
                write_atomically(folder / name, f"{content}\n".encode())
                proof[name] = attach(journal.books, folder / name)
        return proof


def _receive(office: _Office, out: Path, narrate: Narrate) -> None:
    office.record(story.opening())
    proof = office.attach(out / "evidence")
    office.record(story.contributions(proof))
    with office.book.reading() as books:
        fund = build_fund_summary(books, story.TERM, AsOf.now(books, date(2022, 3, 31)))
        known = len(donors(books))
    narrate(
        "Finance officer",
        f"{known} example donors of all five types are registered. {usd(fund.received)} has arrived from "
        f"{fund.donors} of them, in US dollars, euros and won; {usd(fund.receivable)} is signed and still to "
        f"come, {usd(fund.pledged)} only pledged.",
    )
    narrate(
        "Finance officer",
        f"In kind: tablets, a seconded officer and a hosted meeting, {usd(fund.in_kind)} in all, each with "
        f"its evidence, kept beside the US$1M target. The year 2021 is closed.",
    )


def _plan(office: _Office, out: Path, narrate: Narrate) -> None:
    office.record([story.programme()])
    write_atomically(out / SCENARIO, story.example_file(SCENARIO).read_bytes())
    scenario = read_scenario(out / SCENARIO)
    with office.book.reading() as books:
        plan = make_plan(books, scenario, story.PLANNER)
    write_atomically(out / PLAN, plan.to_bytes())
    wanted = plan.awarded + sum(each.cents for each in plan.not_funded)
    flows = sum(len(award.flows) for award in plan.awards)
    narrate(
        "Planner",
        f"The programme asks for {usd(wanted)}. Scenario '{scenario.id}' gives {usd(plan.awarded)} of the "
        f"{usd(plan.available)} available to {len(plan.awards)} activities; proved optimal: "
        f"value {plan.value:,} = bound {plan.bound:,}.",
    )
    for rule in plan.rules:
        narrate(
            "Planner",
            f"{rule.sense.capitalize()} '{rule.id}': {usd(rule.reached)} against {usd(rule.bound)}.",
        )
    with office.book.recording() as journal:
        office.clock.at(scenario.on)
        sealed = approve_plan(journal, out / PLAN, story.DIRECTOR)
    narrate(
        "Director",
        f"Approved after a second solver agreed: {flows} flows from donors to activities are booked as entry "
        f"{sealed.seq}, the allocation.",
    )


def _spend(office: _Office, narrate: Narrate) -> None:
    *_, wrong = office.record(story.first_half())
    narrate(
        "Finance officer",
        f"{len(story.GRANTS)} grants of 2022 are committed to partners and their first tranches paid. Entry "
        f"{wrong.seq} reports travel of US$31,200.00: a slip, it was US$13,200.00.",
    )
    office.record([EntryReversed(on=date(2022, 7, 5), entry=wrong.seq, reason="travel was 13,200.00")])
    office.record(story.second_half())
    with office.book.reading() as books:
        as_of = AsOf.now(books, story.YEAR_END)
        fund = build_fund_summary(books, story.TERM, as_of)
    narrate(
        "Finance officer",
        f"The entry is reversed, never edited. Used in the year: {usd(fund.used)} of "
        f"{usd(fund.used + fund.allocated)} allocated; {usd(fund.committed)} committed. The year 2022 "
        f"is closed.",
    )


def _report(book: Book, out: Path, narrate: Narrate) -> list[Path]:
    folder = out / "statements"
    with book.reading() as books:
        as_of = AsOf.now(books, story.YEAR_END)
        of_donors = {donor.language for donor in donors(books)}
        languages = tuple(language for language in LANGUAGES if language in of_donors)
        statements = write_statements(
            book, StatementBatch(story.TERM, as_of, certified=True, languages=languages), folder
        )
        used = sum(
            build_statement(books, donor.code, story.TERM, as_of).used.cents for donor in donors(books)
        )
        files = [
            write_file(
                out / f"fund-overview-{language}.pdf",
                render_overview(build_overview(books, story.TERM, as_of, language)),
            )
            for language in languages
        ]
        files += _for_the_board(books, as_of, out)
        balance = build_trial_balance(books, as_of, story.TERM)
        write_atomically(out / "trial-balance.pdf", render_trial_balance(balance, "en"))
        fund = build_fund_summary(books, story.TERM, as_of)
    narrate(
        "Donors",
        f"{len(statements)} statements, one for each donor in English, French and Spanish. Their uses of "
        f"funds add up to {usd(used)}; the fund's use is {usd(fund.used)}.",
    )
    narrate(
        "Donors",
        f"Progress to the target of {usd(fund.target)}: {fund.progress // 100}.{fund.progress % 100:02d} %.",
    )
    narrate(
        "Auditor",
        f"Trial balance: assets {usd(balance.total('asset'))} = liabilities "
        f"{usd(-balance.total('liability'))} - use {usd(balance.total('use'))}; there is no revenue account.",
    )
    return [folder / "GOV-A-fr.pdf", *files, out / "trial-balance.pdf"]


def _for_the_board(books: Connection, as_of: AsOf, out: Path) -> list[Path]:
    """Write the annual report, as PDF and workbook, and the progress report."""
    year = year_of_term(get_term(books, story.TERM), story.YEAR_END.year)
    annual = annual_report(build_annual(books, story.TERM, year, as_of.known_at, "en"))
    progress = progress_report(build_progress(books, story.TERM, as_of, "en"))
    return [
        *write_fund_report(annual, out / "annual-report-2022.pdf"),
        *write_fund_report(annual, out / "annual-report-2022.xlsx"),
        *write_fund_report(progress, out / "progress-report.pdf"),
    ]


def _audit(book: Book, narrate: Narrate) -> None:
    verified, replayed = verify(book), replay(book)
    if verified.findings or replayed.findings:
        raise AssertionError(f"the demo's own book is not sound: {[*verified.findings, *replayed.findings]}")
    narrate(
        "Auditor",
        f"Verified: {verified.entries} entries, {verified.lines} lines, "
        f"{verified.evidence} evidence files, every seal, sum and balance. Replayed from the events alone: "
        f"the same. Head {verified.head.hash[:16]}.",
    )
