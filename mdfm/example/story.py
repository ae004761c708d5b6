"""The story of the example, as events in the order in which a fund office would record them.

All donors and partners are examples, and named so. The programme, its costs, the cities and the country lists
are those of the source documents; the rates of exchange and who belongs to which cluster are made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

from allocation import (
    AdvanceReturned,
    ExpenditureReported,
    GrantCommitted,
    NewsReported,
    ResultReported,
    TranchePaid,
    adopt,
)
from donors import (
    AgreementSigned,
    BankAccountOpened,
    ContributionReceived,
    CurrencyChanged,
    DonorRegistered,
    DonorScreened,
    Earmark,
    GoodsReceived,
    GoodsUsed,
    PledgeRecorded,
    ServiceReceived,
)
from ledger import Event, Evidence, PeriodClosed, TermOpened, read_amount, read_rates

TERM = "2021-2023"
STARTS, ENDS = date(2021, 11, 1), date(2023, 10, 31)
YEAR_END = date(2022, 12, 31)

FINANCE, APPROVER, PLANNER, DIRECTOR = (
    "finance.officer",
    "finance.approver",
    "programme.planner",
    "programme.director",
)
"""Roles, not people."""

EVIDENCE = {
    "goods-valuation.txt": "EXAMPLE. 60 tablets: three quotations of March 2022, median US$ 400 each.",
    "secondment-letter.txt": "EXAMPLE. Secondment of one officer for six months at US$ 7,500 a month.",
    "hosting-invoice.txt": "EXAMPLE. Hall, interpretation and catering of a two-day meeting: EUR 18,400.",
    "screening-foundation.txt": "EXAMPLE. Screening of the foundation on the five grounds: nothing found.",
    "screening-company.txt": "EXAMPLE. Screening of the company on the five grounds: nothing found.",
    "agreement-government.txt": "EXAMPLE. Agreement on EUR 180,000 for cities in Africa.",
}


def example_file(name: str) -> Path:
    """A file of the example as it ships."""
    return Path(str(files("mdfm.example"))) / name


def _donors() -> Iterator[Event]:
    for code, name, kind, subtype, country, language in (
        ("CITY-A", "Example Member City A (Republic of Korea)", "city", "municipality", "KOR", "en"),
        ("CITY-B", "Example Member City B (Ireland)", "city", "municipality", "IRL", "en"),
        ("CITY-C", "Ciudad miembro de ejemplo C (México)", "city", "municipality", "MEX", "es"),
        ("GOV-A", "Ministère de l'éducation, exemple (France)", "government", "national", "FRA", "fr"),
        ("GOV-B", "Example Regional Government (Germany)", "government", "regional", "DEU", "en"),
        ("BANK-A", "Example Regional Development Bank", "multilateral", "financial-institution", "", "en"),
        ("FOUND-A", "Example Foundation for Lifelong Learning", "private", "foundation", "CHE", "fr"),
        ("CORP-A", "Example Technology Company", "private", "company", "USA", "en"),
        ("NGO-A", "Red de aprendizaje comunitario, ejemplo (España)", "civil-society", "ngo", "ESP", "es"),
        (
            "UNI-A",
            "Example University Research Institute (Canada)",
            "civil-society",
            "research-institute",
            "CAN",
            "en",
        ),
    ):
        yield DonorRegistered.make(
            on=STARTS,
            code=code,
            name=name,
            type=kind,
            subtype=subtype,
            country=country,
            language=language,
        )


def opening() -> Iterator[Event]:
    """The term, the bank accounts, the donors."""
    yield TermOpened(on=STARTS, code=TERM, starts_on=STARTS, ends_on=ENDS)
    for currency in ("USD", "EUR", "KRW"):
        yield BankAccountOpened(
            on=STARTS, code=f"BANK-{currency}", name=f"Example bank, {currency} account", currency=currency
        )
    yield from _donors()


def rates_until(on: date, after: date | None) -> list[Event]:
    """The rates that were published up to a day, after those of another."""
    return [
        each
        for each in read_rates(example_file("rates.csv")).published
        if (not after or each.on > after) and each.on <= on
    ]


def _pledge(on: date, donor: str, currency: str, amount: str, expected_on: date) -> Event:
    return PledgeRecorded(
        on=on,
        code=f"P-{donor}",
        donor=donor,
        term=TERM,
        amount=read_amount(amount, currency),
        expected_on=expected_on,
    )


def _agreement(
    on: date,
    donor: str,
    currency: str,
    amount: str,
    *,
    earmark: Earmark = Earmark(),  # noqa: B008 - frozen
    pledge: str = "",
    evidence: tuple[Evidence, ...] = (),
) -> Event:
    return AgreementSigned(
        on=on,
        code=f"A-{donor}",
        donor=donor,
        term=TERM,
        amount=read_amount(amount, currency),
        starts_on=on,
        ends_on=ENDS,
        earmark=earmark,
        pledge=pledge,
        evidence=evidence,
    )


def _contribution(on: date, reference: str, donor: str, currency: str, amount: str) -> Event:
    return ContributionReceived(
        on=on,
        reference=reference,
        bank_account=f"BANK-{currency}",
        amount=read_amount(amount, currency),
        agreement=f"A-{donor}",
    )


def _screening(on: date, donor: str, proof: Evidence) -> Event:
    return DonorScreened(
        on=on, donor=donor, outcome="cleared", valid_until=on.replace(year=on.year + 2), evidence=(proof,)
    )


def contributions(proof: dict[str, Evidence]) -> Iterator[Event]:
    """Pledges, agreements, and what arrives from November 2021 to March 2022, in money and in kind."""
    yield _pledge(date(2021, 11, 3), "CITY-A", "KRW", "300 000 000", date(2021, 12, 15))
    yield _pledge(date(2021, 11, 8), "CITY-C", "USD", "120,000", date(2022, 6, 30))
    yield _agreement(date(2021, 11, 22), "CITY-A", "KRW", "300 000 000", pledge="P-CITY-A")
    yield _agreement(date(2021, 11, 25), "BANK-A", "USD", "250,000", earmark=Earmark(work_areas=(2, 3)))
    yield _contribution(date(2021, 12, 6), "R-2021-001", "BANK-A", "USD", "$250,000")
    yield _agreement(
        date(2021, 12, 8),
        "GOV-A",
        "EUR",
        "180 000",
        earmark=Earmark(regions=("Africa",)),
        evidence=(proof["agreement-government.txt"],),
    )
    yield _contribution(date(2021, 12, 15), "R-2021-002", "CITY-A", "KRW", "300 000 000")
    yield PeriodClosed(on=date(2022, 1, 31), period="2021")
    yield _contribution(date(2022, 1, 18), "R-2022-001", "GOV-A", "EUR", "€ 120 000")
    yield _agreement(date(2022, 1, 20), "GOV-B", "EUR", "100,000", earmark=Earmark(work_areas=(2,)))
    yield _contribution(date(2022, 1, 28), "R-2022-002", "GOV-B", "EUR", "100,000")
    yield _screening(date(2022, 1, 24), "FOUND-A", proof["screening-foundation.txt"])
    yield _agreement(date(2022, 2, 1), "FOUND-A", "USD", "150,000", earmark=Earmark(activities=("MDFM-1.2",)))
    yield _contribution(date(2022, 2, 9), "R-2022-003", "FOUND-A", "USD", "150,000")
    yield _screening(date(2022, 2, 7), "CORP-A", proof["screening-company.txt"])
    yield _agreement(date(2022, 2, 14), "CORP-A", "USD", "200,000")
    yield _contribution(date(2022, 2, 21), "R-2022-004", "CORP-A", "USD", "200,000")
    yield _agreement(date(2022, 2, 28), "CITY-B", "EUR", "60,000", earmark=Earmark(clusters=("ESD",)))
    yield _contribution(date(2022, 3, 7), "R-2022-005", "CITY-B", "EUR", "60,000")
    yield ContributionReceived(
        on=date(2022, 3, 9),
        reference="G-2022-001",
        bank_account="BANK-EUR",
        amount=read_amount("25,000", "EUR"),
        donor="NGO-A",
        term=TERM,
    )
    yield _agreement(date(2022, 3, 10), "UNI-A", "USD", "0")
    yield _agreement(date(2022, 3, 10), "CITY-C", "USD", "0")
    yield from _in_kind(proof)


def _in_kind(proof: dict[str, Evidence]) -> Iterator[Event]:
    yield GoodsReceived(
        on=date(2022, 3, 14),
        code="K-TABLETS",
        agreement="A-CORP-A",
        description="60 tablets for workshops",
        value=read_amount("24,000", "USD"),
        basis="median of three quotations",
        evidence=(proof["goods-valuation.txt"],),
    )
    yield ServiceReceived(
        on=date(2022, 3, 15),
        code="K-SECONDMENT",
        agreement="A-UNI-A",
        form="secondment",
        description="One officer to the coordination team, six months",
        months=6,
        monthly=read_amount("7,500", "USD"),
        value=read_amount("45,000", "USD"),
        basis="gross salary and allowances, as the university pays them",
        evidence=(proof["secondment-letter.txt"],),
    )
    yield ServiceReceived(
        on=date(2022, 3, 16),
        code="K-HOSTING",
        agreement="A-CITY-C",
        form="hosting",
        description="Hall, interpretation and catering of the coordinators' meeting",
        value=read_amount("18,400", "EUR"),
        basis="invoices of the host city",
        evidence=(proof["hosting-invoice.txt"],),
    )


def programme() -> Event:
    """The strategy's programme for the term, with the example's members of clusters."""
    return adopt(TERM, TERM, date(2022, 3, 21), example_file("members.csv"))


GRANTS = (
    ("G-01", "MDFM-1.2", "Example partner: training centre for African cities", "200,000", "140,000"),
    ("G-02", "HEALTH-2.1", "Example partner: a member city of the cluster Health", "50,000", "50,000"),
    ("G-03", "INC-2.1", "Example partner: a member city of the cluster Inclusion", "100,000", "60,000"),
    ("G-04", "ESD-4.1", "Example partner: coordinating city of the cluster ESD", "20,000", "10,000"),
)
"""Code, activity, partner, committed, first tranche."""

_WRONG, _RIGHT = "31,200.00", "13,200.00"


def first_half() -> Iterator[Event]:
    """Dollars for the grants, commitments, tranches, and a first report with a typing error."""
    yield CurrencyChanged(
        on=date(2022, 4, 4),
        reference="FX-2022-001",
        term=TERM,
        sold_from="BANK-EUR",
        sold=read_amount("150,000", "EUR"),
        bought_into="BANK-USD",
        bought=read_amount("164,350.25", "USD"),
    )
    for number, (code, activity, partner, committed, tranche) in enumerate(GRANTS):
        on = date(2022, 4, 11 + number)
        yield GrantCommitted(
            on=on,
            code=code,
            term=TERM,
            activity=activity,
            partner=partner,
            cents=_cents(committed),
            ends_on=date(2023, 6, 30),
        )
        yield _tranche(on, code, "T-1", tranche)
    yield GoodsUsed(
        on=date(2022, 5, 16),
        reference="U-2022-001",
        goods="K-TABLETS",
        activity="MDFM-1.2",
        value=_cents("16,000"),
    )
    yield _report(date(2022, 6, 30), "G-01", "E-1", {"travel": _WRONG, "contractual": "48,750.55"}, ())


def second_half() -> Iterator[Event]:
    """The corrected report, the rest of the year, and its close."""
    yield _report(
        date(2022, 6, 30),
        "G-01",
        "E-1-corrected",
        {"travel": _RIGHT, "contractual": "48,750.55"},
        ("Two workshops held; 64 policy-makers trained.",),
    )
    yield _contribution(date(2022, 9, 12), "R-2022-006", "GOV-A", "EUR", "30,000")
    yield _tranche(date(2022, 9, 15), "G-01", "T-2", "60,000")
    yield _report(
        date(2022, 9, 30),
        "G-02",
        "E-1",
        {"travel": "21,404.17", "operating": "9,930.03", "contractual": "14,515.80"},
        ("One workshop held; 23 cities took part.",),
    )
    yield AdvanceReturned(
        on=date(2022, 10, 10),
        grant="G-02",
        reference="B-1",
        bank_account="BANK-USD",
        cents=_cents("4,150.00"),
    )
    yield _report(
        date(2022, 11, 30),
        "G-03",
        "E-1",
        {"transfers": "40,000", "travel": "12,345.67"},
        ("A first workshop held; 31 trainers trained.",),
    )
    yield _report(
        date(2022, 12, 15),
        "G-01",
        "E-2",
        {"staff": "22,080.00", "supplies": "3,333.34", "travel": "18,006.66"},
        ("A third workshop held; 35 policy-makers trained.",),
    )
    yield _report(
        YEAR_END, "G-04", "E-1", {"staff": "6,250.00"}, ("Two issues of cluster news sent to UIL.",)
    )
    yield from _results()
    yield from _news()
    yield PeriodClosed(on=YEAR_END, period="2022")


def _results() -> Iterator[Event]:
    """The results of the partners, counted."""
    for on, grant, values, note in (
        (date(2022, 6, 30), "G-01", {"events-held": 2, "policy-makers-trained": 64}, ""),
        (date(2022, 9, 30), "G-02", {"events-held": 1, "cities-reached": 23}, ""),
        (date(2022, 11, 30), "G-03", {"events-held": 1}, "31 trainers trained; no policy-makers yet."),
        (date(2022, 12, 15), "G-01", {"events-held": 1, "policy-makers-trained": 35}, ""),
    ):
        yield ResultReported.make(on=on, grant=grant, reference=f"RES-{on:%Y-%m}", values=values, note=note)


def _news() -> Iterator[Event]:
    """The two issues that the coordinating city of the cluster ESD sent in the term's first year."""
    for on, reference, headline, text in (
        (
            date(2022, 4, 22),
            "ESD-1",
            "The cluster begins its work",
            "EXAMPLE. The coordinating city gathers the cluster's objectives and a work plan for the term.",
        ),
        (
            date(2022, 10, 21),
            "ESD-2",
            "Members exchange their plans",
            "EXAMPLE. Member cities send each other their plans for education for sustainable development.",
        ),
    ):
        yield NewsReported(on=on, term=TERM, cluster="ESD", reference=reference, headline=headline, text=text)


def _tranche(on: date, grant: str, reference: str, amount: str) -> Event:
    return TranchePaid(on=on, grant=grant, reference=reference, bank_account="BANK-USD", cents=_cents(amount))


def _report(on: date, grant: str, reference: str, spent: dict[str, str], results: tuple[str, ...]) -> Event:
    return ExpenditureReported.make(
        on=on,
        grant=grant,
        reference=reference,
        spent={category: _cents(amount) for category, amount in spent.items()},
        results=results,
    )


def _cents(amount: str) -> int:
    return read_amount(amount, "USD").minor
