"""Commands run in the test's own process, where a process each would take most of the time."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator

import pytest

from harvest_tui.cli import main
from support.journey_commands import Done

RunHere = Callable[..., Done]


@pytest.fixture
def run_here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[RunHere]:
    """Runs a command with these words; what it changes of the process is put right again."""
    monkeypatch.delenv("HARVEST_TUI_SIMULATOR", raising=False)
    mask = os.umask(0o077)
    logger = logging.getLogger("harvest_tui")
    handlers, propagates = list(logger.handlers), logger.propagate

    def run(*words: str) -> Done:
        capsys.readouterr()
        status = main(list(words))
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    yield run
    os.umask(mask)
    for handler in [handler for handler in logger.handlers if handler not in handlers]:
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = propagates
