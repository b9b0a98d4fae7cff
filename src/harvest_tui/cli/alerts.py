"""`harvest-tui alerts`: what was announced, and what shall not be announced for a while."""

from __future__ import annotations

import asyncio
import re
from argparse import Namespace
from datetime import datetime, timedelta
from decimal import Decimal

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.output import say, write_json, write_table
from harvest_tui.cli.watch import alert_row
from harvest_tui.core.money import parse_decimal
from harvest_tui.core.records import Asset
from harvest_tui.errors import InputError
from harvest_tui.session.alerting import Alerting

_SPAN = re.compile(r"([0-9]{1,5})(min|m|h|d|w)", re.ASCII)
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_LONGEST = timedelta(days=3660)
_MOST_LISTED = 100_000


def run(arguments: Namespace) -> int:
    """List the journal, or change what is told."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    if not 1 <= arguments.last <= _MOST_LISTED:
        raise InputError(f"--last {arguments.last} makes no sense", f"from 1 to {_MOST_LISTED}")
    choices = choices_for(arguments)
    async with opened(choices) as session:
        alerting = Alerting(session, choices.settings)
        if arguments.snooze:
            until, change = _silence(arguments.snooze[1], session.now())
            found = await alerting.snooze(_number(arguments.snooze[0]), until, change)
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


def _silence(text: str, now: datetime) -> tuple[datetime | None, Decimal | None]:
    """(until when, until the value has changed by how many dollars): one of them."""
    if match := _SPAN.fullmatch(text):
        span = int(match[1]) * _UNITS[match[2]]
        if timedelta(0) < span <= _LONGEST:
            return now + span, None
    elif text.startswith("$"):
        try:
            change = parse_decimal(text[1:].replace(",", ""))
        except ValueError:
            change = Decimal(0)
        if change > 0:
            return None, change
    raise InputError(f"not a time to be silent: {text[:40]!r}", "write it like 90min, 12h, 7d, 2w, or $200 of change")
