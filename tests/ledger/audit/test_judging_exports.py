"""Exports as a stranger judges them: the verifier of the documents, its rules, and vectors of faults."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
import random
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from donors import PERSONAL_TABLES
from ledger import BadInput, Book, Tampered, rebuild_book, rules_text, verify
from ledger.audit.export_rules import export_rules
from ledger.audit.strict_json import LONGEST_LINE
from ledger.storage.evidence import LARGEST_FILE
from mdfm.books import ALL_KINDS
from tests.support.effort import effort
from tests.support.exports import (
    PUBLISHED,
    VERIFIER,
    exported,
    in_first_format,
    lines_of_records,
    records_of,
    resealed,
    strangers_verifier,
)
from tests.support.published_exports import rules as rules_page
from tests.support.published_exports.vectors import FOLDER, Vector, vectors
from tests.support.small_books import file_of
from tests.support.tampering import unsealed

SEED = 20211103
"""Where the random choice of changes begins."""
EVENTS_ALONE = re.compile(
    r"cannot be recorded again|the payload is not a '"
    r"|A contact needs a name|of a contact has at most|is not an email address"
)
"""What only who knows the meaning of an event, or of a contact, can say."""

Index = list[dict[str, Any]]


@pytest.fixture(scope="module")
def stranger() -> ModuleType:
    """The standalone verifier as a module, to be called many times."""
    return strangers_verifier()


@pytest.fixture(scope="module")
def published(stranger: ModuleType) -> Any:
    """The published rules, as the verifier reads them."""
    return stranger.Rules(json.loads(PUBLISHED.read_text("utf-8")))


@pytest.fixture(scope="module")
def index() -> Index:
    """The index of the vectors in the documents."""
    found: Index = json.loads((FOLDER / "index.json").read_text("utf-8"))
    return found


def judged(stranger: ModuleType, content: bytes, published: Any = None) -> str:
    """The sentence of the verifier; empty for a sound export."""
    try:
        stranger.verify(io.BytesIO(content), published)
    except SystemExit as refused:
        assert isinstance(refused.code, str)
        assert re.fullmatch(r"line \d+: [^\n]+", refused.code)
        return refused.code
    return ""


def rebuilt(content: bytes, folder: Path) -> str:
    """The sentence of the program that rebuilds a book; empty where it makes one."""
    export, place = folder / "export.jsonl", folder / "new.book"
    export.write_bytes(content)
    try:
        rebuild_book(str(place), ALL_KINDS, export, personal=PERSONAL_TABLES)
    except BadInput as refused:
        assert not place.exists()
        return str(refused).removeprefix(f"{export}, ")
    place.unlink()
    return ""


def run_verifier(*words: object) -> subprocess.CompletedProcess[str]:
    """The verifier as a program: nothing of this project, and nothing installed, is there to be imported."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# ---- the program


def test_the_verifier_is_one_file_that_needs_only_the_standard_library() -> None:
    source = VERIFIER.read_text("utf-8")
    assert len(source.splitlines()) <= 480
    needed = set(re.findall(r"^(?:import|from) (\w+)", source, re.MULTILINE))
    assert needed <= sys.stdlib_module_names


def test_it_accepts_the_demo_and_says_by_which_rules(demo_book: Book, jsonl: Path) -> None:
    head = verify(demo_book).head
    sha256 = hashlib.sha256(PUBLISHED.read_bytes()).hexdigest()
    rules = export_rules(ALL_KINDS)
    sound = f"sound: {head.seq} entries, head {head.hash}\n"
    counts = json.loads(jsonl.read_text("utf-8").splitlines()[-1])["counts"]
    found = f"judged, too: {counts['proposals']} proposals, {counts['evidence']} files\n"
    found += f"rules: {len(rules['kinds'])} kinds, {len(rules['chart'])} accounts, SHA-256 {sha256}, "
    alone, compared = run_verifier(jsonl), run_verifier(jsonl, PUBLISHED)
    assert (alone.returncode, alone.stderr) == (compared.returncode, compared.stderr) == (0, "")
    assert alone.stdout == f"{sound}{found}NOT compared with the published rules: give export-rules.json\n"
    assert compared.stdout == f"{sound}{found}as published\n"


