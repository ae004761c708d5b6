"""Bank files: four files of one month read alike, recorded once, reconciled; whatever is wrong is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donors import (
    BankLine,
    BankStatement,
    ColumnMap,
    ConditionMet,
    ContributionReceived,
    Instalment,
    read_column_map,
    read_statements,
    statement_of_account,
)
from donors.bank.camt import read_camt
from donors.bank.csv_statement import read_bank_csv
from donors.bank.mt940 import read_mt940
from donors.bank.owed import Part
from donors.bank.reading import owed
from donors.bank.statement import FILE_BYTES_MAX, join_statements, parse_minor, reference_code
from ledger import BadInput, Book, Proposal
from mdfm.api import BankFiles, open_fund
from mdfm.example.story import example_file
from tests.mdfm.cli.test_cli import Desk
from tests.support.example_demo import Demo
from tests.support.place import ROOT
from tests.support.small_books import LATER, agreement, contribution, money, tell
from tests.support.versions.generations import before_there_was

FOLDER = example_file("bank")
OLD, NEW, MT940, CSV = (
    FOLDER / name
    for name in ("camt.053.001.02.xml", "camt.053.001.08.xml", "statement.mt940", "statement.csv")
)
MAP = FOLDER / "map.toml"
COLUMNS = read_column_map(MAP)
READERS: dict[Path, Callable[[bytes], list[BankStatement]]] = {
    OLD: read_camt,
    NEW: read_camt,
    MT940: read_mt940,
    CSV: lambda content: read_bank_csv(content, COLUMNS),
}
TO = ("--bank", "BANK-EUR")
ALL = ("--record", "--rest-unidentified", "--term", "2021-2023")


def refused(read: Callable[[], object]) -> str:
    """The sentence of a refusal."""
    with pytest.raises(BadInput) as error:
        read()
    assert "\n" not in str(error.value)
    return str(error.value)


def changed(path: Path, old: str, new: str) -> bytes:
    """The file with one text replaced, which must be there."""
    content = path.read_bytes()
    assert old.encode() in content
    return content.replace(old.encode(), new.encode())


# ---- what is read


@pytest.mark.parametrize("path", READERS)
def test_each_format_says_the_same_of_the_month(path: Path) -> None:
    (read,) = READERS[path](path.read_bytes())
    assert (read.account, read.currency, read.closed_on) == (
        "DE89370400440532013000",
        "EUR",
        date(2023, 1, 31),
    )
    assert (read.opening, read.closing) == (185_000_00, 219_181_50)
    assert [(line.reference, line.booked_on.day, line.value_on.day, line.minor) for line in read.lines] == [
        ("EX230112000017", 12, 12, 20_000_00),
        ("EX230116000094", 16, 16, 4_200_00),
        ("EX230120000033", 20, 20, 10_000_00),
        ("EX230131000002", 31, 31, -18_50),
    ]
    first = read.lines[0]
    assert "A-GOV-A" in first.remittance
    assert (first.end_to_end, first.counterparty_account) == ("GOVA-2023-001", "FR1420041010050500013M02606")


def test_versions_02_and_08_of_camt_are_read_as_one_and_the_same() -> None:
    (joined,) = read_statements([OLD, NEW])
    assert [joined] == read_camt(OLD.read_bytes()) == read_camt(NEW.read_bytes())


def test_between_them_every_version_is_read_and_outside_none() -> None:
    for version in ("03", "04", "05", "06", "07"):
        assert read_camt(changed(NEW, "camt.053.001.08", f"camt.053.001.{version}"))
    for name in ("camt.053.001.01", "camt.053.001.09", "camt.052.001.08", "pain.001.001.03"):
        other = changed(NEW, "camt.053.001.08", name)
        assert "no camt.053 of version 02 to 08" in refused(partial(read_camt, other))


def test_pending_entries_of_camt_are_no_movements() -> None:
    pending = changed(OLD, "<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>").replace(b"219181.50", b"185000.00")
    assert read_camt(pending)[0].lines == ()


def test_a_batch_in_camt_is_read_transaction_by_transaction() -> None:
    text = NEW.read_text("utf-8")
    (parts,) = re.findall(r" *<TxDtls>.*?GOVA-2023-001.*?</TxDtls>\n", text, re.DOTALL)
    halves = "".join(
        parts.replace("20000.00", amount).replace("<Refs>", f"<Refs><AcctSvcrRef>{name}</AcctSvcrRef>")
        for amount, name in (("15000.00", "P/1"), ("5000.00", "P/2"))
    )
    (read,) = read_camt(text.replace(parts, halves).encode())
    assert [(line.reference, line.minor) for line in read.lines[:2]] == [
        ("P-1", 15_000_00),
        ("P-2", 5_000_00),
    ]
    whole = text.replace(parts, halves.replace(">5000.00", ">4000.00"))
    first = read_camt(whole.encode())[0].lines[0]
    assert (first.minor, first.payments) == (20_000_00, 2)


def with_details(told: str) -> bytes:
    """The file in camt with other details of its first entry."""
    text = NEW.read_text("utf-8")
    return re.sub(
        "<NtryDtls>.*?</NtryDtls>", f"<NtryDtls>{told}</NtryDtls>", text, count=1, flags=re.S
    ).encode()


@pytest.mark.parametrize(
    "details",
    [
        "<TxDtls>{who}</TxDtls><TxDtls>{who}</TxDtls>",
        "<TxDtls><Amt Ccy='EUR'>20000.00</Amt>{who}</TxDtls><TxDtls/>",
        "<TxDtls><Amt Ccy='USD'>10000.00</Amt>{who}</TxDtls><TxDtls><Amt Ccy='EUR'>10000.00</Amt></TxDtls>",
        "<Btch><NbOfTxs>25</NbOfTxs></Btch>",
        "<Btch><NbOfTxs>2</NbOfTxs></Btch><TxDtls><Amt Ccy='EUR'>20000.00</Amt>{who}</TxDtls>",
    ],
)
def test_a_batch_that_does_not_list_its_transactions_is_no_payment_of_a_donor(details: str) -> None:
    """The first of its payers and its texts may not stand for the others'."""
    told = details.format(who="<RmtInf><Ustrd>A-GOV-A</Ustrd></RmtInf>")
    first = read_camt(with_details(told))[0].lines[0]
    assert first.minor == 20_000_00
    assert first.payments > 1
    assert (first.counterparty, first.remittance) == ("", "")


