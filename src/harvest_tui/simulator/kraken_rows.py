"""What happened, in the words of Kraken's ledger, trades, deposits and withdrawals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from harvest_tui.core.money import EXACT, ROUNDED
from harvest_tui.simulator.kraken_codes import (
    EARN_WALLETS,
    code_of,
    figure,
    native_id,
    pair_key,
    rounded,
    seconds,
    staking_wallet,
)
from harvest_tui.simulator.scenario import UNTOLD
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg

Row = dict[str, Any]
_ZERO = Decimal(0)
_METHODS = {
    "BTC": "Bitcoin",
    "ETH": "Ether (Hex)",
    "SOL": "Solana",
    "LTC": "Litecoin",
    "XRP": "Ripple XRP",
    "USD": "ACH",
}


class KrakenRows:
    """Rows of every stream, oldest first, each with its `id`; `take` adds what happened since."""

    def __init__(self, seed: int) -> None:
        self.ledger: list[Row] = []
        self.trades: list[Row] = []
        self.deposits: list[Row] = []
        self.withdrawals: list[Row] = []
        self.wallets: dict[str, Decimal] = {}
        self._seed = seed
        self._taken = 0
        self._told: dict[HappeningKind, Callable[[Happening], None]] = {
            HappeningKind.BUY: self._trade,
            HappeningKind.SELL: self._trade,
            HappeningKind.SWAP: self._trade,
            HappeningKind.CONVERT: self._spend,
            HappeningKind.DUST: self._spend,
            HappeningKind.INSTANT_BUY: self._spend,
            HappeningKind.REWARD: self._reward,
            HappeningKind.STAKE: self._move,
            HappeningKind.UNSTAKE: self._move,
            HappeningKind.DEPOSIT: self._deposit,
            HappeningKind.WITHDRAWAL: self._withdrawal,
        }

    def take(self, history: list[Happening]) -> None:
        """Tells the happenings that were not told yet."""
        for happening in history[self._taken :]:
            self._told[happening.kind](happening)
        self._taken = len(history)

    def _id(self, letter: str, happening: Happening, what: str) -> str:
        return native_id(letter, self._seed, happening.number, what)

    def _entry(
        self,
        happening: Happening,
        refid: str,
        kind: tuple[str, str],
        code: str,
        amount: Decimal,
        fee: Decimal = _ZERO,
    ) -> None:
        """A ledger row; the wallet's balance changes by amount less fee."""
        balance = EXACT.subtract(EXACT.add(self.wallets.get(code, _ZERO), amount), fee)
        self.wallets[code] = balance
        self.ledger.append(
            {
                "id": self._id("L", happening, f"{code}{kind[1]}{len(self.ledger)}"),
                "aclass": "currency",
                "amount": figure(amount, code),
                "asset": code,
                "balance": figure(balance, code),
                "fee": figure(fee, code),
                "refid": refid,
                "subtype": kind[1],
                "time": seconds(happening.at_us),
                "type": kind[0],
            }
        )

    def _trade(self, happening: Happening) -> None:
        sent, received = _both(happening)
        refid = self._id("T", happening, "trade")
        base, _, quote = happening.market.partition("/")
        for leg, sign in sorted(((received, 1), (sent, -1)), key=lambda side: side[0].asset != base):
            amount = EXACT.multiply(leg.quantity, Decimal(sign))
            self._entry(happening, refid, ("trade", ""), code_of(leg.asset), amount, _fee_in(happening, leg.asset))
        is_buy = received.asset == base
        volume, cost = (received, sent) if is_buy else (sent, received)
        price = ROUNDED.divide(cost.quantity, volume.quantity)
        self.trades.append(
            {
                "id": refid,
                "cost": rounded(cost.quantity, 5 if quote == "USD" else 10),
                "fee": rounded(_fee_in_quote(happening, base, price), 5 if quote == "USD" else 10),
                "leverage": "0",
                "maker": happening.number % 3 == 0,
                "margin": "0.00000",
                "misc": "",
                "ordertxid": self._id("O", happening, "order"),
                "ordertype": "limit",
                "pair": pair_key(base, quote),
                "postxid": self._id("T", happening, "position"),
                "price": rounded(price, 5 if quote == "USD" else 8),
                "time": seconds(happening.at_us),
                "trade_id": 40_000_000 + happening.number * 17,
                "type": "buy" if is_buy else "sell",
                "vol": rounded(volume.quantity, 8),
            }
        )

    def _spend(self, happening: Happening) -> None:
        sent, received = _both(happening)
        refid = self._id("T", happening, "spend")
        given = EXACT.multiply(sent.quantity, Decimal(-1))
        for kind, leg, amount in (("spend", sent, given), ("receive", received, received.quantity)):
            self._entry(happening, refid, (kind, ""), code_of(leg.asset), amount, _fee_in(happening, leg.asset))

    def _reward(self, happening: Happening) -> None:
        assert happening.received is not None
        wallet = staking_wallet(happening.received.asset)
        kind = ("earn", "reward") if wallet in EARN_WALLETS else ("staking", "")
        refid = self._id("S", happening, "reward")
        self._entry(happening, refid, kind, wallet, happening.received.quantity)

    def _move(self, happening: Happening) -> None:
        sent, received = _both(happening)
        spot, wallet = code_of(sent.asset), staking_wallet(sent.asset)
        stakes = happening.kind is HappeningKind.STAKE
        source, target = (spot, wallet) if stakes else (wallet, spot)
        first, second = self._id("B", happening, "out"), self._id("B", happening, "in")
        if wallet in EARN_WALLETS:
            kind = "earn", "allocation" if stakes else "deallocation"
            words, second = (kind, kind), first
        else:
            names = ("spottostaking", "stakingfromspot") if stakes else ("stakingtospot", "spotfromstaking")
            words = ("transfer", names[0]), ("transfer", names[1])
        self._entry(happening, first, words[0], source, EXACT.multiply(sent.quantity, Decimal(-1)))
        self._entry(happening, second, words[1], target, received.quantity)

    def _deposit(self, happening: Happening) -> None:
        assert happening.received is not None
        refid = self._id("Q", happening, "deposit")
        code, fee = code_of(happening.received.asset), _fee_in(happening, happening.received.asset)
        if happening.peer == UNTOLD:
            self.wallets[code] = EXACT.add(self.wallets.get(code, _ZERO), happening.received.quantity)
            return
        self._entry(happening, refid, ("deposit", ""), code, happening.received.quantity, fee)
        self.deposits.append(self._state(happening, refid, happening.received, fee) | {"originators": [happening.txid]})

    def _withdrawal(self, happening: Happening) -> None:
        assert happening.sent is not None
        refid = self._id("A", happening, "withdrawal")
        code, fee = code_of(happening.sent.asset), _fee_in(happening, happening.sent.asset)
        amount = EXACT.multiply(happening.sent.quantity, Decimal(-1))
        self._entry(happening, refid, ("withdrawal", ""), code, amount, fee)
        state = self._state(happening, refid, happening.sent, fee)
        self.withdrawals.append(state | {"network": state["method"], "key": happening.peer or "wallet"})

    @staticmethod
    def _state(happening: Happening, refid: str, leg: Leg, fee: Decimal) -> Row:
        code = code_of(leg.asset)
        return {
            "id": refid,
            "method": _METHODS.get(leg.asset, leg.asset),
            "aclass": "currency",
            "asset": code,
            "refid": refid,
            "txid": happening.txid,
            "info": happening.address,
            "amount": figure(leg.quantity, code),
            "fee": figure(fee, code),
            "time": happening.at_us // 1_000_000,
            "status": "Success",
        }


def _both(happening: Happening) -> tuple[Leg, Leg]:
    if happening.sent is None or happening.received is None:
        raise ValueError(f"a {happening.kind} has two sides")
    return happening.sent, happening.received


def _fee_in(happening: Happening, asset: str) -> Decimal:
    return happening.fee.quantity if happening.fee is not None and happening.fee.asset == asset else _ZERO


def _fee_in_quote(happening: Happening, base: str, price: Decimal) -> Decimal:
    """Kraken's trades tell a fee taken in base as if it were quote; its ledger tells the truth."""
    if happening.fee is None:
        return _ZERO
    return ROUNDED.multiply(happening.fee.quantity, price) if happening.fee.asset == base else happening.fee.quantity
