"""`harvest-tui watch`: alerts without a screen, as a service or once from cron. Prices are read; no order is placed.

The cache is open only for the moment of a look, so that a monitor can be started in between.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.lots import attention
from harvest_tui.cli.output import amount, instant, one_line, say, write_json, write_line
from harvest_tui.core.harvest.alert_words import age
from harvest_tui.core.harvest.alerts import AlertState
from harvest_tui.core.money import plain
from harvest_tui.core.portfolio import Portfolio
from harvest_tui.core.records import USD, Asset, Quote
from harvest_tui.errors import HarvestError, InputError, StoreError
from harvest_tui.session import FeedStatus
from harvest_tui.session.looking import rebuy_clocks
from harvest_tui.session.run import Session
from harvest_tui.store.alert_book import Announced

_USABLE = timedelta(hours=24)
"""A price older than that says nothing about today."""
_LEAST_SECONDS, _MOST_SECONDS = 5, 86_400
_COMMAND_SECONDS = 60


class Look(NamedTuple):
    """One look at the home: what is to be told, how old the prices are, and what in the facts needs attention."""

    at: datetime
    announced: tuple[Announced, ...]
    prices: dict[Asset, Quote | None]
    problems: dict[str, list[dict[str, object]]]
    state: AlertState | None

    @property
    def oldest(self) -> Quote | None:
        """The oldest of the prices that are known."""
        return min((quote for quote in self.prices.values() if quote), key=lambda quote: quote.at, default=None)

    @property
    def newest(self) -> Quote | None:
        """The newest of them."""
        return max((quote for quote in self.prices.values() if quote), key=lambda quote: quote.at, default=None)

    @property
    def status(self) -> int:
        """3: nothing can be said, as no price is usable; 1: something was said or needs attention; 0: all quiet."""
        newest = self.newest
        if self.prices and (newest is None or self.at - newest.at > _USABLE):
            return 3
        return 1 if self.announced or any(self.problems.values()) else 0


def run(arguments: Namespace) -> int:
    """Look once, or again and again until stopped."""
    if not _LEAST_SECONDS <= arguments.interval <= _MOST_SECONDS:
        raise InputError(
            f"--interval {arguments.interval} makes no sense", f"from {_LEAST_SECONDS} to {_MOST_SECONDS} seconds"
        )
    command = _words_of(arguments.exec)
    if arguments.once:
        look = asyncio.run(_look(arguments, None))
        _tell(look, arguments.json)
        _run_for_each(command, look.announced)
        return look.status
    asyncio.run(_look_on(arguments, command))
    return 0


def _words_of(command: str | None) -> list[str]:
    try:
        words = shlex.split(command or "")
    except ValueError as error:
        raise InputError(f"--exec cannot be read as a command ({error})", "close its quotes") from error
    if command is not None and not words:
        raise InputError("--exec names no command", "write a program and its words in one pair of quotes")
    return words


async def _look_on(arguments: Namespace, command: Sequence[str]) -> None:
    state: AlertState | None = None
    while True:
        try:
            look = await _look(arguments, state)
            state = look.state
            _tell(look, arguments.json)
            await asyncio.to_thread(_run_for_each, command, look.announced)
        except StoreError as error:
            # A full disk or a busy cache may pass; what was not kept is looked at again.
            say(f"harvest-tui: {error}")
        await asyncio.sleep(arguments.interval)


async def _look(arguments: Namespace, state: AlertState | None) -> Look:
    choices = choices_for(arguments)
    async with opened(choices) as session:
        if not arguments.offline:
            await _refresh(session, arguments.sync)
        alerting = session.alerting
        if state is not None and not session.store.writable:
            alerting.resume(state)
        announced = await alerting.check(await rebuy_clocks(session.harvesting))
        portfolio = session.portfolio()
        return Look(session.now(), announced, prices_of(portfolio), attention(portfolio), alerting.state)


async def _refresh(session: Session, with_history: bool) -> None:
    """New prices, and new rows where asked for; what fails is said and the look goes on with what is known."""
    if with_history and session.store.writable:
        for result in await session.sync_results():
            if result.error:
                say(f"{result.state.account}: {result.state.message}")
    try:
        await session.refresh_prices()
    except HarvestError as error:
        say(str(error))
    for feed in session.feeds().values():
        if feed.status is FeedStatus.OFFLINE:
            say(f"{feed.exchange}: {feed.message}")


def prices_of(portfolio: Portfolio) -> dict[Asset, Quote | None]:
    """The newest price of each asset held, None where there is none."""
    found: dict[Asset, Quote | None] = {}
    for key in portfolio.positions:
        asset, quote = key[1], portfolio.quotes.get(key)
        known = found.get(asset)
        if asset != USD and (known is None or (quote is not None and quote.at > known.at)):
            found[asset] = quote
    return found


def _tell(look: Look, as_json: bool) -> None:
    if as_json:
        write_json(_body(look))
    else:
        for one in look.announced:
            write_line(one.alert.words)
    say(_said_of_prices(look))


def _said_of_prices(look: Look) -> str:
    oldest, newest = look.oldest, look.newest
    if not look.prices:
        return "nothing is held: there is nothing to watch"
    if oldest is None or newest is None:
        return "harvest-tui: no price is known; connect an exchange or run: harvest-tui sync"
    if look.status == 3:
        return (
            f"harvest-tui: no price is recent enough: the newest is {age(look.at - newest.at)} old ({newest.source}); "
            "check the network"
        )
    missing = sum(quote is None for quote in look.prices.values())
    unpriced = f"; {missing} held without any price" if missing else ""
    if newest.at == oldest.at:
        said = "all are" if len(look.prices) - missing > 1 else f"{oldest.source} is"
        return f"prices: {said} {age(look.at - oldest.at)} old{unpriced}"
    return (
        f"prices: the newest is {age(look.at - newest.at)} old, the oldest {age(look.at - oldest.at)} "
        f"({oldest.source}){unpriced}"
    )


def _body(look: Look) -> dict[str, object]:
    oldest = look.oldest
    return {
        "schema": 1,
        "as_of": instant(look.at),
        "prices": [
            {
                "asset": asset,
                "price": None if quote is None else plain(quote.price),
                "at": None if quote is None else instant(quote.at),
                "age_seconds": None if quote is None else _seconds(look.at, quote),
            }
            for asset, quote in sorted(look.prices.items())
        ],
        "alerts": [alert_row(one) for one in look.announced],
        "oldest_price_seconds": None if oldest is None else _seconds(look.at, oldest),
        **look.problems,
    }


def _seconds(at: datetime, quote: Quote) -> int:
    return max(0, (at - quote.at) // timedelta(seconds=1))


def alert_row(one: Announced) -> dict[str, object]:
    """An alert in JSON: days and hours as numbers, amounts as plain decimal texts."""
    alert = one.alert
    return {
        "id": one.number or None,
        "key": alert.key,
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "account": alert.account,
        "asset": alert.asset,
        "at": instant(alert.at),
        "words": alert.words,
        "figures": {
            name: value if isinstance(value, int | str) else amount(value) for name, value in alert.figures.items()
        },
    }


def _run_for_each(command: Sequence[str], announced: Sequence[Announced]) -> None:
    """Starts the user's command once for each alert, the alert as JSON on its standard input; no shell reads it."""
    for one in announced if command else ():
        try:
            done = subprocess.run(
                command,
                input=json.dumps(alert_row(one), ensure_ascii=False),
                text=True,
                stdout=subprocess.DEVNULL,
                timeout=_COMMAND_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            say(f"--exec {one_line(command[0])}: {type(error).__name__}; the alert is kept: harvest-tui alerts")
        else:
            if done.returncode:
                say(f"--exec {one_line(command[0])} ended with {done.returncode}")