def test_a_batch_in_camt_may_have_parts_that_leave() -> None:
    parts = "".join(
        f"<TxDtls><Amt Ccy='EUR'>{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd></TxDtls>"
        for amount, way in (("20015.00", "CRDT"), ("15.00", "DBIT"))
    )
    assert [line.minor for line in read_camt(with_details(parts))[0].lines[:2]] == [20_015_00, -15_00]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Sts><Cd>BOOK</Cd></Sts>", "<RvslInd>true</RvslInd><Sts><Cd>BOOK</Cd></Sts>"),
        ("<RmtInf>", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf><RmtInf>"),
    ],
)
def test_what_comes_back_in_camt_is_marked_and_names_the_other_party(old: str, new: str) -> None:
    (read,) = read_camt(changed(NEW, old, new).replace(b"<Dbtr>", b"<Cdtr>").replace(b"</Dbtr>", b"</Cdtr>"))
    assert [line.minor for line in read.lines][:3] == [20_000_00, 4_200_00, 10_000_00]
    assert all(line.reverses for line in read.lines[:3])
    assert read.lines[1].counterparty == "Example Friends of Learning"
    (same,) = read_camt(changed(NEW, old, new.replace("true", "false").replace("RtrInf", "Tax")))
    assert not any(line.reverses for line in same.lines)


def test_mt940_signs_reversals_and_drops_fields_about_the_whole_statement() -> None:
    reversed_credit = changed(MT940, "D18,50", "RC18,50")
    last = read_mt940(reversed_credit)[0].lines[-1]
    assert (last.minor, last.reverses) == (-18_50, True)
    assert not any(line.reverses for line in read_mt940(MT940.read_bytes())[0].lines)
    assert "BOOKED BALANCE" not in read_mt940(MT940.read_bytes())[0].lines[-1].remittance


def test_mt940_is_read_with_any_line_ends_and_without_the_code_of_the_business() -> None:
    content = MT940.read_bytes()
    for ends in (b"\r\n", b"\r"):
        assert read_mt940(content.replace(b"\n", ends)) == read_mt940(content)
    swiss = re.sub(rb"^:86:\d{3}\?", b":86:?", content, flags=re.MULTILINE)
    assert read_mt940(swiss) == read_mt940(content)


def test_mt940_in_the_structure_of_the_benelux_has_payer_and_reference() -> None:
    details = (
        "/TRTP/SEPA OVERBOEKING/IBAN/NL08ABNA9999999999/BIC/ABNANL2A/NAME/STI\n"
        "CHTING VOORBEELD/REMI/TERMIJN 2 A-GOV-\nA/EREF/2023-77"
    )
    told = re.sub(
        rb":86:166.*?(?=\n:61:)", f":86:{details}".encode(), MT940.read_bytes(), count=1, flags=re.S
    )
    first = read_mt940(told)[0].lines[0]
    assert (first.counterparty, first.counterparty_account) == ("STICHTING VOORBEELD", "NL08ABNA9999999999")
    assert (first.remittance, first.end_to_end) == ("TERMIJN 2 A-GOV-A", "2023-77")
    plain = read_mt940(told.replace(b"/TRTP/", b"TRTP/"))[0].lines[0]
    assert (plain.counterparty, plain.end_to_end) == ("", "")


def test_mt940_text_that_is_the_name_of_a_file_opens_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ":20:X").write_bytes(MT940.read_bytes())
    assert "no opening balance" not in MT940.read_text()
    assert "the account is not named" in refused(lambda: read_mt940(b":20:X"))


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("-1.234,50", -1_234_50),
        ("1234,5-", -1_234_50),
        ("+1’234,50", 1_234_50),
        ("1 234", 1_234_00),
        ("1\u202f234,50", 1_234_50),
        ("\u2212 1.234,50", -1_234_50),
        ("(1.234,50)", -1_234_50),
        ("1.234,50 DR", -1_234_50),
        ("1.234,50Cr.", 1_234_50),
    ],
)
def test_csv_amounts_are_read_as_banks_write_them(written: str, minor: int) -> None:
    told = ColumnMap.model_validate(
        {
            "delimiter": ";",
            "decimal": ",",
            "account": "X",
            "currency": "EUR",
            "columns": {"booked_on": "D", "amount": "A"},
        }
    )
    (read,) = read_bank_csv(f"\ufeffD;A\n2022-01-03;{written}\n".encode(), told)
    assert [line.minor for line in read.lines] == [minor]


