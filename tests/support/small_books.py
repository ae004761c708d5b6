"""Small books to test with: one with its master data only, and one in which everything has happened once."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from allocation import (
    AdvanceReturned,
    AgreementClosed,
    CommitmentCancelled,
    ExpenditureIncurred,
    ExpenditureReported,
    GrantCommitted,
    NewsReported,
    PlanApproved,
    ProgrammeAdopted,
    ResultReported,
    SupportCostAgreed,
    TermClosed,
    TranchePaid,
)
from donors import (
    AgreementSigned,
    BankAccountOpened,
    ConditionMet,
    ContributionReceived,
    CurrencyChanged,
    DonorRegistered,
    DonorScreened,
    GoodsReceived,
    GoodsUsed,
    Instalment,
    LetterIssued,
    OfferReceived,
    PledgeRecorded,
    PledgeWithdrawn,
    ReceiptIdentified,
    RefundAgreed,
    RefundPaid,
    ServiceReceived,
    StatementIssued,
    UnidentifiedReceived,
)
from ledger import (
    Amount,
    Book,
    Clock,
    EntryReversed,
    Event,
    Evidence,
    PeriodClosed,
    RatesPublished,
    RolesGiven,
    Sealed,
    TermOpened,
    ThresholdSet,
    attach,
    get_entry,
    head,
    propose,
)
from mdfm.books import open_at

TERM = "2021-2023"
MAKER, CHECKER = "finance officer", "director"
NOV, DEC, LATER = date(2021, 11, 10), date(2021, 12, 10), date(2022, 3, 1)
RATES = {date(2021, 11, 1): {"EUR": "0.86", "KRW": "1170"}, date(2021, 12, 1): {"EUR": "0.88", "KRW": "1180"}}

ACTIVITY_CODES = ("T-1", "T-2", "T-3")


class Ticking:
    """A clock that ticks once a second from the same moment, so that equal books are equal byte for byte."""

    def __init__(self) -> None:
        self.next = datetime(2022, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        now, self.next = self.next, self.next + timedelta(seconds=1)
        return now


def clock() -> Clock:
    """A clock for a new book."""
    return Ticking()


def reopened(location: str) -> Book:
    """A book that is opened again; its clock goes on after its last entry, as any clock does."""
    ticking = Ticking()
    book = open_at(location, ticking)
    with book.reading() as books:
        last = head(books).seq
        if last:
            ticking.next = datetime.fromisoformat(get_entry(books, last).recorded_at) + timedelta(seconds=1)
    return book


def tell(book: Book, *events: Event) -> list[Sealed]:
    """Record events in one transaction, made by one person and approved by another."""
    with book.recording() as journal:
        return [journal.record(event, made_by=MAKER, approved_by=CHECKER) for event in events]


def taken_back(entry: Sealed) -> EntryReversed:
    """That an entry was a mistake."""
    return EntryReversed(on=DEC, entry=entry.seq, reason="a mistake")


def copy_of(template: Path, folder: Path) -> Book:
    """A book of its own, from a template that is closed."""
    place = folder / "copy.book"
    shutil.copyfile(template, place)
    return reopened(str(place))


def file_of(book: Book) -> str:
    """The path of the book's file."""
    path = book.engine.url.database
    assert path is not None
    return path


def raw(book: Book) -> sqlite3.Connection:
    """A connection past all Python of the project, as any database tool would open it."""
    connection = sqlite3.connect(file_of(book), isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")  # a test's file need not outlive a power cut
    return connection


def dump(path: str, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Every row of every table, with the types of its values."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        names = [
            name.decode()
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))
            for name in names
            if name not in without
        }


def money(currency: str, minor: int) -> Amount:
    return Amount(currency=currency, minor=minor)


def agreement(code: str = "A9", **given: Any) -> AgreementSigned:
    """An agreement of US$10,000 over the whole term, but for what is given."""
    usual: dict[str, Any] = {
        "on": NOV,
        "donor": "CITY",
        "term": TERM,
        "amount": money("USD", 10_000_00),
        "starts_on": date(2021, 11, 1),
        "ends_on": date(2023, 10, 31),
    }
    return AgreementSigned(code=code, **usual | given)


def contribution(
    reference: str, agreement: str, currency: str, minor: int, on: date = NOV
) -> ContributionReceived:
    """Money under an agreement, on the bank account of its currency."""
    return ContributionReceived(
        on=on,
        reference=reference,
        bank_account=f"{currency}1",
        amount=money(currency, minor),
        agreement=agreement,
    )


def gift(reference: str, minor: int, currency: str = "USD", on: date = NOV) -> ContributionReceived:
    """Money without an agreement."""
    return ContributionReceived(
        on=on,
        reference=reference,
        bank_account=f"{currency}1",
        amount=money(currency, minor),
        donor="FOUND",
        term=TERM,
    )


