"""Receipt letters, read back as a donor would: one page, in its language, the same for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from donors import (
    LANGUAGES,
    AgreementSigned,
    BankAccountOpened,
    Contact,
    DonorRegistered,
    GoodsUsed,
    Instalment,
    ReceiptIdentified,
    ServiceReceived,
    UnidentifiedReceived,
    set_contact,
)
from ledger import (
    BadInput,
    Book,
    Document,
    EntryReversed,
    NotFound,
    RatesPublished,
    attach,
    evidence_of,
    head,
)
from mdfm.cli.app import app
from reports import ReceiptLetter, build_letter, render_letter
from reports.letters.receipt_letter import MoneyReceipt
from reports.words.language import words_in
from tests.support.small_books import (
    DEC,
    LATER,
    MAKER,
    NOV,
    TERM,
    advice,
    agreement,
    contribution,
    dump,
    file_of,
    gift,
    goods,
    money,
    tell,
)

PAYROLL = Document("payroll.pdf", b"An officer")
PROOF = (evidence_of(PAYROLL),)
HEAD_DAY = "1 January 2022"
"""The small book's clock stands on this day."""


def drawn(book: Book, reference: str, **asked: Any) -> ReceiptLetter:
    with book.reading() as books:
        return build_letter(books, reference, **asked)


def read(letter: ReceiptLetter) -> str:
    """The text of the only page, every space a plain one."""
    (page,) = PdfReader(BytesIO(render_letter(letter))).pages
    return " ".join(page.extract_text().split())


def in_parts(*parts: tuple[date, int, str], **given: Any) -> AgreementSigned:
    """An agreement in euros that comes in instalments."""
    instalments = tuple(Instalment(due_on=day, minor=minor, condition=why) for day, minor, why in parts)
    amount = money("EUR", sum(minor for _, minor, _ in parts))
    return agreement("A1", amount=amount, instalments=instalments, **given)


@pytest.fixture
def instalments(book: Book) -> Book:
    """An agreement in three parts, of which one and a half have come."""
    parts = in_parts(
        (NOV, 600_00, ""), (LATER, 400_00, ""), (date(2022, 9, 1), 86_00, "the report is accepted")
    )
    tell(book, parts, contribution("C1", "A1", "EUR", 500_00), contribution("C2", "A1", "EUR", 300_00, DEC))
    return book


# ---- what it says


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_came_what_it_became_and_how_to_check_it(instalments: Book, language: str) -> None:
    letter = drawn(instalments, "C1", language=language)
    words, told = words_in(language), read(letter)
    for said in (
        words("Receipt for a contribution"),
        words("Hamburg, Germany"),
        "Example city",
        words.money(500_00, "EUR"),
        words.usd(581_40),
        words.decimal("0.86"),
        words.long_date(date(2021, 11, 1)),
        "(example)",
        "EUR account (EUR1)",
        "C1",
        f"A1 · {words('Signed on {date}', date=words.long_date(NOV))}",
        words("For any activity of the programme."),
        words("The money is held in trust for the donors. It is not revenue of the UNESCO Institute for "
              "Lifelong Learning."),
        letter.entry_hash,
        letter.seal.head,
        letter.verification,
    ):  # fmt: skip
        assert " ".join(said.split()) in told


def test_it_says_which_instalments_it_settles_and_what_is_to_come(instalments: Book) -> None:
    told = read(drawn(instalments, "C2"))
    assert "EUR 100.00 of instalment 1 of 3: EUR 600.00, due on 10 November 2021" in told
    assert "EUR 200.00 of instalment 2 of 3: EUR 400.00, due on 1 March 2022" in told
    assert "EUR 200.00, due on 1 March 2022" in told.partition("Still to come")[2]
    assert "EUR 86.00, once this is met: the report is accepted" in told


def test_what_was_not_known_yet_is_left_out(instalments: Book) -> None:
    first = drawn(instalments, "C1").entry
    what = drawn(instalments, "C1", known_at=first).what
    assert isinstance(what, MoneyReceipt)
    assert [due.outstanding.minor for due in what.to_come] == [100_00, 400_00, 86_00]


def test_an_agreement_that_comes_at_once_has_no_instalments(book: Book) -> None:
    tell(
        book,
        agreement("A1"),
        contribution("C1", "A1", "USD", 4_000_00),
        contribution("C2", "A1", "USD", 6_000_00),
    )
    told = read(drawn(book, "C2"))
    assert "USD 6,000.00 of the USD 10,000.00 agreed" in told
    assert "Nothing: all that was agreed has arrived" in told
    assert "instalment" not in told


def test_many_instalments_to_come_share_a_line(book: Book) -> None:
    parts = [(date(2022, month, 1), 10_00, "") for month in range(1, 11)]
    tell(book, in_parts(*parts), contribution("C1", "A1", "EUR", 10_00, DEC))
    told = read(drawn(book, "C1"))
    assert "EUR 50.00 in 5 more instalments, the last due on 1 October 2022" in told


