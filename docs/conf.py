"""The documentation as a site: `make docs` builds it with Sphinx from the Markdown files as they are.

No Markdown file has anything for the site alone: links between files are those that work in the repository,
and the table of contents is here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CONTENTS = {
    "Start": ["docs/tour", "docs/limits", "CHANGELOG"],
    "Finance": [
        "docs/accounting",
        "docs/events/README",
        "docs/bank-files",
        "docs/spreadsheets",
        "docs/rates",
    ],
    "Planning": ["docs/programme", "docs/scenario", "docs/questions", "docs/sweeps"],
    "Donors and the public": ["docs/statements", "docs/checking-statements", "docs/reports", "docs/iati"],
    "Auditing": ["docs/sealing", "docs/evidence", "docs/export", "docs/judging-entries", "SECURITY"],
    "Running it": ["docs/backups", "docs/doctor", "docs/python", "docs/servers", "docs/upgrades"],
    "Changing it": [
        "docs/errors",
        "ARCHITECTURE",
        "CONTRIBUTING",
        "docs/adr/README",
        "donors/data/README",
        "allocation/data/README",
        "reports/render/fonts/README",
    ],
}
"""The documents in the order of the menu: what the front page, README.md, leads to."""
FOLDERS = ["docs/events", "docs/adr"]
"""Folders whose README leads to every other document in them."""

project = "mdfm"
author = "the maintainers of mdfm"
root_doc = "README"
extensions = ["myst_parser"]
include_patterns = ["*.md", "docs/**/*.md", *(f"{name}.md" for names in CONTENTS.values() for name in names)]
exclude_patterns = [".*", "build", "demo-out"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["html_image"]
# Links to headings work as they do in the repository.
myst_heading_anchors = 4

# Only blocks that name their language are coloured.
highlight_language = "none"

html_theme = "furo"
# Output of 100 columns fits into a block.
html_theme_options = {"light_css_variables": {"code-font-size": "72%"}}
html_title = "mdfm"
html_copy_source = False
html_show_sphinx = False


def _toctree(names: list[str], *options: str) -> str:
    return "\n".join(["", "```{toctree}", ":hidden:", *options, "", *names, "```"])


def _add_contents(_app: Sphinx, document: str, source: list[str]) -> None:
    if document == root_doc:
        for caption, names in CONTENTS.items():
            source[0] += _toctree([f"/{name}" for name in names], f":caption: {caption}")
    folder = document.removesuffix("/README")
    if folder in FOLDERS:
        source[0] += _toctree([f"/{folder}/*"], ":glob:")


def _add_index(app: Sphinx, failed: Exception | None) -> None:
    if not failed:
        page = '<!doctype html><meta http-equiv="refresh" content="0; url=README.html"><title>mdfm</title>\n'
        (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect the table of contents and the first page."""
    app.connect("source-read", _add_contents)
    app.connect("build-finished", _add_index)
