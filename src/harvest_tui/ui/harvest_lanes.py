"""The lanes of the harvests screen: verdicts, the way back in, and what no market prices. Each makes its own lines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harvest_tui.core.identification.record import Record, RecordKind
from harvest_tui.core.identification.ticket import TicketOrder, ticket_of
from harvest_tui.core.identification.verdict import Verdict
from harvest_tui.core.identification.waiting import law_words
from harvest_tui.core.lots.ledger import Lot, Provenance
from harvest_tui.core.records import EventId, LotId
from harvest_tui.core.tax_days import tax_year
from harvest_tui.ui.format import count
from harvest_tui.ui.frame import Frame
from harvest_tui.ui.widgets.illiquid_lines import (
    Illiquid,
    checklist_text,
    illiquid_rows,
    illiquid_words,
    sum_words,
    unpriced_positions,
)
from harvest_tui.ui.widgets.line_list import Line
from harvest_tui.ui.widgets.paragraph import Part
from harvest_tui.ui.widgets.rebuy_lines import Return, order_text, quote_for, rebuy_rows, rebuy_words
from harvest_tui.ui.widgets.verdict_lines import text_of, verdict_rows, verdict_words

if TYPE_CHECKING:
    from harvest_tui.core.harvest.disposal import DisposalWorth
    from harvest_tui.session.harvesting import Harvesting
    from harvest_tui.session.judging_watch import JudgingView

Words = list[list[Part]]


class Sight(NamedTuple):
    """What a lane is drawn from."""

    frame: Frame
    harvesting: Harvesting
    view: JudgingView


class Lane(ABC):
    """Rows with a key each, so that the cursor stays on what it was on."""

    name = ""
    noun = ""
    empty: tuple[str, ...] = ()
    """What stands in place of rows."""

    def __init__(self) -> None:
        self.keys: tuple[object, ...] = ()
        self.footing: object = None
        """What the lines were made from: while it is the same they are not made again."""

    @abstractmethod
    def take(self, sight: Sight) -> None:
        """Takes what there is to show."""

    @abstractmethod
    def table(self, width: int) -> tuple[Line, Sequence[Line]]:
        """Titles and lines for a width."""

    @abstractmethod
    def words(self, row: int) -> Words:
        """All there is to know about one row."""

    @abstractmethod
    def lot(self, row: int) -> Lot | None:
        """What its story can be told of."""

    def text(self, row: int) -> str:
        """The row to copy or to keep in a file."""
        return text_of(self.words(row))

    @property
    def told(self) -> str:
        """One sentence about all of the lane, "" where there is none."""
        return ""


class VerdictLane(Lane):
    """One row a recorded lot, the newest record first."""

    name, noun = "verdicts", "verdict"
    empty = (
        "",
        "Nothing is written down yet.",
        "",
        "1       the lots: space marks one for sale, C writes the marked ones down before they are sold",
        "        After the sale the next sync judges what it really took, and says so here.",
        "",
        "Nothing here can place an order.",
    )

    def __init__(self) -> None:
        super().__init__()
        self.verdicts: tuple[Verdict, ...] = ()
        self.records: dict[int, Record] = {}
        self._sight: Sight | None = None
        self._orders: tuple[object, tuple[TicketOrder, ...]] = (None, ())

    def take(self, sight: Sight) -> None:
        """The verdicts as of the last judging."""
        self._sight = sight
        judged, key = sight.view.judged, (sight.view.version, sight.harvesting.zone)
        if judged is not None and key != self.footing:
            self.records = {one.number: one for one in judged.records if one.kind is RecordKind.IDENTIFY}
            self.verdicts = tuple(sorted(judged.verdicts, key=lambda one: (-one.record, one.line)))
            self.keys = tuple((one.record, one.line) for one in self.verdicts)
            self.footing = key

    def table(self, width: int) -> tuple[Line, Sequence[Line]]:
        """One line a verdict."""
        assert self._sight is not None
        return verdict_rows(self.verdicts, self.records, self._sight.harvesting.zone, width)

    def words(self, row: int) -> Words:
        """The verdict in full."""
        assert self._sight is not None
        one = self.verdicts[row]
        record = self.records.get(one.record)
        return verdict_words(one, record, self._order(one, record), self._sight.harvesting.zone)

    def _order(self, one: Verdict, record: Record | None) -> TicketOrder | None:
        """The order that sells what is left, among the lots that are open today."""
        if record is None or self._sight is None or not one.left:
            return None
        frame = self._sight.frame
        key = record.number, frame.facts_version
        if self._orders[0] != key:
            self._orders = key, ticket_of(record, frame.portfolio.ledger.lots)
        place = one.lot.account, one.lot.asset
        return next((order for order in self._orders[1] if (order.account, order.asset) == place), None)

    def lot(self, row: int) -> Lot | None:
        """The recorded lot while it is open, else the sale that took it."""
        one = self.verdicts[row]
        lots = () if self._sight is None else self._sight.frame.portfolio.ledger.lots
        found = next((lot for lot in lots if lot.lot_id == one.lot.lot_id), None)
        if found is not None or not one.parts:
            return found
        return _story_of(one, one.parts[0].event_id)


def _story_of(one: Verdict, event: EventId) -> Lot:
    """The name of an event that took units, in the shape of what stories are asked for."""
    lot = one.lot
    return Lot(
        LotId(event),
        lot.origin_id,
        lot.account,
        lot.asset,
        lot.acquired_at,
        lot.long_term_on,
        lot.quantity,
        lot.cost_basis,
        Provenance.PROVEN,
    )


class RebuyLane(Lane):
    """One row a harvested position, what is still to be restored first."""

    name, noun = "way back", "position"
    empty = (
        "",
        "Nothing that was written down is sold yet.",
        "",
        "After a sale under a record this tells what buying back costs, up to which price it pays,",
        "how long you chose to wait, and what came early.",
        "",
        "1       the lots: space marks one for sale, C writes the marked ones down",
    )

    def __init__(self) -> None:
        super().__init__()
        self.returns: tuple[Return, ...] = ()
        self._sight: Sight | None = None

    def take(self, sight: Sight) -> None:
        """Positions under the newest prices."""
        self._sight = sight
        judged = sight.view.judged
        quotes = sight.frame.portfolio.quotes
        rebuys = [] if judged is None else sorted(judged.rebuys, key=lambda one: (one.is_restored, -one.record))
        self.returns = tuple(
            Return(back, quote_for(back, quotes), sight.view.volatilities.get(back.asset)) for back in rebuys
        )
        self.keys = tuple((one.rebuy.record, one.rebuy.account, one.rebuy.asset) for one in self.returns)
        minute = sight.frame.now.replace(second=0, microsecond=0)
        self.footing = sight.view.version, tuple(one.quote for one in self.returns), minute

    def table(self, width: int) -> tuple[Line, Sequence[Line]]:
        """One line a position."""
        assert self._sight is not None
        return rebuy_rows(self.returns, self._sight.frame.now, width)

    def words(self, row: int) -> Words:
        """The way back in full."""
        assert self._sight is not None
        one, harvesting, now = self.returns[row], self._sight.harvesting, self._sight.frame.now
        law = law_words(tax_year(now, harvesting.zone), harvesting.is_security(one.rebuy.asset))
        return rebuy_words(one, now, harvesting.zone, law)

    def text(self, row: int) -> str:
        """What to buy by hand."""
        assert self._sight is not None
        return order_text(self.returns[row], self._sight.frame.now, self._sight.harvesting.zone)

    def lot(self, row: int) -> Lot | None:
        """The first new lot."""
        return next(iter(self.returns[row].rebuy.new_lots), None)


_NONE = ("", "Every lot has a market price, and none is a token of its own.")
_NONE_YET = ("", "No lot is known to be without a market, and none is a token of its own.")


class IlliquidLane(Lane):
    """One row a lot without a market; what its disposal would do is worked out beside the screen."""

    name, noun = "no market", "lot"

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Illiquid, ...] = ()
        self.waiting = 0
        """Coins without a price of which nobody knows whether a market has one: they are not weighed."""
        self.worth: DisposalWorth | None = None
        self._sight: Sight | None = None
        self._found: tuple[object, tuple[Lot, ...]] = (None, ())

    def take(self, sight: Sight) -> None:
        """Which lots there are to work out; the rows come by `show`."""
        self._sight = sight
        self.lots(sight.frame)
        self.empty = _NONE_YET if self.waiting else _NONE

    def lots(self, frame: Frame) -> tuple[Lot, ...]:
        """The lots of the lane; looked for only where lots or priced positions changed."""
        positions, waiting = unpriced_positions(frame.portfolio, frame.feeds)
        self.waiting = len(waiting)
        key = frame.facts_version, positions
        if self._found[0] != key:
            places = {position: place for place, position in enumerate(positions)}
            lots = [lot for lot in frame.portfolio.ledger.lots if (lot.account, lot.asset) in places]
            self._found = key, tuple(sorted(lots, key=lambda lot: places[lot.account, lot.asset])) if places else ()
        return self._found[1]

    def show(self, rows: tuple[Illiquid, ...], worth: DisposalWorth | None) -> None:
        """Takes rows that were worked out."""
        self.rows, self.worth = rows, worth
        self.keys = tuple(one.lot.lot_id for one in rows)
        self.footing = rows

    def table(self, width: int) -> tuple[Line, Sequence[Line]]:
        """One line a lot."""
        assert self._sight is not None
        return illiquid_rows(self.rows, self._sight.frame.now, self._sight.harvesting.zone, width)

    def words(self, row: int) -> Words:
        """The lot, its disposal, and the checklist."""
        assert self._sight is not None
        return illiquid_words(self.rows[row], self._sight.frame.now, self._sight.harvesting.zone)

    def text(self, row: int) -> str:
        """The checklist to keep with the evidence."""
        return checklist_text(self.rows[row])

    def lot(self, row: int) -> Lot | None:
        """The lot."""
        return self.rows[row].lot

    @property
    def told(self) -> str:
        """What all of it together would do, counted nowhere, and what is not of it for want of a price."""
        lines = []
        if self.rows:
            summed = sum_words(self.rows, self.worth)
            words = f"{count(len(self.rows), 'lot')} without a market: no value is counted until there is a buyer"
            lines.append(f"{words}; {summed}" if summed else words)
        if self.waiting:
            verb = "has" if self.waiting == 1 else "have"
            lines.append(f"{count(self.waiting, 'coin')} {verb} no price yet: connect an exchange or wait for prices")
        return "\n".join(lines)
