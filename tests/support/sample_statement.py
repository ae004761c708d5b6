"""Statements to test the reports with: a plain one, an empty one, and one as long as is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger import Amount
from reports.figures.beneficiaries import Beneficiaries
from reports.figures.figure import Figure, Seal
from reports.figures.in_kind import InKindItem
from reports.fund.overview import FundSummary
from reports.statement.statement import (
    ActivityFinanced,
    AgreementSummary,
    Beneficiary,
    Outstanding,
    RateApplied,
    Receipt,
    Refunded,
    Statement,
    StatementBalance,
    Transfer,
    Use,
)

CITIES = (
    Beneficiary("Bouaké", "CIV"),
    Beneficiary("Cao Lãnh", "VNM"),
    Beneficiary("Yaoundé 1er", "CMR"),
    Beneficiary("São Filipe", "CPV"),
    Beneficiary("N’Zérékoré", "GIN"),
    Beneficiary("Kumi", "UGA"),
)
TITLES = (
    "Capacity-building workshop for policy-makers, focus on Africa and low-income countries",
    "Training modules on the thematic topics",
    "Research and analytical reports",
    "Indicators for cities to monitor progress",
    "Small-scale learning and exchange",
    "Best-practice reports and case studies",
    "Online communication platform",
)
SEAL = Seal(date(2021, 12, 31), 48_213, "3f9a6c1e" * 8)
SENT_BACK = Amount(currency="KRW", minor=592_500)
FUND = FundSummary(
    term="2021-2023",
    target=100_000_000,
    pledged=12_500_000,
    receivable=8_250_000,
    received=64_310_275,
    in_kind=9_800_000,
    allocated=21_400_000,
    used=35_120_050,
    committed=14_000_000,
    available=7_790_225,
    progress=6_431,
    delivery_rate=5_461,
    by_donor_type=(
        ("government", 30_000_000),
        ("city", 12_310_275),
        ("private", 15_000_000),
        ("multilateral", 5_000_000),
        ("civil-society", 2_000_000),
    ),
    donors=14,
)


def empty_statement(language: str = "en") -> Statement:
    """A donor's statement for a period in which nothing happened."""
    nothing = Figure(0)
    return Statement(
        id="S-2021-0001",
        donor="D-017",
        donor_name="City of Espoo",
        donor_type="city",
        donor_country="FIN",
        language=language,
        status="interim",
        term_starts_on=date(2021, 1, 1),
        starts_on=date(2021, 1, 1),
        ends_on=date(2021, 12, 31),
        currency="USD",
        seal=SEAL,
        agreements=(),
        opening=nothing,
        carried=nothing,
        receipts=(),
        received=nothing,
        interest=nothing,
        exchange=nothing,
        refunds=nothing,
        refunded=(),
        transfers=(),
        transferred=nothing,
        outstanding=(),
        uses=(),
        used=nothing,
        support_cost=nothing,
        bank_charges=nothing,
        balance=StatementBalance(nothing, nothing, nothing, nothing),
        in_kind=(),
        activities=(),
        regions=(),
        reach=tuple(
            Beneficiaries(name, 0, nothing, nothing, nothing)
            for name in ("cities", "africa", "low-income", "ldc")
        ),
        rates=(),
        fund=FUND,
        verification="7K3M-Q9XT-24HB",
    )


