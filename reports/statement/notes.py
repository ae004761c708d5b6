"""Part 7 of a donor's statement: definitions, exchange rates, certification, and how to check it."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports.render.missing_glyphs import missing_glyphs
from reports.render.page import keep_together, paragraph, part_heading, section_heading
from reports.render.tables import Ruled, TableColumn, signature_lines
from reports.render.typeface import readable
from reports.statement.qr_code import code_block
from reports.statement.statement import Statement
from reports.words.language import Words


def notes_part(statement: Statement, words: Words) -> list[Flowable]:
    """The elements of the part, its heading first."""
    definitions = (
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
        words("Regions are those of UNESCO, Africa among them. Africa, low-income countries and least "
              "developed countries are three separate lists; a city can be on all of them."),
        words("The delivery rate is what was used as part of what was received."),
        words("Seal: every figure is taken from the journal up to the entry named in the footer. The same "
              "statement can be printed again at any time, byte for byte."),
        words("Certified means that the accounts of every month of the period were closed when the "
              "statement was drawn: a correction can only follow in a later period. Any other statement is "
              "interim."),
        *_own_city(statement, words),
        *_missing_glyphs(statement, words),
    )  # fmt: skip
    return [
        part_heading(7, words("Notes and certification")),
        *(paragraph(f"{number}.  {note}") for number, note in enumerate(definitions, start=1)),
        *_rates(statement, words),
        keep_together(*_certification(statement, words), *code_block(statement, words)),
    ]


def _rates(statement: Statement, words: Words) -> list[Flowable]:
    """The exchange rates applied to the donor's contributions."""
    if not statement.rates:
        return []
    table = Ruled([
        TableColumn(words("Currency"), 20), TableColumn(words("For US$1")),
        TableColumn(words("In effect from"), 30), TableColumn(words("Source"), 50),
    ])  # fmt: skip
    for rate in statement.rates:
        effective_on = words.short_date(rate.effective_on)
        table.line(rate.currency, words.decimal(rate.rate), effective_on, rate.source)
    return [section_heading(words("Rates of exchange of the contributions received")), table.flowable()]


def _missing_glyphs(statement: Statement, words: Words) -> list[str]:
    """A note on characters that are printed as numbers, where there are any."""
    characters = missing_glyphs(statement)
    if not characters:
        return []
    sentence = words(
        "Texts on this paper have characters that its typeface cannot show ({count} in all). Each "
        "stands as its Unicode number, such as {example}; the books keep the texts in their own script.",
        count=words.number(len(characters)),
        example=readable(characters[0]),
    )
    return [sentence]


def _own_city(statement: Statement, words: Words) -> list[str]:
    """A note that the donor is also a beneficiary, where it is."""
    own = [activity for activity in statement.activities if activity.own_city]
    if not own:
        return []
    sentence = words(
        "The donor is itself a beneficiary: {amount} of its money was allocated to activities that benefit "
        "{city} among their cities ({activities}).",
        amount=words.usd(sum(activity.allocated.cents for activity in own)),
        city=own[0].own_city,
        activities=", ".join(activity.code for activity in own),
    )
    return [sentence]


def _certification(statement: Statement, words: Words) -> list[Flowable]:
    """The certification; on the page of the code, so that neither is alone on a page."""
    heading = section_heading(words("Certification"))
    code = paragraph(words("Verification code: {code}", code=statement.verification), "code")
    if statement.status == "interim":
        sentence = words(
            "This is an interim statement. It is not certified: the accounts of its period can still change, "
            "and it bears no signature."
        )
        return [heading, paragraph(sentence), code]
    certified = words(
        "I certify that this statement is drawn from the books of the fund as they stood at journal entry "
        "{entry}, and that the funds were used for the purposes agreed with the donor.",
        entry=words.number(statement.seal.known_at),
    )
    officer = words("Certifying officer of the administrative agent")
    lines = signature_lines((words("Name"), words("Title"), words("Signature"), words("Date")))
    return [heading, paragraph(certified), paragraph(officer, "fact"), lines, code]