def told_by(direction: str | None = None, **more: object) -> ColumnMap:
    """A map of columns for a file with semicolons, of an account in euros."""
    columns = {"booked_on": "D", "amount": "A", "balance": "B", "direction": direction}
    return ColumnMap.model_validate(
        {"delimiter": ";", "account": "X", "currency": "EUR", "columns": columns} | more
    )


@pytest.mark.parametrize("written", ["-(5)", "(5", "5)", "--5", "5 DR-", "DR", "()", "-5 CR"])
def test_csv_amounts_with_two_signs_or_half_of_one_are_refused(written: str) -> None:
    assert "is not an amount" in refused(
        lambda: read_bank_csv(f"D;A;B\n2022-01-03;{written};\n".encode(), told_by())
    )


def test_csv_may_have_totals_and_notes_below_the_last_movement() -> None:
    text = "Bank\n\nD;A;B\n2022-01-03;5;105\n\n2022-01-04;6;111\nTotal;11\n\nNo liability.\n"
    (read,) = read_bank_csv(text.encode(), told_by(skip_lines=2, skip_last_rows=2))
    assert (read.opening, [line.minor for line in read.lines], read.closing) == (100_00, [5_00, 6_00], 111_00)
    assert [line.place for line in read.lines] == ["line 4", "line 6"]
    sentence = refused(lambda: read_bank_csv(text.encode(), told_by(skip_lines=2)))
    assert sentence == (
        "line 7: there are 2 columns, and 3 in the heading: if it is below the last movement, name it in "
        "skip_last_rows."
    )
    assert "no line in this file" in refused(
        lambda: read_bank_csv(b"D;A;B\nTotal;0\n", told_by(skip_last_rows=2))
    )


def test_csv_rows_may_all_end_with_a_delimiter() -> None:
    (read,) = read_bank_csv(b"D;A;B\r2022-01-03;5;105;\r2022-01-04;6;111;\r", told_by())
    assert (read.opening, read.closing) == (100_00, 111_00)
    for rows in ("2022-01-03;5;105;\n2022-01-04;6;111\n", "2022-01-03;5;105\n2022-01-04;6;111;\n"):
        assert "line 3: there are" in refused(partial(read_bank_csv, f"D;A;B\n{rows}".encode(), told_by()))


def test_csv_balances_may_stand_on_the_last_line_of_a_day_only() -> None:
    text = "D;A;B\n2022-01-03;5;\n2022-01-03;-2;103\n2022-01-04;6;\n2022-01-04;1;110\n"
    (read,) = read_bank_csv(text.encode(), told_by())
    assert (read.opening, read.closing) == (100_00, 110_00)
    wrong = text.replace("110", "111").encode()
    assert "line 5: the balance does not follow from that of line 3" in refused(
        lambda: read_bank_csv(wrong, told_by())
    )
    (cut,) = read_bank_csv(text.replace("110", "").encode(), told_by())
    assert (cut.opening, cut.closing) == (100_00, None)


def test_csv_may_have_a_column_for_the_direction() -> None:
    told = told_by("W", came="H", left="S")
    (read,) = read_bank_csv(b"D;A;W;B\n2022-01-03;5;H;105\n2022-01-04;6;S;99\n", told)
    assert [line.minor for line in read.lines] == [5_00, -6_00]
    other = refused(lambda: read_bank_csv(b"D;A;W;B\n2022-01-03;5;X;105\n", told))
    assert other == "line 2: column 'W': 'X' is neither 'H' nor 'S'."
    both = refused(lambda: read_bank_csv(b"D;A;W;B\n2022-01-03;-5;S;105\n", told))
    assert "both give the amount a sign" in both


def test_csv_may_have_debit_and_credit_columns_and_name_account_and_currency() -> None:
    columns = {"booked_on": "D", "credit": "In", "debit": "Out", "account": "Acc", "currency": "Cur"}
    told = ColumnMap.model_validate({"columns": columns, "encoding": "utf-16"})
    text = 'D,In,Out,Acc,Cur\n2022-01-03,"1,000.50",,K,KWD\n2022-01-04,,0.125,K,KWD\n\n'
    (read,) = read_bank_csv(text.encode("utf-16"), told)
    assert (read.account, read.currency, read.opening) == ("K", "KWD", None)
    assert [line.minor for line in read.lines] == [1_000_500, -125]


def test_a_line_without_a_reference_gets_one_that_is_the_same_in_every_file() -> None:
    line = BankLine("line 1", "", date(2022, 1, 3), date(2022, 1, 3), 5, "Somebody")
    codes = {reference_code(none, replace(line, place=place)) for none in ("", "NONREF") for place in "ab"}
    assert len(codes) == 1
    assert re.fullmatch(r"X20220103-[0-9a-f]{10}", codes.pop())
    assert reference_code("REF 1/2", line) == "REF-1-2"
    assert len(reference_code("R" * 60, line)) == 40


