"""PDF of the trial balance, with the check that assets equal liabilities less use."""

from __future__ import annotations

from reportlab.platypus import Flowable, Spacer

from ledger import CHART
from reports.fund.trial_balance import TrialBalance
from reports.render.page import Imprint, letterhead, paragraph, render_pdf, section_heading
from reports.render.tables import Ruled, TableColumn, aligned
from reports.words.labels import ACCOUNT_NAMES, label
from reports.words.language import N_, Words, words_in

CLASSES = {
    "asset": N_("Assets"),
    "liability": N_("Liabilities: funds held in trust and other"),
    "use": N_("Use of funds held in trust"),
    "memo": N_("Memo accounts"),
}


def render_trial_balance(balance: TrialBalance, language: str) -> bytes:
    """The trial balance as a PDF; equal balances give equal bytes. BadInput for an unknown language."""
    words = words_in(language)
    term = words("Term {term}", term=balance.term) if balance.term else words("All terms")
    title = words("Trial balance")
    classes = {CHART[row.account].account_class for row in balance.rows}
    story = [
        *letterhead(words, title, term),
        paragraph(words("At {date}", date=words.long_date(balance.seal.effective_to)), "lead"),
        Spacer(0, 12),
    ]
    tables = {
        words(name): _accounts(balance, kept, words) for kept, name in CLASSES.items() if kept in classes
    }
    for name, table in zip(tables, aligned(list(tables.values())), strict=True):
        story += [section_heading(name), table]
    if not tables:
        story.append(paragraph(words("Nothing is booked yet.")))
    story += _proof(balance, words)
    return render_pdf(story, Imprint(f"{title}  ·  {term}", title, term, balance.seal, words))


def _accounts(balance: TrialBalance, account_class: str, words: Words) -> Ruled:
    rows = [row for row in balance.rows if CHART[row.account].account_class == account_class]
    table = Ruled(
        [
            TableColumn(words("Account"), 60),
            TableColumn(words("Currency"), 12),
            TableColumn(words("Amount")),
            TableColumn(words("Debit, US$")),
            TableColumn(words("Credit, US$")),
        ]
    )
    for row in rows:
        account = f"{row.account} {label(ACCOUNT_NAMES, row.account, words)}"
        table.line(account, row.currency, words.amount(row.amount, row.currency), *_sides(row.usd, words))
    debits, credits = balance.sides(account_class)
    if debits and credits:
        table.subtotal(words("Total"), "", "", words.amount(debits), words.amount(credits))
        table.total(words("Balance"), "", "", *_sides(debits - credits, words))
    else:
        table.total(words("Total"), "", "", *_sides(debits - credits, words))
    return table


def _sides(cents: int, words: Words) -> tuple[str, str]:
    """A figure in the debit column or in the credit column."""
    return (words.amount(cents), "") if cents >= 0 else ("", words.amount(-cents))


def _proof(balance: TrialBalance, words: Words) -> list[Flowable]:
    assets, owed, use = balance.total("asset"), -balance.total("liability"), balance.total("use")
    identity = words(
        "Assets {assets} = liabilities {liabilities} - use {use}.",
        assets=words.usd(assets),
        liabilities=words.usd(owed),
        use=words.usd(use),
    )
    debits, credits = balance.sides(*CLASSES)
    sides = words(
        "All debits {debits} = all credits {credits}.", debits=words.usd(debits), credits=words.usd(credits)
    )
    none = words("There is no revenue account: money received is owed to its donors until it is used.")
    return [
        Spacer(0, 12),
        section_heading(words("What must hold")),
        paragraph(sides),
        paragraph(identity),
        paragraph(none),
    ]
