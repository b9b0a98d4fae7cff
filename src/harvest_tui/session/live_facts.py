"""Facts that follow what is stored: after a change only what it concerns is replayed and summed anew. No store here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.identification.assignment import Key, sale_of
from harvest_tui.core.lots.live import MOVES, LiveLedger, Revised
from harvest_tui.core.lots.reconcile import reconcile
from harvest_tui.core.records import USD, Account, Asset, Balance, Candle, Event, EventId, EventKind
from harvest_tui.core.valuation import ONE, bucket_start, hour_of, hours_of_withdrawals, needs_of
from harvest_tui.session.facts import Facts, Rules

if TYPE_CHECKING:
    from harvest_tui.core.lots.transfers import PairChoices

Hour = tuple[Asset, datetime]
"""An asset and the hour of which its price is asked."""
AN_HOUR = 3600
SECOND = timedelta(seconds=1)
ASSUMED = ":assumed-"
"""In the id of the opening that an assumption is; see `assumption_id`."""


class HourlyPrices:
    """Past prices by the hour they are asked of, as `PriceHistory` gives them from candles of whole hours."""

    def __init__(self) -> None:
        self._prices: dict[Hour, Decimal] = {}

    def price_at(self, asset: Asset, at: datetime) -> Decimal | None:
        """US dollars for one unit in the hour of that time; None where nobody knows."""
        return ONE if asset == USD else self._prices.get(hour_of(asset, at))

    def put(self, hour: Hour, candle: Candle | None) -> bool:
        """Keeps what the candle says of the hour; whether that is another price than before."""
        before, price = self._prices.get(hour), None if candle is None else candle.close
        if price is None:
            self._prices.pop(hour, None)
        else:
            self._prices[hour] = price
        return before != price


def is_of_whole_hours(candle: Candle) -> bool:
    """Whether the candle holds every hour that it touches, so that an hour has one price and no more."""
    return not candle.seconds % AN_HOUR and bucket_start(candle.start, candle.seconds) == candle.start


def asked_hours(events: Iterable[Event]) -> dict[Hour, list[EventId]]:
    """The hours whose price an event asks for or may ask for, each with the events that do."""
    asked: dict[Hour, list[EventId]] = {}
    told = list(events)
    for event, hour in needs_of(told):
        asked.setdefault(hour, []).append(event.event_id)
    for event in told:
        if event.kind is EventKind.WITHDRAWAL:
            for hour in hours_of_withdrawals((event,)):
                asked.setdefault(hour, []).append(event.event_id)
    return asked


@dataclass(frozen=True, slots=True)
class Word:
    """What of the user's word a single event may fall under; such an event is not taken on its own."""

    has_assumptions: bool = False
    decided: frozenset[EventId] = frozenset()
    """Events that a decision names."""
    recorded: frozenset[Key] = frozenset()
    """Accounts and assets of which an identification record names lots."""
    assumed: tuple[Event, ...] = ()
    """Openings that are assumptions."""


class Told(NamedTuple):
    """Events as they are stored now, and names of those that are gone or only have another price."""

    events: Sequence[Event]
    gone: Sequence[EventId]
    repriced: Collection[EventId]


