"""The finance officer's job: what donors give is kept in trust and accounted for."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
from pypdf import PdfReader
from pytest_bdd import given, parsers, scenarios, then, when

from donors import DonorRegistered
from mdfm.books import open_at
from mdfm.example.story import example_file
from tests.books.museum import OLDEST, head_of, put_back
from tests.steps.office import (
    DONORS,
    FIRST_DAY,
    LAST_DAY,
    OFFICER,
    TERM,
    Office,
    cents,
    classes_of,
    screened,
    trial_balance,
)
from tests.support.small_books import dump, tell

scenarios("finance_officer.feature")

Words = tuple[object, ...]


class Mistake(NamedTuple):
    """A cell that somebody filled in wrongly."""

    row: int
    column: str
    written: str


@pytest.fixture
def seals() -> list[str]:
    """The seals of the last entries before the bank's files were read."""
    return []


@pytest.fixture
def mistakes() -> list[Mistake]:
    """The mistakes in the spreadsheet of this scenario."""
    return []


@pytest.fixture
def recorded() -> list[Words]:
    """The contributions that this scenario records, as commands."""
    return []


# ---- what went before


@given(parsers.parse("from {day} a US dollar costs {rate} {currency} at the UN rate"))
def _rate(office: Office, day: str, rate: str, currency: str) -> None:
    office.prepares(_import(office, f"{day},{currency},{rate},UN"))


@given(parsers.parse("the {donor} has signed agreement {code} for {amount}"))
def _signed(office: Office, donor: str, code: str, amount: str) -> None:
    terms = ("--donor", DONORS[f"the {donor}"], "--term", TERM, "--amount", amount)
    dates = ("--from", FIRST_DAY, "--to", LAST_DAY)
    office.prepares(("agreement", "sign", code, *terms, *dates, "--on", "2021-12-01"))


@given(parsers.parse("the {donor} has signed agreement {code} for {amount}, to come as"))
def _signed_in_parts(office: Office, donor: str, code: str, amount: str, datatable: list[list[str]]) -> None:
    terms = ("--donor", DONORS[f"the {donor}"], "--term", TERM, "--amount", amount)
    parts = [word for (part,) in datatable for word in ("--instalment", part)]
    dates = ("--from", FIRST_DAY, "--to", LAST_DAY, "--on", "2021-12-01")
    office.prepares(("agreement", "sign", code, *terms, *parts, *dates))


@given(parsers.parse("{amount} has arrived on {day} under {agreement}"))
@when(parsers.parse("{amount} has arrived on {day} under {agreement}"))
def _arrived(office: Office, amount: str, day: str, agreement: str, recorded: list[Words]) -> None:
    recorded.append(_contribution(office, amount, day, "--agreement", agreement))
    office.prepares(recorded[-1])


@given(parsers.parse("the month {month} is closed on {day}"))
def _closed(office: Office, month: str, day: str) -> None:
    office.prepares(("period", "close", month, "--on", day))


@when(parsers.parse("the bank confirms the balance of {month}, and the officer closes it on {day}"))
def _closes_with_proof(office: Office, month: str, day: str) -> None:
    proof = office.file("confirmation.txt", f"The balance at the end of {month} was USD 0.00.")
    office.does(OFFICER, "period", "close", month, "--evidence", proof, "--on", day)


@then("the bank's confirmation is the evidence of the last entry")
def _proved_by_the_bank(office: Office) -> None:
    (proof,) = office.journal()[-1]["payload"]["evidence"]
    assert proof["sha256"] == sha256((office.folder / "confirmation.txt").read_bytes()).hexdigest()


@given("money that nobody knows is in the books from the bank's January 2023")
def _unknown(office: Office) -> None:
    office.prepares(_from_bank("08"))


@given(parsers.parse("a spreadsheet of {count:d} small gifts from the {donor}, with mistakes"))
def _gifts_sheet(
    office: Office, mistakes: list[Mistake], count: int, donor: str, datatable: list[list[str]]
) -> None:
    mistakes += [Mistake(int(row), column, written) for row, column, written in datatable[1:]]
    _write_gifts(office, count, DONORS[f"the {donor}"], mistakes)


