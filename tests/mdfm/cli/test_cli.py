"""The command line from end to end, over real books: what it prints, what it refuses, how it exits."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mdfm.cli.app import DESKS, NOUNS, app
from tests.support.place import ROOT

ON = ("--on", "2021-12-15")
TERM = ("--term", "2021-2023")
SCENARIO = """
id = "base"
term = "2021-2023"
on = 2021-12-20
lists_on = 2025-12-01
money = "received"

[[floors]]
id = "africa"
group = "africa"
definition = "unesco"
share = "{share}"
"""


class Desk:
    """The command line over one book; everything is done by Ana unless another is named."""

    def __init__(self, folder: Path, book: Path) -> None:
        self.folder = folder
        self.book = book

    @classmethod
    def at(cls, template: Path, folder: Path) -> Desk:
        """A desk at a copy of a book that is closed."""
        return cls(folder, Path(shutil.copy(template, folder / "cli.book")))

    def __call__(self, *words: object, code: int = 0) -> Result:
        """Run a command, and hold it to its exit code."""
        given = [str(word) for word in words]
        result = CliRunner(env={"MDFM_BY": "Ana", "MDFM_BOOK": str(self.book)}).invoke(app, given)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    def json(self, *words: object, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code).stdout)

    def refused(self, *words: object, code: int = 2) -> str:
        """The one sentence of a refusal, with nothing on standard output."""
        result = self(*words, code=code)
        assert result.stdout == ""
        (sentence,) = result.stderr.splitlines()
        assert sentence.endswith((".", "`"))
        return sentence

    def approved(self, *words: object) -> Any:
        """Propose as Ana, approve as Ben, and give the entry back."""
        proposal = self.json(*words)
        return self.json("proposal", "approve", proposal["id"], "--by", "Ben")

    def last(self) -> int:
        """The number of the last entry."""
        (entry,) = self.json("entry", "list", "--last", 1)
        return int(entry["seq"])

    def file(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path


@pytest.fixture
def empty(empty_template: Path, tmp_path: Path) -> Desk:
    """A desk at a book without any entry."""
    return Desk.at(empty_template, tmp_path)


@pytest.fixture
def ready(ready_template: Path, tmp_path: Path) -> Desk:
    """A desk at a book with its master data."""
    return Desk.at(ready_template, tmp_path)


@pytest.fixture
def desk(played_template: Path, tmp_path: Path) -> Desk:
    """A desk at a book in which everything has happened once."""
    return Desk.at(played_template, tmp_path)


# ---- the house of commands


def test_help_lists_every_noun_and_loads_none() -> None:
    script = "import sys; from mdfm.cli.app import app\ntry: app(['--help'])\nexcept SystemExit: pass\n"
    heavy = "assert not {name for name in sys.modules if name.startswith(('ortools', 'rich'))}"
    heavy += (
        "; assert not {name for name in sys.modules if name.count('.') == 3 and name.startswith('mdfm.cli.')}"
    )
    shown = subprocess.run([sys.executable, "-c", script + heavy], capture_output=True, text=True, check=True)
    for title, nouns in DESKS.values():
        section = shown.stdout.partition(f"\n{title}:\n")[2].partition("\n\n")[0]
        listed = [line.split()[0] for line in section.splitlines() if re.match("  [a-z]", line)]
        assert listed == list(nouns)


def test_the_version_is_that_of_the_project(empty: Desk) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert empty("--version").stdout == f"mdfm {project['version']}\n"


@pytest.mark.parametrize("noun", NOUNS)
def test_every_command_explains_itself(empty: Desk, noun: str) -> None:
    shown = empty(noun, "--help").stdout
    _, nouns = DESKS[NOUNS[noun]]
    assert nouns[noun] in " ".join(shown.split())
    command = app.get_command(None, noun)  # type: ignore[arg-type]
    for verb in getattr(command, "commands", {}):
        assert "--json" in empty(noun, verb, "--help").stdout


# ---- opening a book


def test_a_book_is_created_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, tmp_path / "new.book")
    assert desk.refused("donor", "list") == f"There is no book at {desk.book}: create one with `mdfm init`."
    assert desk.json("init") == {"book": str(desk.book)}
    assert "is there already, and nothing is written over it" in desk.refused("init")
    assert desk.json("donor", "list") == []
    assert desk("donor", "list").stderr == "No donor is registered yet: use `mdfm donor add`.\n"


def test_a_server_without_its_driver_is_refused_with_what_to_install(
    empty: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    refusal = empty.refused("--book", "postgresql://localhost/nowhere", "donor", "list")
    assert "needs the package psycopg, which is not installed" in refusal


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("foo://bar", "A book cannot be kept on foo"),
        ("://", "is not a path or a database URL"),
        (".", ". is not a book: it is a folder."),
        (__file__, "is not a book: it is no SQLite database."),
    ],
)
def test_what_is_no_book_is_told_in_a_sentence(empty: Desk, location: str, sentence: str) -> None:
    assert sentence in empty.refused("--book", location, "term", "list")


# ---- recording


def test_what_needs_no_second_person_is_recorded_at_once(ready: Desk) -> None:
    add = ("donor", "add", "NGO", "--name", "[b]Example\x1b[31m NGO", "--type", "civil-society", *ON)
    result = ready(*add)
    seq = ready.last()
    assert (result.stdout, result.stderr) == ("", f"Entry {seq} is in the books: donor registered.\n")
    assert ready.json(*add)["seq"] == seq == ready.last(), "the same event told again is the same entry"
    assert ready.json("donor", "list")[2]["name"] == "[b]Example\x1b[31m NGO"
    shown = ready("donor", "list").stdout
    assert "[b]Example" in shown
    assert "\x1b" not in shown


def test_four_eyes(ready: Desk) -> None:
    before = ready.last()
    result = ready("bank", "open", "USD2", "--name", "Second account", "--currency", "USD", *ON)
    assert result.stderr == "Proposal 1 waits for another person: mdfm proposal approve 1 --by NAME\n"
    assert ready.last() == before
    assert [waiting["id"] for waiting in ready.json("proposal", "list")] == [1]
    assert "Second account" in ready("proposal", "show", 1).stdout
    own = ready.refused("proposal", "approve", 1, "--by", " Ana ")
    assert own == "Ana cannot approve this too (bank account opened): another person must."
    entry = ready.json("proposal", "approve", 1, "--by", "Ben")
    assert (entry["seq"], entry["made_by"], entry["approved_by"]) == (before + 1, "Ana", "Ben")
    assert ready.refused("proposal", "approve", 1, "--by", "Cy") == "Proposal 1 was approved already, by Ben."


def test_a_proposal_is_rejected_and_withdrawn(ready: Desk) -> None:
    for code in ("A", "B"):
        ready("bank", "open", code, "--name", code, "--currency", "USD", *ON)
    assert ready.json("proposal", "reject", 1, "--by", "Ben")["status"] == "rejected"
    ready("proposal", "reject", 2)
    decided = ready.json("proposal", "list", "--all")
    assert [each["decided_by"] for each in decided] == ["Ben", "Ana (withdrawn)"]
    assert ready.json("proposal", "list") == []
    assert "There is no proposal 3" in ready.refused("proposal", "show", 3)


def test_several_proposals_are_approved_together_or_not_at_all(ready: Desk) -> None:
    for code in ("A", "B"):
        ready("bank", "open", code, "--name", code, "--currency", "USD", *ON)
    assert "There is no proposal 3" in ready.refused("proposal", "approve", 1, 2, 3, "--by", "Ben")
    assert len(ready.json("proposal", "list")) == 2
    last = ready.last()
    assert [entry["seq"] for entry in ready.json("proposal", "approve", 1, 2, "--by", "Ben")] == [
        last + 1,
        last + 2,
    ]


def test_who_records_must_be_named(ready: Desk) -> None:
    result = CliRunner(env={"MDFM_BOOK": str(ready.book)}).invoke(
        app, ["donor", "add", "X", "--name", "X", "--type", "city"]
    )
    assert result.exit_code == 2
    assert result.stderr.startswith("Missing option '--by'")


# ---- the happy path of each noun


def test_a_term_begins(empty: Desk) -> None:
    dates = ("--from", "2021-11-01", "--to", "2023-10-31")
    empty.approved("term", "open", "2021-2023", *dates, "--target", "1,200,000", *ON)
    (term,) = empty.json("term", "list")
    assert (term["code"], term["ends_on"], term["target_cents"]) == ("2021-2023", "2023-10-31", 1_200_000_00)
    rates = empty.file(
        "r.csv", "effective_on,currency,rate,source\n2021-11-01,EUR,0.86,x\n2021-12-01,EUR,0.88,x\n"
    )
    assert [each["kind"] for each in empty.json("rate", "import", rates)] == ["rates published"] * 2
    programme = empty.json("programme", "adopt", *TERM, "--edition", "2021-2023", *ON)
    assert programme["kind"] == "programme adopted"
    listed = empty.json("programme", "list", *TERM, "--language", "fr")
    assert sum(each["cost_cents"] for each in listed) == 2_750_000_00
    assert "2,750,000.00" in empty("programme", "list", *TERM).stdout.splitlines()[-1]


def test_a_donor_gives(ready: Desk) -> None:
    proof = ("--evidence", ready.file("advice.txt", "paid"))
    pledge = ("pledge", "record", "P1", "--donor", "CITY", *TERM, "--amount", "EUR 10 000")
    ready.approved(*pledge, "--expected", "2022-03-01", *ON)
    ready.approved(*(word if word != "P1" else "P2" for word in pledge), "--expected", "2022-03-01", *ON)
    ready.approved("pledge", "withdraw", "P2", "--reason", "budget", *ON)
    assert [each["code"] for each in ready.json("pledge", "list")] == ["P1"]
    dates = ("--from", "2021-11-01", "--to", "2023-10-31")
    earmark = (
        "--earmark-region",
        "Africa",
        "--earmark-work-area",
        1,
        "--earmark-work-area",
        2,
        "--earmark-ldc",
    )
    signed = ("agreement", "sign", "A1", "--donor", "CITY", *TERM, "--amount", "10,000.00 EUR", *dates)
    assert len(ready.approved(*signed, "--pledge", "P1", *earmark, *proof, *ON)["lines"]) == 4
    ready.approved(
        "contribution", "receive", "R1", "--bank", "EUR1", "--amount", "eur 4,000", "--agreement", "A1", *ON
    )
    ready.approved(
        "contribution",
        "receive",
        "R2",
        "--bank",
        "KRW1",
        "--amount",
        "KRW 5 000 000",
        "--donor",
        "FOUND",
        *TERM,
        *ON,
    )
    in_kind = (
        "--agreement",
        "A1",
        "--description",
        "Laptops",
        "--value",
        "USD 900",
        "--basis",
        "invoice",
        *proof,
        *ON,
    )
    ready.approved("contribution", "goods", "IK1", *in_kind)
    ready.approved("contribution", "service", "IK2", "--form", "hosting", *in_kind)
    use = ("--goods", "IK1", "--activity", "T-1", "--value", "400.50")
    assert ready.approved("contribution", "use-goods", "U1", *use, *ON)["lines"][0]["usd"] == 400_50

    shown = ready.json("agreement", "show", "A1")
    assert shown["earmark"]["work_areas"] == [1, 2]
    assert (shown["earmark"]["regions"], shown["earmark"]["ldc"]) == (["Africa"], True)
    assert shown["receivable"] == {"currency": "EUR", "minor": 6_000_00}
    assert shown["available_cents"] == 4_545_45
    assert "6,000.00 EUR" in ready("agreement", "show", "A1").stdout
    assert [each["gift"] for each in ready.json("agreement", "list")] == [False, True]
    assert [each["form"] for each in ready.json("contribution", "list")] == [
        "money",
        "money",
        "goods",
        "hosting",
    ]
    balances = {each["code"]: each["balance"]["minor"] for each in ready.json("bank", "list")}
    assert balances == {"EUR1": 4_000_00, "KRW1": 5_000_000, "USD1": 0}
    change = ("--from", "EUR1", "--sold", "EUR 1,000", "--to", "USD1", "--bought", "USD 1,130")
    ready.approved("bank", "change", "X1", *TERM, *change, *ON)
    assert "1,130.00 USD" in ready("bank", "list").stdout


def test_a_plan_is_made_shown_and_approved(ready: Desk) -> None:
    gift = ("--bank", "USD1", "--amount", "USD 210,000", "--donor", "FOUND", *TERM)
    ready.approved("contribution", "receive", "R1", *gift, *ON)
    plan = ready.folder / "plan.json"
    scenario = ready.file("base.toml", SCENARIO.format(share="40%"))
    made = ready.json("plan", "run", scenario, "--out", plan)
    assert (
        made["awarded"]
        == sum(flow["cents"] for award in made["awards"] for flow in award["flows"])
        == 200_000_00
    )
    shown = ready("plan", "show", plan).stdout
    assert max(len(line) for line in shown.splitlines()) <= 100
    assert "200,000.00" in shown
    assert "proved" in shown
    assert "africa" in shown
    assert "It would give up T-1." in " ".join(shown.split())
    assert "cannot approve this too" in ready.refused("plan", "approve", plan)
    entry = ready.json("plan", "approve", plan, "--by", "Ben")
    assert entry["kind"] == "plan approved"
    assert sum(line["usd"] for line in entry["lines"]) == 0


def test_that_no_plan_exists_is_an_answer(ready: Desk) -> None:
    scenario = ready.file(
        "greedy.toml",
        SCENARIO.format(share="40%")
        + '[[floors]]\nid="asia"\ngroup="region"\nof="Asia and the Pacific"\nshare="70%"\n',
    )
    ready.approved(
        "contribution",
        "receive",
        "R1",
        "--bank",
        "USD1",
        "--amount",
        "USD 210,000",
        "--donor",
        "FOUND",
        *TERM,
        *ON,
    )
    scenario.write_text(
        scenario.read_text("utf-8").replace('id = "base"', 'id = "base"\nmust_fund = ["T-1"]'), "utf-8"
    )
    sentence = ready.refused("plan", "run", scenario, "--out", ready.folder / "plan.json", code=1)
    assert "asia" in sentence
    assert not (ready.folder / "plan.json").exists()


def test_a_grant_is_carried_out(desk: Desk) -> None:
    later = ("--on", "2022-03-02")
    grant = ("--activity", "T-1", "--partner", "Institute", "--amount", "USD 5,000", "--to", "2023-01-01")
    desk.approved("grant", "commit", "G2", *TERM, *grant, *later)
    desk.approved("grant", "pay", "G2", "T1", "--bank", "USD1", "--amount", "3,000.00", *later)
    spent = ("--spent", "travel=1,000.50", "--spent", "staff=500", "--result", "A meeting")
    desk.approved("grant", "report", "G2", "E1", *spent, *later)
    desk.approved("grant", "return", "G2", "B1", "--bank", "USD1", "--amount", "200", *later)
    row = {each["code"]: each for each in desk.json("grant", "list")}["G2"]
    figures = [row[name] for name in ("amount_cents", "committed_cents", "advanced_cents", "spent_cents")]
    assert figures == [5_000_00, 3_499_50, 1_299_50, 1_500_50]
    desk.approved("grant", "cancel", "G2", "C1", "--reason", "finished", *later)
    assert "1,500.50" in desk("grant", "list").stdout


def test_a_period_is_closed_and_reopened(desk: Desk) -> None:
    closing = ("period", "close", "2021-12", "--on", "2022-01-05")
    assert "evidence" not in desk.approved(*closing)["payload"], "as it was before it could have any"
    late = (
        "contribution",
        "receive",
        "L1",
        "--bank",
        "USD1",
        "--amount",
        "USD 5",
        "--donor",
        "FOUND",
        *TERM,
        *ON,
    )
    assert "lies in the closed period 2021-12" in desk.refused(*late)
    desk.approved("period", "reopen", "2021-12", "--reason", "late advice", "--on", "2022-01-06")
    assert desk.json("period", "list") == [
        {"period": "2021-11", "status": "closed"},
        {"period": "2021-12", "status": "open"},
    ]
    desk.approved(*late)
    confirmed = desk.folder / "balance.txt"
    confirmed.write_text("The balance was USD 0.00.", "utf-8")
    again = desk.approved(*closing, "--evidence", confirmed)["payload"]
    assert (again["times"], [each["name"] for each in again["evidence"]]) == (2, ["balance.txt"])
    assert desk.refused("period", "reopen", "2020", "--reason", "x") == "The period 2020 is open already."


def test_entries_are_listed_shown_and_reversed(desk: Desk) -> None:
    (gift,) = desk.json("entry", "list", "--agreement", "U-1", "--kind", "contribution received")
    assert len(desk.json("entry", "list", "--last", 3)) == 3
    shown = desk("entry", "show", gift["seq"]).stdout
    assert gift["hash"] in shown
    assert "1100 Cash at bank" in shown
    assert "40,000.00 USD" in shown
    (paid,) = desk.json("entry", "list", "--kind", "refund paid")
    back = desk.approved("entry", "reverse", paid["seq"], "--reason", "bounced", "--on", "2022-03-02")
    assert back["reverses"] == paid["seq"]
    assert back["lines"][0]["usd"] == -paid["lines"][0]["usd"]
    assert "cannot be reversed" in desk.refused("entry", "reverse", 1, "--reason", "x")
    assert "There is no entry 999" in desk.refused("entry", "show", 999)


@pytest.mark.parametrize("check", ["verify", "replay"])
def test_an_audit_says_what_it_read(desk: Desk, check: str) -> None:
    result = desk.json("audit", check)
    assert result["sound"]
    assert desk("audit", check).stdout.startswith(f"{result['entries']} entries, {result['lines']} lines")
    assert result["head"]["hash"] in desk("audit", check).stdout


@pytest.mark.parametrize("check", ["verify", "replay"])
def test_an_audit_that_finds_something_exits_with_1(desk: Desk, check: str) -> None:
    with closing(sqlite3.connect(desk.book)) as books, books:
        books.execute("UPDATE balance SET amount = amount + 1, usd = usd + 1 WHERE account = '1300'")
    result = desk("audit", check, code=1)
    assert "entry " in result.stdout
    found = desk.json("audit", check, code=1)
    assert not found["sound"]
    assert any(
        found["head"]["seq"] > each["entry"] > 1 and "1300" in each["what"] for each in found["findings"]
    )
    assert result.stdout.endswith(f": {len(found['findings'])} findings.\n")


# ---- what is refused, each in one sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("contribution", "receive", "R", "--bank", "USD1", "--amount", "XYZ 5"), "'XYZ' is not a currency"),
        (("contribution", "receive", "R", "--bank", "USD1", "--amount", "5"), "'5' has no currency"),
        (
            ("contribution", "receive", "R", "--bank", "USD1", "--amount", "USD 1,000,00"),
            "is not an amount of USD",
        ),
        (("contribution", "receive", "R", "--bank", "USD1", "--amount", "USD -5"), "is not an amount of USD"),
        (
            ("contribution", "receive", "R", "--bank", "USD1", "--amount", "USD 5"),
            "give the agreement, or the donor",
        ),
        (
            (
                "contribution",
                "receive",
                "R",
                "--bank",
                "EUR1",
                "--amount",
                "EUR 50,000.01",
                "--agreement",
                "A1",
            ),
            "still owes",
        ),
        (
            (
                *("contribution", "receive", "R", "--bank", "EUR1", "--amount", "EUR 5"),
                *("--agreement", "A1"),
                *("--on", "2023-11-01"),
            ),
            "outside the dates of agreement A1",
        ),
        (
            ("contribution", "receive", "R", "--bank", "USD1", "--amount", "EUR 5", "--agreement", "A1"),
            "The bank account USD1 holds USD, not EUR",
        ),
        (
            (
                "contribution",
                "receive",
                "R",
                "--bank",
                "USD1",
                "--amount",
                "USD 5",
                "--donor",
                "NOBODY",
                *TERM,
            ),
            "There is no donor 'NOBODY' in this book.",
        ),
        (
            ("donor", "add", "X", "--name", "X", "--type", "city", "--country", "XXX"),
            "There is no country 'XXX'",
        ),
        (("donor", "add", "a b", "--name", "X", "--type", "city"), "'a b' is not a code"),
        (("donor", "add", "CITY", "--name", "X", "--type", "city"), "with other content"),
        (("term", "open", "T", "--from", "2021-02-30", "--to", "2022-01-01"), "'2021-02-30' is not a day"),
        (
            ("term", "open", "T", "--from", "2022-01-01", "--to", "2021-01-01"),
            "a term must end after it starts",
        ),
        (
            (
                "grant",
                "commit",
                "G9",
                *TERM,
                "--activity",
                "T-3",
                "--partner",
                "X",
                "--amount",
                "5",
                "--to",
                "2023-01-01",
            ),
            "is allocated to T-3",
        ),
        (("grant", "pay", "G1", "T9", "--bank", "USD1", "--amount", "EUR 5"), "is not in US dollars"),
        (("grant", "report", "G1", "E9", "--spent", "food=5"), "the categories are staff"),
        (
            ("grant", "report", "G1", "E9", "--spent", "travel=5", "--spent", "travel=6"),
            "travel is given twice",
        ),
        (
            ("grant", "report", "G1", "E9", "--spent", "travel=5", "--evidence", "absent.pdf"),
            "absent.pdf cannot be read",
        ),
        (
            (
                "contribution",
                "goods",
                "IK9",
                "--agreement",
                "A1",
                "--description",
                "x",
                "--value",
                "USD 5",
                "--basis",
                "x",
            ),
            "a value in kind needs evidence",
        ),
        (("agreement", "show", "NONE"), "There is no agreement 'NONE' in this book."),
        (("period", "close", "2021-13"), "'2021-13' is not a period"),
        (("plan", "show", "absent.json"), "absent.json cannot be read"),
        (("plan", "run", "absent.toml", "--out", "p.json"), "absent.toml cannot be read"),
        (("rate", "import", "absent.csv"), "absent.csv cannot be read"),
        (("programme", "list", "--term", "1999"), "No programme is adopted for the term 1999"),
        (("entry", "show", "9" * 30), "is not in the range"),
        (("bank", "lost"), "No such command 'lost'."),
    ],
)
def test_a_mistake_is_told_in_one_sentence(desk: Desk, words: tuple[str, ...], sentence: str) -> None:
    dated = () if "--on" in words or words[1] not in {"receive", "goods", "commit", "pay", "report"} else ON
    assert sentence in desk.refused(*words, *dated)


def test_a_plan_that_cannot_be_written_is_told(ready: Desk) -> None:
    gift = ("--bank", "USD1", "--amount", "USD 210,000", "--donor", "FOUND", *TERM)
    ready.approved("contribution", "receive", "R1", *gift, *ON)
    scenario = ready.file("base.toml", SCENARIO.format(share="1%"))
    told = ready.refused("plan", "run", scenario, "--out", ready.folder / "no" / "plan.json")
    assert "plan.json cannot be written: No such file or directory." in told


# ---- ends that nobody wants


def test_an_interrupt_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mdfm.api.recording.propose", interrupted)
    result = desk("period", "close", "2021-12", "--on", "2022-01-05", code=130)
    assert result.stderr.strip() == "Interrupted: nothing was recorded."
    assert len(desk.json("proposal", "list")) == 1


def test_an_interruption_while_the_program_loads_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    run = subprocess.run(
        [sys.executable, "-c", "from mdfm.__main__ import main; main()", "term", "list"],
        env=os.environ | {"PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "Interrupted: nothing was recorded.\n")


def test_a_fault_of_the_program_is_no_traceback(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(*_given: object) -> None:
        raise AssertionError("a line lacks its donor")

    monkeypatch.setattr("mdfm.api.recording.propose", faulty)
    result = desk("period", "close", "2021-12", "--on", "2022-01-05", code=2)
    assert "AssertionError at test_cli.py" in result.stderr
    assert "a line lacks its donor" in result.stderr


def test_a_reader_that_leaves_early_is_not_told_off(desk: Desk) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [
        sys.executable,
        "-c",
        "from mdfm.cli.app import main; main()",
        "--book",
        str(desk.book),
        "entry",
        "list",
    ]
    run = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (run.returncode, run.stderr) == (141, "")
