"""Files that only their owner may read, never reached through a link."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from harvest_tui.errors import StoreError

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
OWNER_ONLY = 0o600


def companions(path: Path) -> tuple[Path, ...]:
    """The database and the files SQLite and we put beside it."""
    return tuple(path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", "-journal", ".lock"))


def address(path: Path, mode: str) -> str:
    """The URI that opens the database in mode `rw`, `ro` or `ro&immutable=1`, whatever signs the path holds."""
    return f"{path.absolute().as_uri()}?mode={mode}"


def make_private_folder(folder: Path) -> None:
    """Makes the folder and its missing parents with mode 0700; an existing folder stays as it is."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)


def create_private(path: Path) -> None:
    """Makes an empty file with mode 0600 where none is; SQLite gives its own files the same mode."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_FOLLOW, OWNER_ONLY)
    except FileExistsError:
        return
    os.close(descriptor)


def make_private(path: Path) -> None:
    """Takes the rights of group and others away from the database and its companions.

    Raises StoreError where one of them is a link or no plain file.
    """
    for file in companions(path):
        try:
            found = file.lstat()
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(found.st_mode):
            raise StoreError(f"{file} is a link or no plain file", "move it away: the cache must be a file of its own")
        if stat.S_IMODE(found.st_mode) & 0o077:
            file.chmod(OWNER_ONLY)


def sync_folder(folder: Path) -> None:
    """Makes a new name in the folder survive a power cut (POSIX; elsewhere the file system sees to it)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_writable(folder: Path) -> bool:
    """True where this process may make files in the folder."""
    return os.access(folder, os.W_OK)