@given("a company asks to give, and nobody has looked into it")
def _company(office: Office) -> None:
    kind = ("--type", "private", "--subtype", "company")
    office.asks("donor", "add", "FIRM", "--name", "Example company", *kind, "--on", FIRST_DAY)


@given(parsers.parse("{person} is kept as a contact of {donor}"))
def _kept(office: Office, person: str, donor: str) -> None:
    office.asks("donor", "contact", DONORS[donor], "--name", person, "--email", "person@example.org")


# ---- what the finance officer does


@when(parsers.parse("the finance officer records that {amount} arrived on {day} under {agreement}"))
def _record(office: Office, amount: str, day: str, agreement: str) -> None:
    office.does(OFFICER, *_contribution(office, amount, day, "--agreement", agreement))


@when(parsers.parse("the finance officer records a gift of {amount} from {donor} on {day}"))
def _gift(office: Office, amount: str, donor: str, day: str) -> None:
    office.does(OFFICER, *_contribution(office, amount, day, "--donor", DONORS[donor], "--term", TERM))


@when(
    parsers.parse(
        "the finance officer records on {day} that the condition of instalment {number} of {agreement} is met"
    )
)
def _met(office: Office, day: str, number: str, agreement: str) -> None:
    proof = office.file("acceptance.txt", "The city accepts the first report.")
    details = ("condition-met", agreement, number, "--evidence", proof)
    office.does(OFFICER, "agreement", *details, "--on", day)


@when("the finance officer records the same contribution again")
def _again(office: Office, recorded: list[Words]) -> None:
    office.does(OFFICER, *recorded[-1])


@when(parsers.parse("the finance officer records it again as {amount}"))
def _again_with_another_amount(office: Office, amount: str, recorded: list[Words]) -> None:
    words = list(recorded[-1])
    words[words.index("--amount") + 1] = amount
    office.does(OFFICER, *words)


@when(parsers.parse("the finance officer records {what} worth {value} under {agreement}, with {proof}"))
def _in_kind(office: Office, what: str, value: str, agreement: str, proof: str) -> None:
    kind = ("goods", "K-1") if what == "goods" else ("service", "K-1", "--form", what)
    details = ("--agreement", agreement, "--description", what, "--value", value, "--basis", "market price")
    file = office.file("proof.txt", f"What {what} cost: {value}")
    evidence = () if proof == "nothing to prove it" else ("--evidence", file)
    office.does(OFFICER, "contribution", *kind, *details, *evidence, "--on", "2021-12-15")


@when(parsers.parse('the finance officer reverses the last entry on {day}, because "{reason}"'))
def _reverse(office: Office, day: str, reason: str) -> None:
    last = office.journal()[-1]["seq"]
    office.does(OFFICER, "entry", "reverse", last, "--reason", reason, "--on", day)


@when("the finance officer previews and imports the member city's answers to the questionnaire")
def _import_answers(office: Office, datatable: list[list[str]]) -> None:
    header, row = datatable
    details = (["donor", "answered_on", "term", *header], ["CITY", "2021-12-01", TERM, *row])
    path = office.file("answers.csv", "".join(";".join(each) + "\n" for each in details))
    office.does(OFFICER, "offer", "import", path)
    assert office.contents() == office.books_before
    office.does(OFFICER, "offer", "import", path, "--record")


@when(parsers.parse("the finance officer signs {code} for {amount}, accepting {one} and {other}"))
def _accept(office: Office, code: str, amount: str, one: str, other: str) -> None:
    terms = ("--donor", "CITY", "--term", TERM, "--amount", amount, "--from", FIRST_DAY, "--to", LAST_DAY)
    accepting = ("--offer", one, "--offer", other, "--on", "2021-12-05")
    office.does(OFFICER, "agreement", "sign", code, *terms, *accepting)


@when(parsers.re('the finance officer imports rates with the row "(?P<row>.+)"'))
def _import_rates(office: Office, row: str) -> None:
    office.does(OFFICER, *_import(office, f"2022-01-01,KRW,1190,UN\n{row}"))


@when(parsers.parse("the finance officer records that the company signs agreement {code} for {amount}"))
def _company_signs(office: Office, code: str, amount: str) -> None:
    terms = ("--donor", "FIRM", "--term", TERM, "--amount", amount)
    dates = ("--from", FIRST_DAY, "--to", LAST_DAY, "--on", "2021-12-01")
    office.does(OFFICER, "agreement", "sign", code, *terms, *dates)


