"""PDF of a receipt letter: one page, however long its names are."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from reportlab.platypus import Flowable, KeepInFrame, Spacer, Table, TableStyle

from ledger import Amount
from reports.figures.instalments import Settled
from reports.letters.receipt_letter import InKindReceipt, MoneyReceipt, ReceiptLetter
from reports.render.charts import BigFigure, big_figures
from reports.render.page import CONTENT_WIDTH, FOOT, HEIGHT, PAGE_MARGIN, Imprint, paragraph, render_pdf
from reports.render.palette import RULE
from reports.render.tables import signature_lines
from reports.render.tagging import ColumnTags, GridTags
from reports.render.typeface import missing
from reports.words.labels import IN_KIND, label
from reports.words.language import N_, Words, words_in

_PARTS_NAMED = 4
"""Number of instalments to come that are listed; the others share one line."""
_CHARACTERS_NAMED = 8

Fact = tuple[str, list[str]]
"""A name, and its values line by line."""


def render_letter(letter: ReceiptLetter) -> bytes:
    """The letter as a PDF of one page; equal letters give equal bytes.

    Text that would not fit is scaled down as a whole; nothing is cut off.
    """
    words = words_in(letter.language)
    title = _title(letter, words)
    story = [
        *_sender(words),
        Spacer(0, 26),
        _address(letter, words),
        Spacer(0, 14),
        paragraph(title, "title"),
        Spacer(0, 12),
        *_body(letter, words),
        Spacer(0, 26),
        *_seal(letter, words),
        *_unprintable(letter, words),
    ]
    # One point less than the frame has, which refuses content that fills it exactly.
    page = KeepInFrame(CONTENT_WIDTH, HEIGHT - PAGE_MARGIN - FOOT - 1, story, mode="shrink")
    imprint = Imprint(letter.id, f"{title} {letter.id}", letter.recipient.donor_name, letter.seal, words)
    return render_pdf([page], imprint)


def _title(letter: ReceiptLetter, words: Words) -> str:
    if isinstance(letter.what, MoneyReceipt):
        return words("Receipt for a contribution")
    return words("Receipt for a contribution in kind")


def _sender(words: Words) -> list[Flowable]:
    return [
        paragraph(words("Multi-donor Funding Modality"), "fund"),
        paragraph(words("UNESCO Institute for Lifelong Learning, administrative agent"), "agent"),
        paragraph(words("Hamburg, Germany"), "agent"),
    ]


def _address(letter: ReceiptLetter, words: Words) -> Flowable:
    """The addressee on the left; the date and the number on the right."""
    to = letter.recipient
    left = [paragraph(to.donor_name, "subject")]
    if to.contact:
        left.append(paragraph(words("For the attention of {name}", name=to.contact), "address"))
    left += [paragraph(line, "address") for line in to.address]
    right = [
        paragraph(words.long_date(letter.written_on), "address-right"),
        paragraph(words("Our reference: {id}", id=letter.id), "address-right"),
    ]
    return _side_by_side([(left, right)], 0.6, ColumnTags())


def _body(letter: ReceiptLetter, words: Words) -> list[Flowable]:
    return [
        paragraph(words("Dear Sir or Madam,")),
        paragraph(_opening(letter, words)),
        Spacer(0, 10),
        _figures(letter, words),
        Spacer(0, 12),
        _list([*_given(letter, words), *_under(letter, words)]),
        Spacer(0, 14),
        paragraph(_held(letter, words)),
        paragraph(words(
            "An accountability statement for the term {term} will tell you what became of it, to the cent.",
            term=letter.term,
        )),
        Spacer(0, 14),
        signature_lines((words("Name"), words("Signature"))),
    ]  # fmt: skip


def _opening(letter: ReceiptLetter, words: Words) -> str:
    sentence = (
        N_("We confirm with thanks that the following contribution of yours arrived on {date}.")
        if isinstance(letter.what, MoneyReceipt)
        else N_("We confirm with thanks that we received the following contribution in kind on {date}.")
    )
    return words(sentence, date=words.long_date(letter.received_on))


def _figures(letter: ReceiptLetter, words: Words) -> Flowable:
    """The amount and, beside it, its value in US dollars."""
    name = words("Amount received") if isinstance(letter.what, MoneyReceipt) else words("Fair value")
    day = words("On {date}", date=words.long_date(letter.received_on))
    rate = letter.rate
    if rate is None:
        return big_figures(BigFigure(name, words.usd(letter.usd), day))
    note = words(
        "At {rate} {currency} for one US dollar, the rate from {date} ({source})",
        rate=words.decimal(rate.rate),
        currency=rate.currency,
        date=words.long_date(rate.effective_on or letter.received_on),
        source=rate.source,
    )
    return big_figures(
        BigFigure(name, _amount(letter.amount, words), day),
        BigFigure(words("Worth in US dollars on that day"), words.usd(letter.usd), note),
    )


def _amount(amount: Amount, words: Words) -> str:
    return words.money(amount.minor, amount.currency)


# --- the contribution ---------------------------------------------------------------------------------------


def _given(letter: ReceiptLetter, words: Words) -> Iterator[Fact]:
    if isinstance(letter.what, MoneyReceipt):
        yield words("Bank account"), [f"{letter.what.account_name} ({letter.what.account})"]
        yield words("The bank’s reference"), [letter.reference]
    else:
        yield from _in_kind(letter.what, letter.reference, words)


def _in_kind(given: InKindReceipt, reference: str, words: Words) -> Iterator[Fact]:
    yield words("Reference"), [reference]
    yield words("What was given"), [f"{label(IN_KIND, given.form, words)} – {given.description}"]
    valued = [given.basis]
    if given.monthly is not None:
        one, many = N_("{count} month at {amount} a month"), N_("{count} months at {amount} a month")
        valued.append(words.counted(one, many, given.months, amount=_amount(given.monthly, words)))
    yield words("How it was valued"), valued
    yield words("Evidence"), list(given.files)


def _under(letter: ReceiptLetter, words: Words) -> Iterator[Fact]:
    if letter.gift:
        yield words("How it was given"), [words("As a gift, without an agreement")]
    else:
        signed = words("Signed on {date}", date=words.long_date(letter.signed_on))
        yield words("Agreement"), [f"{letter.agreement}  ·  {signed}"]
    yield words("Purpose"), [letter.earmark]
    if isinstance(letter.what, MoneyReceipt) and not letter.gift:
        if letter.what.settled:
            yield words("What it settles"), [_settled(each, words) for each in letter.what.settled]
        yield words("Still to come"), list(_to_come(letter.what, words))


def _settled(part: Settled, words: Words) -> str:
    settled, whole = _amount(part.settled, words), _amount(part.amount, words)
    if part.of == 1:
        sentence = N_("{settled} of the {amount} agreed")
    else:
        sentence = N_("{settled} of instalment {number} of {count}: {amount}, due on {date}")
    return words(
        sentence,
        settled=settled,
        amount=whole,
        number=part.number,
        count=part.of,
        date=words.long_date(part.due_on),
    )


def _to_come(given: MoneyReceipt, words: Words) -> Iterator[str]:
    if not given.to_come:
        yield words("Nothing: all that was agreed has arrived")
    all_of_them = len(given.to_come) <= _PARTS_NAMED + 1  # a summary line for one would save no room
    named = given.to_come if all_of_them else given.to_come[:_PARTS_NAMED]
    for due in named:
        amount = _amount(due.outstanding, words)
        if due.state == "waits for its condition":
            yield words("{amount}, once this is met: {condition}", amount=amount, condition=due.condition)
        else:
            yield words("{amount}, due on {date}", amount=amount, date=words.long_date(due.due_on))
    if rest := given.to_come[len(named) :]:
        minor = sum(due.outstanding.minor for due in rest)
        yield words(
            "{amount} in {count} more instalments, the last due on {date}",
            amount=words.money(minor, rest[0].outstanding.currency),
            count=words.number(len(rest)),
            date=words.long_date(rest[-1].due_on),
        )


def _held(letter: ReceiptLetter, words: Words) -> str:
    if isinstance(letter.what, MoneyReceipt):
        return words(
            "The money is held in trust for the donors. It is not revenue of the UNESCO Institute for "
            "Lifelong Learning."
        )
    if letter.what.form == "goods":
        return words(
            "The goods are held in trust for the activities of the fund, and its accounts show them at this "
            "value. They are not revenue of the UNESCO Institute for Lifelong Learning."
        )
    return words(
        "The accounts of the fund disclose this service at this value. It is not revenue of the UNESCO "
        "Institute for Lifelong Learning."
    )


# --- verification -------------------------------------------------------------------------------------------


def _seal(letter: ReceiptLetter, words: Words) -> list[Flowable]:
    entry = words("Journal entry {entry}", entry=words.number(letter.entry))
    facts = [
        (entry, [letter.entry_hash]),
        (words("Head of the journal"), [letter.seal.head]),
    ]
    code = words("Verification code: {code}", code=letter.verification)
    return [_list(facts, "small"), paragraph(code, "code")]


def _unprintable(letter: ReceiptLetter, words: Words) -> list[Flowable]:
    """Characters of names that are printed as Unicode numbers, so that readers know what was meant."""
    characters = missing("".join(_names(letter)))
    if not characters:
        return []
    named = [
        f"U+{ord(char):04X} {unicodedata.name(char, '')}".strip() for char in characters[:_CHARACTERS_NAMED]
    ]
    more = len(characters) - len(named)
    sentence = words(
        "Our typeface cannot print {count} of the characters in the names above; they stand as their Unicode "
        "numbers: {characters}.",
        count=words.number(len(characters)),
        characters=", ".join(named) + (" …" if more else ""),
    )
    return [paragraph(sentence, "small")]


def _names(letter: ReceiptLetter) -> Iterable[str]:
    """The texts of the letter that come from outside the fund."""
    to = letter.recipient
    yield from (to.donor_name, to.contact, *to.address)
    if isinstance(letter.what, MoneyReceipt):
        yield letter.what.account_name
        yield from (due.condition for due in letter.what.to_come)
    else:
        yield from (letter.what.description, letter.what.basis, *letter.what.files)


# --- layout -------------------------------------------------------------------------------------------------


def _list(facts: Iterable[Fact], value: str = "cell") -> Flowable:
    """Facts one below the other, with a thin rule between them."""
    rows = [(paragraph(name, "fact"), [paragraph(line, value) for line in lines]) for name, lines in facts]
    table = _side_by_side(rows, 0.24, GridTags())
    table.setStyle(TableStyle([("LINEABOVE", (0, 0), (-1, -1), 0.4, RULE)]))
    return table


def _side_by_side(rows: Sequence[tuple[object, object]], left: float, tags: GridTags | ColumnTags) -> Table:
    """Two columns; `left` is the part of the width that the left one takes."""
    widths = [left * CONTENT_WIDTH, (1 - left) * CONTENT_WIDTH]
    table = Table(rows, colWidths=widths, hAlign="LEFT", renderCB=tags)
    table.setStyle(TableStyle([
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (0, -1), 12),
        ("RIGHTPADDING", (1, 0), (1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]))  # fmt: skip
    return table
