"""Table of the trial balance for a workbook or CSV; its PDF is made by `reports.fund.trial_balance_pdf`."""

from __future__ import annotations

from ledger import CHART, Amount
from reports.fund.form.fund_report import FundReport
from reports.fund.trial_balance import TrialBalance
from reports.fund.trial_balance_pdf import CLASSES
from reports.render.section import Section, totalled
from reports.render.workbook import CellValue, Dollars
from reports.words.labels import ACCOUNT_NAMES, label
from reports.words.language import words_in


def trial_balance_report(balance: TrialBalance, language: str) -> FundReport:
    """The trial balance as a table; BadInput for an unknown language."""
    words = words_in(language)
    rows: list[tuple[CellValue, ...]] = [
        (
            row.account,
            label(ACCOUNT_NAMES, row.account, words),
            words(CLASSES[CHART[row.account].account_class]),
            row.currency,
            Amount(currency=row.currency, minor=row.amount),
            Dollars(row.usd) if row.usd > 0 else None,
            Dollars(-row.usd) if row.usd < 0 else None,
        )
        for row in balance.rows
    ]
    head = (words("Code"), words("Account"), words("Class"), words("Currency"), words("Amount"),
            words("Debit, US$"), words("Credit, US$"))  # fmt: skip
    return FundReport(
        title=words("Trial balance"),
        subject=words("Term {term}", term=balance.term) if balance.term else words("All terms"),
        lead=words("At {date}", date=words.long_date(balance.seal.effective_to)),
        seal=balance.seal,
        words=words,
        sections=(
            Section(
                "trial-balance",
                totalled(words("Trial balance"), head, rows, (5, 6), words),
                empty_text=words("Nothing is booked yet."),
                pdf_columns=(0, 1, 2, 4, 5, 6),
                code_first=True,
            ),
        ),
    )