def test_of_an_account_in_several_currencies_that_of_the_books_is_chosen() -> None:
    (euros,) = read_statements([NEW])
    dollars = replace(euros, currency="USD", lines=(), opening=5, closing=5)
    for iban in ("", euros.account, "de89 3704 0044 0532 0130 00"):
        assert statement_of_account([dollars, euros], iban, "EUR") is euros
    assert "in USD, that of the books in KRW" in refused(
        lambda: statement_of_account([dollars, euros], "", "KRW")
    )
    assert "name one of these accounts" in refused(
        lambda: statement_of_account([euros, replace(euros, account="Z")], "", "EUR")
    )


@pytest.mark.parametrize("columns", [None, COLUMNS])
def test_a_workbook_or_an_archive_is_refused_with_what_to_do(
    tmp_path: Path, columns: ColumnMap | None
) -> None:
    path = tmp_path / "january.zip"
    path.write_bytes(b"PK\x03\x04 and more")
    assert "unpack the archive, or save the workbook as CSV" in refused(
        lambda: read_statements([path], columns)
    )


def test_banks_give_two_lines_one_reference_and_each_gets_its_own() -> None:
    (read,) = read_statements([NEW])
    same = [replace(line, reference="R") for line in read.lines]
    (joined,) = join_statements([replace(read, lines=(*same, *same), closing=253_363_00)])
    names = [line.reference for line in joined.lines]
    assert names[:2] == ["R", "R-20230116"]
    assert len(set(names)) == len(names)


# ---- statements that follow each other


def day(on: int, opening: int | None, *moved: int, opened: int = 0) -> BankStatement:
    """A statement of a day in May 2022."""
    booked = date(2022, 5, on)
    lines = tuple(BankLine(f"line {n}", f"R{on}-{n}", booked, booked, each) for n, each in enumerate(moved))
    closing = None if opening is None else opening + sum(moved)
    return BankStatement("ACC", "EUR", date(2022, 5, opened or on), booked, opening, closing, lines)


@given(
    st.lists(st.lists(st.integers(-5, 5), max_size=3), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_days_in_any_order_make_one_statement(moved: list[list[int]], chance: object) -> None:
    days, stands = [], 100
    for number, each in enumerate(moved, 1):
        days.append(day(number, stands, *each))
        stands += sum(each)
    assert hasattr(chance, "sample")
    (joined,) = join_statements(chance.sample(days, len(days)))
    assert (joined.opening, joined.closing) == (100, stands)
    assert [line.minor for line in joined.lines] == [minor for each in moved for minor in each]


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (day(3, 100, 5), day(3, 100, 6), "disagree about 2022-05-03: one closes with 1.05 EUR"),
        (day(3, 100, 5), day(4, 104, 5), "a statement between them is missing"),
        (day(9, 100, 5, opened=1), day(12, 100, 5, opened=5), "overlap: one is of 2022-05-02 to 2022-05-09"),
        (day(31, 100, 5, 6, opened=1), day(9, 100, 5), "overlap: one is of"),
        (day(3, None, 5), day(4, None, 6), "read one at a time"),
        (day(3, 100, 5, -5), day(3, 100, 7, -7), "both open and close with 1.00 EUR, and have other lines"),
    ],
)
def test_statements_that_do_not_follow_each_other_are_refused(
    first: BankStatement, second: BankStatement, words: str
) -> None:
    assert words in refused(lambda: join_statements([first, second]))


def test_statements_of_one_day_may_follow_each_other() -> None:
    (joined,) = join_statements([day(3, 105, 6), day(3, 100, 5), day(3, 111)])
    assert (joined.opening, joined.closing, len(joined.lines)) == (100, 111, 2)


@given(st.integers(-(10**6), 10**6).filter(bool))
def test_a_statement_that_does_not_add_up_cannot_be_made(off: int) -> None:
    whole = day(3, 100_00, 5)
    assert "does not add up" in refused(lambda: replace(whole, closing=100_05 + off))


# ---- recorded once


def approve_all(desk: Desk) -> int:
    waiting = desk.json("proposal", "list")
    for proposal in waiting:
        desk("proposal", "approve", proposal["id"], "--by", "Ben")
    return sum(proposal.get("proposals", 1) for proposal in waiting)


@pytest.fixture
def desk(demo: Demo, tmp_path: Path) -> Desk:
    """A desk at the demo's book, with the rates of the next months."""
    desk = Desk(tmp_path, demo.copy(tmp_path / "mdfm.book"))
    desk("rate", "import", example_file("rates.csv"))
    approve_all(desk)
    return desk


def verdicts(desk: Desk, path: Path, *words: object) -> list[str]:
    read = desk.json("bank", "read", path, *TO, *words)
    return [match["verdict"] for match in read["matches"]]