def test_it_reads_the_first_format_and_says_what_it_could_not_judge(jsonl: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    old.write_text(in_first_format(jsonl.read_text("utf-8")), encoding="utf-8")
    assert "rules: none, so kinds, accounts and sides were not judged" in run_verifier(old).stdout
    assert "as published" in run_verifier(old, PUBLISHED).stdout


def test_it_answers_in_one_sentence(jsonl: Path, tmp_path: Path) -> None:
    (tmp_path / "changed").write_bytes(jsonl.read_bytes().replace(b'"made_by":"', b'"made_by":"X', 1))
    refused = run_verifier(tmp_path / "changed")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "line 2: its content does not match its hash\n"
    missing = run_verifier(tmp_path / "none")
    assert (missing.returncode, missing.stderr) == (
        2,
        f"{tmp_path / 'none'} cannot be read: No such file or directory\n",
    )
    no_rules = run_verifier(jsonl, jsonl)
    assert (no_rules.returncode, no_rules.stderr.count("\n")) == (2, 1)
    assert "has no rules" in no_rules.stderr


def test_it_prints_its_usage(jsonl: Path) -> None:
    asked, nothing = run_verifier("--help"), run_verifier()
    assert (asked.returncode, asked.stderr) == (nothing.returncode - 2, nothing.stdout) == (0, "")
    assert asked.stdout == nothing.stderr
    assert re.fullmatch(r"[^\n]+: python verify_export.py FILE \[export-rules.json\]\n", asked.stdout)
    assert run_verifier(jsonl, PUBLISHED, "more").returncode == 2


# ---- the rules that are published


def test_the_published_rules_are_those_of_the_program() -> None:
    assert PUBLISHED.read_text("utf-8") == rules_text(ALL_KINDS)


def test_the_page_shows_the_digits_of_the_published_rules() -> None:
    page = (VERIFIER.parent / "export.md").read_text("utf-8")
    shown = re.findall(r"(\d+) kinds, (\d+) accounts, SHA-256 ([0-9a-f]+)\.\.\., as published", page)
    rules, sha256 = export_rules(ALL_KINDS), hashlib.sha256(PUBLISHED.read_bytes()).hexdigest()
    assert shown == [(str(len(rules["kinds"])), str(len(rules["chart"])), sha256[:4])]


def test_the_tables_of_the_document_are_those_of_the_program() -> None:
    page = rules_page.PAGE.read_text("utf-8")
    assert rules_page.rewritten(page) == page
    for table in rules_page.tables().values():
        assert table in page


def test_a_weakened_header_is_accepted_by_itself_and_refused_by_the_published_rules(
    stranger: ModuleType, published: Any
) -> None:
    weak = (FOLDER / "invalid-weakened-header.jsonl").read_bytes()
    assert judged(stranger, weak) == ""
    assert judged(stranger, weak, published) == "line 1: the kind 'period closed' is not as published"


def test_stricter_rules_in_a_header_are_held_against_its_entries(
    stranger: ModuleType, published: Any, tmp_path: Path
) -> None:
    records = records_of((FOLDER / "valid.jsonl").read_text("utf-8"))
    for kind in records[0]["rules"]["kinds"]:
        kind["reversible"] = False
    strict = lines_of_records(records).encode()
    assert judged(stranger, strict, published).endswith("an entry of this kind cannot be reversed")
    assert rebuilt(strict, tmp_path) == (
        "line 9: entry 7 reverses entry 6, which cannot be reversed; nothing was imported."
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kinds", [{"kind": "x", "version": 1, "second_person": 1, "reversible": False}]),
        ("kinds", [[]]),
        ("kinds", {}),
        ("chart", [{}]),
        ("chart", None),
        ("limits", []),
    ],
)
def test_rules_that_are_none_are_refused(
    stranger: ModuleType, tmp_path: Path, field: str, value: object
) -> None:
    records = records_of((FOLDER / "valid.jsonl").read_text("utf-8"))
    records[0]["rules"][field] = value
    content = lines_of_records(records).encode()
    assert judged(stranger, content).startswith("line 1: ")
    assert rebuilt(content, tmp_path).startswith("line 1: ")


