"""What is typed wrongly, pasted or meant ill: a readable sentence, exit code 2, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger import Refused, atomic_file, write_atomically
from mdfm.cli.app import app, main
from mdfm.cli.console import UsdCents, progress, table, waiting
from tests.support.signers import authority

TERM = ("--term", "2021-2023")


@pytest.fixture
def book(played_template: Path, tmp_path: Path) -> Path:
    """A book in which everything has happened once, by itself in a folder."""
    return Path(shutil.copy(played_template, tmp_path / "clumsy.book"))


def told(book: Path, *words: str, **variables: str) -> Result:
    """What the command line answers, which is never a fault of the program."""
    result = CliRunner(env={"MDFM_BY": "Ana", "MDFM_BOOK": str(book), **variables}).invoke(app, words)
    assert "fault of this program" not in result.stderr
    return result


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("donor", "show", "\udcff"), "is no text in UTF-8"),
        (("plan", "show", "\udcff.json"), "is no text in UTF-8"),
        (("period", "close", "0000"), "'0000' is not a period"),
        (("period", "close", "٢٠٢٢"), "is not a period"),
        (("support-cost", "agree", *TERM, "--rate", "\N{ARABIC-INDIC DIGIT SEVEN}%"), "is not a rate"),
        (("pledge", "ageing", "--known-at", "9" * 30), "is not the number of an entry"),
        (("plan", "execution", *TERM, "--known-at", "9" * 30), "is not the number of an entry"),
        (("entry", "list", "--last", "9" * 30), "is not in the range"),
        (("donor", "add", "NGO", "--name", " ", "--type", "civil-society"), "it is empty: say it in words"),
        (("entry", "reverse", "1", "--reason", "\t"), "it is empty: say it in words"),
        (("plan", "show", ""), "give the name of a file"),
        (("audit", "export", "--out", ""), "give the name of a file"),
        (("audit", "export", "--out", "/"), "/ cannot be written: it is a folder."),
        (("audit", "keygen", "--out", "/"), "There is a file / already"),
        (("--book", " ", "init"), "--book names no book"),
        (("contribution", "unidentified", "R", "--evidence", "/dev/zero"), "/dev/zero is too large"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_what_is_typed_wrongly_is_told_in_a_sentence(
    book: Path, words: tuple[str, ...], sentence: str
) -> None:
    rest = (*TERM, "--bank", "USD1", "--amount", "USD 5") if "--evidence" in words else ()
    result = told(book, *words, *rest)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert list(book.parent.iterdir()) == [book]


def test_who_records_is_text_too(book: Path) -> None:
    assert "is no text in UTF-8" in told(book, "term", "list", MDFM_BY="\udcff").stderr


def test_a_pasted_page_is_not_repeated(book: Path) -> None:
    sentence = told(book, "donor", "show", "x" * 100_000).stderr
    assert len(sentence) < 200
    assert sentence.startswith("There is no donor 'xxxx")


def test_json_cannot_steer_a_terminal(book: Path) -> None:
    name = "\x9b31m\N{RIGHT-TO-LEFT OVERRIDE}\x7fÉcole 🏫"
    told(book, "donor", "add", "NGO", "--name", name, "--type", "civil-society", "--on", "2021-12-15")
    shown = told(book, "donor", "list", "--json").stdout
    assert not {char for char in shown if not char.isprintable()} - {"\n"}
    assert "École 🏫" in shown
    assert name in {each["name"] for each in json.loads(shown)}


@pytest.mark.parametrize("width", [0, 20, 60])
def test_a_narrow_terminal_takes_no_digit_away(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    row: dict[str, object] = {"code": "AGREEMENT-2022-001", "is": "unearmarked", "for": "two words"}
    amounts = {name: UsdCents(123_456_789_00) for name in ("left", "used", "paid")}
    table([row | amounts], {name: name.upper() for name in ("code", *amounts, "for", "is")})
    shown = capsys.readouterr().out
    assert shown.count("123,456,789.00") == len(amounts)
    assert "AGREEMENT-2022-001" in shown
    assert "unearmarked" in shown


def test_nor_does_one_that_cannot_say_how_wide_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("FORCE_COLOR", "1")  # what is caught here is then taken for a terminal
    amounts = {f"amount {number}": UsdCents(123_456_789_00) for number in range(8)}
    table([amounts], {name: name for name in amounts})
    assert capsys.readouterr().out.count("123,456,789.00") == len(amounts)


def test_no_sign_of_life_is_written_where_nobody_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with waiting("Reading"), progress("Reading") as told_of:
        told_of(1, 2)
    assert capsys.readouterr().err == ""


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_a_stream_that_the_shell_closed_is_no_fault(
    book: Path, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["mdfm", "--book", str(book), "term", "list"])
    monkeypatch.setattr(sys, closed, None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0


# ---- files that are written


def test_a_book_is_not_overwritten(book: Path) -> None:
    before = book.read_bytes()
    result = told(book, "audit", "export", "--out", str(book))
    assert (result.exit_code, book.read_bytes()) == (2, before)
    assert "is a database, perhaps the book" in result.stderr


def test_a_device_is_written_into_and_stays(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, b"told")
    assert os.read(reader, 9) == b"told"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    write_atomically(tmp_path / "link", b"first")
    write_atomically(tmp_path / "link", b"second")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"second"


def test_half_a_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), atomic_file(tmp_path / "plan.json") as file:
        file.write(b"{")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told() -> None:
    with pytest.raises(Refused, match="There is no room for /dev/full on its disk"):
        write_atomically(Path("/dev/full"), b"plan")


@pytest.mark.parametrize("out", ["no/plan.json", ".", "same.toml"])
def test_where_a_plan_goes_is_asked_before_it_is_solved(
    book: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book.parent)
    monkeypatch.setattr("mdfm.api.plans.make_plan", lambda *_given, **_more: pytest.fail("it was solved"))
    scenario = 'id = "same"\nterm = "2021-2023"\non = 2021-12-20\nlists_on = 2025-12-01\nmoney = "received"\n'
    Path("same.toml").write_text(scenario, encoding="utf-8")
    result = told(book, "plan", "run", "same.toml", "--out", out)
    assert result.exit_code == 2
    assert Path("same.toml").read_text(encoding="utf-8") == scenario


def test_a_scenario_that_is_no_file_is_told(book: Path) -> None:
    (book.parent / "loop.toml").symlink_to("loop.toml")
    (book.parent / "deep.toml").write_text("a=" + "[" * 50_000, encoding="utf-8")
    for name, sentence in (("loop.toml", "cannot be read"), ("deep.toml", "is not a TOML file")):
        result = told(book, "plan", "alternatives", str(book.parent / name))
        assert result.exit_code == 2
        assert sentence in result.stderr


def test_a_key_of_which_the_half_cannot_be_written_is_none(book: Path) -> None:
    (book.parent / "key.pub").symlink_to("no/where")
    result = told(book, "audit", "keygen", "--out", str(book.parent / "key"))
    assert result.exit_code == 2
    assert not (book.parent / "key").exists()


def test_no_passphrase_is_no_interrupt(book: Path) -> None:
    key = authority("Example").pkcs12(book.parent / "key.p12", "secret")
    result = told(book, "statement", "write", "CITY", *TERM, "--sign", str(key))
    assert result.exit_code == 2
    assert "No passphrase was given" in result.stderr