def test_a_file_is_read_shown_and_recorded_once_in_whatever_format_it_comes_again(desk: Desk) -> None:
    before = desk.last()
    assert verdicts(desk, OLD) == ["sure", "unknown", "doubtful", "payment out"]
    assert "The text names A-GOV-A, the payer is GOV-A" in desk("bank", "read", OLD, *TO).stdout
    assert desk.last() == before
    made = desk.json("bank", "read", OLD, *TO, *ALL)
    assert [each["kind"] for each in made] == ["contribution received", *["unidentified money received"] * 2]
    assert verdicts(desk, NEW) == ["proposed", "proposed", "proposed", "payment out"]
    assert desk.json("bank", "read", NEW, *TO, *ALL) == []
    assert desk("bank", "read", NEW, *TO, *ALL).stderr == (
        "Lines: 1 payment out, 3 proposed. "
        "All 3 lines with money that came are already booked or proposed: nothing is recorded.\n"
    )
    assert approve_all(desk) == 3
    after = desk.last()
    for path, more in ((OLD, ()), (NEW, ()), (MT940, ()), (CSV, ("--map", MAP))):
        assert desk.json("bank", "read", path, *TO, *more, *ALL) == []
        again = desk("bank", "read", path, *TO, *more)
        assert "Already booked: entry" in again.stdout
        assert again.stderr == (
            "Lines: 3 booked, 1 payment out. "
            "All 3 lines with money that came are already booked: nothing is recorded.\n"
        )
    assert desk.json("proposal", "list") == []
    assert desk.last() == after == before + 3
    payload = desk.json("entry", "show", after)["payload"]
    assert payload["evidence"][0]["name"] == OLD.name


def test_a_file_that_an_older_program_read_is_recorded_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = BankFiles("BANK-EUR", [OLD])
    with open_fund(desk.book) as fund:
        reading = fund.bank.read(files)
        with monkeypatch.context() as before:
            before_there_was("donor", ContributionReceived, before)
            (waits,) = fund.bank.record(reading, files, by="Ana")
        assert isinstance(waits, Proposal)
        assert fund.bank.record(reading, files, by="Ana") == [waits]
        (entry,) = fund.proposals.approve(waits.id, by="Ben")
        assert fund.bank.record(reading, files, by="Ana") == [entry]
        assert fund.bank.record(fund.bank.read(files), files, by="Ana") == []


def test_an_unidentified_transfer_is_identified_three_weeks_later(desk: Desk) -> None:
    desk("bank", "read", NEW, *TO, *ALL)
    approve_all(desk)
    waiting = [each["reference"] for each in desk.json("contribution", "unidentified-list")]
    assert waiting == ["EX230116000094", "EX230120000033"]
    desk.approved(
        "contribution", "identify", "EX230120000033", "--agreement", "A-GOV-A", "--on", "2023-02-10"
    )
    desk.approved("contribution", "identify", "EX230116000094", "--donor", "FOUND-A", "--on", "2023-02-10")
    assert desk.json("contribution", "unidentified-list") == []
    received = {each["reference"]: each["received_on"] for each in desk.json("contribution", "list")}
    assert received["EX230120000033"] == "2023-01-20"
    assert verdicts(desk, NEW) == ["booked", "booked", "booked", "payment out"]


def test_a_line_is_matched_to_the_next_instalment_also_before_its_condition_is_met(desk: Desk) -> None:
    instalments = (
        ("2023-01-05", "8,000.00"),
        ("2023-01-31", "12,000.00 if the first report is accepted"),
        ("2023-06-30", "30,000.00"),
    )
    parts = [word for on, part in instalments for word in ("--instalment", f"{on} {part}")]
    terms = ("--donor", "GOV-A", "--term", "2021-2023", "--from", "2023-01-01", "--to", "2023-10-31")
    desk.approved(
        "agreement", "sign", "A-GOV-I", *terms, "--amount", "EUR 50,000", *parts, "--on", "2023-01-02"
    )
    path = desk.folder / "instalment.xml"
    path.write_bytes(changed(NEW, "A-GOV-A", "A-GOV-I"))
    first = desk.json("bank", "read", path, *TO)["matches"][0]
    assert (first["verdict"], first["agreement"], first["score"]) == ("sure", "A-GOV-I", 100)
    assert first["reason"] == (
        "The text names A-GOV-I, the payer is GOV-A, the amount is instalment 1 of 3 and all up to "
        "instalment 2, due on 2023-01-31, it came 7 days after it is due; it is paid before its condition "
        "is recorded as met: the first report is accepted."
    )
    assert f"EX230112000017: {first['reason']}" in desk("bank", "read", path, *TO, "--record").stderr


def test_what_has_come_of_an_instalment_and_a_condition_that_is_met_are_known(book: Book) -> None:
    parts = (
        Instalment(due_on=date(2021, 11, 30), minor=20_00),
        Instalment(due_on=date(2022, 1, 31), minor=30_00, condition="the first report is accepted"),
        Instalment(due_on=date(2022, 3, 31), minor=50_00),
    )
    tell(book, agreement("A1", amount=money("EUR", 100_00), instalments=parts))
    tell(book, contribution("R-1", "A1", "EUR", 25_00))
    with book.reading() as books:
        (before,) = owed(books)
    assert before.amount == money("EUR", 75_00)
    assert before.parts == (
        Part(2, 3, date(2022, 1, 31), 25_00, begun=True, waits_for="the first report is accepted"),
        Part(3, 3, date(2022, 3, 31), 50_00),
    )
    tell(book, ConditionMet(on=LATER, agreement="A1", instalment=2))
    with book.reading() as books:
        (after,) = owed(books)
    assert after.parts[0] == Part(2, 3, LATER, 25_00, begun=True)


