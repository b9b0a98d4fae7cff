"""`harvest-tui sync`: one incremental sync, with progress on standard error."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.lots import attention
from harvest_tui.cli.output import say, write_json
from harvest_tui.core.records import AccountId
from harvest_tui.errors import InputError
from harvest_tui.session import SyncState
from harvest_tui.session.run import Session
from harvest_tui.session.syncing import SyncResult


def run(arguments: Namespace) -> int:
    """Sync and say what came."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    async with opened(choices_for(arguments)) as session:
        if not session.sync_states():
            raise InputError("no exchange account is connected", "run: harvest-tui connect EXCHANGE")
        account = None if arguments.account is None else AccountId(arguments.account)
        work = asyncio.create_task(session.sync_results(account))
        if sys.stderr.isatty():
            await _show_progress(session, work)
        results = await work
        await session.refresh_prices()
        problems = attention(session.portfolio())
    if arguments.json:
        write_json({"schema": 1, "accounts": [_row(result) for result in results], **problems})
    for result in results:
        if not arguments.json or result.error:
            say(_sentence(result))
    if any(result.error for result in results):
        return 3
    return 1 if any(problems.values()) else 0


async def _show_progress(session: Session, work: asyncio.Task[list[SyncResult]]) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[AccountId, TaskID] = {}
        while not work.done():
            for account, state in session.sync_states().items():
                if account not in tasks:
                    tasks[account] = bars.add_task(account, total=None)
                bars.update(tasks[account], description=_label(state), completed=state.rows, total=state.expected_rows)
            await asyncio.wait({work}, timeout=0.1)


def _label(state: SyncState) -> str:
    return f"{state.account}: {state.stream or state.phase.value}"


def _row(result: SyncResult) -> dict[str, object]:
    return {
        "account": result.state.account,
        "exchange": result.state.exchange,
        "phase": result.state.phase.value,
        "new": result.new,
        "known": result.known,
        "changed": result.changed,
        "requests": result.requests,
        "message": result.state.message or None,
    }


def _sentence(result: SyncResult) -> str:
    name = result.state.account
    if result.error:
        return f"{name}: {result.state.message}"
    changed = f", {result.changed} changed" if result.changed else ""
    return f"{name}: {result.new} new rows{changed}, {result.requests} requests"
