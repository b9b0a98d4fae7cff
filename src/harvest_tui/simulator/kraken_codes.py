"""Kraken's own names: asset codes, wallet suffixes, pair keys, ids, and its figures as text."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

from harvest_tui.core.money import ROUNDED

_OLD: Mapping[str, tuple[str, str]] = {
    "BTC": ("XXBT", "XBT"),
    "ETH": ("XETH", "ETH"),
    "LTC": ("XLTC", "LTC"),
    "XRP": ("XXRP", "XRP"),
    "DOGE": ("XXDG", "XDG"),
    "USD": ("ZUSD", "USD"),
}
_STAKING_WALLETS: Mapping[str, str] = {"SOL": "SOL.S", "DOT": "DOT28.S", "ETH": "ETH.B"}
STAKING_CODES = frozenset(_STAKING_WALLETS.values())
EARN_WALLETS = frozenset({"ETH.B"})
"""Wallets of the newer Earn program, whose ledger rows are worded differently."""


def code_of(asset: str) -> str:
    """`XXBT` for BTC, `SOL` for SOL."""
    return _OLD.get(asset, (asset, asset))[0]


def altname_of(asset: str) -> str:
    """`XBT` for BTC."""
    return _OLD.get(asset, (asset, asset))[1]


def staking_wallet(asset: str) -> str:
    """The code of the wallet that staked units lie in."""
    return _STAKING_WALLETS.get(asset, f"{code_of(asset)}.S")


def pair_key(base: str, quote: str) -> str:
    """`XXBTZUSD`: old codes where both sides have one, else the plain names."""
    if base in _OLD and quote in _OLD:
        return code_of(base) + code_of(quote)
    return "USDTZUSD" if (base, quote) == ("USDT", "USD") else altname_of(base) + altname_of(quote)


def pair_altname(base: str, quote: str) -> str:
    """`XBTUSD`."""
    return altname_of(base) + altname_of(quote)


def native_id(letter: str, *parts: object) -> str:
    """An id in Kraken's form, `LXXXXX-XXXXX-XXXXXX`, always the same for the same parts."""
    text = b32encode(sha256(":".join(map(str, parts)).encode()).digest()).decode()
    return f"{letter}{text[:5]}-{text[5:10]}-{text[10:16]}"


def figure(value: Decimal, code: str) -> str:
    """Four decimals for dollars, ten for coins, more only where the value has more."""
    digits = max(4 if code == "ZUSD" else 10, -int(value.as_tuple().exponent))
    return format(value.quantize(Decimal(1).scaleb(-digits), context=ROUNDED), "f")


def rounded(value: Decimal, digits: int) -> str:
    """The value with exactly so many decimals."""
    return format(value.quantize(Decimal(1).scaleb(-digits), context=ROUNDED), "f")


def seconds(at_us: int) -> float:
    """Kraken's time: a JSON number of seconds with its fraction."""
    return at_us / 1_000_000
