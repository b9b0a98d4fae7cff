"""The terminal may stop reading, be closed or be taken away: what keeps the process honest then."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

PATIENCE_SECONDS = 6.0
"""So long may a clean exit take after a signal or a closed terminal, then the process ends itself."""
_BACKLOG = 2
_SIGNALS = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


def is_backed_up(app: App[Any]) -> bool:
    """Whether the terminal reads slower than we write: then frames are skipped rather than queued.

    Textual has no public word for it; a driver without such a queue is never backed up.
    """
    writer = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    try:
        return queue is not None and queue.qsize() > _BACKLOG
    except (AttributeError, TypeError):
        return False


class TerminalGuard:
    """Turns SIGTERM and SIGHUP into a clean exit with code 128+n, and notices a terminal that is gone.

    Textual's writer blocks the loop for ever on a closed terminal, so the watch is kept by a thread.
    """

    def __init__(self, leave: Callable[[int], None], descriptor: int | None = None) -> None:
        self._leave = leave
        self._descriptor = descriptor
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deadline: float | None = None
        self._code = 0
        self._is_over = threading.Event()

    def install(self) -> None:
        """Starts watching; call it on the running loop of the main thread."""
        self._loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._loop.add_signal_handler(number, self.end, 128 + number)
        if self._descriptor is None and sys.__stdin__ is not None:
            try:
                self._descriptor = sys.__stdin__.fileno()
            except (OSError, ValueError):
                self._descriptor = None
        threading.Thread(target=self._watch, name="terminal-guard", daemon=True).start()

    def over(self) -> None:
        """The terminal is restored: nobody needs watching, and signals mean what they meant before."""
        self._is_over.set()
        if self._loop is not None and threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._loop.remove_signal_handler(number)

    def end(self, code: int) -> None:
        """Asks for a clean exit with `code`, and sees to it that there is one."""
        if self._deadline is None:
            self._code, self._deadline = code, time.monotonic() + PATIENCE_SECONDS
            self._leave(code)

    def _watch(self) -> None:
        while not self._is_over.wait(0.5):
            if self._deadline is not None and time.monotonic() > self._deadline:
                os._exit(self._code)
            if self._deadline is None and self._is_gone():
                self._code, self._deadline = 128 + 1, time.monotonic() + PATIENCE_SECONDS
                loop = self._loop
                if loop is not None and not loop.is_closed():
                    loop.call_soon_threadsafe(self._leave, self._code)

    def _is_gone(self) -> bool:
        if self._descriptor is None or not hasattr(select, "poll"):
            return False
        poll = select.poll()
        poll.register(self._descriptor, 0)
        try:
            return any(event & (select.POLLHUP | select.POLLNVAL) for _, event in poll.poll(0))
        except OSError:
            return True
