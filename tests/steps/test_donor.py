"""The donor's job: to read what became of the money, and to find each figure again in the journal."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pytest_bdd import given, parsers, scenarios, then, when

from reports.render import page
from tests.steps.office import OFFICER, TERM, Office, trial_balance
from tests.support.example_demo import Demo

scenarios("donor.feature")

DONOR = "donor"
YEAR_END = "2022-12-31"
SEPARATORS = {"en": ",.", "fr": " ,", "es": ".,"}
"""How a language writes thousands and decimals."""

Line = dict[str, Any]


@pytest.fixture
def prints(office: Office) -> list[Path]:
    """Where the statements of a scenario are printed, in turn."""
    return [office.folder / f"statement-{number}.pdf" for number in range(3)]


@pytest.fixture
def traces() -> dict[str, list[Line]]:
    """The traces of donors' figures."""
    return {}


# ---- what donors ask, and what happens meanwhile


@when(parsers.parse("{donor} is sent its statement up to {day}"))
def _send(office: Office, prints: list[Path], donor: str, day: str) -> None:
    _print(office, prints[0], donor, day)


@when(parsers.parse("{donor} asks for a certified statement up to {day}"))
def _certified(office: Office, prints: list[Path], donor: str, day: str) -> None:
    _print(office, prints[0], donor, day, "--certified")


@when(parsers.parse("{donor} is sent the letter for {reference}"))
def _send_letter(office: Office, prints: list[Path], donor: str, reference: str) -> None:
    owner = of_reference(office, reference)["payload"]
    assert donor in {owner["donor"], owner["agreement"].removeprefix("A-")}
    office.does(DONOR, "contribution", "letter", reference, "--out", prints[0])


@when(parsers.parse("a gift of {amount} from {donor} arrives on {day}"))
def _gift(office: Office, prints: list[Path], amount: str, donor: str, day: str) -> None:
    given = ("--bank", "BANK-USD", "--amount", amount, "--donor", donor, "--term", TERM, "--on", day)
    office.prepares(("contribution", "receive", "R-2023-001", *given))


@when("the donor has its statement checked")
def _check(office: Office, prints: list[Path]) -> None:
    office.does(DONOR, "audit", "statement", prints[0], "--json")


@when("the same statement is printed again")
def _print_again(office: Office, prints: list[Path], demo: Demo) -> None:
    known_at = len(office.journal()) - 1
    _print(office, prints[1], "GOV-A", YEAR_END, "--known-at", known_at)
    _print(office, prints[2], "GOV-A", YEAR_END)


@when(parsers.parse("everybody's statement of {year} is issued on {day}"))
def _issue_all(office: Office, prints: list[Path], year: str, day: str) -> None:
    out = office.folder / "statements"
    asked = ("--term", TERM, "--year", year, "--certified", "--out", out)
    office.does(OFFICER, "statement", "all", *asked, "--issue", "--on", day)
    assert office.outcome.code == 0, office.outcome.err
    (out / "GOV-A-fr.pdf").rename(prints[0])


@when(parsers.parse("{donor} asks for the statement of March again"))
def _print_issued(office: Office, prints: list[Path], donor: str) -> None:
    (issued,) = office.asks("statement", "issued", "--donor", donor)
    office.does(DONOR, "statement", "reprint", issued["statement"], "--out", prints[1])


@when(parsers.parse("{donor} is issued its statement up to {day} known at entry {entry:d}"))
def _issue_one(office: Office, prints: list[Path], donor: str, day: str, entry: int) -> None:
    _issued(office, donor, day, entry, prints[0])


@when("statements are drawn in another layout")
def _drawn_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE_MARGIN", page.PAGE_MARGIN + 0.5)


@when("the same statement is issued again")
def _issue_again(office: Office, prints: list[Path]) -> None:
    (issued,) = office.asks("statement", "issued")
    _issued(office, issued["donor"], issued["ends_on"], issued["known_at"], prints[1])


def _issued(office: Office, donor: str, day: str, entry: int, out: Path) -> None:
    asked = ("statement", "write", donor, "--term", TERM, "--to", day, "--known-at", entry, "--out", out)
    office.does(OFFICER, *asked, "--issue", "--on", "2023-03-31")
    assert office.outcome.code == 0, office.outcome.err


@given(parsers.parse("{name} is a contact of {donor}"))
def _contact(office: Office, name: str, donor: str) -> None:
    office.does(OFFICER, "donor", "contact", donor, "--name", name)
    assert office.outcome.code == 0, office.outcome.err


@when(parsers.parse("{donor} is issued the letter for {reference}"))
def _issue_letter(office: Office, prints: list[Path], donor: str, reference: str) -> None:
    office.does(OFFICER, "contribution", "letter", reference, "--issue", "--out", prints[0])
    assert office.outcome.code == 0, office.outcome.err
    (letter,) = office.asks("contribution", "letters", "--donor", donor)
    assert letter["kept"]


