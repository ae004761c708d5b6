r"""Safe files: files whose names come from other people, written into a folder, never over another file.

A name may be a path (`../x`, `C:\x`), a device (`CON`), a hidden file, or hold characters that steer a
terminal. `safe_name` makes a plain name of it, one that every system takes; `save_all` writes under such
names.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

from ledger.storage.atomic_file import unwritable, write_new

LONGEST_NAME = 140
"""Bytes of a name in UTF-8: encrypted folders take no more than 143, other file systems 255."""
_LONGEST_ENDING = 20
_FORBIDDEN = frozenset('<>:"/\\|?*')
"""What Windows takes in no name; a colon would write a stream that no listing shows."""
_JOINERS = "\u200c\u200d"
"""Format characters that scripts need, as in Persian and Hindi."""
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols that are drawn as nothing: fillers of Hangul, and the empty pattern of Braille."""
_DEVICE = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(\.|$)", re.IGNORECASE
)
"""Windows takes no heed of spaces before the ending."""


class SavedFile(NamedTuple):
    """A file in a folder."""

    path: Path
    name: str
    """The name that it was to have; that of `path` may be another."""
    sha256: str
    is_new: bool
    """Whether it was written now; else the same bytes were there already."""


class FileToSave(NamedTuple):
    """A file that is to be written into a folder."""

    name: str
    sha256: str
    content: bytes


def safe_name(name: str) -> str:
    """A plain file name made of any text: its last part, without what any system forbids or obeys."""
    last = PureWindowsPath(unicodedata.normalize("NFC", name)).name
    plain = "".join("_" if _harms(char) else char for char in last).rstrip(". ").lstrip(" ")
    if not any(_is_seen(char) for char in plain):
        return "file"
    stem, dot, ending = plain.rpartition(".")
    if dot and not any(_is_seen(char) or char == "_" for char in stem) and any(map(_is_blank, stem)):
        plain = f"file.{ending}"
    # What shortens a name also strips the spaces before its ending, which may leave that of a device.
    short = _shortened(plain)
    if short[0] in ".-~" or _DEVICE.match(short):
        return _shortened(f"_{short}")
    return short


def _harms(char: str) -> bool:
    kind = unicodedata.category(char)
    return char in _FORBIDDEN or (kind in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"} and char not in _JOINERS)


def _is_seen(char: str) -> bool:
    """Whether a character alone shows that there is a name: no mark, space, filler, dot or underscore."""
    return char not in "._ " and not _is_blank(char)


def _is_blank(char: str) -> bool:
    return char in _BLANK or unicodedata.category(char)[0] in "MZC"


def _shortened(name: str, more: str = "") -> str:
    """The name with `more` before its ending, cut where it is too long."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(f"{dot}{ending}".encode()) > _LONGEST_ENDING:
        stem, dot, ending = name, "", ""
    tail = f"{more}{dot}{ending}"
    room = LONGEST_NAME - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + tail


class FreeNames:
    """Names that are taken in a folder: two that differ only by case are one name on many systems."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {_folded(each) for each in taken}

    def candidates(self, name: str) -> Iterator[tuple[str, bool]]:
        """`name.pdf`, `name (2).pdf` and so on, made safe, each with whether it is free; the caller stops."""
        plain, number = safe_name(name), 1
        while True:
            each = _shortened(plain, f" ({number})") if number > 1 else plain
            yield each, _folded(each) not in self._taken
            number += 1

    def take(self, name: str) -> str:
        """The first that is free, taken from now on."""
        free = next(each for each, is_free in self.candidates(name) if is_free)
        self._taken.add(_folded(free))
        return free


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def save_all(folder: Path, files: Iterable[FileToSave]) -> list[SavedFile]:
    """Write files into a folder, which is made if need be; all of them, or none.

    A name that is taken gets a number, and what is there stays as it is. The same bytes under the name are
    not written again. BadInput when a file cannot be written.
    """
    saved: list[SavedFile] = []
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = FreeNames(each.name for each in folder.iterdir())
        for each in files:
            saved.append(_saved(folder, names, each))
    except BaseException as error:
        for each_saved in saved:
            if each_saved.is_new:
                with suppress(OSError):
                    each_saved.path.unlink()
        with suppress(OSError):
            for each_made in made:
                each_made.rmdir()
        if isinstance(error, OSError):
            raise unwritable(folder, error) from None
        raise
    return saved


def _saved(folder: Path, names: FreeNames, file: FileToSave) -> SavedFile:
    for name, is_free in names.candidates(file.name):
        place = folder / name
        if not is_free:
            if _holds(place, file.content):
                return SavedFile(place, file.name, file.sha256, is_new=False)
            continue
        names.take(name)
        if write_new(place, file.content):
            return SavedFile(place, file.name, file.sha256, is_new=True)
    raise AssertionError("names with numbers never end")


def _holds(place: Path, content: bytes) -> bool:
    """Whether an ordinary file, and no link to one, has these bytes."""
    try:
        found = place.lstat()
        return stat.S_ISREG(found.st_mode) and found.st_size == len(content) and place.read_bytes() == content
    except OSError:
        return False
