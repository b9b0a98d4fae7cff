"""Figures, times, prices and sources as a preparer reads them. Outside text is passed on as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from harvest_tui.core.evidence import Evidence, ValueOrigin
from harvest_tui.core.money import ROUNDED, rounded
from harvest_tui.core.records import USD, Amount, Asset, Event, EventId
from harvest_tui.core.source_rows import SourceRow

ROWS_NAMED = 4
"""So many source rows of one event are named; the rest is counted."""
LONGEST_ID = 48
"""Ids made of a transaction id and an address are longer, and unreadable."""
_HOUR = 3600
_DAY = 86_400


class Section(NamedTuple):
    """A heading and what is to be said under it, one statement a line."""

    heading: str
    lines: tuple[str, ...] = ()


def number(value: Decimal, least: int, most: int) -> str:
    """The value with thousands separated, to `most` decimals at the most and `least` at the least."""
    text = format(rounded(value, most), ",f")
    whole, _, fraction = text.partition(".")
    kept = fraction[:least] + fraction[least:].rstrip("0")
    return f"{whole}.{kept}" if kept else whole


def dollars(value: Decimal | None) -> str:
    """US dollars to the cent, and amounts below a dollar to as many digits as tell them apart."""
    if value is None:
        return "an unknown amount"
    size = abs(value)
    places = 2 if size >= 1 or not size else 4 if size >= Decimal("0.01") else 10
    return f"{number(value, 2, places)} USD"


def unit_price(total: Decimal | None, quantity: Decimal) -> str:
    """`total` for one of `quantity` units, or "" where it is unknown."""
    if total is None or not quantity:
        return ""
    return each(ROUNDED.divide(total, quantity))


def each(price: Decimal) -> str:
    """The price of one unit."""
    size = abs(price)
    return f"{number(price, 2, 2 if size >= 1000 else 4 if size >= 1 else 10)} USD each"


def units(quantity: Decimal, asset: Asset) -> str:
    """`1,204.5 ETH`, every digit."""
    text = format(quantity, ",f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {asset}"


def amount(value: Amount) -> str:
    """Every digit of a coin's amount; US dollars as `dollars` tells them."""
    return dollars(value.quantity) if value.asset == USD else units(value.quantity, value.asset)


def lowered(sentence: str) -> str:
    """The sentence with a small first letter, to follow other words."""
    return sentence[:1].lower() + sentence[1:]


def result(gain: Decimal | None) -> str:
    """`a gain of 12.50 USD`."""
    if gain is None:
        return "an unknown gain"
    if not gain:
        return "neither gain nor loss"
    return f"a {'gain' if gain > 0 else 'loss'} of {dollars(abs(gain))}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """The taxpayer's day."""
    return at.astimezone(zone).date().isoformat()


def before(first: date) -> str:
    """The day before."""
    return (first - timedelta(days=1)).isoformat()


def when(at: datetime, zone: ZoneInfo) -> str:
    """The instant in the taxpayer's zone, and in UTC where that reads otherwise."""
    local, utc = at.astimezone(zone), at.astimezone(UTC)
    if local.utcoffset() == timedelta(0):
        return f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    pattern = "%H:%M:%S" if local.date() == utc.date() else "%Y-%m-%d %H:%M:%S"
    return f"{local:%Y-%m-%d %H:%M:%S %Z} ({utc:{pattern}} UTC)"


def minute(at: datetime) -> str:
    """The instant in UTC, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


class Teller(NamedTuple):
    """What every sentence may need: the taxpayer's zone, and which rows tell which event."""

    zone: ZoneInfo
    sources: Mapping[EventId, Sequence[SourceRow]]

    def when(self, at: datetime) -> str:
        """The instant in the taxpayer's zone and in UTC."""
        return when(at, self.zone)

    def day(self, at: datetime) -> str:
        """The taxpayer's day."""
        return day(at, self.zone)

    def teller_of(self, event: Event) -> str:
        """Who tells the event."""
        rows = self.sources.get(event.event_id, ())
        if event.is_assumed:
            return "your own recorded assumption"
        if not rows:
            return "its row"
        return f"{rows[0].exchange}'s own row" if rows[0].exchange else "the row of the imported file"

    def source(self, event: Event) -> str:
        """The event's id and the identity of the rows behind it."""
        rows = self.sources.get(event.event_id, ())
        return f"Source: event {event.event_id}{_rows(rows)}."

    def price(self, evidence: Evidence, event: Event) -> str:
        """Where the value comes from, as a sentence; "" where there is nothing to say."""
        if evidence.origin is ValueOrigin.DOLLARS:
            return "Price: the US dollars of the trade itself."
        if evidence.origin is ValueOrigin.TOLD:
            return f"Price: the value of {dollars(evidence.value)} is told by {self.teller_of(event)}."
        if evidence.origin is ValueOrigin.UNKNOWN:
            return "Price: nobody told a value, and no past price is known."
        candle, priced = evidence.candle, evidence.priced
        if candle is None or priced is None:
            return ""
        span = {_HOUR: "hour", _DAY: "day"}.get(candle.seconds, f"{candle.seconds // 60} minutes")
        price = number(candle.close, 2, 2 if candle.close >= 1000 else 10)
        return (
            f"Price: 1 {priced.asset} = {price} USD, the close of the {span} that began {minute(candle.start)}"
            f" on {candle.source}; {amount(priced)} = {dollars(evidence.value)}."
        )


def _rows(rows: Sequence[SourceRow]) -> str:
    if not rows:
        return ""
    if not rows[0].exchange:
        name = rows[0].stream.replace("\\", "/").rpartition("/")[2]
        return f", from the imported file {name} (SHA-256 {rows[0].row_id}...)"
    by_stream: dict[str, list[str]] = {}
    for row in rows:
        by_stream.setdefault(row.stream, []).append(row.row_id)
    named = " and ".join(f"{stream} {_some(ids)}" for stream, ids in by_stream.items())
    last = max((row.fetched_at for row in rows if row.fetched_at is not None), default=None)
    fetched = "" if last is None else f", fetched {minute(last)}"
    return f"; {rows[0].exchange} {named}{fetched}"


def shortened(row_id: str) -> str:
    """The id with its middle left out where it is very long."""
    return row_id if len(row_id) <= LONGEST_ID else f"{row_id[:28]}...{row_id[-16:]}"


def _some(ids: Sequence[str]) -> str:
    named = ", ".join(shortened(row_id) for row_id in ids[:ROWS_NAMED])
    more = len(ids) - ROWS_NAMED
    return f"{'row' if len(ids) == 1 else 'rows'} {named}" + (f" and {more} more" if more > 0 else "")
