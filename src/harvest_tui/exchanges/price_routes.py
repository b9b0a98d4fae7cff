"""How an asset is priced in US dollars on one exchange: which market to watch, and over which currency.

Pure: decides from market lists and turns tickers into ticks for the guard and quotes for the lots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from harvest_tui.core.money import ROUNDED
from harvest_tui.core.quote_guard import Tick
from harvest_tui.core.records import USD, Asset, Quote
from harvest_tui.exchanges.assets import canonical_asset

STABLECOINS: tuple[Asset, ...] = (Asset("USDC"), Asset("USDT"))
"""Read as dollars by their own quote, or as $1 with a word about it where there is none."""
BRIDGES: tuple[Asset, ...] = (Asset("BTC"), Asset("ETH"))
QUOTE_ORDER: tuple[Asset, ...] = (USD, *STABLECOINS, *BRIDGES)
ONE = Decimal(1)
_LATE_CONVERSION = timedelta(seconds=60)
_CONVERSION_LASTS = timedelta(days=1)

DollarLookup = Callable[[Asset], Quote | None]
"""The latest believed dollar quote of an asset from any source, or None."""


class TickerLike(Protocol):
    """What a route needs of a ticker; `at_ms` is the exchange's time, None or 0 where it tells none."""

    @property
    def symbol(self) -> str: ...
    @property
    def last(self) -> Decimal | None: ...
    @property
    def bid(self) -> Decimal | None: ...
    @property
    def ask(self) -> Decimal | None: ...
    @property
    def at_ms(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Route:
    """The market that prices `asset` on `venue`, in units of `currency`.

    `symbol` is empty for a stablecoin the venue has no dollar market for: it takes another source's quote, or $1.
    """

    asset: Asset
    venue: str
    symbol: str
    currency: Asset

    @property
    def source(self) -> str:
        """The market in words, unique to it: `kraken BTC/USD`."""
        return f"{self.venue} {self.symbol}" if self.symbol else self.asset


@dataclass(frozen=True, slots=True)
class Conversion:
    """Dollars for one unit of a route's currency, the words for the source, and when that was told (None: never)."""

    rate: Decimal
    words: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Routes:
    """Routes in the order to price them: what others are converted by comes first."""

    venue: str
    by_asset: Mapping[Asset, Route]
    unpriced: tuple[Asset, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        """The markets to watch, each once."""
        return tuple(route.symbol for route in self.by_asset.values() if route.symbol)


@dataclass(slots=True)
class DollarBoard:
    """Accepted dollar quotes that other prices are converted by, by asset and venue. One serves all feeds of a run."""

    quotes: dict[Asset, dict[str, Quote]] = field(default_factory=dict)

    def post(self, venue: str, quote: Quote) -> None:
        """Keeps a quote that comes from the asset's own market on the venue."""
        self.quotes.setdefault(quote.asset, {})[venue] = quote

    def latest(self, venue: str, asset: Asset, now: datetime) -> Quote | None:
        """The venue's own quote, else the newest of any; None where none is younger than a day."""
        fresh = {
            name: quote for name, quote in self.quotes.get(asset, {}).items() if now - quote.at < _CONVERSION_LASTS
        }
        return fresh.get(venue) or max(fresh.values(), key=lambda quote: quote.at, default=None)


def choose_routes(
    venue: str, assets: Iterable[Asset], markets: Sequence[Mapping[str, Any]], *, with_closed: bool = False
) -> Routes:
    """The best route for each asset: US dollars, else USDC, else USDT, else BTC or ETH.

    `markets` are unified ccxt markets; only open spot markets count, `with_closed` the closed ones too (they have
    a past). What a route converts by gets a route of its own. Assets without any market are `unpriced`.
    """
    spot = _spot_symbols(venue, markets, with_closed)
    chosen: dict[Asset, Route] = {}
    unpriced = []
    for asset in dict.fromkeys(assets):
        if asset == USD:
            continue
        if not _add(asset, venue, spot, chosen, QUOTE_ORDER):
            unpriced.append(asset)
    order = {asset: rank for rank, asset in enumerate(QUOTE_ORDER)}
    ranked = sorted(chosen.values(), key=lambda route: (order.get(route.asset, len(order)), route.asset))
    return Routes(venue, {route.asset: route for route in ranked}, tuple(unpriced))


def tick_of(
    route: Route, tickers: Mapping[str, TickerLike], dollars: DollarLookup, arrived_at: datetime
) -> Tick | None:
    """What the route's own ticker says, for the guard: `last`, or the middle of bid and ask where that is missing.

    None where there is no ticker of that very symbol, or the route has no market of its own.
    """
    ticker = tickers.get(route.symbol)
    if ticker is None or ticker.symbol != route.symbol:
        return None
    price = ticker.last
    if price is None and ticker.bid is not None and ticker.ask is not None:
        price = ROUNDED.divide(ROUNDED.add(ticker.bid, ticker.ask), Decimal(2))
    conversion = conversion_of(route.currency, dollars)
    in_dollars = None
    if price is not None and price.is_finite() and abs(price.adjusted()) < 100 and conversion is not None:
        in_dollars = ROUNDED.multiply(price, conversion.rate)
    made_at = datetime.fromtimestamp(ticker.at_ms / 1000, UTC) if ticker.at_ms else arrived_at
    return Tick(
        asset=route.asset,
        venue=route.venue,
        source=route.source,
        price=price,
        dollars=in_dollars,
        made_at=made_at,
        arrived_at=arrived_at,
        bid=ticker.bid,
        ask=ticker.ask,
    )


def quote_of(route: Route, accepted: Tick | None, dollars: DollarLookup, now: datetime) -> Quote | None:
    """The dollar quote of a route's accepted tick. None where the tick or the conversion is missing.

    A stablecoin without a market here takes another source's quote, or $1 as of `now`. The time is that of
    the tick; of the conversion, where that is a minute or more older.
    """
    if not route.symbol:
        conversion = conversion_of(route.asset, dollars)
        return (
            None if conversion is None else Quote(route.asset, conversion.rate, conversion.at or now, conversion.words)
        )
    conversion = conversion_of(route.currency, dollars)
    if accepted is None or accepted.price is None or conversion is None:
        return None
    at = accepted.made_at
    if conversion.at is not None and at - conversion.at >= _LATE_CONVERSION:
        at = conversion.at
    return Quote(
        route.asset, ROUNDED.multiply(accepted.price, conversion.rate), at, joined_source(route.source, conversion)
    )


def conversion_of(currency: Asset, dollars: DollarLookup) -> Conversion | None:
    """Dollars for one unit of `currency`; None for a coin that has no quote. A stablecoin never goes without."""
    if currency == USD:
        return Conversion(ONE, "", None)
    quote = dollars(currency)
    if quote is not None:
        return Conversion(quote.price, quote.source, quote.at)
    if currency in STABLECOINS:
        return Conversion(ONE, f"{currency} taken as $1", None)
    return None


def joined_source(source: str, conversion: Conversion) -> str:
    """`kraken BTC/USD`, `binance BTC/USDT (USDT taken as $1)` or `binance BTC/USDT (kraken USDT/USD)`."""
    return f"{source} ({conversion.words})" if conversion.words else source


def _spot_symbols(venue: str, markets: Sequence[Mapping[str, Any]], with_closed: bool) -> dict[tuple[str, str], str]:
    """Symbols of spot markets by the assets of base and quote; of two, the open one.

    An asset goes by the exchange's own code, as the events do: ccxt calls Kraken's LUNA2 `LUNA`, and its LUNA `LUNC`.
    """
    found: dict[tuple[str, str], str] = {}
    for market in sorted(markets, key=lambda market: market.get("active") is not False):
        symbol, base, quote = market.get("symbol"), market.get("base"), market.get("quote")
        if not (isinstance(symbol, str) and isinstance(base, str) and isinstance(quote, str)):
            continue
        if ":" in symbol or market.get("spot") is False or market.get("type") not in (None, "spot"):
            continue
        if with_closed or market.get("active") is not False:
            found[_asset(venue, market, "baseId", base), _asset(venue, market, "quoteId", quote)] = symbol
    return found


def _asset(venue: str, market: Mapping[str, Any], key: str, name: str) -> Asset:
    code = market.get(key)
    return canonical_asset(venue, code) if isinstance(code, str) and code else Asset(name)


def _add(
    asset: Asset,
    venue: str,
    spot: Mapping[tuple[str, str], str],
    chosen: dict[Asset, Route],
    currencies: Sequence[Asset],
) -> bool:
    """Chooses a route for the asset and for what it is converted by; False where there is none."""
    if asset in chosen:
        return True
    if asset in STABLECOINS:
        chosen[asset] = Route(asset, venue, spot.get((asset, USD), ""), USD)
        return True
    for currency in currencies:
        symbol = spot.get((asset, currency))
        if symbol is None or currency == asset:
            continue
        nearer = currencies[: currencies.index(currency)]
        if currency != USD and not _add(currency, venue, spot, chosen, nearer):
            continue
        chosen[asset] = Route(asset, venue, symbol, currency)
        return True
    return False
