"""What would be left of losses under a wash-sale rule: matched unit by unit, moved into the basis of the replacement.

IRC 1091 denies a loss where the same security is acquired within 30 days before or after the sale. It knows stock and
securities: coins are outside as of 2026, shares of funds and tokenised stock are inside. So the rule is a value that
says by asset class and day whether it applies; with coins put under it, this is the shadow a future law would cast.

Read as Reg. 1.1091-1 has it: losses in the order of disposal (b), replacements in the order of acquisition (c, d),
each replacement unit once (e). The loss denied becomes basis of the replacement (IRC 1091(d)), which takes over the
holding period too (IRC 1223(3)). When it is sold at a loss within reach of another replacement, both losses move on.

What is simplified: only the same asset is substantially identical; accounts of a spouse, an IRA or a company are not
known, nor contracts and options to buy. Income is counted (Publication 550 counts bonus shares), and so is a deposit
from an unknown place, which may be a purchase elsewhere; gifts, moves between own accounts and conversions are no
acquisitions. What was sold before the loss, or together with it, replaces nothing, and the rest of the very purchase
that is sold does not either (Rev. Rul. 56-602); a purchase older than the units sold counts if it is within the days.
Units given away or lost count as still held. Where only a part of a purchase has taken a loss over, that part is the
first to be sold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import Disposal, Term
from harvest_tui.core.money import EXACT, ZERO, split
from harvest_tui.core.records import USD, Asset, Event, EventId, EventKind
from harvest_tui.core.tax_days import ONE_DAY, first_long_term_day, tax_day

WINDOW_DAYS = 30


class AssetClass(StrEnum):
    """How the law of wash sales looks at an asset."""

    COIN = "coin"
    SECURITY_LIKE = "security_like"


def securities_only(asset_class: AssetClass, day: date) -> bool:
    """The law as of 2026: IRC 1091 is about stock and securities."""
    return asset_class is AssetClass.SECURITY_LIKE


def every_asset(asset_class: AssetClass, day: date) -> bool:
    """The shadow: as if the rule had no exception."""
    return True


@dataclass(frozen=True, slots=True)
class WashRule:
    """Days on either side of a sale in which a replacement denies the loss, and whether that is so for a class of
    assets on the day of the sale."""

    window_days: int = WINDOW_DAYS
    applies: Callable[[AssetClass, date], bool] = securities_only


class AcquisitionKind(StrEnum):
    """How units came in."""

    BOUGHT = "bought"
    INCOME = "income"
    FROM_OUTSIDE = "from_outside"


class Acquisition(NamedTuple):
    """`quantity` units of `asset` that came in from outside the own accounts. `origin_id` is that of their lot."""

    origin_id: EventId
    asset: Asset
    acquired_at: datetime
    quantity: Decimal
    kind: AcquisitionKind


class Replacement(NamedTuple):
    """`quantity` units of the acquisition `origin_id` that took over `added_basis` (US dollars, in all).

    `tacked_days` is how long the units sold had been held: so much longer the replacement counts as held.
    """

    origin_id: EventId
    acquired_day: date
    quantity: Decimal
    added_basis: Decimal
    tacked_days: int

    @property
    def held_from(self) -> date:
        """The day from which the holding period runs."""
        return self.acquired_day - timedelta(self.tacked_days)


class WashedSale(NamedTuple):
    """What the rule makes of one part of a disposal, in US dollars.

    `taken_over` is the part of the basis that came from earlier washed losses; `loss` is the loss with it (0 where it
    is a gain), `disallowed` and `surviving` add up to it. `gain` is what the return shows: proceeds less the whole
    basis, the disallowed loss added back. All are None where proceeds or basis are unknown. `term` counts days
    taken over.
    """

    disposal: Disposal
    taken_over: Decimal
    loss: Decimal | None
    disallowed: Decimal | None
    surviving: Decimal | None
    gain: Decimal | None
    term: Term
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Washed:
    """All disposals under the rule, in order of time, and the units still held that carry a loss not yet allowed."""

    sales: tuple[WashedSale, ...]
    carried: tuple[Replacement, ...]

    @property
    def disallowed(self) -> Decimal:
        """US dollars of loss that the sales did not allow, before any of it comes back by a later sale."""
        return _sum(sale.disallowed for sale in self.sales)

    @property
    def surviving(self) -> Decimal:
        """US dollars of loss that the sales allow."""
        return _sum(sale.surviving for sale in self.sales)

    @property
    def deferred(self) -> Decimal:
        """US dollars of loss that sit in the basis of units still held."""
        return _sum(unit.added_basis for unit in self.carried)


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    total = ZERO
    for value in values:
        if value is not None:
            total = EXACT.add(total, value)
    return total


_KINDS = {
    EventKind.TRADE: AcquisitionKind.BOUGHT,
    EventKind.NFT_TRADE: AcquisitionKind.BOUGHT,
    EventKind.OPENING: AcquisitionKind.BOUGHT,
    EventKind.INCOME: AcquisitionKind.INCOME,
    EventKind.DEPOSIT: AcquisitionKind.FROM_OUTSIDE,
}


def acquisitions_of(events: Iterable[Event], own_deposits: Set[EventId] = frozenset()) -> list[Acquisition]:
    """What came in by purchase, as income, or by a deposit whose other end is no own account.

    `own_deposits` are those with a withdrawal of the user's at the other end. Gifts are left out: IRC 1091 is about
    purchases and taxable exchanges.
    """
    found = []
    for event in events:
        kind, received = _KINDS.get(event.kind), event.received
        if kind is None or received is None or received.asset == USD or not received.quantity:
            continue
        if event.event_id not in own_deposits:
            at = event.acquired_at or event.executed_at
            found.append(Acquisition(event.event_id, received.asset, at, received.quantity, kind))
    return found


@dataclass(slots=True)
class _Units:
    """An acquisition as its units are matched and sold: those that took a loss over, in that order, and the rest."""

    origin_id: EventId
    day: date
    free: Decimal
    carrying: deque[Replacement] = field(default_factory=deque)


class _Shelf:
    """The acquisitions of one asset in order of acquisition; those without a free unit are stepped over."""

    def __init__(self, units: list[_Units]) -> None:
        self.units = units
        self._days = [one.day for one in units]
        self._next = list(range(len(units) + 1))

    def _usable(self, index: int) -> int:
        """The first place at or after `index` that may have free units; the length where there is none."""
        path = []
        while True:
            while self._next[index] != index:
                path.append(index)
                index = self._next[index]
            if index == len(self.units) or self.units[index].free:
                break
            self._next[index] = index + 1
        for place in path:
            self._next[place] = index
        return index

    def within(self, first: date, last: date, but: EventId) -> Iterable[_Units]:
        """Acquisitions of those days that have free units, the one called `but` left out."""
        index = self._usable(bisect_left(self._days, first))
        while index < len(self.units) and self._days[index] <= last:
            if self.units[index].origin_id != but:
                yield self.units[index]
            index = self._usable(index + 1)


class _Sold(NamedTuple):
    """A disposal with what its units had taken over: basis in dollars, and days held before they were acquired."""

    disposal: Disposal
    day: date
    taken_over: Decimal
    tacked_days: int


def wash(
    disposals: Iterable[Disposal],
    acquisitions: Iterable[Acquisition],
    rule: WashRule,
    zone: ZoneInfo,
    classes: Mapping[Asset, AssetClass] | None = None,
) -> Washed:
    """What the rule makes of the disposals, in US dollars; the order of both inputs does not matter.

    `disposals` are all there are, gains too: they say which units are still held. `acquisitions` are those of all
    accounts. An asset without a class is a coin. A disposal of part of a replacement may come back as several sales.
    """
    return _Washing(rule, zone, classes or {}, acquisitions).run(disposals)


class _Washing:
    def __init__(
        self,
        rule: WashRule,
        zone: ZoneInfo,
        classes: Mapping[Asset, AssetClass],
        acquisitions: Iterable[Acquisition],
    ) -> None:
        self._rule = rule
        self._zone = zone
        self._classes = classes
        self._window = ONE_DAY * rule.window_days
        self._by_origin: dict[tuple[Asset, EventId], _Units] = {}
        shelves: dict[Asset, list[_Units]] = defaultdict(list)
        for one in sorted(acquisitions, key=lambda one: (one.acquired_at, one.origin_id)):
            units = _Units(one.origin_id, tax_day(one.acquired_at, zone), one.quantity)
            self._by_origin[one.asset, one.origin_id] = units
            shelves[one.asset].append(units)
        self._shelves = {asset: _Shelf(units) for asset, units in shelves.items()}

    def run(self, disposals: Iterable[Disposal]) -> Washed:
        sales: list[WashedSale] = []
        ordered = sorted(disposals, key=lambda one: (one.disposed_at, one.acquired_at, one.event_id, one.lot_id))
        for _, group in groupby(ordered, key=lambda one: one.disposed_at):
            # What is sold at one instant leaves together: none of it is held as a replacement of the rest.
            sold = [part for disposal in group for part in self._take(disposal)]
            sales += [self._judge(part) for part in sold]
        carried = [unit for units in self._by_origin.values() for unit in units.carrying]
        return Washed(tuple(sales), tuple(carried))

    def _take(self, disposal: Disposal) -> Iterable[_Sold]:
        """The disposal in parts of one holding period; its units leave their acquisition."""
        day = tax_day(disposal.disposed_at, self._zone)
        units = self._by_origin.get((disposal.asset, disposal.origin_id))
        rest = disposal
        while units is not None and units.carrying and rest.quantity:
            carrying = units.carrying.popleft()
            count = min(carrying.quantity, rest.quantity)
            basis, left = split(carrying.added_basis, count, carrying.quantity)
            if count < carrying.quantity:
                kept = EXACT.subtract(carrying.quantity, count)
                units.carrying.appendleft(carrying._replace(quantity=kept, added_basis=left))
            else:
                basis = carrying.added_basis
            part, rest = _cut(rest, count)
            yield _Sold(part, day, basis, carrying.tacked_days)
        if rest.quantity:
            if units is not None:
                units.free = max(ZERO, EXACT.subtract(units.free, rest.quantity))
            yield _Sold(rest, day, ZERO, 0)

    def _judge(self, sold: _Sold) -> WashedSale:
        disposal = sold.disposal
        held_from = tax_day(disposal.acquired_at, self._zone) - timedelta(sold.tacked_days)
        term = disposal.term
        if sold.tacked_days:
            term = Term.LONG if sold.day >= first_long_term_day(held_from) else Term.SHORT
        if disposal.gain is None:
            return WashedSale(disposal, sold.taken_over, None, None, None, None, term, ())
        gain = EXACT.subtract(disposal.gain, sold.taken_over)
        if gain >= 0:
            return WashedSale(disposal, sold.taken_over, ZERO, ZERO, ZERO, gain, term, ())
        loss, surviving = gain.copy_negate(), gain.copy_negate()
        replacements: list[Replacement] = []
        if self._rule.applies(self._classes.get(disposal.asset, AssetClass.COIN), sold.day):
            surviving = self._match(sold, loss, (sold.day - held_from).days, replacements)
        disallowed = EXACT.subtract(loss, surviving)
        return WashedSale(
            disposal,
            sold.taken_over,
            loss,
            disallowed,
            surviving,
            surviving.copy_negate() if surviving else ZERO,
            term,
            tuple(replacements),
        )

    def _match(self, sold: _Sold, loss: Decimal, days_held: int, found: list[Replacement]) -> Decimal:
        """What survives of the loss; `found` gets the units that take the rest over."""
        shelf = self._shelves.get(sold.disposal.asset)
        open_units = sold.disposal.quantity
        first, last = sold.day - self._window, sold.day + self._window
        for units in shelf.within(first, last, sold.disposal.origin_id) if shelf else ():
            count = min(units.free, open_units)
            part, loss = (loss, ZERO) if count == open_units else split(loss, count, open_units)
            replacement = Replacement(units.origin_id, units.day, count, part, days_held)
            units.free = EXACT.subtract(units.free, count)
            units.carrying.append(replacement)
            found.append(replacement)
            open_units = EXACT.subtract(open_units, count)
            if not open_units:
                break
        return loss


def _cut(disposal: Disposal, count: Decimal) -> tuple[Disposal, Disposal]:
    """The first `count` units of the disposal and the rest, money split with them."""
    whole = disposal.quantity
    if count == whole:
        return disposal, disposal._replace(quantity=ZERO, proceeds=ZERO, cost_basis=ZERO)

    def cut(money: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
        return (None, None) if money is None else split(money, count, whole)

    (proceeds, proceeds_left), (basis, basis_left) = cut(disposal.proceeds), cut(disposal.cost_basis)
    return (
        disposal._replace(quantity=count, proceeds=proceeds, cost_basis=basis),
        disposal._replace(quantity=EXACT.subtract(whole, count), proceeds=proceeds_left, cost_basis=basis_left),
    )