@pytest.mark.parametrize("change", ["side", "requires", "allotment", "twice"])
def test_accounts_with_rules_that_are_none_are_refused(
    stranger: ModuleType, tmp_path: Path, change: str
) -> None:
    records = records_of((FOLDER / "valid.jsonl").read_text("utf-8"))
    chart = records[0]["rules"]["chart"]
    odd: dict[str, Any] = {"side": "left", "requires": [[]], "allotment": "lost"}
    if change == "twice":
        chart.append(chart[-1])
    else:
        chart[0][change] = odd[change]
    content = lines_of_records(records).encode()
    assert judged(stranger, content).startswith("line 1: ")
    assert rebuilt(content, tmp_path).startswith("line 1: ")


# ---- vectors


def test_the_vectors_of_the_documents_are_many_and_all_in_the_index(index: Index) -> None:
    files = sorted(each.name for each in FOLDER.glob("*.jsonl"))
    assert sorted(each["file"] for each in index) == files
    assert sum(not each["valid"] for each in index) >= 90


def test_the_stranger_finds_every_fault_of_the_vectors(
    stranger: ModuleType, published: Any, index: Index
) -> None:
    found = {
        each["file"]: judged(stranger, (FOLDER / each["file"]).read_bytes(), published) for each in index
    }
    expected = {
        each["file"]: "" if each["valid"] else f"line {each['line']}: {each['reason']}" for each in index
    }
    assert found == expected


def test_the_program_refuses_every_vector_with_a_fault(index: Index, tmp_path: Path) -> None:
    for each in index:
        sentence = rebuilt((FOLDER / each["file"]).read_bytes(), tmp_path)
        assert (sentence == "") == each["valid"], f"{each['file']}: {sentence}"
        assert each["valid"] or re.match(r"line \d+: ", sentence)


def test_the_vectors_can_be_made_again(stranger: ModuleType, index: Index) -> None:
    rules = stranger.Rules(export_rules(ALL_KINDS))
    made = vectors()
    assert [(f"{each.name}.jsonl", each.line, each.reason) for each in made] == [
        (each["file"], each.get("line", 0), each.get("reason", "")) for each in index
    ]
    for each in made:
        assert judged(stranger, each.content, rules) == _expected(each)


def _expected(vector: Vector) -> str:
    return f"line {vector.line}: {vector.reason}" if vector.line else ""


# ---- hostile files