def allocation(sha256: str, flows: dict[str, dict[str, int]], on: date = DEC) -> PlanApproved:
    """The approval of a plan, built by hand: cents by activity and agreement."""
    awards = [
        {
            "activity": activity,
            "units": 1,
            "cents": sum(given.values()),
            "flows": [{"agreement": code, "cents": cents} for code, cents in given.items()],
        }
        for activity, given in flows.items()
    ]
    return PlanApproved.make(
        on=on, plan_sha256=sha256, term=TERM, scenario="by-hand", lists_on=on, awards=awards, evidence=()
    )


def grant(code: str, activity: str, cents: int, on: date = DEC) -> GrantCommitted:
    return GrantCommitted(
        on=on,
        code=code,
        term=TERM,
        activity=activity,
        partner="Example institute",
        cents=cents,
        ends_on=date(2023, 1, 1),
    )


def tranche(grant: str, reference: str, cents: int, on: date = DEC) -> TranchePaid:
    return TranchePaid(on=on, grant=grant, reference=reference, bank_account="USD1", cents=cents)


def report(grant: str, reference: str, on: date = DEC, **spent: int) -> ExpenditureReported:
    return ExpenditureReported.make(
        on=on, grant=grant, reference=reference, spent=spent, results=(f"Result of {reference}.",)
    )


def programme() -> ProgrammeAdopted:
    """Three activities for two cities."""
    return ProgrammeAdopted.make(
        on=NOV,
        term=TERM,
        edition="example",
        cities=[
            {"name": "North", "country": "KEN", "region": "Africa"},
            {"name": "South", "country": "KOR", "region": "Asia and the Pacific"},
        ],
        activities=[
            {
                "code": code,
                "work_area": 1,
                "cluster": "WATER" if code == "T-3" else "",
                "titles": {"en": f"Activity {code}"},
                "unit_cents": 50_000_00,
                "units": 4,
                "demand": 3,
                "cities": ("North", "South"),
            }
            for code in ACTIVITY_CODES
        ],
    )


def master_data() -> list[Event]:
    """A term, rates, a bank account in each of three currencies, two donors, a programme."""
    return [
        TermOpened(on=NOV, code=TERM, starts_on=date(2021, 11, 1), ends_on=date(2023, 10, 31)),
        *(RatesPublished(on=on, rates=rates, source="example") for on, rates in RATES.items()),
        *(
            BankAccountOpened(on=NOV, code=f"{currency}1", name=f"{currency} account", currency=currency)
            for currency in ("USD", "EUR", "KRW")
        ),
        DonorRegistered(on=NOV, code="CITY", name="Example city", type="city", country="KOR"),
        DonorRegistered(on=NOV, code="FOUND", name="Example foundation", type="civil-society", language="fr"),
        programme(),
    ]


def pledge(code: str, minor: int = 100_000_00, currency: str = "EUR") -> PledgeRecorded:
    return PledgeRecorded(
        on=NOV, code=code, donor="CITY", term=TERM, amount=money(currency, minor), expected_on=LATER
    )


def goods(code: str, evidence: tuple[Evidence, ...], agreement: str = "A1") -> GoodsReceived:
    return GoodsReceived.make(
        on=DEC,
        code=code,
        agreement=agreement,
        description="Thirty laptops",
        value=money("EUR", 8_800_00),
        basis="invoice",
        evidence=evidence,
    )


def service(code: str, evidence: tuple[Evidence, ...], agreement: str = "A1") -> ServiceReceived:
    return ServiceReceived.make(
        on=DEC,
        code=code,
        agreement=agreement,
        description="Hosting of a meeting",
        value=money("KRW", 11_800_000),
        basis="market rent",
        form="hosting",
        evidence=evidence,
    )


def story(evidence: tuple[Evidence, ...]) -> list[Event]:
    """What happens in the played book after its master data."""
    return [
        pledge("P1"),
        pledge("P2", 5_000_00, "USD"),
        PledgeWithdrawn(on=NOV, pledge="P2", reason="budget cut"),
        agreement("A1", amount=money("EUR", 100_000_00), pledge="P1", evidence=evidence),
        agreement("A2", amount=money("KRW", 60_000_000)),
        contribution("E-1", "A1", "EUR", 50_000_00),
        contribution("K-1", "A2", "KRW", 30_000_000, DEC),
        gift("U-1", 40_000_00),
        CurrencyChanged(
            on=DEC,
            reference="X-1",
            term=TERM,
            sold_from="EUR1",
            sold=money("EUR", 20_000_00),
            bought_into="USD1",
            bought=money("USD", 22_500_00),
        ),
        goods("GOODS", evidence),
        GoodsUsed(on=DEC, reference="GU-1", goods="GOODS", activity="T-1", value=4_000_00),
        service("SERVICE", evidence),
        allocation("a" * 64, {"T-1": {"A1": 30_000_00, "U-1": 10_000_01}, "T-2": {"A2": 20_000_00}}),
        grant("G1", "T-1", 30_000_00),
        tranche("G1", "T-1", 20_000_01),
        report("G1", "R-1", staff=7_777_77, travel=3_333_33),
        AdvanceReturned(on=LATER, grant="G1", reference="B-1", bank_account="USD1", cents=1_000_00),
        CommitmentCancelled(on=LATER, grant="G1", reference="N-1", reason="done"),
    ]


