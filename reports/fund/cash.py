"""Cash report: the balance of each bank account, its carrying amount and its value at the day's rate."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from donors import bank_accounts
from ledger import CASH_AT_BANK, FUND_CURRENCY, Amount, AsOf, get_term, posted, rates_on, scale, share_of
from reports.figures.figure import Seal, seal_of
from reports.figures.figures import debit, grouped
from reports.fund.form.fund_report import FundReport
from reports.render.section import Section, totalled
from reports.render.workbook import CellValue, Dollars
from reports.words.language import Words, words_in


@dataclass(frozen=True)
class CashAtBank:
    """One bank account on a day."""

    bank_account: str
    name: str
    amount: Amount
    carried: int
    """Carrying amount in USD cents, including earlier revaluations."""
    rate: str
    """Units for one US dollar on the day; empty where the books have no rate for the month."""
    worth: int | None
    """USD cents at that rate; None without a rate."""

    @property
    def unrealised(self) -> int | None:
        """USD cents that a revaluation of the day would post as a gain or, where negative, as a loss."""
        return None if self.worth is None else self.worth - self.carried


@dataclass(frozen=True)
class CashReport:
    """The fund's cash on a day, of one term or of all."""

    term: str
    """Empty for all terms together."""
    language: str
    seal: Seal
    accounts: tuple[CashAtBank, ...]


def build_cash(books: Connection, as_of: AsOf, language: str, term: str = "") -> CashReport:
    """The cash of a term, or of all terms together; NotFound for an unknown term."""
    if term:
        get_term(books, term, as_of.known_at)
    lines = posted(books, as_of, accounts=(CASH_AT_BANK,), **({"term": term} if term else {}))
    stands = grouped(lines, lambda line: line.bank_account)
    rates = {
        each.currency: each.rate for each in rates_on(books, as_of.effective_to, known_at=as_of.known_at)
    }
    accounts = []
    for each in bank_accounts(books, as_of.known_at):
        theirs = stands.get(each.code, [])
        amount = Amount(currency=each.currency, minor=sum(line.amount for line in theirs))
        rate = "1" if each.currency == FUND_CURRENCY else rates.get(each.currency, "")
        accounts.append(
            CashAtBank(each.code, each.name, amount, debit(theirs).cents, rate, _worth(amount, rate))
        )
    return CashReport(term, language, seal_of(books, as_of), tuple(accounts))


def _worth(amount: Amount, rate: str) -> int | None:
    """USD cents, rounded once, half to even."""
    if not amount.minor:
        return 0
    if not rate:
        return None
    units = Fraction(rate)
    return share_of(100 * amount.minor, units.denominator, 10 ** scale(amount.currency) * units.numerator)


def cash_report(report: CashReport) -> FundReport:
    """The tables of the report in its language; BadInput for an unknown language."""
    words = words_in(report.language)
    without = [each for each in report.accounts if each.worth is None]
    return FundReport(
        title=words("Cash by currency"),
        subject=words("Term {term}", term=report.term) if report.term else words("All terms"),
        lead=words("At {date}", date=words.long_date(report.seal.effective_to)),
        seal=report.seal,
        words=words,
        remark=words(
            "The books have no rate of this month for {currencies}: what that money is worth is left out.",
            currencies=", ".join(sorted({each.amount.currency for each in without})),
        )
        if without
        else "",
        sections=(_by_account(report, words), _by_currency(report, words)),
        notes=(
            words(
                "Carried is the value in the books, with what earlier revaluations found. Worth is the "
                "amount at the United Nations operational rate of the day, in units for one US dollar. The "
                "unrealised difference is what a revaluation of this day would book."
            ),
        ),
    )


def _by_account(report: CashReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = [
        (
            each.bank_account,
            each.name,
            each.amount.currency,
            each.amount,
            Decimal(each.rate) if each.rate else None,
            Dollars(each.carried),
            None if each.worth is None else Dollars(each.worth),
            None if each.unrealised is None else Dollars(each.unrealised),
        )
        for each in report.accounts
    ]
    head = (words("Code"), words("Bank account"), words("Currency"), words("Amount"), words("Rate"),
            words("Carried, US$"), words("Worth, US$"), words("Unrealised difference, US$"))  # fmt: skip
    return Section(
        "cash-by-account",
        totalled(words("By bank account"), head, rows, (5, 6, 7), words),
        empty_text=words("The fund has no bank account yet."),
        pdf_columns=(0, 1, 3, 4, 5, 6, 7),
        code_first=True,
    )


def _by_currency(report: CashReport, words: Words) -> Section:
    rows: list[tuple[CellValue, ...]] = []
    for currency, accounts in sorted(_grouped(report).items()):
        amount = Amount(currency=currency, minor=sum(each.amount.minor for each in accounts))
        worth = [each.worth for each in accounts if each.worth is not None]
        rows.append(
            (
                currency,
                amount,
                Dollars(sum(each.carried for each in accounts)),
                Dollars(sum(worth)) if len(worth) == len(accounts) else None,
            )
        )
    head = (words("Currency"), words("Amount"), words("Carried, US$"), words("Worth, US$"))
    return Section(
        "cash-by-currency",
        totalled(words("By currency"), head, rows, (2, 3), words),
        empty_text=words("The fund has no bank account yet."),
        bars=[(str(row[0]), row[2]) for row in rows if isinstance(row[2], Dollars)],
    )


def _grouped(report: CashReport) -> dict[str, list[CashAtBank]]:
    found: dict[str, list[CashAtBank]] = {}
    for each in report.accounts:
        found.setdefault(each.amount.currency, []).append(each)
    return found