@when(parsers.parse("{name} of {donor} is erased"))
def _erase(office: Office, name: str, donor: str) -> None:
    office.does(OFFICER, "donor", "erase-contact", donor, "--name", name)
    assert office.outcome.code == 0, office.outcome.err


@when(parsers.parse("{donor} asks where the figures of its statement come from"))
def _trace(office: Office, traces: dict[str, list[Line]], donor: str) -> None:
    donors = [each["code"] for each in office.asks("donor", "list")] if donor == "every donor" else [donor]
    for code in donors:
        answer = office.does(DONOR, "statement", "trace", code, "--term", TERM, "--to", YEAR_END, "--json")
        assert answer.code == 0, answer.err
        traces[code] = json.loads(answer.out)


# ---- their statements


@then(parsers.parse('it is titled "{title}"'))
def _titled(office: Office, prints: list[Path], title: str) -> None:
    assert office.outcome.code == 0, office.outcome.err
    assert title in words_of(prints[0])


@then(
    parsers.parse(
        "it says what {donor} gave, what was used of it, for what, and what is left, as the journal does"
    )
)
def _as_the_journal(office: Office, prints: list[Path], donor: str) -> None:
    answer = words_of(prints[0])
    language = {each["code"]: each["language"] for each in office.asks("donor", "list")}[donor]
    lines = of_donor(office, donor)
    received = -total(line for line in lines if line["account"] == "2200" and line["kind"] == RECEIVED)
    used = Counter[tuple[str, str]]()
    for line in lines:
        if line["account"].startswith("31"):
            used[line["activity"], line["account"]] += line["usd"]
    left = -total(line for line in lines if line["account"] in {"2200", "2300"}) - used.total()
    assert received == used.total() + left > 0
    for figure in (received, used.total(), left, *used.values()):
        assert spelled(figure, language) in answer
    assert sum(activity in answer for activity, _ in used) == len(used) > 1


@then(parsers.parse("the books say that all {count:d} donors were given theirs on {day}"))
def _all_issued(office: Office, count: int, day: str) -> None:
    issued = office.asks("statement", "issued", "--term", TERM)
    assert {each["donor"] for each in issued} == {each["code"] for each in office.asks("donor", "list")}
    assert [each["on"] for each in issued] == [day] * count


@then("it is said that the file of then was written")
def _file_of_then(office: Office) -> None:
    assert "what is written is the file that was issued then, byte for byte" in office.outcome.err


@then("the letter is confirmed as issued")
def _letter_confirmed(office: Office, prints: list[Path]) -> None:
    answer = office.does(DONOR, "audit", "statement", prints[0], "--json")
    assert (answer.code, json.loads(answer.out)["outcome"]) == (0, "issued")


@then(parsers.parse('it cannot be printed again: "{sentence}"'))
def _not_printed(office: Office, prints: list[Path], sentence: str) -> None:
    (letter,) = office.asks("contribution", "letters")
    answer = office.does(DONOR, "contribution", "reprint-letter", letter["letter"], "--out", prints[1])
    assert (answer.code, sentence in answer.err, prints[1].exists()) == (2, True, False)


@then("it carries the day, the entry and the seal of the books")
def _sealed(office: Office, prints: list[Path]) -> None:
    answer = words_of(prints[0])
    last = office.journal()[-1]
    assert last["hash"] in answer
    assert f" {last['seq']} " in answer
    assert re.search(r"31 (December|décembre|de diciembre de) 2022", answer)


@then(
    parsers.parse(
        "the letter for {reference} says that {amount} arrived, worth {dollars}, as the journal does"
    )
)
def _says_receipt(office: Office, prints: list[Path], reference: str, amount: str, dollars: str) -> None:
    answer, lines = words_of(prints[0]), of_reference(office, reference)["lines"]
    assert amount in answer
    assert dollars in answer
    assert int(re.sub(r"\D", "", dollars)) == -total(line for line in lines if line["account"] == "2200")


@then(parsers.parse("it carries the entry of {reference}, its seal and that of the books"))
def _carries_seal(office: Office, prints: list[Path], reference: str) -> None:
    answer, entry = words_of(prints[0]), of_reference(office, reference)
    assert f" {entry['seq']} " in answer
    assert entry["hash"] in answer
    assert office.journal()[-1]["hash"] in answer


@then(parsers.parse('it says "{sentence}"'))
def _says(prints: list[Path], sentence: str) -> None:
    assert sentence in words_of(prints[0])


