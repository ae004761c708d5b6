"""Files whose names come from others stay in their folder, and are never written over another file."""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import BadInput, make_key, new_file, safe_name, write_atomically, write_template
from ledger.safekeeping.drafts import draft_of, give_name
from ledger.storage.safe_files import LONGEST_NAME, FileToSave, FreeNames, save_all

HOSTILE = {
    "../x": "x",
    "../../etc/passwd": "passwd",
    "/etc/x": "x",
    "C:\\Windows\\x.dll": "x.dll",
    "C:x": "x",
    "\\\\server\\share\\x": "x",
    "..\\..\\x": "x",
    "..": "file",
    ".": "file",
    "...": "file",
    "": "file",
    "/": "file",
    "   ": "file",
    ".bashrc": "_.bashrc",
    "~": "_~",
    "-rf": "_-rf",
    "CON": "_CON",
    "con.pdf": "_con.pdf",
    "COM1.txt": "_COM1.txt",
    "LPT\u00b9": "_LPT\u00b9",
    "NUL.tar.gz": "_NUL.tar.gz",
    "CONTRACT.pdf": "CONTRACT.pdf",
    "con .txt": "_con.txt",
    "NUL  .pdf": "_NUL.pdf",
    "prn .tar.gz": "_prn .tar.gz",
    "con. .txt": "_con.txt",
    "com1 . .x": "_com1.x",
    "\u200d": "file",
    "\u3164": "file",
    "\u2800": "file",
    "\u0301": "file",
    "\u00a0": "file",
    "\u3164\u200d.pdf": "file.pdf",
    "\u0928\u092e\u0938\u094d\u0924\u0947.pdf": "\u0928\u092e\u0938\u094d\u0924\u0947.pdf",
    "a\nb.pdf": "a_b.pdf",
    "a\x00b.pdf": "a_b.pdf",
    "a\x1b[31mb.pdf": "a_[31mb.pdf",
    "invoice\u202efdp.exe": "invoice_fdp.exe",
    "a:b?.pdf": "b_.pdf",
    "report: final.pdf": "report_ final.pdf",
    "trailing. . ": "trailing",
    "Prüfung 2023.pdf": "Prüfung 2023.pdf",
    "البنك.pdf": "البنك.pdf",
}


def files(*named: tuple[str, bytes]) -> list[FileToSave]:
    return [FileToSave(name, sha256(content).hexdigest(), content) for name, content in named]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_a_plain_one(name: str) -> None:
    assert safe_name(name) == HOSTILE[name]


@given(st.text(max_size=400))
def test_a_name_of_any_text_is_one_that_every_system_takes(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode()) <= LONGEST_NAME + 1
    assert PurePosixPath(name).name == PureWindowsPath(name).name == name
    assert not name.startswith((".", "-", " "))
    assert not name.endswith((".", " "))
    assert not any(unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"} for char in name)
    assert safe_name(name) == name


@given(
    st.sampled_from(["con", "PRN", "Aux", "nul", "COM1", "lpt9", "CONIN$"]),
    st.text(" .", max_size=4),
    st.sampled_from(["", ".txt", ".tar.gz", ".pdf "]),
)
def test_no_name_is_that_of_a_device(device: str, more: str, ending: str) -> None:
    assert safe_name(f"{device}{more}{ending}").partition(".")[0].rstrip(" ") != device


def test_a_long_name_keeps_its_ending() -> None:
    name = safe_name("ä" * 300 + ".pdf")
    assert name.endswith("ä.pdf")
    assert len(name.encode()) <= LONGEST_NAME


def test_names_that_differ_only_by_case_or_form_are_one() -> None:
    names = FreeNames()
    taken = [names.take(each) for each in ("Advice.pdf", "ADVICE.PDF", "advice.pdf", "e\u0301", "\u00e9")]
    assert taken == ["Advice.pdf", "ADVICE (2).PDF", "advice (3).pdf", "\u00e9", "\u00e9 (2)"]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_written_outside_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "out"
    (saved,) = save_all(folder, files((name, b"proof")))
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written == [saved.path]
    assert saved.path.parent == folder
    assert saved.path.read_bytes() == b"proof"


def test_nothing_is_written_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "advice.pdf").write_bytes(b"mine")
    first, second = save_all(tmp_path, files(("advice.pdf", b"one"), ("Advice.pdf", b"two")))
    assert (first.path.name, second.path.name) == ("advice (2).pdf", "Advice (3).pdf")
    assert [path.read_bytes() for path in (tmp_path / "advice.pdf", first.path, second.path)] == [
        b"mine",
        b"one",
        b"two",
    ]


def test_the_same_bytes_are_not_written_again(tmp_path: Path) -> None:
    given_files = files(("a.pdf", b"one"), ("a.pdf", b"two"))
    first = save_all(tmp_path, given_files)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = save_all(tmp_path, given_files)
    assert [each.path for each in again] == [each.path for each in first]
    assert [each.is_new for each in [*first, *again]] == [True, True, False, False]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("target", ["elsewhere.txt", "absent.txt", "folder"])
def test_a_link_in_the_folder_is_not_followed(tmp_path: Path, target: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "elsewhere.txt").write_bytes(b"proof")
    (out / "a.txt").symlink_to(tmp_path / target)
    (saved,) = save_all(out, files(("a.txt", b"proof")))
    assert saved.path == out / "a (2).txt"
    assert (tmp_path / "elsewhere.txt").read_bytes() == b"proof"
    assert not (tmp_path / "absent.txt").exists()
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_pipe_and_a_folder_of_the_name_are_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    (tmp_path / "b.txt").mkdir()
    saved = save_all(tmp_path, files(("a.txt", b"one"), ("b.txt", b"two")))
    assert [each.path.name for each in saved] == ["a (2).txt", "b (2).txt"]


