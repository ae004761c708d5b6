"""Fund reports: sum over donors = fund report = trial balance, read back from what the board is given."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import Connection

from allocation import TermClosed
from donors import LANGUAGES, BankChargePaid, DonorRegistered, RefundAgreed, agreements, donors
from ledger import (
    Amount,
    AsOf,
    BadInput,
    Book,
    EntryReversed,
    NotFound,
    TermOpened,
    get_term,
    head,
    trial_balance,
)
from mdfm.books import open_at
from reports import (
    AnnualReport,
    CellValue,
    Dollars,
    FundReport,
    Seal,
    Statement,
    Table,
    ageing_report,
    annual_report,
    build_ageing,
    build_annual,
    build_cash,
    build_earmarking,
    build_overview,
    build_statement,
    build_term_report,
    build_trial_balance,
    cash_report,
    earmarking_report,
    overview_report,
    period_of_term,
    render_fund_csv,
    render_fund_report,
    render_fund_workbook,
    render_overview,
    render_statement,
    render_trial_balance,
    term_report,
    trial_balance_report,
    write_fund_report,
    year_of_term,
)
from reports.fund import annual as annual_module
from reports.fund import trial_balance_pdf
from reports.fund.annual import ReportDoesNotAddUp, ReportPeriod
from reports.render.section import Section
from reports.render.table_csv import write_csv
from reports.statement.sums import left
from reports.words.labels import CATEGORIES
from reports.words.language import words_in
from tests.support.example_demo import Demo
from tests.support.fund_model import ENDS, NEXT
from tests.support.small_books import DEC, NOV, TERM, agreement, gift, money, pledge, tell

YEAR_END = date(2022, 12, 31)
FUNDS = ("2200", "2300", "31", "3900")


def plain(text: str) -> str:
    return " ".join(text.split())


def said(pdf: bytes) -> str:
    return plain(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def cents(amount: str, language: str) -> int:
    """An amount as a language writes it, as cents."""
    assert re.fullmatch(r"-?\d{1,3}([., ]\d{3})*[.,]\d\d", amount), (amount, language)
    return int(re.sub(r"[., ]", "", amount))


def of_csv(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(files[f"{name}.csv"].decode("utf-8-sig"), newline="")))


def to_cents(amount: str) -> int:
    return int(Decimal(amount).scaleb(2))


@pytest.fixture(scope="module")
def demo_books(demo: Demo) -> Iterator[Connection]:
    book = open_at(str(demo.book))
    with book.reading() as books:
        yield books
    book.close()


def annual(books: Connection, span: ReportPeriod, language: str = "en") -> AnnualReport:
    return build_annual(books, TERM, span, head(books).seq, language)


def statements(books: Connection, span: ReportPeriod) -> dict[str, Statement]:
    """Every donor's own statement for the same days."""
    as_of = AsOf(span.ends_on, head(books).seq)
    return {
        each.code: build_statement(books, each.code, TERM, as_of, starts_on=span.starts_on)
        for each in donors(books)
    }


def on_accounts(books: Connection, as_of: AsOf, *accounts: str) -> int:
    """What the trial balance has on accounts, by the beginning of their code; debits positive."""
    return sum(row.usd for row in trial_balance(books, as_of, TERM) if row.account.startswith(accounts))


