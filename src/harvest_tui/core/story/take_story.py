"""The story of what an event took out of an account: what was got for it, which lots it used up, and why these."""

from __future__ import annotations

from collections.abc import Iterator

from harvest_tui.core.evidence import ValueOrigin
from harvest_tui.core.lots.explanation import LotInLine, PartTaken, TakeStory, UseKind
from harvest_tui.core.lots.orders import Method
from harvest_tui.core.money import EXACT, ZERO
from harvest_tui.core.records import Event
from harvest_tui.core.story.wording import Section, Teller, amount, dollars, each, lowered, result, units

_DID = {
    UseKind.SOLD: "Sold",
    UseKind.EXCHANGED: "Exchanged",
    UseKind.SPENT: "Spent",
    UseKind.FEE: "Paid as a fee:",
    UseKind.MOVING_FEE: "Paid as the fee of a move:",
    UseKind.BURNT: "Left and never arrived:",
    UseKind.GIVEN: "Given away:",
    UseKind.LOST: "Lost or stolen:",
    UseKind.WITHDRAWN: "Withdrawn to somewhere outside:",
    UseKind.MOVED: "Moved",
    UseKind.CONVERTED: "Converted",
}
_UNTAXED = {
    UseKind.GIVEN: "A gift is no disposal: no gain or loss, and basis and date go with the units.",
    UseKind.LOST: "The units left without proceeds; no loss is claimed for them here.",
    UseKind.WITHDRAWN: "No deposit in an own account fits it. It is treated as no disposal until you say what it was.",
    UseKind.MOVED: "A move between own accounts is no disposal: date and basis go with the units.",
    UseKind.CONVERTED: "A conversion is no disposal: date and basis go with the units.",
}
_ORDERS = {
    Method.FIFO: "FIFO, the lot acquired first goes first",
    Method.LIFO: "LIFO, the lot acquired last goes first",
    Method.HIFO: "HIFO, the lot with the highest basis per unit goes first",
    Method.LOFO: "LOFO, the lot with the lowest basis per unit goes first",
}


def take_sections(take: TakeStory, teller: Teller) -> Iterator[Section]:
    """What was taken and what came of it."""
    yield Section(
        _heading(take), (f"{teller.when(take.event.executed_at)}.", *_worth(take, teller), teller.source(take.event))
    )
    yield Section("Lots it used", (*_why(take, teller), *_parts(take, teller)))


def _heading(take: TakeStory) -> str:
    got = take.event.received
    what = f" for {amount(got)}" if take.kind in (UseKind.SOLD, UseKind.EXCHANGED) and got is not None else ""
    return f"{_DID.get(take.kind, 'Took')} {units(take.quantity, take.asset)}{what}, from {take.account}"


def _worth(take: TakeStory, teller: Teller) -> Iterator[str]:
    if take.kind in _UNTAXED:
        yield _UNTAXED[take.kind]
        return
    if take.proceeds is None:
        yield "Proceeds: unknown."
    elif take.fee.value:
        fee = _fee(take.event, take)
        yield f"Proceeds: {dollars(take.value.value)} less a fee of {fee} = {dollars(take.proceeds)}."
    else:
        yield f"Proceeds: {dollars(take.proceeds)}."
    price = teller.price(take.value, take.event)
    if price:
        yield price
    if take.fee.origin is ValueOrigin.PRICE:
        yield f"The fee's {lowered(teller.price(take.fee, take.event))}"
    elif take.value.origin is ValueOrigin.TRADE or take.fee.origin is ValueOrigin.TRADE:
        yield "The fee is valued at what the trade itself says the coin is worth."


def _fee(event: Event, take: TakeStory) -> str:
    told = dollars(take.fee.value)
    fee = event.fee
    return told if fee is None or take.fee.origin is ValueOrigin.DOLLARS else f"{amount(fee)} worth {told}"


def _why(take: TakeStory, teller: Teller) -> Iterator[str]:
    where = "of all accounts together" if take.pool else f"of {take.account}"
    lots = "1 lot" if take.open_lots == 1 else f"{take.open_lots} lots"
    if not take.open_lots:
        yield f"No lot of {take.asset} was open in {take.account}."
        return
    if take.named:
        names = ", ".join(f"{units(name.quantity, take.asset)} of {name.origin}" for name in take.named)
        yield f"Lots were identified for it: {names}. These go first."
    year = teller.day(take.event.executed_at)[:4]
    yield f"{lots} of {take.asset} {where} could be used. The order in {year} is {_ORDERS[take.method]}."


def _parts(take: TakeStory, teller: Teller) -> Iterator[str]:
    for part in take.parts:
        yield _part(part, take, teller)
    if len(take.parts) > 1:
        yield _sum(take)
    if take.missing:
        yield f"{units(take.missing, take.asset)} had no lot to come from: a gap."
    if take.next_lot is not None:
        yield f"Next in line: {_lot(take.next_lot, teller)}."


def _lot(lot: LotInLine, teller: Teller) -> str:
    price = "of unknown basis" if lot.unit_cost is None else f"at {each(lot.unit_cost)}"
    return f"lot {lot.lot_id}, acquired {teller.day(lot.acquired_at)} {price}"


def _part(part: PartTaken, take: TakeStory, teller: Teller) -> str:
    use, sold = part.use, part.use.disposal
    named = " (identified)" if part.is_named else ""
    words = f"{units(use.quantity, take.asset)} of {_lot(part.lot, teller)}{named}"
    if sold is None:
        to = f", now lot {', '.join(use.next_lots)}" if use.next_lots else ""
        return f"{words}: basis {dollars(use.cost_basis)} went with them{to}."
    basis = "unknown basis" if sold.cost_basis is None else f"basis {dollars(sold.cost_basis)}"
    return f"{words}: proceeds {dollars(sold.proceeds)}, {basis}, {result(sold.gain)}, {sold.term.value}-term."


def _sum(take: TakeStory) -> str:
    quantity = proceeds = basis = ZERO
    for part in take.parts:
        quantity = EXACT.add(quantity, part.use.quantity)
        sold = part.use.disposal
        cost = part.use.cost_basis if sold is None else sold.cost_basis
        if cost is None or (sold is not None and sold.proceeds is None):
            return f"Together: {units(take.quantity, take.asset)}; the sum of basis or proceeds is unknown."
        basis = EXACT.add(basis, cost)
        proceeds = EXACT.add(proceeds, ZERO if sold is None or sold.proceeds is None else sold.proceeds)
    words = f"Together: {units(quantity, take.asset)}"
    if take.kind in _UNTAXED:
        return f"{words}, basis {dollars(basis)}."
    return f"{words}, proceeds {dollars(proceeds)}, basis {dollars(basis)}, {result(EXACT.subtract(proceeds, basis))}."