def test_the_bank_and_the_books_are_compared_to_the_cent(desk: Desk) -> None:
    told = desk.json("bank", "reconcile", NEW, *TO, code=1)
    assert (told["opening_difference"], told["difference"]) == (0, -34_181_50)
    desk("bank", "read", NEW, *TO, *ALL)
    approve_all(desk)
    shown = desk("bank", "reconcile", NEW, *TO, code=1)
    assert "EX230131000002  -18.50 EUR" in shown.stdout
    assert shown.stderr.startswith("The books less the bank: 18.50 EUR on 2023-01-31")
    charge = ("--bank", "BANK-EUR", "--amount", "EUR 18.50", "--term", "2021-2023", "--on", "2023-01-31")
    desk.approved("bank", "charge", "FEES-2023-01", *charge)
    for path, more in ((OLD, ()), (NEW, ()), (MT940, ()), (CSV, ("--map", MAP))):
        told = desk.json("bank", "reconcile", path, *TO, *more)
        assert (told["difference"], told["only_in_file"], told["only_in_books"]) == (0, [], [])
        assert len(told["pairs"]) == 4


def test_an_entry_that_the_bank_does_not_have_is_named(desk: Desk) -> None:
    gift = ("--bank", "BANK-EUR", "--amount", "EUR 7", "--donor", "FOUND-A", "--term", "2021-2023")
    entry = desk.approved("contribution", "receive", "WISH-1", *gift, "--on", "2023-01-25")["seq"]
    told = desk.json("bank", "reconcile", NEW, *TO, code=1)
    assert [(each["entry"], each["reference"], each["minor"]) for each in told["only_in_books"]] == [
        (entry, "WISH-1", 7_00)
    ]
    assert "In the books and not in the file" in desk("bank", "reconcile", NEW, *TO, code=1).stdout


def test_money_recorded_by_hand_under_another_reference_is_asked_about_and_not_recorded(desk: Desk) -> None:
    by_hand = ("--bank", "BANK-EUR", "--amount", "EUR 20,000", "--agreement", "A-GOV-A", "--on", "2023-01-13")
    desk.approved("contribution", "receive", "R-2023-001", *by_hand)
    assert verdicts(desk, NEW)[0] == "perhaps booked"
    recorded = desk.json("bank", "read", NEW, *TO, *ALL)
    assert {each["payload"]["reference"] for each in recorded} == {"EX230116000094", "EX230120000033"}


def test_a_file_that_contradicts_the_books_is_refused_whole_until_the_line_is_left_out(desk: Desk) -> None:
    other = ("--bank", "BANK-EUR", "--amount", "EUR 4,000", "--donor", "FOUND-A", "--term", "2021-2023")
    desk.approved("contribution", "receive", "EX230116000094", *other, "--on", "2023-01-16")
    before = desk.last()
    sentence = desk.refused("bank", "read", NEW, *TO, *ALL)
    assert sentence.startswith(
        f"{NEW}: line 50: Ntry: EX230116000094 of 2023-01-16: The books have another amount"
    )
    assert (desk.last(), desk.json("proposal", "list")) == (before, [])
    assert len(desk.json("bank", "read", NEW, *TO, *ALL, "--leave-out", "EX230116000094")) == 2


def test_bad_options_are_refused_with_the_reason(desk: Desk) -> None:
    assert "go together" in desk.refused("bank", "read", NEW, *TO, "--term", "2021-2023")
    assert "There is no bank account 'NONE'" in desk.refused("bank", "read", NEW, "--bank", "NONE")
    assert "in EUR, that of the books in USD" in desk.refused("bank", "read", NEW, "--bank", "BANK-USD")
    assert "with --iban" in desk.refused("bank", "read", NEW, *TO, "--iban", "FR00")
    assert "name its map of columns" in desk.refused("bank", "read", CSV, *TO)
    assert "No line of the file has the reference Z" in desk.refused(
        "bank", "read", NEW, *TO, *ALL, "--leave-out", "Z"
    )
    assert "cannot be read" in desk.refused("bank", "reconcile", desk.folder / "none.xml", *TO)
    plain = desk.file("plain.toml", MAP.read_text().replace('balance = "Saldo"\n', ""))
    assert "gives no balances" in desk.refused("bank", "reconcile", CSV, "--map", plain, *TO)


def test_nothing_of_a_file_that_is_cut_off_is_recorded(desk: Desk) -> None:
    before = desk.last()
    for path in (OLD, NEW, MT940):
        half = desk.folder / path.name
        half.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
        assert str(half) in desk.refused("bank", "read", half, *TO, *ALL)
    assert (desk.last(), desk.json("proposal", "list")) == (before, [])


