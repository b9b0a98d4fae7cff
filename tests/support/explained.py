"""Events explained: `explained("w1:b1", buy(...), sell(...))`, and the story as lines."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import ZoneInfo

from harvest_tui.core.lots.explaining import events_about, explain
from harvest_tui.core.lots.explanation import Explanation
from harvest_tui.core.lots.matching import Scope
from harvest_tui.core.lots.orders import Method, MethodTable
from harvest_tui.core.lots.transfers import PairChoices
from harvest_tui.core.records import Asset, Candle, Event
from harvest_tui.core.story.telling import tell
from harvest_tui.core.valuation import PriceHistory
from support.lot_events import at

NEW_YORK = ZoneInfo("America/New_York")


def candle(asset: str, day: float, close: object, seconds: int = 3600, source: str = "kraken") -> Candle:
    """A candle that closes at that price; its source is `kraken ASSET/USD` unless told otherwise."""
    price = Decimal(str(close))
    told = source if " " in source else f"{source} {asset}/USD"
    return Candle(Asset(asset), at(day), seconds, price, price, price, price, told)


def explained(
    name: str,
    *events: Event,
    prices: Iterable[Candle] = (),
    method: str = "fifo",
    scope: str = "account",
    zone: ZoneInfo = NEW_YORK,
    pairs: PairChoices | None = None,
) -> Explanation:
    """The explanation of that id after these events."""
    return explain(
        name,
        events_about(name, events),
        methods=MethodTable(Method(method)),
        scope=Scope(scope),
        zone=zone,
        prices=PriceHistory(prices),
        pairs=pairs,
    )


def story(explanation: Explanation) -> list[str]:
    """Headings and lines of the whole story."""
    return [line for section in tell(explanation) for line in (section.heading, *section.lines)]
