"""`harvest-tui explain`: why a lot or a disposal is what it is, step by step, down to the source rows."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Mapping

from harvest_tui.cli.home import choices_for, opened
from harvest_tui.cli.output import amount, instant, write_json, write_sections
from harvest_tui.core.evidence import Evidence, ValueOrigin
from harvest_tui.core.lots.explanation import (
    Acquisition,
    Chapter,
    Doubt,
    Explanation,
    LotInLine,
    LotStory,
    Passage,
    TakeStory,
    Use,
)
from harvest_tui.core.money import plain
from harvest_tui.core.records import Amount, Event, EventId
from harvest_tui.core.source_rows import SourceRow
from harvest_tui.core.story.telling import sentence, tell
from harvest_tui.session.explaining import load_explanation

Row = dict[str, object]
Sources = Mapping[EventId, tuple[SourceRow, ...]]


def run(arguments: Namespace) -> int:
    """Tell the story of one id."""
    return asyncio.run(_run(arguments))


async def _run(arguments: Namespace) -> int:
    async with opened(choices_for(arguments)) as session:
        rules = session.rules().under(arguments.method, arguments.scope)
        explanation = await load_explanation(session.store, rules, arguments.id)
    if arguments.json:
        write_json(_body(explanation))
    else:
        write_sections(tell(explanation))
    return 1 if explanation.has_holes else 0


def _body(told: Explanation) -> Row:
    return {
        "schema": 1,
        "id": told.name,
        "lots": [_lot(story, told.sources) for story in told.lots],
        "taken": [_take(take, told.sources) for take in told.takes],
        "not_proven": [_doubt(doubt) for doubt in told.doubts],
    }


def _amount(value: Amount | None) -> Row | None:
    return None if value is None else {"quantity": plain(value.quantity), "asset": value.asset}


def _event(event: Event | None, sources: Sources) -> Row | None:
    if event is None:
        return None
    return {
        "event_id": event.event_id,
        "kind": event.kind.value,
        "at": instant(event.executed_at),
        "account": event.account,
        "sent": _amount(event.sent),
        "received": _amount(event.received),
        "fee": _amount(event.fee),
        "txid": event.txid or None,
        "address": event.address or None,
        "note": event.note or None,
        "sources": [_source(row) for row in sources.get(event.event_id, ())],
    }


def _source(row: SourceRow) -> Row:
    if not row.exchange:
        return {"file": row.stream, "sha256": row.row_id}
    return {
        "exchange": row.exchange,
        "stream": row.stream,
        "row_id": row.row_id,
        "endpoint": row.endpoint,
        "fetched_at": instant(row.fetched_at),
    }


def _evidence(evidence: Evidence) -> Row | None:
    if evidence.origin is ValueOrigin.NONE:
        return None
    candle = evidence.candle
    price: Row | None = None
    if candle is not None:
        price = {
            "asset": candle.asset,
            "price": plain(candle.close),
            "source": candle.source,
            "start": instant(candle.start),
            "seconds": candle.seconds,
        }
    return {"value": amount(evidence.value), "from": evidence.origin.value, "price": price}


def _lot(story: LotStory, sources: Sources) -> Row:
    lot = story.lot
    return {
        "lot_id": lot.lot_id,
        "origin_id": lot.origin_id,
        "account": lot.account,
        "asset": lot.asset,
        "acquired_at": instant(lot.acquired_at),
        "quantity": plain(lot.quantity),
        "cost_basis": amount(lot.cost_basis),
        "provenance": lot.provenance.value,
        "long_term_on": lot.long_term_on.isoformat(),
        "loss_basis": amount(lot.loss_basis),
        "acquired": _acquisition(story.acquisition, sources),
        "chain": [_chapter(chapter) for chapter in story.chapters],
        "moves": [_passage(passage, sources) for passage in story.passages],
    }


def _acquisition(start: Acquisition, sources: Sources) -> Row:
    return {
        "beginning": start.beginning.value,
        "event": _event(start.event, sources),
        "quantity": plain(start.quantity),
        "cost_basis": amount(start.cost_basis),
        "value": _evidence(start.value),
        "fee": _evidence(start.fee),
        "fee_in_basis": start.is_fee_in_basis,
    }


def _chapter(chapter: Chapter) -> Row:
    return {
        "lot_id": chapter.lot_id,
        "account": chapter.account,
        "asset": chapter.asset,
        "quantity": plain(chapter.quantity),
        "cost_basis": amount(chapter.cost_basis),
        "provenance": chapter.provenance.value,
        "uses": [_use(use) for use in chapter.uses],
        "left": plain(chapter.left),
        "cost_basis_left": amount(chapter.cost_left),
    }


def _use(use: Use) -> Row:
    sold = use.disposal
    result: Row = {}
    if sold is not None:
        result = {"proceeds": amount(sold.proceeds), "gain": amount(sold.gain), "term": sold.term.value}
    return {
        "what": use.kind.value,
        "event_id": use.event_id,
        "at": instant(use.at),
        "quantity": plain(use.quantity),
        "cost_basis": amount(use.cost_basis),
        **result,
        "lot_ids": list(use.next_lots),
    }


def _passage(passage: Passage, sources: Sources) -> Row:
    return {
        "what": passage.use.kind.value,
        "event": _event(passage.use.event, sources),
        "arrival": _event(passage.arrival, sources),
        "common_txid": passage.has_common_txid,
        "confirmed": passage.is_confirmed,
        "quantity": plain(passage.use.quantity),
        "cost_basis": amount(passage.use.cost_basis),
        "arrived": _amount(passage.arrived),
        "account": passage.account,
        "whole_move": _amount(passage.move),
        "fees": [_use(fee) for fee in passage.fees],
    }


def _in_line(lot: LotInLine | None) -> Row | None:
    if lot is None:
        return None
    return {
        "lot_id": lot.lot_id,
        "origin_id": lot.origin_id,
        "account": lot.account,
        "acquired_at": instant(lot.acquired_at),
        "unit_cost": amount(lot.unit_cost),
    }


def _take(take: TakeStory, sources: Sources) -> Row:
    return {
        "what": take.kind.value,
        "event": _event(take.event, sources),
        "account": take.account,
        "asset": take.asset,
        "quantity": plain(take.quantity),
        "proceeds": amount(take.proceeds),
        "value": _evidence(take.value),
        "fee": _evidence(take.fee),
        "method": take.method.value,
        "pooled": take.pool,
        "named": [{"origin_id": lot.origin, "quantity": plain(lot.quantity)} for lot in take.named],
        "open_lots": take.open_lots,
        "parts": [{"lot": _in_line(part.lot), "named": part.is_named, **_use(part.use)} for part in take.parts],
        "next_lot": _in_line(take.next_lot),
        "missing": plain(take.missing),
    }


def _doubt(doubt: Doubt) -> Row:
    return {
        "kind": doubt.kind.value,
        "event_id": doubt.event_id,
        "amount": _amount(doubt.amount),
        "is_hole": doubt.is_hole,
        "message": sentence(doubt),
    }
