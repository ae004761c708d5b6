"""The seven numbered parts of a donor's accountability statement, each a function from statement to layout.

An empty part says so in a sentence. Order and content are those of the fund's accounting policy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

from reportlab.platypus import Flowable

from donors import BANDS, band_of, banded
from reports.figures.in_kind import InKindItem
from reports.fund.form.parts import donor_types, fund_figures, towards_target
from reports.render.page import keep_together, paragraph, part_heading, section_heading, titled
from reports.render.tables import Ruled, TableColumn
from reports.statement.notes import notes_part
from reports.statement.programme import programme_part
from reports.statement.statement import Outstanding, Statement, Use
from reports.statement.sums import given, left
from reports.words.labels import BANDS_OVERDUE, CATEGORIES, EARMARKS, IN_KIND, OUTSTANDING, STATUS, label
from reports.words.language import N_, Words


def about(statement: Statement, words: Words) -> list[Flowable]:
    """The facts about the statement: number, period, state of the books, and agreements."""
    seal = statement.seal
    facts = Ruled([TableColumn(words("This statement"), 28), TableColumn("", 72)])
    facts.line(words("Number"), statement.id)
    facts.line(words("Status"), words(STATUS[statement.status]))
    facts.line(words("Donor"), f"{statement.donor_name} ({statement.donor})")
    facts.line(words("Term of the fund"), statement.fund.term)
    period = (words.long_date(statement.starts_on), words.long_date(statement.ends_on))
    facts.line(words("Period"), " – ".join(period))
    facts.line(words("Currency"), statement.currency)
    facts.line(words("Language"), words.locale.language_name or statement.language)
    facts.line(words("Effective to"), words.long_date(seal.effective_to))
    facts.line(words("Known at"), words("Journal entry {entry}", entry=words.number(seal.known_at)))
    facts.line(words("Head of the journal"), seal.head)
    return [facts.flowable(), section_heading(words("Agreements")), *_agreements(statement, words)]


def _agreements(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.agreements:
        return [paragraph(words("The donor has no agreement with the fund."))]
    table = Ruled([
        TableColumn(words("Agreement"), 22), TableColumn(words("Earmark"), 42),
        TableColumn(words("Valid"), 28),
        TableColumn(words("Signed amount")),
    ])  # fmt: skip
    for agreement in statement.agreements:
        table.line(
            agreement.code,
            f"{label(EARMARKS, agreement.earmark_level, words)} – {agreement.earmark}",
            f"{words.short_date(agreement.starts_on)} – {words.short_date(agreement.ends_on)}",
            words.money(agreement.amount, agreement.currency),
            note=words("Signed on {date}", date=words.short_date(agreement.signed_on)),
        )
    return [table.flowable()]


def _source(statement: Statement, words: Words) -> list[Flowable]:
    return [
        part_heading(1, words("Source of funds")),
        section_heading(words("Movements of the period")),
        _movements(statement, words),
        section_heading(words("Contributions received")),
        *_receipts(statement, words),
        *_refunded(statement, words),
        *_transfers(statement, words),
        section_heading(words("Promised or agreed, not yet received")),
        *_outstanding(statement, words),
    ]


def _movements(statement: Statement, words: Words) -> Flowable:
    table = Ruled([TableColumn("", 1), TableColumn(words("US$"))])
    opening = words("Balance brought forward at {date}", date=words.long_date(statement.starts_on))
    table.line(opening, words.amount(statement.opening.cents))
    if statement.carried.cents:
        table.line(words("Carried over from an earlier term"), words.amount(statement.carried.cents))
    for name, cents in (
        (words("Contributions received"), statement.received.cents),
        (words("Interest attributed"), statement.interest.cents),
        (words("Exchange differences"), statement.exchange.cents),
        (words("Refunds to the donor"), -statement.refunds.cents),
    ):
        table.line(name, words.amount(cents))
    if statement.transferred.cents:
        table.line(words("Transfers between agreements"), words.amount(statement.transferred.cents))
    table.subtotal(words("Given: funds to account for"), words.amount(given(statement)))
    table.line(words("Used (part 2)"), words.amount(-statement.used.cents))
    closing = words("Left: balance at {date} (part 3)", date=words.long_date(statement.ends_on))
    table.total(closing, words.amount(left(statement)))
    return table.flowable()


def _receipts(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.receipts:
        return [paragraph(words("No contribution was received in this period."))]
    table = Ruled([
        TableColumn(words("Date"), 24), TableColumn(words("Reference"), 36),
        TableColumn(words("Agreement"), 28),
        TableColumn(words("In the donor’s currency")), TableColumn(words("US$")),
    ])  # fmt: skip
    for receipt in statement.receipts:
        table.line(
            words.short_date(receipt.received_on),
            receipt.reference,
            receipt.agreement,
            words.money(receipt.amount, receipt.currency),
            words.amount(receipt.usd.cents),
        )
    table.total(words("Total received"), "", "", "", words.amount(statement.received.cents))
    return [table.flowable()]


def _refunded(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.refunded:
        return []
    table = Ruled([
        TableColumn(words("Agreed on"), 24), TableColumn(words("Reference"), 28),
        TableColumn(words("Agreement"), 28),
        TableColumn(words("US$")), TableColumn(words("Paid on"), 24), TableColumn(words("Paid out")),
    ])  # fmt: skip
    for each in statement.refunded:
        table.line(
            words.short_date(each.agreed_on),
            each.code,
            each.agreement,
            words.amount(each.cents),
            words.short_date(each.paid_on) if each.paid_on else "",
            words.money(each.paid.minor, each.paid.currency) if each.paid else "",
        )
    return [section_heading(words("Refunds to the donor")), table.flowable()]


def _transfers(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.transfers:
        return []
    table = Ruled([
        TableColumn(words("Date"), 24), TableColumn(words("Reference"), 28),
        TableColumn(words("From agreement"), 28),
        TableColumn(words("To agreement"), 28), TableColumn(words("US$")),
    ])  # fmt: skip
    for moved in statement.transfers:
        when = words.short_date(moved.on)
        table.line(when, moved.code, moved.source, moved.target, words.amount(moved.usd.cents))
    return [
        section_heading(words("Transfers between agreements, with the donor’s consent")),
        table.flowable(),
    ]


def _outstanding(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.outstanding:
        return [paragraph(words("Nothing that the donor pledged or agreed is outstanding."))]
    table = Ruled([
        TableColumn(words("Kind"), 24), TableColumn(words("Code"), 30), TableColumn(words("Due"), 24),
        TableColumn(words("Days overdue")), TableColumn(words("In the donor’s currency")),
        TableColumn(words("US$")),
    ])  # fmt: skip
    for owed in statement.outstanding:
        table.line(
            label(OUTSTANDING, owed.kind, words),
            owed.code,
            words.short_date(owed.due_on),
            words.number(owed.days_overdue) if owed.days_overdue else words(BANDS_OVERDUE[BANDS[0]]),
            words.money(owed.amount, owed.currency),
            words.amount(owed.usd.cents),
            note=_part_of(owed, words),
        )
    table.total(words("Total outstanding"), "", "", "", "", words.amount(_owed(statement)))
    return [table.flowable(), _ageing(statement, words)]


def _owed(statement: Statement) -> int:
    return sum(owed.usd.cents for owed in statement.outstanding)


def _part_of(owed: Outstanding, words: Words) -> str:
    """The number of the instalment, and whether it waits for a condition."""
    if not owed.instalment:
        return ""
    said = N_("Instalment {number}, waits for its condition") if owed.waits else N_("Instalment {number}")
    return words(said, number=owed.instalment)


def _ageing(statement: Statement, words: Words) -> Flowable:
    table = Ruled(
        [TableColumn(words("Ageing, US$"), 1), *[TableColumn(words(BANDS_OVERDUE[band])) for band in BANDS]]
    )
    for kind in OUTSTANDING:
        owed = [each for each in statement.outstanding if each.kind == kind]
        sums = banded((band_of(each.days_overdue), each.usd.cents) for each in owed)
        table.line(words(OUTSTANDING[kind]), *[words.amount(sums[band]) for band in BANDS])
    return keep_together(table.flowable())


def _use(statement: Statement, words: Words) -> list[Flowable]:
    title = part_heading(2, words("Use of funds"))
    if not statement.used.cents and not statement.uses:
        return [title, paragraph(words("None of the money was used in this period."))]
    traced = words(
        "Each use is traced to the money it was paid from: an expenditure draws on the agreements allocated "
        "to its activity, in proportion to what is left of each."
    )
    return [
        title,
        paragraph(traced),
        section_heading(words("By activity")),
        _by_activity(statement, words),
        keep_together(section_heading(words("By harmonised category")), _by_category(statement, words)),
        paragraph(words(
            "Of the total, {support} is programme support cost and {charges} is bank charges.",
            support=words.usd(statement.support_cost.cents), charges=words.usd(statement.bank_charges.cents),
        )),
    ]  # fmt: skip


def _by_activity(statement: Statement, words: Words) -> Flowable:
    table = Ruled([TableColumn(words("Activity and category"), 1), TableColumn(words("US$"))])
    ordered = sorted(
        statement.uses, key=lambda use: (not use.activity, _in_order(use.activity), use.category)
    )
    for activity, grouped in groupby(ordered, key=lambda use: use.activity):
        uses = list(grouped)
        name = titled(activity, uses[0].title) if activity else words("Not tied to one activity")
        if len(uses) == 1:
            note = label(CATEGORIES, uses[0].category, words)
            table.group(name, words.amount(uses[0].usd.cents), note=note)
            continue
        table.group(name, words.amount(_sum(uses)))
        for use in uses:
            table.detail(label(CATEGORIES, use.category, words), words.amount(use.usd.cents))
    _close(table, statement, words)
    return table.flowable()


def _in_order(code: str) -> list[tuple[int, str]]:
    """Sort key of a code such that 1.2 comes before 1.10."""
    return [(int(digits or 0), letters) for digits, letters in re.findall(r"(\d+)|(\D+)", code)]


def _by_category(statement: Statement, words: Words) -> Flowable:
    table = Ruled([TableColumn(words("Harmonised category"), 1), TableColumn(words("US$"))])
    sums: Counter[str] = Counter()
    for use in statement.uses:
        sums[use.category] += use.usd.cents
    for code in sorted(sums):
        table.line(titled(code, label(CATEGORIES, code, words)), words.amount(sums[code]))
    _close(table, statement, words)
    return table.flowable()


def _close(table: Ruled, statement: Statement, words: Words) -> None:
    """End a table of uses with the total; a difference to its rows gets a row of its own."""
    unexplained = statement.used.cents - _sum(statement.uses)
    if unexplained:
        table.group(words("Not tied to one activity or category"), words.amount(unexplained))
    table.total(words("Total used"), words.amount(statement.used.cents))


def _sum(uses: Sequence[Use]) -> int:
    return sum(use.usd.cents for use in uses)


def _balance(statement: Statement, words: Words) -> list[Flowable]:
    balance = statement.balance
    free = balance.allocated.cents - balance.committed.cents
    table = Ruled(
        [
            TableColumn(words("At {date}", date=words.long_date(statement.ends_on)), 1),
            TableColumn(words("US$")),
        ]
    )
    table.line(words("Available: received and not allocated"), words.amount(balance.available.cents))
    table.line(words("Allocated to activities and not yet used"), words.amount(balance.allocated.cents))
    table.detail(words("of which committed to partners"), words.amount(balance.committed.cents))
    table.detail(words("of which not yet committed"), words.amount(free))
    table.total(words("Left: balance of the donor’s funds"), words.amount(left(statement)))
    due = balance.refund_due.cents
    owed = (
        words("A refund of {amount} is due to the donor.", amount=words.usd(due))
        if due
        else words("No refund is due to the donor.")
    )
    return [
        keep_together(part_heading(3, words("Balance")), table.flowable(), paragraph(owed)),
        *_by_agreement(statement, words),
    ]


def _by_agreement(statement: Statement, words: Words) -> list[Flowable]:
    """The balance of each agreement, and what follows for those that have ended."""
    ended = [
        (each, rest)
        for each in statement.agreements
        if each.ends_on < statement.ends_on and (rest := each.available.cents + each.allocated.cents) > 0
    ]
    if len(statement.agreements) < 2 and not ended:
        return []
    table = Ruled([
        TableColumn(words("Agreement"), 60), TableColumn(words("Ends on"), 40),
        TableColumn(words("Available, US$")),
        TableColumn(words("Allocated, US$")), TableColumn(words("Left, US$")),
    ])  # fmt: skip
    for each in statement.agreements:
        figures = (each.available.cents, each.allocated.cents)
        table.line(each.code, words.short_date(each.ends_on), *map(words.amount, (*figures, sum(figures))))
    balance = statement.balance
    sums = (balance.available.cents, balance.allocated.cents, left(statement))
    table.total(words("Total"), "", *map(words.amount, sums))
    sentences = [
        words(
            "Agreement {code} ended on {date} with {amount} not used, to be refunded or carried on as agreed "
            "with the donor.",
            code=each.code,
            date=words.long_date(each.ends_on),
            amount=words.usd(rest),
        )
        for each, rest in ended
    ]
    return [section_heading(words("Balance by agreement")), table.flowable(), *map(paragraph, sentences)]


def _in_kind(statement: Statement, words: Words) -> list[Flowable]:
    title = part_heading(4, words("Contributions in kind"))
    if not statement.in_kind:
        return [title, paragraph(words("No contribution in kind was recorded in this period."))]
    goods = [item for item in statement.in_kind if item.form == "goods"]
    services = [item for item in statement.in_kind if item.form != "goods"]
    return [
        title,
        section_heading(words("Goods, recognised at fair value")),
        *(_goods(goods, words) if goods else [paragraph(words("No goods were received."))]),
        section_heading(words("Services, hosting and secondments, disclosed")),
        *(_services(services, words) if services else [paragraph(words("No services were received."))]),
        *_evidence(statement, words),
    ]


def _goods(items: list[InKindItem], words: Words) -> list[Flowable]:
    """Goods received and their use; losses and returns have a column only where there are any."""
    names = {
        words("Used, US$"): [item.used.cents for item in items],
        words("Written off, US$"): [item.written_off.cents for item in items],
        words("Returned, US$"): [item.returned.cents for item in items],
        words("Left, US$"): [item.left.cents for item in items],
    }
    always = (words("Used, US$"), words("Left, US$"))
    became = {name: cents for name, cents in names.items() if name in always or any(cents)}
    values = {words("Value, US$"): [item.held.cents for item in items], **became}
    return _items(items, words, values)


def _services(items: list[InKindItem], words: Words) -> list[Flowable]:
    return _items(items, words, {words("Value, US$"): [item.usd.cents for item in items]})


def _items(items: list[InKindItem], words: Words, values: dict[str, list[int]]) -> list[Flowable]:
    table = Ruled([
        TableColumn(words("What was given"), 56), TableColumn(words("How it was valued"), 30),
        TableColumn(words("Date"), 18), *(TableColumn(name) for name in values),
    ])  # fmt: skip
    for item, cents in zip(items, zip(*values.values(), strict=True), strict=True):
        table.line(
            titled(item.code, f"{label(IN_KIND, item.form, words)} – {item.description}"),
            item.basis,
            words.short_date(item.on),
            *map(words.amount, cents),
            note=_brought_forward(item, words),
        )
    table.total(words("Total"), "", "", *(words.amount(sum(cents)) for cents in values.values()))
    return [table.flowable()]


def _brought_forward(item: InKindItem, words: Words) -> str:
    if not item.before.cents:
        return ""
    return words("What was left of {amount} when the term began", amount=words.usd(item.usd.cents))


def _evidence(statement: Statement, words: Words) -> list[Flowable]:
    if not any(item.evidence for item in statement.in_kind):
        return []
    table = Ruled([
        TableColumn(words("Item"), 15), TableColumn(words("Agreement"), 20),
        TableColumn(words("Evidence (SHA-256 of the file)"), 65),
    ])  # fmt: skip
    for item in statement.in_kind:
        for digest in item.evidence:
            table.line(item.code, item.agreement, digest)
    return [table.flowable()]


def _fund(statement: Statement, words: Words) -> list[Flowable]:
    fund = statement.fund
    everyone = words("Of all donors together, {count} in number.", count=words.number(fund.donors))
    return [
        keep_together(
            part_heading(6, words("The whole fund")), paragraph(everyone), fund_figures(fund, words)
        ),
        towards_target(fund, words),
        *donor_types(fund, words),
    ]


ALL_PARTS: tuple[Callable[[Statement, Words], list[Flowable]], ...] = (
    _source,
    _use,
    _balance,
    _in_kind,
    programme_part,
    _fund,
    notes_part,
)
"""Parts 1 to 7, in their order."""
