"""One writer for one cache: a lock that the kernel frees with the process, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from harvest_tui.store.files import NO_FOLLOW, OWNER_ONLY

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class InstanceLock:
    """Held from `take` to `release`. The file stays: removing it would let two processes hold two files."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path) -> InstanceLock | None:
        """The lock, or None where another instance holds it. Raises OSError where the file cannot be made."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | NO_FOLLOW, OWNER_ONLY)
        try:
            if not _try_lock(descriptor):
                os.close(descriptor)
                return None
            os.truncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode())
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Lets the next instance write. May be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def holder(path: Path) -> str:
    """`process 1234`, or "another instance" where the file does not tell."""
    try:
        text = path.read_text(encoding="ascii")[:12].strip()
    except (OSError, ValueError):
        text = ""
    return f"process {text}" if text.isdigit() else "another instance"
