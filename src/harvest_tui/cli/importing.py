"""`harvest-tui import`: a ledger file or known export into the cache, all or nothing."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.lots import attention
from harvest_tui.cli.output import say, write_json
from harvest_tui.core.records import AccountId
from harvest_tui.imports.complaints import Complaint, Refusals, stop_at
from harvest_tui.imports.reading import ToldFile, tell
from harvest_tui.session.choices import Choices
from harvest_tui.session.importing import previewed, stored

PROBLEMS_SHOWN = 20
"""Lines about bad cells that a person gets to read; `--json` lists more."""


class Bar(Protocol):
    """Tells whoever waits how far the import is."""

    def reading(self, rows: int, done: int, total: int) -> None:
        """So many rows and bytes are read, of `total` bytes."""

    def storing(self, rows: int) -> None:
        """All rows are read and so many are being stored or compared with those that are."""


class Counts(NamedTuple):
    """Rows that are (or would be) new, that are known, and that are refused, with the gaps that there are now."""

    new: int
    known: int
    rejected: int
    attention: dict[str, list[dict[str, object]]]


def run(arguments: Namespace) -> int:
    """Import and say how many rows were new; in a dry run look at all rows and store none."""
    choices = choices_for(arguments)
    account = None if arguments.account is None else AccountId(arguments.account)
    refusals = Refusals()
    refuse = refusals if arguments.dry_run else stop_at
    with progress_bar() as bar:
        # Read before the cache is opened: a file with a bad cell leaves every byte of the home as it was.
        told = tell(Path(arguments.file), arguments.format, account, progress=bar.reading, refuse=refuse)
        bar.storing(len(told.file.events))
        name, format = told.file.name, told.file.format
        if arguments.dry_run:
            counts = asyncio.run(_preview(choices, told, refusals))
        else:
            storing = _store(choices, told, arguments.file)
            del told  # the events need not be held twice: they are read anew once they are stored
            counts = asyncio.run(storing)
    return _tell_outcome(arguments, f"{name} ({format})", format, counts, refusals)


async def _store(choices: Choices, told: ToldFile, source: str) -> Counts:
    async with opened(choices) as session:
        outcome = await stored(session, told, source)
        del told
        if outcome.new:
            await session.accounts_changed()
        return Counts(outcome.new, outcome.known, 0, attention(session.portfolio()))


async def _preview(choices: Choices, told: ToldFile, refusals: Refusals) -> Counts:
    async with opened(choices) as session:
        outcome = await previewed(session, told, refusals)
    return Counts(outcome.new, outcome.known, refusals.rows, {})


def _tell_outcome(arguments: Namespace, what: str, format: str, counts: Counts, refusals: Refusals) -> int:
    if arguments.json:
        body = {"format": format, "new": counts.new, "known": counts.known, "rejected": counts.rejected}
        listed = {"problems": [_told(complaint) for complaint in refusals.kept]} if arguments.dry_run else {}
        write_json({"schema": 1, "dry_run": arguments.dry_run, **body, **listed, **counts.attention})
    else:
        for complaint in refusals.kept[:PROBLEMS_SHOWN]:
            say(str(complaint))
        if refusals.problems > PROBLEMS_SHOWN:
            say(f"and {refusals.problems - PROBLEMS_SHOWN} more")
        verb = "would be new" if arguments.dry_run else "new"
        say(f"{what}: {counts.new} {verb}, {counts.known} known, {counts.rejected} rejected")
    if counts.rejected:
        return 2
    return 1 if any(counts.attention.values()) else 0


def _told(complaint: Complaint) -> dict[str, object]:
    return {
        "file": complaint.file,
        "line": complaint.line,
        "column": complaint.column or None,
        "problem": complaint.problem,
        "remedy": complaint.remedy,
    }


class _NoBar:
    """For pipes and files: nobody waits in front of them."""

    def reading(self, rows: int, done: int, total: int) -> None:
        """Tells nobody."""

    def storing(self, rows: int) -> None:
        """Tells nobody."""


@contextmanager
def progress_bar() -> Iterator[Bar]:
    """A bar on standard error where that is a terminal; it is gone when the import ends."""
    if not sys.stderr.isatty():
        yield _NoBar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]} rows"))
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task("reading", total=None, rows="0")

        class _RichBar:
            def reading(self, rows: int, done: int, total: int) -> None:
                progress.update(task, completed=done, total=total, rows=f"{rows:,}")

            def storing(self, rows: int) -> None:
                progress.reset(task, total=None, description="storing", rows=f"{rows:,}")

        yield _RichBar()
