"""Quotes kept up with what arrives are those that all quotes together would give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from harvest_tui.core.records import AccountId, Asset, Quote
from harvest_tui.session.facts import quotes_of
from harvest_tui.session.quoting import Quoting

NOW = datetime(2026, 11, 5, 15, 30, tzinfo=UTC)
EXCHANGES = {AccountId("main"): "kraken", AccountId("other"): "coinbase", AccountId("paper"): ""}
ASSETS = [Asset("BTC"), Asset("ETH"), Asset("SOL")]
POSITIONS = [(account, asset) for account in EXCHANGES for asset in ASSETS if (account, asset) != ("other", "SOL")]
ARRIVALS = st.lists(
    st.lists(st.tuples(st.sampled_from(["kraken", "coinbase"]), st.sampled_from(ASSETS)), min_size=1, max_size=3),
    max_size=12,
)


@given(ARRIVALS, st.integers(0, 5))
def test_each_position_has_its_own_exchanges_quote_or_else_the_newest(arrivals, known) -> None:
    quotes: dict[tuple[str, Asset], Quote] = {}
    quoting, number = Quoting(), 0
    for turn, keys in enumerate([[], *arrivals]):
        for exchange, asset in keys:
            number += 1
            at = NOW + timedelta(seconds=number // 3)  # some arrive in the same second
            quotes[exchange, asset] = Quote(asset, Decimal(100 + number), at, exchange)
        if turn <= known:
            found = quoting.begin(turn, quotes, POSITIONS, EXCHANGES)
        else:
            before = dict(found)
            latest = quoting.take(quotes, keys)
            assert found == before, "what was handed out does not change"
            found = latest
        assert found == quotes_of(quotes, POSITIONS, EXCHANGES)
    assert quoting.stands_on(min(known, len(arrivals))) and not quoting.stands_on(99)
