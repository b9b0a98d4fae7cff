"""From a name to its explanation: the history that concerns it is replayed, and the books are read along the chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from harvest_tui.core.evidence import Evidence, ValueOrigin, fee_evidence, priced, value_evidence
from harvest_tui.core.lots.allocation import Allocation
from harvest_tui.core.lots.books import HeldLot
from harvest_tui.core.lots.doubts import lot_doubts, take_doubts
from harvest_tui.core.lots.explanation import (
    Acquisition,
    Beginning,
    Explanation,
    LotInLine,
    LotStory,
    NoSuchName,
    PartTaken,
    TakeStory,
    UseKind,
)
from harvest_tui.core.lots.ledger import Provenance
from harvest_tui.core.lots.matching import Scope, match_books, without_collector
from harvest_tui.core.lots.orders import MethodTable
from harvest_tui.core.lots.posting_maker import MAIN
from harvest_tui.core.lots.postings import Dispose, Open, Take
from harvest_tui.core.lots.scaled import PLACES, to_decimal
from harvest_tui.core.lots.statement import lot_of
from harvest_tui.core.lots.tracing import Trace, use_kind
from harvest_tui.core.lots.transfers import PairChoices, pair_moves
from harvest_tui.core.money import ROUNDED, ZERO, rounded
from harvest_tui.core.records import USD, Amount, Asset, Event, EventId, EventKind, LotId
from harvest_tui.core.valuation import CandleSource

_NOTHING = Evidence(None, ValueOrigin.NONE)
_NO_FEE = Evidence(ZERO, ValueOrigin.NONE)


def events_about(name: str, events: Sequence[Event]) -> list[Event]:
    """The events that can have a part in what `name` stands for: all of its coins and of those they were converted
    from or into. None where no event is called like that."""
    assets: set[Asset] = set()
    for event in events:
        if event.event_id.startswith(name) or name.startswith(event.event_id):
            assets |= _coins(event)
    links = [coins for event in events if event.kind is EventKind.CONVERT and len(coins := _coins(event)) > 1]
    size = 0
    while size != len(assets):
        size = len(assets)
        for coins in links:
            if coins & assets:
                assets |= coins
    return [event for event in events if _coins(event) & assets]


def _coins(event: Event) -> set[Asset]:
    legs = (event.sent, event.received, event.fee)
    return {leg.asset for leg in legs if leg is not None} - {USD}


def explain(
    name: str,
    events: Sequence[Event],
    *,
    methods: MethodTable,
    scope: Scope,
    zone: ZoneInfo,
    prices: CandleSource,
    pairs: PairChoices | None = None,
    allocation: Allocation | None = None,
) -> Explanation:
    """The story of the lot of that id and of what the event of that id took from lots, or of the only one whose id
    begins so.

    `events` must hold all that `events_about(name)` does. Raises NoSuchName where nothing or more than one thing is
    meant.
    """
    with without_collector():
        matched = match_books(
            events,
            methods=methods,
            scope=scope,
            zone=zone,
            values=prices,
            pairs=pairs,
            allocation=allocation or Allocation(),
        )
        trace = Trace(
            events, matched.replay, pair_moves(events, pairs), methods, zone, pairs.confirmed if pairs else ()
        )
        teller = _Teller(trace, prices)
        found = _meant(name, trace)
        lot = trace.lots.get(LotId(found))
        takes = trace.takes.get(EventId(found), ())
        return Explanation(
            found,
            zone,
            () if lot is None else (teller.lot(lot),),
            tuple(teller.take(take) for take in sorted(takes, key=_order)),
        )


def _meant(name: str, trace: Trace) -> str:
    """The whole name: of a lot, of an event that took from lots, or of the withdrawal that became that deposit."""
    if name in trace.lots or name in trace.takes:
        return name
    departures = {into.event_id: out for out, into in trace.pairing.deposit_of.items()}
    names = [*trace.lots, *trace.takes, *departures]
    found = sorted({known for known in names if known.startswith(name)}) if name else []
    if name in departures:
        found = [EventId(name)]
    if len(found) != 1:
        raise NoSuchName(name, tuple(found))
    return departures.get(EventId(found[0]), found[0])


class _Teller:
    """Stories of one trace."""

    def __init__(self, trace: Trace, prices: CandleSource) -> None:
        self._trace = trace
        self._prices = prices

    def lot(self, lot: HeldLot) -> LotStory:
        """The lot from the first acquisition of its units on."""
        trace = self._trace
        line = trace.line_of(lot)
        chapters = tuple(trace.chapter(one) for one in line)
        passages = tuple(trace.passage(parent, child) for parent, child in pairwise(line))
        acquisition = self._acquisition(line[0])
        doubts = lot_doubts(acquisition, chapters, passages, trace.zone)
        return LotStory(lot_of(lot, trace.days), acquisition, chapters, passages, doubts)

    def _acquisition(self, lot: HeldLot) -> Acquisition:
        event = self._trace.events[lot.opened_by]
        beginning = Beginning.EVENT
        if not isinstance(lot, Open):
            beginning = Beginning.UNCOVERED
        elif event.event_id in self._trace.pairing.paired_deposits:
            beginning = Beginning.SURPLUS
        is_own = beginning is Beginning.EVENT and event.kind is not EventKind.DEPOSIT
        is_valued = is_own and event.kind is not EventKind.OPENING
        is_purchase = event.kind in (EventKind.TRADE, EventKind.NFT_TRADE) and (
            event.sent is None or event.sent.asset == USD or not event.sent.quantity
        )
        return Acquisition(
            event,
            beginning,
            to_decimal(lot.units),
            None if lot.cost is None else to_decimal(lot.cost),
            value_evidence(event, self._prices) if is_valued else _NOTHING,
            fee_evidence(event, self._prices) if is_own else _NO_FEE,
            is_own and is_purchase and lot.provenance is not Provenance.UNKNOWN,
        )

    def take(self, take: Take) -> TakeStory:
        """What the posting drew, from which lots, and why from these."""
        trace = self._trace
        event = trace.events[take.event_id]
        kind = use_kind(take, event)
        value, fee = self._worth(take, event, kind)
        standing = trace.standing(take)
        drawn = {part[0]: part[1] for part in take.parts}
        rest = [lot for lot, units in standing if units > drawn.get(lot, 0)]
        made = TakeStory(
            kind,
            event,
            take.account,
            take.asset,
            to_decimal(take.units),
            None if take.proceeds is None else to_decimal(take.proceeds),
            value,
            fee,
            trace.method_of(take),
            trace.is_pooled(take),
            take.named,
            trace.shortfalls(take),
            len(standing),
            tuple(self._parts(take)),
            _in_line(rest[0]) if rest else None,
            to_decimal(take.missing),
            (),
        )
        return replace(made, doubts=take_doubts(made, is_disposal=isinstance(take, Dispose), zone=trace.zone))

    def _worth(self, take: Take, event: Event, kind: UseKind) -> tuple[Evidence, Evidence]:
        """What was got for the units, and the fee that was taken off it."""
        if not isinstance(take, Dispose):
            return _NOTHING, _NO_FEE
        if kind is UseKind.BURNT:
            burnt = priced(Amount(to_decimal(take.units), take.asset), event.executed_at, self._prices)
            return burnt or Evidence(None, ValueOrigin.UNKNOWN), _NO_FEE
        if take.place != MAIN:
            return fee_evidence(event, self._prices), _NO_FEE
        value = value_evidence(event, self._prices)
        if value.value is None and event.kind is EventKind.FEE and event.fee_value is not None:
            value = Evidence(event.fee_value, ValueOrigin.TOLD)
        return value, fee_evidence(event, self._prices)

    def _parts(self, take: Take) -> Iterator[PartTaken]:
        named = {name.origin for name in take.named}
        for part in take.parts:
            lot = part[0]
            yield PartTaken(_in_line(lot), self._trace.use(take, part), bool(named & {lot.origin, lot.opened_by}))


def _in_line(lot: HeldLot) -> LotInLine:
    return LotInLine(lot.lot_id, lot.origin, lot.account, lot.acquired_at, _unit_cost(lot))


def _order(take: Take) -> tuple[int, int]:
    """What an event gives comes before its fee."""
    return (take.place != MAIN, take.place)


def _unit_cost(lot: HeldLot) -> Decimal | None:
    """Basis of one unit in US dollars; None where it is unknown."""
    if lot.cost is None or not lot.units:
        return None
    return rounded(ROUNDED.divide(to_decimal(lot.cost), to_decimal(lot.units)), PLACES)
