"""The story of a lot: how its units came in, where they went, what is left, and until when a sale is short-term."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.evidence import ValueOrigin
from harvest_tui.core.lots.explanation import (
    PASSAGES,
    Acquisition,
    Beginning,
    Chapter,
    LotStory,
    Passage,
    Use,
    UseKind,
)
from harvest_tui.core.lots.ledger import Provenance, Term
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import USD, Event, EventKind
from harvest_tui.core.story.wording import (
    Section,
    Teller,
    amount,
    before,
    dollars,
    lowered,
    result,
    unit_price,
    units,
)
from harvest_tui.core.tax_days import long_term_on

UTC_ZONE = ZoneInfo("UTC")
_DONE = {
    UseKind.SOLD: "sold",
    UseKind.EXCHANGED: "exchanged",
    UseKind.SPENT: "spent",
    UseKind.FEE: "paid as a fee",
    UseKind.MOVING_FEE: "paid as the fee of a move",
    UseKind.BURNT: "lost on the way of a move",
    UseKind.GIVEN: "given away",
    UseKind.LOST: "lost or stolen",
    UseKind.WITHDRAWN: "withdrawn to somewhere outside",
    UseKind.MOVED: "moved",
    UseKind.CONVERTED: "converted",
    UseKind.ALLOCATED: "allocated",
}
_BASIS = {
    Provenance.PROVEN: "proven by the event that brought the units in",
    Provenance.TRANSFERRED: "proven by the event that first brought the units in, and carried over on the way here",
    Provenance.ASSUMED: "assumed: it rests on a figure that nothing proves",
    Provenance.UNKNOWN: "unknown: no row says what the units cost",
}


def lot_sections(story: LotStory, teller: Teller) -> Iterator[Section]:
    """The lot from the first acquisition of its units to what is left of it."""
    yield _summary(story, teller)
    yield _acquired(1, story, teller)
    for place, passage in enumerate(story.passages, 1):
        section = _passage(place + 1, story.chapters[place - 1], story.chapters[place], passage, teller)
        onward = story.passages[place : place + 1]
        yield (
            section
            if not onward
            else section._replace(lines=(*section.lines, *_others(story.chapters[place], onward[0])))
        )
    if story.last.uses:
        yield _uses(len(story.chapters) + 1, story.last, teller)
    yield _holding(story, teller)


def _summary(story: LotStory, teller: Teller) -> Section:
    lot, last = story.lot, story.last
    lines = [f"Lot {lot.lot_id}."]
    if last.left:
        lines.append(f"Basis {dollars(last.cost_left)}{_each(last)}: {_BASIS[lot.provenance]}.")
        heading = f"{units(last.left, last.asset)} in {last.account}, acquired {teller.day(lot.acquired_at)}"
    else:
        lines.append(
            f"Nothing is left of it. It held {units(last.quantity, last.asset)} with a basis of"
            f" {dollars(last.cost_basis)}: {_BASIS[lot.provenance]}."
        )
        heading = f"{last.asset} in {last.account}, acquired {teller.day(lot.acquired_at)}, all gone"
    return Section(heading, tuple(lines))


def _each(chapter: Chapter) -> str:
    text = unit_price(chapter.cost_basis, chapter.quantity)
    return f" ({text})" if text else ""


# How it came in.


def _acquired(place: int, story: LotStory, teller: Teller) -> Section:
    start, first = story.acquisition, story.chapters[0]
    event = start.event
    got = units(start.quantity, first.asset)
    lines = [f"{teller.when(event.executed_at)}, in {first.account}.", *_given(start, got, teller)]
    lines += _basis(start, teller)
    if event.note:
        lines.append(f"The row says: {event.note}.")
    lines.append(teller.source(event))
    if story.passages:
        lines += _others(first, story.passages[0])
    return Section(f"{place}. {_verb(start)} {got}", tuple(lines))


def _verb(start: Acquisition) -> str:
    event = start.event
    if start.beginning is not Beginning.EVENT:
        return "Arrived without a known origin:"
    if event.kind in (EventKind.TRADE, EventKind.NFT_TRADE):
        return "Received in an exchange:" if _is_exchange(event) else "Bought"
    return {
        EventKind.INCOME: "Received as income:",
        EventKind.GIFT_IN: "Received as a gift:",
        EventKind.OPENING: "Held from before:",
        EventKind.DEPOSIT: "Arrived from outside:",
    }.get(event.kind, "Received")


def _is_exchange(event: Event) -> bool:
    return event.sent is not None and event.sent.asset != USD and bool(event.sent.quantity)


def _given(start: Acquisition, got: str, teller: Teller) -> Iterator[str]:
    """What was given for the units, or why nothing was."""
    event = start.event
    if start.beginning is Beginning.UNCOVERED:
        yield f"{event.event_id} moved more than the lots of {event.account} held."
        yield f"Where these {got} came from is not known."
    elif start.beginning is Beginning.SURPLUS:
        yield f"More arrived than had been withdrawn; where the other {got} came from is not known."
    elif event.kind is EventKind.DEPOSIT:
        yield "No withdrawal from an own account fits this deposit."
        yield "So nobody told when the units were bought, and for what."
    elif event.kind is EventKind.INCOME:
        year = teller.day(event.executed_at)[:4]
        yield f"Its value on receipt is ordinary income of {year}, and becomes the basis of the units."
    elif event.kind is EventKind.GIFT_IN:
        yield "The giver's date and basis carry over (IRC 1015)."
    elif event.kind is EventKind.OPENING:
        yield "The purchase is not among the rows; date and basis are as they were told."
    elif event.sent is not None and event.sent.quantity:
        gave = "Gave" if _is_exchange(event) else "Paid"
        yield f"{gave} {amount(event.sent)}{_fee(start)} for {got}."


def _fee(start: Acquisition) -> str:
    fee = start.event.fee
    if fee is None or not fee.quantity:
        return ""
    worth = "" if fee.asset == USD else f" (worth {dollars(start.fee.value)})"
    return f" and a fee of {amount(fee)}{worth}"


def _basis(start: Acquisition, teller: Teller) -> Iterator[str]:
    event, cost = start.event, start.cost_basis
    if event.kind in (EventKind.OPENING, EventKind.GIFT_IN) and cost is not None:
        yield from _told_basis(start, cost, teller)
        return
    price = teller.price(start.value, event)
    if price:
        yield price
    if cost is None:
        yield "Basis: unknown."
        return
    each = unit_price(cost, start.quantity)
    if start.is_fee_in_basis and start.fee.value and start.value.value is not None:
        yield f"Basis: {dollars(start.value.value)} + {dollars(start.fee.value)} fee = {dollars(cost)} ({each})."
        yield from _fee_in_coins(start, teller)
        return
    is_income = event.kind is EventKind.INCOME
    what = "the value of what was received" if _is_exchange(event) or is_income else "what was paid"
    yield f"Basis: {what}, {dollars(cost)} ({each})."
    if event.sent is not None and event.fee is not None and event.fee.quantity and _is_exchange(event):
        yield f"The fee belongs to the disposal of the {event.sent.asset}, not to this basis."


def _told_basis(start: Acquisition, cost: Decimal, teller: Teller) -> Iterator[str]:
    event, worth = start.event, start.value.value
    each, acquired = unit_price(cost, start.quantity), teller.day(event.acquired_at or event.executed_at)
    yield f"Acquired {acquired} for {dollars(cost)} ({each}), as told by {teller.teller_of(event)}."
    if worth is not None and worth < cost:
        yield f"Worth only {dollars(worth)} when given: a loss is measured from that value (IRC 1015(a))."


def _fee_in_coins(start: Acquisition, teller: Teller) -> Iterator[str]:
    """A fee paid in a coin is valued, and paying it is a disposal of the coin."""
    fee = start.event.fee
    if fee is None or fee.asset == USD:
        return
    if start.fee.origin is ValueOrigin.PRICE:
        yield f"The fee's {lowered(teller.price(start.fee, start.event))}"
    yield f"Paying the fee was a disposal of the {fee.asset}, told with the same event."


def _others(chapter: Chapter, passage: Passage) -> Iterator[str]:
    """What became of the units of a lot that did not go on with the story."""
    rest = [use for use in chapter.uses if use != passage.use]
    sums: dict[UseKind, Decimal] = {}
    for use in rest:
        sums[use.kind] = EXACT.add(sums.get(use.kind, ZERO), use.quantity)
    told = [f"{units(quantity, chapter.asset)} {_DONE[kind]}" for kind, quantity in sums.items()]
    if chapter.left:
        told.append(f"{units(chapter.left, chapter.asset)} still in {chapter.account}")
    if told:
        onward = f"{units(passage.use.quantity, chapter.asset)} (basis {dollars(passage.use.cost_basis)})"
        yield f"Of these, {onward} went on as told next; the others: {', '.join(told)}."


# Where it went on the way.


def _passage(place: int, parent: Chapter, child: Chapter, passage: Passage, teller: Teller) -> Section:
    use = passage.use
    lines = [*_times(passage, teller)]
    if use.kind is UseKind.ALLOCATED:
        lines.append("From 2025 on lots count by account; unused basis was allocated to accounts (Rev. Proc. 2024-28).")
    elif use.kind is UseKind.CONVERTED:
        lines.append(f"A conversion is no sale: {units(use.quantity, parent.asset)} became {amount(passage.arrived)}.")
    if passage.move.quantity != use.quantity:
        lines.append(
            f"The whole move was {amount(passage.move)}; {units(use.quantity, parent.asset)} of it came from this lot."
        )
    lines += _way(passage)
    lines.append(f"Date and basis went with the units: {dollars(child.cost_basis)}{_each(child)}.")
    lines += [_fee_on_the_way(fee, parent) for fee in passage.fees]
    lines += [teller.source(event) for event in (use.event, passage.arrival) if event is not None]
    lines.append(f"It is lot {child.lot_id} from here on.")
    heading = {
        UseKind.CONVERTED: f"Converted {units(use.quantity, parent.asset)} into {amount(passage.arrived)}",
        UseKind.ALLOCATED: f"Allocated {units(use.quantity, parent.asset)} to {child.account}",
    }.get(use.kind, f"Moved {units(use.quantity, parent.asset)} from {parent.account} to {child.account}")
    return Section(f"{place}. {heading}", tuple(lines))


def _times(passage: Passage, teller: Teller) -> Iterator[str]:
    if passage.arrival is None:
        yield f"{teller.when(passage.use.at)}."
    else:
        yield f"Left {teller.when(passage.use.at)}, arrived {teller.when(passage.arrival.executed_at)}."


def _way(passage: Passage) -> Iterator[str]:
    event, arrival = passage.use.event, passage.arrival
    if event is None:
        return
    address = event.address or (arrival.address if arrival else "")
    txid = event.txid or (arrival.txid if arrival else "")
    to = f", to address {address}" if address else ""
    if arrival is None:
        if event.kind is EventKind.TRANSFER:
            yield f"One row tells both ends of the move{f', transaction {txid}' if txid else ''}{to}."
        return
    if passage.has_common_txid:
        yield f"Both ends name the transaction {txid}{to}."
    elif passage.is_confirmed:
        yield f"You confirmed that the withdrawal and the deposit are one move{to}."
    else:
        yield f"The two ends were matched by coin, amount and time; no common transaction id proves it{to}."


def _fee_on_the_way(fee: Use, parent: Chapter) -> str:
    sold = fee.disposal
    if sold is None:
        return ""
    what = "never arrived" if fee.kind is UseKind.BURNT else "went as the fee"
    lot = "this lot" if sold.lot_id == parent.lot_id else f"lot {sold.lot_id}"
    worth = "of unknown value" if sold.proceeds is None else f"worth {dollars(sold.proceeds)}: {_outcome(fee)}"
    return (
        f"{units(sold.quantity, sold.asset)} of {lot} {what}, {worth}."
        " That is a disposal of its own; it changes no basis here."
    )


def _outcome(use: Use) -> str:
    sold = use.disposal
    if sold is None:
        return ""
    basis = "unknown basis" if sold.cost_basis is None else f"basis {dollars(sold.cost_basis)}"
    return f"{basis}, {result(sold.gain)}, {sold.term.value}-term"


# What became of it, and what is left.


def _uses(place: int, chapter: Chapter, teller: Teller) -> Section:
    lines = [_line(use, chapter, teller) for use in chapter.uses]
    if any(use.disposal is not None for use in chapter.uses):
        lines.append("`harvest-tui explain` with the id of one of these events tells how its proceeds were found.")
    return Section(f"{place}. What became of the {units(chapter.quantity, chapter.asset)}", tuple(lines))


def _line(use: Use, chapter: Chapter, teller: Teller) -> str:
    words = f"{teller.day(use.at)}: {units(use.quantity, chapter.asset)} {_DONE[use.kind]}"
    if use.kind in PASSAGES:
        by = "" if use.event is None else f" (event {use.event_id})"
        return f"{words}, basis {dollars(use.cost_basis)} with it: now lot {', '.join(use.next_lots)}{by}."
    if use.disposal is None:
        return f"{words}, basis {dollars(use.cost_basis)} with it; no gain or loss (event {use.event_id})."
    got = use.event.received if use.event is not None and use.kind is UseKind.EXCHANGED else None
    what = f" for {got.asset}" if got is not None else ""
    proceeds = "unknown proceeds" if use.disposal.proceeds is None else f"proceeds {dollars(use.disposal.proceeds)}"
    return f"{words}{what}, {proceeds}, {_outcome(use)} (event {use.event_id})."


def _holding(story: LotStory, teller: Teller) -> Section:
    lot, last = story.lot, story.last
    lines = []
    if last.left:
        lines.append(
            f"{units(last.left, last.asset)} with a basis of {dollars(last.cost_left)}{_each(last)}"
            f"{', after the above' if last.uses else ''}."
        )
    lines.append(
        f"Acquired on {teller.day(lot.acquired_at)} ({teller.zone.key}): a sale is {Term.SHORT.value}-term through"
        f" {before(lot.long_term_on)} and {Term.LONG.value}-term from {lot.long_term_on} on."
    )
    in_utc = long_term_on(lot.acquired_at, UTC_ZONE)
    if in_utc != lot.long_term_on:
        lines.append(f"By UTC dates, which a broker's form may use, it would be long-term from {in_utc} on.")
    if lot.loss_acquired_at is not None:
        lines.append(
            f"For a loss, the basis of what is left is {dollars(lot.loss_basis)},"
            f" and the holding period runs from the gift on {teller.day(lot.loss_acquired_at)}."
        )
    return Section("What is left" if last.left else "Holding period", tuple(lines))
