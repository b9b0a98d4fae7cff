"""`harvest-tui alerts`: what was announced, and what shall not be announced for a while."""

from __future__ import annotations

import asyncio
from argparse import Namespace

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.output import say, write_json, write_table
from harvest_tui.cli.watch import alert_row
from harvest_tui.core.harvest.silence import read_silence
from harvest_tui.core.records import Asset
from harvest_tui.errors import InputError

_MOST_LISTED = 100_000


def run(arguments: Namespace) -> int:
    """List the journal, or change what is told."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    if not 1 <= arguments.last <= _MOST_LISTED:
        raise InputError(f"--last {arguments.last} makes no sense", f"from 1 to {_MOST_LISTED}")
    choices = choices_for(arguments)
    async with opened(choices) as session:
        alerting = session.alerting
        if arguments.snooze:
            silence = read_silence(arguments.snooze[1])
            until = None if silence.span is None else session.now() + silence.span
            found = await alerting.snooze(_number(arguments.snooze[0]), until, silence.change)
            say(f"snoozed: {found.alert.words}")
        elif arguments.mute:
            await alerting.mute(Asset(arguments.mute))
            say(f"{arguments.mute}: nothing is told of it until --unmute")
        elif arguments.unmute:
            await alerting.unmute(Asset(arguments.unmute))
            say(f"{arguments.unmute}: alerts again")
        journal, muted = await alerting.journal(arguments.last), sorted(await alerting.muted())
        zone = session.rules().zone
    if arguments.json:
        write_json({"schema": 1, "alerts": [alert_row(one) for one in journal], "muted": list(muted)})
        return 0
    rows = [
        (str(one.number), f"{one.alert.at.astimezone(zone):%Y-%m-%d %H:%M}", one.alert.severity.value, one.alert.words)
        for one in journal
    ]
    title = "Alerts, newest first" + (f"; muted: {', '.join(muted)}" if muted else "")
    write_table(title, ("ID", "Told", "", "What"), rows, right=(0,))
    return 0


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InputError(f"not the number of an alert: {text[:40]!r}", "see: harvest-tui alerts")
    return int(text)
