"""The seven numbered parts of a donor's accountability statement, each a function from statement to layout.

An empty part says so in a sentence. The order and the content are those of the fund's accounting policy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

from reportlab.platypus import Flowable

from reports.fund_parts import donor_types, fund_figures, towards_target
from reports.labels import CATEGORIES, EARMARKS, IN_KIND, OUTSTANDING, label
from reports.language import N_, Words
from reports.page import heading, part, section, text, titled, together
from reports.statement import ActivityFinanced, InKind, Statement, Use
from reports.statement_sums import given, left
from reports.tables import Column, Ruled, signature_lines

_AGES = (
    (90, N_("Up to 90 days")),
    (180, N_("91 to 180 days")),
    (365, N_("181 to 365 days")),
    (None, N_("Over one year")),
)
"""Bands of ageing: the last day of each, None for no end."""


def about(statement: Statement, words: Words) -> list[Flowable]:
    """What this document is: its number, its period, the state of the books, and the agreements."""
    seal = statement.seal
    facts = Ruled([Column(words("This statement"), 28), Column("", 72)])
    facts.line(words("Number"), statement.id)
    facts.line(words("Donor"), f"{statement.donor_name} ({statement.donor})")
    facts.line(words("Currency of the donor"), statement.currency)
    facts.line(words("Effective to"), words.long_date(seal.effective_to))
    facts.line(words("Known at"), words("Journal entry {entry}", entry=words.number(seal.known_at)))
    facts.line(words("Head of the journal"), seal.head)
    return [facts.flowable(), section(words("Agreements")), *_agreements(statement, words)]


def _agreements(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.agreements:
        return [text(words("The donor has no agreement with the fund."))]
    table = Ruled([
        Column(words("Agreement"), 22), Column(words("Earmark"), 42), Column(words("Valid"), 28),
        Column(words("Signed amount")),
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
        part(1, words("Source of funds")),
        section(words("Movements of the period")),
        _movements(statement, words),
        section(words("Contributions received")),
        *_receipts(statement, words),
        section(words("Promised or agreed, not yet received")),
        *_outstanding(statement, words),
    ]


def _movements(statement: Statement, words: Words) -> Flowable:
    table = Ruled([Column("", 1), Column(words("US$"))])
    for name, cents in (
        (
            words("Balance brought forward at {date}", date=words.long_date(statement.starts_on)),
            statement.opening.cents,
        ),
        (words("Contributions received"), statement.received.cents),
        (words("Interest attributed"), statement.interest.cents),
        (words("Exchange differences"), statement.exchange.cents),
        (words("Refunds to the donor"), -statement.refunds.cents),
    ):
        table.line(name, words.amount(cents))
    table.subtotal(words("Given: funds to account for"), words.amount(given(statement)))
    table.line(words("Used (part 2)"), words.amount(-statement.used.cents))
    closing = words("Left: balance at {date} (part 3)", date=words.long_date(statement.ends_on))
    table.total(closing, words.amount(left(statement)))
    return table.flowable()


def _receipts(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.receipts:
        return [text(words("No contribution was received in this period."))]
    table = Ruled([
        Column(words("Date"), 24), Column(words("Reference"), 36), Column(words("Agreement"), 28),
        Column(words("In the donor’s currency")), Column(words("US$")),
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


def _outstanding(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.outstanding:
        return [text(words("Nothing that the donor pledged or agreed is outstanding."))]
    table = Ruled([
        Column(words("Kind"), 24), Column(words("Code"), 30), Column(words("Since"), 24),
        Column(words("Age in days")), Column(words("In the donor’s currency")), Column(words("US$")),
    ])  # fmt: skip
    for owed in statement.outstanding:
        table.line(
            label(OUTSTANDING, owed.kind, words),
            owed.code,
            words.short_date(owed.since),
            words.number(owed.age_days),
            words.money(owed.amount, owed.currency),
            words.amount(owed.usd.cents),
        )
    table.total(words("Total outstanding"), "", "", "", "", words.amount(_owed(statement)))
    return [table.flowable(), _ageing(statement, words)]


def _owed(statement: Statement) -> int:
    return sum(owed.usd.cents for owed in statement.outstanding)


def _ageing(statement: Statement, words: Words) -> Flowable:
    table = Ruled([Column(words("Ageing, US$"), 1), *[Column(words(name)) for _, name in _AGES]])
    for kind in OUTSTANDING:
        sums: Counter[str] = Counter()
        for owed in statement.outstanding:
            if owed.kind == kind:
                sums[_band(owed.age_days)] += owed.usd.cents
        table.line(words(OUTSTANDING[kind]), *[words.amount(sums[name]) for _, name in _AGES])
    return together(table.flowable())


def _band(days: int) -> str:
    return next(name for last, name in _AGES if last is None or days <= last)


def _use(statement: Statement, words: Words) -> list[Flowable]:
    title = part(2, words("Use of funds"))
    if not statement.used.cents and not statement.uses:
        return [title, text(words("None of the money was used in this period."))]
    traced = words(
        "Each use is traced to the money it was paid from: an expenditure draws on the agreements allocated "
        "to its activity, in proportion to what is left of each."
    )
    return [
        title,
        text(traced),
        section(words("By activity")),
        _by_activity(statement, words),
        section(words("By harmonised category")),
        _by_category(statement, words),
        text(words(
            "Of the total, {support} is programme support cost and {charges} is bank charges.",
            support=words.usd(statement.support_cost.cents), charges=words.usd(statement.bank_charges.cents),
        )),
    ]  # fmt: skip


def _by_activity(statement: Statement, words: Words) -> Flowable:
    table = Ruled([Column(words("Activity and category"), 1), Column(words("US$"))])
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
    table = Ruled([Column(words("Harmonised category"), 1), Column(words("US$"))])
    sums: Counter[str] = Counter()
    for use in statement.uses:
        sums[use.category] += use.usd.cents
    for code in sorted(sums):
        table.line(titled(code, label(CATEGORIES, code, words)), words.amount(sums[code]))
    _close(table, statement, words)
    return table.flowable()


def _close(table: Ruled, statement: Statement, words: Words) -> None:
    """End a table of uses with the total; what its rows do not explain stands as a row of its own."""
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
        [Column(words("At {date}", date=words.long_date(statement.ends_on)), 1), Column(words("US$"))]
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
    return [together(part(3, words("Balance")), table.flowable(), text(owed))]


def _in_kind(statement: Statement, words: Words) -> list[Flowable]:
    title = part(4, words("Contributions in kind"))
    if not statement.in_kind:
        return [title, text(words("No contribution in kind was recorded in this period."))]
    goods = [item for item in statement.in_kind if item.form == "goods"]
    services = [item for item in statement.in_kind if item.form != "goods"]
    return [
        title,
        section(words("Goods, recognised at fair value")),
        *(_items(goods, words, used=True) if goods else [text(words("No goods were received."))]),
        section(words("Services, hosting and secondments, disclosed")),
        *(_items(services, words, used=False) if services else [text(words("No services were received."))]),
        *_evidence(statement, words),
    ]


def _items(items: list[InKind], words: Words, *, used: bool) -> list[Flowable]:
    columns = [
        Column(words("What was given"), 56),
        Column(words("How it was valued"), 30),
        Column(words("Date"), 18),
    ]
    figures = [Column(words("Value, US$")), *([Column(words("Used, US$"))] if used else [])]
    table = Ruled([*columns, *figures])
    for item in items:
        values = [item.usd.cents, *([item.used.cents] if used else [])]
        table.line(
            titled(item.code, f"{label(IN_KIND, item.form, words)} – {item.description}"),
            item.basis,
            words.short_date(item.on),
            *map(words.amount, values),
        )
    totals = [sum(item.usd.cents for item in items), *([sum(i.used.cents for i in items)] if used else [])]
    table.total(words("Total"), "", "", *map(words.amount, totals))
    return [table.flowable()]


def _evidence(statement: Statement, words: Words) -> list[Flowable]:
    if not any(item.evidence for item in statement.in_kind):
        return []
    table = Ruled([
        Column(words("Item"), 15), Column(words("Agreement"), 20),
        Column(words("Evidence (SHA-256 of the file)"), 65),
    ])  # fmt: skip
    for item in statement.in_kind:
        for digest in item.evidence:
            table.line(item.code, item.agreement, digest)
    return [table.flowable()]


def _programme(statement: Statement, words: Words) -> list[Flowable]:
    title = part(5, words("Programme"))
    if not statement.activities:
        return [title, text(words("The donor’s money was not allocated to any activity."))]
    reach = words("Beneficiary shares are parts of the number of cities of each activity, not of its money.")
    return [
        title,
        section(words("Activities financed")),
        _financed(statement, words),
        section(words("Whom they reach")),
        text(reach),
        _reach(statement, words),
        section(words("Cities and results")),
        *[flowable for activity in statement.activities for flowable in _story(activity, words)],
    ]


def _financed(statement: Statement, words: Words) -> Flowable:
    table = Ruled([
        Column(words("Activity"), 1), Column(words("All donors, US$")), Column(words("This donor, US$")),
        Column(words("Share")), Column(words("Used, US$")),
    ])  # fmt: skip
    for activity in statement.activities:
        table.line(
            titled(activity.code, activity.title),
            words.amount(activity.allocated_by_all),
            words.amount(activity.allocated.cents),
            words.percent(activity.share),
            words.amount(activity.used.cents),
        )
    totals = (
        sum(activity.allocated_by_all for activity in statement.activities),
        sum(activity.allocated.cents for activity in statement.activities),
        sum(activity.used.cents for activity in statement.activities),
    )
    everyone, donor, used = map(words.amount, totals)
    table.total(words("Total"), everyone, donor, "", used)
    return table.flowable()


def _reach(statement: Statement, words: Words) -> Flowable:
    table = Ruled([
        Column(words("Activity"), 1), Column(words("Cities")), Column(words("Africa")),
        Column(words("Low-income countries")), Column(words("Least developed countries")),
    ])  # fmt: skip
    for activity in statement.activities:
        shares = (activity.africa, activity.low_income, activity.ldc)
        table.line(
            titled(activity.code, activity.title),
            words.number(len(activity.cities)),
            *[words.percent(share) if activity.cities else "–" for share in shares],
        )
    return table.flowable()


def _story(activity: ActivityFinanced, words: Words) -> list[Flowable]:
    cities = "; ".join(f"{city.name} ({words.country(city.country)})" for city in activity.cities)
    results = [text(result, "quote") for result in activity.results]
    return [
        heading(titled(activity.code, activity.title), "entry"),
        text(cities or words("No beneficiary city is named."), "cell"),
        *(results or [text(words("No results reported yet."), "small")]),
    ]


def _fund(statement: Statement, words: Words) -> list[Flowable]:
    fund = statement.fund
    everyone = words("Of all donors together, {count} in number.", count=words.number(fund.donors))
    return [
        together(part(6, words("The whole fund")), text(everyone), fund_figures(fund, words)),
        towards_target(fund, words),
        *donor_types(fund, words),
    ]


def _notes(statement: Statement, words: Words) -> list[Flowable]:
    notes = (
        words("Held in trust: the money belongs to the purpose it was given for. It is a liability of the "
              "fund to its donors until it is used, and is not revenue of the UNESCO Institute for Lifelong "
              "Learning (UIL)."),
        words("Exchange rates: United Nations operational rates of exchange. A contribution is worth the US "
              "dollars of the newest rate in effect on the day it arrives."),
        words("Used means expenditure reported by partners or paid directly, by the harmonised expense "
              "categories of the United Nations. An advance to a partner is not yet use."),
        words("Allocated means set aside for an activity by an approved plan; committed means bound by an "
              "agreement with a partner."),
        words("In kind: goods are recognised at fair value; services, hosting and secondments are valued and "
              "disclosed. Neither counts towards the target."),
        words("Beneficiary shares are counted in cities. Africa, low-income countries and least developed "
              "countries are three separate lists; a city can be on all of them."),
        words("The delivery rate is what was used as part of what was received."),
        words("Seal: every figure is taken from the journal up to the entry named in the footer. The same "
              "statement can be printed again at any time, byte for byte."),
        words("A character that this typeface cannot show is written as its Unicode number, such as "
              "[U+5317]."),
    )  # fmt: skip
    return [
        part(7, words("Notes and certification")),
        *(text(f"{number}.  {note}") for number, note in enumerate(notes, start=1)),
        _certification(statement, words),
    ]


def _certification(statement: Statement, words: Words) -> Flowable:
    certified = words(
        "I certify that this statement is drawn from the books of the fund as they stood at journal entry "
        "{entry}, and that the funds were used for the purposes agreed with the donor.",
        entry=words.number(statement.seal.known_at),
    )
    code = words("Verification code: {code}", code=statement.verification)
    lines = signature_lines((words("Name"), words("Title"), words("Signature"), words("Date")))
    return together(section(words("Certification")), text(certified), lines, text(code, "code"))


ALL_PARTS: tuple[Callable[[Statement, Words], list[Flowable]], ...] = (
    _source,
    _use,
    _balance,
    _in_kind,
    _programme,
    _fund,
    _notes,
)
"""Parts 1 to 7, in their order."""