def promises(evidence: tuple[Evidence, ...]) -> list[Event]:
    """A company that was screened accepts to give in two parts, one on a condition, and its offer."""
    euros = money("EUR", 900_00)
    parts = (
        Instalment(due_on=DEC, minor=600_00),
        Instalment(due_on=DEC, minor=300_00, condition="the first report is accepted"),
    )
    return [
        DonorRegistered(on=DEC, code="FIRM", name="Example company", type="private", subtype="company"),
        DonorScreened(
            on=DEC, donor="FIRM", outcome="cleared", valid_until=date(2023, 11, 9), evidence=evidence
        ),
        OfferReceived(
            on=DEC,
            code="O-1",
            donor="FIRM",
            term=TERM,
            item="workshop",
            description="A hall for two days",
            value=money("USD", 500_00),
            activity="T-1",
        ),
        agreement("A3", on=DEC, donor="FIRM", amount=euros, instalments=parts, offers=("O-1",)),
        ConditionMet(on=DEC, agreement="A3", instalment=2, evidence=evidence),
    ]


def rest() -> list[Event]:
    """What else registers learn from: an earlier term, money of unknown origin, a refund, a purchase."""
    before = "2019-2021"
    return [
        TermOpened(on=NOV, code=before, starts_on=date(2019, 11, 1), ends_on=date(2021, 10, 31)),
        gift("U-0", 50_00, on=date(2021, 10, 1)).model_copy(update={"term": before}),
        TermClosed(on=date(2021, 10, 31), reference="C-1", term=before, into=TERM),
        UnidentifiedReceived(
            on=DEC, reference="N-1", term=TERM, bank_account="USD1", amount=money("USD", 60_00)
        ),
        ReceiptIdentified(on=LATER, receipt="N-1", donor="CITY"),
        RefundAgreed(on=LATER, code="RF-1", agreement="N-1", cents=10_00, reason="too much"),
        RefundPaid(on=LATER, refund="RF-1", reference="B-2", bank_account="USD1"),
        SupportCostAgreed(on=LATER, term=TERM, basis_points=700),
        ExpenditureIncurred.make(
            on=LATER,
            code="X-1",
            term=TERM,
            activity="T-1",
            payee="Example printer",
            spent={"supplies": 70_00},
        ),
    ]


def told_to_donors() -> list[Event]:
    """A statement and a letter that were issued."""
    return [
        StatementIssued(
            on=LATER,
            statement="CITY-2021-2023-20220301-9",
            donor="CITY",
            term=TERM,
            language="en",
            starts_on=date(2021, 11, 1),
            ends_on=LATER,
            known_at=9,
            status="interim",
            paper_sha256="5" * 64,
            verification="04B9-FA83-DA68-DB93",
            evidence=(),
        ),
        LetterIssued(
            on=LATER,
            reference="E-1",
            bank_account="EUR1",
            donor="CITY",
            language="en",
            known_at=9,
            file_sha256="6" * 64,
            verification="04B9-FA83-DA68-DB94",
        ),
    ]


def accounts_of_it() -> list[Event]:
    """What came of a grant, and news of a cluster."""
    return [
        ResultReported(
            on=DEC,
            grant="G1",
            reference="RS-1",
            values={"events-held": 1, "policy-makers-trained": 12},
            note="One workshop.",
        ),
        NewsReported(
            on=DEC, term=TERM, cluster="WATER", reference="N-1", headline="A start", text="We have met."
        ),
    ]


def staff() -> list[Event]:
    """Roles and a threshold: told last, for from then on nobody else may record in the small book."""
    roles = {
        MAKER: ("administrator", "finance officer", "planner"),
        CHECKER: ("administrator", "approver", "director"),
    }
    return [
        RolesGiven.make(on=LATER, number=1, roles=roles),
        ThresholdSet(on=LATER, number=1, of=RefundAgreed.kind, cents=50_000_00),
    ]


def advice(book: Book, folder: Path) -> tuple[Evidence, ...]:
    """A bank advice, kept by the book."""
    file = folder / "advice.txt"
    file.write_text("We have paid.", encoding="utf-8")
    with book.recording() as journal:
        return (attach(journal.books, file),)


def play(book: Book, folder: Path) -> None:
    """Let everything happen once: a mistake taken back, a month closed, and a proposal that waits."""
    evidence = advice(book, folder)
    tell(book, *master_data(), *story(evidence))
    (wrong,) = tell(book, report("G1", "R-2", operating=55_55))
    tell(
        book,
        EntryReversed(on=LATER, entry=wrong.seq, reason="counted twice"),
        PeriodClosed(on=LATER, period="2021-11"),
        *rest(),
        *promises(evidence),
        agreement("A0", amount=money("USD", 0)),
        AgreementClosed(on=LATER, agreement="A0"),
        *accounts_of_it(),
        *told_to_donors(),
    )
    with book.recording() as journal:
        propose(journal, report("G1", "R-3", travel=44_44), MAKER)