def sample_statement(language: str = "en", activities: int = 7) -> Statement:
    """A donor's statement with something in every part, over as many activities as asked for."""
    used = tuple(_used(number) for number in range(activities))
    charge = Use("", "", "3170", Figure(4_250))
    support = Use(_code(0), _title(0), "3180", Figure(21_795))
    total = Figure(sum(use.usd.cents for use in (*used, charge, support)))
    received, opening, interest, exchange, refunds = 1_000_000 * activities, 2_500_075, 12_345, -6_789, 50_000
    left = opening + received + interest + exchange - refunds - total.cents
    return replace(
        empty_statement(language),
        agreements=(
            AgreementSummary(
                "A-2020-031",
                "EUR",
                500_000_00,
                date(2020, 11, 3),
                date(2021, 1, 1),
                date(2023, 12, 31),
                "work areas 1 to 3; cities in Africa or in least developed countries",
                "softly",
                Figure(left - left // 3 - 1_000),
                Figure(left // 3),
            ),
            AgreementSummary(
                "A-2021-007",
                "KRW",
                120_000_000,
                date(2021, 2, 15),
                date(2021, 3, 1),
                date(2022, 2, 28),
                "no restriction",
                "unearmarked",
                Figure(1_000),
                Figure(0),
            ),
        ),
        opening=Figure(opening),
        receipts=(
            Receipt(
                date(2021, 2, 9),
                "SWIFT 210209/7741",
                "A-2020-031",
                "EUR",
                5_120_000,
                Figure(received - 700_00),
                date(2021, 2, 9),
                7,
            ),
            Receipt(
                date(2021, 6, 30),
                "SWIFT 210630/0093",
                "A-2021-007",
                "KRW",
                790_000,
                Figure(700_00),
                date(2021, 6, 30),
                19,
            ),
        ),
        received=Figure(received),
        interest=Figure(interest),
        exchange=Figure(exchange),
        refunds=Figure(refunds),
        refunded=(
            Refunded(date(2021, 10, 1), "R-2021-001", "A-2021-007", 50_000, date(2021, 10, 20), SENT_BACK),
        ),
        transfers=(Transfer(date(2021, 9, 15), "T-2021-001", "A-2021-007", "A-2020-031", Figure(1_500_000)),),
        transferred=Figure(0),
        outstanding=(
            Outstanding(
                "pledge", "P-2021-004", 0, date(2021, 9, 1), False, 121, "EUR", 10_000_000, Figure(11_337_868)
            ),
            Outstanding(
                "receivable", "A-2020-031", 2, date(2022, 11, 3), True, 0, "EUR", 5_000_000, Figure(5_668_934)
            ),
        ),
        uses=(*used, charge, support),
        used=total,
        support_cost=support.usd,
        bank_charges=charge.usd,
        balance=StatementBalance(Figure(left - left // 3), Figure(left // 3), Figure(left // 5), Figure(0)),
        in_kind=_given_in_kind(),
        activities=tuple(_financed(number) for number in range(activities)),
        regions=_by_region(850_000 * activities, total.cents - charge.usd.cents, charge.usd.cents),
        reach=(
            _reached("cities", 6, 850_000 * activities, total.cents - charge.usd.cents),
            _reached("africa", 5, 600_000 * activities, 300_000 * activities),
            _reached("low-income", 2, 200_000 * activities, 100_000 * activities),
            _reached("ldc", 2, 200_000 * activities, 100_000 * activities),
        ),
        rates=(
            RateApplied("EUR", "0.832", date(2021, 2, 1), "UN Treasury"),
            RateApplied("KRW", "1128.5714", date(2021, 6, 1), "UN Treasury"),
        ),
    )


def _reached(name: str, cities: int, allocated: int, used: int) -> Beneficiaries:
    return Beneficiaries(name, cities, Figure(allocated), Figure(used), Figure(allocated - used))


def _by_region(allocated: int, used: int, apart: int) -> tuple[Beneficiaries, ...]:
    return (
        _reached("Africa", 5, allocated - allocated // 4, used - used // 5),
        _reached("Asia and the Pacific", 1, allocated // 4, used // 5),
        Beneficiaries("no-city", 0, Figure(0), Figure(apart), Figure(0)),
    )


def _code(number: int) -> str:
    return f"{number % 4 + 1}.{number // 4 + 1}"


def _title(number: int) -> str:
    return TITLES[number % len(TITLES)]


def _used(number: int) -> Use:
    cents = 311_350 + 98_765 * (number % len(TITLES))
    return Use(_code(number), _title(number), ("3110", "3150", "3160")[number % 3], Figure(cents))


def _financed(number: int) -> ActivityFinanced:
    return ActivityFinanced(
        _code(number),
        _title(number),
        Figure(850_000),
        2_000_000,
        4_250,
        _used(number).usd,
        CITIES[: number % (len(CITIES) + 1)],
        6_667,
        3_333,
        5_000,
        ("Twenty-four policy-makers completed the training; three cities adopted a plan.",)
        if number % 2
        else (),
    )


def _given_in_kind() -> tuple[InKindItem, ...]:
    return (
        InKindItem(
            "goods",
            "K-001",
            "A-2020-031",
            "Sixty tablets for community learning centres",
            date(2021, 4, 12),
            "Supplier’s invoice",
            ("ab12cd34" * 8,),
            Figure(1_845_000),
            Figure(0),
            Figure(1_230_000),
            Figure(0),
            Figure(0),
        ),
        InKindItem(
            "secondment",
            "K-002",
            "A-2020-031",
            "Programme specialist, six months, coordination team",
            date(2021, 7, 1),
            "Salary scale of the donor",
            ("0f1e2d3c" * 8, "99887766" * 8),
            Figure(4_200_000),
            Figure(0),
            Figure(0),
            Figure(0),
            Figure(0),
        ),
    )
