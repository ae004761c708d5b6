"""Papers: reports written as files, many at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection

from donors import donors
from ledger import AsOf, BadInput
from reports.statement_pdf import render_statement
from reports.tracing import draw_statement

Progress = Callable[[int, int], None]


def write_statements(
    books: Connection,
    term: str,
    as_of: AsOf,
    languages: Sequence[str],
    folder: Path,
    progress: Progress,
) -> list[Path]:
    """Write every donor's statement, as `<donor>-<language>.pdf`; in the donor's own language by default."""
    everyone = donors(books, as_of.known_at)
    wanted = [(donor.code, language) for donor in everyone for language in languages or (donor.language,)]
    papers = []
    for done, (donor, language) in enumerate(wanted, start=1):
        statement = draw_statement(books, donor, term, as_of, language)
        papers.append(write_paper(folder / f"{donor}-{language}.pdf", render_statement(statement)))
        progress(done, len(wanted))
    return papers


def write_paper(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all, and make its folder; BadInput when that cannot be."""
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):  # where the folder is none, there is no draft either
            draft.unlink()
    return path
