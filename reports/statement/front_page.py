"""First page of a statement: what was given, used and left, and where it went.

It is always one page: as many activities are named as there is room for, and the rest share a bar. For money
that is not used yet, the bars show its allocation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from reportlab.platypus import Flowable, Spacer

from reports.figures.beneficiaries import NO_CITY, Beneficiaries
from reports.fund.form.parts import target_lines
from reports.render.charts import Bar, BigFigure, bars, equation
from reports.render.page import CONTENT_HEIGHT, CONTENT_WIDTH, letterhead, paragraph, section_heading, titled
from reports.render.palette import BLUE, MUTED
from reports.statement.statement import Statement
from reports.statement.sums import brought, given, left
from reports.words.labels import DONOR_TYPES, REGION_NAMES, label
from reports.words.language import Words
from reports.words.percentages import part_of

_BARS = 8
"""The most activities with a bar of their own; the rest share one."""
_TIGHT = 2.0
"""Space around a bar of one line, in points."""


def front_page(statement: Statement, words: Words) -> list[Flowable]:
    """The elements of the first page."""
    above = [
        *letterhead(words, words("Accountability statement"), statement.donor_name),
        paragraph(_who(statement, words), "lead"),
        paragraph(_when(statement, words), "lead"),
        paragraph(_status(statement, words), "notice"),
        Spacer(0, 14),
        _headline(statement, words),
        *_in_kind(statement, words),
        Spacer(0, 6),
    ]
    below = [
        *target_lines(statement.fund, words),
        paragraph(words(
            "The money is held in trust for the donors. It is not revenue of the UNESCO Institute for "
            "Lifelong Learning."
        ), "small"),
    ]  # fmt: skip
    room = CONTENT_HEIGHT - _height([*above, *below])
    return [*above, *_where_it_went(statement, words, room), *below]


def _who(statement: Statement, words: Words) -> str:
    kind = label(DONOR_TYPES, statement.donor_type, words)
    return f"{kind}  ·  {words.country(statement.donor_country)}"


def _when(statement: Statement, words: Words) -> str:
    return words(
        "From {start} to {end}  ·  Amounts in US dollars",
        start=words.long_date(statement.starts_on),
        end=words.long_date(statement.ends_on),
    )


def _status(statement: Statement, words: Words) -> str:
    if statement.status == "certified":
        return words("Certified statement: the accounts of every month of its period are closed.")
    return words("Interim statement: not certified; the accounts of its period can still change.")


def _headline(statement: Statement, words: Words) -> Flowable:
    total, used, balance = given(statement), statement.used.cents, statement.balance
    return equation(
        BigFigure(words("Given"), words.usd(total), words(
            "{opening} brought forward, {received} received in the period, {other} from interest, "
            "exchange differences and refunds.",
            opening=words.usd(brought(statement)),
            received=words.usd(statement.received.cents),
            other=words.usd(total - brought(statement) - statement.received.cents),
        )),
        BigFigure(words("Used"), words.usd(used), words(
            "{share} of what was given.", share=words.percent(part_of(used, total))
        )),
        BigFigure(words("Left"), words.usd(left(statement)), words(
            "{allocated} allocated to activities, {available} still available.",
            allocated=words.usd(balance.allocated.cents),
            available=words.usd(balance.available.cents),
        )),
    )  # fmt: skip


def _in_kind(statement: Statement, words: Words) -> list[Flowable]:
    """The value given in kind, which is in none of the figures above it."""
    cents = sum(gift.held.cents for gift in statement.in_kind)
    if not cents:
        return []
    sentence = words("In kind, beside the money: {amount} (part 4).", amount=words.usd(cents))
    return [Spacer(0, 6), paragraph(sentence)]


def _where_it_went(statement: Statement, words: Words, room: float) -> list[Flowable]:
    """Bars of the use by activity and by region, or of the allocation where nothing was used."""
    sentences = [paragraph(sentence) for sentence in _nothing(statement, words)]
    if statement.used.cents:
        heading = section_heading(words("Where the money went"))
        activities = _used(statement)
        regions = _regions(statement, words, lambda region: region.used.cents)
    elif statement.balance.allocated.cents:
        heading = section_heading(words("Where the money is to go: allocated and not yet used"))
        activities = _unused(statement)
        regions = _regions(statement, words, lambda region: region.unused.cents)
    else:
        return [section_heading(words("Where the money went")), *sentences]
    by_region = [paragraph(words("By region of the cities that benefit"), "caption"), Spacer(0, 3), regions]
    before = [heading, *sentences, paragraph(words("By activity"), "caption"), Spacer(0, 3)]
    room -= _height([*before, *by_region]) + 10
    return [*before, bars(_named(activities, words, room)), Spacer(0, 10), *by_region]


def _nothing(statement: Statement, words: Words) -> list[str]:
    """Sentences about what is missing."""
    sentences = []
    if statement.ends_on < statement.term_starts_on:
        begins = words.long_date(statement.term_starts_on)
        sentences.append(words("The term {term} begins on {date}.", term=statement.fund.term, date=begins))
    if not (given(statement) or left(statement) or statement.used.cents):
        until = words.long_date(statement.ends_on)
        sentences.append(
            words("The fund had received no money of this donor for the term by {date}.", date=until)
        )
    if not statement.used.cents:
        sentences.append(words("None of the money was used in this period."))
    return sentences


def _used(statement: Statement) -> Counter[str]:
    """USD cents by activity; use without an activity has an empty name."""
    found: Counter[str] = Counter()
    for use in statement.uses:
        found[titled(use.activity, use.title) if use.activity else ""] += use.usd.cents
    found[""] += statement.used.cents - found.total()
    return found


def _unused(statement: Statement) -> Counter[str]:
    return Counter({
        titled(each.code, each.title): each.allocated.cents - each.used.cents
        for each in statement.activities
    })  # fmt: skip


def _named(by_activity: Counter[str], words: Words, room: float) -> list[Bar]:
    """The largest first, by name for as long as there is room, the others together."""
    untied = by_activity.pop("", 0)
    ranked = sorted(by_activity.items(), key=lambda item: (-item[1], item[0]))
    last = [Bar(words("Not tied to one activity"), untied, words.usd(untied), MUTED)] if untied else []
    for count in range(min(_BARS, len(ranked)), 0, -1):
        rows = [*_bars_of(ranked, count, words), *last]
        if _height([bars(rows)]) <= room:
            return rows
    return [*_bars_of(ranked, 0, words), *last]


def _bars_of(ranked: Sequence[tuple[str, int]], count: int, words: Words) -> list[Bar]:
    rows = [Bar(name, cents, words.usd(cents)) for name, cents in ranked[:count]]
    if others := ranked[count:]:
        cents = sum(cents for _, cents in others)
        name = words("Other activities ({count})", count=words.number(len(others)))
        rows.append(Bar(name, cents, words.usd(cents), MUTED))
    return rows


def _regions(statement: Statement, words: Words, cents: Callable[[Beneficiaries], int]) -> Flowable:
    """Bars by region, the largest first; money for no named city comes last."""
    shown = [each for each in statement.regions if cents(each)]
    ranked = sorted(shown, key=lambda each: (each.name == NO_CITY, -cents(each), each.name))
    rows = [
        Bar(
            region_name(each, words),
            cents(each),
            words.usd(cents(each)),
            BLUE if each.name not in ("", NO_CITY) else MUTED,
        )
        for each in ranked
    ]
    return bars(rows, _TIGHT)


def region_name(region: Beneficiaries, words: Words) -> str:
    """The name of a region in the reader's language."""
    return words("No city named") if region.name == NO_CITY else label(REGION_NAMES, region.name, words)


def _height(flowables: Sequence[Flowable]) -> float:
    """The greatest height that they take on a page, in points."""
    return sum(
        float(each.wrap(CONTENT_WIDTH, 10 * CONTENT_HEIGHT)[1] + each.getSpaceBefore() + each.getSpaceAfter())
        for each in flowables
    )