# ---- what is wrong in a file is named


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        (OLD, "20000.00", "20000.01", "does not add up: it opens with 185,000.00 EUR"),
        (OLD, "20000.00", "20,000.00", "line 30: Amt: '20,000.00' is not an amount of EUR"),
        (OLD, "20000.00", "20000.001", "line 30: Amt: '20000.001' is not an amount of EUR"),
        (OLD, "20000.00", "-20000.00", "is not an amount of EUR"),
        (OLD, "20000.00", "9" * 18, "more than a bank account can hold"),
        (OLD, '<Amt Ccy="EUR">20000.00', '<Amt Ccy="USD">20000.00', "it is in USD, and the account in EUR"),
        (OLD, "2023-01-12", "2023-02-30", "line 33: BookgDt: '2023-02-30' is not a day"),
        (OLD, "OPBD", "XXXX", "no opening balance (OPBD)"),
        (OLD, "CLBD", "XXXX", "no closing balance (CLBD)"),
        (OLD, "CRDT", "CR", "'CR' is neither CRDT nor DBIT"),
        (OLD, "<IBAN>DE89370400440532013000</IBAN>", "", "no account (Acct/Id)"),
        (OLD, "<Stmt>", "<Rpt>", "this is no whole XML file"),
        (OLD, "UTF-8", "UTF-16", "this is no whole XML file"),
        (OLD, "è", "\x01", "this is no whole XML file"),
        (MT940, ":62F:", ":99:", "no closing balance"),
        (MT940, ":60F:", ":65:", "no opening balance"),
        (
            MT940,
            "C20000,00",
            "C20000,01",
            "statement 1: The statement of DE89370400440532013000 of 2023-01-31",
        ),
        (MT940, "C20000,00", "C20000,001", "line 1: :61:: '20000.001' is not an amount of EUR"),
        (MT940, "C20000,00", "C2,0000,00", "cannot be read as MT940"),
        (MT940, ":61:230112", ":61:231312", "cannot be read as MT940"),
        (MT940, ":25:DE89370400440532013000", ":25:", "the account is not named"),
        (MT940, "CHARGES", "CHAR\x00ES", "there is a control character"),
        (MT940, "EUR219181", "USD219181", "it opens in EUR and closes in USD"),
        (CSV, "10.000,00;", "10,000.00;", "line 5: column 'Betrag': '10,000.00' is not an amount"),
        (CSV, "10.000,00;", "10.000,01;", "line 5: the balance does not follow from that of line 6"),
        (CSV, "20.01.2023;20", "2023-01-20;20", "line 5: column 'Buchungstag': '2023-01-20' is not a day"),
        (CSV, "Betrag", "Umsatz", "line 3: the column 'Betrag' (amount) is not there"),
        (CSV, "Saldo", "Betrag", "the column 'Betrag' (amount) is there more than once"),
        (CSV, ";10.000,00;", ";10.000,00;;", "line 5: there are 10 columns, and 9 in the heading"),
        (CSV, '"Donation', '"Dona"tion', "line 6: this is no CSV"),
        (CSV, '"Donation', "\0Donation", "zero bytes"),
        (CSV, "20.01.2023", "11.01.2023", "the lines must go from old to new"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(path: Path, old: str, new: str, words: str) -> None:
    assert words in refused(lambda: READERS[path](changed(path, old, new)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('amount = "Betrag"', "", "name the column of the amount, or those of credit and debit"),
        ('amount = "Betrag"', 'amount = "Betrag"\ncredit = "Haben"', "name the column of the amount"),
        ('currency = "EUR"', 'currency = "EUR"\ncame = "H"', "came and left go together: give all three"),
        ('amount = "Betrag"', 'credit = "H"\ndebit = "S"\ndirection = "W"', "goes with that of the amount"),
        ('currency = "EUR"', "", "give the currency, or the column that names it"),
        ("cp1252", "klingon", "'klingon' is no encoding"),
        ('decimal = ","', 'decimal = ";"', "decimal: "),
        ('decimal = ","', 'decimals = ","', "decimals: "),
        ("[columns]", "[columns", "is not a TOML file"),
    ],
)
def test_what_is_wrong_in_a_map_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "map.toml"
    path.write_bytes(changed(MAP, old, new))
    sentence = refused(lambda: read_column_map(path))
    assert str(path) in sentence
    assert words in sentence


def test_a_csv_file_in_another_encoding_is_refused() -> None:
    told = COLUMNS.model_copy(update={"encoding": "utf-8"})
    assert "This is no text in utf-8" in refused(lambda: read_bank_csv(CSV.read_bytes(), told))


@pytest.mark.parametrize(("size", "words"), [(0, "is empty"), (FILE_BYTES_MAX + 1, "is larger than 10 MiB")])
def test_a_file_of_no_possible_size_is_refused(tmp_path: Path, size: int, words: str) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(size)
    assert words in refused(lambda: read_statements([path]))


@given(st.integers(0, 10**15), st.sampled_from(["EUR", "KRW", "KWD"]))
def test_amounts_are_read_exactly(minor: int, currency: str) -> None:
    digits = {"EUR": 2, "KRW": 0, "KWD": 3}[currency]
    whole, part = divmod(minor, 10**digits)
    written = f"{whole}.{part:0{digits}d}" if digits else f"{whole}"
    assert parse_minor(written, currency) == minor
    assert parse_minor(f"{written}000" if digits else f"{written}.00", currency) == minor


# ---- what is hostile


def mutations(content: bytes) -> st.SearchStrategy[bytes]:
    """The content with bytes changed, cut out, doubled, put in, or cut off at the end."""
    place = st.integers(0, len(content))
    junk = st.one_of(
        st.binary(min_size=1, max_size=4),
        st.sampled_from(
            [b":61:", b":86:", b":20:", b"<Ntry>", b"</Stmt>", b"&a;", b'"', b";", b"\r\n", b"9" * 30]
        ),
    )

    def put(at: int, length: int, new: bytes) -> Callable[[bytes], bytes]:
        return lambda told: told[:at] + new + told[at + length :]

    changes = st.one_of(
        st.builds(put, place, st.integers(0, 4), junk),
        st.builds(put, place, st.integers(1, 200), st.just(b"")),
        st.builds(lambda at, length: lambda told: told[:at] + told[at - length :], place, place),
        st.builds(lambda at: lambda told: told[:at], place),
    )

    def apply(all_changes: list[Callable[[bytes], bytes]]) -> bytes:
        told = content
        for change in all_changes:
            told = change(told)
        return told

    return st.lists(changes, min_size=1, max_size=4).map(apply)


@pytest.mark.parametrize("path", READERS, ids=lambda path: path.name)
def test_a_mutated_file_is_read_whole_or_refused(path: Path) -> None:
    @given(mutations(path.read_bytes()))
    def check(content: bytes) -> None:
        try:
            join_statements(READERS[path](content))
        except BadInput as error:
            assert len(str(error)) < 1_000

    check()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for read in READERS.values():
        refused(partial(read, content))


DTD = (
    b'<?xml version="1.0"?><!DOCTYPE Document [%s]>'
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">%s</Document>'
)
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))


