"""A scenario as it is played: the market falls on time, and the simulated user acts on marks and records."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.identification.record import Record, RecordKind
from harvest_tui.core.money import EXACT, ROUNDED
from harvest_tui.core.records import AccountId, Asset
from harvest_tui.errors import HarvestError
from harvest_tui.session import SyncPhase
from harvest_tui.simulator.customer import Customer
from harvest_tui.simulator.scenario import Conduct, Scenario

if TYPE_CHECKING:
    from harvest_tui.session.run import Session
    from harvest_tui.simulator.process import SimulatorProcess

_LOOK_SECONDS = 0.1
_SALE_AFTER, _SECOND_FILL_AFTER, _REBUY_AFTER = 8.0, 3.0, 20.0
"""Seconds at the usual speed: from the record to the first fill, to the second, and on to the purchase."""
_DIGITS = Decimal("1e-8")
_WHOLE_SECOND = timedelta(seconds=1)
"""Some venues tell times cut to it."""
_log = logging.getLogger("harvest_tui.demo")


class Order(NamedTuple):
    """What is to be sold at one venue of one asset, in units."""

    account: AccountId
    venue: str
    asset: Asset
    quantity: Decimal


class Story:
    """Plays one scenario in one session. `speed` divides every wait."""

    def __init__(self, scenario: Scenario, session: Session, simulator: SimulatorProcess, speed: float = 1.0) -> None:
        self._scenario = scenario
        self._session = session
        self._simulator = simulator
        self._customer = Customer(simulator)
        self._speed = speed
        self._known = 0
        self._sold_early: set[tuple[AccountId, Asset]] = set()

    async def play(self) -> None:
        """Begins when the first sync is done and goes on until it is cancelled."""
        await _until(self._is_synced)
        self._known = len(await self._session.harvesting.records())
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._fall())
            if self._scenario.conduct is Conduct.AS_PLANNED:
                parts.create_task(self._keep_to_records())
            elif self._scenario.conduct is Conduct.AGAINST_PLAN:
                parts.create_task(self._sell_what_is_marked_first())
                parts.create_task(self._go_against_records())

    def _is_synced(self) -> bool:
        states = self._session.sync_states().values()
        return bool(states) and all(state.phase is SyncPhase.DONE for state in states)

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)

    async def _fall(self) -> None:
        passed = 0.0
        for fall in sorted(self._scenario.falls, key=lambda one: one.after):
            await self._wait(fall.after - passed)
            passed = fall.after
            await self._simulator.crash(fall.percent)

    async def _new_records(self) -> AsyncIterator[Record]:
        """Each record that identifies lots, once it is made; those from before the story are not its business."""
        known, seen = self._known, -1
        while True:
            version = self._session.store.facts_version
            if version != seen:
                seen = version
                records = await self._session.harvesting.records()
                for record in records[known:]:
                    if record.kind is RecordKind.IDENTIFY:
                        yield record
                known = len(records)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _until_it_stands(self, record: Record) -> None:
        """However fast the story: by every venue's clock, and in whole seconds, the sale comes after the record."""
        stands = max((record.stands_from(one.account) for one in record.accounts), default=record.recorded_at)
        await _until(lambda: self._session.now() > stands + _WHOLE_SECOND)

    async def _keep_to_records(self) -> None:
        async for record in self._new_records():
            orders = orders_of(record, self._venues())
            await self._wait(_SALE_AFTER)
            await self._until_it_stands(record)
            first = [order._replace(quantity=_part(order.quantity, "0.6")) for order in orders]
            second = [
                order._replace(quantity=EXACT.subtract(order.quantity, begun.quantity))
                for order, begun in zip(orders, first, strict=True)
            ]
            await self._sell(first)
            await self._wait(_SECOND_FILL_AFTER)
            await self._sell(second)
            await self._sync()
            await self._wait(_REBUY_AFTER)
            for order in orders:
                await self._customer.buy(order.venue, order.asset, order.quantity)
            await self._sync()

    async def _sell_what_is_marked_first(self) -> None:
        """Once: what is marked is sold at the venue before anything is written down, and nobody syncs."""
        harvesting = self._session.harvesting
        await _until(lambda: bool(harvesting.plans.current.marks))
        marks = harvesting.plans.current.marks
        venues, lots = self._venues(), {lot.lot_id: lot for lot in self._session.facts().ledger.lots}
        for mark in marks:
            venue, lot = venues.get(mark.account), lots.get(mark.lot_id)
            if venue is None or lot is None:
                continue
            self._sold_early.add((mark.account, mark.asset))
            await self._sell([Order(mark.account, venue, mark.asset, mark.quantity or lot.quantity)])
            return

    async def _go_against_records(self) -> None:
        """One position of a record in part, the next in another account, the next beyond what was recorded."""
        turn = 0
        async for record in self._new_records():
            orders = orders_of(record, self._venues())
            await self._wait(_SALE_AFTER)
            await self._until_it_stands(record)
            for order in orders:
                if (order.account, order.asset) not in self._sold_early:
                    await self._sell([await self._otherwise(order, turn)])
                    turn += 1
            await self._sync()

    async def _otherwise(self, order: Order, turn: int) -> Order:
        if turn % 3 == 1:
            for account, venue in self._venues().items():
                if account != order.account and await self._customer.free(venue, order.asset) > order.quantity:
                    return order._replace(account=account, venue=venue)
        return order._replace(quantity=_part(order.quantity, "1.3" if turn % 3 == 2 else "0.4"))

    async def _sell(self, orders: Iterable[Order]) -> None:
        """As much of each as is free."""
        for order in orders:
            units = min(order.quantity, await self._customer.free(order.venue, order.asset))
            if units > 0:
                await self._customer.sell(order.venue, order.asset, units)

    async def _sync(self) -> None:
        """Presses for a sync, as the user would; one that cannot be made is tried again by the session itself."""
        try:
            await self._session.sync()
        except HarvestError as error:
            _log.warning("sync: %s", error)

    def _venues(self) -> dict[AccountId, str]:
        return {account.account: account.exchange for account in self._session.accounts() if account.exchange}


async def _until(is_so: Callable[[], bool]) -> None:
    while True:
        if is_so():
            return
        await asyncio.sleep(_LOOK_SECONDS)


def orders_of(record: Record, venues: Mapping[AccountId, str]) -> Sequence[Order]:
    """What the record says is to be sold, one order for each asset of an account that is at a venue."""
    orders: dict[tuple[AccountId, Asset], Order] = {}
    for lot in record.lots:
        venue = venues.get(lot.account)
        if venue is not None:
            key = (lot.account, lot.asset)
            before = orders.get(key, Order(*key[:1], venue, lot.asset, Decimal(0)))
            orders[key] = before._replace(quantity=EXACT.add(before.quantity, lot.quantity))
    return tuple(orders.values())


def _part(quantity: Decimal, share: str) -> Decimal:
    return ROUNDED.multiply(quantity, Decimal(share)).quantize(_DIGITS, rounding=ROUND_DOWN, context=ROUNDED)