@when("the finance officer records that screening cleared the company")
def _cleared(office: Office) -> None:
    office.does(OFFICER, *screened(office, "FIRM"))


@when(parsers.parse("the finance officer records that screening excluded the company for {ground}"))
def _excluded(office: Office, ground: str) -> None:
    found = ("--outcome", "excluded", "--found", ground, "--valid-until", LAST_DAY)
    report = office.file("screening.txt", f"What was found: {ground}")
    office.does(OFFICER, "donor", "screen", "FIRM", *found, "--evidence", report, "--on", "2021-12-01")


@when(parsers.parse("the finance officer erases {person} as a contact of {donor}"))
def _erase(office: Office, person: str, donor: str) -> None:
    office.does(OFFICER, "donor", "erase-contact", DONORS[donor], "--name", person)


@when(parsers.parse('the finance officer registers a donor from "{country}"'))
def _register(office: Office, country: str) -> None:
    office.does(OFFICER, "donor", "add", "NEW", "--name", "Example", "--type", "city", "--country", country)


@when(
    parsers.parse("the finance officer records the bank's January 2023 from a camt.053 file of version {no}")
)
def _read_bank_file(office: Office, seals: list[str], no: str) -> None:
    seals.append(office.journal()[-1]["hash"])
    office.does(OFFICER, *_from_bank(no))


@when(parsers.parse("the finance officer identifies {reference} on {day} as money of {agreement}"))
def _identify(office: Office, reference: str, day: str, agreement: str) -> None:
    office.does(OFFICER, "contribution", "identify", reference, "--agreement", agreement, "--on", day)


@when("the finance officer imports the spreadsheet")
def _preview_gifts(office: Office) -> None:
    office.does(OFFICER, "contribution", "import", office.folder / "gifts.csv")


@when("the finance officer imports the spreadsheet and records it")
def _record_gifts(office: Office) -> None:
    office.does(OFFICER, "contribution", "import", office.folder / "gifts.csv", "--record")


@when("the mistakes are mended")
def _mend_gifts(office: Office) -> None:
    _write_gifts(office, 40, "NGO", [])


@when("the finance officer opens new books in the same place")
def _init(office: Office) -> None:
    office.does(OFFICER, "init")


@when(parsers.parse("the finance officer asks what is left before {code} can be closed"))
def _ask_what_is_left(office: Office, code: str) -> None:
    office.does(OFFICER, "agreement", "closing", code, "--json")


@when(parsers.parse("the finance officer writes {owed} of {code} off and agrees to refund US${amount} of it"))
def _write_off_and_refund(office: Office, owed: str, code: str, amount: str) -> None:
    because = ("--reason", "the donor wants the rest back", "--on", "2022-01-20")
    office.does(OFFICER, "agreement", "write-off", code, "L-1", "--amount", owed, *because)
    office.does(OFFICER, "refund", "agree", "RF-1", "--agreement", code, "--amount", amount, *because)


@when(parsers.parse("the finance officer pays the refund on {day}"))
def _pay_refund(office: Office, day: str) -> None:
    office.does(OFFICER, "refund", "pay", "RF-1", "B-1", "--bank", "BANK-USD", "--on", day)


@when(parsers.parse("the finance officer closes {code} on {day}"))
def _close_agreement(office: Office, code: str, day: str) -> None:
    office.does(OFFICER, "agreement", "close", code, "--on", day)


# ---- what came of it


@then("this is left")
def _is_left(office: Office, datatable: list[list[str]]) -> None:
    left = [[step["what"], step["cents"]] for step in json.loads(office.outcome.out)]
    assert left == [[what, cents(amount)] for what, amount in datatable]


@then(parsers.parse("nothing is left under {code}, and it was closed on {day}"))
def _is_closed(office: Office, code: str, day: str) -> None:
    assert office.asks("agreement", "closing", code) == []
    assert office.asks("agreement", "show", code)["closed_on"] == day


@then(parsers.parse("US${amount} of {code} is available"))
def _available(office: Office, amount: str, code: str) -> None:
    assert office.asks("agreement", "show", code)["available_cents"] == cents(amount)


