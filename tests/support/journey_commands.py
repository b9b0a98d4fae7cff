"""The program as its users start it: one process a command, on a home and a simulator of the test's own; or the
same words in the test's process, where there are many of them."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from harvest_tui.cli import main
from harvest_tui.simulator.process import SimulatorProcess

_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "TMPDIR", "SYSTEMROOT")


@dataclass(frozen=True)
class Done:
    """What a command left: its exit status and both of its outputs."""

    status: int
    out: str
    err: str

    @property
    def body(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        table = json.loads(self.out)
        assert isinstance(table, dict) and self.out.count("\n") == 1 and self.out.endswith("\n")
        assert table["schema"] == 1
        return table

    def refused(self, status: int) -> str:
        """The one line of an error: `what; what to do`. Fails where it is not told so."""
        assert self.status == status, (self.status, self.out, self.err)
        assert self.out == ""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("harvest-tui: ")
        assert "; " in lines[0]
        assert "Traceback" not in self.err
        return lines[0]


@dataclass
class Program:
    """Runs commands on one home and keeps all they said."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def run(self, *words: str, typed: str = "", **more: str) -> Done:
        """`harvest-tui --home HOME WORDS`; `more` is further environment."""
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= self.environment | more | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        done = self._run(["--home", str(self.home), *words], typed, environment)
        self.said += [done.out, done.err]
        assert "Traceback" not in done.err, done.err
        return done

    def _run(self, words: list[str], typed: str, environment: dict[str, str]) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "harvest_tui", *words],
            input=typed,
            capture_output=True,
            text=True,
            env=environment,
            timeout=90,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def use(self, simulator: SimulatorProcess, folder: Path) -> None:
        """From now on the exchanges are the simulator's."""
        ready = folder / "simulator.json"
        told = {"port": simulator.port, "hosts": simulator.hosts, "ca_file": simulator.ca_file}
        ready.write_text(json.dumps(told))
        self.environment["HARVEST_TUI_SIMULATOR"] = str(ready)

    def hold_key(self, account: str, key: str, secret: str) -> None:
        """Puts a key into the environment of later commands."""
        self.environment[f"HARVEST_TUI_KEY_{account.upper()}"] = key
        self.environment[f"HARVEST_TUI_SECRET_{account.upper()}"] = secret

    def traces_of(self, secrets: Iterable[str]) -> list[str]:
        """Files and outputs that hold any of the secrets in any of the forms they could have taken."""
        forms = [form for secret in secrets for form in forms_of(secret)]
        found = [
            str(path)
            for path in self.home.rglob("*")
            if path.is_file() and any(form in path.read_bytes() for form in forms)
        ]
        return found + [text for text in self.said if any(form in text.encode() for form in forms)]


class ProgramHere(Program):
    """The same commands in the test's own process, for tests about many words: a process each would take most of
    the time. Whoever uses it lets `Program` say the same at least once."""

    def _run(self, words: list[str], typed: str, environment: dict[str, str]) -> Done:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with _world_of(environment, io.TextIOWrapper(io.BytesIO(typed.encode()), "utf-8"), out, err):
            status = main(words)
        return Done(status, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]


@contextmanager
def _world_of(environment: dict[str, str], typed: TextIO, out: TextIO, err: TextIO) -> Iterator[None]:
    """What a new process would find; all that a command changes of this one is put right again."""
    before, streams, mask = dict(os.environ), (sys.stdin, sys.stdout, sys.stderr), os.umask(0o077)
    logger = logging.getLogger("harvest_tui")
    handlers, propagates, level = list(logger.handlers), logger.propagate, logger.level
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout, sys.stderr = typed, out, err
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.stdin, sys.stdout, sys.stderr = streams
        os.umask(mask)
        for handler in [handler for handler in logger.handlers if handler not in handlers]:
            logger.removeHandler(handler)
            handler.close()
        logger.propagate = propagates
        logger.setLevel(level)


def forms_of(secret: str) -> list[bytes]:
    """The text itself, as in a URL, as in JSON, its lines, and what base64 hides in it."""
    forms = [secret.encode(), quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode()]
    forms += [line.encode() for line in secret.splitlines() if len(line) > 20 and "-----" not in line]
    if secret.endswith("="):
        forms.append(b64decode(secret))
    return forms
