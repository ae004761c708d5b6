"""What docs/questions.md shows is what the commands print, over the example's book before its plan."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.open_demo import SCENARIO, open_demo
from tests.support.place import ROOT
from tests.test_docs import is_shown, play, told, tour

__all__ = ["open_demo"]


def test_the_questions_are_answered_as_shown(open_demo: Path, tmp_path: Path) -> None:
    shown = (ROOT / "docs/questions.md").read_text(encoding="utf-8")
    (tmp_path / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    files = re.findall(r"^```toml\n(.*?)^```", shown, re.DOTALL | re.MULTILINE)
    for file, name in zip(files, ("africa-first", "promised"), strict=True):
        (tmp_path / f"{name}.toml").write_text(file, encoding="utf-8")
    steps = tour(shown)
    ready = f"cp '{open_demo}' mdfm.book && cp ../*.toml ."
    _, *outputs = play([ready, *(command for command, _ in steps)], tmp_path)
    assert len(outputs) == len(steps) == 4
    for (command, output), printed in zip(steps, outputs, strict=True):
        assert is_shown(printed, told(output)), f"$ {command}\nprints\n{printed}"