@pytest.mark.parametrize(
    "content",
    [
        DTD % (b'<!ENTITY l0 "ha">' + LAUGHS, b"&l9;"),
        DTD % (b'<!ENTITY l0 "ha">' + LAUGHS, b'<a b="&l9;"/>'),
        DTD % (b'<!ENTITY x SYSTEM "file:///etc/hostname">', b"&x;"),
        DTD % (b'<!ENTITY %% x SYSTEM "file:///etc/hostname"> %%x;', b""),
        (DTD % (b"", b"")).decode().encode("utf-16"),
        b'<!DOCTYPE Document SYSTEM "http://localhost:9/x.dtd"><Document/>',
    ],
)
def test_entities_and_document_types_are_refused(content: bytes) -> None:
    sentence = refused(lambda: read_camt(content))
    assert "no document type" in sentence or "no whole XML file" in sentence


HOSTILE = """
import resource, sys, time
from pathlib import Path
from donors import read_column_map, read_statements
from ledger import BadInput

MiB = 1024 * 1024
SIZE = 10 * MiB
HEADING = b"".join(Path(sys.argv[3]).read_bytes().splitlines(keepends=True)[:3])
FILES = {
    "deep": b"<a>" * (SIZE // 3),
    "wide": b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>" + b"<a/>" * (SIZE // 4 - 99)
    + b"</Document>",
    "statements": b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt>"
    + b"<Stmt/>" * (SIZE // 7 - 99) + b"</BkToCstmrStmt></Document>",
    "quadratic": b"<!DOCTYPE a [<!ENTITY b '" + b"b" * (5 * MiB) + b"'>]><a c='" + b"&b;" * MiB + b"'/>",
    "fields 20": b":20:\\n" * (SIZE // 5),
    "fields 61": b":20:\\n" + b":61:\\n" * (SIZE // 5 - 9),
    "fields 86": b":20:\\n" + b":86:x\\n" * (SIZE // 6 - 9),
    "fields 99": b":20:\\n" + b":99:x\\n" * (SIZE // 6 - 9),
    "fields in turn": b":20:\\n:61:220101C1,00NTRF\\n"
    + (b":99:x\\n:86:" + b"x" * 60 + b"\\n") * (SIZE // 71 - 9),
    "lines": b":20:\\n:25:A\\n:60F:C220101EUR1,00\\n"
    + b":61:220101C1,00NTRFNONREF//0000000000000000000000000000\\n" * (SIZE // 57 - 9),
    "one field": b":20:\\n:86:" + b"a\\n" * (SIZE // 2 - 9),
    "segments": b":20:\\n:25:A\\n:60F:C220101EUR1,00\\n:61:220101C1,00NTRF\\n:86:166?00"
    + b"?20x\\n" * (SIZE // 5 - 99),
    "one line": b":20:" + b"x" * (SIZE - 9),
    "csv quote": HEADING + b'"' + b"x" * (SIZE - 999),
    "csv rows": HEADING + b"31.01.2023;;;;;;;1,00;1,00\\n" * (SIZE // 27 - 99),
    "csv blanks": HEADING + b";;;;;;;;\\n" * (SIZE // 9 - 99),
}
folder, columns = Path(sys.argv[1]), read_column_map(Path(sys.argv[2]))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 768 * MiB,) * 2)
for name, content in FILES.items():
    assert len(content) <= SIZE, name
    path = folder / "hostile"
    path.write_bytes(content)
    started = time.process_time()
    try:
        read_statements([path], columns if name.startswith("csv") else None)
        raise SystemExit(f"{name} was read")
    except BadInput as error:
        print(f"{name}: {time.process_time() - started:.2f} s: {str(error)[:120]}")
    assert time.process_time() - started < 60, name  # what grows faster than the file takes hours
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the size of a process is read from /proc")
def test_large_hostile_files_are_refused_in_bounded_time_and_memory(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOSTILE, str(tmp_path), str(MAP), str(CSV)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