# ---- sum over donors = fund report = trial balance, read back from each form of the report


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_pdf_says_is_what_statements_and_trial_balance_say(
    demo_books: Connection, language: str
) -> None:
    span = ReportPeriod(date(2022, 1, 1), YEAR_END)
    report = annual(demo_books, span, language)
    words, text = words_in(language), said(render_fund_report(annual_report(report)))
    start = text.index(
        plain(words("Each donor’s row is what its own accountability statement says for the same days."))
    )
    amount = r"(-?\d[\d., ]*[.,]\d\d)"
    told = {}
    for code, statement in statements(demo_books, span).items():
        row = re.search(rf"{code} .*? {' '.join([amount] * 5)} ", text[start:])
        if statement.agreements and (statement.received.cents or statement.opening.cents):
            assert row is not None, code
            told[code] = [cents(each, language) for each in row.groups()]
            assert told[code] == [
                statement.opening.cents,
                statement.received.cents,
                statement.interest.cents + statement.exchange.cents - statement.refunds.cents,
                -statement.used.cents,
                statement.balance.available.cents + statement.balance.allocated.cents,
            ]
    assert len(told) >= 8
    total = re.search(rf"{words('Total')} {' '.join([amount] * 5)} ", text[start:])
    assert total is not None
    sums = [sum(column) for column in zip(*told.values(), strict=True)]
    assert [cents(each, language) for each in total.groups()] == sums
    assert sums[-1] == -on_accounts(demo_books, AsOf(YEAR_END, head(demo_books).seq), *FUNDS) > 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_workbook_says_is_what_statements_and_trial_balance_say(
    demo_books: Connection, language: str
) -> None:
    span = ReportPeriod(date(2022, 1, 1), YEAR_END)
    words, tabulated = words_in(language), annual_report(annual(demo_books, span, language))
    book = load_workbook(BytesIO(render_fund_workbook(tabulated)), data_only=True)
    rows = list(book[words("Funds by donor")].iter_rows(min_row=2, values_only=True))
    *given, total = [[Decimal(str(cell)).scaleb(2) for cell in row[2:]] for row in rows]
    own = statements(demo_books, span)
    for row, figures in zip(rows, given, strict=False):
        statement = own[row[0]]
        assert figures[:2] == [statement.opening.cents, statement.received.cents]
        assert figures[-2:] == [
            -statement.used.cents,
            statement.balance.available.cents + statement.balance.allocated.cents,
        ]
    assert total == [sum(column) for column in zip(*given, strict=True)]
    as_of = AsOf(YEAR_END, head(demo_books).seq)
    assert total[-1] == -on_accounts(demo_books, as_of, *FUNDS)
    categories = book[words("Use by category")].iter_rows(min_row=2, max_col=4, values_only=True)
    for code, _, before, now in categories:
        used = (Decimal(str(before)) + Decimal(str(now))).scaleb(2)
        if code in CATEGORIES:
            assert used == on_accounts(demo_books, as_of, code)
    assert any(
        cell == tabulated.seal.head
        for (_, cell) in book[words("About this report")].iter_rows(values_only=True)
    )


def test_what_the_csv_says_is_what_statements_and_trial_balance_say(demo_books: Connection) -> None:
    span, as_of = ReportPeriod(date(2022, 1, 1), YEAR_END), AsOf(YEAR_END, head(demo_books).seq)
    files = render_fund_csv(annual_report(annual(demo_books, span)))
    *given, total = of_csv(files, "funds-by-donor")
    own = statements(demo_books, span)
    assert {row["Code"]: to_cents(row["Used"]) for row in given} == {
        code: -own[code].used.cents for code in (row["Code"] for row in given)
    }
    for column in ("Opening balance", "Received", "Used", "Closing balance"):
        assert to_cents(total[column]) == sum(to_cents(row[column]) for row in given)
    assert to_cents(total["Used"]) == -on_accounts(demo_books, as_of, "31", "39")
    assert to_cents(total["Closing balance"]) == -on_accounts(demo_books, as_of, *FUNDS)
    sources = {row[""]: row for row in of_csv(files, "sources-and-uses")}
    assert to_cents(sources["Closing balance"]["2022"]) == to_cents(total["Closing balance"])
    assert to_cents(sources["Closing balance"]["2021"]) == to_cents(sources["Opening balance"]["2022"])
    used = {row["Code"]: to_cents(row["Used: 2022"]) for row in of_csv(files, "funds-by-activity")[:-1]}
    by_activity = Counter[str]()
    for statement in own.values():
        for use in statement.uses:
            by_activity[use.activity] += use.usd.cents
    assert {code: spent for code, spent in used.items() if spent} == dict(by_activity)
    committed = of_csv(files, "commitments")[-1]["Committed"]
    assert to_cents(committed) == on_accounts(demo_books, as_of, "9200") > 0
    agreed = of_csv(files, "contributions-by-donor")[-1]
    assert to_cents(agreed["Receivable"]) == on_accounts(demo_books, as_of, "1200") > 0
    held = {row[""]: row for row in of_csv(files, "balance")}
    assert to_cents(held["1100 Cash at bank"]["31 Dec 2022"]) == on_accounts(demo_books, as_of, "1100")


