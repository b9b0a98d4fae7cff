"""What was announced, added one by one and never altered; what is watched, snoozed and muted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from harvest_tui.core.harvest.alert_rules import AlertKind, Severity
from harvest_tui.core.harvest.alerts import Alert, AlertState, Figure
from harvest_tui.core.harvest.hysteresis import Snooze, Watch
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.store.columns import microseconds, moment, moment_or_none, number_text
from harvest_tui.store.engine import Engine, Row, Rows, Transaction, Value

_WATCH = "key, is_armed, announced_us, value, peak, footing, snooze_value, snooze_until_us, snooze_change"
_JOURNAL = "key, severity, account, asset, words, figures, at_us"
_SEEN = "alerts seen"


class Announced(NamedTuple):
    """An alert as it was told, and the number it is known by."""

    number: int
    alert: Alert


class AlertBook:
    """The journal and the state of alerts in one open cache. Nothing here is a fact: the facts version stays."""

    def __init__(self, engine: Engine, require_writable: Callable[[], None]) -> None:
        self._engine = engine
        self._require_writable = require_writable

    async def state(self) -> AlertState:
        """What is remembered from the last look."""
        return await self._engine.read(_state)

    async def keep(self, state: AlertState, alerts: Sequence[Alert] = ()) -> tuple[Announced, ...]:
        """Puts the watches in the place of the former ones and adds the alerts to the journal, in one transaction.

        What is muted stays as it is. Raises ReadOnlyStore where nothing can be written.
        """
        self._require_writable()
        return await self._engine.write(lambda transaction: _keep(transaction, state, alerts))

    async def journal(self, at_most: int = 200) -> list[Announced]:
        """The latest alerts, the newest first."""
        found = await self._engine.rows(
            f"SELECT number, {_JOURNAL} FROM alert_journal ORDER BY number DESC LIMIT ?", (at_most,)
        )
        return [_announced(row) for row in found]

    async def announced(self, number: int) -> Announced | None:
        """The alert of that number, None where there is none."""
        found = await self._engine.rows(f"SELECT number, {_JOURNAL} FROM alert_journal WHERE number = ?", (number,))
        return _announced(found[0]) if found else None

    async def last_number(self) -> int:
        """The number of the latest alert, 0 where none was told."""
        [(last,)] = await self._engine.rows("SELECT coalesce(max(number), 0) FROM alert_journal")
        return int(last)

    async def told_after(self, number: int) -> tuple[int, bool]:
        """(how many alerts have a higher number, whether one of them is urgent)."""
        [(count, urgent)] = await self._engine.rows(
            "SELECT count(*), coalesce(sum(severity = ?), 0) FROM alert_journal WHERE number > ?",
            (Severity.URGENT.value, number),
        )
        return int(count), bool(urgent)

    async def seen_until(self) -> int:
        """The number of the last alert that somebody looked at."""
        found = await self._engine.rows("SELECT value FROM counters WHERE name = ?", (_SEEN,))
        return int(found[0][0]) if found else 0

    async def set_seen(self, number: int) -> None:
        """Everything up to that alert was looked at."""
        self._require_writable()
        row = (_SEEN, number)
        await self._engine.write(lambda t: t.run("INSERT OR REPLACE INTO counters (name, value) VALUES (?,?)", row))

    async def mute(self, asset: Asset, at: datetime) -> None:
        """No alert about the asset from now on."""
        self._require_writable()
        row = (asset, microseconds(at))
        await self._engine.write(lambda t: t.run("INSERT OR IGNORE INTO muted_assets VALUES (?,?)", row))

    async def unmute(self, asset: Asset) -> None:
        """Alerts about the asset again."""
        self._require_writable()
        await self._engine.write(lambda t: t.run("DELETE FROM muted_assets WHERE asset = ?", (asset,)))


async def _state(source: Rows) -> AlertState:
    watches = {row[0]: _watch(row) for row in await source.rows(f"SELECT {_WATCH} FROM alert_watches")}
    muted = await source.rows("SELECT asset FROM muted_assets")
    return AlertState(watches, frozenset(Asset(asset) for (asset,) in muted))


async def _keep(transaction: Transaction, state: AlertState, alerts: Sequence[Alert]) -> tuple[Announced, ...]:
    await transaction.run("DELETE FROM alert_watches")
    rows = [_watch_row(key, watch) for key, watch in state.watches.items()]
    await transaction.run_many(f"INSERT INTO alert_watches ({_WATCH}) VALUES (?,?,?,?,?,?,?,?,?)", rows)
    announced = []
    for alert in alerts:
        [(number,)] = await transaction.rows(
            f"INSERT INTO alert_journal ({_JOURNAL}) VALUES (?,?,?,?,?,?,?) RETURNING number",
            (
                alert.key,
                alert.severity.value,
                alert.account,
                alert.asset,
                alert.words,
                figures_text(alert.figures),
                microseconds(alert.at),
            ),
        )
        announced.append(Announced(int(number), alert))
    return tuple(announced)


def _watch_row(key: str, watch: Watch) -> tuple[Value, ...]:
    snooze, told = watch.snooze, watch.announced_at
    snoozed: tuple[Value, ...] = (None, None, None)
    if snooze is not None:
        until = None if snooze.until is None else microseconds(snooze.until)
        change = None if snooze.change is None else number_text(snooze.change)
        snoozed = (number_text(snooze.value), until, change)
    announced = None if told is None else microseconds(told)
    value, peak = number_text(watch.value), number_text(watch.peak)
    return (key, int(watch.is_armed), announced, value, peak, watch.footing, *snoozed)


def _watch(row: Row) -> Watch:
    _, is_armed, announced, value, peak, footing, snooze_value, until, change = row
    snooze = None
    if snooze_value is not None:
        snooze = Snooze(moment_or_none(until), None if change is None else Decimal(change), Decimal(snooze_value))
    return Watch(bool(is_armed), moment_or_none(announced), Decimal(value), Decimal(peak), footing, snooze)


def figures_text(figures: Mapping[str, Figure]) -> str:
    """JSON: amounts as texts under `amounts`, so that none is taken for a day or the other way round."""
    amounts = {name: number_text(value) for name, value in figures.items() if isinstance(value, Decimal)}
    others = {name: value for name, value in figures.items() if not isinstance(value, Decimal)}
    return json.dumps({"amounts": amounts, "others": others}, ensure_ascii=False, separators=(",", ":"))


def _announced(row: Row) -> Announced:
    number, key, severity, account, asset, words, figures, at_us = row
    told = json.loads(figures)
    kind = AlertKind(key.partition("/")[0])
    return Announced(
        number,
        Alert(
            key,
            kind,
            Severity(severity),
            moment(at_us),
            words,
            None if account is None else AccountId(account),
            None if asset is None else Asset(asset),
            {name: Decimal(text) for name, text in told["amounts"].items()} | told["others"],
        ),
    )