class Endless(io.RawIOBase):
    """A file of one byte for ever, which is never read as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        """As many bytes as are asked for."""
        assert size is not None
        assert size > 0
        self.most = max(self.most, size)
        return b"x" * size


def test_a_line_without_end_is_read_no_further_than_the_limit(stranger: ModuleType) -> None:
    endless = Endless()
    with pytest.raises(SystemExit, match="line 1: it is too long"):
        stranger.verify(endless)
    assert endless.most == stranger.LONGEST == LONGEST_LINE
    assert len(base64.b64encode(bytes(LARGEST_FILE))) + 1000 < LONGEST_LINE


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 400 + b"]" * 400,
        b'{"entry":' + b"9" * 100_000 + b"}",
        b'{"entry":-0}',
        b'{"entry":1e400}',
        b'{"entry":Infinity}',
        b'{"entry":"\\ud800"}',
        b'{"entry":"\x00"}',
        b"\xff\xfe{\x00}\x00",
        b'{"entry":{},"lines":[]}',
        b'{"entry":[],"lines":{}}',
        b'{"proposal":null}',
        b'{"contact":1}',
        b'{"counts":[],"head":0}',
        b'{"content":"!","evidence":"!"}',
        '{"content":"é","evidence":"é"}'.encode(),
        b"null",
        b"",
    ],
)
def test_a_hostile_line_is_refused_in_a_sentence_wherever_it_stands(
    stranger: ModuleType, tmp_path: Path, line: bytes
) -> None:
    whole = (FOLDER / "valid-with-contacts.jsonl").read_bytes().splitlines(keepends=True)
    for place in range(len(whole)):
        content = b"".join([*whole[:place], line, b"\n", *whole[place:]])
        assert judged(stranger, content).startswith(f"line {place + 1}: ")
    assert rebuilt(line + b"\n", tmp_path).startswith("line 1: ")


@pytest.mark.parametrize("value", [None, True, 0, -1, 2**63, "", "\x00\x1b[31m", [], {}, [[]]], ids=repr)
def test_no_value_in_any_field_of_an_event_makes_the_verifier_fail(
    stranger: ModuleType, value: object
) -> None:
    records = records_of((FOLDER / "valid-with-contacts.jsonl").read_text("utf-8"))
    for number, record in enumerate(records):
        held = record.get("entry") or record.get("proposal")
        for name in json.loads(held["payload"]) if held else ():
            forged = copy.deepcopy(records)
            other = forged[number].get("entry") or forged[number]["proposal"]
            other["payload"] = json.dumps(
                json.loads(other["payload"]) | {name: value},
                sort_keys=True,
                separators=(",", ":"),
                ensure_ascii=False,
            )
            judged(stranger, lines_of_records(resealed(forged)).encode())


def test_a_currency_with_a_name_of_the_verifiers_hides_no_difference(stranger: ModuleType) -> None:
    """A sum of dollars and one of a currency with an odd name are two sums."""
    records = records_of((FOLDER / "valid.jsonl").read_text("utf-8"))
    last = next(each for each in reversed(records) if "entry" in each)
    for name in ("value in USD", "currency clearing", "USD"):
        forged = copy.deepcopy(records)
        own = forged[records.index(last)]
        empty = dict.fromkeys(own["lines"][0], "") | {"term": "2021-2023", "account": "1900"}
        own["lines"] += [
            empty | {"currency": name, "amount": 5, "usd": 0},
            empty | {"currency": "USD", "amount": -5, "usd": -5},
        ]
        told = judged(stranger, lines_of_records(resealed(forged)).encode())
        assert name == "USD" or re.search("add up to zero|three capital letters", told)


# ---- whatever is changed


def changed(content: bytes, choice: random.Random) -> bytes:
    """The content with one character replaced, added or taken out."""
    text = content.decode()
    place = choice.randrange(len(text))
    other = choice.choice([each for each in 'aZ09" \n{}[],:\\/+=-.é' if each != text[place]])
    end = place + choice.choice((0, 1, 1))
    return (text[:place] + choice.choice(("", other) if end > place else (other,)) + text[end:]).encode()


def test_whatever_character_of_the_demo_is_changed_the_stranger_sees_it(
    stranger: ModuleType, published: Any, jsonl: Path
) -> None:
    choice = random.Random(SEED)
    content = jsonl.read_bytes()
    for _ in range(effort(200, 20_000)):
        broken = changed(content, choice)
        assert judged(stranger, broken, published)


@settings(max_examples=effort(60, 3000))
@given(data=st.data())
def test_what_the_stranger_accepts_the_program_accepts_but_for_the_meaning_of_events(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    stranger, folder = strangers_verifier(), tmp_path_factory.mktemp("forged")
    published = stranger.Rules(json.loads(PUBLISHED.read_text("utf-8")))
    records = records_of((FOLDER / "valid-with-contacts.jsonl").read_text("utf-8"))
    for _ in range(data.draw(st.integers(1, 2))):
        _forge(data, records)
    with suppress(TypeError, KeyError, AttributeError, IndexError):  # of what is no entry any more
        resealed(records)
    content = lines_of_records(records).encode()
    sentence, again = judged(stranger, content, published), rebuilt(content, folder)
    if not sentence:
        assert not again or EVENTS_ALONE.search(again)
    if not again:
        assert not sentence


def _forge(data: st.DataObject, records: list[Any]) -> None:
    """Change one field of one record, or leave a record out, or put it twice or somewhere else."""
    places = st.integers(0, len(records) - 1)
    number = data.draw(places)
    match data.draw(st.sampled_from(("field", "field", "field", "field", "out", "twice", "move"))):
        case "out":
            del records[number]
        case "twice":
            records.insert(data.draw(places), copy.deepcopy(records[number]))
        case "move":
            records.insert(data.draw(places), records.pop(number))
        case _:
            inside, name = data.draw(st.sampled_from(_fields(records[number])))
            others = [held[key] for record in records for held, key in _fields(record) if key == name]
            inside[name] = data.draw(st.sampled_from(others) | _odd_values())
    if not records or "head" not in records[0] or "head" not in records[-1]:
        records[:] = [{"head": None}, {"head": None}]


def _fields(value: Any) -> list[tuple[Any, Any]]:
    """Every field inside a value, as what holds it and its name or place."""
    names: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    deeper = [name for name in names if isinstance(value[name], dict | list) and value[name]]
    return [(value, name) for name in names] + [each for name in deeper for each in _fields(value[name])]


def _odd_values() -> st.SearchStrategy[Any]:
    return st.sampled_from([0, 1, -1, 2**63 - 1, "", "x", "USD", "2021-11-10", None, True, [], {}])


# ---- what cannot be exported


def test_a_book_that_lacks_evidence_or_has_another_is_not_exported(played: Book) -> None:
    with unsealed(Path(file_of(played))) as books:
        books.execute("UPDATE evidence SET content = x'00'")
    with pytest.raises(Tampered, match=r"The evidence [0-9a-f]{64} was changed"):
        exported(played)
    with unsealed(Path(file_of(played))) as books:
        books.execute("DELETE FROM evidence")
    with pytest.raises(Tampered, match=r"The evidence [0-9a-f]{64} is missing from the book"):
        exported(played)


# ---- the form


def test_an_export_is_a_header_entries_proposals_evidence_where_it_is_named_and_a_trailer(
    played_once: Book,
) -> None:
    head = verify(played_once).head
    header, *middle, trailer = records_of(exported(played_once))
    assert header == {
        "format": "mdfm-export-2",
        "encoding": "mdfm-entry-1",
        "head": head._asdict(),
        "personal": [],
        "rules": export_rules(ALL_KINDS),
    }
    seen: list[str] = []
    waiting: list[str] = []
    for record in middle:
        if "evidence" in record:
            assert hashlib.sha256(base64.b64decode(record["content"])).hexdigest() == record["evidence"]
            waiting.append(record["evidence"])
        else:
            held = record.get("entry") or record["proposal"]
            named = [file["sha256"] for file in json.loads(held["payload"]).get("evidence", ())]
            assert waiting == [each for each in dict.fromkeys(named) if each not in seen]
            seen += waiting
            waiting = []
    numbers = [record["entry"]["seq"] for record in middle if "entry" in record]
    proposals = [record["proposal"]["id"] for record in middle if "proposal" in record]
    assert numbers == list(range(1, head.seq + 1))
    assert proposals == list(range(1, len(proposals) + 1))
    assert proposals
    counts = {"entries": head.seq, "evidence": len(seen), "proposals": len(proposals)}
    assert trailer == {"counts": counts, "head": head._asdict()}
