"""How records, sales and lots come to verdicts: all lines are judged together, for what one takes the next has not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from harvest_tui.core.identification.assignment import Assignment, Key, assign, revocations, sale_of, time_order
from harvest_tui.core.identification.consumption import (
    Consumption,
    Fill,
    LotKey,
    Part,
    Taken,
    consumed,
    total,
    total_or_none,
)
from harvest_tui.core.identification.record import Record, RecordedLot, RecordKind
from harvest_tui.core.identification.verdict import Culprit, Outcome, Verdict
from harvest_tui.core.lots.ledger import Ledger
from harvest_tui.core.money import EXACT, ROUNDED, ZERO
from harvest_tui.core.records import Event, EventId
from harvest_tui.core.valuation import NoPrices, ValueSource

_plus, _minus, _times = EXACT.add, EXACT.subtract, EXACT.multiply
SAME_SECOND = timedelta(seconds=1)
"""No venue's clock tells which came first of what lies so close together: some tell whole seconds, or cut to them."""
SAME_ORDER = timedelta(hours=1)
"""A sale within this time after the last one of a record is taken for the same intent: it sold too much."""


def judge(
    records: Sequence[Record],
    events: Sequence[Event],
    ledger: Ledger,
    *,
    moved: Sequence[Taken] = (),
    values: ValueSource | None = None,
) -> tuple[Verdict, ...]:
    """A verdict on each line of every record, in order. Pure, and the same whatever the order of events and records.

    `events` are those that `identify` is given, and `ledger` is `match` of what it answers. `moved` is `moved_out` of
    the same match: without it nobody is named for units that left by a move. `values` are past prices, for sales whose
    value nobody told.
    """
    kept = sorted(records, key=lambda record: record.number)
    assignment = assign(events, kept)
    taken = consumed(assignment, ledger, values or NoPrices())
    return _Court(kept, assignment, taken, ledger, moved, events).verdicts()


class _Claim:
    """What is found out about one line, step by step."""

    def __init__(self, record: Record, place: int, lot: RecordedLot, fills: list[Fill], end: datetime | None) -> None:
        self.record, self.place, self.lot, self.fills = record, place, lot, fills
        self.key: LotKey = (lot.account, lot.asset, lot.origin_id)
        self.starts = record.stands_from(lot.account)
        self.ends = end
        self.used = total(fill.piece.quantity for fill in fills)
        self.identified = total(fill.identified for fill in fills)
        self.strayed = _minus(self.used, self.identified)
        self.open = ZERO if end is not None else _minus(lot.quantity, self.used)
        self.revoked = _minus(_minus(lot.quantity, self.used), self.open)
        self.left = ZERO
        self.lost = ZERO
        self.before = ZERO
        self.beyond: tuple[Part, ...] = ()
        self.culprits: tuple[Culprit, ...] = ()
        self.stand_in = Outcome.WAITING
        """What happened instead of a sale, as long as there is none."""

    @property
    def last_sale(self) -> datetime | None:
        """The time of the last fill."""
        return max((fill.sold_at for fill in self.fills), default=None)

    def open_at(self, at: datetime) -> Decimal:
        """Units that the line laid claim to at an instant."""
        if not self.starts <= at or (self.ends is not None and self.ends <= at):
            return ZERO
        used = total(fill.piece.quantity for fill in self.fills if fill.sold_at < at)
        return _minus(self.lot.quantity, used)