def test_one_instalment_more_is_named_by_itself(book: Book) -> None:
    parts = [(date(2022, month, 1), 10_00, "") for month in range(1, 7)]
    tell(book, in_parts(*parts), contribution("C1", "A1", "EUR", 10_00, DEC))
    told = read(drawn(book, "C1"))
    assert "EUR 10.00, due on 1 June 2022" in told
    assert "more instalments" not in told


def test_a_gift_in_dollars_has_neither_rate_nor_agreement(book: Book) -> None:
    tell(book, gift("G-1", 40_00))
    told = read(drawn(book, "G-1"))
    assert "40,00 $US" in told
    assert "Sous forme de don, sans accord" in told
    assert "pour un dollar" not in told
    assert "Reste à recevoir" not in told


def test_money_identified_later_has_the_rate_of_the_day_it_arrived(book: Book) -> None:
    received = UnidentifiedReceived(
        on=NOV, reference="R-1", term=TERM, bank_account="EUR1", amount=money("EUR", 86_00)
    )
    better = RatesPublished(on=date(2021, 11, 5), rates={"EUR": "0.9"}, source="told too late")
    tell(book, received, better, ReceiptIdentified(on=LATER, receipt="R-1", donor="CITY"))
    letter = drawn(book, "R-1")
    assert (letter.received_on, letter.usd) == (NOV, 100_00)
    assert letter.rate is not None
    assert (letter.rate.rate, letter.rate.source) == ("0.86", "example")


def test_goods_and_services_have_a_value_and_its_basis(book: Book) -> None:
    lent = ServiceReceived(
        on=DEC, code="S-1", agreement="A1", description="An officer", form="secondment", months=3,
        monthly=money("EUR", 880_00), value=money("EUR", 2_640_00), basis="payroll", evidence=PROOF,
    )  # fmt: skip
    with book.recording() as journal:
        attach(journal.books, PAYROLL)
    tell(book, agreement("A1"), goods("GOODS", PROOF), lent)
    things, officer = read(drawn(book, "GOODS")), read(drawn(book, "S-1"))
    for told, *said in (
        (
            things,
            "US$10,000.00",
            "Goods – Thirty laptops",
            "invoice",
            "payroll.pdf",
            "goods are held in trust",
        ),
        (officer, "US$3,000.00", "Secondment of staff – An officer", "3 months at EUR 880.00 a month"),
        (officer, "The accounts of the fund disclose this service"),
    ):
        assert "Receipt for a contribution in kind" in told
        assert [each for each in said if each not in told] == []


# ---- whom it is for


def test_the_contact_is_in_the_letter_and_nowhere_else(book: Book) -> None:
    tell(book, gift("G-1", 40_00, "EUR"))
    before = drawn(book, "G-1")
    address = "1 Example Street\n99999 Exampletown"
    set_contact(book, Contact("FOUND", "A. Example Contact", "officer", "", "", ""), MAKER)
    set_contact(book, Contact("FOUND", "B. Example Contact", "officer", "", "", address), MAKER)
    after = drawn(book, "G-1")
    assert replace(after, recipient=before.recipient) == before
    told = read(after)
    assert "À l’attention de B. Example Contact 1 Example Street 99999 Exampletown" in told
    assert "A. Example Contact" in read(drawn(book, "G-1", contact="A. Example Contact"))
    kept = {
        table for table, rows in dump(file_of(book)).items() if any("Example Contact" in row for row in rows)
    }
    assert kept == {"contact"}
    with pytest.raises(NotFound, match="has no contact 'Nobody'"):
        drawn(book, "G-1", contact="Nobody")


