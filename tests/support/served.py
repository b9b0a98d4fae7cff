"""`harvest-tui serve` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from support.journey_commands import Program

MARK = "HARVEST_TUI_TEST_MARK"


class Served:
    """`harvest-tui serve` as a process, with the address that it printed."""

    def __init__(self, process: asyncio.subprocess.Process, mark: str, address: str) -> None:
        self._process = process
        self._mark = mark
        self.address = address
        """The one it printed, with the token."""

    async def end(self, number: signal.Signals) -> int:
        """Its exit status after a signal."""
        self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), 30)

    def processes(self) -> list[str]:
        """Living processes that it is or has started."""
        wanted, found = f"{MARK}={self._mark}".encode(), []
        for folder in Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and wanted in (folder / "environ").read_bytes():
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found


@asynccontextmanager
async def served(program: Program, *words: str) -> AsyncIterator[Served]:
    """The server of the program's home, killed with the block if it still runs."""
    mark = uuid4().hex
    environment = dict(os.environ) | program.environment | {MARK: mark}
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "harvest_tui", "--home", str(program.home), "serve", *words),
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        assert process.stdout is not None
        address = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
        yield Served(process, mark, address)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
