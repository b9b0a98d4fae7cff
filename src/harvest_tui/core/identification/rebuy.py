"""The way back in: units to restore after each judged sale, when, up to which price, and the purchases that did it.

No law asks for a wait on coins today (IRC 1091 covers stock and securities), so none is the default; a wait is the
user's own choice, and what bought the coin back within it is pointed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from harvest_tui.core.identification.assignment import time_order
from harvest_tui.core.identification.consumption import total, total_or_none
from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.lots.ledger import Ledger, Lot
from harvest_tui.core.money import EXACT, ROUNDED, ZERO, split
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind
from harvest_tui.core.valuation import NoPrices, ValueSource, exchange_value, fee_value

_plus, _minus, _times = EXACT.add, EXACT.subtract, EXACT.multiply
NO_WAIT = timedelta(0)
ONE_DAY = timedelta(hours=24)
WASH_SALE = timedelta(days=31)
"""So long that a purchase falls out of the 30 days after a sale that IRC 1091 looks at in securities."""


class Acquired(StrEnum):
    """How the asset came back."""

    BOUGHT = "bought"
    INCOME = "income"
    MOVED_IN = "moved in from outside"


class Acquisition(NamedTuple):
    """Units that came in after a sale. `restores` of them are counted as bought back; `cost` in US dollars is of those.

    `is_early` where the wait was not over.
    """

    event_id: EventId
    account: AccountId
    at: datetime
    quantity: Decimal
    how: Acquired
    restores: Decimal = ZERO
    cost: Decimal | None = None
    is_early: bool = False


@dataclass(frozen=True, slots=True)
class Rebuy:
    """A harvested position: what one record sold of an asset in an account. Money in US dollars, None where unknown.

    `cash` was raised net of fees by `units`, of which `left` are not bought back. `ends_at` is when the wait after the
    last fill is over. `benefit` is what the sale was worth in all; `break_even` the price of one unit at which buying
    everything back eats it up.
    `bought` are the recognized purchases, `early` everything that came in during the wait, `new_lots` what they opened.
    """

    record: int
    account: AccountId
    asset: Asset
    units: Decimal
    left: Decimal
    cash: Decimal | None
    value: Decimal | None
    first_sold_at: datetime
    last_sold_at: datetime
    wait: timedelta
    break_even: Decimal | None
    bought: tuple[Acquisition, ...]
    early: tuple[Acquisition, ...]
    new_lots: tuple[Lot, ...]
    benefit: Decimal | None = None

    @property
    def ends_at(self) -> datetime:
        """From when on a purchase keeps to the wait."""
        return self.last_sold_at + self.wait

    @property
    def is_restored(self) -> bool:
        """Whether everything is bought back."""
        return not self.left

    def remaining(self, now: datetime) -> timedelta:
        """How much of the wait is left; none once it is over."""
        return max(NO_WAIT, self.ends_at - now)

    def cost_now(self, price: Decimal | None) -> Decimal | None:
        """What the units left would cost at a price, before fees."""
        return None if price is None else _times(self.left, price)

    def drift(self, price: Decimal | None) -> Decimal | None:
        """By how much the units left cost more now than they were sold for, before fees; below zero: less."""
        if price is None or self.value is None:
            return None
        return _minus(_times(self.left, price), split(self.value, self.left, self.units)[0])


class _Position:
    """One harvested position while acquisitions are counted towards it."""

    def __init__(self, verdicts: Sequence[Verdict], wait: timedelta) -> None:
        self.verdicts, self.wait = verdicts, wait
        sales: dict[tuple[datetime, EventId], Decimal] = {}
        for verdict in verdicts:
            for part in verdict.parts:
                key = (part.sold_at, part.event_id)
                sales[key] = _plus(sales.get(key, ZERO), part.quantity)
        self.sales = sorted((at, units) for (at, _), units in sales.items())
        self.units = total(units for _, units in self.sales)
        self.first, self.last = self.sales[0][0], self.sales[-1][0]
        self.restored = ZERO
        self.bought: list[Acquisition] = []

    def wanted_at(self, at: datetime) -> Decimal:
        """Units sold by then and not bought back."""
        return _minus(total(units for sold_at, units in self.sales if sold_at < at), self.restored)

    def waits_at(self, at: datetime) -> bool:
        """Whether an acquisition at that instant comes within the wait after a sale."""
        return any(sold_at < at < sold_at + self.wait for sold_at, _ in self.sales)


def rebuys(
    verdicts: Iterable[Verdict],
    events: Iterable[Event],
    ledger: Ledger,
    *,
    waits: Mapping[Asset, timedelta] | None = None,
    benefits: Mapping[tuple[int, AccountId, Asset], Decimal] | None = None,
    values: ValueSource | None = None,
) -> tuple[Rebuy, ...]:
    """The way back for every position of which something was sold under a record, in order of the sales. Pure.

    A purchase counts towards the position sold first, in any account, and no unit of it twice. `waits` are by asset.
    `benefits` by record, account and asset are what the sales were worth in all, fees of both ways taken off; without
    one it is what the record says, where it says so.
    """
    positions = _positions(verdicts, waits or {})
    acquired = _acquisitions(events, ledger, {position.verdicts[0].lot.asset for position in positions})
    prices = values or NoPrices()
    for event, amount, how in acquired:
        spare = amount.quantity
        if how is not Acquired.BOUGHT:
            continue
        for position in positions:
            if position.verdicts[0].lot.asset == amount.asset and spare:
                units = min(spare, position.wanted_at(event.executed_at))
                if units > 0:
                    spare = _minus(spare, units)
                    position.restored = _plus(position.restored, units)
                    position.bought.append(_acquisition(event, amount, how, position, units, prices))
    lots: dict[EventId, list[Lot]] = {}
    for lot in ledger.lots:
        lots.setdefault(lot.origin_id, []).append(lot)
    return tuple(_rebuy(position, acquired, lots, benefits or {}, prices) for position in positions)


def _positions(verdicts: Iterable[Verdict], waits: Mapping[Asset, timedelta]) -> list[_Position]:
    groups: dict[tuple[int, AccountId, Asset], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.parts:
            groups.setdefault((verdict.record, verdict.lot.account, verdict.lot.asset), []).append(verdict)
    found = [_Position(group, waits.get(key[2], NO_WAIT)) for key, group in groups.items()]
    return sorted(found, key=lambda one: (one.first, one.verdicts[0].record, one.verdicts[0].lot.account))


def _acquisitions(events: Iterable[Event], ledger: Ledger, assets: set[Asset]) -> list[tuple[Event, Amount, Acquired]]:
    """Everything that brought more of the assets, in order of time; moves between own accounts do not."""
    from_outside = {move.event_id for move in ledger.unmatched if move.is_deposit}
    found = []
    for event in sorted(events, key=time_order):
        got = event.received
        how = _how(event, from_outside)
        if got is not None and how is not None and got.asset in assets and got.asset != USD and got.quantity:
            found.append((event, got, how))
    return found


def _how(event: Event, from_outside: set[EventId]) -> Acquired | None:
    if event.kind in (EventKind.TRADE, EventKind.NFT_TRADE):
        return Acquired.BOUGHT
    if event.kind is EventKind.INCOME:
        return Acquired.INCOME
    if event.kind is EventKind.GIFT_IN or event.event_id in from_outside:
        return Acquired.MOVED_IN
    return None


def _acquisition(
    event: Event, amount: Amount, how: Acquired, position: _Position, restores: Decimal, prices: ValueSource
) -> Acquisition:
    value, fee = exchange_value(event, prices), fee_value(event, prices)
    cost = None
    if restores and value is not None and fee is not None:
        cost = split(_plus(value, fee), restores, amount.quantity)[0]
    is_early = position.waits_at(event.executed_at)
    return Acquisition(event.event_id, event.account, event.executed_at, amount.quantity, how, restores, cost, is_early)


def _rebuy(
    position: _Position,
    acquired: Iterable[tuple[Event, Amount, Acquired]],
    lots: Mapping[EventId, Sequence[Lot]],
    benefits: Mapping[tuple[int, AccountId, Asset], Decimal],
    prices: ValueSource,
) -> Rebuy:
    first = position.verdicts[0]
    asset = first.lot.asset
    value = total_or_none(verdict.value for verdict in position.verdicts)
    benefit = benefits.get((first.record, first.lot.account, asset), _promised_benefit(position.verdicts))
    counted = {one.event_id: one for one in position.bought}
    early = [
        counted.get(event.event_id) or _acquisition(event, amount, how, position, ZERO, prices)
        for event, amount, how in acquired
        if amount.asset == asset and position.waits_at(event.executed_at)
    ]
    return Rebuy(
        record=first.record,
        account=first.lot.account,
        asset=asset,
        units=position.units,
        left=_minus(position.units, position.restored),
        cash=total_or_none(verdict.proceeds for verdict in position.verdicts),
        value=value,
        first_sold_at=position.first,
        last_sold_at=position.last,
        wait=position.wait,
        break_even=None if value is None or benefit is None else ROUNDED.divide(_plus(value, benefit), position.units),
        bought=tuple(position.bought),
        early=tuple(early),
        new_lots=tuple(lot for one in position.bought for lot in lots.get(one.event_id, ())),
        benefit=benefit,
    )


def _promised_benefit(verdicts: Iterable[Verdict]) -> Decimal | None:
    """What the record says that the units sold are worth; None where it does not."""
    shares = [
        None if one.lot.net_benefit is None else split(one.lot.net_benefit, one.sold, one.lot.quantity)[0]
        for one in verdicts
    ]
    return total_or_none(shares)
