"""From tickers to quotes: each market's newest price is judged, converted, and published once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from harvest_tui.core.quote_guard import Held, QuoteGuard, Tick, Verdict
from harvest_tui.core.records import Asset, Quote
from harvest_tui.exchanges.price_routes import DollarBoard, Routes, TickerLike, quote_of, tick_of

QuoteKey = tuple[str, Asset]
"""Exchange (ccxt id) and asset."""
_ASSUMED_AGAIN = timedelta(seconds=10)


class Pricer:
    """From tickers to accepted quotes; remembers what was seen, accepted and published."""

    def __init__(self, routes: Routes, guard: QuoteGuard, board: DollarBoard) -> None:
        self.routes = routes
        self.held: dict[Asset, Verdict] = {}
        self._guard = guard
        self._board = board
        self._seen: dict[str, TickerLike] = {}
        self._accepted: dict[Asset, Tick] = {}
        self._published: dict[Asset, Quote] = {}

    def reroute(self, routes: Routes) -> None:
        """Other assets from now on; what is known of the markets that stay is kept."""
        kept = {asset for asset, route in routes.by_asset.items() if self.routes.by_asset.get(asset) == route}
        self.routes = routes
        self.held = {asset: verdict for asset, verdict in self.held.items() if asset in kept}
        self._accepted = {asset: tick for asset, tick in self._accepted.items() if asset in kept}
        self._published = {asset: quote for asset, quote in self._published.items() if asset in kept}
        self._seen = {symbol: ticker for symbol, ticker in self._seen.items() if symbol in routes.symbols}

    def pass_over(self, tickers: Mapping[str, TickerLike]) -> None:
        """Knows these tickers of a socket without judging them: only what comes after them is news."""
        self._seen.update((symbol, tickers[symbol]) for symbol in self.routes.symbols if symbol in tickers)

    def take_watched(self, tickers: Mapping[str, TickerLike], now: datetime) -> bool:
        """Judges the tickers of a socket that changed since the last look; False where none did."""
        news = {}
        for symbol in self.routes.symbols:
            ticker = tickers.get(symbol)
            if ticker is not None and ticker != self._seen.get(symbol):
                self._seen[symbol] = news[symbol] = ticker
        self.take_polled(news, now)
        return bool(news)

    def take_polled(self, tickers: Mapping[str, TickerLike], now: datetime) -> None:
        """Judges tickers that were asked for: an unchanged one is an observation of its own."""
        for asset, route in self.routes.by_asset.items():
            tick = tick_of(route, tickers, lambda currency: self._dollars(currency, now), now)
            if tick is None:
                continue
            verdict = self._guard.judge(tick)
            if verdict.is_accepted:
                self._accepted[asset] = tick
                self.held.pop(asset, None)
                self._post(asset, now)
            elif verdict.held not in (Held.OUT_OF_ORDER, Held.NO_PRICE):
                self.held[asset] = verdict

    def news(self, now: datetime) -> dict[QuoteKey, Quote]:
        """Quotes that differ from the ones published before."""
        changed = {}
        for asset, route in self.routes.by_asset.items():
            quote = quote_of(route, self._accepted.get(asset), lambda currency: self._dollars(currency, now), now)
            before = self._published.get(asset)
            if quote is None or quote == before:
                continue
            if not route.symbol and before is not None and _is_same_assumption(quote, before):
                continue
            self._published[asset] = quote
            changed[self.routes.venue, asset] = quote
        return changed

    def _post(self, asset: Asset, now: datetime) -> None:
        route = self.routes.by_asset[asset]
        quote = quote_of(route, self._accepted.get(asset), lambda currency: self._dollars(currency, now), now)
        if quote is not None and route.symbol:
            self._board.post(self.routes.venue, quote)

    def _dollars(self, currency: Asset, now: datetime) -> Quote | None:
        return self._board.latest(self.routes.venue, currency, now)


def _is_same_assumption(quote: Quote, before: Quote) -> bool:
    """A quote without a market of its own that says nothing new yet."""
    is_equal = (quote.price, quote.source) == (before.price, before.source)
    return is_equal and quote.at - before.at < _ASSUMED_AGAIN
