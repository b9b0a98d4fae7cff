"""Verdicts and rebuys of a home: its history matched under the records, in a thread so that keys stay alive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.records import Asset
from harvest_tui.session.deciding import History
from harvest_tui.session.facts import Rules, load_prices
from harvest_tui.session.identifying import load_records

if TYPE_CHECKING:
    from harvest_tui.core.identification.chain import ChainReport, Link
    from harvest_tui.core.identification.rebuy import Rebuy
    from harvest_tui.core.identification.record import Record
    from harvest_tui.core.identification.verdict import Verdict
    from harvest_tui.core.valuation import PriceHistory
    from harvest_tui.store import Store

_WAITS = "rebuy waits"
"""The note that holds the waiting times, in seconds by asset."""


class Judged(NamedTuple):
    """What the records came to: one verdict a recorded lot, one rebuy a harvested position."""

    records: tuple[Record, ...]
    verdicts: tuple[Verdict, ...]
    rebuys: tuple[Rebuy, ...]
    waits: Mapping[Asset, timedelta]


async def load_decided(store: Store, zone: ZoneInfo) -> History:
    """The stored history under the stored decisions, without the records: what those are to be applied to."""
    accounts, events, decisions = await store.accounts(), await store.events(), await store.decisions()
    if not decisions:
        return History(accounts, events, None)
    from harvest_tui.core.lots.decisions import apply_decisions

    names = {account.account for account in accounts}
    applied = await asyncio.to_thread(apply_decisions, events, names, decisions, zone)
    return History(accounts, applied.events, applied.choices)


async def load_judged(store: Store, rules: Rules, waits: Mapping[Asset, timedelta]) -> Judged:
    """Every verdict and rebuy, from the facts that are stored now."""
    records = await load_records(store)
    if not records:
        return Judged((), (), (), waits)
    history = await load_decided(store, rules.zone)
    prices = await load_prices(store, history.events)
    return await asyncio.to_thread(_judged, records, history, prices, rules, waits)


def _judged(
    records: list[Record], history: History, prices: PriceHistory, rules: Rules, waits: Mapping[Asset, timedelta]
) -> Judged:
    from harvest_tui.core.identification.assignment import identify
    from harvest_tui.core.identification.consumption import moved_out
    from harvest_tui.core.identification.judging import judge
    from harvest_tui.core.identification.rebuy import rebuys
    from harvest_tui.core.lots.matching import Scope, ledger_of, match_books

    matched = match_books(
        identify(history.events, records),
        methods=rules.methods(),
        scope=Scope(rules.scope),
        zone=rules.zone,
        values=prices,
        pairs=history.pairs,
        allocation=rules.placements(),
    )
    ledger = ledger_of(matched, rules.zone)
    moved = moved_out(matched.replay)
    verdicts = judge(records, history.events, ledger, moved=moved, values=prices)
    back = rebuys(verdicts, history.events, ledger, waits=waits, values=prices)
    return Judged(tuple(records), verdicts, back, waits)


async def checked(store: Store) -> ChainReport:
    """Whether the stored records are as they were written, every one and to the last."""
    links, note = await store.record_links(), await store.record_head()
    return await asyncio.to_thread(_checked, links, note)


def _checked(links: Iterable[Link], note: str | None) -> ChainReport:
    from harvest_tui.core.identification.chain import ChainReport, check, head_of

    kept = list(links)
    try:
        return check(kept, head_of(note))
    except ValueError as error:
        found = check(kept, None)
        return found if found.broken is not None else ChainReport(found.sound, found.head, None, str(error))


async def load_waits(store: Store) -> dict[Asset, timedelta]:
    """The waiting time before a rebuy of each asset that has one."""
    note = await store.get_note(_WAITS)
    told: dict[str, int] = json.loads(note) if note else {}
    return {Asset(asset): timedelta(seconds=seconds) for asset, seconds in told.items()}


async def save_wait(store: Store, asset: Asset, wait: timedelta) -> None:
    """Keeps the waiting time of an asset; none takes it away."""
    waits = await load_waits(store)
    waits[asset] = wait
    told = {name: int(one.total_seconds()) for name, one in sorted(waits.items()) if one}
    await store.set_note(_WAITS, json.dumps(told, sort_keys=True) if told else None)
