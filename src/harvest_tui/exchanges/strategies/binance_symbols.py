"""Which markets to ask for trades: Binance tells trades of one market at a time and not which were traded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harvest_tui.core.records import Asset
from harvest_tui.exchanges.strategies.binance_replies import JsonObject, asset_of
from harvest_tui.exchanges.strategies.binance_windows import DAY_MS, Feed

MARKETS_LAST_MS = DAY_MS
PROOF_LASTS_MS = 30 * DAY_MS
"""A market once found without trades is asked again after this, unless the account comes to hold both its coins."""


@dataclass(frozen=True, slots=True)
class Markets:
    """(base, quote) codes by symbol, as the exchange listed them last; `at_ms` is when."""

    at_ms: int
    pairs: Mapping[str, tuple[str, str]]

    def text(self) -> str:
        """The list as a cursor."""
        told = {"at": self.at_ms, "pairs": {symbol: list(pair) for symbol, pair in self.pairs.items()}}
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def parse(cls, cursor: str) -> Markets:
        """The list that `text` wrote."""
        told = json.loads(cursor)
        return cls(told["at"], {symbol: (base, quote) for symbol, (base, quote) in told["pairs"].items()})

    @classmethod
    def told(cls, rows: Sequence[JsonObject], at_ms: int) -> Markets:
        """The list of a checked `exchangeInfo`, those that trade first."""
        ordered = sorted(rows, key=lambda row: row["status"] != "TRADING")
        return cls(at_ms, {row["symbol"]: (row["baseAsset"], row["quoteAsset"]) for row in ordered})

    def is_fresh(self, now_ms: int) -> bool:
        """False once the list must be asked again."""
        return 0 <= now_ms - self.at_ms < MARKETS_LAST_MS

    def held(self, coins: Iterable[Asset]) -> list[str]:
        """The symbols whose two coins have both been in the account."""
        known = set(coins)
        return [symbol for symbol, pair in self.pairs.items() if all(asset_of(code) in known for code in pair)]

    def touched(self, coins: Iterable[Asset]) -> list[str]:
        """All symbols, those first that trade one of the coins."""
        known = set(coins)
        return sorted(self.pairs, key=lambda symbol: not any(asset_of(code) in known for code in self.pairs[symbol]))


@dataclass(frozen=True, slots=True)
class TradeMark:
    """How far the trades of a set of markets are read.

    `last` is the id of the newest trade by symbol, -1 where there was none. `walked` are the symbols a walk under
    way has done. `coins` are all coins ever seen; `proved_at` is when a round over all markets ended.
    """

    last: Mapping[str, int] = field(default_factory=dict)
    walked: tuple[str, ...] = ()
    coins: tuple[str, ...] = ()
    left: int = 0
    proved_at: int | None = None

    def text(self) -> str:
        """The mark as a cursor."""
        told = {
            "last": dict(self.last),
            "walked": self.walked,
            "coins": self.coins,
            "left": self.left,
            "proved_at": self.proved_at,
        }
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def parse(cls, cursor: str | None) -> TradeMark:
        """The mark that `text` wrote; an empty one for None."""
        if cursor is None:
            return cls()
        told = json.loads(cursor)
        return cls(told["last"], tuple(told["walked"]), tuple(told["coins"]), told["left"], told["proved_at"])

    def after(self, symbol: str, number: int | None, *, is_done: bool) -> TradeMark:
        """The mark once a page of `symbol` with newest id `number` is stored."""
        last = {**self.last, symbol: self.last.get(symbol, -1) if number is None else number}
        return replace(self, last=last, walked=(*self.walked, symbol) if is_done else self.walked)

    def traded(self) -> list[str]:
        """The symbols that have trades."""
        return [symbol for symbol, number in self.last.items() if number >= 0]


@dataclass(frozen=True, slots=True)
class RestMark:
    """How far the rest is proved: trades of markets nothing points to, and histories before the first sign of life.

    `older` is, by stream, the ms from which on the history is read.
    """

    trades: TradeMark = TradeMark()
    older: Mapping[str, int] = field(default_factory=dict)
    windows: int = 0

    def text(self) -> str:
        """The mark as a cursor."""
        told = {"trades": json.loads(self.trades.text()), "older": dict(self.older), "windows": self.windows}
        return json.dumps(told, separators=(",", ":"))

    @classmethod
    def parse(cls, cursor: str | None) -> RestMark:
        """The mark that `text` wrote; an empty one for None."""
        if cursor is None:
            return cls()
        told = json.loads(cursor)
        return cls(TradeMark.parse(json.dumps(told["trades"])), told["older"], told["windows"])

    def renewed(self, now_ms: int) -> RestMark:
        """Where the last full round is long ago, a new one: markets without trades are unproved again."""
        proved_at = self.trades.proved_at
        if proved_at is None or now_ms - proved_at < PROOF_LASTS_MS:
            return self
        last = {symbol: number for symbol, number in self.trades.last.items() if number >= 0}
        return replace(self, trades=replace(self.trades, last=last, proved_at=None))

    def begun(self, since: Mapping[str, int]) -> RestMark:
        """The mark that knows where each feed's own walk began."""
        return replace(self, older={**since, **self.older})

    def has_older(self, feed: Feed) -> bool:
        """True while a window before the feed's own walk is unread."""
        return feed.since_ms < self.older.get(feed.stream, feed.since_ms)

    def older_window(self, feed: Feed) -> tuple[int, int]:
        """The newest unread window, both ends inclusive."""
        end = self.older[feed.stream]
        return max(feed.since_ms, end - (feed.days or 90) * DAY_MS), end - 1

    def proved(self, feed: Feed, start: int) -> RestMark:
        """The mark once the history from `start` on is stored."""
        return replace(self, older={**self.older, feed.stream: start})

    def finished(self, left: int, feeds: Iterable[Feed], now_ms: int) -> RestMark:
        """The mark at the end of a sync: what is left unproved is counted."""
        spans = [
            -((feed.since_ms - self.older.get(feed.stream, feed.since_ms)) // ((feed.days or 90) * DAY_MS))
            for feed in feeds
            if feed.starts_with_account
        ]
        proved_at = None if left else self.trades.proved_at or now_ms
        trades = replace(self.trades, walked=(), left=left, proved_at=proved_at)
        return replace(self, trades=trades, windows=sum(spans))


@dataclass(frozen=True, slots=True)
class Unproved:
    """What nobody has looked at yet: `markets` never asked for trades, `windows` of old history never asked."""

    markets: int
    windows: int


def unproved(cursor: str | None) -> Unproved | None:
    """What the cursor of the stream `rest` says is still to be proved; None before the first sync has got there."""
    if cursor is None:
        return None
    told = json.loads(cursor)
    return Unproved(told["trades"]["left"], told["windows"])
