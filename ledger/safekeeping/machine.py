"""The machine under a book: room on its disks, and the file systems that files are on."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ledger.safekeeping.health_line import DO, NOTE, OK, HealthLine, health_line

MIB = 1024 * 1024
DISK_MIN = 64 * MIB
"""Bytes that should be free whatever the size of the book."""

_NETWORK = """
9p afs ceph cifs davfs fuse.davfs2 fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs glusterfs gpfs lustre ncpfs
nfs nfs4 prl_fs smb3 smbfs vboxsf
"""
NETWORK_FILE_SYSTEMS = frozenset(_NETWORK.split())


def file_system_lines(file: Path) -> list[HealthLine]:
    """A line where a file is on a network file system."""
    sort = file_system_of(file)
    if sort not in NETWORK_FILE_SYSTEMS:
        return []
    return [
        health_line(
            "file system",
            NOTE,
            "the book is on a network file system ({sort}), whose locks do not always hold: keep it on a "
            "disk of this machine, or on PostgreSQL where several machines record",
            sort=sort,
        )
    ]


def file_system_of(file: Path) -> str:
    """The type of the file system that a file is on; empty where the system does not tell."""
    place, best, found = file.resolve(), -1, ""
    for mounted in _mounts().splitlines():
        _, point, sort, *_ = [*mounted.split(" "), "", "", ""]
        folder = Path(point.encode().decode("unicode_escape") if "\\" in point else point)
        if point and place.is_relative_to(folder) and len(folder.parts) >= best:
            best, found = len(folder.parts), sort
    return found


def _mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text("utf-8", errors="replace")
    except OSError:
        return ""


def disk_lines(size: int, file: Path | None) -> list[HealthLine]:
    """The room for a book of so many bytes, in a file or on a server, and for temporary files."""
    lines = [_free("temporary files", Path(tempfile.gettempdir()), max(size, DISK_MIN))]
    if file is not None and file.absolute().parent.is_dir():
        lines.insert(0, _free("disk", file.absolute().parent, max(2 * size, DISK_MIN)))
    return lines


def _free(topic: str, folder: Path, needed: int) -> HealthLine:
    free = shutil.disk_usage(folder).free
    if free >= needed:
        return health_line(topic, OK, "{free} free in {folder}", free=in_bytes(free), folder=folder)
    return health_line(
        topic,
        DO,
        "only {free} free in {folder}, and the book may need {needed}: make room",
        free=in_bytes(free),
        folder=folder,
        needed=in_bytes(needed),
    )


def in_bytes(count: int) -> str:
    """A number of bytes for people, such as `1.5 MiB`."""
    for unit, most in (("GiB", 1024 * MIB), ("MiB", MIB), ("KiB", 1024)):
        if count >= most:
            return f"{count / most:,.1f} {unit}"
    return f"{count} bytes"
