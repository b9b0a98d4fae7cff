"""`harvest-tui import`: a ledger file or known export into the cache, all or nothing."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.lots import attention
from harvest_tui.cli.output import say, write_json
from harvest_tui.core.records import AccountId
from harvest_tui.imports.reading import read


def run(arguments: Namespace) -> int:
    """Import and say how many rows were new."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    choices = choices_for(arguments)
    account = None if arguments.account is None else AccountId(arguments.account)
    async with opened(choices) as session:
        known, methods = await session.store.events(), session.rules().methods()
        file = read(Path(arguments.file), format=arguments.format, account=account, known=known, methods=methods)
        outcome = await session.import_events(file.events, arguments.file, file.sha256, dry_run=arguments.dry_run)
        problems = attention(session.portfolio()) if not arguments.dry_run else {}
    if arguments.json:
        body = {"format": file.format, "new": outcome.new, "known": outcome.known, "rejected": 0}
        write_json({"schema": 1, "dry_run": arguments.dry_run, **body, **problems})
    else:
        verb = "would be new" if arguments.dry_run else "new"
        say(f"{Path(arguments.file).name} ({file.format}): {outcome.new} {verb}, {outcome.known} known, 0 rejected")
    return 1 if any(problems.values()) else 0