class _Court:
    """All lines of all records, judged together: what one of them takes is not there for the next."""

    def __init__(
        self,
        records: Sequence[Record],
        assignment: Assignment,
        taken: Consumption,
        ledger: Ledger,
        moved: Sequence[Taken],
        events: Sequence[Event],
    ) -> None:
        self._taken = taken
        self._ledger = ledger
        self._assignment = assignment
        self._events = events
        ends = revocations(records)
        fills: dict[tuple[int, int], list[Fill]] = {}
        for event in assignment.sales:
            for fill in taken.fills[event.event_id]:
                fills.setdefault((fill.piece.record, fill.piece.line), []).append(fill)
        self._claims = []
        for record in records:
            if record.kind is not RecordKind.IDENTIFY:
                continue
            end = ends.get(record.number)
            for place, lot in enumerate(record.lots):
                until = None if end is None else end.stands_from(lot.account)
                mine = fills.get((record.number, place), [])
                self._claims.append(_Claim(record, place, lot, mine, until))
        self._others = self._other_takers(moved)

    def verdicts(self) -> tuple[Verdict, ...]:
        """One a line."""
        self._share_what_is_left()
        self._blame()
        self._find_stand_ins()
        self._add_beyond()
        return tuple(map(_verdict, self._claims))

    def _other_takers(self, moved: Sequence[Taken]) -> dict[LotKey, list[Taken]]:
        """What else took units of recorded lots, in order of time: moves, and disposals as far as no record led."""
        keys = {claim.key for claim in self._claims}
        led: dict[tuple[LotKey, EventId], Decimal] = {}
        for claim in self._claims:
            for fill in claim.fills:
                sale = (claim.key, fill.piece.event_id)
                led[sale] = _plus(led.get(sale, ZERO), fill.identified)
        found = [one for one in moved if one.key in keys]
        for sold in self._ledger.disposals:
            key: LotKey = (sold.account, sold.asset, sold.origin_id)
            if key not in keys:
                continue
            mine = min(sold.quantity, led.get((key, sold.event_id), ZERO))
            if mine:
                led[key, sold.event_id] = _minus(led[key, sold.event_id], mine)
            if sold.quantity > mine:
                found.append(Taken(sold.event_id, *key, sold.disposed_at, _minus(sold.quantity, mine)))
        others: dict[LotKey, list[Taken]] = {}
        for one in sorted(found, key=lambda one: (one.at, one.event_id)):
            others.setdefault(one.key, []).append(one)
        return others

    def _share_what_is_left(self) -> None:
        """Open lots go to the open lines in order; what a line does not find is lost to it."""
        there: dict[LotKey, Decimal] = {}
        for lot in self._ledger.lots:
            key: LotKey = (lot.account, lot.asset, lot.origin_id)
            there[key] = _plus(there.get(key, ZERO), lot.quantity)
        now = dict(there)
        for claim in self._claims:
            claim.left = min(claim.open, now.get(claim.key, ZERO))
            claim.lost = _minus(claim.open, claim.left)
            now[claim.key] = _minus(now.get(claim.key, ZERO), claim.left)
        of_lot: dict[LotKey, list[_Claim]] = {}
        for claim in self._claims:
            of_lot.setdefault(claim.key, []).append(claim)
        for key, claims in of_lot.items():
            for number, claim in enumerate(claims):
                if claim.lost or claim.strayed:
                    claim.before = self._missing_at_start(claim, claims, number, there.get(key, ZERO))

    def _missing_at_start(self, claim: _Claim, claims: Sequence[_Claim], number: int, there: Decimal) -> Decimal:
        """Units of the line that were gone from the lot before the record was made, as is known today.

        `claims` are all lines of the lot, this one being `number`; `there` is what the lot has left.
        """
        later = [one.quantity for one in self._others.get(claim.key, ()) if one.at >= claim.starts]
        led = [fill.identified for one in claims for fill in one.fills if fill.sold_at >= claim.starts]
        had = _plus(there, _plus(total(later), total(led)))
        spoken_for = total(one.open_at(claim.starts) for one in claims[:number])
        missing = _minus(_plus(spoken_for, claim.lot.quantity), had)
        return min(max(ZERO, missing), _plus(claim.lost, claim.strayed))

    def _blame(self) -> None:
        """Names who took what is lost or was missing, each unit of a taker once."""
        spare = {key: [_Spare(one) for one in takers] for key, takers in self._others.items()}
        for claim in self._claims:
            takers = spare.get(claim.key, [])
            early = [one for one in reversed(takers) if one.taken.at < claim.starts]
            late = [one for one in takers if one.taken.at >= claim.starts]
            eaten = _minus(_plus(claim.lost, claim.strayed), claim.before)
            too_early = tuple(_blamed(early, claim.before))
            claim.before = total(one.quantity for one in too_early)
            claim.culprits = (*too_early, *_blamed(late, eaten))

    def _find_stand_ins(self) -> None:
        """For lines without a sale: one that came too early, or in another account. Each unit stands once."""
        idle = [claim for claim in self._claims if not claim.used and claim.left]
        if not idle:
            return
        assets = {claim.lot.asset for claim in idle}
        sales: list[tuple[Key, Event, list[Decimal]]] = []
        for event in sorted(self._events, key=time_order):
            sold = sale_of(event)
            if sold is not None and sold.asset in assets and event.event_id not in self._assignment.pieces:
                sales.append(((event.account, sold.asset), event, [sold.quantity]))
        for outcome, fits in ((Outcome.SOLD_BEFORE, _is_early), (Outcome.WRONG_ACCOUNT, _is_elsewhere)):
            for claim in idle:
                if claim.stand_in is Outcome.WAITING:
                    _let_stand_in(claim, outcome, [(one, left) for key, one, left in sales if fits(claim, key, one)])

    def _add_beyond(self) -> None:
        """Units sold on top of a record that is used up: in its own last sale, or right after it."""
        groups: dict[tuple[int, Key], list[_Claim]] = {}
        for claim in self._claims:
            groups.setdefault((claim.record.number, (claim.lot.account, claim.lot.asset)), []).append(claim)
        used_up: dict[tuple[int, Key], tuple[datetime, _Claim]] = {}
        for group, claims in groups.items():
            sold = [(claim.last_sale, claim) for claim in claims if claim.last_sale is not None]
            if sold and not any(claim.open or claim.revoked for claim in claims):
                used_up[group] = max(sold, key=lambda one: (one[0], one[1].place))
        for event in self._assignment.sales:
            extra = self._taken.beyond.get(event.event_id, ())
            exceeded = self._exceeded(event, used_up) if extra and not event.lots else None
            if exceeded is not None:
                exceeded.beyond += extra

    def _exceeded(self, event: Event, used_up: Mapping[tuple[int, Key], tuple[datetime, _Claim]]) -> _Claim | None:
        """The line whose record the sale went past: the one it used up, or the one used up last before it."""
        sold = sale_of(event)
        if sold is None:
            return None
        key = (event.account, sold.asset)
        pieces = self._assignment.pieces.get(event.event_id, ())
        if pieces:
            found = used_up.get((pieces[-1].record, key))
            return None if found is None else found[1]
        before = [
            (last, group[0], claim)
            for group, (last, claim) in used_up.items()
            if group[1] == key and last < event.executed_at <= last + SAME_ORDER
        ]
        return max(before, key=lambda one: one[:2])[2] if before else None


