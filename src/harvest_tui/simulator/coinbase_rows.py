"""A true history put into Coinbase's words: v3 fills, and v2 wallets each with its own transactions.

Every change of a wallet is one v2 row, so that the rows of a wallet add up to its balance; an advanced trade shows in
both wallets (the commission within the quote wallet's amount) and once more as a v3 fill.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from harvest_tui.core.money import EXACT, ROUNDED
from harvest_tui.simulator.coinbase_coins import exponent_of, network_of, title_of
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg

Row = dict[str, object]
PriceAt = Callable[[str, int], Decimal]
_TRADES = frozenset({HappeningKind.BUY, HappeningKind.SELL, HappeningKind.SWAP})
_STAKING = {HappeningKind.STAKE: "staking_transfer", HappeningKind.UNSTAKE: "unstaking_transfer"}
_ZERO = Decimal(0)


def stamp(at_us: int, digits: int = 0) -> str:
    """UTC in ISO 8601 with `Z` and 0, 6 or 9 decimals of a second."""
    whole = datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f".{at_us % 1_000_000:06d}{'0' * (digits - 6)}" if digits else ""
    return f"{whole}{fraction}Z"


def wire(quantity: Decimal, least_digits: int) -> str:
    """Plain text with at least so many decimals, and more where the quantity has more."""
    digits = max(least_digits, -int(quantity.as_tuple().exponent))
    return f"{quantity:.{digits}f}"


def money(asset: str, quantity: Decimal) -> dict[str, str]:
    """A v2 `{amount, currency}` object."""
    return {"amount": wire(quantity, exponent_of(asset)), "currency": asset}


@dataclass(slots=True)
class Wallet:
    """A v2 account with its rows, oldest first."""

    wallet_id: str
    name: str
    asset: str
    balance: Decimal = _ZERO
    rows: list[Row] = field(default_factory=list)
    first_us: int = 0
    last_us: int = 0


class CoinbaseBook:
    """All rows of one account; `tell` appends what happened since."""

    def __init__(self, seed: int, price_at: PriceAt) -> None:
        self._seed = seed
        self._price_at = price_at
        self._order: tuple[int, str, HappeningKind] = (0, "", HappeningKind.BUY)
        self._order_number = 0
        self._told = 0
        self.fills: list[Row] = []
        """v3 fills, oldest first."""
        self.wallets: dict[str, Wallet] = {}
        """By name, `BTC Wallet` or `Staked ETH`, in order of first use."""

    def tell(self, history: Sequence[Happening]) -> None:
        """Puts into words what was not told yet."""
        for happening in history[self._told :]:
            for asset, is_staked, row in self._rows_of(happening):
                self._into_wallet(happening, asset, is_staked, row)
        self._told = len(history)

    def id_of(self, *parts: object) -> str:
        """A stable UUID for what the parts name."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"coinbase:{self._seed}:" + ":".join(map(str, parts))))

    def _into_wallet(self, happening: Happening, asset: str, is_staked: bool, row: Row) -> None:
        name = f"Staked {asset}" if is_staked else f"{asset} Wallet"
        wallet = self.wallets.get(name)
        if wallet is None:
            wallet = Wallet(self.id_of("wallet", name), name, asset, first_us=happening.at_us)
            self.wallets[name] = wallet
        changed = row.pop("changed")
        assert isinstance(changed, Decimal)
        row_id = self.id_of("transaction", happening.number, name)
        path = f"/v2/accounts/{wallet.wallet_id}/transactions/{row_id}"
        at, dollars = stamp(happening.at_us), self._dollars(asset, changed, happening.at_us)
        wallet.rows.append(
            {
                "id": row_id,
                "type": row.pop("type"),
                "status": "completed",
                "amount": money(asset, changed),
                "native_amount": {"amount": dollars, "currency": "USD"},
                "description": None,
                "created_at": at,
                "updated_at": at,
                "resource": "transaction",
                "resource_path": path,
                "instant_exchange": False,
                **row,
            }
        )
        wallet.balance = EXACT.add(wallet.balance, changed)
        wallet.last_us = happening.at_us

    def _dollars(self, asset: str, quantity: Decimal, at_us: int) -> str:
        value = ROUNDED.multiply(quantity, self._price_at(asset, at_us))
        return f"{value.quantize(Decimal('0.01'), context=ROUNDED):f}"

    def _rows_of(self, happening: Happening) -> Iterator[tuple[str, bool, Row]]:
        kind = happening.kind
        if kind in _TRADES:
            yield from self._trade(happening)
        elif kind in _STAKING:
            yield from self._staking(happening)
        elif kind in (HappeningKind.CONVERT, HappeningKind.DUST):
            yield from self._exchange(happening, "trade")
        elif kind is HappeningKind.INSTANT_BUY:
            yield from self._exchange(happening, "buy")
        elif kind is HappeningKind.REWARD:
            leg = _leg(happening.received)
            yield leg.asset, False, {"type": "staking_reward", "changed": leg.quantity}
        elif kind is HappeningKind.DEPOSIT:
            yield self._deposit(happening)
        else:
            yield self._withdrawal(happening)

    def _trade(self, happening: Happening) -> Iterator[tuple[str, bool, Row]]:
        sent, received = _leg(happening.sent), _leg(happening.received)
        base_asset, quote_asset = happening.market.split("/")
        is_buy = received.asset == base_asset
        base, quote = (received, sent) if is_buy else (sent, received)
        fee = happening.fee.quantity if happening.fee else _ZERO
        if happening.fee and happening.fee.asset != quote_asset:
            raise ValueError(f"Coinbase takes its commission in {quote_asset}, not in {happening.fee.asset}")
        order_id = self._order_of(happening)
        fill = self._fill(happening, base, quote, fee, order_id)
        self.fills.append(fill)
        told = {
            "fill_price": fill["price"],
            "product_id": fill["product_id"],
            "order_id": order_id,
            "commission": fill["commission"],
            "order_side": fill["side"],
        }
        signs = (1, -1) if is_buy else (-1, 1)
        moved = EXACT.subtract(EXACT.multiply(quote.quantity, Decimal(signs[1])), fee)
        common: Row = {"type": "advanced_trade_fill", "advanced_trade_fill": told}
        yield base.asset, False, {**common, "changed": EXACT.multiply(base.quantity, Decimal(signs[0]))}
        yield quote.asset, False, {**common, "changed": moved}

    def _order_of(self, happening: Happening) -> str:
        """Fills of one market, side and instant belong to one order."""
        order = (happening.at_us, f"{happening.market}:{_leg(happening.sent).asset}", happening.kind)
        if order != self._order:
            self._order, self._order_number = order, happening.number
        return self.id_of("order", self._order_number)

    def _fill(self, happening: Happening, base: Leg, quote: Leg, fee: Decimal, order_id: str) -> Row:
        price = ROUNDED.divide(quote.quantity, base.quantity)
        is_exact = ROUNDED.multiply(price, base.quantity) == quote.quantity and -int(price.as_tuple().exponent) <= 18
        is_buy = happening.received == base
        # Market buys are sized in quote: the units of base are then told by the wallet's row alone.
        in_quote = not is_exact or (is_buy and self._order_number % 6 == 0)
        if not is_exact:
            price = price.quantize(Decimal("1e-10"), context=ROUNDED)
        entry = hashlib.sha256(f"{self._seed}:{happening.number}".encode()).hexdigest()
        return {
            "entry_id": entry,
            "trade_id": self.id_of("fill", happening.number),
            "order_id": order_id,
            "trade_time": stamp(happening.at_us, 9),
            "trade_type": "FILL",
            "price": f"{price:f}",
            "size": f"{(quote if in_quote else base).quantity:f}",
            "commission": f"{fee:f}",
            "product_id": happening.market.replace("/", "-"),
            "sequence_timestamp": stamp(happening.at_us + 1_429, 6),
            "liquidity_indicator": "TAKER" if happening.number % 3 else "MAKER",
            "size_in_quote": in_quote,
            "user_id": self.id_of("user"),
            "side": "BUY" if is_buy else "SELL",
            "retail_portfolio_id": self.id_of("portfolio"),
        }

    def _exchange(self, happening: Happening, kind: str) -> Iterator[tuple[str, bool, Row]]:
        sent, received = _leg(happening.sent), _leg(happening.received)
        fee = happening.fee or Leg(sent.asset, _ZERO)
        shared = self.id_of(kind, happening.number)
        total = EXACT.add(sent.quantity, fee.quantity) if fee.asset == sent.asset else sent.quantity
        told: Row = {
            "id": shared,
            "fee": money(fee.asset, fee.quantity),
            "payment_method_name": f"{sent.asset} Wallet",
            "subtotal": money(sent.asset, sent.quantity),
            "total": money(sent.asset, total),
        }
        taken = EXACT.subtract(received.quantity, fee.quantity) if fee.asset == received.asset else received.quantity
        if fee.asset not in (sent.asset, received.asset):
            raise ValueError(f"Coinbase takes no fee in {fee.asset} here")
        yield sent.asset, False, {"type": kind, kind: told, "changed": -total}
        details = {"title": f"Bought {title_of(received.asset)}", "subtitle": f"Using {sent.asset} Wallet"}
        yield received.asset, False, {"type": kind, kind: told, "details": details, "changed": taken}

    @staticmethod
    def _staking(happening: Happening) -> Iterator[tuple[str, bool, Row]]:
        leg, kind = _leg(happening.sent), _STAKING[happening.kind]
        is_in = happening.kind is HappeningKind.STAKE
        yield leg.asset, not is_in, {"type": kind, "changed": -leg.quantity}
        yield leg.asset, is_in, {"type": kind, "changed": leg.quantity}

    def _deposit(self, happening: Happening) -> tuple[str, bool, Row]:
        leg = _leg(happening.received)
        if leg.asset == "USD":
            return "USD", False, {"changed": leg.quantity, **self._fiat(happening, "fiat_deposit", None)}
        network: Row = {"status": "confirmed", "hash": happening.txid, "network_name": network_of(leg.asset)}
        row: Row = {
            "type": "send",
            "changed": leg.quantity,
            "network": network,
            "from": {"resource": f"{network_of(leg.asset)}_network", "currency": leg.asset},
            "details": {"title": f"Received {title_of(leg.asset)}", "subtitle": "From an external address"},
        }
        if happening.address:
            row["to"] = {"resource": "address", "address": happening.address, "currency": leg.asset}
        return leg.asset, False, row

    def _withdrawal(self, happening: Happening) -> tuple[str, bool, Row]:
        leg = _leg(happening.sent)
        fee = happening.fee.quantity if happening.fee else _ZERO
        if happening.fee and happening.fee.asset != leg.asset:
            raise ValueError(f"Coinbase takes the network fee in {leg.asset}, not in {happening.fee.asset}")
        gone = EXACT.add(leg.quantity, fee)
        if leg.asset == "USD":
            return "USD", False, {"changed": -gone, **self._fiat(happening, "fiat_withdrawal", fee)}
        network: Row = {
            "status": "confirmed",
            "hash": happening.txid,
            "network_name": network_of(leg.asset),
            "transaction_fee": money(leg.asset, fee),
            "transaction_amount": money(leg.asset, leg.quantity),
            "confirmations": 6 + happening.number,
        }
        other = {"resource": "address", "address": happening.address, "currency": leg.asset}
        row: Row = {"type": "send", "changed": -gone, "network": network, "to": other}
        row["idem"] = self.id_of("idem", happening.number)
        row["details"] = {"title": f"Sent {title_of(leg.asset)}", "subtitle": f"To {title_of(leg.asset)} address"}
        return leg.asset, False, row

    def _fiat(self, happening: Happening, kind: str, fee: Decimal | None) -> Row:
        shared = self.id_of(kind, happening.number)
        told: Row = {"id": shared, "resource": kind, "resource_path": f"/v2/accounts/USD/{kind}s/{shared}"}
        if fee:
            told["fee"] = money("USD", fee)
        return {"type": kind, kind: told, "details": {"title": kind.replace("_", " "), "subtitle": "ACH"}}


def _leg(leg: Leg | None) -> Leg:
    if leg is None:
        raise ValueError("a happening without the leg its kind has")
    return leg