def test_what_was_written_is_taken_back_when_another_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "there.txt").write_bytes(b"one")

    def lost() -> Iterator[FileToSave]:
        yield from files(("there.txt", b"one"), ("new.txt", b"two"))
        raise BadInput("lost", "It is lost.")

    with pytest.raises(BadInput, match="It is lost"):
        save_all(tmp_path, lost())
    assert [path.name for path in tmp_path.iterdir()] == ["there.txt"]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(BadInput, match=r"out cannot be written: (File exists|Not a directory)"):
        save_all(tmp_path / "out", files(("a.txt", b"one")))


# ---- one new file


def test_a_proof_is_never_written_over_another_file(tmp_path: Path) -> None:
    place = tmp_path / "checkpoint.json"
    with new_file(place) as file:
        file.write(b"first")
    with (
        pytest.raises(BadInput, match=r"There is a file .*checkpoint\.json already") as refused,
        new_file(place),
    ):
        raise AssertionError("it was opened")
    assert refused.value.code == "file-exists"
    assert place.read_bytes() == b"first"


def test_a_file_that_comes_to_be_meanwhile_stays(tmp_path: Path) -> None:
    place = tmp_path / "checkpoint.json"
    with pytest.raises(BadInput, match="already"), new_file(place) as file:
        file.write(b"second")
        place.write_bytes(b"first")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"first"]


def test_a_link_to_nowhere_is_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="already"), new_file(tmp_path / "a"):
        raise AssertionError("it was opened")


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with new_file(tmp_path / "pipe") as file:
        file.write(b"proof")
    assert os.read(reader, 10) == b"proof"
    os.close(reader)


def test_where_there_are_no_links_a_new_file_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_given: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("ledger.storage.atomic_file.os.link", refuses)
    saved = save_all(tmp_path, files(("a.txt", b"one"), ("a.txt", b"two")))
    assert [each.path.read_bytes() for each in saved] == [b"one", b"two"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a (2).txt", "a.txt"]
    place = tmp_path / "a.txt"
    with pytest.raises(BadInput, match="already"), new_file(place):
        raise AssertionError("it was opened")


# ---- a power cut, and a process that is killed


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is asked of the disk from now on: `kept` and `named`, each with the name of the file or folder."""
    done: list[tuple[str, str]] = []

    def kept(number: int, really: Callable[[int], None] = os.fsync) -> None:
        done.append(("kept", str(Path(f"/proc/self/fd/{number}").readlink())))
        really(number)

    monkeypatch.setattr("os.fsync", kept)
    for really in (os.link, os.rename, os.replace):

        def named(draft: Path, place: Path, really: Callable[..., None] = really) -> None:
            assert done[-1] == ("kept", str(draft))
            really(draft, place)
            done.append(("named", str(place)))

        monkeypatch.setattr(f"os.{really.__name__}", named)
    return done


def _proof(place: Path) -> None:
    with new_file(place) as file:
        file.write(b"proof")


def _named_by_a_backup(place: Path) -> None:
    with draft_of(place) as draft:
        draft.write_bytes(b"proof")
        give_name(draft, place)


WRITERS: dict[str, Callable[[Path], object]] = {
    "a proof": _proof,
    "a report": lambda place: write_atomically(place, b"proof"),
    "evidence": lambda place: save_all(place.parent, files((place.name, b"proof"))),
    "a backup": _named_by_a_backup,
    "a template": lambda place: write_template(place, ()),
    "a key": make_key,
}


@pytest.mark.parametrize("what", WRITERS)
@pytest.mark.parametrize("links", [True, False])
def test_a_file_has_its_name_when_it_is_on_the_disk_and_then_the_name_is(
    what: str, links: bool, tmp_path: Path, steps: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr("os.link", _no_link)
    place = tmp_path / "proof.csv"
    WRITERS[what](place)
    at = steps.index(("named", str(place)))
    assert steps[at + 1] == ("kept", str(tmp_path))
    assert place.stat().st_size > 0


def _no_link(*_given: object) -> None:
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")


@pytest.mark.parametrize("what", WRITERS)
def test_killed_where_there_are_no_links_nothing_has_the_name(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.link", _no_link)
    place = tmp_path / "proof.csv"
    killed = os.fork()
    if not killed:
        for name in ("rename", "replace"):
            monkeypatch.setattr(f"os.{name}", lambda *_given: os._exit(9))
        try:
            WRITERS[what](place)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(killed, 0)[1]) == 9
    assert not place.exists()
    WRITERS[what](place)
    assert place.stat().st_size > 0


def test_a_fault_of_a_link_is_not_taken_for_a_system_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("os.link", fails)
    with pytest.raises(BadInput, match="cannot be written: Input/output error"):
        _proof(tmp_path / "proof")
    assert list(tmp_path.iterdir()) == []


def test_a_private_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with new_file(tmp_path / "contacts.jsonl", private=True) as file:
        file.write(b"contacts")
        assert [path.stat().st_mode & 0o077 for path in tmp_path.iterdir()] == [0]
    assert (tmp_path / "contacts.jsonl").stat().st_mode & 0o077 == 0