@then(parsers.parse("on {day} it is due within {span}"))
def _due(office: Office, day: str, span: str, datatable: list[list[str]]) -> None:
    found = office.asks("agreement", "due", "--to", day, "--within", span)["due"]
    shown = [
        (each["number"], each["due_on"], each["outstanding"]["minor"], each["cents"], each["state"])
        for each in found
    ]
    _, *rows = datatable
    assert shown == [
        (int(number), due_on, cents(outstanding), cents(usd), state)
        for number, due_on, outstanding, usd, state, _ in rows
    ]
    assert [each["days_late"] for each in found] == [int(row[-1]) for row in rows]


@then(parsers.parse("EUR {amount} of {code} is still to come"))
def _to_come(office: Office, amount: str, code: str) -> None:
    receivable = office.asks("agreement", "show", code)["receivable"]
    assert receivable == {"currency": "EUR", "minor": cents(amount)}


@then(parsers.parse("these offers are open: {codes}"))
def _open_offers(office: Office, codes: str) -> None:
    assert [each["code"] for each in office.asks("offer", "list", "--open")] == codes.split(", ")


@then(parsers.parse("{one} and {other} are accepted by {agreement}"))
def _accepted(office: Office, one: str, other: str, agreement: str) -> None:
    for code in (one, other):
        found = office.asks("offer", "show", code)
        assert (found["status"], found["agreement"]) == ("accepted", agreement)


@then(parsers.parse("{code} is not earmarked"))
def _unearmarked(office: Office, code: str) -> None:
    shown = office.asks("agreement", "show", code)
    assert shown["gift"]
    assert not any(shown["earmark"].values())


@then(parsers.parse("EUR {amount} is at the bank"))
def _at_bank(office: Office, amount: str) -> None:
    balances = {each["code"]: each["balance"] for each in office.asks("bank", "list")}
    assert balances["BANK-EUR"] == {"currency": "EUR", "minor": cents(amount)}


@then(parsers.parse('the trial balance shows US${amount} of "{account}"'))
def _shows(office: Office, amount: str, account: str) -> None:
    (row,) = (row for row in trial_balance(office) if row["account"][5:] == account)
    assert cents(amount) in (row["debit"], row["credit"])


@then(parsers.re('the answer is "(?P<sentence>.+)"'))
def _answer(office: Office, sentence: str) -> None:
    assert sentence in office.outcome.err


@then("the seal of the last entry is as before")
def _same_seal(office: Office, seals: list[str]) -> None:
    assert office.journal()[-1]["hash"] == seals[-1]


@then(
    parsers.re(
        r"(?P<before>as known before, )?the statement of (?P<donor>.+) up to (?P<to>\S+) has "
        r"(nothing|US\$(?P<amount>\S+) of (?P<day>.+))"
    )
)
def _statement(
    office: Office, before: str | None, donor: str, to: str, amount: str | None, day: str | None
) -> None:
    """The figure, from its trace; the day, from the paper itself."""
    known = _known_before(office) if before else ()
    of = (DONORS[donor], "--term", TERM, "--to", to, *known)
    figures = office.asks("statement", "trace", *of)
    received = [each["usd"] for each in figures if "received" in each["figure"]]
    assert received == ([cents(amount)] if amount else [])
    path = office.folder / "statement.pdf"
    office.asks("statement", "write", *of, "--language", "en", "--out", path)
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())
    assert ("EX230120000033" in words) == bool(amount)
    assert day is None or f"{day} EX230120000033" in words


@then(parsers.parse("US${now} was not identified on {to}, and as known before US${before}"))
def _unidentified(office: Office, now: str, to: str, before: str) -> None:
    for amount, known in ((now, ()), (before, _known_before(office))):
        rows = office.asks("report", "trial-balance", "--term", TERM, "--to", to, *known)
        assert [row["credit"] for row in rows if row["account"].startswith("2900")] == [cents(amount)]


@then("all mistakes are listed, each with its row and column")
def _all_listed(office: Office, mistakes: list[Mistake]) -> None:
    path = office.folder / "gifts.csv"
    assert office.outcome.code == 2
    first, *rest = office.outcome.err.splitlines()
    assert first == f"{path}: {len(mistakes)} problems."
    for printed, mistake in zip(rest, mistakes, strict=True):
        assert printed.startswith(f"{path}, row {mistake.row}, {mistake.column}: ")
        assert mistake.written in printed


