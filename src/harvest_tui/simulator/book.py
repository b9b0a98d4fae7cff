"""The true account of one venue: what it holds, what is staked, and everything that happened."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from harvest_tui.core.money import EXACT
from harvest_tui.simulator.venue import Happening, HappeningKind, Leg

_MOVES = frozenset({HappeningKind.STAKE, HappeningKind.UNSTAKE})


class Book:
    """Happenings in order of time with exact balances; nothing ever goes below zero."""

    def __init__(self, compounds: bool = False) -> None:
        """`compounds`: rewards arrive in the staking wallet, not in the spot wallet."""
        self._compounds = compounds
        self.happenings: list[Happening] = []
        self.held: dict[str, Decimal] = {}
        self.staked: dict[str, Decimal] = {}

    def free(self, asset: str) -> Decimal:
        """Units that are held and not staked."""
        return EXACT.subtract(self.held.get(asset, Decimal(0)), self.staked.get(asset, Decimal(0)))

    def append(self, happening: Happening) -> Happening:
        """The happening with its number, now part of the account.

        Raises:
            ValueError: it is older than the last one, or would overdraw an asset.
        """
        if self.happenings and happening.at_us < self.happenings[-1].at_us:
            raise ValueError("a happening is older than the last one")
        changes = net_changes(happening)
        for asset, change in changes.items():
            if change < 0 and EXACT.add(self.free(asset), change) < 0:
                raise ValueError(f"not enough {asset}: {self.free(asset)} free, change {change}")
        if happening.kind in _MOVES:
            self._move(happening)
        if happening.kind is HappeningKind.REWARD and self._compounds and happening.received is not None:
            leg = happening.received
            self.staked[leg.asset] = EXACT.add(self.staked.get(leg.asset, Decimal(0)), leg.quantity)
        for asset, change in changes.items():
            self.held[asset] = EXACT.add(self.held.get(asset, Decimal(0)), change)
        number = len(self.happenings) + 1
        numbered = happening if happening.number == number else replace(happening, number=number)
        self.happenings.append(numbered)
        return numbered

    def _move(self, happening: Happening) -> None:
        leg = happening.sent
        if leg is None or leg != happening.received:
            raise ValueError("staking moves send and receive the same units")
        staked = self.staked.get(leg.asset, Decimal(0))
        if happening.kind is HappeningKind.STAKE:
            if leg.quantity > self.free(leg.asset):
                raise ValueError(f"not enough {leg.asset} to stake")
            self.staked[leg.asset] = EXACT.add(staked, leg.quantity)
        else:
            if leg.quantity > staked:
                raise ValueError(f"not enough {leg.asset} staked")
            self.staked[leg.asset] = EXACT.subtract(staked, leg.quantity)


def net_changes(happening: Happening) -> dict[str, Decimal]:
    """Change of the whole balance by asset; staking moves change nothing."""
    changes: dict[str, Decimal] = {}
    legs: list[tuple[Leg | None, int]] = [(happening.received, 1), (happening.sent, -1), (happening.fee, -1)]
    for leg, sign in legs:
        if leg is not None:
            changes[leg.asset] = EXACT.add(
                changes.get(leg.asset, Decimal(0)), EXACT.multiply(leg.quantity, Decimal(sign))
            )
    return {asset: change for asset, change in changes.items() if change}