SPANS = [
    ReportPeriod(date(2021, 11, 1), date(2021, 11, 30)),
    ReportPeriod(date(2021, 11, 1), date(2021, 12, 31)),
    ReportPeriod(date(2021, 12, 10), date(2021, 12, 10)),
    ReportPeriod(date(2021, 12, 11), date(2022, 3, 1)),
    ReportPeriod(date(2022, 1, 1), date(2022, 12, 31)),
    ReportPeriod(date(2021, 11, 1), date(2023, 10, 31)),
]


@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span.starts_on}-{span.ends_on}")
def test_over_any_span_donors_add_up_to_the_fund_and_to_the_trial_balance(
    played_once: Book, span: ReportPeriod, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its plan was approved by hand, on a day for which no lists of countries are recorded.
    monkeypatch.setattr("reports.figures.markers.lists_day", lambda *_: date(2025, 12, 31))
    with played_once.reading() as books:
        for known_at in range(head(books).seq // 2, head(books).seq + 1, 3):
            as_of = AsOf(span.ends_on, known_at)
            report = build_annual(books, TERM, span, known_at, "en")
            now = report.spans.now
            assert now.closing == -on_accounts(books, as_of, *FUNDS)
            for donor in report.donors:
                if not donor.code:
                    continue
                own = build_statement(books, donor.code, TERM, as_of, "en", span.starts_on)
                theirs = donor.spans.now
                assert (theirs.opening, theirs.contributions) == (own.opening.cents, own.received.cents)
                assert (theirs.interest, theirs.exchange) == (own.interest.cents, own.exchange.cents)
                assert (theirs.refunds, theirs.use) == (own.refunds.cents, own.used.cents)
                assert theirs.closing == own.balance.available.cents + own.balance.allocated.cents
            assert sum(donor.spans.now.use for donor in report.donors) == now.use


def test_a_gift_that_was_reversed_later_is_named_where_its_donor_is_not(book: Book) -> None:
    (wrong,) = tell(book, gift("R-1", 500_00))
    tell(book, gift("R-2", 70_00), EntryReversed(on=date(2021, 12, 1), entry=wrong.seq, reason="not ours"))
    with book.reading() as books:
        report = annual(books, ReportPeriod(date(2021, 11, 1), date(2021, 11, 30)))
        assert {donor.code: donor.spans.now.closing for donor in report.donors} == {
            "": 500_00,
            "FOUND": 70_00,
        }
        assert report.spans.now.closing == 570_00
        assert "Gifts that were taken back later" in said(render_fund_report(annual_report(report)))
        later = annual(books, ReportPeriod(date(2021, 12, 1), date(2021, 12, 31)))
        assert later.spans.now.opening == 570_00
        assert later.spans.now.contributions == -500_00


def test_the_overview_and_the_term_report_add_up_while_a_gift_is_not_yet_reversed(book: Book) -> None:
    (wrong,) = tell(book, gift("R-1", 500_00))
    tell(book, gift("R-2", 70_00), EntryReversed(on=date(2021, 12, 1), entry=wrong.seq, reason="not ours"))
    with book.reading() as books:
        as_of = AsOf(date(2021, 11, 30), head(books).seq)
        overview, term = (
            build_overview(books, TERM, as_of, "en"),
            build_term_report(books, TERM, as_of, "en"),
        )
    assert overview.fund.received == sum(each.received for each in overview.sources) == 570_00
    assert overview.fund.donors == 1
    assert [sum(each.received for each in rows) for rows in (term.by_type, term.by_region)] == [570_00] * 2
    assert [sum(each.donors for each in rows) for rows in (term.by_type, term.by_region)] == [1, 1]
    for pdf in (render_overview(overview), render_fund_report(term_report(term))):
        assert "Gifts that were taken back later" in said(pdf)
    rows = {row["Donor"]: row for row in of_csv(render_fund_csv(overview_report(overview)), "received")}
    assert rows["Gifts that were taken back later"]["Received, US$"] == "500.00"


def test_money_that_goes_back_before_its_gift_came_is_in_the_statement_of_that_day(book: Book) -> None:
    back = RefundAgreed(on=NOV, code="RF-1", agreement="R-2", cents=30_00, reason="as asked")
    tell(book, gift("R-1", 500_00), gift("R-2", 70_00, on=DEC), back)
    with book.reading() as books:
        as_of = AsOf.now(books, NOV)
        statement = build_statement(books, "FOUND", TERM, as_of, "en")
        assert left(statement) == -on_accounts(books, as_of, *FUNDS) == 470_00
    assert statement.refunds.cents == 30_00
    stands = {each.code: each.available.cents for each in statement.agreements}
    assert stands == {"R-1": 500_00, "R-2": -30_00}


def test_a_bank_charge_has_a_name_in_the_overview(book: Book) -> None:
    charge = BankChargePaid(
        on=DEC, reference="F-1", term=TERM, bank_account="USD1", amount=money("USD", 3_00)
    )
    tell(book, gift("R-1", 500_00), charge)
    with book.reading() as books:
        overview = build_overview(books, TERM, AsOf.now(books, DEC), "en")
    assert "Not tied to one activity US$3.00" in said(render_overview(overview))
    assert (
        of_csv(render_fund_csv(overview_report(overview)), "used")[0]["Activity"]
        == "Not tied to one activity"
    )


def test_a_term_that_is_closed_late_is_carried_over_on_that_day(book: Book) -> None:
    late = date(2024, 2, 10)
    tell(
        book,
        gift("R-1", 500_00),
        TermOpened(on=NOV, code=NEXT, starts_on=date(2023, 11, 1), ends_on=ENDS[NEXT]),
        TermClosed(on=late, reference="C-1", term=TERM, into=NEXT),
    )
    with book.reading() as books:
        year = ReportPeriod(date(2024, 1, 1), date(2024, 12, 31))
        report = build_annual(books, NEXT, year, head(books).seq, "en")
        before = build_statement(books, "FOUND", NEXT, AsOf.now(books, date(2023, 12, 31)), "en")
        after = build_statement(books, "FOUND", NEXT, AsOf.now(books, year.ends_on), "en", year.starts_on)
    assert (left(before), after.opening.cents, after.carried.cents, left(after)) == (0, 0, 500_00, 500_00)
    now = report.spans.now
    assert (now.opening, now.carried, now.contributions, now.closing) == (0, 500_00, 0, 500_00)
    (row,) = of_csv(render_fund_csv(annual_report(report)), "funds-by-donor")[:1]
    assert (row["Opening balance, and carried over"], row["Closing balance"]) == ("500.00", "500.00")
    for pdf in (render_statement(after), render_fund_report(annual_report(report))):
        assert "Carried over from an earlier term" in said(pdf)


def test_a_report_that_does_not_add_up_is_not_issued(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(book, gift("R-1", 500_00))
    monkeypatch.setattr(annual_module, "ARRIVALS", ())
    with (
        book.reading() as books,
        pytest.raises(ReportDoesNotAddUp, match=r"it has US\$500.00, but US\$0.00"),
    ):
        annual(books, ReportPeriod(date(2021, 11, 1), date(2021, 11, 30)))


# ---- the other reports are their accounts too


def test_ageing_adds_up_to_its_accounts(played_once: Book) -> None:
    with played_once.reading() as books:
        for day in (date(2021, 11, 30), date(2021, 12, 31), date(2023, 10, 31)):
            as_of = AsOf(day, head(books).seq)
            report = build_ageing(books, TERM, as_of, "en")
            for kind, account in (("pledge", "9100"), ("receivable", "1200"), ("commitment", "9200")):
                assert sum(report.by_band(kind).values()) == on_accounts(books, as_of, account)


def test_ageing_adds_up_before_what_it_names_is_reversed(book: Book) -> None:
    wrong = tell(book, pledge("P-1", 300_00), agreement("A1", amount=money("EUR", 86_00)))
    tell(book, *(EntryReversed(on=DEC, entry=each.seq, reason="not theirs") for each in wrong))
    with book.reading() as books:
        as_of = AsOf(NOV, head(books).seq)
        report = build_ageing(books, TERM, as_of, "en")
        for kind, account in (("pledge", "9100"), ("receivable", "1200")):
            assert sum(report.by_band(kind).values()) == on_accounts(books, as_of, account)
    assert [each.cents for each in report.promises if not each.code] == [100_00]
    tabulated = ageing_report(report)
    assert "Taken back later" in said(render_fund_report(tabulated))
    assert of_csv(render_fund_csv(tabulated), "receivables")[0]["Due"] == ""


def test_a_trial_balance_of_nothing_says_so(book: Book) -> None:
    with book.reading() as books:
        balance = build_trial_balance(books, AsOf.now(books, YEAR_END), TERM)
    assert "Nothing is booked yet." in said(render_trial_balance(balance, "en"))


def test_a_trial_balance_adds_up_by_eye(played_once: Book) -> None:
    with played_once.reading() as books:
        balance = build_trial_balance(books, AsOf.now(books, YEAR_END), TERM)
    debits, credits = balance.sides("asset", "liability", "use", "memo")
    assert debits == credits > 0
    assert "1100 Avoirs en banque" in said(render_trial_balance(balance, "fr"))
    text, words = said(render_trial_balance(balance, "en")), words_in("en")
    left_side, right_side, net = map(words.amount, (*balance.sides("asset"), balance.total("asset")))
    assert f"Total {left_side} {right_side} Balance {net}" in text
    assert f"All debits {words.usd(debits)} = all credits {words.usd(credits)}." in text


@pytest.mark.parametrize(("cents", "sides"), [(1, ("0.01", "")), (0, ("0.00", "")), (-1, ("", "0.01"))])
def test_a_figure_stands_in_one_column_and_nothing_in_that_of_debits(
    cents: int, sides: tuple[str, str]
) -> None:
    assert trial_balance_pdf._sides(cents, words_in("en")) == sides


def test_a_commitment_is_overdue_once_its_grant_has_ended(demo_books: Connection) -> None:
    as_of = AsOf(date(2023, 7, 31), head(demo_books).seq)
    report = build_ageing(demo_books, TERM, as_of, "en")
    bound = [each for each in report.promises if each.kind == "commitment"]
    assert {(each.due_on, each.days_overdue, each.band) for each in bound} == {
        (date(2023, 6, 30), 31, "31-60")
    }
    (row,) = [
        row for row in of_csv(render_fund_csv(ageing_report(report)), "ageing") if "Commitments" in row[""]
    ]
    assert to_cents(row["31 to 60 days"]) == on_accounts(demo_books, as_of, "9200") > 0


def test_cash_is_the_cash_of_the_trial_balance_and_its_worth_is_that_of_the_day(played_once: Book) -> None:
    with played_once.reading() as books:
        as_of = AsOf(date(2021, 12, 31), head(books).seq)
        report = build_cash(books, as_of, "en", TERM)
        assert sum(each.carried for each in report.accounts) == on_accounts(books, as_of, "1100")
        (euros,) = [each for each in report.accounts if each.amount.currency == "EUR"]
        assert euros.rate == "0.88"
        assert euros.worth == round(Decimal(euros.amount.minor) / Decimal("0.88"))
        assert euros.unrealised == euros.worth - euros.carried
        without = build_cash(books, AsOf(date(2022, 3, 1), head(books).seq), "en")
        assert "no rate of this month for EUR, KRW" in cash_report(without).remark
        assert [each.worth for each in without.accounts if each.amount.currency != "USD"] == [None, None]


def test_earmarked_money_is_all_money_received_and_receivable(demo_books: Connection) -> None:
    at_end = AsOf(YEAR_END, head(demo_books).seq)
    for as_of in (at_end, AsOf(date(2021, 12, 31), 30)):
        report = build_earmarking(demo_books, TERM, as_of, "en")
        fund = build_overview(demo_books, TERM, as_of, "en").fund
        assert report.received == fund.received > 0
        assert sum(each.receivable for each in report.levels) == fund.receivable
    bound = {each.level: each for each in build_earmarking(demo_books, TERM, at_end, "en").levels}
    signed = agreements(demo_books, term=TERM)
    assert bound.keys() == {"unearmarked", "softly", "earmarked", "tightly"}
    assert bound["softly"].agreements == sum(each.earmark.level == "softly" for each in signed) > 0


def test_a_gift_that_was_taken_back_has_no_degree_of_earmarking(book: Book) -> None:
    *_, wrong = tell(book, gift("R-1", 500_00, on=NOV), gift("R-2", 100_00, on=NOV))
    tell(book, EntryReversed(on=DEC, entry=wrong.seq, reason="not ours"))
    with book.reading() as books:
        report = build_earmarking(books, TERM, AsOf(NOV, head(books).seq), "en")
    assert [(each.level, each.agreements, each.received) for each in report.levels if each.received] == [
        ("unearmarked", 1, 500_00),
        ("", 1, 100_00),
    ]


def test_the_term_report_shows_where_every_dollar_goes(demo_books: Connection) -> None:
    as_of = AsOf(YEAR_END, head(demo_books).seq)
    report = build_term_report(demo_books, TERM, as_of, "en")
    for rows in (report.by_type, report.by_region):
        assert sum(each.received for each in rows) == report.fund.received
        assert sum(each.signed for each in rows) == report.fund.received + report.fund.receivable
        assert sum(each.pledged for each in rows) == report.fund.pledged
        assert sum(each.in_kind for each in rows) == report.fund.in_kind
    assert sum(row.allocated.cents for row in report.regions) == report.total.planned == 1_100_000_00
    assert sum(row.used.cents for row in report.regions) == report.fund.used
    africa, low_income, ldc = report.reached
    assert africa.allocated == next(row.allocated.cents for row in report.regions if row.name == "Africa")
    assert africa.allocated >= 0.45 * report.total.planned
    assert 0 < ldc.allocated <= low_income.allocated < africa.allocated
    text = said(render_fund_report(term_report(report)))
    assert "122.66%" in text
    assert "Latin America and the Caribbean" in text


# ---- periods


def test_a_year_is_its_part_in_the_term(book: Book) -> None:
    with book.reading() as books:
        term = get_term(books, TERM)
        assert year_of_term(term, 2021) == ReportPeriod(date(2021, 11, 1), date(2021, 12, 31))
        assert year_of_term(term, 2022) == ReportPeriod(date(2022, 1, 1), YEAR_END)
        assert period_of_term(term, None, YEAR_END) == ReportPeriod(date(2021, 11, 1), YEAR_END)
        with pytest.raises(BadInput, match="The year 2024 is outside the term 2021-2023"):
            year_of_term(term, 2024)
        with pytest.raises(BadInput, match="would end on 2022-01-01, before it begins on 2022-01-02"):
            period_of_term(term, date(2022, 1, 2), date(2022, 1, 1))
        with pytest.raises(BadInput, match="are not all in the term"):
            period_of_term(term, date(2021, 10, 31), None)
        with pytest.raises(NotFound):
            build_annual(books, "1999-2001", ReportPeriod(NOV, NOV), head(books).seq, "en")


def test_the_year_before_a_leap_day_is_the_last_of_february() -> None:
    assert ReportPeriod(date(2024, 2, 29), date(2024, 12, 31)).year_before == ReportPeriod(
        date(2023, 2, 28), date(2023, 12, 31)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_first_entry_there_is_a_report_of_zeros_that_says_so(book: Book, language: str) -> None:
    tell(book, gift("R-1", 500_00, on=date(2022, 5, 1)))
    with book.reading() as books:
        report = annual(books, ReportPeriod(date(2021, 11, 1), date(2021, 12, 31)), language)
    words, tabulated = words_in(language), annual_report(report)
    assert report.spans.before is None
    assert {report.spans.now.closing, report.spans.to_date.sources} == {0}
    assert plain(words("The books of this term have no entry up to this day: every figure is zero.")) in said(
        render_fund_report(tabulated)
    )
    assert set(render_fund_csv(tabulated)) == {f"{section.file}.csv" for section in tabulated.sections} | {
        "about.csv"
    }


# ---- every form of every report


def all_reports(books: Connection, language: str) -> list[FundReport]:
    as_of = AsOf(YEAR_END, head(books).seq)
    return [
        annual_report(annual(books, ReportPeriod(date(2022, 1, 1), YEAR_END), language)),
        term_report(build_term_report(books, TERM, as_of, language)),
        ageing_report(build_ageing(books, TERM, as_of, language)),
        cash_report(build_cash(books, as_of, language)),
        earmarking_report(build_earmarking(books, TERM, as_of, language)),
        trial_balance_report(build_trial_balance(books, as_of, TERM), language),
        overview_report(build_overview(books, TERM, as_of, language)),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_stands_in_every_form_and_equal_books_give_equal_bytes(
    demo_books: Connection, language: str
) -> None:
    for tabulated, again in zip(
        all_reports(demo_books, language), all_reports(demo_books, language), strict=True
    ):
        pdf, workbook, files = (
            render_fund_report(tabulated),
            render_fund_workbook(tabulated),
            render_fund_csv(tabulated),
        )
        assert (pdf, workbook, files) == (
            render_fund_report(again),
            render_fund_workbook(again),
            render_fund_csv(again),
        )
        names = [section.table.name for section in tabulated.sections]
        assert load_workbook(BytesIO(workbook)).sheetnames[1:] == names
        assert max(map(len, names)) <= 31
        text = said(pdf)
        for number, section in enumerate(tabulated.sections, start=1):
            assert f"{number} {plain(section.table.name)}" in text
            shown = section.pdf_columns or range(len(section.table.head))
            assert [section.table.head[at] for at in shown if plain(section.table.head[at]) not in text][
                1:
            ] == []
            assert f"{section.file}.csv" in files
        assert f"{tabulated.seal.head[:12]}" in text


def test_the_place_to_sign_is_on_the_page_of_the_last_notes(demo_books: Connection) -> None:
    annual_report, *_ = all_reports(demo_books, "en")
    for count in range(1, 30):
        notes = [f"Note of number {number}." for number in range(count)]
        tabulated = replace(annual_report, sections=annual_report.sections[:1], notes=notes)
        pages = [
            plain(page.extract_text()) for page in PdfReader(BytesIO(render_fund_report(tabulated))).pages
        ]
        (signed,) = [page for page in pages if "I certify" in page]
        assert all(note in signed for note in notes[-2:]), count


def test_a_report_is_written_as_its_name_asks(demo_books: Connection, tmp_path: Path) -> None:
    first, *_, balance, _ = all_reports(demo_books, "en")
    (pdf,) = write_fund_report(first, tmp_path / "annual.pdf")
    (workbook,) = write_fund_report(first, tmp_path / "annual.XLSX")
    assert (pdf.read_bytes(), workbook.read_bytes()) == (
        render_fund_report(first),
        render_fund_workbook(first),
    )
    files = write_fund_report(first, tmp_path / "annual.csv")
    assert {file.parent for file in files} == {tmp_path / "annual"}
    assert {file.name: file.read_bytes() for file in files} == render_fund_csv(first)
    assert write_fund_report(balance, tmp_path / "balance.csv") == [tmp_path / "balance.csv"]
    with pytest.raises(BadInput, match=r"annual\.docx: let it end in \.pdf, \.xlsx, \.csv"):
        write_fund_report(first, tmp_path / "annual.docx")


# ---- what may stand in a name, and how large an amount may be

LONG = "Association internationale des villes apprenantes et de leurs amis " * 5
NAMES = {
    "LONG": LONG[:300],
    "ARABIC": "مؤسسة التعلم",
    "CHINESE": "学习型城市基金会",
    "STEERING": "=1+1 Foundation\x07",
}


def test_long_and_foreign_and_steering_names_stand_whole_in_every_form(book: Book) -> None:
    people = [
        DonorRegistered(on=NOV, code=code, name=name, type="city", country="KOR")
        for code, name in NAMES.items()
    ]
    given = [gift(f"R-{code}", 100_00).model_copy(update={"donor": code}) for code in NAMES]
    tell(book, *people, *given)
    with book.reading() as books:
        tabulated = annual_report(annual(books, ReportPeriod(date(2021, 11, 1), date(2021, 12, 31))))
    text = said(render_fund_report(tabulated)).replace(" ", "")
    assert NAMES["LONG"].replace(" ", "") in text
    assert NAMES["CHINESE"] in text
    for word in NAMES["ARABIC"].split():
        assert word in text
    rows = {row["Code"]: row["Donor"] for row in of_csv(render_fund_csv(tabulated), "funds-by-donor")}
    assert rows["CHINESE"] == NAMES["CHINESE"]
    assert rows["STEERING"] == "'=1+1 Foundation "
    sheet = load_workbook(BytesIO(render_fund_workbook(tabulated)))["Funds by donor"]
    names = {row[0].value: row[1] for row in sheet.iter_rows(min_row=2)}
    assert names["LONG"].value == NAMES["LONG"]
    assert (names["STEERING"].value, names["STEERING"].data_type) == ("=1+1 Foundation ", "s")


def test_amounts_as_large_as_a_book_holds_are_printed_whole() -> None:
    largest = 2**63 - 1
    cells: tuple[CellValue, ...] = ("CODE", "A name", *[Dollars(largest - column) for column in range(9)])
    table = Table("Large", ["Code", "Name", *[f"Figure {column}" for column in range(9)]], [cells])
    section = Section("large", table, code_first=True)
    tabulated = replace(_empty_report(), sections=[section])
    text = said(render_fund_report(tabulated))
    for column in range(9):
        assert words_in("en").amount(largest - column) in text
    assert text.count("CODE A name") > 1


def _empty_report() -> FundReport:
    return FundReport("Report", "Term", "At", Seal(NOV, 1, "ab" * 32), words_in("en"), ())


def test_every_cell_is_plain_in_csv() -> None:
    cells: Sequence[Any] = (
        "text", 7, Dollars(-5), date(2022, 1, 2), Decimal("0.86"), Amount(currency="KRW", minor=1_200),
        Amount(currency="EUR", minor=-1_250), None,
    )  # fmt: skip
    table = Table("All", ["a", "b", "c", "d", "e", "f", "g", "@h"], [cells])
    assert write_csv(table).decode("utf-8-sig").splitlines() == [
        "a,b,c,d,e,f,g,'@h",
        "text,7,-0.05,2022-01-02,0.86,1200,-12.50,",
    ]


def test_all_agreements_of_the_demo_are_in_its_report(demo_books: Connection) -> None:
    report = annual(demo_books, ReportPeriod(date(2021, 11, 1), YEAR_END))
    signed = {each.donor for each in agreements(demo_books, term=TERM, effective_to=YEAR_END)}
    assert {donor.code for donor in report.donors} <= signed