class LiveFacts:
    """A live ledger with all else that facts are made of. Not for several threads at once; the facts are."""

    def __init__(self, rules: Rules, word: Word, pairs: PairChoices | None) -> None:
        """Without events: `gather` takes them in, in parts, and `book` makes a ledger of them."""
        self._rules = rules
        self._word = word
        self._prices = HourlyPrices()
        self._asked: dict[Hour, list[EventId]] = {}
        self._asking: list[Event] = []
        self._wanting: dict[EventId, tuple[datetime, int, EventId, list[Hour]]] = {}
        self._live = LiveLedger(
            method=rules.methods(),
            scope=rules.scope,
            zone=rules.zone,
            values=self._prices,
            pairs=pairs,
            allocation=rules.placements(),
        )

    def gather(self, events: Sequence[Event]) -> None:
        """Takes in some of the events. Those that ask for a price wait for it, the others are not kept."""
        asked = asked_hours(events)
        for hour, names in asked.items():
            self._asked.setdefault(hour, []).extend(names)
        asking = {name for names in asked.values() for name in names}
        self._asking += [event for event in events if event.event_id in asking]
        self._live.gather(event for event in events if event.event_id not in asking)

    def hours(self) -> list[Hour]:
        """The hours whose price events ask for."""
        return list(self._asked)

    def book(self, candles: Mapping[Hour, Candle]) -> None:
        """Makes the ledger; `candles` are what is known of those hours, and of whole hours."""
        events, self._asking = self._asking, []
        for hour, candle in candles.items():
            self._prices.put(hour, candle)
        for event, hour in needs_of(events, self._prices):
            self._want(event, hour)
        self._live.gather(events)
        self._live.book()

    def __len__(self) -> int:
        """The number of events."""
        return len(self._live)

    def asked_in(self, candles: Iterable[tuple[Asset, datetime, int]]) -> list[Hour]:
        """The hours within these candles (asset, start, seconds) that some event asks for."""
        hours = {
            hour
            for asset, start, seconds in candles
            for second in range(0, seconds, AN_HOUR)
            if (hour := (asset, bucket_start(start, AN_HOUR) + second * SECOND)) in self._asked
        }
        return sorted(hours)

    def is_asked(self, hour: Hour) -> bool:
        """Whether an event asks, or asked once, for the price of the hour."""
        return hour in self._asked

    def askers(self, hour: Hour) -> Sequence[EventId]:
        """The events that ask for the price of the hour."""
        return self._asked.get(hour, ())

    def put_price(self, hour: Hour, candle: Candle | None) -> bool:
        """Keeps the price; whether it is another than before. The events that ask for it must be told again."""
        return self._prices.put(hour, candle)

    def can_take(self, told: Told) -> bool:
        """Whether these events change nothing that the user's word depends on."""
        word = self._word
        names = [*(event.event_id for event in told.events), *told.gone]
        if word.has_assumptions and (
            any(event.kind in MOVES for event in told.events)
            or any(name in word.decided or ASSUMED in name or self._live.is_move(name) for name in names)
        ):
            return False
        if not word.recorded:
            return True
        is_sold_by_record = any(
            (sold := sale_of(event)) is not None and (event.account, sold.asset) in word.recorded
            for event in told.events
        )
        # What an event was before is not kept: it may have been such a sale.
        return not is_sold_by_record and all(name in told.repriced or name not in self._live for name in names)

    def take(self, told: Told) -> Revised:
        """Takes the events in; their prices have been put before."""
        for hour, names in asked_hours(told.events).items():
            known = self._asked.setdefault(hour, [])
            known += [name for name in names if name not in known]
        for name in (*told.gone, *(event.event_id for event in told.events)):
            self._wanting.pop(name, None)
        for event, hour in needs_of(told.events, self._prices):
            self._want(event, hour)
        return self._live.revise(told.events, told.gone)

    def facts(self, accounts: Sequence[Account], balances: Sequence[Balance], now: datetime) -> Facts:
        """What `derive` makes of the same events."""
        tax_day = now.astimezone(self._rules.zone).date()
        ledger, positions = self._live.ledger(), self._live.positions(tax_day)
        in_lots = {key: position.quantity for key, position in positions.items()}
        is_pooled = self._rules.scope == "universal"
        wanting = sorted(self._wanting.values(), key=lambda one: one[:3])
        needed = sorted(dict.fromkeys(hour for *_, hours in wanting for hour in hours), key=lambda need: need[1])
        return Facts(
            ledger=ledger,
            positions=positions,
            mismatches=() if is_pooled else reconcile(ledger, balances, self._word.assumed, in_lots),
            balances=tuple(balances),
            tax_day=tax_day,
            exchanges={account.account: account.exchange for account in accounts},
            missing_prices=tuple(dict.fromkeys((*needed, *(hour_of(u.asset, u.at) for u in ledger.unpriced)))),
        )

    def _want(self, event: Event, hour: Hour) -> None:
        order = (event.executed_at, event.sequence, event.event_id)
        self._wanting.setdefault(event.event_id, (*order, []))[3].append(hour)