def test_characters_without_a_glyph_are_named(book: Book) -> None:
    donor = DonorRegistered(on=NOV, code="FAR", name="กข 北京 Example", type="city", country="CHN")
    tell(book, donor, gift("G-1", 1_00).model_copy(update={"donor": "FAR"}), gift("G-2", 1_00))
    told = read(drawn(book, "G-1"))
    assert "[U+0E01][U+0E02] 北京 Example" in told
    assert "cannot print 2 of the characters in the names above" in told
    assert "U+0E01 THAI CHARACTER KO KAI, U+0E02 THAI CHARACTER KHO KHAI" in told
    assert "Unicode" not in read(drawn(book, "G-2"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_names_stay_on_the_page(instalments: Book, language: str) -> None:
    letter = drawn(instalments, "C2", language=language)
    name, contact = "Département " * 24 + "END", "Contact " * 24 + "END"
    street = "x" * 240 + "END"
    long = replace(
        letter,
        recipient=replace(letter.recipient, donor_name=name, contact=contact, address=(street, street)),
        earmark="cities; " * 90 + "END",
    )
    assert read(long).replace(" ", "").count("END") == 5
    assert letter.verification in read(long)


# ---- the same for ever


def test_the_same_letter_is_the_same_bytes_whatever_came_since(instalments: Book) -> None:
    with instalments.reading() as books:
        then = head(books).seq
    before = drawn(instalments, "C1")
    tell(instalments, contribution("C3", "A1", "EUR", 200_00, DEC))
    assert render_letter(drawn(instalments, "C1", known_at=then)) == render_letter(before)
    now = drawn(instalments, "C1")
    assert render_letter(now) != render_letter(before)
    assert now.verification != before.verification
    assert HEAD_DAY in read(before)


@pytest.mark.parametrize(
    ("reference", "asked", "error", "sentence"),
    [
        ("NONE", {}, NotFound, "There is no contribution 'NONE'"),
        ("C1", {"bank_account": "USD1"}, NotFound, "There is no contribution 'C1'"),
        ("C2", {"known_at": 2}, NotFound, "There is no contribution 'C2'"),
        ("C1", {"known_at": 999}, NotFound, "There is no entry 999"),
        ("C1", {"language": "de"}, BadInput, "Reports are not written in 'de'"),
    ],
)
def test_a_letter_that_cannot_be_is_not_rendered(
    instalments: Book, reference: str, asked: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        drawn(instalments, reference, **asked)


def test_money_that_was_reversed_is_not_confirmed_any_more(book: Book) -> None:
    (received,) = tell(book, gift("R-1", 500_00))
    (back,) = tell(book, EntryReversed(on=LATER, entry=received.seq, reason="not ours"))
    assert drawn(book, "R-1", known_at=received.seq).amount == money("USD", 500_00)
    for bank_account in ("", "USD1"):
        with pytest.raises(NotFound, match=f"contribution 'R-1' was taken back by entry {back.seq}"):
            drawn(book, "R-1", bank_account=bank_account)
    with pytest.raises(NotFound, match="There is no contribution 'R-1'"):
        drawn(book, "R-1", bank_account="EUR1")


def test_goods_that_were_reversed_are_not_confirmed_any_more(book: Book, tmp_path: Path) -> None:
    came = goods("LAPTOPS", advice(book, tmp_path))
    (_, received) = tell(book, agreement("A1"), came)
    (back,) = tell(book, EntryReversed(on=LATER, entry=received.seq, reason="never delivered"))
    assert drawn(book, "LAPTOPS", known_at=received.seq).reference == "LAPTOPS"
    because = f"The contribution in kind 'LAPTOPS' was taken back by entry {back.seq}"
    with pytest.raises(NotFound, match=because):
        drawn(book, "LAPTOPS")
    with pytest.raises(NotFound, match=because):
        tell(book, GoodsUsed(on=LATER, reference="U-1", goods="LAPTOPS", activity="T-1", value=1))
    with pytest.raises(NotFound, match="There is no contribution 'LAPTOPS'"):
        drawn(book, "LAPTOPS", bank_account="USD1")


def test_money_of_unknown_origin_has_no_letter_until_it_is_identified(book: Book) -> None:
    came = UnidentifiedReceived(
        on=NOV, reference="N-1", term=TERM, bank_account="USD1", amount=money("USD", 60_00)
    )
    tell(book, came)
    with pytest.raises(NotFound, match="identified yet is in a list of its own"):
        drawn(book, "N-1")
    tell(book, ReceiptIdentified(on=LATER, receipt="N-1", donor="CITY"))
    assert drawn(book, "N-1").received_on == NOV


def test_amounts_have_the_decimals_of_their_currency(book: Book) -> None:
    tell(
        book,
        RatesPublished(on=date(2021, 11, 2), rates={"KWD": "0.3021"}, source="example"),
        BankAccountOpened(on=NOV, code="KWD1", name="KWD account", currency="KWD"),
        agreement("A5", amount=money("KWD", 5_000_123)),
        contribution("K-1", "A5", "KWD", 1_234_567),
        agreement("A6", amount=money("KRW", 60_000_000)),
        contribution("K-2", "A6", "KRW", 30_000_001),
    )
    assert "1.234,567 KWD de un importe acordado de 5.000,123 KWD" in read(drawn(book, "K-1", language="es"))
    in_french = read(drawn(book, "K-2", language="fr"))
    assert "30 000 001 KRW sur un montant convenu de 60 000 000 KRW" in in_french


def test_the_command_writes_the_letter_in_the_donors_language(book: Book, tmp_path: Path) -> None:
    tell(book, gift("G-1", 40_00))
    out = tmp_path / "letter.pdf"
    command = ["contribution", "letter", "G-1", "--out", str(out), "--json"]
    run = CliRunner(env={"MDFM_BOOK": file_of(book)}).invoke(app, command)
    assert run.exit_code == 0, run.output
    letter = drawn(book, "G-1")
    assert letter.language == "fr"
    assert json.loads(run.stdout) == {"file": str(out), "id": letter.id, "verification": letter.verification}
    assert out.read_bytes() == render_letter(letter)