@then(parsers.parse('the table ends with "{sentence}"'))
def _table_ends(office: Office, sentence: str) -> None:
    assert office.outcome.out.endswith(f"{sentence}\n")


@then(parsers.parse("{count:d} gifts are in the books, made by the {maker} and approved by the {checker}"))
def _gifts(office: Office, count: int, maker: str, checker: str) -> None:
    assert office.outcome.code == 0, office.outcome.err
    made = [each for each in office.journal() if each["kind"] == "contribution received"]
    assert len(made) == count
    assert {(each["made_by"], each["approved_by"]) for each in made} == {(maker, checker)}


@then(parsers.parse("USD {amount} of {code} is agreed"))
def _agreed(office: Office, amount: str, code: str) -> None:
    assert office.asks("agreement", "show", code)["amount"] == {"currency": "USD", "minor": cents(amount)}


@then(parsers.parse("nothing of {person} is left in the file of the books"))
def _nothing_left(office: Office, person: str) -> None:
    assert office.outcome.code == 0, office.outcome.err
    stored = b"".join(each.read_bytes() for each in office.folder.glob(f"{office.book.name}*"))
    assert [trace for trace in (person, "person@example.org") if trace.encode() in stored] == []


@then("apart from contacts the books are as before")
def _apart_from_contacts(office: Office) -> None:
    now, before = office.contents(), office.books_before
    assert len(before.pop("contact")) == 1
    assert now.pop("contact") == []
    assert now == before


@then("assets, liabilities and use are all nothing")
def _nothing(office: Office) -> None:
    classes = classes_of(office)
    assert [classes[each] for each in "1239"] == [0, 0, 0, 0]


def _contribution(office: Office, amount: str, day: str, *of: object) -> Words:
    bank = f"BANK-{amount[:3]}"
    number = office.number("R")
    return ("contribution", "receive", number, "--bank", bank, "--amount", amount, *of, "--on", day)


def _write_gifts(office: Office, count: int, donor: str, mistakes: list[Mistake]) -> None:
    """Gifts of one dollar, two dollars and so on, one a row from row 2 on, but for the mistakes."""
    columns = ("reference", "bank_account", "received_on", "amount", "currency", "donor", "term")
    rows = [
        dict(zip(columns, (f"G-{n}", "BANK-USD", "2021-12-15", f"{n}.00", "USD", donor, TERM), strict=True))
        for n in range(1, count + 1)
    ]
    for mistake in mistakes:
        rows[mistake.row - 2][mistake.column] = mistake.written
    lines = [",".join(columns), *(",".join(row.values()) for row in rows)]
    office.file("gifts.csv", "\n".join(lines) + "\n")


def _from_bank(version: str) -> Words:
    path = example_file("bank") / f"camt.053.001.{version}.xml"
    rest = ("--rest-unidentified", "--term", TERM)
    return ("bank", "read", path, "--bank", "BANK-EUR", "--record", *rest)


def _known_before(office: Office) -> Words:
    """The option of what was known before the last entry."""
    return ("--known-at", office.journal()[-1]["seq"] - 1)


def _import(office: Office, rows: str) -> Words:
    return ("rate", "import", office.file("rates.csv", f"effective_on,currency,rate,source\n{rows}\n"))


# ---- evidence, and the doctor


@given(
    parsers.parse("the finance officer asks to record that {amount} arrived, with {file} as its evidence"),
    target_fixture="advice",
)
def _with_advice(office: Office, amount: str, file: str) -> str:
    text = f"EXAMPLE. {amount} arrived."
    words = ("--term", TERM, "--bank", "BANK-USD", "--on", "2021-12-10", "--amount", amount)
    office.asks("contribution", "unidentified", "U-1", *words, "--evidence", office.file(file, text))
    return text


@when("the director saves the evidence of what waits")
def _save_evidence(office: Office) -> None:
    (waiting,) = office.asks("proposal", "list")
    office.does("director", "evidence", "save", "--proposal", waiting["id"], "--out", office.folder / "read")


