"""Fonts and signing, tried: a face that is missing, damaged or another one is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reports import font_faults, signing_fault
from reports.render import signing
from reports.render.typeface import BOLD, FONTS, OTHERS
from reports.self_check import FACE_SAMPLES


@pytest.fixture
def fonts(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FONTS, tmp_path / "fonts"))


def test_every_face_that_is_carried_along_is_tried() -> None:
    assert {f"{name}.ttf" for name in FACE_SAMPLES} == {path.name for path in FONTS.glob("*.ttf")}
    assert font_faults() == []


def test_a_missing_face_is_named(fonts: Path) -> None:
    (fonts / f"{BOLD}.ttf").unlink()
    assert font_faults(fonts) == [f"{BOLD} is missing"]


@pytest.mark.parametrize("content", [b"", b"no font"])
def test_a_damaged_face_is_named(fonts: Path, content: bytes) -> None:
    (fonts / f"{BOLD}.ttf").write_bytes(content)
    (found,) = font_faults(fonts)
    assert found.startswith(f"{BOLD} does not load")


def test_another_face_under_the_name_is_noticed(fonts: Path) -> None:
    shutil.copyfile(fonts / f"{OTHERS[0]}.ttf", fonts / f"{OTHERS[3]}.ttf")
    (found,) = font_faults(fonts)
    assert found == f"{OTHERS[3]} lacks U+D55C, U+AD6D"


def test_what_is_signed_is_found_sound() -> None:
    assert signing_fault() == ""


def test_a_signature_that_is_not_sound_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    sign = signing.add_signature

    def changed(pdf: bytes, signer: object) -> bytes:
        return sign(pdf, signer).replace(b"%PDF-1.", b"%PDF-2.", 1)  # type: ignore[arg-type]

    monkeypatch.setattr(signing, "add_signature", changed)
    assert "not found to be sound" in signing_fault()
