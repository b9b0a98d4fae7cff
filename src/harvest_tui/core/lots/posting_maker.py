"""Events taken apart into postings, with the fee rules applied.

Fees (Reg. 1.1001-7, 1.1012-1(h)): added to the basis of a purchase, taken off the proceeds of a sale, wholly on the
disposal side of a coin-for-coin trade. A fee paid in a coin is a disposal of that coin at its value. The fee of a move
never enters the basis of what moves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from harvest_tui.core.lots.ledger import Provenance, UnmatchedMove, Unpriced
from harvest_tui.core.lots.postings import Arrive, Depart, Dispose, Leave, Open, Phase, Posting
from harvest_tui.core.lots.scaled import ONE_UNIT, to_scaled
from harvest_tui.core.lots.transfers import Pairing
from harvest_tui.core.records import USD, AccountId, Amount, Asset, Event, EventKind
from harvest_tui.core.valuation import ValueSource, exchange_value, fee_value

ACQUIRE, MOVE, DISPOSE = int(Phase.ACQUIRE), int(Phase.MOVE), int(Phase.DISPOSE)
TRADE, PROVEN = EventKind.TRADE, Provenance.PROVEN
"""Looked up once: a million events ask for them."""
BEFORE, MAIN, LANDING, AFTER, BURNT = range(5)
"""Places within one event."""


def _coin(amount: Amount | None) -> Amount | None:
    return amount if amount is not None and amount.asset != USD and amount.quantity else None


def _scaled(value: Decimal | None) -> int | None:
    return None if value is None else to_scaled(value)


def _dispose(event: Event, asset: Asset, units: int, proceeds: int | None, phase: int, place: int) -> Dispose:
    return Dispose(
        event.event_id, event.account, asset, event.executed_at, phase, event.sequence, place, units, proceeds
    )


def _open(event: Event, received: Amount, cost: int | None, provenance: Provenance) -> Open:
    units = to_scaled(received.quantity)
    return Open(
        event.event_id, event.account, received.asset, event.executed_at, event.sequence, units, cost, provenance
    )


class PostingMaker:
    """Collects the postings of events, and what could not be priced or paired on the way."""

    def __init__(self, prices: ValueSource, pairing: Pairing) -> None:
        self.postings: list[Posting] = []
        self.unpriced: list[Unpriced] = []
        self.unmatched: list[UnmatchedMove] = []
        self.prices = prices
        self.pairing = pairing
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
        """Takes one event apart. The usual trade, for dollars and with no fee but dollars, takes the short way."""
        sent, received, fee = event.sent, event.received, event.fee
        if sent is None or received is None or event.kind is not TRADE or (fee is not None and fee.asset != USD):
            self._by_kind[event.kind](event)
        elif sent.asset == USD and received.asset != USD and received.quantity:
            paid = to_scaled(sent.quantity) + (to_scaled(fee.quantity) if fee is not None else 0)
            self.postings.append(_open(event, received, paid, PROVEN))
        elif received.asset == USD and sent.asset != USD and sent.quantity:
            told = to_scaled(received.quantity) - (to_scaled(fee.quantity) if fee is not None else 0)
            self._give(event, sent, told)
        else:
            self._trade(event)

    def taken(self) -> tuple[list[Posting], list[Unpriced], list[UnmatchedMove]]:
        """What was collected since the last call."""
        made = self.postings, self.unpriced, self.unmatched
        self.postings, self.unpriced, self.unmatched = [], [], []
        return made

    def _miss(self, event: Event, asset: Asset) -> None:
        self.unpriced.append(Unpriced(event.event_id, event.account, asset, event.executed_at))

    def _pay_fee(self, event: Event, value: Decimal | None, phase: int = DISPOSE, place: int = AFTER) -> None:
        """A fee paid in a coin is a disposal of the coin."""
        fee = _coin(event.fee)
        if fee is None:
            return
        if value is None:
            self._miss(event, fee.asset)
        self.postings.append(_dispose(event, fee.asset, to_scaled(fee.quantity), _scaled(value), phase, place))

    def _trade(self, event: Event) -> None:
        given, received = _coin(event.sent), _coin(event.received)
        if given is None and received is None:
            return
        fee = fee_value(event, self.prices)
        value = _scaled(exchange_value(event, self.prices))
        scaled_fee = 0 if fee is None else to_scaled(fee)
        if received is not None:
            is_purchase = given is None
            cost = None if value is None else value + scaled_fee if is_purchase else value
            provenance = Provenance.ASSUMED if fee is None and is_purchase else Provenance.PROVEN
            self._acquire(event, received, cost, provenance)
        if given is not None:
            if value is None and received is None:
                self._miss(event, given.asset)
            self._give(event, given, None if value is None else value - scaled_fee)
        self._pay_fee(event, fee)

    def _give(self, event: Event, given: Amount, proceeds: int | None) -> None:
        self.postings.append(
            Dispose(
                event.event_id,
                event.account,
                given.asset,
                event.executed_at,
                DISPOSE,
                event.sequence,
                MAIN,
                to_scaled(given.quantity),
                proceeds,
                event.lots,
            )
        )

    def _acquire(self, event: Event, received: Amount, cost: int | None, provenance: Provenance) -> None:
        if cost is None:
            self._miss(event, received.asset)
            provenance = Provenance.UNKNOWN
        self.postings.append(_open(event, received, cost, provenance))

    def _income(self, event: Event) -> None:
        received = _coin(event.received)
        if received is not None:
            self._acquire(event, received, _scaled(exchange_value(event, self.prices)), Provenance.PROVEN)
        self._pay_fee(event, fee_value(event, self.prices))

    def _opening(self, event: Event) -> None:
        """A lot with its own date and basis. A gift worth less than its basis is measured by that value for a loss."""
        received = _coin(event.received)
        if received is None:
            return
        cost = _scaled(event.cost_basis)
        loss_cost = None
        provenance = Provenance.ASSUMED if event.is_assumed else Provenance.PROVEN
        if event.kind is EventKind.GIFT_IN and cost is not None:
            worth = _scaled(exchange_value(event, self.prices))
            if worth is None:
                self._miss(event, received.asset)
            elif worth < cost:
                loss_cost = worth
        self.postings.append(
            Open(
                event.event_id,
                event.account,
                received.asset,
                event.executed_at,
                event.sequence,
                to_scaled(received.quantity),
                cost,
                Provenance.UNKNOWN if cost is None else provenance,
                event.acquired_at,
                loss_cost,
                event.executed_at if loss_cost is not None else None,
            )
        )
        self._pay_fee(event, fee_value(event, self.prices))

    def _spend(self, event: Event) -> None:
        sent = _coin(event.sent)
        if sent is None:
            return
        value = exchange_value(event, self.prices)
        if value is None and event.kind is EventKind.FEE:
            value = event.fee_value
        fee = fee_value(event, self.prices)
        if value is None:
            self._miss(event, sent.asset)
        self._give(event, sent, None if value is None else to_scaled(value) - (0 if fee is None else to_scaled(fee)))
        self._pay_fee(event, fee)

    def _leave(self, event: Event, sent: Amount, phase: int) -> None:
        self.postings.append(
            Leave(
                event.event_id,
                event.account,
                sent.asset,
                event.executed_at,
                phase,
                event.sequence,
                MAIN,
                to_scaled(sent.quantity),
                None,
                event.lots,
            )
        )

    def _leaving(self, event: Event) -> None:
        sent = _coin(event.sent)
        if sent is not None:
            self._leave(event, sent, DISPOSE)
        self._pay_fee(event, fee_value(event, self.prices))

    def _pay_moving_fee(self, event: Event) -> None:
        """The fee units go before what moves, unless the lots that move are named: those stay reserved."""
        self._pay_fee(event, fee_value(event, self.prices), MOVE, AFTER if event.lots else BEFORE)

    def _move(
        self, event: Event, asset: Asset, units: int, at: datetime, arriving: tuple[AccountId, Asset, int], by: Event
    ) -> None:
        """Units of `asset` go at `at` and arrive as (account, asset, units): at once, or later with the event `by`."""
        account, to_asset, to_units = arriving
        lands_at = at if by is event else by.executed_at
        landing = Arrive(by.event_id, account, to_asset, lands_at, MOVE, by.sequence, LANDING)
        depart = Depart(
            event.event_id,
            event.account,
            asset,
            at,
            event.sequence,
            units,
            event.lots,
            landing,
            to_units,
            event.executed_at,
        )
        self.postings += (depart, landing)

    def _transfer(self, event: Event) -> None:
        sent = _coin(event.sent)
        self._pay_moving_fee(event)
        if sent is None or event.counter_account is None:
            return
        units = to_scaled(sent.quantity)
        self._move(event, sent.asset, units, event.executed_at, (event.counter_account, sent.asset, units), event)

    def _convert(self, event: Event) -> None:
        sent, received = _coin(event.sent), _coin(event.received)
        if sent is None or received is None:
            self._trade(event)
            return
        self._pay_moving_fee(event)
        arriving = (event.account, received.asset, to_scaled(received.quantity))
        self._move(event, sent.asset, to_scaled(sent.quantity), event.executed_at, arriving, event)

    def _deposit(self, event: Event) -> None:
        received = _coin(event.received)
        self._pay_fee(event, fee_value(event, self.prices))
        if received is None or event.event_id in self.pairing.paired_deposits:
            return
        self.postings.append(_open(event, received, None, Provenance.UNKNOWN))
        self._unmatched(event, received, is_deposit=True)

    def _unmatched(self, event: Event, amount: Amount, *, is_deposit: bool) -> None:
        if event.event_id in self.pairing.external:
            return
        self.unmatched.append(
            UnmatchedMove(
                event.event_id, event.account, amount.asset, amount.quantity, event.executed_at, is_deposit=is_deposit
            )
        )

    def _withdrawal(self, event: Event) -> None:
        sent = _coin(event.sent)
        deposit = self.pairing.deposit_of.get(event.event_id)
        self._pay_moving_fee(event)
        if sent is None:
            return
        if deposit is None or deposit.received is None:
            self._leave(event, sent, MOVE)
            self._unmatched(event, sent, is_deposit=False)
            return
        self._paired(event, deposit, sent, to_scaled(deposit.received.quantity))

    def _paired(self, event: Event, deposit: Event, sent: Amount, arrived: int) -> None:
        """A move between own accounts; the coins may be under way for some time."""
        units = to_scaled(sent.quantity)
        is_under_way = deposit.executed_at > event.executed_at
        at = min(event.executed_at, deposit.executed_at)
        moved = min(units, arrived)
        by = deposit if is_under_way else event
        self._move(event, sent.asset, moved, at, (deposit.account, sent.asset, moved), by)
        self._settle_difference(event, deposit, sent.asset, units - arrived)

    def _settle_difference(self, event: Event, deposit: Event, asset: Asset, burnt: int) -> None:
        """What left and did not arrive was the fee told within the amount, or burnt at its value.

        Where more arrived than left, nobody knows where the rest was bought.
        """
        fee = event.fee
        if burnt < 0:
            self.postings.append(
                Open(
                    deposit.event_id,
                    deposit.account,
                    asset,
                    deposit.executed_at,
                    deposit.sequence,
                    -burnt,
                    None,
                    Provenance.UNKNOWN,
                )
            )
        elif burnt and not (fee is not None and fee.asset == asset and to_scaled(fee.quantity) == burnt):
            price = self.prices.price_at(asset, event.executed_at)
            if price is None:
                self._miss(event, asset)
            proceeds = None if price is None else to_scaled(price) * burnt // ONE_UNIT
            self.postings.append(_dispose(event, asset, burnt, proceeds, MOVE, BURNT))
