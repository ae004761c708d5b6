"""Bank files that nobody has seen: what is written is read alike in each format, what is spoilt refused."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donors import BankLine, BankStatement, ColumnMap, read_column_map, read_statements
from donors.bank.camt import VERSIONS, read_camt
from donors.bank.csv_statement import read_bank_csv
from donors.bank.mt940 import read_mt940
from donors.bank.statement import join_statements
from ledger import BadInput
from mdfm.example.story import example_file
from tests.support.effort import effort
from tests.support.place import ROOT

FOLDER = example_file("bank")
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".toml")
MAP = read_column_map(FOLDER / "map.toml")
LONGEST_SENTENCE = 700

# ---- what is written is read alike

ACCOUNT = "DE89370400440532013000"
DECIMALS = {"EUR": 2, "KRW": 0, "KWD": 3}
COLUMNS = ColumnMap.model_validate(
    {
        "delimiter": ";",
        "account": ACCOUNT,
        "columns": {
            "booked_on": "On",
            "value_on": "Value",
            "amount": "Amount",
            "balance": "Balance",
            "currency": "Currency",
            "reference": "Reference",
            "counterparty": "Who",
            "remittance": "What",
        },
    }
)


def written(minor: int, currency: str, point: str = ".") -> str:
    """An amount without its sign, as banks write it."""
    digits = DECIMALS[currency]
    whole, part = divmod(abs(minor), 10**digits)
    return f"{whole}{point}{part:0{digits}d}" if digits else f"{whole}{'' if point == '.' else point}"


def as_camt(told: BankStatement, version: int) -> bytes:
    """A statement as a camt.053 file."""
    named = "<Pty><Nm>{}</Nm></Pty>" if version == max(VERSIONS) else "<Nm>{}</Nm>"

    def amount(minor: int) -> str:
        sign = "CRDT" if minor >= 0 else "DBIT"
        return (
            f'<Amt Ccy="{told.currency}">{written(minor, told.currency)}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        )

    def balance(type_: str, minor: int | None, on: date) -> str:
        type_ = f"<Tp><CdOrPrtry><Cd>{type_}</Cd></CdOrPrtry></Tp>"
        return f"<Bal>{type_}{amount(minor or 0)}<Dt><Dt>{on}</Dt></Dt></Bal>"

    def entry(line: BankLine) -> str:
        other = "Dbtr" if line.minor > 0 else "Cdtr"
        party = f"<RltdPties><{other}>{named.format(escape(line.counterparty))}</{other}></RltdPties>"
        details = f"{party}<RmtInf><Ustrd>{escape(line.remittance)}</Ustrd></RmtInf>"
        return (
            f"<Ntry>{amount(line.minor)}<Sts>BOOK</Sts><BookgDt><Dt>{line.booked_on}</Dt></BookgDt>"
            f"<ValDt><DtTm>{line.value_on}T00:00:00+02:00</DtTm></ValDt>"
            f"<AcctSvcrRef>{line.reference}</AcctSvcrRef>"
            f"<NtryDtls><TxDtls>{details}</TxDtls></NtryDtls></Ntry>"
        )

    parts = [balance("OPBD", told.opening, told.opened_on), balance("CLBD", told.closing, told.closed_on)]
    inside = "".join([*parts, *map(entry, told.lines)])
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><IBAN>{told.account}</IBAN></Id></Acct>{inside}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def as_mt940(told: BankStatement) -> bytes:
    """A statement as an MT940 file, which cannot say everything of a line."""

    def amount(minor: int | None) -> str:
        return written(minor or 0, told.currency, ",")

    def balance(minor: int | None, on: date) -> str:
        return f"{'C' if (minor or 0) >= 0 else 'D'}{on:%y%m%d}{told.currency}{amount(minor)}"

    lines = [
        f":61:{line.value_on:%y%m%d}{line.booked_on:%m%d}{'C' if line.minor > 0 else 'D'}{amount(line.minor)}"
        f"NTRFNONREF//{line.reference}\n:86:166?00TRANSFER"
        for line in told.lines
    ]
    opening, closing = balance(told.opening, told.opened_on), balance(told.closing, told.closed_on)
    head = [":20:X", f":25:{told.account}", ":28C:1/1", f":60F:{opening}"]
    return "\n".join([*head, *lines, f":62F:{closing}", "-"]).encode()


def as_csv(told: BankStatement) -> bytes:
    """A statement as a CSV file."""
    stands = accumulate((line.minor for line in told.lines), initial=told.opening or 0)
    next(stands)

    def signed(minor: int) -> str:
        return ("-" if minor < 0 else "") + written(minor, told.currency)

    rows = [
        f"{line.booked_on};{line.value_on};{signed(line.minor)};{signed(after)};{told.currency};"
        f'{line.reference};"{line.counterparty}";"{line.remittance}"'
        for line, after in zip(told.lines, stands, strict=True)
    ]
    return "\n".join(["On;Value;Amount;Balance;Currency;Reference;Who;What", *rows]).encode()


WORDS = st.text("abcé Ωß&<>'.,/;:-+?", max_size=30).map(lambda text: " ".join(text.split()))
DAYS = st.dates(date(2021, 12, 20), date(2022, 1, 10))
MINOR = st.integers(-(10**9), 10**9).filter(bool)


@st.composite
def statements(draw: st.DrawFn) -> BankStatement:
    """Any statement around the turn of a year, with at least one line."""
    days = sorted(draw(st.lists(DAYS, min_size=1, max_size=5)))
    lines = tuple(
        BankLine(
            place="",
            reference=f"R{number}",
            booked_on=on,
            value_on=on + timedelta(days=draw(st.integers(-20, 20))),
            minor=draw(MINOR),
            counterparty=draw(WORDS),
            remittance=draw(WORDS),
        )
        for number, on in enumerate(days)
    )
    opening = draw(st.integers(-(10**9), 10**9))
    closing = opening + sum(line.minor for line in lines)
    currency = draw(st.sampled_from(sorted(DECIMALS)))
    return BankStatement(ACCOUNT, currency, days[0], days[-1], opening, closing, lines)


@given(statements(), st.sampled_from(VERSIONS))
def test_a_statement_says_the_same_in_each_format(told: BankStatement, version: int) -> None:
    assert read_camt(as_camt(told, version)) == [told]
    assert read_bank_csv(as_csv(told), COLUMNS) == [told]
    (read,) = read_mt940(as_mt940(told))
    assert (read.account, read.currency, read.opening, read.closing) == (
        told.account,
        told.currency,
        told.opening,
        told.closing,
    )

    def plain(line: BankLine) -> tuple[object, ...]:
        return line.reference, line.booked_on, line.value_on, line.minor

    assert list(map(plain, read.lines)) == list(map(plain, told.lines))


# ---- what is spoilt is refused

Change = Callable[[bytes, random.Random], bytes]
NUMBER = re.compile(rb"\d[\d.,]*")
NUMBERS = (b"", b"-1", b"1e9", b"0." + b"0" * 400 + b"1", b"9" * 400, b"1,000,00", "١٢".encode(), b"NaN")
JUNK = (
    b"\0",
    b"\xff",
    b"\r",
    b"\xef\xbb\xbf",
    b"\x1b[2J",
    b"\xe2\x80\xae",
    b"&lt;",
    b"&#0;",
    b"<![CDATA[",
    b"<!DOCTYPE a>",
    b" xmlns='x'",
    b"x='" + b"y" * 5_000 + b"'",
    b"A" * 5_000,
    b":86:",
    b":62F:",
    b"-}",
    b"?20",
    b'"',
    b";",
)
ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "utf-7", "cp1252", "cp500")


def some_bytes(content: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(content)), chance.choice((0, 1, 2, 20, 300))
    return content[:at] + chance.choice((*JUNK, b"", bytes([chance.randrange(256)]))) + content[at + length :]


def some_lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    first, last = sorted((chance.randrange(len(lines)), chance.randrange(len(lines))))
    part, more = lines[first : last + 1], chance.randrange(4)
    if more < 3:
        return b"\n".join([*lines[:first], *part * more, *lines[last + 1 :]])
    return b"\n".join([*lines[:first], *part[::-1], *lines[last + 1 :]])


def swapped_numbers(content: bytes, chance: random.Random) -> bytes:
    found = [match[0] for match in NUMBER.finditer(content)]
    one, other = chance.choice(found or [b"0"]), chance.choice(found or [b"0"])
    return content.replace(one, b"\1").replace(other, one).replace(b"\1", other)


def another_number(content: bytes, chance: random.Random) -> bytes:
    found = list(NUMBER.finditer(content))
    if not found:
        return content
    number = chance.choice(found)
    return content[: number.start()] + chance.choice(NUMBERS) + content[number.end() :]


def another_encoding(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.5:
        return content.replace(b"UTF-8", chance.choice((b"UTF-16", b"US-ASCII", b"UTF-7", b"none", b"")))
    return content.decode("cp1252", "replace").encode(chance.choice(ENCODINGS), "replace")


def other_line_ends(content: bytes, chance: random.Random) -> bytes:
    return re.sub(b"\n", lambda _: chance.choice((b"\n", b"\r\n", b"\r", b"\n\n")), content)


CHANGES: tuple[Change, ...] = (
    some_bytes,
    some_bytes,
    some_lines,
    swapped_numbers,
    another_number,
    another_encoding,
    other_line_ends,
)


def spoilt(content: bytes, chance: random.Random) -> bytes:
    """The content after up to four changes such as accidents and enemies make."""
    for _ in range(chance.randint(1, 4)):
        content = chance.choice(CHANGES)(content or b" ", chance)
    return content


def outcome(path: Path) -> list[BankStatement]:
    """What a file is read as, or nothing where it is refused in one sentence that names it."""
    try:
        return read_statements([path], MAP if path.suffix == ".csv" else None)
    except BadInput as error:
        sentence = str(error)
        assert str(path) in sentence
        assert "\n" not in sentence
        assert sentence.endswith(".")
        assert len(sentence) < LONGEST_SENTENCE + len(str(path))
        return []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_spoilt_file_is_read_whole_or_refused_in_one_sentence(path: Path, tmp_path: Path) -> None:
    chance, file = random.Random(path.name), tmp_path / path.name
    for _ in range(effort(200, 8_000)):
        file.write_bytes(spoilt(path.read_bytes(), chance))
        for read in outcome(file):
            if read.opening is not None and read.closing is not None:
                assert read.opening + sum(line.minor for line in read.lines) == read.closing
            assert len({line.reference for line in read.lines}) == len(read.lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_that_is_cut_off_anywhere_gives_no_line_that_the_whole_one_has_not(
    path: Path, tmp_path: Path
) -> None:
    content, file = path.read_bytes(), tmp_path / path.name
    (whole,) = outcome(path)
    told = {(line.reference, line.booked_on, line.minor) for line in whole.lines}
    for end in range(0, len(content), 5):
        file.write_bytes(content[:end])
        for read in outcome(file):
            assert {(line.reference, line.booked_on, line.minor) for line in read.lines} <= told
            assert path.suffix == ".csv" or read.lines == whole.lines


def test_two_files_of_the_same_days_that_disagree_are_both_named(tmp_path: Path) -> None:
    one, other = FOLDER / "camt.053.001.02.xml", tmp_path / "other.xml"
    content = (FOLDER / "camt.053.001.08.xml").read_bytes()
    other.write_bytes(content.replace(b"4200.00", b"4300.00").replace(b"219181.50", b"219281.50"))
    with pytest.raises(BadInput) as error:
        read_statements([one, other])
    assert str(error.value) == (
        f"{one} and {other}: Two statements of DE89370400440532013000 disagree about 2023-01-31: one closes "
        f"with 219,181.50 EUR, the other opens with 185,000.00 EUR and closes with 219,281.50 EUR: ask the "
        f"bank which one holds."
    )


@given(st.lists(st.sampled_from(["R", "R-20220103", "R-20220103-2", "L" * 40]), min_size=1, max_size=140))
def test_however_often_a_bank_uses_a_reference_each_line_gets_one_of_its_own(names: list[str]) -> None:
    on = date(2022, 1, 3)
    lines = tuple(BankLine(f"line {number}", name, on, on, 1) for number, name in enumerate(names))
    (joined,) = join_statements([BankStatement(ACCOUNT, "EUR", on, on, 0, len(lines), lines)])
    codes = [line.reference for line in joined.lines]
    assert len(set(codes)) == len(codes)
    assert all(len(code) <= 40 for code in codes)


@pytest.mark.parametrize("text", ["é" * 50_001, " ".join(["x"] * 30_000)])
def test_a_text_longer_than_any_payment_is_refused(text: str) -> None:
    content = (FOLDER / "camt.053.001.08.xml").read_text("utf-8")
    with pytest.raises(BadInput, match="Ntry: it has a text of [56][0-9]+ characters, more than any payment"):
        read_camt(content.replace("accord A-GOV-A", text).encode())


MILLION = """
import resource, sys
from pathlib import Path
from donors import read_column_map, read_statements
from ledger import BadInput

