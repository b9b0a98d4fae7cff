"""What has come of the postings of all books, kept up while they change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.ledger import BasisGap, Lot, NamedShortfall
from harvest_tui.core.lots.open_lots import OpenLots
from harvest_tui.core.lots.postings import Dispose, Posting
from harvest_tui.core.lots.reach import Reach, Redone
from harvest_tui.core.lots.replay import POOL, AnyTake, BookKey, Replay, gaps_of, in_order
from harvest_tui.core.lots.scaled import to_decimal
from harvest_tui.core.lots.sold import Disposals, Sold
from harvest_tui.core.lots.statement import Days
from harvest_tui.core.portfolio import Position, PositionKey


class Outcome:
    """Open lots, disposals, gaps and lots named in vain. Once made, every change must go through it."""

    def __init__(self, replay: Replay, zone: ZoneInfo) -> None:
        self._replay = replay
        takes = replay.takes()
        self._open = OpenLots(replay.open_lots(), Days(zone))
        self._sold = Sold(in_order([one for one in takes if type(one) is Dispose]), zone)
        self._missing = {one: None for one in takes if one.missing}
        self._short = {one: None for one in takes if one.shorts}
        self._gaps: tuple[BasisGap, ...] | None = None
        self._shortfalls: tuple[NamedShortfall, ...] | None = None

    def change(self, gone: Sequence[Posting], new: Sequence[Posting]) -> tuple[frozenset[BookKey], Redone]:
        """As `Replay.change`; the answer is the books that it may concern, and what came out otherwise."""
        reach = Reach(self._replay, [*gone, *new])
        self._replay.change(gone, new)
        done = reach.redone()
        self._open.update(done.lots)
        self._sold.change(_sales(done.went), _sales(done.came))
        self._note(done, any(account == POOL for account, _ in reach.books))
        return reach.books, done

    def _note(self, done: Redone, is_pool_concerned: bool) -> None:
        """Gaps and lots named in vain are few: they are listed anew only where one came or went."""
        missing, short = self._missing, self._short
        before = len(missing), len(short)
        for one in (*done.went, *done.came):
            if missing.pop(one, 0) is None:
                self._gaps = None
            if short.pop(one, 0) is None:
                self._shortfalls = None
        for one in done.came:
            if one.missing:
                missing[one] = None
            if one.shorts:
                short[one] = None
        if len(missing) != before[0]:
            self._gaps = None
        if len(short) != before[1] or is_pool_concerned:
            self._shortfalls = None

    def lots(self) -> tuple[Lot, ...]:
        """Open lots, the oldest first."""
        return self._open.lots()

    def positions(self, tax_day: date) -> dict[PositionKey, Position]:
        """The open lots by account and asset, with the sums that depend on no price."""
        return self._open.positions(tax_day)

    def disposals(self) -> Disposals:
        """In order of time."""
        return self._sold.disposals()

    def gaps(self) -> tuple[BasisGap, ...]:
        """What no lot covered, in order of time."""
        if self._gaps is None:
            self._gaps = tuple(gaps_of(self._missing))
        return self._gaps

    def shortfalls(self) -> tuple[NamedShortfall, ...]:
        """Named lots that could not be honoured, in order of time, those of an allocation table last."""
        if self._shortfalls is None:
            self._shortfalls = tuple(
                NamedShortfall(one.event_id, one.account, one.asset, one.origin, to_decimal(one.units), one.at)
                for one in self._replay.shortfalls_of(self._short)
            )
        return self._shortfalls


def _sales(takes: Iterable[AnyTake]) -> list[Dispose]:
    return [one for one in takes if type(one) is Dispose]
