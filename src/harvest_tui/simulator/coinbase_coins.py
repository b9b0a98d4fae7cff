"""Coinbase's list of currencies: the ones an account uses and the many it merely shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import NAMESPACE_DNS, uuid5

_TITLES: Mapping[str, str] = {
    "ADA": "Cardano",
    "AVAX": "Avalanche",
    "BNB": "BNB",
    "BTC": "Bitcoin",
    "DOGE": "Dogecoin",
    "DOT": "Polkadot",
    "ETH": "Ethereum",
    "LINK": "Chainlink",
    "LTC": "Litecoin",
    "SOL": "Solana",
    "USD": "US Dollar",
    "USDC": "USDC",
    "USDT": "Tether",
    "XRP": "XRP",
}
_EXPONENTS: Mapping[str, int] = {"USD": 2, "USDC": 6, "USDT": 6, "XRP": 6, "ADA": 6, "SOL": 9, "ETH": 8}
_NEVER_USED = (
    "00 1INCH AAVE ABT ACH ACX AERGO AERO AGLD AIOZ AKT ALCX ALEO ALEPH ALGO ALICE AMP ANKR APE API3 APT ARB ARKM ARPA "
    "ASM AST ATH AUCTION AUDIO AURORA AXL AXS BADGER BAL BAND BAT BCH BICO BIGTIME BLAST BLUR BLZ BNT BOBA BONK BTRST "
    "C98 CBETH CELR CHZ CLV COMP COTI COW CRO CRPT CRV CTSI CTX CVC CVX DAI DASH DEXT DIA DIMO DNT DRIFT EGLD EIGEN "
    "ELA ENA ENS EOS ERN ETC ETHFI FARM FET FIDA FIL FIS FLOW FLR FORT FORTH FOX FX G GAL GFI GHST GIGA GLM GMT GNO "
    "GODS GRT GST GTC GYEN HBAR HFT HIGH HNT HONEY HOPR ICP IDEX ILV IMX INDEX INJ INV IO IOTX IP JASMY JTO JUP"
)
_CRYPTO_WORDS = "^[A-Za-z0-9]{20,90}$"


def never_used(used: Sequence[str]) -> list[str]:
    """Codes of currencies that are listed with an empty wallet, the used ones left out."""
    return [code for code in _NEVER_USED.split() if code not in used]


def title_of(asset: str) -> str:
    """The currency's name."""
    return _TITLES.get(asset, asset.capitalize())


def exponent_of(asset: str) -> int:
    """Least number of decimals Coinbase prints."""
    return _EXPONENTS.get(asset, 8)


def network_of(asset: str) -> str:
    """The chain's name as in `network_name`."""
    return title_of(asset).lower().replace(" ", "_")


def currency_object(asset: str) -> dict[str, object]:
    """The `currency` of a v2 account, and a row of the currency lists."""
    if asset == "USD":
        return {"code": "USD", "name": "US Dollar", "color": "#0066cf", "sort_index": 0, "exponent": 2, "type": "fiat"}
    return {
        "code": asset,
        "name": title_of(asset),
        "color": f"#{uuid5(NAMESPACE_DNS, asset).hex[:6].upper()}",
        "sort_index": 100 + sum(map(ord, asset)) % 400,
        "exponent": exponent_of(asset),
        "type": "crypto",
        "address_regex": _CRYPTO_WORDS,
        "asset_id": str(uuid5(NAMESPACE_DNS, f"asset:{asset}")),
        "slug": network_of(asset),
    }
