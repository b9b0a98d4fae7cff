"""Codes of an exchange's internal wallets and renamed coins -> the canonical asset they are units of.

For tax a staked, bonded or earning unit is the same coin in another wallet of the same account; a move between
such wallets is no event.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from harvest_tui.core.records import Asset

_KRAKEN_OLD = {
    "XXBT": "BTC",
    "XBT": "BTC",
    "XXDG": "DOGE",
    "XDG": "DOGE",
    "XETH": "ETH",
    "XETC": "ETC",
    "XLTC": "LTC",
    "XXRP": "XRP",
    "XXLM": "XLM",
    "XXMR": "XMR",
    "XZEC": "ZEC",
    "XREP": "REP",
    "XREPV2": "REPV2",
    "XMLN": "MLN",
    "XICN": "ICN",
    "XNMC": "NMC",
    "XXVN": "XVN",
    "ZUSD": "USD",
    "ZEUR": "EUR",
    "ZGBP": "GBP",
    "ZCAD": "CAD",
    "ZJPY": "JPY",
    "ZAUD": "AUD",
    "ZKRW": "KRW",
    "ETH2": "ETH",
}
"""Kraken prefixes its first coins with X and its first currencies with Z; a rule would maim ZETA or XTZ."""

_KRAKEN_WALLET = re.compile(r"(?P<base>[A-Z0-9]+?)(?:\.\d{0,3}[SFMBPT]|\.HOLD)", re.ASCII)
_BOND_DAYS = re.compile(r"(?P<coin>[A-Z]{2,})(?P<days>\d{2})", re.ASCII)
_ENDS_IN_DIGITS = frozenset({"C98", "API3"})
_NOT_EARN = frozenset({"LDO"})


def _kraken(code: str) -> str:
    wallet = _KRAKEN_WALLET.fullmatch(code)
    base = wallet["base"] if wallet else code
    if wallet and base not in _ENDS_IN_DIGITS and (bond := _BOND_DAYS.fullmatch(base)):
        base = bond["coin"]
    return _KRAKEN_OLD.get(base, base)


def _binance(code: str) -> str:
    if code.startswith("LD") and len(code) > 4 and code not in _NOT_EARN:
        rest = code[2:]
        return rest[:-1] if rest.endswith("SHIB2") else rest
    return code


def _coinbase(code: str) -> str:
    return "ETH" if code == "ETH2" else code


_CANONICAL: dict[str, Callable[[str], str]] = {
    "kraken": _kraken,
    "binance": _binance,
    "binanceus": _binance,
    "coinbase": _coinbase,
}


def canonical_asset(exchange: str, code: str) -> Asset:
    """The asset that a code of `exchange` (a ccxt id) holds units of: Kraken's `XBT.F` is `BTC`."""
    rule = _CANONICAL.get(exchange)
    return Asset(code if rule is None else rule(code))


def is_locked_wallet(exchange: str, code: str) -> bool:
    """Whether no order can sell what lies in the wallet of that code before it is unstaked, redeemed or released.

    Kraken, "Get Extended Balance" (docs.kraken.com, November 2026): `.S` is staked, `.B` and `.M` are like it, while
    `.F` earns by itself and is sold by an order for the base asset, as `.T` is. `.P` is bonded to a parachain, `.HOLD`
    waits for release. Other exchanges tell such units apart by other means than a code.
    """
    if exchange != "kraken":
        return False
    return code == "ETH2" or (_KRAKEN_WALLET.fullmatch(code) is not None and code[-1] not in "FT")


def is_inner_wallet(exchange: str, code: str) -> bool:
    """Whether the code names a wallet besides the account's main one, such as Kraken's `DOT.S`."""
    return exchange == "kraken" and (_KRAKEN_WALLET.fullmatch(code) is not None or code == "ETH2")
