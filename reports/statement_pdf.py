"""The paper form of a donor's accountability statement.

The first page answers in one look what was given, what was used, what is left and where it went; the
numbered parts after it (`reports.statement_parts`) say it again to the cent.
"""

from __future__ import annotations

from collections import Counter

from reportlab.platypus import Flowable, PageBreak, Spacer

from ledger import MdfmError, usd
from reports.charts import Bar, BigFigure, bars, equation
from reports.fund_parts import towards_target
from reports.labels import DONOR_TYPES, label
from reports.language import Words, words_in
from reports.page import Imprint, build, letterhead, section, text, titled
from reports.palette import MUTED
from reports.statement import Statement
from reports.statement_parts import ALL_PARTS, about
from reports.statement_sums import given, left

_BARS = 8
"""How many activities the first page shows by name; the rest share a bar."""


class DoesNotAddUp(MdfmError):
    """A statement whose movements do not lead from its opening to its closing balance is not issued."""


def render_statement(statement: Statement) -> bytes:
    """The statement as a PDF, the same bytes for the same statement.

    Raises DoesNotAddUp when what was given less what was used is not what is left, and BadInput for a
    language that reports are not written in.
    """
    _require_sum(statement)
    words = words_in(statement.language)
    story = [*_first_page(statement, words), PageBreak(), *about(statement, words)]
    for compose in ALL_PARTS:
        story += compose(statement, words)
    title = words("Accountability statement")
    imprint = Imprint(statement.id, f"{title} {statement.id}", statement.donor_name, statement.seal, words)
    return build(story, imprint)


def _require_sum(statement: Statement) -> None:
    expected = given(statement) - statement.used.cents
    if expected != left(statement):
        raise DoesNotAddUp(
            f"Statement {statement.id} is not issued: given less used is {usd(expected)}, but the balance is "
            f"{usd(left(statement))}; run 'mdfm audit replay' to find the entry."
        )


def _first_page(statement: Statement, words: Words) -> list[Flowable]:
    return [
        *letterhead(words, words("Accountability statement"), statement.donor_name),
        text(_who(statement, words), "lead"),
        text(_when(statement, words), "lead"),
        Spacer(0, 16),
        _headline(statement, words),
        Spacer(0, 12),
        section(words("Where the money went")),
        *_where_it_went(statement, words),
        Spacer(0, 12),
        towards_target(statement.fund, words),
        text(words(
            "The money is held in trust for the donors. It is not revenue of the UNESCO Institute for "
            "Lifelong Learning."
        ), "small"),
    ]  # fmt: skip


def _who(statement: Statement, words: Words) -> str:
    kind = label(DONOR_TYPES, statement.donor_type, words)
    return f"{kind}  ·  {words.country(statement.donor_country)}"


def _when(statement: Statement, words: Words) -> str:
    return words(
        "From {start} to {end}  ·  Amounts in US dollars",
        start=words.long_date(statement.starts_on),
        end=words.long_date(statement.ends_on),
    )


def _headline(statement: Statement, words: Words) -> Flowable:
    total, used, balance = given(statement), statement.used.cents, statement.balance
    return equation(
        BigFigure(words("Given"), words.usd(total), words(
            "{opening} brought forward, {received} received in the period, {other} from interest, "
            "exchange differences and refunds.",
            opening=words.usd(statement.opening.cents),
            received=words.usd(statement.received.cents),
            other=words.usd(total - statement.opening.cents - statement.received.cents),
        )),
        BigFigure(words("Used"), words.usd(used), words(
            "{share} of what was given.", share=words.percent(10_000 * used // total if total else 0)
        )),
        BigFigure(words("Left"), words.usd(left(statement)), words(
            "{allocated} allocated to activities, {available} still available.",
            allocated=words.usd(balance.allocated.cents),
            available=words.usd(balance.available.cents),
        )),
    )  # fmt: skip


def _where_it_went(statement: Statement, words: Words) -> list[Flowable]:
    if not statement.used.cents:
        return [text(words("None of the money was used in this period."))]
    by_activity: Counter[str] = Counter()
    for use in statement.uses:
        by_activity[titled(use.activity, use.title) if use.activity else ""] += use.usd.cents
    apart = by_activity.pop("", 0) + statement.used.cents - sum(use.usd.cents for use in statement.uses)
    ranked = sorted(by_activity.items(), key=lambda item: (-item[1], item[0]))
    rows = [Bar(name, cents, words.usd(cents)) for name, cents in ranked[:_BARS]]
    others = ranked[_BARS:]
    if others:
        cents = sum(cents for _, cents in others)
        name = words("Other activities ({count})", count=words.number(len(others)))
        rows.append(Bar(name, cents, words.usd(cents), MUTED))
    if apart:
        rows.append(Bar(words("Not tied to one activity"), apart, words.usd(apart), MUTED))
    return [bars(rows)]