@then(parsers.parse("of {activity} the {indicator} are {count:d}, as the reports of {grant} add up to"))
def _counted(
    office: Office, traces: dict[str, list[Line]], activity: str, indicator: str, count: int, grant: str
) -> None:
    (rows,) = traces.values()
    named = [row["figure"] for row in rows].index(f"5 Programme: {activity} {indicator}")
    reports = [
        entry["payload"]["values"]
        for entry in office.journal()
        if entry["kind"] == "result reported" and entry["payload"]["grant"] == grant
    ]
    assert rows[named]["count"] == count == sum(each.get(indicator, 0) for each in reports)


@then(parsers.parse('it shows {code} at US${value}, proved by "{file}"'))
def _in_kind(prints: list[Path], demo: Demo, code: str, value: str, file: str) -> None:
    answer = words_of(prints[0])
    assert code in answer
    assert value in answer
    assert hashlib.sha256((demo.folder / "evidence" / file).read_bytes()).hexdigest() in answer


@then("every figure is the sum of the lines named under it")
def _sums(traces: dict[str, list[Line]]) -> None:
    (rows,) = traces.values()
    found = figures(rows)
    assert len(found) > 5
    for name, (figure, lines) in found.items():
        assert abs(sum(line["of"] for line in lines)) == abs(figure), name
        assert lines


@then("every line named is in the journal")
def _in_the_journal(office: Office, traces: dict[str, list[Line]]) -> None:
    entries = {entry["seq"]: entry for entry in office.journal()}
    for row in (row for rows in traces.values() for row in rows if "line" in row):
        line = entries[row["entry"]]["lines"][row["line"] - 1]
        assert (line["account"], line["usd"]) == (row["account"], row["of"])


@then(parsers.parse("no line of the journal that used {donor}'s money is missing"))
def _none_missing(office: Office, traces: dict[str, list[Line]], donor: str) -> None:
    _, lines = figures(traces[donor])["2 Use of funds: used in all"]
    uses = [line for line in of_donor(office, donor) if line["account"].startswith("31")]
    assert {(row["entry"], row["line"]) for row in lines} == {(line["entry"], line["no"]) for line in uses}


@then("their uses add up to the use in the trial balance")
def _add_up(office: Office, traces: dict[str, list[Line]]) -> None:
    answer = [figures(rows).get("2 Use of funds: used in all", (0, []))[0] for rows in traces.values()]
    booked = [row["debit"] for row in trial_balance(office) if row["account"].startswith("31")]
    assert sum(answer) == sum(booked) > 0
    assert len(answer) >= 8


@then("every figure of it is confirmed")
def _confirmed(office: Office) -> None:
    found = json.loads(office.outcome.out)
    assert (office.outcome.code, found["confirmed"], found["differences"]) == (0, True, [])
    assert found["code"]["known-at"] < len(office.journal())


@then("both prints are the same, byte for byte")
def _same(prints: list[Path]) -> None:
    assert prints[1].read_bytes() == prints[0].read_bytes()


@then("the statement as known today is another")
def _another(prints: list[Path]) -> None:
    assert prints[2].read_bytes() != prints[0].read_bytes()


@then("there is no statement")
def _none(office: Office) -> None:
    assert not list(office.folder.glob("*.pdf*"))


# ---- reading


RECEIVED = "contribution received"


def words_of(pdf: Path) -> str:
    """The text of a PDF as a reader sees it, every space a plain one."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


def of_reference(office: Office, reference: str) -> dict[str, Any]:
    """The entry of the contribution with the bank's reference."""
    (entry,) = (each for each in office.journal() if each["payload"].get("reference") == reference)
    return entry


def of_donor(office: Office, donor: str) -> list[Line]:
    """The journal's lines of a donor's agreements, each with its entry, its number and its entry's kind."""
    codes = {each["code"] for each in office.asks("agreement", "list", "--donor", donor)}
    return [
        line | {"entry": entry["seq"], "no": number, "kind": entry["kind"]}
        for entry in office.journal()
        for number, line in enumerate(entry["lines"], start=1)
        if line["agreement"] in codes
    ]


def total(lines: Iterable[Line]) -> int:
    """US dollar cents, debits positive."""
    return sum(line["usd"] for line in lines)


def spelled(figure: int, language: str) -> str:
    """Cents as a language writes dollars."""
    return f"{figure // 100:,}.{figure % 100:02d}".translate(str.maketrans(",.", SEPARATORS[language]))


def figures(rows: list[Line]) -> dict[str, tuple[int, list[Line]]]:
    """The figures of a trace by name: cents, and the lines under each."""
    found: dict[str, tuple[int, list[Line]]] = {}
    lines: list[Line] = []
    for row in rows:
        if "count" in row:
            continue  # a result, which has no lines
        if "entry" in row:
            lines.append(row)
        else:
            lines = []
            found[row["figure"]] = (row["usd"], lines)
    return found


def _print(office: Office, out: Path, donor: str, day: str, *more: object) -> None:
    office.does(DONOR, "statement", "write", donor, "--term", TERM, "--to", day, *more, "--out", out)
