"""The quote of each position, kept up with what arrives: a tick costs what it brought, not what is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harvest_tui.core.portfolio import PositionKey
from harvest_tui.core.records import AccountId, Asset, Quote
from harvest_tui.session.facts import QuoteKey, quotes_of


class Quoting:
    """As `quotes_of`, for the same positions under newer and newer quotes."""

    def __init__(self) -> None:
        self._standing: object = None
        self._exchanges: Mapping[AccountId, str] = {}
        self._keys: dict[Asset, list[PositionKey]] = {}
        self._sources: dict[Asset, list[QuoteKey]] = {}
        self._found: Mapping[PositionKey, Quote] = {}

    def begin(
        self,
        standing: object,
        quotes: Mapping[QuoteKey, Quote],
        keys: Iterable[PositionKey],
        exchanges: Mapping[AccountId, str],
    ) -> Mapping[PositionKey, Quote]:
        """The quotes of these positions; `standing` names what they are the positions of."""
        self._standing, self._exchanges = standing, exchanges
        self._keys = {}
        for key in keys:
            self._keys.setdefault(key[1], []).append(key)
        self._sources = {}
        for source in quotes:
            self._sources.setdefault(source[1], []).append(source)
        self._found = quotes_of(quotes, [key for held in self._keys.values() for key in held], exchanges)
        return self._found

    def stands_on(self, standing: object) -> bool:
        """Whether the positions are still those of that name."""
        return self._standing == standing

    def take(self, quotes: Mapping[QuoteKey, Quote], arrived: Iterable[QuoteKey]) -> Mapping[PositionKey, Quote]:
        """The quotes after those that `arrived` came in; a new mapping, the old one stays as it was."""
        found = dict(self._found)
        for source in arrived:
            asset = source[1]
            sources = self._sources.setdefault(asset, [])
            if source not in sources:
                sources.append(source)
            newest = max((quotes[one] for one in sources), key=lambda quote: quote.at)
            for key in self._keys.get(asset, ()):
                found[key] = quotes.get((self._exchanges.get(key[0], ""), asset)) or newest
        self._found = found
        return found