@then(parsers.parse("{file} comes out as it went in"))
def _as_it_went_in(office: Office, advice: str, file: str) -> None:
    assert office.outcome.code == 0, office.outcome.err
    assert [path.name for path in (office.folder / "read").iterdir()] == [file]
    assert (office.folder / "read" / file).read_text("utf-8") == advice


@when("the finance officer makes a backup")
def _back_up(office: Office) -> None:
    assert office.does(OFFICER, "backup", office.folder / "kept.book").code == 0, office.outcome.err


@when("the finance officer asks the doctor")
def _ask_doctor(office: Office) -> None:
    office.does(OFFICER, "doctor", "--json")


@then(parsers.re(r'it says of the (?P<topic>.+): "(?P<words>.+)"'))
def _doctor_says(office: Office, topic: str, words: str) -> None:
    (said,) = [line["says"] for line in json.loads(office.outcome.out) if line["topic"] == topic]
    assert words in said


# ---- backups


def _backup(office: Office) -> Path:
    return office.folder / "daily.backup"


@given("the finance officer backed up the books")
def _backed_up(office: Office) -> None:
    office.asks("backup", _backup(office))


@when("the finance officer backs up the books")
def _make_backup(office: Office) -> None:
    office.does(OFFICER, "backup", _backup(office))


@when("the disk with the books is lost")
def _lose(office: Office) -> None:
    office.book.unlink()


@when("the finance officer restores the backup")
def _restore(office: Office) -> None:
    office.does(OFFICER, "restore", _backup(office))


@when("the finance officer registers a donor in the backup")
def _work_in_backup(office: Office) -> None:
    adding = ("donor", "add", "NEW", "--name", "Example", "--type", "city", "--country", "KOR")
    office.does(OFFICER, "--book", _backup(office), *adding)


@then(parsers.parse("the books are those of the backup, and {person} is in them"))
def _come_back(office: Office, person: str) -> None:
    assert office.outcome.code == 0, office.outcome.err
    should = dump(str(_backup(office)), without=("backup_mark",))
    assert office.contents() == should
    assert any(person in row for row in should["contact"])


# ---- books of an earlier version


@given(parsers.parse("the books are those that version {version} of the program made"))
def _of_earlier_version(office: Office, version: str) -> None:
    office.book.unlink()
    put_back(version, office.book)


@when("the finance officer lists the entries")
def _list(office: Office) -> None:
    office.does(OFFICER, "entry", "list")


@when("the finance officer asks what an upgrade would do")
def _ask_for_upgrade(office: Office) -> None:
    office.does(OFFICER, "upgrade", "--dry-run")


@then(parsers.parse("migration {number} is named, and the books are as before"))
def _named(office: Office, number: str) -> None:
    assert office.outcome.code == 0, office.outcome.err
    assert f"  {number}  " in office.outcome.out
    assert office.contents() == office.books_before


@when("the finance officer upgrades the books")
def _upgrade(office: Office) -> None:
    assert office.does(OFFICER, "upgrade").code == 0, office.outcome.err


@then("the books end with the entry of then, and are sound")
def _sound_as_then(office: Office) -> None:
    for check in ("verify", "replay"):
        answer = office.asks("audit", check)
        assert answer["sound"]
        assert answer["head"] == head_of(OLDEST)._asdict()


@then("a backup of the books as they were lies beside them")
def _backup_beside(office: Office) -> None:
    backup = Path(f"{office.book}.before-0004.backup")
    assert dump(str(backup), without=("backup_mark",)) == office.books_before


@when("the finance officer upgrades the books, with a backup over another file")
def _upgrade_over(office: Office) -> None:
    office.does(OFFICER, "upgrade", "--backup", office.file("other.txt", "mine"))


@when("the finance officer takes README.md for the books")
def _open_readme(office: Office) -> None:
    office.does(OFFICER, "--book", office.file("README.md", "# Our books"), "entry", "list")


# ---- the clock


@given("the last entry was recorded by a clock that was an hour ahead")
def _ahead(office: Office) -> None:
    with closing(open_at(str(office.book), lambda: datetime.now(UTC) + timedelta(hours=1))) as book:
        tell(book, DonorRegistered.make(on=FIRST_DAY, code="EARLY", name="Example", type="city"))