folder, columns = Path(sys.argv[1]), read_column_map(Path(sys.argv[2]))
HEAD = b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><Stmt>"
BALANCE = HEAD + (
    b"<Acct><Id><IBAN>A</IBAN></Id></Acct><Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>"
    b"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2022-01-01</Dt></Dt>"
)
TAIL = b"</Bal></Stmt></BkToCstmrStmt></Document>"
ENTRY = b"<Ntry><Amt Ccy='EUR'>1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>\\n"
FILES = {
    "lines.xml": (HEAD, ENTRY, 1_000_000),
    "lines.mt940": (b":20:X\\n:25:A\\n:60F:C220101EUR1,00\\n", b":61:220101C1,00NTRFNONREF//1\\n", 1_000_000),
    "lines.csv": (b"\\n\\nBuchungstag;Betrag\\n", b"31.01.2023;1,00\\n", 1_000_000),
    "deep.xml": (b"<?xml version='1.0'?>", b"<a>", 1_000_000),
    "attribute.xml": (BALANCE + b"<Amt Ccy='", b"x" * 9, 1_000_000, b"'>1</Amt>" + TAIL),
    "digits.xml": (BALANCE + b"<Amt Ccy='EUR'>", b"9" * 9, 1_000_000, b"</Amt>" + TAIL),
    "bomb.xml": (b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>]><a>", b"&a;", 3_000_000),
}
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (512 << 20),) * 2)
for name, (head, part, times, *tail) in FILES.items():
    path = folder / name
    with path.open("wb") as file:
        file.write(head)
        for _ in range(times // 1_000):
            file.write(part * 1_000)
        file.writelines(tail)
    try:
        read_statements([path], columns if path.suffix == ".csv" else None)
        raise SystemExit(f"{name} was read")
    except BadInput as error:
        assert len(str(error)) < 500 + len(str(path)), name
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"{name}, {path.stat().st_size >> 20} MiB: peak {peak} MiB: {error}")
    path.unlink()
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the size of a process is read from /proc")
def test_a_million_of_anything_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    words = [sys.executable, "-c", MILLION, str(tmp_path), str(FOLDER / "map.toml")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
