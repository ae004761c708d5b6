"""`mdfm evidence`: files that prove entries and proposals, out of the book."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.mdfm.cli.test_cli import Desk
from tests.support.tampering import unsealed

RECEIPT = ("--term", "2021-2023", "--bank", "USD1", "--on", "2021-12-10")
FIRST, SECOND = (hashlib.sha256(text).hexdigest() for text in (b"First.", b"Second."))


@pytest.fixture
def desk(ready_template: Path, tmp_path: Path) -> Desk:
    return Desk.at(ready_template, tmp_path)


def received(desk: Desk, reference: str, *files: str, amount: str = "USD 5") -> tuple[object, ...]:
    """The command that records money with files as its evidence."""
    proofs = [word for file in files for word in ("--evidence", file)]
    return ("contribution", "unidentified", reference, *RECEIPT, "--amount", amount, *proofs)


@pytest.fixture
def entry(desk: Desk, tmp_path: Path) -> Any:
    """An entry with two files of one name."""
    (tmp_path / "other").mkdir()
    files = [desk.file("advice.txt", "First."), desk.file("other/advice.txt", "Second.")]
    return desk.approved(*received(desk, "U-1", *map(str, files)))


def test_evidence_comes_out_as_it_went_in(desk: Desk, entry: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first, second = desk.json("evidence", "save", "--entry", entry["seq"], "--out", out)
    assert (Path(first["path"]), Path(second["path"])) == (out / "advice.txt", out / "advice (2).txt")
    assert [Path(each["path"]).read_text("utf-8") for each in (first, second)] == ["First.", "Second."]
    again = desk("evidence", "save", "--entry", entry["seq"], "--out", out).stdout
    assert again.count("is there already, with the same bytes") == 2
    assert len(list(out.iterdir())) == 2


def test_a_file_is_saved_by_the_first_digits_of_its_hash(desk: Desk, entry: Any, tmp_path: Path) -> None:
    (saved,) = desk.json("evidence", "save", SECOND[:6].upper(), "--out", tmp_path / "out")
    assert (saved["sha256"], saved["is_new"]) == (SECOND, True)
    assert Path(saved["path"]).read_text("utf-8") == "Second."


def test_evidence_of_a_proposal_is_read_before_it_is_decided(desk: Desk, tmp_path: Path) -> None:
    proposal = desk.json(*received(desk, "U-1", str(desk.file("advice.txt", "First."))))
    shown = desk("proposal", "show", proposal["id"])
    assert FIRST[:12] in shown.stdout
    assert f"mdfm evidence save --proposal {proposal['id']} --out FOLDER" in shown.stderr
    (saved,) = desk.json("evidence", "save", "--proposal", proposal["id"], "--out", tmp_path / "out")
    assert Path(saved["path"]).read_text("utf-8") == "First."


def test_an_entry_says_how_to_read_its_evidence(desk: Desk, entry: Any) -> None:
    shown = desk("entry", "show", entry["seq"])
    assert FIRST[:12] in shown.stdout
    assert SECOND[:12] in shown.stdout
    assert f"Read its 2 files of evidence: mdfm evidence save --entry {entry['seq']}" in shown.stderr
    assert desk("entry", "show", 1).stderr == ""


def test_all_files_are_listed_with_who_names_them(desk: Desk, entry: Any) -> None:
    desk.json(*received(desk, "U-2", str(desk.file("advice.txt", "First."))))
    gone = desk.json(*received(desk, "U-3", str(desk.file("wrong.pdf", "Third."))))
    desk("proposal", "reject", gone["id"])
    first, second, third = desk.json("evidence", "list")
    assert [each["sha256"] for each in (first, second)] == [FIRST, SECOND]
    assert [(each["entry"], each["status"]) for each in first["named_by"]] == [
        (entry["seq"], "recorded"),
        (0, "approved"),
        (0, "waiting"),
    ]
    assert (first["size"], first["media_type"], first["in_use"]) == (6, "text/plain", True)
    assert (third["name"], third["media_type"], third["in_use"]) == ("wrong.pdf", "application/pdf", False)
    printed = desk("evidence", "list").stdout
    assert f"entry {entry['seq']}; proposal 2 (waiting)" in printed
    assert "proposal 3 (rejected)" in printed
    assert FIRST[:12] in printed
    assert FIRST[:13] not in printed


def test_a_file_that_nothing_names_is_listed_too(desk: Desk) -> None:
    with unsealed(desk.book) as books:
        books.execute("INSERT INTO evidence VALUES (?, ?)", (FIRST, b"First."))
    assert [each["named_by"] for each in desk.json("evidence", "list")] == [[]]
    assert "nothing any more" in desk("evidence", "list").stdout
    assert "No entry and no proposal names it." in desk("evidence", "show", FIRST).stdout


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--entry", "entry"), 2),
        (("--entry", 1), 0),
        (("--proposal", 1), 2),
        (("--kind", "unidentified money received"), 2),
        (("--kind", "tranche paid"), 0),
        (("--from", "2021-12-10", "--to", "2021-12-10"), 2),
        (("--from", "2021-12-11"), 0),
        (("--to", "2021-12-09"), 0),
    ],
)
def test_files_are_found_by_what_names_them(
    desk: Desk, entry: Any, words: tuple[object, ...], found: int
) -> None:
    named = [entry["seq"] if word == "entry" else word for word in words]
    assert len(desk.json("evidence", "list", *named)) == found


def test_files_of_an_agreement_are_those_of_all_that_concerns_it(desk: Desk) -> None:
    paper, advice = desk.file("agreement.pdf", "Signed."), desk.file("advice.txt", "First.")
    agreement = ("agreement", "sign", "A1", "--donor", "CITY", "--term", "2021-2023", "--amount", "USD 9,000")
    dates = ("--from", "2021-11-01", "--to", "2023-10-31", "--on", "2021-12-01")
    desk.json(*agreement, *dates, "--evidence", paper)
    desk("proposal", "approve", 1, "--by", "Ben")
    desk.approved(*received(desk, "U-1", str(desk.file("other.txt", "Other."))))
    goods = ("contribution", "goods", "G1", "--agreement", "A1", "--description", "Chairs")
    worth = ("--value", "USD 100", "--basis", "invoice", "--on", "2021-12-10")
    desk.json(*goods, *worth, "--evidence", advice)
    names = [each["name"] for each in desk.json("evidence", "list", "--agreement", "A1")]
    assert names == ["agreement.pdf", "advice.txt"]
    assert "There is no agreement 'A9'" in desk.refused("evidence", "list", "--agreement", "A9")


def test_a_file_is_shown_with_who_names_it(desk: Desk, entry: Any) -> None:
    shown = desk.json("evidence", "show", FIRST[:8])
    assert (shown["sha256"], shown["sound"], shown["fault"]) == (FIRST, True, "")
    assert [each["entry"] for each in shown["named_by"]] == [entry["seq"], 0]
    printed = desk("evidence", "show", FIRST)
    assert FIRST in printed.stdout
    assert f"entry {entry['seq']}" in printed.stdout


def test_digits_that_fit_several_files_are_answered_with_those(desk: Desk) -> None:
    with unsealed(desk.book) as books:
        for digit in "01":
            books.execute("INSERT INTO evidence VALUES (?, ?)", ("abcdef" + digit * 58, b""))
    said = desk.refused("evidence", "show", "abcdef")
    assert said.startswith("'abcdef' fits 2 files: abcdef000000 (abcdef000000), abcdef111111")


@pytest.mark.parametrize("digits", ["", "zz", "%", "______", FIRST[:5], FIRST + "0", "a" * 64, "../../x"])
def test_digits_that_fit_nothing_are_refused(desk: Desk, entry: Any, digits: str) -> None:
    said = desk.refused("evidence", "show", digits)
    assert said == (
        f"There is no evidence '{digits}' in this book: give its SHA-256, or at least the first 6 digits "
        "that `mdfm evidence list` shows (for the files of an entry, add --entry ENTRY)."
    )


@pytest.mark.parametrize("what", ["UPDATE evidence SET content = x'00'", "DELETE FROM evidence"])
def test_changed_evidence_is_not_written(desk: Desk, entry: Any, tmp_path: Path, what: str) -> None:
    with unsealed(desk.book) as books:
        books.execute(f"{what} WHERE sha256 = ?", (SECOND,))
    out = tmp_path / "out"
    said = desk.refused("evidence", "save", "--entry", entry["seq"], "--out", out, code=1)
    assert SECOND in said
    assert not out.exists()
    assert SECOND in desk.refused(
        "evidence", "zip", "--entries", entry["seq"], "--out", tmp_path / "z", code=1
    )
    assert not list(tmp_path.glob("*z*"))
    shown = desk.json("evidence", "show", SECOND, code=1)
    assert (shown["sound"], SECOND in shown["fault"]) == (False, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("save", "--out", "x"), "Say which"),
        (("save", "--entry", 99, "--out", "x"), "There is no entry 99"),
        (("save", "--proposal", 99, "--out", "x"), "There is no proposal 99"),
        (("save", "--entry", 1, "--out", "x.pdf"), "is the name of a file"),
        (("list", "--entry", 99), "There is no entry 99"),
        (("list", "--kind", "tranche payed"), "did you mean 'tranche paid'?"),
        (("zip", "--out", "x.zip"), "Say which entries"),
        (("zip", "--entries", "1", "--sample", 3, "--out", "x.zip"), "Say which entries"),
        (("zip", "--entries", "1", "--seed", "x", "--out", "x.zip"), "A seed is for a sample"),
        (("zip", "--entries", "1-999999999999", "--out", "x.zip"), "There is no entry 999999999999"),
        (("zip", "--entries", "0", "--out", "x.zip"), "'0' is not an entry"),
        (("zip", "--entries", "5-3", "--out", "x.zip"), "write 3-5"),
        (("zip", "--entries", "1,,2", "--out", "x.zip"), "'' is not an entry"),
        (("zip", "--sample", 0, "--out", "x.zip"), "is not in the range"),
        (("zip", "--agreement", "A9", "--out", "x.zip"), "There is no agreement 'A9'"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, words: tuple[object, ...], sentence: str
) -> None:
    folder = desk.folder / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert sentence in desk.refused("evidence", *words)
    assert list(folder.iterdir()) == []


def test_an_entry_without_evidence_says_so(desk: Desk, tmp_path: Path) -> None:
    result = desk("evidence", "save", "--entry", 1, "--out", tmp_path / "out")
    assert (result.stdout, result.stderr) == ("", "Entry 1 has no evidence.\n")
    assert desk("evidence", "list").stderr == "There is no such evidence.\n"
    said = desk.refused("evidence", "zip", "--entries", 1, "--out", tmp_path / "x.zip", code=1)
    assert said == "None of these entries names any evidence."
    assert not (tmp_path / "x.zip").exists()


# ---- the zip file


def rows_of(place: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(place) as made:
        return list(csv.DictReader(io.StringIO(made.read("index.csv").decode("utf-8-sig"), newline="")))


def test_a_zip_has_a_folder_for_each_entry_and_an_index(desk: Desk, entry: Any, tmp_path: Path) -> None:
    place = tmp_path / "sample.zip"
    last = entry["seq"]
    answer = desk.json("evidence", "zip", "--entries", f"1-2,{last}", "--out", place)
    assert (answer["entries"], answer["files"]) == ([1, 2, last], 2)
    with zipfile.ZipFile(place) as made:
        assert made.testzip() is None
        assert made.namelist() == [
            "index.csv",
            f"entry-{last:06d}/advice.txt",
            f"entry-{last:06d}/advice (2).txt",
        ]
        assert made.read(made.namelist()[2]) == b"Second."
    first, _, third, fourth = rows_of(place)
    assert (first["entry"], first["kind"], first["file"], first["sha256"]) == ("1", "term opened", "", "")
    assert [fourth[name] for name in ("entry", "on", "currency", "amount", "made_by", "approved_by")] == [
        str(last),
        "2021-12-10",
        "USD",
        "5.00",
        "Ana",
        "Ben",
    ]
    assert [(row["file"], row["sha256"]) for row in (third, fourth)] == [
        ("advice.txt", FIRST),
        ("advice.txt", SECOND),
    ]


def test_the_same_sample_is_the_same_file(desk: Desk, tmp_path: Path) -> None:
    for number in range(12):
        file = desk.file(f"{number}.txt", f"Proof {number}.")
        desk.approved(*received(desk, f"U-{number}", str(file)))
    drawn = ("evidence", "zip", "--sample", 4)
    answers = [
        desk.json(*drawn, *seed, "--out", tmp_path / f"{number}.zip")
        for number, seed in enumerate([(), (), ("--seed", "a"), ("--seed", "a"), ("--seed", "b")])
    ]
    made = [(tmp_path / f"{number}.zip").read_bytes() for number in range(5)]
    assert made[0] == made[1]
    assert made[2] == made[3] != made[4]
    assert all(len(each["entries"]) == each["files"] == 4 for each in answers)
    seq = [each["seq"] for each in desk.json("entry", "list", "--kind", "unidentified money received")]
    by_hand = sorted(seq, key=lambda number: hashlib.sha256(f"a:{number}".encode()).hexdigest())[:4]
    assert answers[2]["entries"] == sorted(by_hand)
    more = desk.json("evidence", "zip", "--sample", 99, "--out", tmp_path / "all.zip")
    assert more["files"] == 12


def test_a_zip_is_never_written_over_a_file(desk: Desk, entry: Any, tmp_path: Path) -> None:
    (tmp_path / "sample.zip").write_text("mine")
    said = desk.refused("evidence", "zip", "--sample", 1, "--out", tmp_path / "sample.zip")
    assert "sample.zip already" in said
    assert (tmp_path / "sample.zip").read_text() == "mine"


@pytest.mark.parametrize("name", ["=1+1.txt", "+x.txt", "-x.txt", "@x.txt"])
def test_a_name_is_no_formula_in_the_index(desk: Desk, tmp_path: Path, name: str) -> None:
    entry = desk.approved(*received(desk, "U-1", str(desk.file(name, "First."))))
    desk("evidence", "zip", "--entries", entry["seq"], "--out", tmp_path / "x.zip")
    (row,) = rows_of(tmp_path / "x.zip")
    assert row["file"] == f"'{name}"
    assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())


@pytest.mark.parametrize("hostile", ["../../../etc/passwd", "C:\\\\x.txt", "/etc/x.txt", "..", "a\\nb.txt"])
def test_hostile_names_stay_in_their_folder_in_a_zip(
    desk: Desk, entry: Any, tmp_path: Path, hostile: str
) -> None:
    with unsealed(desk.book) as books:
        changed = "UPDATE entry SET payload = replace(payload, 'advice.txt', ?) WHERE seq = ?"
        books.execute(changed, (hostile, entry["seq"]))
    desk("evidence", "zip", "--entries", entry["seq"], "--out", tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as made:
        _, first, second = made.namelist()
    for name in (first, second):
        folder, _, file = name.partition("/")
        assert folder == f"entry-{entry['seq']:06d}"
        assert file not in {"", ".", ".."}
        assert not set(file) & set("/\\:\n")
