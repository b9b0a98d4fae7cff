"""Internal wallet codes are units of their coin, and no coin is maimed on the way."""

import pytest

from harvest_tui.exchanges.assets import canonical_asset


@pytest.mark.parametrize(
    ("code", "asset"),
    [
        ("XXBT", "BTC"),
        ("XBT", "BTC"),
        ("XBT.F", "BTC"),
        ("XBT.M", "BTC"),
        ("XXDG", "DOGE"),
        ("ZUSD", "USD"),
        ("USD.HOLD", "USD"),
        ("USD.M", "USD"),
        ("ETH2", "ETH"),
        ("ETH2.S", "ETH"),
        ("ETH.B", "ETH"),
        ("XETH", "ETH"),
        ("DOT.S", "DOT"),
        ("DOT28.S", "DOT"),
        ("DOT.28S", "DOT"),
        ("SOL03.S", "SOL"),
        ("ATOM21.S", "ATOM"),
        ("C98.S", "C98"),
        ("API3", "API3"),
        ("XTZ", "XTZ"),
        ("XTZ.S", "XTZ"),
        ("ZETA", "ZETA"),
        ("XCN", "XCN"),
        ("ZRX", "ZRX"),
        ("1INCH", "1INCH"),
        ("KFEE", "KFEE"),
    ],
)
def test_kraken_codes(code: str, asset: str) -> None:
    assert canonical_asset("kraken", code) == asset


@pytest.mark.parametrize(
    ("code", "asset"), [("LDBTC", "BTC"), ("LDUSDT", "USDT"), ("LDSHIB2", "SHIB"), ("LDO", "LDO"), ("BNB", "BNB")]
)
def test_binance_earn_codes(code: str, asset: str) -> None:
    assert canonical_asset("binance", code) == asset


def test_the_code_of_an_unknown_exchange_is_left_alone() -> None:
    assert canonical_asset("gate", "XXBT") == "XXBT"
