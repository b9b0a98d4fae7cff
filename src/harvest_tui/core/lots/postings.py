"""Events taken apart into postings: what opens, uses up, moves or loses units, with the fee rules applied.

Fees (Reg. 1.1001-7, 1.1012-1(h)): added to the basis of a purchase, taken off the proceeds of a sale, wholly on the
disposal side of a coin-for-coin trade. A fee paid in a coin is a disposal of that coin at its value. The fee of a move
never enters the basis of what moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from harvest_tui.core.lots.ledger import Provenance, UnmatchedMove, Unpriced
from harvest_tui.core.lots.scaled import ONE_UNIT, to_scaled
from harvest_tui.core.lots.transfers import Pairing
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventId, EventKind, NamedLot
from harvest_tui.core.valuation import ValueSource, exchange_value, fee_value

Order = tuple[datetime, int, int, str, int]
"""Time, phase, row, event, and place within the event: a total order that no order of arrival can change."""


class Phase(IntEnum):
    """At one instant acquisitions come first, then moves and conversions, then disposals."""

    ACQUIRE = 0
    MOVE = 1
    DISPOSE = 2


@dataclass(slots=True)
class Open:
    """Units that come in as a new lot. Money is scaled; None is an unknown basis."""

    order: Order
    event: Event
    asset: Asset
    units: int
    cost: int | None
    acquired_at: datetime
    provenance: Provenance
    loss_cost: int | None = None
    gift_at: datetime | None = None


@dataclass(slots=True)
class Dispose:
    """Units that go for `proceeds` (None: nobody told)."""

    order: Order
    event: Event
    asset: Asset
    units: int
    proceeds: int | None
    named: tuple[NamedLot, ...] = ()


@dataclass(slots=True)
class Leave:
    """Units that go without a disposal: given away, lost, or to a place unknown."""

    order: Order
    event: Event
    asset: Asset
    units: int
    named: tuple[NamedLot, ...] = ()


@dataclass(slots=True)
class Move:
    """Units that go to `to_account` with date and basis, and become `to_units` of `to_asset` where they are converted.

    `arrives` is where they surface later in time; None: at once.
    """

    order: Order
    event: Event
    asset: Asset
    units: int
    to_account: AccountId
    to_asset: Asset
    to_units: int
    arrives: bool = True
    named: tuple[NamedLot, ...] = ()


@dataclass(slots=True)
class Arrive:
    """The later end of a move of which the coins were under way."""

    order: Order
    event: Event
    withdrawal: EventId


Posting = Open | Dispose | Leave | Move | Arrive


def _coin(amount: Amount | None) -> Amount | None:
    return amount if amount is not None and amount.asset != USD and amount.quantity else None


def _scaled(value: Decimal | None) -> int | None:
    return None if value is None else to_scaled(value)


class PostingMaker:
    """Collects the postings of events, and what could not be priced or paired on the way."""

    def __init__(self, prices: ValueSource, pairing: Pairing) -> None:
        self.postings: list[Posting] = []
        self.unpriced: list[Unpriced] = []
        self.unmatched: list[UnmatchedMove] = []
        self._prices = prices
        self._pairing = pairing
        self._by_kind: dict[EventKind, Callable[[Event], None]] = {
            EventKind.TRADE: self._trade,
            EventKind.NFT_TRADE: self._trade,
            EventKind.DEPOSIT: self._deposit,
            EventKind.WITHDRAWAL: self._withdrawal,
            EventKind.TRANSFER: self._transfer,
            EventKind.CONVERT: self._convert,
            EventKind.INCOME: self._income,
            EventKind.OPENING: self._opening,
            EventKind.GIFT_IN: self._opening,
            EventKind.GIFT_OUT: self._leaving,
            EventKind.LOST: self._leaving,
            EventKind.SPEND: self._spend,
            EventKind.FEE: self._spend,
        }

    def add(self, event: Event) -> None:
        """Takes one event apart."""
        self._by_kind[event.kind](event)

    def _order(self, event: Event, phase: Phase, place: int, at: datetime | None = None) -> Order:
        return (at or event.executed_at, phase, event.sequence, event.event_id, place)

    def _miss(self, event: Event, asset: Asset) -> None:
        self.unpriced.append(Unpriced(event.event_id, event.account, asset, event.executed_at))

    def _pay_fee(self, event: Event, value: Decimal | None, phase: Phase, place: int) -> None:
        """A fee paid in a coin is a disposal of the coin."""
        fee = _coin(event.fee)
        if fee is None:
            return
        if value is None:
            self._miss(event, fee.asset)
        units = to_scaled(fee.quantity)
        self.postings.append(
            Dispose(self._order(event, phase, place), event, fee.asset, units, _scaled(value)),
        )

    def _trade(self, event: Event) -> None:
        given, received = _coin(event.sent), _coin(event.received)
        if event.fee is None and (given is None) != (received is None):
            self._trade_for_dollars(event, given, received)
            return
        if given is None and received is None:
            return
        fee = fee_value(event, self._prices)
        value = _scaled(exchange_value(event, self._prices))
        scaled_fee = 0 if fee is None else to_scaled(fee)
        if received is not None:
            is_purchase = given is None
            cost = None if value is None else value + scaled_fee if is_purchase else value
            provenance = Provenance.ASSUMED if fee is None and is_purchase else Provenance.PROVEN
            self._open(event, received, cost, provenance)
        if given is not None:
            if value is None and received is None:
                self._miss(event, given.asset)
            units = to_scaled(given.quantity)
            proceeds = None if value is None else value - scaled_fee
            order = self._order(event, Phase.DISPOSE, 1)
            self.postings.append(Dispose(order, event, given.asset, units, proceeds, event.lots))
        self._pay_fee(event, fee, Phase.DISPOSE, 2)

    def _trade_for_dollars(self, event: Event, given: Amount | None, received: Amount | None) -> None:
        """The usual trade, with no fee or one told within the amounts: nothing has to be valued."""
        if received is not None and event.sent is not None and event.sent.asset == USD:
            self._open(event, received, to_scaled(event.sent.quantity), Provenance.PROVEN)
        elif given is not None and event.received is not None and event.received.asset == USD:
            order = (event.executed_at, Phase.DISPOSE, event.sequence, event.event_id, 1)
            units, proceeds = to_scaled(given.quantity), to_scaled(event.received.quantity)
            self.postings.append(Dispose(order, event, given.asset, units, proceeds, event.lots))

    def _open(self, event: Event, received: Amount, cost: int | None, provenance: Provenance) -> None:
        if cost is None:
            self._miss(event, received.asset)
            provenance = Provenance.UNKNOWN
        units = to_scaled(received.quantity)
        order = self._order(event, Phase.ACQUIRE, 0)
        self.postings.append(Open(order, event, received.asset, units, cost, event.executed_at, provenance))

    def _income(self, event: Event) -> None:
        received = _coin(event.received)
        if received is not None:
            self._open(event, received, _scaled(exchange_value(event, self._prices)), Provenance.PROVEN)
        self._pay_fee(event, fee_value(event, self._prices), Phase.DISPOSE, 1)

    def _opening(self, event: Event) -> None:
        """A lot with its own date and basis. A gift worth less than its basis is measured by that value for a loss."""
        received = _coin(event.received)
        if received is None:
            return
        cost = _scaled(event.cost_basis)
        loss_cost = None
        if event.kind is EventKind.GIFT_IN and cost is not None:
            worth = _scaled(exchange_value(event, self._prices))
            if worth is None:
                self._miss(event, received.asset)
            elif worth < cost:
                loss_cost = worth
        self.postings.append(
            Open(
                self._order(event, Phase.ACQUIRE, 0),
                event,
                received.asset,
                to_scaled(received.quantity),
                cost,
                event.acquired_at or event.executed_at,
                Provenance.UNKNOWN if cost is None else Provenance.PROVEN,
                loss_cost,
                event.executed_at if loss_cost is not None else None,
            )
        )
        self._pay_fee(event, fee_value(event, self._prices), Phase.DISPOSE, 1)

    def _spend(self, event: Event) -> None:
        sent = _coin(event.sent)
        if sent is None:
            return
        value = exchange_value(event, self._prices)
        if value is None and event.kind is EventKind.FEE:
            value = event.fee_value
        fee = fee_value(event, self._prices)
        if value is None:
            self._miss(event, sent.asset)
        proceeds = None if value is None else to_scaled(value) - (0 if fee is None else to_scaled(fee))
        order = self._order(event, Phase.DISPOSE, 1)
        self.postings.append(Dispose(order, event, sent.asset, to_scaled(sent.quantity), proceeds, event.lots))
        self._pay_fee(event, fee, Phase.DISPOSE, 2)

    def _leaving(self, event: Event) -> None:
        sent = _coin(event.sent)
        if sent is not None:
            order = self._order(event, Phase.DISPOSE, 1)
            self.postings.append(Leave(order, event, sent.asset, to_scaled(sent.quantity), event.lots))
        self._pay_fee(event, fee_value(event, self._prices), Phase.DISPOSE, 2)

    def _pay_moving_fee(self, event: Event) -> None:
        """The fee units go before what moves, unless the lots that move are named: those stay reserved."""
        self._pay_fee(event, fee_value(event, self._prices), Phase.MOVE, 2 if event.lots else 0)

    def _transfer(self, event: Event) -> None:
        sent = _coin(event.sent)
        self._pay_moving_fee(event)
        if sent is None or event.counter_account is None:
            return
        units = to_scaled(sent.quantity)
        order = self._order(event, Phase.MOVE, 1)
        self.postings.append(
            Move(order, event, sent.asset, units, event.counter_account, sent.asset, units, True, event.lots)
        )

    def _convert(self, event: Event) -> None:
        sent, received = _coin(event.sent), _coin(event.received)
        if sent is None or received is None:
            self._trade(event)
            return
        self._pay_moving_fee(event)
        units, to_units = to_scaled(sent.quantity), to_scaled(received.quantity)
        order = self._order(event, Phase.MOVE, 1)
        self.postings.append(
            Move(order, event, sent.asset, units, event.account, received.asset, to_units, True, event.lots)
        )

    def _deposit(self, event: Event) -> None:
        received = _coin(event.received)
        self._pay_fee(event, fee_value(event, self._prices), Phase.DISPOSE, 2)
        if received is None or event.event_id in self._pairing.paired_deposits:
            return
        units = to_scaled(received.quantity)
        order = self._order(event, Phase.ACQUIRE, 0)
        self.postings.append(
            Open(order, event, received.asset, units, None, event.executed_at, Provenance.UNKNOWN),
        )
        self._unmatched(event, received, is_deposit=True)

    def _unmatched(self, event: Event, amount: Amount, *, is_deposit: bool) -> None:
        self.unmatched.append(
            UnmatchedMove(
                event.event_id, event.account, amount.asset, amount.quantity, event.executed_at, is_deposit=is_deposit
            )
        )

    def _withdrawal(self, event: Event) -> None:
        sent = _coin(event.sent)
        deposit = self._pairing.deposit_of.get(event.event_id)
        self._pay_moving_fee(event)
        if sent is None:
            return
        units = to_scaled(sent.quantity)
        if deposit is None or deposit.received is None:
            order = self._order(event, Phase.MOVE, 1)
            self.postings.append(Leave(order, event, sent.asset, units, event.lots))
            self._unmatched(event, sent, is_deposit=False)
            return
        self._paired(event, deposit, sent, to_scaled(deposit.received.quantity))

    def _paired(self, event: Event, deposit: Event, sent: Amount, arrived: int) -> None:
        """A move between own accounts; the coins may be under way for some time."""
        units = to_scaled(sent.quantity)
        at = min(event.executed_at, deposit.executed_at)
        is_under_way = deposit.executed_at > event.executed_at
        asset = sent.asset
        moved = min(units, arrived)
        order = self._order(event, Phase.MOVE, 1, at)
        self.postings.append(
            Move(order, event, asset, moved, deposit.account, asset, moved, not is_under_way, event.lots)
        )
        if is_under_way:
            order = self._order(deposit, Phase.MOVE, 1)
            self.postings.append(Arrive(order, deposit, event.event_id))
        self._settle_difference(event, deposit, units - arrived)

    def _settle_difference(self, event: Event, deposit: Event, burnt: int) -> None:
        """What left and did not arrive was the fee told within the amount, or burnt at its value.

        Where more arrived than left, nobody knows where the rest was bought.
        """
        fee = event.fee
        asset = event.sent.asset if event.sent else USD
        if burnt < 0:
            order = self._order(deposit, Phase.ACQUIRE, 0)
            self.postings.append(
                Open(order, deposit, asset, -burnt, None, deposit.executed_at, Provenance.UNKNOWN),
            )
        elif burnt and not (fee is not None and fee.asset == asset and to_scaled(fee.quantity) == burnt):
            price = self._prices.price_at(asset, event.executed_at)
            if price is None:
                self._miss(event, asset)
            proceeds = None if price is None else to_scaled(price) * burnt // ONE_UNIT
            self.postings.append(Dispose(self._order(event, Phase.MOVE, 3), event, asset, burnt, proceeds))
