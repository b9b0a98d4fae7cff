"""What of an explanation is not proven, and what rests on an assumption that a preparer should know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from harvest_tui.core.evidence import Evidence, ValueOrigin
from harvest_tui.core.lots.explanation import (
    Acquisition,
    Beginning,
    Chapter,
    Doubt,
    DoubtKind,
    Passage,
    TakeStory,
    Use,
    UseKind,
)
from harvest_tui.core.records import Amount, EventId, EventKind
from harvest_tui.core.tax_days import term_differs_from_utc, year_differs_from_utc


def lot_doubts(
    acquisition: Acquisition, chapters: Sequence[Chapter], passages: Sequence[Passage], zone: ZoneInfo
) -> tuple[Doubt, ...]:
    """What is not proven of a lot, from its acquisition to the disposals of its units."""
    found = [*_of_acquisition(acquisition), *(doubt for passage in passages for doubt in _of_passage(passage))]
    found += [doubt for use in chapters[-1].uses for doubt in _of_use(use, zone)]
    return tuple(dict.fromkeys(found))


def take_doubts(take: TakeStory, *, is_disposal: bool, zone: ZoneInfo) -> tuple[Doubt, ...]:
    """What is not proven of what an event took."""
    name = take.event.event_id
    found: list[Doubt] = []
    if take.missing:
        found.append(Doubt(DoubtKind.GAP, name, Amount(take.missing, take.asset)))
    found += [Doubt(DoubtKind.NAMED_SHORT, name, Amount(short.quantity, take.asset)) for short in take.shorts]
    if is_disposal and take.proceeds is None:
        found.append(Doubt(DoubtKind.NO_VALUE, name, Amount(take.quantity, take.asset)))
    elif is_disposal:
        found += _of_evidence(take.value, name)
        found += _of_evidence(take.fee, name)
    for part in take.parts:
        found += _of_use(part.use, zone)
        if part.use.cost_basis is None:
            found.append(Doubt(DoubtKind.NO_BASIS, part.lot.origin_id, Amount(part.use.quantity, take.asset)))
    return tuple(dict.fromkeys(found))


def _of_acquisition(start: Acquisition) -> Iterator[Doubt]:
    event, name = start.event, start.event.event_id
    units = None if event.received is None else Amount(start.quantity, event.received.asset)
    if start.beginning is not Beginning.EVENT or event.kind is EventKind.DEPOSIT:
        yield Doubt(DoubtKind.NO_ORIGIN, name, units)
    elif start.cost_basis is None:
        is_told = event.kind in (EventKind.OPENING, EventKind.GIFT_IN)
        yield Doubt(DoubtKind.NO_BASIS if is_told else DoubtKind.NO_VALUE, name, units)
    if event.is_assumed:
        yield Doubt(DoubtKind.ASSUMED, name, units)
    if event.kind is EventKind.GIFT_IN and start.value.value is None:
        yield Doubt(DoubtKind.NO_VALUE, name, units)
    yield from _of_evidence(start.value, name)
    if start.is_fee_in_basis:
        if start.fee.value is None:
            yield Doubt(DoubtKind.NO_FEE_VALUE, name, event.fee)
        yield from _of_evidence(start.fee, name)


def _of_passage(passage: Passage) -> Iterator[Doubt]:
    if passage.arrival is not None and not passage.has_common_txid and not passage.is_confirmed:
        yield Doubt(DoubtKind.PAIRED_BY_AMOUNT, passage.use.event_id, passage.arrived)
    for fee in passage.fees:
        if fee.disposal is not None and fee.disposal.proceeds is None:
            yield Doubt(DoubtKind.NO_FEE_VALUE, passage.use.event_id, Amount(fee.quantity, fee.disposal.asset))


def _of_use(use: Use, zone: ZoneInfo) -> Iterator[Doubt]:
    sold = use.disposal
    if sold is None:
        if use.kind is UseKind.WITHDRAWN:
            yield Doubt(DoubtKind.NO_DESTINATION, use.event_id)
        return
    if sold.proceeds is None:
        yield Doubt(DoubtKind.NO_VALUE, use.event_id, Amount(sold.quantity, sold.asset))
    if year_differs_from_utc(sold.disposed_at, zone):
        yield Doubt(DoubtKind.YEAR_IN_UTC, use.event_id)
    if term_differs_from_utc(sold.acquired_at, sold.disposed_at, zone):
        yield Doubt(DoubtKind.TERM_IN_UTC, use.event_id)


def _of_evidence(evidence: Evidence, name: EventId) -> Iterator[Doubt]:
    if evidence.origin is not ValueOrigin.PRICE:
        return
    if evidence.is_assumed:
        yield Doubt(DoubtKind.ASSUMED_DOLLAR, name, evidence.priced)
    if evidence.is_of_the_day:
        yield Doubt(DoubtKind.DAY_PRICE, name, evidence.priced)