def _is_early(claim: _Claim, key: Key, sale: Event) -> bool:
    """Whether the sale was made in the account before the record, and was not known then."""
    account = claim.record.account(claim.lot.account)
    known = dict(account.known_until) if account is not None else {}
    since = known.get(claim.lot.asset)
    is_new = since is None or sale.executed_at > since
    return key == (claim.lot.account, claim.lot.asset) and is_new and sale.executed_at < claim.starts


def _is_elsewhere(claim: _Claim, key: Key, sale: Event) -> bool:
    return key[0] != claim.lot.account and key[1] == claim.lot.asset and sale.executed_at >= claim.record.recorded_at


def _let_stand_in(claim: _Claim, outcome: Outcome, sales: Sequence[tuple[Event, list[Decimal]]]) -> None:
    wanted = claim.left
    for event, left in sales:
        units = min(wanted, left[0])
        if units:
            left[0], wanted = _minus(left[0], units), _minus(wanted, units)
            claim.stand_in = outcome
            claim.culprits += (Culprit(event.event_id, event.account, event.executed_at, units),)


class _Spare:
    """What somebody took of a lot, as far as nobody was told so yet."""

    __slots__ = ("left", "taken")

    def __init__(self, taken: Taken) -> None:
        self.taken, self.left = taken, taken.quantity


def _blamed(takers: Iterable[_Spare], wanted: Decimal) -> Iterable[Culprit]:
    for one in takers:
        units = min(wanted, one.left)
        if units:
            one.left, wanted = _minus(one.left, units), _minus(wanted, units)
            yield Culprit(one.taken.event_id, one.taken.account, one.taken.at, units)


def _outcome(claim: _Claim) -> Outcome:
    if claim.strayed or claim.lost:
        if claim.before:
            return Outcome.SOLD_BEFORE
        if claim.culprits:
            return Outcome.EATEN
        return Outcome.FELL_TO_METHOD if claim.strayed else Outcome.LOT_GONE
    if not claim.used:
        return Outcome.REVOKED if claim.revoked else claim.stand_in
    if claim.left:
        return Outcome.PARTLY_SOLD
    if claim.revoked:
        return Outcome.SOLD_LESS
    return Outcome.SOLD_MORE if claim.beyond else Outcome.AS_IDENTIFIED


def _too_close(claim: _Claim) -> tuple[EventId, ...]:
    """The sales in the account, under the record or against it, of which its time does not tell the order."""
    sales = [(fill.sold_at, fill.piece.event_id) for fill in claim.fills]
    sales += [(one.at, one.event_id) for one in claim.culprits if one.account == claim.lot.account]
    return tuple(dict.fromkeys(name for at, name in sorted(sales) if abs(at - claim.starts) <= SAME_SECOND))


def _verdict(claim: _Claim) -> Verdict:
    lot, fills = claim.lot, claim.fills
    account = claim.record.account(lot.account)
    value = total_or_none(fill.value for fill in fills) if fills else None
    fees = total_or_none(fill.fee for fill in fills) if fills else None
    parts = tuple(part for fill in fills for part in fill.parts)
    promised = quoted = slippage = rate = None
    if fills and lot.quote is not None:
        quoted = _times(claim.used, lot.quote.price)
        promised = lot.promised_of(claim.used)
        if value is not None:
            slippage = _minus(value, quoted)
            rate = ROUNDED.divide(slippage, quoted) if quoted else None
    return Verdict(
        record=claim.record.number,
        line=claim.place,
        lot=lot,
        outcome=_outcome(claim),
        identified=claim.identified,
        strayed=claim.strayed,
        lost=claim.lost,
        revoked=claim.revoked,
        left=claim.left,
        beyond=total(part.quantity for part in claim.beyond),
        parts=parts,
        beyond_parts=claim.beyond,
        culprits=claim.culprits,
        promised=promised,
        obtained=total_or_none(part.gain for part in parts) if fills else None,
        value=value,
        slippage=slippage,
        slippage_rate=rate,
        fees=fees,
        method="" if account is None else account.method,
        too_close=_too_close(claim),
        is_bound=all(fill.piece.binds for fill in fills),
    )
