"""What may be a proof is never written over a file; what can be made again is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mdfm.cli.test_cli import Desk


@pytest.fixture
def desk(ready_template: Path, tmp_path: Path) -> Desk:
    return Desk.at(ready_template, tmp_path)


PROOFS: dict[str, tuple[str, ...]] = {
    "an export": ("audit", "export"),
    "an export for other programs": ("audit", "export", "--format", "beancount"),
    "a checkpoint": ("audit", "checkpoint", "--key", "KEY"),
    "a key": ("audit", "keygen"),
}


@pytest.mark.parametrize("what", PROOFS)
def test_a_proof_is_a_new_file(desk: Desk, what: str) -> None:
    desk("audit", "keygen", "--out", desk.folder / "signer.pem")
    words = [desk.folder / "signer.pem" if word == "KEY" else word for word in PROOFS[what]]
    desk(*words, "--out", desk.folder / "new")
    (desk.folder / "mine").write_text("mine")
    assert "mine already" in desk.refused(*words, "--out", desk.folder / "mine")
    assert (desk.folder / "mine").read_text() == "mine"
    assert not [path for path in desk.folder.iterdir() if path.suffix == ".part"]


@pytest.mark.parametrize("options", [("--with-contacts",), ()])
def test_an_export_with_personal_data_is_for_its_owner_alone(desk: Desk, options: tuple[str, ...]) -> None:
    out = desk.folder / "export.jsonl"
    desk("audit", "export", *options, "--out", out)
    assert (out.stat().st_mode & 0o077 == 0) == bool(options)


def test_a_backup_is_a_new_file(desk: Desk) -> None:
    (desk.folder / "mine").write_text("mine")
    desk.refused("backup", desk.folder / "mine")
    assert (desk.folder / "mine").read_text() == "mine"


def test_a_report_is_written_again(desk: Desk) -> None:
    out = desk.folder / "balance.csv"
    out.write_text("an older one")
    desk("report", "trial-balance", "--term", "2021-2023", "--out", out)
    assert "an older one" not in out.read_text("utf-8-sig")


@pytest.mark.parametrize("words", [("plan", "draw", "plan.json"), ("evidence", "save", "abcdef"), ("demo",)])
@pytest.mark.parametrize("name", ["d.pdf", "D.PDF", "d.svg", "d.zip"])
def test_a_folder_is_not_named_like_a_file(desk: Desk, words: tuple[str, ...], name: str) -> None:
    said = desk.refused(*words, "--out", desk.folder / name)
    assert f"{name}' is the name of a file: give that of a folder." in said
    assert not (desk.folder / name).exists()
